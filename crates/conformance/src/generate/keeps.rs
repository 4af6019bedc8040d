//! Keeps: what is counted, its bounds, and what nobody holds together.

use serde_json::{Value, json};

use super::conditions;
use super::dice::{Dice, Table};
use super::policy::Vocabulary;

/// The keeps of a policy.
pub fn keeps(words: &Vocabulary, dice: &mut Dice) -> Value {
    let number = dice.below(4);
    let rules: Vec<Value> = (0..number).map(|number| keep(&format!("k{number}"), words, dice)).collect();
    json!(rules)
}

fn keep(id: &str, words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut keep = Table::default();
    keep.put("id", id);
    if dice.chance(20) {
        keep.put("exclusive", json!([words.role(dice), words.role(dice)]));
        keep.maybe(dice, 20, "at_most", bound);
        keep.maybe(dice, 20, "each", |_| "user");
    } else {
        keep.put("count", count(words, dice));
        keep.maybe(dice, 25, "each", |dice| dice.word(&["user", "user", "scope"]));
        match dice.below(4) {
            0 => keep.put("at_most", bound(dice)),
            1 => keep.put("exactly", bound(dice)),
            _ => keep.put("at_least", bound(dice)),
        }
    }
    keep.maybe(dice, 40, "scope", |dice| conditions::scope(words, dice));
    keep.maybe(dice, 20, "unless", |dice| unless(words, dice));
    keep.maybe(dice, 25, "code", |dice| dice.word(&["no_seat_left", "last_owner"]));
    keep.done()
}

fn bound(dice: &mut Dice) -> Value {
    if dice.chance(25) { json!({ "scope": "seats" }) } else { json!(dice.between(1, 3)) }
}

fn count(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut count = Table::default();
    match dice.below(8) {
        0 => count.put("role", words.role_list(dice)),
        1 => count.put("not_role", words.role_list(dice)),
        2 => count.put("direct_role", words.role_list(dice)),
        3 if !words.permissions.is_empty() => count.put("permission", dice.some(&words.permissions, 1, 2)),
        4 => {}
        _ => count.put("has_role", words.role_list(dice)),
    }
    if dice.chance(25) {
        conditions::counted_account(&mut count, words, dice);
    }
    count.maybe(dice, 25, "pending", |_| true);
    count.maybe(dice, 25, "expiring", |_| true);
    count.done()
}

fn unless(words: &Vocabulary, dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!({ "actor": conditions::actor(words, dice) }),
        1 => json!({ "target": conditions::target(words, dice) }),
        2 => json!({ "context": { "mfa": true } }),
        _ => json!({ "scope": conditions::scope(words, dice) }),
    }
}
