//! The questions beside requests answer as decisions do, asked again, asked by handles, and asked of a slice.

use std::sync::Arc;

use serde_json::json;
use tenantry::ask::{Ids, PageQuery, PermittedQuery, Query, Question, WhoCanQuery};
use tenantry::document::{Actor, Decision, Request, Snapshot};
use tenantry::{Directory, Need};
use tenantry_conformance::agreement;
use tenantry_conformance::generate::Dice;
use tenantry_conformance::slices::slice;

use crate::properties::{Course, Fault, fault};

/// How often a host loads what is missing, at most.
const LOADS: usize = 10;

type Code = Result<Option<String>, &'static str>;

fn code(directory: &Directory, answer: Result<Option<tenantry::ask::DenialCode>, tenantry::Error>) -> Code {
    answer.map(|denial| denial.map(|denial| denial.code(directory.policy()).to_owned())).map_err(|error| error.code())
}

fn denial(directory: &Directory, query: &Query) -> Code {
    code(directory, directory.denial(query))
}

/// A few questions about whoever is there.
pub fn agree(course: &Course, decision: &Decision, state: &Snapshot, dice: &mut Dice) -> Result<(), Fault> {
    let Ok(fresh) = Directory::new(Arc::clone(&course.policy), state) else { return Ok(()) };
    for _ in 0..3 {
        let query = question(course, decision, state, dice);
        one(&course.directory, &fresh, &query)?;
        decided(course, &query, dice)?;
    }
    let query = question(course, decision, state, dice);
    remembered(&course.directory, &query, state)?;
    lists(&course.directory, &query)?;
    page(&course.directory, &query)
}

/// Of everybody in turn: what was found for others does not change an answer.
fn remembered(directory: &Directory, query: &Query, state: &Snapshot) -> Result<(), Fault> {
    let role = directory.policy().roles().first().map(|role| role.name.clone());
    let actions = [("member.remove", None), ("member.deactivate", None), ("member.set_roles", None), ("member.set_roles", role)];
    for (action, role) in actions {
        for user in &state.users {
            let asked = Query { action: action.to_owned(), target: Some(user.id.clone()), role: role.clone(), ..query.clone() };
            // A copy remembers nothing.
            let (known, fresh) = (denial(directory, &asked), denial(&directory.clone(), &asked));
            if known != fresh {
                return fault("questions", format!("remembered: {known:?}, fresh: {fresh:?} of {}", json!(asked)));
            }
        }
    }
    Ok(())
}

fn question(course: &Course, decision: &Decision, state: &Snapshot, dice: &mut Dice) -> Query {
    let users: Vec<&String> = state.users.iter().map(|row| &row.id).collect();
    let scopes: Vec<&String> = state.scopes.iter().map(|row| &row.id).collect();
    let actions: Vec<&String> = course.policy.actions().iter().map(|action| &action.name).collect();
    let favourites = ["member.remove", "member.set_roles", "member.deactivate", "member.leave", "member.list", "report.read"];
    let action = if dice.chance(50) { dice.word(&favourites) } else { dice.word(&actions) };
    let roles: Vec<String> = course.policy.roles().iter().map(|role| role.name.clone()).chain(state.custom_roles.iter().map(|row| row.id.clone())).collect();
    let scope = dice.chance(80).then(|| dice.word(&scopes));
    let (has_target, has_role) = (dice.chance(75), dice.chance(50));
    Query {
        actor: if dice.chance(90) { Actor::User(dice.word(&users)) } else { decision.request.actor.clone() },
        now: decision.request.now,
        scope: scope.filter(|scope| !scope.is_empty()),
        target: has_target.then(|| dice.word(&users)),
        role: (action == "member.set_roles" && has_role).then(|| dice.word(&roles)),
        context: decision.request.context.clone(),
        action,
        ..Query::default()
    }
}

/// One question in every way in which it can be put.
fn one(directory: &Directory, fresh: &Directory, query: &Query) -> Result<(), Fault> {
    let first = denial(directory, query);
    let mut others = vec![("again", denial(directory, query)), ("afresh", denial(fresh, query)), ("afresh again", denial(fresh, query))];
    let can = directory.can(query).map_err(|error| error.code());
    if can != first.as_ref().map(Option::is_none).map_err(|code| *code) {
        return fault("questions", format!("can: {can:?}, denial: {first:?} of {}", json!(query)));
    }
    // What is malformed is an error only where fields have names.
    if let (Actor::User(actor), true, Some(action)) = (&query.actor, first.is_ok(), directory.policy().action(&query.action)) {
        let ids = Ids {
            actor,
            action,
            scope: query.scope.as_deref(),
            target: query.target.as_deref(),
            role: query.role.as_deref(),
            now: query.now,
            resource: None,
            context: Some(&query.context),
        };
        others.push(("by id", code(directory, directory.denies_by_id(&ids))));
        others.push(("by id again", code(directory, directory.denies_by_id(&ids))));
        others.extend(by_handles(directory, query, actor).map(|answer| ("by handles", answer)));
    }
    match others.into_iter().find(|(_, other)| *other != first) {
        Some((how, other)) => fault("questions", format!("{first:?}, {how}: {other:?} of {}", json!(query))),
        None => Ok(()),
    }
}

fn by_handles(directory: &Directory, query: &Query, actor: &str) -> Option<Code> {
    let scope = directory.scope(query.scope.as_deref().unwrap_or(directory.organization()))?;
    let target = match &query.target {
        Some(id) => Some(directory.user(id)?),
        None => None,
    };
    let role = match &query.role {
        Some(name) => Some(directory.role(scope, name)?),
        None => None,
    };
    let action = directory.policy().action(&query.action)?;
    let question = Question { actor: directory.user(actor)?, action, scope, target, role, now: query.now, resource: None, context: Some(&query.context) };
    Some(code(directory, Ok(directory.denies(&question))))
}

/// The same question as a request.
fn decided(course: &Course, query: &Query, dice: &mut Dice) -> Result<(), Fault> {
    let mut request = json!({ "tenantry": 1, "id": format!("question-{}", dice.below(1000)), "now": query.now, "actor": query.actor, "action": query.action });
    for (name, value) in [("scope", &query.scope), ("target", &query.target)] {
        if let Some(value) = value {
            request[name] = json!(value);
        }
    }
    if let Some(role) = &query.role {
        request[agreement::word_of_role(&course.directory, query.scope.as_deref())] = json!([role]);
    }
    let Ok(request) = Request::from_json(&request.to_string()) else { return Ok(()) };
    let request = Request { context: query.context.clone(), ..request };
    let Ok(decision) = course.directory.clone().decide(&request) else { return Ok(()) };
    match agreement::check(&course.directory, &decision) {
        Some(line) => fault("denial", format!("{line}\n    of {}", json!(request))),
        None => Ok(()),
    }
}

/// What a menu and a list of who can are made of.
fn lists(directory: &Directory, query: &Query) -> Result<(), Fault> {
    let about = PermittedQuery {
        actor: query.actor.clone(),
        now: query.now,
        scope: query.scope.clone(),
        target: query.target.clone(),
        invitation: None,
        context: query.context.clone(),
    };
    for verdict in directory.permitted(&about).unwrap_or_default() {
        let asked = Query { action: verdict.action.clone(), role: None, ..query.clone() };
        if denial(directory, &asked) != Ok(verdict.code.clone()) || verdict.allowed != verdict.code.is_none() {
            return fault("questions", format!("permitted: {verdict:?} of {}", json!(asked)));
        }
    }
    let who = WhoCanQuery {
        viewer: query.actor.clone(),
        action: query.action.clone(),
        now: query.now,
        scope: query.scope.clone(),
        target: query.target.clone(),
        role: query.role.clone(),
        context: query.context.clone(),
        ..WhoCanQuery::default()
    };
    for id in directory.who_can(&who).unwrap_or_default() {
        let asked = Query { actor: Actor::User(id), ..query.clone() };
        if denial(directory, &asked) != Ok(None) {
            return fault("questions", format!("who_can names somebody who cannot: {}", json!(asked)));
        }
    }
    Ok(())
}

/// The bits of the page, and its columns.
fn page(directory: &Directory, query: &Query) -> Result<(), Fault> {
    let asked = PageQuery {
        actor: query.actor.clone(),
        now: query.now,
        scope: query.scope.clone(),
        inherited: true,
        context: query.context.clone(),
        ..PageQuery::default()
    };
    let Ok(page) = directory.page(&asked) else { return Ok(()) };
    for row in &page.members {
        for (bit, action) in page.member_actions.iter().enumerate() {
            let one = Query { action: action.clone(), target: Some(row.user.clone()), role: None, ..query.clone() };
            if (row.actions >> bit & 1 == 1) != (denial(directory, &one) == Ok(None)) {
                return fault("questions", format!("page: bit of {action} is {} of {}", row.actions >> bit & 1, json!(one)));
            }
        }
    }
    for row in &page.invitations {
        for (bit, action) in page.invitation_actions.iter().enumerate() {
            let one = Query { action: action.clone(), target: None, invitation: Some(row.invitation.clone()), role: None, ..query.clone() };
            if (row.actions >> bit & 1 == 1) != (denial(directory, &one) == Ok(None)) {
                return fault("questions", format!("page: bit of {action} is {} of {}", row.actions >> bit & 1, json!(one)));
            }
        }
    }
    let Ok(columns) = directory.columns(&asked) else { return fault("questions", "a page, but no columns") };
    let users: Vec<_> = page.members.iter().filter_map(|row| directory.user(&row.user)).collect();
    let bits: Vec<u64> = page.members.iter().map(|row| row.actions).collect();
    if columns.users != users || columns.actions != bits || columns.denied != page.members_denied {
        return fault("questions", "the columns are not those of the page");
    }
    Ok(())
}

/// A host that loads what is needed, and then what is missing, gets the same answer.
pub fn slice_agrees(course: &Course, decision: &Decision, whole: &Snapshot) -> Result<(), Fault> {
    let mut needs = course.policy.needs(&whole.organization, &decision.request).unwrap_or_default();
    let counted = |keep: &str, scope: &str| decision.reads.counts.get(keep).and_then(|scopes| scopes.get(scope)).copied();
    for _ in 0..LOADS {
        let part = slice(whole, &needs, &|keep, scope| counted(keep, scope).unwrap_or_default());
        let mut held = match Directory::new(Arc::clone(&course.policy), &part) {
            Ok(held) => held,
            Err(error) => return fault("slice", format!("the slice is refused: {error}")),
        };
        match held.decide(&decision.request) {
            Ok(answer) if answer == *decision => return Ok(()),
            Ok(answer) => return fault("slice", format!("{}\n    whole: {}", json!(answer), json!(decision))),
            Err(error) if error.code() == "missing_facts" => {
                let new: Vec<Need> = error.missing().iter().filter(|need| !needs.contains(need)).cloned().collect();
                if new.is_empty() {
                    return fault("slice", format!("what is missing was loaded: {error}"));
                }
                // A count that the decision does not say cannot be told here.
                if new.iter().any(|need| matches!(need, Need::Count { keep, scope } if counted(keep, scope).is_none())) {
                    return Ok(());
                }
                needs.extend(new);
            }
            Err(error) => return fault("slice", format!("the slice: {error}")),
        }
    }
    fault("slice", "something is still missing")
}
