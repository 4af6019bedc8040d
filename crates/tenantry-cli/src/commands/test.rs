//! `test`: cases written beside the policy.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tenantry::document::Snapshot;
use tenantry::{Directory, Policy};

use super::each;
use crate::cases::{CaseResult, run_cases};
use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::style::{BAD, FAINT, GOOD, STRONG, clean, paint, tick};
use crate::sources::{PolicyArgs, StateArgs, read_file};
use crate::words::count;

/// Run the cases that are written beside a policy
///
/// A case says who is there, what is asked, and what the answer is to be.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry test --policy policy.toml
      runs policy.cases.toml
  tenantry test --preset starter --example more.cases.toml

A case:
  given.people = { ann = \"owner\", bob = \"member\" }
  [[case]]
  name = \"members remove nobody\"
  when = { actor = \"bob\", action = \"member.remove\", target = \"ann\" }
  then = \"not_permitted\"")]
pub(crate) struct Test {
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    state: StateArgs,
    /// Files of cases, in TOML; the one beside the policy file if absent (`policy.cases.toml` beside `policy.toml`)
    #[arg(value_name = "CASES")]
    files: Vec<PathBuf>,
}

impl Test {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let policy = self.policy.load()?;
        let base = self.state.load(self.state.example(&self.policy)?)?;
        // What is wrong with the base is said as such, and not at every case.
        base.as_ref().map(|base| Directory::new(policy.clone(), base)).transpose()?;
        let files = self.files()?.into_iter().map(Ok).collect();
        Ok(each(files, console, |file: PathBuf, console| test(&policy, base.as_ref(), &file, console)))
    }

    fn files(&self) -> Result<Vec<PathBuf>, Failure> {
        match (&self.policy.policy, self.files.is_empty()) {
            (_, false) => Ok(self.files.clone()),
            (Some(policy), true) => Ok(vec![policy.with_extension("cases.toml")]),
            (None, true) => Err(Failure::Usage("say which cases: a FILE in TOML".to_owned())),
        }
    }
}

fn test(policy: &Policy, base: Option<&Snapshot>, file: &Path, console: &mut Console) -> Result<Status, Failure> {
    let text = read_file(file)?;
    let results = run_cases(policy, base, &text).map_err(|error| Failure::Cases { path: file.display().to_string(), error })?;
    if console.json {
        results.iter().try_for_each(|result| console.document(&document(file, result)))?;
    } else {
        console.text(&in_words(file, &results))?;
    }
    Ok(results.iter().all(CaseResult::passed).into())
}

fn document(file: &Path, result: &CaseResult) -> Value {
    let mut document = json!({ "file": file, "case": result.name, "passed": result.passed() });
    if let Some(failure) = &result.failure {
        document["failure"] = json!({ "path": failure.path, "lines": failure.lines, "decision": failure.decision });
    }
    document
}

fn in_words(file: &Path, results: &[CaseResult]) -> String {
    let failed = results.iter().filter(|result| !result.passed()).count();
    let verdict = if failed == 0 { paint(GOOD, "all passed") } else { paint(BAD, &format!("{failed} failed")) };
    let head = paint(STRONG, &file.display().to_string()) + "\n";
    let cases: String = results.iter().map(case).collect();
    format!("{head}{cases}{}, {verdict}\n", count(results.len(), "case", "cases"))
}

fn case(result: &CaseResult) -> String {
    let (mark, style) = tick(result.passed());
    let failure = result.failure.iter().flat_map(|failure| {
        let place = format!("    {}\n", paint(FAINT, &failure.path));
        std::iter::once(place).chain(failure.lines.iter().map(|line| format!("    {}\n", clean(line))))
    });
    let head = format!("{} {}\n", paint(style, mark), clean(&result.name));
    std::iter::once(head).chain(failure).collect()
}
