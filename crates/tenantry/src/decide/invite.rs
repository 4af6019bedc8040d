//! Offers: `invitation.create`, `invitation.link`, `invitation.update`, `invitation.resend` and `invitation.revoke`.

use crate::codes::Code;
use crate::directory::rows::{Extra, Invitation, Offer, RoleRef};
use crate::document::policy::ChangeKind::Give;
use crate::document::policy::ExistingUsers;
use crate::document::snapshot::InvitationStatus;
use crate::document::{Event, Obligation, Remedy, ScopedRoles, Time};
use crate::error::Need;
use crate::policy::actions::{ActionId, Verb};

use super::claim::{Claim, Does, Letter, Subject};
use super::member::{check_wanted, each, give_claims, wanted};
use super::outcome::{Denial, Effects, resend_remedy};
use super::plan::{Case, Plan, not_found, plain};
use super::reads::Key;

type Wanted = Vec<(u32, Vec<Extra>)>;

/// The roles to offer: those asked for, or the policy's defaults for invitations, or the kind's.
fn offered(case: &Case) -> Result<Wanted, Denial> {
    wanted(case, |scope| {
        let kind = case.directory.scopes.get(scope).map_or(0, |row| row.kind);
        let of_invitations = case.policy().invitations.default & case.policy().kinds[usize::from(kind)].roles;
        if of_invitations == 0 { case.default_roles(scope) } else { plain(scope, of_invitations) }
    })
}

/// `invitation.create`, to one address or as an open link.
pub(crate) fn create<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let wanted = offered(case)?;
    Ok(new_offer(case, &wanted, true))
}

/// A new invitation, whose link is sent or shown.
fn new_offer<'r>(case: &Case<'r, '_>, wanted: &Wanted, sends: bool) -> Plan<'r> {
    let (letter, user) = addressee(case);
    let claims = offer_claims(case, wanted, letter, user);
    let check = check_offer(case, wanted);
    // A user of the organization can be added at once: then the request is an addition too.
    let is_new = |user: u32| wanted.iter().all(|(scope, _)| !case.directory.is_member(user, *scope, case.now()));
    let at_once = user.filter(|&user| case.policy().invitations.existing_users == ExistingUsers::Add && is_new(user));
    let Some(user) = at_once else {
        let effects = check.map(|()| create_effects(case, wanted, sends));
        return Plan::new(claims, user, effects);
    };
    let mut claims = claims;
    claims.extend(give_claims(case, Verb::MemberAdd.into(), Subject::User(user), wanted));
    let id = case.user_id(user);
    let events = wanted.iter().flat_map(|(_, grants)| grants).map(|grant| case.given(&id, grant)).collect();
    Plan::new(claims, Some(user), check.map(|()| Effects::events(events)))
}

/// To whom the offer goes, and the user of the organization who has that address.
fn addressee<'r>(case: &Case<'r, '_>) -> (Letter<'r>, Option<u32>) {
    if case.ask.open.is_some() {
        return (Letter::Open, None);
    }
    let Some(email) = case.address else { return (Letter::ToNobody, None) };
    let user = case.directory.verified_user_of(email);
    if let Some(user) = user {
        case.note(Key::User(user));
    }
    (Letter::To(email), user)
}

fn offer_claims<'r>(case: &Case<'r, '_>, wanted: &Wanted, letter: Letter<'r>, user: Option<u32>) -> Vec<Claim<'r>> {
    let subject = user.map_or(Subject::Nobody, Subject::User);
    let mut claims = Vec::new();
    for (scope, grants) in wanted {
        claims.extend(grants.is_empty().then(|| Claim::fit(case.action, *scope, subject)));
        claims.extend(grants.iter().map(|grant| case.claim(case.action, Give, subject, grant)));
    }
    claims.iter_mut().for_each(|claim| claim.invitation = Some(letter));
    claims
}

/// The state machine of a new offer, in the order of the codes.
fn check_offer(case: &Case, wanted: &Wanted) -> Result<(), Denial> {
    case.check_all_open(wanted.iter().map(|(scope, _)| *scope))?;
    let open = case.ask.open.is_some();
    if !open && case.address.is_none() {
        return Err(Denial::of(Code::InvalidEmail));
    }
    let named = case.ask.name.as_deref().is_some_and(|name| !name.trim().is_empty());
    if case.policy().invitations.require_name && !named && !open {
        return Err(Denial::field(Code::RequiredField, "name"));
    }
    check_wanted(case, wanted)?;
    if case.ask.expires_at.is_some_and(|at| at <= case.now()) {
        return Err(Denial::field(Code::ExpiryInPast, "expires_at"));
    }
    if open {
        // The id of an invitation is never a capability: an open link without a token would be one.
        return if case.ask.token_hash.is_none() { Err(Denial::field(Code::RequiredField, "token_hash")) } else { check_new_id(case) };
    }
    // Whoever has the address is a member, even if nobody has vouched for it.
    if let Some(user) = case.address.and_then(|email| case.directory.user_of_email(email)) {
        case.note(Key::User(user));
        check_user(case, wanted, user)?;
    }
    if let Some(pending) = case.address.and_then(|email| open_offer_at(case, email, wanted, |_| true)) {
        let remedy = resend_remedy(case.directory, pending);
        let offers = case.directory.invitations.get(pending).map(|row| row.offers.as_slice()).unwrap_or_default();
        let place = wanted.iter().find(|(scope, _)| offers.iter().any(|offer| offer.scope == *scope));
        let denial = place.map_or_else(|| Denial::of(Code::AlreadyInvited), |(scope, _)| Denial::at(Code::AlreadyInvited, &case.scope_id(*scope)));
        return Err(remedy.into_iter().fold(denial, Denial::with));
    }
    check_new_id(case)
}

fn check_new_id(case: &Case) -> Result<(), Denial> {
    case.check_free(case.ask.new_id.as_ref(), "new_id", Key::NoInvitation)
}

fn check_user(case: &Case, wanted: &Wanted, user: u32) -> Result<(), Denial> {
    let conflict = case.policy().invitations.existing_users == ExistingUsers::Conflict;
    let taken = wanted.iter().filter(|(scope, _)| conflict || case.directory.is_member(user, *scope, case.now()));
    each(taken.map(|(scope, _)| Err(Denial::at(Code::AlreadyMember, &case.scope_id(*scope)))))
}

/// An open offer to the address at one of the scopes that is as asked for, the first by id.
fn open_offer_at(case: &Case, email: &str, wanted: &Wanted, is: impl Fn(&Invitation) -> bool) -> Option<u32> {
    let open = |row: &Invitation| !row.is_expired(case.now()) && is(row);
    offers_at(case, email, wanted).into_iter().find(|&slot| case.directory.invitations.get(slot).is_some_and(open))
}

fn offers_at(case: &Case, email: &str, wanted: &Wanted) -> Vec<u32> {
    let offers = case.directory.offers_to.get(email).into_iter().flatten().copied();
    let here = |row: &Invitation| row.offers.iter().any(|offer| wanted.iter().any(|(scope, _)| *scope == offer.scope));
    let here = offers.filter(|&slot| case.directory.invitations.get(slot).is_some_and(here));
    crate::directory::table::sorted_by_id(&case.directory.invitations, here)
}

fn create_effects(case: &Case, wanted: &Wanted, sends: bool) -> Effects {
    let expired = case.address.map(|email| offers_at(case, email, wanted)).unwrap_or_default();
    let mut effects = Effects::default();
    for slot in expired {
        case.note(Key::Invitation(slot));
        effects.events.push(Event::InvitationExpired { invitation: case.directory.invitations.id(slot).to_owned() });
    }
    let invitation = case.new_id(case.ask.new_id.as_ref(), Key::NoInvitation);
    let email = case.ask.email.as_deref().map(str::trim);
    effects.events.push(Event::InvitationCreated {
        invitation: invitation.clone(),
        email: email.map(str::to_owned),
        open: case.ask.open.clone(),
        name: case.ask.name.clone(),
        scopes: wanted_doc(case, wanted),
        inviter: case.actor_doc(),
        created_at: case.now(),
        expires_at: expiry(case),
        token_hash: case.ask.token_hash.clone(),
    });
    match email {
        Some(email) if sends => effects.obligations.push(Obligation::SendEmail { email: email.to_owned(), invitation }),
        Some(_) => effects.obligations.push(Obligation::ShowLink { invitation }),
        None => {}
    }
    effects
}

fn expiry(case: &Case) -> Option<Time> {
    case.ask.expires_at.or_else(|| case.policy().invitations.expires_after.map(|after| case.now().plus(after)))
}

fn wanted_doc(case: &Case, wanted: &Wanted) -> Vec<ScopedRoles> {
    wanted.iter().map(|(scope, roles)| case.directory.offer_doc(*scope, roles)).collect()
}

/// The invitation of the ask, which offers something at the scope of the ask.
pub(crate) fn existing(case: &Case) -> Result<u32, Denial> {
    let scope = case.scope()?;
    let slot = named_invitation(case)?;
    let offers_here = case.directory.invitations.get(slot).is_some_and(|row| row.offers.iter().any(|offer| offer.scope == scope));
    if offers_here { Ok(slot) } else { Err(not_found("invitation")) }
}

pub(crate) fn named_invitation(case: &Case) -> Result<u32, Denial> {
    let id = case.ask.invitation.as_deref().unwrap_or_default();
    let found = case.directory.invitations.find(id);
    case.note(found.map_or_else(|| Key::NoInvitation(id.to_owned()), Key::Invitation));
    found.ok_or_else(|| not_found("invitation"))
}

/// The user of the organization to whom an invitation goes.
pub(crate) fn invited_user(case: &Case, slot: u32) -> Option<u32> {
    let email = case.directory.invitations.get(slot)?.email.as_deref()?;
    case.note(Key::Needs(Need::Email { address: email.to_owned() }));
    let user = case.directory.verified_user_of(email)?;
    case.note(Key::User(user));
    Some(user)
}

/// The roles offered, as claims that give nothing new, or (for an approval) that give them. Where none is offered an allow
/// must fit.
pub(crate) fn row_claims<'r>(case: &Case<'r, '_>, action: ActionId, slot: u32, does: Does) -> Vec<Claim<'r>> {
    let Some(row) = case.directory.invitations.get(slot) else { return Vec::new() };
    let subject = invited_user(case, slot).map_or(Subject::Nobody, Subject::User);
    let claim = |grant: &Extra| {
        if let RoleRef::Custom(role) = grant.role {
            case.note(Key::CustomRole(role));
        }
        Claim { does, ..case.claim(action, Give, subject, grant) }
    };
    let at = |offer: &Offer| {
        case.note(Key::Scope(offer.scope));
        let fit = offer.roles.is_empty().then(|| Claim::fit(action, offer.scope, subject));
        fit.into_iter().chain(offer.roles.iter().map(claim)).collect::<Vec<_>>()
    };
    row.offers.iter().flat_map(at).map(|claim| Claim { invitation: Some(Letter::Row(slot)), ..claim }).collect()
}

/// Only a pending offer can be sent again, shown or changed.
fn check_pending(case: &Case, slot: u32) -> Result<(), Denial> {
    let Some(row) = case.directory.invitations.get(slot) else { return Ok(()) };
    case.check_all_open(row.offers.iter().map(|offer| offer.scope))?;
    check_unanswered(case, row)
}

fn check_unanswered(case: &Case, row: &Invitation) -> Result<(), Denial> {
    if row.status != InvitationStatus::Pending || row.is_used_up() {
        return Err(Denial::of(Code::InvitationClosed));
    }
    if row.is_expired(case.now()) {
        return Err(Denial::of(Code::InvitationExpired).with(Remedy::InviteAgain));
    }
    Ok(())
}

fn check_token(case: &Case) -> Result<(), Denial> {
    let missing = case.policy().invitations.rotate && case.ask.token_hash.is_none();
    if missing { Err(Denial::field(Code::RequiredField, "token_hash")) } else { Ok(()) }
}

/// `invitation.resend`
pub(crate) fn resend<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let slot = existing(case)?;
    let claims = row_claims(case, case.action, slot, Does::Offer);
    let effects = check_pending(case, slot).and_then(|()| check_token(case)).map(|()| {
        let invitation = case.directory.invitations.id(slot).to_owned();
        let event = Event::InvitationResent { invitation: invitation.clone(), token_hash: case.ask.token_hash.clone() };
        let mut effects = Effects::events(vec![event]);
        let email = case.directory.invitations.get(slot).and_then(|row| row.written.as_deref()).map(str::to_owned);
        effects.obligations.extend(email.map(|email| Obligation::SendEmail { email, invitation }));
        effects
    });
    Ok(Plan::new(claims, invited_user(case, slot), effects))
}

/// `invitation.link`: of an invitation, or of the one that the address has, or of a new one.
pub(crate) fn link<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let slot = match case.ask.invitation {
        Some(_) => existing(case)?,
        None => {
            let wanted = offered(case)?;
            let pending = |row: &Invitation| row.status == InvitationStatus::Pending;
            match case.address.and_then(|email| open_offer_at(case, email, &wanted, pending)) {
                Some(slot) => slot,
                None => return Ok(new_offer(case, &wanted, false)),
            }
        }
    };
    case.note(Key::Invitation(slot));
    let claims = row_claims(case, case.action, slot, Does::Offer);
    let effects = check_pending(case, slot).and_then(|()| check_token(case)).map(|()| {
        let invitation = case.directory.invitations.id(slot).to_owned();
        let token_hash = case.ask.token_hash.clone().filter(|_| case.policy().invitations.rotate);
        let mut effects = Effects::events(vec![Event::InvitationLinked { invitation: invitation.clone(), token_hash }]);
        effects.obligations.push(Obligation::ShowLink { invitation });
        effects
    });
    Ok(Plan::new(claims, invited_user(case, slot), effects))
}

/// `invitation.update`: the offer becomes the actor's own.
pub(crate) fn update<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let slot = existing_or_named(case)?;
    let Some(row) = case.directory.invitations.get(slot) else { return Err(not_found("invitation")) };
    let asked = case.ask.roles.is_some() || case.ask.scopes.is_some();
    let mut offers: Wanted = row.offers.iter().map(|offer| (offer.scope, offer.roles.clone())).collect();
    if asked {
        let new = offered(case)?;
        if case.ask.scopes.is_some() {
            offers = new;
        } else {
            // `roles` speaks of one scope; what is offered at the others stays.
            offers = offers.into_iter().map(|old| new.iter().find(|(scope, _)| *scope == old.0).cloned().unwrap_or(old)).collect();
        }
    }
    // What stays in the offer may have ended by another time.
    let ends = offers.iter().flat_map(|(_, grants)| grants).filter_map(|grant| grant.expires_at);
    ends.for_each(|at| case.note(Key::Until(at)));
    let user = invited_user(case, slot);
    let letter = Letter::Row(slot);
    let mut claims = offer_claims(case, &offers, letter, user);
    let stays = |claim: &Claim| offers.iter().any(|(scope, grants)| *scope == claim.scope && grants.iter().any(|other| Some(other.role) == claim.role));
    claims.extend(row_claims(case, case.action, slot, Does::Offer).into_iter().filter(|claim| claim.has_role() && !stays(claim)));
    let effects = check_update(case, slot, &offers).map(|()| {
        Effects::events(vec![Event::InvitationUpdated {
            invitation: case.directory.invitations.id(slot).to_owned(),
            scopes: wanted_doc(case, &offers),
            inviter: case.actor_doc(),
            created_at: case.now(),
            expires_at: case.ask.expires_at.or(row.expires_at),
        }])
    });
    Ok(Plan::new(claims, user, effects))
}

/// With `scopes` the request names no scope of its own: the invitation alone is looked up.
fn existing_or_named(case: &Case) -> Result<u32, Denial> {
    if case.ask.scopes.is_some() { named_invitation(case) } else { existing(case) }
}

fn check_update(case: &Case, slot: u32, offers: &Wanted) -> Result<(), Denial> {
    case.check_all_open(offers.iter().map(|(scope, _)| *scope))?;
    // What was offered in a scope that is archived by now may well be withdrawn.
    case.directory.invitations.get(slot).map_or(Ok(()), |row| check_unanswered(case, row))?;
    check_wanted(case, offers)?;
    let past = case.ask.expires_at.is_some_and(|at| at <= case.now());
    if past { Err(Denial::field(Code::ExpiryInPast, "expires_at")) } else { Ok(()) }
}

/// `invitation.revoke`
pub(crate) fn revoke<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let slot = existing(case)?;
    let claims = row_claims(case, case.action, slot, Does::Offer);
    let open = case.directory.invitations.get(slot).is_some_and(|row| row.is_open() && !row.is_used_up());
    let effects = if open {
        Ok(Effects::events(vec![Event::InvitationRevoked { invitation: case.directory.invitations.id(slot).to_owned() }]))
    } else {
        Err(Denial::of(Code::InvitationClosed))
    };
    Ok(Plan::new(claims, invited_user(case, slot), effects))
}
