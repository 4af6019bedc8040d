//! `matrix`: who may do what to whom.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use tenantry::Policy;
use tenantry_analysis::matrix::Matrix;

use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::sources::read_policy;
use crate::words::count;

/// Show who may do what to whom: the page "Roles and permissions", written by the policy
///
/// Every action, asked for each role about each role. Each answer is one of the engine; it says which rules decide, on which
/// facts of the host it depends, and which limits hold it back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry matrix --preset starter
  tenantry matrix policy.toml --format html --out roles.html
  tenantry matrix --preset ai-loop --format csv")]
pub(crate) struct ShowMatrix {
    #[command(flatten)]
    given: Given,
    /// How it is written; with `--json` as JSON
    #[arg(long, value_enum, default_value_t = Format::Markdown, conflicts_with = "json")]
    format: Format,
    /// A file to write it to
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Which policy.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Given {
    /// Policy file, TOML or JSON by its extension
    #[arg(value_name = "POLICY")]
    file: Option<PathBuf>,
    /// Ready policy: see `tenantry presets`
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for a README or a wiki
    Markdown,
    /// A page of its own, with a search
    Html,
    /// Everything, for programs
    Json,
    /// A line for each question, for spreadsheets
    Csv,
}

impl ShowMatrix {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let policy = match (&self.given.file, &self.given.preset) {
            (Some(file), _) => read_policy(file)?,
            (None, name) => Policy::preset(name.as_deref().unwrap_or_default())?,
        };
        let matrix = Matrix::of(&policy);
        let text = match self.format {
            Format::Json => tenantry::document::canonical_json(&matrix) + "\n",
            _ if console.json => tenantry::document::canonical_json(&matrix) + "\n",
            Format::Markdown => matrix.to_markdown(),
            Format::Html => matrix.to_html(),
            Format::Csv => matrix.to_csv(),
        };
        match &self.out {
            Some(path) => save(path, &text, &matrix, console)?,
            None => console.text(&text)?,
        }
        Ok(Status::Good)
    }
}

fn save(path: &Path, text: &str, matrix: &Matrix, console: &mut Console) -> Result<(), Failure> {
    let name = path.display().to_string();
    std::fs::write(path, text).map_err(|source| Failure::Save { path: name.clone(), source })?;
    let document = json!({ "file": path, "policy": matrix.policy, "rows": matrix.rows.len(), "cells": matrix.cells() });
    console.answer(&document, || format!("{name}: {} in {}\n", count(matrix.cells(), "answer", "answers"), count(matrix.rows.len(), "row", "rows")))
}
