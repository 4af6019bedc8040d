// The analysis: a module of its own, which says what the engine's own reports say.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { Directory, Policy, TenantryError } from "tenantry";
import * as analysis from "tenantry/analysis";

const { diff, diffJson, matrix, matrixCsv, matrixHtml, matrixJson, matrixMarkdown, prove, proveJson } = analysis;
const PRESETS = ["starter", "inveterate", "loupe-factory", "ai-loop", "growthfactor", "roles-and-workspaces"];

const starter = Policy.preset("starter").document();
const without = (id) => ({ ...starter, forbid: starter.forbid.filter((rule) => rule.id !== id) });

const thrown = (call) => {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof TenantryError, String(error));
    return error;
  }
  assert.fail("nothing is thrown");
};

for (const preset of PRESETS) {
  test(`the matrix of ${preset} is the one of its report, byte for byte`, () => {
    const report = readFileSync(new URL(`../reports/${preset}.md`, import.meta.url), "utf8");
    const page = matrixMarkdown({ preset });
    assert.ok(page.startsWith(`# ${preset}: roles and permissions`) && report.endsWith(`\n\n${page}`));
  });
}

test("what is proven of a preset is what its report says", () => {
  const report = readFileSync(new URL("../reports/inveterate.md", import.meta.url), "utf8");
  const owner = prove({ preset: "inveterate" }).escalation.find(({ role }) => role.role === "owner");
  assert.deepEqual([owner.coalitions, report.includes("| owner at acme | nobody |")], [[], true]);
});

test("a policy is taken in every form", () => {
  const expected = matrixJson({ preset: "starter" });
  const policy = Policy.preset("starter");
  for (const source of [policy, policy.document(), policy.documentJson()]) assert.equal(matrixJson(source), expected);
  assert.deepEqual(matrix(policy), JSON.parse(expected));
  assert.equal(matrix({ tenantry: 1, name: "mine", extends: "starter" }).policy, "mine");
});

test("the matrix as a page and as lines", () => {
  const cells = matrix({ preset: "inveterate" }).rows.reduce((sum, row) => sum + row.cells.length, 0);
  assert.equal(matrixCsv({ preset: "inveterate" }).trimEnd().split("\n").length, cells + 1);
  assert.match(matrixHtml({ preset: "inveterate" }), /^<!doctype html>[^]*Make admin/i);
});

test("a difference is shown by a request that the engine answers differently", () => {
  const [before, after] = [starter, without("no-self-modification")];
  const { changes, only_before, only_after } = diff(before, after);
  assert.deepEqual([changes.some(({ kind }) => kind === "widen"), changes.some(({ kind }) => kind === "narrow")], [true, false]);
  assert.deepEqual([only_before, only_after], [{ questions: 0 }, { questions: 0 }]);
  for (const { kind, sentence, witness } of changes) {
    const effects = [before, after].map((policy) => new Directory(Policy.parse(policy), witness.snapshot).decide(witness.request).effect);
    assert.deepEqual(effects, [witness.before.effect, witness.after.effect], sentence);
    assert.equal(effects[0] !== effects[1], kind === "widen", sentence);
  }
  assert.deepEqual(JSON.parse(diffJson(after, before)).changes.length, changes.length);
  assert.deepEqual(diff({ preset: "starter" }, Policy.preset("starter")).changes, []);
});

test("a claim is proved, or refuted by requests that the engine allows", () => {
  const claims = ["admin never owner", "always owner", "admin never admin"];
  const proof = prove({ preset: "inveterate" }, { claims });
  assert.deepEqual(proof.claims.map(({ claim, verdict }) => [claim, verdict]), [["admin never owner", "proved"], ["always owner", "proved"], ["admin never admin", "attack"]]);
  const { attack } = proof.claims[2];
  const directory = new Directory(Policy.preset("inveterate"), attack.snapshot);
  for (const request of attack.requests) {
    const decision = directory.decide(request);
    assert.equal(decision.effect, "allow");
    directory.apply(decision, request.now);
  }
  assert.ok(directory.snapshot().grants.some(({ user, role }) => user === attack.user && role === "admin"));
  assert.deepEqual(JSON.parse(proveJson({ preset: "inveterate" }, { claims })), proof);
});

test("what is wrong is a TenantryError of the package, with its code", () => {
  const misspelt = { tenantry: 1, name: "p", roles: { organization: { owner: { rnk: 1 } } } };
  const error = thrown(() => matrix(misspelt));
  assert.deepEqual([error.code, error.path, error.problems[0].nearest], ["bad_policy", "roles.organization.owner.rnk", "rank"]);
  assert.equal(error.json, thrown(() => Policy.parse(misspelt)).json);
  for (const ask of [matrixCsv, matrixHtml, matrixJson, matrixMarkdown, prove, (policy) => diff(policy, { preset: "starter" }), (policy) => diff({ preset: "starter" }, policy)]) {
    assert.equal(thrown(() => ask(misspelt)).code, "bad_policy");
    assert.equal(thrown(() => ask("{")).code, thrown(() => Policy.parse("{")).code);
    assert.equal(thrown(() => ask(null)).code, thrown(() => Policy.parse("null")).code);
    assert.equal(thrown(() => ask({ preset: "stater" })).code, "unknown_preset");
    assert.match(thrown(() => ask({ preset: "stater" })).message, /did you mean `starter`/);
  }
  const disposed = Policy.preset("starter");
  disposed.dispose();
  assert.equal(thrown(() => matrix(disposed)).code, "disposed");
});

test("a claim that is none is refused with its place", () => {
  const claims = (second) => thrown(() => prove({ preset: "inveterate" }, { claims: ["admin never owner", second] }));
  for (const claim of ["admin becomes owner", "always king", 5]) assert.deepEqual([claims(claim).code, claims(claim).path], ["bad_value", "claims[1]"]);
  assert.match(claims("always king").message, /`king` is no role of the policy/);
});

test("the entry for browsers and bundlers answers as that for Node", () => {
  const source = 'import { matrixMarkdown } from "tenantry/analysis"; process.stdout.write(matrixMarkdown({ preset: "inveterate" }))';
  const run = spawnSync(process.execPath, ["--conditions=browser", "--input-type=module", "--eval", source], { encoding: "utf8", cwd: import.meta.dirname });
  assert.equal(run.stdout, matrixMarkdown({ preset: "inveterate" }), run.stderr);
});

test("`require` gives the same as `import`", () => {
  assert.equal(createRequire(import.meta.url)("tenantry/analysis").matrix, matrix);
});

test("the files for the two entries have nothing in common but the errors", () => {
  const dist = new URL("dist/", `file://${createRequire(import.meta.url).resolve("tenantry/package.json")}`);
  const reached = (file, known = new Set()) => {
    if (known.has(file)) return known;
    known.add(file);
    const imports = readFileSync(new URL(file, dist), "utf8").matchAll(/(?:from|import) "\.\/([^"]+\.js)"/g);
    for (const [, next] of imports) reached(next, known);
    return known;
  };
  for (const [engine, own] of [["node.js", "analysis-node.js"], ["inline.js", "analysis-inline.js"]]) {
    const theirs = reached(engine);
    const shared = [...reached(own)].filter((file) => theirs.has(file)).sort();
    assert.deepEqual(shared.filter((file) => file !== "base64.js"), ["error.js"]);
    assert.ok(theirs.has("engine.js") && !theirs.has("analyzer.js"));
  }
});
