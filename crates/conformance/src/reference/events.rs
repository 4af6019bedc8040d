//! Folding events into the snapshot: what each fact makes of the state.

use tenantry::document::snapshot::{
    CustomRoleRow, DeactivationRow, EndedRow, GrantRow, GroupRow, InvitationRow, InvitationStatus, ScopeRow, ScopeStatus, Status, UserRow,
};
use tenantry::document::{Event, Fact, Snapshot, Time};

use super::world::canonical_of;
use super::written::Written;

/// Makes events true.
pub fn fold(doc: &mut Snapshot, events: &[Event], now: Time, written: &Written) {
    for event in events {
        fold_tree(doc, event);
        fold_member(doc, event, now);
        fold_role(doc, event);
        fold_invitation(doc, event, written.invitations.keep_records.unwrap_or(true));
        fold_group(doc, event);
    }
}

fn scope<'a>(doc: &'a mut Snapshot, id: &str) -> Option<&'a mut ScopeRow> {
    doc.scopes.iter_mut().find(|row| row.id == id)
}

fn fold_tree(doc: &mut Snapshot, event: &Event) {
    let row = |id: &String, kind: &str, parent: Option<String>, name: &Option<String>, attributes: &tenantry::document::Facts| ScopeRow {
        id: id.clone(),
        kind: kind.to_owned(),
        parent,
        name: name.clone(),
        status: ScopeStatus::Active,
        attributes: attributes.clone(),
        version: 0,
    };
    match event {
        Event::OrganizationCreated { scope, name, attributes } => doc.scopes.push(row(scope, "organization", None, name, attributes)),
        Event::ScopeCreated { scope, kind, parent, name, attributes } => doc.scopes.push(row(scope, kind, Some(parent.clone()), name, attributes)),
        Event::ScopeConfigured { scope: id, name, attributes } => {
            if let Some(row) = scope(doc, id) {
                row.name = name.clone().or(row.name.take());
                row.attributes.0.extend(attributes.0.clone());
            }
        }
        Event::ScopeMoved { scope: id, to, .. } => {
            if let Some(row) = scope(doc, id) {
                row.parent = Some(to.clone());
            }
        }
        Event::ScopeArchived { scope: id } => set_status(doc, id, ScopeStatus::Archived),
        Event::ScopeRestored { scope: id } => set_status(doc, id, ScopeStatus::Active),
        Event::ScopeDeleted { scope: id } => {
            doc.scopes.retain(|row| row.id != *id);
            doc.grants.retain(|row| row.scope != *id);
            doc.deactivations.retain(|row| row.scope != *id);
            doc.ended.retain(|row| row.scope != *id);
            doc.invitations.iter_mut().for_each(|row| row.scopes.retain(|scoped| scoped.scope != *id));
        }
        _ => {}
    }
}

fn set_status(doc: &mut Snapshot, id: &str, status: ScopeStatus) {
    if let Some(row) = scope(doc, id) {
        row.status = status;
    }
}

fn user<'a>(doc: &'a mut Snapshot, id: &str) -> Option<&'a mut UserRow> {
    doc.users.iter_mut().find(|row| row.id == id)
}

/// A new offer clears the endings that stand under its address: at the scopes that it offers, and at the organization if the
/// way back leads through it, as there is no account.
fn clear_ended(doc: &mut Snapshot, scope: &str, address: Option<&str>) {
    let Some(address) = canonical_of(address) else { return };
    let (root, users) = (doc.organization.clone(), doc.users.clone());
    let is_gone = |id: &str| !users.iter().any(|row| row.id == id);
    let is_offered = |row: &EndedRow| row.scope == scope || (row.scope == root && is_gone(&row.user));
    doc.ended.retain(|row| canonical_of(row.email.as_deref()).as_ref() != Some(&address) || !is_offered(row));
}

fn fold_member(doc: &mut Snapshot, event: &Event, now: Time) {
    let root = doc.organization.clone();
    match event {
        Event::MemberAdded { user, email, verified, name, kind, owner, attributes } => {
            doc.ended.retain(|row| row.user != *user);
            let (email, name, owner) = (email.clone(), name.clone(), owner.clone());
            let row = UserRow { id: user.clone(), email, verified: *verified, name, kind: *kind, owner, attributes: attributes.clone(), ..UserRow::default() };
            doc.users.push(row);
        }
        Event::MemberRemoved { user: id, scope, by } => {
            let email = user(doc, id).filter(|row| row.verified).and_then(|row| row.email.clone());
            doc.ended.retain(|row| row.scope != *scope || row.user != *id);
            doc.ended.push(EndedRow { scope: scope.clone(), user: id.clone(), email, at: now, by: *by });
            if *scope == root {
                doc.users.retain(|row| row.id != *id);
                doc.grants.retain(|row| row.user.as_ref() != Some(id));
                doc.deactivations.retain(|row| row.user != *id);
                doc.groups.iter_mut().for_each(|group| {
                    group.members.retain(|member| member != id);
                    group.managers.retain(|manager| manager != id);
                });
            }
        }
        Event::MemberDeactivated { user: id, scope } => set_active(doc, id, scope, false),
        Event::MemberReactivated { user: id, scope } => set_active(doc, id, scope, true),
        Event::MemberEdited { user: id, profile } => {
            if let Some(row) = user(doc, id) {
                for (field, fact) in &profile.0 {
                    match (field.as_str(), fact) {
                        ("name", Fact::Text(name)) => row.name = Some(name.clone()),
                        _ => drop(row.profile.0.insert(field.clone(), fact.clone())),
                    }
                }
            }
        }
        Event::MemberEmailChanged { user: id, email, verified, .. } => {
            if let Some(row) = user(doc, id) {
                (row.email, row.verified) = (Some(email.clone()), *verified);
            }
        }
        _ => {}
    }
}

fn set_active(doc: &mut Snapshot, id: &str, scope: &str, active: bool) {
    if scope == doc.organization {
        if let Some(row) = user(doc, id) {
            row.status = if active { Status::Active } else { Status::Deactivated };
        }
        return;
    }
    doc.deactivations.retain(|row| row.user != id || row.scope != scope);
    if !active {
        doc.deactivations.push(DeactivationRow { scope: scope.to_owned(), user: id.to_owned() });
    }
}

fn fold_role(doc: &mut Snapshot, event: &Event) {
    match event {
        Event::RoleGiven { user, group, scope, role, expires_at, source } => {
            if let Some(user) = user {
                doc.ended.retain(|row| row.user != *user || row.scope != *scope);
            }
            doc.grants.retain(|row| !(row.user == *user && row.group == *group && row.scope == *scope && row.role == *role));
            let (user, group, source) = (user.clone(), group.clone(), source.clone());
            doc.grants.push(GrantRow { scope: scope.clone(), user, group, role: role.clone(), expires_at: *expires_at, source });
        }
        Event::RoleTaken { user, group, scope, role } => {
            doc.grants.retain(|row| !(row.user == *user && row.group == *group && row.scope == *scope && bare(&row.role) == bare(role)));
        }
        Event::CustomRoleCreated { role, scope, name, permissions } => {
            let row = CustomRoleRow { id: role.clone(), name: name.clone(), scope: scope.clone(), permissions: permissions.clone(), version: 0 };
            doc.custom_roles.push(row);
        }
        Event::CustomRoleUpdated { role, name, permissions } => {
            if let Some(row) = doc.custom_roles.iter_mut().find(|row| row.id == *role) {
                row.name = name.clone().or(row.name.take());
                row.permissions = permissions.clone().unwrap_or(std::mem::take(&mut row.permissions));
            }
        }
        Event::CustomRoleDeleted { role } => {
            doc.custom_roles.retain(|row| row.id != *role);
            // Closed offers of it remain, without it.
            for row in &mut doc.invitations {
                row.scopes.iter_mut().for_each(|scoped| scoped.roles.retain(|at| at.role != *role));
                row.scopes.retain(|scoped| !scoped.roles.is_empty());
            }
        }
        _ => {}
    }
}

/// A grant of a snapshot may name its role with the kind.
fn bare(role: &str) -> &str {
    role.split_once('.').map_or(role, |(_, bare)| bare)
}

fn invitation<'a>(doc: &'a mut Snapshot, id: &str) -> Option<&'a mut InvitationRow> {
    doc.invitations.iter_mut().find(|row| row.id == id)
}

fn close(doc: &mut Snapshot, id: &str, status: InvitationStatus, keep_records: bool) {
    if keep_records {
        if let Some(row) = invitation(doc, id) {
            row.status = status;
        }
    } else {
        doc.invitations.retain(|row| row.id != id);
    }
}

fn fold_invitation(doc: &mut Snapshot, event: &Event, keep_records: bool) {
    match event {
        Event::InvitationCreated { invitation, email, open, name, scopes, inviter, created_at, expires_at, token_hash } => {
            for scoped in scopes {
                clear_ended(doc, &scoped.scope, email.as_deref());
            }
            let (email, open, name, token_hash) = (email.clone(), open.clone(), name.clone(), token_hash.clone());
            let (scopes, inviter, status) = (scopes.clone(), inviter.clone(), InvitationStatus::Pending);
            let (created_at, expires_at, id) = (*created_at, *expires_at, invitation.clone());
            doc.invitations.push(InvitationRow { id, email, open, name, scopes, inviter, status, created_at, expires_at, token_hash, user: None, version: 0 });
        }
        Event::InvitationUpdated { invitation: id, scopes, inviter, created_at, expires_at } => {
            if let Some(row) = invitation(doc, id) {
                (row.scopes, row.inviter) = (scopes.clone(), inviter.clone());
                (row.created_at, row.expires_at) = (*created_at, *expires_at);
            }
        }
        Event::InvitationResent { invitation: id, token_hash } | Event::InvitationLinked { invitation: id, token_hash } => {
            if let Some(row) = invitation(doc, id) {
                row.token_hash = token_hash.clone().or(row.token_hash.take());
            }
        }
        Event::InvitationRevoked { invitation } => close(doc, invitation, InvitationStatus::Revoked, keep_records),
        Event::InvitationDeclined { invitation } => close(doc, invitation, InvitationStatus::Declined, keep_records),
        Event::InvitationExpired { invitation } => doc.invitations.retain(|row| row.id != *invitation),
        Event::InvitationApproved { invitation, .. } => close(doc, invitation, InvitationStatus::Accepted, keep_records),
        Event::InvitationAccepted { invitation: id, user, awaiting_approval, name } => {
            let Some(row) = invitation(doc, id) else { return };
            if let Some(open) = &mut row.open {
                open.uses = open.uses.map(|uses| uses.saturating_sub(1));
                if open.uses == Some(0) {
                    close(doc, id, InvitationStatus::Accepted, keep_records);
                }
            } else if *awaiting_approval {
                (row.status, row.user) = (InvitationStatus::AwaitingApproval, Some(user.clone()));
                row.name = name.clone().or(row.name.take());
            } else {
                row.user = Some(user.clone());
                close(doc, id, InvitationStatus::Accepted, keep_records);
            }
        }
        _ => {}
    }
}

fn fold_group(doc: &mut Snapshot, event: &Event) {
    match event {
        Event::GroupCreated { group, scope, name } => {
            let (members, managers) = (Vec::new(), Vec::new());
            doc.groups.push(GroupRow { id: group.clone(), name: name.clone(), scope: scope.clone(), members, managers, source: None, version: 0 });
        }
        Event::GroupDeleted { group } => {
            doc.groups.retain(|row| row.id != *group);
            doc.grants.retain(|row| row.group.as_ref() != Some(group));
        }
        Event::GroupMemberAdded { group, user } => {
            if let Some(row) = doc.groups.iter_mut().find(|row| row.id == *group) {
                row.members.push(user.clone());
            }
        }
        Event::GroupMemberRemoved { group, user } => {
            if let Some(row) = doc.groups.iter_mut().find(|row| row.id == *group) {
                row.members.retain(|member| member != user);
            }
        }
        _ => {}
    }
}
