//! Attribute values that the host supplies: of users, scopes, resources and the context.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::bounds;

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
        f.write_str(if self.nested { "a text or a whole number" } else { "a boolean, a whole number, a text or a list of texts" })
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
        if value.len() > bounds::TEXT_BYTES.max {
            return Err(E::custom(format_args!("more than {} {}", bounds::TEXT_BYTES.max, bounds::TEXT_BYTES.what)));
        }
        Ok(Fact::Text(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Fact, A::Error> {
        if self.nested {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        let mut items = Vec::new();
        while let Some(NestedFact(item)) = seq.next_element()? {
            if items.len() == bounds::FACT_VALUES.max {
                return Err(A::Error::custom(format_args!("more than {} {}", bounds::FACT_VALUES.max, bounds::FACT_VALUES.what)));
            }
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
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FactsVisitor;
        impl<'de> Visitor<'de> for FactsVisitor {
            type Value = Facts;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("attributes by name")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Facts, A::Error> {
                let mut facts = BTreeMap::new();
                while let Some((name, fact)) = map.next_entry::<String, Fact>()? {
                    if facts.len() == bounds::FACTS.max {
                        return Err(A::Error::custom(format_args!("more than {} {}", bounds::FACTS.max, bounds::FACTS.what)));
                    }
                    if facts.insert(name.clone(), fact).is_some() {
                        return Err(A::Error::custom(format_args!("`{name}` is given twice")));
                    }
                }
                Ok(Facts(facts))
            }
        }
        deserializer.deserialize_map(FactsVisitor)
    }
}
