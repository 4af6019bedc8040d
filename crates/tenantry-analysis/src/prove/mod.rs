//! What a policy can never let happen, and what it can.

mod cover;
mod escalation;
mod replay;

use std::sync::Arc;

use serde::Serialize;
use tenantry::{Error, Policy};

pub use cover::{Basis, Element, MAX_COALITION, MAX_ELEMENTS, Others, TooMany};
pub use escalation::{Coalition, Escalation, RoleHere};
pub use replay::Attack;

use crate::frame::Place;
use crate::model::World;
use cover::Effects;

/// For which organizations the answers hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// The scopes. They stay as they are: what is created, moved or archived later is not looked at.
    pub scopes: Vec<Place>,
    /// So many sorts of people are told apart; of each there can be any number.
    pub people: usize,
    /// Rules that ask for facts of the host, which may be anything.
    pub assumed: Vec<String>,
}

/// Everything that is found out about a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The policy's name.
    pub policy: String,
    /// The policy's digest.
    pub digest: String,
    /// For which organizations it holds.
    pub frame: Bounds,
    /// Who can make somebody hold which role.
    pub escalation: Vec<Escalation>,
}

/// Finds out what a policy can never let happen.
///
/// # Errors
/// `unknown` as a text where there are too many sorts of people; those of the engine.
pub fn prove(policy: impl Into<Arc<Policy>>) -> Result<Result<Proof, String>, Error> {
    let world = match World::of(policy.into())? {
        Ok(world) => world,
        Err(large) => return Ok(Err(large.to_string())),
    };
    let effects = Effects::of(&world);
    let frame = Bounds { scopes: world.frame.places.clone(), people: world.people.len(), assumed: world.assumed.iter().cloned().collect() };
    let (policy, digest) = (world.policy.name().to_owned(), world.policy.digest().to_owned());
    Ok(Ok(Proof { policy, digest, frame, escalation: escalation::escalations(&world, &effects)? }))
}
