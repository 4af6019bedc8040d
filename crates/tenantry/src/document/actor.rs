//! Who asks.

use serde::{Deserialize, Serialize};

use super::json::{Done, Fault, Reader};
use super::print::{Fields, Print, Writer};
use super::shape::{Field, Shape, Stands, Table, read};
use super::snapshot::is_default;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Actor {
    /// A user, by id.
    User(String),
    /// The owner of a signed-in e-mail address without an account in the organization. If the address belongs to a
    /// user of the organization, the actor is that user.
    Invitee {
        /// The address of the session.
        email: String,
        /// Whether the session has proved it.
        #[serde(default, skip_serializing_if = "is_default")]
        verified: bool,
    },
    /// A system actor that the policy declares. Only the host says so, never a user.
    System(String),
}

impl Print for Actor {
    fn print(&self, writer: &mut Writer) {
        let (word, value): (&str, &dyn Print) = match self {
            Actor::User(id) => ("user", id),
            Actor::Invitee { email, verified } => ("invitee", &Fields(&INVITEE, &[email, verified])),
            Actor::System(name) => ("system", name),
        };
        writer.entries(&mut [(word, value)].into_iter());
    }
}

impl Shape for Actor {
    fn blank() -> Actor {
        Actor::default()
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        reader.variant(&["user", "invitee", "system"], &mut |reader, number| {
            let sort = if number == 1 { "struct" } else { "newtype" };
            let reader = reader.ok_or_else(|| Fault::new(format!("invalid type: unit variant, expected {sort} variant")))?;
            *self = match number {
                0 => Actor::User(read(reader)?),
                1 => {
                    let (mut email, mut verified) = (String::new(), false);
                    reader.table(&INVITEE, &mut [&mut email, &mut verified])?;
                    Actor::Invitee { email, verified }
                }
                _ => Actor::System(read(reader)?),
            };
            Ok(())
        })
    }
}

/// The fields of an invitee.
const INVITEE: Table = Table {
    what: "struct variant Actor::Invitee",
    fields: &[Field { name: "email", stands: Stands::Always }, Field { name: "verified", stands: Stands::UnlessBlank }],
    sorted: &[0, 1],
};

impl Actor {
    /// Canonical address of an invitee's session, if it is one.
    pub(crate) fn session(&self) -> Option<String> {
        if let Actor::Invitee { email, .. } = self { crate::email::canonical(email) } else { None }
    }
}

impl Default for Actor {
    fn default() -> Actor {
        Actor::User(String::new())
    }
}
