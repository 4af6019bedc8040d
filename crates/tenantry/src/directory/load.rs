//! From a snapshot to a directory. What is wrong with a row is an error with its path; an imported state that breaks a
//! keep is not wrong.

mod check;
mod grants;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::bounds;
use crate::document::snapshot::{CustomRoleRow, DeactivationRow, EndedRow, GroupRow, InvitationRow, InvitationStatus, ScopeRow, Snapshot, UserKind, UserRow};
use crate::document::{RoleAt, ScopedRoles, VERSION};
use crate::error::{Error, Kind};
use crate::policy::Policy;

use super::rows::{CustomRole, Ended, Extra, Group, Invitation, Offer, RoleRef, Scope, User};
use super::slice::Held;
use super::table::Table;
use super::{Directory, ROOT};
use check::{bad, check_actor, check_email, check_facts, check_id, check_rows, check_slice, check_source, check_text, check_time, unknown};

pub(crate) fn load(policy: Arc<Policy>, snapshot: &Snapshot) -> Result<Directory, Error> {
    if snapshot.tenantry != VERSION {
        return Err(Kind::UnsupportedVersion { document: "snapshot", met: snapshot.tenantry }.into());
    }
    check_id(&snapshot.organization, "organization")?;
    let mut loader = Loader { directory: empty(policy, &snapshot.organization) };
    loader.scopes(&snapshot.scopes)?;
    loader.custom_roles(&snapshot.custom_roles)?;
    loader.users(&snapshot.users)?;
    loader.groups(&snapshot.groups)?;
    grants::load(&mut loader.directory, &snapshot.grants)?;
    loader.deactivations(&snapshot.deactivations)?;
    loader.invitations(&snapshot.invitations)?;
    loader.ended(&snapshot.ended)?;
    snapshot.slice.as_ref().map_or(Ok(()), check_slice)?;
    let mut directory = loader.directory;
    directory.held = snapshot.slice.as_ref().map(|slice| Box::new(Held::new(slice)));
    directory.index_all();
    Ok(directory)
}

fn empty(policy: Arc<Policy>, organization: &str) -> Directory {
    // Ids that collide in one organization do not in the next: the seed is different in each.
    let seed = foldhash::quality::FixedState::with_seed(0).hash_one(organization);
    let mut scopes = Table::new(seed);
    scopes.intern(organization);
    Directory {
        policy,
        organization: organization.into(),
        users: Table::new(seed),
        scopes,
        groups: Table::new(seed),
        custom_roles: Table::new(seed),
        invitations: Table::new(seed),
        hangers: vec![super::Hangers::default()],
        holders: Vec::new(),
        addresses: super::addresses::Addresses::new(seed),
        offers_to: BTreeMap::new(),
        ended: BTreeMap::new(),
        ended_emails: BTreeMap::new(),
        owned: HashMap::default(),
        counters: Vec::new(),
        gone: HashMap::default(),
        held: None,
        classes: Default::default(),
        memo: Default::default(),
        undo: None,
    }
}

struct Loader {
    directory: Directory,
}

impl Loader {
    /// Scopes may come in any order: parents are placed before what hangs under them.
    fn scopes(&mut self, rows: &[ScopeRow]) -> Result<(), Error> {
        check_rows(rows.len(), "scopes")?;
        let directory = &mut self.directory;
        let mut by_parent: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (i, row) in rows.iter().enumerate() {
            let path = format!("scopes[{i}]");
            check_id(&row.id, &path)?;
            check_text(row.name.as_ref(), &path)?;
            check_facts(&row.attributes, &directory.policy.attributes.scope, &path, "attributes")?;
            directory.scopes.intern(&row.id);
            if !seen.insert(row.id.as_str()) {
                return Err(bad(&path, format!("another scope has the id `{}`", row.id)));
            }
            by_parent.entry(row.parent.as_deref()).or_default().push(i);
        }
        let mut next: Vec<usize> = by_parent.remove(&None).unwrap_or_default();
        let mut placed = 0;
        while let Some(i) = next.pop() {
            self.scope(&rows[i], &format!("scopes[{i}]"))?;
            placed += 1;
            next.extend(by_parent.remove(&Some(rows[i].id.as_str())).unwrap_or_default());
        }
        if placed < rows.len() {
            let lost = by_parent.values().flatten().min().copied().unwrap_or_default();
            return Err(bad(
                format_args!("scopes[{lost}].parent"),
                "no way leads from this scope up to the organization: its parent is missing or hangs below it",
            ));
        }
        Ok(())
    }

    fn scope(&mut self, row: &ScopeRow, path: &str) -> Result<(), Error> {
        let directory = &mut self.directory;
        let slot = directory.scopes.intern(&row.id);
        let Some(kind) = directory.policy.kind_named(&row.kind) else {
            let known = directory.policy.kinds.iter().map(|kind| kind.name.as_str());
            return Err(unknown(format_args!("{path}.kind"), format!("`{}` is no scope kind of the policy", row.kind), &row.kind, known));
        };
        let parent = row.parent.as_ref().and_then(|parent| directory.scopes.find(parent));
        if (slot == ROOT) != (kind == 0) || (slot == ROOT) != parent.is_none() {
            return Err(bad(path, "the scope with the organization's id, and only that, is of kind `organization` and has no parent"));
        }
        let mut scope = directory
            .new_scope(slot, kind, parent)
            .ok_or_else(|| Error::from(Kind::OutOfBounds { bound: bounds::SCOPE_DEPTH, met: bounds::SCOPE_DEPTH.max + 1, path: path.to_owned() }))?;
        scope.status = row.status;
        scope.name = row.name.as_deref().map(Into::into);
        scope.attributes = row.attributes.clone();
        scope.version = row.version;
        directory.put_scope(slot, Some(scope));
        Ok(())
    }

    fn custom_roles(&mut self, rows: &[CustomRoleRow]) -> Result<(), Error> {
        let directory = &mut self.directory;
        check_rows(rows.len(), "custom_roles")?;
        for (i, row) in rows.iter().enumerate() {
            let path = format!("custom_roles[{i}]");
            check_id(&row.id, &path)?;
            check_text(row.name.as_ref(), &path)?;
            if !directory.policy.custom_roles {
                return Err(bad(&path, "the policy has no custom roles (`[custom_roles]`)"));
            }
            if directory.policy.roles.iter().any(|role| role.name == row.id || role.qualified == row.id) {
                return Err(bad(&path, format!("a declared role has the name `{}`", row.id)));
            }
            bounds::PERMISSIONS.check(row.permissions.len(), &format!("{path}.permissions"))?;
            let mut permissions = 0;
            for name in &row.permissions {
                let Some(bit) = directory.policy.permission_named(name) else {
                    let known = directory.policy.permissions.iter().map(|permission| permission.name.as_str());
                    return Err(unknown(path, format!("`{name}` is no permission of the policy"), name, known));
                };
                permissions |= 1 << bit;
            }
            let home = scope_slot(directory, &row.scope, &path)?;
            let slot = directory.custom_roles.intern(&row.id);
            let role = CustomRole { name: row.name.as_deref().map(Into::into), home, permissions, version: row.version };
            if directory.custom_roles.replace(slot, Some(role)).is_some() {
                return Err(bad(&path, format!("another custom role has the id `{}`", row.id)));
            }
        }
        Ok(())
    }

    fn users(&mut self, rows: &[UserRow]) -> Result<(), Error> {
        check_rows(rows.len(), "users")?;
        self.directory.users.reserve(rows.iter().map(|row| row.id.as_str()));
        for row in rows {
            self.directory.users.intern(&row.id);
        }
        for (i, row) in rows.iter().enumerate() {
            let path = format!("users[{i}]");
            let user = self.user(row, &path)?;
            let slot = self.directory.users.intern(&row.id);
            let email = user.email.clone();
            if self.directory.users.replace(slot, Some(user)).is_some() {
                return Err(bad(path, format!("another user has the id `{}`", row.id)));
            }
            if let Some(email) = email {
                self.directory.addresses.insert(&self.directory.users, slot, &email);
            }
        }
        Ok(())
    }

    fn user(&mut self, row: &UserRow, path: &str) -> Result<User, Error> {
        check_id(&row.id, path)?;
        check_text(row.name.as_ref(), path)?;
        row.owner.as_ref().map_or(Ok(()), |owner| check_id(owner, format_args!("{path}.owner")))?;
        if (row.kind == UserKind::Service) != row.owner.is_some() {
            return Err(bad(path, "a service, and only a service, has an `owner`"));
        }
        let known = &self.directory.policy.attributes;
        check_facts(&row.attributes, &known.user, path, "attributes")?;
        check_facts(&row.profile, &known.profile, path, "profile")?;
        let mut user = User { version: row.version, status: row.status, kind: row.kind, verified: row.verified, ..User::default() };
        if let Some(written) = &row.email {
            let email = check_email(written, path)?;
            if self.directory.user_of_email(&email).is_some() {
                return Err(bad(path, format!("another user has the address `{email}`")));
            }
            if *written != email {
                user.cold_mut().written = Some(written.as_str().into());
            }
            user.email = Some(email.into());
        }
        user.name = row.name.as_deref().map(Into::into);
        if row.owner.is_some() || !row.attributes.is_empty() || !row.profile.is_empty() {
            let owner = row.owner.as_ref().map(|owner| self.directory.users.intern(owner));
            let cold = user.cold_mut();
            cold.owner = owner;
            cold.attributes = row.attributes.clone();
            cold.profile = row.profile.clone();
        }
        Ok(user)
    }

    fn groups(&mut self, rows: &[GroupRow]) -> Result<(), Error> {
        let directory = &mut self.directory;
        check_rows(rows.len(), "groups")?;
        for (i, row) in rows.iter().enumerate() {
            let path = format!("groups[{i}]");
            check_id(&row.id, &path)?;
            check_text(row.name.as_ref(), &path)?;
            check_source(row.source.as_ref(), &path)?;
            check_rows(row.members.len().max(row.managers.len()), &path)?;
            let home = scope_slot(directory, &row.scope, &path)?;
            let users = |ids: &[String]| ids.iter().map(|id| user_slot(directory, id, &path)).collect::<Result<_, Error>>();
            let group = Group {
                name: row.name.as_deref().map(Into::into),
                home,
                members: users(&row.members)?,
                managers: users(&row.managers)?,
                source: row.source.as_deref().map(Into::into),
                version: row.version,
                ..Group::default()
            };
            let slot = directory.groups.intern(&row.id);
            if directory.groups.replace(slot, Some(group)).is_some() {
                return Err(bad(&path, format!("another group has the id `{}`", row.id)));
            }
        }
        Ok(())
    }

    fn deactivations(&mut self, rows: &[DeactivationRow]) -> Result<(), Error> {
        check_rows(rows.len(), "deactivations")?;
        let mut found = Vec::with_capacity(rows.len());
        for (i, row) in rows.iter().enumerate() {
            let path = format!("deactivations[{i}]");
            let scope = scope_slot(&self.directory, &row.scope, &path)?;
            let user = user_slot(&self.directory, &row.user, &path)?;
            if scope == ROOT {
                return Err(bad(&path, "that of the organization is the user's `status`"));
            }
            found.push((user, scope));
        }
        found.sort_unstable();
        found.dedup();
        for (user, scope) in found {
            if let Some(user) = self.directory.users.get_mut(user) {
                user.cold_mut().deactivated.push(scope);
            }
        }
        Ok(())
    }

    fn invitations(&mut self, rows: &[InvitationRow]) -> Result<(), Error> {
        check_rows(rows.len(), "invitations")?;
        for (i, row) in rows.iter().enumerate() {
            let path = format!("invitations[{i}]");
            check_id(&row.id, &path)?;
            check_text(row.name.as_ref(), &path)?;
            if row.email.is_some() == row.open.is_some() {
                return Err(bad(&path, "an invitation is to an `email`, or it is `open`"));
            }
            if row.status == InvitationStatus::Expired {
                return Err(bad(&path, "`expired` is a pending invitation past its `expires_at`: store it as `pending`"));
            }
            check_invitation(row, &path)?;
            let email = row.email.as_ref().map(|written| check_email(written, &path)).transpose()?;
            let invitation = Invitation {
                email: email.map(Into::into),
                written: row.email.as_deref().map(Into::into),
                open: row.open.clone(),
                name: row.name.as_deref().map(Into::into),
                offers: offers(&self.directory, &row.scopes, &path)?,
                inviter: row.inviter.clone(),
                status: row.status,
                created_at: row.created_at,
                expires_at: row.expires_at,
                token_hash: row.token_hash.as_deref().map(Into::into),
                user: row.user.as_deref().map(Into::into),
                version: row.version,
            };
            let slot = self.directory.invitations.intern(&row.id);
            if self.directory.invitations.get(slot).is_some() {
                return Err(bad(&path, format!("another invitation has the id `{}`", row.id)));
            }
            self.directory.put_invitation(slot, Some(invitation));
        }
        Ok(())
    }

    fn ended(&mut self, rows: &[EndedRow]) -> Result<(), Error> {
        check_rows(rows.len(), "ended")?;
        let mut by_user: BTreeMap<u32, Vec<Ended>> = BTreeMap::new();
        for (i, row) in rows.iter().enumerate() {
            let path = format!("ended[{i}]");
            check_id(&row.user, &path)?;
            check_time(Some(row.at), &path)?;
            let scope = scope_slot(&self.directory, &row.scope, &path)?;
            let email = row.email.as_ref().map(|written| check_email(written, &format!("{path}.email"))).transpose()?;
            let user = self.directory.users.intern(&row.user);
            by_user.entry(user).or_default().push(Ended { scope, email: email.map(Into::into), at: row.at, by: row.by });
        }
        by_user.into_iter().for_each(|(user, rows)| self.directory.put_ended(user, Some(rows)));
        Ok(())
    }
}

fn scope_slot(directory: &Directory, id: &str, path: &str) -> Result<u32, Error> {
    directory.scopes.find(id).ok_or_else(|| bad(path, format!("no scope has the id `{id}`")))
}

fn user_slot(directory: &Directory, id: &str, path: &str) -> Result<u32, Error> {
    directory.users.find(id).ok_or_else(|| bad(path, format!("no user has the id `{id}`")))
}

/// What stands beside the address and the roles of an invitation.
fn check_invitation(row: &InvitationRow, path: &str) -> Result<(), Error> {
    check_actor(&row.inviter, &format!("{path}.inviter"))?;
    for (id, word) in [(&row.user, "user"), (&row.token_hash, "token_hash")] {
        id.as_ref().map_or(Ok(()), |id| check_id(id, format_args!("{path}.{word}")))?;
    }
    check_time(Some(row.created_at), path)?;
    check_time(row.expires_at, path)?;
    // What a closed one offered can be gone.
    if !matches!(row.status, InvitationStatus::Pending | InvitationStatus::AwaitingApproval) {
        return Ok(());
    }
    if row.scopes.is_empty() {
        return Err(bad(format_args!("{path}.scopes"), "an invitation offers a role somewhere"));
    }
    let fault = row.open.as_ref().and_then(|open| open.audience_fault());
    fault.map_or(Ok(()), |(message, nearest)| Err(Kind::BadSnapshot { path: format!("{path}.open.audience"), message, nearest }.into()))
}

fn grant(directory: &Directory, scope: u32, role: &RoleAt, path: &str) -> Result<Extra, Error> {
    let found = find_role(directory, scope, &role.role, path)?;
    check_source(role.source.as_ref(), path)?;
    check_time(role.expires_at, path)?;
    Ok(Extra { scope, role: found, expires_at: role.expires_at, source: role.source.as_deref().map(Into::into) })
}

fn find_role(directory: &Directory, scope: u32, role: &str, path: &str) -> Result<RoleRef, Error> {
    directory.role_at(scope, role).ok_or_else(|| {
        let kind = directory.scopes.get(scope).map_or(0, |row| row.kind);
        let known = directory.policy.roles.iter().filter(|known| known.kind == kind).map(|role| role.name.as_str());
        let message = format!("`{role}` is no role of `{}`, nor a custom role", directory.policy.kinds[usize::from(kind)].name);
        unknown(format_args!("{path}.role"), message, role, known)
    })
}

fn offers(directory: &Directory, scopes: &[ScopedRoles], path: &str) -> Result<Vec<Offer>, Error> {
    bounds::SCOPES_AT_ONCE.check(scopes.len(), &format!("{path}.scopes"))?;
    let mut seen = BTreeSet::new();
    let mut offer = |(i, at): (usize, &ScopedRoles)| {
        let scope = scope_slot(directory, &at.scope, path)?;
        if !seen.insert(scope) {
            return Err(bad(format_args!("{path}.scopes[{i}]"), format!("the scope `{}` stands twice", at.scope)));
        }
        bounds::ROLES_AT_ONCE.check(at.roles.len(), &format!("{path}.scopes[{i}].roles"))?;
        let mut roles = at.roles.iter().map(|role| grant(directory, scope, role, path)).collect::<Result<Vec<_>, _>>()?;
        directory.sort_grants(&mut roles);
        Ok(Offer { scope, roles })
    };
    scopes.iter().enumerate().map(&mut offer).collect()
}

impl Directory {
    /// A scope of the kind under the parent, without name and attributes. `None` if the tree would be too deep.
    pub(crate) fn new_scope(&self, slot: u32, kind: u8, parent: Option<u32>) -> Option<Scope> {
        let above = parent.and_then(|parent| self.scopes.get(parent));
        let depth = above.map_or(0, |above| above.depth + 1);
        let mut path = above.map_or([0; bounds::SCOPE_DEPTH.max], |above| above.path);
        *path.get_mut(usize::from(depth))? = slot;
        let mut layers: SmallVec<[(u8, u8); 3]> = above.map(|above| above.layers.clone()).unwrap_or_default();
        layers.retain(|layer| layer.0 != kind);
        layers.push((kind, depth));
        Some(Scope { kind, depth, path, layers, status: Default::default(), name: None, attributes: Default::default(), version: 0 })
    }

    /// A role by its name in a document: a declared role of the scope's kind, or a custom role.
    pub(crate) fn role_at(&self, scope: u32, name: &str) -> Option<RoleRef> {
        let kind = self.scopes.get(scope)?.kind;
        let declared = self.policy.role_named(kind, name).map(RoleRef::Declared);
        declared.or_else(|| self.custom_roles.find(name).map(RoleRef::Custom))
    }

    /// Builds what is derived from rows that the loader put in place directly.
    fn index_all(&mut self) {
        for slot in self.groups.slots().collect::<Vec<_>>() {
            if let Some(row) = self.groups.replace(slot, None) {
                self.put_loaded_group(slot, row);
            }
        }
        for slot in 0..self.users.capacity() as u32 {
            if let Some(row) = self.users.replace(slot, None) {
                self.put_loaded_user(slot, row);
            }
        }
        // Sets to which everything was added in order are half empty; made at once they are full.
        for hangers in &mut self.hangers {
            hangers.users = std::mem::take(&mut hangers.users).into_iter().collect();
        }
        self.counters = vec![HashMap::default(); self.policy.keeps.len()];
        let all: Vec<u32> = self.users.slots().collect();
        self.count(&all, 1);
    }
}
