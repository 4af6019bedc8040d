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

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

pub use corpus::{Seeds, seeds};
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

/// What does not hold for an input, if anything.
#[must_use]
pub fn fault(target: Target, input: &[u8]) -> Option<String> {
    let payload = quietly(|| catch_unwind(AssertUnwindSafe(|| (target.body)(input)))).err()?;
    let text = payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    Some(text.filter(|text| !text.is_empty()).unwrap_or("a panic without words".to_owned()))
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the panics of this thread from being printed: making an input smaller causes hundreds of them.
fn quietly<T>(run: impl FnOnce() -> T) -> T {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                usual(panic)
            }
        }));
    });
    QUIET.set(true);
    let ran = run();
    QUIET.set(false);
    ran
}

/// The smallest input found for which the same does not hold as for the given one.
#[must_use]
pub fn smallest(target: Target, input: &[u8]) -> Vec<u8> {
    // What an assertion compares changes with the input; its first words do not.
    let words = |input: &[u8]| fault(target, input).map(|fault| fault.chars().take(70).collect::<String>());
    let wanted = words(input);
    shrink(input, &|input| wanted.is_some() && words(input) == wanted)
}
