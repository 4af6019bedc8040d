//! Before its gate passes, the reference looks at nothing but the actor's own things (row, owner, grants, groups, custom roles),
//! the scopes that the request names with those above them, and for the answer of an invitee the invitation named.

use std::collections::BTreeSet;

use tenantry::document::{Actor, Ask, Body, Request, Snapshot};
use tenantry_conformance::reference::{Read, Reference, Traced};
use tenantry_conformance::{Suite, vector_files, vectors_dir};

/// Everything that the decision may look at before the gate.
struct Own {
    reads: BTreeSet<Read>,
}

impl Own {
    fn of(state: &Snapshot, request: &Request, ask: &Ask) -> Own {
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

#[test]
fn nothing_but_ones_own_is_read_before_the_gate() -> std::io::Result<()> {
    let dir = vectors_dir();
    let (mut asked, mut faults) = (0, Vec::new());
    for path in vector_files(&dir)? {
        let Ok(suite) = Suite::load(&path) else { continue };
        let reference = Reference::new(suite.policy(), suite.snapshot());
        for mut document in suite.requests() {
            let Some(fields) = document.as_object_mut() else { continue };
            fields.entry("tenantry").or_insert(1.into());
            fields.entry("now").or_insert(suite.now().into());
            let Ok(request) = Request::from_json(&document.to_string()) else { continue };
            let Body::One(ask) = &request.body else { continue };
            let Traced { decision: Ok(_), reads, gate_passed_at } = reference.decide_traced(&request) else { continue };
            asked += 1;
            let own = Own::of(suite.snapshot(), &request, ask);
            let before = &reads[..gate_passed_at.unwrap_or(reads.len())];
            if let Some(read) = before.iter().find(|read| !own.reads.contains(read)) {
                faults.push(format!("{}: {read:?}: {document}", path.display()));
            }
        }
    }
    assert!(asked > 1000, "only {asked} requests were asked");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    Ok(())
}
