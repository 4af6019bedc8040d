//! The blocks of rules: people, roles, scopes, invitations, groups, values.

use serde_json::{Value, json};

use super::dice::{Dice, Table};
use super::policy::Vocabulary;
use super::words::{DOMAINS, SOURCES, fact};

/// The block of who asks.
pub fn actor(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut block = Table::default();
    match dice.below(12) {
        0 if !words.systems.is_empty() => block.put("system", dice.some(&words.systems, 1, 2)),
        1 => block.put("has_role", words.role_list(dice)),
        2 => block.put("direct_role", words.role_list(dice)),
        3 if !words.permissions.is_empty() => block.put("permission", dice.some(&words.permissions, 1, 2)),
        4 => block.put("not_role", words.role_list(dice)),
        5 => account(&mut block, words, dice),
        _ => block.put("role", words.role_list(dice)),
    }
    if dice.chance(20) {
        account(&mut block, words, dice);
    }
    block.done()
}

/// The block of about whom.
pub fn target(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut block = Table::default();
    for _ in 0..dice.between(1, 2) {
        match dice.below(12) {
            0 | 1 => block.put("role", words.role_list(dice)),
            2 | 3 => block.put("has_role", words.role_list(dice)),
            4 | 5 => block.put("not_role", words.role_list(dice)),
            6 => block.put("direct_role", words.role_list(dice)),
            7 | 8 => block.put("rank", dice.word(&["below", "at_most", "above"])),
            9 => block.put("is_actor", dice.chance(60)),
            10 if !words.permissions.is_empty() && dice.chance(50) => block.put("permission", dice.some(&words.permissions, 1, 2)),
            10 => block.put("permissions", "subset"),
            _ => account(&mut block, words, dice),
        }
    }
    block.done()
}

/// The words about the account that actors, targets and counts share.
fn account(block: &mut Table, _words: &Vocabulary, dice: &mut Dice) {
    match dice.below(5) {
        0 => block.put("kind", dice.some(&["human", "guest", "service"], 1, 2)),
        1 => block.put("status", dice.word(&["active", "active", "deactivated"])),
        2 => block.put("ended_by", dice.some(&["self", "other", "sync"], 1, 2)),
        3 => block.put("email_domain", domains(dice)),
        _ => {
            let name = dice.word(&["site", "domains"]);
            let value = value(&name, dice);
            block.put("attributes", json!({ name: value }));
        }
    }
}

/// The words about the account that counts have.
pub fn counted_account(block: &mut Table, words: &Vocabulary, dice: &mut Dice) {
    account(block, words, dice);
    block.0.remove("ended_by");
}

fn domains(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!({ "scope": "domains" }),
        1 => json!({ "actor": "domains" }),
        2 => json!(dice.some(&DOMAINS, 1, 2)),
        _ => json!(dice.word(&["x.example", "y.example", "X.Example"])),
    }
}

/// A value to compare an attribute of this name with: given, or a fact of the actor or the scope.
fn value(name: &str, dice: &mut Dice) -> Value {
    match dice.below(5) {
        0 => json!({ "scope": if name == "mfa" { "site" } else { name } }),
        1 => json!({ "actor": if name == "domains" { "domains" } else { "site" } }),
        _ => fact(name, dice),
    }
}

/// The block of a role that is given or taken.
pub fn roles(words: &Vocabulary, dice: &mut Dice) -> Value {
    let mut block = Table::default();
    match dice.below(12) {
        0 | 1 => block.put("rank", dice.word(&["below", "at_most"])),
        2 => block.put("held", true),
        3 => block.put("permissions", "subset"),
        4 => block.put("not_role", words.role_list(dice)),
        5 => block.put("source", dice.some(&SOURCES, 1, 2)),
        6 | 7 => block.put("role", words.role_list(dice)),
        _ => block.put("role", "*"),
    }
    if dice.chance(10) {
        block.put("not_role", words.role_list(dice));
    }
    block.done()
}

/// The block of where.
pub fn scope(words: &Vocabulary, dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!({ "parent": dice.some(&words.kinds, 1, 2) }),
        1 => {
            let name = dice.word(&["site", "seats"]);
            json!({ "attributes": { name.clone(): value(&name, dice) } })
        }
        _ => json!({ "kind": dice.some(&words.kinds, 1, 2) }),
    }
}

fn invitation(dice: &mut Dice) -> Value {
    match dice.below(5) {
        0 => json!({ "email_domain": domains(dice) }),
        1 => json!({ "not_email_domain": domains(dice) }),
        2 => json!({ "by_actor": dice.chance(60) }),
        3 => json!({ "addressed_to_actor": dice.chance(50) }),
        _ => json!({ "open": dice.chance(50) }),
    }
}

/// One of the blocks that stand beside actor, target, grants and revokes.
pub fn other(block: &mut Table, words: &Vocabulary, dice: &mut Dice) {
    match dice.below(6) {
        0 | 1 => block.put("scope", scope(words, dice)),
        2 => block.put("invitation", invitation(dice)),
        3 => block.put("group", json!({ dice.word(&["has_actor", "managed_by_actor"]): dice.chance(70) })),
        4 => block.put("resource", json!({ "site": value("site", dice) })),
        _ => block.put("context", json!({ "mfa": value("mfa", dice) })),
    }
}
