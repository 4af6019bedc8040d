//! Tiny organizations: a few people, each with what its sort holds in one of its guises, and roles of the tenant's own for them to be given.

use tenantry::document::snapshot::{CustomRoleRow, DeactivationRow, GrantRow, GroupRow, ScopeRow, ScopeStatus, Status, UserRow};
use tenantry::document::{Facts, Snapshot};
use tenantry_analysis::model::{Sort, Who};

use super::guise::{Cut, Guise, bits};
use super::{Bench, mail};

impl Bench<'_> {
    pub(super) fn organization(&self, people: &[(&str, Who, Guise)]) -> Snapshot {
        let scope = |place: &tenantry_analysis::Place| ScopeRow {
            id: place.id.clone(),
            kind: place.kind.clone(),
            parent: place.parent.clone(),
            name: None,
            status: ScopeStatus::Active,
            attributes: Facts::default(),
            version: 0,
        };
        let mut state = Snapshot { scopes: self.certificate.places.iter().map(scope).collect(), ..Snapshot::empty("acme") };
        for place in (0..self.certificate.places.len()).filter(|&place| self.has_customs(place)) {
            let customs: Vec<String> = self.customs_at(place).map(|number| self.certificate.slots[number].name.clone()).collect();
            for number in self.customs_at(place) {
                self.role(&mut state, &spare(number), place, &[self.certificate.slots[number].name.clone()]);
            }
            self.role(&mut state, &spare_plain(place), place, &[]);
            self.role(&mut state, &spare_whole(place), place, &customs);
        }
        people.iter().for_each(|&(id, who, guise)| self.add(&mut state, id, who, guise));
        state
    }

    /// Somebody who is in a group of its own for each thing that is held through one.
    pub(super) fn add(&self, state: &mut Snapshot, id: &str, who: Who, guise: Guise) {
        let person = self.person(who);
        if !person.account {
            return;
        }
        let rests = |place: usize| person.resting >> place & 1 == 1;
        let status = if rests(0) { Status::Deactivated } else { Status::Active };
        state.users.push(UserRow { id: id.to_owned(), email: Some(mail(id)), verified: true, status, ..UserRow::default() });
        let places = self.certificate.places.iter().enumerate().skip(1).filter(|(place, _)| rests(*place));
        state.deactivations.extend(places.map(|(_, place)| DeactivationRow { scope: place.id.clone(), user: id.to_owned() }));
        bits(guise.own).for_each(|bit| self.hold(state, id, guise, bit.trailing_zeros() as usize));
        bits(guise.through).for_each(|bit| self.hold_through_group(state, id, guise, bit.trailing_zeros() as usize));
        for place in 0..self.certificate.places.len() {
            let role = plain(owner(id, guise), place);
            if (guise.plain | guise.plain_through) >> place & 1 == 1 {
                self.role(state, &role, place, &[]);
            }
            if guise.plain >> place & 1 == 1 {
                self.grant(state, place, Some(id), None, &role);
            }
            if guise.plain_through >> place & 1 == 1 {
                self.group_of(state, &format!("{id}-plain{place}"), place, id, &role);
            }
        }
    }

    /// A slot, by a grant of one's own.
    fn hold(&self, state: &mut Snapshot, id: &str, guise: Guise, number: usize) {
        let slot = &self.certificate.slots[number];
        if slot.sort != Sort::Custom {
            return self.grant(state, slot.place, Some(id), None, &slot.name);
        }
        let first = self.role_of(guise, number);
        let role = format!("{}{first}", owner(id, guise));
        let home = if matches!(guise.cut, Cut::Above | Cut::Across) { 0 } else { slot.place };
        self.role(state, &role, home, std::slice::from_ref(&slot.name));
        self.grant(state, slot.place, Some(id), None, &role);
    }

    fn hold_through_group(&self, state: &mut Snapshot, id: &str, guise: Guise, number: usize) {
        let slot = &self.certificate.slots[number];
        let group = format!("{id}{number}");
        if slot.sort != Sort::Custom {
            return self.group_of(state, &group, slot.place, id, &slot.name);
        }
        // What is held both ways is held of two roles.
        let twice = if guise.own >> number & 1 == 1 { "-team" } else { "" };
        let role = format!("{}{twice}{number}", owner(id, guise));
        self.role(state, &role, slot.place, std::slice::from_ref(&slot.name));
        self.group_of(state, &group, slot.place, id, &role);
    }

    /// A role of the tenant's own, or more permissions for it if it is there.
    pub(super) fn role(&self, state: &mut Snapshot, id: &str, home: usize, permissions: &[String]) {
        if let Some(row) = state.custom_roles.iter_mut().find(|row| row.id == id) {
            row.permissions.extend(permissions.iter().filter(|name| !row.permissions.contains(name)).cloned().collect::<Vec<_>>());
            return;
        }
        let scope = self.certificate.places[home].id.clone();
        state.custom_roles.push(CustomRoleRow { id: id.to_owned(), name: None, scope, permissions: permissions.to_vec(), version: 0 });
    }

    pub(super) fn grant(&self, state: &mut Snapshot, place: usize, user: Option<&str>, group: Option<&str>, role: &str) {
        let scope = self.certificate.places[place].id.clone();
        let row = GrantRow { scope, user: user.map(str::to_owned), group: group.map(str::to_owned), role: role.to_owned(), ..GrantRow::default() };
        if !state.grants.contains(&row) {
            state.grants.push(row);
        }
    }

    fn group_of(&self, state: &mut Snapshot, group: &str, place: usize, member: &str, role: &str) {
        self.group_row(state, group, place, &[member]);
        self.grant(state, place, None, Some(group), role);
    }

    pub(super) fn group_row(&self, state: &mut Snapshot, id: &str, home: usize, members: &[&str]) {
        let (scope, members) = (self.certificate.places[home].id.clone(), members.iter().map(|&member| member.to_owned()).collect());
        state.groups.push(GroupRow { id: id.to_owned(), name: None, scope, members, managers: Vec::new(), source: None, version: 0 });
    }

    /// The slots of permissions at a place.
    pub(super) fn customs_at(&self, place: usize) -> impl Iterator<Item = usize> {
        bits(self.slots_of(Sort::Custom) & self.slots_at(place)).map(|bit| bit.trailing_zeros() as usize)
    }
}

/// Whose roles somebody holds: its own, or those of whoever asks.
fn owner(id: &str, guise: Guise) -> &str {
    if guise.cut == Cut::Shared { "ann" } else { id }
}

/// The role of the tenant's own that permits nothing which somebody has at a place.
fn plain(id: &str, place: usize) -> String {
    format!("{id}-plain{place}")
}

/// A role of the tenant's own with one permission that nobody has yet.
pub(super) fn spare(slot: usize) -> String {
    format!("spare{slot}")
}

/// One that permits nothing.
pub(super) fn spare_plain(place: usize) -> String {
    plain("spare", place)
}

/// One with all the permissions.
fn spare_whole(place: usize) -> String {
    format!("spare-whole{place}")
}

impl Bench<'_> {
    /// Roles of the tenant's own that can be given at a place beside those of one permission: one that permits nothing, one that permits
    /// everything, and those that whoever asks holds itself.
    pub(super) fn more_to_give(&self, state: &Snapshot, place: usize) -> Vec<String> {
        if !self.has_customs(place) {
            return Vec::new();
        }
        let above = self.path(place);
        let own = held_by(state, "ann").filter(|row| above.contains(&row.scope.as_str())).map(|row| row.id.clone());
        let whole = Some(spare_whole(place)).filter(|_| self.customs_at(place).count() > 1);
        std::iter::once(spare_plain(place)).chain(whole).chain(own).collect()
    }

    /// The ids of a place and those above it.
    fn path(&self, place: usize) -> Vec<&str> {
        let parent = |at: &&str| self.certificate.places.iter().find(|place| place.id == **at).and_then(|place| place.parent.as_deref());
        std::iter::successors(Some(self.certificate.places[place].id.as_str()), parent).collect()
    }
}

/// The roles of the tenant's own that somebody holds, by a grant or through a group.
pub(super) fn held_by<'s>(state: &'s Snapshot, id: &'s str) -> impl Iterator<Item = &'s CustomRoleRow> {
    let is_in = move |group: &str| state.groups.iter().any(|row| row.id == group && row.members.iter().any(|member| member == id));
    let theirs = move |grant: &GrantRow| grant.user.as_deref() == Some(id) || grant.group.as_deref().is_some_and(is_in);
    state.custom_roles.iter().filter(move |row| state.grants.iter().any(|grant| grant.role == row.id && theirs(grant)))
}
