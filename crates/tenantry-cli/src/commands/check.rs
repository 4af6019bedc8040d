//! `check`: is this a policy, and is it one that its authors meant?

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tenantry::{Error, Policy, Problem};
use tenantry_analysis::warn::{CODES, Warning, warnings};

use super::each;
use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::style::{BAD, FAINT, GOOD, PLAIN, WARN, clean, paint};
use crate::show::table::{Cell, table};
use crate::sources::read_policy;
use crate::words::count;

/// Check policy files: every problem at once, and what is permitted and hardly meant
///
/// Each problem has its place, what is wrong, and the nearest name that would be right. Of a policy without problems it is said who
/// may make themselves more than they are, whether the top role can be lost, and whether somebody may invite with a role that they
/// may not give. Such a warning is true, and may be meant: it is a failure with `--strict` alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry check policy.toml
  tenantry check policy.toml --strict --allow top_role_not_kept
  tenantry check --preset roles-and-workspaces")]
pub(crate) struct Check {
    /// Policy files, TOML or JSON by their extension
    #[arg(value_name = "FILE", required_unless_present = "preset")]
    files: Vec<PathBuf>,
    /// Ready policy: see `tenantry presets`; again for more
    #[arg(long, value_name = "NAME")]
    preset: Vec<String>,
    /// Exit status 1 for warnings too
    #[arg(long)]
    strict: bool,
    /// A sort of warning that is meant, by its code; again for more
    #[arg(long, value_name = "CODE")]
    allow: Vec<String>,
}

impl Check {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let unknown = self.allow.iter().find(|code| !CODES.contains(&code.as_str()));
        if let Some(code) = unknown {
            return Err(Failure::Usage(format!("no warning is called `{code}`; there are `{}`", CODES.join("`, `"))));
        }
        let files = each(self.files.iter().map(Ok).collect(), console, |file, console| self.check(("file", file), read_policy(file), console));
        let ready = each(self.preset.iter().map(Ok).collect(), console, |name, console| {
            self.check(("preset", Path::new(name)), Policy::preset(name).map_err(Failure::from), console)
        });
        Ok(files.max(ready))
    }

    fn check(&self, source: Source, policy: Result<Policy, Failure>, console: &mut Console) -> Result<Status, Failure> {
        match policy {
            Ok(policy) => {
                let mut warnings = warnings(&policy);
                warnings.retain(|warning| !self.allow.iter().any(|code| code == warning.code));
                console.answer(&good_document(source, &policy, &warnings), || good(source, &policy) + &warned(&warnings))?;
                Ok(Status::from(warnings.is_empty() || !self.strict))
            }
            Err(Failure::Engine(error)) if source.0 == "file" => {
                console.answer(&faulty_document(source.1, &error), || faulty(source.1, &error))?;
                Ok(Status::Bad)
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Where a policy comes from: what it is called in documents, and the file or the name.
type Source<'s> = (&'static str, &'s Path);

fn good_document((what, source): Source, policy: &Policy, warnings: &[Warning]) -> Value {
    let mut document = json!({ "policy": policy.name(), "digest": policy.digest() });
    document[what] = json!(source);
    if !warnings.is_empty() {
        document["warnings"] = json!(warnings);
    }
    document
}

fn good((_, source): Source, policy: &Policy) -> String {
    let parts = [
        count(policy.kinds().len(), "kind of scope", "kinds of scopes"),
        count(policy.roles().len(), "role", "roles"),
        count(policy.actions().len(), "action", "actions"),
    ];
    let digest = policy.digest().get(..12).unwrap_or_default();
    format!("{}  {}: the policy `{}` has {}  {}\n", paint(GOOD, "OK"), source.display(), policy.name(), crate::words::list(&parts), paint(FAINT, digest))
}

fn warned(warnings: &[Warning]) -> String {
    let one = |Warning { code, path, message, suggestion }: &Warning| {
        let head = format!("{}  {}  {}", paint(WARN, "WARN"), paint(PLAIN.bold(), path), paint(FAINT, code));
        format!("{head}\n      {}\n      {}  {}\n", clean(message), paint(FAINT, "help"), clean(suggestion))
    };
    warnings.iter().map(one).collect()
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
