//! `ownership.transfer`: a role changes hands.

use crate::codes::Code;
use crate::directory::ROOT;
use crate::directory::rows::{Extra, RoleRef};
use crate::document::policy::ChangeKind::{Give, Take};

use super::claim::{Claim, Subject};
use super::member::{both, check_not_inherited, collect, compare, role_events, with};
use super::outcome::{Denial, Effects};
use super::plan::{Case, Plan};

/// The target gets the role, the actor gives it away and holds `keep` instead.
pub(crate) fn transfer<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    let role = case.role_named(scope, case.ask.role.as_deref().unwrap_or_default(), "role");
    let keep = collect(case.ask.keep.iter().flatten().map(|name| case.role_named(scope, name, "keep")));
    let (target, (role, keep)) = both(case.target(), both(role, keep))?;
    let grant = |role| Extra { scope, role, expires_at: None, source: None };
    let mut keep: Vec<Extra> = keep.into_iter().map(grant).collect();
    case.directory.sort_grants(&mut keep);
    keep.dedup_by_key(|grant| grant.role);
    let hindered = |denial| Plan::new(vec![Claim::fit(case.action, scope, Subject::User(target))], Some(target), Err(denial));
    // A system holds nothing that it could hand over.
    let Some(actor) = case.who.user() else { return Ok(hindered(case.check_archived(scope).err().unwrap_or_else(holds_none))) };
    if let Err(denial) = check_givers(case, scope, (actor, target), role) {
        return Ok(hindered(denial));
    }
    let one = case.holds_one(scope);
    let held = |user: u32| case.directory.users.get(user).map(|row| case.directory.grants_at(&row.holdings, scope)).unwrap_or_default();
    // In a one-role scope the new role takes the place of the old: what has expired is none.
    let stays = |held: Vec<Extra>| -> Vec<Extra> { held.into_iter().filter(|grant| grant.role != role && !(one && grant.is_in_force(case.now()))).collect() };
    let after_target = with(stays(held(target)), grant(role));
    let mut after_actor = stays(held(actor));
    for kept in &keep {
        let old = held(actor).into_iter().find(|old| old.role == kept.role && old.is_in_force(case.now()));
        after_actor = with(after_actor, old.unwrap_or_else(|| kept.clone()));
    }
    let mut plan = Plan::new(Vec::new(), Some(target), Ok(Effects::default()));
    let mut events = Vec::new();
    for (user, after) in [(target, after_target), (actor, after_actor)] {
        let difference = compare(case, held(user), after);
        let claim = |kind, grant: &Extra| case.claim(case.action, kind, Subject::User(user), grant);
        plan.claims.extend(difference.takes.iter().map(|grant| claim(Take, grant)).chain(difference.gives.iter().map(|grant| claim(Give, grant))));
        events.extend(role_events(case, user, scope, &difference));
    }
    if plan.claims.is_empty() {
        plan.claims.push(Claim::fit(case.action, scope, Subject::User(target)));
    }
    plan.effects = check_transfer(case, scope, grant(role), &keep).map(|()| Effects::events(events));
    Ok(plan)
}

/// The actor of a hand-over does not hold the role.
fn holds_none() -> Denial {
    Denial::field(Code::NotMember, "role")
}

/// The actor holds the role to give, and the target does not.
fn check_givers(case: &Case, scope: u32, (actor, target): (u32, u32), role: RoleRef) -> Result<(), Denial> {
    case.check_archived(scope)?;
    let held = |user: u32| {
        let grants = case.directory.users.get(user).map(|row| case.directory.grants_at(&row.holdings, scope)).unwrap_or_default();
        grants.into_iter().find(|grant| grant.role == role && grant.is_in_force(case.now()))
    };
    // What ends cannot be handed over: the target would hold it for good.
    if held(actor).is_none_or(|grant| grant.expires_at.is_some()) {
        check_not_inherited(case, actor, scope, role).map_err(|mut denial| {
            denial.reasons[0].field = Some("role".to_owned());
            denial
        })?;
        return Err(holds_none());
    }
    if target == actor || held(target).is_some() {
        return Err(Denial::field(Code::AlreadyMember, "target"));
    }
    Ok(())
}

fn check_transfer(case: &Case, scope: u32, handed: Extra, keep: &[Extra]) -> Result<(), Denial> {
    let one = case.holds_one(scope);
    if one && keep.len() > 1 {
        return Err(Denial::field(Code::TooManyRoles, "keep"));
    }
    if one && keep.is_empty() && scope == ROOT {
        return Err(Denial::field(Code::RoleRequired, "keep"));
    }
    // What the actor holds already may stay, wherever its home is.
    let holdings = case.who.user().and_then(|user| case.directory.users.get(user)).map(|row| case.directory.grants_at(&row.holdings, scope));
    let stays = |kept: &&Extra| holdings.iter().flatten().any(|grant| grant.role == kept.role);
    case.check_grants(std::iter::once(&handed).chain(keep.iter().filter(|kept| !stays(kept))))
}
