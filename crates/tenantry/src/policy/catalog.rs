//! Scope kinds, roles and permissions of a policy, as bits.

use super::actions::ActionId;

/// Declared roles as bits of one word: bit n is the n-th role in the policy's order.
pub type RoleMask = u64;
/// Permissions as bits of one double word.
pub type PermissionMask = u128;
/// Scope kinds as bits.
pub type KindMask = u16;

/// A kind of scope. Kind 0 is the organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// Name for people.
    pub label: Option<String>,
    /// Kinds it may hang under.
    pub under: KindMask,
    /// A member holds one direct role at most.
    pub one_role: bool,
    /// Roles of this kind.
    pub roles: RoleMask,
    /// Roles given where none is asked for.
    pub defaults: RoleMask,
    /// Direct roles here that count as themselves in the scopes below.
    pub flows: RoleMask,
    /// Direct roles here that count as another role in the scopes below.
    pub flows_as: Vec<(u8, u8)>,
    /// Whether custom roles held here count in the scopes below.
    pub flows_custom: bool,
    /// Role of the user who creates such a scope.
    pub creator: Option<u8>,
    /// Attributes that users may set.
    pub settings: Vec<String>,
    /// Whether custom roles can be held here.
    pub custom: bool,
}

impl Kind {
    /// What direct roles at a scope of this kind count as in the scopes below.
    #[must_use]
    pub fn flow(&self, direct: RoleMask) -> RoleMask {
        let mut below = direct & self.flows;
        for &(from, to) in &self.flows_as {
            below |= (direct >> from & 1) << to;
        }
        below
    }
}

/// A declared role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// Its name within the kind.
    pub name: String,
    /// `kind.name`.
    pub qualified: String,
    /// Name for people.
    pub label: Option<String>,
    /// The kind of scope where it is held.
    pub kind: u8,
    /// Higher outranks lower, within the kind.
    pub rank: u32,
    /// Permissions that the role holds.
    pub permissions: PermissionMask,
    /// Whether the role lists permissions at all: only then is it measured by them.
    pub lists_permissions: bool,
    /// Roles of the kind that it outranks.
    pub outranks: RoleMask,
}

/// A named set of actions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permission {
    /// Its name.
    pub name: String,
    /// What it permits.
    pub actions: Vec<ActionId>,
}

/// The bits that are set, from low to high.
pub(crate) fn bits(mut mask: u64) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let bit = mask.trailing_zeros() as u8;
        (mask != 0).then(|| {
            mask &= mask - 1;
            bit
        })
    })
}

/// Union of what the roles of `mask` outrank.
pub(crate) fn outranked(roles: &[Role], mask: RoleMask) -> RoleMask {
    bits(mask).map(|bit| roles[usize::from(bit)].outranks).fold(0, std::ops::BitOr::bitor)
}

/// Union of the permissions of the roles of `mask`.
pub(crate) fn permissions_of(roles: &[Role], mask: RoleMask) -> PermissionMask {
    bits(mask).map(|bit| roles[usize::from(bit)].permissions).fold(0, std::ops::BitOr::bitor)
}
