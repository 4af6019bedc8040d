// The types, for each way that TypeScript finds them: what is right compiles, and a wrong name does not.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { node, outcome, project } from "./programs.mjs";

const COMPILER = createRequire(import.meta.url).resolve("typescript/package.json").replace(/package\.json$/, "bin/tsc");
const STRICT = ["--strict", "--skipLibCheck", "false", "--target", "es2022", "--lib", "es2022", "--types", "", "--ignoreConfig"];
const WAYS = { node16: "node16", nodenext: "nodenext", bundler: "esnext" };

const compiled = (resolution, file, ...options) =>
  outcome("typescript", process.execPath, COMPILER, file, "--moduleResolution", resolution, "--module", WAYS[resolution], ...STRICT, ...options);

// The control: the very file that must not compile, with the right name.
const wrong = readFileSync(`${project("typescript")}/wrong-role.ts`, "utf8");
writeFileSync(`${project("typescript")}/right-role.ts`, wrong.replaceAll("onwer", "owner"));

for (const resolution of Object.keys(WAYS)) {
  test(`TypeScript, ${resolution}: compiles, and runs`, async () => {
    const { status, stdout } = await compiled(resolution, "main.ts", "--outDir", `dist/${resolution}`);
    assert.equal(status, 0, stdout);
    const program = `import { said, reads } from "./dist/${resolution}/main.js"; console.log(said, reads.join());`;
    assert.equal((await node("typescript", "--input-type=module", "--eval", program)).trim(), "not_permitted true,false");
  });
  test(`TypeScript, ${resolution}: a wrong role does not compile`, async () => {
    const { status, stdout } = await compiled(resolution, "wrong-role.ts", "--noEmit");
    assert.notEqual(status, 0);
    assert.deepEqual(stdout.match(/^\S+: error TS\d+/gm)?.length, 1, stdout);
    assert.match(stdout, /wrong-role\.ts\(\d+,\d+\): error TS\d+: .*"onwer"/);
    const right = await compiled(resolution, "right-role.ts", "--noEmit");
    assert.equal(right.status, 0, right.stdout);
  });
}
