//! How a policy is read: every problem at once, each with its path, what was met and what was expected.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Tree;
use super::fact::Fact;
use super::json::Number;
use super::print::{Print, Writer};
use super::shape::Table;
use crate::bounds::Bound;
use crate::error::Problem;
use crate::name::nearest;

/// So many problems hear the nearest name. Nobody reads more of them, and each costs a comparison with every name.
const HINTS: usize = 200;

/// Collects the problems of a policy while it is read and compiled.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
    places: BTreeSet<String>,
}

impl Problems {
    pub fn add(&mut self, path: &str, code: &'static str, message: impl Into<String>) {
        self.push(path.to_owned(), code, message.into(), None);
    }

    fn push(&mut self, path: String, code: &'static str, message: String, nearest: Option<String>) {
        self.places.insert(path.clone());
        self.list.push(Problem { path, code, message, nearest });
    }

    pub fn wrong_type(&mut self, path: &str, met: &Tree, expected: &str) {
        self.add(path, "wrong_type", format!("met {}, expected {expected}", describe(met)));
    }

    pub fn out_of_bounds(&mut self, path: &str, bound: Bound, met: usize) {
        self.add(path, "out_of_bounds", format!("{met} {}, {} at most", bound.what, bound.max));
    }

    /// A name that does not exist: `what` says what it should have been one of.
    pub fn unknown<'a>(&mut self, path: &str, name: &str, what: &str, known: impl IntoIterator<Item = &'a str>) {
        self.unknown_among("unknown_name", path, name, format!("`{name}` is not {what}"), &mut known.into_iter());
    }

    /// The same with a code and a sentence of its own.
    pub fn unknown_as<'a>(&mut self, code: &'static str, path: &str, name: &str, message: String, known: impl IntoIterator<Item = &'a str>) {
        self.unknown_among(code, path, name, message, &mut known.into_iter());
    }

    fn unknown_among(&mut self, code: &'static str, path: &str, name: &str, message: String, known: &mut dyn Iterator<Item = &str>) {
        let nearest = if self.list.len() < HINTS { nearest(name, known) } else { None };
        self.push(path.to_owned(), code, message, nearest);
    }

    /// Something that must stand at the path does not, unless what stands there was refused already.
    pub fn missing(&mut self, path: &str, message: impl Into<String>) {
        self.none_of(path, &[path], message);
    }

    /// One of several must stand, and none was accepted nor refused.
    pub fn none_of(&mut self, path: &str, instead: &[&str], message: impl Into<String>) {
        if !instead.iter().any(|place| self.is_faulty(place)) {
            self.add(path, "missing", message);
        }
    }

    /// Whether there is a problem at the place, or below it.
    pub fn is_faulty(&self, place: &str) -> bool {
        let below = |sign: char| {
            let prefix = format!("{place}{sign}");
            self.places.range(prefix.clone()..).next().is_some_and(|path| path.starts_with(&prefix))
        };
        self.is_at(place) || below('.') || below('[')
    }

    /// Whether there is a problem at the place itself.
    pub fn is_at(&self, place: &str) -> bool {
        self.places.contains(place)
    }

    /// All of them, in the order in which they were found.
    pub fn into_list(self) -> Vec<Problem> {
        self.list
    }
}

fn describe(value: &Tree) -> String {
    match value {
        Tree::Null => "nothing".to_owned(),
        Tree::Bool(value) => format!("`{value}`"),
        Tree::Number(value) => format!("the number {value}"),
        Tree::Text(text) if text.len() <= 80 => format!("the text \"{text}\""),
        Tree::Text(_) => "a long text".to_owned(),
        Tree::List(_) => "a list".to_owned(),
        Tree::Table(_) => "a table".to_owned(),
    }
}

pub(crate) fn join(path: &str, name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let name = if plain { name.to_owned() } else { format!("\"{name}\"") };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

/// A part of a policy that can be read from a tree of values.
pub(crate) trait Word: Sized {
    /// Reads it, or notes what is wrong and gives nothing.
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<Self>;
}

impl Word for String {
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<String> {
        let text = value.as_str();
        if text.is_none() {
            problems.wrong_type(path, value, "a text");
        }
        text.map(str::to_owned)
    }
}

impl Word for bool {
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<bool> {
        let truth = if let Tree::Bool(truth) = value { Some(*truth) } else { None };
        if truth.is_none() {
            problems.wrong_type(path, value, "`true` or `false`");
        }
        truth
    }
}

impl Word for u32 {
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<u32> {
        let number = if let Tree::Number(Number::Unsigned(number)) = value { u32::try_from(*number).ok() } else { None };
        if number.is_none() {
            problems.wrong_type(path, value, "a whole number from 0 to 4294967295");
        }
        number
    }
}

/// A list of tables. For one that cannot be read an empty one stands in, so that the others keep their numbers.
impl<T: Word + Default> Word for Vec<T> {
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<Vec<T>> {
        let Tree::List(items) = value else {
            problems.wrong_type(path, value, "a list");
            return None;
        };
        Some(items.iter().enumerate().map(|(i, item)| T::read(item, &format!("{path}[{i}]"), problems).unwrap_or_default()).collect())
    }
}

/// The items of a list that can be read.
fn items<T: Word>(items: &[Tree], path: &str, problems: &mut Problems) -> Vec<T> {
    items.iter().enumerate().filter_map(|(i, item)| T::read(item, &format!("{path}[{i}]"), problems)).collect()
}

impl<T: Word> Word for BTreeMap<String, T> {
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<BTreeMap<String, T>> {
        let Tree::Table(entries) = value else {
            problems.wrong_type(path, value, "a table");
            return None;
        };
        let mut map = BTreeMap::new();
        for (name, item) in entries {
            if let Some(value) = T::read(item, &join(path, name), problems) {
                map.insert(name.clone(), value);
            }
        }
        Some(map)
    }
}

/// A list of names; a text stands for a list of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Names(pub Vec<String>);

impl Print for Names {
    fn print(&self, writer: &mut Writer) {
        self.0.print(writer);
    }
}

impl Word for Names {
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<Names> {
        match value {
            Tree::Text(name) => Some(Names(vec![name.clone()])),
            Tree::List(list) => Some(Names(items(list, path, problems))),
            _ => {
                problems.wrong_type(path, value, "a name or a list of names");
                None
            }
        }
    }
}

/// A value of an attribute condition: given, or pointing to a fact of the actor or of the scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Pointed<T> {
    /// The value itself.
    Given(T),
    /// `{ actor = "locations" }`: the actor's attribute.
    Actor {
        /// The attribute.
        actor: String,
    },
    /// `{ scope = "seats" }`: the scope's attribute.
    Scope {
        /// The attribute.
        scope: String,
    },
}

impl<T: Print> Print for Pointed<T> {
    fn print(&self, writer: &mut Writer) {
        match self {
            Pointed::Given(value) => value.print(writer),
            Pointed::Actor { actor } => writer.entries(&mut [("actor", actor as &dyn Print)].into_iter()),
            Pointed::Scope { scope } => writer.entries(&mut [("scope", scope as &dyn Print)].into_iter()),
        }
    }
}

impl<T: Word> Word for Pointed<T> {
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<Pointed<T>> {
        let Tree::Table(fields) = value else { return T::read(value, path, problems).map(Pointed::Given) };
        match fields.iter().next() {
            Some((name, fact)) if fields.len() == 1 && name == "actor" => {
                String::read(fact, &join(path, "actor"), problems).map(|actor| Pointed::Actor { actor })
            }
            Some((name, fact)) if fields.len() == 1 && name == "scope" => {
                String::read(fact, &join(path, "scope"), problems).map(|scope| Pointed::Scope { scope })
            }
            _ => {
                problems.wrong_type(path, value, "a value, `{ actor = \"attribute\" }` or `{ scope = \"attribute\" }`");
                None
            }
        }
    }
}

impl Word for Fact {
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<Fact> {
        let fact = fact(value);
        match fact.as_ref().map(Fact::beyond) {
            None => problems.wrong_type(path, value, super::fact::FACT),
            Some(Some((bound, met))) => problems.out_of_bounds(path, bound, met),
            Some(None) => {}
        }
        fact
    }
}

fn fact(value: &Tree) -> Option<Fact> {
    match value {
        Tree::Bool(value) => Some(Fact::Bool(*value)),
        Tree::Number(number) => match number {
            Number::Unsigned(number) => i64::try_from(*number).ok().map(Fact::Integer),
            Number::Negative(number) => Some(Fact::Integer(*number)),
            Number::Other(_) => None,
        },
        Tree::Text(text) => Some(Fact::Text(text.clone())),
        Tree::List(items) => {
            items.iter().map(|item| fact(item).filter(|fact| matches!(fact, Fact::Integer(_) | Fact::Text(_)))).collect::<Option<_>>().map(Fact::List)
        }
        Tree::Null | Tree::Table(_) => None,
    }
}

/// Declares a table of the policy: its fields with their types, each optional, and how it is read.
macro_rules! table {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
        pub struct $name {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)*
        }

        impl $name {
            const TABLE: crate::document::shape::Table = crate::document::shape::Table {
                what: "",
                fields: &[$(crate::document::shape::Field { name: stringify!($field), stands: crate::document::shape::Stands::UnlessBlank },)*],
                sorted: &crate::document::shape::sorted([$(stringify!($field)),*]),
            };
        }

        impl crate::document::print::Print for $name {
            fn print(&self, writer: &mut crate::document::print::Writer) {
                writer.table(&Self::TABLE, &[$(&self.$field),*]);
            }
        }

        impl crate::document::words::Word for $name {
            fn read(value: &crate::document::Tree, path: &str, problems: &mut crate::document::words::Problems) -> Option<Self> {
                let mut table = $name::default();
                crate::document::words::fill(&Self::TABLE, &mut [$(&mut table.$field),*], value, path, problems).then_some(table)
            }
        }
    };
}

pub(crate) use table;

/// The number of the word that stands there.
pub(crate) fn choice(value: &Tree, path: &str, problems: &mut Problems, known: &[&str]) -> Option<usize> {
    let word = String::read(value, path, problems)?;
    let number = known.iter().position(|other| *other == word);
    if number.is_none() {
        problems.unknown(path, &word, &format!("one of `{}`", known.join("`, `")), known.iter().copied());
    }
    number
}

/// Several words of a closed choice; a text stands for a list of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T: Print> Print for OneOrMany<T> {
    fn print(&self, writer: &mut Writer) {
        self.0.print(writer);
    }
}

impl<T: Word> Word for OneOrMany<T> {
    fn read(value: &Tree, path: &str, problems: &mut Problems) -> Option<OneOrMany<T>> {
        match value {
            Tree::List(list) => Some(OneOrMany(items(list, path, problems))),
            one => T::read(one, path, problems).map(|one| OneOrMany(vec![one])),
        }
    }
}

/// A field of a table that is read.
pub(crate) trait Place {
    /// Becomes what stands there, or stays empty where that is refused.
    fn fill(&mut self, value: &Tree, path: &str, problems: &mut Problems);
}

impl<T: Word> Place for Option<T> {
    fn fill(&mut self, value: &Tree, path: &str, problems: &mut Problems) {
        *self = T::read(value, path, problems);
    }
}

/// Reads a table into its fields, if it is one.
pub(crate) fn fill(table: &Table, places: &mut [&mut dyn Place], value: &Tree, path: &str, problems: &mut Problems) -> bool {
    let Tree::Table(fields) = value else {
        problems.wrong_type(path, value, "a table");
        return false;
    };
    let known: Vec<&str> = table.fields.iter().map(|field| field.name).collect();
    for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
        unknown_field(problems, path, name, &known);
    }
    for (name, place) in known.into_iter().zip(places) {
        if let Some(value) = fields.get(name) {
            place.fill(value, &join(path, name), problems);
        }
    }
    true
}

/// Notes a field that a table does not have.
fn unknown_field(problems: &mut Problems, path: &str, name: &str, known: &[&str]) {
    let message = format!("`{name}` is no field of this table, which has `{}`", known.join("`, `"));
    problems.unknown_as("unknown_field", &join(path, name), name, message, known.iter().copied());
}

#[cfg(feature = "schema")]
mod schema {
    use super::{Names, OneOrMany};
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    impl JsonSchema for Names {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            "Names".into()
        }
        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "A list of names; a text stands for a list of one.",
                "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }]
            })
        }
    }

    impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            format!("OneOrMany_{}", T::schema_name()).into()
        }
        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let one = generator.subschema_for::<T>();
            json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
    }
}
