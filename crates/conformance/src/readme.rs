//! The README under test: its Rust as doctests, its policies compiled, its server loop run against a database in memory.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(test)]
mod server;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;

    use serde_json::json;
    use tenantry::document::{Effect, Event, PublicDecision, Request, Snapshot};
    use tenantry::{Directory, Error, Need, Policy};

    use super::server::{Transaction, handle};
    use crate::slices::slice;

    const README: &str = include_str!("../../../README.md");

    fn blocks(language: &str) -> Vec<&'static str> {
        let start = format!("```{language}\n");
        README.split(start.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
    }

    #[test]
    fn policies_compile() -> Result<(), Error> {
        assert!(!blocks("toml").is_empty());
        blocks("toml").into_iter().try_for_each(|policy| Policy::parse_toml(policy).map(drop))
    }

    /// `server.rs` is what the README shows, but that another module can call it.
    #[test]
    fn the_server_loop_is_that_of_the_page() {
        let file = include_str!("readme/server.rs").split_once("\n\n").map_or("", |(_, code)| code);
        let shown = file.replace("pub(super) ", "");
        assert!(blocks("rust").contains(&shown.as_str()), "the README does not show\n{shown}");
    }

    /// A database of one organization, with what was done to it.
    struct Database {
        whole: Snapshot,
        log: RefCell<Vec<String>>,
    }

    impl Transaction for &Database {
        fn load(&mut self, needs: &[Need]) -> Snapshot {
            self.log.borrow_mut().push("load".to_owned());
            let owners = |_: &str, scope: &str| {
                let owns = |row: &&tenantry::document::snapshot::GrantRow| row.scope == scope && row.role == "owner";
                self.whole.grants.iter().filter(owns).count() as u64
            };
            slice(&self.whole, needs, &owners)
        }
        fn write(&mut self, event: &Event) {
            let name = serde_json::to_value(event).ok().and_then(|event| event.get("event").and_then(|name| name.as_str().map(str::to_owned)));
            self.log.borrow_mut().extend(name);
        }
        fn commit(self) {
            self.log.borrow_mut().push("commit".to_owned());
        }
    }

    fn database() -> Result<Database, Error> {
        let whole = json!({
            "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }],
            "users": [{ "id": "ann", "email": "ann@acme.example" }, { "id": "bob", "email": "bob@acme.example" }, { "id": "cid", "email": "cid@acme.example" }],
            "grants": [
                { "scope": "acme", "user": "ann", "role": "owner" }, { "scope": "acme", "user": "bob", "role": "admin" },
                { "scope": "acme", "user": "cid", "role": "member" }
            ],
            "invitations": [{
                "id": "inv", "email": "dan@acme.example", "inviter": { "user": "bob" }, "created_at": "2026-01-14T09:00:00Z",
                "scopes": [{ "scope": "acme", "roles": ["member"] }]
            }]
        });
        Ok(Database { whole: Snapshot::from_json(&whole.to_string())?, log: RefCell::default() })
    }

    /// What the loop answers, and what it did. The whole organization in memory answers the same.
    fn handled(mut request: serde_json::Value) -> Result<(PublicDecision, Vec<String>), Error> {
        request["tenantry"] = json!(1);
        request["id"] = json!("r1");
        request["now"] = json!("2026-01-15T09:00:00Z");
        let (policy, database, request) = (Arc::new(Policy::preset("starter")?), database()?, Request::from_json(&request.to_string())?);
        let answer = handle(&policy, "acme", &request, &database)?;
        assert_eq!(answer, Directory::new(policy, &database.whole)?.decide(&request)?.public());
        Ok((answer, database.log.into_inner()))
    }

    #[test]
    fn the_server_loop_writes_what_is_allowed() -> Result<(), Error> {
        let (answer, log) = handled(json!({ "actor": { "user": "bob" }, "action": "member.remove", "target": "cid" }))?;
        assert_eq!(answer.effect, Effect::Allow);
        assert!(log.contains(&"member.removed".to_owned()), "{log:?}");
        assert_eq!(log.last().map(String::as_str), Some("commit"));
        Ok(())
    }

    #[test]
    fn the_server_loop_writes_nothing_of_what_is_denied() -> Result<(), Error> {
        let (answer, log) = handled(json!({ "actor": { "user": "ann" }, "action": "member.leave" }))?;
        assert_eq!(answer.code.as_deref(), Some("below_minimum"));
        assert!(log.iter().all(|entry| entry == "load" || entry == "commit"), "{log:?}");
        Ok(())
    }

    #[test]
    fn the_server_loop_loads_what_the_rows_lead_to() -> Result<(), Error> {
        let session = json!({ "invitee": { "email": "dan@acme.example", "verified": true } });
        let (answer, log) = handled(json!({ "actor": session, "action": "invitation.accept", "invitation": "inv", "user": { "id": "dan" } }))?;
        assert_eq!(answer.effect, Effect::Allow);
        assert!(log.iter().filter(|entry| *entry == "load").count() > 1, "the inviter was not asked for: {log:?}");
        Ok(())
    }
}
