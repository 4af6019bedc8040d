//! Differences of presets and of presets that somebody has edited: what is reported is so, and what is not reported is the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use tenantry::document::{Effect, Request, Snapshot};
use tenantry::policy::presets::NAMES;
use tenantry::{Directory, Policy};
use tenantry_analysis::diff::{Answered, Diff, Kind};
use tenantry_analysis::matrix::Matrix;

type Asked = (Effect, Option<String>);

fn answer(policy: &Arc<Policy>, snapshot: &Snapshot, request: &Request) -> Option<Asked> {
    let decision = Directory::new(policy.clone(), snapshot).ok()?.decide(request).ok()?;
    Some((decision.effect, decision.code))
}

fn preset(name: &str) -> Result<Policy, String> {
    Policy::preset(name).map_err(|error| error.to_string())
}

/// Every reported witness is answered as it says, and in the direction that it says.
fn witnesses_hold(diff: &Diff, before: &Arc<Policy>, after: &Arc<Policy>) -> Result<(), String> {
    for change in &diff.changes {
        let told = |answered: &Answered| Some((answered.effect, answered.code.clone()));
        let (old, new) = (told(&change.witness.before), told(&change.witness.after));
        let met = [before, after].map(|policy| answer(policy, &change.witness.snapshot, &change.witness.request));
        if met != [old.clone(), new.clone()] || old == new {
            return Err(format!("{}: expected {old:?} and {new:?}, met {met:?}", change.sentence));
        }
        let kind = match met.map(|answer| answer.map(|(effect, _)| effect)) {
            [Some(Effect::Deny), Some(Effect::Allow)] => Kind::Widen,
            [Some(Effect::Allow), Some(Effect::Deny)] => Kind::Narrow,
            _ => Kind::Code,
        };
        if kind != change.kind || change.cells.is_empty() {
            return Err(format!("{}: expected {:?}, met {kind:?}", change.sentence, change.kind));
        }
    }
    Ok(())
}

/// Every question of the old matrix that the two engines answer differently is among the changes.
fn nothing_is_missing(diff: &Diff, before: &Arc<Policy>, after: &Arc<Policy>) -> Result<usize, String> {
    let reported: BTreeSet<String> = diff
        .changes
        .iter()
        .flat_map(|change| &change.cells)
        .map(|cell| json!([cell.action, cell.scope, cell.actor, cell.target, cell.gives, cell.takes, cell.kind]).to_string())
        .collect();
    let matrix = Matrix::of(before);
    let mut asked = 0;
    for row in &matrix.rows {
        for cell in &row.cells {
            let scene = matrix.scene(row, cell.actor, &[]);
            let (snapshot, request) = (scene.snapshot(), scene.request());
            let (Some(old), Some(new)) = (answer(before, &snapshot, &request), answer(after, &snapshot, &request)) else { continue };
            asked += 1;
            let name = |party: usize| &matrix.parties[party].name;
            let key = json!([row.action, row.scope, name(cell.actor), row.target.map(name), row.gives, row.takes, row.kind]).to_string();
            if old != new && !reported.contains(&key) {
                return Err(format!("not reported: {key}: {old:?}, now {new:?}"));
            }
        }
    }
    Ok(asked)
}

fn check(before: &Policy, after: &Policy, complete: bool) -> Result<(usize, usize), String> {
    let diff = Diff::of(before, after);
    let (before, after) = (Arc::new(before.clone()), Arc::new(after.clone()));
    witnesses_hold(&diff, &before, &after)?;
    let asked = if complete { nothing_is_missing(&diff, &before, &after)? } else { 0 };
    Ok((diff.changes.len(), asked))
}

#[test]
fn presets_beside_each_other() -> Result<(), String> {
    for (before, after) in NAMES.iter().zip(NAMES.iter().cycle().skip(1)) {
        check(&preset(before)?, &preset(after)?, false).map_err(|error| format!("{before}, {after}: {error}"))?;
    }
    Ok(())
}

#[test]
fn a_preset_and_itself() -> Result<(), String> {
    for name in NAMES {
        let diff = Diff::of(&preset(name)?, &preset(name)?);
        assert!(diff.changes.is_empty() && diff.only_before == diff.only_after, "{name}");
        assert_eq!(diff.only_before.questions, 0, "{name}");
    }
    Ok(())
}

/// The policy without one of its rules, or with another role in one of them.
fn edits(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for list in ["allow", "forbid", "keep"] {
        for number in 0..document[list].as_array().map_or(0, Vec::len) {
            let mut without = document.clone();
            let removed = without[list].as_array_mut().map(|rules| rules.remove(number)).unwrap_or_default();
            found.push((format!("without {}", removed["id"]), without));
            let Some(actor) = removed["actor"]["role"].as_str().or(removed["actor"]["role"][0].as_str()) else { continue };
            let (kind, own) = actor.split_once('.').map_or((None, actor), |(kind, role)| (Some(kind), role));
            let kinds =
                document["roles"].as_object().into_iter().flatten().filter(|(name, roles)| kind.is_none_or(|kind| *name == kind) && roles.get(own).is_some());
            let Some((kind, other)) =
                kinds.flat_map(|(kind, roles)| roles.as_object().into_iter().flatten().map(move |(role, _)| (kind, role))).find(|(_, role)| *role != own)
            else {
                continue;
            };
            let mut swapped = document.clone();
            swapped[list][number]["actor"]["role"] = json!(format!("{kind}.{other}"));
            found.push((format!("{} for {kind}.{other} in place of {actor}", removed["id"]), swapped));
        }
    }
    found
}

#[test]
fn presets_that_somebody_has_edited() -> Result<(), String> {
    let (mut changes, mut asked, mut compared) = (0, 0, 0);
    for name in NAMES {
        let before = preset(name)?;
        let document: Value = serde_json::from_str(&before.to_json()).map_err(|error| error.to_string())?;
        // Every third edit: all of them take minutes where nothing is optimized.
        for (number, (told, edited)) in edits(&document).into_iter().enumerate().filter(|(number, _)| number % 3 == name.len() % 3) {
            let Ok(after) = Policy::parse(edited) else { continue };
            let found = check(&before, &after, true).map_err(|error| format!("{name}, edit {number}, {told}: {error}"))?;
            changes += found.0;
            asked += found.1;
            compared += 1;
        }
    }
    println!("{compared} edits, {changes} changes, {asked} questions asked of both");
    assert!(compared > 20 && changes > 50);
    Ok(())
}
