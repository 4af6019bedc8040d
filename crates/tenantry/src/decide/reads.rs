//! What a decision depends on, noted as slots while it is made and written out with versions at the end.

use std::cell::RefCell;

use smallvec::SmallVec;

use crate::directory::Directory;
use crate::directory::rows::RoleRef;
use crate::document::{Reads, Time};
use crate::error::Need;

/// A row, an address or a name of one that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    User(u32),
    Scope(u32),
    Group(u32),
    CustomRole(u32),
    Invitation(u32),
    /// Everything below a scope.
    Subtree(u32),
    /// Everybody and everything that hangs on a scope.
    Holders(u32),
    /// What only a slice must hold.
    Needs(Need),
    /// A time at which something ends.
    Until(Time),
    NoUser(String),
    NoScope(String),
    NoGroup(String),
    NoCustomRole(String),
    NoInvitation(String),
    Email(String),
}

/// Keys that are compared with a new one: most requests note few, and the same ones again soon.
const RECENT: usize = 16;

/// Collects keys. One that is noted twice is written once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    keys: RefCell<SmallVec<[Key; 8]>>,
}

impl Trace {
    #[inline(never)]
    pub fn add(&self, key: Key) {
        let mut keys = self.keys.borrow_mut();
        if !keys.iter().rev().take(RECENT).any(|other| *other == key) {
            keys.push(key);
        }
    }

    /// What a slice must hold beyond single rows.
    pub fn wide_needs(&self, directory: &Directory) -> Vec<Need> {
        let id = |slot: u32| directory.scopes.id(slot).to_owned();
        let keys = self.keys.borrow();
        let needs = keys.iter().filter_map(|key| match key {
            Key::Subtree(slot) => Some(Need::Subtree { scope: id(*slot) }),
            Key::Holders(slot) => Some(Need::Holders { scope: id(*slot) }),
            Key::Needs(need) => Some(need.clone()),
            _ => None,
        });
        needs.collect()
    }

    /// The keys, which are no longer here then, with the versions of the state before the request; and the earliest expiry that
    /// lies ahead.
    pub fn write(&self, directory: &Directory, now: Time) -> (Reads, Option<Time>) {
        let mut reads = Reads::default();
        let mut until: Option<Time> = None;
        for key in self.keys.take() {
            write_key(directory, key, now, &mut reads, &mut |at: Option<Time>| {
                until = at.filter(|&at| at > now).into_iter().chain(until).min();
            });
        }
        (reads, until)
    }
}

fn write_key(directory: &Directory, key: Key, now: Time, reads: &mut Reads, expires: &mut dyn FnMut(Option<Time>)) {
    match key {
        Key::User(slot) => {
            let row = directory.users.get(slot);
            reads.users.insert(directory.users.id(slot).to_owned(), row.map(|row| u64::from(row.version)));
            let Some(row) = row else { return };
            write_holdings(directory, &row.holdings, now, reads, expires);
            row.groups().iter().for_each(|&group| write_key(directory, Key::Group(group), now, reads, expires));
        }
        Key::Scope(slot) => {
            let Some(row) = directory.scopes.get(slot) else {
                reads.scopes.insert(directory.scopes.id(slot).to_owned(), None);
                return;
            };
            for &scope in row.path() {
                let version = directory.scopes.get(scope).map(|row| u64::from(row.version));
                reads.scopes.insert(directory.scopes.id(scope).to_owned(), version);
            }
        }
        Key::Group(slot) => {
            let row = directory.groups.get(slot);
            reads.groups.insert(directory.groups.id(slot).to_owned(), row.map(|row| u64::from(row.version)));
            row.into_iter().for_each(|row| write_holdings(directory, &row.holdings, now, reads, expires));
        }
        Key::CustomRole(slot) => {
            let row = directory.custom_roles.get(slot);
            reads.custom_roles.insert(directory.custom_roles.id(slot).to_owned(), row.map(|row| u64::from(row.version)));
        }
        Key::Invitation(slot) => {
            let row = directory.invitations.get(slot);
            reads.invitations.insert(directory.invitations.id(slot).to_owned(), row.map(|row| u64::from(row.version)));
            expires(row.and_then(|row| row.expires_at));
        }
        // What a slice must hold; a version says nothing about it.
        Key::Subtree(_) | Key::Holders(_) | Key::Needs(_) => {}
        Key::Until(at) => expires(Some(at)),
        Key::NoUser(id) => _ = reads.users.entry(id).or_insert(None),
        Key::NoScope(id) => _ = reads.scopes.entry(id).or_insert(None),
        Key::NoGroup(id) => _ = reads.groups.entry(id).or_insert(None),
        Key::NoCustomRole(id) => _ = reads.custom_roles.entry(id).or_insert(None),
        Key::NoInvitation(id) => _ = reads.invitations.entry(id).or_insert(None),
        Key::Email(address) => {
            let offers = directory.offers_to.get(address.as_str()).into_iter().flatten();
            offers.for_each(|&offer| expires(directory.invitations.get(offer).and_then(|row| row.expires_at)));
            let owner = directory.owner_of_email(&address, now).map(str::to_owned);
            reads.emails.insert(address, owner);
        }
    }
}

fn write_holdings(directory: &Directory, holdings: &crate::directory::rows::Holdings, now: Time, reads: &mut Reads, expires: &mut dyn FnMut(Option<Time>)) {
    for extra in holdings.extras() {
        expires(extra.expires_at);
        if let RoleRef::Custom(role) = extra.role {
            write_key(directory, Key::CustomRole(role), now, reads, expires);
        }
    }
}
