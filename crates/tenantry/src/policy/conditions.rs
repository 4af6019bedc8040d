//! The blocks of a rule, compiled: names are bits, and each test says which word it fails on.

use crate::document::Fact;
use crate::document::policy::{ChangeKind, Rank};
use crate::document::snapshot::{EndedBy, Status, UserKind};
use crate::document::words::Pointed;

use super::catalog::{KindMask, PermissionMask, RoleMask};

/// A set of roles as a rule names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleSet {
    /// `"*"`: any role, custom ones included.
    pub any: bool,
    /// Roles named without a layer: effective at the scope itself.
    pub own: RoleMask,
    /// Roles named with their layer: effective at the nearest scope of that kind.
    pub layered: RoleMask,
    /// All roles of the layers that are named.
    pub layers: RoleMask,
    /// The kinds of the layers that are named.
    pub kinds: KindMask,
}

impl RoleSet {
    /// The declared roles named, however they are named.
    #[must_use]
    pub fn all(&self) -> RoleMask {
        if self.any { RoleMask::MAX } else { self.own | self.layered }
    }
}

/// A set of members of an enumeration, as bits of their numbers.
pub type Choice = u8;

/// Compiled `actor`, `target` or `count` block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonTest {
    pub role: Option<RoleSet>,
    pub has_role: Option<RoleSet>,
    pub not_role: Option<RoleSet>,
    pub direct_role: Option<RoleSet>,
    pub rank: Option<Rank>,
    pub is_actor: Option<bool>,
    pub permission: Option<PermissionMask>,
    pub subset: bool,
    pub status: Option<Choice>,
    pub kind: Option<Choice>,
    /// Numbers of system actors, as bits.
    pub system: Option<u64>,
    pub ended_by: Option<Choice>,
    pub email_domain: Option<Domains>,
    pub attributes: Vec<FactTest>,
}

impl PersonTest {
    /// Whether a role or permission is asked for: then access to the scope need not be asked too.
    pub fn asks_role(&self) -> bool {
        self.role.is_some() || self.has_role.is_some() || self.direct_role.is_some() || self.permission.is_some()
    }

    /// Whether nothing is asked for that differs between people with the same roles, kind and status.
    pub(crate) fn asks_class(&self) -> bool {
        self.ended_by.is_none() && self.email_domain.is_none() && self.attributes.is_empty()
    }
}

/// Compiled `grants` or `revokes` block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RolesTest {
    pub role: Option<RoleSet>,
    pub not_role: Option<RoleSet>,
    pub rank: Option<Rank>,
    pub held: Option<bool>,
    pub subset: bool,
    /// Numbers of sources.
    pub source: Option<Vec<u16>>,
}

/// Compiled `scope` block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeTest {
    pub kind: Option<KindMask>,
    pub parent: Option<KindMask>,
    pub attributes: Vec<FactTest>,
}

/// Compiled `invitation` block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvitationTest {
    pub email_domain: Option<Domains>,
    pub not_email_domain: Option<Domains>,
    pub by_actor: Option<bool>,
    pub addressed_to_actor: Option<bool>,
    pub open: Option<bool>,
}

/// Compiled `group` block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupTest {
    pub has_actor: Option<bool>,
    pub managed_by_actor: Option<bool>,
}

/// Domains given, or an attribute that lists them.
pub type Domains = Pointed<Vec<String>>;

/// One attribute and the value it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactTest {
    pub name: String,
    pub value: Pointed<Fact>,
}

/// All blocks of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    pub actor: Option<Box<PersonTest>>,
    pub target: Option<Box<PersonTest>>,
    pub grants: Option<Box<RolesTest>>,
    pub revokes: Option<Box<RolesTest>>,
    pub scope: Option<Box<ScopeTest>>,
    pub invitation: Option<Box<InvitationTest>>,
    pub group: Option<Box<GroupTest>>,
    pub resource: Vec<FactTest>,
    pub context: Vec<FactTest>,
}

impl Blocks {
    /// Whether the blocks hold or fail for all people with the same roles, kind and status alike, whatever else the request
    /// brings along.
    pub fn ask_class(&self) -> bool {
        let persons = self.actor.iter().chain(&self.target).all(|person| person.asks_class());
        let scopes = self.scope.iter().flat_map(|scope| &scope.attributes).all(|fact| !matches!(fact.value, Pointed::Actor { .. }));
        let letters = self.invitation.is_none() && self.group.is_none();
        persons && scopes && letters && self.resource.is_empty() && self.context.is_empty()
    }
}

/// A choice as a bit.
pub(crate) trait Bit: Copy {
    fn bit(self) -> Choice;
}

impl Bit for Status {
    fn bit(self) -> Choice {
        1 << self as u8
    }
}
impl Bit for UserKind {
    fn bit(self) -> Choice {
        1 << self as u8
    }
}
impl Bit for EndedBy {
    fn bit(self) -> Choice {
        1 << self as u8
    }
}
impl Bit for ChangeKind {
    fn bit(self) -> Choice {
        1 << self as u8
    }
}

pub(crate) fn choice<T: Bit>(words: &[T]) -> Choice {
    words.iter().map(|word| word.bit()).fold(0, std::ops::BitOr::bitor)
}
