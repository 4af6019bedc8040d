//! What proofs find in policies that are made to have it.

use serde_json::{Value, json};
use tenantry::{Directory, Policy};
use tenantry_analysis::prove::{Asset, Attack, Claim, NotAClaim, Proof, Verdict, prove};

type Done<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// A policy with three ranks and these rules.
fn proof_of(rules: Value) -> Done<(Policy, Proof)> {
    let mut document = json!({
        "tenantry": 1, "name": "made-up",
        "scopes": { "organization": { "roles": "one" } },
        "roles": { "organization": { "owner": { "rank": 3 }, "admin": { "rank": 2 }, "member": { "rank": 1, "default": true } } },
    });
    for (list, rules) in rules.as_object().into_iter().flatten() {
        document[list] = rules.clone();
    }
    let policy = Policy::parse(document)?;
    let proof = prove(policy.clone())?;
    Ok((policy, proof))
}

/// Plays an attack and says whether each request is allowed.
fn goes_through(policy: &Policy, attack: &Attack) -> Done<bool> {
    let mut directory = Directory::new(policy.clone(), &attack.snapshot)?;
    for request in &attack.requests {
        let decision = directory.decide(request)?;
        if !decision.is_allowed() {
            return Ok(false);
        }
        directory.apply(&decision, request.now)?;
    }
    Ok(true)
}

fn judge(proof: &Proof, claim: &str) -> Done<Verdict> {
    Ok(proof.judge(&claim.parse::<Claim>()?)?.verdict)
}

#[test]
fn an_admin_who_invites_owners_is_found() -> Done {
    let rules = json!({ "allow": [
        { "id": "owners", "actions": "member.set_roles", "actor": { "role": "owner" }, "grants": { "role": "*" }, "revokes": { "role": "*" } },
        { "id": "invite", "actions": "invitation.create", "actor": { "role": ["owner", "admin"] }, "grants": { "role": "*" } },
    ] });
    let (policy, proof) = proof_of(rules)?;
    let judged = proof.judge(&"admin never owner".parse()?)?;
    assert_eq!(judged.verdict, Verdict::Attack);
    let attack = judged.attack.ok_or("an attack without steps")?;
    assert_eq!(attack.requests.len(), 2, "{:?}", attack.told());
    assert!(goes_through(&policy, &attack)?);
    assert_eq!(judge(&proof, "member never admin")?, Verdict::Proved);
    assert_eq!(judge(&proof, "nobody never member")?, Verdict::Proved);
    // The same door is weaker than the other.
    assert!(proof.weaker_doors.iter().any(|door| (door.weaker.as_str(), door.stronger.as_str()) == ("invitation.create", "member.set_roles")));
    Ok(())
}

#[test]
fn two_together_can_what_neither_can_alone() -> Done {
    // An admin makes members admins; an owner makes admins owners, but nobody else.
    let rules = json!({ "allow": [
        { "id": "up", "actions": "member.set_roles", "actor": { "role": "admin" }, "target": { "role": "member" }, "grants": { "role": "admin" }, "revokes": { "role": "member" } },
        { "id": "top", "actions": "member.set_roles", "actor": { "role": "owner" }, "target": { "role": "admin" }, "grants": { "role": "owner" }, "revokes": { "role": "admin" } },
        { "id": "add", "actions": "member.add", "actor": { "role": "member" }, "grants": { "role": "member" } },
    ] });
    let (_, proof) = proof_of(rules)?;
    assert_eq!(judge(&proof, "admin, member never owner")?, Verdict::Proved);
    assert_eq!(judge(&proof, "owner never admin")?, Verdict::Proved);
    assert_eq!(judge(&proof, "owner never owner")?, Verdict::Attack, "an admin who takes no part is there to be promoted");
    Ok(())
}

#[test]
fn a_detour_round_a_self_rule_is_found() -> Done {
    // Nobody promotes themselves, but an admin makes an account of its own an admin, which promotes back.
    let rules = json!({
        "allow": [
            { "id": "anything", "actions": ["member.set_roles", "member.add"], "actor": { "role": "admin" }, "grants": { "role": "*" }, "revokes": { "role": "*" } },
        ],
        "forbid": [{ "id": "not-oneself", "changes": ["give", "take"], "target": { "is_actor": true }, "code": "self_modification" }],
    });
    let (policy, proof) = proof_of(rules)?;
    let detour = proof.detours.iter().find(|detour| detour.target.is_none() && detour.after.roles["acme"] == ["owner"]).ok_or("no detour")?;
    assert_eq!(detour.code, "self_modification");
    assert_eq!(detour.attack.requests.len(), 2, "{:?}", detour.attack.told());
    assert!(goes_through(&policy, &detour.attack)?);
    Ok(())
}

#[test]
fn a_lockout_is_shown_and_a_keep_prevents_it() -> Done {
    let rule = json!([
        { "id": "leave", "actions": "member.leave" },
        { "id": "owners", "actions": "member.set_roles", "actor": { "role": "owner" }, "grants": { "role": "*" }, "revokes": { "role": "*" } },
    ]);
    let (policy, proof) = proof_of(json!({ "allow": rule }))?;
    let judged = proof.judge(&"always owner".parse()?)?;
    assert_eq!(judged.verdict, Verdict::Attack);
    assert!(goes_through(&policy, &judged.attack.ok_or("an attack without steps")?)?);
    let keep = json!([{ "id": "last-owner", "count": { "has_role": "owner" }, "at_least": 1 }]);
    let (_, proof) = proof_of(json!({ "allow": rule, "keep": keep }))?;
    assert_eq!(judge(&proof, "always owner")?, Verdict::Proved);
    let promote = proof.lockout.iter().find(|answer| answer.asset == Asset::Verb("member.set_roles".to_owned())).ok_or("no answer")?;
    assert_eq!((promote.verdict, promote.keep.as_deref()), (Verdict::Proved, Some("last-owner")));
    Ok(())
}

#[test]
fn a_keep_with_a_way_out_proves_nothing() -> Done {
    let rules = json!({
        "attributes": { "context": ["closing"] },
        "allow": [{ "id": "leave", "actions": "member.leave" }],
        "keep": [{ "id": "last-owner", "count": { "has_role": "owner" }, "at_least": 1, "unless": { "context": { "closing": true } } }],
    });
    let (_, proof) = proof_of(rules)?;
    assert_ne!(judge(&proof, "always owner")?, Verdict::Proved);
    Ok(())
}

#[test]
fn claims_name_roles_of_the_policy() -> Done {
    let (_, proof) = proof_of(json!({}))?;
    let fault = proof.judge(&"member never onwer".parse()?).err();
    assert!(matches!(fault, Some(NotAClaim::Role { name, .. }) if name == "onwer"));
    Ok(())
}

#[test]
fn two_roles_are_kept_apart_by_a_keep_or_by_nothing() -> Done {
    let apart = |document: Value| -> Done<Verdict> {
        let policy = Policy::parse(document)?;
        let proof = prove(policy.clone())?;
        let judged = proof.judge(&"never payer and signer".parse()?)?;
        if let Some(attack) = &judged.attack {
            assert!(goes_through(&policy, attack)?);
        }
        Ok(judged.verdict)
    };
    let mut document = json!({
        "tenantry": 1, "name": "made-up",
        "roles": { "organization": { "owner": { "rank": 2 }, "payer": {}, "signer": {} } },
        "allow": [{ "id": "owners", "actions": ["member.set_roles", "group.add", "group.grant"], "actor": { "role": "owner" }, "grants": { "role": "*" }, "revokes": { "role": "*" } }],
        "keep": [{ "id": "who-pays-does-not-sign", "exclusive": ["payer", "signer"] }],
    });
    assert_eq!(apart(document.clone())?, Verdict::Proved);
    document["keep"][0]["unless"] = json!({ "actor": { "role": "owner" } });
    assert_eq!(apart(document.clone())?, Verdict::Attack, "who may not hold to the keep gets round it");
    document["keep"] = json!([]);
    assert_eq!(apart(document.clone())?, Verdict::Attack);
    document["allow"][0]["actions"] = json!("member.set_roles");
    document["scopes"] = json!({ "organization": { "roles": "one" } });
    assert_eq!(apart(document.clone())?, Verdict::Proved, "one role each");
    Ok(())
}

#[test]
fn what_ends_in_time_opens_a_door() -> Done {
    // Admins make owners, unless they are auditors; who is both waits for the audit to end.
    let document = json!({
        "tenantry": 1, "name": "made-up",
        "roles": { "organization": { "owner": { "rank": 3 }, "admin": { "rank": 2 }, "auditor": { "rank": 1 } } },
        "allow": [{ "id": "admins", "actions": "member.set_roles", "actor": { "role": "admin" }, "grants": { "role": "owner" } }],
        "forbid": [{ "id": "no-auditors", "actions": "member.set_roles", "actor": { "role": "auditor" } }],
    });
    let policy = Policy::parse(document)?;
    let proof = prove(policy.clone())?;
    let both = |one: &tenantry_analysis::prove::Coalition| one.people.iter().any(|person| person.roles.values().any(|held| held.len() == 2));
    let owner = proof.escalation.iter().find(|answer| answer.role.role == "owner").ok_or("no owner")?;
    assert_eq!(owner.coalitions.len(), 1, "an admin can, and whoever is an auditor too is no smaller coalition");
    assert!(!owner.coalitions.iter().any(both));
    // The certificate lists them all the same: it would not be closed otherwise.
    let goal = proof.certificate.goals.first().ok_or("no goal")?;
    assert!(goal.coalitions.iter().any(|people| proof.certificate.people[usize::from(people[0])].held.count_ones() == 2));
    Ok(())
}

#[test]
fn what_a_group_holds_opens_it_for_more() -> Done {
    // A group that holds nothing is given nothing; one that holds a role is given a higher one, by a member of it too.
    let rules = json!({ "allow": [
        { "id": "more", "actions": "group.grant", "actor": { "role": "member" }, "target": { "role": "member" }, "grants": { "role": "admin" } },
    ] });
    let (policy, proof) = proof_of(rules)?;
    let judged = proof.judge(&"member never admin".parse()?)?;
    assert_eq!(judged.verdict, Verdict::Attack);
    assert!(goes_through(&policy, &judged.attack.ok_or("an attack without steps")?)?);
    assert_eq!(judge(&proof, "admin never admin")?, Verdict::Proved);
    Ok(())
}

#[test]
fn a_group_brings_several_roles_at_once() -> Done {
    // Whoever holds something already is put into no group, so that only one group with both brings both.
    let rules = json!({
        "allow": [{ "id": "into", "actions": "group.add", "actor": { "role": "owner" }, "grants": { "role": ["admin", "member"] } }],
        "forbid": [{ "id": "once", "actions": "group.add", "target": { "has_role": "*" } }],
    });
    let (policy, proof) = proof_of(rules)?;
    let judged = proof.judge(&"never admin and member".parse()?)?;
    assert_eq!(judged.verdict, Verdict::Attack);
    assert!(goes_through(&policy, &judged.attack.ok_or("an attack without steps")?)?);
    Ok(())
}

#[test]
fn a_group_of_one_s_own_counts_as_oneself() -> Done {
    // Who gives roles to groups gives them to groups of its own only; what each of the others there may get, another rule says.
    let both = |target: Value| {
        json!({ "allow": [
            { "id": "own", "actions": "group.grant", "actor": { "role": "admin" }, "target": { "is_actor": true }, "grants": { "role": "owner" } },
            { "id": "others", "actions": "group.grant", "actor": { "role": "admin" }, "target": target, "grants": { "role": "owner" } },
        ] })
    };
    let (policy, proof) = proof_of(both(json!({ "role": "member", "is_actor": false })))?;
    let answer = proof.escalation.iter().find(|answer| answer.role.role == "owner").ok_or("no answer")?;
    let attack = answer.coalitions.iter().find_map(|one| one.attack.as_ref()).ok_or("no attack")?;
    assert!(goes_through(&policy, attack)?);
    assert_eq!(judge(&proof, "member never owner")?, Verdict::Proved);
    Ok(())
}
