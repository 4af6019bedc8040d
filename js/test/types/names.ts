// Checked by the compiler and never run: a line below `@ts-expect-error` must not compile.
import { definePolicy, Directory, Policy, type Decision, type PolicyDocument, type Snapshot } from "tenantry";

declare const snapshot: Snapshot;
const now = 0;
const time = "2026-01-15T09:00:00Z";
const head = { tenantry: 1, id: "r1", now: time, actor: { user: "ann" } } as const;

const document = definePolicy({
  tenantry: 1,
  name: "mine",
  roles: { organization: { owner: { rank: 2 }, member: { rank: 1 } }, workspace: { viewer: {} } },
  actions: { "report.read": { label: "Read" } },
  allow: [{ id: "read", actions: ["report.read"], actor: { role: ["owner", "workspace.viewer"] } }],
});
const directory = new Directory(Policy.parse(document), snapshot);

directory.can("ann", "report.read", { now });
directory.can({ system: "install" }, "member.remove", { now: time, target: "bob", scope: "acme" });
directory.can("ann", "member.set_roles", { now, target: "bob", role: "organization.owner" });
directory.decide({ ...head, action: "member.set_roles", target: "bob", roles: ["viewer", { role: "owner", expires_at: time }] });
directory.decide({ ...head, batch: "atomic", items: [{ action: "member.remove", target: "bob" }] });
directory.page({ actor: { user: "ann" }, now: time, actions: ["member.remove"], roles: ["member"] });
directory.whoCan({ viewer: { user: "ann" }, now: time, action: "report.read" });
directory.policy.action("report.read");

// @ts-expect-error: no such action
directory.can("ann", "report.raed", { now });
// @ts-expect-error: no such role
directory.can("ann", "member.set_roles", { now, role: "onwer" });
// @ts-expect-error: the time is missing
directory.can("ann", "report.read", {});
// @ts-expect-error: no such word
directory.can("ann", "report.read", { now, targt: "bob" });
// @ts-expect-error: no such action
directory.decide({ ...head, action: "member.remoev" });
// @ts-expect-error: no such role
directory.decide({ ...head, action: "member.set_roles", roles: ["king"] });
// @ts-expect-error: no such role in an item
directory.decide({ ...head, items: [{ action: "member.set_roles", roles: ["king"] }] });
// @ts-expect-error: no such action
directory.page({ actor: { user: "ann" }, now: time, actions: ["report.raed"] });
// @ts-expect-error: no such action
directory.whoCan({ viewer: { user: "ann" }, now: time, action: "report.raed" });
// @ts-expect-error: a rule has no such word
definePolicy({ tenantry: 1, name: "x", allow: [{ id: "a", action: "report.read" }] });
// @ts-expect-error: this is version 1
definePolicy({ tenantry: 2, name: "x" });

// Ready policies, and those that extend them, know their names too.
const ready = new Directory(Policy.preset("starter"), snapshot);
ready.can("ann", "member.set_roles", { now, role: "admin" });
// @ts-expect-error: no such role
ready.can("ann", "member.set_roles", { now, role: "king" });
const extended = new Directory(Policy.parse({ tenantry: 1, name: "more", extends: "starter", actions: { "flow.edit": {} } }), snapshot);
extended.can("ann", "flow.edit", { now, role: "admin" });
// @ts-expect-error: no such action
extended.can("ann", "flow.eidt", { now });

// Customers make roles of their own here: any name may be one.
new Directory(Policy.preset("roles-and-workspaces"), snapshot).can("ann", "member.set_roles", { now, role: "made-by-a-customer" });

// A document that is not known while types are checked has any names.
declare const loaded: PolicyDocument;
new Directory(Policy.parse(loaded), snapshot).can("ann", "whatever.it_is", { now, role: "any" });
new Directory(Policy.parse("{}"), snapshot).can("ann", "whatever.it_is", { now });

// A decision is told apart by its effect.
declare const decision: Decision;
if (decision.effect === "deny") {
  const sentence: string = decision.message;
  const known: boolean = decision.code === "below_minimum";
  void [sentence, known];
} else {
  // @ts-expect-error: an allow has no code
  const code: string = decision.code;
  void code;
}
for (const event of decision.events ?? []) if (event.event === "scope.created") event.scope.toUpperCase();
// @ts-expect-error: nothing is both
if (decision.effect === "maybe") void 0;
// @ts-expect-error: a decision is not written to
decision.effect = "allow";
for (const verdict of ready.permitted({ actor: { user: "ann" }, now: time })) if (!verdict.allowed) verdict.message.toUpperCase();
