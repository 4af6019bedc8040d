//! `random`: random policies, states and requests, as many as one has time for, from another seed each time.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Done, cargo};

/// Tries so many sequences from a seed (one of the moment if none is named) and says whether everything held.
pub fn run(cases: &str, seed: Option<&str>) -> Done<bool> {
    let cases: u32 = cases.parse().map_err(|_| format!("`{cases}` is no number of sequences"))?;
    let seed: u32 = match seed {
        Some(seed) => seed.parse().map_err(|_| format!("`{seed}` is no seed: it is a number"))?,
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos(),
    };
    println!("TENANTRY_SEED={seed} PROPTEST_CASES={cases}");
    let mut tests = cargo();
    tests.env("TENANTRY_SEED", seed.to_string()).env("PROPTEST_CASES", cases.to_string());
    tests.args(["test", "--package", "tenantry-conformance", "--test", "random", "--", "--nocapture"]);
    Ok(tests.status()?.success())
}
