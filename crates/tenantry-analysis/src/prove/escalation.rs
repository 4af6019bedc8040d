//! Who can ever make somebody hold a role: the smallest groups of people who can do it together, by any sequence of requests.

use serde::Serialize;
use tenantry::Error;
use tenantry::document::Snapshot;

use super::cover::{Basis, Effects, Others};
use super::replay::{Attack, Script};
use crate::model::{Described, Person, Slot, Sort, Step, Who, World};

/// A role at a place of the frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleHere {
    /// The place, by its id in the frame.
    pub scope: String,
    /// The role as it is named there; the permission, for a role of the tenant's own.
    pub role: String,
    /// Whether it is a permission, which a role of the tenant's own brings.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub permission: bool,
}

/// One of the smallest coalitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coalition {
    /// Who acts together. Outsiders, of whom there can be any number, are not listed.
    pub people: Vec<Described>,
    /// How they do it; none if no organization was found in which the steps go through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attack: Option<Attack>,
}

/// Who can make somebody hold a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Escalation {
    /// The role.
    pub role: RoleHere,
    /// The smallest coalitions; nobody else can.
    pub coalitions: Vec<Coalition>,
    /// Why the list may not be complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Every smallest coalition by the numbers of the world: what a checker verifies.
    #[serde(skip)]
    pub basis: Vec<Vec<Who>>,
}

/// One answer for each role that the frame has.
///
/// # Errors
/// Those of the engine, of which there are none for a policy that compiled.
pub(crate) fn escalations(world: &World, effects: &Effects) -> Result<Vec<Escalation>, Error> {
    let goals = world.slots.iter().enumerate().filter(|(_, slot)| slot.sort != Sort::Group);
    goals.map(|(number, slot)| escalation(world, effects, number, slot)).collect()
}

impl RoleHere {
    pub(crate) fn of(world: &World, slot: &Slot) -> RoleHere {
        RoleHere { scope: world.frame.places[slot.place].id.clone(), role: slot.name.clone(), permission: slot.sort == Sort::Custom }
    }
}

/// The bits with which a slot is held, by a grant or through a group.
pub(crate) fn bits_of(world: &World, wanted: &Slot) -> u64 {
    let same = |slot: &Slot| slot.place == wanted.place && slot.name == wanted.name && (slot.sort == Sort::Custom) == (wanted.sort == Sort::Custom);
    world.slots_where(same)
}

fn escalation(world: &World, effects: &Effects, number: usize, slot: &Slot) -> Result<Escalation, Error> {
    let bits = bits_of(world, slot);
    let holds = |who: Who| world.person(who).held & bits != 0;
    let role = RoleHere::of(world, slot);
    let basis = match Basis::of(effects, &holds, Others::Plenty) {
        Ok(basis) => basis,
        Err(many) => return Ok(Escalation { role, coalitions: Vec::new(), unknown: Some(many.to_string()), basis: Vec::new() }),
    };
    let holds = |state: &Snapshot, user: &str| has(world, state, user, number);
    let coalitions = shown(world, &basis).iter().map(|way| coalition(world, way, &holds)).collect::<Result<_, _>>()?;
    let basis = basis.smallest().map(|element| element.people.clone()).collect();
    Ok(Escalation { role, coalitions, unknown: None, basis })
}

/// A coalition that makes something true of somebody by these steps.
pub(crate) fn coalition(world: &World, (people, steps): &(Vec<Who>, Vec<Step>), holds: &dyn Fn(&Snapshot, &str) -> bool) -> Result<Coalition, Error> {
    let script = Script::of(world, people, steps);
    let user = script.subject.clone();
    let reached = |before: &Snapshot, after: &Snapshot| !holds(before, &user) && holds(after, &user);
    let attack = script.play(world, &reached)?;
    Ok(Coalition { people: people.iter().map(|&who| world.described(who)).collect(), attack })
}

/// The smallest coalitions without those in which the same people hold more than they need, each with its steps.
pub(crate) fn shown(world: &World, basis: &Basis) -> Vec<(Vec<Who>, Vec<Step>)> {
    let all: Vec<_> = basis.elements.iter().enumerate().filter(|(_, element)| !element.superseded).collect();
    let less = |one: &[Who], other: &[Who]| one != other && is_within(world, one, other);
    let needed = all.iter().filter(|(_, element)| !all.iter().any(|(_, other)| less(&other.people, &element.people)));
    let mut ways: Vec<_> = needed.map(|(number, element)| (element.people.clone(), steps_of(basis, *number))).collect();
    // The order in which they were found says nothing: the fewest first, and those who hold what the policy lists first.
    ways.sort_by_key(|(people, _)| (people.len(), people.iter().map(|&who| world.person(who).held).collect::<Vec<_>>()));
    ways
}

/// What an element does, from its first step to the goal.
pub(crate) fn steps_of(basis: &Basis, number: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut next = Some(number);
    while let Some((step, then)) = next.and_then(|at| basis.elements[at].first) {
        steps.push(step);
        next = then;
    }
    steps
}

/// Whether each of the one is one of the other with something less.
pub(crate) fn is_within(world: &World, one: &[Who], other: &[Who]) -> bool {
    fn matched(less: &[Person], more: &mut Vec<Person>) -> bool {
        let Some((first, rest)) = less.split_first() else { return true };
        (0..more.len()).any(|at| {
            if !first.is_within(more[at]) {
                return false;
            }
            let taken = more.remove(at);
            let fits = matched(rest, more);
            more.insert(at, taken);
            fits
        })
    }
    let people = |list: &[Who]| list.iter().map(|&who| world.person(who)).collect::<Vec<_>>();
    one.len() <= other.len() && matched(&people(one), &mut people(other))
}

/// Whether somebody holds what a slot says, by a grant or through a group.
pub(crate) fn has(world: &World, snapshot: &Snapshot, user: &str, slot: usize) -> bool {
    let slot = &world.slots[slot];
    let place = &world.frame.places[slot.place].id;
    let brings = |role: &str| match slot.sort {
        Sort::Custom => snapshot.custom_roles.iter().any(|custom| custom.id == role && custom.permissions.contains(&slot.name)),
        _ => role == slot.name,
    };
    let is_in = |group: &str| snapshot.groups.iter().any(|row| row.id == group && row.members.iter().any(|member| member == user));
    let theirs = |grant: &tenantry::document::snapshot::GrantRow| grant.user.as_deref() == Some(user) || grant.group.as_deref().is_some_and(is_in);
    snapshot.grants.iter().any(|grant| grant.scope == *place && brings(&grant.role) && theirs(grant))
}
