//! What the rules see of somebody who is asked about: users of whom they see the same are the same to requests about them.

use crate::directory::Directory;
use crate::directory::standing::View;
use crate::document::Time;
use crate::document::snapshot::Status;
use crate::policy::Policy;
use crate::policy::catalog::{KindMask, PermissionMask, RoleMask};
use crate::policy::conditions::PersonTest;

use super::{ScopeHandle, UserHandle};

/// What rules see at one scope of a user who is the target, whatever way it came: by a grant, from above, or through a group. Two people with the same
/// aspect who hold the same by grants at a scope may have the same done to them there, but for what the host knows of them (attributes, address, how a membership ended).
///
/// ```
/// # fn main() -> Result<(), tenantry::Error> {
/// use tenantry::document::{Snapshot, Time};
/// let policy = tenantry::Policy::preset("inveterate")?;
/// let people = Snapshot::from_json(r#"{ "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }],
///     "users": [{ "id": "ann" }, { "id": "bob" }, { "id": "cat" }],
///     "grants": [{ "scope": "acme", "user": "ann", "role": "admin" }, { "scope": "acme", "user": "bob", "role": "admin" }] }"#)?;
/// let acme = tenantry::Directory::new(policy, &people)?;
/// let seen = |id: &str| Some(acme.aspect(acme.user(id)?, acme.scope("acme")?, Time(0)));
/// assert_eq!(seen("ann"), seen("bob"));
/// assert_ne!(seen("ann"), seen("cat"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aspect {
    stands: bool,
    own: RoleMask,
    layered: RoleMask,
    permissions: PermissionMask,
    custom: (bool, KindMask),
    /// Only where a rule asks what a target holds directly.
    direct: Option<(RoleMask, RoleMask, bool)>,
    /// Only where a rule asks for it.
    status: Option<Status>,
}

/// How far the rules of a policy tell apart those who are asked about.
#[derive(Default)]
struct Sight {
    own: RoleMask,
    layered: RoleMask,
    permissions: PermissionMask,
    direct: bool,
    status: bool,
}

impl Sight {
    fn of(policy: &Policy) -> Sight {
        let mut sight = Sight::default();
        policy.blocks().filter_map(|blocks| blocks.target.as_ref()).for_each(|target| sight.add_target(target, policy.custom_roles));
        sight
    }

    fn add_target(&mut self, target: &PersonTest, custom_roles: bool) {
        for roles in [&target.has_role, &target.not_role].into_iter().flatten() {
            self.own |= roles.own;
            self.layered |= roles.layered;
        }
        // Nothing but these, or nothing that outranks: all of it matters.
        if target.role.is_some() || target.rank.is_some() {
            (self.own, self.layered) = (RoleMask::MAX, RoleMask::MAX);
        }
        // Roles of the tenant's own are measured by their permissions.
        if target.subset || target.rank.is_some() && custom_roles {
            self.permissions = PermissionMask::MAX;
        }
        self.permissions |= target.permission.unwrap_or(0);
        self.direct |= target.direct_role.is_some();
        self.status |= target.status.is_some();
    }
}

impl Directory {
    /// What rules see of a user at a scope who is asked about.
    #[must_use]
    pub fn aspect(&self, user: UserHandle, scope: ScopeHandle, now: Time) -> Aspect {
        let standing = self.standing(user.0, scope.0, now, View::WHATEVER);
        let row = self.users.get(user.0).zip(self.scopes.get(scope.0));
        let sight = Sight::of(&self.policy);
        Aspect {
            stands: standing.any(),
            own: standing.own & sight.own,
            layered: standing.layered & sight.layered,
            permissions: standing.permissions & sight.permissions,
            custom: (standing.custom, standing.custom_layers),
            direct: sight.direct.then_some((standing.direct, standing.direct_layered, standing.custom_direct)),
            status: row.filter(|_| sight.status).map(|(row, at)| self.status_at(row, at)),
        }
    }
}
