//! The five documents: policy, snapshot, request, decision and event, and how they are read and printed.

pub mod decision;
pub mod event;
pub mod fact;
pub mod policy;
pub mod read;
pub mod request;
pub mod snapshot;
pub mod time;
pub mod words;

pub use decision::{Decision, Effect, Obligation, Outcome, PublicDecision, Read, Reads, Reason, Remedy, Warning};
pub use event::{AuditRecord, Event};
pub use fact::{Fact, Facts};
pub use read::{canonical_json, digest};
pub use request::{Actor, Ask, Batch, Body, Emails, Holders, OpenLink, Reach, Request, RoleAt, RoleEdit, ScopedRoles, UserInput};
pub use snapshot::Snapshot;
pub use time::Time;

/// The version of the document shapes that this engine reads and writes.
pub const VERSION: u32 = 1;
