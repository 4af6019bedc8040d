//! Matrices beside the slow reference: each cell's question is built here anew, from what the matrix says of it, and the
//! reference answers it. All cells of the presets, and of random policies as many as `TENANTRY_ROUNDS` asks for.

mod build;

use serde_json::{Value, json};
use tenantry::document::{Request, Snapshot};
use tenantry::policy::presets::NAMES;
use tenantry::{Directory, Policy};
use tenantry_analysis::matrix::{Matrix, Setting};
use tenantry_conformance::generate::{Dice, Made, sequence};
use tenantry_conformance::reference::Reference;

/// How often which sort of answer was compared.
#[derive(Debug, Default)]
struct Tally {
    cells: usize,
    asked: usize,
    allowed: usize,
    depending: usize,
    kept: usize,
}

/// Whether one of the conditions holds under these facts.
fn fits(when: &Value, facts: &[(String, Setting)]) -> bool {
    let said = |name: &str| facts.iter().find(|(other, _)| other == name).map(|(_, setting)| json!(setting)).unwrap_or_default();
    let holds = |condition: &Value| {
        condition.as_object().into_iter().flatten().all(|(name, values)| values.as_array().is_some_and(|values| values.contains(&said(name))))
    };
    when.as_array().into_iter().flatten().any(holds)
}

/// Compares one cell under some facts with the reference.
fn compare(policy: &Policy, document: &Value, row: &Value, cell: &Value, facts: &[(String, Setting)], neutral: bool, tally: &mut Tally) -> Result<(), String> {
    let scene = build::Scene { matrix: document, row, actor: cell["actor"].as_str().unwrap_or_default(), facts, policy };
    let (snapshot, request) = (scene.snapshot(), scene.request());
    let context = || format!("{row:.0}\n  cell {cell}\n  facts {facts:?}\n  snapshot {snapshot}\n  request {request}", row = brief(row));
    let state = Snapshot::from_json(&snapshot.to_string()).map_err(|error| format!("{error}: {}", context()))?;
    let request = Request::from_json(&request.to_string()).map_err(|error| format!("{error}: {}", context()))?;
    // The engine's print has the policy's order of roles.
    let directory = Directory::new(policy.clone(), &state).map_err(|error| format!("{error}: {}", context()))?;
    let decision = Reference::new(policy, &directory.snapshot()).decide(&request).map_err(|error| format!("{error}: {}", context()))?;
    tally.asked += 1;
    let permitted = cell["verdict"] == "allowed" || fits(&cell["when"], facts);
    let kept = cell["keeps_alone"].as_array().is_some_and(|keeps| !keeps.is_empty());
    if permitted && kept {
        tally.kept += 1;
        let named = decision.rules.iter().any(|rule| cell["keeps_alone"].as_array().is_some_and(|keeps| keeps.contains(&json!(rule))));
        // Of several combinations of facts only some may move the count.
        let as_told = named || (decision.is_allowed() && !facts.is_empty());
        return if as_told { Ok(()) } else { Err(format!("expected a keep to deny, met {:?}: {}", decision.code, context())) };
    }
    if decision.is_allowed() != permitted {
        return Err(format!("expected allowed {permitted}, met {:?} {:?}: {}", decision.code, decision.rules, context()));
    }
    tally.allowed += usize::from(permitted);
    if !permitted && neutral && decision.code.as_deref() != cell["code"].as_str() {
        return Err(format!("expected {}, met {:?}: {}", cell["code"], decision.code, context()));
    }
    if permitted && neutral && cell["allowed_by"] != Value::Null && json!(decision.rules) != cell["allowed_by"] {
        return Err(format!("expected rules {}, met {:?}: {}", cell["allowed_by"], decision.rules, context()));
    }
    Ok(())
}

fn brief(row: &Value) -> Value {
    let mut row = row.clone();
    row.as_object_mut().map(|fields| fields.remove("cells"));
    row
}

/// Compares a matrix: every cell where nothing is said, and a few more combinations of facts.
fn check(policy: &Policy, dice: &mut Dice, percent: usize, tally: &mut Tally) -> Vec<String> {
    let matrix = Matrix::of(policy);
    let document = serde_json::to_value(&matrix).unwrap_or_default();
    let mut faults: Vec<String> = matrix.unanswered.iter().map(|unanswered| format!("{}: {}", unanswered.action, unanswered.error)).collect();
    for (number, row) in document["rows"].as_array().into_iter().flatten().enumerate() {
        for (column, cell) in row["cells"].as_array().into_iter().flatten().enumerate() {
            if !dice.chance(percent) {
                continue;
            }
            let domains = matrix.facts(number, column);
            tally.cells += 1;
            tally.depending += usize::from(cell["verdict"] == "depends");
            for round in 0..if domains.is_empty() { 1 } else { 4 } {
                let value = |values: &Vec<Setting>, dice: &mut Dice| values[if round == 0 { 0 } else { dice.below(values.len()) }].clone();
                let facts: Vec<(String, Setting)> = domains.iter().map(|(name, values)| (name.clone(), value(values, dice))).collect();
                let said = facts.iter().zip(domains).filter(|((_, setting), (_, values))| *setting != values[0]).count();
                // Where not all combinations were tried, those that say a lot were not.
                if cell["cut"] == true && said > 1 {
                    continue;
                }
                faults.extend(compare(policy, &document, row, cell, &facts, round == 0, tally).err());
            }
        }
    }
    faults
}

#[test]
fn every_cell_of_the_presets_is_what_the_reference_says() -> Result<(), tenantry::Error> {
    let mut dice = Dice::new(7);
    for name in NAMES {
        let policy = Policy::preset(name)?;
        let mut tally = Tally::default();
        let faults = check(&policy, &mut dice, 100, &mut tally);
        println!("{name}: {tally:?}");
        assert!(faults.is_empty(), "{name}: {} faults, the first\n{}", faults.len(), faults[0]);
    }
    Ok(())
}

#[test]
fn cells_of_random_policies_are_what_the_reference_says() {
    let rounds: u64 = std::env::var("TENANTRY_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(30);
    let mut tally = Tally::default();
    let mut policies = 0;
    for seed in 0..rounds {
        let Made::Sequence(made) = sequence(seed) else { continue };
        let Ok(policy) = Policy::parse(made.policy.clone()) else { continue };
        policies += 1;
        let faults = check(&policy, &mut Dice::new(seed), 5, &mut tally);
        assert!(faults.is_empty(), "seed {seed}: {} faults, the first\n{}\npolicy {}", faults.len(), faults[0], made.policy);
    }
    println!("{policies} policies: {tally:?}");
    assert!(tally.allowed * 20 > tally.asked && tally.kept > 0 && tally.depending > 0, "{tally:?}");
}

#[test]
fn what_has_no_rows_is_permitted_to_nobody() -> Result<(), tenantry::Error> {
    for name in NAMES {
        let policy = Policy::preset(name)?;
        let matrix = Matrix::of(&policy);
        let document: Value = serde_json::from_str(&policy.to_json()).unwrap_or_default();
        let listed = matrix.rows.iter().map(|row| &row.action).chain(&matrix.nobody);
        let all: Vec<&String> = policy.actions().iter().map(|action| &action.name).collect();
        assert!(listed.clone().all(|action| all.contains(&action)));
        let allows = document["allow"].to_string();
        assert!(matrix.nobody.iter().all(|action| !allows.contains(&format!("\"{action}\""))), "{name}");
    }
    Ok(())
}
