//! The calls of a session, each once. That they mean what they mean in every host is shown by the script that all hosts play.

use std::error::Error;

use serde_json::{Value, json};
use tenantry_host::{NOBODY, Numbered, Policy, Session, Settings, UNKNOWN};

mod component;

type Done = Result<(), Box<dyn Error>>;

const NOW: &str = "2026-01-15T09:00:00Z";
const NOW_MILLISECONDS: i64 = 1_768_467_600_000;

fn session() -> Result<Session, Box<dyn Error>> {
    let mut session = component::engine(Settings::default())?.session(Policy::Preset("starter".to_owned()))?;
    let snapshot = json!({
        "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }],
        "users": [{ "id": "ann" }, { "id": "bob" }],
        "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }, { "scope": "acme", "user": "bob", "role": "member" }]
    });
    session.load(snapshot.to_string())?;
    Ok(session)
}

fn removal() -> String {
    json!({ "tenantry": 1, "id": "r1", "now": NOW, "actor": { "user": "ann" }, "action": "member.remove", "target": "bob" }).to_string()
}

fn read(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text)
}

#[test]
fn a_decision_comes_true_once() -> Done {
    let mut session = session()?;
    let decision = session.decide(&removal())?;
    assert_eq!(read(&decision)?["effect"], "allow");
    assert_eq!(read(&decision)?["policy"], json!(session.digest()?));
    session.apply(&decision, NOW)?;
    let stale = session.apply(&decision, NOW);
    let refusal = stale.as_ref().err().and_then(|error| error.refusal()).ok_or("applied twice")?;
    assert_eq!(refusal.code, "stale");
    assert!(read(&refusal.document)?["fresh"].is_object(), "{}", refusal.document);
    let snapshot = read(&session.snapshot()?)?;
    assert_eq!(snapshot["users"].as_array().map(Vec::len), Some(1));
    Ok(())
}

#[test]
fn questions_are_answered_in_words() -> Done {
    let mut session = session()?;
    let leave = json!({ "actor": { "user": "ann" }, "action": "member.leave", "now": NOW }).to_string();
    assert!(!session.can(&leave)?);
    assert_eq!(read(&session.denial(&leave)?)?["code"], "below_minimum");
    let row = json!({ "actor": { "user": "ann" }, "target": "bob", "now": NOW }).to_string();
    assert!(session.permitted(&row)?.contains("member.remove"));
    let page = json!({ "actor": { "user": "ann" }, "now": NOW }).to_string();
    assert!(session.page(&page)?.contains("bob"));
    let who = json!({ "viewer": { "user": "ann" }, "action": "member.remove", "target": "bob", "now": NOW }).to_string();
    assert!(session.who_can(&who)?.contains("ann"));
    assert!(session.explain(&removal())?.contains("rule"));
    assert!(session.needs("acme", &removal())?.contains("bob"));
    Ok(())
}

#[test]
fn questions_are_answered_in_numbers() -> Done {
    let mut session = session()?;
    let asked = Numbered {
        actor: session.user_number("ann")?,
        action: session.action_number("member.remove")?,
        scope: session.scope_number("acme")?,
        target: session.user_number("bob")?,
        role: NOBODY,
        now: NOW_MILLISECONDS,
    };
    assert_eq!(session.denial_number(asked)?, 0);
    let of_nobody = Numbered { actor: session.user_number("eve")?, ..asked };
    assert_eq!(of_nobody.actor, UNKNOWN);
    let denials = session.denials(&[asked, of_nobody])?;
    assert_eq!(denials[0], 0);
    let place = usize::try_from(denials[1])?.checked_sub(1).ok_or("nobody may remove bob")?;
    assert_eq!(session.denial_table()?[place].code, "actor_unknown");
    assert_ne!(session.role_number(asked.scope, "member")?, UNKNOWN);
    assert_eq!(session.role_number(asked.scope, "emperor")?, UNKNOWN);
    assert_eq!(session.action_by_numbers("member.remove")?, Some(asked.action));
    assert_eq!(session.action_by_numbers("member.crown")?, None);
    let columns = session.columns(&json!({ "actor": { "user": "ann" }, "now": NOW, "actions": ["member.remove"] }).to_string())?;
    assert_eq!((columns.denied, columns.names.len(), columns.users.len()), (None, 1, 2));
    assert_eq!(session.user_id(columns.users[0])?.as_deref(), Some("ann"));
    Ok(())
}

#[test]
fn a_bad_policy_is_refused_with_every_problem() -> Done {
    let engine = component::engine(Settings::default())?;
    let bad = engine.session(Policy::Document(json!({ "tenantry": 1 }).to_string()));
    let refusal = bad.as_ref().err().and_then(|error| error.refusal()).ok_or("a policy without a name")?;
    assert_eq!((refusal.code.as_str(), &read(&refusal.document)?["problems"][0]["path"]), ("bad_policy", &json!("name")));
    let unknown = engine.session(Policy::Preset("startr".to_owned()));
    assert!(unknown.is_err_and(|error| error.code() == "unknown_preset" && error.to_string().contains("did you mean `starter`?")));
    Ok(())
}

#[test]
fn decisions_can_be_shown_and_logged() -> Done {
    let mut session = session()?;
    let decision = session.decide(&removal())?;
    let engine = component::engine(Settings::default())?;
    assert_eq!(read(&engine.public_decision(&decision)?)?["effect"], "allow");
    assert!(read(&engine.audit(&decision)?)?.is_array());
    assert!(read(&engine.codes()?)?.as_array().is_some_and(|codes| codes.len() > 10));
    Ok(())
}
