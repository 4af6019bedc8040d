//! The policy as it is written, for the reference: the resolved document read into plain lists, without any compiling.

use std::collections::BTreeMap;

use serde::Deserialize;
use tenantry::document::snapshot::{EndedBy, Status, UserKind};
use tenantry::document::{Fact, Reach};

/// Values by name, each given or pointing to a fact.
pub type Values = BTreeMap<String, Pointed<Fact>>;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Written {
    pub systems: Vec<String>,
    pub scopes: BTreeMap<String, Kind>,
    pub roles: BTreeMap<String, BTreeMap<String, Role>>,
    pub permissions: BTreeMap<String, Vec<String>>,
    pub custom_roles: Option<CustomRoles>,
    pub attributes: Attributes,
    pub actions: BTreeMap<String, Action>,
    pub invitations: Invitations,
    pub endings: Endings,
    pub allow: Vec<Rule>,
    pub forbid: Vec<Rule>,
    pub keep: Vec<Keep>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Kind {
    pub under: Option<Vec<String>>,
    pub roles: Option<String>,
    pub flows_down: FlowsDown,
    pub creator: Option<String>,
    pub settings: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum FlowsDown {
    All(bool),
    As(BTreeMap<String, String>),
}

impl Default for FlowsDown {
    fn default() -> FlowsDown {
        FlowsDown::All(false)
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Role {
    pub rank: u32,
    pub default: bool,
    pub permissions: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CustomRoles {
    pub on: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Attributes {
    pub profile: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Action {
    pub confirm: bool,
    pub archived: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Invitations {
    pub on_conflict: Option<String>,
    pub existing_users: Option<String>,
    pub require: Vec<String>,
    pub default: Vec<String>,
    pub approval: bool,
    pub link: Option<String>,
    pub expires_after: Option<String>,
    pub recheck_inviter: Option<bool>,
    pub keep_records: Option<bool>,
    pub on_member: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Endings {
    pub reach: Option<Vec<Reach>>,
    pub default: Option<Reach>,
}

/// An allow or a forbid.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Rule {
    pub id: String,
    pub actions: Option<Vec<String>>,
    pub changes: Option<Vec<String>>,
    pub not_actions: Vec<String>,
    pub severity: Option<String>,
    pub code: Option<String>,
    pub message: Option<String>,
    pub unless: Option<Blocks>,
    #[serde(flatten)]
    pub blocks: Blocks,
    /// Of an allow that stands for `permissions` of a role: whose it is.
    #[serde(skip)]
    pub implied: Option<Implied>,
}

/// Where an allow comes from that nobody wrote.
#[derive(Debug, Clone)]
pub enum Implied {
    /// A declared role lists permissions.
    Role { kind: String, name: String },
    /// A custom role has the permission.
    Permission(String),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Blocks {
    pub actor: Option<Person>,
    pub target: Option<Person>,
    pub grants: Option<Roles>,
    pub revokes: Option<Roles>,
    pub scope: Option<Place>,
    pub invitation: Option<Invitation>,
    pub group: Option<Group>,
    pub resource: Option<Values>,
    pub context: Option<Values>,
}

#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(default)]
pub struct Person {
    pub role: Option<Vec<String>>,
    pub has_role: Option<Vec<String>>,
    pub not_role: Option<Vec<String>>,
    pub direct_role: Option<Vec<String>>,
    pub rank: Option<String>,
    pub is_actor: Option<bool>,
    pub permission: Option<Vec<String>>,
    pub permissions: Option<String>,
    pub status: Option<Vec<Status>>,
    pub kind: Option<Vec<UserKind>>,
    pub system: Option<Vec<String>>,
    pub ended_by: Option<Vec<EndedBy>>,
    pub email_domain: Option<Pointed<Vec<String>>>,
    pub attributes: Option<Values>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Roles {
    pub role: Option<Vec<String>>,
    pub not_role: Option<Vec<String>>,
    pub rank: Option<String>,
    pub held: Option<bool>,
    pub permissions: Option<String>,
    pub source: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Place {
    pub kind: Option<Vec<String>>,
    pub parent: Option<Vec<String>>,
    pub attributes: Option<Values>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Invitation {
    pub email_domain: Option<Pointed<Vec<String>>>,
    pub not_email_domain: Option<Pointed<Vec<String>>>,
    pub by_actor: Option<bool>,
    pub addressed_to_actor: Option<bool>,
    pub open: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Group {
    pub has_actor: Option<bool>,
    pub managed_by_actor: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Keep {
    pub id: String,
    pub scope: Option<Place>,
    pub count: Option<Count>,
    pub exclusive: Option<Vec<String>>,
    pub each: Option<String>,
    pub at_least: Option<Pointed<u32>>,
    pub at_most: Option<Pointed<u32>>,
    pub exactly: Option<Pointed<u32>>,
    pub unless: Option<Blocks>,
    pub code: Option<String>,
    pub message: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Count {
    #[serde(flatten)]
    pub person: Person,
    pub pending: bool,
    pub expiring: bool,
}

/// A value that is given, or that is a fact of the actor or of the scope.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Pointed<T> {
    Actor { actor: String },
    Scope { scope: String },
    Given(T),
}

impl Written {
    /// Reads the resolved document, as the engine prints it.
    pub fn read(json: &str) -> Written {
        let mut written: Written = serde_json::from_str(json).unwrap_or_default();
        written.scopes.entry("organization".to_owned()).or_default();
        let implied = written.implied_rules();
        written.allow.extend(implied);
        written
    }

    /// "`permissions` on a role is short for an allow": one for each such role, and one for each permission that custom
    /// roles can have.
    fn implied_rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        for kind in self.kinds_in_order() {
            for name in self.roles_in_order(&kind) {
                let role = &self.roles[&kind][&name];
                if !role.permissions.is_empty() {
                    let id = format!("{kind}.{name}");
                    let actions = role.permissions.iter().flat_map(|permission| self.permissions.get(permission).cloned().unwrap_or_default()).collect();
                    let actor = Person { role: Some(vec![id.clone()]), ..Person::default() };
                    rules.push(implied_rule(id, actions, actor, Implied::Role { kind: kind.clone(), name }));
                }
            }
        }
        if self.custom_roles.is_some() {
            for (name, actions) in &self.permissions {
                let actor = Person { permission: Some(vec![name.clone()]), ..Person::default() };
                rules.push(implied_rule(format!("permission:{name}"), actions.clone(), actor, Implied::Permission(name.clone())));
            }
        }
        rules
    }

    /// The organization first, then by name.
    pub fn kinds_in_order(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self.scopes.keys().cloned().collect();
        kinds.sort_by_key(|kind| (kind != "organization", kind.clone()));
        kinds
    }

    /// From high to low rank, then by name.
    pub fn roles_in_order(&self, kind: &str) -> Vec<String> {
        let mut roles: Vec<(u32, String)> = self.roles.get(kind).into_iter().flatten().map(|(name, role)| (role.rank, name.clone())).collect();
        roles.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        roles.into_iter().map(|(_, name)| name).collect()
    }
}

fn implied_rule(id: String, actions: Vec<String>, actor: Person, implied: Implied) -> Rule {
    let blocks = Blocks { actor: Some(actor), ..Blocks::default() };
    Rule { id, actions: Some(actions), blocks, implied: Some(implied), ..Rule::default() }
}
