//! Documents are read twice, by the engine's reader and by serde, which both follow from one declaration: they take the same
//! texts to the same documents and refuse the others in the same words.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use tenantry::Error;
use tenantry::document::print::{Print, printed};
use tenantry::document::{AuditRecord, Decision, Request, Snapshot, canonical_json};
use tenantry_conformance::fuzz::{Mutator, Pool, seeds};

/// What serde makes of a text: the document, or path and sentence.
fn by_serde<T: DeserializeOwned>(text: &[u8]) -> Result<T, (String, String)> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| (error.path().to_string(), error.inner().to_string()));
    read.and_then(|document| reader.end().map(|()| document).map_err(|error| (String::new(), error.to_string())))
}

/// What serde takes or says otherwise: it takes lists for tables, prints floats anew, and of a table in the place of a word it has
/// another first fault.
fn is_known(met: &str, other: &str) -> bool {
    met.contains("invalid type: sequence, expected")
        || other.contains("expected map with a single key")
        || (met.contains("floating point") && other.contains("floating point"))
}

fn agree<T: DeserializeOwned + serde::Serialize + Print + PartialEq + Debug>(name: &str, read: fn(&[u8]) -> Result<T, Error>, inputs: usize) {
    let seeds = seeds().unwrap_or_default();
    let (pool, mine) = (Pool::of(&seeds), seeds.get(name).map_or(&[][..], Vec::as_slice));
    assert!(!mine.is_empty(), "no seeds for `{name}`");
    let mut mutator = Mutator::new(&pool, 7);
    let (mut taken, mut refused, mut different) = (0, 0, 0);
    for input in mine.iter().map(|seed| seed.clone().into_bytes()).chain((0..inputs).map(|_| mutator.input(mine))) {
        let text = String::from_utf8_lossy(&input);
        match (read(&input), by_serde::<T>(&input)) {
            (Ok(document), other) => {
                assert_eq!(printed(&document), canonical_json(&document), "printed in another way");
                assert_eq!(Ok(document), other, "serde reads `{text}` in another way");
                taken += 1;
            }
            (Err(error), Ok(_)) => assert!(is_known(&error.to_string(), "") || error.code() == "out_of_bounds", "only serde takes `{text}`: {error}"),
            (Err(error), Err((path, message))) if error.code() == "bad_document" => {
                let at = if path.is_empty() || path == "." { String::new() } else { format!(" at `{path}`") };
                let expected = format!("{name} is not well formed{at}: {message}").replacen("event", "event", 1);
                let met = error.to_string();
                if !met.starts_with(&expected) && !is_known(&met, &expected) {
                    different += 1;
                    if different <= 40 {
                        eprintln!("met      {met}\nexpected {expected}\n");
                    }
                }
                refused += 1;
            }
            (Err(error), Err(_)) => assert_eq!(error.code(), "unsupported_version"),
        }
    }
    println!("{name}: {taken} taken, {refused} refused");
    assert_eq!(different, 0, "of {refused} refusals");
}

#[test]
fn snapshots() {
    agree::<Snapshot>("snapshot", Snapshot::from_json_bytes, 20_000);
}

#[test]
fn requests() {
    agree::<Request>("request", Request::from_json_bytes, 40_000);
}

#[test]
fn decisions() {
    agree::<Decision>("decision", Decision::from_json_bytes, 40_000);
}

#[test]
fn events() {
    agree::<AuditRecord>("event", AuditRecord::from_json_bytes, 40_000);
}
