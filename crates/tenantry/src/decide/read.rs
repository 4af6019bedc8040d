//! Verbs that change nothing: lists, the audit trail, and the actions of the app.

use super::claim::{Claim, Subject};
use super::outcome::{Denial, Effects};
use super::plan::{Case, Plan};

/// An action of the app: nothing changes, an allow must fit.
pub(super) fn app_action<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    let target = case.ask.target.as_ref().map(|_| case.target()).transpose()?;
    let claims = vec![Claim::fit(case.action, scope, target.map_or(Subject::Nobody, Subject::User))];
    let archived = case.policy().settings(case.action).archived;
    let check = if archived { Ok(()) } else { case.check_archived(scope) };
    Ok(Plan::new(claims, target, check.map(|()| Effects::default())))
}

/// A list: nothing changes, an allow must fit.
pub(super) fn list<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    Ok(Plan::new(vec![Claim::fit(case.action, scope, Subject::Nobody)], None, Ok(Effects::default())))
}
