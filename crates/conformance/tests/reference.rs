//! Every vector against the slow reference. What is no request (questions, pages, decisions that are applied later) and
//! what is about slices or shapes of documents is the engine's matter alone; such steps are skipped, and counted.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use libtest_mimic::{Arguments, Failed, Trial};
use tenantry_conformance::reference::Tally;
use tenantry_conformance::{Suite, vector_files, vectors_dir};

fn main() -> std::io::Result<()> {
    let arguments = Arguments::from_args();
    let dir = vectors_dir();
    let tally = Arc::new(Tally::default());
    let mut trials = Vec::new();
    for path in vector_files(&dir)? {
        let name = path.strip_prefix(&dir).unwrap_or(&path).with_extension("").display().to_string();
        match Suite::load(&path) {
            Err(fault) => trials.push(Trial::test(name, move || Err(Failed::from(fault)))),
            Ok(suite) => {
                let suite = Arc::new(suite);
                for number in 0..suite.cases.len() {
                    let (suite, tally) = (Arc::clone(&suite), Arc::clone(&tally));
                    trials.push(Trial::test(format!("{name}: {}", suite.cases[number].name), move || {
                        suite.run_reference(&suite.cases[number], &tally).map_err(|mismatch| Failed::from(mismatch.to_string()))
                    }));
                }
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    println!("steps: {} compared, {} left to the engine", tally.compared.load(Ordering::Relaxed), tally.left.load(Ordering::Relaxed));
    conclusion.exit();
}
