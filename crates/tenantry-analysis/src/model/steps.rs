//! Every step in a frame: who can do what to whom, and what both are afterwards.

use std::collections::BTreeSet;

use foldhash::HashMap;
use tenantry::document::{Actor, Ask, Body, Event, Request, Time};
use tenantry::{Error, Step as Phase};

use super::custom::{brought_by, granted_at};
use super::moves::Move;
use super::person::{Person, Sort};
use super::stage::{self, Circles, Face, Stage};
use super::teams::{self, ANY, Allowed, parts};
use super::{Guise, Who, World, offers};

/// One person does something to another, or to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    let mut steps = Vec::new();
    let mut stage = Stage::new(world, Circles::None, World::everybody)?;
    let asked = |target: Person, by_itself| world.moves_on(target, by_itself).into_iter().filter(|what| !matches!(what, Move::Invite(..))).collect();
    requests(world, &mut stage, &asked, &mut steps)?;
    offers::steps(world, &mut stage, &mut steps)?;
    if world.slots.iter().any(|slot| slot.sort == Sort::Custom) {
        requests(world, &mut Stage::new(world, Circles::None, world.of_whom_it_depends())?, &|target, _| world.changes_of_own(target), &mut steps)?;
    }
    if world.through_groups() != 0 {
        requests(world, &mut Stage::new(world, Circles::OfEach, world.of_whom_it_depends())?, &|target, _| world.group_moves(target), &mut steps)?;
        if stage::favours_groups_of_one_s_own(&world.document) {
            let in_each_guise = acting(world).flat_map(|actor| world.guises(world.person(actor)).into_iter().map(move |guise| (actor, guise)));
            in_each_guise.into_iter().try_for_each(|actor| in_one_group(world, actor, &mut steps))?;
        }
    }
    Ok(steps)
}

/// What can be asked about somebody, by others or by itself.
type Asked<'w> = dyn Fn(Person, bool) -> Vec<Move> + 'w;

/// What everybody can do to others and to itself.
fn requests(world: &World, stage: &mut Stage, asked: &Asked, steps: &mut Vec<Step>) -> Result<(), Error> {
    let moves: Vec<Vec<Move>> = world.people.iter().map(|&target| asked(target, false)).collect();
    let mut known = Known::default();
    for alike in stage.alike.clone().iter() {
        to_others(world, stage, (alike, &moves), &mut known, steps)?;
    }
    for alike in stage.alike.clone().iter() {
        for &actor in alike {
            by_itself(world, stage, (actor, alike[0], &asked(world.person(actor), true)), &mut known.gates, steps)?;
        }
    }
    Ok(())
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
        let (mut allowed, mut found) = (Allowed::default(), Found::default());
        for &what in moves {
            if !allowed.leaves_open(what) {
                continue;
            }
            let Some(handed) = what.hands_over() else {
                let taken = where_it_happens(world, stage, (what, first, target), known)?;
                taken.iter().for_each(|step| allowed.note(step.what));
                let taken: Vec<Step> = taken.into_iter().filter(|step| found.is_new(world, step)).collect();
                steps.extend(alike.iter().flat_map(|&actor| taken.iter().map(move |&step| Step { actor, actor_after: actor, ..step })));
                continue;
            };
            for &actor in alike.iter().filter(|&&actor| handed & !world.person(actor).held == 0) {
                steps.extend(handed_over_there(world, stage, (what, actor, target), known)?);
            }
        }
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

/// What somebody can do to another who is in one group with it. That its own part changes as well is a step to itself.
fn in_one_group(world: &World, (actor, guise): (Who, Guise), steps: &mut Vec<Step>) -> Result<(), Error> {
    let mut stage = Stage::new(world, Circles::With(actor, guise), World::everybody)?;
    let mut known = Known::default();
    let within = |what: &Move| what.team().is_some_and(|team| team.holds & !world.person(actor).held == 0);
    for target in 1..world.people.len() as Who {
        let mut allowed = Allowed::default();
        for what in world.group_moves(world.person(target)).into_iter().filter_map(Move::shared).filter(within) {
            if !allowed.leaves_open(what) {
                continue;
            }
            let taken = to_any(world, &mut stage, (what, actor, target), &mut known)?;
            taken.iter().for_each(|step| allowed.note(step.what));
            steps.extend(taken);
        }
    }
    Ok(())
}

/// What a target is after a move that changes nobody else: whoever makes it.
type Outcomes = HashMap<(Face, Move), Option<Who>>;

/// What comes past the gate, by actor, move and whether the target has an account.
type Gates = HashMap<(Who, Move, bool), bool>;

/// What was asked already.
#[derive(Default)]
struct Known {
    gates: Gates,
    outcomes: Outcomes,
    /// Where a move is about one place: what the target can be after it.
    there: HashMap<(Move, Who, Who), Vec<Who>>,
    /// Where something is handed over: what both can be after it.
    handed: HashMap<(Move, Who, Who), Vec<(Who, Who)>>,
}

/// The places where somebody can deactivate somebody.
pub(super) fn places_to_rest(world: &World) -> Result<u16, Error> {
    let mut stage = Stage::new(world, Circles::None, World::everybody)?;
    let mut places = 0;
    for actor in stage.alike.clone().iter().filter_map(|alike| alike.first().copied()) {
        for place in 0..world.frame.places.len() {
            let what = Move::Deactivate(place);
            for target in (1..world.people.len() as Who).flat_map(|who| stage.faces(who)).collect::<Vec<_>>() {
                if places >> place & 1 == 0 && stage.denies(world, what, actor, target) != Some(true) {
                    let ask = what.ask(world, ("", stage.id(target)), true);
                    let allowed = stage.foresee(actor, ask)?.is_ok();
                    places |= u16::from(allowed) << place;
                }
            }
        }
    }
    Ok(places)
}

/// The same, asked of the first two who are so where it happens; what the target holds elsewhere stays as it is.
fn where_it_happens(world: &World, stage: &mut Stage, (what, actor, target): (Move, Who, Who), known: &mut Known) -> Result<Vec<Step>, Error> {
    let Some((first, only)) = stage.like(world, what, actor, target) else { return to_any(world, stage, (what, actor, target), known) };
    let like = (what, first, only);
    let afters = match known.there.get(&like) {
        Some(afters) => afters.clone(),
        None => {
            let faces = stage.faces_on(only, world.with_above(what.asked_at(world).unwrap_or(u16::MAX)));
            let afters: Vec<Who> = to_faces(world, stage, (what, first, &faces), known)?.iter().map(|step| step.target_after).collect();
            known.there.insert(like, afters.clone());
            afters
        }
    };
    let step = |target_after| Step { what, actor, approver: None, target, by_itself: false, actor_after: actor, target_after };
    Ok(afters.into_iter().filter_map(|after| Some(step(world.with_rest(target, only, after)?))).collect())
}

/// What can come of it if one does this to the other, whatever its guise.
fn to_any(world: &World, stage: &mut Stage, (what, actor, target): (Move, Who, Who), known: &mut Known) -> Result<Vec<Step>, Error> {
    let faces: Vec<Face> = stage.faces(target).collect();
    to_faces(world, stage, (what, actor, &faces), known)
}

/// The same in each of these guises.
fn to_faces(world: &World, stage: &mut Stage, (what, actor, faces): (Move, Who, &[Face]), known: &mut Known) -> Result<Vec<Step>, Error> {
    let mut found: Vec<Step> = Vec::new();
    for &face in faces.iter().filter(|&&face| what.is_about(world, stage.guise(face))).collect::<Vec<_>>() {
        let taken = to_another(world, stage, (what, actor, face), known)?;
        add_new(&mut found, taken.into_iter().flat_map(|step| step.in_part(world)));
    }
    Ok(found)
}

pub(super) fn add_new(found: &mut Vec<Step>, steps: impl Iterator<Item = Step>) {
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
    if !gate(world, stage, (actor, what, account), &mut known.gates)? {
        return Ok(None);
    }
    let (denied, passes) = (stage.denies(world, what, actor, face), stage.roles_pass(world, what, actor, face));
    if denied == Some(true) || passes == Some(false) {
        return Ok(None);
    }
    let step = Step { what, actor, approver: None, target, by_itself: false, actor_after: actor, target_after: target };
    // Whoever hands something over loses it, so that rules are asked about it too, in whatever guise.
    if what.hands_over().is_some() {
        return handed_over(world, stage, step, face);
    }
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

/// What can come of it if one hands this over to the other; what both hold elsewhere stays as it is.
fn handed_over_there(world: &World, stage: &mut Stage, (what, actor, target): (Move, Who, Who), known: &mut Known) -> Result<Vec<Step>, Error> {
    let places = 1 << what.place(world);
    let only = (stage.only_at(world, actor, (places, true)), stage.only_at(world, target, (places, what.asks_rest(world))));
    let afters = match known.handed.get(&(what, only.0, only.1)) {
        Some(afters) => afters.clone(),
        None => {
            let faces = stage.faces_on(only.1, world.with_above(places));
            let taken = to_faces(world, stage, (what, only.0, &faces), known)?;
            let afters: Vec<(Who, Who)> = taken.iter().map(|step| (step.actor_after, step.target_after)).collect();
            known.handed.insert((what, only.0, only.1), afters.clone());
            afters
        }
    };
    let step = |(giver, taker): (Who, Who)| {
        let (actor_after, target_after) = (world.with_rest(actor, only.0, giver)?, world.with_rest(target, only.1, taker)?);
        Some(Step { what, actor, approver: None, target, by_itself: false, actor_after, target_after })
    };
    Ok(afters.into_iter().filter_map(step).collect())
}

/// What comes of it if one hands this over to the other, in the first of its guises in which it may.
fn handed_over(world: &World, stage: &mut Stage, step: Step, face: Face) -> Result<Option<Step>, Error> {
    let (place, Move::Transfer(_, given, _)) = (step.what.place(world), step.what) else { return Ok(None) };
    let custom = world.custom_at(place);
    let mine: Vec<Face> = stage.faces_on(step.actor, world.with_above(1 << place));
    for mine in mine.into_iter().filter(|&mine| stage.guise(mine).has(place, given, custom)).collect::<Vec<_>>() {
        let me = stage.id(mine).to_owned();
        let events = stage.foresee_of(me.clone(), step.what.ask(world, (&me, stage.id(face)), world.person(step.target).account))?;
        if let Some(step) = events.ok().and_then(|events| step.after(world, &events, &me)) {
            return Ok(Some(step));
        }
    }
    Ok(None)
}

/// What somebody can do to itself. Most does not come past the gate, and that is known of the first of those who are alike.
fn by_itself(world: &World, stage: &mut Stage, (actor, first, moves): (Who, Who, &[Move]), gates: &mut Gates, steps: &mut Vec<Step>) -> Result<(), Error> {
    let mut allowed = Allowed::default();
    for &what in moves {
        let stopped = what.team().is_none() && !gate(world, stage, (first, what, true), gates)?;
        if stopped || !allowed.leaves_open(what) {
            continue;
        }
        let step = Step { what, actor, approver: None, target: actor, by_itself: true, actor_after: actor, target_after: actor };
        let mut found: Vec<Step> = Vec::new();
        for face in stage.faces(actor) {
            let me = stage.id(face).to_owned();
            let events = stage.foresee_of(me.clone(), what.ask(world, (&me, &me), true))?;
            let taken = events.ok().and_then(|events| step.after(world, &events, &me));
            taken.iter().for_each(|step| allowed.note(step.what));
            add_new(&mut found, taken.into_iter().flat_map(|step| step.in_part(world)));
        }
        steps.extend(found);
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
    let answer = stage.foresee(key.0, key.1.ask(world, ("nobody", if of_group { ANY } else { "nobody" }), true))?;
    let open = if of_group { answer.is_ok() } else { answer != Err(Phase::Gate) };
    gates.insert(key, open);
    Ok(open)
}

impl Step {
    /// The step, and what comes of it for somebody who holds some of what is lost through a group as well.
    pub(super) fn in_part(self, world: &World) -> Vec<Step> {
        let (before, after) = (world.person(self.target), world.person(self.target_after));
        let lost = before.held & !after.held & world.through_groups();
        let in_whole = self.what.team().is_some() && !matches!(self.what, Move::GroupDelete(_));
        if lost == 0 || in_whole || !after.account {
            return vec![self];
        }
        let afters = parts(lost).into_iter().filter_map(|kept| world.number(Person { held: after.held | kept, ..after }));
        let steps = afters.map(|after| Step { target_after: after, actor_after: if self.by_itself { after } else { self.actor_after }, ..self });
        steps.filter(|step| step.target_after != step.target || step.actor_after != step.actor).collect()
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
        Event::RoleGiven { group, scope, role, .. } => person.held |= world.bits(scope, role, group.is_some()),
        Event::RoleTaken { group, scope, role, .. } => person.held &= !world.bits(scope, role, group.is_some()),
        Event::GroupMemberAdded { group, .. } => person.held |= teams::holds(group),
        Event::GroupMemberRemoved { group, .. } => person.held &= !teams::holds(group),
        Event::CustomRoleUpdated { role, permissions: Some(permissions), .. } => {
            let before = brought_by(role);
            let at = granted_at(role) | world.places_of(before);
            let fits = |slot: &super::Slot| at >> slot.place & 1 == 1 && slot.sort == Sort::Custom && permissions.contains(&slot.name);
            person.held = person.held & !before | world.slots_where(fits);
        }
        _ => {}
    }
}

impl World {
    /// What a role at a scope brings, as bits.
    pub(crate) fn bits(&self, scope: &str, role: &str, group: bool) -> u64 {
        let sort = if group { Sort::Group } else { Sort::Direct };
        let declared = self.slots.iter().position(|slot| self.frame.places[slot.place].id == scope && slot.name == role && slot.sort == sort);
        declared.map_or_else(|| brought_by(role) & self.custom_in(scope), |bit| 1 << bit)
    }
}
