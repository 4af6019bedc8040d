//! Generated organizations for benchmarks: 1 % admins, 3 owners, the rest members; a workspace tree of depth 8.

use tenantry::Policy;
use tenantry::document::Snapshot;
use tenantry::document::snapshot::{GrantRow, ScopeRow, UserRow};

/// Levels of workspaces below the organization.
pub const DEPTH: usize = 8;

/// The policy of the benchmarks. The floor has the same rules, written by hand.
pub const POLICY: &str = r#"
tenantry = 1
name = "bench"
[scopes.organization]
roles = "one"
flows_down = true
[scopes.workspace]
under = ["organization", "workspace"]
flows_down = true
[roles.organization]
owner = { rank = 3 }
admin = { rank = 2 }
member = { rank = 1, default = true }
[roles.workspace]
editor = { rank = 2 }
viewer = { rank = 1 }
[actions]
"doc.edit" = {}
[[allow]]
id = "managers-see-the-list"
actions = ["member.list"]
actor = { role = ["owner", "admin"] }
[[allow]]
id = "owners-manage"
actions = ["member.remove", "member.set_roles", "member.deactivate"]
actor = { role = "owner" }
grants = { role = "*" }
revokes = { role = "*" }
[[allow]]
id = "admins-remove"
actions = ["member.remove", "member.deactivate"]
actor = { role = "admin" }
target = { not_role = "owner" }
[[allow]]
id = "admins-set-roles"
actions = ["member.set_roles"]
actor = { role = "admin" }
target = { not_role = "owner" }
grants = { rank = "at_most" }
revokes = { rank = "at_most" }
[[allow]]
id = "editors-edit"
actions = ["doc.edit"]
actor = { role = "workspace.editor" }
[[forbid]]
id = "no-self-modification"
changes = ["give", "take", "status"]
target = { is_actor = true }
code = "self_modification"
[[keep]]
id = "last-owner"
count = { has_role = "owner" }
at_least = 1
"#;

/// The compiled policy of the benchmarks.
///
/// # Errors
/// None, as long as the text above is a policy.
pub fn policy() -> Result<Policy, tenantry::Error> {
    Policy::parse_toml(POLICY)
}

/// The id of a generated user.
#[must_use]
pub fn user_id(number: usize) -> String {
    format!("user-{number:07}")
}

/// The id of the workspace at a level of a branch.
#[must_use]
pub fn workspace_id(branch: usize, level: usize) -> String {
    format!("ws-{branch:02}-{level}")
}

/// Branches of the workspace tree.
pub const BRANCHES: usize = 16;

/// The role at the organization of a generated user.
#[must_use]
pub fn role_of(number: usize) -> &'static str {
    match number {
        0..3 => "owner",
        _ if number % 100 == 3 => "admin",
        _ => "member",
    }
}

/// The workspace grant of a generated user: every tenth edits, at some level of some branch.
#[must_use]
pub fn workspace_of(number: usize) -> Option<(usize, usize)> {
    (number % 10 == 4).then_some((number / 10 % BRANCHES, number / 7 % DEPTH))
}

/// An organization of so many members.
#[must_use]
pub fn snapshot(members: usize) -> Snapshot {
    let mut snapshot = Snapshot::empty("org");
    let scope = |id: String, kind: &str, parent: Option<String>| ScopeRow {
        id,
        kind: kind.to_owned(),
        parent,
        name: None,
        status: Default::default(),
        attributes: Default::default(),
        version: 0,
    };
    snapshot.scopes.push(scope("org".to_owned(), "organization", None));
    for branch in 0..BRANCHES {
        for level in 0..DEPTH {
            let parent = if level == 0 { "org".to_owned() } else { workspace_id(branch, level - 1) };
            snapshot.scopes.push(scope(workspace_id(branch, level), "workspace", Some(parent)));
        }
    }
    for number in 0..members {
        let id = user_id(number);
        let email = Some(format!("{id}@example.org"));
        snapshot.users.push(UserRow { id: id.clone(), email, verified: true, name: Some(format!("Person {number}")), ..UserRow::default() });
        let grant = |scope: String, role: &str| GrantRow { scope, user: Some(id.clone()), role: role.to_owned(), ..GrantRow::default() };
        snapshot.grants.push(grant("org".to_owned(), role_of(number)));
        if let Some((branch, level)) = workspace_of(number) {
            snapshot.grants.push(grant(workspace_id(branch, level), "editor"));
        }
    }
    snapshot
}
