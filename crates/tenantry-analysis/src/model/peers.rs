//! Those who get the same answers, so that what one of them does need not be played for the others.

use tenantry::Error;

use super::extent::Extent;
use super::person::Sort;
use super::stage::{Circles, Stage};
use super::steps::Step;
use super::{Who, World};

/// Everybody, to be compared.
pub(crate) struct Peers {
    stage: Stage,
    /// Whether nobody holds anything but declared roles by grants of its own, so that each has one guise.
    one_guise: bool,
}

impl Peers {
    pub fn of(world: &World) -> Result<Peers, Error> {
        let one_guise = world.slots.iter().all(|slot| slot.sort == Sort::Direct);
        Ok(Peers { stage: Stage::new(world, Circles::None, World::nobody)?, one_guise })
    }

    /// Somebody who gets the same answers when it takes these steps: of whom rules see the same, if nothing happens to it itself, and otherwise who holds the same
    /// where rules are asked.
    pub fn first_like(&mut self, world: &World, who: Who, steps: &[Step]) -> Who {
        let places = steps.iter().map(|step| step.what.extent(world).of_actor()).fold(0, |places, more| places | more);
        let stays = steps.iter().all(|step| step.target != who && (step.actor != who || step.actor_after == who));
        if stays && self.one_guise {
            return self.stage.first_at(places)[usize::from(who)];
        }
        world.only_at(who, Extent { places, rest: true, joins: true }).unwrap_or(who)
    }
}
