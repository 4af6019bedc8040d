import { isReady } from "./engine-ready.js";
import load, { initSync as loadSync } from "./engine.js";

/** Where the engine comes from: an address of `tenantry/engine.wasm`, a `Response` or its promise, its bytes, or a compiled `WebAssembly.Module`. */
export type Source = string | object;

/** Loads the engine. Everything else of this entry point works from then on. */
export async function init(source: Source): Promise<void> {
  await load({ module_or_path: source as string });
  isReady();
}

/** The same from bytes or a compiled module, at once. */
export function initSync(source: object): void {
  loadSync({ module: source as BufferSource });
  isReady();
}

export * from "./index.js";
