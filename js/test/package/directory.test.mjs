import assert from "node:assert/strict";
import { test } from "node:test";

import { audit, auditJson, codes, codesJson, Directory, Policy, publicDecision, publicDecisionJson, TenantryError } from "tenantry";

import { NOW, request, snapshot } from "./example.mjs";

const policy = Policy.preset("starter");
const fresh = () => new Directory(policy, snapshot());

test("an allow says what becomes true, and apply makes it so", () => {
  const directory = fresh();
  const decision = directory.decide(request("ann", "member.remove", { target: "bob" }));
  assert.equal(decision.effect, "allow");
  assert.ok(decision.events.length > 0);
  directory.apply(decision, NOW);
  assert.ok(!directory.snapshot().users.some((user) => user.id === "bob"));
});

test("a denial has a code, a sentence and what would help", () => {
  const decision = fresh().decide(request("ann", "member.leave"));
  assert.equal(decision.effect, "deny");
  assert.equal(decision.code, "below_minimum");
  assert.equal(decision.message, "Make another person owner first.");
  assert.ok(decision.remedies.length > 0);
});

test("a stale decision is refused with the answer that it has now", () => {
  const directory = fresh();
  const stale = directory.decide(request("adam", "member.remove", { target: "bob" }));
  directory.apply(directory.decide(request("ann", "member.remove", { target: "bob" })), Date.parse(NOW));
  assert.throws(() => directory.apply(stale, NOW), (error) => {
    assert.equal(error.code, "stale");
    assert.equal(error.fresh.effect, "deny");
    return true;
  });
});

test("a denied decision cannot be applied", () => {
  const directory = fresh();
  assert.throws(() => directory.apply(directory.decide(request("bob", "member.remove", { target: "ann" })), NOW), { code: "denied" });
});

test("a time is text or milliseconds, and nothing else is one", () => {
  const directory = fresh();
  const decision = directory.decide(request("ann", "member.remove", { target: "bob" }));
  for (const now of [Number.NaN, Infinity, "noon", 1e15]) assert.throws(() => directory.apply(decision, now), { code: "bad_value" });
});

test("objects and texts are the same answers", () => {
  const directory = fresh();
  const [asked, row] = [request("ann", "member.remove", { target: "bob" }), { actor: { user: "ann" }, now: NOW, target: "bob" }];
  const who = { viewer: { user: "ann" }, action: "member.remove", now: NOW, target: "bob" };
  const page = { actor: { user: "ann" }, now: NOW };
  assert.equal(JSON.stringify(directory.decide(asked)), directory.decideJson(JSON.stringify(asked)));
  assert.equal(JSON.stringify(directory.explain(asked)), directory.explainJson(JSON.stringify(asked)));
  assert.equal(JSON.stringify(directory.permitted(row)), directory.permittedJson(JSON.stringify(row)));
  assert.equal(JSON.stringify(directory.page(page)), directory.pageJson(JSON.stringify(page)));
  assert.equal(JSON.stringify(directory.whoCan(who)), directory.whoCanJson(JSON.stringify(who)));
  assert.equal(JSON.stringify(directory.snapshot()), directory.snapshotJson());
  assert.equal(JSON.stringify(codes()), codesJson());
  const decision = directory.decide(asked);
  assert.equal(JSON.stringify(publicDecision(decision)), publicDecisionJson(JSON.stringify(decision)));
  assert.equal(JSON.stringify(audit(decision)), auditJson(JSON.stringify(decision)));
  assert.deepEqual(directory.columnsJson(JSON.stringify(page)), directory.columns(page));
});

test("what may be shown of a decision is less than the decision", () => {
  const shown = publicDecision(fresh().decide(request("bob", "member.remove", { target: "ann" })));
  assert.equal(shown.effect, "deny");
  assert.equal(shown.reasons, undefined);
});

test("permitted has a verdict for each action, with the reason for what is greyed out", () => {
  const verdicts = fresh().permitted({ actor: { user: "adam" }, now: NOW, target: "ann" });
  const remove = verdicts.find((verdict) => verdict.action === "member.remove");
  assert.equal(remove.allowed, false);
  assert.equal(typeof remove.message, "string");
});

test("columns are the rows of the page as numbers", () => {
  const directory = fresh();
  const query = { actor: { user: "ann" }, now: NOW, actions: ["member.remove", "member.set_roles"] };
  const [columns, page] = [directory.columns(query), directory.page(query)];
  assert.ok(columns.users instanceof Uint32Array && columns.actions instanceof Float64Array);
  assert.deepEqual(columns.names, page.member_actions);
  assert.deepEqual(Array.from(columns.users, (user) => directory.userId(user)), page.members.map((line) => line.user));
  assert.deepEqual(Array.from(columns.actions), page.members.map((line) => line.actions));
  assert.equal(columns.denied, undefined);
  assert.equal(typeof directory.columns({ ...query, actor: { user: "nobody" } }).denied, "string");
});

test("malformed questions are errors with a path", () => {
  const directory = fresh();
  assert.throws(() => directory.decide({ ...request("ann", "member.remove"), targt: "bob" }), (error) => error instanceof TenantryError && error.code === "bad_document");
  assert.throws(() => directory.decide(request("ann", "member.remoev", { target: "bob" })), { code: "unknown_action" });
  assert.throws(() => directory.decide({ ...request("ann", "member.remove"), now: "noon" }), { path: "now" });
  assert.throws(() => new Directory(policy, { ...snapshot(), grants: [{ scope: "acme", user: "ann", role: "king" }] }), { code: "bad_snapshot" });
});

test("a slice that does not hold enough says what is missing", () => {
  const slice = { ...snapshot(), slice: {} };
  assert.throws(() => new Directory(policy, slice).decide(request("ann", "member.remove", { target: "bob" })), (error) => error.code === "missing_facts" && error.missing.length > 0);
});

test("the catalogue has a sentence for each code", () => {
  const rows = codes();
  assert.ok(rows.length > 20 && rows.every((row) => row.message.endsWith(".") && row.step));
});
