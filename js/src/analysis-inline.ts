import { base64 } from "./analyzer-base64.js";
import { initSync } from "./analyzer.js";
import { bytes } from "./base64.js";

initSync({ module: bytes(base64) });

export * from "./analysis.js";
