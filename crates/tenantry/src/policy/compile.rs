//! From the document to the compiled policy: kinds, roles, permissions, attributes, actions and settings.

use std::collections::{BTreeMap, BTreeSet};

use crate::bounds::{self, Bound};
use crate::document::VERSION;
use crate::document::policy::{
    ActionDocument, EndingsDocument, ExistingUsers, FlowsDown, InvitationsDocument, Link, OnConflict, OnMember, PolicyDocument, RoleDocument, RolesHeld,
};
use crate::document::print::printed;
use crate::document::read::digest_of;
use crate::document::request::Reach;
use crate::document::words::{Names, Problems, join};
use crate::name::{is_action, is_word};

use super::actions::{self, Action, ActionId, VERBS};
use super::catalog::{Kind, KindMask, Permission, PermissionMask, Role, RoleMask};
use super::compile_rules;
use super::rules::{Endings, Invitations, RuleIndex};
use super::{Attributes, Policy};

/// Compiles a policy; what is wrong with it goes to `problems`, and the result is only good if nothing did. Into a policy
/// that is too large nobody looks any further.
pub(crate) fn compile(document: PolicyDocument, problems: &mut Problems) -> Option<Policy> {
    if !is_within_bounds(&document, problems) {
        return None;
    }
    let text = printed(&document);
    let mut policy = Policy {
        name: document.name.clone().unwrap_or_default(),
        digest: digest_of(&text),
        text,
        systems: names(document.systems.as_ref()).to_vec(),
        kinds: Vec::new(),
        roles: Vec::new(),
        permissions: Vec::new(),
        has_permissions: false,
        custom_roles: document.custom_roles.is_some(),
        attributes: Attributes::default(),
        actions: Vec::new(),
        invitations: default_invitations(),
        endings: Endings { reach: vec![Reach::Scope], default: Reach::Scope },
        allows: Vec::new(),
        forbids: Vec::new(),
        keeps: Vec::new(),
        index: RuleIndex::default(),
        sources: Vec::new(),
        action_numbers: Default::default(),
    };
    header(&document, problems);
    policy.attributes = attributes(&document, problems);
    policy.actions = app_actions(document.actions.as_ref(), problems);
    policy.action_numbers = policy.actions.iter().enumerate().map(|(number, action)| (action.name.clone(), number as u16)).collect();
    policy.permissions = permissions(&policy, &document, problems);
    policy.kinds = kinds(&document, problems);
    policy.roles = roles(&policy, &document, problems);
    link_kinds(&mut policy, &document, problems);
    policy.invitations = invitations(&policy, &document, problems);
    policy.endings = endings(document.endings.as_ref(), problems);
    compile_rules::compile(&mut policy, &document, problems);
    Some(policy)
}

/// How much a policy declares: what is bits later must fit into its word.
fn is_within_bounds(document: &PolicyDocument, problems: &mut Problems) -> bool {
    let listed = |list: Option<&Names>| names(list).len();
    let kinds = document.scopes.iter().flatten().filter(|(name, _)| *name != "organization").count() + 1;
    let rules = [document.allow.as_ref().map_or(0, Vec::len), document.forbid.as_ref().map_or(0, Vec::len), document.keep.as_ref().map_or(0, Vec::len)];
    let mut counts = vec![
        ("systems", listed(document.systems.as_ref()), bounds::SYSTEMS),
        ("actions", document.actions.as_ref().map_or(0, BTreeMap::len), bounds::ACTIONS),
        ("permissions", document.permissions.as_ref().map_or(0, BTreeMap::len), bounds::PERMISSIONS),
        ("scopes", kinds, bounds::KINDS),
        ("roles", document.roles.iter().flatten().map(|(_, roles)| roles.len()).sum(), bounds::ROLES),
        ("", rules.iter().sum(), bounds::RULES),
    ];
    if let Some(attributes) = &document.attributes {
        counts.extend([
            ("attributes.user", listed(attributes.user.as_ref()), bounds::FACTS),
            ("attributes.scope", listed(attributes.scope.as_ref()), bounds::FACTS),
            ("attributes.resource", listed(attributes.resource.as_ref()), bounds::FACTS),
            ("attributes.context", listed(attributes.context.as_ref()), bounds::FACTS),
            ("attributes.profile", listed(attributes.profile.as_ref()), bounds::FACTS),
        ]);
    }
    let beyond: Vec<_> = counts.into_iter().filter(|(_, count, bound)| *count > bound.max).collect();
    beyond.iter().for_each(|&(path, count, bound)| problems.out_of_bounds(path, bound, count));
    beyond.is_empty()
}

/// The names of an optional list.
pub(crate) fn names(list: Option<&Names>) -> &[String] {
    list.map_or(&[], |names| &names.0)
}

/// A text that must not be longer than the bound.
pub(crate) fn check_length(text: Option<&String>, bound: Bound, path: &str, problems: &mut Problems) {
    if let Some(text) = text.filter(|text| text.len() > bound.max) {
        problems.out_of_bounds(path, bound, text.len());
    }
}

/// A text for people.
pub(crate) fn check_text(text: Option<&String>, path: &str, problems: &mut Problems) {
    check_length(text, bounds::TEXT_BYTES, path, problems);
}

/// A word of the policy has a fixed shape, so that it can stand in every document without quotes.
pub(crate) fn check_word(word: &str, path: &str, what: &str, problems: &mut Problems) {
    if !is_word(word) {
        let shape = format!("`{word}` is no name for {what}: a lower-case letter, then letters, digits, `_` and `-`, {} at most", bounds::NAME_BYTES.max);
        problems.add(path, "bad_name", shape);
    }
}

/// The bits of the names that `known` has; the others are problems.
pub(crate) fn lookup<'a>(given: &[String], path: &str, what: &str, known: impl Iterator<Item = &'a str>, problems: &mut Problems) -> u128 {
    bits_of(given, path, what, &known.collect::<Vec<_>>(), problems)
}

fn bits_of(given: &[String], path: &str, what: &str, known: &[&str], problems: &mut Problems) -> u128 {
    let mut mask = 0;
    for name in given {
        match known.iter().position(|other| other == name) {
            Some(bit) => mask |= 1 << bit,
            None => problems.unknown(path, name, what, known.iter().copied()),
        }
    }
    mask
}

fn header(document: &PolicyDocument, problems: &mut Problems) {
    match document.tenantry {
        Some(VERSION) => {}
        Some(other) => problems.add("tenantry", "unsupported_version", format!("met version {other}, expected {VERSION}")),
        None => problems.missing("tenantry", format!("the version of the policy language: `tenantry = {VERSION}`")),
    }
    match &document.name {
        Some(name) => check_word(name, "name", "a policy", problems),
        None => problems.missing("name", "the name of the policy"),
    }
    let systems = names(document.systems.as_ref());
    distinct(systems, "systems", "a system actor", problems);
}

fn distinct(list: &[String], path: &str, what: &str, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for (i, name) in list.iter().enumerate() {
        check_word(name, &format!("{path}[{i}]"), what, problems);
        if !seen.insert(name) {
            problems.add(&format!("{path}[{i}]"), "duplicate", format!("`{name}` stands twice"));
        }
    }
}

fn attributes(document: &PolicyDocument, problems: &mut Problems) -> Attributes {
    let Some(declared) = &document.attributes else { return Attributes::default() };
    let mut list = |field: &Option<Names>, name: &str| {
        let list = names(field.as_ref()).to_vec();
        let path = join("attributes", name);
        distinct(&list, &path, "an attribute", problems);
        list
    };
    Attributes {
        user: list(&declared.user, "user"),
        scope: list(&declared.scope, "scope"),
        resource: list(&declared.resource, "resource"),
        context: list(&declared.context, "context"),
        profile: list(&declared.profile, "profile"),
    }
}

fn app_actions(declared: Option<&BTreeMap<String, ActionDocument>>, problems: &mut Problems) -> Vec<Action> {
    let mut all: Vec<Action> = VERBS.iter().map(|spec| Action { name: spec.name.to_owned(), ..Action::default() }).collect();
    let Some(declared) = declared else { return all };
    for (name, settings) in declared {
        let path = join("actions", name);
        check_text(settings.label.as_ref(), &join(&path, "label"), problems);
        if !is_action(name) {
            problems.add(&path, "bad_name", format!("`{name}` is no name for an action: `noun.verb` in lower-case letters, digits, `_` and `-`"));
        }
        let action = Action {
            name: name.clone(),
            label: settings.label.clone(),
            confirm: settings.confirm.unwrap_or_default(),
            archived: settings.archived.unwrap_or_default(),
        };
        match all[..VERBS.len()].iter_mut().find(|built_in| built_in.name == *name) {
            Some(_) if settings.archived.is_some() => {
                problems.add(&join(&path, "archived"), "contradiction", "the engine itself knows which of its verbs work in archived scopes");
            }
            Some(built_in) => *built_in = action,
            None => all.push(action),
        }
    }
    all
}

fn permissions(policy: &Policy, document: &PolicyDocument, problems: &mut Problems) -> Vec<Permission> {
    let Some(declared) = &document.permissions else { return Vec::new() };
    let compile_one = |(name, patterns): (&String, &Names)| {
        let path = join("permissions", name);
        check_word(name, &path, "a permission", problems);
        Permission { name: name.clone(), actions: action_list(&patterns.0, &path, &policy.actions, false, problems) }
    };
    declared.iter().map(compile_one).collect()
}

/// The actions that the names and wildcards of a list stand for, each once, in order.
pub(crate) fn action_list(patterns: &[String], path: &str, all: &[Action], for_system: bool, problems: &mut Problems) -> Vec<ActionId> {
    let mut found = BTreeSet::new();
    for pattern in patterns.iter().collect::<BTreeSet<_>>() {
        match actions::matching(pattern, all, for_system) {
            Some(ids) => found.extend(ids),
            None => {
                let message = format!("`{pattern}` is no action of this policy");
                problems.unknown_as("unknown_name", path, pattern, message, all.iter().map(|action| action.name.as_str()));
            }
        }
    }
    found.into_iter().collect()
}

/// Name and label of every kind, the organization first; what refers to other kinds and to roles is linked later.
fn kinds(document: &PolicyDocument, problems: &mut Problems) -> Vec<Kind> {
    let mut kinds = vec![Kind { name: "organization".to_owned(), ..Kind::default() }];
    for (name, declared) in document.scopes.iter().flatten() {
        let path = join("scopes", name);
        check_word(name, &path, "a scope kind", problems);
        check_text(declared.label.as_ref(), &join(&path, "label"), problems);
        let kind = Kind {
            name: name.clone(),
            label: declared.label.clone(),
            one_role: declared.roles == Some(RolesHeld::One),
            settings: names(declared.settings.as_ref()).to_vec(),
            ..Kind::default()
        };
        if name == "organization" { kinds[0] = kind } else { kinds.push(kind) }
    }
    kinds
}

/// Roles in the policy's order, with what each outranks.
fn roles(policy: &Policy, document: &PolicyDocument, problems: &mut Problems) -> Vec<Role> {
    let mut roles = Vec::new();
    for (kind_name, of_kind) in document.roles.iter().flatten() {
        let Some(kind) = policy.kind_named(kind_name) else {
            problems.unknown(&join("roles", kind_name), kind_name, "a scope kind of this policy", policy.kinds.iter().map(|kind| kind.name.as_str()));
            continue;
        };
        for (name, declared) in of_kind {
            roles.push(role(policy, kind, kind_name, name, declared, problems));
        }
    }
    roles.sort_by(|a, b| (a.kind, b.rank, &a.name).cmp(&(b.kind, a.rank, &b.name)));
    let outranks = |a: &Role| {
        let lower = |b: &Role| a.kind == b.kind && a.rank > b.rank;
        roles.iter().enumerate().filter(|(_, b)| lower(b)).map(|(i, _)| 1 << i).fold(0, std::ops::BitOr::bitor)
    };
    let masks: Vec<RoleMask> = roles.iter().map(outranks).collect();
    roles.iter_mut().zip(masks).for_each(|(role, mask)| role.outranks = mask);
    roles
}

fn role(policy: &Policy, kind: u8, kind_name: &str, name: &str, declared: &RoleDocument, problems: &mut Problems) -> Role {
    let path = join(&join("roles", kind_name), name);
    check_word(name, &path, "a role", problems);
    check_text(declared.label.as_ref(), &join(&path, "label"), problems);
    let known = policy.permissions.iter().map(|permission| permission.name.as_str());
    let held = names(declared.permissions.as_ref());
    let permissions: PermissionMask = lookup(held, &join(&path, "permissions"), "a permission of this policy", known, problems);
    Role {
        name: name.to_owned(),
        qualified: format!("{kind_name}.{name}"),
        label: declared.label.clone(),
        kind,
        rank: declared.rank.unwrap_or_default(),
        permissions,
        lists_permissions: declared.permissions.is_some(),
        outranks: 0,
    }
}

/// Fills in what a kind says about other kinds and about roles.
fn link_kinds(policy: &mut Policy, document: &PolicyDocument, problems: &mut Problems) {
    let custom_on = document.custom_roles.as_ref().map_or(0, |custom| {
        if custom.on.is_none() {
            problems.missing("custom_roles.on", "the kinds of scopes where custom roles can be held");
        }
        kind_list(policy, names(custom.on.as_ref()), "custom_roles.on", problems)
    });
    let mut linked = policy.kinds.clone();
    for (i, kind) in linked.iter_mut().enumerate() {
        kind.roles = policy.roles.iter().enumerate().filter(|(_, role)| usize::from(role.kind) == i).map(|(bit, _)| 1 << bit).fold(0, std::ops::BitOr::bitor);
        kind.defaults = default_roles(policy, document, i);
        kind.custom = custom_on >> i & 1 == 1;
        if kind.one_role && kind.defaults.count_ones() > 1 {
            problems.add(&join("roles", &kind.name), "contradiction", "two default roles where a member holds one");
        }
        link_kind(policy, document, i, kind, problems);
    }
    policy.kinds = linked;
    check_hanging(policy, problems);
}

fn default_roles(policy: &Policy, document: &PolicyDocument, kind: usize) -> RoleMask {
    let is_default = |role: &Role| {
        let declared = document.roles.as_ref().and_then(|roles| roles.get(&policy.kinds[kind].name)?.get(&role.name));
        usize::from(role.kind) == kind && declared.is_some_and(|declared| declared.default == Some(true))
    };
    policy.roles.iter().enumerate().filter(|(_, role)| is_default(role)).map(|(bit, _)| 1 << bit).fold(0, std::ops::BitOr::bitor)
}

fn link_kind(policy: &Policy, document: &PolicyDocument, number: usize, kind: &mut Kind, problems: &mut Problems) {
    let path = &join("scopes", &kind.name);
    let declared = document.scopes.as_ref().and_then(|scopes| scopes.get(&kind.name));
    let under = declared.and_then(|declared| declared.under.as_ref());
    match under {
        Some(_) if number == 0 => problems.add(&join(path, "under"), "contradiction", "the organization hangs under nothing"),
        Some(under) => kind.under = kind_list(policy, &under.0, &join(path, "under"), problems),
        None if number == 0 => {}
        None => kind.under = 1,
    }
    let Some(declared) = declared else { return };
    let own_role = |name: &str, path: &str, problems: &mut Problems| {
        let found = policy.role_named(number as u8, name);
        if found.is_none() {
            let known = policy.roles.iter().filter(|role| usize::from(role.kind) == number).map(|role| role.name.as_str());
            problems.unknown(path, name, &format!("a role of `{}`", kind.name), known);
        }
        found
    };
    kind.creator = declared.creator.as_ref().and_then(|name| own_role(name, &join(path, "creator"), problems));
    let settings =
        lookup(&kind.settings, &join(path, "settings"), "a scope attribute of this policy", policy.attributes.scope.iter().map(String::as_str), problems);
    debug_assert!(settings.count_ones() as usize <= kind.settings.len());
    match &declared.flows_down {
        None | Some(FlowsDown::All(false)) => {}
        Some(FlowsDown::All(true)) => (kind.flows, kind.flows_custom) = (kind.roles, true),
        Some(FlowsDown::As(table)) => {
            for (from, to) in table {
                let path = join(&join(path, "flows_down"), from);
                let from = own_role(from, &path, problems);
                let to = qualified(policy, to, &path, problems);
                kind.flows_as.extend(from.zip(to));
            }
        }
    }
}

/// A role that is named with its kind, or whose name only one kind has.
fn qualified(policy: &Policy, name: &str, path: &str, problems: &mut Problems) -> Option<u8> {
    let mut found = policy.roles.iter().enumerate().filter(|(_, role)| role.qualified == name || role.name == name).map(|(bit, _)| bit as u8);
    match (found.next(), found.next()) {
        (Some(bit), None) => Some(bit),
        (None, _) => {
            problems.unknown(path, name, "a role of this policy", policy.roles.iter().map(|role| role.qualified.as_str()));
            None
        }
        (Some(_), Some(_)) => {
            problems.add(path, "contradiction", format!("several kinds have a role `{name}`: name one as `kind.{name}`"));
            None
        }
    }
}

pub(crate) fn kind_list(policy: &Policy, given: &[String], path: &str, problems: &mut Problems) -> KindMask {
    lookup(given, path, "a scope kind of this policy", policy.kinds.iter().map(|kind| kind.name.as_str()), problems) as KindMask
}

/// Every kind must be reachable from the organization, or no such scope can exist.
fn check_hanging(policy: &Policy, problems: &mut Problems) {
    let mut reached: KindMask = 1;
    while let Some(next) = policy.kinds.iter().enumerate().position(|(i, kind)| reached >> i & 1 == 0 && kind.under & reached != 0) {
        reached |= 1 << next;
    }
    for (i, kind) in policy.kinds.iter().enumerate().filter(|(i, _)| reached >> i & 1 == 0) {
        debug_assert!(i > 0);
        problems.add(&join(&join("scopes", &kind.name), "under"), "contradiction", "no way leads from the organization to this kind");
    }
}

fn default_invitations() -> Invitations {
    Invitations {
        on_conflict: OnConflict::Error,
        existing_users: ExistingUsers::Invite,
        require_name: false,
        default: 0,
        approval: false,
        rotate: false,
        expires_after: None,
        recheck_inviter: true,
        keep_records: true,
        on_member: OnMember::Keep,
    }
}

fn invitations(policy: &Policy, document: &PolicyDocument, problems: &mut Problems) -> Invitations {
    let Some(declared) = &document.invitations else { return default_invitations() };
    let InvitationsDocument { on_conflict, existing_users, require, default, approval, link, expires_after, recheck_inviter, keep_records, on_member } =
        declared;
    let require = lookup(names(require.as_ref()), "invitations.require", "a field that can be required", ["name"].into_iter(), problems);
    let mut offered = 0;
    for name in names(default.as_ref()) {
        let matching = policy.roles.iter().enumerate().filter(|(_, role)| role.name == *name || role.qualified == *name);
        let mask: RoleMask = matching.map(|(bit, _)| 1 << bit).fold(0, std::ops::BitOr::bitor);
        if mask == 0 {
            problems.unknown("invitations.default", name, "a role of this policy", policy.roles.iter().map(|role| role.name.as_str()));
        }
        offered |= mask;
    }
    let expires_after = expires_after.as_ref().and_then(|text| {
        let duration = milliseconds(text);
        if duration.is_none() {
            problems.add("invitations.expires_after", "wrong_type", format!("met \"{text}\", expected a number and `m`, `h`, `d` or `w`, such as `7d`"));
        }
        duration
    });
    Invitations {
        on_conflict: on_conflict.unwrap_or(OnConflict::Error),
        existing_users: existing_users.unwrap_or(ExistingUsers::Invite),
        require_name: require != 0,
        default: offered,
        approval: approval.unwrap_or(false),
        rotate: *link == Some(Link::Rotate),
        expires_after,
        recheck_inviter: recheck_inviter.unwrap_or(true),
        keep_records: keep_records.unwrap_or(true),
        on_member: on_member.unwrap_or(OnMember::Keep),
    }
}

/// `7d` in milliseconds: a positive number of minutes, hours, days or weeks.
fn milliseconds(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 604_800_000,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    // `parse` would take a sign too.
    let number: i64 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?;
    (number > 0 && number <= 1_000_000).then(|| number * unit)
}

fn endings(declared: Option<&EndingsDocument>, problems: &mut Problems) -> Endings {
    let reach = declared.and_then(|endings| endings.reach.as_ref()).map_or_else(|| vec![Reach::Scope], |reach| reach.0.clone());
    if reach.is_empty() && !problems.is_faulty("endings.reach") {
        problems.add("endings.reach", "contradiction", "an empty list: no ending would have a reach");
    }
    let default = declared.and_then(|endings| endings.default).unwrap_or_else(|| reach.first().copied().unwrap_or(Reach::Scope));
    if !reach.is_empty() && !reach.contains(&default) {
        problems.add("endings.default", "contradiction", "the default reach is not among those that `reach` allows");
    }
    Endings { reach, default }
}
