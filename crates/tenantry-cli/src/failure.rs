//! What can go wrong, apart from denials, which are answers.

use std::io;

use serde_json::{Value, json};
use tenantry::document::Decision;

use crate::cases::CasesError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file, or standard input.
    #[error("cannot read {path}: {source}")]
    Read { path: String, source: io::Error },
    /// A document that is none.
    #[error("{what} is not well formed{at}: {message}", at = at(path))]
    Document { what: String, path: String, message: String },
    /// What the engine says.
    #[error(transparent)]
    Engine(#[from] tenantry::Error),
    /// Options that do not go together.
    #[error("{0}")]
    Usage(String),
    /// Cases that cannot be run.
    #[error("{path}: {error}")]
    Cases { path: String, error: CasesError },
    /// A file that cannot be written.
    #[error("cannot write {path}: {source}")]
    Save { path: String, source: io::Error },
    /// The output is closed.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

fn at(path: &str) -> String {
    if path.is_empty() || path == "." { String::new() } else { format!(" at `{path}`") }
}

impl Failure {
    /// The stable code: the engine's, where it is the engine's error.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Failure::Read { .. } => "cannot_read",
            Failure::Document { .. } => "bad_document",
            Failure::Engine(error) => error.code(),
            Failure::Usage(_) => "usage",
            Failure::Cases { .. } => "bad_cases",
            Failure::Save { .. } | Failure::Write(_) => "cannot_write",
        }
    }

    /// The answer that there is instead, of a decision that is stale or late.
    pub(crate) fn instead(&self) -> Option<&Decision> {
        match self {
            Failure::Engine(error) => error.fresh()?.as_ref().ok(),
            _ => None,
        }
    }

    /// The failure as it stands in the place of an answer.
    pub(crate) fn document(&self) -> Value {
        if let Failure::Engine(error) = self {
            return json!({ "error": error });
        }
        let mut error = json!({ "code": self.code(), "message": self.to_string() });
        if let Failure::Cases { error: cases, .. } = self {
            error["problems"] = json!(cases.0);
        }
        json!({ "error": error })
    }
}
