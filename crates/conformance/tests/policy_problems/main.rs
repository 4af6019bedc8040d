//! A faulty policy is refused with every problem at once: where, what sort, and the nearest name. Each sort of problem that
//! the compiler knows stands in a table here; each fragment is laid over a sound policy, so that it is all that is wrong.

mod tables;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry::bounds::{self, Bound};
use tenantry::{Error, Policy, Problem};

use tables::{ALL, SORTS, SOUND};

/// The problems of a policy that is laid over another one.
fn problems(base: &str, text: &str) -> Result<Vec<Problem>, toml::de::Error> {
    let mut document: Value = toml::from_str(text)?;
    let base: Value = toml::from_str(base)?;
    if base != json!({}) {
        document["extends"] = json!("sound");
    }
    let find = |name: &str| (name == "sound").then(|| base.clone());
    Ok(Policy::parse_with(document, &find).err().as_ref().map_or_else(Vec::new, |error| error.problems().to_vec()))
}

fn brief(problem: &Problem) -> (&str, &str, &str) {
    (&problem.path, problem.code, problem.nearest.as_deref().unwrap_or_default())
}

#[test]
fn the_sound_policy_has_none() -> Result<(), toml::de::Error> {
    assert_eq!(problems("", SOUND)?, []);
    assert_eq!(problems(SOUND, "")?, []);
    Ok(())
}

#[test]
fn each_mistake_is_one_problem_at_its_place() -> Result<(), toml::de::Error> {
    let mut wrong = Vec::new();
    for &(base, head, rows) in ALL {
        for &(fragment, path, code, nearest) in rows {
            let met = problems(base, &format!("{head}{fragment}"))?;
            let met: Vec<_> = met.iter().map(brief).collect();
            if met != [(path, code, nearest)] {
                wrong.push(format!("{head}{fragment}\n    expected {:?}\n    met      {met:?}", (path, code, nearest)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn every_sort_is_seen() {
    let seen: BTreeSet<&str> = ALL.iter().flat_map(|(.., rows)| *rows).map(|(_, _, code, _)| *code).chain(["out_of_bounds"]).collect();
    assert_eq!(seen, SORTS.iter().copied().collect());
}

/// Every faulty rule of the tables in one policy.
#[test]
fn the_problems_of_all_rules_are_reported_together() -> Result<(), toml::de::Error> {
    let (mut text, mut expected) = (String::new(), BTreeSet::new());
    for &(_, head, rows) in ALL.iter().filter(|(_, head, _)| !head.is_empty()) {
        for &(fragment, path, code, nearest) in rows {
            let section = path.split('[').next().unwrap_or_default();
            let number = text.matches(&format!("[[{section}]]")).count();
            text += &head.replace("'rule'", &format!("'{section}-{number}'"));
            text += fragment;
            text += "\n";
            expected.insert((path.replacen("[0]", &format!("[{number}]"), 1), code, nearest));
        }
    }
    let met = problems(SOUND, &text)?;
    let seen: BTreeSet<_> = met.iter().map(brief).map(|(path, code, nearest)| (path.to_owned(), code, nearest)).collect();
    assert_eq!(seen, expected);
    assert_eq!(met.len(), expected.len(), "each once");
    Ok(())
}

const FAULTY: &str = r#"
tenantry = 3
name = "Faulty"
systems = ["scim", "scim"]
extends = "startr"
colour = "red"
[scopes.organization]
under = "team"
[scopes.team]
creator = "bos"
roles = "once"
[roles.organization]
onwer = { rank = "high" }
[roles.team]
boss = { permissions = "people" }
[custom_roles]
[invitations]
expires_after = "soon"
[actions]
"read" = {}
[[allow]]
id = "managers"
actions = ["member.remove", "member.lst"]
actor = { role = "owner", rank = "below" }
[[forbid]]
id = "managers"
[[keep]]
count = { has_role = "boss" }
at_least = { scope = "minimum" }
"#;

#[test]
fn a_policy_full_of_mistakes_hears_of_all_of_them() {
    let error = Policy::parse_toml(FAULTY).err();
    let met: Vec<_> = error.iter().flat_map(Error::problems).map(brief).collect();
    let expected = [
        ("extends", "unknown_name", "starter"),
        ("colour", "unknown_field", ""),
        ("scopes.team.roles", "unknown_name", "one"),
        ("roles.organization.onwer.rank", "wrong_type", ""),
        ("tenantry", "unsupported_version", ""),
        ("name", "bad_name", ""),
        ("systems[1]", "duplicate", ""),
        ("actions.read", "bad_name", ""),
        ("roles.team.boss.permissions", "unknown_name", ""),
        ("custom_roles.on", "missing", ""),
        ("scopes.organization.under", "contradiction", ""),
        ("scopes.team.creator", "unknown_name", "boss"),
        ("invitations.expires_after", "wrong_type", ""),
        ("forbid[0].id", "duplicate", ""),
        ("keep[0].id", "missing", ""),
        ("allow[0].actions", "unknown_name", "member.list"),
        ("allow[0].actor.rank", "contradiction", ""),
        ("allow[0].actor.role", "unknown_name", "onwer"),
        ("forbid[0].actions", "missing", ""),
        ("keep[0].at_least", "unknown_name", ""),
    ];
    assert_eq!(met, expected);
    let text = error.map(|error| error.to_string()).unwrap_or_default();
    assert!(text.starts_with("the policy has 20 problems\n"), "{text}");
    assert_eq!(text.lines().count(), 21, "one line each:\n{text}");
    assert!(text.contains("\n  allow[0].actor.role: `owner` is not a role of this policy; did you mean `onwer`?\n"), "{text}");
}

/// A policy that has so many of something.
fn sized(section: &str, count: usize) -> Value {
    let names = || (0..count).map(|i| format!("n{i}"));
    let tables = |name: &dyn Fn(String) -> String| Value::Object(names().map(|n| (name(n), json!({}))).collect());
    let mut policy = json!({ "tenantry": 1, "name": "sized" });
    match section {
        "systems" => policy["systems"] = names().collect(),
        "actions" => policy["actions"] = tables(&|name| format!("app.{name}")),
        "scopes" => policy["scopes"] = Value::Object(names().skip(1).map(|name| (name, json!({}))).collect()),
        "roles" => policy["roles"] = json!({ "organization": tables(&|name| name) }),
        "permissions" => policy["permissions"] = Value::Object(names().map(|name| (name, json!("member.list"))).collect()),
        "" => policy["allow"] = names().map(|id| json!({ "id": id, "actions": "member.list" })).collect(),
        "name" => policy["name"] = json!("n".repeat(count)),
        attributes => policy["attributes"] = json!({ attributes.trim_start_matches("attributes."): names().collect::<Vec<_>>() }),
    }
    policy
}

#[test]
fn each_bound_holds_to_the_last() {
    let bounded: &[(&str, Bound, &str)] = &[
        ("systems", bounds::SYSTEMS, "out_of_bounds"),
        ("actions", bounds::ACTIONS, "out_of_bounds"),
        ("scopes", bounds::KINDS, "out_of_bounds"),
        ("roles", bounds::ROLES, "out_of_bounds"),
        ("permissions", bounds::PERMISSIONS, "out_of_bounds"),
        ("", bounds::RULES, "out_of_bounds"),
        ("attributes.user", bounds::FACTS, "out_of_bounds"),
        ("attributes.scope", bounds::FACTS, "out_of_bounds"),
        ("attributes.resource", bounds::FACTS, "out_of_bounds"),
        ("attributes.context", bounds::FACTS, "out_of_bounds"),
        ("attributes.profile", bounds::FACTS, "out_of_bounds"),
        ("name", bounds::NAME_BYTES, "bad_name"),
    ];
    for &(section, bound, code) in bounded {
        assert_eq!(Policy::parse(sized(section, bound.max)).err(), None, "{section}");
        let error = Policy::parse(sized(section, bound.max + 1)).err();
        let met: Vec<_> = error.iter().flat_map(Error::problems).map(brief).collect();
        assert_eq!(met, [(section, code, "")], "{section}");
    }
}

/// Far beyond the bound, where names no longer fit into the words that hold them as bits.
#[test]
fn what_is_one_too_many_can_still_be_named() {
    let mut systems = sized("systems", 200);
    systems["allow"] = json!([{ "id": "last", "actions": "member.list", "actor": { "system": "n199" } }]);
    let mut settings = sized("attributes.scope", 200);
    settings["scopes"] = json!({ "workspace": { "settings": "n199" } });
    let mut permissions = sized("permissions", 128);
    permissions["roles"] = json!({ "organization": { "owner": { "permissions": "n127" } } });
    for (policy, path) in [(systems, Some("systems")), (settings, Some("attributes.scope")), (permissions, None)] {
        let error = Policy::parse(policy).err();
        let met: Vec<_> = error.iter().flat_map(Error::problems).map(|problem| problem.path.as_str()).collect();
        assert_eq!(met, Vec::from_iter(path));
    }
}

#[test]
fn policies_cannot_extend_each_other_for_ever() {
    let ring = |name: &str| Some(json!({ "tenantry": 1, "name": name, "extends": if name == "ping" { "pong" } else { "ping" } }));
    let error = Policy::parse_with(ring("ping").unwrap_or_default(), &ring).err();
    assert_eq!(error.iter().flat_map(Error::problems).map(brief).collect::<Vec<_>>(), [("extends", "out_of_bounds", "")]);
}

/// What is no table keeps its place among the rules, so that the others are called by their own numbers.
#[test]
fn rules_keep_their_numbers() {
    let rule = |id: &str| json!({ "id": id, "actions": "member.lst" });
    let policy = json!({
        "tenantry": 1, "name": "x",
        "allow": ["no rule", rule("a"), 3, rule("b")],
        "keep": [[], { "id": "k", "count": {} }]
    });
    let error = Policy::parse(policy).err();
    let met: Vec<_> = error.iter().flat_map(Error::problems).map(brief).collect();
    let expected = [
        ("allow[0]", "wrong_type", ""),
        ("allow[2]", "wrong_type", ""),
        ("keep[0]", "wrong_type", ""),
        ("allow[1].actions", "unknown_name", "member.list"),
        ("allow[3].actions", "unknown_name", "member.list"),
        ("keep[1]", "missing", ""),
    ];
    assert_eq!(met, expected);
}

/// Where a text stands in a policy, how long it may be, and the policy with it.
type Place<'a> = (&'a str, Bound, &'a dyn Fn(String) -> Value);

/// Texts for people, and the sources of grants.
#[test]
fn texts_are_bounded() {
    let text = |bytes: usize| "é".repeat(bytes / 2) + &"x".repeat(bytes % 2);
    let rule = |word: &str, text: String| json!([{ "id": "a", "actions": "member.list", word: text }]);
    let places: &[Place] = &[
        ("roles.organization.owner.label", bounds::TEXT_BYTES, &|text| json!({ "roles": { "organization": { "owner": { "label": text } } } })),
        ("scopes.team.label", bounds::TEXT_BYTES, &|text| json!({ "scopes": { "team": { "label": text } } })),
        ("actions.\"app.read\".label", bounds::TEXT_BYTES, &|text| json!({ "actions": { "app.read": { "label": text } } })),
        ("allow[0].message", bounds::TEXT_BYTES, &|text| json!({ "allow": rule("message", text) })),
        ("forbid[0].message", bounds::TEXT_BYTES, &|text| json!({ "forbid": rule("message", text) })),
        ("keep[0].message", bounds::TEXT_BYTES, &|text| json!({ "keep": [{ "id": "a", "count": {}, "at_least": 1, "message": text }] })),
        ("forbid[0].grants.source", bounds::NAME_BYTES, &|text| json!({ "forbid": [{ "id": "a", "grants": { "source": text } }] })),
        (
            "forbid[0].context.mfa",
            bounds::TEXT_BYTES,
            &|text| json!({ "attributes": { "context": "mfa" }, "forbid": [{ "id": "a", "changes": "give", "context": { "mfa": text } }] }),
        ),
    ];
    for (path, bound, place) in places {
        let policy = |bytes: usize| {
            let mut policy = place(text(bytes));
            (policy["tenantry"], policy["name"]) = (json!(1), json!("x"));
            Policy::parse(policy).err()
        };
        assert_eq!(policy(bound.max), None, "{path}");
        let error = policy(bound.max + 1);
        let met: Vec<_> = error.iter().flat_map(Error::problems).map(brief).collect();
        assert_eq!(met, [(*path, "out_of_bounds", "")]);
    }
}

/// A slip of the pen is near; a name that only begins alike is not.
#[test]
fn the_nearest_name_is_a_slip_away() {
    for (met, known, expected) in [
        ("onwer", "owner", true),
        ("ownr", "owner", true),
        ("organisation", "organization", true),
        ("member.set_role", "member.set_roles", true),
        ("worksapce.ownr", "workspace.owner", true),
        ("organization.ceo", "organization.owner", false),
        ("organization.boss", "organization.owner", false),
        ("member.edit", "member.list", false),
        ("invitation.list", "invitation.link", false),
        ("not_email_domain", "email_domain", false),
        ("workspace-admin", "workspace-owner", false),
        ("a", "b", false),
        ("x.y", "a.b", false),
        ("", "a", false),
    ] {
        assert_eq!(tenantry::nearest(met, [known]).as_deref(), expected.then_some(known), "{met}");
    }
}
