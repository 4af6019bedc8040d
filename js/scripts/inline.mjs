// Writes a module as a text, for hosts that cannot read a file beside the code: `node inline.mjs NAME`.
import { readFileSync, writeFileSync } from "node:fs";

const [name] = process.argv.slice(2);
const dist = new URL("../dist/", import.meta.url);
const base64 = readFileSync(new URL(`${name}.wasm`, dist)).toString("base64");
writeFileSync(new URL(`${name}-base64.js`, dist), `export const base64 = "${base64}";\n`);
writeFileSync(new URL(`${name}-base64.d.ts`, dist), "export declare const base64: string;\n");
