//! Questions about policies over all sequences of requests: what can never happen, and how it can.
//!
//! [`matrix`] is who may do what to whom, [`diff`] what a change of a policy changes of it. [`arbac`] is reachability of roles in
//! the files of the administrative RBAC literature. A [`Frame`] is the small organization on which questions about a policy are
//! asked. [`host`] is what other languages bind.

pub mod arbac;
pub mod diff;
mod frame;
pub mod host;
pub mod matrix;
pub mod model;
pub mod prove;
pub mod warn;
mod written;

pub use frame::{Frame, ORGANIZATION, Place};
