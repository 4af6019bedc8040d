//! Which words of the language were decided, and how: a run of random cases that never met a word says nothing about it.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// How often a word did not hold, and how often it held.
pub type Met = BTreeMap<&'static str, [u64; 2]>;

thread_local! {
    static MET: RefCell<Met> = const { RefCell::new(BTreeMap::new()) };
}

/// Notes that a word was decided.
pub(super) fn note(word: &'static str, holds: bool) -> bool {
    MET.with_borrow_mut(|met| met.entry(word).or_default()[usize::from(holds)] += 1);
    holds
}

/// What this thread has met since it was asked last.
#[must_use]
pub fn take_met() -> Met {
    MET.take()
}
