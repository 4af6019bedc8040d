//! `arbac`: reachability of roles in the files of the literature.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tenantry_analysis::arbac::{Answer, File, reach};

use super::each;
use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::style::{BAD, FAINT, GOOD, WARN, paint};
use crate::words::count;

/// Answer classic ARBAC files: can somebody come to hold the goal role?
///
/// By any sequence of the listed assignments and revocations, for the users and administrators of the file. If so, the steps
/// are shown, none of which can be left out. Exit status 0 if nobody can, 1 if somebody can, 2 if it is not known.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  tenantry arbac hospital.arbac")]
pub(crate) struct Arbac {
    /// Files with the sections Roles, Users, UA, CR, CA and SPEC
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Arbac {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        Ok(each(self.files.iter().map(Ok).collect(), console, |path, console| answer(path, console)))
    }
}

fn answer(path: &Path, console: &mut Console) -> Result<Status, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| Failure::Read { path: name.clone(), source })?;
    let bad = |message: String| Failure::Document { what: name.clone(), path: String::new(), message };
    let file: File = text.parse().map_err(|error: tenantry_analysis::arbac::NotAFile| bad(error.to_string()))?;
    let answer = reach(&file);
    console.answer(&document(path, &answer), || format!("{}  {name}: {}\n", verdict(&answer), in_words(&file, &answer)))?;
    Ok(match answer {
        Answer::NotReachable(_) => Status::Good,
        Answer::Reachable(_) => Status::Bad,
        Answer::Unknown { .. } => Status::Error,
    })
}

fn document(path: &Path, answer: &Answer) -> Value {
    let mut document = json!(answer);
    document["file"] = json!(path);
    document
}

fn verdict(answer: &Answer) -> String {
    match answer {
        Answer::NotReachable(_) => paint(GOOD, "NOT REACHABLE"),
        Answer::Reachable(_) => paint(BAD, "REACHABLE"),
        Answer::Unknown { .. } => paint(WARN, "UNKNOWN"),
    }
}

fn in_words(file: &File, answer: &Answer) -> String {
    let goal = &file.roles[file.goal.role];
    match answer {
        Answer::NotReachable(certificate) => {
            let (roles, sets) = (certificate.helps.len(), count(certificate.states.len(), "set of roles", "sets of roles"));
            format!("nobody ever comes to hold {goal}  {}", paint(FAINT, &format!("{} that matter, {sets}", count(roles, "role", "roles"))))
        }
        Answer::Reachable(witness) if witness.steps.is_empty() => format!("{} holds {goal} to begin with", witness.user),
        Answer::Reachable(witness) => {
            let steps: String = witness.steps.iter().map(|step| format!("\n    {step}")).collect();
            format!("{} comes to hold {goal}:{steps}", witness.user)
        }
        Answer::Unknown { reason } => reason.to_string(),
    }
}
