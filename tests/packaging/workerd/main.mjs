import { Directory, Policy } from "tenantry";
import { matrixMarkdown, proveJson } from "tenantry/analysis";

import { analyzed } from "../analyze.mjs";
import { decisions } from "../decide.mjs";

const answer = ({ url }) => (new URL(url).pathname === "/analysis" ? analyzed({ matrixMarkdown, proveJson }) : decisions({ Directory, Policy }));
export default { fetch: (request) => new Response(answer(request)) };
