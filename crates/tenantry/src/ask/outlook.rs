//! What the rules see of somebody who asks: users of whom they see the same get the same answers about others.

use crate::directory::Directory;
use crate::directory::standing::View;
use crate::document::Time;
use crate::document::policy::Rank;
use crate::document::snapshot::Status;
use crate::policy::actions::ActionId;
use crate::policy::catalog::{PermissionMask, RoleMask, outranked};
use crate::policy::conditions::{Bit, Blocks, Choice, PersonTest, RolesTest};

use super::{ScopeHandle, UserHandle};

/// What rules see at one scope of a user who asks for an action, whatever way it came: by a grant, from above, or through a group. Two people with the same outlook
/// at every scope may do the same to others by this action, but for what the host knows of them (attributes, address, how a membership ended), for what they hand over themselves, and
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
/// let seen = |id: &str| Some(acme.outlook(acme.user(id)?, acme.scope("acme")?, None, Time(0)));
/// assert_eq!(seen("ann"), seen("bob"));
/// assert_ne!(seen("ann"), seen("cat"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outlook {
    is_active: bool,
    has_access: bool,
    /// Of each rule and exception, whether it has what they ask of an actor.
    fits: Vec<bool>,
    /// As far as rules compare it with what is given or taken, and with what targets hold.
    own: RoleMask,
    permissions: PermissionMask,
    /// Whether there is a declared role to compare with, the roles below it, and those not above it.
    ranks: Option<(bool, RoleMask, RoleMask)>,
}

/// What rules compare of those who ask.
#[derive(Default)]
struct Compared {
    own: RoleMask,
    permissions: PermissionMask,
    below: bool,
    at_most: bool,
}

impl Compared {
    fn add(&mut self, blocks: &Blocks, custom_roles: bool) {
        blocks.grants.iter().chain(&blocks.revokes).for_each(|roles| self.add_roles(roles));
        if let Some(target) = &blocks.target {
            self.add_rank(target.rank);
            // Roles of the tenant's own are measured by their permissions.
            if target.subset || target.rank.is_some() && custom_roles {
                self.permissions = PermissionMask::MAX;
            }
        }
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
    /// What the rules see of a user at a scope by which its requests for an action are judged; for no action, what any rule sees.
    #[must_use]
    pub fn outlook(&self, user: UserHandle, scope: ScopeHandle, action: Option<ActionId>, now: Time) -> Outlook {
        let standing = self.standing(user.0, scope.0, now, View::ACTIVE);
        let row = self.users.get(user.0).zip(self.scopes.get(scope.0));
        let status = row.map(|(row, at)| self.status_at(row, at));
        let has_access = row.is_some_and(|(_, at)| self.has_access(&standing, at)) && status == Some(Status::Active);
        let (blocks, mut compared) = (self.policy.blocks(action).collect::<Vec<&Blocks>>(), Compared::default());
        blocks.iter().for_each(|blocks| compared.add(blocks, self.policy.custom_roles));
        let of_kind = |kinds: Choice| row.is_some_and(|(row, _)| kinds & row.kind.bit() != 0);
        let of_status = |statuses: Choice| status.is_some_and(|status| statuses & status.bit() != 0);
        let fits = |test: &PersonTest| test.fits_actor(&standing) && test.kind.is_none_or(of_kind) && test.status.is_none_or(of_status);
        let below = if compared.below { outranked(&self.policy.roles, standing.own) } else { 0 };
        Outlook {
            is_active: row.is_some_and(|(row, _)| row.status == Status::Active),
            has_access,
            fits: blocks.iter().filter_map(|blocks| blocks.actor.as_deref()).map(fits).collect(),
            own: standing.own & compared.own,
            permissions: standing.permissions & compared.permissions,
            ranks: compared.below.then_some((standing.own != 0, below, if compared.at_most { below | standing.own } else { 0 })),
        }
    }
}
