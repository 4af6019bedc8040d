import { TenantryError } from "./error.js";

let ready = false;

/** Said by the entry point that has loaded the engine. @internal */
export function isReady(): void {
  ready = true;
}

/** @internal */
export function mustBeReady(): void {
  if (!ready) throw TenantryError.of("not_ready", "the engine is not loaded: await `init` of `tenantry/slim` first");
}
