//! `bench`: the criterion benches. They measure and never judge: a time is not a test.

use crate::{Done, cargo};

/// Runs the benches whose names contain the filter, all without one. Says whether they ran.
pub fn run(filter: &[&str]) -> Done<bool> {
    let status = cargo().args(["bench", "--workspace", "--all-features", "--bench", "*", "--"]).args(filter).status()?;
    Ok(status.success())
}
