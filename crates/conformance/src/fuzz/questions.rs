//! The questions beside requests: they answer on any state, agree with each other, and say what can be said.

use tenantry::ask::{Order, PageQuery, PermittedQuery, Query, Question, WhoCanQuery};
use tenantry::document::{Actor, Ask, Facts, Request};
use tenantry::{Directory, Error};

use super::documents::check_error;

/// Rows of a page that are looked at.
const ROWS: u32 = 4;

/// Asks about everything that a request names.
pub fn ask(directory: &Directory, request: &Request) {
    for ask in request.body.asks().iter().take(2) {
        let query = query(request, ask);
        check_handles(directory, &query);
        let _ = denial(directory, &query);
        check_permitted(directory, &query);
        check_page(directory, &query);
        check_who_can(directory, &query);
    }
}

fn query(request: &Request, ask: &Ask) -> Query {
    let named = |roles: &Option<Vec<tenantry::document::RoleAt>>| roles.as_ref().and_then(|roles| roles.first()).map(|role| role.role.clone());
    let role = named(&ask.add).or_else(|| named(&ask.roles)).or_else(|| ask.role.clone());
    crate::agreement::query(request, ask, role)
}

/// The code against an action, for which `can` says the same.
fn denial(directory: &Directory, query: &Query) -> Result<Option<String>, Error> {
    let denial = directory.denial(query).inspect_err(check_error);
    assert_eq!(directory.can(query).ok(), denial.as_ref().ok().map(Option::is_none), "`can` answers otherwise than `denial`");
    if let Ok(Some(denial)) = &denial {
        assert!(!denial.message(directory.policy()).is_empty(), "a code without words");
    }
    denial.map(|denial| denial.map(|denial| denial.code(directory.policy()).to_owned()))
}

/// By handle the answer is that by id, where a question has a handle for everything it names.
fn check_handles(directory: &Directory, query: &Query) {
    let Actor::User(actor) = &query.actor else { return };
    if query.invitation.is_some() || query.group.is_some() || is_decided_in_full(&query.action) {
        return;
    }
    let (Some(actor), Some(action)) = (directory.user(actor), directory.policy().action(&query.action)) else { return };
    let Some(scope) = directory.scope(query.scope.as_deref().unwrap_or(directory.organization())) else { return };
    let target = query.target.as_deref().map(|id| directory.user(id));
    let role = query.role.as_deref().map(|name| directory.role(scope, name));
    if matches!(target, Some(None)) || matches!(role, Some(None)) {
        return;
    }
    let question = Question {
        actor,
        action,
        scope,
        target: target.flatten(),
        role: role.flatten(),
        now: query.now,
        resource: Some(&query.resource),
        context: Some(&query.context),
    };
    let by_handle = directory.denies(&question).map(|denial| denial.code(directory.policy()).to_owned());
    if let Ok(by_id) = denial(directory, query) {
        assert_eq!(by_handle, by_id, "by handle the answer is another than by id");
    }
}

fn is_decided_in_full(action: &str) -> bool {
    tenantry::policy::actions::Verb::parse(action).is_some_and(|verb| verb.needs_no_rule())
}

fn check_permitted(directory: &Directory, query: &Query) {
    let Query { actor, now, scope, target, invitation, context, .. } = query.clone();
    let about = PermittedQuery { actor, now, scope, target, invitation, context };
    let Ok(verdicts) = directory.permitted(&about).inspect_err(check_error) else { return };
    for verdict in verdicts {
        assert_eq!(verdict.allowed, verdict.code.is_none(), "`permitted` on `{}`", verdict.action);
        let one = Query { action: verdict.action, group: None, role: None, resource: Facts::default(), ..query.clone() };
        assert_eq!(denial(directory, &one).ok(), Some(verdict.code), "`permitted` answers otherwise than `denial` on `{}`", one.action);
    }
}

/// The rows of a page are of the organization, no more than asked for, and their bits say what `can` says.
fn check_page(directory: &Directory, query: &Query) {
    for (order, inherited, offset) in [(Order::Name, false, 0), (Order::Role, true, 1)] {
        let asked = PageQuery {
            actor: query.actor.clone(),
            now: query.now,
            scope: query.scope.clone(),
            context: query.context.clone(),
            order,
            inherited,
            offset,
            limit: Some(ROWS),
            ..PageQuery::default()
        };
        let Ok(page) = directory.page(&asked).inspect_err(check_error) else { continue };
        assert!(page.members.len() + page.invitations.len() <= page.total.min(ROWS as usize), "more rows than there are");
        assert!(page.members_denied.is_none() || page.members.is_empty(), "members that may not be seen");
        assert!(page.invitations_denied.is_none() || page.invitations.is_empty(), "invitations that may not be seen");
        let about = |action: &str| Query { action: action.to_owned(), resource: Facts::default(), ..bare(query) };
        for line in page.members.iter().take(2) {
            let can = |action: &str| directory.can(&Query { target: Some(line.user.clone()), ..about(action) });
            check_bits(line.actions, &page.member_actions, can);
        }
        for line in page.invitations.iter().take(2) {
            let can = |action: &str| directory.can(&Query { invitation: Some(line.invitation.clone()), ..about(action) });
            check_bits(line.actions, &page.invitation_actions, can);
        }
    }
}

/// The question about a scope alone.
fn bare(query: &Query) -> Query {
    Query { actor: query.actor.clone(), now: query.now, scope: query.scope.clone(), context: query.context.clone(), ..Query::default() }
}

fn check_bits(bits: u64, actions: &[String], can: impl Fn(&str) -> Result<bool, Error>) {
    assert!(bits.checked_shr(actions.len() as u32).unwrap_or(0) == 0, "bits of no action");
    for (number, action) in actions.iter().enumerate() {
        assert_eq!(can(action).ok(), Some(bits >> number & 1 == 1), "the row answers otherwise than `can` on `{action}`");
    }
}

/// Who can are users of the organization, sorted, for whom `can` says so.
fn check_who_can(directory: &Directory, query: &Query) {
    let Query { actor: viewer, action, now, scope, target, role, resource, context, .. } = query.clone();
    let Ok(able) = directory.who_can(&WhoCanQuery { viewer, action, now, scope, target, role, resource, context }).inspect_err(check_error) else { return };
    assert!(able.is_sorted(), "`who_can` is not sorted");
    for id in able.iter().take(ROWS as usize) {
        let one = Query { actor: Actor::User(id.clone()), invitation: None, group: None, ..query.clone() };
        assert_eq!(directory.can(&one).ok(), Some(true), "`who_can` names `{id}`, who cannot");
    }
}
