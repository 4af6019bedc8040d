//! What is known not to hold yet. Each entry goes when the engine is mended; none is meant to stay.

use tenantry::document::{Actor, Decision};

/// A time outside of the years 0 to 9999, in UTC, reads and prints to another: `9999-12-31T23:59:59-23:59`.
pub fn beyond_the_calendar(printed: &str) -> bool {
    printed.contains("\"-001-12-31T") || printed.contains("\"9999-12-31T23:59:59.999Z\"")
}

/// The state of a slice prints without saying what the slice holds.
pub fn prints_a_slice(snapshot: &serde_json::Value) -> bool {
    snapshot.get("slice").is_some()
}

/// For a session without a proper address `decide` says `not_permitted` and `denial` says `actor_unknown`.
pub fn has_no_address(decision: &Decision) -> bool {
    matches!(&decision.request.actor, Actor::Invitee { email, .. } if tenantry::email::canonical(email).is_none())
}
