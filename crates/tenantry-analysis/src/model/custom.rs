//! Roles of the tenant's own: which there are in the organizations where requests are asked, and by which ids.
//!
//! Such a role is at home at a place, holds some of the permissions that rules speak of, or none, and is granted at one place or at several at once.

use super::World;
use super::person::{Sort, subsets};

/// In the place of a slot, in sets of what is given: a role that brings nothing.
pub(crate) const PLAIN: u64 = 1 << 63;

/// A role of the tenant's own that somebody alone has, so that it can be changed without changing anybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Own {
    /// The place where it is at home.
    pub home: usize,
    /// The places where it is granted, as bits.
    pub at: u16,
    /// What it brings, as bits: the same permissions at each of the places.
    pub holds: u64,
}

impl Own {
    /// Whether it is as an example tells it: of one permission, at home where it is granted.
    pub(crate) fn is_simple(self) -> bool {
        self.at == 1 << self.home && self.holds.count_ones() <= 1
    }

    /// Its id.
    pub(crate) fn id(self, of: &str) -> String {
        if self.holds == 0 { format!("{of}-{}-at{:x}", self.home, self.at) } else { format!("{of}-{}-{:x}", self.home, self.holds) }
    }
}

/// What a role of the tenant's own brings, by its id.
pub(super) fn brought_by(id: &str) -> u64 {
    id.rsplit('-').next().and_then(|holds| u64::from_str_radix(holds, 16).ok()).unwrap_or(0)
}

/// Where a role that brings nothing is granted, by its id.
pub(super) fn granted_at(id: &str) -> u16 {
    id.rsplit('-').next().and_then(|last| last.strip_prefix("at")).and_then(|at| u16::from_str_radix(at, 16).ok()).unwrap_or(0)
}

/// The role to be given at a place that brings this, or nothing; nobody has it yet.
pub(super) fn given(place: usize, holds: u64) -> String {
    if holds == 0 { Own { home: place, at: 1 << place, holds }.id("any") } else { format!("any-{holds:x}") }
}

impl World {
    /// Every role that somebody can have at once of its own or in a group of its own who holds these, and those that bring nothing at these places.
    pub(crate) fn own_roles(&self, held: u64, plain: u16) -> Vec<Own> {
        let homes = (0..self.frame.places.len()).filter(|&home| self.takes_custom(home));
        homes.flat_map(|home| self.granted_below(home).into_iter().flat_map(move |at| self.at_once(home, at, held, plain))).collect()
    }

    fn at_once(&self, home: usize, at: u16, held: u64, plain: u16) -> Vec<Own> {
        let wholly = |permissions: &u64| permissions & !held == 0 && (*permissions != 0 || at & !plain == 0);
        self.permissions_at(at).into_iter().filter(wholly).map(|holds| Own { home, at, holds }).collect()
    }

    /// Sets of places where a role at home here can be granted at once.
    fn granted_below(&self, home: usize) -> Vec<u16> {
        let below = (0..self.frame.places.len()).filter(|&place| self.takes_custom(place) && self.with_above(1 << place) >> home & 1 == 1);
        subsets(below.map(|place| 1 << place)).into_iter().filter(|at| *at != 0).map(|at| at as u16).collect()
    }

    /// What a role can bring that is granted at these places at once: the same permissions at each.
    pub(super) fn permissions_at(&self, at: u16) -> Vec<u64> {
        let named_so = |name: &str| self.slots_where(|slot| slot.sort == Sort::Custom && slot.name == name && at >> slot.place & 1 == 1);
        subsets(self.slots_at(at.trailing_zeros() as usize, Sort::Custom).map(|slot| named_so(&self.slots[slot].name)))
    }

    /// What roles of the tenant's own can bring at a scope.
    pub(super) fn custom_in(&self, scope: &str) -> u64 {
        self.frame.places.iter().position(|place| place.id == scope).map_or(0, |place| self.custom_at(place))
    }

    /// Everything that a role of the tenant's own can bring at a place.
    pub(crate) fn custom_sets(&self, place: usize) -> Vec<u64> {
        if self.takes_custom(place) { self.permissions_at(1 << place) } else { Vec::new() }
    }

    /// The names of permissions.
    pub(super) fn permissions(&self, holds: u64) -> Vec<String> {
        let mut names: Vec<String> = self.slots.iter().enumerate().filter(|(bit, _)| holds >> bit & 1 == 1).map(|(_, slot)| slot.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
