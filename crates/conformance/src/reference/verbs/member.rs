//! Members: how they come, what they hold, how they go.

use tenantry::Code;
use tenantry::document::snapshot::{GrantRow, InvitationRow, Status, UserKind, UserRow};
use tenantry::document::{Event, Fact, Facts, Obligation, Reach, Reason, RoleAt, RoleEdit, UserInput, Warning};

use super::super::judge::{Change, Denial, Sort, denied_at, reason_at};
use super::super::world::{RoleId, Subject, canonical_of};
use super::{Checked, Desk, Places, Proposal, Wanted, added, ensure, everywhere, field_denied, first_problem, given, taken, user_subject};

impl Desk<'_> {
    /// The account that a request describes. Only systems vouch for an address.
    pub fn new_account(&self, input: &UserInput) -> UserRow {
        let UserInput { id, email, verified, name, kind, owner, attributes } = input.clone();
        let id = id.unwrap_or_else(|| self.mint());
        let email = email.map(|email| email.trim().to_owned());
        UserRow { id, email, verified: verified && self.is_system(), name, kind, owner, attributes, ..UserRow::default() }
    }

    /// Scopes and roles that a request asks for, or the default ones.
    pub fn asked_places(&self, default: impl Fn(&str) -> Vec<String>) -> Vec<(String, Vec<RoleAt>)> {
        let or_default = |scope: &str, roles: Option<&Vec<RoleAt>>| match roles {
            Some(roles) => roles.clone(),
            None => default(scope).iter().map(|role| RoleAt::from(role.as_str())).collect(),
        };
        match &self.ask.scopes {
            Some(edits) => edits.iter().map(|edit| (edit.scope.clone(), or_default(&edit.scope, edit.roles.as_ref()))).collect(),
            None => vec![(self.scope().to_owned(), or_default(self.scope(), self.ask.roles.as_ref()))],
        }
    }

    pub(super) fn member_add(&self) -> Result<Proposal, Denial> {
        let state = &self.view.state;
        let places = self.asked_places(|scope| state.kind(scope).map(|kind| state.default_roles(kind)).unwrap_or_default());
        let mut missing: Vec<Reason> = places.iter().flat_map(|(scope, _)| self.find_scope(scope, "scope")).collect();
        missing.extend(self.find_target());
        missing.extend(places.iter().flat_map(|(scope, roles)| roles.iter().flat_map(|role| self.find_role(scope, &role.role, "roles"))));
        Desk::found(missing)?;
        let places: Places = places.into_iter().map(|(scope, roles)| (scope.clone(), self.wanted(&scope, &roles))).collect();
        let account = self.ask.user.as_ref().map(|input| self.new_account(input));
        let subject = account.as_ref().map_or_else(|| self.target(), |row| Subject::New(Box::new(row.clone())));
        let mut changes = Vec::new();
        for (scope, wanted) in &places {
            changes.push(self.change(Sort::Give, scope, &subject));
            changes.extend(wanted.iter().map(|wanted| self.change(Sort::Give, scope, &subject).role(&wanted.role, wanted.source.as_deref())));
        }
        changes.extend(account.as_ref().and_then(|_| self.newcomer_membership(places.iter().map(|(scope, _)| scope.as_str()), &subject)));
        let defaults = if account.is_some() { self.newcomer_roles(places.iter().map(|(scope, _)| scope.as_str())) } else { Vec::new() };
        changes.extend(defaults.iter().map(|wanted| Change { free: true, ..self.change(Sort::Give, self.root(), &subject).role(&wanted.role, None) }));
        let problem = self.add_problem(&places, &subject, account.as_ref());
        let mut events: Vec<Event> = account.as_ref().map(added).into_iter().collect();
        events.extend(defaults.iter().map(|wanted| given(&subject, self.root(), wanted)));
        events.extend(places.iter().flat_map(|(scope, wanted)| wanted.iter().map(|wanted| given(&subject, scope, wanted)).collect::<Vec<_>>()));
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    pub(super) fn add_problem(&self, places: &Places, subject: &Subject, account: Option<&UserRow>) -> Option<Denial> {
        let scopes = || places.iter().map(|(scope, _)| scope);
        let is_new = |scope: &String| ensure(!self.view.state.is_member(subject, scope), denied_at(Code::AlreadyMember, scope));
        let person = account.map_or_else(|| everywhere(scopes().map(is_new)), |row| self.account_is_possible(row));
        first_problem(vec![self.all_open(scopes()), person, self.first_roles(places)])
    }

    pub(super) fn account_is_possible(&self, row: &UserRow) -> Checked {
        let state = &self.view.state;
        let canonical = canonical_of(row.email.as_deref());
        ensure(row.email.is_none() || canonical.is_some(), self.field_denied_here(Code::InvalidEmail, "user.email"))?;
        let offered = canonical.as_ref().is_some_and(|address| state.invitations_to(address).iter().any(|offer| self.is_open_offer(offer)));
        let taken = (offered && !self.is_system()) || canonical.is_some_and(|address| state.user_of_email(&address).is_some());
        ensure(!taken, self.field_denied_here(Code::EmailTaken, "user.email"))?;
        ensure(state.user(&row.id).is_none(), self.field_denied_here(Code::IdTaken, self.id_field("user.id")))?;
        let owner = row.owner.as_ref().and_then(|owner| state.user(owner)).filter(|owner| owner.kind != UserKind::Service);
        let owned_well = if row.kind == UserKind::Service { owner.is_some() } else { row.owner.is_none() };
        ensure(owned_well, self.field_denied_here(Code::OwnerRequired, "user.owner"))
    }

    /// Who is new and is given roles below only becomes a member of the organization all the same. The policy gives that.
    pub fn newcomer_membership<'s>(&self, mut scopes: impl Iterator<Item = &'s str>, subject: &Subject) -> Option<Change> {
        let named = scopes.any(|scope| scope == self.root());
        (!named).then(|| Change { free: true, ..self.change(Sort::Give, self.root(), subject) })
    }

    /// The default roles of the organization go to everybody who is new and is given roles below only.
    pub fn newcomer_roles<'s>(&self, mut scopes: impl Iterator<Item = &'s str>) -> Vec<Wanted> {
        if scopes.any(|scope| scope == self.root()) {
            return Vec::new();
        }
        let names = self.view.state.default_roles("organization");
        names.iter().map(|name| Wanted { role: self.view.state.role_named(Some("organization"), name), expires_at: None, source: None }).collect()
    }

    pub(super) fn member_set_roles(&self) -> Result<Proposal, Denial> {
        let edits: Vec<RoleEdit> = self.ask.scopes.clone().unwrap_or_else(|| {
            let (roles, add, remove) = (self.ask.roles.clone(), self.ask.add.clone(), self.ask.remove.clone());
            vec![RoleEdit { scope: self.scope().to_owned(), roles, add, remove }]
        });
        let mut missing: Vec<Reason> = edits.iter().flat_map(|edit| self.find_scope(&edit.scope, "scope")).collect();
        missing.extend(self.find_target());
        for edit in &edits {
            let roles = edit.roles.iter().chain(&edit.add).flatten();
            missing.extend(roles.flat_map(|at| self.find_role(&edit.scope, &at.role, "roles")));
            missing.extend(edit.remove.iter().flatten().flat_map(|name| self.find_role(&edit.scope, name, "remove")));
        }
        Desk::found(missing)?;
        let edits: Vec<Edit> = edits.iter().map(|edit| self.edit(edit)).collect();
        let target = self.target();
        let mut changes = Vec::new();
        edits.iter().for_each(|edit| changes.extend(self.changes_of_edit(edit, &target)));
        let problem = first_problem(self.checks_of_edits(&edits, &target));
        let events = edits.iter().flat_map(|edit| self.events_of_edit(edit, &target)).collect();
        Ok(Proposal { changes, problem, events, one_by_one: true, ..Proposal::default() })
    }

    /// What an edit of roles at one scope comes to.
    pub(super) fn edit(&self, edit: &RoleEdit) -> Edit {
        let state = &self.view.state;
        let scope = edit.scope.clone();
        let rows = state.grants_at(&self.target(), &scope);
        let live: Vec<&GrantRow> = rows.iter().copied().filter(|grant| state.live(grant)).collect();
        let wanted = self.wanted(&scope, edit.roles.as_ref().or(edit.add.as_ref()).map_or(&[], Vec::as_slice));
        let to_remove: Vec<RoleId> = edit.remove.iter().flatten().map(|name| self.role(&scope, name)).collect();
        let goes = |grant: &&GrantRow| {
            let role = self.role(&scope, &grant.role);
            let kept = wanted.iter().any(|wanted| wanted.role == role);
            !kept && (to_remove.contains(&role) || (edit.roles.is_some() && state.live(grant)))
        };
        let takes: Vec<(RoleId, Option<String>)> =
            rows.iter().copied().filter(goes).map(|grant| (self.role(&scope, &grant.role), grant.source.clone())).collect();
        let held = |wanted: &Wanted| live.iter().copied().find(|grant| self.role(&scope, &grant.role) == wanted.role);
        let sooner = |wanted: &Wanted, grant: &GrantRow| wanted.expires_at.is_some() && grant.expires_at.is_none_or(|at| wanted.expires_at < Some(at));
        let (mut gives, mut resourced) = (Vec::new(), Vec::new());
        let same = |wanted: &Wanted, grant: &GrantRow| {
            self.role(&scope, &grant.role) == wanted.role && grant.expires_at == wanted.expires_at && grant.source == wanted.source
        };
        for wanted in &wanted {
            match held(wanted) {
                _ if rows.iter().any(|grant| same(wanted, grant)) => {}
                Some(grant) if grant.source != wanted.source => {
                    resourced.push((wanted.role.clone(), grant.source.clone()));
                    gives.push((wanted.clone(), Sort::Give));
                }
                Some(grant) => gives.push((wanted.clone(), if sooner(wanted, grant) { Sort::Take } else { Sort::Give })),
                None => gives.push((wanted.clone(), Sort::Give)),
            }
        }
        let absent = to_remove.into_iter().filter(|role| !rows.iter().any(|grant| self.role(&scope, &grant.role) == *role)).collect();
        let before: Vec<RoleId> = live.iter().map(|grant| self.role(&scope, &grant.role)).collect();
        let stays = before.iter().filter(|role| !takes.iter().any(|(gone, _)| gone == *role));
        let mut after: Vec<RoleId> = stays.cloned().collect();
        let past = |role: &&RoleId| wanted.iter().any(|wanted| wanted.role == **role && wanted.expires_at.is_some_and(|at| at <= self.now()));
        after.extend(wanted.iter().map(|wanted| wanted.role.clone()).filter(|role| !before.contains(role)));
        let left: Vec<RoleId> = after.iter().filter(|role| !past(role)).cloned().collect();
        let shortened = |role: &RoleId| gives.iter().any(|(wanted, sort)| wanted.role == *role && *sort == Sort::Take);
        let ends = !before.is_empty() && left.iter().all(shortened);
        Edit { scope, takes, resourced, gives, absent, before, after, left, ends }
    }

    pub(super) fn changes_of_edit(&self, edit: &Edit, target: &Subject) -> Vec<Change> {
        let workspace = edit.scope != self.root();
        let mut changes = Vec::new();
        let takes: Vec<Change> = edit.takes.iter().map(|(role, source)| self.change(Sort::Take, &edit.scope, target).role(role, source.as_deref())).collect();
        let gives: Vec<Change> =
            edit.gives.iter().map(|(wanted, sort)| self.change(*sort, &edit.scope, target).role(&wanted.role, wanted.source.as_deref())).collect();
        let membership = |sort: Sort| if workspace { vec![self.change(sort, &edit.scope, target)] } else { Vec::new() };
        let begins = workspace && edit.before.is_empty() && !edit.gives.is_empty();
        let resourced = edit.resourced.iter().map(|(role, source)| self.change(Sort::Take, &edit.scope, target).role(role, source.as_deref()));
        changes.extend(takes.iter().cloned().chain(resourced).chain(gives.iter().cloned()));
        // A membership that is to end sooner is removed in part.
        if edit.ends {
            let sooner = gives.iter().filter(|change| change.sort == Sort::Take);
            changes.extend(membership(Sort::Take).iter().chain(&takes).chain(sooner).map(|change| change.as_verb("member.remove")));
        }
        if begins {
            changes.extend(membership(Sort::Give).iter().chain(&gives).map(|change| change.as_verb("member.add")));
        }
        self.fit_where_nothing_changes(&mut changes, &[&edit.scope], target);
        changes
    }

    pub(super) fn checks_of_edits(&self, edits: &[Edit], target: &Subject) -> Vec<Checked> {
        let state = &self.view.state;
        let elsewhere = |edit: &Edit, role: &RoleId| state.effective(target, &edit.scope).contains(role);
        let direct = |edit: &Edit| {
            let inherited = edit.absent.iter().filter(|role| elsewhere(edit, role));
            everywhere(inherited.map(|role| Err(self.change_origin(target, &edit.scope, Some(role)))))
        };
        let fit_in = |edit: &Edit| ensure(!state.one_role(&edit.scope) || edit.after.len() < 2, denied_at(Code::TooManyRoles, &edit.scope));
        // What stays may stay, wherever its home is.
        let new = |edit: &Edit| (edit.scope.clone(), edit.gives.iter().map(|(wanted, _)| wanted.clone()).collect::<Vec<Wanted>>());
        let needs_one = |edit: &Edit| edit.scope == self.root() && state.one_role(&edit.scope);
        let some_left = |edit: &Edit| ensure(!(needs_one(edit) && edit.left.is_empty()), denied_at(Code::RoleRequired, &edit.scope));
        vec![
            self.all_open(edits.iter().map(|edit| &edit.scope)),
            everywhere(edits.iter().map(direct)),
            everywhere(edits.iter().map(fit_in)),
            self.roles_fit(&edits.iter().map(new).collect()),
            everywhere(edits.iter().map(some_left)),
        ]
    }

    pub(super) fn events_of_edit(&self, edit: &Edit, target: &Subject) -> Vec<Event> {
        let mut events: Vec<Event> = edit.takes.iter().map(|(role, _)| taken(target, &edit.scope, &role.name)).collect();
        if let (Subject::User(id), true) = (target, edit.left.is_empty() && !edit.before.is_empty() && !edit.takes.is_empty() && edit.scope != self.root()) {
            events.push(Event::MemberRemoved { user: id.clone(), scope: edit.scope.clone(), by: self.ended_by(id) });
        }
        events.extend(edit.gives.iter().map(|(wanted, _)| given(target, &edit.scope, wanted)));
        events
    }

    /// Whether an earlier membership of the target at the scope, or above it, has ended.
    pub(super) fn has_ended(&self, target: &str, scope: &str) -> bool {
        let chain = self.view.state.chain(scope);
        self.view.state.doc.ended.iter().any(|row| row.user == target && chain.contains(&row.scope))
    }

    /// Somebody who is gone is `already_ended`, somebody who never was there `not_found`.
    pub(super) fn find_member(&self, scope: &str) -> Result<String, Denial> {
        let id = self.target_id().unwrap_or_default().to_owned();
        Desk::found(self.find_scope(self.scope(), "scope"))?;
        let ends = matches!(self.verb(), "member.remove" | "member.leave");
        if ends && self.view.state.user(&id).is_none() && self.has_ended(&id, scope) {
            return Err(denied_at(Code::AlreadyEnded, scope));
        }
        Desk::found(self.find_target())?;
        Ok(id)
    }

    /// There is a membership of one's own at one of the places.
    pub(super) fn direct_membership(&self, id: &str, scope: &str, places: &[String]) -> Checked {
        let subject = user_subject(id);
        let state = &self.view.state;
        if scope == self.root() || places.iter().any(|place| !state.grants_at(&subject, place).is_empty()) {
            return Ok(());
        }
        self.no_membership(id, scope)
    }

    /// Why there is no membership of one's own.
    fn no_membership(&self, id: &str, scope: &str) -> Checked {
        let (subject, state) = (user_subject(id), &self.view.state);
        ensure(!self.has_ended(id, scope), denied_at(Code::AlreadyEnded, scope))?;
        ensure(state.effective(&subject, scope).is_empty(), self.change_origin(&subject, scope, None))?;
        Err(denied_at(Code::NotMember, scope))
    }

    pub(super) fn member_end(&self) -> Result<Proposal, Denial> {
        let id = self.find_member(self.scope())?;
        let state = &self.view.state;
        let endings = &state.written.endings;
        let allowed = endings.reach.clone().unwrap_or_else(|| vec![Reach::Scope]);
        let default = endings.default.or(allowed.first().copied()).unwrap_or(Reach::Scope);
        let asked = self.ask.reach.unwrap_or(default);
        let at_root = self.scope() == self.root();
        let reach = if at_root { Reach::Organization } else { asked };
        let within = match reach {
            Reach::Scope => vec![self.scope().to_owned()],
            Reach::Subtree => state.subtree(self.scope()),
            Reach::Organization => state.subtree(self.root()),
        };
        let judged_at = if reach == Reach::Organization { self.root() } else { self.scope() };
        let subject = user_subject(&id);
        let problem = first_problem(vec![
            ensure(at_root || allowed.contains(&asked), field_denied(Code::ReachNotAllowed, "reach", self.scope())),
            self.direct_membership(&id, judged_at, &within),
        ]);
        let mut changes = Vec::new();
        for place in &within {
            let grants = state.grants_at(&subject, place);
            if (reach == Reach::Organization && place == self.root()) || !grants.is_empty() {
                changes.push(self.change(Sort::Take, place, &subject));
            }
            changes.extend(grants.iter().map(|grant| self.change(Sort::Take, place, &subject).role(&self.role(place, &grant.role), grant.source.as_deref())));
        }
        if reach == Reach::Organization {
            for group in state.groups_of(&id) {
                for (place, role, source) in self.roles_of_group(&group.id) {
                    changes.push(self.change(Sort::Take, &place, &subject).role(&role, source.as_deref()).about_group(&group.id));
                }
            }
        }
        self.fit_where_nothing_changes(&mut changes, &[judged_at], &subject);
        let mut proposal = Proposal { changes, problem, events: self.events_of_ending(&id, reach, &within), ..Proposal::default() };
        if reach == Reach::Organization {
            proposal.obligations.push(Obligation::RevokeSessions { user: id.clone() });
        } else if self.access_remains(&id, &proposal.events) {
            let (code, message) = (Code::InheritedAccessRemains.as_str().to_owned(), Code::InheritedAccessRemains.message().to_owned());
            proposal.warnings.push(Warning { code, message, scope: Some(self.scope().to_owned()), ..Warning::default() });
        }
        Ok(proposal)
    }

    pub(super) fn access_remains(&self, id: &str, events: &[Event]) -> bool {
        let before = self.view.state;
        let mut doc = before.doc.clone();
        super::super::events::fold(&mut doc, events, self.now(), before.written);
        let after = super::super::world::World { doc: &doc, ..before };
        !after.standing_roles(id, self.scope()).is_empty()
    }

    pub(super) fn events_of_ending(&self, id: &str, reach: Reach, within: &[String]) -> Vec<Event> {
        let state = &self.view.state;
        let subject = user_subject(id);
        let removed = |scope: &str| Event::MemberRemoved { user: id.to_owned(), scope: scope.to_owned(), by: self.ended_by(id) };
        let mut events = Vec::new();
        if reach == Reach::Organization {
            events.extend(state.groups_of(id).iter().map(|group| Event::GroupMemberRemoved { group: group.id.clone(), user: id.to_owned() }));
        }
        for place in within {
            let grants = state.grants_at(&subject, place);
            events.extend(grants.iter().map(|grant| taken(&subject, place, &self.role(place, &grant.role).name)));
            if !grants.is_empty() && reach != Reach::Organization {
                events.push(removed(place));
            }
        }
        if reach == Reach::Organization {
            events.push(removed(self.root()));
        }
        // Who has not proved the address takes nobody's offer along.
        let address = state.user(id).filter(|row| row.verified).and_then(|row| canonical_of(row.email.as_deref()));
        let theirs = |row: &InvitationRow| address.is_some() && canonical_of(row.email.as_deref()) == address;
        events.extend(self.withdraw(theirs, &|place| within.iter().any(|within| within == place)));
        events
    }

    pub(super) fn member_status(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        let id = self.find_member(scope)?;
        let state = &self.view.state;
        let subject = user_subject(&id);
        let deactivate = self.verb() == "member.deactivate";
        let is_root = scope == self.root();
        let row = state.doc.deactivations.iter().any(|row| row.user == id && row.scope == scope);
        let deactivated = if is_root { state.user(&id).is_some_and(|row| row.status == Status::Deactivated) } else { row };
        let rests = || if state.is_member(&subject, scope) { Ok(()) } else { self.no_membership(&id, scope) };
        let mut checks = vec![rests()];
        if !deactivate {
            checks.insert(0, self.open(scope));
        }
        let problem = first_problem(checks);
        let (user, at) = (id.clone(), scope.to_owned());
        let mut proposal = Proposal { problem, ..Proposal::default() };
        let sort = if deactivate == deactivated { Sort::Fit } else { Sort::Status };
        proposal.changes.push(self.change(sort, scope, &subject));
        if deactivate && !deactivated {
            proposal.events.push(Event::MemberDeactivated { user: user.clone(), scope: at });
            proposal.obligations.extend(is_root.then_some(Obligation::RevokeSessions { user }));
        } else if !deactivate && deactivated {
            proposal.events.push(Event::MemberReactivated { user, scope: at });
        }
        Ok(proposal)
    }

    pub(super) fn member_edit(&self) -> Result<Proposal, Denial> {
        Desk::found([self.find_scope(self.root(), "scope"), self.find_target()].concat())?;
        let asked = self.ask.profile.clone().unwrap_or_default();
        let listed = &self.view.state.written.attributes.profile;
        let editable = |field: &str, fact: &Fact| if field == "name" { matches!(fact, Fact::Text(_)) } else { listed.iter().any(|name| name == field) };
        let refused: Vec<Reason> = asked
            .0
            .iter()
            .filter(|(field, fact)| !editable(field, fact))
            .map(|(field, _)| Reason { field: Some(field.clone()), ..reason_at(Code::FieldNotEditable, self.root()) })
            .collect();
        let problem = ensure(refused.is_empty(), Denial { reasons: refused, remedies: Vec::new() }).err();
        let Some(row) = self.target_id().and_then(|id| self.view.state.user(id)) else { return Ok(Proposal::default()) };
        let differs = |field: &str, fact: &Fact| match (field, fact) {
            ("name", Fact::Text(name)) => row.name.as_ref() != Some(name),
            _ => row.profile.get(field) != Some(fact),
        };
        let profile = Facts(asked.0.into_iter().filter(|(field, fact)| differs(field, fact)).collect());
        let events = if profile.is_empty() { Vec::new() } else { vec![Event::MemberEdited { user: row.id.clone(), profile }] };
        Ok(Proposal { changes: vec![self.change(Sort::Fit, self.root(), &self.target())], problem, events, ..Proposal::default() })
    }

    pub(super) fn member_change_email(&self) -> Result<Proposal, Denial> {
        Desk::found([self.find_scope(self.root(), "scope"), self.find_target()].concat())?;
        let state = &self.view.state;
        let Some(row) = self.target_id().and_then(|id| state.user(id)) else { return Ok(Proposal::default()) };
        let email = self.ask.email.clone().unwrap_or_default().trim().to_owned();
        let canonical = canonical_of(Some(&email));
        let same = canonical.is_some() && canonical == canonical_of(row.email.as_deref());
        let of_other = canonical.as_ref().and_then(|address| state.user_of_email(address)).is_some_and(|other| other.id != row.id);
        let offered = canonical.as_ref().is_some_and(|address| state.invitations_to(address).iter().any(|offer| self.is_open_offer(offer)));
        let problem = first_problem(vec![
            ensure(canonical.is_some(), field_denied(Code::InvalidEmail, "email", self.root())),
            ensure(same || (!of_other && (!offered || self.is_system())), field_denied(Code::EmailTaken, "email", self.root())),
        ]);
        let mut events = Vec::new();
        if !same || (self.is_system() && !row.verified) {
            events.push(Event::MemberEmailChanged { user: row.id.clone(), from: row.email.clone(), email, verified: self.is_system() });
        }
        if let (false, true, Some(old)) = (same, row.verified, canonical_of(row.email.as_deref())) {
            // Offers to an address that is left behind are nobody's.
            events.extend(self.withdraw(|offer| canonical_of(offer.email.as_deref()).as_ref() == Some(&old), &|_| true));
        }
        Ok(Proposal { changes: vec![self.change(Sort::Fit, self.root(), &self.target())], problem, events, ..Proposal::default() })
    }
}

/// An edit of the target's roles at one scope.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    scope: String,
    takes: Vec<(RoleId, Option<String>)>,
    /// Roles that stay, from another source: that is a take and a give.
    resourced: Vec<(RoleId, Option<String>)>,
    /// Roles that come, or stay with another expiry; to end one sooner is a take.
    gives: Vec<(Wanted, Sort)>,
    /// Roles to remove that are not held here.
    absent: Vec<RoleId>,
    before: Vec<RoleId>,
    after: Vec<RoleId>,
    /// Those of them that have not expired.
    left: Vec<RoleId>,
    /// No role is left, or none that does not end sooner than it would have.
    ends: bool,
}
