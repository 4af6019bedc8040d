//! Classes of users: those who hold the same by plain grants, are of the same kind and have the same status. To a rule that
//! asks for nothing else they are alike, so that an answer about one is an answer about all.

use std::hash::{Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::document::snapshot::{Status, UserKind};

use super::rows::{Place, User};

/// The number of a class. 0 is none: a user who differs from others in more than that.
pub(crate) type Class = u32;

/// More classes than this are not told apart from none: whoever has so many kinds of members asks the long way.
const CLASSES: usize = 65_536;

/// What makes a class.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    places: SmallVec<[Place; 1]>,
    kind: UserKind,
    status: Status,
}

impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind as u8, self.status as u8).hash(state);
        self.places.iter().for_each(|place| (place.scope, place.roles).hash(state));
    }
}

impl Shape {
    /// Grants that end, custom roles, groups, deactivations below and owners are each somebody's own.
    fn of(row: &User) -> Option<Shape> {
        let plain = row.holdings.extra.is_none() && row.groups().is_empty() && row.deactivated().is_empty() && row.kind != UserKind::Service;
        plain.then(|| Shape { places: row.holdings.places.clone(), kind: row.kind, status: row.status })
    }
}

/// The class of every user.
#[derive(Debug, Clone, Default)]
pub(crate) struct Classes {
    of: Vec<Class>,
    numbers: HashMap<Shape, Class, FixedState>,
}

impl Classes {
    /// The class of a user.
    pub fn of(&self, user: u32) -> Class {
        self.of.get(user as usize).copied().unwrap_or(0)
    }

    /// A user has changed.
    pub fn put(&mut self, user: u32, row: Option<&User>) {
        let at = user as usize;
        if self.of.len() <= at {
            self.of.resize(at + 1, 0);
        }
        self.of[at] = row.and_then(Shape::of).map_or(0, |shape| self.number(shape));
    }

    fn number(&mut self, shape: Shape) -> Class {
        let next = self.numbers.len() + 1;
        match self.numbers.get(&shape) {
            Some(&class) => class,
            None if next < CLASSES => *self.numbers.entry(shape).or_insert(next as Class),
            None => 0,
        }
    }
}
