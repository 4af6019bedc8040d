//! The smallest organization in which a question can be asked, and the question as a request.

use tenantry::document::request::OpenLink;
use tenantry::document::snapshot::{
    CustomRoleRow, DeactivationRow, EndedBy, EndedRow, GrantRow, GroupRow, InvitationRow, InvitationStatus, ScopeRow, ScopeStatus, Status, UserKind, UserRow,
};
use tenantry::document::{Actor, Ask, Body, Fact, Facts, Request, RoleAt, ScopedRoles, Snapshot, Time, UserInput};
use tenantry::policy::actions::Verb;

use super::facts::{DOMAIN, Setting, neutral};
use super::parties::path;
use super::rows::held_at;
use super::table::{CustomRole, Is, Party, Row, Scenery};
use crate::{Frame, ORGANIZATION, Place};

/// The time of every question.
pub const NOW: Time = Time(1_768_467_600_000);
/// Long enough before it.
const BEFORE: Time = Time(1_767_225_600_000);

const ACTOR: &str = "actor";
const TARGET: &str = "target";
const NEWCOMER: &str = "newcomer";

/// A question in its surroundings.
pub struct Scene<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Custom roles by id.
    pub custom_roles: &'a [CustomRole],
    /// The row.
    pub row: &'a Row,
    /// Who asks.
    pub actor: &'a Party,
    /// About whom.
    pub target: Option<&'a Party>,
    /// Facts of the host that are said.
    pub settings: &'a [(&'a str, &'a Setting)],
    /// Whether a new link needs a token.
    pub rotate: bool,
    /// Whether the roles of a place are held one at a time.
    pub one_role: bool,
    /// What the giver of a role keeps.
    pub ordinary: Option<&'a str>,
}

impl Scene<'_> {
    fn setting(&self, name: &str) -> Setting {
        self.settings.iter().find(|(other, _)| *other == name).map_or_else(|| neutral(name), |(_, setting)| (*setting).clone())
    }

    fn is(&self, name: &str) -> bool {
        self.setting(name).is_true()
    }

    /// The value of a fact; one that is that of another fact, which may itself be so.
    fn fact(&self, name: &str) -> Option<Fact> {
        let mut setting = self.setting(name);
        for _ in 0..3 {
            let Setting::SameAs(other) = &setting else { return setting.fact() };
            setting = self.setting(other);
        }
        None
    }

    fn text(&self, name: &str) -> Option<String> {
        match self.fact(name)? {
            Fact::Text(text) => Some(text),
            Fact::List(items) => items.into_iter().find_map(|item| if let Fact::Text(text) = item { Some(text) } else { None }),
            _ => None,
        }
    }

    /// All facts below a prefix.
    fn facts(&self, prefix: &str) -> Facts {
        let names = self.settings.iter().filter_map(|(name, _)| Some((*name, name.strip_prefix(prefix)?)));
        Facts(names.filter_map(|(name, short)| Some((short.to_owned(), self.fact(name)?))).collect())
    }

    fn verb(&self) -> Option<Verb> {
        self.row.verb
    }

    fn place(&self) -> &Place {
        self.frame.places.iter().find(|place| place.id == self.row.scope).unwrap_or(&self.frame.places[0])
    }

    /// The user that the row is about.
    fn target_id(&self) -> Option<&'static str> {
        match &self.target?.is {
            Is::Oneself => Some(ACTOR),
            Is::Outsider => Some(NEWCOMER),
            _ => Some(TARGET),
        }
    }

    fn address(&self, id: &str, fact: &str) -> String {
        // A domain that is no name of one cannot be that of an address.
        let domain = self.text(fact).filter(|domain| domain.contains('.')).unwrap_or_else(|| DOMAIN.to_owned());
        format!("{id}@{domain}")
    }

    fn actor_address(&self) -> String {
        self.address(ACTOR, "actor.email_domain")
    }

    /// The organization.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut state = Snapshot::empty(ORGANIZATION);
        if self.row.scenery == Some(Scenery::Nothing) {
            return state;
        }
        self.scopes(&mut state);
        self.user(&mut state, ACTOR, self.actor);
        if let Some(target) = self.target {
            self.user(&mut state, TARGET, target);
        }
        self.standing(&mut state);
        self.scenery(&mut state);
        self.custom(&mut state);
        state
    }

    fn scopes(&self, state: &mut Snapshot) {
        let place = self.place();
        let mut rows = self.frame.snapshot().scopes;
        let needed: Vec<&str> = path(self.frame, place).into_iter().map(|place| place.id.as_str()).chain(self.new_parent()).collect();
        rows.retain(|row| needed.contains(&row.id.as_str()));
        for row in rows.iter_mut().filter(|row| row.id == place.id) {
            row.attributes = self.facts("scope.attributes.");
            if self.row.scenery == Some(Scenery::Archived) {
                row.status = ScopeStatus::Archived;
            }
        }
        state.scopes = rows;
    }

    /// Where a scope moves to: another place of the sort that it hangs under, or where it is.
    fn new_parent(&self) -> Option<&str> {
        if self.verb() != Some(Verb::ScopeMove) {
            return None;
        }
        let (place, places) = (self.place(), &self.frame.places);
        let hangs_under = |kind: &str| {
            places.iter().any(|other| {
                other.kind == place.kind && other.parent.as_ref().is_some_and(|id| places.iter().any(|above| above.id == *id && above.kind == kind))
            })
        };
        let below = |other: &Place| path(self.frame, other).iter().any(|above| above.id == place.id);
        let other = places.iter().find(|other| Some(&other.id) != place.parent.as_ref() && !below(other) && hangs_under(&other.kind));
        other.map(|other| other.id.as_str()).or(place.parent.as_deref())
    }

    fn user(&self, state: &mut Snapshot, id: &str, party: &Party) {
        let Is::Member { holds } = &party.is else { return };
        let address =
            if id == TARGET && self.verb() == Some(Verb::InvitationCreate) { "invitation.email_domain".to_owned() } else { format!("{id}.email_domain") };
        let kind = user_kind(&self.setting(&format!("{id}.kind")));
        let owner = (kind == UserKind::Service).then(|| format!("{id}-owner"));
        let email = Some(self.address(id, &address));
        let attributes = self.facts(&format!("{id}.attributes."));
        let name = Some(if id == ACTOR { "Actor" } else { "Target" }.to_owned());
        let row = UserRow { id: id.to_owned(), name, email, verified: true, kind, owner: owner.clone(), attributes, ..UserRow::default() };
        state.users.push(row);
        let ids = [Some(id.to_owned()), owner.clone()];
        for user in ids.into_iter().flatten() {
            let grant =
                |held: &super::table::Held| GrantRow { scope: held.scope.clone(), user: Some(user.clone()), role: held.role.clone(), ..GrantRow::default() };
            state.grants.extend(holds.iter().map(grant));
        }
        state.users.extend(owner.map(|id| UserRow { id, verified: true, ..UserRow::default() }));
        let source = self.text("revokes.source");
        let whose = self.target_id();
        for grant in state
            .grants
            .iter_mut()
            .filter(|grant| grant.scope == self.row.scope && grant.user.as_deref() == whose && Some(&grant.role) == self.row.takes.as_ref())
        {
            grant.source.clone_from(&source);
        }
    }

    /// The status of the target, and endings that people have behind them.
    fn standing(&self, state: &mut Snapshot) {
        if matches!(self.actor.is, Is::Member { .. }) {
            self.ending(state, ACTOR, "actor");
        }
        let Some(user) = self.target_id().filter(|id| *id != ACTOR) else { return };
        let is_member = self.target.is_some_and(|target| held_at(target, &self.row.scope).next().is_some());
        let deactivated = self.verb() == Some(Verb::MemberReactivate) || self.setting("target.status").text().as_deref() == Some("deactivated");
        if deactivated && is_member && self.row.scope != ORGANIZATION {
            state.deactivations.push(DeactivationRow { scope: self.row.scope.clone(), user: user.to_owned() });
        } else if deactivated {
            state.users.iter_mut().filter(|row| row.id == user).for_each(|row| row.status = Status::Deactivated);
        }
        self.ending(state, user, "target");
    }

    /// An earlier membership of a user at the place, if the host tells of one.
    fn ending(&self, state: &mut Snapshot, user: &str, whose: &str) {
        let by = match self.setting(&format!("{whose}.ended_by")).text().as_deref() {
            Some("self") => EndedBy::Self_,
            Some("other") => EndedBy::Other,
            Some("sync") => EndedBy::Sync,
            _ => return,
        };
        let known = state.users.iter().find(|row| row.id == user).and_then(|row| row.email.clone());
        let email = known.or_else(|| Some(self.address(user, &format!("{whose}.email_domain"))));
        state.ended.push(EndedRow { scope: self.row.scope.clone(), user: user.to_owned(), email, at: BEFORE, by });
    }

    fn scenery(&self, state: &mut Snapshot) {
        match &self.row.scenery {
            Some(Scenery::Offer(role)) => state.invitations.push(self.offer(role, InvitationStatus::Pending)),
            Some(Scenery::Accepted(role)) => state.invitations.push(self.offer(role, InvitationStatus::AwaitingApproval)),
            Some(Scenery::Group(role)) => {
                let member = if self.verb() == Some(Verb::GroupRemove) { self.target_id() } else { None };
                let actor = Some(ACTOR).filter(|_| self.is("group.has_actor"));
                let members = member.into_iter().chain(actor).map(str::to_owned).collect();
                let managers = Some(ACTOR.to_owned()).filter(|_| self.is("group.managed_by_actor")).into_iter().collect();
                let scope = self.row.scope.clone();
                let grant = |role: &String| GrantRow { scope: scope.clone(), group: Some("group".to_owned()), role: role.clone(), ..GrantRow::default() };
                state.grants.extend(role.as_ref().map(grant));
                state.groups.push(GroupRow { id: "group".to_owned(), name: None, scope, members, managers, source: None, version: 0 });
            }
            _ => {}
        }
    }

    fn offer(&self, role: &str, status: InvitationStatus) -> InvitationRow {
        let accepted = self.verb() == Some(Verb::InvitationAccept);
        let inviter = if accepted {
            TARGET
        } else if self.is("invitation.by_actor") {
            ACTOR
        } else {
            "somebody"
        };
        let (user, email) = if self.is("invitation.addressed_to_actor") {
            (ACTOR, self.actor_address())
        } else {
            (NEWCOMER, self.address(NEWCOMER, "invitation.email_domain"))
        };
        InvitationRow {
            id: "offer".to_owned(),
            email: Some(email),
            open: None,
            name: Some("Newcomer".to_owned()),
            scopes: vec![ScopedRoles { scope: self.row.scope.clone(), roles: vec![role.into()] }],
            inviter: Actor::User(inviter.to_owned()),
            status,
            created_at: BEFORE,
            expires_at: None,
            token_hash: None,
            user: (status == InvitationStatus::AwaitingApproval).then(|| user.to_owned()),
            version: 0,
        }
    }

    /// The custom roles that the rest speaks of.
    fn custom(&self, state: &mut Snapshot) {
        let mut rows: Vec<CustomRoleRow> = Vec::new();
        let mut add = |id: &str, scope: &str| {
            let permissions = self.custom_roles.iter().find(|role| role.id == id).map(|role| role.permissions.clone()).unwrap_or_default();
            if rows.iter().all(|row| row.id != id) {
                rows.push(CustomRoleRow { id: id.to_owned(), name: None, scope: scope.to_owned(), permissions, version: 0 });
            }
        };
        if let Some(Scenery::CustomRole(id)) = &self.row.scenery {
            add(id, &self.row.scope);
        }
        let asked = [&self.row.gives, &self.row.takes].into_iter().flatten().filter(|_| !self.row.action.starts_with("role."));
        for id in state.grants.iter().map(|grant| &grant.role).chain(asked).filter(|id| id.starts_with("custom:")) {
            add(id, ORGANIZATION);
        }
        state.custom_roles = rows;
    }

    /// The question.
    #[must_use]
    pub fn request(&self) -> Request {
        let actor = match &self.actor.is {
            Is::System { system } => Actor::System(system.clone()),
            Is::Invitee => Actor::Invitee { email: self.address(NEWCOMER, "invitation.email_domain"), verified: true },
            Is::Outsider => Actor::User("outsider".to_owned()),
            Is::Member { .. } | Is::Oneself => Actor::User(ACTOR.to_owned()),
        };
        Request { id: Some("request".to_owned()), now: NOW, actor, context: self.facts("context."), body: Body::One(Box::new(self.ask())) }
    }

    fn ask(&self) -> Ask {
        let row = self.row;
        let ask = Ask { action: row.action.clone(), scope: Some(row.scope.clone()), ..Ask::default() };
        let target = self.target_id().map(str::to_owned);
        let gives = row.gives.as_ref().map(|role| RoleAt { role: role.clone(), expires_at: None, source: self.text("grants.source") });
        let roles = gives.clone().map(|role| vec![role]);
        let Some(verb) = self.verb() else {
            let resource = self.facts("resource.");
            return Ask { target, resource: Some(resource).filter(|resource| !resource.is_empty()), ..ask };
        };
        let name = Some("New".to_owned());
        let invitation = Some("offer".to_owned());
        let group = Some("group".to_owned());
        match verb {
            Verb::OrganizationCreate => Ask { scope: None, user: Some(self.newcomer()), roles, ..ask },
            Verb::ScopeCreate => Ask { kind: row.kind.clone(), name, ..ask },
            Verb::ScopeConfigure | Verb::GroupCreate => Ask { name, ..ask },
            Verb::ScopeMove => Ask { parent: self.new_parent().map(str::to_owned), ..ask },
            Verb::InvitationCreate if self.is("invitation.open") => {
                let open = Some(OpenLink { uses: None, audience: None });
                Ask { open, token_hash: Some("token".to_owned()), roles, ..ask }
            }
            Verb::InvitationCreate => Ask { email: Some(self.address(target.as_deref().unwrap_or(NEWCOMER), "invitation.email_domain")), name, roles, ..ask },
            Verb::InvitationUpdate => Ask { invitation, roles, ..ask },
            Verb::InvitationResend | Verb::InvitationLink => Ask { invitation, token_hash: self.rotate.then(|| "token".to_owned()), ..ask },
            Verb::InvitationRevoke | Verb::InvitationApprove => Ask { invitation, ..ask },
            Verb::InvitationAccept | Verb::InvitationDecline => Ask { scope: None, invitation, ..ask },
            Verb::MemberAdd if target.as_deref() == Some(NEWCOMER) => Ask { user: Some(self.newcomer()), roles, ..ask },
            Verb::MemberAdd => Ask { target, roles, ..ask },
            Verb::MemberSetRoles => self.change_of_roles(Ask { target, ..ask }, gives),
            Verb::MemberJoin => Ask { roles, ..ask },
            Verb::MemberEdit => {
                let profile = Facts([("name".to_owned(), Fact::Text("New".to_owned()))].into());
                Ask { scope: None, target, profile: Some(profile), ..ask }
            }
            Verb::MemberChangeEmail => Ask { scope: None, target, email: Some(format!("changed@{DOMAIN}")), ..ask },
            Verb::OwnershipTransfer => {
                let keep = self.ordinary.filter(|kept| self.one_role && Some(*kept) != row.takes.as_deref()).map(|kept| vec![kept.to_owned()]);
                Ask { target, role: row.takes.clone(), keep, ..ask }
            }
            Verb::RoleCreate => Ask { name, permissions: self.permissions(), ..ask },
            Verb::RoleUpdate => Ask { role: Some("custom:".to_owned()), permissions: self.permissions(), ..ask },
            Verb::RoleDelete => Ask { role: row.takes.clone(), ..ask },
            Verb::GroupDelete => Ask { group, ..ask },
            Verb::GroupAdd | Verb::GroupRemove => Ask { group, target, ..ask },
            Verb::GroupGrant => Ask { group, roles, ..ask },
            Verb::GroupRevoke => Ask { group, roles: row.takes.as_deref().map(|role| vec![role.into()]), ..ask },
            _ => Ask { target, ..ask },
        }
    }

    /// In a one-role scope the new role takes the place of the old; elsewhere it stands beside it.
    fn change_of_roles(&self, ask: Ask, gives: Option<RoleAt>) -> Ask {
        match gives {
            Some(role) if self.one_role => Ask { roles: Some(vec![role]), ..ask },
            Some(role) => Ask { add: Some(vec![role]), ..ask },
            None => Ask { remove: self.row.takes.clone().map(|role| vec![role]), ..ask },
        }
    }

    fn permissions(&self) -> Option<Vec<String>> {
        let id = self.row.gives.as_ref()?;
        self.custom_roles.iter().find(|role| role.id == *id).map(|role| role.permissions.clone())
    }

    /// The account to come. A service needs an owner: the actor, if that is a user.
    fn newcomer(&self) -> UserInput {
        let kind = user_kind(&self.setting("target.kind"));
        let owner = (kind == UserKind::Service && matches!(self.actor.is, Is::Member { .. })).then(|| ACTOR.to_owned());
        UserInput {
            id: Some(NEWCOMER.to_owned()),
            email: Some(self.address(NEWCOMER, "target.email_domain")),
            verified: true,
            name: None,
            kind,
            owner,
            attributes: self.facts("target.attributes."),
        }
    }
}

/// More places beside those below the organization, with the same people in them.
pub(crate) fn add_places_beside(state: &mut Snapshot, number: usize) {
    let below: Vec<ScopeRow> = state.scopes.iter().filter(|row| row.parent.is_some()).cloned().collect();
    let grants = state.grants.clone();
    for (row, number) in below.iter().flat_map(|row| (0..number).map(move |number| (row, number))) {
        let id = format!("{}-beside-{number}", row.id);
        let held = grants.iter().filter(|grant| grant.scope == row.id && grant.user.is_some());
        state.grants.extend(held.map(|grant| GrantRow { scope: id.clone(), ..grant.clone() }));
        state.scopes.push(ScopeRow { id, attributes: Facts::default(), ..row.clone() });
    }
}

fn user_kind(setting: &Setting) -> UserKind {
    match setting.text().as_deref() {
        Some("guest") => UserKind::Guest,
        Some("service") => UserKind::Service,
        _ => UserKind::Human,
    }
}
