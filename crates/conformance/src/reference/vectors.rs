//! Vectors against the reference, and its states beside the engine's.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tenantry::Directory;
use tenantry::document::{Decision, Snapshot};

use super::Reference;
use crate::{Case, Mismatch, Suite, bare, differences};

/// How many steps were compared, and how many were left to the engine.
#[derive(Debug, Default)]
pub struct Tally {
    /// Decisions and errors that were compared.
    pub compared: AtomicUsize,
    /// Steps of other kinds, errors of shape, slices.
    pub left: AtomicUsize,
}

/// Errors that are about shapes and bounds of documents, and slices: the engine's matter.
const LEFT_TO_THE_ENGINE: [&str; 5] = ["bad_document", "unsupported_version", "bad_value", "out_of_bounds", "missing_facts"];

impl Suite {
    /// Runs one case on the reference.
    ///
    /// # Errors
    /// The first step whose answer is not the expected one.
    pub fn run_reference(&self, case: &Case, tally: &Tally) -> Result<(), Mismatch> {
        let mut reference = Reference::new(&self.policy, &self.snapshot);
        let fault = |step, line: String| Mismatch { step, lines: vec![line] };
        let mut directory = Directory::new(self.policy.clone(), &self.snapshot).map_err(|error| fault(0, error.to_string()))?;
        let mut held: BTreeMap<String, Decision> = BTreeMap::new();
        for (number, step) in case.steps.iter().enumerate() {
            if let (Some(name), None) = (step.get("apply").and_then(Value::as_str), step.get("error")) {
                let Some(decision) = held.get(name) else { continue };
                reference.apply(decision);
                engine_state(&mut directory, decision, reference.snapshot());
            }
            if self.snapshot.slice.is_some() || step.get("request").is_none() || is_left(step) {
                tally.left.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            tally.compared.fetch_add(1, Ordering::Relaxed);
            let decision = self.ask_reference(&reference, step).map_err(|lines| Mismatch { step: number, lines })?;
            let Some(decision) = decision else { continue };
            if let Some(name) = step.get("hold").and_then(Value::as_str) {
                held.insert(name.to_owned(), decision);
                continue;
            }
            if !decision.is_allowed() {
                continue;
            }
            reference.apply(&decision);
            let lines = engine_state(&mut directory, &decision, reference.snapshot());
            if !lines.is_empty() {
                return Err(Mismatch { step: number, lines });
            }
        }
        Ok(())
    }

    fn ask_reference(&self, reference: &Reference, step: &Value) -> Result<Option<Decision>, Vec<String>> {
        let one = |line: String| vec![line];
        let request = self.read(step.get("request").unwrap_or(&Value::Null)).map_err(|code| one(format!("met the error {code}")))?;
        let answer = reference.decide(&request);
        let Some(decision) = crate::expected_answer(step, answer).map_err(one)? else { return Ok(None) };
        let mut lines = Vec::new();
        differences("", &without_reads(step.get("expect").cloned().unwrap_or_default()), &without_reads(bare(&decision)), &mut lines);
        if lines.is_empty() { Ok(Some(decision)) } else { Err(lines) }
    }
}

fn is_left(step: &Value) -> bool {
    let error = step.get("error").and_then(Value::as_str);
    error.is_some_and(|code| LEFT_TO_THE_ENGINE.contains(&code))
}

/// What the reference does not say: what a decision has read, and how long it holds.
fn without_reads(mut decision: Value) -> Value {
    if let Some(fields) = decision.as_object_mut() {
        fields.remove("reads");
        fields.remove("valid_until");
    }
    decision
}

/// The engine, asked and applied likewise, has the same state.
fn engine_state(directory: &mut Directory, decision: &Decision, state: &Snapshot) -> Vec<String> {
    let engine = match directory.decide(&decision.request) {
        Ok(engine) => engine,
        Err(error) => return vec![format!("the engine: {error}")],
    };
    if let Err(error) = directory.apply(&engine, decision.request.now) {
        return vec![format!("the engine does not apply: {error}")];
    }
    let mut lines = Vec::new();
    differences("state", &comparable(&directory.snapshot()), &comparable(state), &mut lines);
    lines
}

/// A snapshot without versions, its rows in one order, the addresses of endings in canonical form.
#[must_use]
pub fn comparable(snapshot: &Snapshot) -> Value {
    let mut value = serde_json::to_value(snapshot).unwrap_or_default();
    let ended = value.get_mut("ended").and_then(Value::as_array_mut);
    for email in ended.into_iter().flatten().filter_map(|row| row.get_mut("email")) {
        *email = json!(email.as_str().and_then(tenantry::email::canonical));
    }
    for table in value.as_object_mut().into_iter().flat_map(|tables| tables.values_mut()) {
        let Some(rows) = table.as_array_mut() else { continue };
        for row in rows.iter_mut().filter_map(Value::as_object_mut) {
            row.remove("version");
            for list in ["members", "managers", "permissions", "scopes"] {
                if let Some(items) = row.get_mut(list).and_then(Value::as_array_mut) {
                    items.iter_mut().filter_map(|item| item.get_mut("roles")?.as_array_mut()).for_each(|roles| roles.sort_by_key(Value::to_string));
                    items.sort_by_key(Value::to_string);
                }
            }
        }
        rows.sort_by_key(Value::to_string);
    }
    value.as_object_mut().map(|fields| fields.insert("tenantry".to_owned(), json!(1)));
    value
}

/// What random requests are made from.
impl Suite {
    /// The policy of the file.
    #[must_use]
    pub fn policy(&self) -> &tenantry::Policy {
        &self.policy
    }

    /// The state that its cases start from.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The time of its requests.
    #[must_use]
    pub fn now(&self) -> &str {
        &self.now
    }

    /// The requests of its cases, as they stand there.
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        self.cases.iter().flat_map(|case| &case.steps).filter_map(|step| step.get("request")).cloned().collect()
    }
}

/// The differences between two decisions, apart from what the reference does not say.
#[must_use]
pub fn decision_differences(engine: &Decision, reference: &Decision) -> Vec<String> {
    let mut lines = Vec::new();
    differences("", &without_reads(bare(engine)), &without_reads(bare(reference)), &mut lines);
    lines
}

/// The differences between two states, apart from versions and the order of rows.
#[must_use]
pub fn state_differences(engine: &Snapshot, reference: &Snapshot) -> Vec<String> {
    let mut lines = Vec::new();
    differences("state", &comparable(engine), &comparable(reference), &mut lines);
    lines
}
