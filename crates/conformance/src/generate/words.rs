//! The few words that everything is made of, so that things collide.

use serde_json::{Value, json};
use tenantry::document::Time;

use super::dice::Dice;

/// The organization.
pub const ORGANIZATION: &str = "acme";
/// Users that can be there.
pub const USERS: [&str; 6] = ["ann", "bob", "cid", "dan", "eve", "fay"];
/// Scopes that can be there, below the organization.
pub const SCOPES: [&str; 4] = ["s1", "s2", "s3", "s4"];
/// Groups that can be there.
pub const GROUPS: [&str; 3] = ["g1", "g2", "g3"];
/// Custom roles that can be there.
pub const CUSTOM_ROLES: [&str; 3] = ["c1", "c2", "c3"];
/// Invitations that can be there.
pub const INVITATIONS: [&str; 5] = ["i1", "i2", "i3", "i4", "i5"];
/// Domains of addresses.
pub const DOMAINS: [&str; 2] = ["x.example", "y.example"];
/// Names for people.
pub const NAMES: [&str; 3] = ["Red", "Blue", "red"];
/// Sources of grants.
pub const SOURCES: [&str; 2] = ["scim", "crm"];
/// Hashes of tokens.
pub const HASHES: [&str; 3] = ["h1", "h2", "h3"];
/// Kinds of scopes.
pub const KINDS: [&str; 3] = ["organization", "team", "room"];
/// Names of roles, the same in every kind.
pub const ROLES: [&str; 4] = ["owner", "admin", "member", "viewer"];
/// Permissions.
pub const PERMISSIONS: [&str; 3] = ["reading", "writing", "people"];
/// Actions of the app.
pub const APP_ACTIONS: [&str; 2] = ["report.read", "report.write"];
/// Names of system actors.
pub const SYSTEMS: [&str; 2] = ["sync", "support"];

const NOW: i64 = 1_768_467_600_000;
const HALF_A_DAY: i64 = 43_200_000;

/// A time so many half days after the first request can come.
#[must_use]
pub fn at(half_days: i64) -> Time {
    Time(NOW + half_days * HALF_A_DAY)
}

/// A time around that of the requests: most lie after the first ones.
pub fn expiry(dice: &mut Dice) -> Value {
    json!(at(dice.below(14) as i64 - 3))
}

/// An address that a user of this name could have.
pub fn address_of(name: &str, dice: &mut Dice) -> String {
    format!("{name}@{}", dice.word(&DOMAINS))
}

/// An address: of somebody who may be there, or of a stranger.
pub fn address(dice: &mut Dice) -> String {
    let name = if dice.chance(50) { dice.word(&USERS) } else { dice.word(&["kim", "lee", "moe"]) };
    let name = if dice.chance(10) { name.to_uppercase() } else { name };
    address_of(&name, dice)
}

/// A value of an attribute of this name.
pub fn fact(name: &str, dice: &mut Dice) -> Value {
    match name {
        "seats" if dice.chance(5) => json!(-1),
        "seats" => json!(dice.between(0, 5)),
        "mfa" => json!(dice.chance(60)),
        "domains" if dice.chance(50) => json!(dice.word(&DOMAINS)),
        "domains" => json!(dice.some(&DOMAINS, 1, 2)),
        _ if dice.chance(20) => json!(["oslo", "rome"]),
        _ => json!(dice.word(&["oslo", "rome"])),
    }
}
