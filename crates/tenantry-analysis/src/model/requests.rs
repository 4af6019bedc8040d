//! What everybody can do to others and to itself. Each request is asked once of those of whom rules see the same where it is asked, about somebody who
//! stands for all who are the same there, in each guise.

use std::collections::BTreeSet;

use foldhash::HashMap;
use tenantry::{Error, Step as Phase};

use super::deeds::{Deed, unchanged};
use super::extent::{Extent, Round, StandIn, rounds};
use super::handed;
use super::moves::Move;
use super::person::Person;
use super::stage::{Face, Stage};
use super::steps::{Step, acting};
use super::teams::{ANY, Allowed};
use super::{Who, World};

/// What can be asked about somebody, by others or by itself.
type Asked<'w> = dyn Fn(Person, bool) -> Vec<Move> + 'w;

/// What was asked already.
#[derive(Default)]
pub(super) struct Known {
    gates: Gates,
    outcomes: Outcomes,
    pub allowed: Allowed,
}

/// What comes past the gate, by actor, move and whether the target has an account.
type Gates = HashMap<(Who, Move, bool), bool>;

/// What a target is after a move that changes nobody else: whoever makes it.
type Outcomes = HashMap<(Face, Move), Option<Who>>;

/// What everybody can do to others and to itself.
pub(super) fn requests(world: &World, stage: &mut Stage, asked: &Asked, deeds: &mut Vec<Deed>) -> Result<(), Error> {
    let mut known = Known::default();
    let everybody = 0..world.people.len() as Who;
    for round in rounds(world, stage, everybody, &|who| asked(world.person(who), false), false) {
        for actors in stage.actors_at(round.extent.of_actor()).iter() {
            for stand_in in &round.stand_ins {
                to_others(world, stage, (actors, stand_in, round.extent), &mut known, deeds)?;
            }
        }
        handed::deeds(world, stage, &round, &mut known, deeds)?;
    }
    for round in rounds(world, stage, acting(world), &|who| asked(world.person(who), true), true) {
        by_itself(world, stage, &round, &mut known, deeds)?;
    }
    Ok(())
}

/// What people who are alike can do to others who are: the first of them is asked for. Nothing is handed over.
pub(super) fn to_others(
    world: &World,
    stage: &mut Stage,
    (actors, stand_in, extent): (&[Who], &StandIn, Extent),
    known: &mut Known,
    deeds: &mut Vec<Deed>,
) -> Result<(), Error> {
    let Some(&first) = actors.first() else { return Ok(()) };
    let faces = stage.faces_on(stand_in.who, world.with_above(extent.places));
    let pair = (first, Some(stand_in.who));
    let mut found = Found::default();
    for &what in stand_in.moves.iter().filter(|what| what.hands_over().is_none()) {
        if !known.allowed.leaves_open(world, stage, (what, pair)) {
            continue;
        }
        let taken = to_faces(world, stage, (what, first, &faces), known)?;
        taken.iter().for_each(|step| known.allowed.note(step.what, pair));
        let new = taken.into_iter().filter(|step| found.is_new(world, step));
        deeds.extend(new.map(|step| Deed::to_others(what, unchanged(actors), stand_in.spread(world, step.target_after))));
    }
    Ok(())
}

/// What comes of it by each verb, once, and once more if it needs nothing but people.
#[derive(Default)]
struct Found(BTreeSet<(Who, &'static str, bool)>);

impl Found {
    fn is_new(&mut self, world: &World, step: &Step) -> bool {
        self.0.insert((step.target_after, step.what.verb(), step.what.needs_only_people(world)))
    }
}

/// What can come of it if one does this to the other, in each of these guises.
fn to_faces(world: &World, stage: &mut Stage, (what, actor, faces): (Move, Who, &[Face]), known: &mut Known) -> Result<Vec<Step>, Error> {
    let mut found: Vec<Step> = Vec::new();
    for &face in faces {
        if what.is_about(world, stage.guise(face)) {
            let taken = to_another(world, stage, (what, actor, face), known)?;
            add_new(&mut found, taken.into_iter().flat_map(|step| step.in_part(world)));
        }
    }
    Ok(found)
}

fn add_new(found: &mut Vec<Step>, steps: impl Iterator<Item = Step>) {
    for step in steps {
        if !found.contains(&step) {
            found.push(step);
        }
    }
}

/// What comes of it if one does this to the other; nothing if it is denied, or changes nothing.
fn to_another(world: &World, stage: &mut Stage, (what, actor, face): (Move, Who, Face), known: &mut Known) -> Result<Option<Step>, Error> {
    let target = face.0;
    let account = world.person(target).account;
    // Most is denied, and a question by handles says so in no time.
    if !known.gate(world, stage, (actor, what, account))? {
        return Ok(None);
    }
    let (denied, passes) = (stage.denies(world, what, actor, face), stage.roles_pass(world, what, actor, face));
    if denied == Some(true) || passes == Some(false) {
        return Ok(None);
    }
    let step = Step { what, actor, approver: None, target, by_itself: false, actor_after: actor, target_after: target };
    let told = denied == Some(false) || passes == Some(true);
    if let Some(&after) = known.outcomes.get(&(face, what)).filter(|_| told) {
        return Ok(after.map(|target_after: Who| Step { target_after, ..step }));
    }
    let me = stage.actors[usize::from(actor)].clone();
    let events = stage.foresee(actor, what.ask(world, (&me, stage.id(face)), account))?;
    let taken = events.ok().and_then(|events| step.after(world, &events, &me));
    if told {
        known.outcomes.insert((face, what), taken.map(|taken| taken.target_after));
    }
    Ok(taken)
}

/// What people can do to themselves. Most does not come past the gate, and that is known of the first of those who are alike.
fn by_itself(world: &World, stage: &mut Stage, round: &Round, known: &mut Known, deeds: &mut Vec<Deed>) -> Result<(), Error> {
    let first = stage.first_at(round.extent.of_actor());
    for stand_in in &round.stand_ins {
        let (actor, pair) = (stand_in.who, (stand_in.who, None));
        let faces = stage.faces_on(actor, world.with_above(round.extent.places));
        for &what in &stand_in.moves {
            let stopped = what.team().is_none() && !known.gate(world, stage, (first[usize::from(actor)], what, true))?;
            if stopped || !known.allowed.leaves_open(world, stage, (what, pair)) {
                continue;
            }
            let step = Step { what, actor, approver: None, target: actor, by_itself: true, actor_after: actor, target_after: actor };
            let mut found: Vec<Step> = Vec::new();
            for &face in &faces {
                let me = stage.id(face).to_owned();
                let events = stage.foresee_of(me.clone(), what.ask(world, (&me, &me), true))?;
                let taken = events.ok().and_then(|events| step.after(world, &events, &me));
                taken.iter().for_each(|step| known.allowed.note(step.what, pair));
                add_new(&mut found, taken.into_iter().flat_map(|step| step.in_part(world)));
            }
            deeds.extend(found.into_iter().map(|step| Deed::to_themselves(what, stand_in.spread(world, step.target_after))));
        }
    }
    Ok(())
}

impl Known {
    /// Whether the actor comes past the gate with it: about somebody who is not there, the answer is that nobody is. With a group that nobody of
    /// those is in whom it could be about, whether rules let pass what it does to the group itself.
    pub fn gate(&mut self, world: &World, stage: &mut Stage, key: (Who, Move, bool)) -> Result<bool, Error> {
        if let Some(&open) = self.gates.get(&key) {
            return Ok(open);
        }
        let of_group = key.1.is_about_group();
        let answer = stage.foresee(key.0, key.1.ask(world, ("nobody", if of_group { ANY } else { "nobody" }), true))?;
        let open = if of_group { answer.is_ok() } else { answer != Err(Phase::Gate) };
        self.gates.insert(key, open);
        Ok(open)
    }
}
