//! What the rules see of somebody who is asked about: users of whom they see the same are the same to requests about them.

use crate::directory::Directory;
use crate::directory::standing::View;
use crate::document::Time;
use crate::policy::actions::ActionId;
use crate::policy::catalog::{PermissionMask, RoleMask};
use crate::policy::conditions::{Bit, Blocks, Choice, PersonTest};

use super::{ScopeHandle, UserHandle};

/// What rules see at one scope of a user who is the target of an action, whatever way it came: by a grant, from above, or through a group. Two people with the same
/// aspect who hold the same by grants at a scope may have the same done to them there, one change at a time, but for what the host knows of them (attributes, address, how a membership ended).
///
/// ```
/// # fn main() -> Result<(), tenantry::Error> {
/// use tenantry::document::{Snapshot, Time};
/// let policy = tenantry::Policy::preset("inveterate")?;
/// let people = Snapshot::from_json(r#"{ "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }],
///     "users": [{ "id": "ann" }, { "id": "bob" }, { "id": "cat" }],
///     "grants": [{ "scope": "acme", "user": "ann", "role": "admin" }, { "scope": "acme", "user": "bob", "role": "admin" }] }"#)?;
/// let acme = tenantry::Directory::new(policy, &people)?;
/// let seen = |id: &str| Some(acme.aspect(acme.user(id)?, acme.scope("acme")?, None, Time(0)));
/// assert_eq!(seen("ann"), seen("bob"));
/// assert_ne!(seen("ann"), seen("cat"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Aspect {
    stands: bool,
    /// Of each rule and exception, whether it has what they ask of a target.
    fits: Vec<bool>,
    /// As far as rules compare it with what the actor has: declared roles, whether there is one of the tenant's own, permissions.
    own: Option<(RoleMask, bool)>,
    permissions: Option<(PermissionMask, PermissionMask)>,
}

impl Directory {
    /// What the rules see of a user at a scope by which requests for an action about it are judged; for no action, what any rule sees.
    #[must_use]
    pub fn aspect(&self, user: UserHandle, scope: ScopeHandle, action: Option<ActionId>, now: Time) -> Aspect {
        let standing = self.standing(user.0, scope.0, now, View::WHATEVER);
        let row = self.users.get(user.0).zip(self.scopes.get(scope.0));
        let status = row.map(|(row, at)| self.status_at(row, at));
        let of_kind = |kinds: Choice| row.is_some_and(|(row, _)| kinds & row.kind.bit() != 0);
        let of_status = |statuses: Choice| status.is_some_and(|status| statuses & status.bit() != 0);
        let fits = |test: &PersonTest| test.fits_target(&standing) && test.kind.is_none_or(of_kind) && test.status.is_none_or(of_status);
        let blocks: Vec<&Blocks> = self.policy.blocks(action).collect();
        let targets = || blocks.iter().filter_map(|blocks| blocks.target.as_deref());
        let given = |blocks: &&Blocks| blocks.grants.iter().chain(&blocks.revokes).any(|roles| roles.subset);
        let ranked = targets().any(|target| target.rank.is_some());
        // Roles of the tenant's own are measured by their permissions.
        let measured = ranked && self.policy.custom_roles || targets().any(|target| target.subset) || blocks.iter().any(given);
        Aspect {
            stands: standing.any(),
            fits: targets().map(fits).collect(),
            own: ranked.then_some((standing.own, standing.custom)),
            permissions: measured.then_some((standing.permissions, standing.custom_permissions)),
        }
    }
}
