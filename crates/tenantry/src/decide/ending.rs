//! Memberships that end or rest: `member.remove`, `member.leave`, `member.deactivate`, `member.reactivate`.

use smallvec::SmallVec;

use crate::codes::Code;
use crate::directory::rows::{Extra, Invitation};
use crate::directory::standing::View;
use crate::directory::table::sorted_by_id;
use crate::directory::{Directory, ROOT};
use crate::document::policy::ChangeKind;
use crate::document::request::Reach;
use crate::document::snapshot::Status;
use crate::document::{Event, Obligation, Warning};
use crate::error::Need;
use crate::policy::actions::Verb;

use super::claim::{Claim, Subject};
use super::member::not_direct;
use super::outcome::{Denial, Effects};
use super::plan::{Case, Plan, not_found};
use super::reads::Key;

/// `member.remove`
pub(crate) fn remove<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    let id = case.ask.target.as_deref().unwrap_or_default();
    if case.directory.users.find(id).is_none() && case.directory.users.slot(id).is_some_and(|slot| case.directory.has_ended(slot, scope)) {
        let effects = Err(Denial::at(Code::AlreadyEnded, &case.scope_id(scope)));
        case.note(Key::NoUser(id.to_owned()));
        return Ok(Plan::new(Vec::new(), None, effects));
    }
    end(case, scope, case.target()?)
}

/// `member.leave`
pub(crate) fn leave<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let actor = case.who.user().ok_or_else(|| not_found("scope"))?;
    end(case, case.scope()?, actor)
}

/// How far the ending reaches: at the organization always everything.
fn reach(case: &Case, scope: u32) -> Reach {
    if scope == ROOT { Reach::Organization } else { case.ask.reach.unwrap_or(case.policy().endings.default) }
}

fn end<'r>(case: &Case<'r, '_>, scope: u32, target: u32) -> Result<Plan<'r>, Denial> {
    let directory = case.directory;
    let reach = reach(case, scope);
    let scopes = directory.ending_scopes(target, scope, reach);
    let everything = reach == Reach::Organization;
    let subject = Subject::User(target);
    let mut claims = Vec::new();
    let row = directory.users.get(target);
    let grants = |&at: &u32| row.map(|row| directory.grants_at(&row.holdings, at)).unwrap_or_default();
    let ends: SmallVec<[Ending; 1]> = scopes.iter().map(|at| (*at, grants(at))).collect();
    for (at, grants) in &ends {
        if *at != ROOT || everything {
            claims.push(Claim::membership(case.action, ChangeKind::Take, *at, subject));
        }
        claims.extend(grants.iter().map(|grant| case.claim(case.action, ChangeKind::Take, subject, grant)));
    }
    if everything {
        claims.extend(group_claims(case, target));
    }
    // What ends everything is judged at the organization, and not where it is asked.
    if !everything && !scopes.contains(&scope) {
        claims.push(Claim::fit(case.action, scope, subject));
    }
    let effects = check_end(case, scope, target, &scopes).map(|()| ending_effects(case, scope, target, &ends, everything));
    Ok(Plan::new(claims, Some(target), effects))
}

/// With the membership of the organization go those of groups, and what they give.
fn group_claims<'r>(case: &Case<'r, '_>, target: u32) -> Vec<Claim<'r>> {
    let groups = case.directory.users.get(target).map(|row| row.groups()).unwrap_or_default();
    let groups = sorted_by_id(&case.directory.groups, groups.iter().copied());
    let take = |group: u32| {
        let claim = |grant: &Extra| Claim { group: Some(group), ..case.claim(case.action, ChangeKind::Take, Subject::User(target), grant) };
        super::group::all_grants(case, group).iter().map(claim).collect::<Vec<_>>()
    };
    groups.into_iter().flat_map(take).collect()
}

impl Directory {
    /// The scopes where the user's membership ends, deepest first, then by id.
    pub(crate) fn ending_scopes(&self, target: u32, scope: u32, reach: Reach) -> SmallVec<[u32; 4]> {
        let held = self.users.get(target).map(|row| row.holdings.scopes()).unwrap_or_default();
        let at = |scope: u32| self.scopes.get(scope);
        let mut scopes: SmallVec<[u32; 4]> = match reach {
            Reach::Scope => held.into_iter().filter(|&other| other == scope).collect(),
            Reach::Subtree => held.into_iter().filter(|&other| at(other).is_some_and(|row| self.depth_on_path(scope, row).is_some())).collect(),
            Reach::Organization => held.into_iter().filter(|&other| other != ROOT).chain([ROOT]).collect(),
        };
        scopes.sort_by(|&a, &b| {
            let depth = |slot: u32| at(slot).map_or(0, |row| row.depth);
            depth(b).cmp(&depth(a)).then_with(|| self.scopes.id(a).cmp(self.scopes.id(b)))
        });
        scopes
    }
}

fn check_end(case: &Case, scope: u32, target: u32, scopes: &[u32]) -> Result<(), Denial> {
    if scope != ROOT && case.ask.reach.is_some_and(|reach| !case.policy().endings.reach.contains(&reach)) {
        return Err(Denial::field(Code::ReachNotAllowed, "reach"));
    }
    if scopes.contains(&scope) || scopes.contains(&ROOT) || !scopes.is_empty() {
        return Ok(());
    }
    no_membership(case, scope, target)
}

/// Why there is no membership to end or to rest.
fn no_membership(case: &Case, scope: u32, target: u32) -> Result<(), Denial> {
    let (directory, place) = (case.directory, case.directory.scopes.id(scope));
    if directory.has_ended(target, scope) {
        return Err(Denial::at(Code::AlreadyEnded, place));
    }
    match directory.origin(target, scope, None, case.now()) {
        Some(origin) => Err(not_direct(case, scope, origin)),
        None => Err(Denial::at(Code::NotMember, place)),
    }
}

/// A scope where a membership ends, with the grants that end there.
type Ending = (u32, Vec<Extra>);

fn ending_effects(case: &Case, scope: u32, target: u32, ends: &[Ending], everything: bool) -> Effects {
    let directory = case.directory;
    let user = case.user_id(target);
    let Some(row) = directory.users.get(target) else { return Effects::default() };
    let mut effects = Effects::default();
    if everything {
        let groups = sorted_by_id(&directory.groups, row.groups().iter().copied());
        let left = |group: u32| Event::GroupMemberRemoved { group: directory.groups.id(group).to_owned(), user: user.clone() };
        effects.events.extend(groups.into_iter().map(left));
    }
    for (at, grants) in ends {
        effects.events.extend(grants.iter().map(|grant| case.taken(&user, *at, grant.role)));
        if *at == ROOT || !everything {
            effects.events.push(Event::MemberRemoved { user: user.clone(), scope: case.scope_id(*at), by: case.ended_by(target) });
        }
    }
    let ends_at = |scope: u32| ends.iter().any(|(at, _)| *at == scope);
    // Offers to an address that nobody has vouched for may be somebody else's.
    if let Some(email) = row.email.as_ref().filter(|_| row.verified) {
        effects.events.extend(voided_offers(case, email, |offered| everything || ends_at(offered) || within(case, scope, offered)));
    }
    if everything {
        effects.obligations.push(Obligation::RevokeSessions { user });
    } else if keeps_access(case, scope, target, ends) {
        let code = Code::InheritedAccessRemains;
        let warning = Warning { code: code.as_str().to_owned(), message: code.message().to_owned(), scope: Some(case.scope_id(scope)), ..Warning::default() };
        effects.warnings.push(warning);
    }
    effects
}

/// Whether the user still has access to the scope when the direct grants of `scopes` are gone.
fn keeps_access(case: &Case, scope: u32, target: u32, ends: &[Ending]) -> bool {
    let (Some(row), Some(at)) = (case.directory.users.get(target), case.directory.scopes.get(scope)) else { return false };
    let mut left = row.clone();
    for (ended, _) in ends {
        left.holdings.clear(*ended);
    }
    case.directory.standing_of(&left, at, case.now(), View::ACTIVE).any()
}

/// Whether an ending at `scope` reaches another scope, beside those where a membership ends.
fn within(case: &Case, scope: u32, other: u32) -> bool {
    match reach(case, scope) {
        Reach::Organization => true,
        Reach::Subtree => case.directory.scopes.get(other).is_some_and(|row| case.directory.depth_on_path(scope, row).is_some()),
        Reach::Scope => other == scope,
    }
}

/// The ending of a membership voids the open offers to the address, as far as it reaches.
pub(crate) fn voided_offers(case: &Case, email: &str, voided: impl Fn(u32) -> bool) -> Vec<Event> {
    let directory = case.directory;
    if directory.held.is_some() {
        case.note(Key::Needs(Need::Email { address: email.to_owned() }));
    }
    let offers = directory.offers_to.get(email).into_iter().flatten().copied();
    let mut events = Vec::new();
    for slot in sorted_by_id(&directory.invitations, offers) {
        let Some(row) = directory.invitations.get(slot) else { continue };
        if !row.offers.iter().any(|offer| voided(offer.scope)) {
            continue;
        }
        case.note(Key::Invitation(slot));
        events.push(without(case, slot, row, |scope| !voided(scope)));
    }
    events
}

/// The invitation without the offers that do not stay: updated, or revoked when nothing is left.
pub(crate) fn without(case: &Case, slot: u32, row: &Invitation, stays: impl Fn(u32) -> bool) -> Event {
    let invitation = case.directory.invitations.id(slot).to_owned();
    let left: Vec<_> = row.offers.iter().filter(|offer| stays(offer.scope)).cloned().collect();
    if left.is_empty() {
        return Event::InvitationRevoked { invitation };
    }
    Event::InvitationUpdated {
        invitation,
        scopes: case.directory.offers_doc(&left),
        inviter: row.inviter.clone(),
        created_at: row.created_at,
        expires_at: row.expires_at,
    }
}

/// `member.deactivate` and `member.reactivate`
pub(crate) fn status<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let (scope, target) = (case.scope()?, case.target()?);
    let wanted = if case.verb() == Some(Verb::MemberDeactivate) { Status::Deactivated } else { Status::Active };
    let subject = Subject::User(target);
    let change = || Claim::membership(case.action, ChangeKind::Status, scope, subject);
    let claims = vec![if case.directory.has_status(target, scope, wanted) { Claim::fit(case.action, scope, subject) } else { change() }];
    let effects = check_status(case, scope, target, wanted).map(|()| status_effects(case, scope, target, wanted));
    Ok(Plan::new(claims, Some(target), effects))
}

impl Directory {
    /// Whether the membership at the scope has the status already, whatever is above.
    pub(crate) fn has_status(&self, user: u32, scope: u32, wanted: Status) -> bool {
        self.users.get(user).is_some_and(|row| {
            let rests = if scope == ROOT { row.status == Status::Deactivated } else { row.deactivated().contains(&scope) };
            rests == (wanted == Status::Deactivated)
        })
    }
}

fn check_status(case: &Case, scope: u32, target: u32, wanted: Status) -> Result<(), Denial> {
    if wanted == Status::Active {
        case.check_archived(scope)?;
    }
    if case.directory.is_member(target, scope, case.now()) { Ok(()) } else { no_membership(case, scope, target) }
}

fn status_effects(case: &Case, scope: u32, target: u32, wanted: Status) -> Effects {
    if case.directory.has_status(target, scope, wanted) {
        return Effects::default();
    }
    let (user, place) = (case.user_id(target), case.scope_id(scope));
    if wanted == Status::Active {
        return Effects::events(vec![Event::MemberReactivated { user, scope: place }]);
    }
    let mut effects = Effects::events(vec![Event::MemberDeactivated { user: user.clone(), scope: place }]);
    if scope == ROOT {
        effects.obligations.push(Obligation::RevokeSessions { user });
    }
    effects
}
