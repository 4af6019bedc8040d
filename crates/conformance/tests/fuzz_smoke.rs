//! The bodies of the fuzz targets on a few thousand seeded inputs each: the same ones in every run.

use std::sync::LazyLock;

use tenantry_conformance::fuzz::{Mutator, Pool, Seeds, fault, seeds, smallest, target};

/// One round of inputs. Another number gives other inputs.
const SEED: u64 = 1;

static SEEDS: LazyLock<(Seeds, Pool)> = LazyLock::new(|| {
    let seeds = seeds().unwrap_or_default();
    let pool = Pool::of(&seeds);
    (seeds, pool)
});

/// Runs the seeds of a target, or so many of them, then inputs made out of them.
fn smoke(name: &'static str, inputs: usize) {
    let (seeds, pool) = &*SEEDS;
    let seeds = seeds.get(name).map_or(&[][..], Vec::as_slice);
    assert!(!seeds.is_empty(), "no seeds for `{name}`");
    let mut mutator = Mutator::new(pool, SEED);
    let made = (0..inputs).map(|_| mutator.input(seeds));
    let whole = seeds.iter().step_by(seeds.len() / inputs + 1).map(|seed| seed.clone().into_bytes());
    let Some(target) = target(name) else { return assert_eq!(name, "a fuzz target") };
    for input in whole.chain(made) {
        let fault = fault(target, &input).unwrap_or_default();
        assert!(fault.is_empty(), "`{name}` breaks: {fault}\non the input\n{}", String::from_utf8_lossy(&smallest(target, &input)));
    }
}

#[test]
fn policies_in_toml() {
    smoke("policy_toml", 500);
}

#[test]
fn policies_in_json() {
    smoke("policy_json", 400);
}

#[test]
fn snapshots() {
    smoke("snapshot", 600);
}

#[test]
fn requests() {
    smoke("request", 2000);
}

#[test]
fn decisions() {
    smoke("decision", 1000);
}

#[test]
fn events() {
    smoke("event", 2000);
}

#[test]
fn the_engine() {
    smoke("engine", 200);
}

#[test]
fn forged_decisions() {
    smoke("forged", 200);
}
