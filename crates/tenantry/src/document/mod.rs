//! The five documents: policy, snapshot, request, decision and event, and how they are read and printed.

pub mod actor;
pub mod decision;
pub mod event;
pub mod fact;
mod fault;
pub mod json;
pub mod policy;
pub mod print;
pub mod read;
pub mod request;
pub mod roles;
pub mod shape;
pub mod snapshot;
pub mod time;
mod tree;
pub mod words;

pub use actor::Actor;
pub use decision::{Decision, Effect, Obligation, Outcome, PublicDecision, Read, Reads, Reason, Remedy, Warning};
pub use event::{AuditRecord, Event};
pub use fact::{Fact, Facts};
pub use read::{canonical_json, digest};
pub use request::{Ask, Batch, Body, Emails, Holders, OpenLink, Reach, Request, UserInput};
pub use roles::{RoleAt, RoleEdit, ScopedRoles};
pub use snapshot::Snapshot;
pub use time::Time;
pub(crate) use tree::Tree;

/// The version of the document shapes that this engine reads and writes.
pub const VERSION: u32 = 1;
