//! Chance, by a seed: the same seed throws the same.

use serde_json::{Map, Value, json};

/// What every choice of a generator is thrown with.
pub struct Dice(fastrand::Rng);

impl Dice {
    /// Dice that throw what the seed says.
    #[must_use]
    pub fn new(seed: u64) -> Dice {
        Dice(fastrand::Rng::with_seed(seed))
    }

    /// A number below `n`; 0 if there is none.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { self.0.usize(0..n) }
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// One of the texts; an empty one if there is none.
    pub fn word<T: AsRef<str>>(&mut self, words: &[T]) -> String {
        self.pick(words).map(|word| word.as_ref().to_owned()).unwrap_or_default()
    }

    /// Some of the items, each once, in their order: as many as come up between `least` and `most`.
    pub fn some<T: Clone>(&mut self, items: &[T], least: usize, most: usize) -> Vec<T> {
        let mut numbers: Vec<usize> = (0..items.len()).collect();
        self.0.shuffle(&mut numbers);
        numbers.truncate(self.between(least, most.max(least)));
        numbers.sort_unstable();
        numbers.into_iter().map(|number| items[number].clone()).collect()
    }

    /// The items in some other order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        self.0.shuffle(items);
    }
}

/// A table in the making.
#[derive(Default)]
pub struct Table(pub Map<String, Value>);

impl Table {
    /// Sets a field.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Sets a field in so many of a hundred cases.
    pub fn maybe<T: Into<Value>>(&mut self, dice: &mut Dice, percent: usize, name: &str, value: impl FnOnce(&mut Dice) -> T) {
        if dice.chance(percent) {
            let value = value(dice);
            self.put(name, value);
        }
    }

    /// The table.
    #[must_use]
    pub fn done(self) -> Value {
        json!(self.0)
    }
}
