import { matrixMarkdown, proveJson } from "tenantry/analysis";

import { analyzed } from "../analyze.mjs";

console.log(analyzed({ matrixMarkdown, proveJson }));
