//! A faulty policy is refused with every problem at once: where, what sort, and the nearest name. Each sort of problem that
//! the compiler knows stands in a table here; each fragment is laid over a sound policy, so that it is all that is wrong.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry::bounds::{self, Bound};
use tenantry::{Error, Policy, Problem};

/// What every fragment is laid over.
const SOUND: &str = "
tenantry = 1
name = 'sound'
systems = 'install'
scopes = { organization = { roles = 'one' }, workspace = {} }
permissions = { users = 'member.*' }
custom_roles = { on = 'workspace' }
attributes = { user = 'team', scope = 'seats', resource = 'section', context = 'mfa' }
actions = { 'report.read' = {} }
[roles]
organization = { owner = { rank = 2 }, member = { rank = 1 } }
workspace = { owner = { rank = 2 }, viewer = {} }
";

/// A fragment of TOML, and the problem that it has: path, code and nearest name (empty: none is near).
type Row = (&'static str, &'static str, &'static str, &'static str);

/// What every problem is one of.
const SORTS: &[&str] =
    &["bad_name", "contradiction", "duplicate", "missing", "out_of_bounds", "unknown_field", "unknown_name", "unsupported_version", "wrong_type"];

const READING: &[Row] = &[
    ("systems = ['support', 3]", "systems[2]", "wrong_type", ""),
    ("roles = 3", "roles", "wrong_type", ""),
    ("roles.organization = 3", "roles.organization", "wrong_type", ""),
    ("roles.organization.owner = 3", "roles.organization.owner", "wrong_type", ""),
    ("roles.organization.owner.rank = -1", "roles.organization.owner.rank", "wrong_type", ""),
    ("roles.organization.owner.rank = 1.0", "roles.organization.owner.rank", "wrong_type", ""),
    ("roles.organization.owner.rank = 4294967296", "roles.organization.owner.rank", "wrong_type", ""),
    ("roles.organization.owner.rank = '2'", "roles.organization.owner.rank", "wrong_type", ""),
    ("roles.organization.owner.default = 1", "roles.organization.owner.default", "wrong_type", ""),
    ("roles.organization.owner.label = true", "roles.organization.owner.label", "wrong_type", ""),
    ("roles.organization.owner.rnk = 3", "roles.organization.owner.rnk", "unknown_field", "rank"),
    ("rolls = {}", "rolls", "unknown_field", "roles"),
    ("'allow ' = []", "\"allow \"", "unknown_field", "allow"),
    ("colour = 'red'", "colour", "unknown_field", ""),
    ("permissions.users = 3", "permissions.users", "wrong_type", ""),
    ("invitations = []", "invitations", "wrong_type", ""),
    ("invitations.approval = 'yes'", "invitations.approval", "wrong_type", ""),
    ("invitations.on_conflict = 'skp'", "invitations.on_conflict", "unknown_name", "skip"),
    ("invitations.existing_users = 'invited'", "invitations.existing_users", "unknown_name", "invite"),
    ("invitations.link = 'rotates'", "invitations.link", "unknown_name", "rotate"),
    ("invitations.on_member = 'keeps'", "invitations.on_member", "unknown_name", "keep"),
    ("endings.reach = ['scope', 'subtre']", "endings.reach[1]", "unknown_name", "subtree"),
    ("endings.default = 'organisation'", "endings.default", "unknown_name", "organization"),
    ("scopes.workspace.roles = 'on'", "scopes.workspace.roles", "unknown_name", "one"),
    ("scopes.workspace.roles = 1", "scopes.workspace.roles", "wrong_type", ""),
    ("scopes.workspace.flows_down = 'yes'", "scopes.workspace.flows_down", "wrong_type", ""),
    ("scopes.workspace.flows_down = { owner = true }", "scopes.workspace.flows_down.owner", "wrong_type", ""),
    ("allow = {}", "allow", "wrong_type", ""),
    ("allow = [3]", "allow[0]", "wrong_type", ""),
    ("keep = ['x']", "keep[0]", "wrong_type", ""),
    ("allow = [{ id = 7, actions = 'member.list' }]", "allow[0].id", "wrong_type", ""),
    ("custom_roles.on = 3", "custom_roles.on", "wrong_type", ""),
];

const TABLES: &[Row] = &[
    ("tenantry = 2", "tenantry", "unsupported_version", ""),
    ("name = 'My product'", "name", "bad_name", ""),
    ("name = ''", "name", "bad_name", ""),
    ("name = '2nd'", "name", "bad_name", ""),
    ("systems = 'Support'", "systems[1]", "bad_name", ""),
    ("attributes.user = 'Team'", "attributes.user[1]", "bad_name", ""),
    ("attributes.users = 'team'", "attributes.users", "unknown_field", "user"),
    ("actions.read = {}", "actions.read", "bad_name", ""),
    ("actions.'report.Read' = {}", "actions.\"report.Read\"", "bad_name", ""),
    ("actions.'report.read.all' = {}", "actions.\"report.read.all\"", "bad_name", ""),
    ("actions.'member.remove'.archived = true", "actions.\"member.remove\".archived", "contradiction", ""),
    ("permissions.Users = 'member.list'", "permissions.Users", "bad_name", ""),
    ("permissions.users = ['member.list', 'member.remov']", "permissions.users", "unknown_name", "member.remove"),
    ("permissions.users = 'reports.*'", "permissions.users", "unknown_name", ""),
    ("scopes.Team = {}", "scopes.Team", "bad_name", ""),
    ("scopes.organization.under = 'workspace'", "scopes.organization.under", "contradiction", ""),
    ("scopes.workspace.under = 'workspace'", "scopes.workspace.under", "contradiction", ""),
    ("scopes.workspace.under = ['organization', 'worksapce']", "scopes.workspace.under", "unknown_name", "workspace"),
    ("scopes.workspace.creator = 'ownr'", "scopes.workspace.creator", "unknown_name", "owner"),
    ("scopes.workspace.creator = 'member'", "scopes.workspace.creator", "unknown_name", ""),
    ("scopes.workspace.settings = 'seat'", "scopes.workspace.settings", "unknown_name", "seats"),
    ("scopes.organization.flows_down = { onwer = 'workspace.owner' }", "scopes.organization.flows_down.onwer", "unknown_name", "owner"),
    ("scopes.organization.flows_down = { owner = 'workspace.viewr' }", "scopes.organization.flows_down.owner", "unknown_name", "workspace.viewer"),
    ("scopes.organization.flows_down = { owner = 'owner' }", "scopes.organization.flows_down.owner", "contradiction", ""),
    ("roles.worksapce = {}", "roles.worksapce", "unknown_name", "workspace"),
    ("roles.workspace.'Big boss' = {}", "roles.workspace.\"Big boss\"", "bad_name", ""),
    ("roles.workspace.viewer.permissions = 'user'", "roles.workspace.viewer.permissions", "unknown_name", "users"),
    ("roles.organization = { owner.default = true, member.default = true }", "roles.organization", "contradiction", ""),
    ("custom_roles.on = 'workspaces'", "custom_roles.on", "unknown_name", "workspace"),
    ("invitations.require = 'nam'", "invitations.require", "unknown_name", "name"),
    ("invitations.default = 'membr'", "invitations.default", "unknown_name", "member"),
    ("invitations.expires_after = '7 days'", "invitations.expires_after", "wrong_type", ""),
    ("invitations.expires_after = '0d'", "invitations.expires_after", "wrong_type", ""),
    ("invitations.expires_after = '-7d'", "invitations.expires_after", "wrong_type", ""),
    ("invitations.expires_after = '+7d'", "invitations.expires_after", "wrong_type", ""),
    ("invitations.expires_after = '٧d'", "invitations.expires_after", "wrong_type", ""),
    ("invitations.expires_after = '7'", "invitations.expires_after", "wrong_type", ""),
    ("invitations.expires_after = 'd'", "invitations.expires_after", "wrong_type", ""),
    ("invitations.expires_after = ''", "invitations.expires_after", "wrong_type", ""),
    ("invitations.expires_after = '7µ'", "invitations.expires_after", "wrong_type", ""),
    ("invitations.expires_after = '1000001w'", "invitations.expires_after", "wrong_type", ""),
    ("endings = { reach = 'subtree', default = 'scope' }", "endings.default", "contradiction", ""),
    ("endings.reach = []", "endings.reach", "contradiction", ""),
];

const ALLOWS: &[Row] = &[
    ("", "allow[0].actions", "missing", ""),
    ("actions = []", "allow[0].actions", "missing", ""),
    ("actions = 3", "allow[0].actions", "wrong_type", ""),
    ("actions = [3]", "allow[0].actions[0]", "wrong_type", ""),
    ("actions = 'report.reed'", "allow[0].actions", "unknown_name", "report.read"),
    ("actions = ['member.list', 'invitation.accept']", "allow[0].actions", "contradiction", ""),
    ("actions = 'invitation.decline'", "allow[0].actions", "contradiction", ""),
    ("actions = ['member.list', 3]", "allow[0].actions[1]", "wrong_type", ""),
    ("actions = '*'\nchanges = 'give'", "allow[0].changes", "contradiction", ""),
    ("actions = 'member.list'\nnot_actions = 'member.add'", "allow[0].not_actions", "contradiction", ""),
    ("actions = 'member.list'\nunless = {}", "allow[0].unless", "contradiction", ""),
    ("actions = 'member.list'\nseverity = 'warn'", "allow[0].severity", "contradiction", ""),
    ("actions = 'member.list'\ncode = 'Above you'", "allow[0].code", "bad_name", ""),
    ("actions = 'member.list'\nmessage = 3", "allow[0].message", "wrong_type", ""),
    ("actions = 'member.list'\nactr = {}", "allow[0].actr", "unknown_field", "actor"),
    ("actions = 'member.set_roles'\ngrants = { role = 'organization.owner' }", "allow[0].revokes", "missing", ""),
    ("actions = 'ownership.transfer'\ngrants = { held = true }", "allow[0].revokes", "missing", ""),
    (
        "actions = 'member.set_roles'\ntarget = { role = 'member' }\ngrants = { role = 'organization.owner' }\nrevokes = { role = 'organization.owner' }",
        "allow[0].revokes",
        "contradiction",
        "",
    ),
];

/// Forbids that name no verb.
const FORBIDS: &[Row] = &[
    ("", "forbid[0].actions", "missing", ""),
    ("target = { is_actor = true }", "forbid[0].actions", "missing", ""),
    ("actions = []\ncode = 'never'", "forbid[0].actions", "missing", ""),
    ("changes = ['give', 'takes']", "forbid[0].changes[1]", "unknown_name", "take"),
    ("changes = 'takes'", "forbid[0].changes", "unknown_name", "take"),
    ("changes = ['takes']", "forbid[0].changes[0]", "unknown_name", "take"),
    ("changes = []", "forbid[0].changes", "contradiction", ""),
    ("grants = 'owner'", "forbid[0].grants", "wrong_type", ""),
    ("changes = 'give'\nnot_actions = 'member.ad'", "forbid[0].not_actions", "unknown_name", "member.add"),
    ("grants = { role = 'owner' }\nseverity = 'wran'", "forbid[0].severity", "unknown_name", "warn"),
    ("grants = { role = 'owner' }\ncode = 'no!'", "forbid[0].code", "bad_name", ""),
    ("actions = 'member.add'\nnot_actions = 'member.list'", "forbid[0].not_actions", "contradiction", ""),
];

/// The blocks, on a forbid of one verb.
const CONDITIONS: &[Row] = &[
    ("actor = { rank = 'below' }", "forbid[0].actor.rank", "contradiction", ""),
    ("actor = { permissions = 'subset' }", "forbid[0].actor.permissions", "contradiction", ""),
    ("actor = { is_actor = true }", "forbid[0].actor.is_actor", "contradiction", ""),
    ("target = { system = 'install' }", "forbid[0].target.system", "contradiction", ""),
    ("actor = { system = 'instal' }", "forbid[0].actor.system", "unknown_name", "install"),
    ("actor = { role = 'onwer' }", "forbid[0].actor.role", "unknown_name", "owner"),
    ("actor = { role = ['owner', 'workspace.ownr'] }", "forbid[0].actor.role", "unknown_name", "workspace.owner"),
    ("actor = { role = 'worksapce.owner' }", "forbid[0].actor.role", "unknown_name", "workspace.owner"),
    ("actor = { role = 'workspace.administrator' }", "forbid[0].actor.role", "unknown_name", ""),
    ("actor = { role = [] }", "forbid[0].actor.role", "contradiction", ""),
    ("actor = { role = { owner = true } }", "forbid[0].actor.role", "wrong_type", ""),
    ("actor = { role = [3] }", "forbid[0].actor.role[0]", "wrong_type", ""),
    ("actor = { system = [] }", "forbid[0].actor.system", "contradiction", ""),
    ("target = { direct_role = [] }", "forbid[0].target.direct_role", "contradiction", ""),
    ("target = { permission = [] }", "forbid[0].target.permission", "contradiction", ""),
    ("target = { status = [] }", "forbid[0].target.status", "contradiction", ""),
    ("target = { kind = [] }", "forbid[0].target.kind", "contradiction", ""),
    ("target = { ended_by = [] }", "forbid[0].target.ended_by", "contradiction", ""),
    ("target = { email_domain = [] }", "forbid[0].target.email_domain", "contradiction", ""),
    ("target = { attributes = { team = [] } }", "forbid[0].target.attributes.team", "contradiction", ""),
    ("revokes = { source = [] }", "forbid[0].revokes.source", "contradiction", ""),
    ("scope = { kind = [] }", "forbid[0].scope.kind", "contradiction", ""),
    ("scope = { parent = [] }", "forbid[0].scope.parent", "contradiction", ""),
    ("invitation = { not_email_domain = [] }", "forbid[0].invitation.not_email_domain", "contradiction", ""),
    ("context = { mfa = [] }", "forbid[0].context.mfa", "contradiction", ""),
    ("target = { has_role = 'membr' }", "forbid[0].target.has_role", "unknown_name", "member"),
    ("target = { not_role = 'membre' }", "forbid[0].target.not_role", "unknown_name", "member"),
    ("target = { direct_role = 'guest' }", "forbid[0].target.direct_role", "unknown_name", ""),
    ("target = { permission = 'user' }", "forbid[0].target.permission", "unknown_name", "users"),
    ("target = { permissions = 'all' }", "forbid[0].target.permissions", "unknown_name", ""),
    ("target = { rank = 'at-most' }", "forbid[0].target.rank", "unknown_name", "at_most"),
    ("target = { status = 'activ' }", "forbid[0].target.status", "unknown_name", "active"),
    ("target = { kind = ['human', 'guset'] }", "forbid[0].target.kind[1]", "unknown_name", "guest"),
    ("target = { ended_by = 'others' }", "forbid[0].target.ended_by", "unknown_name", "other"),
    ("target = { roles = 'owner' }", "forbid[0].target.roles", "unknown_field", "role"),
    ("target = { email_domain = 3 }", "forbid[0].target.email_domain", "wrong_type", ""),
    ("target = { email_domain = { host = 'team' } }", "forbid[0].target.email_domain", "wrong_type", ""),
    ("target = { email_domain = { actor = 'team', scope = 'seats' } }", "forbid[0].target.email_domain", "wrong_type", ""),
    ("target = { email_domain = { actor = 3 } }", "forbid[0].target.email_domain.actor", "wrong_type", ""),
    ("target = { email_domain = { actor = 'teem' } }", "forbid[0].target.email_domain", "unknown_name", "team"),
    ("target = { email_domain = { scope = 'seat' } }", "forbid[0].target.email_domain", "unknown_name", "seats"),
    ("target = { attributes = { tea = 1 } }", "forbid[0].target.attributes.tea", "unknown_name", "team"),
    ("target = { attributes = { team = 1.5 } }", "forbid[0].target.attributes.team", "wrong_type", ""),
    ("target = { attributes = { team = [true] } }", "forbid[0].target.attributes.team", "wrong_type", ""),
    ("target = { attributes = { team = [['a']] } }", "forbid[0].target.attributes.team", "wrong_type", ""),
    ("target = { attributes = { team = 9223372036854775807, tam = 1 } }", "forbid[0].target.attributes.tam", "unknown_name", "team"),
    ("target = { attributes = { team = { actor = 'teams' } } }", "forbid[0].target.attributes.team", "unknown_name", "team"),
    ("target = { attributes = { team = { scope = 'seat' } } }", "forbid[0].target.attributes.team", "unknown_name", "seats"),
    ("grants = { rank = 'above' }", "forbid[0].grants.rank", "contradiction", ""),
    ("revokes = { rank = 'above' }", "forbid[0].revokes.rank", "contradiction", ""),
    ("grants = { role = 'owners' }", "forbid[0].grants.role", "unknown_name", "owner"),
    ("grants = { role = [] }", "forbid[0].grants.role", "contradiction", ""),
    ("revokes = { not_role = 'team.owner' }", "forbid[0].revokes.not_role", "unknown_name", ""),
    ("revokes = { held = 'yes' }", "forbid[0].revokes.held", "wrong_type", ""),
    ("revokes = { source = true }", "forbid[0].revokes.source", "wrong_type", ""),
    ("scope = { kind = 'workspac' }", "forbid[0].scope.kind", "unknown_name", "workspace"),
    ("scope = { parent = 'organisation' }", "forbid[0].scope.parent", "unknown_name", "organization"),
    ("scope = { attributes = { seat = 1 } }", "forbid[0].scope.attributes.seat", "unknown_name", "seats"),
    ("invitation = { email_domain = { scope = 'seat' } }", "forbid[0].invitation.email_domain", "unknown_name", "seats"),
    ("invitation = { not_email_domain = { actor = 'tem' } }", "forbid[0].invitation.not_email_domain", "unknown_name", "team"),
    ("invitation = { opened = true }", "forbid[0].invitation.opened", "unknown_field", ""),
    ("group = { has_actor = 1 }", "forbid[0].group.has_actor", "wrong_type", ""),
    ("resource = { secton = 'a' }", "forbid[0].resource.secton", "unknown_name", "section"),
    ("context = { mfa2 = true }", "forbid[0].context.mfa2", "unknown_name", "mfa"),
    ("context = { mfa = { scope = 'seat' } }", "forbid[0].context.mfa", "unknown_name", "seats"),
    ("unless = { actor = { role = 'ownr' } }", "forbid[0].unless.actor.role", "unknown_name", "owner"),
    ("unless = { unless = {} }", "forbid[0].unless.unless", "unknown_field", ""),
];

const KEEPS: &[Row] = &[
    ("at_least = 1", "keep[0]", "missing", ""),
    ("count = {}\nexclusive = ['owner', 'viewer']\nat_most = 1", "keep[0]", "missing", ""),
    ("count = {}", "keep[0]", "missing", ""),
    ("count = {}\nexactly = 1\nat_least = 1", "keep[0].exactly", "contradiction", ""),
    ("count = {}\nat_least = { actor = 'team' }", "keep[0].at_least", "contradiction", ""),
    ("count = {}\nat_most = { scope = 'seat' }", "keep[0].at_most", "unknown_name", "seats"),
    ("count = {}\nat_most = 1\nat_least = -1", "keep[0].at_least", "wrong_type", ""),
    ("count = {}\nat_least = 1\neach = 'users'", "keep[0].each", "unknown_name", "user"),
    ("count = {}\nat_least = 1\ncode = 'Last owner'", "keep[0].code", "bad_name", ""),
    ("count = {}\nat_least = 1\nscope = { kind = 'workspac' }", "keep[0].scope.kind", "unknown_name", "workspace"),
    ("count = {}\nat_least = 1\nunless = { target = { role = 'ownr' } }", "keep[0].unless.target.role", "unknown_name", "owner"),
    ("count = { has_role = 'ownr' }\nat_least = 1", "keep[0].count.has_role", "unknown_name", "owner"),
    ("count = { is_actor = true }\nat_least = 1", "keep[0].count.is_actor", "unknown_field", ""),
    ("count = { pending = 1 }\nat_least = 1", "keep[0].count.pending", "wrong_type", ""),
    ("count = { attributes = { tem = 1 } }\nat_least = 1", "keep[0].count.attributes.tem", "unknown_name", "team"),
    ("exclusive = []", "keep[0].exclusive", "contradiction", ""),
    ("count = 7\nat_least = 1", "keep[0].count", "wrong_type", ""),
    ("count = {}\nat_least = 'one'", "keep[0].at_least", "wrong_type", ""),
    ("count = {}\nat_least = 3\nat_most = 2", "keep[0].at_most", "contradiction", ""),
    ("count = { kind = [] }\nat_least = 1", "keep[0].count.kind", "contradiction", ""),
    ("exclusive = ['owner', 'viewr']", "keep[0].exclusive", "unknown_name", "viewer"),
    ("exclusive = ['owner', 'viewer']\nat_least = 1", "keep[0]", "contradiction", ""),
    ("exclusive = ['owner', 'viewer']\nexactly = 1", "keep[0]", "contradiction", ""),
    ("exclusive = ['owner', 'viewer']\neach = 'scope'", "keep[0]", "contradiction", ""),
];

const IDS: &[Row] = &[
    ("[[allow]]\nactions = 'member.list'", "allow[0].id", "missing", ""),
    ("[[forbid]]\nchanges = 'give'", "forbid[0].id", "missing", ""),
    ("[[keep]]\ncount = {}\nat_most = 9", "keep[0].id", "missing", ""),
    ("[[forbid]]\nid = 'No giving'\nchanges = 'give'", "forbid[0].id", "bad_name", ""),
    ("[[forbid]]\nid = 'a'\nchanges = 'give'\n[[forbid]]\nid = 'a'\nchanges = 'take'", "forbid[1].id", "duplicate", ""),
    ("[[allow]]\nid = 'a'\nactions = '*'\n[[keep]]\nid = 'a'\ncount = {}\nat_most = 9", "keep[0].id", "duplicate", ""),
];

/// Whole policies: what another policy below them would hide.
const ALONE: &[Row] = &[
    ("name = 'x'", "tenantry", "missing", ""),
    ("tenantry = 1", "name", "missing", ""),
    ("tenantry = 1\nname = 7", "name", "wrong_type", ""),
    ("tenantry = '1'\nname = 'x'", "tenantry", "wrong_type", ""),
    ("tenantry = 1\nname = 'x'\nextends = 'startr'", "extends", "unknown_name", "starter"),
    ("tenantry = 1\nname = 'x'\nextends = 'acme'", "extends", "unknown_name", ""),
    ("tenantry = 1\nname = 'x'\nextends = 3", "extends", "wrong_type", ""),
    ("tenantry = 1\nname = 'x'\nsystems = 3", "systems", "wrong_type", ""),
    ("tenantry = 1\nname = 'x'\nsystems = ['scim', 'scim']", "systems[1]", "duplicate", ""),
    ("tenantry = 1\nname = 'x'\nattributes.scope = ['a', 'b', 'a']", "attributes.scope[2]", "duplicate", ""),
    ("tenantry = 1\nname = 'x'\ncustom_roles = {}", "custom_roles.on", "missing", ""),
];

/// The tables, each with what stands before its fragments and with what they are laid over.
const ALL: &[(&str, &str, &[Row])] = &[
    (SOUND, "", READING),
    (SOUND, "", TABLES),
    (SOUND, "[[allow]]\nid = 'rule'\n", ALLOWS),
    (SOUND, "[[forbid]]\nid = 'rule'\n", FORBIDS),
    (SOUND, "[[forbid]]\nid = 'rule'\nactions = 'member.add'\n", CONDITIONS),
    (SOUND, "[[keep]]\nid = 'rule'\n", KEEPS),
    (SOUND, "", IDS),
    ("", "", ALONE),
];

/// The problems of a policy that is laid over another one.
fn problems(base: &str, text: &str) -> Result<Vec<Problem>, toml::de::Error> {
    let mut document: Value = toml::from_str(text)?;
    let base: Value = toml::from_str(base)?;
    if base != json!({}) {
        document["extends"] = json!("sound");
    }
    let find = |name: &str| (name == "sound").then(|| base.clone());
    Ok(Policy::parse_with(document, &find).err().as_ref().map_or_else(Vec::new, |error| error.problems().to_vec()))
}

fn brief(problem: &Problem) -> (&str, &str, &str) {
    (&problem.path, problem.code, problem.nearest.as_deref().unwrap_or_default())
}

#[test]
fn the_sound_policy_has_none() -> Result<(), toml::de::Error> {
    assert_eq!(problems("", SOUND)?, []);
    assert_eq!(problems(SOUND, "")?, []);
    Ok(())
}

#[test]
fn each_mistake_is_one_problem_at_its_place() -> Result<(), toml::de::Error> {
    let mut wrong = Vec::new();
    for &(base, head, rows) in ALL {
        for &(fragment, path, code, nearest) in rows {
            let met = problems(base, &format!("{head}{fragment}"))?;
            let met: Vec<_> = met.iter().map(brief).collect();
            if met != [(path, code, nearest)] {
                wrong.push(format!("{head}{fragment}\n    expected {:?}\n    met      {met:?}", (path, code, nearest)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn every_sort_is_seen() {
    let seen: BTreeSet<&str> = ALL.iter().flat_map(|(.., rows)| *rows).map(|(_, _, code, _)| *code).chain(["out_of_bounds"]).collect();
    assert_eq!(seen, SORTS.iter().copied().collect());
}

/// Every faulty rule of the tables in one policy.
#[test]
fn the_problems_of_all_rules_are_reported_together() -> Result<(), toml::de::Error> {
    let (mut text, mut expected) = (String::new(), BTreeSet::new());
    for &(_, head, rows) in ALL.iter().filter(|(_, head, _)| !head.is_empty()) {
        for &(fragment, path, code, nearest) in rows {
            let section = path.split('[').next().unwrap_or_default();
            let number = text.matches(&format!("[[{section}]]")).count();
            text += &head.replace("'rule'", &format!("'{section}-{number}'"));
            text += fragment;
            text += "\n";
            expected.insert((path.replacen("[0]", &format!("[{number}]"), 1), code, nearest));
        }
    }
    let met = problems(SOUND, &text)?;
    let seen: BTreeSet<_> = met.iter().map(brief).map(|(path, code, nearest)| (path.to_owned(), code, nearest)).collect();
    assert_eq!(seen, expected);
    assert_eq!(met.len(), expected.len(), "each once");
    Ok(())
}

const FAULTY: &str = r#"
tenantry = 3
name = "Faulty"
systems = ["scim", "scim"]
extends = "startr"
colour = "red"
[scopes.organization]
under = "team"
[scopes.team]
creator = "bos"
roles = "once"
[roles.organization]
onwer = { rank = "high" }
[roles.team]
boss = { permissions = "people" }
[custom_roles]
[invitations]
expires_after = "soon"
[actions]
"read" = {}
[[allow]]
id = "managers"
actions = ["member.remove", "member.lst"]
actor = { role = "owner", rank = "below" }
[[forbid]]
id = "managers"
[[keep]]
count = { has_role = "boss" }
at_least = { scope = "minimum" }
"#;

#[test]
fn a_policy_full_of_mistakes_hears_of_all_of_them() {
    let error = Policy::parse_toml(FAULTY).err();
    let met: Vec<_> = error.iter().flat_map(Error::problems).map(brief).collect();
    let expected = [
        ("extends", "unknown_name", "starter"),
        ("colour", "unknown_field", ""),
        ("scopes.team.roles", "unknown_name", "one"),
        ("roles.organization.onwer.rank", "wrong_type", ""),
        ("tenantry", "unsupported_version", ""),
        ("name", "bad_name", ""),
        ("systems[1]", "duplicate", ""),
        ("actions.read", "bad_name", ""),
        ("roles.team.boss.permissions", "unknown_name", ""),
        ("custom_roles.on", "missing", ""),
        ("scopes.organization.under", "contradiction", ""),
        ("scopes.team.creator", "unknown_name", "boss"),
        ("invitations.expires_after", "wrong_type", ""),
        ("forbid[0].id", "duplicate", ""),
        ("keep[0].id", "missing", ""),
        ("allow[0].actions", "unknown_name", "member.list"),
        ("allow[0].actor.rank", "contradiction", ""),
        ("allow[0].actor.role", "unknown_name", "onwer"),
        ("forbid[0].actions", "missing", ""),
        ("keep[0].at_least", "unknown_name", ""),
    ];
    assert_eq!(met, expected);
    let text = error.map(|error| error.to_string()).unwrap_or_default();
    assert!(text.starts_with("the policy has 20 problems\n"), "{text}");
    assert_eq!(text.lines().count(), 21, "one line each:\n{text}");
    assert!(text.contains("\n  allow[0].actor.role: `owner` is not a role of this policy; did you mean `onwer`?\n"), "{text}");
}

/// A policy that has so many of something.
fn sized(section: &str, count: usize) -> Value {
    let names = || (0..count).map(|i| format!("n{i}"));
    let tables = |name: &dyn Fn(String) -> String| Value::Object(names().map(|n| (name(n), json!({}))).collect());
    let mut policy = json!({ "tenantry": 1, "name": "sized" });
    match section {
        "systems" => policy["systems"] = names().collect(),
        "actions" => policy["actions"] = tables(&|name| format!("app.{name}")),
        "scopes" => policy["scopes"] = Value::Object(names().skip(1).map(|name| (name, json!({}))).collect()),
        "roles" => policy["roles"] = json!({ "organization": tables(&|name| name) }),
        "permissions" => policy["permissions"] = Value::Object(names().map(|name| (name, json!("member.list"))).collect()),
        "" => policy["allow"] = names().map(|id| json!({ "id": id, "actions": "member.list" })).collect(),
        "name" => policy["name"] = json!("n".repeat(count)),
        attributes => policy["attributes"] = json!({ attributes.trim_start_matches("attributes."): names().collect::<Vec<_>>() }),
    }
    policy
}

#[test]
fn each_bound_holds_to_the_last() {
    let bounded: &[(&str, Bound, &str)] = &[
        ("systems", bounds::SYSTEMS, "out_of_bounds"),
        ("actions", bounds::ACTIONS, "out_of_bounds"),
        ("scopes", bounds::KINDS, "out_of_bounds"),
        ("roles", bounds::ROLES, "out_of_bounds"),
        ("permissions", bounds::PERMISSIONS, "out_of_bounds"),
        ("", bounds::RULES, "out_of_bounds"),
        ("attributes.user", bounds::FACTS, "out_of_bounds"),
        ("attributes.scope", bounds::FACTS, "out_of_bounds"),
        ("attributes.resource", bounds::FACTS, "out_of_bounds"),
        ("attributes.context", bounds::FACTS, "out_of_bounds"),
        ("attributes.profile", bounds::FACTS, "out_of_bounds"),
        ("name", bounds::NAME_BYTES, "bad_name"),
    ];
    for &(section, bound, code) in bounded {
        assert_eq!(Policy::parse(sized(section, bound.max)).err(), None, "{section}");
        let error = Policy::parse(sized(section, bound.max + 1)).err();
        let met: Vec<_> = error.iter().flat_map(Error::problems).map(brief).collect();
        assert_eq!(met, [(section, code, "")], "{section}");
    }
}

/// Far beyond the bound, where names no longer fit into the words that hold them as bits.
#[test]
fn what_is_one_too_many_can_still_be_named() {
    let mut systems = sized("systems", 200);
    systems["allow"] = json!([{ "id": "last", "actions": "member.list", "actor": { "system": "n199" } }]);
    let mut settings = sized("attributes.scope", 200);
    settings["scopes"] = json!({ "workspace": { "settings": "n199" } });
    let mut permissions = sized("permissions", 128);
    permissions["roles"] = json!({ "organization": { "owner": { "permissions": "n127" } } });
    for (policy, path) in [(systems, Some("systems")), (settings, Some("attributes.scope")), (permissions, None)] {
        let error = Policy::parse(policy).err();
        let met: Vec<_> = error.iter().flat_map(Error::problems).map(|problem| problem.path.as_str()).collect();
        assert_eq!(met, Vec::from_iter(path));
    }
}

#[test]
fn policies_cannot_extend_each_other_for_ever() {
    let ring = |name: &str| Some(json!({ "tenantry": 1, "name": name, "extends": if name == "ping" { "pong" } else { "ping" } }));
    let error = Policy::parse_with(ring("ping").unwrap_or_default(), &ring).err();
    assert_eq!(error.iter().flat_map(Error::problems).map(brief).collect::<Vec<_>>(), [("extends", "out_of_bounds", "")]);
}

/// What is no table keeps its place among the rules, so that the others are called by their own numbers.
#[test]
fn rules_keep_their_numbers() {
    let rule = |id: &str| json!({ "id": id, "actions": "member.lst" });
    let policy = json!({
        "tenantry": 1, "name": "x",
        "allow": ["no rule", rule("a"), 3, rule("b")],
        "keep": [[], { "id": "k", "count": {} }]
    });
    let error = Policy::parse(policy).err();
    let met: Vec<_> = error.iter().flat_map(Error::problems).map(brief).collect();
    let expected = [
        ("allow[0]", "wrong_type", ""),
        ("allow[2]", "wrong_type", ""),
        ("keep[0]", "wrong_type", ""),
        ("allow[1].actions", "unknown_name", "member.list"),
        ("allow[3].actions", "unknown_name", "member.list"),
        ("keep[1]", "missing", ""),
    ];
    assert_eq!(met, expected);
}

/// Where a text stands in a policy, how long it may be, and the policy with it.
type Place<'a> = (&'a str, Bound, &'a dyn Fn(String) -> Value);

/// Texts for people, and the sources of grants.
#[test]
fn texts_are_bounded() {
    let text = |bytes: usize| "é".repeat(bytes / 2) + &"x".repeat(bytes % 2);
    let rule = |word: &str, text: String| json!([{ "id": "a", "actions": "member.list", word: text }]);
    let places: &[Place] = &[
        ("roles.organization.owner.label", bounds::TEXT_BYTES, &|text| json!({ "roles": { "organization": { "owner": { "label": text } } } })),
        ("scopes.team.label", bounds::TEXT_BYTES, &|text| json!({ "scopes": { "team": { "label": text } } })),
        ("actions.\"app.read\".label", bounds::TEXT_BYTES, &|text| json!({ "actions": { "app.read": { "label": text } } })),
        ("allow[0].message", bounds::TEXT_BYTES, &|text| json!({ "allow": rule("message", text) })),
        ("forbid[0].message", bounds::TEXT_BYTES, &|text| json!({ "forbid": rule("message", text) })),
        ("keep[0].message", bounds::TEXT_BYTES, &|text| json!({ "keep": [{ "id": "a", "count": {}, "at_least": 1, "message": text }] })),
        ("forbid[0].grants.source", bounds::NAME_BYTES, &|text| json!({ "forbid": [{ "id": "a", "grants": { "source": text } }] })),
        (
            "forbid[0].context.mfa",
            bounds::TEXT_BYTES,
            &|text| json!({ "attributes": { "context": "mfa" }, "forbid": [{ "id": "a", "changes": "give", "context": { "mfa": text } }] }),
        ),
    ];
    for (path, bound, place) in places {
        let policy = |bytes: usize| {
            let mut policy = place(text(bytes));
            (policy["tenantry"], policy["name"]) = (json!(1), json!("x"));
            Policy::parse(policy).err()
        };
        assert_eq!(policy(bound.max), None, "{path}");
        let error = policy(bound.max + 1);
        let met: Vec<_> = error.iter().flat_map(Error::problems).map(brief).collect();
        assert_eq!(met, [(*path, "out_of_bounds", "")]);
    }
}

/// A slip of the pen is near; a name that only begins alike is not.
#[test]
fn the_nearest_name_is_a_slip_away() {
    for (met, known, expected) in [
        ("onwer", "owner", true),
        ("ownr", "owner", true),
        ("organisation", "organization", true),
        ("member.set_role", "member.set_roles", true),
        ("worksapce.ownr", "workspace.owner", true),
        ("organization.ceo", "organization.owner", false),
        ("organization.boss", "organization.owner", false),
        ("member.edit", "member.list", false),
        ("invitation.list", "invitation.link", false),
        ("not_email_domain", "email_domain", false),
        ("workspace-admin", "workspace-owner", false),
        ("a", "b", false),
        ("x.y", "a.b", false),
        ("", "a", false),
    ] {
        assert_eq!(tenantry::nearest(met, [known]).as_deref(), expected.then_some(known), "{met}");
    }
}
