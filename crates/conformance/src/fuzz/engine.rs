//! Policy, snapshot and requests together: what must hold of the engine on whatever reads.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tenantry::document::{Decision, Request, Snapshot};
use tenantry::{Directory, Error, Need, Policy};

use super::documents::{check_decision, check_error};
use super::questions;
use crate::agreement;
use crate::slices::slice;

/// Requests of one input that are asked. More only cost time.
const REQUESTS: usize = 6;

/// How often a host loads what is missing, at most.
const LOADS: usize = 8;

/// An organization and what is asked of it, in order.
#[derive(Deserialize)]
struct Story {
    policy: Value,
    snapshot: Value,
    #[serde(default)]
    requests: Vec<Value>,
}

/// An organization and a decision that nobody can vouch for.
#[derive(Deserialize)]
struct Forgery {
    policy: Value,
    snapshot: Value,
    decision: Value,
}

/// `{ "policy", "snapshot", "requests" }`: each request is asked in every way; what is allowed is applied before the next.
pub fn engine(input: &[u8]) {
    let Ok(story) = serde_json::from_slice::<Story>(input) else { return };
    let Some(mut directory) = opened(story.policy, &story.snapshot) else { return };
    check_state(&directory);
    let whole = story.snapshot.get("slice").is_none();
    for request in story.requests.iter().take(REQUESTS) {
        if let Ok(request) = heard(Request::from_json(&request.to_string())) {
            asked(&mut directory, &request, whole);
        }
    }
}

/// `{ "policy", "snapshot", "decision" }`: a decision that somebody tampered with is applied or refused, and the state can be
/// asked afterwards.
pub fn forged(input: &[u8]) {
    let Ok(mut forgery) = serde_json::from_slice::<Forgery>(input) else { return };
    let Some(mut directory) = opened(forgery.policy, &forgery.snapshot) else { return };
    if let Some(fields) = forgery.decision.as_object_mut() {
        fields.insert("organization".to_owned(), json!(directory.organization()));
        fields.insert("policy".to_owned(), json!(directory.policy().digest()));
    }
    let Ok(decision) = heard(Decision::from_json(&forgery.decision.to_string())) else { return };
    if heard(directory.apply(&decision, decision.request.now)).is_ok() {
        let _ = heard(directory.explain(&decision.request));
        questions::ask(&directory, &decision.request);
        let _ = heard(again(&directory));
    }
}

/// An answer whose refusal is one in words.
fn heard<T>(answer: Result<T, Error>) -> Result<T, Error> {
    answer.inspect_err(check_error)
}

fn opened(policy: Value, snapshot: &Value) -> Option<Directory> {
    let policy = heard(Policy::parse(policy)).ok()?;
    let snapshot = heard(Snapshot::from_json(&snapshot.to_string())).ok()?;
    heard(Directory::new(policy, &snapshot)).ok()
}

/// The state, printed and read again.
fn again(directory: &Directory) -> Result<Directory, Error> {
    Directory::new(Arc::new(directory.policy().clone()), &directory.snapshot())
}

/// The state printed is a state, and prints to the same.
fn check_state(directory: &Directory) -> Option<Directory> {
    let again = again(directory);
    assert_eq!(
        again.as_ref().map(Directory::snapshot).ok(),
        Some(directory.snapshot()),
        "the state reads to another, or is refused: {:?}",
        again.as_ref().err()
    );
    again.ok()
}

/// Asks in every way. A slice may want to hold more for one question than for another, so that answers about it can differ.
fn asked(directory: &mut Directory, request: &Request, whole: bool) {
    let before = directory.snapshot();
    let needs = heard(directory.policy().needs(directory.organization(), request));
    let answer = heard(directory.decide(request));
    if needs.is_err() {
        assert_eq!(code(&needs), code(&answer), "what is malformed for `needs` is malformed for `decide`");
    }
    assert_eq!(directory.snapshot(), before, "a question changes the state");
    if let Some(mut fresh) = check_state(directory) {
        same(&answer, &fresh.decide(request), "the state printed and read again answers");
    }
    same(&answer, &directory.explain(request).map(|explanation| explanation.decision), "`explain` answers");
    questions::ask(directory, request);
    if let Ok(decision) = answer {
        if whole {
            assert_eq!(agreement::check(directory, &decision), None, "`denial` answers otherwise");
        }
        if whole {
            served(directory, &decision, &before);
        }
        decided(directory, &decision, &before);
    }
}

/// A host that loads what is needed, and then what is missing, gets the same answer.
fn served(directory: &Directory, decision: &Decision, whole: &Snapshot) {
    let request = &decision.request;
    let mut needs = directory.policy().needs(directory.organization(), request).unwrap_or_default();
    let policy = Arc::new(directory.policy().clone());
    let counted = |keep: &str, scope: &str| decision.reads.counts.get(keep).and_then(|scopes| scopes.get(scope)).copied();
    for _ in 0..LOADS {
        let part = slice(whole, &needs, &|keep, scope| counted(keep, scope).unwrap_or_default());
        let held = Directory::new(Arc::clone(&policy), &part);
        assert!(held.is_ok(), "a slice cannot be read: {:?}", held.as_ref().err());
        let Ok(mut held) = held else { return };
        match held.decide(request) {
            Err(error) if error.code() == "missing_facts" => {
                let new: Vec<Need> = error.missing().iter().filter(|need| !needs.contains(need)).cloned().collect();
                assert!(!new.is_empty(), "what is missing was loaded: {error}");
                // A count that the decision does not say cannot be told here.
                if new.iter().any(|need| matches!(need, Need::Count { keep, scope } if counted(keep, scope).is_none())) {
                    return;
                }
                needs.extend(new);
            }
            answer => return same(&Ok(decision.clone()), &answer, "a slice answers"),
        }
    }
    assert!(needs.is_empty(), "after {LOADS} loads something is still missing: {needs:?}");
}

fn same(answer: &Result<Decision, Error>, other: &Result<Decision, Error>, what: &str) {
    assert_eq!(answer.as_ref().ok(), other.as_ref().ok(), "{what} otherwise: {:?}", other.as_ref().err());
    assert_eq!(code(answer), code(other), "{what} with another error");
}

fn code<T>(answer: &Result<T, Error>) -> Option<&'static str> {
    answer.as_ref().err().map(Error::code)
}

fn decided(directory: &mut Directory, decision: &Decision, before: &Snapshot) {
    check_decision(decision);
    if decision.is_allowed() {
        assert_eq!((&decision.code, decision.reasons.len()), (&None, 0), "an allow with a reason against it");
        allowed(directory, decision, before);
    } else {
        assert!(decision.code.is_some() && decision.message.is_some() && !decision.reasons.is_empty(), "a denial without a reason");
        assert!(decision.events.is_empty() && decision.obligations.is_empty(), "a denial with effects");
        assert_eq!(code(&directory.apply(decision, decision.request.now)), Some("denied"));
        assert_eq!(directory.snapshot(), *before, "a denied request changes the state");
    }
}

/// What is allowed comes true once, in time, and leaves a state like any other.
fn allowed(directory: &mut Directory, decision: &Decision, before: &Snapshot) {
    let now = decision.request.now;
    if let Some(until) = decision.valid_until {
        assert_eq!(code(&heard(directory.apply(decision, until))), Some("late"), "applied when it is too late");
        assert_eq!(directory.snapshot(), *before, "a late decision changes the state");
    }
    assert_eq!(code(&heard(directory.apply(decision, now))), None, "what is allowed cannot be applied");
    check_state(directory);
    let after = directory.snapshot();
    if after != *before {
        assert_eq!(code(&heard(directory.apply(decision, now))), Some("stale"), "applied twice");
        assert_eq!(directory.snapshot(), after, "a stale decision changes the state");
    }
}
