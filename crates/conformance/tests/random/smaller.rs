//! Sequences for proptest: made of a seed, and made smaller by leaving out one part after the other.

use proptest::arbitrary::any;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tenantry_conformance::generate::{Made, Sequence, sequence};

/// What a case is: a sequence, or none because the engine refuses the policy.
#[derive(Debug)]
pub struct Sequences;

impl Strategy for Sequences {
    type Tree = Shrinking;
    type Value = Result<Sequence, String>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let seed: u64 = any::<u64>().new_tree(runner)?.current();
        Ok(match sequence(seed) {
            Made::Sequence(sequence) => Shrinking::of(&sequence),
            Made::Refused(problem) => Shrinking { refused: Some(problem), ..Shrinking::default() },
        })
    }
}

/// A step down into a document.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Field(String),
    Item(usize),
}

/// A sequence that gets smaller: parts are left out from the largest to the smallest, until none can be.
#[derive(Debug, Default)]
pub struct Shrinking {
    refused: Option<String>,
    /// What failed last.
    kept: Value,
    /// What is tried now.
    tried: Value,
    /// The parts of `kept`, and the next one to leave out.
    parts: Vec<Vec<Step>>,
    next: usize,
    /// Whether something was left out since the last time round.
    progress: bool,
}

impl Shrinking {
    fn of(sequence: &Sequence) -> Shrinking {
        let whole = json!({ "requests": sequence.requests, "policy": sequence.policy, "snapshot": sequence.snapshot });
        Shrinking { kept: whole.clone(), tried: whole, ..Shrinking::default() }
    }

    /// Tries to leave out the next part; false if there is none any more.
    fn advance(&mut self) -> bool {
        loop {
            if self.next >= self.parts.len() {
                if !self.progress && !self.parts.is_empty() {
                    return false;
                }
                self.progress = false;
                self.next = 0;
                self.parts = parts(&self.kept);
                if self.parts.is_empty() {
                    return false;
                }
            }
            let part = &self.parts[self.next];
            self.next += 1;
            let mut tried = self.kept.clone();
            if leave_out(&mut tried, part) {
                self.tried = tried;
                return true;
            }
        }
    }
}

impl ValueTree for Shrinking {
    type Value = Result<Sequence, String>;

    fn current(&self) -> Self::Value {
        if let Some(problem) = &self.refused {
            return Err(problem.clone());
        }
        let requests = self.tried["requests"].as_array().cloned().unwrap_or_default();
        Ok(Sequence { policy: self.tried["policy"].clone(), snapshot: self.tried["snapshot"].clone(), requests })
    }

    /// What was tried fails too: it is the one to go on with.
    fn simplify(&mut self) -> bool {
        if self.tried != self.kept {
            self.kept = self.tried.clone();
            self.progress = true;
            // What stood behind the part has its place now.
            self.next = self.next.saturating_sub(1);
            let place = self.next;
            self.parts = parts(&self.kept);
            self.next = place.min(self.parts.len());
        }
        self.advance()
    }

    /// What was tried holds: something else is to be left out.
    fn complicate(&mut self) -> bool {
        let more = self.advance();
        if !more {
            self.tried = self.kept.clone();
        }
        more
    }
}

/// The parts of a document, each before what is in it: requests from the last one on, then policy and snapshot.
fn parts(document: &Value) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    for name in ["requests", "policy", "snapshot"] {
        parts_below(&document[name], &mut vec![Step::Field(name.to_owned())], &mut found);
    }
    found
}

fn parts_below(value: &Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    let steps: Vec<(Step, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (Step::Field(name.clone()), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(number, value)| (Step::Item(number), value)).collect(),
        _ => return,
    };
    for (step, value) in steps {
        path.push(step);
        found.push(path.clone());
        parts_below(value, path, found);
        path.pop();
    }
}

fn leave_out(document: &mut Value, path: &[Step]) -> bool {
    let Some((last, way)) = path.split_last() else { return false };
    let mut place = document;
    for step in way {
        let next = match step {
            Step::Field(name) => place.get_mut(name),
            Step::Item(number) => place.get_mut(number),
        };
        let Some(next) = next else { return false };
        place = next;
    }
    match (last, place) {
        (Step::Field(name), Value::Object(fields)) => fields.remove(name).is_some(),
        (Step::Item(number), Value::Array(items)) if *number < items.len() => {
            items.remove(*number);
            true
        }
        _ => false,
    }
}
