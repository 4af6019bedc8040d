//! `reports`: what is proven of the ready policies, written by the test that checks it.

use crate::process::ran;
use crate::{Done, cargo};

/// Writes a page for each preset.
pub fn write() -> Done {
    ran(cargo().args(["test", "--package", "tenantry-analysis", "--test", "reports"]).env("TENANTRY_WRITE_REPORTS", "1"))
}
