//! What is no document is refused: with a stable code, and at the place where it is wrong. Each row changes one thing in a
//! document that is accepted.

use std::error::Error;

use serde_json::json;
use tenantry::document::{AuditRecord, Decision, Request, Snapshot, Time};
use tenantry::{Directory, Policy};

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// What stands in the document, what stands there instead, and the answer: code and place (empty: the document itself).
type Row = (&'static str, &'static str, &'static str, &'static str);

const SNAPSHOT: &str = r#"{
 "tenantry": 1, "organization": "acme",
 "scopes": [{ "id": "studio", "kind": "workspace", "parent": "acme", "name": "Studio" },
            { "id": "acme", "kind": "organization", "attributes": { "plan": "pro" } }],
 "users": [{ "id": "ann", "email": "Ann@Acme.example", "name": "Ann", "attributes": { "teams": ["red", 2] } },
           { "id": "bot", "kind": "service", "owner": "ann" }],
 "grants": [{ "scope": "acme", "user": "ann", "role": "owner" },
            { "scope": "studio", "group": "crew", "role": "editor", "expires_at": "2027-01-01T00:00:00Z" }],
 "deactivations": [{ "scope": "studio", "user": "bot" }],
 "groups": [{ "id": "crew", "scope": "acme", "members": ["ann"], "managers": ["bot"] }],
 "custom_roles": [{ "id": "clerk", "scope": "acme", "permissions": ["people"] }],
 "invitations": [{ "id": "i1", "email": "zoe@acme.example", "inviter": { "user": "ann" }, "created_at": "2026-01-01T00:00:00Z",
                   "scopes": [{ "scope": "acme", "roles": ["member", { "role": "clerk", "source": "scim" }] }] }],
 "ended": [{ "scope": "acme", "user": "old", "at": "2026-01-01T00:00:00Z", "by": "self" }]
}"#;

const SNAPSHOTS: &[Row] = &[
    // Versions and fields.
    (r#""tenantry": 1"#, r#""tenantry": 2"#, "unsupported_version", ""),
    (r#""tenantry": 1"#, r#""tenantry": 2, "colour": "red""#, "unsupported_version", ""),
    (r#""tenantry": 1"#, r#""tenantry": "1""#, "bad_document", "tenantry"),
    (r#""tenantry": 1"#, r#""tenantry": 1.0"#, "bad_document", "tenantry"),
    (r#""tenantry": 1"#, r#""tenantry": -1"#, "bad_document", "tenantry"),
    (r#""tenantry": 1, "#, "", "bad_document", ""),
    (r#""tenantry": 1"#, r#""tenantry": 1, "tenantry": 1"#, "bad_document", ""),
    (r#", "organization": "acme""#, "", "bad_document", ""),
    (r#""organization": "acme""#, r#""organization": "acme", "organization": "acme""#, "bad_document", ""),
    (r#""organization": "acme""#, r#""organization": "acme", "colour": "red""#, "bad_document", "colour"),
    (r#""parent": "acme""#, r#""parent": "acme", "colour": 1"#, "bad_document", "scopes[0].colour"),
    (r#""name": "Ann""#, r#""naem": "Ann""#, "bad_document", "users[0].naem"),
    (r#""role": "owner""#, r#""role": "owner", "to": "x""#, "bad_document", "grants[0].to"),
    (r#""user": "bot" }]"#, r#""user": "bot", "at": 1 }]"#, "bad_document", "deactivations[0].at"),
    (r#""members""#, r#""users": [], "members""#, "bad_document", "groups[0].users"),
    (r#""permissions""#, r#""rank": 1, "permissions""#, "bad_document", "custom_roles[0].rank"),
    (r#"{ "user": "ann" }"#, r#"{ "user": "ann", "by": 1 }"#, "bad_document", "invitations[0].inviter"),
    (r#""roles": ["member""#, r#""role": "x", "roles": ["member""#, "bad_document", "invitations[0].scopes[0].role"),
    (r#""source": "scim""#, r#""sauce": "scim""#, "bad_document", "invitations[0].scopes[0].roles[1].sauce"),
    (r#""by": "self""#, r#""by": "self", "why": """#, "bad_document", "ended[0].why"),
    (r#""ended""#, r#""slice": { "userz": [] }, "ended""#, "bad_document", "slice.userz"),
    (r#"{ "plan": "pro" }"#, r#"{ "plan": "pro", "plan": "pro" }"#, "bad_document", "scopes[1].attributes"),
    (r#""id": "ann""#, r#""id": "ann", "id": "ann""#, "bad_document", "users[0]"),
    // Rows that contradict each other.
    (r#""role": "owner" },"#, r#""role": "owner" }, { "scope": "acme", "user": "ann", "role": "owner", "source": "scim" },"#, "bad_snapshot", "grants[1]"),
    // Values of another sort.
    (r#"{ "plan": "pro" }"#, r#"{ "plan": 1.5 }"#, "bad_document", "scopes[1].attributes.plan"),
    (r#"{ "plan": "pro" }"#, r#"{ "plan": 1e3 }"#, "bad_document", "scopes[1].attributes.plan"),
    (r#"{ "plan": "pro" }"#, r#"{ "plan": 9223372036854775808 }"#, "bad_document", "scopes[1].attributes.plan"),
    (r#"{ "plan": "pro" }"#, r#"{ "plan": null }"#, "bad_document", "scopes[1].attributes.plan"),
    (r#"{ "plan": "pro" }"#, r#"{ "plan": {} }"#, "bad_document", "scopes[1].attributes.plan"),
    (r#"["red", 2]"#, r#"["red", 2.5]"#, "bad_document", "users[0].attributes.teams[1]"),
    (r#"["red", 2]"#, r#"["red", true]"#, "bad_document", "users[0].attributes.teams[1]"),
    (r#"["red", 2]"#, r#"["red", ["blue"]]"#, "bad_document", "users[0].attributes.teams[1]"),
    (r#""name": "Ann""#, r#""version": 1.5"#, "bad_document", "users[0].version"),
    (r#""name": "Ann""#, r#""version": -1"#, "bad_document", "users[0].version"),
    (r#""kind": "service""#, r#""kind": "robot""#, "bad_document", "users[1].kind"),
    (r#""by": "self""#, r#""by": "me""#, "bad_document", "ended[0].by"),
    (r#"{ "user": "ann" }"#, r#""ann""#, "bad_document", "invitations[0].inviter"),
    (r#""members": ["ann"]"#, r#""members": "ann""#, "bad_document", "groups[0].members"),
    // Times.
    ("2027-01-01T00:00:00Z", "2027-13-01T00:00:00Z", "bad_document", "grants[1].expires_at"),
    ("2027-01-01T00:00:00Z", "2027-02-29T00:00:00Z", "bad_document", "grants[1].expires_at"),
    ("2027-01-01T00:00:00Z", "2027-01-01T24:00:00Z", "bad_document", "grants[1].expires_at"),
    ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00", "bad_document", "grants[1].expires_at"),
    ("2027-01-01T00:00:00Z", "2027-01-01", "bad_document", "grants[1].expires_at"),
    ("2027-01-01T00:00:00Z", "0000-01-01T00:00:00+00:01", "bad_document", "grants[1].expires_at"),
    ("2027-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "bad_document", "grants[1].expires_at"),
    ("2027-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "bad_document", "grants[1].expires_at"),
    ("2027-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "bad_document", "grants[1].expires_at"),
    ("2027-01-01T00:00:00Z", " 2027-01-01T00:00:00Z", "bad_document", "grants[1].expires_at"),
    (r#""2027-01-01T00:00:00Z""#, "1798761600", "bad_document", "grants[1].expires_at"),
    (r#""at": "2026-01-01T00:00:00Z""#, r#""at": null"#, "bad_document", "ended[0].at"),
    // Rows that do not fit the policy or each other.
    (r#""organization": "acme""#, r#""organization": """#, "bad_snapshot", "organization"),
    (r#""organization": "acme""#, r#""organization": "a\u0000b""#, "bad_snapshot", "organization"),
    (r#""kind": "workspace""#, r#""kind": "worksapce""#, "bad_snapshot", "scopes[0].kind"),
    (r#""kind": "workspace""#, r#""kind": "organization""#, "bad_snapshot", "scopes[0]"),
    (r#""parent": "acme""#, r#""parent": "studio""#, "bad_snapshot", "scopes[0].parent"),
    (r#""parent": "acme""#, r#""parent": "gone""#, "bad_snapshot", "scopes[0].parent"),
    (r#""parent": "acme", "#, "", "bad_snapshot", "scopes[0]"),
    (r#"{ "id": "acme""#, r#"{ "id": "acme", "parent": "studio""#, "bad_snapshot", "scopes[0].parent"),
    (r#"{ "id": "acme""#, r#"{ "id": "studio""#, "bad_snapshot", "scopes[1]"),
    (r#"{ "plan": "pro" }"#, r#"{ "plans": "pro" }"#, "bad_snapshot", "scopes[1].attributes"),
    (r#"{ "id": "ann""#, r#"{ "id": """#, "bad_snapshot", "users[0]"),
    (r#""owner": "ann""#, r#""owner": """#, "bad_snapshot", "users[1].owner"),
    (r#""name": "Ann""#, r#""profile": { "titel": "Dr" }"#, "bad_snapshot", "users[0].profile"),
    (r#"{ "id": "bot""#, r#"{ "id": "ann""#, "bad_snapshot", "users[1]"),
    (r#"{ "id": "bot""#, r#"{ "email": "ann@acme.EXAMPLE", "id": "bot""#, "bad_snapshot", "users[1]"),
    ("Ann@Acme.example", "Ann at Acme", "bad_snapshot", "users[0]"),
    (r#", "owner": "ann""#, "", "bad_snapshot", "users[1]"),
    (r#""kind": "service""#, r#""kind": "guest""#, "bad_snapshot", "users[1]"),
    (r#"{ "teams""#, r#"{ "team""#, "bad_snapshot", "users[0].attributes"),
    (r#""user": "ann", "role""#, r#""user": "anna", "role""#, "bad_snapshot", "grants[0]"),
    (r#""group": "crew""#, r#""group": "crews""#, "bad_snapshot", "grants[1]"),
    (r#""group": "crew", "#, "", "bad_snapshot", "grants[1]"),
    (r#""group": "crew""#, r#""group": "crew", "user": "ann""#, "bad_snapshot", "grants[1]"),
    (r#""role": "owner""#, r#""role": "onwer""#, "bad_snapshot", "grants[0].role"),
    (r#""role": "owner""#, r#""role": "editor""#, "bad_snapshot", "grants[0].role"),
    (r#"{ "scope": "acme", "user": "ann""#, r#"{ "scope": "acne", "user": "ann""#, "bad_snapshot", "grants[0]"),
    (r#"{ "scope": "studio", "user": "bot" }"#, r#"{ "scope": "acme", "user": "bot" }"#, "bad_snapshot", "deactivations[0]"),
    (r#"{ "scope": "studio", "user": "bot" }"#, r#"{ "scope": "studio", "user": "bob" }"#, "bad_snapshot", "deactivations[0]"),
    (r#""members": ["ann"]"#, r#""members": ["bob"]"#, "bad_snapshot", "groups[0]"),
    (r#""managers": ["bot"]"#, r#""managers": ["bob"]"#, "bad_snapshot", "groups[0]"),
    (r#""groups": ["#, r#""groups": [{ "id": "crew", "scope": "acme" }, "#, "bad_snapshot", "groups[1]"),
    (r#""permissions": ["people"]"#, r#""permissions": ["peopel"]"#, "bad_snapshot", "custom_roles[0]"),
    (r#"{ "id": "clerk""#, r#"{ "id": "member""#, "bad_snapshot", "custom_roles[0]"),
    (r#"{ "id": "clerk""#, r#"{ "id": "workspace.editor""#, "bad_snapshot", "custom_roles[0]"),
    (r#""custom_roles": ["#, r#""custom_roles": [{ "id": "clerk", "scope": "acme" }, "#, "bad_snapshot", "custom_roles[1]"),
    (r#""email": "zoe@acme.example", "#, "", "bad_snapshot", "invitations[0]"),
    (r#""email": "zoe@acme.example", "#, r#""email": "zoe@acme.example", "open": {}, "#, "bad_snapshot", "invitations[0]"),
    ("zoe@acme.example", "zoe", "bad_snapshot", "invitations[0]"),
    (r#""inviter""#, r#""status": "expired", "inviter""#, "bad_snapshot", "invitations[0]"),
    (r#"["member", "#, r#"["membre", "#, "bad_snapshot", "invitations[0].role"),
    (r#"{ "user": "ann" }, "created"#, r#"{ "user": "" }, "created"#, "bad_snapshot", "invitations[0].inviter"),
    (r#"{ "user": "ann" }, "created"#, r#"{ "invitee": { "email": "ann" } }, "created"#, "bad_snapshot", "invitations[0].inviter"),
    (r#""inviter""#, r#""user": "", "inviter""#, "bad_snapshot", "invitations[0].user"),
    (r#""inviter""#, r#""token_hash": "a\u0007", "inviter""#, "bad_snapshot", "invitations[0].token_hash"),
    (r#"[{ "scope": "acme", "roles": ["member", { "role": "clerk", "source": "scim" }] }]"#, "[]", "bad_snapshot", "invitations[0].scopes"),
    (r#""source": "scim" }] }]"#, r#""source": "scim" }] }, { "scope": "acme", "roles": ["owner"] }]"#, "bad_snapshot", "invitations[0].scopes[1]"),
    (r#""email": "zoe@acme.example""#, r#""open": { "audience": "acme" }"#, "bad_snapshot", "invitations[0].open.audience"),
    (r#""email": "zoe@acme.example""#, r#""open": { "audience": "Acme.example" }"#, "bad_snapshot", "invitations[0].open.audience"),
    (r#""email": "zoe@acme.example""#, r#""open": { "uses": -1 }"#, "bad_document", "invitations[0].open.uses"),
    (r#""ended": [{ "scope": "acme""#, r#""ended": [{ "scope": "acne""#, "bad_snapshot", "ended[0]"),
    (r#""user": "old""#, r#""user": """#, "bad_snapshot", "ended[0]"),
    (r#""user": "old""#, r#""user": "old", "email": "old at acme""#, "bad_snapshot", "ended[0].email"),
    // Slices.
    (r#""ended""#, r#""slice": { "users": ["ann", ""] }, "ended""#, "bad_snapshot", "slice.users[1]"),
    (r#""ended""#, r#""slice": { "memberships": [""] }, "ended""#, "bad_snapshot", "slice.memberships[0]"),
    (r#""ended""#, r#""slice": { "emails": ["zoe"] }, "ended""#, "bad_snapshot", "slice.emails[0]"),
    (r#""ended""#, r#""slice": { "counts": [{ "keep": "k", "scope": "", "count": 1 }] }, "ended""#, "bad_snapshot", "slice.counts[0].scope"),
];

const ASK: &str = r#""action": "member.set_roles", "target": "bot", "roles": ["member"]"#;

const REQUEST: &str = r#"{
 "tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z", "actor": { "user": "ann" }, "context": { "mfa": true },
 "action": "member.set_roles", "target": "bot", "roles": ["member"]
}"#;

const REQUESTS: &[Row] = &[
    // Versions and fields.
    (r#""tenantry": 1"#, r#""tenantry": 2"#, "unsupported_version", ""),
    (r#""tenantry": 1"#, r#""tenantry": 0, "colour": "red""#, "unsupported_version", ""),
    (r#""tenantry": 1, "#, "", "bad_document", ""),
    (r#""id": "r1""#, r#""id": "r1", "id": "r1""#, "bad_document", ""),
    (r#""id": "r1""#, r#""id": "r1", "colour": "red""#, "bad_document", "colour"),
    (r#""target""#, r#""tagret""#, "bad_document", "tagret"),
    (r#"{ "user": "ann" }"#, r#"{ "user": "ann", "system": "install" }"#, "bad_document", "actor"),
    (r#"{ "user": "ann" }"#, r#"{ "robot": "ann" }"#, "bad_document", "actor"),
    (r#"{ "user": "ann" }"#, r#"{ "invitee": { "email": "a@b.example", "proved": true } }"#, "bad_document", "actor.invitee.proved"),
    (r#"{ "user": "ann" }"#, "{}", "bad_document", "actor"),
    (r#"{ "mfa": true }"#, r#"{ "mfa": true, "mfa": false }"#, "bad_document", "context"),
    (r#"["member"]"#, r#"[{ "role": "member", "until": "2027-01-01T00:00:00Z" }]"#, "bad_document", "roles[0].until"),
    (r#"["member"]"#, r#"[{ "role": "member", "role": "member" }]"#, "bad_document", "roles[0]"),
    (ASK, r#""batch": "each", "items": [{ "action": "doc.read", "colour": 1 }]"#, "bad_document", "items[0].colour"),
    (ASK, r#""batch": "each", "items": []"#, "bad_document", ""),
    (ASK, r#""batch": "each""#, "bad_document", ""),
    (ASK, r#""items": [{ "action": "doc.read" }]"#, "bad_document", ""),
    (ASK, r#""batch": "each", "action": "doc.read", "items": [{ "action": "doc.read" }]"#, "bad_document", ""),
    (ASK, r#""target": "bot""#, "bad_document", ""),
    // Values of another sort.
    (r#"{ "mfa": true }"#, r#"{ "mfa": 0.5 }"#, "bad_document", "context.mfa"),
    (r#""bot""#, "7", "bad_document", "target"),
    (r#"["member"]"#, r#""member""#, "bad_document", "roles"),
    (r#"["member"]"#, "[1]", "bad_document", "roles[0]"),
    (ASK, r#""batch": "all", "items": [{ "action": "doc.read" }]"#, "bad_document", "batch"),
    (ASK, r#""action": "member.leave", "reach": "world""#, "bad_document", "reach"),
    // Times.
    ("2026-01-15T09:00:00Z", "now", "bad_document", "now"),
    ("2026-01-15T09:00:00Z", "2026-01-15T09:00Z", "bad_document", "now"),
    ("2026-01-15T09:00:00Z", "2026-01-15T09:00:00+24:00", "bad_document", "now"),
    ("2026-01-15T09:00:00Z", "0000-01-01T00:00:00+23:59", "bad_document", "now"),
    ("2026-01-15T09:00:00Z", "9999-12-31T23:59:59.999-23:59", "bad_document", "now"),
    (r#""2026-01-15T09:00:00Z""#, "1768467600000", "bad_document", "now"),
    (r#"["member"]"#, r#"[{ "role": "member", "expires_at": "never" }]"#, "bad_document", "roles[0].expires_at"),
    (ASK, r#""action": "invitation.create", "email": "a@b.example", "expires_at": "soon""#, "bad_document", "expires_at"),
    // Ids, names and attributes.
    (r#""id": "r1""#, r#""id": """#, "bad_value", "id"),
    (r#""user": "ann""#, r#""user": """#, "bad_value", "actor.user"),
    (r#""bot""#, r#""b\u0007t""#, "bad_value", "target"),
    (r#"["member"]"#, r#"[""]"#, "bad_value", "roles"),
    (r#"{ "mfa": true }"#, r#"{ "mf": true }"#, "bad_value", "context.mf"),
    (ASK, r#""action": "doc.read", "resource": { "selection": 1 }"#, "bad_value", "resource.selection"),
    (ASK, r#""action": "scope.create", "kind": "workspace", "attributes": { "seats": 1 }"#, "bad_value", "attributes.seats"),
    (ASK, r#""action": "member.add", "roles": ["member"], "user": { "attributes": { "grade": 1 } }"#, "bad_value", "user.attributes.grade"),
    (ASK, r#""action": "member.add", "roles": ["member"], "user": { "id": "" }"#, "bad_value", "user.id"),
    (ASK, r#""action": "member.set_roles", "target": "bot", "add": [""]"#, "bad_value", "add"),
    (ASK, r#""action": "member.set_roles", "target": "bot", "remove": [""]"#, "bad_value", "remove"),
    (ASK, r#""action": "ownership.transfer", "target": "bot", "role": "owner", "keep": [""]"#, "bad_value", "keep"),
    (ASK, r#""action": "member.set_roles", "target": "bot", "scopes": [{ "scope": "acme", "remove": [""] }]"#, "bad_value", "scopes[0].remove"),
    // Links that nobody could use.
    (ASK, r#""action": "invitation.create", "roles": ["member"], "open": { "uses": 0 }"#, "bad_value", "open.uses"),
    (ASK, r#""action": "invitation.create", "roles": ["member"], "open": { "audience": "" }"#, "bad_value", "open.audience"),
    (ASK, r#""action": "invitation.create", "roles": ["member"], "open": { "audience": "acme" }"#, "bad_value", "open.audience"),
    (ASK, r#""action": "invitation.create", "roles": ["member"], "open": { "audience": "ann@acme.example" }"#, "bad_value", "open.audience"),
    (ASK, r#""action": "invitation.create", "roles": ["member"], "open": { "audience": "ACME.example" }"#, "bad_value", "open.audience"),
    (ASK, r#""action": "member.add", "target": "bot", "scopes": [{ "scope": "acme" }, { "scope": "acme" }]"#, "bad_value", "scopes[1]"),
    (ASK, r#""action": "member.set_roles", "target": "bot", "scopes": [{ "scope": "acme" }]"#, "bad_value", "scopes[0]"),
    (ASK, r#""action": "member.set_roles", "target": "bot", "scopes": [{ "scope": "", "roles": [] }]"#, "bad_value", "scopes[0]"),
];

const DECISION: &str = r#"{
 "tenantry": 1, "organization": "acme", "policy": "00", "effect": "deny", "code": "late",
 "request": { "tenantry": 1, "now": "2026-01-15T09:00:00Z", "actor": { "user": "ann" }, "action": "doc.read" },
 "reasons": [{ "code": "late", "message": "Too late." }],
 "remedies": [{ "remedy": "promote", "role": "organization.owner", "scope": "acme" }],
 "warnings": [{ "code": "advice", "message": "Better not." }],
 "events": [{ "event": "role.given", "user": "bot", "scope": "acme", "role": "owner" }],
 "obligations": [{ "obligation": "confirm", "action": "doc.read" }],
 "items": [{ "effect": "deny" }],
 "reads": { "users": { "ann": 1 }, "emails": { "a@b.example": null }, "counts": { "last-owner": { "acme": 1 } } },
 "valid_until": "2026-02-01T00:00:00.000Z"
}"#;

const DECISIONS: &[Row] = &[
    (r#""tenantry": 1, "organization""#, r#""organization""#, "bad_document", ""),
    (r#""tenantry": 1, "organization""#, r#""tenantry": 2, "colour": "red", "organization""#, "unsupported_version", ""),
    (r#""policy": "00""#, r#""policy": "00", "colour": "red""#, "bad_document", "colour"),
    (r#""policy": "00""#, r#""policy": "00", "policy": "00""#, "bad_document", ""),
    (r#""effect": "deny", "code""#, r#""effect": "maybe", "code""#, "bad_document", "effect"),
    (r#""action": "doc.read" },"#, r#""action": "doc.read", "colour": "red" },"#, "bad_document", "request.colour"),
    (r#"{ "tenantry": 1, "now""#, r#"{ "tenantry": 2, "now""#, "bad_document", "request"),
    (r#""message": "Too late.""#, r#""message": "Too late.", "mood": "bad""#, "bad_document", "reasons[0].mood"),
    (r#""scope": "acme" }],"#, r#""scope": "acme", "when": "now" }],"#, "bad_document", "remedies[0]"),
    (r#""remedy": "promote""#, r#""remedy": "applaud""#, "bad_document", "remedies[0].remedy"),
    (r#"{ "remedy": "promote", "role": "organization.owner", "scope": "acme" }"#, r#"{ "remedy": "verify_email", "x": 1 }"#, "bad_document", "remedies[0]"),
    (r#"{ "remedy": "promote", "role": "organization.owner", "scope": "acme" }"#, r#"{ "remedy": "invite_again", "x": 1 }"#, "bad_document", "remedies[0]"),
    (r#"{ "remedy": "promote", "role""#, r#"{ "remedy": "promote", "remedy": "promote", "role""#, "bad_document", "remedies[0]"),
    (r#"{ "ann": 1 }"#, r#"{ "ann": 1, "ann": 2 }"#, "bad_document", "reads.users"),
    (r#"{ "a@b.example": null }"#, r#"{ "a@b.example": null, "a@b.example": "ann" }"#, "bad_document", "reads.emails"),
    (r#"{ "acme": 1 } }"#, r#"{ "acme": 1, "acme": 2 } }"#, "bad_document", "reads.counts.last-owner"),
    (r#"{ "acme": 1 } }"#, r#"{ "acme": 1 }, "last-owner": {} }"#, "bad_document", "reads.counts"),
    (r#""message": "Better not.""#, r#""message": "Better not.", "item": 1"#, "bad_document", "warnings[0].item"),
    (r#""event": "role.given""#, r#""event": "role.gifted""#, "bad_document", "events[0].event"),
    (r#""role": "owner" }"#, r#""role": "owner", "to": "bot" }"#, "bad_document", "events[0]"),
    (r#""role": "owner" }"#, r#""role": "owner", "expires_at": "never" }"#, "bad_document", "events[0]"),
    (r#""obligation": "confirm""#, r#""obligation": "confirm", "twice": true"#, "bad_document", "obligations[0]"),
    (r#"{ "effect": "deny" }"#, r#"{ "effect": "deny", "items": [] }"#, "bad_document", "items[0].items"),
    (r#"{ "ann": 1 }"#, r#"{ "ann": 1.5 }"#, "bad_document", "reads.users.ann"),
    (r#""counts""#, r#""clocks""#, "bad_document", "reads.clocks"),
    ("2026-02-01T00:00:00.000Z", "2026-02-31T00:00:00.000Z", "bad_document", "valid_until"),
];

const EVENT: &str = r#"{
 "tenantry": 1, "organization": "acme", "at": "2026-01-15T09:00:00.000Z", "actor": { "system": "install" }, "action": "member.edit",
 "fact": { "event": "member.edited", "user": "bot", "profile": { "name": "Bot" } }
}"#;

const EVENTS: &[Row] = &[
    (r#""tenantry": 1, "#, "", "bad_document", ""),
    (r#""tenantry": 1"#, r#""tenantry": 2, "colour": "red""#, "unsupported_version", ""),
    (r#""action""#, r#""colour": "red", "action""#, "bad_document", "colour"),
    (r#""action""#, r#""action": "x.y", "action""#, "bad_document", ""),
    (r#"{ "system": "install" }"#, r#"{ "system": 1 }"#, "bad_document", "actor.system"),
    ("2026-01-15T09:00:00.000Z", "15 January 2026", "bad_document", "at"),
    ("member.edited", "member.moved", "bad_document", "fact.event"),
    (r#""user": "bot""#, r#""user": "bot", "user": "bot""#, "bad_document", "fact"),
    (r#"{ "name": "Bot" }"#, r#"{ "name": 0.5 }"#, "bad_document", "fact"),
    (r#"{ "name": "Bot" }"#, r#"{ "name": "Bot", "name": "Bot" }"#, "bad_document", "fact"),
];

/// Policies by their text: what is said before any word of it is read.
const POLICIES: &[Row] = &[
    ("{}", "", "bad_document", "roles.organization.owner"),
    (r#""name": "x""#, r#""name": "x", "name": "x""#, "bad_document", ""),
    (r#""owner": {}"#, r#""owner": {}, "owner": {}"#, "bad_document", "roles.organization"),
    (r#""name": "x""#, r#""name": nothing"#, "bad_document", "name"),
];

const POLICY: &str = r#"{ "tenantry": 1, "name": "x", "roles": { "organization": { "owner": {} } } }"#;

fn policy() -> Result<Policy, tenantry::Error> {
    Policy::parse(json!({
        "tenantry": 1,
        "name": "edges",
        "scopes": { "workspace": {} },
        "roles": { "organization": { "owner": { "rank": 2 }, "member": { "rank": 1 } }, "workspace": { "editor": {} } },
        "permissions": { "people": "member.list" },
        "custom_roles": { "on": ["organization", "workspace"] },
        "attributes": { "user": "teams", "scope": "plan", "resource": "section", "context": "mfa" },
        "actions": { "doc.read": {} },
        "allow": [{ "id": "owners", "actions": "*", "actor": { "role": "owner" }, "grants": { "role": "*" }, "revokes": { "role": "*" } }]
    }))
}

fn load(text: &str) -> Result<Directory, tenantry::Error> {
    Directory::new(policy()?, &Snapshot::from_json(text)?)
}

fn decide(text: &str) -> Result<Decision, tenantry::Error> {
    load(SNAPSHOT)?.decide(&Request::from_json(text)?)
}

/// Fails with every row whose answer is another.
fn refused<T>(document: &str, rows: &[Row], read: impl Fn(&str) -> Result<T, tenantry::Error>) -> Done {
    read(document)?;
    let mut wrong = Vec::new();
    for &(from, to, code, place) in rows {
        let changed = document.replacen(from, to, 1);
        assert_ne!(changed, document, "{from} stands nowhere");
        match read(&changed).err() {
            Some(error) if error.code() == code && place_of(&error) == place => {}
            Some(error) => wrong.push(format!("{to}\n    expected {code} at `{place}`\n    met      {} at `{}`: {error}", error.code(), place_of(&error))),
            None => wrong.push(format!("{to}\n    expected {code} at `{place}`\n    was accepted")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} of {} rows\n{}", wrong.len(), rows.len(), wrong.join("\n")).into()) }
}

/// Where the error says that the document is wrong.
fn place_of(error: &tenantry::Error) -> String {
    let place = error.path().unwrap_or_default().to_owned();
    assert!(error.to_string().contains(&place), "{error} does not say {place}");
    place
}

#[test]
fn snapshots() -> Done {
    refused(SNAPSHOT, SNAPSHOTS, load)
}

#[test]
fn requests() -> Done {
    refused(REQUEST, REQUESTS, decide)
}

#[test]
fn decisions() -> Done {
    refused(DECISION, DECISIONS, Decision::from_json)
}

#[test]
fn events() -> Done {
    refused(EVENT, EVENTS, AuditRecord::from_json)
}

#[test]
fn policies() -> Done {
    refused(POLICY, POLICIES, Policy::parse_json)
}

#[test]
fn a_misspelt_word_hears_the_nearest() -> Done {
    let said = |error: Option<tenantry::Error>| error.map(|error| error.to_string()).unwrap_or_default();
    for (from, to, nearest) in [
        (r#""name": "Ann""#, r#""naem": "Ann""#, "name"),
        (r#""kind": "service""#, r#""kind": "servce""#, "service"),
        (r#""role": "owner""#, r#""role": "onwer""#, "owner"),
        (r#""kind": "workspace""#, r#""kind": "worksapce""#, "workspace"),
        (r#"["people"]"#, r#"["peopel"]"#, "people"),
        (r#"{ "teams""#, r#"{ "team""#, "teams"),
    ] {
        let text = said(load(&SNAPSHOT.replacen(from, to, 1)).err());
        assert!(text.ends_with(&format!("; did you mean `{nearest}`?")), "{text}");
    }
    for (from, to, nearest) in [("target", "tagret", "target"), ("member.set_roles", "member.set_role", "member.set_roles"), ("mfa", "mf", "mfa")] {
        let text = said(decide(&REQUEST.replacen(from, to, 1)).err());
        assert!(text.ends_with(&format!("; did you mean `{nearest}`?")), "{text}");
    }
    Ok(())
}

#[test]
fn what_is_cut_short_or_goes_on_is_no_document() -> Done {
    for (document, read) in [
        (SNAPSHOT, (|text| Snapshot::from_json(text).map(drop)) as fn(&str) -> Result<(), tenantry::Error>),
        (REQUEST, |text| Request::from_json(text).map(drop)),
        (DECISION, |text| Decision::from_json(text).map(drop)),
        (EVENT, |text| AuditRecord::from_json(text).map(drop)),
        (POLICY, |text| Policy::parse_json(text).map(drop)),
    ] {
        read(document)?;
        read(&format!(" \n{document}\t "))?;
        for wrong in
            [&document[..document.len() - 1], "", "null", "3", "[]", &format!("{document},"), &format!("{document}{document}"), &format!("\u{feff}{document}")]
        {
            let code = read(wrong).err().map(|error| error.code());
            let expected = if document == POLICY && matches!(wrong, "null" | "3" | "[]") { "bad_policy" } else { "bad_document" };
            assert_eq!(code, Some(expected), "{wrong}");
        }
    }
    Ok(())
}

/// However deep it nests, an answer comes, and the stack holds.
#[test]
fn depth_is_no_way_in() {
    let deep = "[".repeat(100_000);
    for text in [deep.clone(), format!("{{\"attributes\": {deep}"), "{\"a\":".repeat(100_000)] {
        assert_eq!(Snapshot::from_json(&text).err().map(|error| error.code()), Some("bad_document"));
        assert_eq!(Request::from_json(&text).err().map(|error| error.code()), Some("bad_document"));
        assert_eq!(Policy::parse_json(&text).err().map(|error| error.code()), Some("bad_document"));
    }
    assert_eq!(Policy::parse_toml(&format!("name = {deep}")).err().map(|error| error.code()), Some("bad_document"));
}

#[test]
fn toml_is_read_whole_or_not_at_all() {
    for wrong in ["tenantry = ", "tenantry = 1\n name = 'x'\n name = 'x'", "[roles]\n[roles]", "name = \"a\nb\"", "name = 01", "\u{0}"] {
        assert_eq!(Policy::parse_toml(wrong).err().map(|error| error.code()), Some("bad_document"), "{wrong}");
    }
    // At the beginning of a line, in the middle, at the end, and after the last one.
    for (text, line) in [
        ("tenantry = 1\nname = 'x'\nsystems = [1 2]", "line 3"),
        ("tenantry = 1\n= 2\n", "line 2"),
        ("= 1", "line 1"),
        ("tenantry = 1\r\n\r\n]\r\n", "line 3"),
        ("tenantry = 1\nname = 'é' é", "line 2"),
        ("tenantry = 1\nname = \n", "line 2"),
    ] {
        assert_eq!(Policy::parse_toml(text).err().as_ref().and_then(tenantry::Error::path), Some(line), "{text}");
    }
}

/// Where a malformed question is wrong; a question that is well formed and has no answer is wrong nowhere.
#[test]
fn errors_say_where() -> Done {
    let path = |error: Option<tenantry::Error>| error.and_then(|error| error.path().map(str::to_owned));
    assert_eq!(path(decide(&REQUEST.replacen(r#", "roles": ["member"]"#, "", 1)).err()).as_deref(), Some("roles"));
    assert_eq!(path(decide(&REQUEST.replacen(r#""target": "bot""#, r#""target": "bot", "group": "crew""#, 1)).err()).as_deref(), Some("group"));
    assert_eq!(path(Policy::parse(json!({ "tenantry": 1, "name": "x", "allow": [3] })).err()).as_deref(), Some("allow[0]"));
    assert_eq!(path(Policy::preset("none").err()), None);
    assert_eq!(path(Snapshot::from_json("[]").err()), None);
    Ok(())
}

/// A host can hand over any number as a time; documents cannot name it.
#[test]
fn times_beyond_the_calendar_are_refused() -> Done {
    for beyond in [Time(i64::MIN), Time(Time::MIN.0 - 1), Time(Time::MAX.0 + 1), Time(i64::MAX)] {
        let request = Request { now: beyond, ..Request::from_json(REQUEST)? };
        let error = load(SNAPSHOT)?.decide(&request).err().ok_or("accepted")?;
        assert_eq!((error.code(), error.path()), ("bad_value", Some("now")));

        let mut snapshot = Snapshot::from_json(SNAPSHOT)?;
        snapshot.grants[1].expires_at = Some(beyond);
        let error = Directory::new(policy()?, &snapshot).err().ok_or("accepted")?;
        assert_eq!((error.code(), error.path()), ("bad_snapshot", Some("grants[1]")));
    }
    Ok(())
}
