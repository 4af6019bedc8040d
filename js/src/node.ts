import { readFileSync } from "node:fs";

import { isReady } from "./engine-ready.js";
import { initSync } from "./engine.js";

initSync({ module: readFileSync(new URL("./engine.wasm", import.meta.url)) });
isReady();

export * from "./index.js";
