// Workers are given the compiled module: they may not compile one.
import module from "./engine.wasm";

import { isReady } from "./engine-ready.js";
import { initSync } from "./engine.js";

initSync({ module });
isReady();

export * from "./index.js";
