//! What a policy can never let happen, and what it can.

mod claim;
mod cover;
mod detour;
mod doors;
mod escalation;
mod groups;
mod lockout;
mod pairs;
mod replay;
mod report;
mod separation;
mod words;

use std::sync::Arc;

use serde::Serialize;
use tenantry::{Error, Policy};

pub use claim::{Claim, Judged, NotAClaim};
pub use cover::{Basis, Element, MAX_COALITION, MAX_ELEMENTS, Others, TooMany};
pub use detour::Detour;
pub use doors::WeakerDoor;
pub use escalation::{Coalition, Escalation, RoleHere};
pub use lockout::{Asset, Lockout};
pub use replay::Attack;
pub use separation::Separation;
pub use words::together;

use crate::frame::Place;
use crate::matrix::Matrix;
use crate::model::{Person, Slot, Sort, Who, World};
use cover::Effects;
use pairs::Pairs;

/// What was found out about a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ProofVerdict"))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It can never happen in the frame.
    Proved,
    /// It can: the engine was seen doing it.
    Attack,
    /// Neither was found.
    Unknown,
}

/// For which organizations the answers hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bounds {
    /// The scopes. They stay as they are: what is created, moved or archived later is not looked at.
    pub scopes: Vec<Place>,
    /// So many sorts of people are told apart; of each there can be any number.
    pub people: usize,
    /// Rules that ask for facts of the host, which may be anything.
    pub assumed: Vec<String>,
}

/// What a checker needs to confirm that the lists of coalitions are complete: it builds tiny organizations of these people, takes each step, and looks whether
/// any leads from outside of what the coalitions can do to the inside of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The scopes.
    pub places: Vec<Place>,
    /// What can be held.
    pub slots: Vec<Slot>,
    /// The sorts of people, the outsider first.
    pub people: Vec<Person>,
    /// What somebody comes to hold, and by whom.
    pub goals: Vec<Goal>,
}

/// Something that somebody comes to hold, and the smallest coalitions that can bring it about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goal {
    /// The slots of which one is held, as bits; of more than one list, one of each.
    pub held: Vec<u64>,
    /// The coalitions, by the numbers of people.
    pub coalitions: Vec<Vec<Who>>,
}

/// Everything that is found out about a policy.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proof {
    /// The policy's name.
    pub policy: String,
    /// The policy's digest.
    pub digest: String,
    /// Why there are no answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// For which organizations it holds.
    pub frame: Bounds,
    /// Who can make somebody hold which role.
    pub escalation: Vec<Escalation>,
    /// What can be lost for good.
    pub lockout: Vec<Lockout>,
    /// Roles that nobody ever comes to hold together, and whether those are that the policy calls exclusive.
    pub separation: Vec<Separation>,
    /// What is denied directly and reached all the same.
    pub detours: Vec<Detour>,
    /// Verbs that let people through whom another verb for the same turns away.
    pub weaker_doors: Vec<WeakerDoor>,
    /// Rules that decide no question of the [matrix](crate::matrix).
    pub idle_rules: Vec<String>,
    /// Why nobody else can.
    #[serde(skip)]
    pub certificate: Certificate,
    /// Where further questions can be asked.
    #[serde(skip)]
    world: Option<Arc<World>>,
}

/// Finds out what a policy can never let happen.
///
/// ```
/// use tenantry_analysis::prove::{Verdict, prove};
/// let proof = prove(tenantry::Policy::preset("inveterate").unwrap()).unwrap();
/// assert_eq!(proof.judge(&"admin never owner".parse().unwrap()).unwrap().verdict, Verdict::Proved);
/// ```
///
/// # Errors
/// Those of the engine; there are none for a policy that compiled. A policy for which too many sorts of people would have to be told apart has a
/// proof that says so in [`unknown`](Proof::unknown), and no answers.
pub fn prove(policy: impl Into<Arc<Policy>>) -> Result<Proof, Error> {
    let policy = policy.into();
    let mut proof =
        Proof { policy: policy.name().to_owned(), digest: policy.digest().to_owned(), idle_rules: Matrix::rules_that_idle(&policy), ..Proof::default() };
    let world = match World::of(policy)? {
        Ok(world) => world,
        Err(large) => return Ok(Proof { unknown: Some(large.to_string()), ..proof }),
    };
    let effects = Effects::with_time(&world);
    proof.frame = Bounds { scopes: world.frame.places.clone(), people: world.people.len(), assumed: world.assumed.iter().cloned().collect() };
    proof.escalation = escalation::escalations(&world, &effects)?;
    let pairs = Pairs::of(&world);
    proof.lockout = lockout::lockouts(&world, &pairs, &effects)?;
    proof.separation = separation::separations(&world, &effects)?;
    proof.detours = detour::detours(&world, &pairs)?;
    proof.weaker_doors = doors::weaker_doors(&world);
    proof.certificate = certificate(&world, &proof);
    proof.world = Some(Arc::new(world));
    Ok(proof)
}

fn certificate(world: &World, proof: &Proof) -> Certificate {
    let slots = world.slots.iter().filter(|slot| slot.sort != Sort::Group).map(|slot| vec![escalation::bits_of(world, slot)]);
    let answered = slots.zip(&proof.escalation).filter(|(_, answer)| answer.unknown.is_none());
    let roles = answered.map(|(held, answer)| Goal { held, coalitions: answer.basis.clone() });
    let apart = proof.separation.iter().filter(|answer| answer.verdict == Verdict::Proved && answer.keep.is_none());
    let never = apart.map(|answer| Goal { held: answer.held.to_vec(), coalitions: Vec::new() });
    Certificate { places: world.frame.places.clone(), slots: world.slots.clone(), people: world.people.clone(), goals: roles.chain(never).collect() }
}
