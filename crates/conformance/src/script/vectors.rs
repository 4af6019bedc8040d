//! The vectors as a script. Whether the answers are the expected ones is asked of this host (`tests/vectors.rs`); of the
//! others, whether they answer as this one does, more than the vectors themselves ask included.

use std::path::Path;

use serde_json::{Value, json};

use super::Line;
use crate::{Case, VectorFile, vector_files, vectors_dir};

/// Every case of every vector file, in order.
///
/// # Errors
/// A sentence that says which file cannot be read.
pub fn vectors() -> Result<Vec<Line>, String> {
    let dir = vectors_dir();
    let files = vector_files(&dir).map_err(|error| error.to_string())?;
    let mut lines = vec![Line::Case { name: "codes".to_owned() }, Line::Codes];
    for path in files {
        let name = path.strip_prefix(&dir).unwrap_or(&path).with_extension("").display().to_string();
        let file: VectorFile = read(&path)?;
        for case in &file.cases {
            lines.extend(of_case(&name, &file, case)?);
        }
    }
    Ok(lines)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn of_case(file_name: &str, file: &VectorFile, case: &Case) -> Result<Vec<Line>, String> {
    let named = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let policy = match named(&file.policy, "preset") {
        Some(name) => Line::Preset { name },
        None => Line::Policy { text: file.policy.to_string() },
    };
    let snapshot: Value = match named(&file.snapshot, "example") {
        Some(name) => read(&vectors_dir().join("examples").join(format!("{name}.json")))?,
        None => file.snapshot.clone(),
    };
    let organization = named(&snapshot, "organization").unwrap_or_default();
    let mut lines = vec![Line::Case { name: format!("{file_name}: {}", case.name) }, policy, Line::Directory { text: snapshot.to_string() }];
    for (number, step) in case.steps.iter().enumerate() {
        lines.extend(of_step(&file.now, &organization, number, step));
    }
    Ok(lines)
}

fn of_step(now: &str, organization: &str, number: usize, step: &Value) -> Vec<Line> {
    let text = |key: &str| step.get(key).and_then(Value::as_str);
    if let Some(request) = step.get("request") {
        let request = with(request, &[("tenantry", json!(1)), ("now", json!(now))]);
        let name = text("hold").map_or_else(|| format!("step {number}"), str::to_owned);
        let mut lines = of_request(organization, &request, &name);
        let allowed = step["expect"]["effect"] == "allow";
        if allowed && text("hold").is_none() {
            let now = request["now"].as_str().unwrap_or(now).to_owned();
            lines.extend([Line::Apply { decision: name, now }, Line::Snapshot]);
        }
        return lines;
    }
    if let Some(held) = text("apply") {
        return vec![Line::Apply { decision: held.to_owned(), now: text("now").unwrap_or(now).to_owned() }, Line::Snapshot];
    }
    if let Some(query) = step.get("can") {
        let query = with(query, &[("now", json!(now))]);
        return [Line::ask("can", &query, None), Line::ask("denial", &query, None)].into_iter().chain(super::random::by_number(organization, &query)).collect();
    }
    let query = with(step.get("page").unwrap_or(&Value::Null), &[("now", json!(now))]);
    vec![Line::ask("page", &query, None), Line::Columns { text: query.to_string() }]
}

/// Everything that a host can say of a request.
pub(super) fn of_request(organization: &str, request: &Value, name: &str) -> Vec<Line> {
    vec![
        Line::Needs { organization: organization.to_owned(), text: request.to_string() },
        Line::ask("explain", request, None),
        Line::ask("decide", request, Some(name)),
        Line::Public { decision: name.to_owned() },
        Line::Audit { decision: name.to_owned() },
    ]
}

/// The document with fields that it leaves out.
fn with(document: &Value, fields: &[(&str, Value)]) -> Value {
    let mut document = document.clone();
    if let Some(table) = document.as_object_mut() {
        for (name, value) in fields {
            table.entry(*name).or_insert(value.clone());
        }
    }
    document
}
