//! `check`, `test`, `presets`, `schema` and `codes`.

use std::fs;

use serde_json::{Value, json};
use tenantry::CATALOGUE;
use tenantry::policy::presets;

use crate::run::{Done, file, shared, tenantry, worded};

#[test]
fn check_tells_every_problem_at_once() -> Done {
    let faulty = "tenantry = 1\nname = \"x\"\n[roles.organization]\nowner = { rnk = 3 }\n[[allow]]\nid = \"a\"\nactions = [\"member.remov\"]\nactor = { role = \"onwer\" }\n";
    let path = file("check", "faulty.toml", faulty)?;
    let words = tenantry(&format!("check {path}"))?;
    assert_eq!(words.status, Some(1));
    assert!(words.out.starts_with(&format!("BAD  {path}: 3 problems\n")), "{}", words.out);
    assert!(words.out.contains("  allow[0].actor.role           `onwer` is not a role of `organization`; did you mean `owner`?\n"), "{}", words.out);
    let json = tenantry(&format!("check --json {path}"))?;
    let problems = json.documents()?[0]["problems"].clone();
    let nearest: Vec<&Value> = problems.as_array().into_iter().flatten().map(|problem| &problem["nearest"]).collect();
    assert_eq!(nearest, ["rank", "member.remove", "owner"]);
    let broken = tenantry(&format!("check {}", file("check", "broken.json", "{ \"tenantry\": 1, }")?))?;
    assert_eq!(broken.status, Some(1));
    let used = tenantry(&format!("decide --policy {path} --example=starter"))?;
    assert_eq!(used.status, Some(2));
    assert!(used.err.starts_with("error: the policy has 3 problems\n"), "{}", used.err);
    Ok(())
}

#[test]
fn check_warns_of_what_is_hardly_meant() -> Done {
    let own = "tenantry = 1\nname = \"mine\"\nextends = \"starter\"\n[[allow]]\nid = \"admins-invite\"\nactions = [\"invitation.create\"]\n\
               actor = { role = \"organization.admin\" }\ngrants = { role = \"organization.owner\" }\n";
    let path = file("warnings", "mine.toml", own)?;
    let words = tenantry(&format!("check {path}"))?;
    assert_eq!(words.status, Some(0));
    let warning = "WARN  allow[admins-invite]  weaker_invitation\n      whoever is \"Admin\" may invite somebody as \"Owner\", by `admins-invite`, \
                   and may not give that role to people who are there already\n      help  limit what `admins-invite` gives: ";
    assert!(words.out.starts_with("OK  ") && words.out.contains(warning), "{}", words.out);
    assert_eq!(tenantry(&format!("check {path} --strict"))?.status, Some(1));
    let allowed = tenantry(&format!("check {path} --strict --allow weaker_invitation --json"))?;
    assert_eq!((allowed.status, allowed.documents()?[0].get("warnings")), (Some(0), None));
    let document = &tenantry(&format!("check {path} --json"))?.documents()?[0];
    assert_eq!((&document["warnings"][0]["code"], &document["warnings"][0]["path"]), (&json!("weaker_invitation"), &json!("allow[admins-invite]")));
    let mended = file("warnings", "mended.toml", &own.replace("role = \"organization.owner\" }", "rank = \"at_most\" }"))?;
    assert_eq!(tenantry(&format!("check {mended} --strict"))?.out.lines().count(), 1);
    let unknown = tenantry(&format!("check {path} --allow weaker_invitations"))?;
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.err.contains("no warning is called `weaker_invitations`"), "{}", unknown.err);
    Ok(())
}

#[test]
fn check_warns_of_no_preset_but_the_one_that_means_it() -> Done {
    let all: Vec<String> = presets::NAMES.iter().map(|name| format!("--preset {name}")).collect();
    let documents = tenantry(&format!("check --json --strict {}", all.join(" ")))?.documents()?;
    let warned: Vec<&Value> = documents.iter().filter(|document| document.get("warnings").is_some()).map(|document| &document["preset"]).collect();
    assert_eq!((documents.len(), warned), (presets::NAMES.len(), vec![&json!("roles-and-workspaces")]));
    Ok(())
}

#[test]
fn check_accepts_a_policy_and_what_it_extends() -> Done {
    let base = file("extends", "base.toml", presets::source("starter").unwrap_or_default())?;
    let own = "tenantry = 1\nname = \"mine\"\nextends = \"base\"\n[actions]\n\"report.read\" = {}\n[[allow]]\nid = \"reports\"\nactions = [\"report.read\"]\n";
    let path = file("extends", "mine.toml", own)?;
    let run = tenantry(&format!("check {base} {path} --json"))?;
    assert_eq!(run.status, Some(0));
    let names: Vec<Value> = run.documents()?.iter().map(|document| document["policy"].clone()).collect();
    assert_eq!(names, ["starter", "mine"]);
    let used = tenantry(&format!("can --policy {path} --example=starter --actor mira --action report.read"))?;
    assert_eq!((used.status, used.out.as_str()), (Some(0), "ALLOW\n"));
    let outside = file("extends", "outside.toml", "tenantry = 1\nname = \"x\"\nextends = \"../extends/base\"\n")?;
    assert_eq!(tenantry(&format!("check {outside}"))?.status, Some(1));
    let mixed = tenantry(&format!("check {path} nowhere.toml"))?;
    assert_eq!(mixed.status, Some(2));
    assert!(mixed.out.starts_with("OK  ") && mixed.err.starts_with("error: cannot read nowhere.toml: "));
    Ok(())
}

#[test]
fn test_runs_the_cases_beside_a_policy() -> Done {
    let policy = file("cases", "policy.toml", "tenantry = 1\nname = \"mine\"\nextends = \"starter\"\n")?;
    let case = |name: &str, then: &str| {
        format!("[[case]]\nname = \"{name}\"\nwhen = {{ actor = \"bob\", action = \"member.remove\", target = \"ann\" }}\nthen = \"{then}\"\n")
    };
    let people = "given.people = { ann = \"owner\", bob = \"member\" }\n";
    let good = file("cases", "policy.cases.toml", &format!("{people}{}", case("members remove nobody", "not_permitted")))?;
    let beside = tenantry(&format!("test --policy {policy}"))?;
    assert_eq!((beside.status, beside.out), (Some(0), format!("{good}\n✓ members remove nobody\n1 case, all passed\n")));
    let bad = file("cases", "bad.cases.toml", &format!("{people}{}{}", case("right", "not_permitted"), case("wrong", "allow")))?;
    let named = tenantry(&format!("test --policy {policy} {good} {bad}"))?;
    assert_eq!(named.status, Some(1));
    assert!(named.out.contains("✗ wrong\n    case[1]\n    then: expected `allow`, met `not_permitted`"), "{}", named.out);
    assert!(named.out.ends_with("2 cases, 1 failed\n"));
    let json = tenantry(&format!("test --policy {policy} {bad} --json"))?.documents()?;
    assert_eq!((&json[0]["passed"], &json[1]["passed"]), (&json!(true), &json!(false)));
    assert_eq!(json[1]["failure"]["decision"]["code"], "not_permitted");
    let faulty = file("cases", "faulty.cases.toml", &case("misspelt", "not_permited"))?;
    let error = tenantry(&format!("test --preset starter {faulty}"))?;
    assert_eq!(error.status, Some(2));
    assert!(error.err.contains("did you mean `not_permitted`?"), "{}", error.err);
    Ok(())
}

#[test]
fn test_lays_cases_on_an_example() -> Done {
    let text = "[[case]]\nname = \"noa is below liam\"\nwhen = { actor = \"noa\", action = \"member.remove\", target = \"liam\" }\nthen = \"outranked\"\n";
    let path = file("cases-on-example", "cases.toml", text)?;
    assert_eq!(tenantry(&format!("test --preset starter --example {path}"))?.status, Some(0));
    Ok(())
}

#[test]
fn presets_are_listed_and_printed() -> Done {
    let list = tenantry("presets")?;
    assert!(presets::NAMES.iter().all(|name| list.out.lines().any(|line| line.starts_with(name) && line.len() > name.len() + 10)), "{}", list.out);
    assert_eq!(tenantry("presets --json")?.documents()?.len(), presets::NAMES.len());
    for name in presets::NAMES {
        assert_eq!(Some(tenantry(&format!("presets {name}"))?.out.as_str()), presets::source(name));
        assert_eq!(tenantry(&format!("presets {name} --json"))?.documents()?[0]["name"], json!(name));
    }
    let unknown = tenantry("presets growthfactr")?;
    assert_eq!((unknown.status, unknown.err.as_str()), (Some(2), "error: no preset is called `growthfactr`; did you mean `growthfactor`?\n"));
    Ok(())
}

#[test]
fn schemas_are_those_that_the_engine_publishes() -> Done {
    for name in ["policy", "snapshot", "request", "decision", "event"] {
        let published = fs::read_to_string(shared("crates/tenantry/schemas").join(name).with_extension("json"))?;
        assert_eq!(tenantry(&format!("schema {name}"))?.out, published);
        assert_eq!(tenantry(&format!("schema {name} --json"))?.documents()?, [serde_json::from_str::<Value>(&published)?]);
    }
    Ok(())
}

#[test]
fn codes_are_the_catalogue() -> Done {
    let words = tenantry("codes")?;
    let listed: Vec<&str> = words.out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, CATALOGUE.iter().map(|code| code.as_str()).collect::<Vec<_>>());
    let documents = tenantry("codes --json")?.documents()?;
    assert_eq!(documents[0], json!({ "code": "actor_unknown", "step": "standing", "message": "You are not a member of this organization." }));
    assert_eq!(documents.len(), CATALOGUE.len());
    Ok(())
}

#[test]
fn arbac_answers_with_steps_or_that_nobody_can() -> Done {
    let text = |goal: &str| {
        format!(
            "Roles Boss Clerk Auditor Ghost ;\nUsers ann bob ;\nUA <ann,Boss> ;\nCR ;\nCA <Boss,-Auditor,Clerk> <Boss,Clerk,Auditor> <Ghost,TRUE,Ghost> ;\nSPEC {goal} ;\n"
        )
    };
    let can = tenantry(&format!("arbac {}", file("arbac", "can.arbac", &text("bob Auditor"))?))?;
    assert_eq!(can.status, Some(1));
    assert!(can.out.ends_with("bob comes to hold Auditor:\n    ann (Boss) gives Clerk to bob\n    ann (Boss) gives Auditor to bob\n"), "{}", can.out);
    let never = tenantry(&format!("arbac --json {}", file("arbac", "never.arbac", &text("Ghost"))?))?;
    assert_eq!((never.status, never.documents()?[0]["answer"].as_str()), (Some(0), Some("not_reachable")));
    let none = tenantry(&format!("arbac {}", file("arbac", "none.arbac", &text("Gost"))?))?;
    assert_eq!(none.status, Some(2));
    assert!(none.err.contains("line 6: `Gost` is not one of the roles"), "{}", none.err);
    Ok(())
}

#[test]
fn prove_judges_claims_and_says_how() -> Done {
    let judged = |claims: &[&str]| worded(&[&["prove", "--preset", "inveterate"], claims].concat());
    let proved = judged(&["--claim", "admin never owner", "--claim", "always owner"])?;
    assert_eq!((proved.status, proved.out.matches("PROVED").count()), (Some(0), 2), "{}", proved.out);
    let attack = judged(&["--claim", "always owner", "--claim", "admin never admin"])?;
    assert_eq!(attack.status, Some(1));
    assert!(attack.out.ends_with("admin never admin: admin at acme can\n        ann: member.set_roles bob as admin at acme\n"), "{}", attack.out);
    let document = &judged(&["--json", "--claim", "admin never admin"])?.documents()?[0];
    assert_eq!((document["verdict"].as_str(), document["claim"].as_str()), (Some("attack"), Some("admin never admin")));
    let unheard = judged(&["--claim", "admin never onwer"])?;
    assert_eq!(unheard.status, Some(2));
    assert!(unheard.err.contains("`onwer` is no role of the policy"), "{}", unheard.err);
    let all = judged(&["--steps"])?;
    assert!(all.out.contains("owner at acme: nobody") && all.out.contains("bob: member.remove ann at acme"), "{}", all.out);
    Ok(())
}
