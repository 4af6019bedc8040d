//! The verbs: what a request changes, what of the state speaks against it, and what becomes true.

use std::cell::Cell;

use tenantry::Code;
use tenantry::bounds::SCOPE_DEPTH;
use tenantry::document::snapshot::{EndedBy, GrantRow, InvitationRow, InvitationStatus, ScopeStatus, Status, UserKind, UserRow};
use tenantry::document::{Actor, Ask, Event, Fact, Facts, Holders, Obligation, Reach, Reason, Remedy, Request, RoleAt, RoleEdit, Time, UserInput, Warning};
use uuid::Uuid;

use super::conditions::{Offer, View};
use super::judge::{Change, Denial, Sort, denied, denied_at, reason, reason_at};
use super::world::{RoleId, Subject, canonical_of};

/// What a request comes to, if it is judged well.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    pub changes: Vec<Change>,
    /// What of the state speaks against it.
    pub problem: Option<Denial>,
    /// What else it needs that only the offer's inviter can carry.
    pub carried_by: Vec<String>,
    pub warnings: Vec<Warning>,
    pub events: Vec<Event>,
    pub obligations: Vec<Obligation>,
    /// Single changes that must be possible one after the other (see the law of atomic requests).
    pub one_by_one: bool,
}

/// One request, or one item of a batch, that is worked on.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub view: View<'a>,
    pub ask: &'a Ask,
    pub request: &'a Request,
    /// How many ids the request has minted.
    pub minted: &'a Cell<u32>,
}

/// A role that a request asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub role: RoleId,
    pub expires_at: Option<Time>,
    pub source: Option<String>,
}

pub type Checked = Result<(), Denial>;

/// The outcome of the checks of step 6, of which the first that fails counts.
fn first_problem(checks: Vec<Checked>) -> Option<Denial> {
    checks.into_iter().find_map(Result::err)
}

pub fn ensure(holds: bool, denial: Denial) -> Checked {
    if holds { Ok(()) } else { Err(denial) }
}

pub fn not_found(field: &str) -> Reason {
    Reason { field: Some(field.to_owned()), ..reason(Code::NotFound) }
}

fn field_denied(code: Code, field: &str, scope: &str) -> Denial {
    Reason { field: Some(field.to_owned()), ..reason_at(code, scope) }.into()
}

fn role_denied(code: Code, role: &RoleId, scope: &str) -> Denial {
    Reason { role: Some(role.name.clone()), ..reason_at(code, scope) }.into()
}

pub fn user_subject(id: &str) -> Subject {
    Subject::User(id.to_owned())
}

fn taken(holder: &Subject, scope: &str, role: &str) -> Event {
    let (user, group) = ids_of(holder);
    Event::RoleTaken { user, group, scope: scope.to_owned(), role: role.to_owned() }
}

pub fn given(holder: &Subject, scope: &str, wanted: &Wanted) -> Event {
    let (user, group) = ids_of(holder);
    Event::RoleGiven { user, group, scope: scope.to_owned(), role: wanted.role.name.clone(), expires_at: wanted.expires_at, source: wanted.source.clone() }
}

fn ids_of(holder: &Subject) -> (Option<String>, Option<String>) {
    match holder {
        Subject::User(id) => (Some(id.clone()), None),
        Subject::New(row) => (Some(row.id.clone()), None),
        Subject::Group(id) => (None, Some(id.clone())),
        Subject::Nobody => (None, None),
    }
}

/// What requests have in common.
impl<'a> Desk<'a> {
    pub fn verb(&self) -> &'a str {
        &self.ask.action
    }

    pub fn root(&self) -> &'a str {
        self.view.state.organization()
    }

    pub fn scope(&self) -> &'a str {
        self.ask.scope.as_deref().unwrap_or(self.root())
    }

    pub fn now(&self) -> Time {
        self.request.now
    }

    pub fn is_system(&self) -> bool {
        matches!(self.view.actor, Actor::System(_))
    }

    /// "UUIDv5 of organization, request id and index."
    pub fn mint(&self) -> String {
        let index = self.minted.replace(self.minted.get() + 1);
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"tenantry");
        let name = format!("{}\n{}\n{index}", self.root(), self.request.id.as_deref().unwrap_or_default());
        Uuid::new_v5(&namespace, name.as_bytes()).to_string()
    }

    /// The id that the next thing is made under, without making it.
    pub fn next_id(&self) -> String {
        let before = self.minted.get();
        let id = self.new_id();
        self.minted.set(before);
        id
    }

    /// The field that a taken id is told about: the one that named it, or the request's own id that it follows from.
    pub fn id_field(&self, named: &'static str) -> &'static str {
        let account = self.ask.user.as_ref().is_some_and(|user| user.id.is_some());
        let given = if named == "user.id" { account } else { self.ask.new_id.is_some() };
        if given { named } else { "id" }
    }

    pub fn new_id(&self) -> String {
        self.ask.new_id.clone().unwrap_or_else(|| self.mint())
    }

    /// The user that the request is about: its target, or the actor where it can be nobody else.
    pub fn target_id(&self) -> Option<&'a str> {
        match (self.verb(), self.view.actor) {
            ("member.leave" | "member.join", Actor::User(id)) => Some(id),
            _ => self.ask.target.as_deref(),
        }
    }

    pub fn target(&self) -> Subject {
        self.target_id().map_or(Subject::Nobody, user_subject)
    }

    fn ended_by(&self, target: &str) -> EndedBy {
        match self.view.actor {
            Actor::User(id) if id == target => EndedBy::Self_,
            Actor::System(_) => EndedBy::Sync,
            _ => EndedBy::Other,
        }
    }

    pub fn change(&self, sort: Sort, scope: &str, subject: &Subject) -> Change {
        Change::new(sort, self.verb(), scope, subject)
    }

    /// A fit, for each scope where the request changes nothing.
    pub fn fit_where_nothing_changes(&self, changes: &mut Vec<Change>, scopes: &[&str], subject: &Subject) {
        for scope in scopes {
            if !changes.iter().any(|change| change.scope.as_deref() == Some(scope)) {
                changes.push(self.change(Sort::Fit, scope, subject));
            }
        }
    }

    // Step 4.

    pub fn find_scope(&self, scope: &str, field: &str) -> Vec<Reason> {
        let missing = self.view.state.scope(scope).is_none();
        if missing { vec![Reason { scope: Some(scope.to_owned()), ..not_found(field) }] } else { Vec::new() }
    }

    pub fn find_target(&self) -> Vec<Reason> {
        match self.target_id() {
            Some(id) if self.view.state.user(id).is_none() => vec![not_found("target")],
            _ => Vec::new(),
        }
    }

    /// Of a scope that does not exist nothing more is said.
    pub fn find_role(&self, scope: &str, name: &str, field: &str) -> Vec<Reason> {
        let role = self.role(scope, name);
        let exists = self.view.state.scope(scope).is_none() || role.kind.is_some() || self.view.state.custom_role(name).is_some();
        if exists { Vec::new() } else { vec![Reason { role: Some(name.to_owned()), ..not_found(field) }] }
    }

    fn find_group(&self, at_home: bool) -> Vec<Reason> {
        let id = self.ask.group.clone().unwrap_or_default();
        let found = self.view.state.group(&id).is_some_and(|row| !at_home || row.scope == self.scope());
        if found { Vec::new() } else { vec![Reason { group: Some(id), ..not_found("group") }] }
    }

    pub fn found(missing: Vec<Reason>) -> Result<(), Denial> {
        // Of what a scope that does not exist may hold nothing is said.
        let of_scopes = missing.iter().any(|reason| reason.field.as_deref() == Some("scope"));
        let mut reasons: Vec<Reason> = Vec::new();
        missing.into_iter().filter(|reason| !of_scopes || matches!(reason.field.as_deref(), Some("scope" | "parent"))).for_each(|reason| {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        });
        if reasons.is_empty() { Ok(()) } else { Err(Denial { reasons, remedies: Vec::new() }) }
    }

    pub fn role(&self, scope: &str, name: &str) -> RoleId {
        self.view.state.role_named(self.view.state.kind(scope), name)
    }

    pub fn wanted(&self, scope: &str, roles: &[RoleAt]) -> Vec<Wanted> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for asked in roles {
            let role = self.role(scope, &asked.role);
            if !wanted.iter().any(|other| other.role == role) {
                wanted.push(Wanted { role, expires_at: asked.expires_at, source: asked.source.clone() });
            }
        }
        wanted.sort_by_key(|wanted| self.view.state.role_order(&wanted.role));
        wanted
    }

    // Step 6.

    pub fn open(&self, scope: &str) -> Checked {
        match self.view.state.archived_at(scope) {
            Some(archived) => Err(Denial { reasons: vec![reason_at(Code::ScopeArchived, scope)], remedies: vec![Remedy::Restore { scope: archived }] }),
            None => Ok(()),
        }
    }

    pub fn roles_fit(&self, scope: &str, wanted: &[Wanted]) -> Checked {
        let state = &self.view.state;
        for wanted in wanted {
            ensure(state.role_fits_here(&wanted.role, scope), role_denied(Code::RoleNotHere, &wanted.role, scope))?;
        }
        for wanted in wanted {
            ensure(wanted.expires_at.is_none_or(|at| at > self.now()), role_denied(Code::ExpiryInPast, &wanted.role, scope))?;
        }
        Ok(())
    }

    /// Checks of the roles that somebody is to begin with: some, not too many, fit here.
    pub fn first_roles(&self, scope: &str, wanted: &[Wanted]) -> Checked {
        ensure(!wanted.is_empty(), denied_at(Code::RoleRequired, scope))?;
        ensure(wanted.len() < 2 || !self.view.state.one_role(scope), denied_at(Code::TooManyRoles, scope))?;
        self.roles_fit(scope, wanted)
    }

    /// Where access that is not held directly comes from.
    fn change_origin(&self, subject: &Subject, scope: &str, role: Option<&RoleId>) -> Denial {
        let mut origins = self.view.state.origins(subject, scope);
        // A grant of one's own above comes before what a group gives.
        origins.sort_by_key(|(_, _, group)| group.is_some());
        let origin = origins.iter().find(|(held, place, group)| role.is_none_or(|role| role == held) && (place != scope || group.is_some()));
        let remedy = origin.map(|(_, scope, group)| Remedy::ChangeOrigin { scope: scope.clone(), group: group.clone() });
        Denial { reasons: vec![reason_at(Code::NotDirect, scope)], remedies: remedy.into_iter().collect() }
    }

    fn name_is_free(&self, taken: bool, scope: &str) -> Checked {
        ensure(!taken, field_denied(Code::NameTaken, "name", scope))
    }
}

/// Whether two names are the same, whatever the case of their letters.
fn same_name(a: Option<&String>, b: Option<&String>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.to_lowercase() == b.to_lowercase())
}

impl Desk<'_> {
    /// What the request comes to.
    pub fn propose(&self) -> Result<Proposal, Denial> {
        match self.verb() {
            "organization.create" => self.organization_create(),
            "scope.create" => self.scope_create(),
            "scope.configure" => self.scope_configure(),
            "scope.move" => self.scope_move(),
            "scope.archive" | "scope.restore" => self.scope_archive(),
            "scope.delete" => self.scope_delete(),
            "invitation.create" => self.invitation_create(),
            "invitation.link" if self.ask.invitation.is_none() => self.invitation_create(),
            "invitation.update" => self.invitation_update(),
            "invitation.resend" | "invitation.link" => self.invitation_resend(),
            "invitation.revoke" => self.invitation_revoke(),
            "invitation.accept" => self.invitation_accept(),
            "invitation.decline" => self.invitation_decline(),
            "invitation.approve" => self.invitation_approve(),
            "member.add" => self.member_add(),
            "member.join" => self.member_add(),
            "member.set_roles" => self.member_set_roles(),
            "member.remove" | "member.leave" => self.member_end(),
            "member.deactivate" | "member.reactivate" => self.member_status(),
            "member.edit" => self.member_edit(),
            "member.change_email" => self.member_change_email(),
            "ownership.transfer" => self.ownership_transfer(),
            "role.create" => self.role_create(),
            "role.update" => self.role_update(),
            "role.delete" => self.role_delete(),
            "group.create" => self.group_create(),
            "group.delete" => self.group_delete(),
            "group.add" | "group.remove" => self.group_membership(),
            "group.grant" | "group.revoke" => self.group_roles(),
            _ => self.question(),
        }
    }

    /// Lists and the app's own actions: an allow must fit.
    fn question(&self) -> Result<Proposal, Denial> {
        let mut missing = self.find_scope(self.scope(), "scope");
        missing.extend(self.find_target());
        Desk::found(missing)?;
        let is_list = matches!(self.verb(), "member.list" | "invitation.list" | "audit.read");
        let stays = is_list || self.view.state.written.actions.get(self.verb()).is_some_and(|action| action.archived);
        let problem = if stays { None } else { self.open(self.scope()).err() };
        Ok(Proposal { changes: vec![self.change(Sort::Fit, self.scope(), &self.target())], problem, ..Proposal::default() })
    }
}

/// The organization and its tree.
impl Desk<'_> {
    fn organization_create(&self) -> Result<Proposal, Denial> {
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
        let nowhere = |change: Change| Change { scope: None, ..change };
        let mut changes = vec![nowhere(self.change(Sort::Give, root, &subject))];
        changes.extend(wanted.iter().map(|wanted| nowhere(self.change(Sort::Give, root, &subject).role(&wanted.role, wanted.source.as_deref()))));
        let one = self.view.state.written.scopes["organization"].roles.as_deref() == Some("one");
        let problem = first_problem(vec![
            ensure(!exists, denied_at(Code::AlreadyExists, root)),
            ensure(input.email.is_none() || canonical_of(input.email.as_deref()).is_some(), field_denied(Code::InvalidEmail, "user.email", root)),
            ensure(!wanted.is_empty(), denied_at(Code::RoleRequired, root)),
            ensure(!one || wanted.len() < 2, denied_at(Code::TooManyRoles, root)),
            wanted.iter().try_for_each(|wanted| ensure(wanted.expires_at.is_none_or(|at| at > self.now()), role_denied(Code::ExpiryInPast, &wanted.role, root))),
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

    fn siblings_have(&self, parent: &str, own: Option<&str>, name: Option<&String>) -> bool {
        let state = &self.view.state;
        state.scopes().iter().any(|row| row.parent.as_deref() == Some(parent) && Some(row.id.as_str()) != own && same_name(row.name.as_ref(), name))
    }

    fn may_hang(&self, kind: &str, parent: &str) -> bool {
        let under = self.view.state.written.scopes.get(kind).and_then(|kind| kind.under.clone()).unwrap_or_else(|| vec!["organization".to_owned()]);
        kind != "organization" && self.view.state.kind(parent).is_some_and(|parent| under.iter().any(|listed| listed == parent))
    }

    /// A user sets what the kind lists, a system every declared attribute.
    fn settings_allowed(&self, kind: &str, scope: &str) -> Checked {
        let settings = self.view.state.written.scopes.get(kind).map(|kind| kind.settings.clone()).unwrap_or_default();
        let asked = self.ask.attributes.clone().unwrap_or_default();
        let refused = |name: &&String| !self.is_system() && !settings.contains(name);
        let reasons: Vec<Reason> = asked
            .0
            .keys()
            .filter(refused)
            .map(|name| Reason { field: Some(name.clone()), ..reason_at(Code::FieldNotEditable, scope) })
            .collect();
        ensure(reasons.is_empty(), Denial { reasons, remedies: Vec::new() })
    }

    fn scope_create(&self) -> Result<Proposal, Denial> {
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
        let mut events = vec![Event::ScopeCreated { scope: id.clone(), kind: kind.clone(), parent: parent.to_owned(), name: self.ask.name.clone(), attributes }];
        if let (Some(creator), Actor::User(actor)) = (&state.written.scopes[&kind].creator, self.view.actor) {
            let role = state.role_named(Some(&kind), creator);
            events.push(given(&user_subject(actor), &id, &Wanted { role, expires_at: None, source: None }));
        }
        Ok(Proposal { changes: vec![self.change(Sort::Fit, parent, &Subject::Nobody)], problem, events, ..Proposal::default() })
    }

    fn scope_configure(&self) -> Result<Proposal, Denial> {
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

    fn scope_move(&self) -> Result<Proposal, Denial> {
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
            self.open(scope),
            self.open(parent),
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
        let into_itself = state.chain(parent).iter().any(|place| place == scope);
        if row.parent.is_some() && !into_itself {
            changes.extend(self.changes_by_move(scope, &event));
        }
        let events = if old == parent { Vec::new() } else { vec![event] };
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    /// "A take of what no longer flows into the scope and a give of what now does, for everybody concerned."
    fn changes_by_move(&self, scope: &str, event: &Event) -> Vec<Change> {
        let before = self.view.state;
        let mut doc = before.doc.clone();
        super::events::fold(&mut doc, std::slice::from_ref(event), self.now(), before.written);
        let after = super::world::World { doc: &doc, ..before };
        let users = before.users().into_iter().map(|row| user_subject(&row.id));
        let groups = before.doc.groups.iter().map(|row| Subject::Group(row.id.clone()));
        let mut changes = Vec::new();
        for subject in users.chain(groups) {
            let (had, has) = (before.with_layers(&subject, scope), after.with_layers(&subject, scope));
            if let Subject::User(id) = &subject {
                if before.deactivated(id, scope) != after.deactivated(id, scope) {
                    changes.push(self.change(Sort::Status, scope, &subject).of_third());
                }
            }
            let lost = had.iter().filter(|role| !has.contains(role)).map(|role| self.change(Sort::Take, scope, &subject).role(role, None).of_third());
            let won = has.iter().filter(|role| !had.contains(role)).map(|role| self.change(Sort::Give, scope, &subject).role(role, None).of_third());
            changes.extend(lost.chain(won));
        }
        changes
    }

    fn scope_archive(&self) -> Result<Proposal, Denial> {
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

    fn scope_delete(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        let state = &self.view.state;
        Desk::found(self.find_scope(scope, "scope"))?;
        let is_root = state.scope(scope).is_some_and(|row| row.parent.is_none());
        let below = state.scopes().iter().any(|row| row.parent.as_deref() == Some(scope));
        let home = state.doc.groups.iter().any(|row| row.scope == scope) || state.doc.custom_roles.iter().any(|row| row.scope == scope);
        let problem = first_problem(vec![
            ensure(!is_root, denied_at(Code::RootScope, scope)),
            ensure(!below && !home, denied_at(Code::ScopeNotEmpty, scope)),
        ]);
        let mut changes = vec![self.change(Sort::Fit, scope, &Subject::Nobody)];
        let mut events = Vec::new();
        for subject in self.holders_at(scope) {
            for grant in state.grants_at(&subject, scope) {
                let role = self.role(scope, &grant.role);
                changes.extend(self.for_all_of(Sort::Take, scope, &subject, &role, grant.source.as_deref()).into_iter().map(Change::of_third));
                events.push(taken(&subject, scope, &role.name));
            }
        }
        events.extend(self.withdraw(|_| true, &|place| place == scope));
        events.push(Event::ScopeDeleted { scope: scope.to_owned() });
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    /// Users and then groups with a grant at the scope, by id.
    fn holders_at(&self, scope: &str) -> Vec<Subject> {
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
    fn for_all_of(&self, sort: Sort, scope: &str, holder: &Subject, role: &RoleId, source: Option<&str>) -> Vec<Change> {
        let mut changes = vec![self.change(sort, scope, holder).role(role, source)];
        if let Subject::Group(id) = holder {
            for member in self.members_of(id) {
                changes.push(self.change(sort, scope, &user_subject(&member)).role(role, source).of_third());
            }
        }
        changes
    }

    fn members_of(&self, group: &str) -> Vec<String> {
        let mut members = self.view.state.group(group).map(|row| row.members.clone()).unwrap_or_default();
        members.sort();
        members
    }

    /// Open offers lose what they offer at some scopes: nothing left is revoked, the rest is updated.
    fn withdraw(&self, whose: impl Fn(&InvitationRow) -> bool, gone: &dyn Fn(&str) -> bool) -> Vec<Event> {
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

/// The offer, of less than before.
fn reduced(row: &InvitationRow, scopes: Vec<tenantry::document::ScopedRoles>) -> Event {
    let (inviter, created_at, expires_at) = (row.inviter.clone(), row.created_at, row.expires_at);
    Event::InvitationUpdated { invitation: row.id.clone(), scopes, inviter, created_at, expires_at }
}

/// Members.
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

    fn member_add(&self) -> Result<Proposal, Denial> {
        let state = &self.view.state;
        let places = self.asked_places(|scope| state.kind(scope).map(|kind| state.default_roles(kind)).unwrap_or_default());
        let mut missing: Vec<Reason> = places.iter().flat_map(|(scope, _)| self.find_scope(scope, "scope")).collect();
        missing.extend(self.find_target());
        missing.extend(places.iter().flat_map(|(scope, roles)| roles.iter().flat_map(|role| self.find_role(scope, &role.role, "roles"))));
        Desk::found(missing)?;
        let places: Vec<(String, Vec<Wanted>)> = places.into_iter().map(|(scope, roles)| (scope.clone(), self.wanted(&scope, &roles))).collect();
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

    fn add_problem(&self, places: &[(String, Vec<Wanted>)], subject: &Subject, account: Option<&UserRow>) -> Option<Denial> {
        let mut checks: Vec<Checked> = places.iter().map(|(scope, _)| self.open(scope)).collect();
        match account {
            None => checks.extend(places.iter().map(|(scope, _)| ensure(!self.view.state.is_member(subject, scope), denied_at(Code::AlreadyMember, scope)))),
            Some(row) => checks.push(self.account_is_possible(row, &places[0].0)),
        }
        checks.extend(places.iter().map(|(scope, wanted)| self.first_roles(scope, wanted)));
        first_problem(checks)
    }

    fn account_is_possible(&self, row: &UserRow, scope: &str) -> Checked {
        let state = &self.view.state;
        let canonical = canonical_of(row.email.as_deref());
        ensure(row.email.is_none() || canonical.is_some(), field_denied(Code::InvalidEmail, "user.email", scope))?;
        let offered = canonical.as_ref().is_some_and(|address| state.invitations_to(address).iter().any(|offer| self.is_open_offer(offer)));
        let taken = (offered && !self.is_system()) || canonical.is_some_and(|address| state.user_of_email(&address).is_some());
        ensure(!taken, field_denied(Code::EmailTaken, "user.email", scope))?;
        ensure(state.user(&row.id).is_none(), field_denied(Code::IdTaken, self.id_field("user.id"), scope))?;
        let owner = row.owner.as_ref().and_then(|owner| state.user(owner)).filter(|owner| owner.kind != UserKind::Service);
        let owned_well = if row.kind == UserKind::Service { owner.is_some() } else { row.owner.is_none() };
        ensure(owned_well, field_denied(Code::OwnerRequired, "user.owner", scope))
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

    fn member_set_roles(&self) -> Result<Proposal, Denial> {
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
    fn edit(&self, edit: &RoleEdit) -> Edit {
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
        for wanted in &wanted {
            match held(wanted) {
                Some(grant) if grant.expires_at == wanted.expires_at && grant.source == wanted.source => {}
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
        after.extend(wanted.iter().map(|wanted| wanted.role.clone()).filter(|role| !before.contains(role)));
        let end_of = |role: &RoleId| match wanted.iter().find(|wanted| wanted.role == *role) {
            Some(wanted) => wanted.expires_at,
            None => live.iter().find(|grant| self.role(&scope, &grant.role) == *role).and_then(|grant| grant.expires_at),
        };
        let (ended, ends) = (last_of(live.iter().map(|grant| grant.expires_at)), last_of(after.iter().map(end_of)));
        let ends_sooner = !live.is_empty() && ends.is_some() && (ended.is_none() || ends < ended);
        Edit { scope, takes, resourced, gives, absent, wanted, before, after, ends_sooner }
    }

    fn changes_of_edit(&self, edit: &Edit, target: &Subject) -> Vec<Change> {
        let workspace = edit.scope != self.root();
        let mut changes = Vec::new();
        let takes: Vec<Change> = edit.takes.iter().map(|(role, source)| self.change(Sort::Take, &edit.scope, target).role(role, source.as_deref())).collect();
        let gives: Vec<Change> =
            edit.gives.iter().map(|(wanted, sort)| self.change(*sort, &edit.scope, target).role(&wanted.role, wanted.source.as_deref())).collect();
        let membership = |sort: Sort| if workspace { vec![self.change(sort, &edit.scope, target)] } else { Vec::new() };
        let ends = edit.after.is_empty() && !edit.takes.is_empty();
        let begins = workspace && edit.before.is_empty() && !edit.gives.is_empty();
        let ending: Vec<Change> = if ends { [membership(Sort::Take), takes.clone()].concat() } else { takes };
        let beginning: Vec<Change> = if begins { [membership(Sort::Give), gives.clone()].concat() } else { gives };
        let resourced = edit.resourced.iter().map(|(role, source)| self.change(Sort::Take, &edit.scope, target).role(role, source.as_deref()));
        changes.extend(ending.iter().cloned().chain(resourced).chain(beginning.iter().cloned()));
        // A membership that is to end sooner is removed in part.
        if !edit.after.is_empty() && edit.ends_sooner {
            changes.extend(changes.clone().iter().filter(|change| change.sort == Sort::Take).map(|change| change.as_verb("member.remove")));
        }
        if ends {
            changes.extend(ending.iter().map(|change| change.as_verb("member.remove")));
        }
        if begins {
            changes.extend(beginning.iter().map(|change| change.as_verb("member.add")));
        }
        self.fit_where_nothing_changes(&mut changes, &[&edit.scope], target);
        changes
    }

    fn checks_of_edits(&self, edits: &[Edit], target: &Subject) -> Vec<Checked> {
        let state = &self.view.state;
        let mut checks: Vec<Checked> = edits.iter().map(|edit| self.open(&edit.scope)).collect();
        for edit in edits {
            let elsewhere = |role: &&RoleId| state.effective(target, &edit.scope).contains(role);
            checks.push(edit.absent.iter().find(elsewhere).map_or(Ok(()), |role| Err(self.change_origin(target, &edit.scope, Some(role)))));
        }
        for edit in edits {
            checks.push(ensure(!state.one_role(&edit.scope) || edit.after.len() < 2, denied_at(Code::TooManyRoles, &edit.scope)));
        }
        checks.extend(edits.iter().map(|edit| self.roles_fit(&edit.scope, &edit.wanted)));
        for edit in edits {
            let needs_one = edit.scope == self.root() && state.one_role(&edit.scope);
            checks.push(ensure(!(needs_one && edit.after.is_empty()), denied_at(Code::RoleRequired, &edit.scope)));
        }
        checks
    }

    fn events_of_edit(&self, edit: &Edit, target: &Subject) -> Vec<Event> {
        let mut events: Vec<Event> = edit.takes.iter().map(|(role, _)| taken(target, &edit.scope, &role.name)).collect();
        if let (Subject::User(id), true) = (target, edit.after.is_empty() && !edit.takes.is_empty() && edit.scope != self.root()) {
            events.push(Event::MemberRemoved { user: id.clone(), scope: edit.scope.clone(), by: self.ended_by(id) });
        }
        events.extend(edit.gives.iter().map(|(wanted, _)| given(target, &edit.scope, wanted)));
        events
    }

    /// Whether an earlier membership of the target at the scope, or above it, has ended.
    fn has_ended(&self, target: &str, scope: &str) -> bool {
        let chain = self.view.state.chain(scope);
        self.view.state.doc.ended.iter().any(|row| row.user == target && chain.contains(&row.scope))
    }

    /// Somebody who is gone is `already_ended`, somebody who never was there `not_found`.
    fn find_member(&self, scope: &str) -> Result<String, Denial> {
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
    fn direct_membership(&self, id: &str, scope: &str, places: &[String]) -> Checked {
        let subject = user_subject(id);
        let state = &self.view.state;
        if scope == self.root() || places.iter().any(|place| !state.grants_at(&subject, place).is_empty()) {
            return Ok(());
        }
        ensure(!self.has_ended(id, scope), denied_at(Code::AlreadyEnded, scope))?;
        ensure(state.effective(&subject, scope).is_empty(), self.change_origin(&subject, scope, None))?;
        Err(denied_at(Code::NotMember, scope))
    }

    fn member_end(&self) -> Result<Proposal, Denial> {
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
            if (place == judged_at && place == self.root()) || (!grants.is_empty() && reach != Reach::Organization) {
                changes.push(self.change(Sort::Take, place, &subject));
            }
            changes.extend(grants.iter().map(|grant| self.change(Sort::Take, place, &subject).role(&self.role(place, &grant.role), grant.source.as_deref())));
        }
        if reach == Reach::Organization {
            for group in state.groups_of(&id) {
                for (place, role, source) in self.roles_of_group(&group.id) {
                    changes.push(self.change(Sort::Take, &place, &subject).role(&role, source.as_deref()));
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

    fn access_remains(&self, id: &str, events: &[Event]) -> bool {
        let before = self.view.state;
        let mut doc = before.doc.clone();
        super::events::fold(&mut doc, events, self.now(), before.written);
        let after = super::world::World { doc: &doc, ..before };
        !after.deactivated(id, self.scope()) && !after.effective(&user_subject(id), self.scope()).is_empty()
    }

    fn events_of_ending(&self, id: &str, reach: Reach, within: &[String]) -> Vec<Event> {
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

    fn member_status(&self) -> Result<Proposal, Denial> {
        let scope = self.scope();
        let id = self.find_member(scope)?;
        let state = &self.view.state;
        let subject = user_subject(&id);
        let deactivate = self.verb() == "member.deactivate";
        let is_root = scope == self.root();
        let row = state.doc.deactivations.iter().any(|row| row.user == id && row.scope == scope);
        let deactivated = if is_root { state.user(&id).is_some_and(|row| row.status == Status::Deactivated) } else { row };
        let mut checks = vec![self.direct_membership(&id, scope, &[scope.to_owned()])];
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

    fn member_edit(&self) -> Result<Proposal, Denial> {
        Desk::found(self.find_target())?;
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

    fn member_change_email(&self) -> Result<Proposal, Denial> {
        Desk::found(self.find_target())?;
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

    fn ownership_transfer(&self) -> Result<Proposal, Denial> {
        let (scope, state) = (self.scope(), &self.view.state);
        let name = self.ask.role.clone().unwrap_or_default();
        let keep = self.ask.keep.clone().unwrap_or_default();
        let mut missing = self.find_scope(scope, "scope");
        missing.extend(self.find_target());
        missing.extend(self.find_role(scope, &name, "role"));
        missing.extend(keep.iter().flat_map(|name| self.find_role(scope, name, "keep")));
        Desk::found(missing)?;
        let Actor::User(giver) = self.view.actor else { return Err(denied_at(Code::NotPermitted, scope)) };
        let (giver, taker, role) = (user_subject(giver), self.target(), self.role(scope, &name));
        let one = state.one_role(scope);
        let had = state.direct_roles(&giver, scope);
        let kept: Vec<RoleId> = keep.iter().map(|name| self.role(scope, name)).collect();
        let replaced = if one { state.direct_roles(&taker, scope) } else { Vec::new() };
        let leaves: Vec<RoleId> = had.iter().filter(|held| !kept.contains(held) && (one || **held == role)).cloned().collect();
        let mut gets: Vec<Wanted> = kept.iter().filter(|role| !had.contains(role)).map(|role| Wanted { role: role.clone(), expires_at: None, source: None }).collect();
        gets.sort_by_key(|wanted| state.role_order(&wanted.role));
        let handed = Wanted { role: role.clone(), expires_at: None, source: None };
        let mut changes = Vec::new();
        if !state.direct_roles(&taker, scope).contains(&role) {
            changes.push(self.change(Sort::Give, scope, &taker).role(&role, None));
        }
        changes.extend(replaced.iter().map(|role| self.change(Sort::Take, scope, &taker).role(role, None)));
        changes.extend(leaves.iter().map(|role| self.change(Sort::Take, scope, &giver).role(role, None).of_third()));
        changes.extend(gets.iter().map(|wanted| self.change(Sort::Give, scope, &giver).role(&wanted.role, None).of_third()));
        self.fit_where_nothing_changes(&mut changes, &[scope], &taker);
        let left = had.iter().any(|held| !leaves.contains(held)) || !gets.is_empty();
        let problem = first_problem(vec![
            self.open(scope),
            self.giver_holds(&giver, &role, scope),
            ensure(taker != giver && !state.direct_roles(&taker, scope).contains(&role), field_denied(Code::AlreadyMember, "target", scope)),
            ensure(!one || kept.len() < 2, field_denied(Code::TooManyRoles, "keep", scope)),
            ensure(left || !(one && scope == self.root()), field_denied(Code::RoleRequired, "keep", scope)),
            self.roles_fit(scope, &gets),
        ]);
        let mut events: Vec<Event> = replaced.iter().map(|role| taken(&taker, scope, &role.name)).collect();
        events.push(given(&taker, scope, &handed));
        events.extend(leaves.iter().map(|role| taken(&giver, scope, &role.name)));
        if let (Subject::User(id), true) = (&giver, !left && scope != self.root()) {
            events.push(Event::MemberRemoved { user: id.clone(), scope: scope.to_owned(), by: EndedBy::Self_ });
        }
        events.extend(gets.iter().map(|wanted| given(&giver, scope, wanted)));
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    fn giver_holds(&self, giver: &Subject, role: &RoleId, scope: &str) -> Checked {
        if self.view.state.direct_roles(giver, scope).contains(role) {
            return Ok(());
        }
        if self.view.state.effective(giver, scope).contains(role) {
            let Denial { mut reasons, remedies } = self.change_origin(giver, scope, Some(role));
            reasons[0].field = Some("role".to_owned());
            return Err(Denial { reasons, remedies });
        }
        let reason = Reason { field: Some("role".to_owned()), role: Some(role.name.clone()), ..reason_at(Code::NotMember, scope) };
        Err(Reason { role: None, ..reason }.into())
    }
}

/// An edit of the target's roles at one scope.
#[derive(Debug, Clone)]
struct Edit {
    scope: String,
    takes: Vec<(RoleId, Option<String>)>,
    /// Roles that stay, from another source: that is a take and a give.
    resourced: Vec<(RoleId, Option<String>)>,
    /// Roles that come, or stay with another expiry; to end one sooner is a take.
    gives: Vec<(Wanted, Sort)>,
    /// Roles to remove that are not held here.
    absent: Vec<RoleId>,
    wanted: Vec<Wanted>,
    before: Vec<RoleId>,
    after: Vec<RoleId>,
    /// The membership is to end, or to end sooner than it would have.
    ends_sooner: bool,
}

/// When the last of them ends; none if one of them does not.
fn last_of(ends: impl Iterator<Item = Option<Time>>) -> Option<Time> {
    let ends: Option<Vec<Time>> = ends.collect();
    ends.and_then(|ends| ends.into_iter().max())
}

pub fn added(row: &UserRow) -> Event {
    let UserRow { id, email, verified, name, kind, owner, attributes, .. } = row.clone();
    Event::MemberAdded { user: id, email, verified, name, kind, owner, attributes }
}

/// Roles that the organization makes.
impl Desk<'_> {
    fn sorted_permissions(&self) -> Option<Vec<String>> {
        let mut permissions = self.ask.permissions.clone()?;
        permissions.sort();
        permissions.dedup();
        Some(permissions)
    }

    fn find_permissions(&self) -> Vec<Reason> {
        let unknown = |name: &String| !self.view.state.written.permissions.contains_key(name);
        if self.ask.permissions.iter().flatten().any(unknown) { vec![not_found("permissions")] } else { Vec::new() }
    }

    fn find_custom_role(&self) -> Vec<Reason> {
        let id = self.ask.role.clone().unwrap_or_default();
        let found = self.view.state.custom_role(&id).is_some_and(|row| row.scope == self.scope());
        if found { Vec::new() } else { vec![Reason { role: Some(id), ..not_found("role") }] }
    }

    fn role_name_taken(&self, own: Option<&str>) -> bool {
        let name = self.ask.name.as_ref();
        self.view.state.doc.custom_roles.iter().any(|row| Some(row.id.as_str()) != own && same_name(row.name.as_ref(), name))
    }

    fn role_create(&self) -> Result<Proposal, Denial> {
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
        let mut change = self.change(Sort::Give, scope, &Subject::Nobody).role(&RoleId { kind: None, name: id.clone() }, None);
        if let Some(handed) = &mut change.handed {
            handed.to_have = permissions.clone();
        }
        let events = vec![Event::CustomRoleCreated { role: id, scope: scope.to_owned(), name: self.ask.name.clone(), permissions }];
        Ok(Proposal { changes: vec![change], problem, events, ..Proposal::default() })
    }

    /// Everybody who holds a custom role, and where, with the source of the grant.
    fn holders_of(&self, role: &str) -> Vec<(Subject, String, Option<String>)> {
        let mut holders = Vec::new();
        for scope in self.view.state.scopes() {
            for subject in self.holders_at(&scope.id) {
                let grants = self.view.state.grants_at(&subject, &scope.id);
                holders.extend(grants.into_iter().filter(|grant| grant.role == role).map(|grant| (subject.clone(), scope.id.clone(), grant.source.clone())));
            }
        }
        holders
    }

    fn role_update(&self) -> Result<Proposal, Denial> {
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
        changes.extend(sorts.iter().map(|sort| self.change(*sort, scope, &Subject::Nobody).role(&role, None)));
        for (holder, place, source) in self.holders_of(&row.id) {
            for one in self.for_all_of(Sort::Give, &place, &holder, &role, source.as_deref()) {
                changes.extend(sorts.iter().map(|sort| Change { sort: *sort, ..one.clone() }.of_third()));
            }
        }
        for change in &mut changes {
            if let (Sort::Give, Some(handed)) = (change.sort, &mut change.handed) {
                handed.to_have = has.clone();
            }
        }
        let problem = first_problem(vec![self.open(scope), self.name_is_free(self.role_name_taken(Some(&row.id)), scope)]);
        let name = self.ask.name.clone().filter(|name| row.name.as_ref() != Some(name));
        let permissions = Some(has).filter(|has| *has != had);
        let differs = name.is_some() || permissions.is_some();
        let events = if differs { vec![Event::CustomRoleUpdated { role: row.id.clone(), name, permissions }] } else { Vec::new() };
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    fn role_delete(&self) -> Result<Proposal, Denial> {
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
            if let (Subject::User(user), true) = (holder, place != self.root()) {
                if self.view.state.grants_at(holder, place).len() == 1 {
                    events.push(Event::MemberRemoved { user: user.clone(), scope: place.clone(), by: self.ended_by(user) });
                }
            }
        }
        let in_use = !revoke && !(holders.is_empty() && offered.is_empty());
        let reason = Reason { role: Some(id.clone()), ..reason_at(Code::RoleInUse, scope) };
        let problem = in_use.then(|| Denial { reasons: vec![reason], remedies: vec![Remedy::Reassign { role: id.clone() }] });
        events.extend(offered);
        events.push(Event::CustomRoleDeleted { role: id });
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    /// What becomes of the open offers of a custom role when it goes.
    fn offers_without(&self, role: &str) -> Vec<Event> {
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

/// Groups.
impl Desk<'_> {
    fn group_create(&self) -> Result<Proposal, Denial> {
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
    fn roles_of_group(&self, group: &str) -> Vec<(String, RoleId, Option<String>)> {
        let subject = Subject::Group(group.to_owned());
        let mut held = Vec::new();
        for scope in self.view.state.scopes() {
            let grants = self.view.state.grants_at(&subject, &scope.id);
            held.extend(grants.into_iter().map(|grant| (scope.id.clone(), self.role(&scope.id, &grant.role), grant.source.clone())));
        }
        held
    }

    fn group_delete(&self) -> Result<Proposal, Denial> {
        let mut missing = self.find_scope(self.scope(), "scope");
        missing.extend(self.find_group(true));
        Desk::found(missing)?;
        let id = self.ask.group.clone().unwrap_or_default();
        let subject = Subject::Group(id.clone());
        let mut changes = vec![self.change(Sort::Fit, self.scope(), &Subject::Nobody)];
        let mut events = Vec::new();
        for (scope, role, source) in self.roles_of_group(&id) {
            changes.extend(self.for_all_of(Sort::Take, &scope, &subject, &role, source.as_deref()));
            events.push(taken(&subject, &scope, &role.name));
        }
        let changes = changes.into_iter().map(|change| change.about_group(&id)).collect();
        events.push(Event::GroupDeleted { group: id });
        Ok(Proposal { changes, events, ..Proposal::default() })
    }

    fn group_membership(&self) -> Result<Proposal, Denial> {
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

    fn group_roles(&self) -> Result<Proposal, Denial> {
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
        let (mut changes, mut events) = (Vec::new(), Vec::new());
        for wanted in &wanted {
            match (self.verb() == "group.grant", held(wanted)) {
                (true, Some(grant)) if self.view.state.live(grant) && grant.expires_at == wanted.expires_at && grant.source == wanted.source => {}
                (true, grant) => {
                    if let Some(grant) = grant.filter(|grant| self.view.state.live(grant) && grant.source != wanted.source) {
                        changes.extend(self.for_all_of(Sort::Take, scope, &group, &wanted.role, grant.source.as_deref()));
                    }
                    let sooner = grant.is_some_and(|grant| {
                        self.view.state.live(grant) && wanted.expires_at.is_some() && grant.expires_at.is_none_or(|at| wanted.expires_at < Some(at))
                    });
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
        let problem = if self.verb() == "group.grant" { first_problem(vec![self.open(scope), self.roles_fit(scope, &wanted)]) } else { None };
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }
}

/// Whether a row of an offer is by the actor, open, and to whom.
pub fn offer_of(row: &InvitationRow, actor: &Actor) -> Offer {
    Offer { email: canonical_of(row.email.as_deref()), open: row.open.is_some(), by_actor: row.inviter == *actor }
}

pub fn closed() -> Denial {
    denied(Code::InvitationClosed)
}
