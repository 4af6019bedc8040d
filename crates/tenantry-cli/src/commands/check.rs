//! `check`: is this a policy?

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tenantry::{Error, Policy, Problem};

use super::each;
use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::style::{BAD, FAINT, GOOD, PLAIN, paint};
use crate::show::table::{Cell, table};
use crate::sources::read_policy;
use crate::words::count;

/// Check policy files: every problem at once
///
/// Each problem has its place, what is wrong, and the nearest name that would be right.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  tenantry check policy.toml")]
pub(crate) struct Check {
    /// Policy files, TOML or JSON by their extension
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Check {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        Ok(each(self.files.iter().map(Ok).collect(), console, |file, console| check(file, console)))
    }
}

fn check(file: &Path, console: &mut Console) -> Result<Status, Failure> {
    match read_policy(file) {
        Ok(policy) => {
            console.answer(&json!({ "file": file, "policy": policy.name(), "digest": policy.digest() }), || good(file, &policy))?;
            Ok(Status::Good)
        }
        Err(Failure::Engine(error)) => {
            console.answer(&faulty_document(file, &error), || faulty(file, &error))?;
            Ok(Status::Bad)
        }
        Err(failure) => Err(failure),
    }
}

fn good(file: &Path, policy: &Policy) -> String {
    let parts = [
        count(policy.kinds().len(), "kind of scope", "kinds of scopes"),
        count(policy.roles().len(), "role", "roles"),
        count(policy.actions().len(), "action", "actions"),
    ];
    let digest = policy.digest().get(..12).unwrap_or_default();
    format!("{}  {}: the policy `{}` has {}  {}\n", paint(GOOD, "OK"), file.display(), policy.name(), crate::words::list(&parts), paint(FAINT, digest))
}

/// The problems of a policy. A file that is no TOML or JSON at all has one.
fn problems(error: &Error) -> Vec<Problem> {
    match error.problems() {
        [] => vec![Problem { path: String::new(), code: error.code(), message: error.to_string(), nearest: None }],
        problems => problems.to_vec(),
    }
}

fn faulty_document(file: &Path, error: &Error) -> Value {
    json!({ "file": file, "problems": problems(error) })
}

fn faulty(file: &Path, error: &Error) -> String {
    let problems = problems(error);
    let head = format!("{}  {}: {}\n", paint(BAD, "BAD"), file.display(), count(problems.len(), "problem", "problems"));
    head + &table(&problems.iter().map(row).collect::<Vec<_>>())
}

fn row(problem: &Problem) -> Vec<Cell> {
    let nearest = problem.nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    vec!["".into(), Cell::new(problem.path.as_str(), PLAIN.bold()), format!("{}{nearest}", problem.message).into()]
}
