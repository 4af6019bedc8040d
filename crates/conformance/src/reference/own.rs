//! What a decision may look at before its gate: the actor's own things and the scopes that the request names.

use std::collections::BTreeSet;

use tenantry::document::{Actor, Ask, Request, Snapshot};

use super::Read;

/// Everything that the decision may look at before the gate.
#[derive(Debug)]
pub struct Own {
    /// The looks at rows that are its own.
    pub reads: BTreeSet<Read>,
}

impl Own {
    /// What is its own, of a request for one verb.
    #[must_use]
    pub fn of(state: &Snapshot, request: &Request, ask: &Ask) -> Own {
        let mut own = Own { reads: BTreeSet::new() };
        own.scope(state, &state.organization);
        let named = [&ask.scope, &ask.parent].into_iter().flatten().chain(ask.scopes.iter().flatten().map(|edit| &edit.scope));
        named.for_each(|scope| own.scope(state, scope));
        match &request.actor {
            Actor::User(id) => own.user(state, id),
            Actor::Invitee { email, .. } => own.session(state, email),
            Actor::System(_) => {}
        }
        if matches!(ask.action.as_str(), "invitation.accept" | "invitation.decline") {
            own.reads.extend(ask.invitation.clone().map(Read::Invitation));
        }
        own
    }

    fn session(&mut self, state: &Snapshot, email: &str) {
        let Some(canonical) = tenantry::email::canonical(email) else { return };
        self.reads.insert(Read::Email(canonical.clone()));
        let has_it = |row: &&tenantry::document::snapshot::UserRow| row.email.as_deref().and_then(tenantry::email::canonical).as_ref() == Some(&canonical);
        if let Some(row) = state.users.iter().find(has_it) {
            self.user(state, &row.id);
        }
    }

    fn user(&mut self, state: &Snapshot, id: &str) {
        self.reads.insert(Read::User(id.to_owned()));
        let groups: Vec<&String> = state.groups.iter().filter(|group| group.members.iter().any(|member| member == id)).map(|group| &group.id).collect();
        let grants = state.grants.iter().filter(|grant| grant.user.as_deref() == Some(id) || grant.group.as_ref().is_some_and(|group| groups.contains(&group)));
        self.reads.extend(grants.map(|grant| Read::CustomRole(grant.role.clone())));
        self.reads.extend(groups.into_iter().map(|group| Read::Group(group.clone())));
        if let Some(owner) = state.users.iter().find(|row| row.id == id).and_then(|row| row.owner.clone()) {
            self.user(state, &owner);
        }
    }

    fn scope(&mut self, state: &Snapshot, id: &str) {
        self.reads.insert(Read::Scope(id.to_owned()));
        if let Some(parent) = state.scopes.iter().find(|row| row.id == id).and_then(|row| row.parent.clone()) {
            self.scope(state, &parent);
        }
    }
}
