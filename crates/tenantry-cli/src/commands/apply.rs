//! `apply`: requests come true, one after the other.

use std::path::PathBuf;

use clap::Args;
use tenantry::document::{Decision, Request};

use crate::console::{Console, Status};
use crate::documents::Document;
use crate::failure::Failure;
use crate::show;
use crate::sources::{World, WorldArgs, read_documents};

/// Make allowed requests true, in order, and print the snapshot that results
///
/// What is decided goes to the error stream; a request that is denied changes nothing. A decision, as `decide --json`
/// prints it, is applied as it is: one that is stale or late by now is an error, after which nothing is printed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry apply --preset starter --state acme.json requests.json > acme-after.json
  tenantry decide --preset starter --state acme.json --json request.json > decision.json
  tenantry apply --preset starter --state acme.json decision.json")]
pub(crate) struct Apply {
    #[command(flatten)]
    world: WorldArgs,
    /// Requests or decisions in JSON: one, a list, or one on each line; `-` or nothing for standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Apply {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let mut world = self.world.load()?;
        let mut status = Status::Good;
        for document in read_documents(self.file.as_deref(), "request", "give a FILE", console)? {
            status = status.max(step(&mut world, &document, console)?);
        }
        let snapshot = world.directory.snapshot();
        // In words it is the same document, set so that a person can read it.
        console.answer(&snapshot, || serde_json::to_string_pretty(&snapshot).unwrap_or_default() + "\n")?;
        Ok(status)
    }
}

/// One request, or one decision.
fn step(world: &mut World, document: &Document, console: &mut Console) -> Result<Status, Failure> {
    let (decision, now) = if document.is_decision() {
        (document.read::<Decision>()?, world.now)
    } else {
        let request: Request = document.read_request(world.now)?;
        (world.directory.decide(&request)?, request.now)
    };
    if decision.is_allowed() || document.is_decision() {
        world.directory.apply(&decision, now)?;
    }
    world.names.learn(&decision.events);
    console.aside(&decision, || show::decision::decision(&world.names, &decision, document.title.as_deref()) + "\n")?;
    Ok(decision.is_allowed().into())
}
