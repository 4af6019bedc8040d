import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

import { Directory, Policy, TenantryError } from "tenantry";

import { MS, NOW, request, snapshot } from "./example.mjs";

test("what is disposed answers no more, with an error of ours", () => {
  const policy = Policy.preset("starter");
  const directory = new Directory(policy, snapshot());
  policy.dispose();
  policy.dispose();
  assert.throws(() => new Directory(policy, snapshot()), { code: "disposed" });
  assert.throws(() => policy.documentJson(), (error) => error instanceof TenantryError && error.code === "disposed");
  assert.equal(directory.can("ann", "member.remove", { target: "bob", now: MS }), true);
  directory[Symbol.dispose]();
  directory.dispose();
  const uses = [
    () => directory.can("ann", "member.remove", { target: "bob", now: MS }),
    () => directory.denialNumber(0, 0, 0, 0, 0, MS),
    () => directory.decide(request("ann", "member.leave")),
    () => directory.apply({}, NOW),
    () => directory.columns({ actor: { user: "ann" }, now: NOW }),
    () => directory.snapshot(),
    () => directory.user("ann"),
  ];
  for (const use of uses) assert.throws(use, { name: "TenantryError", code: "disposed" });
});

test("memory of what is out of reach is used again", async () => {
  const policy = Policy.preset("starter");
  const large = { ...snapshot() };
  large.users = [...large.users, ...Array.from({ length: 2000 }, (_, number) => ({ id: `user-${number}`, email: `user-${number}@acme.example` }))];
  const text = JSON.stringify(large);
  const round = async () => {
    for (let count = 0; count < 20; count++) new Directory(policy, text);
    for (let turn = 0; turn < 5; turn++) {
      globalThis.gc();
      await setTimeout(1);
    }
  };
  await round();
  const before = process.memoryUsage().rss;
  for (let count = 0; count < 8; count++) await round();
  const grown = (process.memoryUsage().rss - before) / 1e6;
  assert.ok(grown < 100, `${grown} MB more`);
});
