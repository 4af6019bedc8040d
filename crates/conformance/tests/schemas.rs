//! The committed JSON Schemas against every document at hand: presets, examples, and what the vectors ask and expect.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};
use tenantry::Policy;
use tenantry::policy::presets;
use tenantry_conformance::{VectorFile, vector_files, vectors_dir};

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn schema(name: &str) -> Done<Validator> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tenantry/schemas").join(name).with_extension("json");
    let schema = read(&path)?;
    jsonschema::meta::validate(&schema).map_err(|error| format!("{name} is no schema: {error}"))?;
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema);
    validator.map_err(|error| error.to_string().into())
}

fn read(path: &Path) -> Done<Value> {
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

/// Fails with every fault of the document.
fn fits(schema: &Validator, document: &Value, what: &str) -> Done {
    let faults: Vec<String> = schema.iter_errors(document).map(|error| format!("{what}: {}: {error}", error.instance_path())).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

fn files() -> Done<Vec<(PathBuf, VectorFile)>> {
    let paths = vector_files(&vectors_dir())?;
    paths.into_iter().map(|path| Ok((path.clone(), serde_json::from_value(read(&path)?)?))).collect()
}

#[test]
fn presets_fit() -> Done {
    let schema = schema("policy")?;
    for name in presets::NAMES {
        let source: Value = toml::from_str(presets::source(name).unwrap_or_default())?;
        fits(&schema, &source, name)?;
        fits(&schema, &serde_json::from_str(&Policy::preset(name)?.to_json())?, name)?;
    }
    Ok(())
}

#[test]
fn a_misspelt_policy_does_not_fit() -> Done {
    let schema = schema("policy")?;
    let allow = |rule: Value| json!({ "tenantry": 1, "name": "x", "allow": [rule] });
    assert!(schema.is_valid(&allow(json!({ "id": "a", "actions": "member.list" }))));
    for wrong in [json!({ "id": "a", "action": "member.list" }), json!({ "actions": "member.list" }), json!({ "id": "a", "actor": { "rank": "lower" } })] {
        assert!(!schema.is_valid(&allow(wrong.clone())), "{wrong}");
    }
    assert!(!schema.is_valid(&json!({ "tenantry": 2, "name": "x" })));
    Ok(())
}

#[test]
fn snapshots_fit() -> Done {
    let schema = schema("snapshot")?;
    for name in presets::NAMES {
        fits(&schema, &read(&vectors_dir().join("examples").join(name).with_extension("json"))?, name)?;
    }
    for (path, file) in files()?.iter().filter(|(_, file)| file.snapshot.get("example").is_none()) {
        fits(&schema, &file.snapshot, &path.display().to_string())?;
    }
    Ok(())
}

#[test]
fn requests_of_the_examples_fit() -> Done {
    let schema = schema("request")?;
    for name in presets::NAMES {
        let requests = read(&vectors_dir().join("examples").join(name).with_extension("requests.json"))?;
        for request in requests.as_array().into_iter().flatten() {
            fits(&schema, &request["request"], name)?;
        }
    }
    Ok(())
}

#[test]
fn policies_of_the_vectors_fit() -> Done {
    let schema = schema("policy")?;
    for (path, file) in files()?.iter().filter(|(_, file)| file.policy.get("preset").is_none()) {
        fits(&schema, &file.policy, &path.display().to_string())?;
    }
    Ok(())
}

#[test]
fn what_the_vectors_ask_and_expect_fits() -> Done {
    let (request, decision, event) = (schema("request")?, schema("decision")?, schema("event")?);
    for (path, file) in files()? {
        for (case, step) in file.cases.iter().flat_map(|case| case.steps.iter().map(move |step| (case, step))) {
            let (Some(asked), Some(expected)) = (step.get("request"), step.get("expect")) else { continue };
            let what = format!("{}: {}", path.display(), case.name);
            let asked = with(&json!({ "tenantry": 1, "now": file.now }), asked);
            fits(&request, &asked, &what)?;
            let header = json!({ "tenantry": 1, "organization": "acme", "policy": "0", "request": asked });
            fits(&decision, &with(&header, expected), &what)?;
            for fact in expected["events"].as_array().into_iter().flatten() {
                let record = json!({ "tenantry": 1, "organization": "acme", "at": file.now, "actor": asked["actor"], "action": "x.y", "fact": fact });
                fits(&event, &record, &what)?;
            }
        }
    }
    Ok(())
}

/// The header with the fields of a document laid over it.
fn with(header: &Value, document: &Value) -> Value {
    let fields = [header, document].into_iter().filter_map(Value::as_object).flatten();
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}
