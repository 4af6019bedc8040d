//! The policy without what a host may answer either way.
//!
//! Facts of the host (attributes, context, domains, how a membership ended) may be anything, and populations may be any size.
//! What is left permits whatever the policy permits for some facts and in some population: what it denies is denied for all of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tenantry::policy::actions::VERBS;
use tenantry::{Error, Policy};

use crate::written::{names, names_action};

/// Words that the host's facts decide, by block. An empty list: the whole block.
const FREE: &[(&str, &[&str])] = &[
    ("actor", &["email_domain", "attributes", "ended_by"]),
    ("target", &["email_domain", "attributes", "ended_by"]),
    ("grants", &["source"]),
    ("revokes", &["source"]),
    ("scope", &["attributes"]),
    ("invitation", &["email_domain", "not_email_domain"]),
    ("group", &["managed_by_actor"]),
    ("resource", &[]),
    ("context", &[]),
];

/// A policy that permits at least as much, and what was taken to be anything.
#[derive(Debug, Clone)]
pub struct Relaxed {
    /// The policy.
    pub policy: Policy,
    /// The rules of which something was taken to be anything, by id.
    pub assumed: BTreeSet<String>,
}

/// Takes out of a policy what facts and populations decide.
///
/// # Errors
/// Those of [`Policy::parse`]; there are none for a policy that compiled.
pub fn relax(policy: &Policy) -> Result<Relaxed, Error> {
    let mut document = tenantry::policy::read_json(&policy.to_json())?;
    let mut assumed = BTreeSet::new();
    if let Some(document) = document.as_object_mut() {
        document.remove("keep");
        each_rule(document, "allow", |rule| note(&mut assumed, rule, forget_free));
        each_rule(document, "forbid", |rule| note(&mut assumed, rule, weaken));
        if let Some(Value::Array(forbids)) = document.get_mut("forbid") {
            forbids.retain(|rule| !rule.is_null());
        }
    }
    Ok(Relaxed { policy: Policy::parse(document)?, assumed })
}

fn each_rule(document: &mut Map<String, Value>, list: &str, mut change: impl FnMut(&mut Value)) {
    if let Some(Value::Array(rules)) = document.get_mut(list) {
        rules.iter_mut().for_each(&mut change);
    }
}

/// Notes the rule if it is changed.
fn note(assumed: &mut BTreeSet<String>, rule: &mut Value, change: impl FnOnce(&mut Value)) {
    let id = rule["id"].as_str().unwrap_or_default().to_owned();
    let before = rule.clone();
    change(rule);
    if *rule != before && before["severity"] != "warn" && changes_memberships(&before) {
        assumed.insert(id);
    }
}

/// Whether a rule is about what changes what people hold.
fn changes_memberships(rule: &Value) -> bool {
    let patterns: Vec<String> = names(&rule["actions"]).into_iter().map(str::to_owned).collect();
    patterns.is_empty() || VERBS.iter().any(|verb| verb.changes && names_action(&patterns, verb.name))
}

/// An allow holds wherever the rest of it does.
fn forget_free(rule: &mut Value) {
    let Some(blocks) = rule.as_object_mut() else { return };
    for (block, words) in FREE {
        if let Some(Value::Object(asked)) = blocks.get_mut(*block) {
            asked.retain(|word, _| !words.is_empty() && !words.contains(&word.as_str()));
            if asked.is_empty() {
                blocks.remove(*block);
            }
        }
    }
}

/// A forbid that the host's facts decide may never hold; one that they can lift may always be lifted. A warning forbids nothing.
fn weaken(rule: &mut Value) {
    let lifted = rule.get("unless").is_some();
    if let Some(unless) = rule.get_mut("unless") {
        forget_free(unless);
    }
    let always_lifted = lifted && rule["unless"].as_object().is_none_or(Map::is_empty);
    if always_lifted || rule["severity"] == "warn" || asks_free(rule) {
        *rule = Value::Null;
    }
}

fn asks_free(rule: &Value) -> bool {
    FREE.iter().any(|(block, words)| {
        let asked = rule.get(*block).and_then(Value::as_object);
        asked.is_some_and(|asked| words.is_empty() || asked.keys().any(|word| words.contains(&word.as_str())))
    })
}
