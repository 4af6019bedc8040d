// Writes the module as a text, for hosts that cannot read a file beside the code.
import { readFileSync, writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const base64 = readFileSync(new URL("engine.wasm", dist)).toString("base64");
writeFileSync(new URL("engine-base64.js", dist), `export const base64 = "${base64}";\n`);
writeFileSync(new URL("engine-base64.d.ts", dist), "export declare const base64: string;\n");
