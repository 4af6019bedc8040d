//! States of an organization, for a policy.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenantry::bounds::SCOPE_DEPTH;

use super::dice::{Dice, Table};
use super::words::{CUSTOM_ROLES, GROUPS, HASHES, INVITATIONS, NAMES, ORGANIZATION, SCOPES, SOURCES, USERS, address, address_of, at, expiry, fact};

/// What states and requests need to know of a policy document.
pub struct Shape<'a>(pub &'a Value);

impl Shape<'_> {
    /// The declared roles of a kind.
    #[must_use]
    pub fn roles(&self, kind: &str) -> Vec<String> {
        self.0["roles"][kind].as_object().map(|roles| roles.keys().cloned().collect()).unwrap_or_default()
    }

    /// The kinds that may hang under one.
    #[must_use]
    pub fn below(&self, kind: &str) -> Vec<String> {
        let hangs = |declared: &Value| declared["under"].as_array().map_or(kind == "organization", |under| under.iter().any(|name| name == kind));
        let kinds = self.0["scopes"].as_object().into_iter().flatten();
        kinds.filter(|(name, declared)| *name != "organization" && hangs(declared)).map(|(name, _)| name.clone()).collect()
    }

    /// The names in a list of the policy.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        self.0[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The permissions.
    #[must_use]
    pub fn permissions(&self) -> Vec<String> {
        self.0["permissions"].as_object().map(|sets| sets.keys().cloned().collect()).unwrap_or_default()
    }

    /// Whether tenants make roles.
    #[must_use]
    pub fn has_custom_roles(&self) -> bool {
        self.0.get("custom_roles").is_some()
    }

    fn is_one_role(&self, kind: &str) -> bool {
        self.0["scopes"][kind]["roles"] == "one"
    }
}

/// A state in the making: the rows so far, and what later ones can name.
struct Draft<'a> {
    shape: Shape<'a>,
    users: Vec<&'static str>,
    scopes: Vec<(String, String)>,
    groups: Vec<&'static str>,
    custom_roles: Vec<&'static str>,
}

/// A snapshot document.
pub fn snapshot(policy: &Value, dice: &mut Dice) -> Value {
    if dice.chance(3) {
        return json!({ "tenantry": 1, "organization": ORGANIZATION });
    }
    let shape = Shape(policy);
    let custom_roles = if shape.has_custom_roles() { dice.some(&CUSTOM_ROLES, 1, 3) } else { Vec::new() };
    let mut draft = Draft { shape, users: dice.some(&USERS, 3, 6), scopes: Vec::new(), groups: dice.some(&GROUPS, 0, 2), custom_roles };
    let mut snapshot = Table::default();
    snapshot.put("tenantry", 1);
    snapshot.put("organization", ORGANIZATION);
    snapshot.put("scopes", draft.scopes(dice));
    let services = if dice.chance(50) { dice.some(&draft.users, 0, 2) } else { Vec::new() };
    let users: Vec<Value> = draft.users.iter().map(|id| draft.user(id, &services, dice)).collect();
    snapshot.put("users", users);
    let groups: Vec<Value> = draft.groups.iter().map(|id| draft.group(id, dice)).collect();
    snapshot.put("groups", groups);
    let custom_roles: Vec<Value> = draft.custom_roles.iter().map(|id| draft.custom_role(id, dice)).collect();
    snapshot.put("custom_roles", custom_roles);
    snapshot.put("grants", draft.grants(dice));
    let below: Vec<(String, String)> = draft.scopes[1..].to_vec();
    if !below.is_empty() {
        snapshot.maybe(dice, 35, "deactivations", |dice| json!([{ "scope": dice.pick(&below).map(|scope| &scope.0), "user": dice.word(&draft.users) }]));
    }
    let offers: Vec<Value> = dice.some(&INVITATIONS, 0, 4).into_iter().map(|id| draft.invitation(id, dice)).collect();
    snapshot.put("invitations", offers);
    snapshot.maybe(dice, 35, "ended", |dice| (0..dice.between(1, 2)).map(|_| draft.ended(dice)).collect::<Vec<Value>>());
    snapshot.done()
}

impl Draft<'_> {
    fn scopes(&mut self, dice: &mut Dice) -> Vec<Value> {
        let mut root = Table::default();
        root.put("id", ORGANIZATION);
        root.put("kind", "organization");
        root.maybe(dice, 50, "attributes", attributes);
        self.scopes = vec![(ORGANIZATION.to_owned(), "organization".to_owned())];
        let mut rows = vec![root.done()];
        for id in SCOPES.iter().take(dice.between(0, 4)) {
            let Some((parent, kind)) = dice.pick(&self.scopes).cloned() else { break };
            let Some(kind) = dice.pick(&self.shape.below(&kind)).cloned() else { continue };
            let mut row = Table::default();
            row.put("id", *id);
            row.put("kind", kind.clone());
            row.put("parent", parent);
            row.maybe(dice, 30, "name", |dice| dice.word(&NAMES));
            row.maybe(dice, 12, "status", |_| "archived");
            row.maybe(dice, 30, "attributes", attributes);
            row.maybe(dice, 20, "version", |dice| dice.between(1, 3));
            self.scopes.push(((*id).to_owned(), kind));
            rows.push(row.done());
        }
        if dice.chance(7) && self.shape.below("team").iter().any(|kind| kind == "team") {
            rows.extend(self.chain());
        }
        rows
    }

    /// A tree as deep as it can be.
    fn chain(&mut self) -> Vec<Value> {
        let id = |number: usize| if number == 0 { ORGANIZATION.to_owned() } else { format!("d{number}") };
        let depth = SCOPE_DEPTH.max - 1;
        self.scopes.push((id(depth), "team".to_owned()));
        (1..=depth).map(|number| json!({ "id": id(number), "kind": "team", "parent": id(number - 1) })).collect()
    }

    fn user(&self, id: &str, services: &[&str], dice: &mut Dice) -> Value {
        let mut row = Table::default();
        row.put("id", id);
        row.maybe(dice, 90, "email", |dice| {
            let name = if dice.chance(15) { id.to_uppercase() } else { id.to_owned() };
            address_of(&name, dice)
        });
        row.maybe(dice, 15, "verified", |_| false);
        row.maybe(dice, 30, "name", |dice| dice.word(&NAMES));
        row.maybe(dice, 10, "status", |_| "deactivated");
        if services.contains(&id) {
            let people: Vec<&str> = USERS.into_iter().filter(|user| !services.contains(user)).collect();
            row.put("kind", "service");
            row.put("owner", dice.word(&people));
        } else {
            row.maybe(dice, 20, "kind", |_| "guest");
        }
        row.maybe(dice, 50, "attributes", |dice| {
            let name = dice.word(&["site", "domains"]);
            json!({ name.clone(): fact(&name, dice) })
        });
        row.maybe(dice, 20, "profile", |dice| json!({ "site": fact("site", dice) }));
        row.maybe(dice, 30, "version", |dice| dice.between(1, 5));
        row.done()
    }

    fn group(&self, id: &str, dice: &mut Dice) -> Value {
        let mut row = Table::default();
        row.put("id", id);
        row.maybe(dice, 50, "name", |dice| dice.word(&NAMES));
        row.put("scope", self.scope(dice).0);
        row.put("members", dice.some(&self.users, 0, 3));
        row.maybe(dice, 50, "managers", |dice| dice.some(&self.users, 1, 2));
        row.maybe(dice, 20, "source", |dice| dice.word(&SOURCES));
        row.done()
    }

    fn custom_role(&self, id: &str, dice: &mut Dice) -> Value {
        let mut row = Table::default();
        row.put("id", id);
        row.maybe(dice, 50, "name", |dice| dice.word(&NAMES));
        row.put("scope", self.scope(dice).0);
        row.put("permissions", dice.some(&self.shape.permissions(), 0, 2));
        row.done()
    }

    fn scope(&self, dice: &mut Dice) -> (String, String) {
        dice.pick(&self.scopes).cloned().unwrap_or_default()
    }

    /// A role that can be held at a scope of the kind.
    fn role(&self, kind: &str, dice: &mut Dice) -> String {
        if dice.chance(20) && !self.custom_roles.is_empty() { dice.word(&self.custom_roles) } else { dice.word(&self.shape.roles(kind)) }
    }

    /// Roles that people and groups hold: each user one at the organization, most of them.
    fn grants(&self, dice: &mut Dice) -> Vec<Value> {
        let mut held: BTreeMap<(String, String, String), Value> = BTreeMap::new();
        for user in &self.users {
            if dice.chance(85) {
                self.grant("user", user, (ORGANIZATION.to_owned(), "organization".to_owned()), &mut held, dice);
            }
        }
        for _ in 0..dice.between(1, 9) {
            let scope = self.scope(dice);
            self.grant("user", dice.word(&self.users).as_str(), scope, &mut held, dice);
        }
        for group in &self.groups {
            for _ in 0..dice.between(0, 2) {
                let scope = self.scope(dice);
                self.grant("group", group, scope, &mut held, dice);
            }
        }
        held.into_values().collect()
    }

    fn grant(&self, sort: &str, holder: &str, (scope, kind): (String, String), held: &mut BTreeMap<(String, String, String), Value>, dice: &mut Dice) {
        let role = self.role(&kind, dice);
        let has_one = held.keys().any(|(of, at, _)| of == holder && *at == scope);
        if role.is_empty() || (has_one && self.shape.is_one_role(&kind) && dice.chance(90)) {
            return;
        }
        let mut row = Table::default();
        row.put("scope", scope.clone());
        row.put(sort, holder);
        row.put("role", role.clone());
        row.maybe(dice, 18, "expires_at", expiry);
        row.maybe(dice, 12, "source", |dice| dice.word(&SOURCES));
        held.insert((holder.to_owned(), scope, role), row.done());
    }

    fn invitation(&self, id: &str, dice: &mut Dice) -> Value {
        let mut row = Table::default();
        row.put("id", id);
        row.put("status", dice.word(&["pending", "pending", "pending", "pending", "awaiting_approval", "accepted", "declined", "revoked"]));
        if dice.chance(25) && row.0["status"] != "awaiting_approval" {
            row.put("open", open(dice));
            row.put("token_hash", dice.word(&HASHES));
        } else {
            row.put("email", address(dice));
            row.maybe(dice, 40, "token_hash", |dice| dice.word(&HASHES));
        }
        let mut places = dice.some(&self.scopes, 1, 2);
        dice.shuffle(&mut places);
        let offers: Vec<Value> = places.iter().map(|(scope, kind)| self.offer(scope, kind, dice)).collect();
        row.put("scopes", offers);
        row.put("inviter", self.inviter(dice));
        row.maybe(dice, 30, "name", |dice| dice.word(&NAMES));
        row.put("created_at", json!(at(-3 - dice.below(4) as i64)));
        row.maybe(dice, 40, "expires_at", expiry);
        if row.0["status"] == "awaiting_approval" {
            row.put("user", dice.word(&["ann", "bob", "kim", "lee"]));
        }
        row.maybe(dice, 20, "version", |dice| dice.between(1, 3));
        row.done()
    }

    fn offer(&self, scope: &str, kind: &str, dice: &mut Dice) -> Value {
        let mut roles: Vec<String> = (0..dice.between(1, 2)).map(|_| self.role(kind, dice)).collect();
        roles.sort();
        roles.dedup();
        if self.shape.is_one_role(kind) && dice.chance(90) {
            roles.truncate(1);
        }
        let long = |role: &String, dice: &mut Dice| match dice.below(8) {
            0 => json!({ "role": role, "expires_at": expiry(dice) }),
            1 => json!({ "role": role, "source": dice.word(&SOURCES) }),
            _ => json!(role),
        };
        let roles: Vec<Value> = roles.iter().filter(|role| !role.is_empty()).map(|role| long(role, dice)).collect();
        json!({ "scope": scope, "roles": roles })
    }

    fn inviter(&self, dice: &mut Dice) -> Value {
        let systems = self.shape.list("systems");
        if dice.chance(15) && !systems.is_empty() { json!({ "system": dice.word(&systems) }) } else { json!({ "user": dice.word(&self.users) }) }
    }

    fn ended(&self, dice: &mut Dice) -> Value {
        let user = dice.word(&["ann", "bob", "kim", "lee", "eve"]);
        let mut row = Table::default();
        row.put("scope", self.scope(dice).0);
        row.put("at", json!(at(-2 - dice.below(5) as i64)));
        row.put("by", dice.word(&["self", "other", "sync"]));
        row.maybe(dice, 80, "email", |dice| address_of(&user, dice));
        row.put("user", user);
        row.done()
    }
}

fn attributes(dice: &mut Dice) -> Value {
    let mut facts = Table::default();
    for name in dice.some(&["site", "seats", "domains"], 1, 2) {
        facts.put(name, fact(name, dice));
    }
    facts.done()
}

/// Uses and audience of an open link.
pub fn open(dice: &mut Dice) -> Value {
    let mut link = Table::default();
    link.maybe(dice, 60, "uses", |dice| dice.between(1, 2));
    link.maybe(dice, 40, "audience", |dice| dice.word(&["x.example", "y.example"]));
    link.done()
}
