//! The names of everything that a state and its policy know by an id.

use std::collections::HashMap;

use tenantry::Policy;
use tenantry::document::snapshot::{InvitationRow, OpenRow, UserRow};
use tenantry::document::{Actor, Event, RoleAt, ScopedRoles, Snapshot};

use super::{article, list, time};

/// Whom an open link invites.
const ANYBODY: &str = "anybody with the link";

type ById = HashMap<String, String>;

/// Names for people. What has none is called by its id.
#[derive(Debug, Default)]
pub(crate) struct Names {
    organization: String,
    users: ById,
    scopes: ById,
    groups: ById,
    invitations: ById,
    custom_roles: ById,
    /// The kind of each scope.
    kind_of: ById,
    /// Labels of scope kinds.
    kinds: ById,
    /// Labels of declared roles, by `kind.role`.
    roles: ById,
    /// Labels of actions.
    actions: ById,
}

impl Names {
    /// The names in a policy and a state.
    pub(crate) fn new(policy: &Policy, snapshot: &Snapshot) -> Names {
        let mut names = Names { organization: snapshot.organization.clone(), ..Names::default() };
        let label = |name: &String, label: &Option<String>| (name.clone(), label.as_ref().unwrap_or(name).clone());
        names.kinds = policy.kinds().iter().map(|kind| label(&kind.name, &kind.label)).collect();
        names.roles = policy.roles().iter().map(|role| (role.qualified.clone(), label(&role.name, &role.label).1)).collect();
        names.actions = policy.actions().iter().filter_map(|action| Some((action.name.clone(), action.label.clone()?))).collect();
        for row in &snapshot.scopes {
            names.scope_is(&row.id, row.name.as_deref(), &row.kind);
        }
        for UserRow { id, name, email, .. } in &snapshot.users {
            names.user_is(id, name.as_deref(), email.as_deref());
        }
        for row in &snapshot.groups {
            name_it(&mut names.groups, &row.id, row.name.as_deref());
        }
        for row in &snapshot.custom_roles {
            name_it(&mut names.custom_roles, &row.id, row.name.as_deref());
        }
        for InvitationRow { id, email, open, name, user, .. } in &snapshot.invitations {
            names.invitation_is(id, email.as_deref(), open.as_ref());
            names.newcomer_is(user.as_deref(), name.as_deref().or(email.as_deref()));
        }
        names
    }

    /// Takes in the names that events bring.
    pub(crate) fn learn(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::OrganizationCreated { scope, name, .. } => self.scope_is(scope, name.as_deref(), "organization"),
                Event::ScopeCreated { scope, name, kind, .. } => self.scope_is(scope, name.as_deref(), kind),
                Event::ScopeConfigured { scope, name: Some(name), .. } => name_it(&mut self.scopes, scope, Some(name)),
                Event::MemberAdded { user, name, email, .. } => self.user_is(user, name.as_deref(), email.as_deref()),
                Event::InvitationCreated { invitation, email, open, .. } => self.invitation_is(invitation, email.as_deref(), open.as_ref()),
                Event::InvitationAccepted { invitation, user, name, .. } => {
                    let called = name.as_ref().or(self.invitations.get(invitation)).filter(|called| *called != ANYBODY).cloned();
                    self.newcomer_is(Some(user), called.as_deref());
                }
                Event::CustomRoleCreated { role, name, .. } => name_it(&mut self.custom_roles, role, name.as_deref()),
                Event::GroupCreated { group, name, .. } => name_it(&mut self.groups, group, name.as_deref()),
                _ => {}
            }
        }
    }

    fn scope_is(&mut self, id: &str, name: Option<&str>, kind: &str) {
        name_it(&mut self.scopes, id, name);
        self.kind_of.insert(id.to_owned(), kind.to_owned());
    }

    fn user_is(&mut self, id: &str, name: Option<&str>, email: Option<&str>) {
        name_it(&mut self.users, id, name.or(email));
    }

    /// Somebody who is about to be a user.
    fn newcomer_is(&mut self, id: Option<&str>, called: Option<&str>) {
        if let (Some(id), Some(called)) = (id, called) {
            self.users.entry(id.to_owned()).or_insert_with(|| called.to_owned());
        }
    }

    fn invitation_is(&mut self, id: &str, email: Option<&str>, open: Option<&OpenRow>) {
        name_it(&mut self.invitations, id, email.or(open.map(|_| ANYBODY)));
    }

    /// A user.
    pub(crate) fn user<'a>(&'a self, id: &'a str) -> &'a str {
        self.users.get(id).map_or(id, String::as_str)
    }

    /// A user or a group.
    pub(crate) fn holder(&self, user: Option<&str>, group: Option<&str>) -> String {
        group.map_or_else(|| self.user(user.unwrap_or_default()).to_owned(), |group| self.group(group))
    }

    /// Whoever asks.
    pub(crate) fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::User(id) => self.user(id).to_owned(),
            Actor::System(name) => format!("the system `{name}`"),
            Actor::Invitee { email, verified: true } => format!("whoever owns {email}"),
            Actor::Invitee { email, .. } => format!("whoever claims to own {email}"),
        }
    }

    /// A scope.
    pub(crate) fn scope<'a>(&'a self, id: &'a str) -> &'a str {
        self.scopes.get(id).map_or(id, String::as_str)
    }

    /// A scope that may be left out: then the organization.
    pub(crate) fn place<'a>(&'a self, scope: Option<&'a str>) -> &'a str {
        self.scope(scope.unwrap_or(&self.organization))
    }

    /// Whether a scope is the place, which may be left out.
    pub(crate) fn is_place(&self, scope: &str, place: Option<&str>) -> bool {
        scope == place.unwrap_or(&self.organization)
    }

    /// A scope kind.
    pub(crate) fn kind<'a>(&'a self, kind: &'a str) -> &'a str {
        self.kinds.get(kind).map_or(kind, String::as_str)
    }

    /// A group.
    pub(crate) fn group(&self, id: &str) -> String {
        format!("the group {}", self.groups.get(id).map_or(id, String::as_str))
    }

    /// The address of an invitation.
    pub(crate) fn invitee<'a>(&'a self, id: &'a str) -> &'a str {
        self.invitations.get(id).map_or(id, String::as_str)
    }

    /// What the policy calls an action, if it has a word for it.
    pub(crate) fn action(&self, action: &str) -> Option<&str> {
        self.actions.get(action).map(String::as_str)
    }

    /// A role at a scope (none: the organization), declared or custom.
    pub(crate) fn role<'a>(&'a self, role: &'a str, scope: Option<&str>) -> &'a str {
        let kind = self.kind_of.get(scope.unwrap_or(&self.organization));
        let declared = kind.and_then(|kind| self.roles.get(&format!("{kind}.{role}"))).or_else(|| self.roles.get(role));
        declared.or_else(|| self.custom_roles.get(role)).map_or(role, String::as_str)
    }

    /// A role as `kind.role`, with the kind where several kinds have a role of that name.
    pub(crate) fn qualified(&self, role: &str) -> String {
        let (kind, name) = role.split_once('.').unwrap_or(("", role));
        let label = self.roles.get(role).map_or(name, String::as_str);
        let alone = self.roles.iter().filter(|(other, called)| called.as_str() == label && other.as_str() != role).count() == 0;
        if alone { article(label) } else { format!("{} of the {}", article(label), self.kind(kind).to_lowercase()) }
    }

    /// Roles at a scope, with their ends and sources.
    pub(crate) fn roles(&self, roles: &[RoleAt], scope: Option<&str>) -> String {
        let one = |role: &RoleAt| {
            let until = role.expires_at.map(|at| format!(" until {}", time(at))).unwrap_or_default();
            let source = role.source.as_ref().map(|source| format!(" (from {source})")).unwrap_or_default();
            format!("{}{until}{source}", self.role(&role.role, scope))
        };
        list(&roles.iter().map(one).collect::<Vec<_>>())
    }

    /// Roles offered at several scopes.
    pub(crate) fn offers(&self, offers: &[ScopedRoles]) -> String {
        let one = |offer: &ScopedRoles| format!("{} in {}", self.roles(&offer.roles, Some(&offer.scope)), self.scope(&offer.scope));
        list(&offers.iter().map(one).collect::<Vec<_>>())
    }
}

fn name_it(names: &mut ById, id: &str, name: Option<&str>) {
    if let Some(name) = name {
        names.insert(id.to_owned(), name.to_owned());
    }
}
