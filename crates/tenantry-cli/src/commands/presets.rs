//! `presets`: the ready policies.

use clap::Args;
use serde_json::json;
use tenantry::Policy;
use tenantry::policy::presets::{NAMES, source};

use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::style::STRONG;
use crate::show::table::{Cell, table};

/// List the ready policies, or print one
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry presets
  tenantry presets starter > policy.toml
  tenantry presets starter --json")]
pub(crate) struct Presets {
    /// Print this one: as TOML, or with `--json` as canonical JSON
    name: Option<String>,
}

impl Presets {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        match &self.name {
            Some(name) => print(name, console)?,
            None => list(console)?,
        }
        Ok(Status::Good)
    }
}

fn print(name: &str, console: &mut Console) -> Result<(), Failure> {
    let policy = Policy::preset(name)?;
    let text = if console.json { policy.to_json() + "\n" } else { source(name).unwrap_or_default().to_owned() };
    console.text(&text)
}

fn list(console: &mut Console) -> Result<(), Failure> {
    if !console.json {
        let rows: Vec<Vec<Cell>> = NAMES.iter().map(|name| vec![Cell::new(*name, STRONG), about(name).into()]).collect();
        return console.text(&table(&rows));
    }
    NAMES.iter().try_for_each(|name| console.document(&json!({ "name": name, "about": about(name) })))
}

/// What a preset is: the first sentences of its file.
fn about(name: &str) -> String {
    let comment = source(name).unwrap_or_default().lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let paragraph = comment.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let first = paragraph.split_once(". ").map_or(paragraph.as_str(), |(first, _)| first);
    first.trim_end_matches(['.', ':']).to_owned()
}
