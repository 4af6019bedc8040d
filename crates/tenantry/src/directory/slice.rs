//! What a slice holds. A row that is not held is not known, and the engine never guesses.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Event;
use crate::document::snapshot::{CountRow, Slice};

/// The ids that a slice holds, each with all that belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub users: BTreeSet<String>,
    pub memberships: BTreeSet<String>,
    pub scopes: BTreeSet<String>,
    pub subtrees: BTreeSet<String>,
    pub holders: BTreeSet<String>,
    pub groups: BTreeSet<String>,
    pub custom_roles: BTreeSet<String>,
    pub invitations: BTreeSet<String>,
    pub emails: BTreeSet<String>,
    pub counts: BTreeMap<(String, String), u64>,
    /// While a request is decided: what each count is beyond what the slice itself holds. Trials do not move it.
    pub beside: Option<BTreeMap<(String, String), u64>>,
}

impl Held {
    /// The same as the document says it.
    pub fn document(&self) -> Slice {
        let list = |ids: &BTreeSet<String>| ids.iter().cloned().collect();
        Slice {
            users: list(&self.users),
            memberships: list(&self.memberships),
            scopes: list(&self.scopes),
            subtrees: list(&self.subtrees),
            holders: list(&self.holders),
            groups: list(&self.groups),
            custom_roles: list(&self.custom_roles),
            invitations: list(&self.invitations),
            emails: list(&self.emails),
            counts: self.counts.iter().map(|((keep, scope), &count)| CountRow { keep: keep.clone(), scope: scope.clone(), count }).collect(),
        }
    }

    /// What a decision has made is held from then on, with all that belongs to it.
    pub fn hold(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::MemberAdded { user, email, .. } => {
                    self.users.insert(user.clone());
                    self.memberships.insert(user.clone());
                    self.emails.extend(email.as_deref().and_then(crate::email::canonical));
                }
                Event::OrganizationCreated { scope, .. } | Event::ScopeCreated { scope, .. } => _ = self.scopes.insert(scope.clone()),
                Event::GroupCreated { group, .. } => _ = self.groups.insert(group.clone()),
                Event::CustomRoleCreated { role, .. } => _ = self.custom_roles.insert(role.clone()),
                Event::InvitationCreated { invitation, .. } => _ = self.invitations.insert(invitation.clone()),
                _ => {}
            }
        }
    }

    pub fn new(slice: &Slice) -> Held {
        let set = |ids: &[String]| ids.iter().cloned().collect();
        Held {
            users: set(&slice.users),
            memberships: set(&slice.memberships),
            scopes: set(&slice.scopes),
            subtrees: set(&slice.subtrees),
            holders: set(&slice.holders),
            groups: set(&slice.groups),
            custom_roles: set(&slice.custom_roles),
            invitations: set(&slice.invitations),
            emails: slice.emails.iter().filter_map(|email| crate::email::canonical(email)).collect(),
            counts: slice.counts.iter().map(|row| ((row.keep.clone(), row.scope.clone()), row.count)).collect(),
            beside: None,
        }
    }
}
