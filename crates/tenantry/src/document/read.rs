//! Reading and printing documents.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{AuditRecord, Decision, Request, Snapshot, VERSION};
use crate::bounds::{self, Bound};
use crate::error::{Error, Kind};
use crate::name::nearest;

/// Reads a JSON document, or says what is wrong with it and where.
pub(crate) fn from_json<T: DeserializeOwned>(text: &[u8], document: &'static str, bound: Bound) -> Result<T, Error> {
    bound.check(text.len(), "")?;
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value =
        serde_path_to_error::deserialize(&mut reader).map_err(|error| bad_document(document, &error.path().to_string(), &error.into_inner().to_string()))?;
    reader.end().map_err(|error| bad_document(document, "", &error.to_string()))?;
    Ok(value)
}

/// Reads a document that says its version, so that one of another version is told as such.
pub(crate) fn from_versioned_json<T: DeserializeOwned>(text: &[u8], document: &'static str, bound: Bound) -> Result<T, Error> {
    #[derive(Deserialize)]
    struct Versioned {
        tenantry: u32,
    }
    from_json(text, document, bound).map_err(|error| match (error.kind(), serde_json::from_slice::<Versioned>(text)) {
        (Kind::BadDocument { .. }, Ok(Versioned { tenantry })) if tenantry != VERSION => Kind::UnsupportedVersion { document, met: tenantry }.into(),
        _ => error,
    })
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

/// A tree of values in which no table names a field twice.
pub(crate) struct Strict(pub Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strict, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;
    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }
    fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strict, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Strict(Value::Array(items)))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
        let mut fields = serde_json::Map::new();
        while let Some((name, Strict(value))) = map.next_entry::<String, Strict>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format_args!("`{name}` is given twice")));
            }
            fields.insert(name, value);
        }
        Ok(Strict(Value::Object(fields)))
    }
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
    let hash = Sha256::digest(canonical_json(document).as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
