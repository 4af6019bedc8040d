import { base64 } from "./engine-base64.js";
import { isReady } from "./engine-ready.js";
import { initSync } from "./engine.js";

const text = atob(base64);
const bytes = new Uint8Array(text.length);
for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
initSync({ module: bytes });
isReady();

export * from "./index.js";
