import { Directory, Policy } from "tenantry";

import { decisions } from "../decide.mjs";

console.log(decisions({ Directory, Policy }));
