//! A small organization at the beginning: four people who hold this or that, and what there is for them to be given.

use proptest::prelude::*;
use tenantry::document::snapshot::{CustomRoleRow, GrantRow, GroupRow, ScopeRow, ScopeStatus, UserRow};
use tenantry::document::{Facts, Snapshot};

use crate::policies::{Custom, Shape};

/// The organization, and the workspace below it: as the frame of a proof names them.
pub const ACME: &str = "acme";
pub const WEST: &str = "workspace";

pub const ROLES: [&str; 3] = ["high", "mid", "low"];
/// The role of the workspace.
pub const HAND: &str = "hand";
/// A role of the tenant's own that permits to pay, and one that permits nothing.
pub const PAYER: &str = "payer";
pub const PLAIN: &str = "plain";

/// A group of two people.
pub const BOTH: &str = "both";
/// A group that holds two roles, with nobody in it.
pub const SEVERAL: &str = "several";

/// Something that is held, and how.
#[derive(Debug, Clone, Copy)]
pub struct Dress {
    pub role: &'static str,
    pub place: &'static str,
    /// By a grant of one's own; else through the group that somebody is in alone.
    pub own: bool,
}

/// Somebody with what it holds.
#[derive(Debug, Clone)]
pub struct Dressed {
    pub id: &'static str,
    pub held: Vec<Dress>,
}

/// Every role that can be held, with its place: declared ones, and the tenant's own.
pub fn roles_of(shape: Shape) -> Vec<(&'static str, &'static str)> {
    let customs: &[&str] = if shape.custom == Custom::No { &[] } else { &[PAYER, PLAIN] };
    shape.places().into_iter().flat_map(|(place, declared)| declared.into_iter().chain(customs.iter().copied()).map(move |role| (place, role))).collect()
}

/// What somebody holds beside the role by which it is chosen: as a rule nothing.
pub fn dresses(shape: Shape, groups: bool) -> impl Strategy<Value = Vec<Dress>> {
    let all: Vec<Dress> = roles_of(shape).into_iter().flat_map(|(place, role)| [true, false].map(|own| Dress { role, place, own })).collect();
    let worn: Vec<Dress> = all.into_iter().filter(|dress| if dress.own { dress.place != ACME || !ROLES.contains(&dress.role) } else { groups }).collect();
    if worn.is_empty() { Just(Vec::new()).boxed() } else { prop::collection::vec(prop::sample::select(worn), 0..3).boxed() }
}

/// Four people of an organization, and somebody to come.
pub fn organization(shape: Shape, people: &[Dressed]) -> Snapshot {
    let mut state = Snapshot::empty(ACME);
    state.scopes = shape.places().iter().map(|(place, _)| scope(place)).collect();
    for Dressed { id, held } in people {
        state.users.push(UserRow { id: (*id).to_owned(), email: Some(format!("{id}@acme.example")), verified: true, ..UserRow::default() });
        state.groups.push(group(&team_of(id), vec![(*id).to_owned()]));
        held.iter().for_each(|dress| put_on(&mut state, shape, id, *dress));
    }
    if shape.custom != Custom::No {
        state.custom_roles = vec![custom(PAYER, &["billing"]), custom(PLAIN, &[])];
    }
    // The first two are in one group, and what there is to be put into holds one role, or two.
    state.groups.push(group(BOTH, people.iter().take(2).map(|one| one.id.to_owned()).collect()));
    state.groups.push(group(SEVERAL, Vec::new()));
    let all = roles_of(shape);
    state.grants.extend(all.iter().take(2).map(|(place, role)| held_by_group(SEVERAL, place, role)));
    for (place, role) in all {
        state.groups.push(group(&holders_of(place, role), Vec::new()));
        state.grants.push(held_by_group(&holders_of(place, role), place, role));
    }
    state
}

/// Where one role is held there is room for one grant, and nothing is granted twice.
fn put_on(state: &mut Snapshot, shape: Shape, id: &str, Dress { role, place, own }: Dress) {
    let team = team_of(id);
    let has = |grant: &GrantRow| grant.scope == place && if own { grant.user.as_deref() == Some(id) } else { grant.group.as_ref() == Some(&team) };
    let full = |grant: &GrantRow| has(grant) && (grant.role == role || (own && shape.holds_one(place)));
    if !state.grants.iter().any(full) {
        let held = if own { GrantRow { user: Some(id.to_owned()), group: None, ..held_by_group("", place, role) } } else { held_by_group(&team, place, role) };
        state.grants.push(held);
    }
}

fn scope(place: &str) -> ScopeRow {
    let (kind, parent) = if place == ACME { ("organization", None) } else { ("workspace", Some(ACME.to_owned())) };
    ScopeRow { id: place.to_owned(), kind: kind.to_owned(), parent, name: None, status: ScopeStatus::Active, attributes: Facts::default(), version: 0 }
}

fn custom(id: &str, permissions: &[&str]) -> CustomRoleRow {
    let permissions = permissions.iter().map(|&name| name.to_owned()).collect();
    CustomRoleRow { id: id.to_owned(), name: None, scope: ACME.to_owned(), permissions, version: 0 }
}

fn held_by_group(group: &str, place: &str, role: &str) -> GrantRow {
    GrantRow { scope: place.to_owned(), group: Some(group.to_owned()), role: role.to_owned(), ..GrantRow::default() }
}

fn group(id: &str, members: Vec<String>) -> GroupRow {
    GroupRow { id: id.to_owned(), name: None, scope: ACME.to_owned(), members, managers: Vec::new(), source: None, version: 0 }
}

/// The group that somebody is in alone.
pub fn team_of(id: &str) -> String {
    format!("{id}-team")
}

/// The group that holds a role, with nobody in it.
pub fn holders_of(place: &str, role: &str) -> String {
    format!("{place}-{role}-holders")
}
