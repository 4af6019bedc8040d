//! What every binding binds: texts in, canonical JSON out, and handles as numbers for the hot path. A binding converts to
//! what its language calls a text, an object, an exception; all meaning is on this side, so that hosts cannot differ.
//!
//! ```
//! use tenantry::host::{self, Call};
//! let policy = host::preset("starter").unwrap();
//! let mut directory = host::directory(policy, br#"{
//!     "tenantry": 1, "organization": "acme",
//!     "scopes": [{ "id": "acme", "kind": "organization" }],
//!     "users": [{ "id": "ann" }],
//!     "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }]
//! }"#).unwrap();
//! let answer = directory.ask(Call::Denial, br#"{
//!     "actor": { "user": "ann" }, "action": "member.leave", "now": "2026-01-15T09:00:00Z"
//! }"#).unwrap();
//! assert_eq!(answer, r#"{"code":"below_minimum","message":"Make another person owner first."}"#);
//! ```

mod numbers;
mod table;

use std::sync::Arc;

use crate::ask::{PageQuery, PermittedQuery, Query, WhoCanQuery};
use crate::bounds;
use crate::directory::Directory;
use crate::document::print::{Print, Writer, printed};
use crate::document::read::{bad_document, from_json};
use crate::document::shape::Shape;
use crate::document::time::NotATime;
use crate::document::{Decision, Request, Snapshot, Time};
use crate::error::{Error, Kind};
use crate::policy::Policy;

pub use numbers::{NOBODY, Numbered, UNKNOWN};
pub use table::NumberedColumns;

/// A question that a directory answers, from a JSON text to a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Call {
    /// A request; the decision.
    Decide,
    /// A request; the explanation.
    Explain,
    /// A question; whether nothing speaks against it: `true` or `false`.
    Can,
    /// A question; what speaks against it: `null`, or code and message.
    Denial,
    /// A question about a row; a verdict for each action.
    Permitted,
    /// What the page shows; the page.
    Page,
    /// An action; the users who can do it.
    WhoCan,
}

impl Call {
    /// All calls, with the names that they have in every host but for the case style.
    pub const ALL: [(&str, Call); 7] = [
        ("decide", Call::Decide),
        ("explain", Call::Explain),
        ("can", Call::Can),
        ("denial", Call::Denial),
        ("permitted", Call::Permitted),
        ("page", Call::Page),
        ("who_can", Call::WhoCan),
    ];

    /// The call with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Call> {
        Call::ALL.into_iter().find_map(|(other, call)| (other == name).then_some(call))
    }
}

/// Reads a policy in JSON.
///
/// # Errors
/// As [`Policy::parse_json`].
pub fn policy(text: &[u8]) -> Result<Arc<Policy>, Error> {
    Policy::read(text).map(Arc::new)
}

/// A ready policy.
///
/// # Errors
/// As [`Policy::preset`].
pub fn preset(name: &str) -> Result<Arc<Policy>, Error> {
    Policy::preset(name).map(Arc::new)
}

/// The state in a snapshot in JSON, under a policy.
///
/// # Errors
/// As [`Snapshot::from_json`] and [`Directory::new`].
pub fn directory(policy: Arc<Policy>, snapshot: &[u8]) -> Result<Directory, Error> {
    Directory::new(policy, &Snapshot::from_json_bytes(snapshot)?)
}

/// The facts that a request needs, as a JSON list: [`Policy::needs`].
///
/// # Errors
/// As [`Request::from_json`] and [`Policy::needs`].
pub fn needs(policy: &Policy, organization: &str, request: &[u8]) -> Result<String, Error> {
    Ok(printed(&policy.needs(organization, &Request::from_json_bytes(request)?)?))
}

/// What of a decision may be shown to the actor, as JSON: [`Decision::public`].
///
/// # Errors
/// As [`Decision::from_json`].
pub fn public(decision: &[u8]) -> Result<String, Error> {
    Ok(printed(&Decision::from_json_bytes(decision)?.public()))
}

/// A decision as entries of an audit log, as a JSON list: [`Decision::audit`].
///
/// # Errors
/// As [`Decision::from_json`].
pub fn audit(decision: &[u8]) -> Result<String, Error> {
    Ok(printed(&Decision::from_json_bytes(decision)?.audit()))
}

/// The catalogue of codes as a JSON list of `code`, `step` and `message`.
#[must_use]
pub fn codes() -> String {
    printed(&crate::CATALOGUE)
}

/// An error as JSON: `code` and `message`; where there are any, `path`, `problems` (of a policy), `missing` (the facts that a
/// slice has to hold) and `fresh` (the answer that a decision that is stale or late has now, or the error in its place).
#[must_use]
pub fn error(error: &Error) -> String {
    printed(&error)
}

/// A time of RFC 3339, as documents have it.
///
/// # Errors
/// `bad_value`
pub fn time(text: &str) -> Result<Time, Error> {
    text.parse().map_err(|NotATime| no_time())
}

/// The error for what is no time: a text, or milliseconds that no document can name.
#[must_use]
pub fn no_time() -> Error {
    Kind::BadValue { path: "now".to_owned(), message: NotATime.to_string(), nearest: None }.into()
}

/// The error for a value of the host's language that JSON has no words for: an endless number, half of a character.
#[must_use]
pub fn no_json(met: &str) -> Error {
    bad_document("document", "", &format!("{met} has no form in JSON"))
}

/// Reads a question, or attributes, in JSON: a [`Query`], a [`PageQuery`], [`Facts`](crate::document::Facts), for hosts that do not want the answer as JSON.
///
/// # Errors
/// `bad_document`, `out_of_bounds`.
pub fn question<T: Shape>(text: &[u8]) -> Result<T, Error> {
    from_json(text, "question", bounds::REQUEST_BYTES)
}

impl Print for crate::Code {
    fn print(&self, writer: &mut Writer) {
        let (code, step) = (self.as_str(), self.step().as_str());
        writer.entries(&mut [("code", &code as &dyn Print), ("message", &self.message()), ("step", &step)].into_iter());
    }
}

/// What speaks against something, as code and sentence.
struct Told<'a> {
    code: &'a str,
    message: &'a str,
}

impl Print for Told<'_> {
    fn print(&self, writer: &mut Writer) {
        writer.entries(&mut [("code", &self.code as &dyn Print), ("message", &self.message)].into_iter());
    }
}

impl Directory {
    /// Answers a question or a request in JSON, with canonical JSON.
    ///
    /// # Errors
    /// A text that is not what the call takes, as [`Request::from_json`] says it; then those of the call itself.
    pub fn ask(&mut self, call: Call, text: &[u8]) -> Result<String, Error> {
        Ok(match call {
            Call::Decide => {
                let request = Request::from_json_bytes(text)?;
                let mut decision = self.answered(&request).0?;
                decision.request = request;
                printed(&decision)
            }
            Call::Explain => printed(&self.explain(&Request::from_json_bytes(text)?)?),
            _ => return self.look(call, text),
        })
    }

    /// The same for hosts that share a directory between threads: `Decide` and `Explain`, which try the request out on the
    /// state, do so on a copy.
    ///
    /// # Errors
    /// As [`ask`](Directory::ask).
    pub fn look(&self, call: Call, text: &[u8]) -> Result<String, Error> {
        Ok(match call {
            Call::Decide | Call::Explain => return self.clone().ask(call, text),
            Call::Can => printed(&self.can(&question::<Query>(text)?)?),
            Call::Denial => {
                let denial = self.denial(&question::<Query>(text)?)?;
                denial.map_or_else(|| "null".to_owned(), |denial| printed(&Told { code: denial.code(self.policy()), message: &denial.message(self.policy()) }))
            }
            Call::Permitted => printed(&self.permitted(&question::<PermittedQuery>(text)?)?),
            Call::Page => printed(&self.page(&question::<PageQuery>(text)?)?),
            Call::WhoCan => printed(&self.who_can(&question::<WhoCanQuery>(text)?)?),
        })
    }

    /// Makes an allowed decision true; `now` is the present time in RFC 3339.
    ///
    /// # Errors
    /// As [`Decision::from_json`] and [`Directory::apply`]; `bad_value` for a time that is none.
    pub fn apply_json(&mut self, decision: &[u8], now: &str) -> Result<(), Error> {
        self.apply(&Decision::from_json_bytes(decision)?, time(now)?)
    }

    /// The state as a snapshot in canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        printed(&self.snapshot())
    }
}
