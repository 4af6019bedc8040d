//! The decision: what the engine answers to a request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::event::{AuditRecord, Event};
use super::read::{distinct, nothing};
use super::request::{Body, Request};
use super::shape::{choice, printed, record, tagged};
use super::time::Time;

choice! {
    /// Allowed or denied.
    #[derive(Default)]
    pub enum Effect {
        /// The request may happen; the events say what becomes true.
        Allow = "allow",
        /// Nothing changes; the code and the reasons say why.
        #[default]
        Deny = "deny",
    }
}

record! {
    /// The answer to one verb: of a request, or of an item of a batch.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Outcome {
        /// Allowed or denied.
        pub effect: Effect,
        /// Why not: a code of the catalogue or of the policy. Stands on a denial and only there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        /// The sentence that goes with the code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
        /// Every reason found in the step that failed; the first one gave `code` and `message`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub reasons: Vec<Reason>,
        /// What would help.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub remedies: Vec<Remedy>,
        /// The rules that decided, by id, in the policy's order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub rules: Vec<String>,
        /// What an allowed request should be told all the same.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub warnings: Vec<Warning>,
        /// What becomes true.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub events: Vec<Event>,
        /// What the host has to do.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub obligations: Vec<Obligation>,
    }
}

record! {
    /// The answer to a request. A value: nothing has changed yet.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Decision {
        /// Version of the document shape: 1.
        #[serde(deserialize_with = "super::read::this_version")]
        pub tenantry: u32,
        /// The organization.
        pub organization: String,
        /// Digest of the policy that decided: SHA-256 of its canonical JSON, in hexadecimal.
        pub policy: String,
        /// The request.
        pub request: Request,
        /// Allowed or denied.
        pub effect: Effect,
        /// See [`Outcome::code`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        /// See [`Outcome::message`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
        /// See [`Outcome::reasons`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub reasons: Vec<Reason>,
        /// See [`Outcome::remedies`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub remedies: Vec<Remedy>,
        /// See [`Outcome::rules`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub rules: Vec<String>,
        /// See [`Outcome::warnings`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub warnings: Vec<Warning>,
        /// See [`Outcome::events`]. Of a batch `each`, those of all items that are allowed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub events: Vec<Event>,
        /// See [`Outcome::obligations`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub obligations: Vec<Obligation>,
        /// The answer to each item of a batch `each`, in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub items: Vec<Outcome>,
        /// What the decision depends on.
        #[serde(default, skip_serializing_if = "Reads::is_empty")]
        pub reads: Reads,
        /// The earliest expiry that it relied on: from then on it is late.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub valid_until: Option<Time>,
    }
}

impl Decision {
    /// Whether the request may happen.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.effect == Effect::Allow
    }

    /// What may be shown to the actor: effect, code, sentence and what the actor can do about it.
    #[must_use]
    pub fn public(&self) -> PublicDecision {
        PublicDecision {
            effect: self.effect,
            code: self.code.clone(),
            message: self.message.clone(),
            remedies: self.remedies.clone(),
            items: self
                .items
                .iter()
                .map(|item| PublicDecision {
                    effect: item.effect,
                    code: item.code.clone(),
                    message: item.message.clone(),
                    remedies: item.remedies.clone(),
                    items: Vec::new(),
                })
                .collect(),
        }
    }

    /// The decision as entries of an audit log: one for each event, or one for the denial.
    #[must_use]
    pub fn audit(&self) -> Vec<AuditRecord> {
        let record = |fact: Option<Event>| AuditRecord {
            tenantry: super::VERSION,
            organization: self.organization.clone(),
            request: self.request.id.clone(),
            at: self.request.now,
            actor: self.request.actor.clone(),
            action: match &self.request.body {
                Body::One(ask) => ask.action.clone(),
                Body::Batch(..) => "batch".to_owned(),
            },
            code: if fact.is_none() { self.code.clone() } else { None },
            fact,
        };
        if self.is_allowed() { self.events.iter().cloned().map(Some).map(record).collect() } else { vec![record(None)] }
    }
}

printed! {
    /// What may be shown to the actor.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct PublicDecision {
        /// Allowed or denied.
        pub effect: Effect,
        /// Why not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        /// The sentence that goes with the code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
        /// What would help.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub remedies: Vec<Remedy>,
        /// The answer to each item of a batch `each`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub items: Vec<PublicDecision>,
    }
}

record! {
    /// Why a request is denied.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Reason {
        /// A code of the catalogue or of the policy.
        pub code: String,
        /// The sentence that goes with it.
        pub message: String,
        /// The rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rule: Option<String>,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<String>,
        /// About whom, where it is not the request's target.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user: Option<String>,
        /// About which group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub group: Option<String>,
        /// About which role.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<String>,
        /// About which address of a list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
        /// About which field of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub field: Option<String>,
        /// In which item of an atomic batch, from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub item: Option<u32>,
    }
}

tagged! {
    /// What would help, from the rules themselves.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Remedy by "remedy" {
        /// Ask somebody who holds one of these roles or permissions.
        Ask = "ask" {
            /// Roles, as `kind.role`.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            roles: Vec<String>,
            /// Permissions.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            permissions: Vec<String>,
        },
        /// Give somebody else this role first.
        Promote = "promote" {
            /// The role, as `kind.role`.
            role: String,
            /// Where.
            scope: String,
        },
        /// Make room, or raise the limit.
        MakeRoom = "make_room" {
            /// Where.
            scope: String,
        },
        /// Send the pending invitation again.
        Resend = "resend" {
            /// The invitation.
            invitation: String,
        },
        /// Ask for a new invitation.
        #[serde(deserialize_with = "nothing")]
        InviteAgain = "invite_again",
        /// Prove the e-mail address.
        #[serde(deserialize_with = "nothing")]
        VerifyEmail = "verify_email",
        /// Change the role where it comes from.
        ChangeOrigin = "change_origin" {
            /// The scope of the grant.
            scope: String,
            /// The group that holds it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            group: Option<String>,
        },
        /// Take the custom role from its holders first, or delete it with `holders = "revoke"`.
        Reassign = "reassign" {
            /// The custom role.
            role: String,
        },
        /// Restore the archived scope first.
        Restore = "restore" {
            /// The scope.
            scope: String,
        },
    }
}

record! {
    /// What an allowed request should be told all the same.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Warning {
        /// A code of the catalogue or of the policy.
        pub code: String,
        /// The sentence that goes with it.
        pub message: String,
        /// The rule, if a rule warns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rule: Option<String>,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<String>,
        /// About which address of a list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
    }
}

tagged! {
    /// What the host has to do when it carries an allowed request out.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Obligation by "obligation" {
        /// Ask the person to confirm before carrying it out.
        Confirm = "confirm" {
            /// The verb.
            action: String,
        },
        /// Send the message of an invitation. Whether it arrives changes nothing here.
        SendEmail = "send_email" {
            /// To whom, as written.
            email: String,
            /// The invitation.
            invitation: String,
        },
        /// Show the link of an invitation to the actor.
        ShowLink = "show_link" {
            /// The invitation.
            invitation: String,
        },
        /// End the user's sessions: the account gives nothing any more.
        RevokeSessions = "revoke_sessions" {
            /// The user.
            user: String,
        },
    }
}

/// A version that a decision relied on; none for a row that does not exist.
pub type Read = Option<u64>;

record! {
    /// What a decision depends on: rows with their versions, addresses with their owner, keeps with their counts.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Reads {
        /// Users, with their grants and memberships.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "distinct")]
        pub users: BTreeMap<String, Read>,
        /// Scopes.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "distinct")]
        pub scopes: BTreeMap<String, Read>,
        /// Groups, with their members and grants.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "distinct")]
        pub groups: BTreeMap<String, Read>,
        /// Custom roles.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "distinct")]
        pub custom_roles: BTreeMap<String, Read>,
        /// Invitations.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "distinct")]
        pub invitations: BTreeMap<String, Read>,
        /// Canonical addresses: the id of the user or of the open offer that has it, if any.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "distinct")]
        pub emails: BTreeMap<String, Option<String>>,
        /// Keeps: how many they count at each scope (of a keep for each user: by user).
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "distinct_counts")]
        pub counts: BTreeMap<String, BTreeMap<String, u64>>,
    }
}

fn distinct_counts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, BTreeMap<String, u64>>, D::Error> {
    #[derive(Deserialize)]
    struct Counts(#[serde(deserialize_with = "distinct")] BTreeMap<String, u64>);
    let counts: BTreeMap<String, Counts> = distinct(deserializer)?;
    Ok(counts.into_iter().map(|(keep, Counts(counts))| (keep, counts)).collect())
}

impl Reads {
    /// Whether the decision depends on nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Reads::default()
    }
}

impl From<&Actor> for String {
    /// `user:ann`, `system:install`, `invitee:ann@example.org`: for sentences and logs.
    fn from(actor: &Actor) -> String {
        match actor {
            Actor::User(id) => format!("user:{id}"),
            Actor::System(name) => format!("system:{name}"),
            Actor::Invitee { email, .. } => format!("invitee:{email}"),
        }
    }
}
