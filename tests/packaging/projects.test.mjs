// Each runtime and each bundler makes the same decisions with the package, byte for byte those of the engine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { browser, serve } from "./browser.mjs";
import { binary, node, printed, project } from "./programs.mjs";

const expected = readFileSync(new URL("expected.txt", import.meta.url), "utf8");

const decides = (name, answer) => test(name, async () => assert.equal((await answer()).trim(), expected));

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
decides("webpack, run in Node", async () => {
  await node("webpack", "build.mjs");
  return node("webpack", "dist/main.cjs");
});
decides("Vite, opened in Chromium", async () => {
  await node("vite", "build.mjs");
  const [site, opened] = [await serve(project("vite/dist")), await browser()];
  try {
    const page = await opened.newPage();
    await page.goto(site.url);
    return await page.locator("pre:not(:empty)").textContent();
  } finally {
    await opened.close();
    site.close();
  }
});
decides("workerd", async () => {
  await node("workerd", "build.mjs");
  const worker = spawn(binary("workerd"), ["serve", "--control-fd=1", "config.capnp"], { cwd: project("workerd"), stdio: ["ignore", "pipe", "pipe"] });
  try {
    return await (await fetch(`http://127.0.0.1:${await listening(worker)}/`)).text();
  } finally {
    worker.kill();
  }
});

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
