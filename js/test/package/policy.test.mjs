import assert from "node:assert/strict";
import { test } from "node:test";

import { definePolicy, NONE, Policy, TenantryError } from "tenantry";

import { request } from "./example.mjs";

const tiny = definePolicy({
  tenantry: 1,
  name: "tiny",
  roles: { organization: { owner: { rank: 2 }, member: { rank: 1, default: true } } },
  actions: { "report.read": {} },
  allow: [{ id: "owners-read", actions: "report.read", actor: { role: "owner" } }],
});
delete tiny.roles.organization.member.default;

test("a ready policy says what it is", () => {
  const policy = Policy.preset("starter");
  assert.equal(policy.name, "starter");
  assert.match(policy.digest, /^[0-9a-f]{64}$/);
  assert.ok(policy.actions.includes("member.remove"));
  assert.equal(policy.actions[policy.action("member.remove")], "member.remove");
  assert.equal(policy.action("nothing.like_it"), NONE);
  assert.equal(policy.denials[0], null);
  assert.ok(policy.denials.some((denial) => denial?.code === "below_minimum"));
});

test("an object and its text are the same policy", () => {
  const [one, other] = [Policy.parse(tiny), Policy.parse(JSON.stringify(tiny))];
  assert.equal(one.digest, other.digest);
  assert.equal(one.documentJson(), other.documentJson());
  assert.deepEqual(one.document(), JSON.parse(one.documentJson()));
  assert.ok(one.actions.includes("report.read"));
});

test("a policy can extend a ready one", () => {
  const policy = Policy.parse({ tenantry: 1, name: "mine", extends: "starter", actions: { "flow.edit": {} } });
  assert.ok(policy.actions.includes("flow.edit"));
});

test("a bad policy is refused with every problem", () => {
  const bad = { ...tiny, roles: { organization: { owner: { rnk: 2 } } }, allow: [{ id: "x", actions: "report.raed", actor: { role: "onwer" } }] };
  assert.throws(() => Policy.parse(bad), (error) => {
    assert.ok(error instanceof TenantryError && error instanceof Error);
    assert.equal(error.name, "TenantryError");
    assert.equal(error.code, "bad_policy");
    assert.ok(error.problems.length > 1);
    assert.equal(error.path, error.problems[0].path);
    assert.ok(error.problems.some((problem) => problem.nearest === "rank"));
    assert.equal(JSON.parse(error.json).message, error.message);
    return true;
  });
});

test("what is no policy at all is refused too", () => {
  assert.throws(() => Policy.parse("{"), { code: "bad_document" });
  assert.throws(() => Policy.parse(undefined), { name: "TenantryError" });
  assert.throws(() => Policy.preset("startr"), (error) => error.code === "unknown_preset" && /did you mean `starter`/.test(error.message));
});

test("needs lists what a host has to load", () => {
  const policy = Policy.preset("starter");
  const asked = request("ann", "member.remove", { target: "bob" });
  const needs = policy.needs("acme", asked);
  assert.ok(needs.some((need) => need.need === "user" && need.id === "bob"));
  assert.equal(JSON.stringify(needs), policy.needsJson("acme", JSON.stringify(asked)));
});
