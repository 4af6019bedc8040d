//! Random policies, states and sequences of requests: valid documents, made of so few words that things collide.

mod conditions;
mod dice;
mod keeps;
mod policy;
mod request;
mod rules;
mod snapshot;
mod words;

use serde_json::{Value, json};
use tenantry::document::{Request, Snapshot};
use tenantry::{Directory, Policy};

pub use dice::Dice;
pub use request::Scene;
pub use words::at;

/// A policy, a state, and requests that are asked one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// The policy document.
    pub policy: Value,
    /// The snapshot document.
    pub snapshot: Value,
    /// The request documents.
    pub requests: Vec<Value>,
}

/// What a seed gives.
#[derive(Debug, Clone)]
pub enum Made {
    /// A sequence.
    Sequence(Box<Sequence>),
    /// The engine refuses the policy: the problem.
    Refused(String),
}

/// The sequence of a seed. Later requests are about the state that the earlier ones leave.
#[must_use]
pub fn sequence(seed: u64) -> Made {
    let mut dice = Dice::new(seed);
    let document = policy::policy(&mut dice);
    let policy = match Policy::parse(document.clone()) {
        Ok(policy) => policy,
        Err(error) => return Made::Refused(error.to_string()),
    };
    let snapshot = snapshot::snapshot(&document, &mut dice);
    let first = Snapshot::from_json(&snapshot.to_string()).and_then(|state| Directory::new(policy, &state));
    let mut directory = match first {
        Ok(directory) => directory,
        Err(error) => return Made::Refused(format!("snapshot: {error}")),
    };
    let mut requests = Vec::new();
    let mut time = 0;
    for number in 0..dice.between(1, 12) {
        time += [0, 0, 0, 1, 2][dice.below(5)];
        let state = directory.snapshot();
        let request = Scene::new(&document, &state).request(number, time, &mut dice);
        if let Ok(request) = Request::from_json(&request.to_string())
            && let Ok(decision) = directory.decide(&request)
            && decision.is_allowed()
        {
            // A difference between deciding and applying is for the properties to find.
            let _ = directory.apply(&decision, request.now);
        }
        requests.push(request);
    }
    Made::Sequence(Box::new(Sequence { policy: document, snapshot, requests }))
}

impl Sequence {
    /// The sequence as a file of vectors, with what is expected of each request.
    #[must_use]
    pub fn as_vectors(&self, name: &str, expected: &[Value]) -> Value {
        let steps: Vec<Value> = self.requests.iter().zip(expected).map(|(request, expected)| step(request, expected)).collect();
        let now = self.requests.first().and_then(|request| request.get("now")).cloned().unwrap_or(json!(at(0)));
        json!({ "policy": self.policy, "snapshot": self.snapshot, "now": now, "cases": [{ "name": name, "covers": [], "steps": steps }] })
    }
}

fn step(request: &Value, expected: &Value) -> Value {
    let mut request = request.clone();
    if let Some(fields) = request.as_object_mut() {
        fields.remove("tenantry");
    }
    match expected.as_str() {
        Some(code) => json!({ "request": request, "error": code }),
        None => json!({ "request": request, "expect": expected }),
    }
}
