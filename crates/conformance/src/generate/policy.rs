//! Policies: kinds, roles, permissions, attributes, actions and settings. The rules are `rules` and `keeps`.

use serde_json::{Map, Value, json};

use super::dice::{Dice, Table};
use super::words::{APP_ACTIONS, KINDS, PERMISSIONS, ROLES, SYSTEMS};
use super::{keeps, rules};

/// What the rules of a policy can name.
#[derive(Default)]
pub struct Vocabulary {
    /// Kinds of scopes, the organization first.
    pub kinds: Vec<String>,
    /// Roles by kind.
    pub roles: Vec<(String, String)>,
    /// Permissions.
    pub permissions: Vec<String>,
    /// System actors.
    pub systems: Vec<String>,
}

impl Vocabulary {
    /// A role as rules write it: by name, with its kind, or any.
    pub fn role(&self, dice: &mut Dice) -> String {
        let Some((kind, name)) = dice.pick(&self.roles).cloned() else { return "*".to_owned() };
        match dice.below(10) {
            0 => "*".to_owned(),
            1..4 => format!("{kind}.{name}"),
            _ => name,
        }
    }

    /// One role or two.
    pub fn role_list(&self, dice: &mut Dice) -> Value {
        if dice.chance(50) {
            return json!(self.role(dice));
        }
        let mut list = vec![self.role(dice), self.role(dice)];
        list.dedup();
        json!(list)
    }
}

/// A policy document. The engine may refuse it.
pub fn policy(dice: &mut Dice) -> Value {
    let mut policy = Table::default();
    let words = Vocabulary {
        kinds: KINDS.iter().take(dice.between(1, 3)).map(|kind| (*kind).to_owned()).collect(),
        permissions: if dice.chance(60) { dice.some(&PERMISSIONS, 1, 3).into_iter().map(str::to_owned).collect() } else { Vec::new() },
        systems: if dice.chance(70) { dice.some(&SYSTEMS, 1, 2).into_iter().map(str::to_owned).collect() } else { Vec::new() },
        ..Vocabulary::default()
    };
    let (roles, words) = roles(words, dice);
    policy.put("tenantry", 1);
    policy.put("name", "random");
    policy.put("systems", words.systems.clone());
    policy.put("scopes", kinds(&words, dice));
    policy.put("roles", roles);
    if !words.permissions.is_empty() {
        let sets: Map<String, Value> = words.permissions.iter().map(|name| (name.clone(), rules::actions(dice, 2))).collect();
        policy.put("permissions", sets);
        policy.maybe(dice, 75, "custom_roles", |dice| json!({ "on": dice.some(&words.kinds, 1, 3) }));
    }
    policy.put(
        "attributes",
        json!({ "user": ["site", "domains"], "scope": ["site", "seats", "domains"], "resource": ["site"], "context": ["mfa"], "profile": ["site"] }),
    );
    policy.put("actions", actions(dice));
    policy.put("invitations", invitations(&words, dice));
    policy.put("endings", endings(dice));
    policy.put("allow", rules::allows(&words, dice));
    policy.put("forbid", rules::forbids(&words, dice));
    policy.put("keep", keeps::keeps(&words, dice));
    policy.done()
}

fn roles(mut words: Vocabulary, dice: &mut Dice) -> (Value, Vocabulary) {
    let mut kinds = Map::new();
    for kind in &words.kinds {
        let names = dice.some(&ROLES, 2, 4);
        let default = dice.below(names.len() + 1);
        let mut roles = Map::new();
        for (number, name) in names.iter().enumerate() {
            let mut role = Table::default();
            role.maybe(dice, 85, "rank", |dice| dice.between(0, 3));
            if number == default || dice.chance(5) {
                role.put("default", true);
            }
            if !words.permissions.is_empty() {
                role.maybe(dice, 30, "permissions", |dice| dice.some(&words.permissions, 1, 2));
            }
            roles.insert((*name).to_owned(), role.done());
            words.roles.push((kind.clone(), (*name).to_owned()));
        }
        kinds.insert(kind.clone(), json!(roles));
    }
    (json!(kinds), words)
}

fn kinds(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut kinds = Map::new();
    for (number, name) in words.kinds.iter().enumerate() {
        let mut kind = Table::default();
        let own: Vec<String> = words.roles.iter().filter(|(of, _)| of == name).map(|(_, role)| role.clone()).collect();
        if number > 0 {
            let above: Vec<String> = words.kinds[..=number].to_vec();
            kind.maybe(dice, 75, "under", |dice| if dice.chance(60) { above.clone() } else { dice.some(&above[..number], 1, 2) });
            kind.maybe(dice, 40, "creator", |dice| dice.word(&own));
        }
        kind.maybe(dice, 30, "roles", |dice| dice.word(&["one", "one", "many"]));
        kind.maybe(dice, 55, "flows_down", |dice| flow(words, &own, name, dice));
        kind.maybe(dice, 60, "settings", |dice| dice.some(&["site", "seats", "domains"], 1, 3));
        kinds.insert(name.clone(), kind.done());
    }
    json!(kinds)
}

fn flow(words: &Vocabulary, own: &[String], kind: &str, dice: &mut Dice) -> Value {
    if dice.chance(60) {
        return json!(true);
    }
    let below: Vec<String> = words.roles.iter().filter(|(of, _)| of != kind || dice.chance(20)).map(|(kind, role)| format!("{kind}.{role}")).collect();
    let flows: Map<String, Value> = dice.some(own, 1, 2).into_iter().map(|role| (role, json!(dice.word(&below)))).collect();
    if below.is_empty() { json!(true) } else { json!(flows) }
}

fn actions(dice: &mut Dice) -> Value {
    let mut actions = Map::new();
    for name in APP_ACTIONS {
        actions.insert(name.to_owned(), if dice.chance(30) { json!({ "archived": true }) } else { json!({}) });
    }
    if dice.chance(25) {
        actions.insert(dice.word(&["member.remove", "member.set_roles", "report.write", "scope.archive"]), json!({ "confirm": true }));
    }
    json!(actions)
}

fn invitations(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut settings = Table::default();
    settings.maybe(dice, 40, "on_conflict", |dice| dice.word(&["error", "skip", "skip"]));
    settings.maybe(dice, 50, "existing_users", |dice| dice.word(&["invite", "add", "add", "conflict"]));
    settings.maybe(dice, 12, "require", |_| json!(["name"]));
    settings.maybe(dice, 25, "default", |dice| {
        let roles: Vec<String> = words.roles.iter().map(|(kind, role)| format!("{kind}.{role}")).collect();
        dice.some(&roles, 1, 2)
    });
    settings.maybe(dice, 25, "approval", |_| true);
    settings.maybe(dice, 25, "link", |dice| dice.word(&["same", "rotate", "rotate"]));
    settings.maybe(dice, 30, "expires_after", |dice| dice.word(&["1d", "3d", "12h", "1w"]));
    settings.maybe(dice, 30, "recheck_inviter", |dice| dice.chance(20));
    settings.maybe(dice, 25, "keep_records", |dice| dice.chance(10));
    settings.maybe(dice, 35, "on_member", |dice| dice.word(&["keep", "deny"]));
    settings.done()
}

fn endings(dice: &mut Dice) -> Value {
    let reach = dice.some(&["scope", "subtree", "organization"], 1, 3);
    let mut endings = Table::default();
    endings.maybe(dice, 40, "default", |dice| dice.word(&reach));
    endings.put("reach", reach);
    endings.done()
}
