//! Role reachability in administrative RBAC (ARBAC97 without role hierarchies): may the users and administrators of a file,
//! by any sequence of the listed assignments and revocations, bring somebody to the goal role?
//!
//! ```
//! use tenantry_analysis::arbac::{Answer, File, reach};
//! let file: File = "
//!     Roles Boss Clerk Auditor ;
//!     Users ann bob ;
//!     UA <ann,Boss> ;
//!     CR <Boss,Clerk> ;
//!     CA <Boss,TRUE,Clerk> <Boss,Clerk,Auditor> ;
//!     SPEC bob Auditor ;
//! ".parse().unwrap();
//! let Answer::Reachable(witness) = reach(&file) else { panic!() };
//! assert_eq!(witness.steps.len(), 2);
//! assert_eq!(witness.steps[1].to_string(), "ann (Boss) gives Auditor to bob");
//! ```
//!
//! # How
//!
//! Only the roles that can matter are looked at ([`relevant`]). Then each sort of user (the same relevant roles to begin with,
//! and the same standing as an administrator) is searched alone, in a world where every administrative role that anybody can
//! ever hold is held by somebody else at all times ([`search`]); what is reached there adds to those roles, until nothing new
//! comes. That world permits whatever the real one does, so what is not reachable in it is not reachable at all, and the
//! states found are a [`Certificate`] for that. What is reachable in it is replayed in the file's own words ([`witness`]): a
//! sequence of steps with the administrator who takes each, in which no step can be left out. Where no such sequence is found
//! the answer is [`Answer::Unknown`], with the reason.

mod certificate;
mod read;
mod relevant;
mod search;
mod witness;

use std::fmt;

pub use certificate::{Certificate, State};
pub use read::{Assign, File, Goal, NotAFile, Revoke};
pub use witness::{Step, Witness};

/// States of one file that are looked at before the answer is unknown.
pub const STATES: usize = 1_000_000;

/// What is known of the goal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Nobody ever holds it. The certificate can be checked without the search.
    NotReachable(Certificate),
    /// Somebody can come to hold it, like this.
    Reachable(Witness),
    /// Neither was found.
    Unknown {
        /// Why.
        reason: Reason,
    },
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// More than [`STATES`] states.
    TooManyStates,
    /// Somebody could hold it if administrators could hold all their roles at once, and no sequence was found in which they
    /// need not.
    NotReplayed,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Reason::TooManyStates => "there are more states than are looked at",
            Reason::NotReplayed => "it is reachable if administrators hold all their roles at once, and no sequence was found in which they need not",
        })
    }
}

/// Whether somebody can come to hold the goal role.
#[must_use]
pub fn reach(file: &File) -> Answer {
    let relevant = relevant::Relevant::of(file);
    let Some(found) = search::search(file, &relevant, STATES) else { return Answer::Unknown { reason: Reason::TooManyStates } };
    if !found.reaches_goal() {
        return Answer::NotReachable(certificate::of(file, &relevant, &found));
    }
    witness::of(file, &found).map_or(Answer::Unknown { reason: Reason::NotReplayed }, Answer::Reachable)
}
