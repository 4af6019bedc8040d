// Workers are given the compiled module: they may not compile one.
import module from "./analyzer.wasm";

import { initSync } from "./analyzer.js";

initSync({ module });

export * from "./analysis.js";
