//! A request that the two policies answer differently, found by asking both engines.

use std::sync::Arc;

use tenantry::document::snapshot::{GrantRow, UserRow};
use tenantry::document::{Decision, Fact, Request, Snapshot};
use tenantry::{Directory, Policy};

use crate::Place;
use crate::matrix::{Setting, add_places_beside, all_valuations, settings};

use super::cells::Pair;
use super::{Answered, Kind, Side, Witness};

/// How many others there are at most who hold a role each.
const CROWD: usize = 5;

/// The two engines.
pub(super) struct Engines<'s, 'p> {
    sides: &'s [Side<'p>; 2],
    policies: [Arc<Policy>; 2],
}

impl<'s, 'p> Engines<'s, 'p> {
    pub fn of(sides: &'s [Side<'p>; 2]) -> Engines<'s, 'p> {
        Engines { sides, policies: [0, 1].map(|number| Arc::new(sides[number].policy.clone())) }
    }

    /// A witness of a change of this sort: under the facts that are known to show it, in the company of others if it must be.
    pub fn find(&self, pair: &Pair, kind: Kind, facts: &[(String, Setting)]) -> Option<Witness> {
        let facts: Vec<(&str, &Setting)> = facts.iter().map(|(name, setting)| (name.as_str(), setting)).collect();
        self.scenes(pair, &facts).find_map(|(snapshot, request)| self.answered(snapshot, request).filter(|witness| of_kind(witness) == Some(kind)))
    }

    /// Witnesses of whatever changes, of each sort the first: where numbers make the difference.
    pub fn search(&self, pair: &Pair) -> Vec<(Kind, Witness)> {
        let domains = pair.domains(self.sides);
        let mut found: Vec<(Kind, Witness)> = Vec::new();
        for valuation in all_valuations(&domains).0 {
            for (snapshot, request) in self.scenes(pair, &settings(&domains, &valuation)) {
                let Some(witness) = self.answered(snapshot, request) else { continue };
                let Some(kind) = of_kind(&witness).filter(|kind| found.iter().all(|(known, _)| known != kind)) else { continue };
                found.push((kind, witness));
            }
        }
        found
    }

    /// The question with nobody else there, then with more and more others, then with limits that the host sets.
    fn scenes(&self, pair: &Pair, facts: &[(&str, &Setting)]) -> impl Iterator<Item = (Snapshot, Request)> {
        let (number, (row, cell)) = pair.known();
        let matrix = &self.sides[number].matrix;
        let row = &matrix.rows[row];
        let scene = matrix.scene(row, row.cells[cell].actor, facts);
        let (snapshot, request) = (scene.snapshot(), scene.request());
        let places = matrix.frame.places.clone();
        let limits: Vec<Option<(String, i64)>> = std::iter::once(None).chain(self.limits()).collect();
        let crowds = (0..=CROWD).flat_map(move |crowd| limits.clone().into_iter().map(move |limit| (crowd, limit)));
        let roles: Vec<(String, String)> = self.sides[0].policy.roles().iter().map(|role| (role.qualified.clone(), role.name.clone())).collect();
        crowds.map(move |(crowd, limit)| (crowded(&snapshot, &places, &roles, crowd, limit), request.clone()))
    }

    /// Attributes of scopes that bound what keeps count, with small numbers to try.
    fn limits(&self) -> Vec<Option<(String, i64)>> {
        let keeps = self.sides.iter().flat_map(|side| side.document["keep"].as_array().into_iter().flatten());
        let bounds = keeps.flat_map(|keep| ["at_least", "at_most", "exactly"].into_iter().filter_map(|word| keep[word]["scope"].as_str()));
        let mut names: Vec<&str> = bounds.collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().flat_map(|name| [0, 1, 2, 3].map(|number| Some((name.to_owned(), number)))).collect()
    }

    /// The answers of both, if both have one and they are different.
    fn answered(&self, snapshot: Snapshot, request: Request) -> Option<Witness> {
        let ask = |number: usize| {
            let mut directory = Directory::new(self.policies[number].clone(), &snapshot).ok()?;
            directory.decide(&request).ok().map(short)
        };
        let (before, after) = (ask(0)?, ask(1)?);
        ((before.effect, &before.code) != (after.effect, &after.code)).then_some(Witness { snapshot, request, before, after })
    }
}

fn short(decision: Decision) -> Answered {
    Answered { effect: decision.effect, code: decision.code, rules: decision.rules }
}

fn of_kind(witness: &Witness) -> Option<Kind> {
    use tenantry::document::Effect::{Allow, Deny};
    match (witness.before.effect, witness.after.effect) {
        (Deny, Allow) => Some(Kind::Widen),
        (Allow, Deny) => Some(Kind::Narrow),
        (Deny, Deny) => Some(Kind::Code),
        (Allow, Allow) => None,
    }
}

/// The organization with others in it: of each role at each place so many, and more places, where those concerned are members too.
pub(crate) fn crowded(snapshot: &Snapshot, places: &[Place], roles: &[(String, String)], crowd: usize, limit: Option<(String, i64)>) -> Snapshot {
    let mut state = snapshot.clone();
    add_places_beside(&mut state, crowd);
    for place in places.iter().filter(|place| snapshot.scopes.iter().any(|row| row.id == place.id)) {
        let own: Vec<&(String, String)> = roles.iter().filter(|(qualified, name)| *qualified == format!("{}.{name}", place.kind)).collect();
        for ((qualified, name), number) in own.iter().flat_map(|role| (0..crowd).map(move |number| (*role, number))) {
            let id = format!("{qualified}-at-{}-{number}", place.id);
            state.users.push(UserRow { id: id.clone(), verified: true, email: Some(format!("{}@people.example", state.users.len())), ..UserRow::default() });
            state.grants.push(GrantRow { scope: place.id.clone(), user: Some(id), role: name.clone(), ..GrantRow::default() });
        }
    }
    if let (Some((name, number)), Some(root)) = (limit, state.scopes.first_mut()) {
        root.attributes.0.insert(name, Fact::Integer(number));
    }
    state
}
