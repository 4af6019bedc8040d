import { decisions } from "../decide.mjs";

document.querySelector("pre").textContent = decisions();
