//! `diff`: what a change of a policy changes.

use std::path::Path;

use clap::{Args, ValueEnum};
use tenantry::Policy;
use tenantry::document::{Snapshot, canonical_json};
use tenantry::policy::presets::NAMES;
use tenantry_analysis::diff::{Answered, Change, Diff, Kind, Only, Witness};

use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::decision::verdict;
use crate::show::style::{BAD, FAINT, GOOD, WARN, clean, paint};
use crate::sources::read_policy;
use crate::words::names::Names;
use crate::words::{count, request};

/// Compare two policies: what is allowed now, what is no longer, each with a request that shows it
///
/// Every question of `tenantry matrix` is asked of both. Policies are files, or presets by name. With `--fail-on` the exit
/// status is 1 where something changes that way.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry diff old.policy.toml new.policy.toml --fail-on widen
  tenantry diff starter starter")]
pub(crate) struct Compare {
    /// The old policy: a file, or the name of a preset
    #[arg(value_name = "BEFORE")]
    before: String,
    /// The new policy: a file, or the name of a preset
    #[arg(value_name = "AFTER")]
    after: String,
    /// Which changes are a failure
    #[arg(long, value_enum, value_name = "CHANGE")]
    fail_on: Option<FailOn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Something is allowed that was not
    Widen,
    /// Something is no longer allowed
    Narrow,
    /// Any answer is another one
    Any,
}

impl Compare {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let (before, after) = (named(&self.before)?, named(&self.after)?);
        let diff = Diff::of(&before, &after);
        if console.json {
            console.text(&(canonical_json(&diff) + "\n"))?;
        } else {
            console.text(&in_words(&diff, &after))?;
        }
        let failed = match self.fail_on {
            None => false,
            Some(FailOn::Widen) => diff.has(Kind::Widen),
            Some(FailOn::Narrow) => diff.has(Kind::Narrow),
            Some(FailOn::Any) => !diff.changes.is_empty(),
        };
        Ok(Status::from(!failed))
    }
}

/// The policy in a file, or the preset with that name.
fn named(given: &str) -> Result<Policy, Failure> {
    let path = Path::new(given);
    let is_file = path.extension().is_some() || path.is_file();
    if is_file && !NAMES.contains(&given) { read_policy(path) } else { Ok(Policy::preset(given)?) }
}

fn in_words(diff: &Diff, policy: &Policy) -> String {
    let mut page: String = diff.changes.iter().map(|change| in_full(change, policy)).collect();
    page += &only("only before", &diff.only_before);
    page += &only("only now", &diff.only_after);
    let number = |kind: Kind| diff.changes.iter().filter(|change| change.kind == kind).count();
    if diff.changes.is_empty() {
        return page + "no answer changes\n";
    }
    let kinds = [Kind::Widen, Kind::Narrow, Kind::Code].into_iter().filter(|kind| number(*kind) > 0);
    let told: Vec<String> = kinds.map(|kind| format!("{} {}", number(kind), word(kind).to_lowercase())).collect();
    page + &format!("{}: {}\n", count(diff.changes.len(), "change", "changes"), told.join(", "))
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Widen => "WIDEN",
        Kind::Narrow => "NARROW",
        Kind::Code => "CODE",
    }
}

fn in_full(change: &Change, policy: &Policy) -> String {
    let style = match change.kind {
        Kind::Widen => WARN,
        Kind::Narrow => BAD,
        Kind::Code => GOOD,
    };
    format!("{}  {}\n{}\n", paint(style, word(change.kind)), clean(&change.sentence), witness(&change.witness, policy))
}

/// The request that shows it, who is who in it, and both answers.
fn witness(witness: &Witness, policy: &Policy) -> String {
    let names = Names::new(policy, &witness.snapshot);
    let line = |head: &str, text: &str| format!("    {}  {text}\n", paint(FAINT, &format!("{head:<7}")));
    let mut page = line("given", &clean(&people(&witness.snapshot)));
    page += &line("asked", &clean(&request::request(&names, &witness.request)));
    page += &line("before", &answered(&witness.before));
    page + &line("now", &answered(&witness.after))
}

fn answered(answered: &Answered) -> String {
    let rules = if answered.rules.is_empty() { String::new() } else { paint(FAINT, &format!("  by {}", answered.rules.join(", "))) };
    verdict(answered.effect, answered.code.as_deref()) + &rules
}

/// Who is there, with their roles.
fn people(state: &Snapshot) -> String {
    let held = |user: &str| {
        let grants = state.grants.iter().filter(|grant| grant.user.as_deref() == Some(user));
        grants.map(|grant| format!("{} at {}", grant.role, grant.scope)).collect::<Vec<_>>()
    };
    let one = |user: &str| {
        let held = held(user);
        if held.is_empty() { format!("{user} without a role") } else { format!("{user} is {}", held.join(" and ")) }
    };
    let others = state.users.iter().filter(|row| !["actor", "target"].contains(&row.id.as_str())).count();
    let known = state.users.iter().filter(|row| ["actor", "target"].contains(&row.id.as_str())).map(|row| one(&row.id));
    let mut parts: Vec<String> = known.collect();
    parts.extend((others > 0).then(|| format!("and {}", count(others, "other", "others"))));
    if parts.is_empty() { "nobody".to_owned() } else { parts.join(", ") }
}

fn only(head: &str, only: &Only) -> String {
    let lists = [("actions", &only.actions), ("roles", &only.roles), ("places", &only.places), ("actors", &only.actors)];
    let said: Vec<String> = lists.iter().filter(|(_, list)| !list.is_empty()).map(|(what, list)| format!("{what} {}", list.join(", "))).collect();
    let questions = (only.questions > 0).then(|| count(only.questions, "question that the other has not", "questions that the other has not"));
    let all: Vec<String> = said.into_iter().chain(questions).collect();
    if all.is_empty() { String::new() } else { format!("{}  {}\n", paint(FAINT, head), clean(&all.join("; "))) }
}
