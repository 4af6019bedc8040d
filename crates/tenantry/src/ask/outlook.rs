//! What the rules see of somebody who asks: users of whom they see the same get the same answers about others.

use crate::directory::Directory;
use crate::directory::standing::View;
use crate::document::Time;
use crate::document::snapshot::Status;
use crate::policy::catalog::{KindMask, PermissionMask, RoleMask};
use crate::policy::conditions::Blocks;

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
    custom_layers: KindMask,
    permissions: PermissionMask,
    /// Only where a rule asks what an actor holds directly.
    direct: Option<(RoleMask, RoleMask, bool)>,
}

impl Directory {
    /// What rules see of a user at a scope.
    #[must_use]
    pub fn outlook(&self, user: UserHandle, scope: ScopeHandle, now: Time) -> Outlook {
        let standing = self.standing(user.0, scope.0, now, View::ACTIVE);
        let row = self.users.get(user.0).zip(self.scopes.get(scope.0));
        Outlook {
            is_active: row.is_some_and(|(row, at)| self.status_at(row, at) == Status::Active),
            stands: standing.any(),
            own: standing.own,
            layered: standing.layered,
            custom_layers: standing.custom_layers,
            permissions: standing.permissions,
            direct: self.asks_direct().then_some((standing.direct, standing.direct_layered, standing.custom_direct)),
        }
    }

    fn asks_direct(&self) -> bool {
        let asks = |blocks: &Blocks| blocks.actor.as_ref().is_some_and(|actor| actor.direct_role.is_some());
        let rules = self.policy.allows.iter().chain(&self.policy.forbids);
        rules.clone().any(|rule| asks(&rule.blocks)) || rules.filter_map(|rule| rule.unless.as_ref()).any(asks)
    }
}
