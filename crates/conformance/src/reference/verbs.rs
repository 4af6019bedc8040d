//! The verbs: what a request changes, what of the state speaks against it, and what becomes true.

mod acceptance;
mod custom_role;
mod group;
mod invitation;
mod member;
mod transfer;
mod tree;

use std::cell::Cell;

use tenantry::Code;
use tenantry::document::snapshot::{EndedBy, InvitationRow, UserRow};
use tenantry::document::{Actor, Ask, Event, Obligation, Reason, Remedy, Request, RoleAt, Time, Warning};
use uuid::Uuid;

use super::conditions::{Offer, View};
use super::judge::{Change, Denial, Sort, denied, denied_at, push_once, reason, reason_at};
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

/// Scopes with the roles that are wanted there.
pub type Places = Vec<(String, Vec<Wanted>)>;

pub type Checked = Result<(), Denial>;

/// One check made of several places: it fails wherever it fails, and what would help is what helps at the first.
pub fn everywhere(checks: impl IntoIterator<Item = Checked>) -> Checked {
    let denials: Vec<Denial> = checks.into_iter().filter_map(Result::err).collect();
    let mut reasons: Vec<Reason> = Vec::new();
    denials.iter().flat_map(|denial| denial.reasons.clone()).for_each(|reason| push_once(&mut reasons, reason));
    denials.into_iter().next().map_or(Ok(()), |first| Err(Denial { reasons, ..first }))
}

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

    /// The user that the request is about, whom reasons need not name: of an offer, the one who answers it or has its address.
    pub fn whom(&self) -> Option<String> {
        let row = self.ask.invitation.as_ref().and_then(|id| self.view.state.invitation(id));
        let address = row.map_or(self.ask.email.as_deref(), |row| row.email.as_deref());
        let subject = match (self.verb(), self.view.actor, row) {
            ("member.leave" | "member.join" | "invitation.accept" | "invitation.decline", Actor::User(id), _) => user_subject(id),
            ("invitation.approve", _, Some(InvitationRow { user: Some(id), .. })) => user_subject(id),
            (verb, ..) if verb.starts_with("invitation.") => self.whose(canonical_of(address).as_deref()),
            _ => self.target(),
        };
        // Who is only to come is named.
        if let Subject::User(id) = subject { self.view.state.user(&id).map(|row| row.id.clone()) } else { None }
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
        let told = missing.into_iter().filter(|reason| !of_scopes || matches!(reason.field.as_deref(), Some("scope" | "parent")));
        told.for_each(|reason| push_once(&mut reasons, reason));
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

    /// A reason about the request as a whole: it says where, unless the request names several scopes.
    pub fn reason_here(&self, code: Code) -> Reason {
        Reason { scope: Some(self.scope().to_owned()).filter(|_| self.ask.scopes.is_none()), ..reason(code) }
    }

    pub fn field_denied_here(&self, code: Code, field: &str) -> Denial {
        Reason { field: Some(field.to_owned()), ..self.reason_here(code) }.into()
    }

    pub fn open(&self, scope: &str) -> Checked {
        match self.view.state.archived_at(scope) {
            Some(archived) => Err(Denial { reasons: vec![reason_at(Code::ScopeArchived, scope)], remedies: vec![Remedy::Restore { scope: archived }] }),
            None => Ok(()),
        }
    }

    /// No scope is archived.
    pub fn all_open<'s>(&self, scopes: impl IntoIterator<Item = &'s String>) -> Checked {
        everywhere(scopes.into_iter().map(|scope| self.open(scope)))
    }

    /// Each role can be held where it is wanted, and for a time that is to come.
    pub fn roles_fit(&self, places: &Places) -> Checked {
        let all = || places.iter().flat_map(|(scope, roles)| roles.iter().map(move |wanted| (scope, wanted)));
        let fits = |role: &RoleId, scope: &str| self.view.state.role_fits_here(role, scope);
        everywhere(all().map(|(scope, wanted)| ensure(fits(&wanted.role, scope), role_denied(Code::RoleNotHere, &wanted.role, scope))))?;
        let is_to_come = |wanted: &Wanted| wanted.expires_at.is_none_or(|at| at > self.now());
        everywhere(all().map(|(scope, wanted)| ensure(is_to_come(wanted), role_denied(Code::ExpiryInPast, &wanted.role, scope))))
    }

    /// Checks of the roles that somebody is to begin with: some, not too many, fit here.
    pub fn first_roles(&self, places: &Places) -> Checked {
        everywhere(places.iter().map(|(scope, wanted)| ensure(!wanted.is_empty(), denied_at(Code::RoleRequired, scope))))?;
        let fit_in = |scope: &str, wanted: &[Wanted]| wanted.len() < 2 || !self.view.state.one_role(scope);
        everywhere(places.iter().map(|(scope, wanted)| ensure(fit_in(scope, wanted), denied_at(Code::TooManyRoles, scope))))?;
        self.roles_fit(places)
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
            "member.join" | "member.leave" if self.target_id().is_none() => Err(not_found("scope").into()),
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

/// Whether a row of an offer is by the actor, open, and to whom.
pub fn offer_of(row: &InvitationRow, actor: &Actor) -> Offer {
    Offer { email: canonical_of(row.email.as_deref()), open: row.open.is_some(), by_actor: row.inviter == *actor }
}

pub fn closed() -> Denial {
    denied(Code::InvitationClosed)
}

/// The offer, of less than before.
fn reduced(row: &InvitationRow, scopes: Vec<tenantry::document::ScopedRoles>) -> Event {
    let (inviter, created_at, expires_at) = (row.inviter.clone(), row.created_at, row.expires_at);
    Event::InvitationUpdated { invitation: row.id.clone(), scopes, inviter, created_at, expires_at }
}

/// A new account.
pub fn added(row: &UserRow) -> Event {
    let UserRow { id, email, verified, name, kind, owner, attributes, .. } = row.clone();
    Event::MemberAdded { user: id, email, verified, name, kind, owner, attributes }
}
