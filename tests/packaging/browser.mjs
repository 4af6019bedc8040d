// Debian's Chromium, or the one that `CHROMIUM` names.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

import { chromium } from "playwright-core";

const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".cjs": "text/javascript", ".wasm": "application/wasm" };

/** Opens the browser, which is installed first where there is none. */
export async function browser() {
  if (!existsSync(BROWSER)) {
    if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) throw new Error(`no browser at ${BROWSER}: install Chromium, or name one in CHROMIUM`);
    // Lists that are old name packages that are gone. Where one list cannot be had, the others may be enough.
    spawnSync("apt-get", ["update", "-q"], { stdio: ["ignore", "ignore", "inherit"] });
    execFileSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], { stdio: "ignore" });
  }
  return chromium.launch({ executablePath: BROWSER, headless: true, args: FLAGS, timeout: 120_000 });
}

/** Serves a folder on this machine alone, as any host of static files does. */
export function serve(folder) {
  const server = createServer((request, response) => {
    const path = join(folder, new URL(request.url, "http://localhost").pathname);
    const file = existsSync(path) && statSync(path).isDirectory() ? join(path, "index.html") : path;
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(readFileSync(file));
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done({ url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() })));
}
