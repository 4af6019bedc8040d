// Plays a script in Chromium, on a page that imports the package installed in a folder: `node chromium.mjs SCRIPT ANSWERS [FOLDER]`.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".html": "text/html", ".jsonl": "text/plain" };
const PAGE = `<!doctype html><meta charset="utf-8"><title>player</title>
<script type="importmap">{ "imports": { "tenantry": "/package/dist/inline.js", "tenantry/slim": "/package/dist/slim.js" } }</script>`;

/** Installs Debian's Chromium where there is none. */
function browser() {
  if (existsSync(BROWSER)) return BROWSER;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) throw new Error(`no browser at ${BROWSER}: install Chromium, or name one in CHROMIUM`);
  console.error("apt-get install chromium");
  // Lists that are old name packages that are gone. Where one list cannot be had, the others may be enough.
  spawnSync("apt-get", ["update", "-q"], { stdio: ["ignore", "ignore", "inherit"] });
  execFileSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], { stdio: ["ignore", "ignore", "inherit"] });
  return BROWSER;
}

/** Serves the page, the package and the script on this machine alone. */
function serve(folder, script) {
  const roots = { package: join(resolve(folder), "node_modules/tenantry"), test: dirname(fileURLToPath(import.meta.url)) };
  const server = createServer((request, response) => {
    const [, root, ...path] = new URL(request.url, "http://localhost").pathname.split("/");
    const file = root === "script.jsonl" ? script : roots[root] && join(roots[root], ...path);
    if (root !== "" && !(file && existsSync(file))) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": root === "" ? "text/html" : (TYPES[extname(file)] ?? "text/plain") });
    response.end(root === "" ? PAGE : readFileSync(file));
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

/** What the page runs: the script on the package as bundlers take it, and one answer of `tenantry/slim`. */
async function onPage() {
  const { play } = await import("/test/play.mjs");
  const script = await (await fetch("/script.jsonl")).text();
  const played = play(await import("tenantry"), script.trimEnd().split("\n"));
  const slim = await import("tenantry/slim");
  await slim.init(fetch("/package/dist/engine.wasm"));
  return { ...played, digest: slim.Policy.preset("starter").digest };
}

const [script, answers, folder = "."] = process.argv.slice(2);
const server = await serve(folder, resolve(script));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const opened = await chromium.launch({ executablePath: browser(), headless: true, args: flags });
try {
  const page = await opened.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const played = await page.evaluate(onPage);
  writeFileSync(answers, `${played.answers.join("\n")}\n`);
  if (!/^[0-9a-f]{64}$/.test(played.digest)) throw new Error("`tenantry/slim` does not answer");
  console.log(`Chromium ${opened.version()}\n${played.cases} cases`);
} finally {
  await opened.close();
  server.close();
}
