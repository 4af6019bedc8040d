// The programs that the projects run in. Those of npm come as binaries inside packages for each platform.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const HERE = new URL(".", import.meta.url);
const SCOPES = { bun: ["@oven", "bin/bun"], deno: ["@deno", "deno"], workerd: ["@cloudflare", "bin/workerd"] };
const MINUTES = 5;

/** Where the binary of a package is, on the platform that npm has installed it for. */
export function binary(name) {
  const [scope, path] = SCOPES[name];
  const folder = new URL(`../../node_modules/${scope}/`, HERE);
  const file = process.platform === "win32" ? `${path}.exe` : path;
  const found = readdirSync(folder).map((platform) => fileURLToPath(new URL(`${platform}/${file}`, folder))).find(existsSync);
  if (found === undefined) throw new Error(`npm has installed no \`${name}\` for this platform`);
  return found;
}

/** The folder of a project. */
export const project = (name) => fileURLToPath(new URL(name, HERE));

/** What a program says, and how it ends; runs in the folder of a project. */
export function outcome(folder, program, ...words) {
  const running = spawn(program, words, { cwd: project(folder), timeout: MINUTES * 60_000, stdio: ["ignore", "pipe", "pipe"] });
  const said = { status: null, stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) running[stream].setEncoding("utf8").on("data", (text) => (said[stream] += text));
  return new Promise((done, fail) => running.on("error", fail).on("close", (status) => done({ ...said, status })));
}

/** What a program prints; it has to succeed. */
export async function printed(folder, program, ...words) {
  const { status, stdout, stderr } = await outcome(folder, program, ...words);
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} ends with ${status}\n${stdout}${stderr}`);
  return stdout;
}

export const node = (folder, ...words) => printed(folder, process.execPath, ...words);
