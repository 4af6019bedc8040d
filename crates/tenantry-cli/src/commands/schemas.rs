//! `schema`: the JSON Schemas of the documents.

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::{documents, schema};

/// Print the JSON Schema of a document
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry schema policy > policy.schema.json
  tenantry schema decision --json")]
pub(crate) struct PrintSchema {
    /// Which document
    #[arg(value_enum)]
    document: DocumentArg,
}

/// One of the five documents.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum DocumentArg {
    Policy,
    Snapshot,
    Request,
    Decision,
    Event,
}

impl PrintSchema {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let text = match self.document {
            DocumentArg::Policy => schema::POLICY,
            DocumentArg::Snapshot => schema::SNAPSHOT,
            DocumentArg::Request => schema::REQUEST,
            DocumentArg::Decision => schema::DECISION,
            DocumentArg::Event => schema::EVENT,
        };
        if console.json {
            console.document(&documents::read::<Value>(text, "the schema")?)?
        } else {
            console.text(text)?
        }
        Ok(Status::Good)
    }
}
