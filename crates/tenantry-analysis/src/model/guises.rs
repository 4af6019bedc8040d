//! How people hold what roles of the tenant's own bring, which no sort of people says: by grants of their own or through groups, and whether
//! they have such a role besides that brings nothing rules speak of. Requests are asked of everybody in each guise that there is.

use super::custom::PLAIN;
use super::moves::Move;
use super::person::Sort;
use super::{Person, World};

/// One way to hold what somebody holds by roles of the tenant's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Guise {
    /// What is held by grants of one's own: bit n is slot n. The rest comes through groups.
    pub own: u64,
    /// Where there is a role of one's own besides that brings nothing: bit n is place n.
    pub plain: u16,
    /// Whether there is every role of the tenant's own that there can be among these: of one permission and of several, at home at each place where it can be.
    pub in_every_way: bool,
}

impl Guise {
    /// Whether there is nothing besides elsewhere than at these places.
    pub(super) fn is_on(self, places: u16) -> bool {
        self.plain & !places == 0
    }

    /// Whether somebody has a role by a grant of its own at a place, if it is one of the tenant's own.
    pub(super) fn has(self, place: usize, role: u64, custom: u64) -> bool {
        if role == PLAIN { self.plain >> place & 1 == 1 } else { role & custom & !self.own == 0 }
    }

    fn with(self, other: Guise) -> Guise {
        Guise { own: self.own | other.own, plain: self.plain | other.plain, in_every_way: self.in_every_way || other.in_every_way }
    }
}

impl Move {
    /// Whether the target has, in a guise, the role of the tenant's own that it is about.
    pub(super) fn is_about(self, world: &World, guise: Guise) -> bool {
        match self {
            Move::Update(own, _) => own.holds != 0 || own.at & !guise.plain == 0,
            Move::Take(role) => guise.has(self.place(world), role, world.custom_at(self.place(world))),
            _ => true,
        }
    }
}

impl World {
    /// Whether the same can be held in several ways: through groups, or by roles of the tenant's own, if only by one that brings nothing.
    pub(super) fn has_several_guises(&self) -> bool {
        self.groups || (0..self.frame.places.len()).any(|place| self.takes_custom(place))
    }

    /// Every guise of somebody.
    pub(crate) fn guises(&self, person: Person) -> Vec<Guise> {
        let places = 0..self.frame.places.len();
        let at = |place: usize| if person.account { self.guises_at(person, place) } else { vec![Guise::default()] };
        places.fold(vec![Guise::default()], |all, place| all.iter().flat_map(|guise| at(place).into_iter().map(|here| guise.with(here))).collect())
    }

    /// Whoever has as much as possible by grants of its own may do whatever it may in another guise: rules that would have it otherwise are relaxed.
    pub(crate) fn dressed(&self, person: Person) -> Guise {
        (0..self.frame.places.len()).filter_map(|place| self.guises_at(person, place).pop()).fold(Guise::default(), Guise::with)
    }

    /// Guises in which an example may go through: as it is told, with as much as possible by grants of one's own, with as little as possible.
    pub(crate) fn tellings(&self, person: Person) -> [Guise; 3] {
        let least = (0..self.frame.places.len()).filter_map(|place| self.guises_at(person, place).first().copied()).fold(Guise::default(), Guise::with);
        [self.told(person), self.dressed(person), least]
    }

    /// The guise in which an example is told: grants of one's own, and nothing besides.
    pub(crate) fn told(&self, person: Person) -> Guise {
        let at = |place: usize| {
            let own = self.custom_at(place) & person.held;
            if self.one_role(place) && self.declared_at(place) & person.held != 0 { 0 } else { own }
        };
        Guise { own: (0..self.frame.places.len()).fold(0, |own, place| own | at(place)), ..Guise::default() }
    }

    /// What there is to be at a place, with the most of one's own last.
    fn guises_at(&self, person: Person, place: usize) -> Vec<Guise> {
        let custom = self.custom_at(place) & person.held;
        let own = |own: u64| Guise { own, plain: 0, in_every_way: custom != 0 };
        let plain = |of_own: u64| Guise { plain: 1 << place, ..own(of_own) };
        let bare = if self.groups { own(0) } else { own(custom) };
        if !self.takes_custom(place) {
            return vec![Guise::default()];
        }
        if !self.one_role(place) {
            return vec![bare, plain(custom)];
        }
        // One role of one's own: a declared one, one of the tenant's own, or one that brings nothing. The rest comes through groups.
        if self.declared_at(place) & person.held != 0 {
            return vec![own(0)];
        }
        let through_groups = [own(0), plain(0)].into_iter().filter(|_| self.groups || custom == 0);
        through_groups.chain((custom != 0).then(|| own(custom))).collect()
    }

    pub(super) fn takes_custom(&self, place: usize) -> bool {
        self.policy.kinds().iter().any(|kind| kind.custom && kind.name == self.frame.places[place].kind)
    }

    pub(super) fn custom_at(&self, place: usize) -> u64 {
        self.slots_where(|slot| slot.place == place && slot.sort == Sort::Custom)
    }

    fn declared_at(&self, place: usize) -> u64 {
        self.slots_where(|slot| slot.place == place && slot.sort == Sort::Direct)
    }
}
