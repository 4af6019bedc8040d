//! What is promised of every policy, asked of one sequence.

use std::sync::Arc;

use serde_json::{Value, json};
use tenantry::document::snapshot::InvitationStatus;
use tenantry::document::{Batch, Body, Decision, Request, Snapshot, canonical_json};
use tenantry::{Directory, Policy};
use tenantry_conformance::agreement;
use tenantry_conformance::generate::{Dice, Sequence};
use tenantry_conformance::reference::{Reference, decision_differences, state_differences};

use crate::run::Tally;
use crate::{own, questions, time};

/// What does not hold.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which promise.
    pub promise: &'static str,
    /// How it is broken, in short.
    pub told: String,
}

pub fn fault<T>(promise: &'static str, told: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { promise, told: told.into() })
}

/// Errors of shape, and bounds: the reference leaves them to the engine.
const OF_SHAPE: [&str; 4] = ["bad_document", "unsupported_version", "bad_value", "out_of_bounds"];

/// A sequence on its way: the engine's state and the reference's.
pub struct Course {
    pub policy: Arc<Policy>,
    pub directory: Directory,
    pub reference: Reference,
    /// The policy as written.
    pub document: Value,
}

/// Asks the requests of a sequence one after the other. `None` if there is no such policy or state.
pub fn check(sequence: &Sequence, tally: &mut Tally) -> Result<(), Fault> {
    let Ok(policy) = Policy::parse(sequence.policy.clone()) else { return Ok(()) };
    let Ok(state) = Snapshot::from_json(&sequence.snapshot.to_string()) else { return Ok(()) };
    // What no engine leaves: rows without their organization, acceptances by nobody.
    let by_nobody = state.invitations.iter().any(|row| row.status == InvitationStatus::AwaitingApproval && (row.user.is_none() || row.open.is_some()));
    if by_nobody || (state.scopes.is_empty() && state.users.len() + state.invitations.len() > 0) {
        return Ok(());
    }
    let Ok(directory) = Directory::new(policy.clone(), &state) else { return Ok(()) };
    reads_again(&policy, &directory)?;
    // The engine's print has the policy's order of roles.
    let reference = Reference::new(&policy, &directory.snapshot());
    let document = sequence.policy.clone();
    let mut course = Course { policy: Arc::new(policy), directory, reference, document };
    let requests: Vec<Request> = sequence.requests.iter().filter_map(|document| Request::from_json(&document.to_string()).ok()).collect();
    for (number, request) in requests.iter().enumerate() {
        let next = requests.get(number + 1).and_then(|next| course.directory.decide(next).ok());
        course.ask(request, number, tally)?;
        next.filter(Decision::is_allowed).map_or(Ok(()), |next| course.held(&next))?;
    }
    Ok(())
}

/// What is printed reads to the same, which prints to the same.
fn reads_again(policy: &Policy, directory: &Directory) -> Result<(), Fault> {
    let printed = policy.to_json();
    match Policy::parse_json(&printed) {
        Ok(again) if again.to_json() == printed && again.digest() == policy.digest() => {}
        _ => return fault("print", "the policy printed reads to another"),
    }
    state_reads_again(directory)
}

fn state_reads_again(directory: &Directory) -> Result<(), Fault> {
    let printed = directory.snapshot();
    let text = canonical_json(&printed);
    let again = Snapshot::from_json(&text).and_then(|state| Directory::new(directory.policy().clone(), &state));
    match again {
        Ok(again) if again.snapshot() == printed => Ok(()),
        Ok(_) => fault("print", "the state printed reads to another"),
        Err(error) => fault("print", format!("the state printed is refused: {error}")),
    }
}

impl Course {
    fn fresh(&self, state: &Snapshot) -> Option<Directory> {
        Directory::new(Arc::clone(&self.policy), state).ok()
    }

    /// Asks one request in every way.
    fn ask(&mut self, request: &Request, number: usize, tally: &mut Tally) -> Result<(), Fault> {
        let mut dice = Dice::new(number as u64);
        let before = self.directory.snapshot();
        let engine = self.directory.decide(request).map_err(|error| error.code());
        if self.directory.snapshot() != before {
            return fault("unchanged", "deciding changes the state");
        }
        if engine.as_ref().is_err_and(|code| OF_SHAPE.contains(code)) {
            return Ok(());
        }
        let traced = self.reference.decide_traced(request);
        let lines = match (&engine, &traced.decision) {
            // Which of several faults is told first is not said.
            (Err(a), Err(b)) if a == b || [*a, b.as_str()].iter().all(|code| matches!(*code, "missing_field" | "unexpected_field")) => return Ok(()),
            (Ok(a), Ok(b)) => decision_differences(a, b),
            (a, b) => vec![format!("engine: {:?}, reference: {:?}", a.as_ref().map(|d| d.code.clone()), b.as_ref().map(|d| d.code.clone()))],
        };
        if !lines.is_empty() {
            return fault("reference", lines.join("\n    "));
        }
        let (Ok(decision), Ok(told)) = (engine, &traced.decision) else { return Ok(()) };
        tally.decided(&decision);
        self.in_any_order(&decision, &before, &mut dice)?;
        decision_reads_again(&decision)?;
        own::gate(self, &traced, &decision, &before, &mut dice)?;
        time::until(self, &decision)?;
        questions::agree(self, &decision, &before, &mut dice)?;
        if let Some(line) = agreement::check(&self.directory, &decision) {
            return fault("denial", line);
        }
        questions::slice_agrees(self, &decision, &before)?;
        if !decision.is_allowed() {
            if !decision.events.is_empty() || decision.reasons.is_empty() {
                return fault("unchanged", "a denial with events or without a reason");
            }
            return Ok(());
        }
        self.law(&decision, &before)?;
        self.commit(&decision, &before, told)
    }

    fn commit(&mut self, decision: &Decision, before: &Snapshot, told: &Decision) -> Result<(), Fault> {
        let now = decision.request.now;
        if let Err(error) = self.directory.apply(decision, now) {
            return fault("apply", format!("{error}"));
        }
        self.reference.apply(told);
        let after = self.directory.snapshot();
        let lines = state_differences(&after, self.reference.snapshot());
        if !lines.is_empty() {
            return fault("state", lines.join("\n    "));
        }
        state_reads_again(&self.directory)?;
        let again = self.directory.apply(decision, now).map_err(|error| error.code());
        match again {
            Err("stale") if !decision.events.is_empty() => {}
            // Nothing is new, or only that an address was passed over.
            Ok(()) if after == *before => {}
            other => return fault("twice", format!("applied twice with {} events: {other:?}", decision.events.len())),
        }
        if self.directory.snapshot() != after {
            return fault("twice", "applied twice, the state is another");
        }
        let each = matches!(decision.request.body, Body::Batch(Batch::Each, _));
        let worse = if each { None } else { self.reference.worsened(before, &decision.request) };
        worse.map_or(Ok(()), |line| fault("keep", line))
    }

    /// The order of rows says nothing.
    fn in_any_order(&self, decision: &Decision, before: &Snapshot, dice: &mut Dice) -> Result<(), Fault> {
        let mut state = before.clone();
        dice.shuffle(&mut state.scopes);
        dice.shuffle(&mut state.users);
        dice.shuffle(&mut state.grants);
        dice.shuffle(&mut state.groups);
        dice.shuffle(&mut state.custom_roles);
        dice.shuffle(&mut state.invitations);
        dice.shuffle(&mut state.ended);
        state.groups.iter_mut().for_each(|row| dice.shuffle(&mut row.members));
        let Some(mut directory) = self.fresh(&state) else { return fault("order", "the rows in another order are refused") };
        let other = directory.decide(&decision.request).map(|other| canonical_json(&other)).unwrap_or_default();
        let told = canonical_json(decision);
        if told == other { Ok(()) } else { fault("order", format!("{told}\n    {other}")) }
    }

    /// "An atomic request permits nothing that no order of its single changes would", keeps aside.
    fn law(&self, decision: &Decision, before: &Snapshot) -> Result<(), Fault> {
        let Body::Batch(Batch::Atomic, asks) = &decision.request.body else { return Ok(()) };
        let mut document: Value = serde_json::from_str(&self.policy.to_json()).unwrap_or_default();
        document["keep"] = json!([]);
        let Ok(policy) = Policy::parse(document) else { return fault("law", "the policy without keeps is refused") };
        let Ok(directory) = Directory::new(policy, before) else { return fault("law", "the state does not fit the policy without keeps") };
        for order in orders(asks.len().min(4)) {
            let mut directory = directory.clone();
            let allowed = order.iter().all(|&number| {
                let body = Body::One(Box::new(asks[number].clone()));
                let request = Request { id: decision.request.id.as_ref().map(|id| format!("{id}-{number}")), body, ..decision.request.clone() };
                let one = directory.decide(&request);
                one.is_ok_and(|one| one.is_allowed() && directory.apply(&one, request.now).is_ok())
            });
            if allowed || asks.len() > 4 {
                return Ok(());
            }
        }
        fault("law", "an atomic batch is allowed, and no order of single requests is")
    }

    /// A decision that was held while another request came true: applied, it is what it would be now, or stale.
    fn held(&self, held: &Decision) -> Result<(), Fault> {
        let mut other = self.directory.clone();
        let fresh = other.decide(&held.request);
        match (other.apply(held, held.request.now).map_err(|error| error.code()), fresh) {
            (Ok(()), Ok(fresh)) if fresh.is_allowed() && fresh.events == held.events => Ok(()),
            (Err("stale" | "late"), _) => Ok(()),
            (result, fresh) => fault("held", format!("{result:?}, and now {:?}", fresh.map(|fresh| (fresh.code, fresh.events)))),
        }
    }
}

fn decision_reads_again(decision: &Decision) -> Result<(), Fault> {
    let printed = canonical_json(decision);
    match Decision::from_json(&printed) {
        Ok(again) if again == *decision && canonical_json(&again) == printed => Ok(()),
        Ok(_) => fault("print", "the decision printed reads to another"),
        Err(error) => fault("print", format!("the decision printed is refused: {error}")),
    }
}

/// Every order of so many.
fn orders(number: usize) -> Vec<Vec<usize>> {
    if number == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(number - 1);
    shorter
        .iter()
        .flat_map(|order| {
            (0..number).map(|place| {
                let mut order = order.clone();
                order.insert(place, number - 1);
                order
            })
        })
        .collect()
}

/// A sequence as a file of vectors, with what the engine reads and the reference says of the rest.
pub fn vectors(sequence: &Sequence) -> Value {
    let mut expected = Vec::new();
    if let (Ok(policy), Ok(state)) = (Policy::parse(sequence.policy.clone()), Snapshot::from_json(&sequence.snapshot.to_string())) {
        let mut reference = Reference::new(&policy, &state);
        for document in &sequence.requests {
            let Ok(request) = Request::from_json(&document.to_string()) else { continue };
            let told = reference.decide(&request);
            if let Ok(decision) = &told
                && decision.is_allowed()
            {
                reference.apply(decision);
            }
            expected.push(match told {
                Ok(decision) => tenantry_conformance::bare(&decision),
                Err(code) => json!(code),
            });
        }
    }
    sequence.as_vectors("random", &expected)
}
