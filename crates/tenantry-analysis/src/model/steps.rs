//! Every step in a frame: who can do what to whom, and what both are afterwards.

use tenantry::Error;
use tenantry::document::{Actor, Ask, Body, Event, Request, Time};

use super::custom::{brought_by, granted_at};
use super::deeds::Deed;
use super::moves::Move;
use super::person::{Person, Sort};
use super::requests::requests;
use super::stage::{Circles, Stage};
use super::teams::{self, parts};
use super::{Who, World, offers, shared};

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

/// Everything that people can do.
pub(super) fn deeds(world: &World) -> Result<Vec<Deed>, Error> {
    let mut deeds = Vec::new();
    let mut stage = Stage::new(world, Circles::None, World::everybody)?;
    let asked = |target: Person, by_itself| world.moves_on(target, by_itself).into_iter().filter(|what| !matches!(what, Move::Invite(..))).collect();
    requests(world, &mut stage, &asked, &mut deeds)?;
    offers::deeds(world, &mut stage, &mut deeds)?;
    if world.slots.iter().any(|slot| slot.sort == Sort::Custom) {
        requests(world, &mut Stage::new(world, Circles::None, world.of_whom_it_depends())?, &|target, _| world.changes_of_own(target), &mut deeds)?;
    }
    if world.through_groups() != 0 {
        requests(world, &mut Stage::new(world, Circles::OfEach, world.of_whom_it_depends())?, &|target, _| world.group_moves(target), &mut deeds)?;
        shared::deeds(world, &mut deeds)?;
    }
    Ok(deeds)
}

/// Every end of a grant's time: of whatever somebody holds, as each grant can have one.
pub(super) fn expiries(world: &World) -> Vec<Deed> {
    let without = |who: Who, slot: usize| {
        let person = world.person(who);
        world.number(Person { held: person.held & !(1 << slot), ..person }).filter(|after| *after != who).map(|after| (who, after))
    };
    let of = |slot: usize| (1..world.people.len() as Who).filter_map(|who| without(who, slot)).collect();
    (0..world.slots.len()).map(|slot| Deed::to_themselves(Move::Expire(slot), of(slot))).collect()
}

/// The places where somebody can deactivate somebody.
pub(super) fn places_to_rest(world: &World) -> Result<u16, Error> {
    let mut stage = Stage::new(world, Circles::None, World::everybody)?;
    let mut places = 0;
    for place in 0..world.frame.places.len() {
        let what = Move::Deactivate(place);
        for actor in stage.actors_at(what.extent(world).of_actor()).iter().filter_map(|alike| alike.first().copied()) {
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
