//! People as rows of a snapshot.

use std::collections::BTreeMap;

use tenantry::document::Snapshot;
use tenantry::document::snapshot::{CustomRoleRow, DeactivationRow, GrantRow, GroupRow, Status, UserRow};

use super::person::Sort;
use super::teams::{Circle, Team};
use super::{Person, Who, World};

/// Somebody who plays a part: an id, and what it is at the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cast {
    pub id: String,
    pub person: Person,
}

/// The address of a user.
pub(crate) fn email(id: &str) -> String {
    format!("{id}@acme.example")
}

/// The role of the tenant's own that one person alone has: it can be changed without changing anybody else.
pub(crate) fn private(id: &str, slot: usize) -> String {
    format!("{id}-{slot}")
}

/// The role of the tenant's own that nobody has yet.
pub(crate) fn public(slot: usize) -> String {
    format!("any-{slot}")
}

/// An organization of these people, with roles of the tenant's own for them to be given.
pub(crate) fn snapshot(world: &World, cast: &[Cast]) -> Snapshot {
    snapshot_with(world, cast, &[])
}

/// The same with these groups. What they do not bring to somebody who holds it through groups, a group of its own does.
pub(crate) fn snapshot_with(world: &World, cast: &[Cast], circles: &[Circle]) -> Snapshot {
    let mut snapshot = world.frame.snapshot();
    let customs = world.slots.iter().enumerate().filter(|(_, slot)| slot.sort == Sort::Custom);
    customs.for_each(|(number, _)| add_role(world, &mut snapshot, public(number), number));
    cast.iter().filter(|one| one.person.account).for_each(|one| add_person(world, &mut snapshot, one));
    let mut brought: BTreeMap<&str, u64> = BTreeMap::new();
    for circle in circles {
        circle.members.iter().for_each(|member| *brought.entry(member).or_default() |= circle.holds);
        add_group(world, &mut snapshot, circle);
    }
    for Cast { id, person } in cast {
        let left = person.held & world.through_groups() & !brought.get(id.as_str()).copied().unwrap_or(0);
        for slot in (0..world.slots.len()).filter(|slot| left >> slot & 1 == 1) {
            let team = Team { home: world.slots[slot].place, holds: 1 << slot, shared: false };
            add_group(world, &mut snapshot, &team.circle(id, &[id]));
        }
    }
    snapshot.users.sort_by(|one, other| one.id.cmp(&other.id));
    snapshot
}

fn add_person(world: &World, snapshot: &mut Snapshot, Cast { id, person }: &Cast) {
    let status = if person.resting & 1 == 1 { Status::Deactivated } else { Status::Active };
    snapshot.users.push(UserRow { id: id.clone(), email: Some(email(id)), verified: true, status, ..UserRow::default() });
    let resting = world.frame.places.iter().enumerate().skip(1).filter(|(place, _)| person.resting >> place & 1 == 1);
    snapshot.deactivations.extend(resting.map(|(_, place)| DeactivationRow { scope: place.id.clone(), user: id.clone() }));
    for (number, slot) in world.slots.iter().enumerate().filter(|(number, _)| person.held >> number & 1 == 1) {
        let role = match slot.sort {
            Sort::Direct => slot.name.clone(),
            Sort::Group => continue,
            Sort::Custom => {
                add_role(world, snapshot, private(id, number), number);
                private(id, number)
            }
        };
        snapshot.grants.push(grant(world, number, Some(id), None, role));
    }
}

fn grant(world: &World, slot: usize, user: Option<&str>, group: Option<&str>, role: String) -> GrantRow {
    let scope = world.frame.places[world.slots[slot].place].id.clone();
    GrantRow { scope, user: user.map(str::to_owned), group: group.map(str::to_owned), role, ..GrantRow::default() }
}

fn add_group(world: &World, snapshot: &mut Snapshot, Circle { id, home, holds, members }: &Circle) {
    let held = world.slots.iter().enumerate().filter(|(number, _)| holds >> number & 1 == 1);
    snapshot.grants.extend(held.map(|(number, slot)| grant(world, number, None, Some(id), slot.name.clone())));
    let scope = world.frame.places[*home].id.clone();
    snapshot.groups.push(GroupRow { id: id.clone(), name: None, scope, members: members.clone(), managers: Vec::new(), source: None, version: 0 });
}

fn add_role(world: &World, snapshot: &mut Snapshot, id: String, slot: usize) {
    let at = &world.slots[slot];
    let scope = world.frame.places[at.place].id.clone();
    snapshot.custom_roles.push(CustomRoleRow { id, name: None, scope, permissions: vec![at.name.clone()], version: 0 });
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

    fn person_of(&self, snapshot: &Snapshot, user: &UserRow) -> Person {
        let is_in = |group: &str| snapshot.groups.iter().any(|row| row.id == group && row.members.contains(&user.id));
        let theirs = |grant: &&GrantRow| grant.user.as_ref() == Some(&user.id) || grant.group.as_deref().is_some_and(is_in);
        let held = snapshot.grants.iter().filter(theirs).fold(0, |mask, grant| mask | self.bit(&grant.scope, &grant.role, grant.group.is_some()));
        let rests = |scope: &str| snapshot.deactivations.iter().any(|row| row.scope == scope && row.user == user.id);
        let below = self.frame.places.iter().enumerate().skip(1).filter(|(_, place)| rests(&place.id)).fold(0, |mask, (place, _)| mask | 1 << place);
        Person { account: true, held, resting: below | u16::from(user.status == Status::Deactivated) }
    }
}
