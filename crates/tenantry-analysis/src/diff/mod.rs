//! What a change of a policy changes: every answer of the [matrix](crate::matrix) that becomes another one, in as few sentences as
//! describe it, each with an organization and a request that the two policies answer differently.
//!
//! ```
//! use tenantry::Policy;
//! use tenantry_analysis::diff::{Diff, Kind};
//! let before = Policy::preset("starter").unwrap();
//! let document = before.to_json().replace(r#""actions":["member.leave"]"#, r#""actions":["member.list"]"#);
//! let after = Policy::parse_json(&document).unwrap();
//! let diff = Diff::of(&before, &after);
//! assert!(diff.changes.iter().all(|change| change.kind == Kind::Narrow));
//! assert!(diff.changes[0].sentence.contains("may no longer leave"), "{}", diff.changes[0].sentence);
//! assert!(Diff::of(&before, &before).changes.is_empty());
//! ```

mod cells;
mod group;
mod phrase;
mod witness;

use serde::Serialize;
use serde_json::Value;
use tenantry::Policy;
use tenantry::document::{Effect, Request, Snapshot};

use crate::matrix::{Answer, Matrix};

pub(crate) use witness::crowded;

/// Which way an answer changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DiffKind"))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What was denied is allowed now, at least under some facts of the host.
    Widen,
    /// What was allowed is denied now, at least under some facts of the host.
    Narrow,
    /// It is denied with another code.
    Code,
}

/// A question of both matrices whose answer changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChangedCell"))]
pub struct Changed {
    /// The action.
    pub action: String,
    /// The place of the frame.
    pub scope: String,
    /// The actor, by name.
    pub actor: String,
    /// About whom, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The role given or offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gives: Option<String>,
    /// The role taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes: Option<String>,
    /// The kind of the scope to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The answer of the old policy.
    pub before: Answer,
    /// The answer of the new policy.
    pub after: Answer,
}

/// An answer of the engine, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answered {
    /// Allowed or denied.
    pub effect: Effect,
    /// The code of a denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The rules that decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

/// A request that the two policies answer differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Witness {
    /// The organization.
    pub snapshot: Snapshot,
    /// The request.
    pub request: Request,
    /// The answer under the old policy.
    pub before: Answered,
    /// The answer under the new policy.
    pub after: Answered,
}

/// A change, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// Which way it goes.
    pub kind: Kind,
    /// What it comes to.
    pub sentence: String,
    /// The questions that it is about.
    pub cells: Vec<Changed>,
    /// A request that shows it.
    pub witness: Witness,
}

/// What one of the policies has and the other has not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Only {
    /// Actions of the app.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// Roles, as `kind.role`, and custom roles by what they hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Places of the frame: kinds of scopes, and whether they hang under themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// Actors who are nobody under the other policy, or somebody else (where the default roles differ).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<String>,
    /// Questions that cannot be asked of the other policy, for any of these reasons or because its settings make other questions
    /// of them.
    pub questions: usize,
}

/// The difference of two policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diff {
    /// What the old policy alone has.
    pub only_before: Only,
    /// What the new policy alone has.
    pub only_after: Only,
    /// The changes: what is allowed now, what is no longer, what is told otherwise.
    pub changes: Vec<Change>,
}

/// A policy with its matrix.
pub(crate) struct Side<'p> {
    policy: &'p Policy,
    document: Value,
    matrix: Matrix,
}

impl<'p> Side<'p> {
    fn of(policy: &'p Policy) -> Side<'p> {
        Side { policy, document: serde_json::from_str(&policy.to_json()).unwrap_or_default(), matrix: Matrix::of(policy) }
    }
}

impl Diff {
    /// Compares two policies.
    #[must_use]
    pub fn of(before: &Policy, after: &Policy) -> Diff {
        let sides = [Side::of(before), Side::of(after)];
        let pairs = cells::pairs(&sides);
        let [only_before, only_after] = cells::only(&sides, &pairs);
        Diff { only_before, only_after, changes: group::changes(&sides, pairs) }
    }

    /// Whether some change goes this way.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.changes.iter().any(|change| change.kind == kind)
    }
}
