import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const require = createRequire(import.meta.url);
const DIGEST = 'Policy.preset("starter").digest';
const { Policy } = await import("tenantry");
const digest = Policy.preset("starter").digest;

/** What a program prints, in a process of its own. */
function printed(source, ...flags) {
  const run = spawnSync(process.execPath, [...flags, "--input-type=module", "--eval", source], { encoding: "utf8", cwd: import.meta.dirname });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout.trim();
}

test("the entry for browsers and bundlers answers as that for Node", () => {
  assert.equal(printed(`import { Policy } from "tenantry"; console.log(${DIGEST})`, "--conditions=browser"), digest);
});

test("slim answers once it is given the engine", () => {
  const load = `import { readFileSync } from "node:fs"; import { createRequire } from "node:module";
    const bytes = readFileSync(createRequire(import.meta.url).resolve("tenantry/engine.wasm"));`;
  assert.equal(printed(`${load} import { init, Policy } from "tenantry/slim"; await init(bytes); console.log(${DIGEST})`), digest);
  assert.equal(printed(`${load} import { initSync, Policy } from "tenantry/slim"; initSync(new WebAssembly.Module(bytes)); console.log(${DIGEST})`), digest);
});

test("slim says what is missing before that", () => {
  const source = 'import { Policy, codes } from "tenantry/slim"; for (const use of [() => Policy.preset("starter"), codes]) try { use() } catch (error) { console.log(error.name, error.code) }';
  assert.equal(printed(source), "TenantryError not_ready\nTenantryError not_ready");
});

test("a worker thread has an engine of its own", async () => {
  const source = `import("tenantry").then(({ Policy }) => require("node:worker_threads").parentPort.postMessage(${DIGEST}))`;
  const worker = new Worker(source, { eval: true });
  const answer = await new Promise((done, fail) => worker.once("message", done).once("error", fail));
  await worker.terminate();
  assert.equal(answer, digest);
});

test("the package holds what it says, and nothing else of the build", () => {
  const about = JSON.parse(readFileSync(require.resolve("tenantry/package.json"), "utf8"));
  assert.match(about.version, /^\d+\.\d+\.\d+/);
  assert.equal(about.devDependencies, undefined);
  assert.equal(about.dependencies, undefined);
  for (const file of ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "dist/index.d.ts", "dist/slim.d.ts", "dist/engine.wasm"])
    assert.ok(readFileSync(new URL(file, `file://${require.resolve("tenantry/package.json")}`)).length > 0, file);
});

test("the engine needs nothing of its surroundings but what its glue gives", async () => {
  const module = await WebAssembly.compile(readFileSync(require.resolve("tenantry/engine.wasm")));
  const wanted = WebAssembly.Module.imports(module);
  assert.ok(wanted.every((one) => one.module.startsWith("./engine") || one.module === "wbg"), JSON.stringify(wanted));
});
