// The engine as a file of its own, compiled while it arrives.
import { Directory, init, Policy } from "tenantry/slim";

import { decisions } from "../decide.mjs";

await init(fetch(new URL("tenantry/engine.wasm", import.meta.url)));
document.querySelector("pre").textContent = decisions({ Directory, Policy });
