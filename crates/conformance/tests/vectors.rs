//! Every vector against the engine.

use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use tenantry_conformance::{Suite, vector_files, vectors_dir};

fn main() {
    let arguments = Arguments::from_args();
    let dir = vectors_dir();
    let mut trials = Vec::new();
    for path in vector_files(&dir).unwrap_or_default() {
        let name = path.strip_prefix(&dir).unwrap_or(&path).with_extension("").display().to_string();
        match Suite::load(&path) {
            Err(fault) => trials.push(Trial::test(name, move || Err(Failed::from(fault)))),
            Ok(suite) => {
                let suite = Arc::new(suite);
                for number in 0..suite.cases.len() {
                    let suite = Arc::clone(&suite);
                    trials.push(Trial::test(format!("{name}: {}", suite.cases[number].name), move || {
                        suite.run(&suite.cases[number]).map_err(|mismatch| Failed::from(mismatch.to_string()))
                    }));
                }
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}
