//! Step 7: invariants of the state after the request. A keep denies if what it counts ends on the wrong side and worse than
//! before.

use std::collections::BTreeSet;

use tenantry::Code;
use tenantry::document::snapshot::{GrantRow, InvitationRow, InvitationStatus, Status, UserKind, UserRow};
use tenantry::document::{Fact, Facts, Reason, Remedy, Snapshot};

use super::conditions::{About, View, roles_named};
use super::judge::{Denial, words_of};
use super::met::note;
use super::world::{RoleId, Subject, World, canonical_of};
use super::written::{Count, Keep, Person, Pointed};

/// What is asked about a keep: the state before, the state after, and who asks.
pub struct Change<'a> {
    pub before: World<'a>,
    pub after: World<'a>,
    pub view: &'a View<'a>,
    /// What the items of the request are about: an exception must hold for each of them.
    pub resources: &'a [Option<&'a Facts>],
    /// The target of the request, for `unless` and for reasons.
    pub target: Option<&'a str>,
}

/// Every keep that breaks gives its reasons, in the policy's order.
pub fn judge_keeps(change: &Change) -> Result<(), Denial> {
    let mut denial = Denial::default();
    for keep in &change.after.written.keep {
        let (reasons, remedies) = broken(change, keep);
        if denial.reasons.is_empty() {
            denial.remedies = remedies;
        }
        denial.reasons.extend(reasons);
    }
    if denial.reasons.is_empty() { Ok(()) } else { Err(denial) }
}

fn broken(change: &Change, keep: &Keep) -> (Vec<Reason>, Vec<Remedy>) {
    if let Some(exclusive) = &keep.exclusive {
        return (broken_exclusive(change, keep, exclusive), Vec::new());
    }
    let Some(count) = &keep.count else { return (Vec::new(), Vec::new()) };
    if keep.each.as_deref() == Some("user") { (broken_for_users(change, keep, count), Vec::new()) } else { broken_at_scopes(change, keep, count) }
}

/// The people of each scope.
fn broken_at_scopes(change: &Change, keep: &Keep, count: &Count) -> (Vec<Reason>, Vec<Remedy>) {
    let (mut reasons, mut remedies) = (Vec::new(), Vec::new());
    for scope in scopes_of(change, keep) {
        let before = is_open(&change.before, &scope).then(|| people(&change.before, change.view, count, &scope));
        let after = people(&change.after, change.view, count, &scope);
        let Some(side) = wrong_side(change, keep, &scope, before, after) else { continue };
        let reason = Reason { scope: Some(scope.clone()), ..reason_of(keep, side.code()) };
        if reasons.is_empty() {
            remedies = remedies_of(change, count, &scope, side);
        }
        reasons.push(reason);
    }
    (reasons, remedies)
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    TooFew,
    TooMany,
}

impl Side {
    fn code(self) -> Code {
        if self == Side::TooFew { Code::BelowMinimum } else { Code::AboveMaximum }
    }
}

/// On the wrong side, and worse than before. What was not there before, or archived, may begin below its minimum.
fn wrong_side(change: &Change, keep: &Keep, scope: &str, before: Option<usize>, after: usize) -> Option<Side> {
    let least = keep.at_least.as_ref().or(keep.exactly.as_ref()).and_then(|bound| number(change, bound, scope));
    let most = keep.at_most.as_ref().or(keep.exactly.as_ref()).and_then(|bound| number(change, bound, scope));
    let (before, after) = (before.map(|before| before as i64), after as i64);
    let too_few = least.is_some_and(|least| note("keep.at_least", after < least)) && before.is_some_and(|before| after < before);
    let too_many = most.is_some_and(|most| note("keep.at_most", after > most)) && after > before.unwrap_or(0);
    if too_few { Some(Side::TooFew) } else { too_many.then_some(Side::TooMany) }
}

/// A number, or an attribute of the scope; no bound where that is missing or no number.
pub(super) fn number(change: &Change, bound: &Pointed<u32>, scope: &str) -> Option<i64> {
    match bound {
        Pointed::Given(number) => Some(i64::from(*number)),
        Pointed::Actor { .. } => None,
        Pointed::Scope { scope: name } => match change.after.attribute(scope, name)? {
            Fact::Integer(number) => Some(*number),
            _ => None,
        },
    }
}

fn reason_of(keep: &Keep, code: Code) -> Reason {
    let (code, message) = words_of(keep.code.as_ref(), keep.message.as_ref(), code);
    Reason { code, message, rule: Some(keep.id.clone()), ..Reason::default() }
}

fn remedies_of(change: &Change, count: &Count, scope: &str, side: Side) -> Vec<Remedy> {
    if side == Side::TooMany {
        return vec![Remedy::MakeRoom { scope: scope.to_owned() }];
    }
    let person = &count.person;
    let named: Vec<&String> = [&person.role, &person.has_role, &person.direct_role].into_iter().flatten().flatten().collect();
    // Where any role will do, none is named.
    if named.iter().any(|name| *name == "*") {
        return Vec::new();
    }
    let kind = change.after.kind(scope);
    // The first role named that can be held there; where there is none, the first.
    let meant: Vec<super::world::RoleId> = named.into_iter().flat_map(|name| change.after.roles_meant(name)).collect();
    let role = meant.iter().find(|role| role.kind.as_deref() == kind).or(meant.first());
    let promote =
        |role: &super::world::RoleId| Remedy::Promote { role: format!("{}.{}", role.kind.clone().unwrap_or_default(), role.name), scope: scope.to_owned() };
    role.map(promote).into_iter().collect()
}

/// Whether a scope is there, and not archived.
pub(super) fn is_open(world: &World, scope: &str) -> bool {
    world.scope(scope).is_some() && world.archived_at(scope).is_none()
}

/// The scopes that a keep looks at: open afterwards, of its kinds, and not excepted.
pub(super) fn scopes_of(change: &Change, keep: &Keep) -> Vec<String> {
    change
        .after
        .scopes()
        .into_iter()
        .map(|row| row.id.clone())
        .filter(|scope| is_open(&change.after, scope) && looks_at(change, &change.after, keep, scope) && !excepted(change, keep, scope))
        .collect()
}

/// Whether a keep is about a scope.
fn looks_at(change: &Change, world: &World, keep: &Keep, scope: &str) -> bool {
    let view = View { state: *world, ..*change.view };
    let kinds = kinds_of(world, keep);
    let fits = keep.scope.as_ref().is_none_or(|place| view.place_holds(place, scope));
    fits && world.kind(scope).is_some_and(|kind| kinds.iter().any(|listed| listed == kind))
}

/// "Without `kind`: the kinds whose roles `count` names; without any, all."
fn kinds_of(world: &World, keep: &Keep) -> Vec<String> {
    let written = world.written;
    if let Some(kinds) = keep.scope.as_ref().and_then(|place| place.kind.clone()) {
        return kinds;
    }
    let words = keep.count.as_ref().map(|count| [&count.person.role, &count.person.has_role, &count.person.not_role, &count.person.direct_role]);
    let mut names: Vec<String> = words.into_iter().flatten().flatten().flatten().cloned().collect();
    names.extend(keep.exclusive.iter().flatten().cloned());
    let kinds = written.kinds_in_order();
    if names.is_empty() || names.iter().any(|name| name == "*") {
        return kinds;
    }
    let meant: Vec<Option<String>> = names.iter().flat_map(|name| world.roles_meant(name)).map(|role| role.kind).collect();
    kinds.into_iter().filter(|kind| meant.contains(&Some(kind.clone()))).collect()
}

fn excepted(change: &Change, keep: &Keep, scope: &str) -> bool {
    let Some(blocks) = &keep.unless else { return false };
    let subject = change.target.map_or(Subject::Nobody, |id| Subject::User(id.to_owned()));
    let about = About { scope: Some(scope), subject: &subject, offer: None, group: None };
    let holds = change.resources.iter().all(|resource| {
        let view = View { resource: *resource, ..*change.view };
        // Where it is, is asked on the state after the request, as of the keep itself.
        let after = View { state: change.after, ..view };
        blocks.actor.as_ref().is_none_or(|actor| view.actor_holds(actor, Some(scope)))
            && after.surroundings_hold(blocks, about)
            && view.subject_holds(blocks, about)
    });
    note("keep.unless", holds)
}

/// How many a keep counts at a scope: people, each once, with those to whom an open offer would give what is counted.
pub(super) fn people(world: &World, view: &View, count: &Count, scope: &str) -> usize {
    let world = World { permanent: !count.expiring, ..*world };
    let counted = |world: &World, id: &str| counts(world, view, count, id, scope);
    let mut total = world.users().iter().filter(|row| counted(&world, &row.id)).count();
    if count.pending {
        for offer in world.doc.invitations.iter().filter(|row| is_open_offer(row, &world)) {
            total += seats(&world, view, count, offer, scope);
        }
    }
    total
}

/// Pending and not expired, or accepted and waiting.
fn is_open_offer(row: &InvitationRow, world: &World) -> bool {
    match row.status {
        InvitationStatus::Pending => row.expires_at.is_none_or(|at| at > world.now),
        InvitationStatus::AwaitingApproval => true,
        _ => false,
    }
}

/// How many an open offer would add: what its acceptance would make of a person who is not counted yet.
fn seats(world: &World, view: &View, count: &Count, offer: &InvitationRow, scope: &str) -> usize {
    // An offer takes seats where it offers something.
    let offers_here = |row: &InvitationRow| row.scopes.iter().any(|scoped| scoped.scope == scope);
    if !offers_here(offer) {
        return 0;
    }
    let address = canonical_of(offer.email.as_deref());
    let known = address.as_ref().and_then(|address| world.user_of_email(address)).map(|row| row.id.clone());
    if known.as_ref().is_some_and(|id| counts(world, view, count, id, scope)) {
        return 0;
    }
    // "One for each address": the first of several offers that would be counted.
    let mut with_offer = world.doc.clone();
    let accepted = known.clone().unwrap_or_else(|| format!("\u{0}{}", offer.id));
    accept_all(&mut with_offer, world, offer, &accepted, known.is_none());
    if !counts(&World { doc: &with_offer, ..*world }, view, count, &accepted, scope) {
        return 0;
    }
    let earlier = world.doc.invitations.iter().take_while(|row| row.id != offer.id).filter(|row| is_open_offer(row, world) && offers_here(row));
    let same_address = |row: &&InvitationRow| address.is_some() && canonical_of(row.email.as_deref()) == address;
    for row in earlier.filter(same_address) {
        let mut with_row = world.doc.clone();
        accept_all(&mut with_row, world, row, &accepted, known.is_none());
        if counts(&World { doc: &with_row, ..*world }, view, count, &accepted, scope) {
            return 0;
        }
    }
    offer.open.as_ref().map_or(1, |open| open.uses.map_or(1, |uses| uses as usize))
}

/// The state as it would be if an offer were accepted.
fn accept_all(doc: &mut Snapshot, world: &World, offer: &InvitationRow, user: &str, is_new: bool) {
    if is_new {
        doc.users.push(UserRow { id: user.to_owned(), email: offer.email.clone(), verified: true, ..UserRow::default() });
    }
    let mut grants: Vec<(String, String)> = Vec::new();
    for scoped in &offer.scopes {
        grants.extend(
            scoped
                .roles
                .iter()
                .filter(|role| role.expires_at.is_none_or(|at| !world.permanent && at > world.now))
                .map(|role| (scoped.scope.clone(), role.role.clone())),
        );
    }
    let organization = world.organization().to_owned();
    if is_new && !offer.scopes.iter().any(|scoped| scoped.scope == organization) {
        grants.extend(world.default_roles("organization").into_iter().map(|role| (organization.clone(), role)));
    }
    doc.grants.extend(grants.into_iter().map(|(scope, role)| GrantRow { scope, user: Some(user.to_owned()), role, ..GrantRow::default() }));
}

/// Whether a user is counted at a scope: a person, active there, for whom the words of the block hold.
fn counts(world: &World, view: &View, count: &Count, user: &str, scope: &str) -> bool {
    let subject = Subject::User(user.to_owned());
    let Some(row) = world.user(user) else { return false };
    let person = &count.person;
    let statuses = person.status.clone().unwrap_or_else(|| vec![Status::Active]);
    let status = if world.deactivated(user, scope) { Status::Deactivated } else { Status::Active };
    let kinds = person.kind.clone().unwrap_or_else(|| vec![UserKind::Human, UserKind::Guest]);
    let asks_for_role = person.role.is_some() || person.has_role.is_some() || person.direct_role.is_some() || person.permission.is_some();
    let view = View { state: *world, ..*view };
    // Deactivated people are counted by what they would hold.
    let world = &World { capped: !statuses.contains(&Status::Deactivated), ..*world };
    statuses.contains(&status)
        && kinds.contains(&row.kind)
        && (asks_for_role || world.is_member(&subject, scope))
        && view.standing_holds(person, world, &subject, scope)
        && view.account_holds(&Person { status: None, kind: None, ..person.clone() }, world, &subject, Some(scope))
}

/// The scopes of each person who is still there afterwards.
fn broken_for_users(change: &Change, keep: &Keep, count: &Count) -> Vec<Reason> {
    let mut reasons = Vec::new();
    // A keep for each person holds in the organization: its bound is looked up there, and its exceptions are.
    if excepted(change, keep, change.after.organization()) {
        return reasons;
    }
    let statuses = count.person.status.clone().unwrap_or_else(|| vec![Status::Active]);
    let kinds = count.person.kind.clone().unwrap_or_else(|| vec![UserKind::Human, UserKind::Guest]);
    // Active people are looked at in any case, deactivated ones if the keep speaks of them.
    let is_looked_at = |row: &&UserRow| (row.status == Status::Active || statuses.contains(&row.status)) && kinds.contains(&row.kind);
    for row in change.after.users().into_iter().filter(is_looked_at) {
        let (before, after) = (places(change, &change.before, keep, count, &row.id), places(change, &change.after, keep, count, &row.id));
        if let Some(side) = wrong_side(change, keep, change.after.organization(), Some(before), after) {
            let user = Some(row.id.clone()).filter(|id| Some(id.as_str()) != change.target);
            reasons.push(Reason { user, ..reason_of(keep, side.code()) });
        }
    }
    reasons
}

pub(super) fn places(change: &Change, world: &World, keep: &Keep, count: &Count, user: &str) -> usize {
    let world = &World { permanent: !count.expiring, ..*world };
    let counted =
        |scope: &&String| world.archived_at(scope).is_none() && looks_at(change, world, keep, scope) && counts(world, change.view, count, user, scope);
    world.scopes().into_iter().map(|row| row.id.clone()).collect::<Vec<String>>().iter().filter(counted).count()
}

/// Roles of which nobody may hold two (or more than `at_most`) at the same scope.
fn broken_exclusive(change: &Change, keep: &Keep, names: &[String]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for scope in scopes_of(change, keep) {
        let most = keep.at_most.as_ref().map_or(Some(1), |bound| number(change, bound, &scope)).unwrap_or(i64::MAX);
        for row in change.after.users() {
            let held = |world: &World| {
                let (subject, world) = (Subject::User(row.id.clone()), World { capped: true, ..*world });
                if world.user(&row.id).is_none() || world.deactivated(&row.id, &scope) {
                    return 0;
                }
                let held: BTreeSet<RoleId> = names.iter().flat_map(|name| roles_named(&world, &subject, &scope, name)).collect();
                held.len() as i64
            };
            let before = if is_open(&change.before, &scope) { held(&change.before) } else { 0 };
            let after = held(&change.after);
            if note("keep.exclusive", after > most) && after > before {
                let user = Some(row.id.clone()).filter(|id| Some(id.as_str()) != change.target);
                reasons.push(Reason { user, scope: Some(scope.clone()), ..reason_of(keep, Code::ExclusiveRoles) });
            }
        }
    }
    reasons
}
