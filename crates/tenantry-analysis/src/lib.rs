//! Questions about policies over all sequences of requests: what can never happen, and how it can.
//!
//! [`arbac`] is reachability of roles in the files of the administrative RBAC literature. A [`Frame`] is the small organization
//! on which questions about a policy are asked.

pub mod arbac;
pub mod matrix;
mod frame;

pub use frame::{Frame, ORGANIZATION, Place};
