//! `coverage`: which vectors show which requirement and which code, as the tables of `tests/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use tenantry::policy::presets;
use tenantry::{CATALOGUE, Code, ERROR_CODES, Policy};

use crate::generated::{Mode, between, settle};
use crate::vectors::{self, Vector};
use crate::{Done, root};

const PAGE: &str = "tests/README.md";
const BEGIN: &str = "<!-- made by `cargo xtask coverage`: begin -->";
const END: &str = "<!-- made by `cargo xtask coverage`: end -->";

/// How many cases show a requirement at least: one alone can be a coincidence.
const CASES_OF_A_REQUIREMENT: usize = 2;

/// Writes or checks the tables, and that nothing in them is bare.
pub fn run(mode: Mode) -> Done {
    let vectors = vectors::all()?;
    let requirements = requirements()?;
    let tables = tables(&vectors, &requirements)?;
    let page = fs::read_to_string(root().join(PAGE))?;
    settle(PAGE, &between(&page, BEGIN, END, &tables)?, mode, "coverage")?;
    let faults = faults(&vectors, &requirements)?;
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

/// The requirements by number, each with its meaning.
fn requirements() -> Done<BTreeMap<u32, String>> {
    let meanings: BTreeMap<String, String> = serde_json::from_str(&fs::read_to_string(root().join("tests/requirements.json"))?)?;
    let numbered = |(name, meaning): (String, String)| match name.strip_prefix('R').and_then(|number| number.parse().ok()) {
        Some(number) => Ok((number, meaning)),
        None => Err(format!("`{name}` is no name of a requirement").into()),
    };
    meanings.into_iter().map(numbered).collect()
}

fn tables(vectors: &[Vector], requirements: &BTreeMap<u32, String>) -> Done<String> {
    let mut text = String::from("### Requirements\n\n| | what is required | cases | files |\n|---|---|--:|---|\n");
    for (number, meaning) in requirements {
        let tag = format!("R{number}");
        let cases: Vec<&Vector> = vectors.iter().filter(|vector| vector.covers.contains(&tag)).collect();
        text += &format!("| {tag} | {meaning} | {} | {} |\n", cases.len(), files(&cases));
    }
    text += "\n### Codes of the catalogue\n\n| code | step | cases | files |\n|---|---|--:|---|\n";
    for code in CATALOGUE {
        text += &code_row(vectors, code.as_str(), code.step().as_str());
    }
    text += "\n### Codes of errors\n\n| code | cases | files |\n|---|--:|---|\n";
    for code in ERROR_CODES.iter().filter(|code| Code::parse(code).is_none()) {
        let cases = showing(vectors, code);
        if cases.is_empty() {
            // An error of a policy or a snapshot: no request meets it.
            continue;
        }
        text += &format!("| `{code}` | {} | {} |\n", cases.len(), files(&cases));
    }
    text += "\n### Codes of the presets\n\n| code | said by | cases | files |\n|---|---|--:|---|\n";
    for (code, names) in preset_codes()? {
        text += &code_row(vectors, &code, &names.into_iter().collect::<Vec<_>>().join(", "));
    }
    Ok(text)
}

fn code_row(vectors: &[Vector], code: &str, from: &str) -> String {
    let cases = showing(vectors, code);
    format!("| `{code}` | {from} | {} | {} |\n", cases.len(), files(&cases))
}

fn showing<'v>(vectors: &'v [Vector], code: &str) -> Vec<&'v Vector> {
    vectors.iter().filter(|vector| vector.codes.contains(code)).collect()
}

/// The files of the cases, by topic: "ai-loop: members, sections; starter: people".
fn files(cases: &[&Vector]) -> String {
    let mut topics: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (topic, file) in cases.iter().filter_map(|case| case.file.split_once('/')) {
        topics.entry(topic).or_default().insert(file);
    }
    let one = |(topic, files): (&str, BTreeSet<&str>)| format!("{topic}: {}", files.into_iter().collect::<Vec<_>>().join(", "));
    topics.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The codes that the rules of the presets bring, each with the presets that say it.
fn preset_codes() -> Done<BTreeMap<String, BTreeSet<&'static str>>> {
    let mut codes: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for name in presets::NAMES {
        let policy: Value = serde_json::from_str(&Policy::preset(name)?.to_json())?;
        let rules = ["allow", "forbid", "keep"].into_iter().filter_map(|table| policy[table].as_array()).flatten();
        for code in rules.filter_map(|rule| rule["code"].as_str()).filter(|code| Code::parse(code).is_none()) {
            codes.entry(code.to_owned()).or_default().insert(name);
        }
    }
    Ok(codes)
}

/// What is shown by too few cases, and what is claimed and not shown.
fn faults(vectors: &[Vector], requirements: &BTreeMap<u32, String>) -> Done<Vec<String>> {
    let mut faults = Vec::new();
    for number in requirements.keys() {
        let tag = format!("R{number}");
        let cases = vectors.iter().filter(|vector| vector.covers.contains(&tag)).count();
        if cases < CASES_OF_A_REQUIREMENT {
            faults.push(format!("{tag}: {cases} cases, {CASES_OF_A_REQUIREMENT} at least"));
        }
    }
    let catalogue = CATALOGUE.iter().map(|code| code.as_str().to_owned());
    for code in catalogue.chain(preset_codes()?.into_keys()).filter(|code| showing(vectors, code).is_empty()) {
        faults.push(format!("no vector shows the code `{code}`"));
    }
    for vector in vectors {
        let wrong = vector.covers.iter().filter(|tag| !is_right(tag, vector, requirements));
        faults.extend(wrong.map(|tag| format!("{}: {}: the tag `{tag}` names nothing that the case shows", vector.file, vector.name)));
    }
    Ok(faults)
}

/// Whether a tag names a requirement, a reading, or a code that the case shows.
fn is_right(tag: &str, vector: &Vector, requirements: &BTreeMap<u32, String>) -> bool {
    if let Some(code) = tag.strip_prefix("code:").or_else(|| tag.strip_prefix("error:")) {
        return vector.codes.contains(code);
    }
    if let Some(reading) = tag.strip_prefix("AM-") {
        return reading.len() == 2 && reading.parse::<u8>().is_ok();
    }
    tag.strip_prefix('R').and_then(|number| number.parse().ok()).is_some_and(|number: u32| requirements.contains_key(&number))
}
