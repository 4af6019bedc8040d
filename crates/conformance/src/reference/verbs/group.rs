//! Groups.

use tenantry::Code;
use tenantry::document::Event;

use super::super::judge::{Denial, Sort};
use super::super::world::{RoleId, Subject};
use super::{Desk, Proposal, Wanted, ensure, field_denied, first_problem, given, same_name, taken};

impl Desk<'_> {
    pub(super) fn group_create(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        Desk::found(self.find_scope(scope, "scope"))?;
        let id = self.new_id();
        let name = self.ask.name.as_ref();
        let taken = self.view.state.doc.groups.iter().any(|row| row.scope == scope && same_name(row.name.as_ref(), name));
        let problem = first_problem(vec![
            self.open(scope),
            self.name_is_free(taken, scope),
            ensure(self.view.state.group(&id).is_none(), field_denied(Code::IdTaken, self.id_field("new_id"), scope)),
        ]);
        let events = vec![Event::GroupCreated { group: id, scope: scope.to_owned(), name: self.ask.name.clone() }];
        Ok(Proposal { changes: vec![self.change(Sort::Fit, scope, &Subject::Nobody)], problem, events, ..Proposal::default() })
    }

    /// What a group holds: scope, role and source, by scope.
    pub(super) fn roles_of_group(&self, group: &str) -> Vec<(String, RoleId, Option<String>)> {
        let subject = Subject::Group(group.to_owned());
        let mut held = Vec::new();
        for scope in self.view.state.scopes() {
            let grants = self.view.state.grants_at(&subject, &scope.id);
            held.extend(grants.into_iter().map(|grant| (scope.id.clone(), self.role(&scope.id, &grant.role), grant.source.clone())));
        }
        held
    }

    pub(super) fn group_delete(&self) -> Result<Proposal, Denial> {
        let mut missing = self.find_scope(self.scope(), "scope");
        missing.extend(self.find_group(true));
        Desk::found(missing)?;
        let id = self.ask.group.clone().unwrap_or_default();
        let subject = Subject::Group(id.clone());
        let mut changes = vec![self.change(Sort::Fit, self.scope(), &subject)];
        let mut events = Vec::new();
        for (scope, role, source) in self.roles_of_group(&id) {
            changes.extend(self.for_all_of(Sort::Take, &scope, &subject, &role, source.as_deref()));
            events.push(taken(&subject, &scope, &role.name));
        }
        let changes = changes.into_iter().map(|change| change.about_group(&id)).collect();
        events.push(Event::GroupDeleted { group: id });
        Ok(Proposal { changes, events, ..Proposal::default() })
    }

    pub(super) fn group_membership(&self) -> Result<Proposal, Denial> {
        let mut missing = self.find_scope(self.scope(), "scope");
        missing.extend(self.find_group(true));
        missing.extend(self.find_target());
        Desk::found(missing)?;
        let (id, target) = (self.ask.group.clone().unwrap_or_default(), self.target());
        let user = self.target_id().unwrap_or_default().to_owned();
        let within = self.members_of(&id).contains(&user);
        let adds = self.verb() == "group.add";
        let mut changes = Vec::new();
        if adds != within {
            let sort = if adds { Sort::Give } else { Sort::Take };
            changes.push(self.change(sort, self.scope(), &target));
            for (scope, role, source) in self.roles_of_group(&id) {
                changes.push(self.change(sort, &scope, &target).role(&role, source.as_deref()));
            }
        }
        self.fit_where_nothing_changes(&mut changes, &[self.scope()], &target);
        let changes = changes.into_iter().map(|change| change.about_group(&id)).collect();
        let problem = if adds { self.open(self.scope()).err() } else { None };
        let events = match (adds, within) {
            (true, false) => vec![Event::GroupMemberAdded { group: id, user }],
            (false, true) => vec![Event::GroupMemberRemoved { group: id, user }],
            _ => Vec::new(),
        };
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    pub(super) fn group_roles(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        let asked = self.ask.roles.clone().unwrap_or_default();
        let mut missing = self.find_scope(scope, "scope");
        missing.extend(self.find_group(false));
        missing.extend(asked.iter().flat_map(|role| self.find_role(scope, &role.role, "roles")));
        Desk::found(missing)?;
        let id = self.ask.group.clone().unwrap_or_default();
        let group = Subject::Group(id.clone());
        let grants = self.view.state.grants_at(&group, scope);
        let held = |wanted: &Wanted| grants.iter().copied().find(|grant| self.role(scope, &grant.role) == wanted.role);
        let wanted = self.wanted(scope, &asked);
        let (mut changes, mut events, mut handed) = (Vec::new(), Vec::new(), Vec::new());
        for wanted in &wanted {
            match (self.verb() == "group.grant", held(wanted)) {
                (true, Some(grant)) if grant.expires_at == wanted.expires_at && grant.source == wanted.source => {}
                (true, grant) => {
                    handed.push(wanted.clone());
                    let live = grant.filter(|grant| self.view.state.live(grant));
                    // From another source it is taken, and given anew.
                    if let Some(grant) = live.filter(|grant| grant.source != wanted.source) {
                        changes.extend(self.for_all_of(Sort::Take, scope, &group, &wanted.role, grant.source.as_deref()));
                    }
                    let sooner = live
                        .filter(|grant| grant.source == wanted.source)
                        .is_some_and(|grant| wanted.expires_at.is_some() && grant.expires_at.is_none_or(|at| wanted.expires_at < Some(at)));
                    let sort = if sooner { Sort::Take } else { Sort::Give };
                    changes.extend(self.for_all_of(sort, scope, &group, &wanted.role, wanted.source.as_deref()));
                    events.push(given(&group, scope, wanted));
                }
                (false, Some(grant)) => {
                    changes.extend(self.for_all_of(Sort::Take, scope, &group, &wanted.role, grant.source.as_deref()));
                    events.push(taken(&group, scope, &wanted.role.name));
                }
                (false, None) => {}
            }
        }
        self.fit_where_nothing_changes(&mut changes, &[scope], &group);
        let changes = changes.into_iter().map(|change| change.about_group(&id)).collect();
        let problem =
            if self.verb() == "group.grant" { first_problem(vec![self.open(scope), self.roles_fit(&vec![(scope.to_owned(), handed)])]) } else { None };
        Ok(Proposal { changes, problem, events, one_by_one: true, ..Proposal::default() })
    }
}
