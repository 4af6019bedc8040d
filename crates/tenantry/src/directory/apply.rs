//! Events make facts: each one replaces a row.

use std::collections::BTreeSet;

use crate::document::snapshot::{InvitationStatus, OpenRow, ScopeStatus, Status, UserKind};
use crate::document::{Event, Fact, Facts, RoleAt, ScopedRoles, Time};
use crate::email::canonical;

use super::change::Rows;
use super::rows::{CustomRole, Ended, Extra, Group, Holdings, Invitation, Offer, RoleRef, Scope, User};
use super::{Directory, ROOT};

/// Rows that a decision changed: their versions move on once, however many events touched them.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub users: BTreeSet<u32>,
    pub scopes: BTreeSet<u32>,
    pub groups: BTreeSet<u32>,
    pub custom_roles: BTreeSet<u32>,
    pub invitations: BTreeSet<u32>,
}

impl Directory {
    /// Makes the events true. `at` is the time of the request.
    pub(crate) fn apply_events(&mut self, events: &[Event], at: Time) -> Touched {
        let mut touched = Touched::default();
        for event in events {
            self.apply_event(event, at, &mut touched);
        }
        touched
    }

    fn apply_event(&mut self, event: &Event, at: Time, touched: &mut Touched) {
        match event {
            Event::OrganizationCreated { .. }
            | Event::ScopeCreated { .. }
            | Event::ScopeConfigured { .. }
            | Event::ScopeMoved { .. }
            | Event::ScopeArchived { .. }
            | Event::ScopeRestored { .. }
            | Event::ScopeDeleted { .. } => self.apply_scope(event, touched),
            Event::MemberAdded { .. }
            | Event::MemberRemoved { .. }
            | Event::MemberDeactivated { .. }
            | Event::MemberReactivated { .. }
            | Event::MemberEdited { .. }
            | Event::MemberEmailChanged { .. } => self.apply_member(event, at, touched),
            Event::RoleGiven { user, group, scope, role, expires_at, source } => {
                let role = RoleAt { role: role.clone(), expires_at: *expires_at, source: source.clone() };
                self.apply_grant(user.as_deref(), group.as_deref(), scope, &role, true, touched);
            }
            Event::RoleTaken { user, group, scope, role } => {
                let role = RoleAt { role: role.clone(), expires_at: None, source: None };
                self.apply_grant(user.as_deref(), group.as_deref(), scope, &role, false, touched);
            }
            Event::InvitationCreated { .. }
            | Event::InvitationUpdated { .. }
            | Event::InvitationResent { .. }
            | Event::InvitationLinked { .. }
            | Event::InvitationRevoked { .. }
            | Event::InvitationExpired { .. }
            | Event::InvitationDeclined { .. }
            | Event::InvitationAccepted { .. }
            | Event::InvitationApproved { .. } => self.apply_invitation(event, touched),
            Event::InvitationSkipped { .. } => {}
            Event::CustomRoleCreated { .. } | Event::CustomRoleUpdated { .. } | Event::CustomRoleDeleted { .. } => self.apply_custom_role(event, touched),
            Event::GroupCreated { .. } | Event::GroupDeleted { .. } | Event::GroupMemberAdded { .. } | Event::GroupMemberRemoved { .. } => {
                self.apply_group(event, touched);
            }
        }
    }

    fn edit_user(&mut self, id: &str, touched: &mut Touched, edit: impl FnOnce(&mut User)) {
        let slot = self.users.intern(id);
        if let Some(mut row) = self.users.get(slot).cloned() {
            edit(&mut row);
            self.put_user(slot, Some(row));
        }
        touched.users.insert(slot);
    }

    fn edit_scope(&mut self, id: &str, touched: &mut Touched, edit: impl FnOnce(&mut Scope)) {
        let slot = self.scopes.intern(id);
        if let Some(mut row) = self.scopes.get(slot).cloned() {
            edit(&mut row);
            self.put_scope(slot, Some(row));
        }
        touched.scopes.insert(slot);
    }

    fn edit_group(&mut self, id: &str, touched: &mut Touched, edit: impl FnOnce(&mut Group)) {
        let slot = self.groups.intern(id);
        if let Some(mut row) = self.groups.get(slot).cloned() {
            edit(&mut row);
            self.put_group(slot, Some(row));
        }
        touched.groups.insert(slot);
    }

    fn edit_invitation(&mut self, id: &str, touched: &mut Touched, edit: impl FnOnce(&mut Invitation)) {
        let slot = self.invitations.intern(id);
        if let Some(mut row) = self.invitations.get(slot).cloned() {
            edit(&mut row);
            self.put_invitation(slot, Some(row));
        }
        touched.invitations.insert(slot);
    }

    fn apply_scope(&mut self, event: &Event, touched: &mut Touched) {
        match event {
            Event::OrganizationCreated { name, attributes, .. } => self.put_new_scope(ROOT, 0, None, name.as_deref(), attributes, touched),
            Event::ScopeCreated { scope, kind, parent, name, attributes } => {
                let (slot, parent) = (self.scopes.intern(scope), self.scopes.find(parent));
                let kind = self.policy.kind_named(kind).unwrap_or_default();
                self.put_new_scope(slot, kind, parent, name.as_deref(), attributes, touched);
            }
            Event::ScopeConfigured { scope, name, attributes } => self.edit_scope(scope, touched, |row| {
                if let Some(name) = name {
                    row.name = Some(name.as_str().into());
                }
                row.attributes.0.extend(attributes.0.clone());
            }),
            Event::ScopeMoved { scope, to, .. } => self.apply_move(scope, to, touched),
            Event::ScopeArchived { scope } => self.edit_scope(scope, touched, |row| row.status = ScopeStatus::Archived),
            Event::ScopeRestored { scope } => self.edit_scope(scope, touched, |row| row.status = ScopeStatus::Active),
            Event::ScopeDeleted { scope } => {
                let slot = self.scopes.intern(scope);
                self.forget_scope(slot);
                self.note_gone(Rows::Scope, slot, self.scopes.get(slot).map(|row| row.version));
                self.put_scope(slot, None);
                touched.scopes.insert(slot);
            }
            _ => {}
        }
    }

    /// Closed invitations are kept, but what they offered may go.
    fn forget_offers(&mut self, forget: impl Fn(&mut Offer)) {
        for slot in self.invitations.slots().collect::<Vec<_>>() {
            let Some(row) = self.invitations.get(slot) else { continue };
            let mut left = row.clone();
            left.offers.iter_mut().for_each(&forget);
            left.offers.retain(|offer| !offer.roles.is_empty());
            if left != *row {
                self.put_invitation(slot, Some(left));
            }
        }
    }

    /// What else is written down about a scope goes with it.
    fn forget_scope(&mut self, scope: u32) {
        self.forget_offers(|offer| {
            if offer.scope == scope {
                offer.roles.clear();
            }
        });
        let resting: Vec<u32> = self.users.slots().filter(|&user| self.users.get(user).is_some_and(|row| row.deactivated().contains(&scope))).collect();
        for user in resting {
            if let Some(mut row) = self.users.get(user).cloned() {
                row.cold_mut().deactivated.retain(|&mut other| other != scope);
                self.put_user(user, Some(row));
            }
        }
        let ended: Vec<u32> = self.ended.iter().filter(|(_, rows)| rows.iter().any(|row| row.scope == scope)).map(|(&user, _)| user).collect();
        for user in ended {
            let left = self.ended.get(&user).map(|rows| rows.iter().filter(|row| row.scope != scope).cloned().collect());
            self.put_ended(user, left);
        }
    }

    fn put_new_scope(&mut self, slot: u32, kind: u8, parent: Option<u32>, name: Option<&str>, attributes: &Facts, touched: &mut Touched) {
        if let Some(mut row) = self.new_scope(slot, kind, parent) {
            row.name = name.map(Into::into);
            row.attributes = attributes.clone();
            row.version = self.gone_at(Rows::Scope, slot);
            self.put_scope(slot, Some(row));
            touched.scopes.insert(slot);
        }
    }

    /// A moved scope takes everything below it along: their ways up to the organization change.
    fn apply_move(&mut self, scope: &str, to: &str, touched: &mut Touched) {
        let (Some(moved), Some(parent)) = (self.scopes.find(scope), self.scopes.find(to)) else { return };
        for (i, slot) in self.subtree(moved).into_iter().enumerate() {
            let Some(old) = self.scopes.get(slot).cloned() else { continue };
            let above = if i == 0 { Some(parent) } else { old.parent() };
            if let Some(fresh) = self.new_scope(slot, old.kind, above) {
                self.put_scope(slot, Some(Scope { depth: fresh.depth, path: fresh.path, layers: fresh.layers, ..old }));
                touched.scopes.insert(slot);
            }
        }
    }

    fn apply_member(&mut self, event: &Event, at: Time, touched: &mut Touched) {
        match event {
            Event::MemberAdded { user, email, verified, name, kind, owner, attributes } => {
                let slot = self.users.intern(user);
                let mut row = User { kind: *kind, verified: *verified, ..User::default() };
                set_email(&mut row, email.as_deref());
                row.name = name.as_deref().map(Into::into);
                if owner.is_some() || !attributes.is_empty() {
                    let owner = (*kind == UserKind::Service).then_some(owner.as_ref()).flatten().map(|owner| self.users.intern(owner));
                    let cold = row.cold_mut();
                    (cold.owner, cold.attributes) = (owner, attributes.clone());
                }
                row.version = self.gone_at(Rows::User, slot);
                self.put_user(slot, Some(row));
                self.clear_ended(slot, |_| true);
                touched.users.insert(slot);
            }
            Event::MemberRemoved { user, scope, by } => {
                let slot = self.users.intern(user);
                let scope = self.scopes.intern(scope);
                // An address that nobody has vouched for says nothing about who had it.
                let email = self.users.get(slot).filter(|row| row.verified).and_then(|row| row.email.clone());
                let mut endings = self.ended.get(&slot).cloned().unwrap_or_default();
                endings.retain(|ended| ended.scope != scope);
                endings.push(Ended { scope, email, at, by: *by });
                self.put_ended(slot, Some(endings));
                // A deactivation outlives the membership: ending it is no way around.
                if scope == ROOT {
                    self.forget_user(slot, touched);
                }
                touched.users.insert(slot);
            }
            Event::MemberDeactivated { user, scope } => self.set_status(user, scope, Status::Deactivated, touched),
            Event::MemberReactivated { user, scope } => self.set_status(user, scope, Status::Active, touched),
            Event::MemberEdited { user, profile } => self.edit_user(user, touched, |row| {
                for (field, value) in &profile.0 {
                    match (field.as_str(), value) {
                        ("name", Fact::Text(name)) => row.name = Some(name.as_str().into()),
                        _ => drop(row.cold_mut().profile.0.insert(field.clone(), value.clone())),
                    }
                }
            }),
            Event::MemberEmailChanged { user, email, verified, .. } => self.edit_user(user, touched, |row| {
                set_email(row, Some(email));
                row.verified = *verified;
            }),
            _ => {}
        }
    }

    /// The account goes, and what groups say of it; its version goes on counting if it ever comes back.
    fn forget_user(&mut self, slot: u32, touched: &mut Touched) {
        if let Some(row) = self.users.get(slot) {
            self.note_gone(Rows::User, slot, Some(row.version));
        }
        self.put_user(slot, None);
        for group in self.groups.slots().collect::<Vec<_>>() {
            if let Some(mut row) = self.groups.get(group).filter(|row| row.managers.contains(&slot)).cloned() {
                row.managers.remove(&slot);
                self.put_group(group, Some(row));
                touched.groups.insert(group);
            }
        }
    }

    /// A row goes: if one of its id ever comes back, its version goes on counting.
    fn note_gone(&mut self, rows: Rows, slot: u32, version: Option<u32>) {
        self.put_gone((rows, slot), Some(version.unwrap_or(0).saturating_add(1)));
    }

    fn gone_at(&self, rows: Rows, slot: u32) -> u32 {
        self.gone.get(&(rows, slot)).copied().unwrap_or(0)
    }

    fn set_status(&mut self, user: &str, scope: &str, status: Status, touched: &mut Touched) {
        let scope = self.scopes.intern(scope);
        self.edit_user(user, touched, |row| {
            if scope == ROOT {
                row.status = status;
                return;
            }
            let deactivated = &mut row.cold_mut().deactivated;
            deactivated.retain(|&mut other| other != scope);
            if status == Status::Deactivated {
                deactivated.push(scope);
            }
        });
    }

    /// What begins anew clears endings of the user.
    fn clear_ended(&mut self, user: u32, renewed: impl Fn(&Ended) -> bool) {
        let Some(endings) = self.ended.get(&user) else { return };
        let left: Vec<Ended> = endings.iter().filter(|ended| !renewed(ended)).cloned().collect();
        if left.len() < endings.len() {
            self.put_ended(user, Some(left));
        }
    }

    fn apply_grant(&mut self, user: Option<&str>, group: Option<&str>, scope: &str, role: &RoleAt, given: bool, touched: &mut Touched) {
        let Some(scope) = self.scopes.find(scope) else { return };
        let Some(found) = self.role_at(scope, &role.role) else { return };
        let extra = Extra { scope, role: found, expires_at: role.expires_at, source: role.source.as_deref().map(Into::into) };
        let change = |holdings: &mut Holdings| if given { holdings.give(extra) } else { holdings.take(scope, found) };
        if let Some(id) = user {
            self.edit_user(id, touched, |row| change(&mut row.holdings));
            if given {
                let slot = self.users.intern(id);
                self.clear_ended(slot, |ended| ended.scope == scope);
            }
        } else if let Some(id) = group {
            self.edit_group(id, touched, |row| change(&mut row.holdings));
        }
    }

    fn apply_invitation(&mut self, event: &Event, touched: &mut Touched) {
        match event {
            Event::InvitationCreated { invitation, email, open, name, scopes, inviter, created_at, expires_at, token_hash } => {
                let slot = self.invitations.intern(invitation);
                let row = Invitation {
                    email: email.as_deref().and_then(canonical).map(Into::into),
                    written: email.as_deref().map(Into::into),
                    open: open.clone(),
                    name: name.as_deref().map(Into::into),
                    offers: self.offers_of(scopes),
                    inviter: inviter.clone(),
                    status: InvitationStatus::Pending,
                    created_at: *created_at,
                    expires_at: *expires_at,
                    token_hash: token_hash.as_deref().map(Into::into),
                    user: None,
                    version: self.gone_at(Rows::Invitation, slot),
                };
                self.clear_ended_by_offer(&row);
                self.put_invitation(slot, Some(row));
                touched.invitations.insert(slot);
            }
            Event::InvitationUpdated { invitation, scopes, inviter, created_at, expires_at } => {
                let offers = self.offers_of(scopes);
                self.edit_invitation(invitation, touched, |row| {
                    (row.offers, row.inviter, row.created_at, row.expires_at) = (offers, inviter.clone(), *created_at, *expires_at);
                });
            }
            Event::InvitationResent { invitation, token_hash } | Event::InvitationLinked { invitation, token_hash } => {
                self.edit_invitation(invitation, touched, |row| {
                    if let Some(hash) = token_hash {
                        row.token_hash = Some(hash.as_str().into());
                    }
                });
            }
            Event::InvitationRevoked { invitation } => self.close(invitation, InvitationStatus::Revoked, None, touched),
            Event::InvitationExpired { invitation } => self.close(invitation, InvitationStatus::Pending, None, touched),
            Event::InvitationDeclined { invitation } => self.close(invitation, InvitationStatus::Declined, None, touched),
            Event::InvitationAccepted { invitation, user, awaiting_approval: true, name } => self.edit_invitation(invitation, touched, |row| {
                (row.status, row.user) = (InvitationStatus::AwaitingApproval, Some(user.as_str().into()));
                row.name = name.as_deref().map(Into::into).or(row.name.take());
            }),
            Event::InvitationAccepted { invitation, user, .. } | Event::InvitationApproved { invitation, user } => {
                self.close(invitation, InvitationStatus::Accepted, Some(user), touched);
            }
            _ => {}
        }
    }

    fn offers_of(&self, scopes: &[ScopedRoles]) -> Vec<Offer> {
        let one = |at: &ScopedRoles| {
            let scope = self.scopes.find(&at.scope)?;
            let grant = |role: &RoleAt| {
                let found = self.role_at(scope, &role.role)?;
                Some(Extra { scope, role: found, expires_at: role.expires_at, source: role.source.as_deref().map(Into::into) })
            };
            let mut roles: Vec<Extra> = at.roles.iter().filter_map(grant).collect();
            self.sort_grants(&mut roles);
            Some(Offer { scope, roles })
        };
        scopes.iter().filter_map(one).collect()
    }

    /// A new offer clears the endings that stand under its address: at the scopes that it offers, and at the organization if
    /// the way back leads through it, as there is no account.
    fn clear_ended_by_offer(&mut self, row: &Invitation) {
        let Some(users) = row.email.as_ref().and_then(|email| self.ended_emails.get(email)).cloned() else { return };
        for user in users {
            let is_gone = self.users.get(user).is_none();
            let is_offered = |scope: u32| row.offers.iter().any(|offer| offer.scope == scope) || scope == ROOT && is_gone;
            self.clear_ended(user, |ended| ended.email == row.email && is_offered(ended.scope));
        }
    }

    /// Closes an invitation; an open link with uses left stays open. Without records a closed one is dropped, and an
    /// expired one always is: a new one takes its place.
    fn close(&mut self, id: &str, status: InvitationStatus, user: Option<&str>, touched: &mut Touched) {
        let slot = self.invitations.intern(id);
        touched.invitations.insert(slot);
        let Some(mut row) = self.invitations.get(slot).cloned() else { return };
        if let (InvitationStatus::Accepted, Some(OpenRow { uses, .. })) = (status, &mut row.open) {
            if let Some(left) = uses {
                *left = left.saturating_sub(1);
            }
            if *uses != Some(0) {
                self.put_invitation(slot, Some(row));
                return;
            }
        } else if status == InvitationStatus::Accepted {
            row.user = user.map(Into::into);
        }
        let kept = self.policy.invitations.keep_records && status != InvitationStatus::Pending;
        row.status = status;
        if !kept {
            self.note_gone(Rows::Invitation, slot, Some(row.version));
        }
        self.put_invitation(slot, kept.then_some(row));
    }

    fn apply_custom_role(&mut self, event: &Event, touched: &mut Touched) {
        let mask = |directory: &Directory, names: &[String]| {
            names.iter().filter_map(|name| directory.policy.permission_named(name)).map(|bit| 1 << bit).fold(0, std::ops::BitOr::bitor)
        };
        let (Event::CustomRoleCreated { role, .. } | Event::CustomRoleUpdated { role, .. } | Event::CustomRoleDeleted { role }) = event else { return };
        let slot = self.custom_roles.intern(role);
        let old = self.custom_roles.get(slot).cloned().unwrap_or_default();
        let old_version = old.version;
        let row = match event {
            Event::CustomRoleCreated { scope, name, permissions, .. } => {
                let home = self.scopes.find(scope).unwrap_or(ROOT);
                Some(CustomRole {
                    name: name.as_deref().map(Into::into),
                    home,
                    permissions: mask(self, permissions),
                    version: self.gone_at(Rows::CustomRole, slot),
                })
            }
            Event::CustomRoleUpdated { name, permissions, .. } => Some(CustomRole {
                name: name.as_deref().map(Into::into).or(old.name),
                permissions: permissions.as_ref().map_or(old.permissions, |names| mask(self, names)),
                ..old
            }),
            _ => None,
        };
        if row.is_none() {
            self.note_gone(Rows::CustomRole, slot, Some(old_version));
            self.forget_offers(|offer| offer.roles.retain(|grant| grant.role != RoleRef::Custom(slot)));
        }
        self.put_custom_role(slot, row);
        touched.custom_roles.insert(slot);
    }

    fn apply_group(&mut self, event: &Event, touched: &mut Touched) {
        match event {
            Event::GroupCreated { group, scope, name } => {
                let slot = self.groups.intern(group);
                let home = self.scopes.find(scope).unwrap_or(ROOT);
                let version = self.gone_at(Rows::Group, slot);
                self.put_group(slot, Some(Group { name: name.as_deref().map(Into::into), home, version, ..Group::default() }));
                touched.groups.insert(slot);
            }
            Event::GroupDeleted { group } => {
                let slot = self.groups.intern(group);
                self.note_gone(Rows::Group, slot, self.groups.get(slot).map(|row| row.version));
                self.put_group(slot, None);
                touched.groups.insert(slot);
            }
            Event::GroupMemberAdded { group, user } => {
                let user = self.users.intern(user);
                self.edit_group(group, touched, |row| _ = row.members.insert(user));
                touched.users.insert(user);
            }
            Event::GroupMemberRemoved { group, user } => {
                let user = self.users.intern(user);
                self.edit_group(group, touched, |row| _ = row.members.remove(&user));
                touched.users.insert(user);
            }
            _ => {}
        }
    }
}

fn set_email(row: &mut User, written: Option<&str>) {
    let email = written.and_then(canonical);
    let differs = written.filter(|&written| email.as_deref() != Some(written)).map(Into::into);
    if differs.is_some() || row.cold.is_some() {
        row.cold_mut().written = differs;
    }
    row.email = email.map(Into::into);
}
