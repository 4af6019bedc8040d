//! From a directory to a snapshot, rows sorted by id.

use crate::document::snapshot::{CustomRoleRow, DeactivationRow, EndedRow, GrantRow, GroupRow, InvitationRow, ScopeRow, Snapshot, UserRow};
use crate::document::{RoleAt, ScopedRoles};
use crate::policy::catalog::bits;

use super::Directory;
use super::rows::{Extra, Holdings, Invitation, Offer, RoleRef};
use super::table::sorted_by_id;

pub(crate) fn save(directory: &Directory) -> Snapshot {
    let mut snapshot = Snapshot::empty(&*directory.organization);
    snapshot.scopes = sorted_by_id(&directory.scopes, directory.scopes.slots()).into_iter().map(|slot| directory.scope_row(slot)).collect();
    for slot in sorted_by_id(&directory.users, directory.users.slots()) {
        snapshot.users.push(directory.user_row(slot));
        let Some(row) = directory.users.get(slot) else { continue };
        let id = directory.users.id(slot);
        snapshot.grants.extend(directory.grant_rows(&row.holdings, Some(id), None));
        snapshot
            .deactivations
            .extend(row.deactivated().iter().map(|&scope| DeactivationRow { scope: directory.scopes.id(scope).to_owned(), user: id.to_owned() }));
    }
    for slot in sorted_by_id(&directory.groups, directory.groups.slots()) {
        let Some(row) = directory.groups.get(slot) else { continue };
        let id = directory.groups.id(slot);
        snapshot.grants.extend(directory.grant_rows(&row.holdings, None, Some(id)));
        let users = |users: &std::collections::BTreeSet<u32>| {
            sorted_by_id(&directory.users, users.iter().copied()).into_iter().map(|slot| directory.users.id(slot).to_owned()).collect()
        };
        snapshot.groups.push(GroupRow {
            id: id.to_owned(),
            name: row.name.as_deref().map(str::to_owned),
            scope: directory.scopes.id(row.home).to_owned(),
            members: users(&row.members),
            managers: users(&row.managers),
            source: row.source.as_deref().map(str::to_owned),
            version: row.version,
        });
    }
    snapshot.slice = directory.held.as_deref().map(super::slice::Held::document);
    snapshot.grants.sort();
    snapshot.deactivations.sort();
    for slot in sorted_by_id(&directory.custom_roles, directory.custom_roles.slots()) {
        let Some(row) = directory.custom_roles.get(slot) else { continue };
        snapshot.custom_roles.push(CustomRoleRow {
            id: directory.custom_roles.id(slot).to_owned(),
            name: row.name.as_deref().map(str::to_owned),
            scope: directory.scopes.id(row.home).to_owned(),
            permissions: directory.policy.permission_names(row.permissions),
            version: row.version,
        });
    }
    let invitations = sorted_by_id(&directory.invitations, directory.invitations.slots());
    snapshot.invitations = invitations.into_iter().filter_map(|slot| directory.invitation_row(slot)).collect();
    for (&user, endings) in &directory.ended {
        snapshot.ended.extend(endings.iter().map(|ended| EndedRow {
            scope: directory.scopes.id(ended.scope).to_owned(),
            user: directory.users.id(user).to_owned(),
            email: ended.email.as_deref().map(str::to_owned),
            at: ended.at,
            by: ended.by,
        }));
    }
    snapshot.ended.sort();
    snapshot
}

impl Directory {
    fn scope_row(&self, slot: u32) -> ScopeRow {
        let id = self.scopes.id(slot).to_owned();
        let Some(row) = self.scopes.get(slot) else {
            return ScopeRow { id, kind: String::new(), parent: None, name: None, status: Default::default(), attributes: Default::default(), version: 0 };
        };
        ScopeRow {
            id,
            kind: self.policy.kinds[usize::from(row.kind)].name.clone(),
            parent: row.parent().map(|parent| self.scopes.id(parent).to_owned()),
            name: row.name.as_deref().map(str::to_owned),
            status: row.status,
            attributes: row.attributes.clone(),
            version: row.version,
        }
    }

    fn user_row(&self, slot: u32) -> UserRow {
        let id = self.users.id(slot).to_owned();
        let Some(row) = self.users.get(slot) else { return UserRow { id, ..UserRow::default() } };
        let cold = row.cold.as_deref();
        UserRow {
            id,
            email: row.written().map(str::to_owned),
            verified: row.verified,
            name: row.name().map(str::to_owned),
            kind: row.kind,
            owner: row.owner().map(|owner| self.users.id(owner).to_owned()),
            status: row.status,
            attributes: cold.map(|cold| cold.attributes.clone()).unwrap_or_default(),
            profile: cold.map(|cold| cold.profile.clone()).unwrap_or_default(),
            version: row.version,
        }
    }

    fn grant_rows(&self, holdings: &Holdings, user: Option<&str>, group: Option<&str>) -> Vec<GrantRow> {
        let of_scope = |scope: u32| self.grants_at(holdings, scope);
        let row = |extra: Extra| GrantRow {
            scope: self.scopes.id(extra.scope).to_owned(),
            user: user.map(str::to_owned),
            group: group.map(str::to_owned),
            role: self.role_name(extra.role).to_owned(),
            expires_at: extra.expires_at,
            source: extra.source.map(Into::into),
        };
        holdings.scopes().into_iter().flat_map(of_scope).map(row).collect()
    }

    /// The grants at one scope, expired ones too, in the policy's order of roles.
    pub(crate) fn grants_at(&self, holdings: &Holdings, scope: u32) -> Vec<Extra> {
        let plain = bits(holdings.plain(scope)).map(RoleRef::Declared);
        let mut all: Vec<Extra> = plain.map(|role| Extra { scope, role, expires_at: None, source: None }).collect();
        all.extend(holdings.extras().iter().filter(|extra| extra.scope == scope).cloned());
        self.sort_grants(&mut all);
        all
    }

    /// Every grant, in order of scopes and roles.
    pub(crate) fn all_grants(&self, holdings: &Holdings) -> Vec<Extra> {
        let scopes = super::table::sorted_by_id(&self.scopes, holdings.scopes().into_iter());
        scopes.into_iter().flat_map(|scope| self.grants_at(holdings, scope)).collect()
    }

    /// The policy's order of roles: declared ones first, then custom ones by id.
    pub(crate) fn sort_grants(&self, grants: &mut [Extra]) {
        let key = |role: RoleRef| match role {
            RoleRef::Declared(bit) => (bit, ""),
            RoleRef::Custom(slot) => (u8::MAX, self.custom_roles.id(slot)),
        };
        grants.sort_by(|a, b| key(a.role).cmp(&key(b.role)));
    }

    /// A role as documents name it: a declared one by name, a custom one by id.
    pub(crate) fn role_name(&self, role: RoleRef) -> &str {
        match role {
            RoleRef::Declared(bit) => &self.policy.roles[usize::from(bit)].name,
            RoleRef::Custom(slot) => self.custom_roles.id(slot),
        }
    }

    /// A grant as requests and events name it.
    pub(crate) fn role_doc(&self, extra: &Extra) -> RoleAt {
        RoleAt { role: self.role_name(extra.role).to_owned(), expires_at: extra.expires_at, source: extra.source.as_deref().map(str::to_owned) }
    }

    /// Offers as documents have them.
    pub(crate) fn offers_doc(&self, offers: &[Offer]) -> Vec<ScopedRoles> {
        offers.iter().map(|offer| self.offer_doc(offer.scope, &offer.roles)).collect()
    }

    /// Roles at a scope as documents have them.
    pub(crate) fn offer_doc(&self, scope: u32, roles: &[Extra]) -> ScopedRoles {
        ScopedRoles { scope: self.scopes.id(scope).to_owned(), roles: roles.iter().map(|role| self.role_doc(role)).collect() }
    }

    fn invitation_row(&self, slot: u32) -> Option<InvitationRow> {
        let row: &Invitation = self.invitations.get(slot)?;
        Some(InvitationRow {
            id: self.invitations.id(slot).to_owned(),
            email: row.written.as_deref().map(str::to_owned),
            open: row.open.clone(),
            name: row.name.as_deref().map(str::to_owned),
            scopes: self.offers_doc(&row.offers),
            inviter: row.inviter.clone(),
            status: row.status,
            created_at: row.created_at,
            expires_at: row.expires_at,
            token_hash: row.token_hash.as_deref().map(str::to_owned),
            user: row.user.as_deref().map(str::to_owned),
            version: row.version,
        })
    }
}
