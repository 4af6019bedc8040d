//! Every vector against the engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use tenantry_conformance::{Suite, vector_files, vectors_dir};

fn main() {
    let arguments = Arguments::from_args();
    let dir = vectors_dir();
    let trials = match files(&dir) {
        Ok(paths) => paths.iter().flat_map(|path| trials(&dir, path)).collect(),
        Err(fault) => vec![broken("vectors".to_owned(), fault)],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

/// The vector files. That there are none is a fault: nothing would be tested, and nobody would know.
fn files(dir: &Path) -> Result<Vec<PathBuf>, String> {
    match vector_files(dir) {
        Ok(files) if files.is_empty() => Err(format!("no vectors in {}", dir.display())),
        Ok(files) => Ok(files),
        Err(error) => Err(format!("{}: {error}", dir.display())),
    }
}

fn trials(dir: &Path, path: &Path) -> Vec<Trial> {
    let name = path.strip_prefix(dir).unwrap_or(path).with_extension("").display().to_string();
    let suite = match Suite::load(path) {
        Ok(suite) if suite.cases.is_empty() => return vec![broken(name, "a file without cases".to_owned())],
        Ok(suite) => Arc::new(suite),
        Err(fault) => return vec![broken(name, fault)],
    };
    let one = |number: usize| {
        let suite = Arc::clone(&suite);
        Trial::test(format!("{name}: {}", suite.cases[number].name), move || {
            suite.run(&suite.cases[number]).map_err(|mismatch| Failed::from(mismatch.to_string()))
        })
    };
    (0..suite.cases.len()).map(one).collect()
}

fn broken(name: String, fault: String) -> Trial {
    Trial::test(name, move || Err(Failed::from(fault)))
}
