//! What a matrix is made of: parties, rows, cells, answers.

use std::collections::BTreeMap;

use serde::Serialize;
use tenantry::policy::actions::Verb;

use super::facts::Setting;

/// A role that somebody holds in the frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Held {
    /// The place of the frame.
    pub scope: String,
    /// A declared role of the place's kind, or one of [`Matrix::custom_roles`](super::Matrix::custom_roles).
    pub role: String,
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Is {
    /// A member of the organization who holds these roles and no others.
    Member {
        /// The roles.
        holds: Vec<Held>,
    },
    /// A system actor.
    System {
        /// Its name.
        system: String,
    },
    /// As an actor somebody whom the organization does not know, as a target an account that is to come.
    Outsider,
    /// Whoever has proved the address that an offer goes to.
    Invitee,
    /// As a target: the actor.
    Oneself,
}

/// Somebody who asks, or about whom is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Party {
    /// A name that is the same in every matrix of policies with these roles: `organization.owner`, `system:install`.
    pub name: String,
    /// For people.
    pub label: String,
    /// Who that is.
    #[serde(flatten)]
    pub is: Is,
}

/// What has to be there for a question to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scenery {
    /// A pending offer of the role to a newcomer.
    Offer(String),
    /// Such an offer, accepted by the newcomer, that waits for approval.
    Accepted(String),
    /// A group without anybody, at home at the place, which holds the role there.
    Group(Option<String>),
    /// The custom role, at home at the place; held by nobody.
    CustomRole(String),
    /// The place is archived.
    Archived,
    /// There is no organization yet.
    Nothing,
}

/// A question that is asked for each actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The action.
    pub action: String,
    /// The built-in verb, if it is one.
    pub verb: Option<Verb>,
    /// The place where it is asked.
    pub scope: String,
    /// About whom, by number in [`Matrix::parties`](super::Matrix::parties). Of an acceptance, who makes the offer.
    pub target: Option<usize>,
    /// The role that is given or offered. Of `role.create` and `role.update` a custom role whose permissions are given.
    pub gives: Option<String>,
    /// The role that is taken, or handed over.
    pub takes: Option<String>,
    /// The kind of the scope to come.
    pub kind: Option<String>,
    /// What has to be there.
    pub scenery: Option<Scenery>,
    /// The answers, in the order of the actors. Who cannot be asked (to give away what they do not hold) has none.
    pub cells: Vec<Cell>,
}

/// The answer to a row's question, for one actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The actor, by number in [`Matrix::parties`](super::Matrix::parties).
    pub actor: usize,
    /// The answer, by number in [`Matrix::answers`](super::Matrix::answers).
    pub answer: usize,
}

/// Allowed, denied, or it depends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CellVerdict"))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Whatever the host's facts are.
    Allowed,
    /// Whatever the host's facts are.
    #[default]
    Denied,
    /// On facts of the host.
    Depends,
}

/// What is said of an allowed request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Said {
    /// The code.
    pub code: String,
    /// The sentence.
    pub message: String,
    /// The rule that warns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// Facts, each with the values that fit.
pub type Condition = BTreeMap<String, Vec<Setting>>;

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    /// Allowed, denied, or it depends.
    pub verdict: Verdict,
    /// Where it depends: it is allowed if all of one of these holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Condition>,
    /// Rules that permit it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_by: Vec<String>,
    /// Keeps that can deny it all the same, by how many there are at that time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<String>,
    /// Those of the keeps that deny it where there is nobody else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keeps_alone: Vec<String>,
    /// What it is told all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Said>,
    /// What the host has to do: `confirm`, `send_email`, ...
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub obligations: Vec<String>,
    /// The code of the denial; where it depends, of the one where the facts do not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The sentence that goes with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Rules that deny it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub denied_by: Vec<String>,
    /// Not all facts that rules ask for were tried together: there are too many.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// Names of actions, roles and kinds for people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Labels {
    /// Of actions that have one.
    pub actions: BTreeMap<String, String>,
    /// Of roles, by kind and name; of custom roles by id.
    pub roles: BTreeMap<String, String>,
    /// Of places of the frame.
    pub places: BTreeMap<String, String>,
}

/// A custom role of the frame: it stands for all with these permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomRole {
    /// Its id.
    pub id: String,
    /// Its permissions.
    pub permissions: Vec<String>,
}

/// A question that could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unanswered {
    /// The action.
    pub action: String,
    /// Why: the error of the engine.
    pub error: String,
}
