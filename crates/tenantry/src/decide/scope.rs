//! The tree: `organization.create`, `scope.create`, `scope.configure`, `scope.move`, `scope.archive`, `scope.restore` and
//! `scope.delete`.

use std::collections::BTreeSet;

use crate::bounds;
use crate::codes::Code;
use crate::directory::rows::{Extra, Holdings, RoleRef, Scope};
use crate::directory::standing::{Standing, View};
use crate::directory::table::sorted_by_id;
use crate::directory::{Directory, ROOT};
use crate::document::policy::ChangeKind::{Give, Status as StatusChange, Take};
use crate::document::snapshot::{ScopeStatus, UserKind};
use crate::document::{Event, Facts};
use crate::policy::actions::Verb;
use crate::policy::catalog::bits;

use super::claim::{Claim, Subject};
use super::conditions::Who;
use super::ending::without;
use super::member::{added, both, collect, each};
use super::outcome::{Denial, Effects};
use super::plan::{Case, Plan, no_role, not_found};
use super::reads::Key;

/// `organization.create`
pub(crate) fn create_organization<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let Some(user) = &case.ask.user else { return Err(not_found("user")) };
    let named = |name: &str| case.policy().role_named(0, name).map(RoleRef::Declared);
    let grants = collect(case.ask.roles.iter().flatten().map(|role| {
        let found = named(&role.role).ok_or_else(|| no_role("roles", &role.role))?;
        Ok(Extra { scope: ROOT, role: found, expires_at: role.expires_at, source: role.source.as_deref().map(Into::into) })
    }))?;
    let mut grants = grants;
    case.directory.sort_grants(&mut grants);
    grants.dedup_by_key(|grant| grant.role);
    let subject = Subject::Newcomer(user, case.address);
    let claims = super::member::give_claims(case, case.action, subject, &[(ROOT, grants.clone())]);
    case.note(Key::Scope(ROOT));
    let effects = check_new_organization(case, &grants).map(|()| {
        let id = case.new_id(user.id.as_ref(), Key::NoUser);
        let scope = case.directory.organization.to_string();
        let created = Event::OrganizationCreated { scope, name: case.ask.name.clone(), attributes: case.ask.attributes.clone().unwrap_or_default() };
        let mut events = vec![created, added(&id, user, user.email.clone(), user.verified)];
        events.extend(grants.iter().map(|grant| case.given(&id, grant)));
        Effects::events(events)
    });
    Ok(Plan::new(claims, None, effects))
}

fn check_new_organization(case: &Case, grants: &[Extra]) -> Result<(), Denial> {
    if case.directory.exists() {
        return Err(Denial::of(Code::AlreadyExists));
    }
    if case.ask.user.as_ref().is_some_and(|user| user.email.is_some()) && case.address.is_none() {
        return Err(Denial::field(Code::InvalidEmail, "user.email"));
    }
    if case.ask.user.as_ref().is_some_and(|user| user.kind == UserKind::Service || user.owner.is_some()) {
        return Err(Denial::field(Code::OwnerRequired, "user.owner"));
    }
    if grants.is_empty() {
        return Err(Denial::of(Code::RoleRequired));
    }
    if case.policy().kinds[0].one_role && grants.len() > 1 {
        return Err(Denial::of(Code::TooManyRoles));
    }
    case.check_grants(grants.iter())
}

/// `scope.create`
pub(crate) fn create<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let parent = case.scope()?;
    let kind_name = case.ask.kind.as_deref().unwrap_or_default();
    let kind = case.policy().kind_named(kind_name).ok_or_else(|| not_found("kind"))?;
    let claims = vec![Claim::fit(case.action, parent, Subject::Nobody)];
    let effects = check_create(case, parent, kind).map(|()| {
        let scope = case.new_id(case.ask.new_id.as_ref(), Key::NoScope);
        let mut events = vec![Event::ScopeCreated {
            scope: scope.clone(),
            kind: kind_name.to_owned(),
            parent: case.scope_id(parent),
            name: case.ask.name.clone(),
            attributes: case.ask.attributes.clone().unwrap_or_default(),
        }];
        if let (Some(bit), Who::User(actor)) = (case.policy().kinds[usize::from(kind)].creator, case.who) {
            let role = case.policy().roles[usize::from(bit)].name.clone();
            events.push(Event::RoleGiven { user: Some(case.user_id(actor)), group: None, scope, role, expires_at: None, source: None });
        }
        Effects::events(events)
    });
    Ok(Plan::new(claims, None, effects))
}

fn check_create(case: &Case, parent: u32, kind: u8) -> Result<(), Denial> {
    case.check_archived(parent)?;
    check_parent(case, parent, kind, 0)?;
    check_name(case, parent, None)?;
    case.check_free(case.ask.new_id.as_ref(), "new_id", Key::NoScope)?;
    check_attributes(case, kind)
}

/// Whether a kind, with `below` levels under it, may hang under the parent.
fn check_parent(case: &Case, parent: u32, kind: u8, below: usize) -> Result<(), Denial> {
    let place = case.scope_id(parent);
    let Some(above) = case.directory.scopes.get(parent) else { return Err(Denial::at(Code::WrongParent, &place)) };
    if case.policy().kinds[usize::from(kind)].under >> above.kind & 1 == 0 {
        return Err(Denial::at(Code::WrongParent, &place));
    }
    if usize::from(above.depth) + 2 + below > bounds::SCOPE_DEPTH.max {
        return Err(Denial::at(Code::TooDeep, &place));
    }
    Ok(())
}

/// Siblings have different names, compared without case.
fn check_name(case: &Case, parent: u32, itself: Option<u32>) -> Result<(), Denial> {
    case.note(Key::Subtree(parent));
    let own = itself.and_then(|scope| case.directory.scopes.get(scope)).and_then(|row| row.name.as_deref());
    let Some(name) = case.ask.name.as_deref().or(own) else { return Ok(()) };
    let name = crate::email::fold(name.trim());
    let taken = case.directory.hangers[parent as usize].children.iter().any(|&sibling| {
        Some(sibling) != itself
            && case.directory.scopes.get(sibling).and_then(|row| row.name.as_deref()).is_some_and(|other| crate::email::fold(other.trim()) == name)
    });
    if taken { Err(Denial::field(Code::NameTaken, "name")) } else { Ok(()) }
}

/// Users set only what the kind lists under `settings`; systems set every attribute.
fn check_attributes(case: &Case, kind: u8) -> Result<(), Denial> {
    if matches!(case.who, Who::System(_)) {
        return Ok(());
    }
    let settings = &case.policy().kinds[usize::from(kind)].settings;
    let unlisted = case.ask.attributes.iter().flat_map(|facts| facts.0.keys()).filter(|name| !settings.contains(name));
    each(unlisted.map(|name| Err(Denial::field(Code::FieldNotEditable, name))))
}

/// `scope.configure`
pub(crate) fn configure<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    let claims = vec![Claim::fit(case.action, scope, Subject::Nobody)];
    let effects = check_configure(case, scope).map(|()| {
        let Some(row) = case.directory.scopes.get(scope) else { return Effects::default() };
        let name = case.ask.name.clone().filter(|name| row.name.as_deref() != Some(name));
        let asked = case.ask.attributes.iter().flat_map(|facts| &facts.0);
        let attributes =
            Facts(asked.filter(|(name, value)| row.attributes.get(name) != Some(value)).map(|(name, value)| (name.clone(), value.clone())).collect());
        if name.is_none() && attributes.is_empty() {
            return Effects::default();
        }
        Effects::events(vec![Event::ScopeConfigured { scope: case.scope_id(scope), name, attributes }])
    });
    Ok(Plan::new(claims, None, effects))
}

fn check_configure(case: &Case, scope: u32) -> Result<(), Denial> {
    case.check_archived(scope)?;
    let Some(row) = case.directory.scopes.get(scope) else { return Ok(()) };
    if let (Some(parent), Some(_)) = (row.parent(), &case.ask.name) {
        check_name(case, parent, Some(scope))?;
    }
    check_attributes(case, row.kind)
}

/// `scope.move`: judged at the scope, where it hangs and where it is to hang; what flows down differently is given and
/// taken.
pub(crate) fn move_to<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let (scope, parent) = both(case.scope(), case.scope_named(case.ask.parent.as_deref().unwrap_or_default(), "parent"))?;
    let old = case.directory.scopes.get(scope).and_then(|row| row.parent());
    let mut claims: Vec<Claim> = [Some(scope), old, Some(parent)].into_iter().flatten().map(|at| Claim::fit(case.action, at, Subject::Nobody)).collect();
    let check = check_move(case, scope, parent);
    // What cannot hang there at all (inside itself, or below the last level) changes nobody's roles; any other fault is found
    // after the judgement.
    let into_itself = case.directory.scopes.get(parent).is_some_and(|above| case.directory.depth_on_path(scope, above).is_some());
    if let (Some(old), false) = (old, into_itself) {
        claims.extend(flow_claims(case, scope, old, parent));
    }
    let effects = check.map(|()| match old {
        Some(old) if old != parent => {
            Effects::events(vec![Event::ScopeMoved { scope: case.scope_id(scope), from: case.scope_id(old), to: case.scope_id(parent) }])
        }
        _ => Effects::default(),
    });
    Ok(Plan::new(claims, None, effects))
}

fn check_move(case: &Case, scope: u32, parent: u32) -> Result<(), Denial> {
    let directory = case.directory;
    let place = case.scope_id(scope);
    let (Some(row), Some(above)) = (directory.scopes.get(scope), directory.scopes.get(parent)) else { return Ok(()) };
    if scope == ROOT {
        return Err(Denial::at(Code::RootScope, &place));
    }
    case.check_all_open([scope, parent].into_iter())?;
    if directory.depth_on_path(scope, above).is_some() {
        return Err(Denial::at(Code::ScopeCycle, &place));
    }
    let deepest = directory.subtree(scope).into_iter().filter_map(|below| directory.scopes.get(below)).map(|below| below.depth).max();
    check_parent(case, parent, row.kind, usize::from(deepest.unwrap_or(row.depth) - row.depth))?;
    check_name(case, parent, Some(scope))
}

/// What flows into the scope from its old place and not from the new one is taken, the other way round given: for every
/// user and group that holds something above.
fn flow_claims<'r>(case: &Case<'r, '_>, scope: u32, old: u32, new: u32) -> Vec<Claim<'r>> {
    let directory = case.directory;
    case.note(Key::Subtree(scope));
    for place in [old, new].into_iter().filter_map(|place| directory.scopes.get(place)) {
        place.path().iter().for_each(|&above| case.note(Key::Holders(above)));
    }
    let (Some(from), Some(to)) = (directory.scopes.get(scope), hung(directory, scope, new)) else { return Vec::new() };
    let places = (from, &to);
    let mut claims = Vec::new();
    let users: BTreeSet<u32> = directory.users_at(scope).into_iter().chain(directory.users_at(new)).collect();
    for user in sorted_by_id(&directory.users, users.into_iter()) {
        claims.extend(flow_changes(case, places, Subject::User(user), |at| {
            directory.users.get(user).map(|row| directory.standing_of(row, at, case.now(), View::WHATEVER)).unwrap_or_default()
        }));
    }
    for user in woken(case, places) {
        case.note(Key::User(user));
        claims.push(Claim::membership(case.action, StatusChange, scope, Subject::User(user)));
    }
    for group in sorted_by_id(&directory.groups, directory.groups.slots()) {
        claims.extend(flow_changes(case, places, Subject::Group(group), |at| directory.group_standing(group, at, case.now())));
    }
    claims
}

/// The scope as it would be under another parent.
fn hung(directory: &Directory, scope: u32, parent: u32) -> Option<Scope> {
    directory.new_scope(scope, directory.scopes.get(scope)?.kind, Some(parent))
}

/// Users who hold something there or below, and whom a deactivation above reaches before or after the move, and not both times.
fn woken(case: &Case, (from, to): (&Scope, &Scope)) -> Vec<u32> {
    let directory = case.directory;
    let below: Vec<&Scope> = directory.subtree(from.slot()).into_iter().filter_map(|scope| directory.scopes.get(scope)).collect();
    let concerned = |&user: &u32| {
        let Some(row) = directory.users.get(user).filter(|row| !row.deactivated().is_empty()) else { return false };
        let holds = |at: &Scope| directory.standing_of(row, at, case.now(), View::WHATEVER).any();
        let differs = directory.status_at(row, from) != directory.status_at(row, to);
        differs && (holds(to) || below.iter().any(|at| holds(at)))
    };
    sorted_by_id(&directory.users, directory.users.slots().filter(concerned))
}

/// What a user or group holds at the scope under one parent and not under the other.
fn flow_changes<'r>(case: &Case<'r, '_>, (from, to): (&Scope, &Scope), subject: Subject<'r>, standing: impl Fn(&Scope) -> Standing) -> Vec<Claim<'r>> {
    let (before, after) = (standing(from), standing(to));
    let claim = |kind, role| Claim::role(case.action, kind, from.slot(), subject, role);
    let (held, holds) = (before.own | before.layered, after.own | after.layered);
    let mut claims: Vec<Claim> = bits(held & !holds).map(|bit| claim(Take, RoleRef::Declared(bit))).collect();
    claims.extend(bits(holds & !held).map(|bit| claim(Give, RoleRef::Declared(bit))));
    if before.custom || after.custom {
        let holdings = holdings_of(case, subject);
        // Custom roles flow with their permissions: the roles themselves are looked at one by one.
        for role in sorted_by_id(&case.directory.custom_roles, case.directory.custom_roles.slots()) {
            let holds = |at: &Scope| holdings.iter().any(|holdings| case.directory.gives_custom(holdings, role, at, case.now()));
            match (holds(from), holds(to)) {
                (true, false) => claims.push(claim(Take, RoleRef::Custom(role))),
                (false, true) => claims.push(claim(Give, RoleRef::Custom(role))),
                _ => {}
            }
        }
    }
    if !claims.is_empty() {
        match subject {
            Subject::User(user) => case.note(Key::User(user)),
            Subject::Group(group) => case.note(Key::Group(group)),
            _ => {}
        }
    }
    claims
}

/// What a user (with its groups) or a group holds.
fn holdings_of<'d>(case: &Case<'_, 'd>, subject: Subject) -> Vec<&'d Holdings> {
    let directory = case.directory;
    let of_group = |group: u32| directory.groups.get(group).map(|row| &row.holdings);
    match subject {
        Subject::User(user) => {
            directory.users.get(user).into_iter().flat_map(|row| row.groups().iter().filter_map(|&group| of_group(group)).chain([&row.holdings])).collect()
        }
        Subject::Group(group) => of_group(group).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// `scope.archive` and `scope.restore`
pub(crate) fn set_status<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    let claims = vec![Claim::fit(case.action, scope, Subject::Nobody)];
    let archives = case.verb() == Some(Verb::ScopeArchive);
    let effects = if scope == ROOT {
        Err(Denial::at(Code::RootScope, &case.scope_id(scope)))
    } else {
        let is_archived = case.directory.scopes.get(scope).is_some_and(|row| row.status == ScopeStatus::Archived);
        let id = case.scope_id(scope);
        Ok(match (archives, is_archived) {
            (true, false) => Effects::events(vec![Event::ScopeArchived { scope: id }]),
            (false, true) => Effects::events(vec![Event::ScopeRestored { scope: id }]),
            _ => Effects::default(),
        })
    };
    Ok(Plan::new(claims, None, effects))
}

/// `scope.delete`: takes every grant there, and withdraws what is offered there.
pub(crate) fn delete<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    let directory = case.directory;
    case.note(Key::Subtree(scope));
    case.note(Key::Holders(scope));
    let hangers = &directory.hangers[scope as usize];
    let mut claims = vec![Claim::fit(case.action, scope, Subject::Nobody)];
    let mut events = Vec::new();
    for user in sorted_by_id(&directory.users, hangers.users.iter().copied()) {
        case.note(Key::User(user));
        let grants = directory.users.get(user).map(|row| directory.grants_at(&row.holdings, scope)).unwrap_or_default();
        claims.extend(grants.iter().map(|grant| case.claim(case.action, Take, Subject::User(user), grant)));
        let id = case.user_id(user);
        events.extend(grants.iter().map(|grant| case.taken(&id, scope, grant.role)));
    }
    for group in sorted_by_id(&directory.groups, hangers.groups.iter().copied()) {
        case.note(Key::Group(group));
        let grants = directory.groups.get(group).map(|row| directory.grants_at(&row.holdings, scope)).unwrap_or_default();
        claims.extend(super::group::each_reached(case, group, Take, &grants));
        events.extend(super::group::group_events(case, group, &grants, false));
    }
    for slot in sorted_by_id(&directory.invitations, hangers.offers.iter().copied()) {
        let Some(row) = directory.invitations.get(slot) else { continue };
        case.note(Key::Invitation(slot));
        events.push(without(case, slot, row, |other| other != scope));
    }
    events.push(Event::ScopeDeleted { scope: case.scope_id(scope) });
    let effects = check_delete(case, scope).map(|()| Effects::events(events));
    Ok(Plan::new(claims, None, effects))
}

fn check_delete(case: &Case, scope: u32) -> Result<(), Denial> {
    let directory = case.directory;
    let place = case.scope_id(scope);
    if scope == ROOT {
        return Err(Denial::at(Code::RootScope, &place));
    }
    let homes_groups = directory.groups.slots().any(|group| directory.groups.get(group).is_some_and(|row| row.home == scope));
    let homes_roles = directory.custom_roles.slots().any(|role| directory.custom_roles.get(role).is_some_and(|row| row.home == scope));
    let empty = directory.hangers[scope as usize].children.is_empty() && !homes_groups && !homes_roles;
    if empty { Ok(()) } else { Err(Denial::at(Code::ScopeNotEmpty, &place)) }
}
