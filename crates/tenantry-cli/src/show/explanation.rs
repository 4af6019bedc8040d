//! An explanation: the decision, and what became of each rule that speaks of the verb.

use anstyle::Style;
use tenantry::ask::{Explanation, RuleVerdict};

use super::decision::{decision, line};
use super::style::{FAINT, PLAIN, STRONG, WARN, tick};
use super::table::{Cell, table};
use crate::words::names::Names;

/// An explanation in words.
pub(crate) fn explanation(names: &Names, explanation: &Explanation, title: Option<&str>) -> String {
    let mut page = decision(names, &explanation.decision, title);
    page += &line("step", PLAIN, &step(&explanation.step));
    page.extend(explanation.nearest.iter().map(|nearest| line("nearest", PLAIN, nearest)));
    if !explanation.rules.is_empty() {
        page += &table(&rows(names, &explanation.rules));
    }
    page
}

/// What the step that answered asks.
fn step(step: &str) -> String {
    let asks = match step {
        "standing" => "does the actor stand?",
        "gate" => "is there a rule for this actor at all?",
        "resolve" => "does what the request names exist?",
        "judge" => "is every change permitted, and none forbidden?",
        "applicable" => "does the state admit it?",
        "keeps" => "do the keeps hold afterwards?",
        "allow" => "every step is passed",
        _ => "",
    };
    format!("{step}: {asks}")
}

fn rows(names: &Names, rules: &[RuleVerdict]) -> Vec<Vec<Cell>> {
    let heading = ["", "", "rule", "effect", "judges", "fails at"].map(|text| Cell::new(text, STRONG)).to_vec();
    std::iter::once(heading).chain(rules.iter().map(|rule| row(names, rule))).collect()
}

fn row(names: &Names, rule: &RuleVerdict) -> Vec<Cell> {
    let (mark, style) = mark(rule);
    vec![
        "".into(),
        Cell::new(mark, style),
        rule.rule.as_str().into(),
        rule.effect.as_str().into(),
        claim(names, rule).into(),
        Cell::new(rule.failed.clone().unwrap_or_default(), FAINT),
    ]
}

/// What a rule does here. A rule that does not hold does nothing.
fn mark(rule: &RuleVerdict) -> (&'static str, Style) {
    match (rule.holds, rule.effect.as_str()) {
        (false, _) => ("·", FAINT),
        (true, "forbid") => tick(false),
        (true, "warn") => ("!", WARN),
        (true, _) => tick(true),
    }
}

/// What is judged: `give Admin in Boston`.
fn claim(names: &Names, rule: &RuleVerdict) -> String {
    let scope = rule.scope.as_deref();
    let place = scope.map(|scope| format!(" in {}", names.scope(scope))).unwrap_or_default();
    let what = match (rule.claim.as_str(), &rule.role) {
        ("fit", _) => "the request".to_owned(),
        (claim, Some(role)) => format!("{claim} {}", names.role(role, scope)),
        ("status", None) => "status".to_owned(),
        (claim, None) => format!("{claim} membership"),
    };
    what + &place
}
