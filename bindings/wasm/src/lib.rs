//! The engine for JavaScript: texts in, texts out, numbers on the hot path. It converts and does nothing else; classes, objects
//! and types are in `js/src`.

use std::sync::Arc;

use tenantry::document::Time;
use tenantry::document::print::printed;
use tenantry::host::{self, Call, NumberedColumns};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Errors go out as the text of the error document.
fn thrown(error: tenantry::Error) -> JsValue {
    JsValue::from_str(&host::error(&error))
}

/// A compiled policy.
#[wasm_bindgen]
pub struct Policy(Arc<tenantry::Policy>);

#[wasm_bindgen]
impl Policy {
    /// Compiles a policy in JSON.
    pub fn parse(text: &str) -> Result<Policy, JsValue> {
        host::policy(text.as_bytes()).map(Policy).map_err(thrown)
    }

    /// A ready policy.
    pub fn preset(name: &str) -> Result<Policy, JsValue> {
        host::preset(name).map(Policy).map_err(thrown)
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.0.name().to_owned()
    }

    /// SHA-256 of its canonical JSON.
    pub fn digest(&self) -> String {
        self.0.digest().to_owned()
    }

    /// The whole policy, what it extends included.
    pub fn document(&self) -> String {
        self.0.to_json()
    }

    /// The names of the actions by number, as JSON.
    pub fn actions(&self) -> String {
        printed(&self.0.actions().iter().map(|action| &action.name).collect::<Vec<_>>())
    }

    /// The names of the roles, with their kind of scope, as JSON.
    pub fn roles(&self) -> String {
        printed(&self.0.roles().iter().map(|role| &role.qualified).collect::<Vec<_>>())
    }

    /// What the numbers of denials stand for from 1 on, as JSON.
    pub fn denials(&self) -> String {
        printed(&self.0.denials())
    }

    /// The facts that a request needs.
    pub fn needs(&self, organization: &str, request: &str) -> Result<String, JsValue> {
        host::needs(&self.0, organization, request.as_bytes()).map_err(thrown)
    }
}

/// The state of an organization under a policy.
#[wasm_bindgen]
pub struct Directory(tenantry::Directory);

#[wasm_bindgen]
impl Directory {
    /// From a snapshot in JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(policy: &Policy, snapshot: &str) -> Result<Directory, JsValue> {
        host::directory(policy.0.clone(), snapshot.as_bytes()).map(Directory).map_err(thrown)
    }

    /// Answers the question with this number in [`calls`].
    pub fn ask(&mut self, call: usize, text: &str) -> Result<String, JsValue> {
        let (_, call) = Call::ALL.get(call).copied().ok_or(JsValue::UNDEFINED)?;
        self.0.ask(call, text.as_bytes()).map_err(thrown)
    }

    /// Makes an allowed decision true.
    pub fn apply(&mut self, decision: &str, now: &str) -> Result<(), JsValue> {
        self.0.apply_json(decision.as_bytes(), now).map_err(thrown)
    }

    /// The state in JSON.
    pub fn snapshot(&self) -> String {
        self.0.to_json()
    }

    /// The organization's id.
    pub fn organization(&self) -> String {
        self.0.organization().to_owned()
    }

    /// The members of a page by number.
    pub fn columns(&self, text: &str) -> Result<Columns, JsValue> {
        self.0.columns_json(text.as_bytes()).map(Columns).map_err(thrown)
    }

    /// The number of a user.
    pub fn user(&self, id: &str) -> u32 {
        self.0.user_number(id)
    }

    /// The id of a user.
    #[wasm_bindgen(js_name = userId)]
    pub fn user_id(&self, number: u32) -> Option<String> {
        self.0.user_id_of(number).map(str::to_owned)
    }

    /// The number of a scope.
    pub fn scope(&self, id: &str) -> u32 {
        self.0.scope_number(id)
    }

    /// The number of a role at a scope.
    pub fn role(&self, scope: u32, name: &str) -> u32 {
        self.0.role_number(scope, name)
    }

    /// The number of an action that [`denial`](Directory::denial) answers for.
    pub fn action(&self, name: &str) -> Option<u32> {
        self.0.action_by_numbers(name)
    }

    /// What speaks against the action, by numbers; 0 if nothing does.
    pub fn denial(&self, actor: u32, action: u32, scope: u32, target: u32, role: u32, now: f64) -> u32 {
        self.0.denial_number(host::Numbered { actor, action, scope, target, role, now: now as i64 }, None, None)
    }
}

/// The members of a page.
#[wasm_bindgen]
pub struct Columns(NumberedColumns);

#[wasm_bindgen]
impl Columns {
    /// Why no members are shown, if none are.
    pub fn denied(&self) -> Option<String> {
        self.0.denied.clone()
    }

    /// The actions that the bits stand for, as JSON.
    pub fn names(&self) -> String {
        printed(&self.0.names)
    }

    /// Numbers of users.
    pub fn users(&self) -> Vec<u32> {
        self.0.users.clone()
    }

    /// Bits of actions. A page has fewer of them than a float has.
    pub fn actions(&self) -> Vec<f64> {
        self.0.actions.iter().map(|&bits| bits as f64).collect()
    }
}

/// The names of the questions by number, as JSON.
#[wasm_bindgen]
pub fn calls() -> String {
    printed(Call::ALL.map(|(name, _)| name).as_slice())
}

/// What of a decision may be shown to the actor.
#[wasm_bindgen(js_name = publicDecision)]
pub fn public_decision(decision: &str) -> Result<String, JsValue> {
    host::public(decision.as_bytes()).map_err(thrown)
}

/// A decision as entries of an audit log.
#[wasm_bindgen]
pub fn audit(decision: &str) -> Result<String, JsValue> {
    host::audit(decision.as_bytes()).map_err(thrown)
}

/// The catalogue of codes.
#[wasm_bindgen]
pub fn codes() -> String {
    host::codes()
}

/// The milliseconds of a time in RFC 3339.
#[wasm_bindgen]
pub fn time(text: &str) -> Result<f64, JsValue> {
    host::time(text).map(|Time(milliseconds)| milliseconds as f64).map_err(thrown)
}
