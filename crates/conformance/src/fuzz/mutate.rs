//! The mutator: changes a document as a tree of values, so that what comes out still reads often enough to reach the rules.

use fastrand::Rng;
use serde_json::{Value, json};
use tenantry::policy::actions::VERBS;

use super::pool::{Pool, item_key};
use super::shrink::remove;
use super::text;

/// One in so many inputs is changed as a text, whatever it holds.
const TEXTS: usize = 12;

/// Longest list that is made longer.
const ITEMS: usize = 2000;

/// The fields of a request that name a row, and the table of the snapshot that holds the row.
const NAMES: [(&str, &str); 10] = [
    ("target", "users"),
    ("target", "users"),
    ("scope", "scopes"),
    ("scope", "scopes"),
    ("invitation", "invitations"),
    ("group", "groups"),
    ("role", "custom_roles"),
    ("parent", "scopes"),
    ("new_id", "users"),
    ("email", "users"),
];

/// Times at the edges of the calendar and of what RFC 3339 can write.
const TIMES: [&str; 10] = [
    "0000-01-01T00:00:00Z",
    "0000-01-01T00:00:00+23:59",
    "1970-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999Z",
    "2026-01-15T09:00:00.0004Z",
    "2026-01-15T09:00:00.000+05:30",
    "2016-12-31T23:59:60Z",
    "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59.9999Z",
    "9999-12-31T23:59:59-23:59",
];

/// Makes new inputs out of seeds. The same seed makes the same inputs.
pub struct Mutator<'p> {
    pool: &'p Pool,
    random: Rng,
}

impl<'p> Mutator<'p> {
    /// The changes, the useful ones more than once.
    const CHANGES: [fn(&mut Self, &mut Value); 14] = [
        Self::donate,
        Self::donate,
        Self::donate,
        Self::leave_out,
        Self::lengthen,
        Self::exchange,
        Self::rename,
        Self::rename,
        Self::ask_otherwise,
        Self::ask_otherwise,
        Self::ask_otherwise,
        Self::add_field,
        Self::make_extreme,
        Self::retype,
    ];

    /// A mutator with the vocabulary of a pool.
    #[must_use]
    pub fn new(pool: &'p Pool, seed: u64) -> Mutator<'p> {
        Mutator { pool, random: Rng::with_seed(seed) }
    }

    /// One of several seeds, changed.
    pub fn input(&mut self, seeds: &[String]) -> Vec<u8> {
        let seed = self.random.choice(seeds).map_or(&[][..], |seed| seed.as_bytes());
        self.vary(seed)
    }

    /// An input, changed: as a tree if it is one.
    pub fn vary(&mut self, input: &[u8]) -> Vec<u8> {
        match serde_json::from_slice::<Value>(input) {
            Ok(mut tree) if self.random.usize(..TEXTS) > 0 => {
                for _ in 0..self.random.usize(1..=4) {
                    let change = Self::CHANGES[self.random.usize(..Self::CHANGES.len())];
                    change(self, &mut tree);
                }
                tree.to_string().into_bytes()
            }
            _ => {
                let mut text = input.to_vec();
                text::change(&mut text, self.pool, &mut self.random);
                text
            }
        }
    }

    /// A place in the tree: down from the top, at each table any of its parts.
    fn place(&mut self, tree: &Value) -> String {
        let (mut place, mut at) = (String::new(), tree);
        loop {
            let step = match at {
                Value::Array(items) if !items.is_empty() => self.random.usize(..items.len()).to_string(),
                Value::Object(fields) if !fields.is_empty() => {
                    let number = self.random.usize(..fields.len());
                    fields.keys().nth(number).map(|name| escaped(name)).unwrap_or_default()
                }
                _ => return place,
            };
            if !place.is_empty() && self.random.u8(..6) == 0 {
                return place;
            }
            place = format!("{place}/{step}");
            at = tree.pointer(&place).unwrap_or(&Value::Null);
        }
    }

    fn at_some_place(&mut self, tree: &mut Value, change: impl FnOnce(&mut Self, &str, &mut Value)) {
        let place = self.place(tree);
        if let Some(value) = tree.pointer_mut(&place) {
            change(self, &key_of(&place), value);
        }
    }

    /// Puts what stands at the same key in another seed.
    fn donate(&mut self, tree: &mut Value) {
        self.at_some_place(tree, |this, key, value| *value = this.pool.value(key, &mut this.random));
    }

    fn leave_out(&mut self, tree: &mut Value) {
        remove(tree, &self.place(tree));
    }

    /// Doubles an item of a list, or adds one of another seed.
    fn lengthen(&mut self, tree: &mut Value) {
        let place = self.place(tree);
        let list = if tree.pointer(&place).is_some_and(Value::is_array) { place } else { list_above(&place) };
        let Some(Value::Array(items)) = tree.pointer_mut(&list) else { return };
        let item = match self.random.choice(&*items) {
            Some(item) if self.random.bool() => item.clone(),
            _ => self.pool.value(&item_key(&key_of(&list)), &mut self.random),
        };
        let times = if self.random.u8(..40) == 0 { 1 << self.random.usize(..9) } else { 1 };
        if items.len() < ITEMS {
            items.splice(..0, std::iter::repeat_n(item, times));
            let by = self.random.usize(..items.len());
            items.rotate_left(by);
        }
    }

    fn exchange(&mut self, tree: &mut Value) {
        let (one, other) = (self.place(tree), self.place(tree));
        if let (Some(a), Some(b)) = (tree.pointer(&one).cloned(), tree.pointer(&other).cloned()) {
            tree.pointer_mut(&one).into_iter().for_each(|place| *place = b.clone());
            tree.pointer_mut(&other).into_iter().for_each(|place| *place = a.clone());
        }
    }

    /// Puts a text that stands elsewhere in the document: ids meet ids.
    fn rename(&mut self, tree: &mut Value) {
        let text = |this: &mut Self, tree: &Value| {
            let place = this.place(tree);
            tree.pointer(&place).filter(|value| value.is_string()).map(|value| (place, value.clone()))
        };
        if let (Some((place, _)), Some((_, other))) = (text(self, tree), text(self, tree)) {
            tree.pointer_mut(&place).into_iter().for_each(|value| *value = other.clone());
        }
    }

    /// Asks a request about other rows of the same state, by another actor, or for another action.
    fn ask_otherwise(&mut self, tree: &mut Value) {
        let snapshot = tree.get("snapshot").cloned().unwrap_or_default();
        let Some(request) = self.request(tree) else { return self.donate(tree) };
        let id = |this: &mut Self, table: &str, field: &str| {
            let rows = snapshot.get(table).and_then(Value::as_array)?;
            this.random.choice(rows).and_then(|row| row.get(field)).cloned()
        };
        match self.random.u8(..8) {
            0 => request["action"] = json!(VERBS[self.random.usize(..VERBS.len())].name),
            1 | 2 => request["actor"] = json!({ "user": id(self, "users", "id") }),
            3 => request["actor"] = json!({ "invitee": { "email": id(self, "invitations", "email"), "verified": self.random.bool() } }),
            _ => {
                let (field, table) = NAMES[self.random.usize(..NAMES.len())];
                if let Some(id) = id(self, table, if field == "email" { field } else { "id" }) {
                    request[field] = id;
                }
            }
        }
    }

    /// A request of the tree: one of several, that of a decision, or the tree itself.
    fn request<'t>(&mut self, tree: &'t mut Value) -> Option<&'t mut Value> {
        let number = tree.get("requests").and_then(Value::as_array).map_or(0, |requests| self.random.usize(..requests.len().max(1)));
        let places = [format!("/requests/{number}"), "/decision/request".to_owned(), "/request".to_owned(), String::new()];
        let place = places.into_iter().find(|place| tree.pointer(place).is_some_and(|value| value.get("actor").is_some()))?;
        tree.pointer_mut(&place)
    }

    /// Adds a field that a table of another seed at the same key has.
    fn add_field(&mut self, tree: &mut Value) {
        self.at_some_place(tree, |this, key, value| {
            let donor = this.pool.value(key, &mut this.random);
            if let (Some(fields), Some(others)) = (value.as_object_mut(), donor.as_object()) {
                let number = this.random.usize(..others.len().max(1));
                fields.extend(others.iter().nth(number).map(|(name, value)| (name.clone(), value.clone())));
            }
        });
    }

    fn make_extreme(&mut self, tree: &mut Value) {
        self.at_some_place(tree, |this, _, value| match value {
            Value::Number(_) => *value = this.number(),
            Value::String(text) if text.len() > 9 && text.as_bytes()[4] == b'-' => *text = TIMES[this.random.usize(..TIMES.len())].to_owned(),
            Value::String(text) => *text = this.text(text),
            Value::Bool(yes) => *yes = !*yes,
            _ => {}
        });
    }

    fn number(&mut self) -> Value {
        let numbers =
            [json!(0), json!(1), json!(-1), json!(64), json!(u32::MAX), json!(1_u64 << 32), json!(i64::MAX), json!(i64::MIN), json!(u64::MAX), json!(1e300)];
        self.random.choice(numbers).unwrap_or_default()
    }

    fn text(&mut self, text: &str) -> String {
        match self.random.u8(..9) {
            0 => String::new(),
            1 => "x".repeat([64, 65, 255, 256, 1001][self.random.usize(..5)]),
            2 => format!("{text}\u{0}"),
            3 => format!(" {text}\u{a0}"),
            4 => text.to_uppercase(),
            5 => format!("{text}.{text}"),
            6 => format!("ǅ{text}\u{345}ﬀ"),
            7 => "*".to_owned(),
            _ => self.pool.word(&mut self.random).to_owned(),
        }
    }

    fn retype(&mut self, tree: &mut Value) {
        self.at_some_place(tree, |this, _, value| {
            let old = value.take();
            *value = match this.random.u8(..7) {
                0 => Value::Null,
                1 => json!([old]),
                2 => json!([]),
                3 => json!({}),
                4 => json!(old.to_string()),
                5 => this.number(),
                _ => old.as_array().and_then(|items| items.first()).cloned().unwrap_or(json!(true)),
            };
        });
    }
}

/// Every place of a tree, as JSON pointers, from the top down.
pub fn places(tree: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(tree, String::new(), &mut found);
    found
}

fn collect(tree: &Value, place: String, found: &mut Vec<String>) {
    match tree {
        Value::Array(items) => items.iter().enumerate().for_each(|(number, item)| collect(item, format!("{place}/{number}"), found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(value, format!("{place}/{}", escaped(name)), found)),
        _ => {}
    }
    found.push(place);
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The key that a place stands for: its name, or for an item of a list that of the list.
fn key_of(place: &str) -> String {
    match place.rsplit_once('/') {
        Some((list, name)) if name.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty() => item_key(&key_of(list)),
        Some((_, name)) => name.to_owned(),
        None => String::new(),
    }
}

/// The place above.
fn list_above(place: &str) -> String {
    place.rsplit_once('/').map_or(String::new(), |(list, _)| list.to_owned())
}
