import assert from "node:assert/strict";
import { test } from "node:test";

import { Directory, NONE, Policy } from "tenantry";

import { MS, NOW, request, snapshot } from "./example.mjs";

const policy = Policy.preset("starter");
const fresh = () => new Directory(policy, snapshot());
const PEOPLE = ["ann", "adam", "abe", "bob", "ghost"];
const SCOPES = [undefined, "acme", "studio", "nowhere"];
const ROLES = [undefined, "owner", "admin", "member", "king"];

/** The answer to the whole question, as a document. */
const inFull = (directory, actor, action, about) => JSON.parse(directory.denialJson(JSON.stringify({ actor: { user: actor }, action, ...about, now: NOW })));

/** Every question about these people, scopes and roles. */
function* questions() {
  for (const action of ["member.remove", "member.set_roles", "member.deactivate", "member.list", "invitation.create", "scope.create"])
    for (const actor of PEOPLE)
      for (const target of [undefined, ...PEOPLE])
        for (const scope of SCOPES) for (const role of ROLES) yield [actor, action, { target, scope, role }];
}

function agree(directory) {
  for (const [actor, action, about] of questions()) {
    const expected = inFull(directory, actor, action, about);
    const place = JSON.stringify([actor, action, about]);
    assert.deepEqual(directory.denial(actor, action, { ...about, now: MS }), expected, place);
    assert.equal(directory.can(actor, action, { ...about, now: NOW }), expected === null, place);
    const scope = directory.scope(about.scope ?? directory.organization);
    const target = about.target === undefined ? NONE : directory.user(about.target);
    const role = about.role === undefined ? NONE : directory.role(scope, about.role);
    const number = directory.denialNumber(directory.user(actor), policy.action(action), scope, target, role, MS);
    assert.deepEqual(policy.denials[number], expected, place);
  }
}

test("by ids, by numbers and in full, the answer is the same", () => agree(fresh()));

test("numbers stay good when users go and come back", () => {
  const directory = fresh();
  const [ann, bob] = [directory.user("ann"), directory.user("bob")];
  const remove = (target) => directory.canNumbers(ann, policy.action("member.remove"), directory.scope("acme"), target, NONE, MS);
  assert.equal(remove(bob), true);
  agree(directory);
  directory.apply(directory.decide(request("ann", "member.remove", { target: "bob" })), NOW);
  assert.equal(remove(bob), false);
  assert.equal(directory.user("bob"), bob);
  agree(directory);
  directory.apply(directory.decide(request("ann", "member.add", { user: { id: "bob", email: "bob@acme.example" }, roles: ["member"] })), NOW);
  assert.equal(directory.user("bob"), bob);
  assert.equal(remove(bob), true);
  agree(directory);
});

test("who does not exist is not the same as nobody", () => {
  const directory = fresh();
  assert.notEqual(directory.user("ghost"), NONE);
  assert.equal(directory.denial("ann", "member.list", { target: "ghost", now: MS }).code, "not_found");
  assert.equal(directory.can("ann", "member.list", { target: undefined, now: MS }), true);
});

test("a question with more words is asked in full", () => {
  const directory = fresh();
  assert.equal(directory.can("ann", "member.remove", { target: "bob", now: MS, context: {} }), true);
  assert.equal(directory.can({ user: "ann" }, "member.remove", { target: "bob", now: MS }), true);
  assert.equal(directory.can({ system: "nobody" }, "member.remove", { target: "bob", now: MS }), false);
});

test("mistakes are errors, not answers", () => {
  const directory = fresh();
  const ask = (about, actor = "ann", action = "member.remove") => () => directory.can(actor, action, about);
  assert.throws(ask({ targt: "bob", now: MS }), { code: "bad_document" });
  assert.throws(ask({ target: 5, now: MS }), { code: "bad_document" });
  assert.throws(ask({ target: "bob", scope: 5, now: MS }), { code: "bad_document" });
  assert.throws(ask({ target: "bob", role: 5, now: MS }), { code: "bad_document" });
  assert.throws(ask({ target: "bob" }), { code: "bad_document" });
  assert.throws(ask({ target: "bob", now: Number.NaN }), { code: "bad_document" });
  assert.throws(ask({ target: "bob", now: "noon" }), { name: "TenantryError" });
  assert.throws(ask({ target: "bob", now: MS }, "ann", "member.remoev"), { code: "unknown_action" });
  assert.throws(() => directory.denialNumber(0, 0, 0, 0, 0, Number.NaN), { code: "bad_value" });
  assert.throws(() => directory.denialNumber(0, 0, 0, 0, 0, 1e15), { code: "bad_value" });
});

test("a slice never guesses by ids", () => {
  const directory = new Directory(policy, { ...snapshot(), slice: {} });
  assert.throws(() => directory.can("ann", "member.remove", { target: "bob", now: MS }), { code: "missing_facts" });
});

test("the hot path holds up under load", () => {
  const directory = fresh();
  const [ann, bob, root, remove] = [directory.user("ann"), directory.user("bob"), directory.scope("acme"), policy.action("member.remove")];
  let allowed = 0;
  const deep = (depth) => (depth === 0 ? directory.denialNumber(ann, remove, root, bob, NONE, MS) : deep(depth - 1));
  for (let round = 0; round < 300_000; round++) allowed += Number(directory.canNumbers(ann, remove, root, bob, NONE, MS)) + deep(round % 12);
  assert.equal(allowed, 300_000);
});
