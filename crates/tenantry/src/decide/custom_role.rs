//! Roles of the tenant's own: `role.create`, `role.update` and `role.delete`. A change of what a role holds is one for
//! everybody who holds it, and for the role itself.

use std::collections::BTreeSet;

use crate::codes::Code;
use crate::directory::rows::{Extra, Group, Holdings, Offer, RoleRef, User};
use crate::directory::table::{Table, sorted_by_id};
use crate::directory::{Directory, ROOT};
use crate::document::policy::ChangeKind::{self, Give, Take};
use crate::document::request::Holders;
use crate::document::{Event, Remedy};

use super::claim::{Claim, Subject};
use super::member::{both, collect};
use super::outcome::{Denial, Effects};
use super::plan::{Case, Plan, no_role, not_found};
use super::reads::Key;

fn permissions(case: &Case) -> Result<Option<u128>, Denial> {
    let Some(names) = &case.ask.permissions else { return Ok(None) };
    let bit = |name: &String| case.policy().permission_named(name).ok_or_else(|| not_found("permissions"));
    Ok(Some(collect(names.iter().map(bit))?.into_iter().fold(0, |mask, bit| mask | 1 << bit)))
}

fn name_of(case: &Case) -> Option<String> {
    case.ask.name.clone()
}

/// Custom roles are the whole organization's: who holds one, and what its name is, is looked up everywhere.
fn note_everybody(case: &Case) {
    case.note(Key::Subtree(ROOT));
    case.directory.scopes.slots().for_each(|scope| case.note(Key::Holders(scope)));
}

/// Custom roles have different names, compared without case.
fn check_name(case: &Case, itself: Option<u32>) -> Result<(), Denial> {
    let Some(name) = case.ask.name.as_deref() else { return Ok(()) };
    note_everybody(case);
    let name = crate::email::fold(name.trim());
    let roles = &case.directory.custom_roles;
    let same =
        |role: u32| Some(role) != itself && roles.get(role).and_then(|row| row.name.as_deref()).is_some_and(|other| crate::email::fold(other.trim()) == name);
    if roles.slots().any(same) { Err(Denial::field(Code::NameTaken, "name")) } else { Ok(()) }
}

/// `role.create`
pub(crate) fn create<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let home = case.scope()?;
    let mask = permissions(case)?.unwrap_or(0);
    let object = Claim::membership(case.action, Give, home, Subject::Nobody);
    let claims = vec![Claim { permissions: Some(mask), ..object }];
    let effects = check_create(case, home).map(|()| {
        let role = case.new_id(case.ask.new_id.as_ref(), Key::NoCustomRole);
        let permissions = case.policy().permission_names(mask);
        Effects::events(vec![Event::CustomRoleCreated { role, scope: case.scope_id(home), name: name_of(case), permissions }])
    });
    Ok(Plan::new(claims, None, effects))
}

fn check_create(case: &Case, home: u32) -> Result<(), Denial> {
    case.check_archived(home)?;
    check_name(case, None)?;
    let declared = |id: &String| case.policy().roles.iter().any(|role| role.name == *id || role.qualified == *id);
    if case.ask.new_id.as_ref().is_some_and(declared) {
        return Err(Denial::field(Code::IdTaken, "new_id"));
    }
    case.check_free(case.ask.new_id.as_ref(), "new_id", Key::NoCustomRole)
}

/// The role of the ask; its home is the scope of the ask.
fn at_home(case: &Case) -> Result<(u32, u32), Denial> {
    let scope = case.scope()?;
    let id = case.ask.role.as_deref().unwrap_or_default();
    let found = case.directory.custom_roles.find(id);
    case.note_role(found.map(RoleRef::Custom), id);
    let role = found.ok_or_else(|| no_role("role", id))?;
    let home = case.directory.custom_roles.get(role).map_or(ROOT, |row| row.home);
    if home == scope { Ok((role, home)) } else { Err(no_role("role", id)) }
}

/// The grants of the role among somebody's, by scope.
fn grants_of(directory: &Directory, holdings: &Holdings, role: u32) -> Vec<Extra> {
    let mut grants: Vec<Extra> = holdings.extras().iter().filter(|extra| extra.role == RoleRef::Custom(role)).cloned().collect();
    grants.sort_by(|a, b| directory.scopes.id(a.scope).cmp(directory.scopes.id(b.scope)));
    grants
}

/// Rows by id.
fn rows<'t, T>(table: &'t Table<T>, slots: Option<&BTreeSet<u32>>) -> impl Iterator<Item = (u32, &'t T)> + use<'t, T> {
    sorted_by_id(table, slots.into_iter().flatten().copied()).into_iter().filter_map(|slot| Some((slot, table.get(slot)?)))
}

/// Users with a grant of the role of their own.
fn users_with(directory: &Directory, role: u32) -> impl Iterator<Item = (u32, &User)> {
    rows(&directory.users, directory.holders.get(role as usize).map(|holders| &holders.users))
}

/// Groups with a grant of the role.
fn groups_with(directory: &Directory, role: u32) -> impl Iterator<Item = (u32, &Group)> {
    rows(&directory.groups, directory.holders.get(role as usize).map(|holders| &holders.groups))
}

/// Everybody who holds the role: users by themselves, groups, and the users in those groups.
fn holders(case: &Case, role: u32) -> Vec<(Subject<'static>, Extra)> {
    let directory = case.directory;
    note_everybody(case);
    let mut found = Vec::new();
    for (user, row) in users_with(directory, role) {
        found.extend(grants_of(directory, &row.holdings, role).into_iter().map(|grant| (Subject::User(user), grant)));
    }
    for (group, row) in groups_with(directory, role) {
        for grant in grants_of(directory, &row.holdings, role) {
            found.push((Subject::Group(group), grant.clone()));
            let members = sorted_by_id(&directory.users, row.members.iter().copied());
            found.extend(members.into_iter().map(|member| (Subject::User(member), grant.clone())));
        }
    }
    found.iter().for_each(|(subject, _)| match subject {
        Subject::User(slot) => case.note(Key::User(*slot)),
        Subject::Group(slot) => case.note(Key::Group(*slot)),
        _ => {}
    });
    found
}

/// `role.update`
pub(crate) fn update<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    case.scope()?;
    let ((role, home), asked) = both(at_home(case), permissions(case))?;
    let old = case.directory.custom_roles.get(role).map_or(0, |row| row.permissions);
    let new = asked.unwrap_or(old);
    let mut claims = vec![Claim::fit(case.action, home, Subject::Nobody)];
    for (kind, differs) in [(Take, old & !new != 0), (Give, new & !old != 0)] {
        if differs {
            claims.extend(changes(case, role, home, kind, new));
        }
    }
    let effects = case.check_archived(home).and_then(|()| check_name(case, Some(role))).map(|()| updated(case, role, old, new));
    Ok(Plan::new(claims, None, effects))
}

fn changes<'r>(case: &Case<'r, '_>, role: u32, home: u32, kind: ChangeKind, new: u128) -> Vec<Claim<'r>> {
    let claim = |scope, subject| Claim { permissions: Some(new), ..Claim::role(case.action, kind, scope, subject, RoleRef::Custom(role)) };
    let object = claim(home, Subject::Nobody);
    let of_holder = |(subject, grant): (_, Extra)| Claim { source: case.policy().source(grant.source.as_deref()), ..claim(grant.scope, subject) };
    std::iter::once(object).chain(holders(case, role).into_iter().map(of_holder)).collect()
}

fn updated(case: &Case, role: u32, old: u128, new: u128) -> Effects {
    let row = case.directory.custom_roles.get(role);
    let name = name_of(case).filter(|name| row.and_then(|row| row.name.as_deref()) != Some(name));
    let permissions = (old != new).then(|| case.policy().permission_names(new));
    if name.is_none() && permissions.is_none() {
        return Effects::default();
    }
    Effects::events(vec![Event::CustomRoleUpdated { role: case.directory.custom_roles.id(role).to_owned(), name, permissions }])
}

/// `role.delete`
pub(crate) fn delete<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let (role, home) = at_home(case)?;
    let id = case.directory.custom_roles.id(role).to_owned();
    let holders = holders(case, role);
    let mut claims = vec![Claim::fit(case.action, home, Subject::Nobody)];
    let revokes = case.ask.holders == Some(Holders::Revoke);
    if revokes {
        claims.extend(holders.iter().map(|(subject, grant)| case.claim(case.action, Take, *subject, grant)));
    }
    let offers = offers_of(case, role);
    let in_use = !holders.is_empty() || !offers.is_empty();
    let effects = if in_use && !revokes {
        let mut denial = Denial::of(Code::RoleInUse).with(Remedy::Reassign { role: id.clone() });
        denial.reasons[0].role = Some(id);
        Err(denial)
    } else {
        let mut events = taken_events(case, role);
        events.extend(offers);
        events.push(Event::CustomRoleDeleted { role: id });
        Ok(Effects::events(events))
    };
    Ok(Plan::new(claims, None, effects))
}

/// The direct grants of the role, users first, each by id and scope.
fn taken_events(case: &Case, role: u32) -> Vec<Event> {
    let directory = case.directory;
    let mut events = Vec::new();
    for (user, row) in users_with(directory, role) {
        for Extra { scope, .. } in grants_of(directory, &row.holdings, role) {
            events.push(case.taken(directory.users.id(user), scope, RoleRef::Custom(role)));
            if scope != ROOT && directory.grants_at(&row.holdings, scope).len() == 1 {
                let (user_id, scope) = (case.user_id(user), case.scope_id(scope));
                events.push(Event::MemberRemoved { user: user_id, scope, by: case.ended_by(user) });
            }
        }
    }
    for (group, row) in groups_with(directory, role) {
        events.extend(super::group::group_events(case, group, &grants_of(directory, &row.holdings, role), false));
    }
    events
}

/// Open offers of the role lose it; one that offers nothing else is revoked.
fn offers_of(case: &Case, role: u32) -> Vec<Event> {
    let directory = case.directory;
    let mut events = Vec::new();
    for slot in sorted_by_id(&directory.invitations, directory.invitations.slots()) {
        let Some(row) = directory.invitations.get(slot).filter(|row| row.is_open()) else { continue };
        let without = |offer: &Offer| {
            let roles: Vec<Extra> = offer.roles.iter().filter(|grant| grant.role != RoleRef::Custom(role)).cloned().collect();
            (!roles.is_empty()).then_some(Offer { scope: offer.scope, roles })
        };
        let left: Vec<Offer> = row.offers.iter().filter_map(without).collect();
        if left == row.offers {
            continue;
        }
        case.note(Key::Invitation(slot));
        let invitation = directory.invitations.id(slot).to_owned();
        events.push(if left.is_empty() {
            Event::InvitationRevoked { invitation }
        } else {
            let (inviter, created_at, expires_at) = (row.inviter.clone(), row.created_at, row.expires_at);
            Event::InvitationUpdated { invitation, scopes: directory.offers_doc(&left), inviter, created_at, expires_at }
        });
    }
    events
}
