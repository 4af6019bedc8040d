import { readFileSync } from "node:fs";

import { initSync } from "./analyzer.js";

initSync({ module: readFileSync(new URL("./analyzer.wasm", import.meta.url)) });

export * from "./analysis.js";
