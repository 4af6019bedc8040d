import { Directory, Policy } from "tenantry";

import { decisions } from "../decide.mjs";

export default { fetch: () => new Response(decisions({ Directory, Policy })) };
