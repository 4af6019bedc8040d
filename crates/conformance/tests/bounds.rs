//! The bounds of documents, each at its largest value, which is accepted, and one beyond, which is refused: with
//! `out_of_bounds`, or as no id where an id is too long. Those of policies and of addresses stand with the problems and the
//! addresses; a snapshot too large for memory stands nowhere.

use serde_json::{Value, json};
use tenantry::ask::PageQuery;
use tenantry::bounds::{self, Bound};
use tenantry::document::{AuditRecord, Decision, Request, Snapshot};
use tenantry::{Directory, Error, Policy};

/// A document that has so many of what is bounded, given to the engine.
type Ask = fn(usize) -> Result<(), Error>;

const BOUNDED: &[(&str, Bound, &str, Ask)] = &[
    ("bytes of a policy", bounds::POLICY_BYTES, "out_of_bounds", |bytes| Policy::parse_json(&padded(policy(), bytes)).map(drop)),
    ("bytes of a policy in TOML", bounds::POLICY_BYTES, "out_of_bounds", |bytes| Policy::parse_toml(&padded("tenantry = 1\nname = 'x'\n", bytes)).map(drop)),
    ("bytes of a request", bounds::REQUEST_BYTES, "out_of_bounds", |bytes| Request::from_json(&padded(request(json!({})), bytes)).map(drop)),
    // Ids: opaque, of any script, and counted in bytes.
    ("id of the organization", bounds::ID_BYTES, "bad_snapshot", |bytes| load(json!({ "organization": "x".repeat(bytes), "scopes": [], "users": [] }))),
    ("id of a scope", bounds::ID_BYTES, "bad_snapshot", |bytes| load(json!({ "scopes": [root(), below("x".repeat(bytes), "acme")] }))),
    ("id of a user", bounds::ID_BYTES, "bad_snapshot", |bytes| load(json!({ "users": [{ "id": text(bytes) }] }))),
    ("id of a group", bounds::ID_BYTES, "bad_snapshot", |bytes| load(json!({ "groups": [{ "id": text(bytes), "scope": "acme" }] }))),
    ("id of a custom role", bounds::ID_BYTES, "bad_snapshot", |bytes| load(json!({ "custom_roles": [{ "id": text(bytes), "scope": "acme" }] }))),
    ("id of an invitation", bounds::ID_BYTES, "bad_snapshot", |bytes| load(json!({ "invitations": [invitation(json!({ "id": text(bytes) }))] }))),
    ("id of a user whose membership ended", bounds::ID_BYTES, "bad_snapshot", |bytes| {
        load(json!({ "ended": [{ "scope": "acme", "user": text(bytes), "at": "2026-01-01T00:00:00Z", "by": "other" }] }))
    }),
    ("id of a service's owner", bounds::ID_BYTES, "bad_snapshot", |bytes| load(json!({ "users": [{ "id": "bot", "kind": "service", "owner": text(bytes) }] }))),
    ("id of an inviter", bounds::ID_BYTES, "bad_snapshot", |bytes| offer(json!({ "inviter": { "user": text(bytes) } }))),
    ("id of whoever accepted", bounds::ID_BYTES, "bad_snapshot", |bytes| offer(json!({ "status": "accepted", "user": text(bytes) }))),
    ("hash of a stored token", bounds::ID_BYTES, "bad_snapshot", |bytes| offer(json!({ "token_hash": text(bytes) }))),
    ("id of a user in a slice", bounds::ID_BYTES, "bad_snapshot", |bytes| load(json!({ "slice": { "users": ["ann", text(bytes)] } }))),
    ("id of a scope in a slice", bounds::ID_BYTES, "bad_snapshot", |bytes| load(json!({ "slice": { "subtrees": [text(bytes)] } }))),
    ("id of a scope that a slice counts at", bounds::ID_BYTES, "bad_snapshot", |bytes| {
        load(json!({ "slice": { "counts": [{ "keep": "k", "scope": text(bytes), "count": 1 }] } }))
    }),
    ("id of a request", bounds::ID_BYTES, "bad_value", |bytes| decide(json!({ "id": text(bytes) }))),
    ("id of an actor", bounds::ID_BYTES, "bad_value", |bytes| decide(json!({ "actor": { "user": text(bytes) } }))),
    ("id of a target", bounds::ID_BYTES, "bad_value", |bytes| decide(json!({ "target": text(bytes) }))),
    ("id of a scope that is asked about", bounds::ID_BYTES, "bad_value", |bytes| decide(json!({ "scope": text(bytes) }))),
    ("id of a role that is given", bounds::ID_BYTES, "bad_value", |bytes| decide(json!({ "roles": [text(bytes)] }))),
    ("id that the host gives", bounds::ID_BYTES, "bad_value", |bytes| decide(json!({ "action": "group.create", "name": "x", "new_id": text(bytes) }))),
    ("id of an invitation that is asked about", bounds::ID_BYTES, "bad_value", |bytes| {
        decide(json!({ "action": "invitation.revoke", "invitation": text(bytes) }))
    }),
    ("id of a new account", bounds::ID_BYTES, "bad_value", |bytes| {
        decide(json!({ "action": "member.add", "roles": ["member"], "user": { "id": text(bytes), "email": "new@acme.example" } }))
    }),
    ("id of a new account's owner", bounds::ID_BYTES, "bad_value", |bytes| {
        decide(json!({ "action": "member.add", "roles": ["member"], "user": { "kind": "service", "owner": text(bytes) } }))
    }),
    ("hash of a token", bounds::ID_BYTES, "bad_value", |bytes| {
        decide(json!({ "action": "invitation.create", "email": "zoe@acme.example", "token_hash": text(bytes) }))
    }),
    // Names and texts.
    ("name of a system actor", bounds::NAME_BYTES, "out_of_bounds", |bytes| decide(json!({ "actor": { "system": text(bytes) } }))),
    ("source of a grant", bounds::NAME_BYTES, "out_of_bounds", |bytes| decide(json!({ "roles": [{ "role": "member", "source": text(bytes) }] }))),
    ("source of a stored grant", bounds::NAME_BYTES, "out_of_bounds", |bytes| {
        load(json!({ "grants": [{ "scope": "acme", "user": "ann", "role": "member", "source": text(bytes) }] }))
    }),
    ("source of a role that is offered", bounds::NAME_BYTES, "out_of_bounds", |bytes| {
        offer(json!({ "scopes": [{ "scope": "acme", "roles": [{ "role": "member", "source": text(bytes) }] }] }))
    }),
    ("source of a group", bounds::NAME_BYTES, "out_of_bounds", |bytes| load(json!({ "groups": [{ "id": "g", "scope": "acme", "source": text(bytes) }] }))),
    ("name of a system that invites", bounds::NAME_BYTES, "out_of_bounds", |bytes| offer(json!({ "inviter": { "system": text(bytes) } }))),
    ("keep that a slice counts", bounds::NAME_BYTES, "out_of_bounds", |bytes| {
        load(json!({ "slice": { "counts": [{ "keep": text(bytes), "scope": "acme", "count": 1 }] } }))
    }),
    ("name of a user", bounds::TEXT_BYTES, "out_of_bounds", |bytes| load(json!({ "users": [{ "id": "ann", "name": text(bytes) }] }))),
    ("name of a scope", bounds::TEXT_BYTES, "out_of_bounds", |bytes| {
        load(json!({ "scopes": [{ "id": "acme", "kind": "organization", "name": text(bytes) }] }))
    }),
    ("name of a group", bounds::TEXT_BYTES, "out_of_bounds", |bytes| load(json!({ "groups": [{ "id": "g", "scope": "acme", "name": text(bytes) }] }))),
    ("name of a custom role", bounds::TEXT_BYTES, "out_of_bounds", |bytes| {
        load(json!({ "custom_roles": [{ "id": "c", "scope": "acme", "name": text(bytes) }] }))
    }),
    ("name of an invited person", bounds::TEXT_BYTES, "out_of_bounds", |bytes| load(json!({ "invitations": [invitation(json!({ "name": text(bytes) }))] }))),
    ("name that is asked for", bounds::TEXT_BYTES, "out_of_bounds", |bytes| decide(json!({ "action": "group.create", "name": text(bytes) }))),
    ("name of a new account", bounds::TEXT_BYTES, "out_of_bounds", |bytes| {
        decide(json!({ "action": "member.add", "roles": ["member"], "user": { "name": text(bytes), "email": "new@acme.example" } }))
    }),
    ("address that is asked about", bounds::TEXT_BYTES, "out_of_bounds", |bytes| {
        decide(json!({ "action": "invitation.create", "roles": ["member"], "email": text(bytes) }))
    }),
    ("address of a session", bounds::TEXT_BYTES, "out_of_bounds", |bytes| decide(json!({ "actor": { "invitee": { "email": text(bytes) } } }))),
    // Attributes.
    ("text of an attribute", bounds::TEXT_BYTES, "out_of_bounds", |bytes| load(json!({ "users": [{ "id": "ann", "attributes": { "a0": text(bytes) } }] }))),
    ("values of an attribute", bounds::FACT_VALUES, "out_of_bounds", |count| {
        load(json!({ "users": [{ "id": "ann", "attributes": { "a0": numbers(count) } }] }))
    }),
    ("attributes of a user", bounds::FACTS, "out_of_bounds", |count| load(json!({ "users": [{ "id": "ann", "attributes": facts(count) }] }))),
    ("profile of a user", bounds::FACTS, "out_of_bounds", |count| load(json!({ "users": [{ "id": "ann", "profile": facts(count) }] }))),
    ("attributes of a scope", bounds::FACTS, "out_of_bounds", |count| {
        load(json!({ "scopes": [{ "id": "acme", "kind": "organization", "attributes": facts(count) }] }))
    }),
    ("context", bounds::FACTS, "out_of_bounds", |count| decide(json!({ "context": facts(count) }))),
    ("resource", bounds::FACTS, "out_of_bounds", |count| decide(json!({ "action": "doc.read", "resource": facts(count) }))),
    // How many at once.
    ("levels of scopes", bounds::SCOPE_DEPTH, "out_of_bounds", |levels| load(json!({ "scopes": chain(levels) }))),
    ("grants of one user", bounds::GRANTS_OF_ONE, "out_of_bounds", |count| load(grants(count, "user", "ann"))),
    ("grants of one group", bounds::GRANTS_OF_ONE, "out_of_bounds", |count| load(grants(count, "group", "crew"))),
    ("roles of an offer", bounds::ROLES_AT_ONCE, "out_of_bounds", |count| offer(json!({ "scopes": [{ "scope": "acme", "roles": vec!["member"; count] }] }))),
    ("scopes of an offer", bounds::SCOPES_AT_ONCE, "out_of_bounds", |count| {
        let scopes = std::iter::once(root()).chain((0..count).map(|i| below(format!("s{i}"), "acme"))).collect::<Vec<_>>();
        load(json!({ "scopes": scopes, "invitations": [invitation(json!({ "scopes": edits(count) }))] }))
    }),
    ("permissions of a stored custom role", bounds::PERMISSIONS, "out_of_bounds", |count| {
        load(json!({ "custom_roles": [{ "id": "c", "scope": "acme", "permissions": vec!["people"; count] }] }))
    }),
    ("profile fields to set", bounds::FACTS, "out_of_bounds", |count| decide(json!({ "action": "member.edit", "target": "bob", "profile": facts(count) }))),
    ("roles to hold", bounds::ROLES_AT_ONCE, "out_of_bounds", |count| decide(json!({ "roles": vec!["member"; count] }))),
    ("roles at one of several scopes", bounds::ROLES_AT_ONCE, "out_of_bounds", |count| {
        decide(json!({ "roles": null, "scopes": [{ "scope": "acme", "roles": vec!["member"; count] }] }))
    }),
    ("roles to add", bounds::ROLES_AT_ONCE, "out_of_bounds", |count| decide(json!({ "roles": null, "add": vec!["member"; count] }))),
    ("roles to take", bounds::ROLES_AT_ONCE, "out_of_bounds", |count| decide(json!({ "roles": null, "remove": vec!["member"; count] }))),
    ("roles to keep", bounds::ROLES_AT_ONCE, "out_of_bounds", |count| {
        decide(json!({ "action": "ownership.transfer", "roles": null, "target": "bob", "role": "owner", "keep": vec!["member"; count] }))
    }),
    ("scopes of a request", bounds::SCOPES_AT_ONCE, "out_of_bounds", |count| decide(json!({ "roles": null, "scopes": edits(count) }))),
    ("scopes of an invitation", bounds::SCOPES_AT_ONCE, "out_of_bounds", |count| {
        decide(json!({ "action": "invitation.create", "email": "zoe@acme.example", "scopes": edits(count) }))
    }),
    ("addresses in a list", bounds::ADDRESSES, "out_of_bounds", |count| {
        decide(json!({ "action": "invitation.create", "roles": ["member"], "emails": vec!["no address"; count] }))
    }),
    ("addresses in a text", bounds::ADDRESSES, "out_of_bounds", |count| {
        decide(json!({ "action": "invitation.create", "roles": ["member"], "emails": vec!["no address"; count].join("\n") }))
    }),
    ("items of a batch", bounds::BATCH_ITEMS, "out_of_bounds", |count| {
        decide(json!({ "action": "", "roles": null, "target": null, "batch": "each", "items": vec![json!({ "action": "doc.read" }); count] }))
    }),
    ("permissions of a custom role", bounds::PERMISSIONS, "out_of_bounds", |count| {
        decide(json!({ "action": "role.create", "name": "x", "permissions": vec!["people"; count] }))
    }),
    ("roles that somebody comes to hold", bounds::GRANTS_OF_ONE, "out_of_bounds", |count| {
        let mut state = grants(count - 1, "user", "bob");
        state["grants"].as_array_mut().into_iter().for_each(|rows| rows.push(json!({ "scope": "acme", "user": "ann", "role": "owner" })));
        directory(state)?.decide(&Request::from_json(&request(json!({})).to_string())?).map(drop)
    }),
    ("rows of a page", bounds::PAGE_ROWS, "out_of_bounds", |count| page(json!({ "limit": count }))),
    ("actions of a page", bounds::PAGE_ACTIONS, "out_of_bounds", |count| page(json!({ "actions": vec!["member.remove"; count] }))),
];

#[test]
fn each_bound_holds_to_the_last() {
    let wrong: Vec<String> = BOUNDED.iter().filter_map(|(what, bound, code, ask)| fault(*bound, code, *ask).map(|fault| format!("{what}: {fault}"))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Reading the largest decision that is accepted takes a test too long; one that is larger is not read at all.
#[test]
fn a_decision_or_event_that_is_too_large_is_not_read() {
    let bytes = bounds::DECISION_BYTES.max + 1;
    for error in [Decision::from_json(&padded(decision(), bytes)).err(), AuditRecord::from_json(&padded(event(), bytes)).err()] {
        assert_eq!(error.as_ref().map(Error::code), Some("out_of_bounds"));
    }
}

#[test]
fn the_error_says_where() {
    for (asked, path) in [
        (load(json!({ "users": [{ "id": "ann", "attributes": { "a1": text(1001) } }] })), "users[0].attributes.a1"),
        (load(json!({ "users": [{ "id": "ann" }, { "id": "bot", "profile": facts(65) }] })), "users[1].profile"),
        (load(json!({ "slice": { "groups": ["g", text(256)] } })), "slice.groups[1]"),
        (offer(json!({ "scopes": [{ "scope": "acme", "roles": vec!["member"; 65] }] })), "invitations[0].scopes[0].roles"),
        (decide(json!({ "context": facts(65) })), "context"),
        (decide(json!({ "roles": null, "add": vec!["member"; 65] })), "add"),
        (decide(json!({ "roles": null, "remove": vec!["member"; 65] })), "remove"),
        (decide(json!({ "roles": null, "scopes": [{ "scope": "acme", "add": vec!["member"; 65] }] })), "scopes[0].add"),
        (decide(json!({ "action": "ownership.transfer", "target": "bob", "role": "owner", "keep": vec!["member"; 65] })), "keep"),
        (load(grants(10_001, "user", "ann")), "grants[10000]"),
    ] {
        assert_eq!(asked.as_ref().err().and_then(Error::path), Some(path));
    }
}

/// What is wrong with a bound, if anything is.
fn fault(bound: Bound, code: &str, ask: Ask) -> Option<String> {
    if let Err(error) = ask(bound.max) {
        return Some(format!("{} are refused: {error}", bound.max));
    }
    match ask(bound.max + 1) {
        Ok(()) => Some(format!("{} are accepted", bound.max + 1)),
        Err(error) if error.code() != code => Some(format!("expected {code}, met {}: {error}", error.code())),
        Err(error) if code == "out_of_bounds" && !error.to_string().starts_with(&format!("{} {}, {} at most", bound.max + 1, bound.what, bound.max)) => {
            Some(format!("not what was met and what is accepted: {error}"))
        }
        Err(error) => (!error.to_string().contains(bound.what)).then(|| format!("not in the words of the bound: {error}")),
    }
}

/// Four bytes each, as far as they go.
fn text(bytes: usize) -> String {
    format!("{}{}", "𝒙".repeat(bytes / 4), "x".repeat(bytes % 4))
}

/// A document with blanks after it, up to so many bytes.
fn padded(document: impl ToString, bytes: usize) -> String {
    let mut text = document.to_string();
    text.extend(std::iter::repeat_n(' ', bytes - text.len()));
    text
}

fn numbers(count: usize) -> Value {
    (0..count).collect()
}

fn facts(count: usize) -> Value {
    Value::Object((0..count).map(|i| (format!("a{i}"), json!(i))).collect())
}

fn edits(count: usize) -> Value {
    (0..count).map(|i| json!({ "scope": format!("s{i}"), "roles": ["editor"] })).collect()
}

fn root() -> Value {
    json!({ "id": "acme", "kind": "organization" })
}

fn below(id: String, parent: &str) -> Value {
    json!({ "id": id, "kind": "workspace", "parent": parent })
}

/// A tree of so many levels, each with one scope.
fn chain(levels: usize) -> Vec<Value> {
    let id = |level: usize| if level == 0 { "acme".to_owned() } else { format!("s{level}") };
    std::iter::once(root()).chain((1..levels).map(|level| below(id(level), &id(level - 1)))).collect()
}

/// An organization where somebody, or a group, holds so many roles.
fn grants(count: usize, holder: &str, id: &str) -> Value {
    let scopes = std::iter::once(root()).chain((0..count).map(|i| below(format!("s{i}"), "acme")));
    let grants = (0..count).map(|i| json!({ "scope": format!("s{i}"), holder: id, "role": "editor" }));
    json!({ "scopes": scopes.collect::<Vec<_>>(), "grants": grants.collect::<Vec<_>>(), "groups": [{ "id": "crew", "scope": "acme" }] })
}

fn invitation(over: Value) -> Value {
    let row = json!({
        "id": "i1", "email": "zoe@acme.example", "inviter": { "user": "ann" }, "created_at": "2026-01-01T00:00:00Z",
        "scopes": [{ "scope": "acme", "roles": ["member"] }]
    });
    with(row, over)
}

/// An organization with one invitation.
fn offer(over: Value) -> Result<(), Error> {
    load(json!({ "invitations": [invitation(over)] }))
}

fn policy() -> Value {
    let attributes: Vec<String> = (0..bounds::FACTS.max).map(|i| format!("a{i}")).collect();
    json!({
        "tenantry": 1,
        "name": "bounded",
        "scopes": { "workspace": { "under": ["organization", "workspace"] } },
        "roles": { "organization": { "owner": { "rank": 2 }, "member": { "rank": 1 } }, "workspace": { "editor": {} } },
        "permissions": { "people": "member.list" },
        "custom_roles": { "on": ["organization", "workspace"] },
        "attributes": { "user": attributes, "scope": attributes, "resource": attributes, "context": attributes, "profile": attributes },
        "actions": { "doc.read": {} },
        "allow": [{ "id": "owners", "actions": "*", "actor": { "role": "owner" }, "grants": { "role": "*" }, "revokes": { "role": "*" } }]
    })
}

fn snapshot(over: Value) -> Value {
    let users = json!([{ "id": "ann" }, { "id": "bob" }]);
    with(json!({ "tenantry": 1, "organization": "acme", "scopes": [root()], "users": users }), over)
}

fn request(over: Value) -> Value {
    let now = "2026-01-15T09:00:00Z";
    let mut asked = json!({ "tenantry": 1, "id": "r1", "now": now, "actor": { "user": "ann" }, "action": "member.set_roles" });
    if over["action"].is_null() {
        asked = with(asked, json!({ "target": "bob", "roles": ["member"] }));
    }
    with(asked, over)
}

fn decision() -> Value {
    json!({ "tenantry": 1, "organization": "acme", "policy": "00", "request": request(json!({})), "effect": "deny" })
}

fn event() -> Value {
    json!({ "tenantry": 1, "organization": "acme", "at": "2026-01-15T09:00:00Z", "actor": { "user": "ann" }, "action": "doc.read" })
}

/// The document with other fields laid over it.
fn with(mut document: Value, over: Value) -> Value {
    for (name, value) in over.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    document
}

fn load(over: Value) -> Result<(), Error> {
    directory(over).map(drop)
}

fn directory(over: Value) -> Result<Directory, Error> {
    Directory::new(Policy::parse(policy())?, &Snapshot::from_json(&snapshot(over).to_string())?)
}

fn page(query: Value) -> Result<(), Error> {
    let owner = json!({ "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }] });
    let query = with(json!({ "actor": { "user": "ann" }, "now": "2026-01-15T09:00:00Z" }), query);
    let query: PageQuery = serde_json::from_value(query).unwrap_or_default();
    directory(owner)?.page(&query).map(drop)
}

/// What is decided is not asked here: a denial is an answer.
fn decide(over: Value) -> Result<(), Error> {
    let owner = json!({ "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }] });
    directory(owner)?.decide(&Request::from_json(&request(over).to_string())?).map(drop)
}
