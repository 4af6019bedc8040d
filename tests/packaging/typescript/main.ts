// Compiled and run: the documents are typed, and the names are those of the policy.
import { definePolicy, Directory, Policy, type Decision, type Snapshot } from "tenantry";

const policy = definePolicy({
  tenantry: 1,
  name: "typed",
  roles: { organization: { owner: { rank: 2 }, member: { rank: 1, default: true } } },
  actions: { "report.read": { label: "Read reports" } },
  allow: [
    { id: "owners-read", actions: ["report.read"], actor: { role: "owner" } },
    { id: "owners-remove", actions: ["member.remove"], actor: { role: "owner" } },
  ],
});

const snapshot: Snapshot = {
  tenantry: 1,
  organization: "acme",
  scopes: [{ id: "acme", kind: "organization" }],
  users: [{ id: "ann" }, { id: "bob" }],
  grants: [
    { scope: "acme", user: "ann", role: "owner" },
    { scope: "acme", user: "bob", role: "member" },
  ],
};

const now = "2026-01-15T09:00:00Z";
const directory = new Directory(Policy.parse(policy), snapshot);
const decision: Decision = directory.decide({ tenantry: 1, id: "r1", now, actor: { user: "bob" }, action: "member.remove", target: "ann" });

/** What the app says. An allow has no code: that is checked here too. */
export const said: string = decision.effect === "deny" ? decision.code : "allow";
export const reads: boolean[] = ["ann", "bob"].map((user) => directory.can(user, "report.read", { now }));
