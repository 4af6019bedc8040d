// Runs the tests on the package that is installed in a folder, as an app would have it: `node run.mjs FOLDER`. The last line is
// `N passed, N failed`; a test that does not run is one that failed.
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = resolve(process.argv[2] ?? ".");
cpSync(join(here, "package"), join(folder, "package"), { recursive: true });
cpSync(join(here, "types"), join(folder, "types"), { recursive: true });
cpSync(join(here, "../../crates/tenantry/presets/reports"), join(folder, "reports"), { recursive: true });

const counted = tests();
const checked = ["nodenext", "bundler"].map(types);
const failed = counted.failed + checked.filter((passed) => !passed).length;
console.log(`${counted.passed + checked.filter(Boolean).length} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function tests() {
  const files = readdirSync(join(folder, "package")).filter((file) => file.endsWith(".test.mjs") || file.endsWith(".test.cjs"));
  const paths = files.map((file) => join("package", file));
  const run = spawnSync(process.execPath, ["--expose-gc", "--test", "--test-reporter=tap", ...paths], { cwd: folder, encoding: "utf8" });
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(run.stdout)?.[1] ?? Number.NaN);
  const [passed, failed, left] = [count("pass"), count("fail"), count("skipped") + count("todo") + count("cancelled")];
  const all = passed > 0 && failed === 0 && left === 0 && run.status === 0;
  if (!all) console.log(run.stdout, run.stderr);
  return { passed: passed || 0, failed: all ? 0 : Math.max(failed + left || 0, 1) };
}

/** Checks the types as an app does that has no types of a browser or of Node. */
function types(resolution) {
  const module = resolution === "nodenext" ? "nodenext" : "esnext";
  const options = { strict: true, noEmit: true, skipLibCheck: false, target: "es2022", lib: ["es2022"], types: [], module, moduleResolution: resolution };
  const config = join(folder, `tsconfig.${resolution}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: options, include: ["types"] }));
  const compiler = createRequire(import.meta.url).resolve("typescript/package.json").replace(/package\.json$/, "bin/tsc");
  const run = spawnSync(process.execPath, [compiler, "--project", config], { cwd: folder, encoding: "utf8" });
  if (run.status !== 0) console.log(`types (${resolution})\n${run.stdout}${run.stderr}`);
  return run.status === 0;
}
