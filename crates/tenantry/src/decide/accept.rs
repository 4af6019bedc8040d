//! The invitee's answer: `invitation.accept` and `invitation.decline`, and `invitation.approve` after it. The roles of an
//! accepted offer are carried by the inviter, as if the offer were made now.

use crate::codes::{Code, Step};
use crate::directory::NO_FACTS;
use crate::directory::rows::{Extra, Invitation, RoleRef};
use crate::document::policy::ChangeKind::{Give, Take};
use crate::document::policy::OnMember;
use crate::document::snapshot::{InvitationStatus, UserKind};
use crate::document::{Actor, Event, Facts, Remedy, UserInput};
use crate::policy::actions::{ActionId, Verb};

use super::claim::{Claim, Does, Letter, Subject};
use super::conditions::Who;
use super::invite::{existing, invited_user, named_invitation, row_claims};
use super::judge::{Asker, Powers, judge};
use super::member::{added, each, implied_claims};
use super::outcome::{Denial, Effects, RuleRef};
use super::plan::{Case, Plan, not_found};
use super::reads::Key;

/// The gate of the invitee's verbs: an invitation that is not there and one that is to somebody else are the same.
pub(crate) fn gate(case: &Case, session: Option<&str>, verified: bool) -> Option<Denial> {
    let slot = named_invitation(case);
    if !verified {
        return Some(Denial::of(Code::EmailUnverified).with(Remedy::VerifyEmail));
    }
    let row = slot.ok().and_then(|slot| case.directory.invitations.get(slot));
    let matches = row.is_some_and(|row| {
        let token = row.token_hash.as_deref().is_none_or(|hash| case.ask.token_hash.as_deref() == Some(hash));
        let audience = || {
            row.open
                .as_ref()
                .is_some_and(|open| open.audience.as_deref().is_none_or(|domain| session.map(crate::email::domain) == Some(&*crate::email::fold(domain))))
        };
        let addressed = row.email.as_deref() == session && (token || case.ask.token_hash.is_none());
        let linked = row.token_hash.is_some() && token && audience();
        session.is_some() && (addressed || linked)
    });
    if matches {
        return None;
    }
    let denial = not_found("invitation");
    Some(Denial { step: Step::Gate, ..denial })
}

/// `invitation.decline`
pub(crate) fn decline<'r>(case: &Case<'r, '_>, session: Option<&'r str>) -> Result<Plan<'r>, Denial> {
    let slot = named_invitation(case)?;
    let Some(row) = case.directory.invitations.get(slot) else { return Err(not_found("invitation")) };
    let effects = check_open(case, row).map(|()| {
        // An open link is everybody's: one person's no changes nothing.
        if row.open.is_some() {
            return Effects::default();
        }
        Effects::events(vec![Event::InvitationDeclined { invitation: case.directory.invitations.id(slot).to_owned() }])
    });
    let claims = if is_forbidden_by_some(case) { row_claims(case, case.action, slot, Does::Offer) } else { Vec::new() };
    let user = case.who.user();
    let subject = acceptor(row, slot, user, session);
    Ok(Plan::new(claims.into_iter().map(|claim| Claim { implied: true, subject, ..claim }).collect(), user, effects))
}

/// The invitee's verbs need no allow; forbids that name them hold.
fn is_forbidden_by_some(case: &Case) -> bool {
    !case.policy().index.of(case.action).forbids.is_empty()
}

/// Whoever answers: a user, or the account that is to come.
fn acceptor<'r>(row: &Invitation, slot: u32, user: Option<u32>, session: Option<&'r str>) -> Subject<'r> {
    let newcomer = if row.open.is_some() { Subject::Newcomer(&NEWCOMER, session) } else { Subject::Invited(slot) };
    user.map_or(newcomer, Subject::User)
}

fn check_open(case: &Case, row: &Invitation) -> Result<(), Denial> {
    if row.status != InvitationStatus::Pending || row.is_used_up() {
        return Err(Denial::of(Code::InvitationClosed));
    }
    if row.is_expired(case.now()) {
        return Err(Denial::of(Code::InvitationExpired).with(Remedy::InviteAgain));
    }
    Ok(())
}

/// `invitation.accept`
pub(crate) fn accept<'r>(case: &Case<'r, '_>, session: Option<&'r str>) -> Result<Plan<'r>, Denial> {
    let slot = named_invitation(case)?;
    let Some(row) = case.directory.invitations.get(slot) else { return Err(not_found("invitation")) };
    let user = case.who.user();
    let account = user.map_or_else(|| case.new_id(case.ask.user.as_ref().and_then(|user| user.id.as_ref()), Key::NoUser), |user| case.user_id(user));
    for grant in row.offers.iter().flat_map(|offer| &offer.roles) {
        case.note(Key::Scope(grant.scope));
        case.note_role(Some(grant.role), "");
    }
    let mut rules = Vec::new();
    let effects = check_accept(case, slot, row, session, &mut rules).and_then(|()| check_raises(case, row, user));
    let effects = effects.map(|()| Effects { rules, ..accept_effects(case, slot, row, session, &account) });
    let claims = if is_forbidden_by_some(case) {
        acceptance(case, case.action, (slot, row), (user, acceptor(row, slot, user, session)), Letter::Row(slot))
    } else {
        Vec::new()
    };
    Ok(Plan::new(claims.into_iter().map(|claim| Claim { implied: true, ..claim }).collect(), user, effects))
}

fn check_accept<'r>(case: &Case<'r, '_>, slot: u32, row: &Invitation, session: Option<&'r str>, rules: &mut Vec<RuleRef>) -> Result<(), Denial> {
    // The inviter is read whatever comes of it: the answer depends on who carries the offer.
    let inviter = inviter(case, row);
    case.check_all_open(row.offers.iter().map(|offer| offer.scope))?;
    check_open(case, row)?;
    if is_void(case, row, session) {
        return Err(Denial::of(Code::InvitationVoid));
    }
    if case.who.user().is_none() {
        case.check_free(case.ask.user.as_ref().and_then(|user| user.id.as_ref()), "user.id", Key::NoUser)?;
    }
    if case.who.user().is_none() && session.is_some_and(|email| case.directory.user_of_email(email).is_some()) {
        return Err(Denial::field(Code::EmailTaken, "email"));
    }
    if case.policy().invitations.recheck_inviter {
        recheck(case, slot, row, inviter, session, rules)?;
    }
    Ok(())
}

/// Somebody without an account. What an invitee says of itself beside its name is no fact: only the host knows those.
static NEWCOMER: UserInput =
    UserInput { id: None, email: None, verified: false, name: None, kind: UserKind::Human, owner: None, attributes: Facts(std::collections::BTreeMap::new()) };

/// An offer that is older than the end of a membership at or above one of its scopes.
fn is_void(case: &Case, row: &Invitation, session: Option<&str>) -> bool {
    let email = row.email.as_deref().or(session);
    let covers = |ended: u32| {
        let reaches = |scope: u32| case.directory.scopes.get(scope).is_some_and(|at| case.directory.depth_on_path(ended, at).is_some());
        row.offers.iter().any(|offer| reaches(offer.scope))
    };
    case.directory.endings(case.who.user(), email).any(|ended| ended.at >= row.created_at && covers(ended.scope))
}

/// Who carries the offer, if it still stands.
fn inviter<'r>(case: &Case<'r, '_>, row: &Invitation) -> Option<Who<'r>> {
    match &row.inviter {
        Actor::User(id) => {
            let slot = case.directory.users.find(id);
            case.note(slot.map_or_else(|| Key::NoUser(id.clone()), Key::User));
            slot.and_then(|slot| case.directory.users.get(slot)?.owner()).into_iter().for_each(|owner| case.note(Key::User(owner)));
            slot.filter(|&slot| super::stands(case.directory, Who::User(slot)).is_none()).map(Who::User)
        }
        Actor::System(name) => case.policy().system_named(name).map(Who::System),
        Actor::Invitee { .. } => None,
    }
}

/// The offer is judged as `invitation.create` by the inviter now, with the rules of today.
fn recheck<'r>(
    case: &Case<'r, '_>,
    slot: u32,
    row: &Invitation,
    inviter: Option<Who<'r>>,
    session: Option<&'r str>,
    rules: &mut Vec<RuleRef>,
) -> Result<(), Denial> {
    let Some(who) = inviter else { return Err(Denial::of(Code::InviterNotPermitted)) };
    let asker = Asker { who, now: case.now(), context: &NO_FACTS, resource: None, powers: Powers::default() };
    let action = Verb::InvitationCreate.into();
    let user = case.who.user();
    // Who comes is known only now: the offer is judged as one to that person, or to the account that is to come.
    let letter = if row.open.is_some() { Letter::Taken(slot, user, session) } else { Letter::Row(slot) };
    let claims = acceptance(case, action, (slot, row), (user, acceptor(row, slot, user, session)), letter);
    let judgement = judge(case.directory, &asker, &claims, None);
    if !judgement.holds() {
        return Err(Denial::of(Code::InviterNotPermitted));
    }
    rules.extend(judgement.rules);
    Ok(())
}

/// What an acceptance asks of the rules: a give of each role offered; and, which needs no allow, what the policy gives a newcomer
/// and what a higher role replaces.
fn acceptance<'r>(
    case: &Case<'r, '_>,
    action: ActionId,
    (slot, row): (u32, &Invitation),
    (user, subject): (Option<u32>, Subject<'r>),
    letter: Letter<'r>,
) -> Vec<Claim<'r>> {
    let wanted = wanted_of(row);
    let defaults = super::member::newcomer_defaults(case, &wanted);
    let joins = if user.is_none() { implied_claims(action, subject, &wanted, &defaults) } else { Vec::new() };
    let takes = replaced(case, row, user).into_iter().map(|grant| Claim { implied: true, ..case.claim(action, Take, subject, &grant) });
    let claims = row_claims(case, action, slot, Does::Change(Give)).into_iter().chain(joins).chain(takes);
    claims.map(|claim| Claim { invitation: Some(letter), subject, ..claim }).collect()
}

/// Grants in one-role scopes that the accepted offer replaces. The offer is an allow's to carry; a forbid may protect them.
fn replaced(case: &Case, row: &Invitation, user: Option<u32>) -> Vec<Extra> {
    let at = |(scope, roles): (u32, Vec<Extra>)| {
        let held = held_at(case, user, scope);
        let raises = raise(case, "", scope, &held, &roles).iter().any(|event| matches!(event, Event::RoleTaken { .. }));
        if raises { held } else { Vec::new() }
    };
    wanted_of(row).into_iter().flat_map(at).collect()
}

fn accept_effects(case: &Case, slot: u32, row: &Invitation, session: Option<&str>, account: &str) -> Effects {
    let invitation = case.directory.invitations.id(slot).to_owned();
    let awaiting = case.policy().invitations.approval;
    // The account comes with the approval: until then the offer keeps the name. Who is known has one.
    let name = case.ask.user.as_ref().and_then(|user| user.name.clone()).filter(|_| awaiting && case.who.user().is_none());
    let accepted = |invitation: String, awaiting_approval: bool| {
        let name = name.clone().filter(|_| awaiting_approval);
        Event::InvitationAccepted { invitation, user: account.to_owned(), awaiting_approval, name }
    };
    if awaiting && row.open.is_some() {
        // Each acceptance of an open link waits as an offer of its own.
        let own = case.new_id(None, Key::NoInvitation);
        let created = Event::InvitationCreated {
            invitation: own.clone(),
            email: written_session(case, session),
            open: None,
            name: row.name.as_deref().map(str::to_owned),
            scopes: case.directory.offers_doc(&row.offers),
            inviter: row.inviter.clone(),
            created_at: row.created_at,
            expires_at: None,
            token_hash: None,
        };
        return Effects::events(vec![accepted(invitation, false), created, accepted(own, true)]);
    }
    let mut events = vec![accepted(invitation, awaiting)];
    if !awaiting {
        events.extend(membership(case, row, case.who.user(), account, written_session(case, session)));
    }
    Effects::events(events)
}

/// The address of whoever accepts, as it was written.
fn written_session(case: &Case, session: Option<&str>) -> Option<String> {
    let of_user = case.who.user().and_then(|user| case.directory.users.get(user)).and_then(|row| row.written());
    let of_session = || match &case.request.actor {
        Actor::Invitee { email, .. } => Some(email.trim()),
        _ => session,
    };
    of_user.or_else(of_session).map(str::to_owned)
}

/// The roles that an invitation offers, by scope.
fn wanted_of(row: &Invitation) -> Vec<(u32, Vec<Extra>)> {
    row.offers.iter().map(|offer| (offer.scope, offer.roles.clone())).collect()
}

/// The membership that an accepted offer makes: the account if it is new, the policy's defaults, the roles offered.
fn membership(case: &Case, row: &Invitation, user: Option<u32>, account: &str, session: Option<String>) -> Vec<Event> {
    let mut events = Vec::new();
    let wanted = wanted_of(row);
    if user.is_none() {
        let name = case.ask.user.as_ref().and_then(|user| user.name.clone()).or_else(|| row.name.as_deref().map(str::to_owned));
        let newcomer = UserInput { name, ..NEWCOMER.clone() };
        let email = row.written.as_deref().map(str::to_owned).or(session);
        events.push(added(account, &newcomer, email, true));
        events.extend(super::member::newcomer_defaults(case, &wanted).iter().map(|grant| case.given(account, grant)));
    }
    for (scope, roles) in &wanted {
        events.extend(raise(case, account, *scope, &held_at(case, user, *scope), roles));
    }
    note_ends(case, &events);
    events
}

/// What has ended by then is not given any more.
fn note_ends(case: &Case, events: &[Event]) {
    for event in events {
        if let Event::RoleGiven { expires_at: Some(at), .. } = event {
            case.note(Key::Until(*at));
        }
    }
}

/// What whoever accepts holds at the scope already.
fn held_at(case: &Case, user: Option<u32>, scope: u32) -> Vec<Extra> {
    user.and_then(|user| case.directory.users.get(user)).map(|row| case.directory.grants_at(&row.holdings, scope)).unwrap_or_default()
}

/// Where the policy says so, an offer that would not raise what a member holds is not accepted.
fn check_raises(case: &Case, row: &Invitation, user: Option<u32>) -> Result<(), Denial> {
    let nothing_comes = |(scope, roles): &(u32, Vec<Extra>)| {
        let held = held_at(case, user, *scope);
        let coming = raise(case, "", *scope, &held, roles);
        note_ends(case, &coming);
        held.iter().any(|grant| grant.is_in_force(case.now())) && coming.is_empty()
    };
    let offered = wanted_of(row).into_iter().filter(|_| case.policy().invitations.on_member == OnMember::Deny).filter(nothing_comes);
    each(offered.map(|(scope, _)| Err(Denial::at(Code::WouldLowerRole, &case.scope_id(scope)))))
}

/// Accepting never lowers a role: what is held stays, and in a one-role scope only a higher role, that lasts as long, replaces it.
fn raise(case: &Case, account: &str, scope: u32, held: &[Extra], offered: &[Extra]) -> Vec<Event> {
    let in_force = |grant: &&Extra| grant.is_in_force(case.now());
    let live: Vec<&Extra> = held.iter().filter(in_force).collect();
    let mut new = offered.iter().filter(in_force).filter(|grant| live.iter().all(|other| other.role != grant.role));
    if !case.holds_one(scope) {
        return new.map(|grant| case.given(account, grant)).collect();
    }
    let is_higher = |grant: &&Extra| live.iter().all(|old| outranks(case, grant.role, old.role) && lasts_as_long(grant, old));
    let Some(grant) = new.find(is_higher) else { return Vec::new() };
    held.iter().map(|old| case.taken(account, scope, old.role)).chain([case.given(account, grant)]).collect()
}

fn outranks(case: &Case, high: RoleRef, low: RoleRef) -> bool {
    match (high, low) {
        (RoleRef::Declared(high), RoleRef::Declared(low)) => case.policy().roles[usize::from(high)].outranks >> low & 1 == 1,
        _ => false,
    }
}

fn lasts_as_long(grant: &Extra, old: &Extra) -> bool {
    grant.expires_at.is_none_or(|at| old.expires_at.is_some_and(|end| at >= end))
}

/// `invitation.approve`
pub(crate) fn approve<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let slot = existing(case)?;
    let Some(row) = case.directory.invitations.get(slot) else { return Err(not_found("invitation")) };
    // The account that accepted, whatever address it has by now.
    let accepted = row.user.as_deref().and_then(|account| case.directory.users.find(account));
    let user = if row.user.is_some() { accepted } else { invited_user(case, slot) };
    let gone = row.user.clone().filter(|_| accepted.is_none()).map(|account| Key::NoUser(account.into()));
    user.map(Key::User).or(gone).into_iter().for_each(|key| case.note(key));
    let subject = user.map_or(Subject::Invited(slot), Subject::User);
    let claims = acceptance(case, case.action, (slot, row), (user, subject), Letter::Row(slot));
    let effects = check_approve(case, row).and_then(|()| check_account(case, row, user)).map(|()| {
        let accepted = row.user.as_deref().map(str::to_owned);
        let account = user.map(|user| case.user_id(user)).or(accepted).unwrap_or_else(|| case.new_id(None, Key::NoUser));
        let mut events = vec![Event::InvitationApproved { invitation: case.directory.invitations.id(slot).to_owned(), user: account.clone() }];
        events.extend(membership(case, row, user, &account, None));
        Effects::events(events)
    });
    Ok(Plan::new(claims, user, effects))
}

/// The account that accepted still has the address, or can still be made with it.
fn check_account(case: &Case, row: &Invitation, user: Option<u32>) -> Result<(), Denial> {
    match user.and_then(|user| case.directory.users.get(user)) {
        Some(account) if account.email != row.email => Err(Denial::field(Code::IdTaken, "user")),
        None if row.email.as_deref().is_some_and(|email| {
            case.note(Key::Email(email.to_owned()));
            case.directory.user_of_email(email).is_some()
        }) =>
        {
            Err(Denial::field(Code::EmailTaken, "email"))
        }
        _ => Ok(()),
    }
}

fn check_approve(case: &Case, row: &Invitation) -> Result<(), Denial> {
    case.check_all_open(row.offers.iter().map(|offer| offer.scope))?;
    match row.status {
        InvitationStatus::AwaitingApproval => Ok(()),
        InvitationStatus::Pending => Err(Denial::of(Code::NotAccepted)),
        _ => Err(Denial::of(Code::InvitationClosed)),
    }
}
