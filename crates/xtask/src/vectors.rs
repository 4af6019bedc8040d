//! The vectors as data: what each asks, which codes it shows, and that none stands twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};
use tenantry_conformance::{VectorFile, vector_files};

use crate::generated::shown;
use crate::{Done, root};

/// The fields of a step that say what is expected; the others say what is asked.
const ANSWERS: [&str; 3] = ["expect", "error", "fresh"];

/// A case of a vector file.
pub struct Vector {
    /// The file, from the folder of the vectors and without its extension: `inveterate/removing`.
    pub file: String,
    /// The name of the case, unique in its file.
    pub name: String,
    /// Its tags.
    pub covers: Vec<String>,
    /// The codes that it expects: of denials, warnings, addresses passed over, errors.
    pub codes: BTreeSet<String>,
    /// Policy, state and steps, without the answers.
    question: String,
}

/// Every case, by file.
pub fn all() -> Done<Vec<Vector>> {
    let dir = root().join("tests/vectors");
    let mut vectors = Vec::new();
    for path in vector_files(&dir)? {
        let file = shown(&path.strip_prefix(&dir)?.with_extension(""));
        let VectorFile { policy, snapshot, now, cases } = serde_json::from_str(&fs::read_to_string(&path)?).map_err(|error| format!("{file}: {error}"))?;
        for case in cases {
            let asked: Vec<Value> = case.steps.iter().map(without_answer).collect();
            let mut codes = BTreeSet::new();
            case.steps.iter().for_each(|step| codes_of_step(step, &mut codes));
            let question = json!([policy, snapshot, now, asked]).to_string();
            vectors.push(Vector { file: file.clone(), name: case.name, covers: case.covers, codes, question });
        }
    }
    Ok(vectors)
}

/// That no name stands twice in a file and no question twice anywhere.
pub fn check_doubles(vectors: &[Vector]) -> Done {
    let (mut names, mut questions) = (BTreeSet::new(), BTreeMap::new());
    let mut doubles = Vec::new();
    for vector in vectors {
        let place = format!("{}: {}", vector.file, vector.name);
        if !names.insert((&vector.file, &vector.name)) {
            doubles.push(format!("{place}: the name stands twice"));
        }
        if let Some(first) = questions.insert(&vector.question, place.clone()) {
            doubles.push(format!("{place}: asks the same as `{first}`"));
        }
    }
    if doubles.is_empty() { Ok(()) } else { Err(doubles.join("\n").into()) }
}

fn without_answer(step: &Value) -> Value {
    let mut step = step.clone();
    if let Some(fields) = step.as_object_mut() {
        fields.retain(|name, _| !ANSWERS.contains(&name.as_str()));
    }
    step
}

fn codes_of_step(step: &Value, codes: &mut BTreeSet<String>) {
    for answer in ANSWERS.iter().filter_map(|name| step.get(name)) {
        // The answer to `can` and that of an error is a bare code.
        codes.extend(answer.as_str().map(str::to_owned));
        codes_within(answer, codes);
    }
}

fn codes_within(answer: &Value, codes: &mut BTreeSet<String>) {
    match answer {
        Value::Object(fields) => {
            codes.extend(fields.get("code").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| codes_within(value, codes));
        }
        Value::Array(items) => items.iter().for_each(|item| codes_within(item, codes)),
        _ => {}
    }
}
