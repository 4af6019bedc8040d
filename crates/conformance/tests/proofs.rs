//! Proofs are right: certificates hold by the slow reference, and broken ones are refused.

use tenantry::Policy;
use tenantry_analysis::prove::prove;
use tenantry_conformance::proof::check;

type Done = Result<(), Box<dyn std::error::Error>>;

/// Presets, with the share of the pairs of people that is checked: all of them, or every so many.
const PRESETS: &[(&str, usize)] =
    &[("ai-loop", 1), ("inveterate", 1), ("loupe-factory", 1), ("starter", 1), ("growthfactor", 5), ("roles-and-workspaces", 199)];

#[test]
fn nobody_else_can_in_the_presets() -> Done {
    for &(name, nth) in PRESETS {
        let policy = Policy::preset(name)?;
        let proof = prove(policy.clone())?;
        let checked = check(&policy, &proof.certificate, nth).map_err(|fault| format!("{name}: {fault}"))?;
        println!("{name}: {checked:?}");
        assert!(checked.steps > 0, "{name}");
    }
    Ok(())
}

#[test]
fn what_a_certificate_leaves_out_is_found() -> Done {
    let policy = Policy::preset("inveterate")?;
    let whole = prove(policy.clone())?.certificate;
    for role in 0..whole.goals.len() {
        for coalition in 0..whole.goals[role].coalitions.len() {
            let mut broken = whole.clone();
            broken.goals[role].coalitions.remove(coalition);
            assert!(check(&policy, &broken, 1).is_err(), "role {role} without coalition {coalition}");
        }
    }
    let mut fewer = whole.clone();
    fewer.people.pop();
    assert!(check(&policy, &fewer, 1).is_err());
    Ok(())
}
