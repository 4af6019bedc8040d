import { decisions } from "../decide.mjs";

console.log(decisions());
