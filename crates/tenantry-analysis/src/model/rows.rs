//! People as rows of a snapshot.

use std::collections::BTreeMap;

use tenantry::document::Snapshot;
use tenantry::document::snapshot::{CustomRoleRow, DeactivationRow, GrantRow, GroupRow, Status, UserRow};

use super::custom::given;
use super::guises::Guise;
use super::person::{Slot, Sort};
use super::teams::{Circle, Team};
use super::{Person, Who, World};

/// Somebody who plays a part: an id, and what it is at the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cast {
    pub id: String,
    pub person: Person,
    pub guise: Guise,
}

impl Cast {
    /// Somebody as an example tells it.
    pub fn told(world: &World, id: String, person: Person) -> Cast {
        Cast { id, person, guise: world.told(person) }
    }
}

/// The address of a user.
pub(crate) fn email(id: &str) -> String {
    format!("{id}@acme.example")
}

/// An organization of these people, with roles of the tenant's own for them to be given.
pub(crate) fn snapshot(world: &World, cast: &[Cast]) -> Snapshot {
    snapshot_with(world, cast, &[])
}

/// The same with these groups. What they do not bring to somebody who holds it through groups, a group of its own does. What they bring of the
/// tenant's own roles may be held besides.
pub(crate) fn snapshot_with(world: &World, cast: &[Cast], circles: &[Circle]) -> Snapshot {
    let mut snapshot = world.frame.snapshot();
    for place in 0..world.frame.places.len() {
        world.custom_sets(place).into_iter().for_each(|holds| add_role(world, &mut snapshot, (given(place, holds), place), holds));
    }
    let mut brought: BTreeMap<&str, u64> = BTreeMap::new();
    for circle in circles {
        circle.members.iter().for_each(|member| *brought.entry(member).or_default() |= circle.holds);
        add_group(world, &mut snapshot, circle);
    }
    for one in cast.iter().filter(|one| one.person.account) {
        add_person(world, &mut snapshot, one, brought.get(one.id.as_str()).copied().unwrap_or(0));
    }
    snapshot.users.sort_by(|one, other| one.id.cmp(&other.id));
    snapshot
}

/// Somebody with what no circle brings.
fn add_person(world: &World, snapshot: &mut Snapshot, Cast { id, person, guise }: &Cast, brought: u64) {
    let status = if person.resting & 1 == 1 { Status::Deactivated } else { Status::Active };
    snapshot.users.push(UserRow { id: id.clone(), email: Some(email(id)), verified: true, status, ..UserRow::default() });
    let resting = world.frame.places.iter().enumerate().skip(1).filter(|(place, _)| person.resting >> place & 1 == 1);
    snapshot.deactivations.extend(resting.map(|(_, place)| DeactivationRow { scope: place.id.clone(), user: id.clone() }));
    for (number, slot) in world.slots.iter().enumerate().filter(|(number, _)| person.held >> number & 1 == 1) {
        match slot.sort {
            Sort::Direct => snapshot.grants.push(grant(world, slot.place, (Some(id), None), slot.name.clone())),
            Sort::Group if brought >> number & 1 == 0 => {
                add_group(world, snapshot, &Team { home: slot.place, holds: 1 << number, shared: false }.circle(id, &[id]));
            }
            _ => {}
        }
    }
    let custom = world.slots_where(|slot| slot.sort == Sort::Custom);
    let others = person.held & custom & !guise.own & !brought;
    add_own(world, snapshot, (id, *guise), guise.own | others);
}

/// Roles of the tenant's own that somebody alone has. What it does not hold by grants of its own, it holds in a group of its own.
fn add_own(world: &World, snapshot: &mut Snapshot, (id, guise): (&str, Guise), held: u64) {
    let group = format!("{id}-own");
    let by_group = |place: usize| guise.plain >> place & 1 == 0 && held & guise.own & world.custom_at(place) == 0;
    for own in world.own_roles(held, guise.plain).into_iter().filter(|own| guise.in_every_way || own.is_simple()) {
        add_role(world, snapshot, (own.id(id), own.home), own.holds);
        for place in (0..world.frame.places.len()).filter(|place| own.at >> place & 1 == 1) {
            let holder = if by_group(place) { (None, Some(group.as_str())) } else { (Some(id), None) };
            snapshot.grants.push(grant(world, place, holder, own.id(id)));
        }
    }
    if snapshot.grants.iter().any(|grant| grant.group.as_ref() == Some(&group)) {
        snapshot.groups.push(row(world, group, 0, vec![id.to_owned()]));
    }
}

fn grant(world: &World, place: usize, (user, group): (Option<&str>, Option<&str>), role: String) -> GrantRow {
    let scope = world.frame.places[place].id.clone();
    GrantRow { scope, user: user.map(str::to_owned), group: group.map(str::to_owned), role, ..GrantRow::default() }
}

fn add_group(world: &World, snapshot: &mut Snapshot, Circle { id, home, holds, members }: &Circle) {
    let held = world.slots.iter().enumerate().filter(|(number, slot)| slot.sort != Sort::Custom && holds >> number & 1 == 1);
    snapshot.grants.extend(held.map(|(_, slot)| grant(world, slot.place, (None, Some(id)), slot.name.clone())));
    for place in 0..world.frame.places.len() {
        let sets = world.custom_sets(place).into_iter().filter(|set| *set != 0 && set & !holds == 0);
        snapshot.grants.extend(sets.map(|set| grant(world, place, (None, Some(id)), given(place, set))));
    }
    snapshot.groups.push(row(world, id.clone(), *home, members.clone()));
}

fn row(world: &World, id: String, home: usize, members: Vec<String>) -> GroupRow {
    GroupRow { id, name: None, scope: world.frame.places[home].id.clone(), members, managers: Vec::new(), source: None, version: 0 }
}

fn add_role(world: &World, snapshot: &mut Snapshot, (id, home): (String, usize), holds: u64) {
    let scope = world.frame.places[home].id.clone();
    snapshot.custom_roles.push(CustomRoleRow { id, name: None, scope, permissions: world.permissions(holds), version: 0 });
}

impl World {
    /// The people of an organization of the frame, as sorts, sorted. `None` if somebody is of no sort.
    pub(crate) fn population(&self, snapshot: &Snapshot) -> Option<Vec<Who>> {
        let mut people = snapshot.users.iter().map(|user| self.number(self.person_of(snapshot, user))).collect::<Option<Vec<Who>>>()?;
        people.sort_unstable();
        Some(people)
    }

    /// What a user is; the outsider if there is no such user.
    pub(crate) fn standing(&self, snapshot: &Snapshot, id: &str) -> Option<Person> {
        let row = snapshot.users.iter().find(|row| row.id == id);
        Some(row.map_or(Person::OUTSIDER, |row| self.person_of(snapshot, row)))
    }

    /// What a grant brings to whoever has it.
    fn brings(&self, snapshot: &Snapshot, grant: &GrantRow) -> u64 {
        let Some(custom) = snapshot.custom_roles.iter().find(|role| role.id == grant.role) else {
            return self.bits(&grant.scope, &grant.role, grant.group.is_some());
        };
        let is_it = |slot: &Slot| slot.sort == Sort::Custom && self.frame.places[slot.place].id == grant.scope && custom.permissions.contains(&slot.name);
        self.slots_where(is_it)
    }

    fn person_of(&self, snapshot: &Snapshot, user: &UserRow) -> Person {
        let is_in = |group: &str| snapshot.groups.iter().any(|row| row.id == group && row.members.contains(&user.id));
        let theirs = |grant: &&GrantRow| grant.user.as_ref() == Some(&user.id) || grant.group.as_deref().is_some_and(is_in);
        let held = snapshot.grants.iter().filter(theirs).fold(0, |mask, grant| mask | self.brings(snapshot, grant));
        let rests = |scope: &str| snapshot.deactivations.iter().any(|row| row.scope == scope && row.user == user.id);
        let below = self.frame.places.iter().enumerate().skip(1).filter(|(_, place)| rests(&place.id)).fold(0, |mask, (place, _)| mask | 1 << place);
        Person { account: true, held, resting: below | u16::from(user.status == Status::Deactivated) }
    }
}
