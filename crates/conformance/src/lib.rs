//! The vector runner: reads the cases below `tests/vectors`, asks the engine, compares the whole answer.

pub mod agreement;
pub mod arbac;
pub mod floor;
pub mod fuzz;
pub mod generate;
pub mod organization;
pub mod proof;
pub mod questions;
mod readme;
pub mod reference;
pub mod script;
pub mod slices;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tenantry::ask::{PageQuery, Query};
use tenantry::document::{Decision, Request, Snapshot, Time};
use tenantry::{Directory, Policy};

/// A file of cases that share a policy and a state.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorFile {
    /// `{ "preset": name }`, or a policy document.
    pub policy: Value,
    /// `{ "example": name }`, or a snapshot document.
    pub snapshot: Value,
    /// Time of the requests that name none.
    pub now: String,
    /// The cases. Each starts from the file's snapshot.
    pub cases: Vec<Case>,
}

/// One vector.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case shows.
    pub name: String,
    /// Requirements, readings and codes that it covers.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Asked in order; what is allowed is applied before the next.
    pub steps: Vec<Value>,
}

/// Where an answer is not the expected one.
#[derive(Debug)]
pub struct Mismatch {
    /// Number of the step, from 0.
    pub step: usize,
    /// The differences, one line each.
    pub lines: Vec<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "step {}", self.step)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// The folder of the vectors.
#[must_use]
pub fn vectors_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
}

/// Every vector file below the folder, sorted, with its path relative to it.
///
/// # Errors
/// What the file system says.
pub fn vector_files(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for topic in std::fs::read_dir(dir)? {
        let topic = topic?.path();
        if !topic.is_dir() || topic.ends_with("examples") {
            continue;
        }
        for file in std::fs::read_dir(topic)? {
            let file = file?.path();
            if file.extension().is_some_and(|extension| extension == "json") {
                files.push(file);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A file, ready to run.
pub struct Suite {
    policy: Policy,
    snapshot: Snapshot,
    now: String,
    /// The cases.
    pub cases: Vec<Case>,
}

impl Suite {
    /// Reads a vector file.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn load(path: &Path) -> Result<Suite, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let file: VectorFile = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let policy = match file.policy.get("preset").and_then(Value::as_str) {
            Some(name) => Policy::preset(name),
            None => Policy::parse(file.policy.clone()),
        };
        let snapshot = match file.snapshot.get("example").and_then(Value::as_str) {
            Some(name) => {
                let example = vectors_dir().join("examples").join(format!("{name}.json"));
                let text = std::fs::read_to_string(example).map_err(|error| error.to_string())?;
                serde_json::from_str(&text)
            }
            None => serde_json::from_value(file.snapshot),
        };
        Ok(Suite {
            policy: policy.map_err(|error| error.to_string())?,
            snapshot: snapshot.map_err(|error| format!("snapshot: {error}"))?,
            now: file.now,
            cases: file.cases,
        })
    }

    /// Runs one case.
    ///
    /// # Errors
    /// The first step whose answer is not the expected one.
    pub fn run(&self, case: &Case) -> Result<(), Mismatch> {
        let fail = |step, line: String| Mismatch { step, lines: vec![line] };
        let mut directory = Directory::new(self.policy.clone(), &self.snapshot).map_err(|error| fail(0, error.to_string()))?;
        let mut held = BTreeMap::new();
        for (number, step) in case.steps.iter().enumerate() {
            self.step(&mut directory, &mut held, step).map_err(|lines| Mismatch { step: number, lines })?;
        }
        Ok(())
    }

    fn step(&self, directory: &mut Directory, held: &mut BTreeMap<String, Decision>, step: &Value) -> Result<(), Vec<String>> {
        if let Some(request) = step.get("request") {
            let decision = self.request(directory, request, step)?;
            match (decision, step.get("hold").and_then(Value::as_str)) {
                (Some(decision), Some(name)) => drop(held.insert(name.to_owned(), decision)),
                (Some(decision), None) if decision.is_allowed() => self.commit(directory, &decision)?,
                _ => {}
            }
            return Ok(());
        }
        if let Some(name) = step.get("apply").and_then(Value::as_str) {
            let decision = held.get(name).ok_or_else(|| vec![format!("no step holds a decision `{name}`")])?;
            return self.apply(directory, decision, step);
        }
        if let Some(query) = step.get("can") {
            return self.can(directory, query, step.get("expect").unwrap_or(&Value::Null));
        }
        if let Some(query) = step.get("page") {
            return self.page(directory, query, step.get("expect").unwrap_or(&Value::Null));
        }
        Err(vec![format!("a step of no kind that this runner knows: {step}")])
    }

    fn request(&self, directory: &mut Directory, request: &Value, step: &Value) -> Result<Option<Decision>, Vec<String>> {
        let one = |line: String| vec![line];
        let answer = self.read(request).and_then(|request| directory.decide(&request).map_err(|error| error.code().to_owned()));
        let Some(decision) = expected_answer(step, answer).map_err(one)? else { return Ok(None) };
        let expected = step.get("expect").cloned().unwrap_or(Value::Null);
        let mut lines = Vec::new();
        differences("", &expected, &bare(&decision), &mut lines);
        lines.extend(agreement::check(directory, &decision));
        if lines.is_empty() { Ok(Some(decision)) } else { Err(lines) }
    }

    fn commit(&self, directory: &mut Directory, decision: &Decision) -> Result<(), Vec<String>> {
        directory.apply(decision, decision.request.now).map_err(|error| vec![format!("apply: {error}")])?;
        check_state(directory, &self.policy).map_err(|line| vec![line])
    }

    /// Applies a decision that an earlier step holds, at a time of its own.
    fn apply(&self, directory: &mut Directory, decision: &Decision, step: &Value) -> Result<(), Vec<String>> {
        let now = step.get("now").and_then(Value::as_str).unwrap_or(&self.now);
        let now: Time = now.parse().map_err(|error| vec![format!("now: {error}")])?;
        let result = directory.apply(decision, now);
        let met = result.as_ref().err().map(tenantry::Error::code);
        let expected = step.get("error").and_then(Value::as_str);
        if met != expected {
            return Err(vec![format!("apply: expected {expected:?}, met {met:?}")]);
        }
        let fresh = result.as_ref().err().and_then(tenantry::Error::fresh).and_then(|fresh| fresh.as_ref().ok());
        let mut lines = Vec::new();
        if let Some(expected) = step.get("fresh") {
            differences("fresh", expected, &fresh.map(bare).unwrap_or_default(), &mut lines);
        }
        if lines.is_empty() { check_state(directory, &self.policy).map_err(|line| vec![line]) } else { Err(lines) }
    }

    fn read(&self, request: &Value) -> Result<Request, String> {
        let mut request = request.clone();
        if let Some(fields) = request.as_object_mut() {
            fields.entry("tenantry").or_insert(json!(1));
            fields.entry("now").or_insert(json!(self.now));
        }
        Request::from_json(&request.to_string()).map_err(|error| error.code().to_owned())
    }

    fn can(&self, directory: &Directory, query: &Value, expected: &Value) -> Result<(), Vec<String>> {
        let met = self.query(query).and_then(|query: Query| {
            let denial = directory.denial(&query).map_err(|error| error.code().to_owned())?;
            Ok(denial.map(|denial| denial.code(&self.policy).to_owned()))
        });
        match met {
            Ok(code) if code.as_deref() == expected.as_str() => Ok(()),
            Ok(code) => Err(vec![format!("can: expected {expected}, met {}", code.unwrap_or("null".to_owned()))]),
            Err(code) => Err(vec![format!("can: met the error {code}")]),
        }
    }

    fn page(&self, directory: &Directory, query: &Value, expected: &Value) -> Result<(), Vec<String>> {
        let page = self.query(query).and_then(|query: PageQuery| directory.page(&query).map_err(|error| error.code().to_owned()));
        let page = page.map_err(|code| vec![format!("page: met the error {code}")])?;
        let mut lines = Vec::new();
        differences("", expected, &serde_json::to_value(page).unwrap_or_default(), &mut lines);
        if lines.is_empty() { Ok(()) } else { Err(lines) }
    }

    /// A question of a step, at the file's time if it names none.
    fn query<T: DeserializeOwned>(&self, query: &Value) -> Result<T, String> {
        let mut query = query.clone();
        if let Some(fields) = query.as_object_mut() {
            fields.entry("now").or_insert(json!(self.now));
        }
        serde_json::from_value(query).map_err(|error| error.to_string())
    }
}

/// The applied state is a state like any other: printed and read again it is the same.
fn check_state(directory: &Directory, policy: &Policy) -> Result<(), String> {
    let printed = directory.snapshot();
    let read = Directory::new(policy.clone(), &printed).map_err(|error| format!("the state after cannot be read again: {error}"))?;
    if read.snapshot() == printed { Ok(()) } else { Err("the state after is another when read again".to_owned()) }
}

/// The decision without what the request and the policy say anyway.
#[must_use]
pub fn bare(decision: &Decision) -> Value {
    let mut value = serde_json::to_value(decision).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        for field in ["tenantry", "organization", "policy", "request"] {
            fields.remove(field);
        }
    }
    value
}

fn differences(path: &str, expected: &Value, met: &Value, lines: &mut Vec<String>) {
    match (expected, met) {
        (Value::Object(a), Value::Object(b)) => object_differences(path, a, b, lines),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{i}]"), a, b, lines);
            }
        }
        _ if expected == met => {}
        _ => lines.push(format!("{path}: expected {expected}, met {met}")),
    }
}

fn object_differences(path: &str, expected: &Map<String, Value>, met: &Map<String, Value>, lines: &mut Vec<String>) {
    let mut names: Vec<&String> = expected.keys().chain(met.keys()).collect();
    names.sort();
    names.dedup();
    let absent = Value::Null;
    for name in names {
        let path = format!("{path}.{name}");
        match (expected.get(name), met.get(name)) {
            (Some(a), Some(b)) => differences(&path, a, b, lines),
            (Some(a), None) => lines.push(format!("{path}: expected {a}, met nothing")),
            (None, b) => lines.push(format!("{path}: expected nothing, met {}", b.unwrap_or(&absent))),
        }
    }
}

/// The decision that a step asks for; none where it expects an error and met it.
fn expected_answer(step: &Value, answer: Result<Decision, String>) -> Result<Option<Decision>, String> {
    match (step.get("error").and_then(Value::as_str), answer) {
        (None, answer) => answer.map(Some).map_err(|code| format!("met the error {code}")),
        (Some(expected), Err(code)) if code == expected => Ok(None),
        (Some(expected), Err(code)) => Err(format!("error: expected {expected}, met {code}")),
        (Some(expected), Ok(decision)) => Err(format!("expected the error {expected}, met {}", bare(&decision))),
    }
}
