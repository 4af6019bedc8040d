//! The rows of the directory: what the snapshot says, with ids as numbers and roles as bits.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::bounds::SCOPE_DEPTH;
use crate::document::snapshot::{EndedBy, InvitationStatus, OpenRow, ScopeStatus, Status, UserKind};
use crate::document::{Actor, Facts, Time};
use crate::policy::catalog::{PermissionMask, RoleMask};

/// A role: declared, by its bit, or custom, by its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RoleRef {
    Declared(u8),
    Custom(u32),
}

/// The plain grants at one scope: declared roles without expiry or source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub scope: u32,
    pub roles: RoleMask,
}

/// Any other grant: of a custom role, with an expiry, or with a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extra {
    pub scope: u32,
    pub role: RoleRef,
    pub expires_at: Option<Time>,
    pub source: Option<Box<str>>,
}

impl Extra {
    /// Whether the grant gives something.
    pub fn is_in_force(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

/// Everything that a user or a group holds by direct grants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    /// Sorted by scope slot; no entry without roles.
    pub places: SmallVec<[Place; 1]>,
    /// In no particular order. Most users have none.
    #[allow(clippy::box_collection)]
    pub extra: Option<Box<Vec<Extra>>>,
}

impl Holdings {
    pub fn extras(&self) -> &[Extra] {
        self.extra.as_deref().map_or(&[], Vec::as_slice)
    }

    /// How many grants there are.
    pub fn count(&self) -> usize {
        self.places.iter().map(|place| place.roles.count_ones() as usize).sum::<usize>() + self.extras().len()
    }

    /// Plain declared roles at a scope.
    pub fn plain(&self, scope: u32) -> RoleMask {
        self.places.iter().find(|place| place.scope == scope).map_or(0, |place| place.roles)
    }

    /// The scopes with a grant, each once.
    pub fn scopes(&self) -> SmallVec<[u32; 4]> {
        let mut scopes: SmallVec<[u32; 4]> = self.places.iter().map(|place| place.scope).collect();
        if !self.extras().is_empty() {
            scopes.extend(self.extras().iter().map(|extra| extra.scope));
            scopes.sort_unstable();
            scopes.dedup();
        }
        scopes
    }

    /// The tenant's own roles among them, as often as they are granted.
    pub fn custom_roles(&self) -> impl Iterator<Item = u32> {
        self.extras().iter().filter_map(|extra| if let RoleRef::Custom(role) = extra.role { Some(role) } else { None })
    }

    /// Whether there is a grant at the scope that is in force: an expired grant is no grant.
    pub fn is_at(&self, scope: u32, now: Time) -> bool {
        self.plain(scope) != 0 || self.extras().iter().any(|extra| extra.scope == scope && extra.is_in_force(now))
    }

    /// Gives a role, or gives it another expiry and source.
    pub fn give(&mut self, grant: Extra) {
        self.take(grant.scope, grant.role);
        if let (RoleRef::Declared(bit), None, None) = (grant.role, grant.expires_at, &grant.source) {
            match self.places.binary_search_by_key(&grant.scope, |place| place.scope) {
                Ok(i) => self.places[i].roles |= 1 << bit,
                Err(i) => self.places.insert(i, Place { scope: grant.scope, roles: 1 << bit }),
            }
        } else {
            self.extra.get_or_insert_default().push(grant);
        }
    }

    /// Takes every grant at a scope.
    pub fn clear(&mut self, scope: u32) {
        self.places.retain(|place| place.scope != scope);
        if let Some(extra) = &mut self.extra {
            extra.retain(|grant| grant.scope != scope);
            if extra.is_empty() {
                self.extra = None;
            }
        }
    }

    /// Takes a role, if it is there.
    pub fn take(&mut self, scope: u32, role: RoleRef) {
        if let (RoleRef::Declared(bit), Ok(i)) = (role, self.places.binary_search_by_key(&scope, |place| place.scope)) {
            self.places[i].roles &= !(1 << bit);
            if self.places[i].roles == 0 {
                self.places.remove(i);
            }
        }
        if let Some(extra) = &mut self.extra {
            extra.retain(|grant| grant.scope != scope || grant.role != role);
            if extra.is_empty() {
                self.extra = None;
            }
        }
    }
}

/// A member of the organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct User {
    pub holdings: Holdings,
    /// Canonical address.
    pub email: Option<Box<str>>,
    pub name: Option<Box<str>>,
    pub cold: Option<Box<Cold>>,
    pub version: u32,
    pub status: Status,
    pub kind: UserKind,
    pub verified: bool,
}

/// What few rules read of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cold {
    /// The address as written, where it is not canonical.
    pub written: Option<Box<str>>,
    pub owner: Option<u32>,
    pub attributes: Facts,
    pub profile: Facts,
    pub groups: SmallVec<[u32; 2]>,
    /// Workspaces where the membership is deactivated.
    pub deactivated: SmallVec<[u32; 2]>,
}

impl User {
    pub fn cold_mut(&mut self) -> &mut Cold {
        self.cold.get_or_insert_default()
    }
    pub fn groups(&self) -> &[u32] {
        self.cold.as_ref().map_or(&[], |cold| &cold.groups)
    }
    pub fn deactivated(&self) -> &[u32] {
        self.cold.as_ref().map_or(&[], |cold| &cold.deactivated)
    }
    pub fn owner(&self) -> Option<u32> {
        self.cold.as_ref().and_then(|cold| cold.owner)
    }
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
    pub fn written(&self) -> Option<&str> {
        self.cold.as_ref().and_then(|cold| cold.written.as_deref()).or(self.email.as_deref())
    }
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub kind: u8,
    /// 0 for the organization.
    pub depth: u8,
    /// Slots from the organization (at 0) down to the scope itself (at `depth`).
    pub path: [u32; SCOPE_DEPTH.max],
    /// For each kind on the path, the depth of the scope of that kind that is nearest.
    pub layers: SmallVec<[(u8, u8); 3]>,
    pub status: ScopeStatus,
    pub name: Option<Box<str>>,
    pub attributes: Facts,
    pub version: u32,
}

impl Scope {
    pub fn path(&self) -> &[u32] {
        &self.path[..=usize::from(self.depth)]
    }
    /// The scope itself.
    pub fn slot(&self) -> u32 {
        self.path[usize::from(self.depth)]
    }
    pub fn parent(&self) -> Option<u32> {
        self.depth.checked_sub(1).map(|depth| self.path[usize::from(depth)])
    }
}

/// Who hangs on a scope: kept beside the scope's row, as it changes with other rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hangers {
    pub children: BTreeSet<u32>,
    /// Users with a direct grant.
    pub users: BTreeSet<u32>,
    /// Groups with a direct grant.
    pub groups: BTreeSet<u32>,
    /// Open offers of a role there.
    pub offers: BTreeSet<u32>,
}

/// Who has a grant of a role of the tenant's own: kept beside the role's row, as it changes with other rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holders {
    pub users: BTreeSet<u32>,
    pub groups: BTreeSet<u32>,
}

/// A flat set of users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Group {
    pub name: Option<Box<str>>,
    pub home: u32,
    pub members: BTreeSet<u32>,
    pub managers: BTreeSet<u32>,
    pub source: Option<Box<str>>,
    pub holdings: Holdings,
    pub version: u32,
}

/// A role of the tenant's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CustomRole {
    pub name: Option<Box<str>>,
    pub home: u32,
    pub permissions: PermissionMask,
    pub version: u32,
}

/// The roles that an invitation offers at one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub scope: u32,
    /// In the policy's order.
    pub roles: Vec<Extra>,
}

/// An offer of roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    /// Canonical address.
    pub email: Option<Box<str>>,
    /// The address as written.
    pub written: Option<Box<str>>,
    pub open: Option<OpenRow>,
    pub name: Option<Box<str>>,
    pub offers: Vec<Offer>,
    pub inviter: Actor,
    pub status: InvitationStatus,
    pub created_at: Time,
    pub expires_at: Option<Time>,
    pub token_hash: Option<Box<str>>,
    pub user: Option<Box<str>>,
    pub version: u32,
}

impl Invitation {
    /// Pending or waiting for approval: it takes up the address.
    pub fn is_open(&self) -> bool {
        matches!(self.status, InvitationStatus::Pending | InvitationStatus::AwaitingApproval)
    }
    /// Whether every use of a link is taken.
    pub fn is_used_up(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.uses == Some(0))
    }
    pub fn is_expired(&self, now: Time) -> bool {
        self.status == InvitationStatus::Pending && self.expires_at.is_some_and(|at| at <= now)
    }
}

/// A membership that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub scope: u32,
    pub email: Option<Box<str>>,
    pub at: Time,
    pub by: EndedBy,
}
