//! `extends`: a policy on top of another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::bounds;
use crate::document::words::{self, Problems};

/// Lists that only declare names: both policies' names stand.
const JOINED: &[&str] = &["systems", "attributes.user", "attributes.scope", "attributes.resource", "attributes.context", "attributes.profile"];

/// Lays `over` on `base`: tables merge, lists of names that only declare are joined, a rule with the same id replaces in
/// place, other rules follow, and everything else replaces.
fn merge(base: &mut Value, over: Value, path: &str) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                match base.get_mut(&name) {
                    Some(old) => merge(old, value, &words::join(path, &name)),
                    None => drop(base.insert(name, value)),
                }
            }
        }
        (Value::Array(base), Value::Array(over)) if matches!(path, "allow" | "forbid" | "keep") => merge_rules(base, over),
        (base, over) if JOINED.contains(&path) => *base = join(base.take(), over),
        (base, over) => *base = over,
    }
}

/// Each rule below is replaced once at most: an id that stands twice in one document stays twice, and is told as such.
fn merge_rules(base: &mut Vec<Value>, over: Vec<Value>) {
    let id = |rule: &Value| rule.get("id").and_then(Value::as_str).map(str::to_owned);
    let mut below: BTreeMap<String, usize> = base.iter().enumerate().rev().filter_map(|(i, rule)| Some((id(rule)?, i))).collect();
    for rule in over {
        match id(&rule).and_then(|id| below.remove(&id)) {
            Some(i) => base[i] = rule,
            None => base.push(rule),
        }
    }
}

/// The names below, then those above that are new.
fn join(base: Value, over: Value) -> Value {
    let as_list = |value: Value| if let Value::Array(items) = value { items } else { vec![value] };
    let mut items = as_list(base);
    let below: BTreeSet<String> = items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    items.extend(as_list(over).into_iter().filter(|item| item.as_str().is_none_or(|name| !below.contains(name))));
    Value::Array(items)
}

/// The document with everything that it extends laid below it. `find` gives the document of a name.
pub(crate) fn resolve(document: Value, find: &dyn Fn(&str) -> Option<Value>, problems: &mut Problems) -> Value {
    let mut chain = vec![document];
    while let Some(name) = chain[chain.len() - 1].get("extends").and_then(Value::as_str).map(str::to_owned) {
        if chain.len() == bounds::EXTENDS.max {
            problems.out_of_bounds("extends", bounds::EXTENDS, chain.len() + 1);
            break;
        }
        let Some(base) = find(&name) else {
            problems.unknown("extends", &name, "a preset, nor a policy that this host knows", super::presets::NAMES.iter().copied());
            break;
        };
        chain.push(base);
    }
    let mut merged = Value::Object(Map::new());
    for mut layer in chain.into_iter().rev() {
        if let Value::Object(fields) = &mut layer {
            // A name that is no text is left for the reader, which says so.
            if fields.get("extends").is_some_and(Value::is_string) {
                fields.remove("extends");
            }
        } else {
            return layer;
        }
        merge(&mut merged, layer, "");
    }
    merged
}
