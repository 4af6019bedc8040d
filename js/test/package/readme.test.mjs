import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";

import * as tenantry from "tenantry";
import * as analysis from "tenantry/analysis";

const readme = readFileSync(join(dirname(createRequire(import.meta.url).resolve("tenantry/package.json")), "README.md"), "utf8");
const blocks = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, source]) => source);

/** A block as statements over the package, what stands behind `//` as a value is what the line before it gives. */
const run = (source, given = {}) => {
  const program = source.replace(/^import .*$/gm, "").replace(/^((?:directory|claims)\b.*); \/\/ (false|true|null|".*")$/gm, "equal($1, $2);");
  return new Function(...Object.keys(tenantry), "equal", ...Object.keys(given), `${program}; return typeof directory === "undefined" ? undefined : directory;`)(...Object.values(tenantry), assert.equal, ...Object.values(given));
};

test("the first example of the page says what it gives", () => {
  assert.equal((blocks[0].match(/; \/\/ /g) ?? []).length, 2);
  assert.ok(run(blocks[0]) instanceof tenantry.Directory);
});

test("the example of buttons and that of numbers run", () => {
  const directory = run(blocks[0]);
  const added = [];
  run(blocks[1], { directory, now: "2026-01-15T09:00:00Z", menu: { add: (...item) => added.push(item) } });
  assert.ok(added.some(([, { disabled, title }]) => disabled && title.length > 0) && added.some(([, { disabled }]) => !disabled));
  run(blocks[2], { directory, policy: directory.policy });
});

test("the example of the analysis says what it gives", () => {
  const policy = tenantry.Policy.preset("starter");
  const example = blocks.find((block) => block.includes('from "tenantry/analysis"'));
  const written = new Map();
  run(example, { ...analysis, policy, next: { tenantry: 1, name: "next", extends: "starter" }, writeFileSync: (file, text) => written.set(file, text) });
  assert.match(written.get("roles.html"), /<!doctype html>/i);
  assert.equal((example.match(/; \/\/ "/g) ?? []).length, 2);
});
