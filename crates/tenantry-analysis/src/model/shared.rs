//! Groups that whoever asks is in too: where rules favour those who are, each is asked about such groups as well.

use serde_json::Value;
use tenantry::Error;

use super::deeds::Deed;
use super::extent::rounds;
use super::moves::Move;
use super::requests::{Known, to_others};
use super::stage::{Circles, Stage};
use super::steps::acting;
use super::teams::GROUP_VERBS;
use super::{Guise, Who, World};
use crate::written::{names, names_action};

/// What people can do to others who are in one group with them.
pub(super) fn deeds(world: &World, deeds: &mut Vec<Deed>) -> Result<(), Error> {
    let verbs = verbs_that_favour(&world.document);
    for actor in acting(world).filter(|_| !verbs.is_empty()) {
        for guise in world.guises(world.person(actor)) {
            in_one_group(world, (actor, guise), &verbs, deeds)?;
        }
    }
    Ok(())
}

/// What somebody can do to another who is in one group with it. That its own part changes as well is a step to itself.
fn in_one_group(world: &World, (actor, guise): (Who, Guise), verbs: &[&str], deeds: &mut Vec<Deed>) -> Result<(), Error> {
    let mut known = Known::default();
    let within = |what: &Move| verbs.contains(&what.verb()) && what.team().is_some_and(|team| team.holds & !world.person(actor).held == 0);
    let asked = |target: Who| world.group_moves(world.person(target)).into_iter().filter_map(Move::shared).filter(within).collect::<Vec<Move>>();
    let mut alone = Stage::new(world, Circles::With(actor, guise), World::nobody)?;
    let mut comes_in = false;
    for what in (1..world.people.len() as Who).flat_map(asked) {
        comes_in |= known.gate(world, &mut alone, (actor, what, true))?;
    }
    if !comes_in {
        return Ok(());
    }
    let mut stage = Stage::new(world, Circles::With(actor, guise), world.of_whom_it_depends())?;
    for round in rounds(world, &mut stage, 1..world.people.len() as Who, &asked, false) {
        for stand_in in &round.stand_ins {
            to_others(world, &mut stage, (&[actor], stand_in, round.extent), &mut known, deeds)?;
        }
    }
    Ok(())
}

/// The verbs for which it can help to be in the group oneself: an allow wants it, a forbid the contrary, or an exception from one. That a target is the actor
/// is said of groups that the actor is in as well; of the others in them something must be said besides.
fn verbs_that_favour(document: &Value) -> Vec<&'static str> {
    let says = |block: &Value, verb: &str, wanted: bool| {
        let of_members = ["group.add", "group.remove"].contains(&verb);
        block["group"]["has_actor"] == wanted || !of_members && block["target"]["is_actor"] == wanted
    };
    let rules = |list: &str, verb: &'static str| document[list].as_array().into_iter().flatten().filter(move |rule| is_for(rule, verb));
    let helps = |verb: &'static str| {
        let forbids = |rule: &Value| says(rule, verb, false) || says(&rule["unless"], verb, true);
        rules("allow", verb).any(|rule| says(rule, verb, true)) || rules("forbid", verb).any(forbids)
    };
    let reaches_others = |verb: &'static str| rules("allow", verb).any(|rule| rule["target"]["is_actor"] != true);
    GROUP_VERBS.into_iter().filter(|&verb| helps(verb) && reaches_others(verb)).collect()
}

fn is_for(rule: &Value, verb: &str) -> bool {
    let actions: Vec<String> = names(&rule["actions"]).into_iter().map(str::to_owned).collect();
    actions.is_empty() || names_action(&actions, verb)
}
