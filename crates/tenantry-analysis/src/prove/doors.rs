//! Weaker doors: two verbs that come to the same, of which one lets people through whom the other turns away.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{Deed, Described, Move, Sort, Who, World};

use super::escalation::RoleHere;

/// A role that some can give by one verb and not by another, which others use for the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WeakerDoor {
    /// The role.
    pub role: RoleHere,
    /// The verb that lets them through.
    pub weaker: String,
    /// The verb that turns them away.
    pub stronger: String,
    /// Who comes through the one and not through the other.
    pub actors: Vec<Described>,
    /// To whom both verbs can give it.
    pub target: Described,
}

/// Which actors give a role to a sort of people, by verb.
type Doors = BTreeMap<(usize, Who), BTreeMap<&'static str, BTreeSet<Who>>>;

/// Every weaker door among people who hold one thing at most.
pub(crate) fn weaker_doors(world: &World) -> Vec<WeakerDoor> {
    let mut found: Vec<WeakerDoor> = Vec::new();
    for ((slot, target), verbs) in doors(world) {
        for (weaker, through) in &verbs {
            for (stronger, fewer) in verbs.iter().filter(|(other, _)| *other != weaker) {
                let turned_away: Vec<Described> = through.difference(fewer).map(|&who| world.described(who)).collect();
                let role = RoleHere::of(world, &world.slots[slot]);
                let known = found.iter().any(|door| door.role == role && door.weaker == *weaker && door.stronger == *stronger && door.actors == turned_away);
                if !turned_away.is_empty() && !known {
                    let (weaker, stronger) = ((*weaker).to_owned(), (*stronger).to_owned());
                    found.push(WeakerDoor { role, weaker, stronger, actors: turned_away, target: world.described(target) });
                }
            }
        }
    }
    found
}

fn doors(world: &World) -> Doors {
    let mut doors = Doors::new();
    let plain = |who: Who| world.person(who).is_plain();
    let gives = |what: Move| !matches!(what, Move::Join(..) | Move::Leave(..) | Move::Transfer(..) | Move::Reactivate(_));
    for step in world.deeds.iter().filter(|deed| gives(deed.what)).flat_map(Deed::steps).filter(|step| !step.by_itself && plain(step.actor)) {
        if step.target != 0 && !plain(step.target) {
            continue;
        }
        let given = world.person(step.target_after).held & !world.person(step.target).held;
        for slot in (0..world.slots.len()).filter(|slot| given >> slot & 1 == 1 && world.slots[*slot].sort == Sort::Direct) {
            doors.entry((slot, step.target)).or_default().entry(step.what.verb()).or_default().insert(step.actor);
        }
    }
    doors
}
