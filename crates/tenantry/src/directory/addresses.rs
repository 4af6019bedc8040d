//! Users by canonical address. Only slots are kept: the address itself stands in the user's row and nowhere else.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::rows::User;
use super::table::Table;

/// The index of addresses.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    slots: HashTable<u32>,
    hasher: FixedState,
}

impl Addresses {
    pub fn new(seed: u64) -> Addresses {
        Addresses { slots: HashTable::new(), hasher: FixedState::with_seed(seed) }
    }

    /// The user whose row has the address.
    pub fn find(&self, users: &Table<User>, address: &str) -> Option<u32> {
        let has = |&slot: &u32| users.get(slot).and_then(|row| row.email.as_deref()) == Some(address);
        self.slots.find(self.hasher.hash_one(address), has).copied()
    }

    /// The user has the address from now on.
    pub fn insert(&mut self, users: &Table<User>, slot: u32, address: &str) {
        let hash = self.hasher.hash_one(address);
        if self.slots.find(hash, |&other| other == slot).is_none() {
            let again = |&other: &u32| self.hasher.hash_one(users.get(other).and_then(|row| row.email.as_deref()).unwrap_or(address));
            self.slots.insert_unique(hash, slot, again);
        }
    }

    /// The user has the address no longer.
    pub fn remove(&mut self, slot: u32, address: &str) {
        if let Ok(entry) = self.slots.find_entry(self.hasher.hash_one(address), |&other| other == slot) {
            entry.remove();
        }
    }
}
