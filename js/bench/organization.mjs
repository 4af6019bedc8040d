// The organization that is measured: 1 % admins, three owners, the rest members, and workspaces eight levels deep. The same as
// in the benches of the engine itself.
export const DEPTH = 8;
export const BRANCHES = 16;
export const NOW = Date.parse("2026-01-15T09:00:00Z");
export const ROOT = "org";

export const POLICY = {
  tenantry: 1,
  name: "bench",
  scopes: {
    organization: { roles: "one", flows_down: true },
    workspace: { under: ["organization", "workspace"], flows_down: true },
  },
  roles: {
    organization: { owner: { rank: 3 }, admin: { rank: 2 }, member: { rank: 1, default: true } },
    workspace: { editor: { rank: 2 }, viewer: { rank: 1 } },
  },
  actions: { "doc.edit": {} },
  allow: [
    { id: "managers-see-the-list", actions: ["member.list"], actor: { role: ["owner", "admin"] } },
    { id: "owners-manage", actions: ["member.remove", "member.set_roles", "member.deactivate"], actor: { role: "owner" }, grants: { role: "*" }, revokes: { role: "*" } },
    { id: "admins-remove", actions: ["member.remove", "member.deactivate"], actor: { role: "admin" }, target: { not_role: "owner" } },
    { id: "admins-set-roles", actions: ["member.set_roles"], actor: { role: "admin" }, target: { not_role: "owner" }, grants: { rank: "at_most" }, revokes: { rank: "at_most" } },
    { id: "managers-invite", actions: ["invitation.create"], actor: { role: ["owner", "admin"] }, grants: { rank: "at_most" } },
    { id: "editors-edit", actions: ["doc.edit"], actor: { role: "workspace.editor" } },
  ],
  forbid: [{ id: "no-self-modification", changes: ["give", "take", "status"], target: { is_actor: true }, code: "self_modification" }],
  keep: [{ id: "last-owner", count: { has_role: "owner" }, at_least: 1 }],
};

export const userId = (number) => `user-${String(number).padStart(7, "0")}`;
export const workspaceId = (branch, level) => `ws-${String(branch).padStart(2, "0")}-${level}`;
export const workspaceOf = (number) => (number % 10 === 4 ? [Math.floor(number / 10) % BRANCHES, Math.floor(number / 7) % DEPTH] : undefined);
const roleOf = (number) => (number < 3 ? "owner" : number % 100 === 3 ? "admin" : "member");

/** An organization of so many members. */
export function snapshot(members) {
  const scopes = [{ id: ROOT, kind: "organization" }];
  for (let branch = 0; branch < BRANCHES; branch++)
    for (let level = 0; level < DEPTH; level++) scopes.push({ id: workspaceId(branch, level), kind: "workspace", parent: level === 0 ? ROOT : workspaceId(branch, level - 1) });
  const [users, grants] = [[], []];
  for (let number = 0; number < members; number++) {
    const id = userId(number);
    users.push({ id, email: `${id}@example.org`, verified: true, name: `Person ${number}` });
    grants.push({ scope: ROOT, user: id, role: roleOf(number) });
    const at = workspaceOf(number);
    if (at) grants.push({ scope: workspaceId(...at), user: id, role: "editor" });
  }
  return { tenantry: 1, organization: ROOT, scopes, users, grants };
}

/** Numbers that look random and are the same in every run. */
export function dice(seed = 7) {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** So many questions of a sort. Half of the actors are owners and admins: otherwise nearly every question would end at once. */
export function questions(sort, members, count) {
  const roll = dice();
  const manager = () => [roll(3), Math.min(roll(Math.ceil(members / 100)) * 100 + 3, members - 1), roll(members), roll(members)][roll(4)] % members;
  const ask = () => {
    if (sort !== "edit") return { actor: userId(manager()), target: userId(roll(members)) };
    const editor = Math.min(Math.floor(roll(members) / 10) * 10 + 4, members - 1);
    const branch = (roll(2) === 0 && workspaceOf(editor)?.[0]) || roll(BRANCHES);
    return { actor: userId(editor), scope: workspaceId(branch, DEPTH - 1) };
  };
  // Through JSON, as ids come from outside: no text is the same object as one in a map.
  return JSON.parse(JSON.stringify(Array.from({ length: count }, ask)));
}
