//! Reading and printing documents.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::json::{Done, Reader};
use super::shape::{self, Shape};
use super::{AuditRecord, Decision, Request, Snapshot, VERSION};
use crate::bounds::{self, Bound};
use crate::error::{Error, Kind};
use crate::name::nearest;

/// Reads a JSON document, or says what is wrong with it and where.
pub(crate) fn from_json<T: Shape>(text: &[u8], document: &'static str, bound: Bound) -> Result<T, Error> {
    let mut value = T::blank();
    whole(text, document, bound, &mut |reader| value.read(reader)).map(|()| value)
}

/// Reads a document that says its version, so that one of another version is told as such.
pub(crate) fn from_versioned_json<T: Shape>(text: &[u8], document: &'static str, bound: Bound) -> Result<T, Error> {
    from_json(text, document, bound).map_err(|error| match (error.kind(), version(text)) {
        (Kind::BadDocument { .. }, Some(met)) if met != VERSION => Kind::UnsupportedVersion { document, met }.into(),
        _ => error,
    })
}

/// Reads all of a text.
pub(super) fn whole(text: &[u8], document: &'static str, bound: Bound, read: &mut dyn FnMut(&mut Reader) -> Done) -> Result<(), Error> {
    bound.check(text.len(), "")?;
    let mut reader = Reader::new(text);
    read(&mut reader).and_then(|()| reader.end()).map_err(|fault| {
        let (path, message) = fault.told(text);
        bad_document(document, &path, &message)
    })
}

/// The version that a text gives itself, if it is a document of some version.
fn version(text: &[u8]) -> Option<u32> {
    let (mut reader, mut versions) = (Reader::new(text), Vec::new());
    let read = reader.entries("", &mut |reader, name| {
        reader.colon()?;
        if name == "tenantry" { shape::read(reader).map(|version| versions.push(version)) } else { reader.skip() }
    });
    read.and_then(|()| reader.end()).ok()?;
    versions.pop().filter(|_| versions.is_empty())
}

macro_rules! readable {
    ($($document:ty, $name:literal, $bound:ident;)*) => {
        $(impl $document {
            /// Reads the document from JSON.
            ///
            /// # Errors
            /// `bad_document` with the path of what is wrong, `unsupported_version`, `out_of_bounds`.
            pub fn from_json(text: &str) -> Result<Self, Error> {
                Self::from_json_bytes(text.as_bytes())
            }

            /// The same, from bytes that need not be known to be UTF-8.
            ///
            /// # Errors
            /// As [`from_json`](Self::from_json).
            pub fn from_json_bytes(bytes: &[u8]) -> Result<Self, Error> {
                from_versioned_json(bytes, $name, bounds::$bound)
            }
        })*
    };
}

readable! {
    Snapshot, "snapshot", SNAPSHOT_BYTES;
    Request, "request", REQUEST_BYTES;
    Decision, "decision", DECISION_BYTES;
    AuditRecord, "event", DECISION_BYTES;
}

/// Reads a table in which no key stands twice.
pub(crate) fn distinct<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error> {
    struct Entries<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
        type Value = BTreeMap<String, T>;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a table")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = BTreeMap::new();
            while let Some((name, value)) = map.next_entry::<String, T>()? {
                if entries.contains_key(&name) {
                    return Err(A::Error::custom(format_args!("`{name}` is given twice")));
                }
                entries.insert(name, value);
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_map(Entries(PhantomData))
}

/// Reads what stands beside the tag of a word that says all: nothing.
pub(crate) fn nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    Nothing::deserialize(deserializer).map(|Nothing {}| ())
}

pub(crate) fn bad_document(document: &'static str, path: &str, message: &str) -> Error {
    let path = if path == "." { "" } else { path };
    Kind::BadDocument { document, path: path.to_owned(), nearest: nearest_in(message), message: message.to_owned() }.into()
}

/// The nearest of the names that serde lists: "unknown field `rols`, expected one of `role`, `roles`".
fn nearest_in(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let met = quoted.next().filter(|_| message.starts_with("unknown "))?;
    nearest(met, quoted)
}

/// Canonical JSON: no blanks, keys in code-point order, no floats, times in RFC 3339 UTC with milliseconds.
/// Two documents are equal exactly if their canonical JSON is.
///
/// ```
/// use tenantry::document::{Time, canonical_json};
/// assert_eq!(canonical_json(&Time(0)), r#""1970-01-01T00:00:00.000Z""#);
/// ```
#[must_use]
pub fn canonical_json<T: Serialize>(document: &T) -> String {
    // The documents have text keys and no floats, so the conversion cannot fail.
    let mut value = serde_json::to_value(document).unwrap_or_default();
    sort_keys(&mut value);
    value.to_string()
}

/// A table of `Value` keeps its keys sorted only as long as no crate of the host's build asks for their order to be kept.
fn sort_keys(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(sort_keys),
        Value::Object(fields) => {
            let mut sorted: Vec<(String, Value)> = std::mem::take(fields).into_iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            sorted.iter_mut().for_each(|(_, value)| sort_keys(value));
            fields.extend(sorted);
        }
        _ => {}
    }
}

/// The version of a document that carries it as a plain field: any other is refused.
pub(crate) fn this_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let version = u32::deserialize(deserializer)?;
    if version == VERSION { Ok(version) } else { Err(D::Error::custom(format_args!("version {version}; this engine reads version {VERSION}"))) }
}

/// SHA-256 of the canonical JSON, in hexadecimal.
#[must_use]
pub fn digest<T: Serialize>(document: &T) -> String {
    digest_of(&canonical_json(document))
}

/// SHA-256 of a text, in hexadecimal.
pub(crate) fn digest_of(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: u8| [byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)]));
    Sha256::digest(text.as_bytes()).iter().flat_map(|&byte| digits(byte)).collect()
}
