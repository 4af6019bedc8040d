//! From a snapshot to a directory. What is wrong with a row is an error with its path; an imported state that breaks a
//! keep is not wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::bounds::{self, Bound};
use crate::document::snapshot::{EndedRow, GrantRow, GroupRow, InvitationRow, ScopeRow, Snapshot, UserKind, UserRow};
use crate::document::{RoleAt, ScopedRoles, VERSION};
use crate::email::canonical;
use crate::error::{Error, Kind};
use crate::name::{id_fault, nearest, too_long};
use crate::policy::Policy;

use super::rows::{CustomRole, Ended, Extra, Group, Invitation, Offer, RoleRef, Scope, User};
use super::slice::Held;
use super::table::Table;
use super::{Directory, ROOT};

pub(crate) fn load(policy: Arc<Policy>, snapshot: &Snapshot) -> Result<Directory, Error> {
    if snapshot.tenantry != VERSION {
        return Err(Kind::UnsupportedVersion { document: "snapshot", met: snapshot.tenantry }.into());
    }
    check_id(&snapshot.organization, "organization")?;
    let mut loader = Loader { directory: empty(policy, &snapshot.organization) };
    loader.scopes(&snapshot.scopes)?;
    loader.custom_roles(snapshot)?;
    loader.users(&snapshot.users)?;
    loader.groups(&snapshot.groups)?;
    loader.grants(&snapshot.grants)?;
    loader.deactivations(snapshot)?;
    loader.invitations(&snapshot.invitations)?;
    loader.ended(&snapshot.ended)?;
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
        by_email: Table::new(seed),
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

fn bad(path: &str, message: impl Into<String>) -> Error {
    Kind::BadSnapshot { path: path.to_owned(), message: message.into(), nearest: None }.into()
}

fn check_id(id: &str, path: &str) -> Result<(), Error> {
    id_fault(id).map_or(Ok(()), |fault| Err(bad(path, fault)))
}

fn check_text(text: Option<&String>, path: &str) -> Result<(), Error> {
    text.and_then(|text| too_long(text, bounds::TEXT_BYTES)).map_or(Ok(()), |fault| Err(bad(path, fault)))
}

fn check_rows(rows: usize, path: &str) -> Result<(), Error> {
    let bound: Bound = bounds::TABLE_ROWS;
    if rows > bound.max { Err(Kind::OutOfBounds { bound, met: rows, path: path.to_owned() }.into()) } else { Ok(()) }
}

fn check_facts(facts: &crate::document::Facts, known: &[String], path: &str) -> Result<(), Error> {
    let unknown = facts.0.keys().find(|name| !known.contains(name));
    unknown.map_or(Ok(()), |name| {
        let message = format!("`{name}` is not listed in the policy's `[attributes]`");
        let nearest = nearest(name, known.iter().map(String::as_str));
        Err(Kind::BadSnapshot { path: format!("{path}.attributes"), message, nearest }.into())
    })
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
            check_facts(&row.attributes, &directory.policy.attributes.scope, &path)?;
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
            return Err(bad(&format!("scopes[{lost}].parent"), "no way leads from this scope up to the organization: its parent is missing or hangs below it"));
        }
        Ok(())
    }

    fn scope(&mut self, row: &ScopeRow, path: &str) -> Result<(), Error> {
        let directory = &mut self.directory;
        let slot = directory.scopes.intern(&row.id);
        let Some(kind) = directory.policy.kind_named(&row.kind) else {
            let known = directory.policy.kinds.iter().map(|kind| kind.name.as_str());
            let nearest = nearest(&row.kind, known);
            return Err(Kind::BadSnapshot { path: format!("{path}.kind"), message: format!("`{}` is no scope kind of the policy", row.kind), nearest }.into());
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

    fn custom_roles(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        let directory = &mut self.directory;
        check_rows(snapshot.custom_roles.len(), "custom_roles")?;
        for (i, row) in snapshot.custom_roles.iter().enumerate() {
            let path = format!("custom_roles[{i}]");
            check_id(&row.id, &path)?;
            check_text(row.name.as_ref(), &path)?;
            if !directory.policy.custom_roles {
                return Err(bad(&path, "the policy has no custom roles (`[custom_roles]`)"));
            }
            if directory.policy.roles.iter().any(|role| role.name == row.id || role.qualified == row.id) {
                return Err(bad(&path, format!("a declared role has the name `{}`", row.id)));
            }
            let mut permissions = 0;
            for name in &row.permissions {
                let Some(bit) = directory.policy.permission_named(name) else {
                    let nearest = nearest(name, directory.policy.permissions.iter().map(|permission| permission.name.as_str()));
                    return Err(Kind::BadSnapshot { path, message: format!("`{name}` is no permission of the policy"), nearest }.into());
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
        self.directory.users.reserve(rows.len());
        for row in rows {
            self.directory.users.intern(&row.id);
        }
        for (i, row) in rows.iter().enumerate() {
            let user = self.user(row).map_err(|fault| bad(&format!("users[{i}]"), fault))?;
            check_facts(&row.attributes, &self.directory.policy.attributes.user, &format!("users[{i}]"))?;
            let slot = self.directory.users.intern(&row.id);
            if self.directory.users.replace(slot, Some(user)).is_some() {
                return Err(bad(&format!("users[{i}]"), format!("another user has the id `{}`", row.id)));
            }
        }
        Ok(())
    }

    fn user(&mut self, row: &UserRow) -> Result<User, String> {
        id_fault(&row.id).map_or(Ok(()), Err)?;
        row.name.as_ref().and_then(|name| too_long(name, bounds::TEXT_BYTES)).map_or(Ok(()), Err)?;
        if (row.kind == UserKind::Service) != row.owner.is_some() {
            return Err("a service, and only a service, has an `owner`".to_owned());
        }
        let mut user = User { version: row.version, status: row.status, kind: row.kind, verified: row.verified, ..User::default() };
        if let Some(written) = &row.email {
            let email = canonical(written).ok_or_else(|| format!("\"{written}\" is no e-mail address"))?;
            let slot = self.directory.by_email.intern(&email);
            if self.directory.by_email.replace(slot, Some(0)).is_some() {
                return Err(format!("another user has the address `{email}`"));
            }
            if *written != email {
                user.cold_mut().written = Some(written.as_str().into());
            }
            user.email = Some(email.into());
        }
        if row.name.is_some() || row.owner.is_some() || !row.attributes.is_empty() || !row.profile.is_empty() {
            let owner = row.owner.as_ref().map(|owner| self.directory.users.intern(owner));
            let cold = user.cold_mut();
            cold.name = row.name.as_deref().map(Into::into);
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

    fn grants(&mut self, rows: &[GrantRow]) -> Result<(), Error> {
        let directory = &mut self.directory;
        check_rows(rows.len(), "grants")?;
        for (i, row) in rows.iter().enumerate() {
            let path = || format!("grants[{i}]");
            let scope = scope_slot(directory, &row.scope, &path())?;
            let role_at = RoleAt { role: row.role.clone(), expires_at: row.expires_at, source: row.source.clone() };
            let extra = grant(directory, scope, &role_at, &path())?;
            let holdings = match (&row.user, &row.group) {
                (Some(user), None) => {
                    let slot = user_slot(directory, user, &path())?;
                    directory.users.get_mut(slot).map(|user| &mut user.holdings)
                }
                (None, Some(group)) => {
                    let slot = directory.groups.find(group).ok_or_else(|| bad(&path(), format!("no group has the id `{group}`")))?;
                    directory.groups.get_mut(slot).map(|group| &mut group.holdings)
                }
                _ => return Err(bad(&path(), "a grant has either a `user` or a `group`")),
            };
            let Some(holdings) = holdings else { continue };
            holdings.give(extra);
            let held = holdings.places.len() + holdings.extras().len();
            if held > bounds::GRANTS_OF_ONE.max {
                return Err(Kind::OutOfBounds { bound: bounds::GRANTS_OF_ONE, met: held, path: path() }.into());
            }
        }
        Ok(())
    }

    fn deactivations(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        for (i, row) in snapshot.deactivations.iter().enumerate() {
            let path = format!("deactivations[{i}]");
            let scope = scope_slot(&self.directory, &row.scope, &path)?;
            let user = user_slot(&self.directory, &row.user, &path)?;
            if scope == ROOT {
                return Err(bad(&path, "that of the organization is the user's `status`"));
            }
            if let Some(user) = self.directory.users.get_mut(user) {
                let deactivated = &mut user.cold_mut().deactivated;
                if !deactivated.contains(&scope) {
                    deactivated.push(scope);
                }
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
            if row.status == crate::document::snapshot::InvitationStatus::Expired {
                return Err(bad(&path, "`expired` is a pending invitation past its `expires_at`: store it as `pending`"));
            }
            let email = row.email.as_ref().map(|written| canonical(written).ok_or_else(|| bad(&path, format!("\"{written}\" is no e-mail address"))));
            let invitation = Invitation {
                email: email.transpose()?.map(Into::into),
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
        for (i, row) in rows.iter().enumerate() {
            let path = format!("ended[{i}]");
            check_id(&row.user, &path)?;
            let scope = scope_slot(&self.directory, &row.scope, &path)?;
            let user = self.directory.users.intern(&row.user);
            let ended = Ended { scope, email: row.email.as_deref().and_then(canonical).map(Into::into), at: row.at, by: row.by };
            let mut all = self.directory.ended.get(&user).cloned().unwrap_or_default();
            all.push(ended);
            self.directory.put_ended(user, Some(all));
        }
        Ok(())
    }
}

fn scope_slot(directory: &Directory, id: &str, path: &str) -> Result<u32, Error> {
    directory.scopes.find(id).ok_or_else(|| bad(path, format!("no scope has the id `{id}`")))
}

fn user_slot(directory: &Directory, id: &str, path: &str) -> Result<u32, Error> {
    directory.users.find(id).ok_or_else(|| bad(path, format!("no user has the id `{id}`")))
}

fn grant(directory: &Directory, scope: u32, role: &RoleAt, path: &str) -> Result<Extra, Error> {
    let found = directory.role_at(scope, &role.role).ok_or_else(|| {
        let kind = directory.scopes.get(scope).map_or(0, |row| row.kind);
        let known = directory.policy.roles.iter().filter(|known| known.kind == kind).map(|role| role.name.as_str());
        let nearest = nearest(&role.role, known);
        let message = format!("`{}` is no role of `{}`, nor a custom role", role.role, directory.policy.kinds[usize::from(kind)].name);
        Error::from(Kind::BadSnapshot { path: format!("{path}.role"), message, nearest })
    })?;
    Ok(Extra { scope, role: found, expires_at: role.expires_at, source: role.source.as_deref().map(Into::into) })
}

fn offers(directory: &Directory, scopes: &[ScopedRoles], path: &str) -> Result<Vec<Offer>, Error> {
    let offer = |at: &ScopedRoles| {
        let scope = scope_slot(directory, &at.scope, path)?;
        let mut roles = at.roles.iter().map(|role| grant(directory, scope, role, path)).collect::<Result<Vec<_>, _>>()?;
        directory.sort_grants(&mut roles);
        Ok(Offer { scope, roles })
    };
    scopes.iter().map(offer).collect()
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
            let row = self.groups.replace(slot, None);
            self.put_group(slot, row);
        }
        for slot in 0..self.users.capacity() as u32 {
            if let Some(row) = self.users.replace(slot, None) {
                self.put_loaded_user(slot, row);
            }
        }
        self.counters = vec![HashMap::default(); self.policy.keeps.len()];
        let all: Vec<u32> = self.users.slots().collect();
        self.count(&all, 1);
    }
}
