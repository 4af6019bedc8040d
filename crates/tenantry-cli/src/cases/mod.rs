//! The engine of `tenantry test`: cases written beside a policy. Each says who is there, what is asked, and what the answer
//! is to be.
//!
//! ```toml
//! [given]
//! scopes = { west = "workspace", oslo = "workspace under west" }
//! people = { ann = "owner", bob = "member", eve = "admin at west, viewer at oslo", dan = "member, deactivated" }
//!
//! [[case]]
//! name   = "an owner removes a member, who is gone then"
//! when   = { actor = "ann", action = "member.remove", target = "bob" }
//! then   = "allow"
//! events = ["role.taken", "member.removed"]
//! after  = [{ when = { actor = "ann", action = "member.remove", target = "bob" }, then = "already_ended" }]
//!
//! [[case]]
//! name  = "who is deactivated asks for nothing"
//! when  = { actor = "dan", action = "member.leave" }
//! then  = "actor_inactive"
//! ```
//!
//! # The file
//!
//! | field | |
//! |---|---|
//! | `now` | the time of all requests that name none; `2026-01-15T09:00:00Z` if absent |
//! | `given` | the state that all cases start from; see below |
//! | `case` | the cases, each on a state of its own |
//!
//! # `given`
//!
//! The organization itself is always there and has the id `acme`; with a snapshot as base, it is that of the snapshot, and
//! what stands here comes on top (a scope, person, group, role or invitation of the same id takes the place of the old one).
//! A case may have a `given` of its own, laid over the one of the file entry by entry.
//!
//! | table | an entry is | says |
//! |---|---|---|
//! | `scopes` | `west = "workspace"` | kind; then `under SCOPE` (the organization if absent) and `archived`: `"workspace under west, archived"` |
//! | `people` | `eve = "admin at west, viewer at oslo"` | what the person is, with commas between: see below |
//! | `groups` | `crew = "viewer at west"` | the roles that the group holds, and `home SCOPE` (the organization if absent); `""` for none |
//! | `custom_roles` | `auditor = ["reports"]` | the permissions; the home is the organization |
//! | `invitations` | `i1 = "member, to kim@x.example, by ann"` | the roles offered, `to ADDRESS`, `by ACTOR`, `until TIME`, `made TIME` (now if absent) |
//! | `attributes` | `west = { seats = 3 }` | host values of a person or scope |
//! | `snapshot` | `users = [{ id = "bob", name = "Bob" }]` | rows of the snapshot document for all else: a row with the id of one that is there adds its fields to it, other rows are added |
//! | `empty` | `true` | the organization does not exist yet; nothing stands beside it |
//!
//! A person is, at the organization unless `at SCOPE` follows: a role (`admin`, `admin at west`, also with `until TIME` and
//! `from SOURCE`); `deactivated`; `guest` (or `kind guest`, where a role has that name); `service of ann`; `unverified`;
//! `in GROUP`; `manages GROUP`; `email x@y.example`, otherwise the address is `<id>@acme.example` (a service has none).
//! `""` is a member without roles. A TIME is a day, `2026-02-01`, or a time of RFC 3339.
//!
//! # `case`
//!
//! | field | |
//! |---|---|
//! | `name` | what the case shows; required |
//! | `given` | what is different for this case |
//! | `when` | the request: its fields as in the request document. `actor` is a text: `ann`, `system:install`, or `invitee:kim@x.example` for a session with that (verified) address; or a table, as in the document. `id` and `now` are filled in |
//! | `then` | `allow`, the code of the denial, or the code of the error |
//! | `events`, `obligations` | names, in order, if they are to be looked at: `["role.taken", "member.removed"]` |
//! | `warnings`, `reasons` | codes, in order |
//! | `rules` | ids of the rules that decided |
//! | `remedies` | names, in order |
//! | `items` | of a batch `each`: `allow` or the code, for each item |
//! | `after` | what is asked next, on the state that the answer leaves: a list of tables with `when`, `then` and so on |

mod file;
mod given;
mod step;
mod words;

use std::fmt;
use std::sync::Arc;

use tenantry::document::{Decision, Snapshot};
use tenantry::{Directory, Policy, Problem};

use file::{CasesFile, Given, Step};

/// What became of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// The name of the case.
    pub name: String,
    /// How many requests it makes.
    pub steps: usize,
    /// The first answer that is not the expected one. None: the case holds.
    pub failure: Option<Failure>,
}

impl CaseResult {
    /// Whether every answer was the expected one.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failure.is_none()
    }
}

/// An answer that is not the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which request of the case, from 0.
    pub step: usize,
    /// Where the request stands in the file: `case[2].after[0]`.
    pub path: String,
    /// What was expected and what was met, one line for each field that differs.
    pub lines: Vec<String>,
    /// The answer, unless it was an error.
    pub decision: Option<Box<Decision>>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:", self.path)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// What is wrong with a file of cases: every problem with its path, what was met and the nearest name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CasesError(pub Vec<Problem>);

impl fmt::Display for CasesError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let count = self.0.len();
        write!(f, "the cases have {count} {}", if count == 1 { "problem" } else { "problems" })?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// Runs the cases of a file against a policy, each on a state of its own. `base` is the state that their `given` is laid on;
/// without one it is an organization `acme` with nobody in it.
///
/// ```
/// use tenantry::Policy;
/// use tenantry_cli::cases::run_cases;
/// let policy = Policy::preset("starter").unwrap();
/// let results = run_cases(&policy, None, r#"
///     given.people = { ann = "owner", bob = "member" }
///     [[case]]
///     name = "members remove nobody"
///     when = { actor = "bob", action = "member.remove", target = "ann" }
///     then = "not_permitted"
/// "#).unwrap();
/// assert!(results[0].passed());
/// ```
///
/// # Errors
/// Every problem of a file that cannot be run: no case of it is.
pub fn run_cases(policy: &Policy, base: Option<&Snapshot>, text: &str) -> Result<Vec<CaseResult>, CasesError> {
    let file = file::read(text)?;
    let policy = Arc::new(policy.clone());
    let mut problems = Vec::new();
    let mut ready = Vec::new();
    for (number, case) in file.case.iter().enumerate() {
        match prepare(&policy, base, &file, case, number) {
            Ok(prepared) => ready.push(prepared),
            Err(found) => problems.extend(found.into_iter().filter(|problem| !problems.contains(problem)).collect::<Vec<_>>()),
        }
    }
    if problems.is_empty() { Ok(ready.into_iter().map(Ready::run).collect()) } else { Err(CasesError(problems)) }
}

/// A case that can be run: its state, and its requests in order.
struct Ready {
    name: String,
    directory: Directory,
    steps: Vec<step::Asked>,
}

fn prepare(policy: &Arc<Policy>, base: Option<&Snapshot>, file: &CasesFile, case: &Step, number: usize) -> Result<Ready, Vec<Problem>> {
    let path = format!("case[{number}]");
    let mut problems = Vec::new();
    let steps = step::read_all(policy, case, file.now, &path, &mut problems);
    let name = case.name.clone().unwrap_or_default();
    if name.trim().is_empty() {
        problems.push(words::problem(&format!("{path}.name"), "missing", "a case says what it shows: `name`"));
    }
    let given = Given::over(&file.given, case.given.as_ref());
    let own = case.given.as_ref().map_or_else(|| "given".to_owned(), |_| format!("{path}.given"));
    let state = given::state(policy, base, &given, file.now, &own, &mut problems).filter(|_| problems.is_empty()).ok_or(problems)?;
    let directory = Directory::new(policy.clone(), &state).map_err(|error| vec![words::problem(&own, "bad_value", error.to_string())])?;
    Ok(Ready { name, directory, steps })
}

impl Ready {
    /// Asks one thing after the other, up to the first answer that is not the expected one.
    fn run(mut self) -> CaseResult {
        let asked = |(number, step): (usize, &step::Asked)| {
            let (lines, decision) = step.ask(&mut self.directory).err()?;
            Some(Failure { step: number, path: step.path.clone(), lines, decision })
        };
        let failure = self.steps.iter().enumerate().find_map(asked);
        CaseResult { name: self.name, steps: self.steps.len(), failure }
    }
}
