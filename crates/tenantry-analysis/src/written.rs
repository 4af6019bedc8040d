//! How rules write down names and actions.

use serde_json::Value;

/// The names in a list, or the one name that stands for a list.
pub(crate) fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::String(name) => vec![name],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a rule that names these actions may be about the action. (An action too many costs time and nothing else.)
pub(crate) fn names_action(patterns: &[String], action: &str) -> bool {
    let names = |pattern: &String| pattern == "*" || pattern == action || pattern.strip_suffix('*').is_some_and(|noun| action.starts_with(noun));
    patterns.iter().any(names)
}
