//! Tenantry: the rules of a "Users & Access" page, as data.
//!
//! A [`Policy`] says who may invite, promote, deactivate and remove whom. A [`Directory`] is the state of one organization
//! under a policy. It [decides](Directory::decide) requests: an allow with the events that become true and what the host has
//! to do, or a deny with a stable code, every reason, and what would help. [`apply`](Directory::apply) makes an allowed
//! decision true, unless something that it relied on has changed in the meantime.
//!
//! The engine is pure: no I/O, no clock, no randomness. The time is in the request, ids derive from it, and the same
//! question has the same answer, byte for byte, in every host.
//!
//! ```
//! use tenantry::{Directory, Policy, document::{Request, Snapshot}};
//! let policy = Policy::parse_toml(r#"
//!     tenantry = 1
//!     name = "tiny"
//!     [roles.organization]
//!     owner = { rank = 2 }
//!     member = { rank = 1, default = true }
//!     [[allow]]
//!     id = "owners-remove-members"
//!     actions = ["member.remove"]
//!     actor = { role = "owner" }
//!     target = { role = "member" }
//! "#).unwrap();
//! let snapshot = Snapshot::from_json(r#"{
//!     "tenantry": 1, "organization": "acme",
//!     "scopes": [{ "id": "acme", "kind": "organization" }],
//!     "users": [{ "id": "ann" }, { "id": "bob" }],
//!     "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }, { "scope": "acme", "user": "bob", "role": "owner" }]
//! }"#).unwrap();
//! let mut directory = Directory::new(policy, &snapshot).unwrap();
//! let request = Request::from_json(r#"{
//!     "tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z",
//!     "actor": { "user": "ann" }, "action": "member.remove", "target": "bob"
//! }"#).unwrap();
//! // The rule is for members; bob is an owner.
//! assert_eq!(directory.decide(&request).unwrap().code.as_deref(), Some("not_permitted"));
//! ```
//!
//! Where to look: [`document`] for the five documents, [`policy`] for what a policy compiles to, [`ask`] for the questions
//! beside requests (`can`, `denial`, `permitted`, `page`, `explain`, `who_can`, `needs`), [`CATALOGUE`] for the codes of
//! denials, [`ERROR_CODES`] for those of malformed questions, [`bounds`] for what is accepted at most, [`host`] for what bindings to
//! other languages bind.

pub mod ask;
pub mod bounds;
mod codes;
mod decide;
mod directory;
pub mod document;
pub mod email;
mod error;
pub mod host;
mod name;
pub mod policy;

pub use codes::{CATALOGUE, Code, Step};
pub use directory::Directory;
pub use error::{ERROR_CODES, Error, Need, Problem};
pub use name::nearest;
pub use policy::Policy;
