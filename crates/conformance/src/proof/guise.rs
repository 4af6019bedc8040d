//! How somebody holds what its sort says, where that is open: roles of the tenant's own are held by grants of one's own or through groups, several
//! of them or one that permits it all, and beside them anybody may hold one that permits nothing that rules speak of.

use serde_json::Value;
use tenantry_analysis::model::{Sort, Who};

use super::Bench;

/// What is held by grants of one's own and what through groups, which may be the same; bits are slots, and places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guise {
    pub own: u64,
    pub through: u64,
    /// The places where a role that permits nothing is held by a grant of one's own.
    pub plain: u64,
    /// The places where one is held through a group.
    pub plain_through: u64,
    pub cut: Cut,
}

/// How permissions that are held by grants of one's own are cut into roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Each is a role of its own, which is at home where it is held.
    Apart,
    /// The same, all of them at home at the organization.
    Above,
    /// All that is held at a place is one role.
    Together,
    /// One permission, wherever it is held, is one role.
    Across,
    /// Each is a role of its own, the same that whoever asks holds of it; so is what permits nothing.
    Shared,
}

impl Guise {
    /// The same with what another says of another place.
    fn and(self, other: Guise) -> Guise {
        let (own, through) = (self.own | other.own, self.through | other.through);
        Guise { own, through, plain: self.plain | other.plain, plain_through: self.plain_through | other.plain_through, ..self }
    }

    /// The same without these, however they were held.
    pub fn without(self, slots: u64) -> Guise {
        Guise { own: self.own & !slots, through: self.through & !slots, ..self }
    }
}

impl Bench<'_> {
    /// Ways to hold what a sort of people holds: at one place each way, at the others, or at all of them, as plainly as can be or as they come last.
    /// The first has as many grants of one's own as there can be, and nothing more.
    pub(super) fn guises(&self, who: Who) -> Vec<Guise> {
        let held = self.person(who).held;
        let fixed = Guise { own: held & self.slots_of(Sort::Direct), through: held & self.slots_of(Sort::Group), plain: 0, plain_through: 0, cut: Cut::Apart };
        let open = (0..self.certificate.places.len()).filter(|&place| self.person(who).account && self.has_customs(place));
        let ways: Vec<Vec<Guise>> = open.map(|place| self.ways(place, held)).collect();
        let all = |pick: &dyn Fn(usize, &[Guise]) -> Option<Guise>| {
            ways.iter().enumerate().try_fold(fixed, |guise, (number, ways)| Some(guise.and(pick(number, ways)?)))
        };
        let mut guises: Vec<Guise> = all(&|_, ways| ways.first().copied()).into_iter().collect();
        for (place, here) in ways.iter().enumerate() {
            let with = |&way: &Guise| all(&|number, ways| if number == place { Some(way) } else { ways.first().copied() });
            guises.extend(here.iter().skip(1).filter_map(with));
        }
        guises.extend(all(&|_, ways| ways.last().copied()).filter(|_| ways.len() > 1));
        guises.into_iter().flat_map(|guise| self.cuts(guise)).collect()
    }

    /// Some of them: the first, the one with the most grants of one's own, the one with the most groups.
    pub(super) fn few_guises(&self, who: Who) -> Vec<Guise> {
        let all = self.guises(who);
        let most_own = all.iter().copied().rev().max_by_key(|guise| (guise.plain.count_ones(), guise.own.count_ones()));
        let mut few: Vec<Guise> = all.first().copied().into_iter().chain(most_own).collect();
        few.extend(all.iter().rev().find(|guise| guise.cut == Cut::Apart));
        few.dedup();
        few
    }

    /// Ways to hold what of the tenant's own is held at a place.
    fn ways(&self, place: usize, held: u64) -> Vec<Guise> {
        let here = |sort: Sort| held & self.slots_of(sort) & self.slots_at(place);
        let (customs, declared) = (here(Sort::Custom), here(Sort::Direct));
        let groups = self.has_groups();
        let mut ways = vec![Guise { own: 0, through: 0, plain: 0, plain_through: 0, cut: Cut::Apart }];
        for bit in bits(customs) {
            let by = |way: &Guise| [(bit, 0), (bit, bit), (0, bit)].map(|(own, through)| Guise { own: way.own | own, through: way.through | through, ..*way });
            ways = ways.iter().flat_map(by).filter(|way| groups || way.through == 0).collect();
        }
        let bit = 1 << place;
        let plains = |way: &Guise| [(0, 0), (bit, 0), (0, bit)].map(|(plain, plain_through)| Guise { plain, plain_through, ..*way });
        let fits = |way: &Guise| {
            // One grant of one's own is one role, whatever it permits.
            let grants = declared.count_ones() + u32::from(way.own != 0) + u32::from(way.plain != 0);
            (groups || way.plain_through == 0) && (grants < 2 || !self.one_role(place))
        };
        ways.iter().flat_map(plains).filter(fits).collect()
    }

    /// Ways to cut what is held into roles, as far as they differ.
    fn cuts(&self, guise: Guise) -> Vec<Guise> {
        let own = guise.own & self.slots_of(Sort::Custom);
        let places = 0..self.certificate.places.len();
        let several = |one: bool| places.clone().any(|place| (own & self.slots_at(place)).count_ones() > 1 && (!one || self.one_role(place)));
        let below = places.clone().skip(1).any(|place| own & self.slots_at(place) != 0);
        let twice = bits(own).any(|one| bits(own).any(|other| one != other && self.name_of(one) == self.name_of(other)));
        let apart = !several(true);
        let shared = own != 0 || guise.plain != 0;
        let cuts = [(Cut::Apart, true), (Cut::Above, below), (Cut::Across, twice), (Cut::Shared, shared)].map(|(cut, fits)| (cut, fits && apart));
        let all = cuts.into_iter().chain([(Cut::Together, several(false))]);
        all.filter(|(_, fits)| *fits).map(|(cut, _)| Guise { cut, ..guise }).collect()
    }

    /// The role of the tenant's own of which a slot is held by a grant of one's own: the first of the slots that it is for.
    pub(super) fn role_of(&self, guise: Guise, slot: usize) -> usize {
        let same = |other: &usize| match guise.cut {
            Cut::Apart | Cut::Above | Cut::Shared => *other == slot,
            Cut::Together => self.slots_at(self.certificate.slots[slot].place) >> other & 1 == 1,
            Cut::Across => self.certificate.slots[*other].name == self.certificate.slots[slot].name,
        };
        let own = guise.own & self.slots_of(Sort::Custom);
        (0..self.certificate.slots.len()).filter(|other| own >> other & 1 == 1).find(same).unwrap_or(slot)
    }

    fn name_of(&self, bit: u64) -> &str {
        &self.certificate.slots[bit.trailing_zeros() as usize].name
    }

    /// The slots of a sort, as bits.
    pub(super) fn slots_of(&self, sort: Sort) -> u64 {
        self.certificate.slots.iter().enumerate().filter(|(_, slot)| slot.sort == sort).fold(0, |mask, (number, _)| mask | 1 << number)
    }

    /// The slots of a place, as bits.
    pub(super) fn slots_at(&self, place: usize) -> u64 {
        self.certificate.slots.iter().enumerate().filter(|(_, slot)| slot.place == place).fold(0, |mask, (number, _)| mask | 1 << number)
    }

    /// Whether users can change groups: without that nobody holds anything through one.
    pub(super) fn has_groups(&self) -> bool {
        self.slots_of(Sort::Group) != 0
    }

    /// Whether roles of the tenant's own can be held at a place.
    pub(super) fn has_customs(&self, place: usize) -> bool {
        let kind = Value::String(self.certificate.places[place].kind.clone());
        let on = &self.settings["custom_roles"]["on"];
        *on == kind || on.as_array().is_some_and(|kinds| kinds.contains(&kind))
    }

    fn one_role(&self, place: usize) -> bool {
        self.settings["scopes"][&self.certificate.places[place].kind]["roles"] == "one"
    }
}

/// Each bit of a mask.
pub(super) fn bits(mask: u64) -> impl Iterator<Item = u64> {
    (0..64).map(|bit| 1u64 << bit).filter(move |bit| mask & bit != 0)
}

/// Every part of a mask.
pub(super) fn subsets(of: u64) -> Vec<u64> {
    bits(of).fold(vec![0], |sets, bit| sets.iter().flat_map(|set| [*set, set | bit]).collect())
}
