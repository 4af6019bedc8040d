//! The slow reference: what a request means, written for reading.
//!
//! It is a second account of how a request is decided, from the published meaning of the language and from nothing else:
//! plain lists and texts over the snapshot document, no index, no masks, no caches. The engine must give the same
//! answer on every vector and on random cases. What it leaves to the engine: shapes and bounds of documents, slices,
//! `reads`, and staleness.
//!
//! The files follow the steps of a decision: `shape` is what a request must look like;
//! `decide` is the order of the steps, batches and the law of atomic requests;
//! `judge` is standing, gate and judging; `verbs` say what a request changes, what of the state speaks against it and what
//! becomes true; `keeps` are the invariants; `events` fold what becomes true into the state. Below them lie `world` (rows, the
//! tree, the flow of roles; every look at a row is written down), `conditions` (the blocks of rules) and `written` (the policy
//! document). `vectors` compares all of it with the vectors and with the engine.

mod conditions;
mod decide;
mod events;
mod judge;
mod keeps;
mod kept;
mod met;
mod own;
mod shape;
mod vectors;
mod verbs;
mod world;
mod written;

pub use decide::{Reference, Traced};
pub use met::{Met, take_met};
pub use own::Own;
pub use vectors::{Tally, decision_differences, state_differences};
pub use world::Read;
