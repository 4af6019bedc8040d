//! What is known not to hold yet. Each entry goes when the engine is mended; none is meant to stay.
//!
//! Beside these, the state of a slice prints without saying what the slice holds: it reads as a whole organization.

use tenantry::document::{Actor, Decision};

/// A time outside of the years 0 to 9999, in UTC, reads and prints to another: `9999-12-31T23:59:59-23:59`.
pub fn beyond_the_calendar(printed: &str) -> bool {
    printed.contains("\"-001-12-31T") || printed.contains("\"9999-12-31T23:59:59.999Z\"")
}

/// For a session without a proper address `decide` says `not_permitted` and `denial` says `actor_unknown`.
pub fn has_no_address(decision: &Decision) -> bool {
    matches!(&decision.request.actor, Actor::Invitee { email, .. } if tenantry::email::canonical(email).is_none())
}

/// A slice answers otherwise than the whole.
pub fn slices(decision: &Decision) -> bool {
    asks_no_address(decision) || reads_less(decision) || does_not_read_the_owner(decision)
}

/// A slice without the address of somebody whom a row leads to is answered from, not asked to hold it: offers to a member who
/// is removed, leaves or moves to another address are not seen, nor is the member to whom an invitation is addressed.
fn asks_no_address(decision: &Decision) -> bool {
    const VERBS: [&str; 8] = [
        "member.remove",
        "member.leave",
        "member.change_email",
        "invitation.update",
        "invitation.resend",
        "invitation.revoke",
        "invitation.link",
        "invitation.approve",
    ];
    decision.request.body.asks().iter().any(|ask| VERBS.contains(&ask.action.as_str()))
}

/// What is not found is told with fewer reads than the whole organization has: custom roles that the request names.
fn reads_less(decision: &Decision) -> bool {
    decision.code.as_deref() == Some("not_found")
}

/// The owner of a service that is added is looked at and not told among the reads: a slice says that there is none.
fn does_not_read_the_owner(decision: &Decision) -> bool {
    decision.request.body.asks().iter().any(|ask| ask.user.as_ref().is_some_and(|user| user.owner.is_some()))
}
