//! Rules that permit and rules that forbid.

use serde_json::{Value, json};
use tenantry::policy::actions::VERBS;

use super::conditions;
use super::dice::{Dice, Table};
use super::policy::Vocabulary;
use super::words::APP_ACTIONS;

const WILDCARDS: [&str; 8] = ["*", "member.*", "invitation.*", "scope.*", "group.*", "role.*", "report.*", "ownership.*"];
const CODES: [&str; 3] = ["not_so", "self_modification", "not_member"];

/// Some actions of a policy, as rules name them.
pub fn actions(dice: &mut Dice, most: usize) -> Value {
    let one = |dice: &mut Dice| {
        if dice.chance(40) {
            return dice.word(&WILDCARDS);
        }
        if dice.chance(15) {
            return dice.word(&APP_ACTIONS);
        }
        let names: Vec<&str> = VERBS.iter().filter(|spec| !spec.verb.needs_no_rule()).map(|spec| spec.name).collect();
        dice.word(&names)
    };
    let mut list: Vec<String> = (0..dice.between(1, most)).map(|_| one(dice)).collect();
    list.sort();
    list.dedup();
    json!(list)
}

/// The same for forbids, which may speak of what needs no rule.
fn forbidden_actions(dice: &mut Dice) -> Value {
    const ANSWERS: [&str; 2] = ["invitation.accept", "invitation.decline"];
    if dice.chance(20) { json!(dice.some(&ANSWERS, 1, 2)) } else { actions(dice, 3) }
}

/// Whether some of the actions swap roles, so that what gives must say what it takes.
fn swaps(actions: &Value) -> bool {
    let named = |name: &str| actions.as_array().is_some_and(|list| list.iter().any(|action| action == name));
    ["*", "member.*", "member.set_roles", "ownership.*", "ownership.transfer"].into_iter().any(named)
}

/// The allows: one or two that permit a lot, and some that permit a little.
pub fn allows(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut rules = Vec::new();
    let broad = dice.below(10).min(2);
    for _ in 0..broad {
        rules.push(broad_allow(words, dice));
    }
    for _ in 0..dice.between(usize::from(broad == 0), 5) {
        rules.push(narrow_allow(words, dice));
    }
    if !words.systems.is_empty() && dice.chance(70) {
        rules.push(json!({ "actions": "*", "actor": { "system": words.systems }, "grants": { "role": "*" }, "revokes": { "role": "*" } }));
    }
    dice.shuffle(&mut rules);
    numbered("a", rules)
}

fn numbered(letter: &str, mut rules: Vec<Value>) -> Value {
    for (number, rule) in rules.iter_mut().enumerate() {
        rule["id"] = json!(format!("{letter}{number}"));
    }
    json!(rules)
}

fn broad_allow(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut rule = Table::default();
    rule.put("actions", if dice.chance(70) { json!("*") } else { actions(dice, 8) });
    rule.put("actor", if dice.chance(70) { json!({ "role": words.role_list(dice) }) } else { conditions::actor(words, dice) });
    if rule.0["actions"] == json!("*") {
        rule.put("actions", json!(["*"]));
    }
    rule.put("grants", if dice.chance(70) { json!({ "role": "*" }) } else { conditions::roles(words, dice) });
    rule.put("revokes", if dice.chance(80) { json!({ "role": "*" }) } else { conditions::roles(words, dice) });
    rule.done()
}

fn narrow_allow(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut rule = Table::default();
    let named = actions(dice, 4);
    rule.maybe(dice, 80, "actor", |dice| conditions::actor(words, dice));
    rule.maybe(dice, 40, "target", |dice| conditions::target(words, dice));
    rule.maybe(dice, 60, "grants", |dice| conditions::roles(words, dice));
    let needed = rule.0.contains_key("grants") && swaps(&named);
    rule.maybe(
        dice,
        if needed { 100 } else { 35 },
        "revokes",
        |dice| {
            if needed && dice.chance(70) { json!({ "role": "*" }) } else { conditions::roles(words, dice) }
        },
    );
    if dice.chance(25) {
        conditions::other(&mut rule, words, dice);
    }
    rule.put("actions", named);
    said(&mut rule, dice, 20);
    rule.done()
}

fn said(rule: &mut Table, dice: &mut Dice, percent: usize) {
    rule.maybe(dice, percent, "code", |dice| dice.word(&CODES));
    rule.maybe(dice, percent / 2, "message", |_| "So it is.");
}

/// The forbids.
pub fn forbids(words: &Vocabulary, dice: &mut Dice) -> Value {
    let rules = (0..dice.below(4)).map(|_| forbid(words, dice)).collect();
    numbered("f", rules)
}

fn forbid(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut rule = Table::default();
    match dice.below(4) {
        0 => rule.put("actions", forbidden_actions(dice)),
        1 => rule.put("changes", dice.some(&["give", "take", "status"], 1, 3)),
        2 => rule.put("grants", conditions::roles(words, dice)),
        _ => rule.put("revokes", conditions::roles(words, dice)),
    }
    if rule.0.contains_key("actions") {
        rule.maybe(dice, 30, "changes", |dice| dice.some(&["give", "take", "status"], 1, 2));
        let roles = dice.word(&["grants", "revokes"]);
        rule.maybe(dice, 30, &roles, |dice| conditions::roles(words, dice));
    } else {
        rule.maybe(dice, 40, "not_actions", |dice| actions(dice, 2));
    }
    surroundings(&mut rule, words, dice);
    rule.maybe(dice, 35, "unless", |dice| {
        let mut unless = Table::default();
        surroundings(&mut unless, words, dice);
        let roles = dice.word(&["grants", "revokes"]);
        unless.maybe(dice, 15, &roles, |dice| conditions::roles(words, dice));
        unless.done()
    });
    rule.maybe(dice, 30, "severity", |dice| dice.word(&["warn", "warn", "deny"]));
    said(&mut rule, dice, 35);
    rule.done()
}

/// At least one block that says for whom or where.
fn surroundings(rule: &mut Table, words: &Vocabulary, dice: &mut Dice) {
    match dice.below(4) {
        0 => rule.put("actor", conditions::actor(words, dice)),
        1 | 2 => rule.put("target", conditions::target(words, dice)),
        _ => conditions::other(rule, words, dice),
    }
    if dice.chance(20) {
        rule.put("target", conditions::target(words, dice));
    }
}
