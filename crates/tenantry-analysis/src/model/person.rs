//! What the analysis tells people apart by: an account or none, what is held where, where the membership rests.

use serde::Serialize;
use std::collections::BTreeMap;
use tenantry::Policy;
use tenantry::policy::catalog::Kind;

use crate::frame::Frame;

/// How a role comes to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// A declared role, by a grant to the person.
    Direct,
    /// A declared role, by a grant to a group that the person is in.
    Group,
    /// A role of the tenant's own that has one permission, in whatever way. Who holds several has their permissions together.
    Custom,
}

/// Something that can be held at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// The place, by its number in the frame.
    pub place: usize,
    /// The role as it is named at the place; the permission, for a role of the tenant's own.
    pub name: String,
    /// How it comes.
    pub sort: Sort,
}

/// A sort of people: everybody who is told apart by nothing here is the same to the analysis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// Is on the organization's list.
    pub account: bool,
    /// What is held: bit n is slot n.
    pub held: u64,
    /// Where the membership is deactivated: bit n is place n.
    pub resting: u16,
}

impl Person {
    /// Has no account in the organization.
    pub const OUTSIDER: Person = Person { account: false, held: 0, resting: 0 };
    /// The number of the outsider in every world.
    pub(crate) const OUTSIDER_NUMBER: u16 = 0;

    /// Whether this is the other with something less, or the same; that somebody is active somewhere more is no difference.
    #[must_use]
    pub fn is_within(self, other: Person) -> bool {
        self.account <= other.account && self.held & !other.held == 0 && self.resting & !other.resting == 0
    }

    /// Whether something of each of the masks is held.
    #[must_use]
    pub fn holds(self, masks: &[u64]) -> bool {
        masks.iter().all(|mask| self.held & mask != 0)
    }

    /// An active account that holds one thing at most: the people of whom examples are told.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.account && self.resting == 0 && self.held.count_ones() <= 1
    }
}

/// What can be held in a frame, place by place.
pub(crate) fn slots(policy: &Policy, frame: &Frame, used: &Used) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (place, at) in frame.places.iter().enumerate() {
        let Some((number, kind)) = policy.kinds().iter().enumerate().find(|(_, kind)| kind.name == at.kind) else { continue };
        let declared: Vec<&str> = policy.roles().iter().filter(|role| usize::from(role.kind) == number).map(|role| role.name.as_str()).collect();
        let mut add = |sort, names: &[&str]| slots.extend(names.iter().map(|name| Slot { place, name: (*name).to_owned(), sort }));
        add(Sort::Direct, &declared);
        if used.groups {
            add(Sort::Group, &declared);
        }
        if kind.custom {
            add(Sort::Custom, &used.permissions.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    slots
}

/// Parts of the language that a policy uses, so that what it does not use need not be told apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Used {
    /// Groups can be changed.
    pub groups: bool,
    /// Memberships can be deactivated.
    pub deactivation: bool,
    /// Permissions that rules speak of, for roles of the tenant's own.
    pub permissions: Vec<String>,
}

/// Every sort of active people that can hold what is there to hold, the outsider first; roles of the tenant's own through groups too, where there are
/// groups. `None` if there are more than `max`.
pub(crate) fn people(policy: &Policy, frame: &Frame, (slots, groups): (&[Slot], bool), max: usize) -> Option<Vec<Person>> {
    let mut held = vec![0u64];
    for (place, at) in frame.places.iter().enumerate() {
        let kind = policy.kinds().iter().find(|kind| kind.name == at.kind)?;
        let here = at_place(kind, slots, (place, groups), max)?;
        held = held.iter().flat_map(|above| here.iter().map(move |here| above | here)).collect();
        if held.len() > max {
            return None;
        }
    }
    Some(std::iter::once(Person::OUTSIDER).chain(held.into_iter().map(|held| Person { account: true, held, resting: 0 })).collect())
}

/// The same people, and those whose memberships rest at some of the places.
pub(crate) fn with_resting(active: &[Person], places: u16) -> Vec<Person> {
    let somewhere = (1..=places).filter(|resting| resting & !places == 0);
    let resting = somewhere.flat_map(|resting| active.iter().filter(|person| person.account).map(move |&person| Person { resting, ..person }));
    active.iter().copied().chain(resting).collect()
}

/// What one person can hold at a place, all of it together.
fn at_place(kind: &Kind, slots: &[Slot], (place, in_groups): (usize, bool), max: usize) -> Option<Vec<u64>> {
    let of = |sort: Sort| slots.iter().enumerate().filter(|(_, slot)| slot.place == place && slot.sort == sort).map(|(bit, _)| 1u64 << bit).collect();
    let (declared, custom, group): (Vec<u64>, Vec<u64>, Vec<u64>) = (of(Sort::Direct), of(Sort::Custom), of(Sort::Group));
    let (custom, through) = if in_groups { (Vec::new(), [custom, group].concat()) } else { (custom, group) };
    let told_apart = through.len() + custom.len() + if kind.one_role { 0 } else { declared.len() };
    if 1usize.checked_shl(told_apart as u32).is_none_or(|sets| sets > max) {
        return None;
    }
    let own: Vec<u64> = if kind.one_role {
        // One role of the tenant's own can have several permissions.
        subsets(custom.into_iter()).into_iter().chain(declared).collect()
    } else {
        subsets([declared, custom].concat().into_iter())
    };
    let through = subsets(through.into_iter());
    Some(own.iter().flat_map(|own| through.iter().map(move |through| own | through)).collect())
}

/// Each bit of a set alone.
pub(crate) fn bits(of: u64) -> impl Iterator<Item = u64> {
    (0..64).map(|bit| 1 << bit).filter(move |bit| of & bit != 0)
}

/// Every union of some of the bits.
pub(crate) fn subsets(bits: impl Iterator<Item = u64>) -> Vec<u64> {
    bits.fold(vec![0], |sets, bit| sets.iter().flat_map(|set| [*set, set | bit]).collect())
}

/// A sort of people in words that a document can carry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Described {
    /// Has an account in the organization.
    pub account: bool,
    /// Roles by place; those that come through a group or are roles of the tenant's own say so.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Vec<String>>,
    /// Where the membership is deactivated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deactivated: Vec<String>,
}

impl Described {
    pub(crate) fn of(person: Person, slots: &[Slot], frame: &Frame) -> Described {
        let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for slot in held(person.held, slots) {
            let name = match slot.sort {
                Sort::Direct => slot.name.clone(),
                Sort::Group => format!("group:{}", slot.name),
                Sort::Custom => format!("custom:{}", slot.name),
            };
            roles.entry(frame.places[slot.place].id.clone()).or_default().push(name);
        }
        let deactivated = frame.places.iter().enumerate().filter(|(place, _)| person.resting >> place & 1 == 1).map(|(_, at)| at.id.clone()).collect();
        Described { account: person.account, roles, deactivated }
    }
}

/// The slots that are held.
pub(crate) fn held(mask: u64, slots: &[Slot]) -> impl Iterator<Item = &Slot> {
    slots.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1).map(|(_, slot)| slot)
}
