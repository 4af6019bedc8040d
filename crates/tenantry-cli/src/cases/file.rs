//! The file of cases as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use tenantry::document::{Facts, Time};

use super::CasesError;
use super::words::problem;
use tenantry::nearest;

/// The time of requests that name none: 2026-01-15T09:00:00Z.
const NOW: Time = Time(1_768_467_600_000);

/// A file of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CasesFile {
    #[serde(default = "now")]
    pub now: Time,
    #[serde(default)]
    pub given: Given,
    #[serde(default)]
    pub case: Vec<Step>,
}

fn now() -> Time {
    NOW
}

/// The state that cases start from, in words.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Given {
    pub empty: bool,
    pub scopes: BTreeMap<String, String>,
    pub people: BTreeMap<String, String>,
    pub groups: BTreeMap<String, String>,
    pub custom_roles: BTreeMap<String, Vec<String>>,
    pub invitations: BTreeMap<String, String>,
    pub attributes: BTreeMap<String, Facts>,
    pub snapshot: Map<String, Value>,
}

impl Given {
    /// What the file gives, with what a case gives laid over it.
    pub fn over(shared: &Given, own: Option<&Given>) -> Given {
        let Some(own) = own else { return shared.clone() };
        if own.empty {
            return own.clone();
        }
        let mut both = shared.clone();
        both.scopes.extend(own.scopes.clone());
        both.people.extend(own.people.clone());
        both.groups.extend(own.groups.clone());
        both.custom_roles.extend(own.custom_roles.clone());
        both.invitations.extend(own.invitations.clone());
        both.attributes.extend(own.attributes.clone());
        for (table, rows) in &own.snapshot {
            match (both.snapshot.get_mut(table), rows) {
                (Some(Value::Array(shared)), Value::Array(rows)) => shared.extend(rows.iter().cloned()),
                _ => drop(both.snapshot.insert(table.clone(), rows.clone())),
            }
        }
        both
    }

    /// Whether anybody or anything is given.
    pub fn is_bare(&self) -> bool {
        let tables = [self.scopes.len(), self.people.len(), self.groups.len(), self.custom_roles.len(), self.invitations.len(), self.attributes.len()];
        tables == [0; 6] && self.snapshot.is_empty()
    }
}

/// A request and the answer that is expected. A case is one with a name, and with what comes after it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub name: Option<String>,
    pub given: Option<Given>,
    pub when: Map<String, Value>,
    pub then: String,
    pub events: Option<Vec<String>>,
    pub obligations: Option<Vec<String>>,
    pub warnings: Option<Vec<String>>,
    pub reasons: Option<Vec<String>>,
    pub rules: Option<Vec<String>>,
    pub remedies: Option<Vec<String>>,
    pub items: Option<Vec<String>>,
    #[serde(default)]
    pub after: Vec<Step>,
}

/// Reads a file of cases.
pub(super) fn read(text: &str) -> Result<CasesFile, CasesError> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].lines().count().max(1));
        CasesError(vec![problem(&format!("line {line}"), "bad_document", error.message())])
    })?;
    let file: CasesFile = from_value(json(toml::Value::Table(table)), "")?;
    if file.case.is_empty() {
        return Err(CasesError(vec![problem("case", "missing", "a file of cases has at least one `[[case]]`")]));
    }
    Ok(file)
}

/// Reads a part of the file; `path` says which.
pub(super) fn from_value<T: for<'de> Deserialize<'de>>(value: Value, path: &str) -> Result<T, CasesError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let path = match (path, inner.as_str()) {
            (path, "." | "") => path.to_owned(),
            ("", inner) => inner.to_owned(),
            (path, inner) => format!("{path}.{inner}"),
        };
        let message = error.into_inner().to_string();
        let mut quoted = message.split('`').skip(1).step_by(2);
        let met = quoted.next().filter(|_| message.starts_with("unknown "));
        let near = met.and_then(|met| nearest(met, quoted));
        CasesError(vec![tenantry::Problem { nearest: near, ..problem(&path, "bad_value", message) }])
    })
}

/// The tree of values that JSON has; a time of TOML is a text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(fields) => fields.into_iter().map(|(name, value)| (name, json(value))).collect(),
    }
}
