//! What a user or group holds at a scope: direct grants, what flows down from above, and what comes through groups.

use crate::document::Time;
use crate::document::snapshot::{Status, UserKind};
use crate::policy::catalog::{KindMask, PermissionMask, RoleMask, bits, outranked, permissions_of};

use crate::policy::Policy;

use super::Directory;
use super::rows::{Extra, Holdings, RoleRef, Scope, User};

/// Roles and permissions at one scope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Declared roles that are effective at the scope.
    pub own: RoleMask,
    /// Declared roles, each looked up at the nearest scope of its kind.
    pub layered: RoleMask,
    /// Declared roles by a direct grant at the scope.
    pub direct: RoleMask,
    /// Declared roles, each by a direct grant at the nearest scope of its kind.
    pub direct_layered: RoleMask,
    /// Permissions of all roles that are effective at the scope.
    pub permissions: PermissionMask,
    /// A custom role is effective at the scope.
    pub custom: bool,
    /// A custom role is held by a direct grant at the scope.
    pub custom_direct: bool,
    /// The kinds at whose nearest scope a custom role is effective.
    pub custom_layers: KindMask,
    /// Permissions of the custom roles.
    pub custom_permissions: PermissionMask,
}

impl Standing {
    /// Whether anything is effective there.
    pub fn any(&self) -> bool {
        self.own != 0 || self.custom
    }
}

impl Policy {
    /// What a standing at the organization is worth in a scope that is not known: one of no kind, somewhere below. Only what
    /// flows reaches it.
    pub(crate) fn anywhere_below(&self, standing: &Standing) -> Standing {
        let (own, custom) = (self.kinds[0].flow(standing.own), standing.custom && self.kinds[0].flows_custom);
        let custom_permissions = if custom { standing.custom_permissions } else { 0 };
        let permissions = permissions_of(&self.roles, own) | custom_permissions;
        Standing { own, direct: 0, custom, custom_direct: false, custom_permissions, permissions, ..*standing }
    }
}

/// Which grants count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    /// Deactivated memberships count too, and services are not capped by their owner.
    pub whatever: bool,
    /// Grants that expire do not count.
    pub lasting: bool,
}

impl View {
    /// What gives something now.
    pub const ACTIVE: View = View { whatever: false, lasting: false };
    /// What would if every membership were active: how targets are seen.
    pub const WHATEVER: View = View { whatever: true, lasting: false };
}

/// A user as it is, or as it would be after one change: so that a question needs no copy of the row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub row: &'a User,
    pub holdings: &'a Holdings,
    /// What its groups hold, if not what they hold now.
    pub of_groups: Option<&'a Holdings>,
    pub status: Status,
    /// A workspace where the membership would be deactivated.
    pub rests: Option<u32>,
    /// A workspace where it would be reactivated.
    pub wakes: Option<u32>,
}

impl<'a> From<&'a User> for Seen<'a> {
    fn from(row: &'a User) -> Seen<'a> {
        Seen { row, holdings: &row.holdings, of_groups: None, status: row.status, rests: None, wakes: None }
    }
}

impl Directory {
    /// What a user holds at a scope.
    pub(crate) fn standing(&self, user: u32, scope: u32, now: Time, view: View) -> Standing {
        match (self.users.get(user), self.scopes.get(scope)) {
            (Some(row), Some(at)) => self.standing_of(row, at, now, view),
            _ => Standing::default(),
        }
    }

    pub(crate) fn standing_of(&self, row: &User, at: &Scope, now: Time, view: View) -> Standing {
        self.standing_as(&Seen::from(row), at, now, view)
    }

    /// The same for a user as it might be. A service is never above its owner's present standing.
    pub(crate) fn standing_as(&self, seen: &Seen, at: &Scope, now: Time, view: View) -> Standing {
        let standing = self.uncapped(seen, at, now, view);
        if seen.row.kind != UserKind::Service || view.whatever {
            return standing;
        }
        let owner = self.owner_of(seen.row);
        owner.map(|owner| self.capped(standing, self.standing_of(owner, at, now, view))).unwrap_or_default()
    }

    /// What a user holds in a scope that is not known: one of no kind, somewhere below the organization.
    pub(crate) fn standing_below(&self, seen: &Seen, now: Time) -> Standing {
        let Some(root) = self.scopes.get(super::ROOT) else { return Standing::default() };
        let standing = self.policy.anywhere_below(&self.uncapped(seen, root, now, View::ACTIVE));
        if seen.row.kind != UserKind::Service {
            return standing;
        }
        let owner = self.owner_of(seen.row);
        owner.map(|owner| self.capped(standing, self.standing_below(&owner.into(), now))).unwrap_or_default()
    }

    /// The person who owns a service.
    fn owner_of(&self, service: &User) -> Option<&User> {
        let owner = service.owner().filter(|_| service.kind == UserKind::Service).and_then(|owner| self.users.get(owner));
        owner.filter(|owner| owner.kind != UserKind::Service)
    }

    fn uncapped(&self, seen: &Seen, at: &Scope, now: Time, view: View) -> Standing {
        let blocked = if view.whatever { u8::MAX } else { self.blocked_from(seen, at) };
        let mut standing = Standing::default();
        if blocked > 0 {
            for holdings in self.of_groups(seen) {
                self.add_holdings(&mut standing, holdings, at, now, view, blocked);
            }
            // What comes through a group is nobody's direct grant.
            (standing.direct, standing.direct_layered, standing.custom_direct) = (0, 0, false);
            self.add_holdings(&mut standing, seen.holdings, at, now, view, blocked);
        }
        if self.policy.has_permissions {
            standing.permissions = permissions_of(&self.policy.roles, standing.own) | standing.custom_permissions;
        }
        standing
    }

    fn of_groups<'a>(&'a self, seen: &Seen<'a>) -> impl Iterator<Item = &'a Holdings> {
        let groups = if seen.of_groups.is_some() { &[] } else { seen.row.groups() };
        let now = groups.iter().filter_map(|&group| self.groups.get(group)).map(|group| &group.holdings);
        seen.of_groups.into_iter().chain(now)
    }

    /// What a group holds at a scope by its own grants.
    pub(crate) fn group_standing(&self, group: u32, at: &Scope, now: Time) -> Standing {
        let mut standing = Standing::default();
        if let Some(group) = self.groups.get(group) {
            self.add_holdings(&mut standing, &group.holdings, at, now, View::WHATEVER, u8::MAX);
            standing.permissions = permissions_of(&self.policy.roles, standing.own) | standing.custom_permissions;
        }
        standing
    }

    /// The depth from which on everything gives nothing: the membership is deactivated, or (of a service) its owner's is.
    fn blocked_from(&self, seen: &Seen, at: &Scope) -> u8 {
        let owner = self.owner_of(seen.row).map_or(u8::MAX, |owner| self.rests_from(&owner.into(), at));
        self.rests_from(seen, at).min(owner)
    }

    /// The depth from which on the membership is deactivated.
    fn rests_from(&self, seen: &Seen, at: &Scope) -> u8 {
        if seen.status == Status::Deactivated {
            return 0;
        }
        let resting = seen.row.deactivated().iter().copied().filter(|&scope| Some(scope) != seen.wakes).chain(seen.rests);
        resting.filter_map(|scope| self.depth_on_path(scope, at)).min().unwrap_or(u8::MAX)
    }

    /// The depth of a scope, if it lies on the way from the organization to `at`, `at` included.
    pub(crate) fn depth_on_path(&self, scope: u32, at: &Scope) -> Option<u8> {
        // `at` may be the scope where it does not hang yet.
        if at.slot() == scope {
            return Some(at.depth);
        }
        let depth = self.scopes.get(scope)?.depth;
        (depth <= at.depth && at.path[usize::from(depth)] == scope).then_some(depth)
    }

    fn add_holdings(&self, standing: &mut Standing, holdings: &Holdings, at: &Scope, now: Time, view: View, blocked: u8) {
        for place in &holdings.places {
            self.add_declared(standing, place.scope, place.roles, at, blocked);
        }
        for extra in holdings.extras() {
            if !counts(extra, now, view) {
                continue;
            }
            match extra.role {
                RoleRef::Declared(bit) => self.add_declared(standing, extra.scope, 1 << bit, at, blocked),
                RoleRef::Custom(role) => self.add_custom(standing, extra.scope, role, at, blocked),
            }
        }
    }

    fn add_declared(&self, standing: &mut Standing, scope: u32, roles: RoleMask, at: &Scope, blocked: u8) {
        let Some(depth) = self.depth_on_path(scope, at) else { return };
        let Some(source) = self.scopes.get(scope) else { return };
        let below = self.policy.kinds[usize::from(source.kind)].flow(roles);
        if blocked > at.depth {
            if depth == at.depth {
                standing.direct |= roles;
                standing.own |= roles;
            } else {
                standing.own |= below;
            }
        }
        for &(kind, nearest) in &at.layers {
            if depth <= nearest && blocked > at.depth {
                let of_kind = self.policy.kinds[usize::from(kind)].roles;
                if depth == nearest {
                    standing.layered |= roles & of_kind;
                    standing.direct_layered |= roles & of_kind;
                } else {
                    standing.layered |= below & of_kind;
                }
            }
        }
    }

    fn add_custom(&self, standing: &mut Standing, scope: u32, role: u32, at: &Scope, blocked: u8) {
        let (Some(depth), Some(source), Some(row)) = (self.depth_on_path(scope, at), self.scopes.get(scope), self.custom_roles.get(role)) else {
            return;
        };
        if blocked <= at.depth {
            return;
        }
        let flows_down = self.policy.kinds[usize::from(source.kind)].flows_custom;
        let reached = at.layers.iter().filter(|(_, nearest)| depth == *nearest || depth < *nearest && flows_down);
        standing.custom_layers |= reached.map(|(kind, _)| 1 << kind).fold(0, std::ops::BitOr::bitor);
        if depth == at.depth || flows_down {
            standing.custom = true;
            standing.custom_direct |= depth == at.depth;
            standing.custom_permissions |= row.permissions;
        }
    }

    /// Of what a service holds, what its owner holds or outranks.
    fn capped(&self, mut standing: Standing, owner: Standing) -> Standing {
        let own = owner.own | outranked(&self.policy.roles, owner.own);
        standing.own &= own;
        standing.direct &= own;
        let layered = owner.layered | outranked(&self.policy.roles, owner.layered);
        standing.layered &= layered;
        standing.direct_layered &= layered;
        standing.custom_permissions &= owner.permissions;
        standing.permissions = (permissions_of(&self.policy.roles, standing.own) | standing.custom_permissions) & owner.permissions;
        standing
    }

    /// Whether a custom role is effective for the user at the scope.
    pub(crate) fn holds_custom(&self, seen: &Seen, role: u32, at: &Scope, now: Time) -> bool {
        let gives = |holdings: &Holdings| self.gives_custom(holdings, role, at, now);
        self.blocked_from(seen, at) > at.depth && (gives(seen.holdings) || self.of_groups(seen).any(gives))
    }

    /// Whether a custom role among the holdings is effective at the scope, whatever the status of who holds them.
    pub(crate) fn gives_custom(&self, holdings: &Holdings, role: u32, at: &Scope, now: Time) -> bool {
        holdings.extras().iter().any(|extra| {
            let flows = extra.scope == at.slot()
                || self.depth_on_path(extra.scope, at).is_some()
                    && self.scopes.get(extra.scope).is_some_and(|source| self.policy.kinds[usize::from(source.kind)].flows_custom);
            extra.role == RoleRef::Custom(role) && counts(extra, now, View::ACTIVE) && flows
        })
    }

    /// Whether the membership is active at the scope: as a whole, there, and in every scope above.
    pub(crate) fn status_at(&self, row: &User, at: &Scope) -> Status {
        self.status_as(&Seen::from(row), at)
    }

    /// The same for a user as it might be.
    pub(crate) fn status_as(&self, seen: &Seen, at: &Scope) -> Status {
        if self.rests_from(seen, at) <= at.depth { Status::Deactivated } else { Status::Active }
    }

    /// Whether the user is a member of the scope: of the organization everybody, elsewhere by a direct grant in force.
    pub(crate) fn is_member(&self, user: u32, scope: u32, now: Time) -> bool {
        self.users.get(user).is_some_and(|row| scope == super::ROOT || row.holdings.is_at(scope, now))
    }

    /// Whether the user has access to the scope: any effective role; at the organization every member has.
    pub(crate) fn has_access(&self, standing: &Standing, at: &Scope) -> bool {
        at.depth == 0 || standing.any()
    }

    /// Where a role that is effective but not direct comes from: the nearest scope above with the grant, or a group.
    pub(crate) fn origin(&self, user: u32, scope: u32, role: Option<RoleRef>, now: Time) -> Option<(u32, Option<u32>)> {
        let (row, at) = (self.users.get(user)?, self.scopes.get(scope)?);
        let gives = |holdings: &Holdings, from: u32| {
            let kind = &self.policy.kinds[usize::from(self.scopes.get(from).map_or(0, |from| from.kind))];
            let here = |mask: RoleMask| if from == scope { mask } else { kind.flow(mask) };
            let wanted = |mask: RoleMask| bits(here(mask)).any(|bit| role.is_none_or(|role| role == RoleRef::Declared(bit)));
            wanted(holdings.plain(from))
                || holdings.extras().iter().filter(|extra| extra.scope == from && counts(extra, now, View::WHATEVER)).any(|extra| match extra.role {
                    RoleRef::Declared(bit) => wanted(1 << bit),
                    custom => (from == scope || kind.flows_custom) && role.is_none_or(|role| role == custom),
                })
        };
        let above = at.path()[..usize::from(at.depth)].iter().rev();
        let direct = above.clone().find(|&&from| gives(&row.holdings, from)).map(|&from| (from, None));
        direct.or_else(|| {
            let groups = super::table::sorted_by_id(&self.groups, row.groups().iter().copied());
            let at_each = std::iter::once(&scope).chain(above);
            at_each
                .flat_map(|&from| groups.iter().map(move |&group| (from, group)))
                .find(|&(from, group)| self.groups.get(group).is_some_and(|row| gives(&row.holdings, from)))
                .map(|(from, group)| (from, Some(group)))
        })
    }
}

/// Whether a grant is in force, in this view.
fn counts(extra: &Extra, now: Time, view: View) -> bool {
    extra.is_in_force(now) && (extra.expires_at.is_none() || !view.lasting)
}
