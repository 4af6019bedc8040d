//! The promise of the gate: who is not let in learns nothing but what depends on the actor's own things.

use std::collections::BTreeSet;

use tenantry::document::snapshot::{GrantRow, UserRow};
use tenantry::document::{Body, Decision, Snapshot, canonical_json};
use tenantry_conformance::generate::Dice;
use tenantry_conformance::reference::{Own, Read, Traced};

use crate::properties::{Course, Fault, fault};

/// What is denied before the gate is denied in the same words whatever the rest of the state is.
pub fn gate(course: &Course, traced: &Traced, decision: &Decision, before: &Snapshot, dice: &mut Dice) -> Result<(), Fault> {
    let Body::One(ask) = &decision.request.body else { return Ok(()) };
    let own = Own::of(before, &decision.request, ask);
    let early = &traced.reads[..traced.gate_passed_at.unwrap_or(traced.reads.len())];
    if let Some(read) = early.iter().find(|read| !own.reads.contains(read)) {
        return fault("gate", format!("the reference reads {read:?} before the gate"));
    }
    if traced.gate_passed_at.is_some() {
        return Ok(());
    }
    for _ in 0..2 {
        let other = elsewhere(before, &own, dice);
        let Ok(mut directory) = tenantry::Directory::new(course.policy.clone(), &other) else { continue };
        let told = directory.decide(&decision.request).map(|other| canonical_json(&other.public()));
        let expected = canonical_json(&decision.public());
        if told.as_ref() != Ok(&expected) {
            return fault("gate", format!("{expected}\n    elsewhere {told:?}\n    of {}", canonical_json(&other)));
        }
    }
    Ok(())
}

/// A state with the same things of the actor's own, and others of whatever else there is.
fn elsewhere(state: &Snapshot, own: &Own, dice: &mut Dice) -> Snapshot {
    let mut other = state.clone();
    let is_own = |read: Read| own.reads.contains(&read);
    let strangers: BTreeSet<String> = state.users.iter().map(|row| row.id.clone()).filter(|id| !is_own(Read::User(id.clone())) && dice.chance(70)).collect();
    let gone = |id: &Option<String>| id.as_ref().is_some_and(|id| strangers.contains(id));
    other.users.retain(|row| !strangers.contains(&row.id));
    other.grants.retain(|row| !gone(&row.user));
    other.deactivations.retain(|row| !strangers.contains(&row.user));
    other.ended.retain(|row| is_own(Read::User(row.user.clone())));
    other.invitations.retain(|row| is_own(Read::Invitation(row.id.clone())));
    other.groups.retain(|row| is_own(Read::Group(row.id.clone())) || dice.chance(50));
    let groups: Vec<&String> = other.groups.iter().map(|row| &row.id).collect();
    other.grants.retain(|row| row.group.as_ref().is_none_or(|id| groups.contains(&id)));
    for row in &mut other.groups {
        row.members.retain(|id| !strangers.contains(id));
        row.managers.retain(|id| !strangers.contains(id));
    }
    other.users.push(UserRow { id: "zed".to_owned(), verified: true, ..UserRow::default() });
    if let Some(grant) = state.grants.iter().find(|row| row.scope == state.organization) {
        other.grants.push(GrantRow { user: Some("zed".to_owned()), group: None, ..grant.clone() });
    }
    other
}
