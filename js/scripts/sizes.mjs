// Says what the files of a package take: as they are, with gzip, with brotli. The output is a line for each module with what a page
// loads at least for it: the module and the JavaScript around it, compressed with brotli.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = join(process.argv[2], "dist");
const AROUND = {
  engine: ["index.js", "policy.js", "directory.js", "numbers.js", "none.js", "decision.js", "error.js", "engine-ready.js", "engine.js", "slim.js"],
  analyzer: ["analysis.js", "error.js", "analyzer.js"],
};
const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
const line = (name, bytes) => console.error(`${name.padEnd(34)}${[bytes.length, gzipSync(bytes, { level: 9 }).length, brotli(bytes)].map((size) => String(size).padStart(10)).join("")}`);

console.error(`${"bytes".padEnd(34)}       raw      gzip    brotli`);
for (const [name, files] of Object.entries(AROUND)) {
  const module = readFileSync(join(dist, `${name}.wasm`));
  const around = Buffer.concat(files.map((file) => readFileSync(join(dist, file))));
  line(`${name}.wasm`, module);
  line("the JavaScript around it, all", around);
  line(`inline: the ${name} as a text`, readFileSync(join(dist, `${name}-base64.js`)));
  console.log(`${name} ${brotli(module) + brotli(around)}`);
}
