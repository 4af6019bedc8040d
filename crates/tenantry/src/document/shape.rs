//! The shape of a document: what its tables are called and which fields they have. Types declare it once, with the macros
//! of this file; reading and printing follow.
//!
//! A document is read in one pass, and the first thing that is wrong with it is told, with its path. (A policy tells all that
//! is wrong with it: `words.rs`.)

use std::collections::BTreeMap;

use super::VERSION;
use super::json::{Done, Fault, Reader};
use super::print::Print;

/// What can be read from a document.
pub trait Shape: Print {
    /// What is meant where nothing stands.
    fn blank() -> Self
    where
        Self: Sized;

    /// Becomes what stands there.
    ///
    /// # Errors
    /// What stands there is not of this shape.
    fn read(&mut self, reader: &mut Reader) -> Done;
}

/// Reads a value.
pub(crate) fn read<T: Shape>(reader: &mut Reader) -> Done<T> {
    let mut value = T::blank();
    value.read(reader).map(|()| value)
}

/// A table.
pub struct Table {
    /// What it is called where something else stands in its place.
    pub(crate) what: &'static str,
    pub(crate) fields: &'static [Field],
    /// The places of the fields in code-point order of their names.
    pub(crate) sorted: &'static [u8],
}

/// A field of a table.
pub struct Field {
    pub(crate) name: &'static str,
    pub(crate) stands: Stands,
}

/// When a field stands in its table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Always.
    Always,
    /// Unless it is blank.
    UnlessBlank,
    /// Unless it is `true`.
    UnlessTrue,
    /// Always, and it says the version of the document.
    AsVersion,
    /// Always, and it says which of several tables this is.
    AsTag,
}

impl Field {
    pub(crate) fn is_left_out(&self, value: &dyn Print) -> bool {
        match self.stands {
            Stands::UnlessBlank => value.is_blank(),
            Stands::UnlessTrue => !value.is_blank(),
            Stands::Always | Stands::AsVersion | Stands::AsTag => false,
        }
    }

    fn is_needed(&self) -> bool {
        matches!(self.stands, Stands::Always | Stands::AsVersion)
    }
}

/// The places of names in code-point order.
pub(crate) const fn sorted<const N: usize>(names: [&str; N]) -> [u8; N] {
    let mut places = [0; N];
    let mut count = 0;
    while count < N {
        let mut place = count;
        while place > 0 && is_before(names[count].as_bytes(), names[places[place - 1] as usize].as_bytes()) {
            places[place] = places[place - 1];
            place -= 1;
        }
        places[place] = count as u8;
        count += 1;
    }
    places
}

const fn is_before(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return a[at] < b[at];
        }
        at += 1;
    }
    a.len() < b.len()
}

/// `one of "a", "b"`: what a name that is unknown should have been.
fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        several => format!("one of {}", several.join(", ")),
    }
}

impl Table {
    pub(crate) fn is_blank(&self, fields: &[&dyn Print]) -> bool {
        self.fields.iter().zip(fields).all(|(field, value)| field.is_left_out(*value))
    }

    fn unknown_field(&self, name: &str) -> Box<Fault> {
        let known = self.fields.iter().filter(|field| field.stands != Stands::AsTag).map(|field| field.name);
        Fault::new(match known.clone().count() {
            0 => format!("unknown field `{name}`, there are no fields"),
            _ => format!("unknown field `{name}`, expected {}", one_of(known)),
        })
    }
}

impl Reader<'_> {
    /// Reads a table into places for its fields.
    pub(crate) fn table(&mut self, table: &Table, places: &mut [&mut dyn Shape]) -> Done {
        let mut seen = 0u64;
        self.entries(table.what, &mut |reader, name| {
            let Some(place) = table.fields.iter().position(|field| field.name == name) else {
                return Err(table.unknown_field(&name).under(&name));
            };
            if seen >> place & 1 == 1 {
                return Err(Fault::new(format!("duplicate field `{name}`")));
            }
            seen |= 1 << place;
            reader.colon()?;
            let read = match table.fields[place].stands {
                Stands::AsVersion => reader.this_version(),
                Stands::AsTag => reader.skip(),
                _ => places[place].read(reader),
            };
            read.map_err(|fault| fault.under(&name))
        })?;
        let missing = table.fields.iter().enumerate().find(|(place, field)| field.is_needed() && seen >> place & 1 == 0);
        missing.map_or(Ok(()), |(_, field)| Err(self.behind(format!("missing field `{}`", field.name))))
    }

    fn this_version(&mut self) -> Done {
        let version = self.whole(u32::MAX.into(), "u32")?;
        if version == u64::from(VERSION) { Ok(()) } else { Err(Fault::new(format!("version {version}; this engine reads version {VERSION}"))) }
    }

    /// Reads a word of a closed choice: its number.
    pub(crate) fn choice(&mut self, words: &[&str]) -> Done<usize> {
        let mut number = 0;
        self.variant(words, &mut |reader, met| {
            number = met;
            let Some(reader) = reader else { return Ok(()) };
            if reader.some()? { Err(reader.unexpected("unit")) } else { Ok(()) }
        })?;
        Ok(number)
    }

    /// Reads a word of a closed choice, alone or as the only key of a table, with a value: `read` reads the value of a word's
    /// number, if there is one.
    pub(crate) fn variant(&mut self, words: &[&str], read: &mut dyn FnMut(Option<&mut Reader>, usize) -> Done) -> Done {
        let number = |reader: &Reader, met: &str| {
            let place = words.iter().position(|word| *word == met);
            place.ok_or_else(|| reader.behind(format!("unknown variant `{met}`, expected {}", one_of(words.iter().copied()))))
        };
        match self.value()? {
            b'"' => {
                let met = self.text()?;
                read(None, number(self, &met)?).map_err(|fault| fault.under(&met))
            }
            b'{' => self.only(&mut |reader, key| {
                let number = number(reader, key)?;
                reader.colon()?;
                read(Some(reader), number).map_err(|fault| fault.under(key))
            }),
            _ if self.again => Err(self.unexpected("string or map")),
            _ => Err(self.ahead("expected value")),
        }
    }

    /// Reads one of several tables, which is told by the word in its field `tag`: `read` reads the table of a word's number.
    pub(crate) fn tagged(&mut self, what: &str, tag: &str, words: &[&str], read: &mut dyn FnMut(&mut Reader, usize) -> Done) -> Done {
        let start = self.clone();
        let mut met = None;
        self.entries(what, &mut |reader, name| {
            if name == tag && met.is_some() {
                return Err(Fault::new(format!("duplicate field `{tag}`")));
            }
            reader.colon()?;
            let value = if name == tag { reader.tag(words).map(|word| met = Some(word)) } else { reader.skip() };
            value.map_err(|fault| fault.under(&name))
        })?;
        let word = met.ok_or_else(|| self.behind(format!("missing field `{tag}`")))?;
        self.once_more(&start, |reader| read(reader, word))
    }

    fn tag(&mut self, words: &[&str]) -> Done<usize> {
        if self.value()? == b'"' { self.choice(words) } else { Err(self.unexpected("variant identifier")) }
    }
}

impl Shape for String {
    fn blank() -> String {
        String::new()
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        *self = reader.string("a string")?.into_owned();
        Ok(())
    }
}

impl Shape for bool {
    fn blank() -> bool {
        false
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        *self = reader.boolean("a boolean")?;
        Ok(())
    }
}

impl Shape for u32 {
    fn blank() -> u32 {
        0
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        *self = reader.whole(u32::MAX.into(), "u32")? as u32;
        Ok(())
    }
}

impl Shape for u64 {
    fn blank() -> u64 {
        0
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        *self = reader.whole(u64::MAX, "u64")?;
        Ok(())
    }
}

impl<T: Shape> Shape for Option<T> {
    fn blank() -> Option<T> {
        None
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        *self = if reader.some()? { Some(read(reader)?) } else { None };
        Ok(())
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn blank() -> Vec<T> {
        Vec::new()
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        reader.list("a sequence", &mut |reader| {
            self.push(read(reader)?);
            Ok(())
        })
    }
}

/// No key stands twice.
impl<T: Shape> Shape for BTreeMap<String, T> {
    fn blank() -> BTreeMap<String, T> {
        BTreeMap::new()
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        reader.entries("a table", &mut |reader, name| {
            reader.colon()?;
            let value = read(reader).map_err(|fault| fault.under(&name))?;
            match self.insert(name.clone().into_owned(), value) {
                None => Ok(()),
                Some(_) => Err(Fault::new(format!("`{name}` is given twice"))),
            }
        })
    }
}

/// Declares a table that is printed. Whether a field always stands is said to serde, in its words.
macro_rules! printed {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[doc = $doc:literal])* $(#[serde($($how:tt)*)])? $of:vis $field:ident: $type:ty,)*
    }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[doc = $doc])* $(#[serde($($how)*)])? $of $field: $type,)* }

        impl $name {
            const TABLE: crate::document::shape::Table = crate::document::shape::Table {
                what: concat!("struct ", stringify!($name)),
                fields: &[$(crate::document::shape::Field { name: stringify!($field), stands: crate::document::shape::stands!($($($how)*)?) },)*],
                sorted: &crate::document::shape::sorted([$(stringify!($field)),*]),
            };

            #[inline(never)]
            fn fields(&self) -> [&dyn crate::document::print::Print; Self::TABLE.fields.len()] {
                [$(&self.$field),*]
            }
        }

        impl crate::document::print::Print for $name {
            fn print(&self, writer: &mut crate::document::print::Writer) {
                writer.table(&Self::TABLE, &self.fields());
            }
            fn is_blank(&self) -> bool {
                Self::TABLE.is_blank(&self.fields())
            }
        }
    };
}

/// Declares a table that is printed and read.
macro_rules! record {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[doc = $doc:literal])* $(#[serde($($how:tt)*)])? $of:vis $field:ident: $type:ty,)*
    }) => {
        crate::document::shape::printed! {
            $(#[$meta])*
            $vis struct $name { $($(#[doc = $doc])* $(#[serde($($how)*)])? $of $field: $type,)* }
        }

        impl $name {
            fn places(&mut self) -> [&mut dyn crate::document::shape::Shape; Self::TABLE.fields.len()] {
                [$(&mut self.$field),*]
            }
        }

        impl crate::document::shape::Shape for $name {
            fn blank() -> $name {
                $name { $($field: crate::document::shape::blank!($($($how)*)?),)* }
            }
            fn read(&mut self, reader: &mut crate::document::json::Reader) -> crate::document::json::Done {
                reader.table(&Self::TABLE, &mut self.places())
            }
        }
    };
}

/// When a field stands, from what serde is told about it.
macro_rules! stands {
    () => {
        crate::document::shape::Stands::Always
    };
    (deserialize_with = "super::read::this_version") => {
        crate::document::shape::Stands::AsVersion
    };
    (default = "yes" $($rest:tt)*) => {
        crate::document::shape::Stands::UnlessTrue
    };
    ($($rest:tt)*) => {
        crate::document::shape::Stands::UnlessBlank
    };
}

/// What a field is where it does not stand.
macro_rules! blank {
    (deserialize_with = "super::read::this_version") => {
        crate::document::VERSION
    };
    (default = "yes" $($rest:tt)*) => {
        true
    };
    ($($rest:tt)*) => {
        crate::document::shape::Shape::blank()
    };
}

/// Declares a closed choice of words; the first is the blank one.
macro_rules! choice {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            const ALL: &'static [$name] = &[$($name::$variant,)*];
            const WORDS: &'static [&'static str] = &[$($word,)*];
        }

        impl crate::document::print::Print for $name {
            fn print(&self, writer: &mut crate::document::print::Writer) {
                writer.quoted(Self::WORDS[*self as usize]);
            }
            fn is_blank(&self) -> bool {
                *self as usize == 0
            }
        }

        impl crate::document::shape::Shape for $name {
            fn blank() -> $name {
                Self::ALL[0]
            }
            fn read(&mut self, reader: &mut crate::document::json::Reader) -> crate::document::json::Done {
                *self = Self::ALL[reader.choice(Self::WORDS)?];
                Ok(())
            }
        }

        impl crate::document::words::Word for $name {
            fn read(value: &crate::document::Tree, path: &str, problems: &mut crate::document::words::Problems) -> Option<Self> {
                crate::document::words::choice(value, path, problems, Self::WORDS).map(|number| Self::ALL[number])
            }
        }
    };
}

/// Declares tables that are told apart by the word in a field.
macro_rules! tagged {
    ($(#[$meta:meta])* pub enum $name:ident by $tag:literal { $(
        $(#[doc = $doc:literal])* $(#[serde($($as:tt)*)])? $variant:ident = $word:literal $({
            $($(#[doc = $of:literal])* $(#[serde($($how:tt)*)])? $field:ident: $type:ty,)*
        })?,
    )* }) => {
        $(#[$meta])*
        #[serde(tag = $tag, deny_unknown_fields)]
        pub enum $name { $(
            $(#[doc = $doc])* $(#[serde($($as)*)])? #[serde(rename = $word)] $variant $({
                $($(#[doc = $of])* $(#[serde($($how)*)])? $field: $type,)*
            })?,
        )* }

        impl $name {
            const WORDS: &'static [&'static str] = &[$($word,)*];
            const BLANKS: &'static [fn() -> $name] = &[$(|| $name::$variant $({ $($field: crate::document::shape::blank!($($($how)*)?),)* })?,)*];

            fn table(&self) -> &'static crate::document::shape::Table {
                match self {
                    $($name::$variant { .. } => const { &crate::document::shape::Table {
                        what: "",
                        fields: &[
                            crate::document::shape::Field { name: $tag, stands: crate::document::shape::Stands::AsTag },
                            $($(crate::document::shape::Field { name: stringify!($field), stands: crate::document::shape::stands!($($($how)*)?) },)*)?
                        ],
                        sorted: &crate::document::shape::sorted([$tag, $($(stringify!($field)),*)?]),
                    } },)*
                }
            }
        }

        impl crate::document::print::Print for $name {
            fn print(&self, writer: &mut crate::document::print::Writer) {
                match self {
                    $($name::$variant $({ $($field),* })? => writer.table(self.table(), &[&$word, $($($field),*)?]),)*
                }
            }
        }

        impl crate::document::shape::Shape for $name {
            fn blank() -> $name {
                Self::BLANKS[0]()
            }
            fn read(&mut self, reader: &mut crate::document::json::Reader) -> crate::document::json::Done {
                reader.tagged(concat!("internally tagged enum ", stringify!($name)), $tag, Self::WORDS, &mut |reader, number| {
                    *self = Self::BLANKS[number]();
                    let table = self.table();
                    // The tag has been read.
                    match self {
                        $($name::$variant $({ $($field),* })? => reader.table(table, &mut [&mut false, $($($field),*)?]),)*
                    }
                })
            }
        }
    };
}

pub(crate) use {blank, choice, printed, record, stands, tagged};
