// Runs the projects and the examples: `cargo xtask packaging` puts them beside an installed package and calls this. The last line
// is `N passed, N failed`; a test that does not run is one that failed.
import { run } from "node:test";
import { spec } from "node:test/reporters";

const files = ["projects.test.mjs", "typescript.test.mjs", "examples.test.mjs"];
const count = { passed: 0, failed: 0 };
const ran = run({ files: files.map((file) => new URL(file, import.meta.url).pathname), concurrency: 1 });
ran.on("test:pass", ({ skip, todo }) => count[skip === undefined && todo === undefined ? "passed" : "failed"]++);
ran.on("test:fail", () => count.failed++);
ran.on("end", () => {
  if (count.passed === 0) count.failed++;
  process.exitCode = count.failed === 0 ? 0 : 1;
});
ran.compose(new spec()).on("end", () => console.log(`${count.passed} passed, ${count.failed} failed`)).pipe(process.stdout, { end: false });
