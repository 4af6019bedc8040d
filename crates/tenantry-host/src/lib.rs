//! Tenantry's wasm component in wasmtime: the membership policy engine behind a wall.
//!
//! The component can reach nothing: no file, no clock, no network. What is left to take is time and memory, and both are
//! bounded for each call ([`Settings`]). A document that is too much ends in an [`Error`] with a code; the next call works.
//!
//! ```no_run
//! use tenantry_host::{Engine, Policy, Settings};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::new(&std::fs::read("tenantry.wasm")?, Settings::default())?;
//! let mut session = engine.session(Policy::Preset("starter".into()))?;
//! session.load(r#"{ "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }],
//!     "users": [{ "id": "ann" }], "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }] }"#)?;
//! let decision = session.decide(r#"{ "tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z",
//!     "actor": { "user": "ann" }, "action": "member.leave" }"#)?;
//! assert!(decision.contains(r#""code":"below_minimum""#));
//! # Ok(())
//! # }
//! ```
//!
//! Where to look: [`Engine`] is the compiled component, [`Session`] one organization under one policy, [`Pool`] keeps sessions
//! warm for a server. Documents are JSON texts, as the component has them.

mod engine;
mod error;
mod instance;
mod pool;
mod session;
mod settings;
mod ticker;

/// What the macro makes of the WIT. It has to trust the layout of what passes the wall; nothing here is written by hand.
#[allow(unsafe_code, missing_docs)]
mod bindings {
    wasmtime::component::bindgen!({ world: "tenantry", path: "wit", additional_derives: [PartialEq] });
}

pub use bindings::exports::tenantry::engine::membership::{Columns, Denial, Numbered};
pub use engine::Engine;
pub use error::{Error, Refusal};
pub use pool::{Pool, Pooled};
pub use session::{Policy, Session};
pub use settings::{Budget, Settings};

/// In the place of a target or a role: that none is asked about.
pub const NOBODY: u32 = u32::MAX;

/// The number of what does not exist: no such user, scope or role.
pub const UNKNOWN: u32 = u32::MAX - 1;
