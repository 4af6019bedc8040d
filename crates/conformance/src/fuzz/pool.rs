//! The vocabulary of the seeds: for each key the values that stand there somewhere.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::Value;

use super::corpus::Seeds;

/// Values that are kept for one key. The seeds say the same things many times.
const VALUES: usize = 400;

/// Longest value that is kept, printed.
const LENGTH: usize = 3000;

/// Values by the key they stand at, and the words among them.
#[derive(Default)]
pub struct Pool {
    values: BTreeMap<String, Vec<Value>>,
    words: Vec<String>,
    texts: Vec<String>,
}

impl Pool {
    /// The vocabulary of the documents among the seeds. The seeds of the engine are made of these.
    #[must_use]
    pub fn of(seeds: &Seeds) -> Pool {
        let texts = seeds.iter().filter(|(target, _)| !["engine", "forged"].contains(target)).flat_map(|(_, texts)| texts);
        let mut pool = Pool::default();
        let (mut seen, mut words) = (BTreeSet::new(), BTreeSet::new());
        for text in texts {
            match serde_json::from_str(text) {
                Ok(tree) => pool.keep("", &tree, &mut seen, &mut words),
                Err(_) => words.extend(text.split_whitespace().map(str::to_owned)),
            }
            if text.len() <= LENGTH && pool.texts.len() < VALUES {
                pool.texts.push(text.clone());
            }
        }
        pool.words = words.into_iter().collect();
        pool
    }

    fn keep(&mut self, key: &str, tree: &Value, seen: &mut BTreeSet<(String, String)>, words: &mut BTreeSet<String>) {
        match tree {
            Value::Array(items) => items.iter().for_each(|item| self.keep(&item_key(key), item, seen, words)),
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                words.insert(name.clone());
                self.keep(name, value, seen, words);
            }),
            Value::String(word) => drop(words.insert(word.clone())),
            _ => {}
        }
        let values = self.values.entry(key.to_owned()).or_default();
        if values.len() < VALUES {
            let printed = tree.to_string();
            if printed.len() <= LENGTH && seen.insert((key.to_owned(), printed)) {
                values.push(tree.clone());
            }
        }
    }

    /// A value that stands at the key somewhere, or, if none does, a word.
    pub fn value(&self, key: &str, random: &mut Rng) -> Value {
        match self.values.get(key).and_then(|values| random.choice(values)) {
            Some(value) => value.clone(),
            None => self.word(random).into(),
        }
    }

    /// Any word.
    pub fn word(&self, random: &mut Rng) -> &str {
        random.choice(&self.words).map_or("", String::as_str)
    }

    /// A short text of the seeds.
    pub fn text(&self, random: &mut Rng) -> &str {
        random.choice(&self.texts).map_or("", String::as_str)
    }
}

/// The key under which the items of a list are kept.
pub fn item_key(key: &str) -> String {
    format!("{key}[]")
}
