//! Lists of addresses: each is judged in order against the state that the ones before it leave. By the policy a bad address
//! denies the whole request, or is passed over in silence.

use crate::directory::Directory;
use crate::document::policy::OnConflict;
use crate::document::{Ask, Emails, Event};
use crate::email::canonical;
use crate::policy::actions::ActionId;

use super::judge::Powers;
use super::outcome::{Denial, Effects};
use super::{Ran, Run};

/// Codes of an address that is passed over where the policy says so.
const SKIPPED: &[&str] = &["invalid_email", "already_member", "already_invited"];

/// Whether a denial is one that the policy passes over in silence.
pub(crate) fn is_skipped(directory: &Directory, denial: &Denial) -> bool {
    directory.policy.invitations.on_conflict == OnConflict::Skip && SKIPPED.contains(&denial.code())
}

/// The address left no trace but this.
pub(crate) fn skipped(email: &str, denial: &Denial) -> Effects {
    Effects {
        rules: denial.carried.clone(),
        ..Effects::events(vec![Event::InvitationSkipped { email: email.trim().to_owned(), code: denial.code().to_owned() }])
    }
}

/// Steps 2 to 6 for every address of a list, with the powers that the actor had before the first: one of them may be its own.
/// It could come last, so that there is always an order in which each is permitted.
pub(crate) fn run(run: &Run, directory: &mut Directory, (ask, action): (&Ask, ActionId), emails: &Emails, powers: Powers) -> Ran {
    let addresses = emails.entries();
    if addresses.is_empty() {
        let empty = Ask { emails: None, email: Some(String::new()), ..ask.clone() };
        return run.steps(directory, (&empty, action), None, powers).0;
    }
    let here = run.who(directory).user().and_then(|slot| directory.before(slot, false, run.request.now));
    let powers = Powers { before: powers.before.filter(|_| !powers.in_order).or(here.as_ref()), in_order: false };
    directory.try_out(|directory| {
        let (mut all, mut bad) = (Effects::default(), Vec::new());
        for address in addresses {
            let one = Ask { emails: None, email: Some(address.to_owned()), ..ask.clone() };
            let email = canonical(address);
            match run.steps(directory, (&one, action), email.as_deref(), powers).0 {
                Ok(effects) => {
                    directory.apply_events(&effects.events, run.request.now);
                    all.extend(marked(effects, address));
                }
                Err(denial) if is_skipped(directory, &denial) => all.extend(skipped(address, &denial)),
                Err(denial) => bad.push((address, denial)),
            }
        }
        first_step(bad).map_or(Ok(all), Err)
    })
}

fn marked(mut effects: Effects, address: &str) -> Effects {
    effects.warnings.iter_mut().for_each(|warning| warning.email = Some(address.to_owned()));
    effects
}

/// The reasons of every bad address, of the first step at which one fails. What does not depend on the address is said
/// once.
fn first_step(bad: Vec<(&str, Denial)>) -> Option<Denial> {
    let step = bad.iter().map(|(_, denial)| denial.step).min()?;
    let mut merged: Option<Denial> = None;
    for (address, mut denial) in bad.into_iter().filter(|(_, denial)| denial.step == step) {
        if step >= crate::codes::Step::Judge {
            denial.reasons.iter_mut().for_each(|reason| reason.email = Some(address.to_owned()));
        }
        match &mut merged {
            None => merged = Some(denial),
            Some(all) => {
                all.reasons.extend(denial.reasons.into_iter().filter(|reason| !all.reasons.contains(reason)).collect::<Vec<_>>());
                all.rules.extend(denial.rules);
            }
        }
    }
    merged
}
