//! The reports on the ready policies are what is found out about them today.

use std::path::Path;

use tenantry::Policy;
use tenantry::policy::presets::NAMES;
use tenantry_analysis::matrix::Matrix;
use tenantry_analysis::prove::prove;

type Done = Result<(), Box<dyn std::error::Error>>;

/// Set, the reports are written instead of checked.
const WRITE: &str = "TENANTRY_WRITE_REPORTS";

#[test]
fn reports_are_up_to_date() -> Done {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tenantry/presets/reports");
    let mut stale = Vec::new();
    for name in NAMES {
        let policy = Policy::preset(name)?;
        let proof = prove(policy.clone())?;
        let [proved, attacks, unknown] = proof.tally();
        println!("{name}: {proved} proved, {attacks} attacks, {unknown} unknown");
        let page = format!("{}\n{}", proof.to_markdown(), Matrix::of(&policy).to_markdown());
        let path = folder.join(format!("{name}.md"));
        if std::env::var_os(WRITE).is_some() {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(&path, &page)?;
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != page {
            stale.push(*name);
        }
    }
    assert!(stale.is_empty(), "reports on {stale:?} are out of date; `cargo xtask reports` mends them");
    Ok(())
}
