//! Documents that want to do harm: each ends in an error by its code, before long, and neither memory nor stack runs out.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenantry::document::{AuditRecord, Decision, Request, Snapshot};
use tenantry::{Directory, Error, Policy, bounds};

/// Far more than any of these documents needs, and far less than what grows with the square of its size would take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The code of the error that comes in time.
fn code<T>(what: &str, ask: impl FnOnce() -> Result<T, Error>) -> &'static str {
    let start = Instant::now();
    let answer = ask();
    assert!(start.elapsed() < PATIENCE, "{what} took {:?}", start.elapsed());
    answer.err().map_or("accepted", |error| error.code())
}

/// Of a policy: the code of the error and those of its problems, each once.
fn sorts(what: &str, ask: impl FnOnce() -> Result<Policy, Error>) -> Vec<&'static str> {
    let mut sorts = vec![];
    let code = code(what, || ask().inspect_err(|error| sorts.extend(error.problems().iter().map(|problem| problem.code))));
    sorts.sort_unstable();
    sorts.dedup();
    sorts.insert(0, code);
    sorts
}

fn policy() -> Result<Policy, Error> {
    Policy::parse(json!({
        "tenantry": 1, "name": "target", "scopes": { "workspace": { "under": ["organization", "workspace"] } },
        "roles": { "organization": { "owner": { "rank": 2 }, "member": {} }, "workspace": { "editor": {} } },
        "permissions": { "people": "member.list" }, "custom_roles": { "on": ["organization", "workspace"] },
        "allow": [{ "id": "owners", "actions": "*", "actor": { "role": "owner" }, "grants": { "role": "*" }, "revokes": { "role": "*" } }]
    }))
}

/// An organization in which some tables are those given.
fn snapshot(tables: Value) -> String {
    let mut document = json!({ "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }], "users": [{ "id": "ann" }] });
    for (name, table) in tables.as_object().into_iter().flatten() {
        document[name] = table.clone();
    }
    document.to_string()
}

fn load(text: &str) -> Result<Directory, Error> {
    Directory::new(policy()?, &Snapshot::from_json(text)?)
}

fn rows(count: usize, row: impl Fn(usize) -> Value) -> Value {
    (0..count).map(row).collect()
}

const MEGABYTE: usize = 1 << 20;

#[test]
fn ten_megabytes_of_nesting() {
    let deep = |piece: &str| piece.repeat(10 * MEGABYTE / piece.len());
    let (lists, tables) = (deep("["), deep("{\"a\":"));
    assert_eq!(code("snapshot", || Snapshot::from_json(&lists)), "bad_document");
    assert_eq!(code("decision", || Decision::from_json(&tables)), "bad_document");
    assert_eq!(code("event", || AuditRecord::from_json(&lists)), "bad_document");
    for text in [lists.as_str(), tables.as_str()] {
        assert_eq!(code("request", || Request::from_json(text)), "out_of_bounds");
        assert_eq!(code("policy", || Policy::parse_json(text)), "out_of_bounds");
        assert_eq!(code("policy in TOML", || Policy::parse_toml(text)), "out_of_bounds");
    }
    for field in ["scopes", "colour"] {
        let inside = format!("{{\"tenantry\": 1, \"organization\": \"acme\", \"{field}\": {tables}");
        assert_eq!(code(field, || Snapshot::from_json(&inside)), "bad_document");
    }
}

/// As deep as fits into the bytes of a policy or a request.
#[test]
fn a_megabyte_of_nesting() {
    let fill = |piece: &str| piece.repeat((MEGABYTE - 100) / piece.len());
    for piece in ["[", "{\"a\":"] {
        assert_eq!(code("policy", || Policy::parse_json(&fill(piece))), "bad_document");
        let request = format!("{{\"tenantry\": 1, \"context\": {}", fill(piece));
        assert_eq!(code("request", || Request::from_json(&request)), "bad_document");
    }
    for text in [format!("a = {}", fill("[")), format!("a = {}", fill("{a=")), format!("a = {}", fill("[{a=")), fill("["), fill("[[")] {
        assert_eq!(code("policy in TOML", || Policy::parse_toml(&text)), "bad_document");
    }
    for text in [format!("{}a = 1", fill("a.")), format!("[{}a]", fill("a.")), format!("[[{}a]]", fill("a.")), format!("x = {{ {}a = 1 }}", fill("a."))] {
        assert_ne!(code("dotted keys in TOML", || Policy::parse_toml(&text)), "accepted");
    }
}

#[test]
fn a_million_roles() {
    let declared: String = (0..MEGABYTE / 12).map(|i| format!("\"r{i}\":{{}},")).collect();
    let text = |roles: &str| format!("{{\"tenantry\":1,\"name\":\"x\",\"roles\":{{\"organization\":{{{}}}}}}}", roles.trim_end_matches(','));
    assert_eq!(sorts("roles", || Policy::parse_json(&text(&declared))), ["bad_policy", "out_of_bounds"]);
    let million: String = (0..1_000_000).map(|i| format!("\"r{i}\":{{}},")).collect();
    assert_eq!(code("a million roles", || Policy::parse_json(&text(&million))), "out_of_bounds");

    let role = |i: usize| json!({ "id": format!("c{i}"), "scope": "acme", "permissions": ["people"] });
    assert_eq!(code("custom roles", || load(&snapshot(json!({ "custom_roles": rows(50_000, role) })))), "accepted");
    let wide = json!({ "custom_roles": [{ "id": "c", "scope": "acme", "permissions": vec!["people"; 1_000_000] }] });
    assert_eq!(code("permissions", || load(&snapshot(wide))), "out_of_bounds");
    let offer = json!({ "invitations": [{
        "id": "i", "email": "a@b.example", "inviter": { "user": "ann" }, "created_at": "2026-01-01T00:00:00Z",
        "scopes": [{ "scope": "acme", "roles": vec!["member"; 1_000_000] }]
    }] });
    assert_eq!(code("an offer", || load(&snapshot(offer))), "out_of_bounds");
}

/// Policies as full as they may be of what costs most to check.
#[test]
fn policies_that_are_slow_to_check() {
    let list = |count: usize, name: &dyn Fn(usize) -> String| (0..count).map(name).collect::<Vec<_>>();
    let head = |over: Value| {
        let mut document = json!({ "tenantry": 1, "name": "x" });
        for (name, value) in over.as_object().into_iter().flatten() {
            document[name] = value.clone();
        }
        document.to_string()
    };
    let actions: Value = Value::Object((0..bounds::ACTIONS.max).map(|i| (format!("a.n{i}"), json!({}))).collect());
    let unknown = list(80_000, &|i| format!("b.n{i}"));
    let policy = head(json!({ "actions": actions, "permissions": { "p": unknown } }));
    assert_eq!(sorts("unknown actions", || Policy::parse_json(&policy)), ["bad_policy", "unknown_name"]);
    let stars = head(json!({ "actions": actions, "allow": [{ "id": "a", "actions": vec!["*"; 200_000], "actor": { "system": "s" } }], "systems": "s" }));
    assert_eq!(sorts("wildcards", || Policy::parse_json(&stars)), ["accepted"]);
    let names = list(90_000, &|i| format!("n{i}"));
    for over in [json!({ "systems": names }), json!({ "attributes": { "user": names } }), json!({ "attributes": { "profile": names } })] {
        assert_eq!(sorts("names", || Policy::parse_json(&head(over))), ["bad_policy", "out_of_bounds"]);
    }
    let over = json!({ "extends": "starter", "systems": names[..40_000], "attributes": { "user": names[..40_000] } });
    assert_eq!(sorts("joined names", || Policy::parse_json(&head(over))), ["bad_policy", "out_of_bounds"]);
    let rules = |extends: &str| format!("{{\"tenantry\":1,\"name\":\"x\"{extends},\"allow\":[{}{{}}]}}", "{\"id\":\"a\"},".repeat(90_000));
    assert_eq!(sorts("rules", || Policy::parse_json(&rules(""))), ["bad_policy", "out_of_bounds"]);
    assert_eq!(sorts("merged rules", || Policy::parse_json(&rules(",\"extends\":\"starter\""))), ["bad_policy", "out_of_bounds"]);
    let stray = format!("{{\"tenantry\":1,\"name\":\"x\",\"allow\":[{}3]}}", "3,".repeat(500_000));
    assert_eq!(sorts("no rules", || Policy::parse_json(&stray)), ["bad_policy", "out_of_bounds", "wrong_type"]);
    let fields = Value::Object((0..70_000).map(|i| (format!("f{i}"), json!(1))).collect());
    assert_eq!(sorts("unknown fields", || Policy::parse_json(&head(fields))), ["bad_policy", "unknown_field"]);
    let roles = head(json!({ "allow": [{ "id": "a", "actions": "member.list", "actor": { "role": names } }], "roles": { "organization": { "owner": {} } } }));
    assert_eq!(sorts("unknown roles", || Policy::parse_json(&roles)), ["bad_policy", "unknown_name"]);
}

#[test]
fn keys_that_stand_twice() {
    for text in [
        r#"{ "tenantry": 1, "tenantry": 1, "name": "x" }"#,
        r#"{ "tenantry": 1, "name": "x", "roles": { "organization": {}, "organization": {} } }"#,
        r#"{ "tenantry": 1, "name": "x", "allow": [{ "id": "a", "id": "b" }] }"#,
        r#"{ "tenantry": 1, "name": "x", "\u006eame": "y" }"#,
    ] {
        assert_eq!(code(text, || Policy::parse_json(text)), "bad_document", "{text}");
    }
    for text in ["name = 'x'\nname = 'y'", "[roles]\n[roles]", "a.b = 1\n[a]\nb = 2", "a = { b = 1, b = 2 }", "\"name\" = 'x'\nname = 'y'"] {
        assert_eq!(code(text, || Policy::parse_toml(text)), "bad_document", "{text}");
    }
    let twice = r#"{ "tenantry": 1, "organization": "acme", "users": [{ "id": "ann", "attributes": { "a": 1, "a": 1 } }] }"#;
    assert_eq!(code("attributes", || Snapshot::from_json(twice)), "bad_document");
    let many = format!(r#"{{ "tenantry": 1, "context": {{ {} "a": 1 }} }}"#, r#""a": 1,"#.repeat(100_000));
    assert_eq!(code("context", || Request::from_json(&many)), "bad_document");
}

#[test]
fn cycles() {
    let scope = |id: String, parent: String| json!({ "id": id, "kind": "workspace", "parent": parent });
    let root = json!({ "id": "acme", "kind": "organization" });
    let ring = |count: usize| {
        let next = (0..count).map(|i| scope(format!("s{i}"), format!("s{}", (i + 1) % count)));
        json!({ "scopes": std::iter::once(root.clone()).chain(next).collect::<Vec<_>>() })
    };
    for count in [1, 2, 3, 20_000] {
        assert_eq!(code("a ring of scopes", || load(&snapshot(ring(count)))), "bad_snapshot", "{count}");
    }
    let chain = (0..20_000).map(|i| scope(format!("s{}", i + 1), if i == 0 { "acme".to_owned() } else { format!("s{i}") }));
    let chain = json!({ "scopes": std::iter::once(root.clone()).chain(chain).collect::<Vec<_>>() });
    assert_eq!(code("a chain of scopes", || load(&snapshot(chain))), "out_of_bounds");
    let headless = json!({ "scopes": [{ "id": "acme", "kind": "organization", "parent": "acme" }] });
    assert_eq!(code("an organization below itself", || load(&snapshot(headless))), "bad_snapshot");

    // Groups are flat: one that contains itself, or another one, names a user who is not there.
    let group = |id: &str, member: &str| json!({ "id": id, "scope": "acme", "members": [member] });
    for groups in [json!([group("a", "a")]), json!([group("a", "b"), group("b", "a")])] {
        assert_eq!(code("groups", || load(&snapshot(json!({ "groups": groups })))), "bad_snapshot");
    }
    // A service is owned by somebody; whoever owns itself stands on nothing, and loading it ends.
    let owned = json!({ "users": [{ "id": "a", "kind": "service", "owner": "b" }, { "id": "b", "kind": "service", "owner": "a" }] });
    assert_eq!(code("owners", || load(&snapshot(owned))), "accepted");

    let endless = |name: &str| Some(json!({ "tenantry": 1, "name": "x", "extends": format!("{name}x") }));
    let itself = |name: &str| Some(json!({ "tenantry": 1, "name": "x", "extends": name }));
    for find in [&endless as &dyn Fn(&str) -> Option<Value>, &itself] {
        assert_eq!(sorts("extends", || Policy::parse_with(find("a").unwrap_or_default(), find)), ["bad_policy", "out_of_bounds"]);
    }
    let under = r#"{ "tenantry": 1, "name": "x", "scopes": { "a": { "under": "b" }, "b": { "under": "a" } } }"#;
    assert_eq!(sorts("kinds under each other", || Policy::parse_json(under)), ["bad_policy", "contradiction"]);
}

#[test]
fn what_is_no_utf_8() {
    for wrong in [&b"\xff"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"] {
        for place in ["organization", "colour"] {
            let bytes = [br#"{ "tenantry": 1, ""#, place.as_bytes(), br#"": ""#, wrong, br#"" }"#].concat();
            assert_eq!(code("snapshot", || Snapshot::from_json_bytes(&bytes)), "bad_document");
            assert_eq!(code("request", || Request::from_json_bytes(&bytes)), "bad_document");
            assert_eq!(code("decision", || Decision::from_json_bytes(&bytes)), "bad_document");
            assert_eq!(code("event", || AuditRecord::from_json_bytes(&bytes)), "bad_document");
        }
    }
    let well = br#"{ "tenantry": 1, "organization": "zo\u00eb" }"#;
    assert_eq!(Snapshot::from_json_bytes(well).map(|snapshot| snapshot.organization), Ok("zoë".to_owned()));
    for escaped in [r"\ud800", r"\udfff\ud800", r"\u00", r"\x41"] {
        assert_eq!(code("half a character", || Snapshot::from_json(&format!(r#"{{ "tenantry": 1, "organization": "{escaped}" }}"#))), "bad_document");
        assert_eq!(code("half a character", || Policy::parse_json(&format!(r#"{{ "tenantry": 1, "name": "{escaped}" }}"#))), "bad_document");
    }
}

#[test]
fn ids_of_a_megabyte() {
    let long = "x".repeat(MEGABYTE);
    for tables in [
        json!({ "organization": long }),
        json!({ "users": [{ "id": long }] }),
        json!({ "users": [{ "id": "s", "kind": "service", "owner": long }] }),
        json!({ "users": [{ "id": "s", "email": format!("{long}@acme.example") }] }),
        json!({ "scopes": [{ "id": "acme", "kind": "organization" }, { "id": long, "kind": "workspace", "parent": "acme" }] }),
        json!({ "scopes": [{ "id": "acme", "kind": long }] }),
        json!({ "grants": [{ "scope": "acme", "user": long, "role": "owner" }] }),
        json!({ "grants": [{ "scope": "acme", "user": "ann", "role": long }] }),
        json!({ "groups": [{ "id": long, "scope": "acme" }] }),
        json!({ "ended": [{ "scope": "acme", "user": long, "at": "2026-01-01T00:00:00Z", "by": "self" }] }),
        json!({ "slice": { "users": [long] } }),
    ] {
        let met = code("id", || load(&snapshot(tables)));
        assert!(matches!(met, "bad_snapshot" | "out_of_bounds"), "{met}");
    }
    let fits = "x".repeat(MEGABYTE - 500);
    for (field, value) in [("target", json!(fits)), ("id", json!(fits)), ("scope", json!(fits)), ("roles", json!([fits])), ("actor", json!({ "user": fits }))] {
        let mut request = json!({ "tenantry": 1, "id": "r", "now": "2026-01-15T09:00:00Z", "actor": { "user": "ann" }, "action": "member.set_roles",
            "target": "ann", "roles": ["member"] });
        request[field] = value;
        assert_eq!(code(field, || load(&snapshot(json!({})))?.decide(&Request::from_json(&request.to_string())?)), "bad_value");
    }
    let policy = json!({ "tenantry": 1, "name": fits }).to_string();
    assert_eq!(sorts("name of a policy", || Policy::parse_json(&policy)), ["bad_policy", "bad_name"]);
}

/// Everything about one person, or one place: as long as the same rows about many.
#[test]
fn many_rows_about_one() {
    let ended = json!({ "ended": rows(50_000, |_| json!({ "scope": "acme", "user": "ann", "at": "2026-01-01T00:00:00Z", "by": "self" })) });
    assert_eq!(code("endings", || load(&snapshot(ended))), "accepted");
    let workspace = |i: usize| {
        if i == 0 { json!({ "id": "acme", "kind": "organization" }) } else { json!({ "id": format!("s{i}"), "kind": "workspace", "parent": "acme" }) }
    };
    let scopes = rows(50_001, workspace);
    let resting = rows(50_000, |i| json!({ "scope": format!("s{}", i + 1), "user": "ann" }));
    assert_eq!(code("deactivations", || load(&snapshot(json!({ "scopes": scopes, "deactivations": resting })))), "accepted");
    let same = rows(50_000, |_| json!({ "scope": "acme", "user": "ann", "role": "owner", "source": "scim" }));
    assert_eq!(code("the same grant", || load(&snapshot(json!({ "grants": same })))), "accepted");
    let grants = rows(50_000, |i| json!({ "scope": format!("s{}", 50_000 - i), "user": "ann", "role": "editor", "expires_at": "2027-01-01T00:00:00Z" }));
    assert_eq!(code("grants", || load(&snapshot(json!({ "scopes": scopes, "grants": grants })))), "out_of_bounds");
    let groups = rows(20_000, |i| json!({ "id": format!("g{i}"), "scope": "acme", "members": ["ann"] }));
    let of_groups = rows(20_000, |i| json!({ "scope": "acme", "group": format!("g{i}"), "role": "owner" }));
    assert_eq!(code("groups", || load(&snapshot(json!({ "groups": groups, "grants": of_groups })))), "accepted");
}
