//! `bench`: what the engine takes, beside code by hand. Benches measure and never judge: a time is not a test.

use std::process::Command;

use crate::{Done, cargo};

/// Explores with criterion: runs the benches whose names contain the filter, all without one. Says whether they ran.
pub fn run(filter: &[&str]) -> Done<bool> {
    ran(cargo().args(BENCH).args(["--bench", "explore", "--"]).args(filter))
}

/// Prints the tables of ratios and of memory as Markdown, for organizations of the sizes given.
pub fn table(sizes: &[&str]) -> Done<bool> {
    ran(cargo().args(BENCH).args(["--bench", "table", "--bench", "memory", "--"]).args(sizes))
}

const BENCH: [&str; 3] = ["bench", "--package", "tenantry-conformance"];

fn ran(command: &mut Command) -> Done<bool> {
    Ok(command.status()?.success())
}
