//! A document that is printed and read again is the same document; what is printed is canonical; and the order of the rows
//! that somebody stored says nothing.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{self, Debug};
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry::document::{AuditRecord, Body, Decision, Effect, Event, Fact, Facts, Outcome, Request, Snapshot, Time, canonical_json};
use tenantry::policy::presets;
use tenantry::{Directory, Policy};
use tenantry_conformance::{VectorFile, vector_files, vectors_dir};

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn files() -> Done<Vec<VectorFile>> {
    vector_files(&vectors_dir())?.iter().map(|path| Ok(serde_json::from_str(&fs::read_to_string(path)?)?)).collect()
}

fn example<T: DeserializeOwned>(name: &str) -> Done<T> {
    Ok(serde_json::from_str(&fs::read_to_string(vectors_dir().join("examples").join(format!("{name}.json")))?)?)
}

fn with(document: &Value, over: &Value) -> Value {
    let fields = [document, over].into_iter().filter_map(Value::as_object).flatten();
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Prints a document, reads it again, and gives what was printed.
fn again<T: Serialize + PartialEq + Debug>(document: &T, read: fn(&str) -> Result<T, tenantry::Error>) -> Done<String> {
    let printed = canonical_json(document);
    let read = read(&printed)?;
    assert_eq!(read, *document, "{printed}");
    assert_eq!(canonical_json(&read), printed);
    serde_json::from_str::<Canonical>(&printed)?;
    Ok(printed)
}

/// Every request of the vectors that can be read.
fn requests() -> Done<Vec<(Request, Value, String)>> {
    let mut requests = Vec::new();
    for file in files()? {
        for step in file.cases.into_iter().flat_map(|case| case.steps) {
            let Some(asked) = step.get("request") else { continue };
            let asked = with(&json!({ "tenantry": 1, "now": file.now }), asked);
            if let Ok(request) = Request::from_json(&asked.to_string()) {
                requests.push((request, step, file.now.clone()));
            }
        }
    }
    Ok(requests)
}

/// Every decision that the vectors expect, whole.
fn decisions() -> Done<Vec<Value>> {
    let decided = |(request, step, _): (Request, Value, String)| {
        let header = json!({ "tenantry": 1, "organization": "acme", "policy": "0", "request": request });
        step.get("expect").map(|expected| with(&header, expected))
    };
    Ok(requests()?.into_iter().filter_map(decided).collect())
}

#[test]
fn snapshots() -> Done {
    for name in presets::NAMES {
        again(&example::<Snapshot>(name)?, Snapshot::from_json)?;
    }
    for file in files()?.into_iter().filter(|file| file.snapshot.get("example").is_none()) {
        again(&Snapshot::from_json(&file.snapshot.to_string())?, Snapshot::from_json)?;
    }
    Ok(())
}

#[test]
fn requests_of_the_vectors() -> Done {
    let requests = requests()?;
    assert!(requests.iter().any(|(request, ..)| matches!(request.body, Body::Batch(..))));
    requests.iter().try_for_each(|(request, ..)| again(request, Request::from_json).map(drop))
}

#[test]
fn requests_of_the_examples() -> Done {
    for name in presets::NAMES {
        for question in example::<Vec<Value>>(&format!("{name}.requests"))? {
            again(&Request::from_json(&question["request"].to_string())?, Request::from_json)?;
        }
    }
    Ok(())
}

/// The vectors write decisions as the engine prints them: nothing is lost and nothing is added.
#[test]
fn decisions_of_the_vectors() -> Done {
    for document in decisions()? {
        let decision = Decision::from_json(&document.to_string())?;
        let printed: Value = serde_json::from_str(&again(&decision, Decision::from_json)?)?;
        assert_eq!(printed, document);
    }
    Ok(())
}

#[test]
fn events_of_the_vectors() -> Done {
    let mut seen = BTreeSet::new();
    for document in decisions()? {
        let decision = Decision::from_json(&document.to_string())?;
        for record in decision.audit() {
            let printed: Value = serde_json::from_str(&again(&record, AuditRecord::from_json)?)?;
            seen.extend(printed["fact"]["event"].as_str().map(str::to_owned));
        }
    }
    assert_eq!(seen, sorts_of_events());
    Ok(())
}

/// Every sort of event: what the reader says it would have taken.
fn sorts_of_events() -> BTreeSet<String> {
    let said = serde_json::from_str::<Event>(r#"{ "event": "?" }"#).err().map(|error| error.to_string()).unwrap_or_default();
    said.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn policies() -> Done {
    for name in presets::NAMES {
        serde_json::from_str::<Canonical>(&Policy::preset(name)?.to_json())?;
    }
    Ok(())
}

/// Code points, not UTF-16: what lies beyond the first plane comes last.
#[test]
fn keys_are_in_the_order_of_code_points() -> Done {
    let names = ["z", "a", "Z", "\u{1d49e}", "\u{ffee}", "é", "aa", "a\u{301}", "-", "10", "9"];
    let facts = Facts(names.iter().map(|name| (name.to_string(), Fact::Bool(true))).collect());
    let expected = ["-", "10", "9", "Z", "a", "aa", "a\u{301}", "z", "é", "\u{ffee}", "\u{1d49e}"];
    let expected: Vec<String> = expected.iter().map(|name| format!("\"{name}\":true")).collect();
    assert_eq!(canonical_json(&facts), format!("{{{}}}", expected.join(",")));
    Ok(())
}

#[test]
fn canonical_json_has_no_blanks_and_no_needless_escapes() {
    let event = Event::MemberEdited { user: "zoë/\"\\\u{7}\n\u{2028}".to_owned(), profile: Facts::default() };
    assert_eq!(canonical_json(&event), "{\"event\":\"member.edited\",\"profile\":{},\"user\":\"zoë/\\\"\\\\\\u0007\\n\u{2028}\"}");
    let outcome = Outcome { effect: Effect::Allow, ..Outcome::default() };
    assert_eq!(canonical_json(&outcome), r#"{"effect":"allow"}"#);
    assert_eq!(canonical_json(&Fact::List(vec![Fact::Integer(i64::MIN), Fact::Text(String::new())])), "[-9223372036854775808,\"\"]");
}

#[test]
fn times_are_printed_in_utc_with_milliseconds() -> Done {
    for (written, printed) in [
        ("2026-01-15T09:00:00Z", "2026-01-15T09:00:00.000Z"),
        ("2026-01-15t09:00:00z", "2026-01-15T09:00:00.000Z"),
        ("2026-01-15T09:00:00.1Z", "2026-01-15T09:00:00.100Z"),
        ("2026-01-15T09:00:00.123999Z", "2026-01-15T09:00:00.123Z"),
        ("2026-01-15T09:00:00+14:00", "2026-01-14T19:00:00.000Z"),
        ("2025-12-31T23:30:00-01:00", "2026-01-01T00:30:00.000Z"),
        ("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00.000Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999Z"),
        ("0000-01-01T14:00:00+14:00", "0000-01-01T00:00:00.000Z"),
    ] {
        assert_eq!(written.parse::<Time>()?.to_string(), printed);
        assert_eq!(printed.parse::<Time>()?.to_string(), printed);
    }
    Ok(())
}

/// What is added to a time ends with the calendar, and four digits of the year are always enough.
#[test]
fn times_end_with_the_calendar() -> Done {
    assert_eq!(Time::MIN.to_string(), "0000-01-01T00:00:00.000Z");
    assert_eq!(Time::MAX.to_string(), "9999-12-31T23:59:59.999Z");
    assert_eq!("0000-01-01T00:00:00Z".parse::<Time>()?, Time::MIN);
    assert_eq!("9999-12-31T23:59:59.999Z".parse::<Time>()?, Time::MAX);
    for (sum, end) in
        [(Time::MAX.plus(1), Time::MAX), (Time(0).plus(i64::MAX), Time::MAX), (Time::MIN.plus(-1), Time::MIN), (Time(0).plus(i64::MIN), Time::MIN)]
    {
        assert_eq!(sum, end);
    }
    for beyond in [Time(i64::MIN), Time(Time::MIN.0 - 1)] {
        assert_eq!(beyond.to_string(), Time::MIN.to_string());
    }
    for beyond in [Time(i64::MAX), Time(Time::MAX.0 + 1)] {
        assert_eq!(beyond.to_string(), Time::MAX.to_string());
    }
    Ok(())
}

/// The longest span that a policy can name, asked for in the last year that there is.
#[test]
fn an_invitation_expires_with_the_calendar() -> Done {
    let policy = Policy::parse_toml(
        "tenantry = 1\nname = 'x'\ninvitations = { expires_after = '1000000w' }\nroles.organization.owner = { default = true }\n\
         [[allow]]\nid = 'a'\nactions = 'invitation.create'\ngrants = { role = '*' }",
    )?;
    let snapshot = json!({
        "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }], "users": [{ "id": "ann" }],
        "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }]
    });
    let request = json!({
        "tenantry": 1, "id": "r1", "now": "9999-12-31T00:00:00Z", "actor": { "user": "ann" },
        "action": "invitation.create", "email": "zoe@acme.example"
    });
    let mut directory = Directory::new(policy, &Snapshot::from_json(&snapshot.to_string())?)?;
    let decision = directory.decide(&Request::from_json(&request.to_string())?)?;
    let printed = again(&decision, Decision::from_json)?;
    assert!(printed.contains(r#""expires_at":"9999-12-31T23:59:59.999Z""#), "{printed}");
    Ok(())
}

/// The rows of a snapshot in every order. What is in a row stays.
fn shuffled(snapshot: &Snapshot) -> impl Strategy<Value = Snapshot> + use<> {
    fn rows<T: Clone + Debug>(rows: &[T]) -> impl Strategy<Value = Vec<T>> + use<T> {
        Just(rows.to_vec()).prop_shuffle()
    }
    let whole = snapshot.clone();
    let people = (rows(&whole.scopes), rows(&whole.users), rows(&whole.grants), rows(&whole.groups));
    let others = (rows(&whole.deactivations), rows(&whole.custom_roles), rows(&whole.invitations), rows(&whole.ended));
    (people, others).prop_map(move |((scopes, users, grants, groups), (deactivations, custom_roles, invitations, ended))| {
        let rest = whole.clone();
        Snapshot { scopes, users, grants, groups, deactivations, custom_roles, invitations, ended, ..rest }
    })
}

/// The state as it is printed, and the answer to every request.
fn answers(policy: &Policy, snapshot: &Snapshot, requests: &[Request]) -> Result<Vec<String>, tenantry::Error> {
    let mut directory = Directory::new(policy.clone(), snapshot)?;
    let decided = requests.iter().map(|request| directory.decide(request).map(|decision| canonical_json(&decision)));
    let mut answers = decided.collect::<Result<Vec<String>, tenantry::Error>>()?;
    answers.push(canonical_json(&directory.snapshot()));
    Ok(answers)
}

#[test]
fn the_order_of_rows_says_nothing() -> Done {
    for name in presets::NAMES {
        let (policy, snapshot) = (Policy::preset(name)?, example::<Snapshot>(name)?);
        let asked = example::<Vec<Value>>(&format!("{name}.requests"))?;
        let requests = asked.iter().map(|asked| Request::from_json(&asked["request"].to_string())).collect::<Result<Vec<_>, _>>()?;
        let expected = answers(&policy, &snapshot, &requests)?;
        let config = ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
        TestRunner::new(config).run(&shuffled(&snapshot), |shuffled| {
            let met = answers(&policy, &shuffled, &requests);
            prop_assert_eq!(met.as_ref(), Ok(&expected), "{}", name);
            Ok(())
        })?;
    }
    Ok(())
}

/// Reads JSON and fails where it is not canonical: keys out of order, or floats. Blanks are not seen here.
struct Canonical;

impl<'de> Deserialize<'de> for Canonical {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Canonical, D::Error> {
        deserializer.deserialize_any(Canonical)
    }
}

impl<'de> Visitor<'de> for Canonical {
    type Value = Canonical;
    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value without floats")
    }
    fn visit_unit<E>(self) -> Result<Canonical, E> {
        Ok(self)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Canonical, E> {
        Ok(self)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Canonical, E> {
        Ok(self)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Canonical, E> {
        Ok(self)
    }
    fn visit_str<E>(self, _: &str) -> Result<Canonical, E> {
        Ok(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Canonical, A::Error> {
        while items.next_element::<Canonical>()?.is_some() {}
        Ok(self)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Canonical, A::Error> {
        let mut last: Option<String> = None;
        while let Some((name, Canonical)) = fields.next_entry::<String, Canonical>()? {
            if last.as_ref().is_some_and(|last| *last >= name) {
                return Err(serde::de::Error::custom(format_args!("`{name}` stands too late")));
            }
            last = Some(name);
        }
        Ok(self)
    }
}
