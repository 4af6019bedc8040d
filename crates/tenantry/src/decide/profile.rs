//! Who a user is: `member.edit` and `member.change_email`.

use crate::codes::Code;
use crate::document::{Event, Fact, Facts};

use super::claim::{Claim, Subject};
use super::conditions::Who;
use super::ending::voided_offers;
use super::member::each;
use super::outcome::{Denial, Effects};
use super::plan::{Case, Plan};

/// `member.edit`
pub(crate) fn edit<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let (scope, target) = (case.scope()?, case.target()?);
    let claims = vec![Claim::fit(case.action, scope, Subject::User(target))];
    let effects = case.check_archived(scope).and_then(|()| check_fields(case)).map(|()| edited(case, target));
    Ok(Plan::new(claims, Some(target), effects))
}

fn check_fields(case: &Case) -> Result<(), Denial> {
    let editable = |field: &str, value: &Fact| match field {
        "name" => matches!(value, Fact::Text(_)),
        other => case.policy().attributes.profile.iter().any(|name| name == other),
    };
    let asked = case.ask.profile.iter().flat_map(|profile| &profile.0);
    each(asked.filter(|(field, value)| !editable(field, value)).map(|(field, _)| Err(Denial::field(Code::FieldNotEditable, field))))
}

fn edited(case: &Case, target: u32) -> Effects {
    let row = case.directory.users.get(target);
    let current = |field: &str| {
        let row = row?;
        if field == "name" { row.name().map(|name| Fact::Text(name.to_owned())) } else { row.cold.as_ref()?.profile.get(field).cloned() }
    };
    let asked = case.ask.profile.iter().flat_map(|profile| &profile.0);
    let profile: Facts =
        Facts(asked.filter(|(field, value)| current(field).as_ref() != Some(value)).map(|(field, value)| (field.clone(), value.clone())).collect());
    if profile.is_empty() {
        return Effects::default();
    }
    Effects::events(vec![Event::MemberEdited { user: case.user_id(target), profile }])
}

/// `member.change_email`
pub(crate) fn change_email<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let (scope, target) = (case.scope()?, case.target()?);
    let claims = vec![Claim::fit(case.action, scope, Subject::User(target))];
    Ok(Plan::new(claims, Some(target), case.check_archived(scope).and_then(|()| changed(case, target))))
}

fn changed(case: &Case, target: u32) -> Result<Effects, Denial> {
    let email = case.address.ok_or_else(|| Denial::field(Code::InvalidEmail, "email"))?;
    // Only the host can vouch for an address, and it speaks as a system.
    let verified = matches!(case.who, Who::System(_));
    let row = case.directory.users.get(target);
    match case.directory.user_of_email(email) {
        Some(user) if user == target && (!verified || row.is_some_and(|row| row.verified)) => return Ok(Effects::default()),
        Some(user) if user != target => return Err(Denial::field(Code::EmailTaken, "email")),
        _ => {}
    }
    // An address that somebody was invited at is not for the taking: whoever proves it accepts as its owner.
    let offered = case.directory.is_offered(email, case.now());
    if offered && !verified && case.directory.user_of_email(email) != Some(target) {
        return Err(Denial::field(Code::EmailTaken, "email"));
    }
    let mut events = vec![Event::MemberEmailChanged {
        user: case.user_id(target),
        from: row.and_then(|row| row.written()).map(str::to_owned),
        email: case.ask.email.clone().unwrap_or_default(),
        verified,
    }];
    // What was offered to the user at the old address is the user's no more: left open, it would outlive the membership.
    let old = row.filter(|row| row.verified).and_then(|row| row.email.as_deref()).filter(|&old| old != email);
    events.extend(old.into_iter().flat_map(|old| voided_offers(case, old, |_| true)));
    Ok(Effects::events(events))
}
