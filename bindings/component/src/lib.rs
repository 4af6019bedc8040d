//! Tenantry as a wasm component. It converts and does nothing else: what the functions mean stands in `wit/tenantry.wit` and in
//! [`tenantry::host`].

use std::cell::RefCell;
use std::sync::Arc;

use bindings::exports::tenantry::engine::membership as wit;
use tenantry::host::{self, Call};

/// What the macro makes of the WIT: the types, the traits, and the exports that pass pointers.
#[allow(unsafe_code, missing_docs)]
mod bindings {
    wit_bindgen::generate!({ world: "tenantry", path: "wit" });
    export!(Component with_types_in self);
    use super::Component;
}

/// What the world exports.
struct Component;

/// A policy that directories share.
struct Policy(Arc<tenantry::Policy>);

/// A directory. A component has one thread and calls nobody: nothing can borrow it twice.
struct Directory(RefCell<tenantry::Directory>);

impl wit::Guest for Component {
    type Policy = Policy;
    type Directory = Directory;

    fn public_decision(decision: String) -> Result<String, wit::Error> {
        host::public(decision.as_bytes()).map_err(error)
    }
    fn audit(decision: String) -> Result<String, wit::Error> {
        host::audit(decision.as_bytes()).map_err(error)
    }
    fn codes() -> String {
        host::codes()
    }
}

impl wit::GuestPolicy for Policy {
    fn parse(document: String) -> Result<wit::Policy, wit::Error> {
        host::policy(document.as_bytes()).map(|policy| wit::Policy::new(Policy(policy))).map_err(error)
    }
    fn preset(name: String) -> Result<wit::Policy, wit::Error> {
        host::preset(&name).map(|policy| wit::Policy::new(Policy(policy))).map_err(error)
    }
    fn digest(&self) -> String {
        self.0.digest().to_owned()
    }
    fn needs(&self, organization: String, request: String) -> Result<String, wit::Error> {
        host::needs(&self.0, &organization, request.as_bytes()).map_err(error)
    }
    fn action_number(&self, name: String) -> u32 {
        self.0.action_number(&name)
    }
    fn denial_table(&self) -> Vec<wit::Denial> {
        self.0.denials().into_iter().map(|(code, message)| wit::Denial { code, message }).collect()
    }
}

impl Directory {
    fn ask(&self, call: Call, text: &str) -> Result<String, wit::Error> {
        self.0.borrow_mut().ask(call, text.as_bytes()).map_err(error)
    }
}

impl wit::GuestDirectory for Directory {
    fn load(under: wit::PolicyBorrow<'_>, snapshot: String) -> Result<wit::Directory, wit::Error> {
        let directory = host::directory(Arc::clone(&under.get::<Policy>().0), snapshot.as_bytes());
        directory.map(|directory| wit::Directory::new(Directory(RefCell::new(directory)))).map_err(error)
    }
    fn snapshot(&self) -> String {
        self.0.borrow().to_json()
    }
    fn decide(&self, request: String) -> Result<String, wit::Error> {
        self.ask(Call::Decide, &request)
    }
    fn apply(&self, decision: String, now: String) -> Result<(), wit::Error> {
        self.0.borrow_mut().apply_json(decision.as_bytes(), &now).map_err(error)
    }
    fn explain(&self, request: String) -> Result<String, wit::Error> {
        self.ask(Call::Explain, &request)
    }
    fn can(&self, question: String) -> Result<bool, wit::Error> {
        // The text of the answer is the JSON of a boolean.
        self.ask(Call::Can, &question).map(|answer| answer == "true")
    }
    fn denial(&self, question: String) -> Result<String, wit::Error> {
        self.ask(Call::Denial, &question)
    }
    fn permitted(&self, question: String) -> Result<String, wit::Error> {
        self.ask(Call::Permitted, &question)
    }
    fn page(&self, question: String) -> Result<String, wit::Error> {
        self.ask(Call::Page, &question)
    }
    fn who_can(&self, question: String) -> Result<String, wit::Error> {
        self.ask(Call::WhoCan, &question)
    }
    fn columns(&self, question: String) -> Result<wit::Columns, wit::Error> {
        let columns = self.0.borrow().columns_json(question.as_bytes()).map_err(error)?;
        Ok(wit::Columns { denied: columns.denied, names: columns.names, users: columns.users, actions: columns.actions })
    }
    fn user_number(&self, id: String) -> u32 {
        self.0.borrow().user_number(&id)
    }
    fn user_id(&self, number: u32) -> Option<String> {
        self.0.borrow().user_id_of(number).map(str::to_owned)
    }
    fn scope_number(&self, id: String) -> u32 {
        self.0.borrow().scope_number(&id)
    }
    fn role_number(&self, scope: u32, name: String) -> u32 {
        self.0.borrow().role_number(scope, &name)
    }
    fn action_by_numbers(&self, name: String) -> Option<u32> {
        self.0.borrow().action_by_numbers(&name)
    }
    fn denial_number(&self, asked: wit::Numbered) -> u32 {
        self.0.borrow().denial_number(numbered(asked), None, None)
    }
    fn denials(&self, asked: Vec<wit::Numbered>) -> Vec<u32> {
        let directory = self.0.borrow();
        asked.into_iter().map(|asked| directory.denial_number(numbered(asked), None, None)).collect()
    }
}

fn numbered(asked: wit::Numbered) -> host::Numbered {
    let wit::Numbered { actor, action, scope, target, role, now } = asked;
    host::Numbered { actor, action, scope, target, role, now }
}

/// The one way an error takes out of the component.
fn error(error: tenantry::Error) -> wit::Error {
    wit::Error { code: error.code().to_owned(), message: error.to_string(), document: host::error(&error) }
}
