//! What the bindings bind of the analysis: policies in, documents out, and one form for what is wrong with a question.
//!
//! ```
//! use tenantry_analysis::host;
//! let policy = tenantry::host::preset("inveterate").unwrap();
//! assert!(host::matrix(&policy, host::Format::Csv).starts_with("action,label,"));
//! let proof = host::prove(policy.clone(), &["admin never owner"]).unwrap();
//! assert_eq!(proof.claims[0].judged.verdict, tenantry_analysis::prove::Verdict::Proved);
//! let fault = host::prove(policy, &["admin becomes owner"]).unwrap_err();
//! assert_eq!((fault.code(), fault.path().as_deref()), ("bad_value", Some("claims[0]")));
//! ```

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use tenantry::document::canonical_json;
use tenantry::{Error, Policy};

use crate::matrix::Matrix;
use crate::prove::{Claim, Judged, NotAClaim, Proof, prove as proven};

/// A form of the [matrix](crate::matrix).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Everything, for programs.
    Json,
    /// Tables for a README or a wiki.
    Markdown,
    /// A page of its own, with a search.
    Html,
    /// A line for each question, for spreadsheets.
    Csv,
}

impl Format {
    /// The form with this name: `json`, `markdown`, `html`, `csv`.
    #[must_use]
    pub fn named(name: &str) -> Option<Format> {
        let all = [("json", Format::Json), ("markdown", Format::Markdown), ("html", Format::Html), ("csv", Format::Csv)];
        all.into_iter().find_map(|(other, format)| (other == name).then_some(format))
    }
}

/// The matrix of a policy as a text.
#[must_use]
pub fn matrix(policy: &Policy, format: Format) -> String {
    let matrix = Matrix::of(policy);
    match format {
        Format::Json => canonical_json(&matrix),
        Format::Markdown => matrix.to_markdown(),
        Format::Html => matrix.to_html(),
        Format::Csv => matrix.to_csv(),
    }
}

/// What a policy can never let happen, and what became of claims about it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Proof"))]
pub struct Proven {
    /// The proof.
    #[serde(flatten)]
    pub proof: Proof,
    /// The claims, in the order in which they were made.
    pub claims: Vec<Claimed>,
}

/// A claim, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Claimed {
    /// The claim as it was made.
    pub claim: String,
    /// What became of it.
    #[serde(flatten)]
    pub judged: Judged,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// What the engine says.
    #[error(transparent)]
    Engine(#[from] Error),
    /// A text that is no claim, or none about this policy.
    #[error("claims[{number}]: {reason}")]
    Claim {
        /// Its number.
        number: usize,
        /// What is wrong with it.
        reason: NotAClaim,
    },
}

impl Fault {
    /// The stable code: one of the engine's.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Engine(error) => error.code(),
            Fault::Claim { .. } => "bad_value",
        }
    }

    /// Where the fault is in the question, if it is the question's.
    #[must_use]
    pub fn path(&self) -> Option<String> {
        match self {
            Fault::Engine(_) => None,
            Fault::Claim { number, .. } => Some(format!("claims[{number}]")),
        }
    }

    /// The error as a document, as [`tenantry::host::error`] writes those of the engine.
    #[must_use]
    pub fn document(&self) -> String {
        match self {
            Fault::Engine(error) => tenantry::host::error(error),
            Fault::Claim { .. } => canonical_json(&json!({ "code": self.code(), "message": self.to_string(), "path": self.path() })),
        }
    }
}

/// Proves what a policy can never let happen, and judges claims such as `member never owner` by it.
///
/// # Errors
/// `bad_value` for a text that is no claim, or that names a role which the policy does not have.
pub fn prove<S: AsRef<str>>(policy: Arc<Policy>, claims: &[S]) -> Result<Proven, Fault> {
    let fault = |number: usize| {
        move |reason: NotAClaim| match reason {
            NotAClaim::Engine(error) => Fault::Engine(error),
            reason => Fault::Claim { number, reason },
        }
    };
    // What cannot be read is said before anything that takes long.
    let read = claims.iter().enumerate().map(|(number, text)| text.as_ref().parse().map_err(fault(number)));
    let read = read.collect::<Result<Vec<Claim>, _>>()?;
    let proof = proven(policy)?;
    let judged = claims.iter().zip(&read).enumerate().map(|(number, (text, claim))| {
        let judged = proof.judge(claim).map_err(fault(number))?;
        Ok(Claimed { claim: text.as_ref().to_owned(), judged })
    });
    let claims = judged.collect::<Result<Vec<_>, Fault>>()?;
    Ok(Proven { proof, claims })
}
