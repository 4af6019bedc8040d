const { matrixMarkdown, proveJson } = require("tenantry/analysis");

import("../analyze.mjs").then(({ analyzed }) => console.log(analyzed({ matrixMarkdown, proveJson })));
