//! Answers to questions about classes of users, remembered until the tree or a custom role changes. Reading takes no lock: an entry
//! is written once.

use std::sync::OnceLock;

use crate::ask::DenialCode;

use super::classes::Class;

/// A question as far as its answer depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub actor: Class,
    /// 0 if the question is about nobody, [`ANYBODY`] if the answer is the same whoever it is about.
    pub target: Class,
    /// The actor asks about itself.
    pub own: bool,
    pub scope: u32,
    pub action: u16,
    /// The bit of a declared role, if the question names one.
    pub role: Option<u8>,
}

impl Asked {
    /// The question as far as its answer depends on the actor alone.
    pub fn about_anybody(&self) -> Asked {
        if self.target == 0 { *self } else { Asked { target: ANYBODY, own: false, ..*self } }
    }

    /// Two multiplications of one word each, which wasm has too. Questions that collide are only found anew.
    fn hash(&self) -> usize {
        let role = self.role.map_or(0, |bit| u64::from(bit) + 1);
        let rest = u64::from(self.action) << 8 | role << 1 | u64::from(self.own);
        let people = (u64::from(self.actor) << 32 | u64::from(self.target)).wrapping_mul(SPREAD);
        let all = (people ^ people >> 32 ^ u64::from(self.scope) << 32 ^ rest).wrapping_mul(SPREAD);
        (all >> 32) as usize
    }
}

/// In place of a target: whoever it is.
const ANYBODY: Class = Class::MAX;

/// 2^64 divided by the golden ratio, as in multiplicative hashing (Knuth, The Art of Computer Programming, 6.4).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What is remembered of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    /// The answer itself: a code, or that nothing speaks against it.
    Answer(Option<DenialCode>),
    /// Nothing speaks against it, as long as each of these counters (of a keep, at a scope) can fall by one.
    Counts(Box<[(u16, u32)]>),
}

type Entry = OnceLock<(Asked, Known)>;

/// Places that an entry can stand in.
const WINDOW: usize = 4;
/// The most entries of a table.
const ENTRIES: usize = 16_384;
/// The fewest.
const FEWEST: usize = 256;

/// The table, made with the first question.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    entries: OnceLock<Box<[Entry]>>,
}

impl Clone for Memo {
    /// A copy remembers nothing.
    fn clone(&self) -> Memo {
        Memo::default()
    }
}

impl Memo {
    /// What is known about the question; `None` if it is new.
    #[inline]
    pub fn get(&self, asked: &Asked) -> Option<&Known> {
        let entries = self.entries.get()?;
        let first = place(asked, entries.len());
        (first..first + WINDOW).find_map(|at| entries[at].get().filter(|(other, _)| other == asked)).map(|(_, known)| known)
    }

    /// Remembers an answer, if there is room where it belongs. `users` says how large the table may become.
    pub fn put(&self, asked: Asked, known: Known, users: usize) {
        let entries = self.entries.get_or_init(|| {
            let room = (users * 4).next_power_of_two().clamp(FEWEST, ENTRIES);
            (0..room + WINDOW).map(|_| Entry::new()).collect()
        });
        let first = place(&asked, entries.len());
        if let Some(at) = (first..first + WINDOW).find(|&at| entries[at].get().is_none()) {
            // Somebody else may have been faster: then this one is found anew next time.
            _ = entries[at].set((asked, known));
        }
    }

    /// Something that answers rested on has changed.
    pub fn forget(&mut self) {
        self.entries.take();
    }
}

fn place(asked: &Asked, entries: usize) -> usize {
    asked.hash() & (entries - WINDOW - 1)
}
