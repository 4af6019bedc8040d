//! Attribute values that the host supplies: of users, scopes, resources and the context.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::json::{Done, Reader};
use super::print::{Print, Writer};
use super::shape::Shape;
use crate::bounds::{self, Bound};
use crate::error::Error;

/// One attribute value: a boolean, an integer, a text, or a list of integers and texts. There are no floats.
///
/// ```
/// use tenantry::document::Fact;
/// let fact: Fact = serde_json::from_str(r#"["berlin", "oslo"]"#).unwrap();
/// assert!(fact.meets(&Fact::Text("oslo".into())));
/// assert!(serde_json::from_str::<Fact>("1.5").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Fact {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text, compared by code points.
    Text(String),
    /// Several texts and numbers: equal to another value when one of them is.
    List(Vec<Fact>),
}

impl Fact {
    /// Whether the two values have something in common: equal scalars, or a shared element where one is a list.
    #[must_use]
    pub fn meets(&self, other: &Fact) -> bool {
        match (self, other) {
            (Fact::List(items), _) => items.iter().any(|item| item.meets(other)),
            (_, Fact::List(items)) => items.iter().any(|item| self == item),
            _ => self == other,
        }
    }

    /// The bound that the value exceeds, and what was met.
    pub(crate) fn beyond(&self) -> Option<(Bound, usize)> {
        let beyond = |met: usize, bound: Bound| (met > bound.max).then_some((bound, met));
        match self {
            Fact::Text(text) => beyond(text.len(), bounds::TEXT_BYTES),
            Fact::List(items) => beyond(items.len(), bounds::FACT_VALUES).or_else(|| items.iter().find_map(Fact::beyond)),
            Fact::Bool(_) | Fact::Integer(_) => None,
        }
    }
}

impl Print for Fact {
    fn print(&self, writer: &mut Writer) {
        match self {
            Fact::Bool(value) => value.print(writer),
            Fact::Integer(value) => value.print(writer),
            Fact::Text(value) => value.print(writer),
            Fact::List(items) => items.print(writer),
        }
    }
}

/// What a fact can be, and what it can be in a list.
pub(super) const FACT: &str = "a boolean, a whole number, a text or a list of texts";
const NESTED: &str = "a text or a whole number";

impl Shape for Fact {
    fn blank() -> Fact {
        Fact::Bool(false)
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        *self = match reader.value()? {
            b't' | b'f' => Fact::Bool(reader.boolean(FACT)?),
            b'[' => {
                let mut items = Vec::new();
                reader.list(FACT, &mut |reader| {
                    items.push(scalar(reader, NESTED)?);
                    Ok(())
                })?;
                Fact::List(items)
            }
            _ => scalar(reader, FACT)?,
        };
        Ok(())
    }
}

fn scalar(reader: &mut Reader, expected: &str) -> Done<Fact> {
    Ok(match reader.value()? {
        b'"' => Fact::Text(reader.text()?.into_owned()),
        b'-' | b'0'..=b'9' => Fact::Integer(reader.integer(expected)?),
        _ => return Err(reader.unexpected_of_any(expected)),
    })
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FactVisitor { nested: false })
    }
}

struct FactVisitor {
    nested: bool,
}

impl<'de> Visitor<'de> for FactVisitor {
    type Value = Fact;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(if self.nested { NESTED } else { FACT })
    }
    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Fact, E> {
        if self.nested { Err(E::invalid_type(serde::de::Unexpected::Bool(value), &self)) } else { Ok(Fact::Bool(value)) }
    }
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Fact, E> {
        Ok(Fact::Integer(value))
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Fact, E> {
        i64::try_from(value).map(Fact::Integer).map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(value), &self))
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Fact, E> {
        Ok(Fact::Text(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Fact, A::Error> {
        if self.nested {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        let mut items = Vec::new();
        while let Some(NestedFact(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Fact::List(items))
    }
}

struct NestedFact(Fact);

impl<'de> Deserialize<'de> for NestedFact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FactVisitor { nested: true }).map(NestedFact)
    }
}

/// Attributes by name, in code-point order. A name that is given twice is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Facts(pub BTreeMap<String, Fact>);

impl Print for Facts {
    fn print(&self, writer: &mut Writer) {
        self.0.print(writer);
    }
    fn is_blank(&self) -> bool {
        self.0.is_empty()
    }
}

impl Shape for Facts {
    fn blank() -> Facts {
        Facts::default()
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        self.0.read(reader)
    }
}

impl Facts {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The value of one attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.0.get(name)
    }

    /// Refuses too many of them, and values that are too large.
    pub(crate) fn check(&self, path: &str) -> Result<(), Error> {
        bounds::FACTS.check(self.0.len(), path)?;
        let beyond = self.0.iter().find_map(|(name, fact)| Some((name, fact.beyond()?)));
        beyond.map_or(Ok(()), |(name, (bound, met))| bound.check(met, &format!("{path}.{name}")))
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::read::distinct(deserializer).map(Facts)
    }
}
