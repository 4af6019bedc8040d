//! What must hold for any input, however it was made: the bodies of the fuzz targets, with the seeds and the mutator that
//! make inputs worth trying.
//!
//! The same bodies run under libFuzzer (`crates/tenantry/fuzz`, `cargo xtask fuzz`) and, for a few thousand seeded inputs, in
//! every test run (`tests/fuzz_smoke.rs`). A body panics where something does not hold.

mod corpus;
mod documents;
mod engine;
mod mutate;
mod pool;
mod questions;
mod shrink;
mod text;

pub use corpus::seeds;
pub use mutate::Mutator;
pub use pool::Pool;
pub use shrink::shrink;

/// Something to fuzz.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name of the fuzz target and of its folder of seeds.
    pub name: &'static str,
    /// What must hold for an input.
    pub body: fn(&[u8]),
}

/// Every target: the documents that the engine reads, then the engine on whatever reads.
pub const TARGETS: [Target; 8] = [
    Target { name: "policy_toml", body: documents::policy_toml },
    Target { name: "policy_json", body: documents::policy_json },
    Target { name: "snapshot", body: documents::snapshot },
    Target { name: "request", body: documents::request },
    Target { name: "decision", body: documents::decision },
    Target { name: "event", body: documents::event },
    Target { name: "engine", body: engine::engine },
    Target { name: "forged", body: engine::forged },
];

/// The target of a name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// Runs the body of a target; an unknown name runs nothing.
pub fn run(name: &str, input: &[u8]) {
    if let Some(target) = target(name) {
        (target.body)(input);
    }
}
