import { matrixMarkdown, proveJson } from "tenantry/analysis";

import { analyzed } from "../analyze.mjs";

document.querySelector("pre").textContent = analyzed({ matrixMarkdown, proveJson });
