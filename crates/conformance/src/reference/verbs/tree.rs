//! The organization and its tree.

use tenantry::Code;
use tenantry::bounds::SCOPE_DEPTH;
use tenantry::document::snapshot::{InvitationRow, InvitationStatus, ScopeStatus, UserKind};
use tenantry::document::{Actor, Event, Facts, Reason, RoleAt};

use super::super::judge::{Change, Denial, Sort, denied_at, reason_at};
use super::super::world::{RoleId, Subject, canonical_of};
use super::{
    Checked, Desk, Proposal, Wanted, added, ensure, everywhere, field_denied, first_problem, given, not_found, reduced, role_denied, same_name, taken,
    user_subject,
};

impl Desk<'_> {
    pub(super) fn organization_create(&self) -> Result<Proposal, Denial> {
        let input = self.ask.user.clone().unwrap_or_default();
        let root = self.root();
        let exists = self.view.state.scope(root).is_some();
        let roles = self.ask.roles.clone().unwrap_or_default();
        let named = |asked: &RoleAt| self.view.state.role_named(Some("organization"), &asked.role);
        let unknown = |asked: &&RoleAt| named(asked).kind.is_none();
        Desk::found(roles.iter().filter(unknown).map(|asked| Reason { role: Some(asked.role.clone()), ..not_found("roles") }).collect())?;
        let mut wanted: Vec<Wanted> = Vec::new();
        for asked in &roles {
            wanted.push(Wanted { role: named(asked), expires_at: asked.expires_at, source: asked.source.clone() });
        }
        wanted.sort_by_key(|wanted| self.view.state.role_order(&wanted.role));
        wanted.dedup_by(|a, b| a.role == b.role);
        let account = self.new_account(&input);
        let subject = Subject::New(Box::new(account.clone()));
        // There is no scope yet.
        let nowhere = |change: Change| Change { scope: change.scope.filter(|_| exists), ..change };
        let mut changes = vec![nowhere(self.change(Sort::Give, root, &subject))];
        changes.extend(wanted.iter().map(|wanted| nowhere(self.change(Sort::Give, root, &subject).role(&wanted.role, wanted.source.as_deref()))));
        let one = self.view.state.written.scopes["organization"].roles.as_deref() == Some("one");
        let problem = first_problem(vec![
            ensure(!exists, denied_at(Code::AlreadyExists, root)),
            ensure(input.email.is_none() || canonical_of(input.email.as_deref()).is_some(), field_denied(Code::InvalidEmail, "user.email", root)),
            ensure(input.kind != UserKind::Service && input.owner.is_none(), field_denied(Code::OwnerRequired, "user.owner", root)),
            ensure(!wanted.is_empty(), denied_at(Code::RoleRequired, root)),
            ensure(!one || wanted.len() < 2, denied_at(Code::TooManyRoles, root)),
            everywhere(
                wanted.iter().map(|wanted| ensure(wanted.expires_at.is_none_or(|at| at > self.now()), role_denied(Code::ExpiryInPast, &wanted.role, root))),
            ),
        ]);
        let mut events = Vec::new();
        if problem.is_none() {
            let attributes = self.ask.attributes.clone().unwrap_or_default();
            events.push(Event::OrganizationCreated { scope: root.to_owned(), name: self.ask.name.clone(), attributes });
            events.push(added(&account));
            events.extend(wanted.iter().map(|wanted| given(&subject, root, wanted)));
        }
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    pub(super) fn siblings_have(&self, parent: &str, own: Option<&str>, name: Option<&String>) -> bool {
        let state = &self.view.state;
        state.scopes().iter().any(|row| row.parent.as_deref() == Some(parent) && Some(row.id.as_str()) != own && same_name(row.name.as_ref(), name))
    }

    pub(super) fn may_hang(&self, kind: &str, parent: &str) -> bool {
        let under = self.view.state.written.scopes.get(kind).and_then(|kind| kind.under.clone()).unwrap_or_else(|| vec!["organization".to_owned()]);
        kind != "organization" && self.view.state.kind(parent).is_some_and(|parent| under.iter().any(|listed| listed == parent))
    }

    /// A user sets what the kind lists, a system every declared attribute.
    pub(super) fn settings_allowed(&self, kind: &str, scope: &str) -> Checked {
        let settings = self.view.state.written.scopes.get(kind).map(|kind| kind.settings.clone()).unwrap_or_default();
        let asked = self.ask.attributes.clone().unwrap_or_default();
        let refused = |name: &&String| !self.is_system() && !settings.contains(name);
        let reasons: Vec<Reason> =
            asked.0.keys().filter(refused).map(|name| Reason { field: Some(name.clone()), ..reason_at(Code::FieldNotEditable, scope) }).collect();
        ensure(reasons.is_empty(), Denial { reasons, remedies: Vec::new() })
    }

    pub(super) fn scope_create(&self) -> Result<Proposal, Denial> {
        let parent = self.scope();
        let state = &self.view.state;
        let kind = self.ask.kind.clone().unwrap_or_default();
        let mut missing = self.find_scope(parent, "scope");
        if !state.written.scopes.contains_key(&kind) {
            missing.push(not_found("kind"));
        }
        Desk::found(missing)?;
        let id = self.new_id();
        let problem = first_problem(vec![
            self.open(parent),
            ensure(self.may_hang(&kind, parent), denied_at(Code::WrongParent, parent)),
            ensure(state.chain(parent).len() < SCOPE_DEPTH.max, denied_at(Code::TooDeep, parent)),
            self.name_is_free(self.siblings_have(parent, None, self.ask.name.as_ref()), parent),
            ensure(state.scope(&id).is_none(), field_denied(Code::IdTaken, self.id_field("new_id"), parent)),
            self.settings_allowed(&kind, parent),
        ]);
        let attributes = self.ask.attributes.clone().unwrap_or_default();
        let mut events =
            vec![Event::ScopeCreated { scope: id.clone(), kind: kind.clone(), parent: parent.to_owned(), name: self.ask.name.clone(), attributes }];
        if let (Some(creator), Actor::User(actor)) = (&state.written.scopes[&kind].creator, self.view.actor) {
            let role = state.role_named(Some(&kind), creator);
            events.push(given(&user_subject(actor), &id, &Wanted { role, expires_at: None, source: None }));
        }
        Ok(Proposal { changes: vec![self.change(Sort::Fit, parent, &Subject::Nobody)], problem, events, ..Proposal::default() })
    }

    pub(super) fn scope_configure(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        Desk::found(self.find_scope(scope, "scope"))?;
        let Some(row) = self.view.state.scope(scope) else { return Ok(Proposal::default()) };
        let taken = row.parent.as_deref().is_some_and(|parent| self.siblings_have(parent, Some(scope), self.ask.name.as_ref()));
        let problem = first_problem(vec![self.open(scope), self.name_is_free(taken, scope), self.settings_allowed(&row.kind, scope)]);
        let name = self.ask.name.clone().filter(|name| row.name.as_ref() != Some(name));
        let asked = self.ask.attributes.clone().unwrap_or_default();
        let attributes = Facts(asked.0.into_iter().filter(|(name, fact)| row.attributes.get(name) != Some(fact)).collect());
        let differs = name.is_some() || !attributes.is_empty();
        let events = if differs { vec![Event::ScopeConfigured { scope: scope.to_owned(), name, attributes }] } else { Vec::new() };
        Ok(Proposal { changes: vec![self.change(Sort::Fit, scope, &Subject::Nobody)], problem, events, ..Proposal::default() })
    }

    pub(super) fn scope_move(&self) -> Result<Proposal, Denial> {
        let (scope, parent) = (self.scope(), self.ask.parent.as_deref().unwrap_or_default());
        let state = &self.view.state;
        let mut missing = self.find_scope(scope, "scope");
        missing.extend(self.find_scope(parent, "parent"));
        Desk::found(missing)?;
        let Some(row) = state.scope(scope) else { return Ok(Proposal::default()) };
        let old = row.parent.clone().unwrap_or_default();
        let depth_below = state.subtree(scope).iter().map(|below| state.chain(below).len()).max().unwrap_or(0) + 1 - state.chain(scope).len();
        let problem = first_problem(vec![
            ensure(row.parent.is_some(), denied_at(Code::RootScope, scope)),
            everywhere([self.open(scope), self.open(parent)]),
            ensure(!state.chain(parent).iter().any(|place| place == scope), denied_at(Code::ScopeCycle, scope)),
            ensure(self.may_hang(&row.kind, parent), denied_at(Code::WrongParent, parent)),
            ensure(state.chain(parent).len() + depth_below <= SCOPE_DEPTH.max, denied_at(Code::TooDeep, parent)),
            self.name_is_free(self.siblings_have(parent, Some(scope), row.name.as_ref()), scope),
        ]);
        let event = Event::ScopeMoved { scope: scope.to_owned(), from: old.clone(), to: parent.to_owned() };
        let mut places = vec![scope, old.as_str(), parent];
        places.retain(|place| !place.is_empty());
        places.dedup();
        let mut changes: Vec<Change> = places.into_iter().map(|place| self.change(Sort::Fit, place, &Subject::Nobody)).collect();
        // What cannot hang there at all flows to nobody: inside itself, or below the last level.
        let chain = state.chain(parent);
        let can_hang = chain.len() < SCOPE_DEPTH.max && !chain.iter().any(|place| place == scope);
        if row.parent.is_some() && can_hang {
            changes.extend(self.changes_by_move(scope, &event));
        }
        let events = if old == parent { Vec::new() } else { vec![event] };
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    /// "A take of what no longer flows into the scope and a give of what now does, for everybody concerned."
    pub(super) fn changes_by_move(&self, scope: &str, event: &Event) -> Vec<Change> {
        let before = self.view.state;
        let mut doc = before.doc.clone();
        super::super::events::fold(&mut doc, std::slice::from_ref(event), self.now(), before.written);
        let after = super::super::world::World { doc: &doc, ..before };
        let users = before.users().into_iter().map(|row| user_subject(&row.id));
        let groups = before.doc.groups.iter().map(|row| Subject::Group(row.id.clone()));
        let (mut of_users, mut of_groups, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
        for subject in users.chain(groups) {
            let (had, has) = (before.with_layers(&subject, scope), after.with_layers(&subject, scope));
            // Who holds nothing there or below has no status there.
            let concerned =
                || !after.effective(&subject, scope).is_empty() || before.subtree(scope).iter().any(|place| !before.effective(&subject, place).is_empty());
            if let Subject::User(id) = &subject
                && before.deactivated(id, scope) != after.deactivated(id, scope)
                && concerned()
            {
                statuses.push(self.change(Sort::Status, scope, &subject).of_third());
            }
            let lost = had.iter().filter(|role| !has.contains(role)).map(|role| self.change(Sort::Take, scope, &subject).role(role, None).of_third());
            let won = has.iter().filter(|role| !had.contains(role)).map(|role| self.change(Sort::Give, scope, &subject).role(role, None).of_third());
            let changes = if matches!(subject, Subject::Group(_)) { &mut of_groups } else { &mut of_users };
            changes.extend(lost.chain(won));
        }
        [of_users, statuses, of_groups].concat()
    }

    pub(super) fn scope_archive(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        Desk::found(self.find_scope(scope, "scope"))?;
        let Some(row) = self.view.state.scope(scope) else { return Ok(Proposal::default()) };
        let archive = self.verb() == "scope.archive";
        let problem = first_problem(vec![ensure(row.parent.is_some(), denied_at(Code::RootScope, scope))]);
        let events = match (archive, row.status) {
            (true, ScopeStatus::Active) => vec![Event::ScopeArchived { scope: scope.to_owned() }],
            (false, ScopeStatus::Archived) => vec![Event::ScopeRestored { scope: scope.to_owned() }],
            _ => Vec::new(),
        };
        Ok(Proposal { changes: vec![self.change(Sort::Fit, scope, &Subject::Nobody)], problem, events, ..Proposal::default() })
    }

    pub(super) fn scope_delete(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        let state = &self.view.state;
        Desk::found(self.find_scope(scope, "scope"))?;
        let is_root = state.scope(scope).is_some_and(|row| row.parent.is_none());
        let below = state.scopes().iter().any(|row| row.parent.as_deref() == Some(scope));
        let home = state.doc.groups.iter().any(|row| row.scope == scope) || state.doc.custom_roles.iter().any(|row| row.scope == scope);
        let problem = first_problem(vec![ensure(!is_root, denied_at(Code::RootScope, scope)), ensure(!below && !home, denied_at(Code::ScopeNotEmpty, scope))]);
        let mut changes = vec![self.change(Sort::Fit, scope, &Subject::Nobody)];
        let mut events = Vec::new();
        for subject in self.holders_at(scope) {
            for grant in state.grants_at(&subject, scope) {
                let role = self.role(scope, &grant.role);
                changes.extend(
                    self.for_all_of(Sort::Take, scope, &subject, &role, grant.source.as_deref())
                        .into_iter()
                        .map(|change| of_holder(change.of_third(), &subject)),
                );
                events.push(taken(&subject, scope, &role.name));
            }
        }
        events.extend(self.withdraw(|_| true, &|place| place == scope));
        events.push(Event::ScopeDeleted { scope: scope.to_owned() });
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    /// Users and then groups with a grant at the scope, by id.
    pub(super) fn holders_at(&self, scope: &str) -> Vec<Subject> {
        let grants = || self.view.state.doc.grants.iter().filter(|grant| grant.scope == scope);
        let mut users: Vec<String> = grants().filter_map(|grant| grant.user.clone()).collect();
        let mut groups: Vec<String> = grants().filter_map(|grant| grant.group.clone()).collect();
        users.sort();
        users.dedup();
        groups.sort();
        groups.dedup();
        users.into_iter().map(Subject::User).chain(groups.into_iter().map(Subject::Group)).collect()
    }

    /// A change of a role for its holder; of a group also for everybody in it.
    pub(super) fn for_all_of(&self, sort: Sort, scope: &str, holder: &Subject, role: &RoleId, source: Option<&str>) -> Vec<Change> {
        let mut changes = vec![self.change(sort, scope, holder).role(role, source)];
        if let Subject::Group(id) = holder {
            for member in self.members_of(id) {
                changes.push(self.change(sort, scope, &user_subject(&member)).role(role, source).of_third());
            }
        }
        changes
    }

    pub(super) fn members_of(&self, group: &str) -> Vec<String> {
        let mut members = self.view.state.group(group).map(|row| row.members.clone()).unwrap_or_default();
        members.sort();
        members
    }

    /// Open offers lose what they offer at some scopes: nothing left is revoked, the rest is updated.
    pub(super) fn withdraw(&self, whose: impl Fn(&InvitationRow) -> bool, gone: &dyn Fn(&str) -> bool) -> Vec<Event> {
        let open = |row: &&InvitationRow| matches!(row.status, InvitationStatus::Pending | InvitationStatus::AwaitingApproval);
        let mut rows: Vec<&InvitationRow> = self.view.state.doc.invitations.iter().filter(open).filter(|row| whose(row)).collect();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        let mut events = Vec::new();
        for row in rows.into_iter().filter(|row| row.scopes.iter().any(|scoped| gone(&scoped.scope))) {
            let rest: Vec<_> = row.scopes.iter().filter(|scoped| !gone(&scoped.scope)).cloned().collect();
            events.push(if rest.is_empty() { Event::InvitationRevoked { invitation: row.id.clone() } } else { reduced(row, rest) });
        }
        events
    }
}

/// A change of what a group holds is about the group.
fn of_holder(change: Change, holder: &Subject) -> Change {
    if let Subject::Group(id) = holder { change.about_group(id) } else { change }
}
