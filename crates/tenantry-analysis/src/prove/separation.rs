//! Separation of duty: can one person ever come to hold two roles at once?
//!
//! *No*, where an `exclusive` keep turns down every state in which somebody who is active holds both: it is judged after each request of
//! everybody. *No* as well, where no coalition can bring it about. *Yes*, where the requests that do it are shown.

use serde::Serialize;
use serde_json::Value;
use tenantry::document::Snapshot;
use tenantry::{Directory, Error};

use super::cover::{Basis, Effects, Others};
use super::escalation::{Coalition, RoleHere, bits_of, coalition, has, shown};
use super::{Attack, Verdict};
use crate::model::{Cast, Described, NOW, Person, Slot, Sort, Who, World, snapshot};
use crate::written::names;

/// Whether one person can come to hold two roles at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Separation {
    /// The two.
    pub roles: [RoleHere; 2],
    /// `proved`: nobody who is active ever comes to hold both.
    pub verdict: Verdict,
    /// The keep that proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
    /// Who can bring it about, together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Described>,
    /// How.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attack: Option<Attack>,
    /// The slots of which somebody who holds both has one each, as bits: what a checker verifies.
    #[serde(skip)]
    pub held: [u64; 2],
}

/// Two declared roles, by the numbers of their slots.
pub(crate) type Pair = [usize; 2];

/// Pairs of roles at one scope that nobody ever holds together, and those that a keep calls exclusive. Where people have one role
/// each and nothing comes through groups, that goes without saying.
pub(crate) fn separations(world: &World, effects: &Effects) -> Result<Vec<Separation>, Error> {
    let mut found = Vec::new();
    for pair in pairs(world) {
        if is_exclusive(world, pair) {
            found.push(separation(world, effects, pair)?);
        } else if !has_one_each(world, pair) && !can_be_had(world, effects, pair) {
            found.push(Separation::of(world, pair, Verdict::Proved));
        }
    }
    Ok(found)
}

/// Every two declared roles of one place.
fn pairs(world: &World) -> impl Iterator<Item = Pair> {
    let declared = |slot: &usize| world.slots[*slot].sort == Sort::Direct;
    let all = move || (0..world.slots.len()).filter(declared);
    all().flat_map(move |one| all().filter(move |&other| one < other && world.slots[one].place == world.slots[other].place).map(move |other| [one, other]))
}

fn has_one_each(world: &World, [one, _]: Pair) -> bool {
    let place = world.slots[one].place;
    world.one_role(place) && world.slots_at(place, Sort::Group).next().is_none()
}

fn is_exclusive(world: &World, pair: Pair) -> bool {
    exclusives(world).any(|(_, roles)| pair.iter().all(|&slot| roles.iter().any(|role| role.rsplit('.').next() == Some(&world.slots[slot].name))))
}

/// The keeps about roles that nobody holds together, with the roles.
fn exclusives(world: &World) -> impl Iterator<Item = (&Value, Vec<&str>)> {
    let keeps = world.document["keep"].as_array().into_iter().flatten();
    keeps.map(|keep| (keep, names(&keep["exclusive"]))).filter(|(_, roles)| !roles.is_empty())
}

/// Whether somebody can come to hold both.
pub(crate) fn separation(world: &World, effects: &Effects, pair: Pair) -> Result<Separation, Error> {
    let answer = Separation::of(world, pair, Verdict::Unknown);
    if let Some(keep) = keeper(world, pair)? {
        return Ok(Separation { verdict: Verdict::Proved, keep: Some(keep), ..answer });
    }
    let Ok(basis) = Basis::of(effects, &holds_both(world, pair), Others::Plenty) else { return Ok(answer) };
    let ways = shown(world, &basis);
    if ways.is_empty() {
        return Ok(Separation { verdict: Verdict::Proved, ..answer });
    }
    let both = |state: &Snapshot, user: &str| pair.iter().all(|&slot| has(world, state, user, slot));
    for way in &ways {
        let Coalition { people, attack } = coalition(world, way, &both)?;
        if attack.is_some() {
            return Ok(Separation { verdict: Verdict::Attack, people, attack, ..answer });
        }
    }
    Ok(answer)
}

impl Separation {
    fn of(world: &World, pair: Pair, verdict: Verdict) -> Separation {
        let roles = pair.map(|slot| RoleHere::of(world, &world.slots[slot]));
        Separation { roles, verdict, keep: None, people: Vec::new(), attack: None, held: masks(world, pair) }
    }
}

/// Whether anybody can bring it about that somebody holds both, active or not.
fn can_be_had(world: &World, effects: &Effects, pair: Pair) -> bool {
    effects.lead_to(&holds_both(world, pair)).next().is_some()
}

fn holds_both(world: &World, pair: Pair) -> impl Fn(Who) -> bool + '_ {
    let masks = masks(world, pair);
    move |who| world.person(who).holds(&masks)
}

/// The bits of which somebody who holds both has one each.
fn masks(world: &World, pair: Pair) -> [u64; 2] {
    pair.map(|slot| bits_of(world, &world.slots[slot]))
}

/// The keep that does not hold wherever somebody active holds both.
fn keeper(world: &World, pair: Pair) -> Result<Option<String>, Error> {
    let rests = pair.iter().fold(1, |places: u16, &slot| places | 1 << world.slots[slot].place);
    let masks = masks(world, pair);
    let both: Vec<Person> = world.people.iter().copied().filter(|person| person.holds(&masks) && person.resting & rests == 0).collect();
    for (keep, _) in exclusives(world).filter(|(keep, _)| keep["unless"].is_null() && !both.is_empty()) {
        let mut always = true;
        for &person in &both {
            let alone = Cast::told(world, "p".to_owned(), person);
            let broken = Directory::new(world.policy.clone(), &snapshot(world, &[alone]))?.broken_keeps(NOW);
            always &= broken.iter().any(|reason: &tenantry::document::Reason| reason.rule.as_deref() == keep["id"].as_str());
        }
        if always {
            return Ok(keep["id"].as_str().map(str::to_owned));
        }
    }
    Ok(None)
}

/// The pairs that a claim is about: two roles of one kind at each scope of it, two of different kinds wherever they are held.
pub(crate) fn pairs_of(world: &World, is: [&dyn Fn(&Slot) -> bool; 2]) -> Vec<Pair> {
    let of = |number: usize| (0..world.slots.len()).filter(move |&slot| world.slots[slot].sort == Sort::Direct && is[number](&world.slots[slot]));
    let kind = |slot: usize| &world.frame.places[world.slots[slot].place].kind;
    let fits = |one: usize, other: usize| world.slots[one].place == world.slots[other].place || kind(one) != kind(other);
    of(0).flat_map(|one| of(1).filter(move |&other| fits(one, other)).map(move |other| [one, other])).collect()
}
