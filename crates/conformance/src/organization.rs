//! Generated organizations for benchmarks: 1 % admins, 3 owners, the rest members; a workspace tree of depth 8.

use tenantry::Policy;
use tenantry::document::snapshot::{GrantRow, GroupRow, ScopeRow, UserRow};
use tenantry::document::{Snapshot, Time};

/// When the benchmarks ask.
pub const NOW: Time = Time(1_768_467_600_000);

/// Members of the organizations that are measured: the numbers from 10 on among the words, or the usual ones.
pub fn sizes(words: impl Iterator<Item = String>) -> Vec<usize> {
    let given: Vec<usize> = words.filter_map(|word| word.parse().ok()).filter(|&members| members >= 10).collect();
    if given.is_empty() { vec![10, 1_000, 100_000, 1_000_000] } else { given }
}

/// What members hold beside their role in the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// Every tenth edits a workspace. Many hold the same as others, so that answers can be remembered.
    Plain,
    /// Everybody has something of their own: every second is in a group that edits a workspace, the others edit one by a
    /// grant that ends, and for half of these has ended. Few answers can be remembered.
    Own,
}

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
id = "managers-invite"
actions = ["invitation.create"]
actor = { role = ["owner", "admin"] }
grants = { rank = "at_most" }
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

/// Where a generated user edits by a grant of their own that does not end: branch and level of the workspace.
#[must_use]
pub fn workspace_of(number: usize) -> Option<(usize, usize)> {
    (number % 10 == 4).then_some((number / 10 % BRANCHES, number / 7 % DEPTH))
}

/// Where a generated user edits by a grant that ends, and when that is.
fn ending_of(mix: Mix, number: usize) -> Option<((usize, usize), Time)> {
    let ends = if number % 4 == 1 { NOW.plus(HOUR) } else { NOW.plus(-HOUR) };
    (mix == Mix::Own && number % 2 == 1).then_some(((number / 10 % BRANCHES, number / 7 % DEPTH), ends))
}

/// The group of a generated user.
fn group_of(mix: Mix, number: usize) -> Option<usize> {
    (mix == Mix::Own && number.is_multiple_of(2)).then_some(number / GROUP)
}

/// Where a group edits.
fn workspace_of_group(group: usize) -> (usize, usize) {
    (group % BRANCHES, group / 3 % DEPTH)
}

/// A branch of the tree in which a generated user edits, or has edited, something.
#[must_use]
pub fn branch_of(mix: Mix, number: usize) -> Option<usize> {
    let group = || group_of(mix, number).map(workspace_of_group);
    let ending = || ending_of(mix, number).map(|(place, _)| place);
    workspace_of(number).or_else(ending).or_else(group).map(|(branch, _)| branch)
}

const HOUR: i64 = 3_600_000;

/// Numbers that share a group, or would: every second is in it.
const GROUP: usize = 20;

/// An organization of so many members.
#[must_use]
pub fn snapshot(members: usize, mix: Mix) -> Snapshot {
    let groups = if mix == Mix::Own { members.div_ceil(GROUP) } else { 0 };
    Snapshot {
        scopes: scopes(),
        users: (0..members).map(user).collect(),
        grants: (0..members).flat_map(|number| grants(mix, number)).chain((0..groups).map(group_grant)).collect(),
        groups: (0..groups).map(|number| group(number, members)).collect(),
        ..Snapshot::empty(ROOT)
    }
}

/// The organization's id.
pub const ROOT: &str = "org";

fn scopes() -> Vec<ScopeRow> {
    let scope = |id: String, kind: &str, parent: Option<String>| ScopeRow {
        id,
        kind: kind.to_owned(),
        parent,
        name: None,
        status: Default::default(),
        attributes: Default::default(),
        version: 0,
    };
    let workspace = |(branch, level): (usize, usize)| {
        let parent = level.checked_sub(1).map_or(ROOT.to_owned(), |above| workspace_id(branch, above));
        scope(workspace_id(branch, level), "workspace", Some(parent))
    };
    let places = (0..BRANCHES).flat_map(|branch| (0..DEPTH).map(move |level| (branch, level)));
    std::iter::once(scope(ROOT.to_owned(), "organization", None)).chain(places.map(workspace)).collect()
}

fn user(number: usize) -> UserRow {
    let id = user_id(number);
    UserRow { email: Some(format!("{id}@example.org")), verified: true, name: Some(format!("Person {number}")), id, ..UserRow::default() }
}

fn grants(mix: Mix, number: usize) -> impl Iterator<Item = GrantRow> {
    let grant = move |scope: String, role: &str| GrantRow { scope, user: Some(user_id(number)), role: role.to_owned(), ..GrantRow::default() };
    let lasting = workspace_of(number).map(|(branch, level)| grant(workspace_id(branch, level), "editor"));
    let ending = ending_of(mix, number).map(|((branch, level), ends)| GrantRow { expires_at: Some(ends), ..grant(workspace_id(branch, level), "editor") });
    std::iter::once(grant(ROOT.to_owned(), role_of(number))).chain(lasting).chain(ending)
}

fn group_id(number: usize) -> String {
    format!("group-{number:06}")
}

fn group(number: usize, members: usize) -> GroupRow {
    let first = number * GROUP;
    let members = (first..members.min(first + GROUP)).step_by(2).map(user_id).collect();
    GroupRow { id: group_id(number), name: None, scope: ROOT.to_owned(), members, managers: Vec::new(), source: None, version: 0 }
}

fn group_grant(number: usize) -> GrantRow {
    let (branch, level) = workspace_of_group(number);
    GrantRow { scope: workspace_id(branch, level), group: Some(group_id(number)), role: "editor".to_owned(), ..GrantRow::default() }
}
