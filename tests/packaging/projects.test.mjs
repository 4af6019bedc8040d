// Each runtime and each bundler makes the same decisions with the package, byte for byte those of the engine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { createServer } from "vite";

import { browser, serve } from "./browser.mjs";
import { binary, node, printed, project } from "./programs.mjs";

const said = (file) => readFileSync(new URL(file, import.meta.url), "utf8");
const says = (expected) => (name, answer) => test(name, async () => assert.equal((await answer()).trim(), expected));
const decides = says(said("expected.txt"));
const analyzes = says(said("expected-analysis.txt"));

decides("Node: import", () => node("node-esm", "main.mjs"));
decides("Node: require", () => node("node-cjs", "main.cjs"));
decides("Node: a worker thread", () => node("worker-thread", "main.mjs"));
decides("Bun", () => printed("bun", binary("bun"), "main.ts"));
// No flag permits anything: the package reads no file here.
decides("Deno", () => printed("deno", binary("deno"), "run", "--no-prompt", "--cached-only", "main.ts"));
decides("esbuild, run in Node", async () => {
  await node("esbuild", "build.mjs");
  return node("esbuild", "dist/main.mjs");
});
test("webpack builds", () => node("webpack", "build.mjs"));
decides("webpack, run in Node", () => node("webpack", "dist/main.cjs"));
decides("webpack, in Chromium: slim", () => onPage(() => serve(project("webpack")), "slim.html"));
test("Vite builds", () => node("vite", "build.mjs"));
decides("Vite, in Chromium", () => onPage(() => serve(project("vite/dist")), "index.html"));
decides("Vite, in Chromium: slim", () => onPage(() => serve(project("vite/dist")), "slim.html"));
decides("Vite, in Chromium: the development server", () => onPage(develop, "index.html"));
decides("Vite, in Chromium: the development server, slim", () => onPage(develop, "slim.html"));
test("workerd: the build", () => node("workerd", "build.mjs"));
decides("workerd", () => fromWorker(""));

analyzes("the analysis in Node: import", () => node("node-esm", "analysis.mjs"));
analyzes("the analysis in Node: require", () => node("node-cjs", "analysis.cjs"));
analyzes("the analysis in Bun", () => printed("bun", binary("bun"), "analysis.ts"));
analyzes("the analysis in Deno", () => printed("deno", binary("deno"), "run", "--no-prompt", "--cached-only", "analysis.ts"));
analyzes("the analysis bundled by esbuild, run in Node", () => node("esbuild", "dist/analysis.mjs"));
analyzes("the analysis bundled by webpack, run in Node", () => node("webpack", "dist/analysis.cjs"));
analyzes("the analysis in Chromium, built by Vite", () => onPage(() => serve(project("vite/dist")), "analysis.html"));
analyzes("the analysis in Chromium, from Vite's development server", () => onPage(develop, "analysis.html"));
analyzes("the analysis in workerd", () => fromWorker("analysis"));

// Who imports one of the two entries gets its module, and not the other's.
const modules = ["engine", "analyzer"].map((name) => readFileSync(`${project("../../node_modules/tenantry/dist")}/${name}-base64.js`, "utf8").slice(100_000, 100_200));
for (const [name, file, holds] of [
  ["a bundle of `tenantry` by esbuild", "esbuild/dist/main.mjs", [true, false]],
  ["a bundle of `tenantry` by webpack", "webpack/dist/main.cjs", [true, false]],
  ["a bundle of `tenantry/analysis` by esbuild", "esbuild/dist/analysis.mjs", [false, true]],
  ["a bundle of `tenantry/analysis` by webpack", "webpack/dist/analysis.cjs", [false, true]],
]) {
  test(`${name} holds its own module alone`, () => assert.deepEqual(modules.map((text) => said(file).includes(text)), holds));
}
for (const [page, holds] of [["index.html", [true, false]], ["analysis.html", [false, true]]]) {
  test(`a page that Vite has built loads its own module alone: ${page}`, async () => {
    const scripts = [];
    await onPage(() => serve(project("vite/dist")), page, (response) => scripts.push(response.text()));
    const loaded = (await Promise.all(scripts)).join("");
    assert.deepEqual(modules.map((text) => loaded.includes(text)), holds);
  });
}

/** What a worker answers that workerd runs. */
async function fromWorker(path) {
  const worker = spawn(binary("workerd"), ["serve", "--control-fd=1", "config.capnp"], { cwd: project("workerd"), stdio: ["ignore", "pipe", "pipe"] });
  try {
    return await (await fetch(`http://127.0.0.1:${await listening(worker)}/${path}`)).text();
  } finally {
    worker.kill();
  }
}

const resolved = 'console.log(import.meta.resolve("tenantry"))';
for (const [name, entry, program, ...words] of [
  ["Node", "node.js", process.execPath, "--input-type=module", "--eval", resolved],
  ["Node, as a browser", "inline.js", process.execPath, "--conditions=browser", "--input-type=module", "--eval", resolved],
  ["Node, as workerd", "workerd.js", process.execPath, "--conditions=workerd", "--conditions=browser", "--input-type=module", "--eval", resolved],
  ["Bun", "node.js", binary("bun"), "--eval", resolved],
  ["Deno", "inline.js", binary("deno"), "eval", resolved],
]) {
  test(`${name} gets ${entry}`, async () => assert.match(await printed("node-esm", program, ...words), new RegExp(`/tenantry/dist/${entry}\\s*$`)));
}

/** What a page of a site shows once it has decided. */
async function onPage(open, name, onScript = () => {}) {
  const [site, opened] = [await open(), await browser()];
  try {
    const page = await opened.newPage();
    page.on("response", (response) => response.request().resourceType() === "script" && onScript(response));
    await page.goto(new URL(name, site.url).href);
    return await page.locator("pre:not(:empty)").textContent();
  } finally {
    await opened.close();
    await site.close();
  }
}

/** Vite's development server. The package is installed above the project here: it may serve that too. */
async function develop() {
  const [root, cacheDir, fs] = [project("vite"), project("vite/cache"), { allow: [project("../..")] }];
  const server = await createServer({ root, cacheDir, configFile: false, logLevel: "warn", server: { host: "127.0.0.1", port: 0, hmr: false, ws: false, fs } });
  await server.listen();
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}

/** The port that workerd says it listens at. */
function listening(worker) {
  let [said, fault] = ["", ""];
  worker.stderr.setEncoding("utf8").on("data", (text) => (fault += text));
  return new Promise((done, fail) => {
    worker.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
      const port = /"event":"listen".*?"port":(\d+)/.exec(said)?.[1];
      if (port !== undefined) done(port);
    });
    worker.on("close", (status) => fail(new Error(`workerd ends with ${status}\n${said}${fault}`)));
  });
}
