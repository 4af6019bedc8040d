// The other entry, disposal, and errors.
import { Policy, TenantryError } from "tenantry";
import { init, initSync, Directory as SlimDirectory } from "tenantry/slim";

await init("engine.wasm");
initSync(new Uint8Array());
const dispose: () => void = SlimDirectory.prototype[Symbol.dispose];
try {
  Policy.preset("any name may be tried");
} catch (error) {
  if (error instanceof TenantryError && error.code === "bad_policy") error.problems.map((problem) => problem.nearest?.length);
  if (error instanceof TenantryError && error.fresh instanceof TenantryError) error.fresh.missing.map((need) => need.need);
}
{
  using policy = Policy.preset("starter");
  void policy.digest;
}
void dispose;
// @ts-expect-error: errors come from the engine
new TenantryError("no");
