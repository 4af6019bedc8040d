//! A policy is what it says, not how it is written: TOML and JSON, layout and layers give one compiled policy and one digest.

use std::error::Error;

use serde_json::{Value, json};
use tenantry::Policy;
use tenantry::policy::presets;

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn source(preset: &str) -> &'static str {
    presets::source(preset).unwrap_or_default()
}

fn read(toml: &str) -> Done<Value> {
    Ok(toml::from_str(toml)?)
}

/// Everything that a compiled policy consists of.
fn compiled(policy: &Policy) -> String {
    format!("{policy:?}")
}

/// The policy in canonical form, laid over others that are found by their names.
fn layered(layers: &[&str]) -> Done<Policy> {
    let layers = layers.iter().map(|toml| read(toml)).collect::<Done<Vec<Value>>>()?;
    let find = |name: &str| layers.iter().find(|layer| layer["name"] == name).cloned();
    Ok(Policy::parse_with(layers.last().cloned().unwrap_or_default(), &find)?)
}

fn document(policy: &Policy) -> Done<Value> {
    Ok(serde_json::from_str(&policy.to_json())?)
}

/// The fields of every table in reverse order, with blanks wherever they may stand.
fn backwards(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<String> = fields.iter().rev().map(|(name, value)| format!("\n{} :\t{}", json!(name), backwards(value))).collect();
            format!("{{ {} \n}}", fields.join(" , "))
        }
        Value::Array(items) => format!("[\n{}\n]", items.iter().map(backwards).collect::<Vec<_>>().join(" ,\n")),
        Value::String(text) => format!("\"{}\"", text.chars().map(escaped).collect::<String>()),
        other => other.to_string(),
    }
}

/// A character as JSON may always write it.
fn escaped(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

#[test]
fn toml_and_json_are_one() -> Done {
    for name in presets::NAMES {
        let toml = Policy::parse_toml(source(name))?;
        let json = Policy::parse_json(&read(source(name))?.to_string())?;
        assert_eq!(compiled(&toml), compiled(&json), "{name}");
        assert_eq!(compiled(&toml), compiled(&Policy::preset(name)?), "{name}");
        assert_eq!(toml.digest(), json.digest(), "{name}");
    }
    Ok(())
}

#[test]
fn a_printed_policy_is_the_policy() -> Done {
    for name in presets::NAMES {
        let policy = Policy::preset(name)?;
        let again = Policy::parse_json(&policy.to_json())?;
        assert_eq!(compiled(&policy), compiled(&again), "{name}");
        assert_eq!(policy.to_json(), again.to_json(), "{name}");
    }
    Ok(())
}

#[test]
fn layout_is_not_in_the_digest() -> Done {
    for name in presets::NAMES {
        let text = source(name);
        let layouts = [
            Policy::parse_toml(&text.replace('\n', "\r\n"))?,
            Policy::parse_toml(&text.lines().map(|line| format!("\t{line}  # a note\n\n")).collect::<String>())?,
            Policy::parse_json(&serde_json::to_string_pretty(&read(text)?)?)?,
            Policy::parse_json(&backwards(&read(text)?))?,
        ];
        for policy in layouts {
            assert_eq!(policy.digest(), Policy::preset(name)?.digest(), "{name}");
        }
    }
    Ok(())
}

#[test]
fn a_text_is_a_list_of_one() -> Done {
    let text =
        Policy::parse_toml("tenantry = 1\nname = 'x'\nsystems = 'scim'\n[[allow]]\nid = 'a'\nactions = '*'\nactor = { system = 'scim', kind = 'guest' }")?;
    let list = Policy::parse_toml(
        "tenantry = 1\nname = 'x'\nsystems = ['scim']\n[[allow]]\nid = 'a'\nactions = ['*']\nactor = { system = ['scim'], kind = ['guest'] }",
    )?;
    let (text, list) = (document(&text)?, document(&list)?);
    assert_eq!(text["systems"], list["systems"]);
    assert_eq!(text["allow"][0]["actions"], list["allow"][0]["actions"]);
    Ok(())
}

/// What somebody might take for formatting and is not.
#[test]
fn meaning_is_in_the_digest() -> Done {
    let rule = |id: &str| json!({ "id": id, "actions": "member.list" });
    let policy = |allow: [Value; 2]| Policy::parse(json!({ "tenantry": 1, "name": "x", "allow": allow }));
    let digests = [
        policy([rule("a"), rule("b")])?,
        policy([rule("b"), rule("a")])?,
        policy([rule("a"), json!({ "id": "b", "actions": "member.list", "message": "Why not." })])?,
        policy([rule("a"), json!({ "id": "b", "actions": ["member.list", "audit.read"] })])?,
    ];
    let distinct: std::collections::BTreeSet<&str> = digests.iter().map(Policy::digest).collect();
    assert_eq!(distinct.len(), digests.len());
    Ok(())
}

const BASE: &str = "
tenantry = 1
name = 'base'
systems = ['install', 'scim']
scopes = { workspace = { under = ['organization', 'workspace'], label = 'Workspace' } }
permissions = { people = ['member.list', 'audit.read'] }
attributes = { user = 'team', context = 'mfa' }
invitations = { expires_after = '7d', on_conflict = 'skip' }
[roles.organization]
owner = { rank = 2, label = 'Owner' }
member = { rank = 1, default = true }
[[allow]]
id = 'first'
actions = 'member.list'
actor = { role = 'owner' }
[[allow]]
id = 'second'
actions = 'audit.read'
actor = { role = 'owner' }
";

const OVER: &str = "
tenantry = 1
name = 'over'
extends = 'base'
systems = ['support', 'scim']
scopes = { workspace = { under = 'organization' } }
permissions = { people = 'member.list', invitations = 'invitation.list' }
attributes = { user = ['team', 'grade'], scope = 'seats' }
invitations = { expires_after = '1d' }
actions = { 'report.read' = {} }
[roles.organization]
owner = { label = 'Boss' }
guest = {}
[[allow]]
id = 'third'
actions = 'report.read'
[[allow]]
id = 'first'
actions = 'invitation.list'
[[forbid]]
id = 'calm'
changes = 'give'
";

#[test]
fn tables_merge_and_rules_replace_in_place() -> Done {
    let whole = "
tenantry = 1
name = 'over'
systems = ['install', 'scim', 'support']
scopes = { workspace = { under = 'organization', label = 'Workspace' } }
permissions = { people = 'member.list', invitations = 'invitation.list' }
attributes = { user = ['team', 'grade'], scope = 'seats', context = 'mfa' }
invitations = { expires_after = '1d', on_conflict = 'skip' }
actions = { 'report.read' = {} }
[roles.organization]
owner = { rank = 2, label = 'Boss' }
member = { rank = 1, default = true }
guest = {}
[[allow]]
id = 'first'
actions = 'invitation.list'
[[allow]]
id = 'second'
actions = 'audit.read'
actor = { role = 'owner' }
[[allow]]
id = 'third'
actions = 'report.read'
[[forbid]]
id = 'calm'
changes = 'give'
";
    let (merged, whole) = (layered(&[BASE, OVER])?, Policy::parse_toml(whole)?);
    assert_eq!(document(&merged)?, document(&whole)?);
    assert_eq!(compiled(&merged), compiled(&whole));
    assert_eq!(merged.digest(), whole.digest());
    Ok(())
}

/// Of two rules with one id in the same policy neither replaces the other, whether something stands below them or not.
#[test]
fn an_id_that_stands_twice_is_a_problem_in_every_layer() -> Done {
    let twice = "[[allow]]\nid = 'first'\nactions = 'member.list'\n[[allow]]\nid = 'first'\nactions = 'audit.read'\n";
    let head = "tenantry = 1\nname = 'top'\n";
    let base = read(BASE)?;
    let find = |name: &str| (name == "base").then(|| base.clone());
    for (text, path) in [(format!("{head}{twice}"), "allow[1].id"), (format!("{head}extends = 'base'\n{twice}"), "allow[2].id")] {
        let error = Policy::parse_with(read(&text)?, &find).err().ok_or("accepted")?;
        let met: Vec<(&str, &str)> = error.problems().iter().map(|problem| (problem.path.as_str(), problem.code)).collect();
        assert_eq!(met, [(path, "duplicate")]);
    }
    let faulty = read(&format!("{head}{twice}"))?;
    let over = read("tenantry = 1\nname = 'over'\nextends = 'top'\n[[allow]]\nid = 'first'\nactions = 'member.list'")?;
    assert!(Policy::parse_with(over, &|_| Some(faulty.clone())).is_err());
    Ok(())
}

#[test]
fn a_name_that_stands_twice_is_a_problem_in_every_layer() -> Done {
    let base = read(BASE)?;
    let over = read("tenantry = 1\nname = 'over'\nextends = 'base'\nsystems = ['scim', 'robot', 'robot']")?;
    let error = Policy::parse_with(over, &|_| Some(base.clone())).err().ok_or("accepted")?;
    assert_eq!(error.problems().iter().map(|problem| (problem.path.as_str(), problem.code)).collect::<Vec<_>>(), [("systems[3]", "duplicate")]);
    Ok(())
}

#[test]
fn the_nearest_layer_wins() -> Done {
    let top = "tenantry = 1\nname = 'top'\nextends = 'over'\nroles.organization.owner.label = 'Chief'\n[[allow]]\nid = 'second'\nactions = 'member.list'";
    let policy = document(&layered(&[BASE, OVER, top])?)?;
    assert_eq!(policy["name"], "top");
    assert_eq!(policy["extends"], Value::Null);
    assert_eq!(policy["roles"]["organization"]["owner"], json!({ "label": "Chief", "rank": 2 }));
    assert_eq!(policy["systems"], json!(["install", "scim", "support"]));
    let rules: Vec<&Value> = policy["allow"].as_array().into_iter().flatten().map(|rule| &rule["id"]).collect();
    assert_eq!(rules, ["first", "second", "third"]);
    assert_eq!(policy["allow"][1], json!({ "id": "second", "actions": ["member.list"] }));
    Ok(())
}

#[test]
fn extending_a_preset_and_saying_nothing_is_the_preset() -> Done {
    for name in presets::NAMES {
        let policy = Policy::parse(json!({ "tenantry": 1, "name": name, "extends": name }))?;
        assert_eq!(compiled(&policy), compiled(&Policy::preset(name)?), "{name}");
    }
    Ok(())
}

#[test]
fn a_policy_of_the_host_goes_before_a_preset_of_that_name() -> Done {
    let own = |name: &str| (name == "starter").then(|| json!({ "tenantry": 1, "name": "own", "systems": "robot" }));
    let policy = Policy::parse_with(json!({ "tenantry": 1, "name": "x", "extends": "starter" }), &own)?;
    assert_eq!(document(&policy)?, json!({ "tenantry": 1, "name": "x", "systems": ["robot"] }));
    Ok(())
}

#[test]
fn a_chain_may_be_as_long_as_the_bound() -> Done {
    let last = tenantry::bounds::EXTENDS.max;
    let policy = document(&chain(last)?)?;
    assert_eq!(policy["systems"].as_array().map(Vec::len), Some(last));
    let error = chain(last + 1).err().ok_or("accepted")?;
    assert_eq!(error.problems().iter().map(|problem| (problem.path.as_str(), problem.code)).collect::<Vec<_>>(), [("extends", "out_of_bounds")]);
    assert!(error.to_string().contains("9 policies that extend each other, 8 at most"), "{error}");
    Ok(())
}

/// So many policies on top of each other.
fn chain(last: usize) -> Result<Policy, tenantry::Error> {
    let layer = |number: usize| {
        let own = json!({ "tenantry": 1, "name": format!("layer-{number}"), "systems": format!("system-{number}") });
        let Value::Object(mut fields) = own else { return Value::Null };
        if number < last {
            fields.insert("extends".to_owned(), json!(format!("layer-{}", number + 1)));
        }
        Value::Object(fields)
    };
    let find = |name: &str| name.strip_prefix("layer-")?.parse().ok().map(layer);
    Policy::parse_with(layer(1), &find)
}
