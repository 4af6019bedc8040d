//! Cases beside a policy: what they can say, how they fail, and what is said about a file that cannot be run.

use std::error::Error;

use serde_json::json;
use tenantry::Policy;
use tenantry::document::Snapshot;
use tenantry_cli::cases::{CaseResult, run_cases};

type Done = Result<(), Box<dyn Error>>;

const POLICY: &str = r#"
tenantry = 1
name     = "cases"
systems  = "install"

[scopes.workspace]
under = ["organization", "workspace"]

[roles.organization]
owner  = { rank = 2 }
member = { rank = 1, default = true }

[roles.workspace]
admin  = { rank = 2 }
viewer = { rank = 1 }

[actions]
"report.read" = {}

[permissions]
reading = ["report.read"]

[custom_roles]
on = ["organization", "workspace"]

[attributes]
user  = ["team"]
scope = ["seats"]

[[allow]]
id      = "owners"
actions = "*"
actor   = { role = "organization.owner" }
grants  = { role = "*" }
revokes = { role = "*" }

[[allow]]
id      = "install"
actions = "organization.create"
actor   = { system = "install" }
grants  = { role = "owner" }

[[allow]]
id      = "viewers"
actions = "report.read"
actor   = { role = ["viewer", "admin"] }

[[forbid]]
id      = "no-guests"
actions = "report.read"
actor   = { kind = "guest" }
code    = "guests_read_nothing"

[[keep]]
id      = "seats"
count   = { pending = true }
scope   = { kind = "organization" }
at_most = { scope = "seats" }
"#;

fn run(text: &str) -> Result<Vec<CaseResult>, Box<dyn Error>> {
    Ok(run_cases(&Policy::parse_toml(POLICY)?, None, text)?)
}

/// Runs cases that are to hold.
fn holds(text: &str) -> Done {
    let results = run(text)?;
    let failed: Vec<String> = results.iter().filter_map(|result| Some(format!("{}: {}", result.name, result.failure.as_ref()?))).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

/// Runs one case that is to fail, and gives the lines that say why.
fn fails(text: &str) -> Result<String, Box<dyn Error>> {
    let results = run(text)?;
    let failure = results.into_iter().next().and_then(|result| result.failure).ok_or("the case holds")?;
    Ok(failure.to_string())
}

/// What is said about a file that cannot be run.
fn refused(text: &str) -> Result<String, Box<dyn Error>> {
    let error = run_cases(&Policy::parse_toml(POLICY)?, None, text).err().ok_or("the cases are run")?;
    Ok(error.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_person_can_be_anything() -> Done {
    holds(
        r#"
        [given]
        scopes       = { west = "workspace", oslo = "workspace under west", old = "workspace, archived" }
        groups       = { crew = "viewer at west, home west", club = "" }
        custom_roles = { reader = ["reading"] }

        [given.people]
        ann = "owner"
        bob = "member, admin at west, viewer at oslo"
        cid = "member, in crew, manages club"
        dan = "member, deactivated"
        eve = "member, admin at west, deactivated at west"
        fay = "member until 2026-01-01, viewer at west until 2026-01-15T10:00:00Z from scim"
        gil = "member, viewer at west, guest, email Gil@elsewhere.example, unverified"
        hal = "reader"
        bot = "viewer at west, service of bob"
        zoe = ""

        [[case]]
        name  = "a role at a workspace"
        when  = { actor = "bob", action = "report.read", scope = "oslo" }
        then  = "allow"
        rules = ["viewers"]

        [[case]]
        name = "through a group"
        when = { actor = "cid", action = "report.read", scope = "west" }
        then = "allow"

        [[case]]
        name = "by a custom role"
        when = { actor = "hal", action = "report.read" }
        then = "allow"
        rules = ["permission:reading"]

        [[case]]
        name = "as a service"
        when = { actor = "bot", action = "report.read", scope = "west" }
        then = "allow"

        [[case]]
        name = "deactivated"
        when = { actor = "dan", action = "report.read" }
        then = "actor_inactive"

        [[case]]
        name = "deactivated at a workspace"
        when = { actor = "eve", action = "report.read", scope = "west" }
        then = "not_permitted"

        [[case]]
        name  = "a grant that expires"
        when  = { actor = "fay", action = "report.read", scope = "west" }
        then  = "allow"
        after = [{ when = { actor = "fay", action = "report.read", scope = "west", now = "2026-01-15T10:00:00Z" }, then = "not_permitted" }]

        [[case]]
        name = "a guest"
        when = { actor = "gil", action = "report.read", scope = "west" }
        then = "guests_read_nothing"

        [[case]]
        name = "an address of one's own"
        when = { actor = "ann", action = "invitation.create", email = "gil@ELSEWHERE.example" }
        then = "already_member"

        [[case]]
        name = "a member without a role"
        when = { actor = "ann", action = "member.set_roles", target = "zoe", roles = ["member"] }
        then = "allow"
        events = ["role.given"]

        [[case]]
        name = "an archived workspace"
        when = { actor = "ann", action = "member.add", scope = "old", target = "bob", roles = ["viewer"] }
        then = "scope_archived"
    "#,
    )
}

#[test]
fn a_case_can_change_what_is_given() -> Done {
    holds(
        r#"
        now = "2026-03-01T00:00:00Z"
        [given]
        people      = { ann = "owner", bob = "member" }
        attributes  = { acme = { seats = 3 } }
        invitations = { i1 = "member, to kim@x.example, by ann, made 2026-02-01, until 2026-03-02" }

        [[case]]
        name = "three seats are taken"
        when = { actor = "ann", action = "invitation.create", email = "lee@x.example" }
        then = "above_maximum"
        remedies = ["make_room"]
        reasons = ["above_maximum"]

        [[case]]
        name  = "there are four"
        given = { attributes = { acme = { seats = 4 } } }
        when  = { actor = "ann", action = "invitation.create", email = "lee@x.example" }
        then  = "allow"
        obligations = ["send_email"]
        warnings    = []

        [[case]]
        name  = "bob is an owner here, and rows of the snapshot come on top"
        given = { people = { bob = "owner" }, snapshot = { users = [{ id = "ann", name = "Ann", attributes = { team = "blue" } }], ended = [{ scope = "acme", user = "old", at = "2026-01-01T00:00:00Z", by = "self" }] } }
        when  = { actor = "bob", action = "member.remove", target = "old" }
        then  = "already_ended"

        [[case]]
        name  = "nothing is there yet"
        given = { empty = true }
        when  = { actor = "system:install", action = "organization.create", user = { id = "ann" }, roles = ["owner"] }
        then  = "allow"
        after = [{ when = { actor = "ann", action = "scope.create", kind = "workspace" }, then = "allow" }]

        [[case]]
        name = "the invitation is there, with its times"
        when = { actor = "invitee:kim@x.example", action = "invitation.accept", invitation = "i1", user = { id = "kim" } }
        then = "allow"
        events = ["invitation.accepted", "member.added", "role.given"]

        [[case]]
        name = "an actor as in the document"
        when = { actor = { invitee = { email = "kim@x.example" } }, action = "invitation.accept", invitation = "i1" }
        then = "email_unverified"

        [[case]]
        name = "a batch, and an error"
        when = { actor = "ann", batch = "each", items = [{ action = "member.remove", target = "bob" }, { action = "member.remove", target = "kim" }] }
        then = "allow"
        items = ["allow", "not_found"]
        after = [{ when = { actor = "ann", action = "member.remove" }, then = "missing_field" }]
    "#,
    )
}

#[test]
fn a_snapshot_can_be_the_base() -> Done {
    let base: Snapshot = serde_json::from_value(json!({
        "tenantry": 1, "organization": "org_1",
        "scopes": [{ "id": "org_1", "kind": "organization" }, { "id": "west", "kind": "workspace", "parent": "org_1" }],
        "users": [{ "id": "u1", "email": "u1@acme.org" }, { "id": "u2", "email": "u2@acme.org" }],
        "grants": [{ "scope": "org_1", "user": "u1", "role": "owner" }, { "scope": "west", "user": "u2", "role": "viewer" }]
    }))?;
    let cases = r#"
        [[case]]
        name = "u2 is a viewer"
        when = { actor = "u2", action = "report.read", scope = "west" }
        then = "allow"

        [[case]]
        name  = "u2 is somebody else here"
        given = { people = { u2 = "member" } }
        when  = { actor = "u2", action = "report.read", scope = "west" }
        then  = "not_permitted"
    "#;
    let results = run_cases(&Policy::parse_toml(POLICY)?, Some(&base), cases)?;
    assert!(results.len() == 2 && results.iter().all(CaseResult::passed), "{results:?}");
    Ok(())
}

#[test]
fn a_failing_case_says_what_was_met() -> Done {
    let given = "given.people = { ann = \"owner\", bob = \"member\" }\n[[case]]\nname = \"x\"\n";
    let fails = |rest: &str| fails(&format!("{given}{rest}"));
    assert_eq!(
        fails("when = { actor = 'bob', action = 'member.remove', target = 'ann' }\nthen = 'allow'")?,
        "case[0]:\n  then: expected `allow`, met `not_permitted`: You do not have permission to do this. (scope `acme`)"
    );
    assert_eq!(
        fails("when = { actor = 'ann', action = 'member.remove', target = 'bob' }\nthen = 'not_permitted'\nevents = ['member.removed']")?,
        "case[0]:\n  then: expected `not_permitted`, met `allow` by `owners`\n  events: expected `member.removed`, met `role.taken`, `member.removed`"
    );
    assert_eq!(
        fails("when = { actor = 'ann', action = 'member.remov', target = 'bob' }\nthen = 'allow'")?,
        "case[0]:\n  then: expected `allow`, met the error `unknown_action`: `member.remov` is not an action of this policy; did you mean `member.remove`?"
    );
    assert_eq!(
        fails(
            "when = { actor = 'ann', action = 'member.list' }\nthen = 'allow'\nafter = [{ when = { actor = 'bob', action = 'member.list' }, then = 'allow' }]"
        )?,
        "case[0].after[0]:\n  then: expected `allow`, met `not_permitted`: You do not have permission to do this. (scope `acme`)"
    );
    Ok(())
}

#[test]
fn a_file_that_cannot_be_run_says_where_and_what() -> Done {
    let case = "\n[[case]]\nname = 'x'\nwhen = { actor = 'ann', action = 'member.list' }\nthen = 'allow'\n";
    let given = |given: &str| refused(&format!("[given]\n{given}{case}"));
    assert_eq!(
        given("people = { ann = 'ownr' }")?.lines().next(),
        Some(
            "given.people.ann: `ownr` is no role of `organization`; expected a role (`admin`, `admin at west until 2026-02-01`), `deactivated`, `deactivated at SCOPE`, `guest`, `service of USER`, `unverified`, `in GROUP`, `manages GROUP` or `email ADDRESS`; did you mean `owner`?"
        )
    );
    assert_eq!(
        given("people = { ann = 'owner att acme' }")?,
        "given.people.ann: `att` is not a word that follows a role: `at`, `until` or `from`; did you mean `at`?"
    );
    assert_eq!(given("scopes = { west = 'worksapce' }")?, "given.scopes.west: `worksapce` is not a scope kind of the policy; did you mean `workspace`?");
    assert_eq!(
        given("scopes = { west = 'workspace' }\npeople = { ann = 'viewer at wst, in crew' }")?,
        "given.people.ann: `wst` is not a scope that is given; did you mean `west`?\ngiven.people.ann: `crew` is not a group that is given"
    );
    assert_eq!(given("scopes = { west = 'workspace under wst' }")?, "given.scopes.west: `wst` is not a scope that is given; did you mean `west`?");
    assert_eq!(given("people = { ann = 'owner', bot = 'service of an' }")?, "given.people.bot: `an` is not a person that is given; did you mean `ann`?");
    assert_eq!(given("people = { ann = 'owner until tomorrow' }")?, "given.people.ann: `tomorrow` is no day (`2026-02-01`) and no time of RFC 3339");
    assert_eq!(
        given("invitations = { i1 = 'member' }")?,
        "given.invitations.i1: `to ADDRESS` is missing, as in `member, to kim@x.example, by ann`\ngiven.invitations.i1: `by ACTOR` is missing, as in `member, to kim@x.example, by ann`"
    );
    assert_eq!(
        given("attributes = { acmee = { seats = 1 } }")?,
        "given.attributes.acmee: `acmee` is not a person or scope that is given; did you mean `acme`?"
    );
    assert_eq!(given("peple = {}")?.split(", expected").next(), Some("given.peple: unknown field `peple`"));
    assert_eq!(given("empty = true\npeople = { ann = 'owner' }")?, "given.empty: an organization that does not exist has nothing in it");
    assert_eq!(given("snapshot = { usrs = [] }")?.split(", expected").next(), Some("given.snapshot.usrs: unknown field `usrs`"));
    assert_eq!(given("people = { ann = 'owner, email nonsense' }")?, "given: users[0]: \"nonsense\" is no e-mail address");
    Ok(())
}

#[test]
fn a_misspelt_case_says_where_and_what() -> Done {
    assert_eq!(refused("")?, "case: a file of cases has at least one `[[case]]`");
    assert_eq!(refused("[[case]]\nname = ")?.split(':').next(), Some("line 2"));
    assert_eq!(refused("[[case]]\nname = 'x'\nthen = 'allow'")?, "case[0]: missing field `when`");
    assert_eq!(refused("[[case]]\nwhen = { actor = 'ann', action = 'member.list' }\nthen = 'allow'")?, "case[0].name: a case says what it shows: `name`");
    let case = |rest: &str| refused(&format!("[[case]]\nname = 'x'\n{rest}"));
    assert_eq!(
        case("when = { actor = 'ann', action = 'member.list' }\nthen = 'guest_read_nothing'")?,
        "case[0].then: `guest_read_nothing` is not `allow`, a code of a denial or of an error; did you mean `guests_read_nothing`?"
    );
    let met = case("when = { actor = 'ann', action = 'member.list', scop = 'acme' }\nthen = 'allow'")?;
    assert!(met.starts_with("case[0].when.scop: unknown field `scop`") && met.ends_with("did you mean `scope`?"), "{met}");
    let met = case(
        "when = { actor = 'ann', action = 'member.list' }\nthen = 'allow'\nafter = [{ given = {}, when = { actor = 'ann', action = 'member.list', target = 1 }, then = 'alow' }]",
    )?;
    let paths: Vec<&str> = met.lines().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(paths, ["case[0].after[0].given", "case[0].after[0].then", "case[0].after[0].when.target"], "{met}");
    Ok(())
}
