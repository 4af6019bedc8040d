//! Errors: malformed questions. They are never decisions, and a decision is never an error.

use std::fmt;

use crate::bounds::Bound;
use crate::document::Decision;
use crate::document::print::{Print, Writer, printed as print};
use crate::document::shape::{printed, tagged};

/// What is wrong with a document or a question, with a stable [`code`](Error::code).
///
/// ```
/// use tenantry::Policy;
/// let error = Policy::parse_json(r#"{ "tenantry": 1 }"#).unwrap_err();
/// assert_eq!(error.code(), "bad_policy");
/// assert_eq!(error.problems()[0].path, "name");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Kind>);

/// Every code that an [`Error`] can carry.
pub const ERROR_CODES: &[&str] = &[
    "bad_document",
    "unsupported_version",
    "out_of_bounds",
    "bad_policy",
    "unknown_preset",
    "bad_snapshot",
    "unknown_action",
    "missing_field",
    "unexpected_field",
    "bad_value",
    "missing_facts",
    "wrong_policy",
    "denied",
    "stale",
    "late",
];

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Kind {
    #[error("{document} is not well formed{at}: {message}{hint}", at = at(path), hint = did_you_mean(nearest))]
    BadDocument { document: &'static str, path: String, message: String, nearest: Option<String> },
    #[error("version {met} of the {document} document; this engine reads version 1")]
    UnsupportedVersion { document: &'static str, met: u32 },
    #[error("{met} {what}, {max} at most{at}", what = bound.what, max = bound.max, at = at(path))]
    OutOfBounds { bound: Bound, met: usize, path: String },
    #[error("{}", Problems(.0))]
    BadPolicy(Vec<Problem>),
    #[error("no preset is called `{name}`{hint}", hint = did_you_mean(nearest))]
    UnknownPreset { name: String, nearest: Option<String> },
    #[error("{path}: {message}{hint}", hint = did_you_mean(nearest))]
    BadSnapshot { path: String, message: String, nearest: Option<String> },
    #[error("`{name}` is not an action of this policy{hint}", hint = did_you_mean(nearest))]
    UnknownAction { name: String, nearest: Option<String> },
    #[error("`{action}` needs the field `{field}`")]
    MissingField { action: String, field: &'static str },
    #[error("`{action}` takes no field `{field}`")]
    UnexpectedField { action: String, field: &'static str },
    #[error("{path}: {message}{hint}", hint = did_you_mean(nearest))]
    BadValue { path: String, message: String, nearest: Option<String> },
    #[error("the slice does not hold {}", list(.0))]
    MissingFacts(Vec<Need>),
    #[error("the decision is about {what} `{met}`, this is `{expected}`")]
    WrongPolicy { what: &'static str, met: String, expected: String },
    #[error("the decision is a denial: nothing to apply")]
    Denied,
    #[error("the decision is stale: {what} has changed in the meantime")]
    Stale { what: String, fresh: Box<Result<Decision, Error>> },
    #[error("the decision is late: it held until {until}")]
    Late { until: crate::document::Time, fresh: Box<Result<Decision, Error>> },
}

tagged! {
    /// A fact that a host with a slice has to load: a kind of row and an id.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Need by "need" {
        /// The user's row, grants, deactivations and endings.
        User = "user" {
            /// The user.
            id: String,
        },
        /// The groups the user is in, each with its grants.
        Memberships = "memberships" {
            /// The user.
            user: String,
        },
        /// The scope and all its ancestors.
        Scope = "scope" {
            /// The scope.
            id: String,
        },
        /// Every scope below this one.
        Subtree = "subtree" {
            /// The scope.
            scope: String,
        },
        /// Everything that hangs on this scope: every user and group with a grant (of the organization: every user), every
        /// offer of a role, every group and custom role at home there.
        Holders = "holders" {
            /// The scope.
            scope: String,
        },
        /// The group with its members, managers and grants.
        Group = "group" {
            /// The group.
            id: String,
        },
        /// The custom role.
        CustomRole = "custom_role" {
            /// The role.
            id: String,
        },
        /// The invitation.
        Invitation = "invitation" {
            /// The invitation.
            id: String,
        },
        /// The user, the offers and the endings that have this canonical address.
        Email = "email" {
            /// The address.
            address: String,
        },
        /// How many a keep counts at a scope.
        Count = "count" {
            /// The keep's id.
            keep: String,
            /// The scope.
            scope: String,
        },
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Need::User { id } => write!(f, "user `{id}`"),
            Need::Memberships { user } => write!(f, "the groups of user `{user}`"),
            Need::Scope { id } => write!(f, "scope `{id}`"),
            Need::Subtree { scope } => write!(f, "the scopes below `{scope}`"),
            Need::Holders { scope } => write!(f, "the holders of roles at `{scope}`"),
            Need::Group { id } => write!(f, "group `{id}`"),
            Need::CustomRole { id } => write!(f, "custom role `{id}`"),
            Need::Invitation { id } => write!(f, "invitation `{id}`"),
            Need::Email { address } => write!(f, "the address `{address}`"),
            Need::Count { keep, scope } => write!(f, "the count of `{keep}` at `{scope}`"),
        }
    }
}

printed! {
    /// One problem of a policy document.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
    pub struct Problem {
        /// Where: `allow[2].actor.role` (rules count from 0).
        pub path: String,
        /// What sort of problem: `unknown_field`, `wrong_type`, `missing`, `unknown_name`, `bad_name`, `duplicate`,
        /// `out_of_bounds`, `contradiction`, `unsupported_version`.
        pub code: &'static str,
        /// What was met and what was expected.
        pub message: String,
        /// The nearest name that would have been right.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub nearest: Option<String>,
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let place = if self.path.is_empty() { "policy" } else { &self.path };
        write!(f, "{place}: {}{}", self.message, did_you_mean(&self.nearest))
    }
}

struct Problems<'a>(&'a [Problem]);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let count = self.0.len();
        write!(f, "the policy has {count} {}", if count == 1 { "problem" } else { "problems" })?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

fn at(path: &str) -> String {
    if path.is_empty() || path == "." { String::new() } else { format!(" at `{path}`") }
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn list(needs: &[Need]) -> String {
    needs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Error {
    /// The stable code of the error, one of [`ERROR_CODES`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match *self.0 {
            Kind::BadDocument { .. } => "bad_document",
            Kind::UnsupportedVersion { .. } => "unsupported_version",
            Kind::OutOfBounds { .. } => "out_of_bounds",
            Kind::BadPolicy(_) => "bad_policy",
            Kind::UnknownPreset { .. } => "unknown_preset",
            Kind::BadSnapshot { .. } => "bad_snapshot",
            Kind::UnknownAction { .. } => "unknown_action",
            Kind::MissingField { .. } => "missing_field",
            Kind::UnexpectedField { .. } => "unexpected_field",
            Kind::BadValue { .. } => "bad_value",
            Kind::MissingFacts(_) => "missing_facts",
            Kind::WrongPolicy { .. } => "wrong_policy",
            Kind::Denied => "denied",
            Kind::Stale { .. } => "stale",
            Kind::Late { .. } => "late",
        }
    }

    /// Where the first fault is, if the error is about a place in a document: `users[3].owner`, `allow[2].actor.role`.
    /// Rows and rules count from 0.
    ///
    /// ```
    /// use tenantry::document::Request;
    /// let error = Request::from_json(r#"{ "tenantry": 1, "now": "noon", "actor": { "user": "ann" } }"#).unwrap_err();
    /// assert_eq!(error.path(), Some("now"));
    /// ```
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        let path = match &*self.0 {
            Kind::BadDocument { path, .. } | Kind::OutOfBounds { path, .. } | Kind::BadSnapshot { path, .. } | Kind::BadValue { path, .. } => path,
            Kind::MissingField { field, .. } | Kind::UnexpectedField { field, .. } => *field,
            Kind::BadPolicy(problems) => problems.first()?.path.as_str(),
            _ => return None,
        };
        (!path.is_empty()).then_some(path)
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0
    }

    /// Every problem of a policy (`bad_policy`); otherwise none.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        if let Kind::BadPolicy(problems) = &*self.0 { problems } else { &[] }
    }

    /// The facts to load (`missing_facts`); otherwise none.
    #[must_use]
    pub fn missing(&self) -> &[Need] {
        if let Kind::MissingFacts(needs) = &*self.0 { needs } else { &[] }
    }

    /// What the answer is now (`stale` and `late`); otherwise none.
    #[must_use]
    pub fn fresh(&self) -> Option<&Result<Decision, Error>> {
        match &*self.0 {
            Kind::Stale { fresh, .. } | Kind::Late { fresh, .. } => Some(fresh),
            _ => None,
        }
    }
}

impl Print for Error {
    fn print(&self, writer: &mut Writer) {
        let (code, message, path, problems, missing) = (self.code(), self.to_string(), self.path(), self.problems(), self.missing());
        let instead;
        let fresh: Option<&dyn Print> = match self.fresh() {
            Some(Ok(decision)) => Some(decision),
            Some(Err(error)) => {
                instead = Instead { error };
                Some(&instead)
            }
            None => None,
        };
        let fields: [(&str, Option<&dyn Print>); 6] = [
            ("code", Some(&code)),
            ("fresh", fresh),
            ("message", Some(&message)),
            ("missing", (!missing.is_empty()).then_some(&missing as &dyn Print)),
            ("path", path.as_ref().map(|path| path as &dyn Print)),
            ("problems", (!problems.is_empty()).then_some(&problems as &dyn Print)),
        ];
        writer.entries(&mut fields.into_iter().filter_map(|(name, value)| Some((name, value?))));
    }
}

/// As it is printed.
impl serde::Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<serde_json::Value>(&print(self)).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// An error in the place of an answer.
struct Instead<'a> {
    error: &'a Error,
}

impl Print for Instead<'_> {
    fn print(&self, writer: &mut Writer) {
        writer.entries(&mut [("error", self.error as &dyn Print)].into_iter());
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Error {
        Error(Box::new(kind))
    }
}
