//! Roles that the organization makes.

use tenantry::Code;
use tenantry::document::snapshot::{InvitationRow, InvitationStatus};
use tenantry::document::{Event, Holders, Reason, Remedy};

use super::super::judge::{Change, Denial, Sort, reason_at};
use super::super::world::{RoleId, Subject};
use super::{Desk, Proposal, ensure, field_denied, first_problem, not_found, reduced, same_name, taken};

impl Desk<'_> {
    pub(super) fn sorted_permissions(&self) -> Option<Vec<String>> {
        let mut permissions = self.ask.permissions.clone()?;
        permissions.sort();
        permissions.dedup();
        Some(permissions)
    }

    pub(super) fn find_permissions(&self) -> Vec<Reason> {
        let unknown = |name: &String| !self.view.state.written.permissions.contains_key(name);
        if self.ask.permissions.iter().flatten().any(unknown) { vec![not_found("permissions")] } else { Vec::new() }
    }

    pub(super) fn find_custom_role(&self) -> Vec<Reason> {
        let id = self.ask.role.clone().unwrap_or_default();
        let found = self.view.state.custom_role(&id).is_some_and(|row| row.scope == self.scope());
        if found { Vec::new() } else { vec![Reason { role: Some(id), ..not_found("role") }] }
    }

    pub(super) fn role_name_taken(&self, own: Option<&str>) -> bool {
        let name = self.ask.name.as_ref();
        self.view.state.doc.custom_roles.iter().any(|row| Some(row.id.as_str()) != own && same_name(row.name.as_ref(), name))
    }

    pub(super) fn role_create(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        let mut missing = self.find_scope(scope, "scope");
        missing.extend(self.find_permissions());
        Desk::found(missing)?;
        let permissions = self.sorted_permissions().unwrap_or_default();
        let id = self.new_id();
        let state = &self.view.state;
        let id_taken = state.custom_role(&id).is_some() || !state.roles_meant(&id).is_empty();
        let problem = first_problem(vec![
            self.open(scope),
            self.name_is_free(self.role_name_taken(None), scope),
            ensure(!id_taken, field_denied(Code::IdTaken, self.id_field("new_id"), scope)),
        ]);
        // The role is to come: it is none of those that there are, whatever its id.
        let mut change = self.change(Sort::Give, scope, &Subject::Nobody).role(&RoleId { kind: None, name: String::new() }, None);
        if let Some(handed) = &mut change.handed {
            handed.to_have = permissions.clone();
        }
        let events = vec![Event::CustomRoleCreated { role: id, scope: scope.to_owned(), name: self.ask.name.clone(), permissions }];
        Ok(Proposal { changes: vec![change], problem, events, ..Proposal::default() })
    }

    /// Everybody who holds a custom role, and where, with the source of the grant: users by id, then groups.
    pub(super) fn holders_of(&self, role: &str) -> Vec<(Subject, String, Option<String>)> {
        let mut holders = Vec::new();
        for scope in self.view.state.scopes() {
            for subject in self.holders_at(&scope.id) {
                let grants = self.view.state.grants_at(&subject, &scope.id);
                holders.extend(grants.into_iter().filter(|grant| grant.role == role).map(|grant| (subject.clone(), scope.id.clone(), grant.source.clone())));
            }
        }
        holders.sort_by_key(|(subject, ..)| match subject {
            Subject::User(id) => (0, id.clone()),
            Subject::Group(id) => (1, id.clone()),
            _ => (2, String::new()),
        });
        holders
    }

    pub(super) fn role_update(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        let mut missing = self.find_scope(scope, "scope");
        missing.extend(self.find_custom_role());
        missing.extend(self.find_permissions());
        Desk::found(missing)?;
        let Some(row) = self.ask.role.as_ref().and_then(|id| self.view.state.custom_role(id)) else { return Ok(Proposal::default()) };
        let mut had = row.permissions.clone();
        had.sort();
        let has = self.sorted_permissions().unwrap_or_else(|| had.clone());
        let role = RoleId { kind: None, name: row.id.clone() };
        let mut sorts: Vec<Sort> = Vec::new();
        if had.iter().any(|name| !has.contains(name)) {
            sorts.push(Sort::Take);
        }
        if has.iter().any(|name| !had.contains(name)) {
            sorts.push(Sort::Give);
        }
        let mut changes = vec![self.change(Sort::Fit, scope, &Subject::Nobody)];
        for sort in sorts {
            changes.push(self.change(sort, scope, &Subject::Nobody).role(&role, None));
            for (holder, place, source) in self.holders_of(&row.id) {
                changes.extend(self.for_all_of(sort, &place, &holder, &role, source.as_deref()).into_iter().map(Change::of_third));
            }
        }
        // Whether it loses or gains, what it is to have is measured too.
        changes.iter_mut().filter_map(|change| change.handed.as_mut()).for_each(|handed| handed.to_have.clone_from(&has));
        let problem = first_problem(vec![self.open(scope), self.name_is_free(self.role_name_taken(Some(&row.id)), scope)]);
        let name = self.ask.name.clone().filter(|name| row.name.as_ref() != Some(name));
        let permissions = Some(has).filter(|has| *has != had);
        let differs = name.is_some() || permissions.is_some();
        let events = if differs { vec![Event::CustomRoleUpdated { role: row.id.clone(), name, permissions }] } else { Vec::new() };
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    pub(super) fn role_delete(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        let mut missing = self.find_scope(scope, "scope");
        missing.extend(self.find_custom_role());
        Desk::found(missing)?;
        let id = self.ask.role.clone().unwrap_or_default();
        let role = RoleId { kind: None, name: id.clone() };
        let holders = self.holders_of(&id);
        let offered = self.offers_without(&id);
        let revoke = self.ask.holders == Some(Holders::Revoke);
        let mut changes = vec![self.change(Sort::Fit, scope, &Subject::Nobody)];
        let mut events = Vec::new();
        for (holder, place, source) in holders.iter().filter(|_| revoke) {
            changes.extend(self.for_all_of(Sort::Take, place, holder, &role, source.as_deref()).into_iter().map(Change::of_third));
            events.push(taken(holder, place, &id));
            if let Subject::User(user) = holder
                && place != self.root()
                && self.view.state.grants_at(holder, place).len() == 1
            {
                events.push(Event::MemberRemoved { user: user.clone(), scope: place.clone(), by: self.ended_by(user) });
            }
        }
        let in_use = !revoke && (!holders.is_empty() || !offered.is_empty());
        let reason = Reason { role: Some(id.clone()), ..reason_at(Code::RoleInUse, scope) };
        let problem = in_use.then(|| Denial { reasons: vec![reason], remedies: vec![Remedy::Reassign { role: id.clone() }] });
        events.extend(offered);
        events.push(Event::CustomRoleDeleted { role: id });
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    /// What becomes of the open offers of a custom role when it goes.
    pub(super) fn offers_without(&self, role: &str) -> Vec<Event> {
        let offers = |row: &&InvitationRow| row.scopes.iter().any(|scoped| scoped.roles.iter().any(|at| at.role == role));
        let open = |row: &&InvitationRow| matches!(row.status, InvitationStatus::Pending | InvitationStatus::AwaitingApproval);
        let mut rows: Vec<&InvitationRow> = self.view.state.doc.invitations.iter().filter(open).filter(offers).collect();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        let mut events = Vec::new();
        for row in rows {
            let mut scopes = row.scopes.clone();
            scopes.iter_mut().for_each(|scoped| scoped.roles.retain(|at| at.role != role));
            scopes.retain(|scoped| !scoped.roles.is_empty());
            events.push(if scopes.is_empty() { Event::InvitationRevoked { invitation: row.id.clone() } } else { reduced(row, scopes) });
        }
        events
    }
}
