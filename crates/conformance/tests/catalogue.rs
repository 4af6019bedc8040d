//! The catalogues of codes: each one is seen at work, in the vectors or here.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

use serde_json::{Value, json};
use tenantry::document::{Decision, Request, Snapshot};
use tenantry::policy::presets;
use tenantry::{CATALOGUE, Code, Directory, ERROR_CODES, Policy};
use tenantry_conformance::{VectorFile, vector_files, vectors_dir};

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn steps() -> Done<Vec<Value>> {
    let mut steps = Vec::new();
    for path in vector_files(&vectors_dir())? {
        let file: VectorFile = serde_json::from_str(&fs::read_to_string(path)?)?;
        steps.extend(file.cases.into_iter().flat_map(|case| case.steps));
    }
    Ok(steps)
}

fn items<'v>(value: &'v Value, list: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value[list].as_array().into_iter().flatten()
}

/// The codes of an answer: of the denial, of its items, of its warnings.
fn codes(answer: &Value) -> Vec<&str> {
    let warned = items(answer, "warnings").filter_map(|warning| warning["code"].as_str());
    let below = items(answer, "items").flat_map(codes);
    answer["code"].as_str().into_iter().chain(warned).chain(below).collect()
}

/// What the vectors expect: codes of answers, errors of applying, errors of requests.
fn expected(steps: &[Value]) -> (BTreeSet<&str>, BTreeSet<&str>, BTreeSet<&str>) {
    let errors = |word: &str| steps.iter().filter(|step| step.get(word).is_some()).filter_map(|step| step["error"].as_str()).collect();
    let answers = steps.iter().filter(|step| step.get("request").is_some()).flat_map(|step| codes(&step["expect"]));
    (answers.collect(), errors("apply"), errors("request"))
}

fn empty() -> Result<Directory, tenantry::Error> {
    Directory::new(Policy::preset("starter")?, &Snapshot::empty("acme"))
}

fn install() -> Result<Request, tenantry::Error> {
    let request = json!({
        "tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z", "actor": { "system": "install" }, "action": "organization.create",
        "user": { "id": "ann", "email": "ann@acme.example", "verified": true }, "roles": ["owner"]
    });
    Request::from_json(&request.to_string())
}

fn installed() -> Result<Decision, tenantry::Error> {
    empty()?.decide(&install()?)
}

/// Asks what must fail.
type Ask = fn() -> Result<(), tenantry::Error>;

/// Errors that no request meets.
const BESIDE_REQUESTS: &[(&str, Ask)] = &[
    ("bad_document", || Policy::parse_json("{").map(drop)),
    ("bad_document", || Snapshot::from_json("[]").map(drop)),
    ("unsupported_version", || Snapshot::from_json(r#"{ "tenantry": 9 }"#).map(drop)),
    ("out_of_bounds", || Policy::parse_json(&" ".repeat(tenantry::bounds::POLICY_BYTES.max + 1)).map(drop)),
    ("bad_policy", || Policy::parse_json("{}").map(drop)),
    ("unknown_preset", || Policy::preset("startr").map(drop)),
    ("bad_snapshot", || Directory::new(Policy::preset("starter")?, &Snapshot::empty("")).map(drop)),
    ("wrong_policy", || {
        let mut other = Directory::new(Policy::preset("inveterate")?, &Snapshot::empty("acme"))?;
        other.apply(&installed()?, install()?.now)
    }),
    ("wrong_policy", || {
        let mut other = Directory::new(Policy::preset("starter")?, &Snapshot::empty("other"))?;
        other.apply(&installed()?, install()?.now)
    }),
    ("stale", || {
        let (mut directory, decision) = (empty()?, installed()?);
        directory.apply(&decision, install()?.now)?;
        directory.apply(&decision, install()?.now)
    }),
    ("denied", || {
        let mut directory = empty()?;
        directory.apply(&installed()?, install()?.now)?;
        let decision = directory.decide(&install()?)?;
        directory.apply(&decision, install()?.now)
    }),
];

#[test]
fn every_code_is_seen() -> Done {
    let steps = steps()?;
    let (answers, applied, _) = expected(&steps);
    let unseen: Vec<&str> = CATALOGUE.iter().map(|code| code.as_str()).filter(|code| !answers.contains(code) && !applied.contains(code)).collect();
    assert!(unseen.is_empty(), "seen in no vector: {unseen:?}");
    Ok(())
}

#[test]
fn errors_beside_requests() {
    for (code, ask) in BESIDE_REQUESTS {
        assert_eq!(ask().err().map(|error| error.code()), Some(*code));
    }
}

#[test]
fn every_error_is_seen() -> Done {
    let steps = steps()?;
    let (_, applied, asked) = expected(&steps);
    let mut seen: BTreeSet<&str> = &applied | &asked;
    seen.extend(BESIDE_REQUESTS.iter().map(|(code, _)| code));
    assert_eq!(seen, ERROR_CODES.iter().copied().collect());
    Ok(())
}

#[test]
fn an_unknown_preset_hears_the_nearest() {
    let said = |name: &str| Policy::preset(name).err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(said("startr"), "no preset is called `startr`; did you mean `starter`?");
    assert_eq!(said("acme"), "no preset is called `acme`");
}

/// What is stale says what the answer is now.
#[test]
fn stale_brings_the_fresh_answer() -> Done {
    let (mut directory, decision) = (empty()?, installed()?);
    directory.apply(&decision, install()?.now)?;
    let error = directory.apply(&decision, install()?.now).err().ok_or("applied twice")?;
    let fresh = error.fresh().ok_or("nothing fresh")?.clone()?;
    assert_eq!(fresh.code.as_deref(), Some("already_exists"));
    Ok(())
}

#[test]
fn codes_are_unique_words() {
    let codes: Vec<&str> = CATALOGUE.iter().map(|code| code.as_str()).chain(ERROR_CODES.iter().copied()).collect();
    assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    for list in [&codes[..CATALOGUE.len()], ERROR_CODES] {
        assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), list.len());
    }
    // A decision that cannot be applied has one code, whoever says it.
    let both: Vec<&str> = CATALOGUE.iter().map(|code| code.as_str()).filter(|code| ERROR_CODES.contains(code)).collect();
    assert_eq!(both, ["stale", "late"]);
}

#[test]
fn codes_are_read_as_they_are_printed() {
    for &code in CATALOGUE {
        assert_eq!(Code::parse(code.as_str()), Some(code));
        assert_eq!(code.to_string(), code.as_str());
    }
    assert_eq!(Code::parse("not_a_code"), None);
    assert!(CATALOGUE.is_sorted_by_key(|code| code.step()), "in the order of the steps");
}

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && !text.ends_with("..") && text.starts_with(char::is_uppercase) && text.trim() == text && !text.contains("  ")
}

#[test]
fn messages_are_sentences() -> Done {
    for code in CATALOGUE {
        assert!(is_sentence(code.message()), "{code}: {}", code.message());
    }
    for name in presets::NAMES {
        let policy: Value = serde_json::from_str(&Policy::preset(name)?.to_json())?;
        for rule in ["allow", "forbid", "keep"].iter().flat_map(|section| items(&policy, section)) {
            let message = rule["message"].as_str();
            assert!(message.is_none_or(is_sentence), "{name}: {rule}");
        }
    }
    Ok(())
}

#[test]
fn messages_of_answers_are_sentences() -> Done {
    for step in steps()? {
        let answer = &step["expect"];
        let said = items(answer, "reasons").chain(items(answer, "warnings")).chain([answer]);
        for message in said.filter_map(|said| said.get("message")?.as_str()) {
            assert!(is_sentence(message), "{message}");
        }
    }
    Ok(())
}
