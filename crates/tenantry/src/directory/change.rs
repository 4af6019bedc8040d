//! The one way in which the state changes: a row replaces a row, indexes follow, and a trial can be undone.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::document::snapshot::UserKind;

use super::Directory;
use super::rows::{CustomRole, Ended, Group, Hangers, Holders, Invitation, Scope, User};

/// The sorts of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rows {
    User,
    Scope,
    Group,
    CustomRole,
    Invitation,
}

/// The row that was there before.
#[derive(Debug, Clone)]
pub(crate) enum Undo {
    User(u32, Option<User>),
    Scope(u32, Option<Scope>),
    Group(u32, Option<Group>),
    CustomRole(u32, Option<CustomRole>),
    Invitation(u32, Option<Invitation>),
    Ended(u32, Option<Vec<Ended>>),
    Gone((Rows, u32), Option<u32>),
}

/// Puts a slot into a set, or takes it out.
fn set(slots: &mut BTreeSet<u32>, slot: u32, present: bool) {
    if present {
        slots.insert(slot);
    } else {
        slots.remove(&slot);
    }
}

impl Directory {
    /// Runs `trial` on the state and undoes whatever it changed.
    pub(crate) fn try_out<T>(&mut self, trial: impl FnOnce(&mut Directory) -> T) -> T {
        let outer = self.undo.replace(Vec::new());
        let result = trial(self);
        self.undo(outer);
        result
    }

    /// Undoes what stands in the log, and takes up the one that was kept before.
    fn undo(&mut self, outer: Option<Vec<Undo>>) {
        let log = std::mem::replace(&mut self.undo, outer).unwrap_or_default();
        // What is undone must not be noted again in the log of an outer trial, which would then undo the undoing.
        let outer = self.undo.take();
        for entry in log.into_iter().rev() {
            match entry {
                Undo::User(slot, row) => self.put_user(slot, row),
                Undo::Scope(slot, row) => self.put_scope(slot, row),
                Undo::Group(slot, row) => self.put_group(slot, row),
                Undo::CustomRole(slot, row) => self.put_custom_role(slot, row),
                Undo::Invitation(slot, row) => self.put_invitation(slot, row),
                Undo::Ended(slot, row) => self.put_ended(slot, row),
                Undo::Gone(slot, version) => self.put_gone(slot, version),
            }
        }
        self.undo = outer;
    }

    /// How many ids each table has seen.
    pub(crate) fn ids_seen(&self) -> [usize; 5] {
        [self.users.capacity(), self.scopes.capacity(), self.groups.capacity(), self.custom_roles.capacity(), self.invitations.capacity()]
    }

    /// Ids that only trials have seen are forgotten, or deciding would fill the memory.
    pub(crate) fn forget_ids(&mut self, [users, scopes, groups, custom_roles, invitations]: [usize; 5]) {
        self.users.truncate(users);
        self.scopes.truncate(scopes);
        self.groups.truncate(groups);
        self.custom_roles.truncate(custom_roles);
        self.invitations.truncate(invitations);
    }

    /// The version at which somebody went.
    pub(crate) fn put_gone(&mut self, slot: (Rows, u32), version: Option<u32>) {
        let old = match version {
            Some(version) => self.gone.insert(slot, version),
            None => self.gone.remove(&slot),
        };
        self.note(Undo::Gone(slot, old));
    }

    fn note(&mut self, entry: Undo) {
        if let Some(log) = &mut self.undo {
            log.push(entry);
        }
    }

    pub(crate) fn put_user(&mut self, slot: u32, row: Option<User>) {
        let affected = self.with_services(slot);
        self.count(&affected, -1);
        let old = self.users.replace(slot, row);
        if let Some(old) = &old {
            self.index_user(slot, old, false);
        }
        if let Some(new) = self.users.get(slot).cloned() {
            self.index_user(slot, &new, true);
        }
        self.classes.put(slot, self.users.get(slot), &self.groups);
        self.count(&self.with_services(slot), 1);
        self.note(Undo::User(slot, old));
    }

    /// Puts a row that the loader has read: there was none before, and the counters are filled at the end.
    pub(crate) fn put_loaded_user(&mut self, slot: u32, row: User) {
        self.index_user(slot, &row, true);
        self.classes.put(slot, Some(&row), &self.groups);
        self.users.replace(slot, Some(row));
    }

    /// The user, and the services whose standing it caps.
    fn with_services(&self, slot: u32) -> SmallVec<[u32; 8]> {
        std::iter::once(slot).chain(self.owned.get(&slot).into_iter().flatten().copied()).collect()
    }

    fn index_user(&mut self, slot: u32, row: &User, present: bool) {
        if let Some(email) = &row.email {
            if present {
                self.addresses.insert(&self.users, slot, email);
            } else {
                self.addresses.remove(slot, email);
            }
        }
        for scope in row.holdings.scopes() {
            set(&mut self.hanger(scope).users, slot, present);
        }
        for role in row.holdings.custom_roles() {
            set(&mut self.holders_mut(role).users, slot, present);
        }
        if let (UserKind::Service, Some(owner)) = (row.kind, row.owner()) {
            let services = self.owned.entry(owner).or_default();
            if present {
                services.push(slot);
            } else {
                services.retain(|&mut service| service != slot);
            }
        }
    }

    fn hanger(&mut self, scope: u32) -> &mut Hangers {
        if self.hangers.len() <= scope as usize {
            self.hangers.resize_with(scope as usize + 1, Hangers::default);
        }
        &mut self.hangers[scope as usize]
    }

    fn holders_mut(&mut self, role: u32) -> &mut Holders {
        if self.holders.len() <= role as usize {
            self.holders.resize_with(role as usize + 1, Holders::default);
        }
        &mut self.holders[role as usize]
    }

    pub(crate) fn put_scope(&mut self, slot: u32, row: Option<Scope>) {
        // Where a scope hangs decides who is deactivated there: those who hold something there are counted anew.
        let affected = self.counted_on(slot);
        self.memo.forget();
        self.count(&affected, -1);
        let old = self.scopes.replace(slot, row);
        self.count(&affected, 1);
        let parent = |row: &Option<Scope>| row.as_ref().and_then(Scope::parent);
        if let Some(parent) = parent(&old) {
            self.hanger(parent).children.remove(&slot);
        }
        if let Some(parent) = self.scopes.get(slot).and_then(Scope::parent) {
            self.hanger(parent).children.insert(slot);
        }
        self.note(Undo::Scope(slot, old));
    }

    /// The users whom a local keep may count at the scope.
    fn counted_on(&mut self, scope: u32) -> Vec<u32> {
        let hangers = self.hanger(scope).clone();
        let members = hangers.groups.iter().filter_map(|&group| self.groups.get(group)).flat_map(|group| group.members.iter());
        let mut users: Vec<u32> = hangers.users.iter().chain(members).copied().collect();
        users.sort_unstable();
        users.dedup();
        users
    }

    pub(crate) fn put_group(&mut self, slot: u32, row: Option<Group>) {
        let members = |row: Option<&Group>| row.map(|row| row.members.iter().copied().collect::<Vec<_>>()).unwrap_or_default();
        let mut affected = members(self.groups.get(slot));
        affected.extend(members(row.as_ref()));
        affected.sort_unstable();
        affected.dedup();
        self.count(&affected, -1);
        let old = self.groups.replace(slot, row);
        if let Some(old) = &old {
            self.index_group(slot, old, false);
        }
        if let Some(new) = self.groups.get(slot).cloned() {
            self.index_group(slot, &new, true);
        }
        affected.iter().for_each(|&member| self.classes.put(member, self.users.get(member), &self.groups));
        self.count(&affected, 1);
        self.note(Undo::Group(slot, old));
    }

    /// Puts a row that the loader has read: classes and counters are filled when all groups are there.
    pub(crate) fn put_loaded_group(&mut self, slot: u32, row: Group) {
        self.index_group(slot, &row, true);
        self.groups.replace(slot, Some(row));
    }

    /// A user's list of groups is an index over the groups' members: it is not part of the user's row.
    fn index_group(&mut self, slot: u32, row: &Group, present: bool) {
        for scope in row.holdings.scopes() {
            set(&mut self.hanger(scope).groups, slot, present);
        }
        for role in row.holdings.custom_roles() {
            set(&mut self.holders_mut(role).groups, slot, present);
        }
        for &member in &row.members {
            if let Some(user) = self.users.get_mut(member) {
                let groups = &mut user.cold_mut().groups;
                if present {
                    groups.push(slot);
                } else {
                    groups.retain(|&mut group| group != slot);
                }
            }
        }
    }

    pub(crate) fn put_custom_role(&mut self, slot: u32, row: Option<CustomRole>) {
        self.memo.forget();
        let old = self.custom_roles.replace(slot, row);
        self.note(Undo::CustomRole(slot, old));
    }

    pub(crate) fn put_invitation(&mut self, slot: u32, row: Option<Invitation>) {
        let old = self.invitations.replace(slot, row);
        if let Some(old) = &old {
            self.index_invitation(slot, old, false);
        }
        if let Some(new) = self.invitations.get(slot).cloned() {
            self.index_invitation(slot, &new, true);
        }
        self.note(Undo::Invitation(slot, old));
    }

    fn index_invitation(&mut self, slot: u32, row: &Invitation, present: bool) {
        if !row.is_open() {
            return;
        }
        for offer in &row.offers {
            set(&mut self.hanger(offer.scope).offers, slot, present);
        }
        let Some(email) = &row.email else { return };
        let to = self.offers_to.entry(email.clone()).or_default();
        set(to, slot, present);
        if to.is_empty() {
            self.offers_to.remove(email);
        }
    }

    /// All endings of one user.
    pub(crate) fn put_ended(&mut self, user: u32, rows: Option<Vec<Ended>>) {
        let rows = rows.filter(|rows| !rows.is_empty());
        let old = match rows {
            Some(rows) => self.ended.insert(user, rows),
            None => self.ended.remove(&user),
        };
        for email in old.iter().flatten().filter_map(|ended| ended.email.clone()) {
            if let Some(users) = self.ended_emails.get_mut(&email) {
                users.remove(&user);
                if users.is_empty() {
                    self.ended_emails.remove(&email);
                }
            }
        }
        for email in self.ended.get(&user).into_iter().flatten().filter_map(|ended| ended.email.clone()).collect::<Vec<_>>() {
            self.ended_emails.entry(email).or_default().insert(user);
        }
        self.note(Undo::Ended(user, old));
    }
}
