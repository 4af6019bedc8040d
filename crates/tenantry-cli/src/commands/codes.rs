//! `codes`: the catalogue.

use clap::Args;
use serde_json::json;
use tenantry::{CATALOGUE, Code};

use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::style::{FAINT, STRONG};
use crate::show::table::{Cell, table};

/// List the codes that a decision can carry
///
/// Each with the step that gives it and the sentence that people see. Rules of a policy add codes of their own.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry codes
  tenantry codes --json")]
pub(crate) struct Codes {}

impl Codes {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        if !console.json {
            let rows: Vec<Vec<Cell>> = CATALOGUE.iter().map(|code| row(*code)).collect();
            console.text(&table(&rows))?;
            return Ok(Status::Good);
        }
        for code in CATALOGUE {
            console.document(&json!({ "code": code.as_str(), "step": code.step().as_str(), "message": code.message() }))?;
        }
        Ok(Status::Good)
    }
}

fn row(code: Code) -> Vec<Cell> {
    vec![Cell::new(code.as_str(), STRONG), Cell::new(code.step().as_str(), FAINT), code.message().into()]
}
