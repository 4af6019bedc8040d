//! What it would cost to let objects cross into wasm as they are, instead of as texts: `cargo xtask npm bench` measures it
//! beside the package. Nothing that is shipped is built on it.

use std::sync::Arc;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use tenantry::document::Request;
use tenantry::host;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

fn thrown(error: impl ToString) -> JsValue {
    JsValue::from_str(&error.to_string())
}

/// The state of an organization under a policy.
#[wasm_bindgen]
pub struct Directory(tenantry::Directory);

#[wasm_bindgen]
impl Directory {
    /// From a policy and a snapshot in JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(policy: &str, snapshot: &str) -> Result<Directory, JsValue> {
        let policy: Arc<tenantry::Policy> = host::policy(policy.as_bytes()).map_err(thrown)?;
        host::directory(policy, snapshot.as_bytes()).map(Directory).map_err(thrown)
    }

    /// Decides a request: an object in, an object out.
    pub fn decide(&mut self, request: JsValue) -> Result<JsValue, JsValue> {
        let request: Request = serde_wasm_bindgen::from_value(request).map_err(thrown)?;
        let decision = self.0.decide(&request).map_err(thrown)?;
        decision.serialize(&Serializer::json_compatible()).map_err(thrown)
    }
}
