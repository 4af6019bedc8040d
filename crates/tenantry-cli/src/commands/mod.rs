//! The commands, one in each file.

mod apply;
mod arbac;
mod can;
mod check;
mod codes;
mod decide;
mod diff;
mod explain;
mod matrix;
mod page;
mod permitted;
mod presets;
mod prove;
mod schemas;
mod test;
mod who_can;

use clap::{Parser, Subcommand};

use crate::console::{Console, Status};
use crate::failure::Failure;

/// Membership rules as data: who may invite, promote, deactivate and remove whom.
#[derive(Debug, Parser)]
#[command(
    name = "tenantry",
    version,
    after_help = "\
Exit status: 0 allowed, or nothing to complain of; 1 denied, or problems found; 2 no answer.

Start here:
  tenantry presets
  tenantry decide --preset starter --example
  tenantry page --preset starter --example --actor hedda"
)]
pub struct Cli {
    /// Answer in canonical JSON, one document on each line
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Decide(decide::Decide),
    Explain(explain::Explain),
    Can(can::Can),
    WhoCan(who_can::WhoCan),
    Permitted(permitted::Permitted),
    Page(page::ShowPage),
    Apply(apply::Apply),
    Check(check::Check),
    Test(test::Test),
    Presets(presets::Presets),
    Schema(schemas::PrintSchema),
    Codes(codes::Codes),
    Matrix(matrix::ShowMatrix),
    Diff(diff::Compare),
    Prove(prove::Prove),
    Arbac(arbac::Arbac),
}

/// Answers one thing after the other. Where there is no answer to one, the others still get theirs.
fn each<T>(asked: Vec<Result<T, Failure>>, console: &mut Console, mut answer: impl FnMut(T, &mut Console) -> Result<Status, Failure>) -> Status {
    let mut worst = Status::Good;
    for one in asked {
        let status = one.and_then(|one| answer(one, console));
        worst = worst.max(status.unwrap_or_else(|failure| console.fail(&failure)));
    }
    worst
}

impl Command {
    /// Runs the command.
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        match self {
            Command::Decide(command) => command.run(console),
            Command::Explain(command) => command.run(console),
            Command::Can(command) => command.run(console),
            Command::WhoCan(command) => command.run(console),
            Command::Permitted(command) => command.run(console),
            Command::Page(command) => command.run(console),
            Command::Apply(command) => command.run(console),
            Command::Check(command) => command.run(console),
            Command::Test(command) => command.run(console),
            Command::Presets(command) => command.run(console),
            Command::Schema(command) => command.run(console),
            Command::Codes(command) => command.run(console),
            Command::Matrix(command) => command.run(console),
            Command::Diff(command) => command.run(console),
            Command::Prove(command) => command.run(console),
            Command::Arbac(command) => command.run(console),
        }
    }
}
