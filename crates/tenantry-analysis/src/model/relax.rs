//! The policy without what a host may answer either way.
//!
//! Facts of the host (attributes, context, domains, how a membership ended) may be anything, roles of the tenant's own that rules do not speak of may be
//! held by anybody, and populations may be any size.
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

/// Words that a role of the tenant's own decides which no rule speaks of, or the way it is held: by block, with what of their values makes them so. As
/// anybody may hold one, an allow that has them may hold anyway, and a forbid may not.
struct Open {
    block: &'static str,
    word: &'static str,
    value: fn(&Value) -> bool,
}

const fn open(block: &'static str, word: &'static str, value: fn(&Value) -> bool) -> Open {
    Open { block, word, value }
}

/// Where an allow asks for it, or an exception from a forbid.
const OPEN_IN_ALLOWS: &[Open] = &[open("actor", "not_role", is_any), open("target", "role", is_any), open("target", "has_role", is_any)];

/// Where an exception asks for it besides. An allow that does is written anew for such roles.
const OPEN_IN_EXCEPTIONS: &[Open] = &[open("grants", "held", is_there), open("revokes", "held", is_there)];

/// Where a forbid asks for it.
const OPEN_IN_FORBIDS: &[Open] = &[
    open("actor", "role", is_any),
    open("actor", "has_role", is_any),
    open("actor", "direct_role", is_any),
    open("target", "role", is_there),
    open("target", "not_role", is_any),
];

fn is_any(value: &Value) -> bool {
    names(value).contains(&"*")
}

const fn is_there(_: &Value) -> bool {
    true
}

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
        let custom_roles = document.contains_key("custom_roles");
        let open_in_allows: &[&[Open]] = if custom_roles { &[OPEN_IN_ALLOWS] } else { &[] };
        each_rule(document, "allow", |rule| note(&mut assumed, rule, |rule| forget(rule, open_in_allows)));
        each_rule(document, "forbid", |rule| note(&mut assumed, rule, |rule| weaken(rule, custom_roles)));
        if custom_roles {
            let declared: Vec<&str> = policy.roles().iter().map(|role| role.qualified.as_str()).collect();
            each_rule(document, "forbid", |rule| let_own_pass(rule, &declared));
            if let Some(Value::Array(allows)) = document.get_mut("allow") {
                let of_own: Vec<Vec<Value>> = allows.iter().map(|rule| for_own(rule, &declared)).collect();
                let differ = allows.iter().zip(&of_own).filter(|(_, of_own)| !of_own.is_empty());
                assumed.extend(differ.filter_map(|(rule, _)| rule["id"].as_str().map(str::to_owned)));
                allows.extend(of_own.into_iter().flatten());
            }
        }
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

/// An allow, and an exception, holds wherever the rest of it does.
fn forget(rule: &mut Value, open: &[&[Open]]) {
    let Some(blocks) = rule.as_object_mut() else { return };
    blocks.retain(|block, asked| {
        let Value::Object(words) = asked else { return true };
        words.retain(|word, value| !(is_free(block, word) || open.iter().any(|open| is_open(open, (block, word), value))));
        // Without these, nothing would be given or taken.
        if words.is_empty() && ["grants", "revokes"].contains(&block.as_str()) {
            words.insert("role".to_owned(), Value::from("*"));
        }
        !words.is_empty()
    });
}

fn is_free(block: &str, word: &str) -> bool {
    FREE.iter().any(|(other, words)| *other == block && (words.is_empty() || words.contains(&word)))
}

fn is_open(open: &[Open], (block, word): (&str, &str), value: &Value) -> bool {
    open.iter().any(|at| at.block == block && at.word == word && (at.value)(value))
}

/// What the rules are called that stand for others where these are about roles of the tenant's own.
const OF_OWN: &str = "-of-own";

/// The roles that a block is about, if it asks whether the actor holds them, which of the tenant's own may be either way.
fn asks_held<'r>(rule: &'r mut Value, block: &str) -> Option<&'r mut Map<String, Value>> {
    rule.get_mut(block).and_then(Value::as_object_mut).filter(|words| words.contains_key("held"))
}

/// The same rule for roles of the tenant's own that are given, and for those that are taken, whether the actor holds them or not.
fn for_own(rule: &Value, declared: &[&str]) -> Vec<Value> {
    let of_block = |(block, other): (&str, &str)| {
        let mut rule = rule.clone();
        let words = asks_held(&mut rule, block).filter(|words| words.get("role").is_none_or(is_any))?;
        words.retain(|word, _| word != "held" && word != "role");
        words.insert("not_role".to_owned(), Value::from(declared));
        rule.as_object_mut()?.remove(other);
        rule["id"] = Value::from(format!("{}-{block}{OF_OWN}", rule["id"].as_str().unwrap_or_default()));
        Some(rule)
    };
    [("grants", "revokes"), ("revokes", "grants")].into_iter().filter_map(of_block).collect()
}

/// A forbid that asks whether the actor holds a role does not hit those of the tenant's own.
fn let_own_pass(rule: &mut Value, declared: &[&str]) {
    for block in ["grants", "revokes"] {
        let Some(words) = asks_held(rule, block).filter(|words| words.get("role").is_none_or(is_any)) else { continue };
        words.insert("role".to_owned(), Value::from(declared));
    }
}

/// A forbid that the host's facts decide may never hold; one that they can lift may always be lifted. A warning forbids nothing.
fn weaken(rule: &mut Value, custom_roles: bool) {
    let lifted = rule.get("unless").is_some();
    if let Some(unless) = rule.get_mut("unless") {
        forget(unless, if custom_roles { &[OPEN_IN_ALLOWS, OPEN_IN_EXCEPTIONS] } else { &[] });
    }
    let always_lifted = lifted && rule["unless"].as_object().is_none_or(Map::is_empty);
    if always_lifted || rule["severity"] == "warn" || asks_what_is_open(rule, custom_roles) {
        *rule = Value::Null;
    }
}

fn asks_what_is_open(rule: &Value, custom_roles: bool) -> bool {
    let asked = rule.as_object().into_iter().flatten().filter(|(block, _)| *block != "unless");
    let words = asked.filter_map(|(block, asked)| Some((block, asked.as_object()?))).flat_map(|(block, asked)| asked.iter().map(move |pair| (block, pair)));
    words.into_iter().any(|(block, (word, value))| is_free(block, word) || custom_roles && is_open(OPEN_IN_FORBIDS, (block, word), value))
}
