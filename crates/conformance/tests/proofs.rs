//! Proofs are right: certificates hold by the slow reference, and broken ones are refused.

use tenantry::Policy;
use tenantry_analysis::prove::prove;
use tenantry_conformance::proof::check;

type Done = Result<(), Box<dyn std::error::Error>>;

/// Presets, with the share of the pairs of people that is checked: all of them, or every so many.
const PRESETS: &[(&str, usize)] =
    &[("ai-loop", 1), ("inveterate", 1), ("loupe-factory", 1), ("starter", 1), ("growthfactor", 5), ("roles-and-workspaces", 40_009)];

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

/// A policy in which what a group holds already says what it can be given.
fn of_groups() -> Result<Policy, tenantry::Error> {
    Policy::parse(serde_json::json!({
        "tenantry": 1, "name": "groups",
        "scopes": { "organization": { "roles": "one" } },
        "roles": { "organization": { "high": { "rank": 2 }, "low": { "rank": 1 } } },
        "allow": [
            { "id": "more", "actions": "group.grant", "actor": { "role": "low" }, "target": { "role": "low" }, "grants": { "role": "high" } },
            { "id": "into", "actions": "group.add", "actor": { "role": "high" }, "target": { "is_actor": false }, "grants": { "role": "*" } },
            { "id": "out", "actions": ["group.remove", "group.revoke", "group.delete"], "actor": { "role": "high" }, "revokes": { "role": "high" } },
        ],
        "forbid": [{ "id": "two", "changes": "give", "target": { "has_role": "high" } }],
    }))
}

/// A policy in which it matters how roles of the tenant's own are held, and that there are some which permit nothing.
fn of_customs() -> Result<Policy, tenantry::Error> {
    Policy::parse(serde_json::json!({
        "tenantry": 1, "name": "customs",
        "scopes": { "workspace": { "roles": "one" } },
        "roles": { "workspace": { "lead": { "rank": 2 }, "hand": { "rank": 1 } } },
        "custom_roles": { "on": "workspace" },
        "permissions": { "hire": ["people.hire"] },
        "actions": { "people.hire": {} },
        "allow": [
            { "id": "pass-on", "actions": "member.set_roles", "actor": { "permission": "hire" }, "grants": { "held": true }, "revokes": { "role": "*" } },
            { "id": "promote", "actions": "member.set_roles", "actor": { "role": "hand" }, "target": { "direct_role": "*", "has_role": "hand" }, "grants": { "role": "lead" }, "revokes": { "role": "*" } },
            { "id": "teams", "actions": ["group.grant", "group.remove"], "actor": { "role": "lead" }, "grants": { "not_role": "lead" } },
            { "id": "roles", "actions": ["role.update", "role.delete"], "actor": { "has_role": "*" }, "target": { "direct_role": "*", "not_role": "hand" }, "grants": { "role": "*" } },
        ],
        "forbid": [{ "id": "mere-hands", "changes": "give", "target": { "role": ["hand", "lead"] } }],
    }))
}

/// A certificate holds, and without any coalition of it does not.
fn each_coalition_is_needed(policy: &Policy) -> Done {
    let whole = prove(policy.clone())?.certificate;
    println!("{}: {:?}", policy.name(), check(policy, &whole, 1)?);
    for goal in 0..whole.goals.len() {
        for coalition in 0..whole.goals[goal].coalitions.len() {
            let mut broken = whole.clone();
            broken.goals[goal].coalitions.remove(coalition);
            assert!(check(policy, &broken, 1).is_err(), "goal {goal} without coalition {coalition}");
        }
    }
    Ok(())
}

#[test]
fn groups_that_hold_several_roles_are_checked() -> Done {
    each_coalition_is_needed(&of_groups()?)
}

/// With a share of the pairs: all of them take minutes.
#[test]
fn roles_of_the_tenant_s_own_are_checked_however_they_are_held() -> Done {
    let policy = of_customs()?;
    let whole = prove(policy.clone())?.certificate;
    println!("{}: {:?}", policy.name(), check(&policy, &whole, 7)?);
    for goal in 0..whole.goals.len() {
        let mut broken = whole.clone();
        broken.goals[goal].coalitions.clear();
        assert!(check(&policy, &broken, 7).is_err(), "goal {goal} without coalitions");
    }
    Ok(())
}
