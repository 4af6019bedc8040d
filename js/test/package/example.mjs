// An organization for tests.
export const NOW = "2026-01-15T09:00:00Z";
export const MS = Date.parse(NOW);

/** Ann owns, Adam and Abe administer, Bob is a member; below the organization is a workspace, where Bob is an admin. */
export const snapshot = () => ({
  tenantry: 1,
  organization: "acme",
  scopes: [{ id: "acme", kind: "organization" }, { id: "studio", kind: "workspace", parent: "acme" }],
  users: ["ann", "adam", "abe", "bob"].map((id) => ({ id, email: `${id}@acme.example`, name: `${id} of acme` })),
  grants: [
    { scope: "acme", user: "ann", role: "owner" },
    { scope: "acme", user: "adam", role: "admin" },
    { scope: "acme", user: "abe", role: "admin" },
    { scope: "acme", user: "bob", role: "member" },
    { scope: "studio", user: "bob", role: "admin" },
  ],
});

let count = 0;

/** A request with an id of its own. */
export const request = (actor, action, fields = {}) => ({ tenantry: 1, id: `r${++count}`, now: NOW, actor: { user: actor }, action, ...fields });
