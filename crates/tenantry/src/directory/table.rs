//! Rows by interned id: an id is stored once, and is a number from then on.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Rows of one kind. A slot belongs to its id for good, whether or not there is a row just now.
#[derive(Debug, Clone)]
pub(crate) struct Table<T> {
    /// All ids, one after the other.
    ids: String,
    /// Where each id ends.
    ends: Vec<u32>,
    rows: Vec<Option<T>>,
    index: HashTable<u32>,
    hasher: FixedState,
}

impl<T> Table<T> {
    /// `seed` keeps ids that collide in one organization from colliding in the next.
    pub fn new(seed: u64) -> Table<T> {
        Table { ids: String::new(), ends: Vec::new(), rows: Vec::new(), index: HashTable::new(), hasher: FixedState::with_seed(seed) }
    }

    /// Makes room for rows with these ids, and no more.
    pub fn reserve<'i>(&mut self, new: impl ExactSizeIterator<Item = &'i str>) {
        let rows = new.len();
        self.ids.reserve(new.map(str::len).sum());
        self.ends.reserve(rows);
        self.rows.reserve(rows);
        let (ids, ends, hasher) = (&self.ids, &self.ends, &self.hasher);
        self.index.reserve(rows, |&slot| hasher.hash_one(id_of(ids, ends, slot)));
    }

    /// The slot of an id, if the id was ever seen.
    pub fn slot(&self, id: &str) -> Option<u32> {
        // Bytes are equal where texts are, and need no look at where characters begin.
        let same = |&slot: &u32| &self.ids.as_bytes()[start_of(&self.ends, slot)..self.ends[slot as usize] as usize] == id.as_bytes();
        self.index.find(self.hasher.hash_one(id), same).copied()
    }

    /// The slot of an id that has a row.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.slot(id).filter(|&slot| self.rows[slot as usize].is_some())
    }

    /// The slot of an id, made if need be.
    pub fn intern(&mut self, id: &str) -> u32 {
        if let Some(slot) = self.slot(id) {
            return slot;
        }
        let slot = self.ends.len() as u32;
        self.ids.push_str(id);
        self.ends.push(self.ids.len() as u32);
        self.rows.push(None);
        let (ids, ends, hasher) = (&self.ids, &self.ends, &self.hasher);
        self.index.insert_unique(hasher.hash_one(id), slot, |&slot| hasher.hash_one(id_of(ids, ends, slot)));
        slot
    }

    pub fn id(&self, slot: u32) -> &str {
        id_of(&self.ids, &self.ends, slot)
    }

    pub fn get(&self, slot: u32) -> Option<&T> {
        self.rows.get(slot as usize).and_then(Option::as_ref)
    }

    pub fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.rows.get_mut(slot as usize).and_then(Option::as_mut)
    }

    /// Puts a row (or none) in a slot and gives back what was there.
    pub fn replace(&mut self, slot: u32, row: Option<T>) -> Option<T> {
        std::mem::replace(&mut self.rows[slot as usize], row)
    }

    /// Slots that have a row, in no order that means anything.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().enumerate().filter(|(_, row)| row.is_some()).map(|(slot, _)| slot as u32)
    }

    /// Forgets the ids that were seen last, so that `slots` are left. None of them may have a row.
    pub fn truncate(&mut self, slots: usize) {
        while self.ends.len() > slots {
            let slot = self.ends.len() as u32 - 1;
            let hash = self.hasher.hash_one(self.id(slot));
            if let Ok(entry) = self.index.find_entry(hash, |&other| other == slot) {
                entry.remove();
            }
            self.ids.truncate(start_of(&self.ends, slot));
            self.ends.pop();
            self.rows.pop();
        }
    }

    /// How many slots there are.
    pub fn capacity(&self) -> usize {
        self.rows.len()
    }
}

fn start_of(ends: &[u32], slot: u32) -> usize {
    slot.checked_sub(1).map_or(0, |before| ends[before as usize] as usize)
}

fn id_of<'a>(ids: &'a str, ends: &[u32], slot: u32) -> &'a str {
    &ids[start_of(ends, slot)..ends[slot as usize] as usize]
}

/// Sorted by id, in code-point order: slots say nothing to people, and input order must not show.
pub(crate) fn sorted_by_id<T>(table: &Table<T>, slots: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut slots: Vec<u32> = slots.collect();
    slots.sort_unstable_by(|&a, &b| table.id(a).cmp(table.id(b)));
    slots
}
