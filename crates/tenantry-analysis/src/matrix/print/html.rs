//! The page: a template with the data of the table in it. The page builds itself from the data and loads nothing.

use serde_json::{Value, json};

use crate::matrix::{Answer, Is, Matrix, Verdict};

use super::shown::{Line, Shown, either};
use super::words::{noun, sentence};

const TEMPLATE: &str = include_str!("page.html");
const PLACE: &str = "/*DATA*/";

/// The page of a matrix.
pub(super) fn page(matrix: &Matrix) -> String {
    // A text of the policy must not end the element that the data stands in.
    let data = data(matrix).to_string().replace('<', "\\u003c");
    TEMPLATE.replacen(PLACE, &data, 1)
}

fn data(matrix: &Matrix) -> Value {
    let shown = Shown::of(matrix);
    let column = |number: &usize| {
        let party = &matrix.parties[*number];
        json!({ "name": party.name, "label": party.label, "member": matches!(party.is, Is::Member { .. }) })
    };
    let alike: Vec<&str> = shown.alike.iter().map(|place| matrix.place_label(&place.id)).collect();
    json!({
        "policy": matrix.policy,
        "digest": matrix.digest,
        "places": matrix.frame.places.len(),
        "columns": shown.columns.iter().map(column).collect::<Vec<_>>(),
        "answers": matrix.answers.iter().map(answer).collect::<Vec<_>>(),
        "lines": shown.lines.iter().map(|one| line(&shown, one)).collect::<Vec<_>>(),
        "nobody": matrix.nobody,
        "alike": alike,
    })
}

fn line(shown: &Shown, line: &Line) -> Value {
    let cells = shown.columns.iter().map(|column| line.cells.iter().find(|cell| cell.actor == *column).map(|cell| cell.answer));
    json!({
        "noun": noun(line.action),
        "action": line.action,
        "label": shown.matrix.action_label(line.action),
        "place": shown.matrix.place_label(line.scope),
        "about": either(&line.about),
        "change": either(&line.change),
        "names": line.names.join(" "),
        "cells": cells.collect::<Vec<_>>(),
    })
}

fn answer(answer: &Answer) -> Value {
    let verdict = match answer.verdict {
        Verdict::Allowed => "allowed",
        Verdict::Denied => "denied",
        Verdict::Depends => "depends",
    };
    json!({
        "verdict": verdict,
        "sentence": sentence(answer),
        "code": answer.code,
        "message": answer.message,
        "allowed_by": answer.allowed_by,
        "denied_by": answer.denied_by,
        "keeps": answer.keeps,
        "warnings": answer.warnings.iter().map(|warning| &warning.message).collect::<Vec<_>>(),
        "obligations": answer.obligations,
        "cut": answer.cut,
    })
}
