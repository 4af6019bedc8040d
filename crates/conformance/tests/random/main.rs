//! Random policies, states and sequences of requests. What is promised of every policy is tried on them: see `properties`.
//!
//! A run is made of as many sequences as `PROPTEST_CASES` says (ten thousand if it says nothing), from the seed
//! `TENANTRY_SEED` on (always the same if it says nothing). What fails is made as small as it gets and shown as a file of
//! vectors.

mod own;
mod properties;
mod questions;
mod run;
mod smaller;
mod time;

use run::{Found, number_of};

#[test]
fn what_is_promised_holds_of_random_policies() {
    let (seed, cases) = (number_of("TENANTRY_SEED", 1), number_of("PROPTEST_CASES", 10_000));
    let found: Found = run::run(seed, cases);
    println!("{}", found.report());
    assert!(found.faults.is_empty(), "{} faults", found.faults.len());
    assert!(found.refused * 3 < cases, "the engine refuses {} of {cases} policies", found.refused);
    // What is rare is met by the seed of every run, or by many sequences.
    if cases >= 100_000 || (seed == 1 && cases >= 10_000) {
        assert!(found.untried().is_empty(), "never met: {}", found.untried().join(", "));
    }
}
