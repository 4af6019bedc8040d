//! CSV: for spreadsheets.

use crate::matrix::{Answer, Cell, Matrix, Row, Verdict};

use super::words::conditions;

const COLUMNS: [&str; 17] = [
    "action",
    "label",
    "place",
    "actor",
    "target",
    "gives",
    "takes",
    "kind",
    "verdict",
    "when",
    "keeps",
    "code",
    "message",
    "allowed_by",
    "denied_by",
    "warnings",
    "obligations",
];

/// One line for each question and actor.
pub(super) fn csv(matrix: &Matrix) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut put = |record: &[String]| writer.write_record(record.iter().map(|field| harmless(field))).is_ok();
    put(&COLUMNS.map(str::to_owned));
    for (row, cell) in matrix.rows.iter().flat_map(|row| row.cells.iter().map(move |cell| (row, cell))) {
        put(&record(matrix, row, cell));
    }
    // What is written into memory does not fail, and what was text stays text.
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn record(matrix: &Matrix, row: &Row, cell: &Cell) -> [String; 17] {
    let answer: &Answer = &matrix.answers[cell.answer];
    let verdict = match answer.verdict {
        Verdict::Allowed => "allowed",
        Verdict::Denied => "denied",
        Verdict::Depends => "depends",
    };
    let warnings: Vec<String> = answer.warnings.iter().map(|warning| warning.code.clone()).collect();
    [
        row.action.clone(),
        matrix.action_label(&row.action),
        row.scope.clone(),
        matrix.parties[cell.actor].name.clone(),
        row.target.map(|target| matrix.parties[target].name.clone()).unwrap_or_default(),
        row.gives.clone().unwrap_or_default(),
        row.takes.clone().unwrap_or_default(),
        row.kind.clone().unwrap_or_default(),
        verdict.to_owned(),
        conditions(&answer.when),
        answer.keeps.join(" "),
        answer.code.clone().unwrap_or_default(),
        answer.message.clone().unwrap_or_default(),
        answer.allowed_by.join(" "),
        answer.denied_by.join(" "),
        warnings.join(" "),
        answer.obligations.join(" "),
    ]
}

/// A spreadsheet takes what begins like a formula for one.
fn harmless(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@']) { format!("'{field}") } else { field.to_owned() }
}
