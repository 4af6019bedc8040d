//! The words of `given`: texts such as `admin at west until 2026-02-01, in crew`, taken apart.

use tenantry::document::{Actor, Time};
use tenantry::{Problem, nearest};

/// One of the parts between commas. `admin at west` has the head `admin` and the clause `at west`; `in crew` is a clause
/// without a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub text: &'a str,
    pub head: Option<&'a str>,
    pub clauses: Vec<(&'a str, &'a str)>,
}

/// The parts of a text; none for an empty one.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(part).collect()
}

fn part(text: &str) -> Part<'_> {
    let mut words = text.split_whitespace();
    let head = if words.clone().count() % 2 == 1 { words.next() } else { None };
    let mut clauses = Vec::new();
    while let (Some(word), Some(value)) = (words.next(), words.next()) {
        clauses.push((word, value));
    }
    Part { text, head, clauses }
}

/// A day, or a time of RFC 3339.
pub(super) fn time(text: &str) -> Option<Time> {
    text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok()
}

/// `ann`, `user:ann`, `system:install` or `invitee:kim@x.example`, whose session has proved the address.
pub(super) fn actor(text: &str) -> Actor {
    match text.split_once(':') {
        Some(("user", id)) => Actor::User(id.to_owned()),
        Some(("system", name)) => Actor::System(name.to_owned()),
        Some(("invitee", email)) => Actor::Invitee { email: email.to_owned(), verified: true },
        _ => Actor::User(text.to_owned()),
    }
}

/// A problem without a nearest name.
pub(super) fn problem(path: &str, code: &'static str, message: impl Into<String>) -> Problem {
    Problem { path: path.to_owned(), code, message: message.into(), nearest: None }
}

/// A name that does not exist: `what` says what it should have been.
pub(super) fn unknown<'a>(path: &str, name: &str, what: &str, known: impl IntoIterator<Item = &'a str>) -> Problem {
    Problem { nearest: nearest(name, known), ..problem(path, "unknown_name", format!("`{name}` is not {what}")) }
}
