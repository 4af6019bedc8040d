//! Groups: `group.create`, `group.delete`, `group.add`, `group.remove`, `group.grant` and `group.revoke`. A change of a group,
//! or of what it holds, is one for everybody in it and for the group itself.

use crate::codes::Code;
use crate::directory::ROOT;
use crate::directory::rows::Extra;
use crate::directory::table::sorted_by_id;
use crate::document::Event;
use crate::document::policy::ChangeKind::{self, Give, Take};
use crate::policy::actions::Verb;

use super::claim::{Claim, Subject};
use super::member::{both, collect, compare, distinct, with};
use super::outcome::{Denial, Effects};
use super::plan::{Case, Plan, Step};
use super::reads::Key;

/// The group of the ask; its home is the scope of the ask.
fn at_home(case: &Case) -> Result<(u32, u32), Denial> {
    let scope = case.scope()?;
    let group = case.group_named()?;
    let home = case.directory.groups.get(group).map_or(ROOT, |row| row.home);
    if home == scope { Ok((group, home)) } else { Err(case.no_group()) }
}

/// Every grant of the group, in order of scopes and roles.
pub(crate) fn all_grants(case: &Case, group: u32) -> Vec<Extra> {
    case.directory.groups.get(group).map(|row| case.directory.all_grants(&row.holdings)).unwrap_or_default()
}

/// A change of the group's grants: for the group itself, and for each member.
pub(crate) fn each_reached<'r>(case: &Case<'r, '_>, group: u32, kind: ChangeKind, grants: &[Extra]) -> Vec<Claim<'r>> {
    let members = case.directory.groups.get(group).map(|row| row.members.clone()).unwrap_or_default();
    let members = sorted_by_id(&case.directory.users, members.into_iter());
    if grants.is_empty() {
        return Vec::new();
    }
    members.iter().for_each(|&member| case.note(Key::User(member)));
    let subjects = || std::iter::once(Subject::Group(group)).chain(members.iter().map(|&member| Subject::User(member)));
    let claim = |grant: &Extra, subject| Claim { group: Some(group), ..case.claim(case.action, kind, subject, grant) };
    grants.iter().flat_map(|grant| subjects().map(move |subject| claim(grant, subject))).collect()
}

/// The change of a group's grants, as events.
pub(crate) fn group_events(case: &Case, group: u32, grants: &[Extra], given: bool) -> Vec<Event> {
    let id = case.directory.groups.id(group).to_owned();
    let event = |grant: &Extra| {
        let (scope, role) = (case.scope_id(grant.scope), case.directory.role_name(grant.role).to_owned());
        if given {
            let source = grant.source.as_deref().map(str::to_owned);
            Event::RoleGiven { user: None, group: Some(id.clone()), scope, role, expires_at: grant.expires_at, source }
        } else {
            Event::RoleTaken { user: None, group: Some(id.clone()), scope, role }
        }
    };
    grants.iter().map(event).collect()
}

fn fit<'r>(case: &Case<'r, '_>, scope: u32, group: u32, subject: Subject<'r>) -> Claim<'r> {
    Claim { group: Some(group), ..Claim::fit(case.action, scope, subject) }
}

/// `group.create`
pub(crate) fn create<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    let claims = vec![Claim::fit(case.action, scope, Subject::Nobody)];
    let effects = check_create(case, scope).map(|()| {
        let group = case.new_id(case.ask.new_id.as_ref(), Key::NoGroup);
        Effects::events(vec![Event::GroupCreated { group, scope: case.scope_id(scope), name: case.ask.name.clone() }])
    });
    Ok(Plan::new(claims, None, effects))
}

fn check_create(case: &Case, scope: u32) -> Result<(), Denial> {
    case.check_archived(scope)?;
    case.note(Key::Holders(scope));
    let groups = &case.directory.groups;
    let name = crate::email::fold(case.ask.name.as_deref().unwrap_or_default().trim());
    let same = |group: u32| {
        groups.get(group).is_some_and(|row| row.home == scope && row.name.as_deref().is_some_and(|other| crate::email::fold(other.trim()) == name))
    };
    if groups.slots().any(same) {
        return Err(Denial::field(Code::NameTaken, "name"));
    }
    case.check_free(case.ask.new_id.as_ref(), "new_id", Key::NoGroup)
}

/// `group.delete`
pub(crate) fn delete<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let (group, home) = at_home(case)?;
    let grants = all_grants(case, group);
    let mut claims = vec![fit(case, home, group, Subject::Group(group))];
    claims.extend(each_reached(case, group, Take, &grants));
    let mut events = group_events(case, group, &grants, false);
    events.push(Event::GroupDeleted { group: case.directory.groups.id(group).to_owned() });
    Ok(Plan::new(claims, None, Ok(Effects::events(events))))
}

/// `group.add` and `group.remove`
pub(crate) fn member<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    case.scope()?;
    let ((group, home), target) = both(at_home(case), case.target())?;
    let adds = case.verb() == Some(Verb::GroupAdd);
    let is_member = case.directory.groups.get(group).is_some_and(|row| row.members.contains(&target));
    let (id, user) = (case.directory.groups.id(group).to_owned(), case.user_id(target));
    if adds == is_member {
        let check = if adds { case.check_archived(home) } else { Ok(()) };
        return Ok(Plan::new(vec![fit(case, home, group, Subject::User(target))], Some(target), check.map(|()| Effects::default())));
    }
    let kind = if adds { Give } else { Take };
    let subject = Subject::User(target);
    let with_group = |claim: Claim<'r>| Claim { group: Some(group), ..claim };
    let mut claims = vec![with_group(Claim::membership(case.action, kind, home, subject))];
    claims.extend(all_grants(case, group).iter().map(|grant| with_group(case.claim(case.action, kind, subject, grant))));
    let event = if adds { Event::GroupMemberAdded { group: id, user } } else { Event::GroupMemberRemoved { group: id, user } };
    let check = if adds { case.check_archived(home) } else { Ok(()) };
    Ok(Plan::new(claims, Some(target), check.map(|()| Effects::events(vec![event]))))
}

/// `group.grant`: a grant that ends sooner than before is a take.
pub(crate) fn grant<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let (scope, group, held, asked) = asked_roles(case)?;
    let mut result = distinct(asked).into_iter().fold(held.clone(), with);
    case.directory.sort_grants(&mut result);
    let difference = compare(case, held, result);
    let changed = difference.changed;
    let mut claims = each_reached(case, group, Take, &difference.shortened);
    claims.extend(each_reached(case, group, Give, &difference.gives));
    if claims.is_empty() {
        claims.push(fit(case, scope, group, Subject::Group(group)));
    }
    let check = case.check_archived(scope).and_then(|()| case.check_grants(changed.iter()));
    let steps = role_by_role(case, group, &claims, &changed, |grant| difference.gives.contains(grant), true);
    Ok(Plan { steps, ..Plan::new(claims, None, check.map(|()| Effects::events(group_events(case, group, &changed, true)))) })
}

/// `group.revoke`
pub(crate) fn revoke<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let (scope, group, mut held, asked) = asked_roles(case)?;
    held.retain(|grant| asked.iter().any(|other| other.role == grant.role));
    let mut claims = each_reached(case, group, Take, &held);
    if claims.is_empty() {
        claims.push(fit(case, scope, group, Subject::Group(group)));
    }
    let steps = role_by_role(case, group, &claims, &held, |_| false, false);
    Ok(Plan { steps, ..Plan::new(claims, None, Ok(Effects::events(group_events(case, group, &held, false)))) })
}

/// The change of each role, for the group and for everybody in it at once.
fn role_by_role<'r>(case: &Case, group: u32, claims: &[Claim<'r>], grants: &[Extra], is_new: impl Fn(&Extra) -> bool, given: bool) -> Vec<Step<'r>> {
    let of_role = |grant: &Extra| claims.iter().filter(|claim| claim.role == Some(grant.role)).copied().collect();
    let step = |grant: &Extra| {
        let events = group_events(case, group, std::slice::from_ref(grant), given);
        Step { claims: of_role(grant), events, gives: is_new(grant) }
    };
    grants.iter().map(step).collect()
}

/// Scope and group of the ask, what the group holds there, and the roles that the ask names.
fn asked_roles(case: &Case) -> Result<(u32, u32, Vec<Extra>, Vec<Extra>), Denial> {
    let scope = case.scope()?;
    let asked = collect(case.ask.roles.iter().flatten().map(|role| case.grant(scope, role, "roles")));
    let (group, asked) = both(case.group_named(), asked)?;
    let held = case.directory.groups.get(group).map(|row| case.directory.grants_at(&row.holdings, scope)).unwrap_or_default();
    Ok((scope, group, held, asked))
}
