//! The `tenantry` command.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tenantry_cli::{Cli, Console, run};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut input = std::io::stdin().lock();
    // Nobody writes a document by hand into a terminal: there, nothing to read is a mistake that is told at once.
    let typed = input.is_terminal();
    // These streams leave the colours out where nobody would see them, and where `NO_COLOR` asks for it.
    let (mut out, mut err) = (anstream::stdout().lock(), anstream::stderr().lock());
    let mut console = Console { input: (!typed).then_some(&mut input), out: &mut out, err: &mut err, json: cli.json };
    run(&cli, &mut console).into()
}
