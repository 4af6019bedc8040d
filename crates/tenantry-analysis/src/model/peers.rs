//! Those who get the same answers about others, so that what one of them does need not be played for the rest.

use std::rc::Rc;

use tenantry::Error;

use super::extent::Extent;
use super::stage::{Circles, Stage};
use super::{Who, World};

/// Everybody, by the first who is like them.
pub(crate) struct Peers {
    first: Option<Rc<[Who]>>,
}

impl Peers {
    /// Of whom rules see the same everywhere; everybody alone, where roles can be held in several guises.
    pub fn of(world: &World) -> Result<Peers, Error> {
        if world.has_several_guises() {
            return Ok(Peers { first: None });
        }
        Ok(Peers { first: Some(Stage::new(world, Circles::None, World::nobody)?.first_at(Extent::anywhere(None))) })
    }

    /// The first who gets the same answers about others.
    pub fn first_like(&self, who: Who) -> Who {
        self.first.as_ref().map_or(who, |first| first[usize::from(who)])
    }
}
