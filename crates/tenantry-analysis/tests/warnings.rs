//! Warnings: each is said of a policy that permits what it says, and not of the same policy once that is mended.

use serde_json::{Value, json};
use tenantry::Policy;
use tenantry::policy::presets::NAMES;
use tenantry_analysis::warn::{Warning, warnings};

type Done = Result<(), Box<dyn std::error::Error>>;

/// What is said of a preset after an edit.
fn said(preset: &str, edit: impl FnOnce(&mut Value)) -> Result<Vec<Warning>, Box<dyn std::error::Error>> {
    let mut document: Value = serde_json::from_str(&Policy::preset(preset)?.to_json())?;
    edit(&mut document);
    Ok(warnings(&Policy::parse(document)?))
}

fn codes(warnings: &[Warning]) -> Vec<&str> {
    warnings.iter().map(|warning| warning.code).collect()
}

fn without(list: &'static str, id: &'static str) -> impl Fn(&mut Value) {
    move |document| {
        if let Some(rules) = document[list].as_array_mut() {
            rules.retain(|rule| rule["id"] != id);
        }
    }
}

fn rule<'d>(document: &'d mut Value, list: &str, id: &str) -> Option<&'d mut Value> {
    document[list].as_array_mut()?.iter_mut().find(|rule| rule["id"] == id)
}

#[test]
fn nothing_is_said_of_presets_but_what_they_mean() -> Done {
    for name in NAMES.iter().filter(|name| **name != "roles-and-workspaces") {
        assert_eq!(warnings(&Policy::preset(name)?), [], "{name}");
    }
    // A product without a minimum of Super Admins, where managers hand out more than they have: both stand in the preset as what can be changed.
    let said = warnings(&Policy::preset("roles-and-workspaces")?);
    let places: Vec<(&str, &str)> = said.iter().map(|warning| (warning.code, warning.path.as_str())).collect();
    assert_eq!(places, [("self_promotion", "allow[managers-invite-and-assign]"), ("top_role_not_kept", "roles.organization.super_admin")]);
    Ok(())
}

#[test]
fn a_preset_is_mended_as_it_says() -> Done {
    let mended = said("roles-and-workspaces", |document| {
        document["keep"].as_array_mut().into_iter().for_each(|keeps| {
            keeps.push(json!({ "id": "last-super-admin", "count": { "has_role": "organization.super_admin" }, "at_least": 1 }));
        });
        if let Some(rule) = rule(document, "allow", "managers-invite-and-assign") {
            rule["grants"]["permissions"] = json!("subset");
        }
    })?;
    assert_eq!(mended, []);
    Ok(())
}

#[test]
fn who_may_make_themselves_more() -> Done {
    let open = |document: &mut Value| {
        if let Some(rule) = rule(document, "allow", "admins-manage-those-below") {
            rule["target"] = json!(null);
            rule["grants"] = json!({ "role": "*" });
            rule["revokes"] = json!({ "role": "*" });
        }
        remove_nulls(document);
    };
    // The forbid about oneself stands in the way, until it is gone.
    assert_eq!(said("starter", open)?, []);
    let found = said("starter", |document| {
        open(document);
        without("forbid", "no-self-modification")(document);
    })?;
    assert_eq!(codes(&found), ["self_promotion"]);
    assert_eq!(found[0].path, "allow[admins-manage-those-below]");
    assert!(found[0].message.starts_with("whoever is \"Admin\" may give themselves the role \"Owner\": "), "{}", found[0].message);
    let limited = said("starter", |document| {
        open(document);
        without("forbid", "no-self-modification")(document);
        if let Some(rule) = rule(document, "allow", "admins-manage-those-below") {
            rule["grants"] = json!({ "rank": "at_most" });
        }
    })?;
    assert_eq!(limited, []);
    Ok(())
}

#[test]
fn a_way_down_for_oneself_is_none_up() -> Done {
    // Admins of Loupe Factory may change their own role, which is the highest.
    assert_eq!(said("loupe-factory", |_| {})?, []);
    // Admins of a workspace of GrowthFactor give themselves a role in the workspaces below, where they are admins already.
    assert_eq!(said("growthfactor", without("forbid", "join-first"))?, []);
    Ok(())
}

#[test]
fn a_group_is_a_way_to_a_role() -> Done {
    let policy = |forbid: Value| {
        let document = json!({
            "tenantry": 1, "name": "groups",
            "roles": { "organization": { "owner": { "rank": 2 }, "member": { "rank": 1 } } },
            "allow": [{ "id": "join", "actions": ["group.add"], "actor": { "role": "member" }, "grants": { "role": "*" } }],
            "forbid": forbid,
        });
        Ok::<_, tenantry::Error>(warnings(&Policy::parse(document)?))
    };
    let found = policy(json!([]))?;
    assert_eq!(codes(&found), ["self_promotion"]);
    assert!(found[0].message.contains("\"Member\" may give themselves the role \"Owner\", by joining a group that has it"), "{}", found[0].message);
    assert_eq!(policy(json!([{ "id": "not-yourself", "changes": ["give", "take", "status"], "target": { "is_actor": true } }]))?, []);
    Ok(())
}

#[test]
fn permissions_are_the_measure_of_custom_roles() -> Done {
    let policy = |grants: Value| {
        let document = json!({
            "tenantry": 1, "name": "custom", "actions": { "bill.pay": {}, "team.open": {} },
            "permissions": { "billing": ["bill.pay"], "team": ["team.open"] },
            "custom_roles": { "on": ["organization"] },
            "roles": { "organization": { "reader": { "rank": 1, "permissions": ["team"] } } },
            "allow": [{ "id": "assign", "actions": ["member.set_roles"], "actor": { "permission": "team" }, "grants": grants }],
        });
        Ok::<_, tenantry::Error>(warnings(&Policy::parse(document)?))
    };
    assert_eq!(codes(&policy(json!({ "role": "*" }))?), ["self_promotion"]);
    assert_eq!(policy(json!({ "permissions": "subset" }))?, []);
    Ok(())
}

#[test]
fn the_top_role_can_be_lost() -> Done {
    for (preset, keep, path, deed) in [
        ("starter", "last-owner", "roles.organization.owner", "its last holder may leave, and only the system `support` can make another"),
        ("growthfactor", "last-organization-admin", "roles.organization.admin", "its last holder may deactivate themselves, and only the system `support`"),
        ("loupe-factory", "last-admin", "roles.organization.admin", "its last holder may give it up, and nobody can make another"),
    ] {
        let found = said(preset, without("keep", keep))?;
        assert_eq!(found.iter().map(|warning| (warning.code, warning.path.as_str())).collect::<Vec<_>>(), [("top_role_not_kept", path)], "{preset}");
        assert!(found[0].message.contains(deed), "{}", found[0].message);
        assert!(found[0].suggestion.contains(&format!("has_role = \"{}\"", path.trim_start_matches("roles."))));
    }
    Ok(())
}

#[test]
fn what_cannot_be_lost_needs_no_keep() -> Done {
    // Nobody may change their own standing, and nobody else may touch the last owner.
    assert_eq!(said("inveterate", without("keep", "last-owner"))?, []);
    assert_eq!(said("ai-loop", without("keep", "last-admin"))?, []);
    // A keep that counts somebody else beside the top role does not keep it.
    let found = said("starter", |document| {
        if let Some(keep) = rule(document, "keep", "last-owner") {
            keep["count"]["has_role"] = json!(["organization.owner", "organization.admin"]);
        }
    })?;
    assert_eq!(codes(&found), ["top_role_not_kept"]);
    // What others can give is not lost.
    let given = said("starter", |document| {
        without("keep", "last-owner")(document);
        if let Some(rule) = rule(document, "allow", "admins-manage-those-below") {
            rule["grants"] = json!({ "role": "*" });
        }
    })?;
    assert!(!codes(&given).contains(&"top_role_not_kept"), "{given:?}");
    Ok(())
}

#[test]
fn who_may_invite_higher_than_promote() -> Done {
    let found = said("starter", |document| {
        if let Some(rule) = rule(document, "allow", "admins-invite") {
            rule["grants"] = json!({ "role": "*" });
        }
    })?;
    assert_eq!(codes(&found), ["weaker_invitation"]);
    assert_eq!(found[0].path, "allow[admins-invite]");
    assert!(
        found[0].message.starts_with("whoever is \"Admin\" may invite somebody as \"Owner\", by `admins-invite`, and may not give"),
        "{}",
        found[0].message
    );
    // A service is never above its owner, whatever it is added as.
    let services = said("starter", |document| {
        if let Some(rule) = rule(document, "allow", "admins-add-services") {
            rule["grants"] = json!({ "role": "*" });
        }
    })?;
    assert_eq!(services, []);
    let policy = |grants: Value| {
        let document = json!({
            "tenantry": 1, "name": "invitations",
            "roles": { "organization": { "owner": { "rank": 2 }, "member": { "rank": 1 } } },
            "allow": [{ "id": "invite", "actions": ["invitation.create"], "grants": grants }],
        });
        Ok::<_, tenantry::Error>(warnings(&Policy::parse(document)?))
    };
    let higher = policy(json!({ "role": "*" }))?;
    assert!(codes(&higher) == ["weaker_invitation"] && higher[0].message.contains("\"Member\" may invite somebody as \"Owner\""), "{higher:?}");
    assert_eq!(policy(json!({ "rank": "at_most" }))?, []);
    assert_eq!(policy(json!({ "role": "member" }))?, []);
    Ok(())
}

#[test]
fn offers_that_outlive_the_right_to_make_them() -> Done {
    let kept = |document: &mut Value| document["invitations"]["recheck_inviter"] = json!(false);
    let found = said("starter", kept)?;
    assert_eq!(found.iter().map(|warning| (warning.code, warning.path.as_str())).collect::<Vec<_>>(), [("offer_not_rechecked", "invitations.recheck_inviter")]);
    assert!(found[0].message.contains("become \"Owner\""), "{}", found[0].message);
    // Whoever approves judges; and who is invited as a member alone changes nobody.
    assert_eq!(said("ai-loop", kept)?, []);
    assert_eq!(said("inveterate", kept)?, []);
    Ok(())
}

/// A block that is `null` is none.
fn remove_nulls(document: &mut Value) {
    for rule in document["allow"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        rule.retain(|_, block| !block.is_null());
    }
}
