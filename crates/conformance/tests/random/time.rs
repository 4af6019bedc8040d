//! `valid_until`: until then the decision is the same but for times.

use serde_json::{Value, json};
use tenantry::document::snapshot::InvitationRow;
use tenantry::document::{Decision, Request, Time};

use crate::properties::{Course, Fault, fault};

const FAR: i64 = 400 * 86_400_000;

/// Decides again at the last moment before the decision is late.
pub fn until(course: &Course, decision: &Decision) -> Result<(), Fault> {
    let now = decision.request.now;
    let asked = asked_times(&serde_json::to_value(&decision.request).unwrap_or_default(), now);
    let last = decision.valid_until.map_or(Time(now.0 + FAR), |until| Time(until.0 - 1));
    let last = counted_until(course, decision).map_or(last, |until| Time(last.0.min(until.0 - 1)));
    // A time that the request itself asks for must stay ahead.
    let last = asked.map_or(last, |asked| Time(last.0.min(asked.0 - 1)));
    if last <= now {
        return Ok(());
    }
    let mut directory = course.directory.clone();
    let later = directory.decide(&Request { now: last, ..decision.request.clone() });
    let Ok(later) = later else { return fault("until", "an error later on") };
    let (told, later) = (timeless(decision), timeless(&later));
    if told == later { Ok(()) } else { fault("until", format!("at {last}: {later}\n    now: {told}")) }
}

/// When what a keep counts at a scope expires, others' grants and offers, is not said: a slice knows no more than the number.
fn counted_until(course: &Course, decision: &Decision) -> Option<Time> {
    let now = decision.request.now;
    let expires = |keep: &Value| keep["count"]["pending"] == true || keep["count"]["expiring"] == true;
    let counts = course.document["keep"].as_array().into_iter().flatten().any(expires);
    let state = course.directory.snapshot();
    let grants = state.grants.iter().filter(|_| counts).filter_map(|row| row.expires_at);
    let open = state.invitations.iter().filter(|_| counts);
    let of_row = |row: &InvitationRow| row.scopes.iter().flat_map(|at| &at.roles).filter_map(|role| role.expires_at).chain(row.expires_at).collect::<Vec<_>>();
    grants.chain(open.flat_map(of_row)).filter(|at| *at > now).min()
}

fn asked_times(value: &Value, now: Time) -> Option<Time> {
    match value {
        Value::String(text) => text.parse().ok().filter(|time| *time > now),
        Value::Array(items) => items.iter().filter_map(|item| asked_times(item, now)).min(),
        Value::Object(fields) => fields.values().filter_map(|item| asked_times(item, now)).min(),
        _ => None,
    }
}

fn timeless(decision: &Decision) -> Value {
    let mut value = serde_json::to_value(decision).unwrap_or_default();
    // Which of several offers has an address is told by the rows that are read.
    value["reads"]["emails"] = Value::Null;
    scrub(&mut value);
    value
}

fn scrub(value: &mut Value) {
    match value {
        Value::String(text) if text.parse::<Time>().is_ok() => *value = json!("time"),
        Value::Array(items) => items.iter_mut().for_each(scrub),
        Value::Object(fields) => fields.values_mut().for_each(scrub),
        _ => {}
    }
}
