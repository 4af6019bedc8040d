// Says what the files of a package take: as they are, with gzip, with brotli. The last figure, alone on the output, is what a
// page loads at least: the engine and the JavaScript around it, compressed with brotli.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = join(process.argv[2], "dist");
const shared = ["index.js", "policy.js", "directory.js", "numbers.js", "none.js", "decision.js", "error.js", "engine-ready.js", "engine.js", "slim.js"];
const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
const line = (name, bytes) => console.error(`${name.padEnd(34)}${[bytes.length, gzipSync(bytes, { level: 9 }).length, brotli(bytes)].map((size) => String(size).padStart(10)).join("")}`);

const engine = readFileSync(join(dist, "engine.wasm"));
const around = Buffer.concat(shared.map((file) => readFileSync(join(dist, file))));
console.error(`${"bytes".padEnd(34)}       raw      gzip    brotli`);
line("engine.wasm", engine);
line("the JavaScript around it, all", around);
line("inline: the engine as a text", readFileSync(join(dist, "engine-base64.js")));
console.log(brotli(engine) + brotli(around));
