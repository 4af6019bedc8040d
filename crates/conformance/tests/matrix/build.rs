//! The organization and the request of a cell, from what the matrix says of it.

use serde_json::{Map, Value, json};
use tenantry::Policy;
use tenantry_analysis::matrix::Setting;

/// A cell under some facts.
pub struct Scene<'a> {
    /// The matrix, as a document.
    pub matrix: &'a Value,
    /// The row, as a document.
    pub row: &'a Value,
    /// The actor, by name.
    pub actor: &'a str,
    /// What the host says.
    pub facts: &'a [(String, Setting)],
    /// The policy: which kinds have one role, whether links change.
    pub policy: &'a Policy,
}

const BEFORE: &str = "2026-01-01T00:00:00Z";

impl Scene<'_> {
    fn word(&self, field: &str) -> Option<&str> {
        self.row[field].as_str()
    }

    fn action(&self) -> &str {
        self.row["action"].as_str().unwrap_or_default()
    }

    fn scope(&self) -> &str {
        self.row["scope"].as_str().unwrap_or_default()
    }

    fn party(&self, name: &str) -> &Value {
        self.matrix["parties"].as_array().into_iter().flatten().find(|party| party["name"] == name).unwrap_or(&Value::Null)
    }

    fn target(&self) -> &Value {
        self.word("target").map_or(&Value::Null, |name| self.party(name))
    }

    fn places(&self) -> impl Iterator<Item = &Value> {
        self.matrix["frame"]["places"].as_array().into_iter().flatten()
    }

    /// A fact as a value, what others point to followed.
    fn fact(&self, name: &str) -> Option<Value> {
        let mut name = name.to_owned();
        for _ in 0..4 {
            let (_, setting) = self.facts.iter().find(|(other, _)| *other == name)?;
            match setting {
                Setting::Absent => return None,
                Setting::Is(text) => return serde_json::from_str(text).ok(),
                Setting::SameAs(other) => name.clone_from(other),
            }
        }
        None
    }

    fn text(&self, name: &str, otherwise: &str) -> String {
        match self.fact(name) {
            Some(Value::String(text)) => text,
            Some(Value::Array(list)) => list.iter().find_map(Value::as_str).unwrap_or(otherwise).to_owned(),
            _ => otherwise.to_owned(),
        }
    }

    fn table(&self, prefix: &str) -> Value {
        let short = self.facts.iter().filter_map(|(name, _)| Some((name, name.strip_prefix(prefix)?)));
        Value::Object(short.filter_map(|(name, short)| Some((short.to_owned(), self.fact(name)?))).collect())
    }

    fn address(&self, id: &str, fact: &str) -> String {
        let domain = self.text(fact, "people.example");
        format!("{id}@{}", if domain.contains('.') { domain } else { "people.example".to_owned() })
    }

    fn yes(&self, name: &str) -> bool {
        self.fact(name) == Some(json!(true))
    }

    fn target_id(&self) -> Option<&'static str> {
        match self.target()["is"].as_str()? {
            "oneself" => Some("actor"),
            "outsider" => Some("newcomer"),
            _ => Some("target"),
        }
    }

    fn scenery(&self, word: &str) -> Option<&Value> {
        self.row["scenery"].get(word)
    }

    fn one_role(&self) -> bool {
        let kind = self.places().find(|place| place["id"] == self.scope()).and_then(|place| place["kind"].as_str());
        self.policy.kinds().iter().any(|other| Some(other.name.as_str()) == kind && other.one_role)
    }

    fn chain(&self) -> Vec<&Value> {
        let mut chain = Vec::new();
        let mut next = Some(self.scope());
        while let Some(place) = next.and_then(|id| self.places().find(|place| place["id"] == id)) {
            chain.push(place);
            next = place["parent"].as_str();
        }
        chain
    }

    /// Where a scope moves to: the first other place that it could hang under and that is not below it.
    fn new_parent(&self) -> Option<&str> {
        let here = self.places().find(|place| place["id"] == self.scope())?;
        let above = |place: &Value| self.places().find(|other| other["id"] == place["parent"]).cloned();
        let kinds: Vec<Value> = self.places().filter(|place| place["kind"] == here["kind"]).filter_map(|place| Some(above(place)?["kind"].clone())).collect();
        let is_below = |place: &Value| std::iter::successors(Some(place.clone()), |place| above(place)).any(|place| place["id"] == here["id"]);
        let other = self.places().find(|place| place["id"] != here["parent"] && kinds.contains(&place["kind"]) && !is_below(place));
        other.and_then(|place| place["id"].as_str()).or(here["parent"].as_str())
    }

    pub fn snapshot(&self) -> Value {
        let mut state = json!({ "tenantry": 1, "organization": "acme", "scopes": [], "users": [], "grants": [], "groups": [], "custom_roles": [], "invitations": [], "deactivations": [], "ended": [] });
        if self.row["scenery"] == "nothing" {
            return state;
        }
        let mut kept: Vec<Value> = self.chain().into_iter().cloned().collect();
        if self.action() == "scope.move" {
            kept.extend(self.places().filter(|place| place["id"].as_str() == self.new_parent()).cloned());
        }
        for place in self.places().filter(|place| kept.contains(place)) {
            let mut row = json!({ "id": place["id"], "kind": place["kind"] });
            if !place["parent"].is_null() {
                row["parent"] = place["parent"].clone();
            }
            if place["id"] == self.scope() {
                row["attributes"] = self.table("scope.attributes.");
                row["status"] = json!(if self.row["scenery"] == "archived" { "archived" } else { "active" });
            }
            push(&mut state, "scopes", row);
        }
        self.user(&mut state, "actor", self.party(self.actor));
        self.user(&mut state, "target", self.target());
        self.past(&mut state);
        self.things(&mut state);
        self.custom(&mut state);
        state
    }

    fn user(&self, state: &mut Value, id: &str, party: &Value) {
        if party["is"] != "member" {
            return;
        }
        let invited = id == "target" && self.action() == "invitation.create";
        let kind = self.text(&format!("{id}.kind"), "human");
        let mut row = json!({
            "id": id, "kind": kind, "attributes": self.table(&format!("{id}.attributes.")),
            "email": self.address(id, if invited { "invitation.email_domain" } else { if id == "actor" { "actor.email_domain" } else { "target.email_domain" } }),
        });
        let mut ids = vec![id.to_owned()];
        if kind == "service" {
            ids.push(format!("{id}-owner"));
            row["owner"] = json!(ids[1]);
            push(state, "users", json!({ "id": ids[1] }));
        }
        push(state, "users", row);
        for (user, held) in ids.iter().flat_map(|id| party["holds"].as_array().into_iter().flatten().map(move |held| (id, held))) {
            let mut grant = json!({ "scope": held["scope"], "role": held["role"], "user": user });
            let taken = held["scope"] == self.scope() && Some(user.as_str()) == self.target_id() && held["role"].as_str() == self.word("takes");
            if let (true, Some(source)) = (taken, self.fact("revokes.source")) {
                grant["source"] = source;
            }
            push(state, "grants", grant);
        }
    }

    /// What became of actor and target before.
    fn past(&self, state: &mut Value) {
        if let (true, Some(by)) = (self.party(self.actor)["is"] == "member", self.fact("actor.ended_by")) {
            push(
                state,
                "ended",
                json!({ "scope": self.scope(), "user": "actor", "email": self.address("actor", "actor.email_domain"), "at": BEFORE, "by": by }),
            );
        }
        let Some(id) = self.target_id().filter(|id| *id != "actor") else { return };
        if self.action() == "member.reactivate" || self.text("target.status", "active") == "deactivated" {
            let here = self.target()["holds"].as_array().into_iter().flatten().any(|held| held["scope"] == self.scope());
            if here && self.scope() != "acme" {
                push(state, "deactivations", json!({ "scope": self.scope(), "user": id }));
            } else {
                state["users"].as_array_mut().into_iter().flatten().filter(|row| row["id"] == id).for_each(|row| row["status"] = json!("deactivated"));
            }
        }
        if let Some(by) = self.fact("target.ended_by") {
            let invited = id == "target" && self.action() == "invitation.create";
            let email = self.address(id, if invited { "invitation.email_domain" } else { "target.email_domain" });
            push(state, "ended", json!({ "scope": self.scope(), "user": id, "email": email, "at": BEFORE, "by": by }));
        }
    }

    fn things(&self, state: &mut Value) {
        for (word, status) in [("offer", "pending"), ("accepted", "awaiting_approval")] {
            let Some(role) = self.scenery(word) else { continue };
            let inviter = match self.action() {
                "invitation.accept" => "target",
                _ if self.yes("invitation.by_actor") => "actor",
                _ => "somebody",
            };
            let to_actor = self.yes("invitation.addressed_to_actor");
            let email = if to_actor { self.address("actor", "actor.email_domain") } else { self.address("newcomer", "invitation.email_domain") };
            let mut offer = json!({
                "id": "offer", "email": email, "scopes": [{ "scope": self.scope(), "roles": [role] }], "inviter": { "user": inviter },
                "created_at": BEFORE, "status": status, "name": "Newcomer",
            });
            if word == "accepted" {
                offer["user"] = json!(if to_actor { "actor" } else { "newcomer" });
            }
            push(state, "invitations", offer);
        }
        if let Some(role) = self.scenery("group") {
            let mut members: Vec<&str> = self.target_id().filter(|_| self.action() == "group.remove").into_iter().collect();
            members.extend(Some("actor").filter(|_| self.yes("group.has_actor")));
            let managers: Vec<&str> = Some("actor").filter(|_| self.yes("group.managed_by_actor")).into_iter().collect();
            push(state, "groups", json!({ "id": "group", "scope": self.scope(), "members": members, "managers": managers }));
            if !role.is_null() {
                push(state, "grants", json!({ "scope": self.scope(), "group": "group", "role": role }));
            }
        }
    }

    /// Every custom role that something names.
    fn custom(&self, state: &mut Value) {
        let of_roles = self.action().starts_with("role.");
        let mut needed: Vec<(String, &str)> = Vec::new();
        if let Some(id) = self.scenery("custom_role").and_then(Value::as_str) {
            needed.push((id.to_owned(), self.scope()));
        }
        let named = ["gives", "takes"].into_iter().filter(|_| !of_roles).filter_map(|field| self.word(field)).map(str::to_owned);
        let held: Vec<String> = state["grants"].as_array().into_iter().flatten().filter_map(|grant| grant["role"].as_str()).map(str::to_owned).collect();
        for id in held.into_iter().chain(named).filter(|id| id.starts_with("custom:")) {
            if needed.iter().all(|(other, _)| *other != id) {
                needed.push((id, "acme"));
            }
        }
        for (id, scope) in needed {
            push(state, "custom_roles", json!({ "id": id, "scope": scope, "permissions": self.permissions(&id) }));
        }
    }

    fn permissions(&self, id: &str) -> Value {
        let role = self.matrix["custom_roles"].as_array().into_iter().flatten().find(|role| role["id"] == id);
        role.map_or(json!([]), |role| role["permissions"].clone())
    }

    pub fn request(&self) -> Value {
        let actor = match self.party(self.actor)["is"].as_str().unwrap_or_default() {
            "system" => json!({ "system": self.party(self.actor)["system"] }),
            "invitee" => json!({ "invitee": { "email": self.address("newcomer", "invitation.email_domain"), "verified": true } }),
            "outsider" => json!({ "user": "outsider" }),
            _ => json!({ "user": "actor" }),
        };
        let mut request = json!({ "tenantry": 1, "id": "request", "now": "2026-01-15T09:00:00Z", "actor": actor, "action": self.action(), "context": self.table("context.") });
        if let Some(fields) = request.as_object_mut() {
            self.fields(fields);
        }
        request
    }

    fn fields(&self, fields: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
        let noun = self.action().split('.').next().unwrap_or_default();
        if !matches!(self.action(), "organization.create" | "invitation.accept" | "invitation.decline" | "member.edit" | "member.change_email") {
            put("scope", json!(self.scope()));
        }
        let mut role = json!(self.word("gives"));
        if let (false, Some(source)) = (role.is_null(), self.fact("grants.source")) {
            role = json!({ "role": role, "source": source });
        }
        let target = json!(self.target_id());
        let newcomer = || {
            let kind = self.text("target.kind", "human");
            let mut user = json!({ "id": "newcomer", "email": self.address("newcomer", "target.email_domain"), "verified": true, "kind": kind, "attributes": self.table("target.attributes.") });
            if kind == "service" && self.party(self.actor)["is"] == "member" {
                user["owner"] = json!("actor");
            }
            user
        };
        let rotates = serde_json::from_str::<Value>(&self.policy.to_json()).is_ok_and(|policy| policy["invitations"]["link"] == "rotate");
        match self.action() {
            "organization.create" => [("user", newcomer()), ("roles", json!([role]))].into_iter().for_each(|(name, value)| put(name, value)),
            "scope.create" => [("kind", json!(self.word("kind"))), ("name", json!("New"))].into_iter().for_each(|(name, value)| put(name, value)),
            "scope.configure" | "group.create" => put("name", json!("New")),
            "scope.move" => put("parent", json!(self.new_parent())),
            "scope.archive" | "scope.restore" | "scope.delete" | "member.list" | "invitation.list" | "audit.read" | "member.leave" => {}
            "invitation.create" if self.yes("invitation.open") => {
                put("open", json!({}));
                put("token_hash", json!("token"));
                put("roles", json!([role]));
            }
            "invitation.create" => {
                put("email", json!(self.address(self.target_id().unwrap_or("newcomer"), "invitation.email_domain")));
                put("name", json!("New"));
                put("roles", json!([role]));
            }
            "invitation.update" => [("invitation", json!("offer")), ("roles", json!([role]))].into_iter().for_each(|(name, value)| put(name, value)),
            _ if noun == "invitation" => {
                put("invitation", json!("offer"));
                if rotates && matches!(self.action(), "invitation.resend" | "invitation.link") {
                    put("token_hash", json!("token"));
                }
            }
            "member.add" => {
                put("roles", json!([role]));
                if self.target_id() == Some("newcomer") { put("user", newcomer()) } else { put("target", target) }
            }
            "member.set_roles" => {
                put("target", target);
                match (role.is_null(), self.one_role()) {
                    (false, true) => put("roles", json!([role])),
                    (false, false) => put("add", json!([role])),
                    _ => put("remove", json!([self.word("takes")])),
                }
            }
            "member.join" => put("roles", json!([role])),
            "member.edit" => [("target", target), ("profile", json!({ "name": "New" }))].into_iter().for_each(|(name, value)| put(name, value)),
            "member.change_email" => [("target", target), ("email", json!("changed@people.example"))].into_iter().for_each(|(name, value)| put(name, value)),
            "ownership.transfer" => {
                put("target", target);
                put("role", json!(self.word("takes")));
                let kept = self.ordinary().filter(|kept| self.one_role() && Some(kept.as_str()) != self.word("takes"));
                if let Some(kept) = kept {
                    put("keep", json!([kept]));
                }
            }
            "role.create" => [("name", json!("New")), ("permissions", self.permissions(self.word("gives").unwrap_or_default()))]
                .into_iter()
                .for_each(|(name, value)| put(name, value)),
            "role.update" => [("role", json!("custom:")), ("permissions", self.permissions(self.word("gives").unwrap_or_default()))]
                .into_iter()
                .for_each(|(name, value)| put(name, value)),
            "role.delete" => put("role", json!(self.word("takes"))),
            "group.delete" => put("group", json!("group")),
            "group.add" | "group.remove" => [("group", json!("group")), ("target", target)].into_iter().for_each(|(name, value)| put(name, value)),
            "group.grant" => [("group", json!("group")), ("roles", json!([role]))].into_iter().for_each(|(name, value)| put(name, value)),
            "group.revoke" => [("group", json!("group")), ("roles", json!([self.word("takes")]))].into_iter().for_each(|(name, value)| put(name, value)),
            _ if noun == "member" => put("target", target),
            _ => {
                if !target.is_null() {
                    put("target", target);
                }
                let resource = self.table("resource.");
                if resource.as_object().is_some_and(|resource| !resource.is_empty()) {
                    put("resource", resource);
                }
            }
        }
    }

    /// The default role of the place, or its lowest.
    fn ordinary(&self) -> Option<String> {
        let kind = self.places().find(|place| place["id"] == self.scope())?["kind"].as_str()?;
        let document: Value = serde_json::from_str(&self.policy.to_json()).ok()?;
        let of_kind = |name: &str| document["roles"][kind][name].clone();
        let here: Vec<String> =
            self.policy.roles().iter().filter(|role| role.qualified == format!("{kind}.{}", role.name)).map(|role| role.name.clone()).collect();
        let default = here.iter().find(|name| of_kind(name)["default"] == true).cloned();
        default.or_else(|| here.iter().min_by_key(|name| of_kind(name)["rank"].as_u64().unwrap_or(0)).cloned())
    }
}

fn push(state: &mut Value, table: &str, row: Value) {
    if let Some(rows) = state[table].as_array_mut() {
        rows.push(row);
    }
}
