//! Roles that people hand over. Whoever does loses the role, so that rules are asked about both: about the giver, whoever takes it, and about the taker,
//! whoever gives it. Each half is known once it was seen.

use foldhash::HashMap;
use tenantry::{Error, Step as Phase};

use super::custom::PLAIN;
use super::deeds::Deed;
use super::extent::{Round, stand_ins};
use super::moves::Move;
use super::requests::Known;
use super::stage::{Face, Stage};
use super::steps::{Step, acting};
use super::teams::parts;
use super::{Person, Who, World};

/// The halves of one move: what people are after it, or nothing if it does not go through.
#[derive(Default)]
struct Halves {
    of_giver: HashMap<Who, Option<Who>>,
    /// By the first of those who give alike: rules see the same of them.
    of_taker: HashMap<(Who, Face), Option<Who>>,
}

/// What everybody can hand over to others.
pub(super) fn deeds(world: &World, stage: &mut Stage, round: &Round, known: &mut Known, deeds: &mut Vec<Deed>) -> Result<(), Error> {
    let moves = round.stand_ins.first().map_or(&[][..], |taker| &taker.moves);
    let moves: Vec<Move> = moves.iter().copied().filter(|what| what.hands_over().is_some()).collect();
    let givers = stand_ins(&stage.itself_at(world, round.extent), acting(world));
    for what in moves {
        let (mut halves, mut found) = (Halves::default(), Vec::new());
        for giver in givers.values().filter(|giver| can_hand_over(world, what, world.person(giver.who))) {
            for taker in round.stand_ins.iter().filter(|taker| taker.moves.contains(&what)) {
                handed_over(world, stage, (what, giver.who, taker.who), (known, &mut halves), &mut found)?;
                let of = |(after, taken): Afters| Deed::to_others(what, giver.spread(world, after), taker.spread(world, taken));
                deeds.extend(found.drain(..).map(of));
            }
        }
    }
    Ok(())
}

/// Whether somebody has what is handed over, and something could come of it.
fn can_hand_over(world: &World, what: Move, giver: Person) -> bool {
    let Move::Transfer(place, given, kept) = what else { return false };
    let changes_nothing = given == PLAIN && kept & !PLAIN & !giver.held == 0 && !world.one_role(place);
    given & !PLAIN & !giver.held == 0 && !changes_nothing
}

/// What the giver and the taker are afterwards.
type Afters = (Who, Who);

/// What can come of it if one hands this over to the other, in whatever guise.
fn handed_over(
    world: &World,
    stage: &mut Stage,
    (what, giver, taker): (Move, Who, Who),
    (known, halves): (&mut Known, &mut Halves),
    found: &mut Vec<Afters>,
) -> Result<(), Error> {
    let places = 1 << what.place(world);
    let first = stage.first_at(what.extent(world).of_actor())[usize::from(giver)];
    if !known.gate(world, stage, (first, what, world.person(taker).account))? {
        return Ok(());
    }
    for face in stage.faces_on(taker, world.with_above(places)) {
        let afters = halves.together(world, stage, what, (giver, first, face))?;
        for afters in afters.into_iter().flat_map(|afters| in_part(world, (giver, taker), afters)).filter(|afters| *afters != (giver, taker)) {
            if !found.contains(&afters) {
                found.push(afters);
            }
        }
    }
    Ok(())
}

impl Halves {
    /// What both are afterwards. Where it does not go through, the half is at fault that was not seen to go through with another.
    fn together(&mut self, world: &World, stage: &mut Stage, what: Move, (giver, first, face): (Who, Who, Face)) -> Result<Option<Afters>, Error> {
        let (gives, takes) = (self.of_giver.get(&giver).copied(), self.of_taker.get(&(first, face)).copied());
        match (gives, takes) {
            (Some(None), _) | (_, Some(None)) => return Ok(None),
            (Some(Some(after)), Some(Some(taken))) => return Ok(Some((after, taken))),
            _ => {}
        }
        if takes.is_none() && stage.roles_pass(world, what, first, face) == Some(false) {
            self.of_taker.insert((first, face), None);
            return Ok(None);
        }
        match tried(world, stage, (what, giver, face))? {
            Ok((after, taken)) => {
                self.of_giver.insert(giver, Some(after));
                self.of_taker.insert((first, face), Some(taken));
                return Ok(Some((after, taken)));
            }
            Err(Stopped::ByRules) if takes.is_some() => _ = self.of_giver.insert(giver, None),
            Err(_) if gives.is_some() => _ = self.of_taker.insert((first, face), None),
            Err(_) => {}
        }
        Ok(None)
    }
}

/// Why nothing was handed over.
enum Stopped {
    /// Rules deny it in every guise.
    ByRules,
    /// It changes nothing, or nothing is there to be given.
    ByState,
}

/// What comes of it if one hands this over to the other, in the first of its guises in which it may.
fn tried(world: &World, stage: &mut Stage, (what, giver, face): (Move, Who, Face)) -> Result<Result<Afters, Stopped>, Error> {
    let (place, Move::Transfer(_, given, _)) = (what.place(world), what) else { return Ok(Err(Stopped::ByState)) };
    let (custom, account) = (world.custom_at(place), world.person(face.0).account);
    let step = Step { what, actor: giver, approver: None, target: face.0, by_itself: false, actor_after: giver, target_after: face.0 };
    let mut stopped = Stopped::ByRules;
    for mine in stage.faces_on(giver, world.with_above(1 << place)) {
        if !stage.guise(mine).has(place, given, custom) {
            continue;
        }
        let me = stage.id(mine).to_owned();
        match stage.foresee_of(me.clone(), what.ask(world, (&me, stage.id(face)), account))? {
            Ok(events) => match step.after(world, &events, &me) {
                Some(step) => return Ok(Ok((step.actor_after, step.target_after))),
                None => stopped = Stopped::ByState,
            },
            Err(Phase::Judge) => {}
            Err(_) => stopped = Stopped::ByState,
        }
    }
    Ok(Err(stopped))
}

/// What comes of it besides for those who hold some of what they lose through a group as well.
fn in_part(world: &World, before: (Who, Who), afters: Afters) -> Vec<Afters> {
    let kept = |before: Who, after: Who| {
        let (before, after) = (world.person(before), world.person(after));
        let lost = before.held & !after.held & world.through_groups();
        parts(lost).into_iter().filter_map(move |kept| world.number(Person { held: after.held | kept, ..after })).collect::<Vec<_>>()
    };
    let takers = kept(before.1, afters.1);
    kept(before.0, afters.0).into_iter().flat_map(|giver| takers.iter().map(move |&taker| (giver, taker))).collect()
}
