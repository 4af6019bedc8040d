//! Requests on a state: every verb and every field, mostly about what is there.

use serde_json::{Value, json};
use tenantry::document::Snapshot;
use tenantry::policy::actions::VERBS;

use super::dice::{Dice, Table};
use super::snapshot::{Shape, open};
use super::words::{
    APP_ACTIONS, CUSTOM_ROLES, GROUPS, HASHES, INVITATIONS, NAMES, ORGANIZATION, PERMISSIONS, SCOPES, SOURCES, USERS, address, at, expiry, fact,
};

/// What requests can name.
pub struct Scene<'a> {
    shape: Shape<'a>,
    state: &'a Snapshot,
}

impl<'a> Scene<'a> {
    /// The scene of a policy document and a state.
    #[must_use]
    pub fn new(policy: &'a Value, state: &'a Snapshot) -> Scene<'a> {
        Scene { shape: Shape(policy), state }
    }

    /// A request document, at the time so many half days after the first.
    pub fn request(&self, number: usize, half_days: i64, dice: &mut Dice) -> Value {
        let mut request = Table::default();
        if dice.chance(15) {
            request.put("batch", dice.word(&["atomic", "atomic", "each"]));
            let same = self.verb(dice);
            let items: Vec<Value> =
                (0..dice.between(2, 4)).map(|_| if dice.chance(40) { self.ask(&same, dice) } else { self.ask(&self.verb(dice), dice) }).collect();
            request.put("items", items);
        } else if let Value::Object(fields) = self.ask(&self.verb(dice), dice) {
            request.0 = fields;
        }
        request.put("actor", self.actor(&request, dice));
        request.put("tenantry", 1);
        request.put("id", format!("q{number}"));
        request.put("now", json!(at(half_days)));
        request.maybe(dice, 25, "context", |dice| json!({ "mfa": dice.chance(70) }));
        request.done()
    }

    fn verb(&self, dice: &mut Dice) -> String {
        const OFTEN: [&str; 12] = [
            "member.set_roles",
            "member.set_roles",
            "member.add",
            "member.remove",
            "invitation.create",
            "invitation.create",
            "invitation.accept",
            "invitation.accept",
            "member.deactivate",
            "ownership.transfer",
            "group.grant",
            "scope.create",
        ];
        if self.state.scopes.is_empty() && dice.chance(70) {
            return "organization.create".to_owned();
        }
        if dice.chance(35) {
            return dice.word(&OFTEN);
        }
        if dice.chance(6) {
            return dice.word(&APP_ACTIONS);
        }
        let names: Vec<&str> = VERBS.iter().map(|spec| spec.name).collect();
        dice.word(&names)
    }

    fn actor(&self, request: &Table, dice: &mut Dice) -> Value {
        let action = request.0.get("action").and_then(Value::as_str).unwrap_or_default();
        let answers = matches!(action, "invitation.accept" | "invitation.decline");
        if answers && dice.chance(70) {
            let asked = self.state.invitations.iter().find(|row| request.0.get("invitation") == Some(&json!(row.id)));
            let email = asked.and_then(|row| row.email.clone()).unwrap_or_else(|| address(dice));
            let known = self.state.users.iter().find(|row| row.email.as_ref() == Some(&email));
            return match known {
                Some(row) if dice.chance(50) => json!({ "user": row.id }),
                _ => json!({ "invitee": { "email": email, "verified": dice.chance(92) } }),
            };
        }
        match dice.below(20) {
            0 => json!({ "invitee": { "email": self.address(dice), "verified": dice.chance(70) } }),
            1..4 if !self.shape.list("systems").is_empty() => json!({ "system": dice.word(&self.shape.list("systems")) }),
            4 => json!({ "user": dice.word(&USERS) }),
            _ if action == "organization.create" => json!({ "system": dice.word(&["sync", "support"]) }),
            _ => json!({ "user": self.user(dice) }),
        }
    }

    // Names, mostly of what is there.

    fn known(&self, ids: Vec<String>, all: &[&str], dice: &mut Dice) -> String {
        if dice.chance(93) && !ids.is_empty() { dice.word(&ids) } else { dice.word(all) }
    }

    fn user(&self, dice: &mut Dice) -> String {
        self.known(self.state.users.iter().map(|row| row.id.clone()).collect(), &USERS, dice)
    }

    fn scope(&self, dice: &mut Dice) -> String {
        // Of a deep tree the lowest scope.
        if let (Some(row), true) = (self.state.scopes.iter().find(|row| row.id == "d15"), dice.chance(30)) {
            return row.id.clone();
        }
        if dice.chance(25) { ORGANIZATION.to_owned() } else { self.known(self.state.scopes.iter().map(|row| row.id.clone()).collect(), &SCOPES, dice) }
    }

    fn group(&self, dice: &mut Dice) -> String {
        self.known(self.state.groups.iter().map(|row| row.id.clone()).collect(), &GROUPS, dice)
    }

    fn invitation(&self, dice: &mut Dice) -> String {
        self.known(self.state.invitations.iter().map(|row| row.id.clone()).collect(), &INVITATIONS, dice)
    }

    fn custom_role(&self, dice: &mut Dice) -> String {
        self.known(self.state.custom_roles.iter().map(|row| row.id.clone()).collect(), &CUSTOM_ROLES, dice)
    }

    fn address(&self, dice: &mut Dice) -> String {
        let of_users = self.state.users.iter().filter_map(|row| row.email.clone());
        let known: Vec<String> = of_users.chain(self.state.invitations.iter().filter_map(|row| row.email.clone())).collect();
        match dice.below(10) {
            0 => "nonsense".to_owned(),
            1..5 if !known.is_empty() => dice.word(&known),
            _ => address(dice),
        }
    }

    fn kind_of(&self, scope: &str) -> String {
        self.state.scopes.iter().find(|row| row.id == scope).map_or("organization".to_owned(), |row| row.kind.clone())
    }

    fn role(&self, scope: &str, dice: &mut Dice) -> String {
        match dice.below(40) {
            0 => "nothing".to_owned(),
            1..7 if !self.state.custom_roles.is_empty() => self.custom_role(dice),
            7 | 8 => dice.word(&super::words::ROLES),
            _ => dice.word(&self.shape.roles(&self.kind_of(scope))),
        }
    }

    fn role_at(&self, scope: &str, dice: &mut Dice) -> Value {
        let role = self.role(scope, dice);
        match dice.below(14) {
            0 | 1 => json!({ "role": role, "expires_at": expiry(dice) }),
            2 => json!({ "role": role, "source": dice.word(&SOURCES) }),
            _ => json!(role),
        }
    }

    fn roles(&self, scope: &str, dice: &mut Dice) -> Vec<Value> {
        let number = [1, 1, 1, 1, 2, 2, 0][dice.below(7)];
        (0..number).map(|_| self.role_at(scope, dice)).collect()
    }

    fn names_of_roles(&self, scope: &str, dice: &mut Dice) -> Vec<String> {
        (0..dice.between(1, 2)).map(|_| self.role(scope, dice)).collect()
    }

    // Fields.

    /// A verb with its fields.
    fn ask(&self, action: &str, dice: &mut Dice) -> Value {
        let mut ask = Table::default();
        ask.put("action", action);
        let scope = self.scope(dice);
        match action {
            "organization.create" => self.organization(&mut ask, dice),
            _ if action.starts_with("scope.") => self.place(action, &scope, &mut ask, dice),
            _ if action.starts_with("invitation.") => self.offer(action, &scope, &mut ask, dice),
            _ if action.starts_with("role.") || action.starts_with("group.") => self.tool(action, &scope, &mut ask, dice),
            "report.read" | "report.write" => {
                ask.maybe(dice, 80, "scope", |_| scope);
                ask.maybe(dice, 40, "target", |dice| self.user(dice));
                ask.maybe(dice, 50, "resource", |dice| json!({ "site": fact("site", dice) }));
            }
            _ => self.member(action, &scope, &mut ask, dice),
        }
        ask.maybe(dice, 5, "confirmed", |_| true);
        if dice.chance(1) {
            ask.put("name", "Stray");
        }
        ask.done()
    }

    fn organization(&self, ask: &mut Table, dice: &mut Dice) {
        ask.put("user", self.account(dice));
        ask.put("roles", self.roles(ORGANIZATION, dice));
        ask.maybe(dice, 30, "attributes", |dice| json!({ "site": fact("site", dice) }));
    }

    fn place(&self, action: &str, scope: &str, ask: &mut Table, dice: &mut Dice) {
        if action == "scope.create" {
            ask.maybe(dice, 85, "scope", |_| scope.to_owned());
            let below = self.shape.below(&self.kind_of(scope));
            ask.put("kind", if dice.chance(90) && !below.is_empty() { dice.word(&below) } else { dice.word(&super::words::KINDS) });
            ask.maybe(dice, 60, "new_id", |dice| dice.word(&SCOPES));
        } else {
            ask.put("scope", scope);
        }
        match action {
            "scope.move" => ask.put("parent", self.scope(dice)),
            "scope.create" | "scope.configure" => {
                ask.maybe(dice, 50, "name", |dice| dice.word(&NAMES));
                ask.maybe(dice, 50, "attributes", |dice| {
                    let name = dice.word(&["site", "seats", "domains"]);
                    json!({ name.clone(): fact(&name, dice) })
                });
            }
            _ => {}
        }
    }

    fn several(&self, ask: &mut Table, edits: bool, dice: &mut Dice) {
        let mut scopes: Vec<String> = (0..dice.between(1, 2)).map(|_| self.scope(dice)).collect();
        scopes.sort();
        scopes.dedup();
        dice.shuffle(&mut scopes);
        let edit = |scope: &String, dice: &mut Dice| {
            let mut edit = Table::default();
            edit.put("scope", scope.clone());
            self.edit(scope, &mut edit, edits, dice);
            edit.done()
        };
        let list: Vec<Value> = scopes.iter().map(|scope| edit(scope, dice)).collect();
        ask.put("scopes", list);
    }

    fn edit(&self, scope: &str, table: &mut Table, edits: bool, dice: &mut Dice) {
        if !edits || dice.chance(40) {
            return table.put("roles", self.roles(scope, dice));
        }
        let words = dice.below(3);
        if words < 2 {
            table.put("add", self.roles(scope, dice));
        }
        if words > 0 {
            table.put("remove", self.names_of_roles(scope, dice));
        }
    }

    /// Roles at the scope, at several, or none asked for.
    fn asked_roles(&self, scope: &str, ask: &mut Table, dice: &mut Dice) {
        match dice.below(10) {
            0 | 1 => self.several(ask, false, dice),
            2 | 3 => ask.maybe(dice, 85, "scope", |_| scope.to_owned()),
            _ => {
                ask.put("scope", scope);
                ask.put("roles", self.roles(scope, dice));
            }
        }
    }

    fn offer(&self, action: &str, scope: &str, ask: &mut Table, dice: &mut Dice) {
        let row = |id: &str| self.state.invitations.iter().find(|row| row.id == id);
        let new_one = action == "invitation.create" || (action == "invitation.link" && dice.chance(40));
        if new_one {
            return self.new_offer(action, scope, ask, dice);
        }
        if action == "invitation.list" {
            return ask.maybe(dice, 80, "scope", |_| scope.to_owned());
        }
        let id = self.invitation(dice);
        let offered = row(&id).and_then(|row| row.scopes.first()).map_or(scope.to_owned(), |at| at.scope.clone());
        ask.put("invitation", id.clone());
        if !matches!(action, "invitation.accept" | "invitation.decline") {
            ask.maybe(dice, 90, "scope", |dice| if dice.chance(85) { offered.clone() } else { scope.to_owned() });
        }
        match action {
            "invitation.accept" | "invitation.decline" => {
                let hash = row(&id).and_then(|row| row.token_hash.clone());
                let open = row(&id).is_some_and(|row| row.open.is_some());
                ask.maybe(dice, if open { 92 } else { 20 }, "token_hash", |dice| match hash {
                    Some(hash) if dice.chance(90) => hash,
                    _ => dice.word(&HASHES),
                });
                if action == "invitation.accept" {
                    ask.maybe(dice, 25, "user", |dice| json!({ "id": dice.word(&["kim", "lee", "ann", "fay"]), "name": dice.word(&NAMES) }));
                }
            }
            "invitation.update" => {
                if dice.chance(80) {
                    if dice.chance(25) {
                        self.several(ask, false, dice)
                    } else {
                        ask.put("roles", self.roles(&offered, dice))
                    }
                    if ask.0.contains_key("scopes") {
                        ask.0.remove("scope");
                    }
                }
                ask.maybe(dice, 40, "expires_at", expiry);
            }
            "invitation.resend" | "invitation.link" if self.shape.0["invitations"]["link"] == "rotate" => {
                ask.maybe(dice, 85, "token_hash", |dice| dice.word(&HASHES));
            }
            _ => {}
        }
    }

    fn new_offer(&self, action: &str, scope: &str, ask: &mut Table, dice: &mut Dice) {
        self.asked_roles(scope, ask, dice);
        match dice.below(10) {
            0 if action == "invitation.create" => {
                ask.put("open", open(dice));
                ask.maybe(dice, 90, "token_hash", |dice| dice.word(&HASHES));
            }
            1 | 2 if action == "invitation.create" => {
                let list: Vec<String> = (0..dice.between(1, 3)).map(|_| self.address(dice)).collect();
                ask.put("emails", if dice.chance(50) { json!(list) } else { json!(list.join(", ")) });
            }
            _ => {
                ask.put("email", self.address(dice));
                ask.maybe(dice, 30, "token_hash", |dice| dice.word(&HASHES));
            }
        }
        if !ask.0.contains_key("emails") {
            ask.maybe(dice, 40, "new_id", |dice| dice.word(&INVITATIONS));
        }
        ask.maybe(dice, 40, "name", |dice| dice.word(&NAMES));
        ask.maybe(dice, 25, "expires_at", expiry);
    }

    fn tool(&self, action: &str, scope: &str, ask: &mut Table, dice: &mut Dice) {
        let home = match action {
            "role.create" | "group.create" | "group.grant" | "group.revoke" => None,
            _ if action.starts_with("role.") => {
                let id = self.custom_role(dice);
                ask.put("role", id.clone());
                self.state.custom_roles.iter().find(|row| row.id == id).map(|row| row.scope.clone())
            }
            _ => {
                let id = self.group(dice);
                ask.put("group", id.clone());
                self.state.groups.iter().find(|row| row.id == id).map(|row| row.scope.clone())
            }
        };
        let place = home.filter(|_| dice.chance(90)).unwrap_or_else(|| scope.to_owned());
        ask.maybe(dice, 90, "scope", |_| place.clone());
        match action {
            "role.create" | "group.create" => {
                ask.put("name", dice.word(&NAMES));
                ask.maybe(dice, 50, "new_id", |dice| if action == "role.create" { dice.word(&CUSTOM_ROLES) } else { dice.word(&GROUPS) });
            }
            "role.update" => ask.maybe(dice, 40, "name", |dice| dice.word(&NAMES)),
            "role.delete" => ask.maybe(dice, 50, "holders", |dice| dice.word(&["refuse", "revoke", "revoke"])),
            "group.add" | "group.remove" => ask.put("target", self.user(dice)),
            "group.grant" | "group.revoke" => {
                ask.put("group", self.group(dice));
                let roles: Vec<Value> =
                    if action == "group.grant" { self.roles(&place, dice) } else { self.names_of_roles(&place, dice).into_iter().map(Value::from).collect() };
                ask.put("roles", roles);
            }
            _ => {}
        }
        if matches!(action, "role.create" | "role.update") {
            let known = self.shape.permissions();
            ask.maybe(dice, 80, "permissions", |dice| if dice.chance(90) { dice.some(&known, 0, 2) } else { vec![dice.word(&PERMISSIONS)] });
        }
    }

    fn account(&self, dice: &mut Dice) -> Value {
        let mut user = Table::default();
        user.maybe(dice, 50, "id", |dice| dice.word(&["kim", "lee", "moe", "ann", "fay"]));
        user.maybe(dice, 95, "email", |dice| self.address(dice));
        user.maybe(dice, 30, "verified", |_| true);
        user.maybe(dice, 30, "name", |dice| dice.word(&NAMES));
        user.maybe(dice, 20, "kind", |dice| dice.word(&["guest", "service", "service"]));
        let service = user.0.get("kind") == Some(&json!("service"));
        user.maybe(dice, if service { 80 } else { 3 }, "owner", |dice| self.user(dice));
        user.maybe(dice, 30, "attributes", |dice| json!({ "site": fact("site", dice) }));
        user.done()
    }

    fn member(&self, action: &str, scope: &str, ask: &mut Table, dice: &mut Dice) {
        if !matches!(action, "member.add" | "member.leave" | "member.join" | "member.list" | "audit.read") {
            ask.put("target", self.user(dice));
        }
        match action {
            "member.add" => {
                if dice.chance(50) {
                    ask.put("user", self.account(dice));
                } else {
                    ask.put("target", self.user(dice));
                }
                self.asked_roles(scope, ask, dice);
            }
            "member.set_roles" if dice.chance(15) => self.several(ask, true, dice),
            "member.set_roles" => {
                ask.put("scope", scope);
                self.edit(scope, ask, true, dice);
            }
            "member.edit" => {
                let name = dice.word(&["name", "site", "site", "title"]);
                ask.put("profile", json!({ name: dice.word(&["oslo", "rome"]) }));
            }
            "member.change_email" => ask.put("email", self.address(dice)),
            _ => {
                ask.maybe(dice, if action == "member.join" { 100 } else { 85 }, "scope", |_| scope.to_owned());
                match action {
                    "member.remove" | "member.leave" => ask.maybe(dice, 30, "reach", |dice| dice.word(&["scope", "subtree", "organization"])),
                    "member.join" => ask.maybe(dice, 70, "roles", |dice| self.roles(scope, dice)),
                    "ownership.transfer" => {
                        let place = if ask.0.contains_key("scope") { scope } else { ORGANIZATION };
                        ask.put("role", self.role(place, dice));
                        ask.maybe(dice, 50, "keep", |dice| self.names_of_roles(place, dice));
                    }
                    _ => {}
                }
            }
        }
    }
}
