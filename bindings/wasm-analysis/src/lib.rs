//! The analysis for JavaScript, in a module of its own: policies in JSON in, texts out. It converts and does nothing else; functions
//! and types are in `js/src/analysis.ts`.

use std::sync::Arc;

use tenantry::Policy;
use tenantry::document::canonical_json;
use tenantry_analysis::diff::Diff;
use tenantry_analysis::host::{self, Fault, Format};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Errors go out as the text of the error document.
fn thrown(fault: impl Into<Fault>) -> JsValue {
    JsValue::from_str(&fault.into().document())
}

fn read(policy: &str) -> Result<Arc<Policy>, JsValue> {
    tenantry::host::policy(policy.as_bytes()).map_err(thrown)
}

/// The document of a ready policy.
#[wasm_bindgen]
pub fn preset(name: &str) -> Result<String, JsValue> {
    tenantry::host::preset(name).map(|policy| policy.to_json()).map_err(thrown)
}

/// The matrix in the form with this name.
#[wasm_bindgen]
pub fn matrix(policy: &str, format: &str) -> Result<String, JsValue> {
    let (policy, format) = (read(policy)?, Format::named(format).ok_or(JsValue::UNDEFINED)?);
    Ok(host::matrix(&policy, format))
}

/// What changes from a policy to another, as JSON.
#[wasm_bindgen]
pub fn diff(before: &str, after: &str) -> Result<String, JsValue> {
    let (before, after) = (read(before)?, read(after)?);
    Ok(canonical_json(&Diff::of(&before, &after)))
}

/// What a policy can never let happen, as JSON.
#[wasm_bindgen]
pub fn prove(policy: &str, claims: Vec<String>) -> Result<String, JsValue> {
    host::prove(read(policy)?, &claims).map(|proven| canonical_json(&proven)).map_err(thrown)
}
