//! The world of a proof: the frame of a policy, the sorts of people in it, and every step that one of them can take on another.
//!
//! What a step does, the engine says: each is decided on a directory in which every sort of people is there. Populations and facts
//! of the host are left out of the policy for that (see [`relax`]), so that no step is missing that some organization has.

mod custom;
mod deeds;
mod extent;
mod guises;
mod handed;
mod moves;
mod offers;
mod peers;
mod person;
mod relax;
mod requests;
mod rows;
mod shared;
mod stage;
mod steps;
mod teams;

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::HashMap;
use serde_json::Value;
use tenantry::document::Reach;
use tenantry::{Error, Policy};

use crate::frame::Frame;
use crate::written::{names, names_action};

pub use custom::Own;
pub use deeds::{Change, Deed};
use extent::Extent;
pub(crate) use guises::Guise;
pub use moves::{Door, Move};
pub(crate) use peers::Peers;
pub use person::{Described, Person, Slot, Sort};
pub(crate) use rows::{Cast, email, snapshot, snapshot_with};
pub use steps::Step;
pub(crate) use steps::{NOW, request};
pub(crate) use teams::Circle;
pub use teams::Team;

/// So many things that can be held are told apart at most: one bit is left for what brings nothing.
const MAX_SLOTS: usize = 63;

/// So many sorts of people are told apart at most.
pub const MAX_PEOPLE: usize = 520;

/// A sort of people, by its number in [`World::people`]. 0 is the outsider.
pub type Who = u16;

/// The frame of a policy with everybody in it.
#[derive(Debug)]
pub struct World {
    /// The policy.
    pub policy: Arc<Policy>,
    /// The policy without what facts and populations decide.
    pub relaxed: Arc<Policy>,
    /// Rules of which something was taken to be anything.
    pub assumed: BTreeSet<String>,
    /// The scopes.
    pub frame: Frame,
    /// What can be held.
    pub slots: Vec<Slot>,
    /// The sorts of people.
    pub people: Vec<Person>,
    /// Everything that one of them can do to another, or to itself.
    pub deeds: Vec<Deed>,
    /// Every end of a grant's time, as something that people do to themselves.
    pub expiries: Vec<Deed>,
    /// Whether rules let users change groups.
    pub groups: bool,
    /// Whether a rule asks where somebody's membership rests.
    asks_status: bool,
    /// Each place with those above it, as bits.
    above: Vec<u16>,
    /// The policy as it is written, read once.
    pub(crate) document: Value,
    numbers: HashMap<Person, Who>,
    /// How far endings may reach.
    reaches: Vec<Reach>,
}

/// Why there is no world to prove anything in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// More than 63 things can be held.
    #[error("{0} roles and permissions can be held in the frame, {MAX_SLOTS} at most are told apart")]
    Slots(usize),
    /// More sorts of people than [`MAX_PEOPLE`].
    #[error("more than {MAX_PEOPLE} sorts of people would have to be told apart")]
    People,
}

impl World {
    /// Everybody and everything that can be done in the frame of a policy.
    ///
    /// # Errors
    /// [`TooLarge`] if there are too many sorts of people; errors of the engine for a policy that it does not take again.
    pub fn of(policy: Arc<Policy>) -> Result<Result<World, TooLarge>, Error> {
        let relaxed = relax::relax(&policy)?;
        let frame = Frame::of(&policy);
        let document: Value = serde_json::from_str(&policy.to_json()).unwrap_or_default();
        let used = used(&document);
        let slots = person::slots(&policy, &frame, &used);
        if slots.len() > MAX_SLOTS {
            return Ok(Err(TooLarge::Slots(slots.len())));
        }
        let Some(people) = person::people(&policy, &frame, (&slots, used.groups), MAX_PEOPLE) else { return Ok(Err(TooLarge::People)) };
        let numbers = numbered(&people);
        let reaches = reaches(&document);
        let above = (0..frame.places.len()).map(|place| frame.path(place).into_iter().fold(0, |mask, place| mask | 1 << place)).collect();
        let mut world = World {
            above,
            policy,
            relaxed: Arc::new(relaxed.policy),
            assumed: relaxed.assumed,
            frame,
            slots,
            people,
            deeds: Vec::new(),
            expiries: Vec::new(),
            groups: used.groups,
            asks_status: asks_status(&document),
            document,
            numbers,
            reaches,
        };
        if used.deactivation {
            let places = steps::places_to_rest(&world)?;
            world.people = person::with_resting(&world.people, places);
            if world.people.len() > MAX_PEOPLE {
                return Ok(Err(TooLarge::People));
            }
            world.numbers = numbered(&world.people);
        }
        world.deeds = steps::deeds(&world)?;
        world.expiries = steps::expiries(&world);
        Ok(Ok(world))
    }

    /// The number of a sort of people.
    #[must_use]
    pub fn number(&self, person: Person) -> Option<Who> {
        self.numbers.get(&person).copied()
    }

    /// A sort of people by its number.
    #[must_use]
    pub fn person(&self, who: Who) -> Person {
        self.people[usize::from(who)]
    }

    /// A sort of people as a document has it.
    #[must_use]
    pub fn described(&self, who: Who) -> Described {
        Described::of(self.person(who), &self.slots, &self.frame)
    }

    /// What the policy says of invitations.
    pub(crate) fn invitations(&self) -> &Value {
        &self.document["invitations"]
    }

    /// The places and those above them, all as bits.
    pub(crate) fn with_above(&self, places: u16) -> u16 {
        self.above.iter().enumerate().filter(|(place, _)| places >> place & 1 == 1).fold(0, |mask, (_, path)| mask | path)
    }

    /// The place and those below it, as bits.
    fn with_below(&self, place: usize) -> u16 {
        self.above.iter().enumerate().filter(|(_, path)| *path >> place & 1 == 1).fold(0, |mask, (below, _)| mask | 1 << below)
    }

    /// The places where these are held, as bits.
    pub(crate) fn places_of(&self, held: u64) -> u16 {
        self.slots.iter().enumerate().filter(|(bit, _)| held >> bit & 1 == 1).fold(0, |mask, (_, slot)| mask | 1 << slot.place)
    }

    /// What matters of somebody at the places alone.
    fn held_at(&self, who: Who, extent: Extent) -> Person {
        let (person, slots) = (self.person(who), self.slots_where(|slot| extent.places >> slot.place & 1 == 1));
        let resting = if extent.rest { person.resting & self.with_above(extent.places) } else { 0 };
        Person { held: person.held & slots, resting, ..person }
    }

    /// The same person with nothing but what matters, above the places too.
    fn only_at(&self, who: Who, extent: Extent) -> Option<Who> {
        self.number(self.held_at(who, Extent { places: self.with_above(extent.places), ..extent }))
    }

    /// Everybody, to be asked about.
    fn everybody(_: Person) -> bool {
        true
    }

    /// Nobody.
    fn nobody(_: Person) -> bool {
        false
    }

    /// Those of whom it depends what comes of requests for which it is no matter where a membership rests: whoever asks about itself, and
    /// of the others those who are active.
    fn of_whom_it_depends(&self) -> fn(Person) -> bool {
        if self.asks_status { World::everybody } else { |person| person.resting & 1 == 0 }
    }

    /// What somebody becomes to whom the same happens as to another who is the same as far as it matters, given what that one becomes.
    pub(crate) fn with_rest(&self, who: Who, other: Who, after: Who) -> Option<Who> {
        let (whole, before, after) = (self.person(who), self.person(other), self.person(after));
        let held = whole.held & !(before.held & !after.held) | after.held & !before.held;
        let resting = whole.resting & !(before.resting & !after.resting) | after.resting & !before.resting;
        self.number(Person { held, resting, ..after })
    }

    /// The slots of which it is so, as bits.
    pub(crate) fn slots_where(&self, is_it: impl Fn(&Slot) -> bool) -> u64 {
        self.slots.iter().enumerate().filter(|(_, slot)| is_it(slot)).fold(0, |mask, (bit, _)| mask | 1 << bit)
    }

    /// The slots of a place, by number.
    pub(crate) fn slots_at(&self, place: usize, sort: Sort) -> impl Iterator<Item = usize> {
        self.slots.iter().enumerate().filter(move |(_, slot)| slot.place == place && slot.sort == sort).map(|(bit, _)| bit)
    }

    /// Whether one direct role at most is held at the place.
    pub(crate) fn one_role(&self, place: usize) -> bool {
        self.policy.kinds().iter().any(|kind| kind.one_role && kind.name == self.frame.places[place].kind)
    }
}

/// How far endings may reach: what the policy permits, this scope if it says nothing.
fn reaches(document: &Value) -> Vec<Reach> {
    let allowed = &document["endings"]["reach"];
    let one = serde_json::from_value(allowed.clone()).map(|reach| vec![reach]);
    one.or_else(|_| serde_json::from_value(allowed.clone())).unwrap_or_else(|_| vec![Reach::Scope])
}

fn numbered(people: &[Person]) -> HashMap<Person, Who> {
    people.iter().enumerate().map(|(number, &person)| (person, number as Who)).collect()
}

fn asks_status(document: &Value) -> bool {
    let rules = ["allow", "forbid"].into_iter().flat_map(|list| document[list].as_array().into_iter().flatten());
    rules.flat_map(|rule| [&rule["target"], &rule["unless"]["target"]]).any(|block| !block["status"].is_null())
}

/// What of the language the rules of users use.
fn used(document: &Value) -> person::Used {
    let rules = ["allow", "forbid"].into_iter().flat_map(|list| document[list].as_array().into_iter().flatten().map(move |rule| (list, rule)));
    let mut actions: Vec<String> = Vec::new();
    let mut permissions: BTreeSet<String> = BTreeSet::new();
    for (list, rule) in rules {
        actions.extend(names(&rule["actions"]).into_iter().map(str::to_owned));
        for block in [&rule["actor"], &rule["target"], &rule["unless"]["actor"], &rule["unless"]["target"]] {
            permissions.extend(names(&block["permission"]).into_iter().map(str::to_owned));
        }
        // A role of the tenant's own is compared with an actor by its permissions.
        let compares = |list: &str| {
            ["grants", "revokes", "target"].iter().any(|block| rule[*block]["permissions"].is_string())
                || list == "forbid" && rule["target"]["rank"].is_string()
        };
        if compares(list) {
            permissions.extend(document["permissions"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
        }
    }
    let any = |verbs: &[&str]| verbs.iter().any(|verb| names_action(&actions, verb));
    let custom = document["custom_roles"].is_object();
    person::Used {
        groups: any(&teams::GROUP_VERBS),
        deactivation: any(&["member.deactivate"]),
        permissions: permissions.into_iter().filter(|_| custom).collect(),
    }
}
