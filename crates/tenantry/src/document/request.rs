//! The request: who asks, which verb, about whom or what.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::fact::Facts;
use super::json::{Done, Fault, Reader};
use super::print::{Print, Writer};
use super::roles::{RoleAt, RoleEdit};
use super::shape::{Shape, choice, read, record};
use super::snapshot::{OpenRow, UserKind, is_default};
use super::time::Time;

/// A question: may this actor do this now, and what becomes true if so?
///
/// In JSON it is one flat object: the fields of the request, then those of its [`Ask`] (or `batch` and `items`).
///
/// ```
/// use tenantry::document::Request;
/// let request: Request = serde_json::from_str(r#"{
///     "tenantry": 1, "id": "r1", "now": "2026-11-22T10:00:00Z", "actor": { "user": "ann" },
///     "action": "member.remove", "target": "bob"
/// }"#).unwrap();
/// assert_eq!(request.body.asks()[0].target.as_deref(), Some("bob"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Request {
    /// Unique id of the request: ids that the engine mints derive from it. Required when the action changes something.
    pub id: Option<String>,
    /// The time of the request; the engine has no clock.
    pub now: Time,
    /// Who asks.
    pub actor: Actor,
    /// Values that the host vouches for (`[attributes] context`), such as `mfa = true`.
    pub context: Facts,
    /// What is asked.
    pub body: Body,
}

/// What a request asks: one thing, or several in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// One verb.
    One(Box<Ask>),
    /// Several verbs by one actor.
    Batch(Batch, Vec<Ask>),
}

impl Body {
    /// What stands in a request: one verb, or several.
    fn of(version: u32, ask: Box<Ask>, batch: Option<Batch>, items: Vec<Ask>) -> Result<Body, &'static str> {
        if version != super::VERSION {
            return Err("`tenantry` is not 1, the version of documents that this engine reads");
        }
        match batch {
            Some(_) if !ask.is_blank() => Err("a batch has its verbs in `items` and none beside it"),
            Some(_) if items.is_empty() => Err("a batch without `items`"),
            Some(batch) => Ok(Body::Batch(batch, items)),
            None if !items.is_empty() => Err("`items` without `batch`"),
            None if ask.action.is_empty() => Err("missing field `action`"),
            None => Ok(Body::One(ask)),
        }
    }

    /// The verbs asked, in order.
    #[must_use]
    pub fn asks(&self) -> &[Ask] {
        match self {
            Body::One(ask) => std::slice::from_ref(ask),
            Body::Batch(_, asks) => asks,
        }
    }
}

choice! {
    /// How the items of a batch stand together.
    pub enum Batch {
        /// All or nothing; keeps are judged once, at the end.
        Atomic = "atomic",
        /// Each for itself, in order, on the state that the ones before it leave.
        Each = "each",
    }
}

// The fields of a verb stand in two shapes: alone in `Ask` (the items of a batch) and beside the header in `Wire`.
macro_rules! with_ask {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($head:tt)* }) => {
        record! {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        $vis struct $name {
            $($head)*
            /// The verb: `member.remove`, or one that the policy declares.
            #[serde(default, skip_serializing_if = "String::is_empty")]
            pub action: String,
            /// The scope asked about; the organization if absent.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub scope: Option<String>,
            /// The user it is about.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub target: Option<String>,
            /// The invitation it is about.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub invitation: Option<String>,
            /// The group it is about.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub group: Option<String>,
            /// The custom role it is about; for `ownership.transfer`, the role that changes hands.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub role: Option<String>,
            /// The roles to hold or to offer at `scope`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub roles: Option<Vec<RoleAt>>,
            /// Roles to add at `scope`, beside those held.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub add: Option<Vec<RoleAt>>,
            /// Roles to take away at `scope`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub remove: Option<Vec<String>>,
            /// The same for several scopes at once, instead of `scope` with `roles`, `add` and `remove`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub scopes: Option<Vec<RoleEdit>>,
            /// What the giver of an `ownership.transfer` keeps.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub keep: Option<Vec<String>>,
            /// How far an ending reaches; the policy's default if absent.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub reach: Option<Reach>,
            /// One e-mail address.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub email: Option<String>,
            /// Several addresses: a list, or one text with commas or line ends between them.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub emails: Option<Emails>,
            /// Offers an open link instead of an invitation to an address.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub open: Option<OpenLink>,
            /// Hash of the link's token, made by the host.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub token_hash: Option<String>,
            /// When an invitation expires; `[invitations] expires_after` if absent.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub expires_at: Option<Time>,
            /// Account data of a user who is new to the organization.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub user: Option<UserInput>,
            /// Profile fields to set (`name`, and those of `[attributes] profile`).
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub profile: Option<Facts>,
            /// A name for people: of an invited person, a scope, a group, a custom role, an organization.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub name: Option<String>,
            /// The kind of a new scope.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub kind: Option<String>,
            /// The id that the host gives to what is created; the engine mints one if absent.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub new_id: Option<String>,
            /// Where a scope moves to.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub parent: Option<String>,
            /// Attributes of a scope to set.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub attributes: Option<Facts>,
            /// Permissions of a custom role.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub permissions: Option<Vec<String>>,
            /// What becomes of the holders of a custom role that is deleted.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub holders: Option<Holders>,
            /// Attributes of the host's resource that the app action is about.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub resource: Option<Facts>,
            /// The person has confirmed an action that asks for it.
            #[serde(default, skip_serializing_if = "is_default")]
            pub confirmed: bool,
        }
        }
    };
}

with_ask! {
    /// One verb and what it is about. Each action takes some of these fields and needs some: see
    /// [`actions`](crate::policy::actions).
    pub struct Ask {}
}

with_ask! {
    /// A request as it stands in JSON.
    pub(crate) struct Wire {
        /// Version of the document shape: 1.
        pub tenantry: u32,
        /// Unique id of the request. Required when the action changes something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: Option<String>,
        /// The time of the request; the engine has no clock.
        pub now: Time,
        /// Who asks.
        pub actor: Actor,
        /// Values that the host vouches for (`[attributes] context`), such as `mfa = true`.
        #[serde(default, skip_serializing_if = "Facts::is_empty")]
        pub context: Facts,
        /// Several verbs in one request, in `items`, instead of `action`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub batch: Option<Batch>,
        /// The verbs of a batch.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub items: Vec<Ask>,
    }
}

/// Moves the fields of a verb from one of the two shapes into the other.
macro_rules! move_ask {
    ($from:expr => $to:ident { $($head:ident : $value:expr),* $(,)? }) => {{
        let from = $from;
        $to {
            $($head: $value,)*
            action: from.action, scope: from.scope, target: from.target, invitation: from.invitation, group: from.group,
            role: from.role, roles: from.roles, add: from.add, remove: from.remove, scopes: from.scopes, keep: from.keep,
            reach: from.reach, email: from.email, emails: from.emails, open: from.open, token_hash: from.token_hash,
            expires_at: from.expires_at, user: from.user, profile: from.profile, name: from.name, kind: from.kind,
            new_id: from.new_id, parent: from.parent, attributes: from.attributes, permissions: from.permissions,
            holders: from.holders, resource: from.resource, confirmed: from.confirmed,
        }
    }};
}

impl TryFrom<Wire> for Request {
    type Error = &'static str;
    fn try_from(mut wire: Wire) -> Result<Request, &'static str> {
        let (version, id, now, context) = (wire.tenantry, wire.id.take(), wire.now, std::mem::take(&mut wire.context));
        let (actor, batch, items) = (std::mem::take(&mut wire.actor), wire.batch, std::mem::take(&mut wire.items));
        let ask = move_ask!(wire => Ask {});
        Body::of(version, Box::new(ask), batch, items).map(|body| Request { id, now, actor, context, body })
    }
}

impl From<Request> for Wire {
    fn from(request: Request) -> Wire {
        let Request { id, now, actor, context, body } = request;
        let (ask, batch, items) = match body {
            Body::One(ask) => (*ask, None, Vec::new()),
            Body::Batch(batch, items) => (Ask::default(), Some(batch), items),
        };
        move_ask!(ask => Wire { tenantry: super::VERSION, id: id, now: now, actor: actor, context: context, batch: batch, items: items })
    }
}

impl Print for Request {
    fn print(&self, writer: &mut Writer) {
        let (none, no_items) = (Ask::default(), Vec::new());
        let (ask, batch, items) = match &self.body {
            Body::One(ask) => (&**ask, None, &no_items),
            Body::Batch(batch, items) => (&none, Some(*batch), items),
        };
        let head: [&dyn Print; 7] = [&super::VERSION, &self.id, &self.now, &self.actor, &self.context, &batch, items];
        writer.table(&Wire::TABLE, &[&head[..], &ask.fields()].concat());
    }
}

impl Shape for Request {
    fn blank() -> Request {
        Request { id: None, now: Time(0), actor: Actor::default(), context: Facts::default(), body: Body::Batch(Batch::Each, Vec::new()) }
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        let Request { id, now, actor, context, .. } = self;
        let (mut version, mut batch, mut items, mut ask) = (0, None, Vec::new(), Box::<Ask>::default());
        let head: [&mut dyn Shape; 7] = [&mut version, id, now, actor, context, &mut batch, &mut items];
        reader.table(&Wire::TABLE, &mut head.into_iter().chain(ask.places()).collect::<Vec<_>>())?;
        self.body = Body::of(version, ask, batch, items).map_err(Fault::new)?;
        Ok(())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Request {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Request".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Wire::json_schema(generator)
    }
}

choice! {
    /// How far an ending reaches.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Reach {
        /// The scope of the request alone.
        Scope = "scope",
        /// That scope and everything below it.
        Subtree = "subtree",
        /// The whole organization: the account goes.
        Organization = "organization",
    }
}

/// Addresses: a list, or one text with commas or line ends between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Emails {
    /// `"a@x.org, b@x.org"`.
    Text(String),
    /// `["a@x.org", "b@x.org"]`.
    List(Vec<String>),
}

impl Print for Emails {
    fn print(&self, writer: &mut Writer) {
        match self {
            Emails::Text(text) => text.print(writer),
            Emails::List(list) => list.print(writer),
        }
    }
}

impl Shape for Emails {
    fn blank() -> Emails {
        Emails::List(Vec::new())
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        let start = reader.clone();
        let first = reader.value()?;
        reader.skip()?;
        let read = reader.once_more(&start, |reader| match first {
            b'"' => read(reader).map(|text| *self = Emails::Text(text)),
            _ => read(reader).map(|list| *self = Emails::List(list)),
        });
        read.map_err(|_| Fault::new("data did not match any variant of untagged enum Emails"))
    }
}

impl Emails {
    /// The entries, trimmed; empty ones are dropped.
    #[must_use]
    pub fn entries(&self) -> Vec<&str> {
        match self {
            Emails::Text(text) => crate::email::split_list(text).collect(),
            Emails::List(list) => list.iter().map(|entry| entry.trim()).filter(|entry| !entry.is_empty()).collect(),
        }
    }
}

/// An open link that is asked for.
pub type OpenLink = OpenRow;

choice! {
    /// What becomes of the holders of a custom role that is deleted.
    pub enum Holders {
        /// A role that somebody holds, or is offered, is not deleted (`role_in_use`).
        Refuse = "refuse",
        /// They lose it.
        Revoke = "revoke",
    }
}

record! {
    /// Account data of a user who is new to the organization.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct UserInput {
        /// The host's id of the account; the engine mints one if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: Option<String>,
        /// E-mail address. When an invitation is accepted, it is the invitee's and not given here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
        /// Whether the address is known to be the user's.
        #[serde(default, skip_serializing_if = "is_default")]
        pub verified: bool,
        /// Name for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// What sort of account it is.
        #[serde(default, skip_serializing_if = "is_default")]
        pub kind: UserKind,
        /// The user that owns a service.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub owner: Option<String>,
        /// Host values that rules may read.
        #[serde(default, skip_serializing_if = "Facts::is_empty")]
        pub attributes: Facts,
    }
}
