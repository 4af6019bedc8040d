//! What is read off the matrices of the presets.

use tenantry::Policy;
use tenantry::policy::presets::NAMES;
use tenantry_analysis::matrix::{Matrix, Verdict, conditions};

fn matrix(name: &str) -> Result<Matrix, String> {
    Policy::preset(name).map(|policy| Matrix::of(&policy)).map_err(|error| error.to_string())
}

#[test]
fn every_question_is_one() -> Result<(), String> {
    for name in NAMES {
        let matrix = matrix(name)?;
        assert!(matrix.unanswered.is_empty(), "{name}: {:?}", matrix.unanswered);
        assert!(matrix.cells() > 100, "{name}");
        assert!(matrix.answers.iter().all(|answer| !answer.cut), "{name}");
        assert!(matrix.answers.iter().all(|answer| (answer.verdict == Verdict::Depends) != answer.when.is_empty()), "{name}");
    }
    Ok(())
}

#[test]
fn what_depends_says_on_what() -> Result<(), String> {
    let matrix = matrix("ai-loop")?;
    let flow = matrix.find("flow.edit", "acme", "organization.ailoop_user", "").ok_or("no such cell")?;
    assert_eq!((flow.verdict, flow.allowed_by.as_slice()), (Verdict::Depends, &["ailoop-section".to_owned()][..]));
    assert_eq!(conditions(&flow.when), "section of the resource is \"ailoop\"");
    assert_eq!(matrix.find("flow.edit", "acme", "organization.admin", "").map(|answer| answer.verdict), Some(Verdict::Allowed));
    Ok(())
}

#[test]
fn keeps_hold_back_and_say_so() -> Result<(), String> {
    let matrix = matrix("starter")?;
    let leave = |actor: &str| matrix.find("member.leave", "acme", actor, "").cloned().ok_or("no such cell");
    assert_eq!(leave("organization.owner")?.keeps, ["last-owner"]);
    assert!(leave("organization.admin")?.keeps.is_empty());
    assert_eq!(leave("organization.owner")?.obligations, ["confirm", "revoke_sessions"]);
    // An owner who removes another is left: no keep can deny it.
    let removal = matrix.find("member.remove", "acme", "organization.owner", "organization.owner").ok_or("no such cell")?;
    assert!(removal.verdict == Verdict::Allowed && removal.keeps.is_empty());
    Ok(())
}

#[test]
fn exact_numbers_hold_on_both_sides() -> Result<(), String> {
    let policy = r#"
        tenantry = 1
        name = "one-owner"
        [roles.organization]
        owner = { rank = 2 }
        member = { rank = 1, default = true }
        [[allow]]
        id = "owners"
        actions = "*"
        actor = { role = "owner" }
        grants = { role = "*" }
        revokes = { role = "*" }
        [[keep]]
        id = "one-owner"
        count = { has_role = "owner" }
        exactly = 1
        code = "one_owner"
    "#;
    let matrix = Matrix::of(&Policy::parse_toml(policy).map_err(|error| error.to_string())?);
    let rows = matrix.rows.iter().filter(|row| row.action == "member.set_roles" && row.target == matrix.party("organization.member"));
    let found =
        rows.filter(|row| row.gives.as_deref() == Some("owner")).flat_map(|row| &row.cells).find(|cell| Some(cell.actor) == matrix.party("organization.owner"));
    let answer = &matrix.answers[found.ok_or("no such cell")?.answer];
    // Whoever may do it is the owner: a second one is always one too many.
    assert_eq!((answer.verdict, answer.code.as_deref(), answer.denied_by.as_slice()), (Verdict::Denied, Some("one_owner"), &["one-owner".to_owned()][..]));
    assert!(matrix.idle_rules().is_empty());
    Ok(())
}

#[test]
fn rules_that_decide_nothing_are_idle() -> Result<(), String> {
    let document = Policy::preset("starter").map_err(|error| error.to_string())?.to_json();
    let more = r#"{"id":"never","actions":["member.remove"],"actor":{"role":["organization.member"],"not_role":["organization.member"]}}"#;
    let policy = Policy::parse_json(&document.replace(r#""allow":["#, &format!(r#""allow":[{more},"#))).map_err(|error| error.to_string())?;
    assert_eq!(Matrix::of(&policy).idle_rules(), ["never"]);
    assert!(matrix("starter")?.idle_rules().is_empty());
    // Nobody is left to be the last admin: those who may remove one are admins themselves.
    assert_eq!(matrix("ai-loop")?.idle_rules(), ["last-admin"]);
    Ok(())
}

#[test]
fn tables_for_people() -> Result<(), String> {
    let matrix = matrix("loupe-factory")?;
    let markdown = matrix.to_markdown();
    assert!(markdown.contains("| Remove user: Admin or Manager or Member"), "{markdown}");
    assert!(markdown.contains("allowed if location of the resource matches locations of the actor"), "{markdown}");
    let html = matrix.to_html();
    assert!(html.starts_with("<!doctype html>") && html.contains("Remove user") && !html.contains("/*DATA*/"));
    assert_eq!(matrix.to_csv().lines().count(), matrix.cells() + 1);
    Ok(())
}
