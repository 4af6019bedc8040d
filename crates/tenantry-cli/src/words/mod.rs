//! Requests, events and remedies in the words of the policy and with the names of the people.

pub(crate) mod advice;
pub(crate) mod events;
pub(crate) mod names;
pub(crate) mod request;

use tenantry::document::{Fact, Facts, Time};

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    joined(items, "and")
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn choice(items: &[String]) -> String {
    joined(items, "or")
}

fn joined(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// A time to the minute.
pub(crate) fn time(time: Time) -> String {
    let text = time.to_string();
    let (day, clock) = (text.get(..10), text.get(11..16));
    day.zip(clock).map_or_else(|| text.clone(), |(day, clock)| format!("{day} {clock} UTC"))
}

/// An attribute's value.
pub(crate) fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Bool(truth) => truth.to_string(),
        Fact::Integer(number) => number.to_string(),
        Fact::Text(text) => text.clone(),
        Fact::List(items) => items.iter().map(self::fact).collect::<Vec<_>>().join("+"),
    }
}

/// `section = fleet, mfa = true`.
pub(crate) fn facts(facts: &Facts) -> String {
    facts.0.iter().map(|(name, value)| format!("{name} = {}", fact(value))).collect::<Vec<_>>().join(", ")
}

/// A name with its article.
pub(crate) fn article(name: &str) -> String {
    let vowel = name.starts_with(|c: char| "aeiouAEIOU".contains(c));
    format!("{} {name}", if vowel { "an" } else { "a" })
}

/// An action without its noun: `set roles`.
pub(crate) fn verb(action: &str) -> String {
    action.split_once('.').map_or(action, |(_, verb)| verb).replace('_', " ")
}

/// `1 address`, `12 addresses`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
