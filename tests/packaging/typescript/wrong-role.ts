// Must not compile: the policy has no role `onwer`.
import { definePolicy, Directory, Policy, type Snapshot } from "tenantry";

declare const snapshot: Snapshot;

const policy = Policy.parse(
  definePolicy({
    tenantry: 1,
    name: "typed",
    roles: { organization: { owner: { rank: 2 }, member: { rank: 1, default: true } } },
  }),
);
const directory = new Directory(policy, snapshot);
directory.can("ann", "member.set_roles", { now: 0, target: "bob", role: "onwer" });
