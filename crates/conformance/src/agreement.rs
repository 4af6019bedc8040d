//! `denial` answers as `decide` does, wherever a question can say what a request says.

use tenantry::Directory;
use tenantry::ask::Query;
use tenantry::document::{Ask, Body, Decision, Request};

/// The difference between the decision and the answer to the same question, if there is one.
#[must_use]
pub fn check(directory: &Directory, decision: &Decision) -> Option<String> {
    // A question has no token.
    if decision.code.as_deref() == Some("required_field") {
        return None;
    }
    let query = question(directory, &decision.request)?;
    // Asked twice: the second answer may be a remembered one.
    (0..2).find_map(|_| {
        let denial = match directory.denial(&query) {
            Ok(denial) => denial.map(|denial| denial.code(directory.policy()).to_owned()),
            Err(error) => return Some(format!("denial: met the error {error}")),
        };
        (denial != decision.code).then(|| format!("denial: expected {:?} as decided, met {denial:?}", decision.code))
    })
}

/// The question that a request asks, if a question has words for all of it.
fn question(directory: &Directory, request: &Request) -> Option<Query> {
    let Body::One(ask) = &request.body else { return None };
    let ask: &Ask = ask;
    let role = match ask.action.as_str() {
        "member.remove" | "member.leave" if ask.reach.is_none() => None,
        "member.deactivate" | "member.reactivate" | "member.list" | "invitation.list" | "audit.read" => None,
        "invitation.revoke" | "invitation.resend" | "invitation.decline" if ask.token_hash.is_none() => None,
        "invitation.accept" if ask.token_hash.is_none() && ask.user.is_none() => None,
        "member.set_roles" => Some(only_role(ask, word_of_role(directory, ask.scope.as_deref()))?),
        "invitation.approve" | "group.delete" | "group.add" | "group.remove" => None,
        action if is_of_the_app(action) => None,
        _ => return None,
    };
    Some(query(request, ask, role))
}

/// What a question can say of a request.
#[must_use]
pub fn query(request: &Request, ask: &Ask, role: Option<String>) -> Query {
    Query {
        actor: request.actor.clone(),
        action: ask.action.clone(),
        now: request.now,
        scope: ask.scope.clone(),
        target: ask.target.clone(),
        invitation: ask.invitation.clone(),
        group: ask.group.clone(),
        role,
        resource: ask.resource.clone().unwrap_or_default(),
        context: request.context.clone(),
    }
}

fn is_of_the_app(action: &str) -> bool {
    tenantry::policy::actions::Verb::parse(action).is_none()
}

/// The field of a request that says what a question means by a role: one more, or in a one-role scope the one role.
#[must_use]
pub fn word_of_role(directory: &Directory, scope: Option<&str>) -> &'static str {
    let state = directory.snapshot();
    let kind = state.scopes.iter().find(|row| row.id == scope.unwrap_or(&state.organization)).map(|row| &row.kind);
    let one = directory.policy().kinds().iter().any(|declared| Some(&declared.name) == kind && declared.one_role);
    if one { "roles" } else { "add" }
}

/// The one role that a request gives in that field, and nothing else.
fn only_role(ask: &Ask, word: &str) -> Option<String> {
    let (given, others) = if word == "add" { (&ask.add, &ask.roles) } else { (&ask.roles, &ask.add) };
    let [role] = given.as_deref()? else { return None };
    let alone = others.is_none() && ask.remove.is_none() && ask.scopes.is_none();
    (alone && role.expires_at.is_none() && role.source.is_none()).then(|| role.role.clone())
}
