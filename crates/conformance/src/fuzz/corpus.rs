//! The seeds: what the vectors, the presets and the policy reference hold, by target.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use serde_json::{Map, Value, json};
use tenantry::Policy;
use tenantry::document::{Decision, canonical_json, digest};
use tenantry::policy::presets;

use crate::{VectorFile, vector_files, vectors_dir};

/// Seeds by the name of their target.
pub type Seeds = BTreeMap<&'static str, Vec<String>>;

/// Reads the seeds of every target.
///
/// # Errors
/// What the file system says, or that a vector cannot be read.
pub fn seeds() -> io::Result<Seeds> {
    let mut seeds = Seeds::new();
    policies(&mut seeds)?;
    for path in vector_files(&vectors_dir())? {
        let file: VectorFile = serde_json::from_str(&fs::read_to_string(path)?)?;
        Vectors::of(&file)?.sow(&file, &mut seeds);
    }
    seeds.values_mut().for_each(|texts| {
        texts.sort();
        texts.dedup();
    });
    Ok(seeds)
}

fn policies(seeds: &mut Seeds) -> io::Result<()> {
    let reference = fs::read_to_string(vectors_dir().join("../../crates/tenantry/POLICY.md"))?;
    let examples = reference.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let presets = presets::NAMES.iter().filter_map(|name| presets::source(name));
    seeds.entry("policy_toml").or_default().extend(presets.chain(examples).map(str::to_owned));
    let compiled = presets::NAMES.iter().filter_map(|name| Policy::preset(name).ok());
    seeds.entry("policy_json").or_default().extend(compiled.map(|policy| policy.to_json()));
    Ok(())
}

/// What the cases of a vector file share.
struct Vectors {
    policy: Value,
    digest: String,
    snapshot: Value,
}

impl Vectors {
    fn of(file: &VectorFile) -> io::Result<Vectors> {
        let policy = match file.policy.get("preset").and_then(Value::as_str) {
            Some(name) => json!({ "tenantry": 1, "name": "mine", "extends": name }),
            None => file.policy.clone(),
        };
        let snapshot = match file.snapshot.get("example").and_then(Value::as_str) {
            Some(name) => serde_json::from_str(&fs::read_to_string(vectors_dir().join("examples").join(name).with_extension("json"))?)?,
            None => file.snapshot.clone(),
        };
        // Not the digest of what it compiles to, and as long: nobody compares the digest of a seed.
        let digest = digest(&policy);
        Ok(Vectors { policy, digest, snapshot })
    }

    fn sow(&self, file: &VectorFile, seeds: &mut Seeds) {
        let mut add = |target: &'static str, text: String| seeds.entry(target).or_default().push(text);
        add("policy_json", self.policy.to_string());
        add("snapshot", self.snapshot.to_string());
        for case in &file.cases {
            let requests: Vec<Value> = case.steps.iter().filter_map(|step| whole_request(step, &file.now)).collect();
            requests.iter().for_each(|request| add("request", request.to_string()));
            let decisions: Vec<Value> = case.steps.iter().filter_map(|step| self.whole_decision(step, &file.now)).collect();
            for (number, decision) in decisions.iter().enumerate() {
                add("decision", decision.to_string());
                let read: Option<Decision> = serde_json::from_value(decision.clone()).ok();
                read.iter().flat_map(Decision::audit).for_each(|record| add("event", canonical_json(&record)));
                if number == 0 && read.is_some_and(|read| read.is_allowed()) {
                    add("forged", json!({ "policy": self.policy, "snapshot": self.snapshot, "decision": decision }).to_string());
                }
            }
            if !requests.is_empty() {
                add("engine", json!({ "policy": self.policy, "snapshot": self.snapshot, "requests": requests }).to_string());
            }
        }
    }

    /// The decision that a step expects, with what a vector leaves out.
    fn whole_decision(&self, step: &Value, now: &str) -> Option<Value> {
        let mut decision: Map<String, Value> = step.get("expect")?.as_object()?.clone();
        decision.insert("tenantry".to_owned(), json!(1));
        decision.insert("organization".to_owned(), self.snapshot.get("organization")?.clone());
        decision.insert("policy".to_owned(), json!(self.digest));
        decision.insert("request".to_owned(), whole_request(step, now)?);
        Some(decision.into())
    }
}

fn whole_request(step: &Value, now: &str) -> Option<Value> {
    let mut request = step.get("request")?.as_object()?.clone();
    request.entry("tenantry").or_insert(json!(1));
    request.entry("now").or_insert(json!(now));
    Some(request.into())
}
