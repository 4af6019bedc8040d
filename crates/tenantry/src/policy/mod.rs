//! The policy, compiled: names are bits, rules are indexed by action.

pub mod actions;
pub mod catalog;
mod compile;
mod compile_conditions;
mod compile_rules;
pub(crate) mod conditions;
mod extends;
pub mod presets;
pub(crate) mod rules;

use std::collections::BTreeSet;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use serde_json::Value;

use crate::bounds;
use crate::document::policy::PolicyDocument;
use crate::document::words::{Problems, Word};
use crate::document::{self, Tree};
use crate::error::{Error, Kind as ErrorKind};
use crate::name::nearest;

use actions::{Action, ActionId, nearest_action};
use catalog::{Kind, Permission, PermissionMask, Role, RoleMask};
use conditions::Blocks;
use rules::{ActionRules, Endings, Invitations, Keep, Rule, RuleIndex};

/// A compiled policy.
///
/// ```
/// use tenantry::Policy;
/// let policy = Policy::preset("starter").unwrap();
/// assert_eq!(policy.name(), "starter");
/// assert_eq!(policy.digest().len(), 64);
/// ```
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) name: String,
    /// The whole document in canonical JSON.
    pub(crate) text: String,
    pub(crate) digest: String,
    pub(crate) systems: Vec<String>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) roles: Vec<Role>,
    pub(crate) permissions: Vec<Permission>,
    /// Whether any role or rule speaks of permissions: otherwise they need not be computed.
    pub(crate) has_permissions: bool,
    pub(crate) custom_roles: bool,
    pub(crate) attributes: Attributes,
    pub(crate) actions: Vec<Action>,
    pub(crate) invitations: Invitations,
    pub(crate) endings: Endings,
    pub(crate) allows: Vec<Rule>,
    pub(crate) forbids: Vec<Rule>,
    pub(crate) keeps: Vec<Keep>,
    pub(crate) index: RuleIndex,
    /// Sources of grants that rules name.
    pub(crate) sources: Vec<String>,
    /// Numbers of the actions by name.
    pub(crate) action_numbers: HashMap<String, u16, FixedState>,
}

/// Names of the attributes that the host supplies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Of users.
    pub user: Vec<String>,
    /// Of scopes.
    pub scope: Vec<String>,
    /// Of the app's resources.
    pub resource: Vec<String>,
    /// Of the request.
    pub context: Vec<String>,
    /// Profile fields beside `name`.
    pub profile: Vec<String>,
}

impl Policy {
    /// Reads and compiles a policy in JSON.
    ///
    /// # Errors
    /// `bad_document` if it is no JSON, `bad_policy` with every problem at once, `out_of_bounds`.
    pub fn parse_json(text: &str) -> Result<Policy, Error> {
        Policy::read(text.as_bytes())
    }

    /// Reads and compiles a policy in TOML.
    ///
    /// ```
    /// use tenantry::Policy;
    /// let error = Policy::parse_toml("tenantry = 1\nname = \"x\"\n[roles.organization]\nowner = { rnk = 3 }").unwrap_err();
    /// assert_eq!(error.problems()[0].nearest.as_deref(), Some("rank"));
    /// ```
    ///
    /// # Errors
    /// As [`parse_json`](Policy::parse_json).
    #[cfg(feature = "toml")]
    pub fn parse_toml(text: &str) -> Result<Policy, Error> {
        Policy::parse(read_toml(text)?)
    }

    /// Compiles a policy that the host already has as a tree of values. `extends` may name a preset.
    ///
    /// # Errors
    /// `bad_policy` with every problem at once.
    pub fn parse(document: Value) -> Result<Policy, Error> {
        Policy::parse_with(document, &|_| None)
    }

    /// The same, with policies that the host knows by name beside the presets.
    ///
    /// # Errors
    /// `bad_policy` with every problem at once.
    pub fn parse_with(document: Value, find: &dyn Fn(&str) -> Option<Value>) -> Result<Policy, Error> {
        Policy::of(document.into(), &|name| find(name).map(Tree::from))
    }

    /// The same as [`parse_json`](Policy::parse_json), from bytes that need not be known to be UTF-8.
    pub(crate) fn read(text: &[u8]) -> Result<Policy, Error> {
        Policy::of(Tree::read(text, "policy", bounds::POLICY_BYTES)?, &|_| None)
    }

    fn of(document: Tree, find: &dyn Fn(&str) -> Option<Tree>) -> Result<Policy, Error> {
        let mut problems = Problems::default();
        let merged = extends::resolve(document, &|name| find(name).or_else(|| preset_document(name)), &mut problems);
        let read = PolicyDocument::read(&merged, "", &mut problems).unwrap_or_default();
        let policy = compile::compile(read, &mut problems);
        let problems = problems.into_list();
        policy.filter(|_| problems.is_empty()).ok_or_else(|| ErrorKind::BadPolicy(problems).into())
    }

    /// A ready policy, by name: see [`presets::NAMES`].
    ///
    /// # Errors
    /// `unknown_preset` with the nearest name.
    pub fn preset(name: &str) -> Result<Policy, Error> {
        let document =
            preset_document(name).ok_or_else(|| ErrorKind::UnknownPreset { name: name.to_owned(), nearest: nearest(name, presets::NAMES.iter().copied()) })?;
        Policy::of(document, &|_| None)
    }

    /// The policy's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the canonical JSON of the whole policy, what it extends included, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The whole policy as canonical JSON, what it extends included.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.text.clone()
    }

    /// The declared roles, in the policy's order: by kind (the organization first, then by name), from high to low rank,
    /// then by name.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The scope kinds, the organization first, then by name.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// All actions: the built-in verbs, then those of the app by name.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// The number of an action, for the hot path.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<ActionId> {
        self.action_numbers.get(name).copied().map(ActionId)
    }

    /// The number of an action, or an error with the nearest name.
    pub(crate) fn known_action(&self, name: &str) -> Result<ActionId, Error> {
        self.action(name).ok_or_else(|| ErrorKind::UnknownAction { name: name.to_owned(), nearest: nearest_action(name, &self.actions) }.into())
    }

    /// The settings of an action.
    pub(crate) fn settings(&self, action: ActionId) -> &Action {
        &self.actions[usize::from(action.0)]
    }

    /// What the rules ask by which requests for an action are judged, or all rules, with their exceptions and those of keeps.
    pub(crate) fn blocks(&self, action: Option<ActionId>) -> impl Iterator<Item = &Blocks> {
        let judging: Vec<&ActionRules> = match action {
            Some(action) => action.judged_by().map(|action| self.index.of(action)).collect(),
            None => self.index.0.iter().collect(),
        };
        let allows: BTreeSet<u16> = judging.iter().flat_map(|rules| &rules.allows).copied().collect();
        let forbids: BTreeSet<u16> = judging.iter().flat_map(|rules| &rules.forbids).copied().collect();
        let allows = allows.into_iter().map(|number| &self.allows[usize::from(number)]);
        let rules = allows.chain(forbids.into_iter().map(|number| &self.forbids[usize::from(number)]));
        rules.flat_map(|rule| std::iter::once(&rule.blocks).chain(&rule.unless)).chain(self.keeps.iter().filter_map(|keep| keep.unless.as_ref()))
    }

    /// The number of a system actor.
    pub(crate) fn system_named(&self, name: &str) -> Option<u8> {
        self.systems.iter().position(|system| system == name).map(|number| number as u8)
    }

    pub(crate) fn kind_named(&self, name: &str) -> Option<u8> {
        self.kinds.iter().position(|kind| kind.name == name).map(|i| i as u8)
    }

    /// A declared role by its name at a scope of the kind: `owner` or `organization.owner`.
    pub(crate) fn role_named(&self, kind: u8, name: &str) -> Option<u8> {
        let of_kind = |role: &Role| role.kind == kind && (role.name == name || role.qualified == name);
        self.roles.iter().position(of_kind).map(|i| i as u8)
    }

    pub(crate) fn permission_named(&self, name: &str) -> Option<u8> {
        self.permissions.binary_search_by(|permission| permission.name.as_str().cmp(name)).ok().map(|i| i as u8)
    }

    /// The number of a grant's source among those that rules name; all others are alike.
    pub(crate) fn source(&self, name: Option<&str>) -> Option<u16> {
        name.and_then(|name| self.sources.iter().position(|source| source == name)).map(|number| number as u16)
    }

    /// The names of permissions, in their order.
    pub(crate) fn permission_names(&self, mask: PermissionMask) -> Vec<String> {
        self.permissions.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, p)| p.name.clone()).collect()
    }

    /// The qualified names of roles, in the policy's order.
    pub(crate) fn role_names(&self, mask: RoleMask) -> Vec<String> {
        catalog::bits(mask).filter_map(|bit| self.roles.get(usize::from(bit))).map(|role| role.qualified.clone()).collect()
    }
}

/// The JSON Schema of the policy document.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(PolicyDocument)
}

fn preset_document(name: &str) -> Option<Tree> {
    presets::document(name).and_then(|text| Tree::read(text.as_bytes(), "policy", bounds::POLICY_BYTES).ok())
}

/// Reads a policy in JSON into the tree of values that [`Policy::parse_with`] takes. A table that names a field twice is
/// refused.
///
/// # Errors
/// `bad_document`, `out_of_bounds`.
pub fn read_json(text: &str) -> Result<Value, Error> {
    read_json_bytes(text.as_bytes())
}

/// The same, from bytes that need not be known to be UTF-8.
///
/// # Errors
/// As [`read_json`].
pub fn read_json_bytes(text: &[u8]) -> Result<Value, Error> {
    Tree::read(text, "policy", bounds::POLICY_BYTES).map(Value::from)
}

/// Reads a policy in TOML into the tree of values that [`Policy::parse_with`] takes.
///
/// # Errors
/// `bad_document` with the line, `out_of_bounds`.
#[cfg(feature = "toml")]
pub fn read_toml(text: &str) -> Result<Value, Error> {
    bounds::POLICY_BYTES.check(text.len(), "")?;
    toml::from_str(text).map_err(|error| {
        let before = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = 1 + text.as_bytes()[..before].iter().filter(|&&byte| byte == b'\n').count();
        crate::document::read::bad_document("policy", &format!("line {line}"), error.message())
    })
}

pub use document::policy::PolicyDocument as Document;
