//! The slow reference: what a request means, written for reading.
//!
//! It is a second account of how a request is decided, from the published meaning of the language and from nothing else:
//! plain lists and texts over the snapshot document, no index, no masks, no caches. The engine must give the same
//! answer on every vector and on random cases. What it leaves to the engine: shapes and bounds of documents, slices,
//! `reads`, and staleness.
//!
//! The parts follow the steps of a decision:
//! [the world](#impl-World) (rows, flow of roles, standing) · conditions · the gate · the verbs, which say what a request
//! changes, what speaks against it and what becomes true · judging · keeps · folding events.

mod conditions;
mod decide;
mod events;
mod judge;
mod keeps;
mod vectors;
mod verbs;
mod verbs_invitation;
mod world;
mod written;

pub use vectors::{Tally, decision_differences, state_differences};
pub use decide::{Reference, Traced};
pub use world::Read;
