import { Directory, Policy } from "tenantry";

import { decisions } from "../decide.mjs";

document.querySelector("pre").textContent = decisions({ Directory, Policy });
