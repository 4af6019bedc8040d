//! Every step in a frame: who can do what to whom, and what both are afterwards.

use std::collections::{BTreeMap, HashMap};

use tenantry::document::{Actor, Ask, Body, Event, Request, Time};
use tenantry::{Error, Step as Phase};

use super::moves::Move;
use super::person::{Person, Sort};
use super::stage::{self, Stage};
use super::teams::{self, ANY, Allowed, parts};
use super::{Who, World, offers};

/// One person does something to another, or to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub what: Move,
    /// Who asks.
    pub actor: Who,
    /// Who approves what the target accepted, if somebody else has to.
    pub approver: Option<Who>,
    /// To whom. If it is done to itself, the actor.
    pub target: Who,
    /// Whether it is done to itself.
    pub by_itself: bool,
    /// What the actor is afterwards.
    pub actor_after: Who,
    /// What the target is afterwards.
    pub target_after: Who,
}

/// When everything is asked.
pub(crate) const NOW: Time = Time(1_800_000_000_000);

pub(crate) fn request(actor: Actor, ask: Ask, now: Time) -> Request {
    Request { id: Some("q".to_owned()), now, actor, context: tenantry::document::Facts::default(), body: Body::One(Box::new(ask)) }
}

/// Who can act at all.
pub(super) fn acting(world: &World) -> impl Iterator<Item = Who> {
    (1..world.people.len() as Who).filter(|&who| world.person(who).resting & 1 == 0)
}

/// Every step.
pub(super) fn steps(world: &World) -> Result<Vec<Step>, Error> {
    let mut stage = Stage::new(world)?;
    let mut steps = Vec::new();
    let asked =
        |target: Who| -> Vec<Move> { world.moves_on(world.person(target), false).into_iter().filter(|what| !matches!(what, Move::Invite(..))).collect() };
    let moves: Vec<Vec<Move>> = (0..world.people.len() as Who).map(asked).collect();
    let mut known = Known::default();
    for alike in stage.alike.clone().iter() {
        to_others(world, &mut stage, (alike, &moves), &mut known, &mut steps)?;
    }
    let first: BTreeMap<Who, Who> = stage.alike.iter().flat_map(|alike| alike.iter().map(|&who| (who, alike[0]))).collect();
    for (actor, first) in first {
        by_itself(world, &mut stage, (actor, first), &mut known.gates, &mut steps)?;
    }
    if stage::favours_groups_of_one_s_own(&world.document) {
        for actor in acting(world).filter(|_| world.through_groups() != 0) {
            in_one_group(world, actor, &mut steps)?;
        }
    }
    offers::steps(world, &mut stage, &mut steps)?;
    Ok(steps)
}

/// Every end of a grant's time: of whatever somebody holds, as each grant can have one.
pub(super) fn expiries(world: &World) -> Vec<Step> {
    let of = |who: Who| {
        let person = world.person(who);
        let held = (0..world.slots.len()).filter(move |slot| person.held >> slot & 1 == 1);
        held.filter_map(move |slot| {
            let after = world.number(Person { held: person.held & !(1 << slot), ..person })?;
            Some(Step { what: Move::Expire(slot), actor: who, approver: None, target: who, by_itself: true, actor_after: after, target_after: after })
        })
    };
    (1..world.people.len() as Who).flat_map(of).collect()
}

/// What people who are alike can do to others: the first of them is asked for, but for what each has to hand over.
fn to_others(world: &World, stage: &mut Stage, (alike, moves): (&[Who], &[Vec<Move>]), known: &mut Known, steps: &mut Vec<Step>) -> Result<(), Error> {
    let Some(&first) = alike.first() else { return Ok(()) };
    for (target, moves) in (0..).zip(moves) {
        let mut allowed = Allowed::default();
        for &what in moves {
            if !allowed.leaves_open(what) {
                continue;
            }
            let Some(handed) = what.hands_over() else {
                let taken = where_it_happens(world, stage, (what, first, target), known)?;
                taken.iter().for_each(|step| allowed.note(step.what));
                let taken: Vec<Step> = taken.into_iter().flat_map(|step| step.in_part(world)).collect();
                steps.extend(alike.iter().flat_map(|&actor| taken.iter().map(move |&step| Step { actor, actor_after: actor, ..step })));
                continue;
            };
            for &actor in alike.iter().filter(|&&actor| world.person(actor).held >> handed & 1 == 1) {
                steps.extend(to_another(world, stage, (what, actor, target), known)?);
            }
        }
    }
    Ok(())
}

/// What somebody can do to another who is in one group with it. That its own part changes as well is a step to itself.
fn in_one_group(world: &World, actor: Who, steps: &mut Vec<Step>) -> Result<(), Error> {
    let mut stage = Stage::of_one(world, actor)?;
    let mut known = Known::default();
    let within = |what: &Move| what.team().is_some_and(|team| team.holds & !world.person(actor).held == 0);
    for target in 1..world.people.len() as Who {
        let (mut moves, mut allowed) = (Vec::new(), Allowed::default());
        world.group_moves(world.person(target), &mut moves);
        for what in moves.into_iter().filter_map(Move::shared).filter(within) {
            if !allowed.leaves_open(what) {
                continue;
            }
            let taken = to_another(world, &mut stage, (what, actor, target), &mut known)?;
            taken.iter().for_each(|step| allowed.note(step.what));
            steps.extend(taken.into_iter().flat_map(|step| step.in_part(world)));
        }
    }
    Ok(())
}

/// What a target is after a move that changes nobody else: whoever makes it.
type Outcomes = BTreeMap<(Who, Move), Option<Who>>;

/// What comes past the gate, by actor, move and whether the target has an account.
type Gates = BTreeMap<(Who, Move, bool), bool>;

/// What was asked already.
#[derive(Default)]
struct Known {
    gates: Gates,
    outcomes: Outcomes,
    /// Where a move is about one place: what the target is after it.
    there: HashMap<(Move, Who, Who), Option<Who>>,
}

/// The places where somebody can deactivate somebody.
pub(super) fn places_to_rest(world: &World) -> Result<u16, Error> {
    let mut stage = Stage::new(world)?;
    let mut places = 0;
    for actor in stage.alike.clone().iter().filter_map(|alike| alike.first().copied()) {
        for place in 0..world.frame.places.len() {
            let what = Move::Deactivate(place);
            for target in 1..world.people.len() as Who {
                if places >> place & 1 == 0 && stage.denies(world, what, actor, target) != Some(true) {
                    let ask = what.ask(world, &stage.targets[usize::from(target)].clone(), true);
                    let allowed = stage.foresee(actor, ask)?.is_ok();
                    places |= u16::from(allowed) << place;
                }
            }
        }
    }
    Ok(places)
}

/// The same, asked of the first two who are so where it happens; what the target holds elsewhere stays as it is.
fn where_it_happens(world: &World, stage: &mut Stage, (what, actor, target): (Move, Who, Who), known: &mut Known) -> Result<Option<Step>, Error> {
    let Some(place) = what.only_place(world) else { return to_another(world, stage, (what, actor, target), known) };
    let like = (what, stage.first_at[place][usize::from(actor)], stage.only_at[place][usize::from(target)]);
    let after = match known.there.get(&like) {
        Some(&after) => after,
        None => {
            let after = to_another(world, stage, like, known)?.map(|step| step.target_after);
            known.there.insert(like, after);
            after
        }
    };
    let (whole, before) = (world.person(target), world.person(like.2));
    let with_rest = |after: Person| Person { held: whole.held & !before.held | after.held, resting: whole.resting & !before.resting | after.resting, ..after };
    let after = after.and_then(|after| world.number(with_rest(world.person(after))));
    Ok(after.map(|target_after| Step { what, actor, approver: None, target, by_itself: false, actor_after: actor, target_after }))
}

/// What comes of it if one does this to the other; nothing if it is denied, or changes nothing.
fn to_another(world: &World, stage: &mut Stage, (what, actor, target): (Move, Who, Who), known: &mut Known) -> Result<Option<Step>, Error> {
    let account = world.person(target).account;
    // Most is denied, and a question by handles says so in no time.
    if !gate(world, stage, (actor, what, account), &mut known.gates)? {
        return Ok(None);
    }
    let (denied, passes) = (stage.denies(world, what, actor, target), stage.roles_pass(world, what, actor, target));
    if denied == Some(true) || passes == Some(false) {
        return Ok(None);
    }
    let step = Step { what, actor, approver: None, target, by_itself: false, actor_after: actor, target_after: target };
    let told = what.hands_over().is_none() && (denied == Some(false) || passes == Some(true));
    if let Some(&after) = known.outcomes.get(&(target, what)).filter(|_| told) {
        return Ok(after.map(|target_after: Who| Step { target_after, ..step }));
    }
    let (me, them) = (stage.actors[usize::from(actor)].clone(), stage.targets[usize::from(target)].clone());
    let events = stage.foresee(actor, what.ask(world, &them, account))?;
    let taken = events.ok().and_then(|events| step.after(world, &events, &me));
    if told {
        known.outcomes.insert((target, what), taken.map(|taken| taken.target_after));
    }
    Ok(taken)
}

/// What somebody can do to itself. Most does not come past the gate, and that is known of the first of those who are alike.
fn by_itself(world: &World, stage: &mut Stage, (actor, first): (Who, Who), gates: &mut Gates, steps: &mut Vec<Step>) -> Result<(), Error> {
    let me = stage.actors[usize::from(actor)].clone();
    let mut allowed = Allowed::default();
    for what in world.moves_on(world.person(actor), true).into_iter().filter(|what| !matches!(what, Move::Invite(..))) {
        let stopped = what.team().is_none() && what.hands_over().is_none() && !gate(world, stage, (first, what, true), gates)?;
        if stopped || !allowed.leaves_open(what) {
            continue;
        }
        let events = stage.foresee(actor, what.ask(world, &me, true))?;
        let step = Step { what, actor, approver: None, target: actor, by_itself: true, actor_after: actor, target_after: actor };
        let taken = events.ok().and_then(|events| step.after(world, &events, &me));
        taken.iter().for_each(|step| allowed.note(step.what));
        steps.extend(taken.into_iter().flat_map(|step| step.in_part(world)));
    }
    Ok(())
}

/// Whether the actor comes past the gate with it: about somebody who is not there, the answer is that nobody is. With a group that nobody of
/// those is in whom it could be about, whether rules let pass what it does to the group itself.
fn gate(world: &World, stage: &mut Stage, key: (Who, Move, bool), gates: &mut Gates) -> Result<bool, Error> {
    if let Some(&open) = gates.get(&key) {
        return Ok(open);
    }
    let of_group = key.1.is_about_group();
    let answer = stage.foresee(key.0, key.1.ask(world, if of_group { ANY } else { "nobody" }, true))?;
    let open = if of_group { answer.is_ok() } else { answer != Err(Phase::Gate) };
    gates.insert(key, open);
    Ok(open)
}

impl Step {
    /// The step, and what comes of it for somebody who holds some of what the group held through another as well.
    fn in_part(self, world: &World) -> Vec<Step> {
        let Move::GroupDelete(team) = self.what else { return vec![self] };
        let before = world.person(self.target);
        let some = parts(team.holds).into_iter().filter(|lost| *lost != 0);
        let afters = some.filter_map(|lost| world.number(Person { held: before.held & !lost, ..before }));
        afters.map(|after| Step { target_after: after, actor_after: if self.by_itself { after } else { self.actor_after }, ..self }).collect()
    }

    /// The step with what comes of it; nothing if nothing does.
    pub(crate) fn after(self, world: &World, events: &[Event], actor_id: &str) -> Option<Step> {
        let mut actor = world.person(self.actor);
        let mut target = world.person(self.target);
        for event in events {
            let is_actor = whose(event).is_none_or(|id| id == actor_id || belongs_to(id, actor_id));
            happen(world, event, if is_actor { &mut actor } else { &mut target });
        }
        let target = if self.by_itself { actor } else { target };
        let step = Step { actor_after: world.number(actor)?, target_after: world.number(target)?, ..self };
        (step.actor_after != self.actor || step.target_after != self.target).then_some(step)
    }
}

/// The user, group or role of the tenant's own that an event is about.
fn whose(event: &Event) -> Option<&str> {
    match event {
        Event::MemberAdded { user, .. } | Event::MemberRemoved { user, .. } => Some(user),
        Event::MemberDeactivated { user, .. } | Event::MemberReactivated { user, .. } | Event::GroupMemberAdded { user, .. } => Some(user),
        Event::GroupMemberRemoved { user, .. } => Some(user),
        Event::RoleGiven { user, group, .. } | Event::RoleTaken { user, group, .. } => user.as_deref().or(group.as_deref()),
        Event::CustomRoleUpdated { role, .. } => Some(role),
        _ => None,
    }
}

/// Whether a group or role is one that this person alone has.
fn belongs_to(id: &str, person: &str) -> bool {
    id.strip_prefix(person).is_some_and(|rest| rest.starts_with('-'))
}

/// An event about a person.
fn happen(world: &World, event: &Event, person: &mut Person) {
    let place = |scope: &str| world.frame.places.iter().position(|place| place.id == scope);
    match event {
        Event::MemberAdded { .. } => person.account = true,
        Event::MemberRemoved { scope, .. } if place(scope) == Some(0) => *person = Person::OUTSIDER,
        Event::MemberDeactivated { scope, .. } => place(scope).into_iter().for_each(|place| person.resting |= 1 << place),
        Event::MemberReactivated { scope, .. } => place(scope).into_iter().for_each(|place| person.resting &= !(1 << place)),
        Event::RoleGiven { group, scope, role, .. } => person.held |= world.bit(scope, role, group.is_some()),
        Event::RoleTaken { group, scope, role, .. } => person.held &= !world.bit(scope, role, group.is_some()),
        Event::GroupMemberAdded { group, .. } => person.held |= teams::holds(group),
        Event::GroupMemberRemoved { group, .. } => person.held &= !teams::holds(group),
        Event::CustomRoleUpdated { role, permissions: Some(permissions), .. } => {
            let slot = numbered(role);
            let place = slot.trailing_zeros() as usize;
            let place = world.slots.get(place).map_or(0, |slot| slot.place);
            let fits = |slot: &super::Slot| slot.place == place && slot.sort == Sort::Custom && permissions.contains(&slot.name);
            let now = world.slots.iter().enumerate().filter(|(_, slot)| fits(slot)).fold(0, |mask, (bit, _)| mask | 1u64 << bit);
            person.held = person.held & !slot | now;
        }
        _ => {}
    }
}

/// The slot of a role of the tenant's own, by its id.
fn numbered(id: &str) -> u64 {
    id.rsplit('-').next().and_then(|number| number.parse::<u32>().ok()).filter(|&number| number < 64).map_or(0, |number| 1 << number)
}

impl World {
    /// The slot of a role at a scope, as a bit.
    pub(crate) fn bit(&self, scope: &str, role: &str, group: bool) -> u64 {
        let sort = if group { Sort::Group } else { Sort::Direct };
        let declared = self.slots.iter().position(|slot| self.frame.places[slot.place].id == scope && slot.name == role && slot.sort == sort);
        declared.map_or_else(|| numbered(role), |bit| 1 << bit)
    }
}
