//! What some people bring about in a few steps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tenantry::document::snapshot::{GrantRow, Status};
use tenantry::document::{Actor, Ask, Body, Facts, Request, Snapshot, Time};
use tenantry::{Directory, Policy};
use tenantry_analysis::model::{Slot, Sort};
use tenantry_analysis::prove::Certificate;

use crate::Done;
use crate::asks::requests;
use crate::policies::Shape;

const NOW: Time = Time(1_790_000_000_000);
/// When grants end that do.
pub const END: Time = Time(NOW.0 + 3_600_000);
const LATE: Time = Time(NOW.0 + 7_200_000);

/// An organization at a time: early, or when whatever ends has ended.
#[derive(Clone)]
struct Moment {
    state: Snapshot,
    late: bool,
    /// The requests that led to it.
    trail: Vec<String>,
}

/// What somebody holds of the slots of a proof, as bits.
fn held(certificate: &Certificate, state: &Snapshot, now: Time, id: &str) -> u64 {
    let is_in = |group: &str| state.groups.iter().any(|row| row.id == group && row.members.iter().any(|member| member == id));
    let permits = |role: &str, name: &String| state.custom_roles.iter().any(|row| row.id == role && row.permissions.contains(name));
    let brings = |grant: &GrantRow, slot: &Slot| {
        let (own, through) = (grant.user.as_deref() == Some(id), grant.group.as_deref().is_some_and(is_in));
        let fits = match slot.sort {
            Sort::Direct => own && grant.role == slot.name,
            Sort::Group => through && grant.role == slot.name,
            Sort::Custom => (own || through) && permits(&grant.role, &slot.name),
        };
        fits && certificate.places[slot.place].id == grant.scope && grant.expires_at.is_none_or(|end| now < end)
    };
    let is_held = |slot: &Slot| state.grants.iter().any(|grant| brings(grant, slot));
    certificate.slots.iter().enumerate().filter(|(_, slot)| is_held(slot)).fold(0, |mask, (bit, _)| mask | 1 << bit)
}

/// The same at the beginning.
pub fn held_at_first(certificate: &Certificate, state: &Snapshot, id: &str) -> u64 {
    held(certificate, state, NOW, id)
}

impl Moment {
    fn now(&self) -> Time {
        if self.late { LATE } else { NOW }
    }

    /// What matters of it.
    fn key(&self) -> String {
        let state = &self.state;
        let users: Vec<_> = state.users.iter().map(|user| (&user.id, user.status == Status::Active)).collect();
        let grants: Vec<_> = state.grants.iter().map(|grant| (&grant.user, &grant.group, &grant.scope, &grant.role, grant.expires_at)).collect();
        let groups: Vec<_> = state.groups.iter().map(|group| &group.members).collect();
        let customs: Vec<_> = state.custom_roles.iter().map(|role| (&role.id, &role.permissions)).collect();
        let offers: Vec<_> = state.invitations.iter().map(|offer| (&offer.email, &offer.scopes, &offer.inviter)).collect();
        format!("{}{users:?}{grants:?}{groups:?}{customs:?}{offers:?}{:?}", self.late, state.deactivations)
    }

    /// What each of the people holds. A keep about roles that exclude each other leaves alone who is not active.
    fn standing(&self, certificate: &Certificate, people: &[String]) -> Vec<(u64, bool)> {
        let is_active = |id: &String| self.state.users.iter().any(|user| user.id == *id && user.status == Status::Active);
        people.iter().map(|id| (held(certificate, &self.state, self.now(), id), is_active(id))).collect()
    }
}

/// Whoever tries things out, and what with.
pub struct Trial<'t> {
    pub policy: &'t Policy,
    pub shape: Shape,
    pub certificate: &'t Certificate,
    /// What may be brought about, as slots of which one each is held.
    pub goals: &'t [Vec<u64>],
}

impl Trial<'_> {
    /// Which of the goals these people bring about in a few steps, at any time, each with how.
    pub fn reached(&self, start: &Snapshot, actors: &[String], people: &[String]) -> Done<BTreeMap<usize, Vec<String>>> {
        let moments = [false, true].map(|late| Moment { state: start.clone(), late, trail: Vec::new() });
        let mut found = BTreeMap::new();
        let mut seen: BTreeSet<String> = moments.iter().map(Moment::key).collect();
        let mut open = VecDeque::from(moments);
        let (mut number, written) = (0, self.policy.to_json());
        for _ in 0..40 {
            let Some(moment) = open.pop_front() else { break };
            let mut directory = Directory::new(self.policy.clone(), &moment.state)?;
            for (actor, ask) in requests(&written, self.shape, &moment.state, actors, people) {
                number += 1;
                let Some(next) = moment.after(&mut directory, number, actor, ask)? else { continue };
                let is_small = next.state.invitations.len() <= 2;
                for next in [next.clone(), Moment { late: true, ..next }] {
                    self.compare(&moment, &next, people, &mut found);
                    if is_small && seen.insert(next.key()) {
                        open.push_back(next);
                    }
                }
            }
        }
        Ok(found)
    }

    /// Notes the goals that somebody meets who did not before.
    fn compare(&self, before: &Moment, after: &Moment, people: &[String], found: &mut BTreeMap<usize, Vec<String>>) {
        let (then, now) = (before.standing(self.certificate, people), after.standing(self.certificate, people));
        let meets = |goal: &[u64], (held, active): (u64, bool)| goal.iter().all(|mask| held & mask != 0) && (goal.len() == 1 || active);
        for (number, goal) in self.goals.iter().enumerate() {
            if then.iter().zip(&now).any(|(then, now)| !meets(goal, *then) && meets(goal, *now)) {
                found.entry(number).or_insert_with(|| after.trail.clone());
            }
        }
    }
}

impl Moment {
    /// The moment after a request; nothing if it is denied, or changes nothing.
    fn after(&self, directory: &mut Directory, number: usize, actor: Actor, ask: Ask) -> Done<Option<Moment>> {
        let request = Request { id: Some(format!("r{number}")), now: self.now(), actor, context: Facts::default(), body: Body::One(Box::new(ask)) };
        let Ok(decision) = directory.decide(&request) else { return Ok(None) };
        if !decision.is_allowed() || decision.events.is_empty() {
            return Ok(None);
        }
        let mut after = directory.clone();
        after.apply(&decision, self.now())?;
        let trail = self.trail.iter().cloned().chain([serde_json::to_string(&request)?]).collect();
        Ok(Some(Moment { state: after.snapshot(), late: self.late, trail }))
    }
}
