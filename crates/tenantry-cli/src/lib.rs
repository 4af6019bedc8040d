//! The `tenantry` command line: ask a membership policy who may do what and why, check it, and test it.
//!
//! Each command has a file in `commands`; what it answers is put into words in `words` and set on the page in `show`.
#![warn(missing_docs)]

mod args;
pub mod cases;
mod commands;
mod console;
mod documents;
mod examples;
mod failure;
pub mod schema;
mod show;
mod sources;
mod words;

pub use commands::Cli;
pub use console::{Console, Status};

/// Runs a command line. What goes wrong is said, and is the status [`Status::Error`].
pub fn run(cli: &Cli, console: &mut Console) -> Status {
    cli.command.run(console).unwrap_or_else(|failure| console.fail(&failure))
}
