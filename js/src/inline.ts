import { bytes } from "./base64.js";
import { base64 } from "./engine-base64.js";
import { isReady } from "./engine-ready.js";
import { initSync } from "./engine.js";

initSync({ module: bytes(base64) });
isReady();

export * from "./index.js";
