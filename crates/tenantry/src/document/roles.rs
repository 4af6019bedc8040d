//! Roles as requests and offers name them: at a scope, with an expiry or a source where there is one.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::json::{Done, Reader};
use super::print::{Print, Writer};
use super::shape::{Shape, record};
use super::time::Time;

/// A role at a scope: its name alone, or with an expiry or a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleAt {
    /// A declared role of the scope's kind, by name, or a custom role, by id.
    pub role: String,
    /// From then on the grant gives nothing.
    pub expires_at: Option<Time>,
    /// Where the grant comes from, if not from people (`scim`).
    pub source: Option<String>,
}

record! {
    /// Roles offered at one scope.
    #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct ScopedRoles {
        /// The scope.
        pub scope: String,
        /// The roles.
        pub roles: Vec<RoleAt>,
    }
}

record! {
    /// A change of roles at one scope of a request.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct RoleEdit {
        /// The scope.
        pub scope: String,
        /// The roles to hold or to offer there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub roles: Option<Vec<RoleAt>>,
        /// Roles to add.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub add: Option<Vec<RoleAt>>,
        /// Roles to take away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub remove: Option<Vec<String>>,
    }
}

record! {
    /// The long form of [`RoleAt`] in JSON.
    #[derive(Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    struct LongRole {
        role: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Time>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for RoleAt {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RoleAt".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let long = LongRole::json_schema(generator);
        schemars::json_schema!({
            "description": "A role at a scope: its name alone, or with an expiry or a source.",
            "anyOf": [{ "type": "string" }, long]
        })
    }
}

impl From<&str> for RoleAt {
    fn from(role: &str) -> RoleAt {
        RoleAt { role: role.to_owned(), expires_at: None, source: None }
    }
}

impl Print for RoleAt {
    fn print(&self, writer: &mut Writer) {
        let RoleAt { role, expires_at, source } = self;
        match (expires_at, source) {
            (None, None) => role.print(writer),
            _ => writer.table(&LongRole::TABLE, &[role, expires_at, source]),
        }
    }
}

impl Shape for RoleAt {
    fn blank() -> RoleAt {
        RoleAt::default()
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        let RoleAt { role, expires_at, source } = self;
        match reader.value()? {
            b'"' => role.read(reader),
            b'{' => reader.table(&LongRole::TABLE, &mut [role, expires_at, source]),
            _ => Err(reader.unexpected_of_any("a role, or a role with `expires_at` or `source`")),
        }
    }
}

impl Serialize for RoleAt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.expires_at.is_none() && self.source.is_none() {
            return serializer.serialize_str(&self.role);
        }
        LongRole { role: self.role.clone(), expires_at: self.expires_at, source: self.source.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RoleAt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RoleVisitor;
        impl<'de> Visitor<'de> for RoleVisitor {
            type Value = RoleAt;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a role, or a role with `expires_at` or `source`")
            }
            fn visit_str<E: serde::de::Error>(self, role: &str) -> Result<RoleAt, E> {
                Ok(RoleAt::from(role))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RoleAt, A::Error> {
                let LongRole { role, expires_at, source } = LongRole::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RoleAt { role, expires_at, source })
            }
        }
        deserializer.deserialize_any(RoleVisitor)
    }
}
