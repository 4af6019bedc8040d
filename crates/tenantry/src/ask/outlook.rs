//! What the rules see of somebody who asks: users of whom they see the same get the same answers about others.

use crate::directory::Directory;
use crate::directory::standing::View;
use crate::document::Time;
use crate::document::policy::Rank;
use crate::document::snapshot::Status;
use crate::policy::Policy;
use crate::policy::catalog::{PermissionMask, RoleMask, outranked};
use crate::policy::conditions::{Blocks, PersonTest, RolesTest};

use super::{ScopeHandle, UserHandle};

/// What rules see at one scope of a user who asks, whatever way it came: by a grant, from above, or through a group. Two people with the same outlook
/// at every scope may do the same to others, but for what the host knows of them (attributes, address, how a membership ended), for what they hand over themselves, and
/// for which roles of the tenant's own they hold.
///
/// ```
/// # fn main() -> Result<(), tenantry::Error> {
/// use tenantry::document::{Snapshot, Time};
/// let policy = tenantry::Policy::preset("loupe-factory")?;
/// let people = Snapshot::from_json(r#"{ "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }],
///     "users": [{ "id": "ann" }, { "id": "bob" }, { "id": "cat" }],
///     "grants": [{ "scope": "acme", "user": "ann", "role": "admin" }, { "scope": "acme", "user": "bob", "role": "admin" }] }"#)?;
/// let acme = tenantry::Directory::new(policy, &people)?;
/// let seen = |id: &str| Some(acme.outlook(acme.user(id)?, acme.scope("acme")?, Time(0)));
/// assert_eq!(seen("ann"), seen("bob"));
/// assert_ne!(seen("ann"), seen("cat"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outlook {
    is_active: bool,
    stands: bool,
    own: RoleMask,
    layered: RoleMask,
    permissions: PermissionMask,
    /// Whether there is a declared role to compare with, the roles below it, and those not above it.
    ranks: Option<(bool, RoleMask, RoleMask)>,
    /// Only where a rule asks what an actor holds directly.
    direct: Option<(RoleMask, RoleMask, bool)>,
}

/// How far the rules of a policy tell apart those who ask.
#[derive(Default)]
struct Sight {
    own: RoleMask,
    layered: RoleMask,
    permissions: PermissionMask,
    below: bool,
    at_most: bool,
    direct: bool,
}

impl Sight {
    fn of(policy: &Policy) -> Sight {
        let mut sight = Sight::default();
        policy.blocks().for_each(|blocks| sight.add(blocks, policy.custom_roles));
        sight
    }

    fn add(&mut self, blocks: &Blocks, custom_roles: bool) {
        blocks.actor.iter().for_each(|actor| self.add_actor(actor));
        blocks.grants.iter().chain(&blocks.revokes).for_each(|roles| self.add_roles(roles));
        for person in blocks.actor.iter().chain(&blocks.target) {
            self.add_rank(person.rank);
            // Roles of the tenant's own are measured by their permissions.
            if person.subset || person.rank.is_some() && custom_roles {
                self.permissions = PermissionMask::MAX;
            }
        }
    }

    fn add_actor(&mut self, actor: &PersonTest) {
        for roles in [&actor.role, &actor.has_role, &actor.not_role].into_iter().flatten() {
            self.own |= roles.own;
            self.layered |= roles.layered;
        }
        self.permissions |= actor.permission.unwrap_or(0);
        self.direct |= actor.direct_role.is_some();
    }

    fn add_roles(&mut self, roles: &RolesTest) {
        self.add_rank(roles.rank);
        if roles.held.is_some() || roles.subset {
            self.own = RoleMask::MAX;
        }
        if roles.subset {
            self.permissions = PermissionMask::MAX;
        }
    }

    fn add_rank(&mut self, rank: Option<Rank>) {
        match rank {
            None => {}
            Some(Rank::Below) => self.below = true,
            Some(Rank::AtMost) => (self.below, self.at_most) = (true, true),
            Some(Rank::Above) => (self.below, self.own) = (true, RoleMask::MAX),
        }
    }
}

impl Directory {
    /// What rules see of a user at a scope.
    #[must_use]
    pub fn outlook(&self, user: UserHandle, scope: ScopeHandle, now: Time) -> Outlook {
        let standing = self.standing(user.0, scope.0, now, View::ACTIVE);
        let row = self.users.get(user.0).zip(self.scopes.get(scope.0));
        let sight = Sight::of(&self.policy);
        let below = outranked(&self.policy.roles, standing.own);
        let at_most = if sight.at_most { below | standing.own } else { 0 };
        Outlook {
            is_active: row.is_some_and(|(row, at)| self.status_at(row, at) == Status::Active),
            stands: standing.any(),
            own: standing.own & sight.own,
            layered: standing.layered & sight.layered,
            permissions: standing.permissions & sight.permissions,
            ranks: sight.below.then_some((standing.own != 0, below, at_most)),
            direct: sight.direct.then_some((standing.direct, standing.direct_layered, standing.custom_direct)),
        }
    }
}
