//! The state as the rules see it: rows, the tree, what roles somebody has where. Every look at a row is written down, so
//! that a test can show what a decision has read before its gate.

use std::cell::RefCell;
use std::collections::BTreeSet;

use tenantry::document::snapshot::{CustomRoleRow, GrantRow, GroupRow, InvitationRow, ScopeRow, ScopeStatus, Status, UserKind, UserRow};
use tenantry::document::{Fact, Facts, Snapshot, Time};
use tenantry::email;

use super::written::{FlowsDown, Written};

/// A row that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Read {
    /// A user: the row, its grants, groups, deactivations.
    User(String),
    /// A scope.
    Scope(String),
    /// A group, with its grants.
    Group(String),
    /// A custom role.
    CustomRole(String),
    /// An invitation.
    Invitation(String),
    /// Whoever has an address.
    Email(String),
    /// All rows of a table.
    All(&'static str),
}

/// What was looked at, in order.
pub type Log = RefCell<Vec<Read>>;

/// A role: declared for a kind of scope, or (`kind` is none) made by the organization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleId {
    pub kind: Option<String>,
    pub name: String,
}

/// Whose roles are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user of the organization.
    User(String),
    /// An account that is to come.
    New(Box<UserRow>),
    /// A group.
    Group(String),
    /// Nobody that the organization knows.
    Nobody,
}

/// The state at a point in time, with the policy.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub written: &'a Written,
    pub doc: &'a Snapshot,
    pub now: Time,
    pub log: &'a Log,
    /// Grants that expire do not count (keeps).
    pub permanent: bool,
    /// A service holds only what its owner holds or outranks (keeps).
    pub capped: bool,
}

/// Rows.
impl<'a> World<'a> {
    fn saw(&self, read: Read) {
        self.log.borrow_mut().push(read);
    }

    pub fn organization(&self) -> &'a str {
        &self.doc.organization
    }

    pub fn user(&self, id: &str) -> Option<&'a UserRow> {
        self.saw(Read::User(id.to_owned()));
        self.doc.users.iter().find(|row| row.id == id)
    }

    pub fn users(&self) -> Vec<&'a UserRow> {
        self.saw(Read::All("users"));
        let mut users: Vec<&UserRow> = self.doc.users.iter().collect();
        users.sort_by(|a, b| a.id.cmp(&b.id));
        users
    }

    pub fn scope(&self, id: &str) -> Option<&'a ScopeRow> {
        self.saw(Read::Scope(id.to_owned()));
        self.doc.scopes.iter().find(|row| row.id == id)
    }

    pub fn scopes(&self) -> Vec<&'a ScopeRow> {
        self.saw(Read::All("scopes"));
        let mut scopes: Vec<&ScopeRow> = self.doc.scopes.iter().collect();
        scopes.sort_by(|a, b| a.id.cmp(&b.id));
        scopes
    }

    pub fn group(&self, id: &str) -> Option<&'a GroupRow> {
        self.saw(Read::Group(id.to_owned()));
        self.doc.groups.iter().find(|row| row.id == id)
    }

    pub fn custom_role(&self, id: &str) -> Option<&'a CustomRoleRow> {
        self.saw(Read::CustomRole(id.to_owned()));
        self.doc.custom_roles.iter().find(|row| row.id == id)
    }

    pub fn invitation(&self, id: &str) -> Option<&'a InvitationRow> {
        self.saw(Read::Invitation(id.to_owned()));
        self.doc.invitations.iter().find(|row| row.id == id)
    }

    pub fn user_of_email(&self, canonical: &str) -> Option<&'a UserRow> {
        self.saw(Read::Email(canonical.to_owned()));
        self.doc.users.iter().find(|row| canonical_of(row.email.as_deref()).as_deref() == Some(canonical))
    }

    /// Invitations to an address, by id.
    pub fn invitations_to(&self, canonical: &str) -> Vec<&'a InvitationRow> {
        self.saw(Read::Email(canonical.to_owned()));
        let mut rows: Vec<&InvitationRow> =
            self.doc.invitations.iter().filter(|row| canonical_of(row.email.as_deref()).as_deref() == Some(canonical)).collect();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows
    }

    /// The groups that a user is in, by id.
    pub fn groups_of(&self, user: &str) -> Vec<&'a GroupRow> {
        let mut groups: Vec<&GroupRow> = self.doc.groups.iter().filter(|group| group.members.iter().any(|member| member == user)).collect();
        groups.sort_by(|a, b| a.id.cmp(&b.id));
        groups.iter().for_each(|group| self.saw(Read::Group(group.id.clone())));
        groups
    }
}

/// The tree.
impl<'a> World<'a> {
    /// The scope and those above it, up to the organization. An unknown scope hangs right below the organization.
    pub fn chain(&self, scope: &str) -> Vec<String> {
        let mut chain = vec![scope.to_owned()];
        let mut at = self.scope(scope);
        if at.is_none() {
            chain.push(self.organization().to_owned());
            return chain;
        }
        while let Some(parent) = at.and_then(|row| row.parent.as_deref()) {
            chain.push(parent.to_owned());
            at = self.scope(parent);
        }
        chain
    }

    pub fn kind(&self, scope: &str) -> Option<&'a str> {
        self.scope(scope).map(|row| row.kind.as_str())
    }

    /// The scope's own value, or the nearest one above.
    pub fn attribute(&self, scope: &str, name: &str) -> Option<&'a Fact> {
        self.chain(scope).iter().find_map(|place| self.scope(place).and_then(|row| row.attributes.get(name)))
    }

    /// The nearest archived scope on the way up.
    pub fn archived_at(&self, scope: &str) -> Option<String> {
        self.chain(scope).into_iter().find(|place| self.scope(place).is_some_and(|row| row.status == ScopeStatus::Archived))
    }

    /// The scope and all below it, the deepest first, then by id.
    pub fn subtree(&self, scope: &str) -> Vec<String> {
        let mut within: Vec<(usize, String)> = self
            .scopes()
            .iter()
            .map(|row| self.chain(&row.id))
            .filter(|chain| chain.iter().any(|place| place == scope))
            .map(|chain| (chain.len(), chain[0].clone()))
            .collect();
        within.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        within.into_iter().map(|(_, id)| id).collect()
    }

    pub fn one_role(&self, scope: &str) -> bool {
        self.kind(scope).and_then(|kind| self.written.scopes.get(kind)).is_some_and(|kind| kind.roles.as_deref() == Some("one"))
    }
}

/// Roles.
impl<'a> World<'a> {
    /// "An expired grant is no grant."
    pub fn live(&self, grant: &GrantRow) -> bool {
        grant.expires_at.is_none_or(|at| !self.permanent && at > self.now)
    }

    /// A role that is held or asked for at a scope of the kind: `owner`, `organization.owner`, or the id of a custom role.
    pub fn role_named(&self, kind: Option<&str>, name: &str) -> RoleId {
        if let Some(kind) = kind {
            let bare = name.strip_prefix(kind).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
            if self.written.roles.get(kind).is_some_and(|roles| roles.contains_key(bare)) {
                return RoleId { kind: Some(kind.to_owned()), name: bare.to_owned() };
            }
        }
        RoleId { kind: None, name: name.to_owned() }
    }

    pub fn rank(&self, role: &RoleId) -> Option<u32> {
        let kind = role.kind.as_deref()?;
        self.written.roles.get(kind).and_then(|roles| roles.get(&role.name)).map(|role| role.rank)
    }

    /// Whether one role is of the same kind and of a higher rank than the other.
    pub fn outranks(&self, high: &RoleId, low: &RoleId) -> bool {
        high.kind == low.kind && matches!((self.rank(high), self.rank(low)), (Some(high), Some(low)) if high > low)
    }

    /// Where a role stands in the policy's order: kinds, rank from high to low, name; custom roles at the end, by id.
    pub fn role_order(&self, role: &RoleId) -> (bool, bool, Option<String>, std::cmp::Reverse<u32>, String) {
        let other_kind = role.kind.as_deref() != Some("organization");
        (role.kind.is_none(), other_kind, role.kind.clone(), std::cmp::Reverse(self.rank(role).unwrap_or(0)), role.name.clone())
    }

    /// The user's own grants at the scope, expired ones included, in the policy's order.
    pub fn grants_at(&self, subject: &Subject, scope: &str) -> Vec<&'a GrantRow> {
        let holds = |grant: &GrantRow| match subject {
            Subject::User(id) => grant.user.as_ref() == Some(id),
            Subject::Group(id) => grant.group.as_ref() == Some(id),
            Subject::New(_) | Subject::Nobody => false,
        };
        let mut grants: Vec<&GrantRow> = self.doc.grants.iter().filter(|grant| grant.scope == scope && holds(grant)).collect();
        grants.sort_by_key(|grant| self.role_order(&self.role_named(self.kind(scope), &grant.role)));
        grants
    }

    /// The roles held directly at the scope.
    pub fn direct_roles(&self, subject: &Subject, scope: &str) -> Vec<RoleId> {
        let live = self.grants_at(subject, scope).into_iter().filter(|grant| self.live(grant));
        let roles = live.map(|grant| self.role_named(self.kind(scope), &grant.role)).collect();
        self.as_counted(subject, scope, roles)
    }

    /// The permissions of these roles of a subject; of a service, only those of its owner, if that is asked.
    pub fn counted_permissions(&self, subject: &Subject, scope: &str, roles: &[RoleId]) -> Vec<String> {
        let own = self.permissions(roles);
        let owner = if let (Subject::User(id), true) = (subject, self.capped) { self.owner_of(id) } else { None };
        let Some(owner) = owner else { return own };
        let owners = World { capped: false, ..*self }.standing_permissions(&owner, scope);
        own.into_iter().filter(|permission| owners.contains(permission)).collect()
    }

    /// Of a service, only what its owner lets it have, if that is asked.
    fn as_counted(&self, subject: &Subject, scope: &str, roles: Vec<RoleId>) -> Vec<RoleId> {
        match subject {
            Subject::User(id) if self.capped => World { capped: false, ..*self }.under_owner(id, scope, roles),
            _ => roles,
        }
    }

    /// Of a service, what its owner holds or outranks, and roles of the organization's own: none where the owner is
    /// deactivated, nor without a person who owns it.
    fn under_owner(&self, user: &str, scope: &str, roles: Vec<RoleId>) -> Vec<RoleId> {
        let Some(row) = self.user(user).filter(|row| row.kind == UserKind::Service) else { return roles };
        let is_person = |owner: &&String| self.user(owner).is_some_and(|row| row.kind != UserKind::Service);
        let Some(owner) = row.owner.as_ref().filter(is_person).filter(|owner| !self.deactivated(owner, scope)) else { return Vec::new() };
        let owners = self.standing_roles(owner, scope);
        roles.into_iter().filter(|role| role.kind.is_none() || owners.iter().any(|held| held == role || self.outranks(held, role))).collect()
    }

    /// Who gives a subject its roles: itself, and the groups that it is in.
    fn holders(&self, subject: &Subject) -> Vec<Subject> {
        let mut holders = vec![subject.clone()];
        if let Subject::User(id) = subject {
            holders.extend(self.groups_of(id).into_iter().map(|group| Subject::Group(group.id.clone())));
        }
        holders
    }

    /// The roles that are effective at the scope: held there, flowing down from above, or through a group. Whatever the
    /// status of the membership.
    pub fn effective(&self, subject: &Subject, scope: &str) -> Vec<RoleId> {
        let roles = self.origins(subject, scope).into_iter().map(|(role, _, _)| role).collect::<BTreeSet<RoleId>>().into_iter().collect();
        self.as_counted(subject, scope, roles)
    }

    /// The effective roles, each with the scope of the grant and the group that holds it: the nearest first, a grant of
    /// one's own before a group's.
    pub fn origins(&self, subject: &Subject, scope: &str) -> Vec<(RoleId, String, Option<String>)> {
        if let Subject::User(id) = subject {
            self.saw(Read::User(id.clone()));
        }
        let mut origins = Vec::new();
        for place in self.chain(scope) {
            for holder in self.holders(subject) {
                let group = if let (Subject::User(_), Subject::Group(group)) = (subject, &holder) { Some(group.clone()) } else { None };
                for held in (World { capped: false, ..*self }).direct_roles(&holder, &place) {
                    let role = if place == scope { Some(held) } else { self.flown(&place, &held) };
                    origins.extend(role.map(|role| (role, place.clone(), group.clone())));
                }
            }
        }
        origins
    }

    /// The effective roles at the scope, and those of each layer above it that rules can name from there.
    pub fn with_layers(&self, subject: &Subject, scope: &str) -> Vec<RoleId> {
        let mut roles = self.effective(subject, scope);
        let mut seen: Vec<&str> = Vec::new();
        for place in self.chain(scope) {
            let Some(kind) = self.kind(&place).filter(|kind| !seen.contains(kind)) else { continue };
            seen.push(kind);
            let of_layer = self.effective(subject, &place).into_iter().filter(|role| role.kind.as_deref() == Some(kind));
            roles.extend(of_layer.filter(|role| !roles.contains(role)).collect::<Vec<_>>());
        }
        roles
    }

    /// What a role that is held at a scope counts as in the scopes below.
    fn flown(&self, place: &str, role: &RoleId) -> Option<RoleId> {
        match &self.written.scopes.get(self.kind(place)?)?.flows_down {
            FlowsDown::All(all) => all.then(|| role.clone()),
            FlowsDown::As(table) => {
                let kind = role.kind.as_deref()?;
                let target = table.get(&role.name).or_else(|| table.get(&format!("{kind}.{}", role.name)))?;
                self.role_anywhere(target)
            }
        }
    }

    /// A role that a policy names: `kind.role`, or a name that only one kind has.
    fn role_anywhere(&self, name: &str) -> Option<RoleId> {
        let found = self.roles_meant(name).into_iter().next()?;
        Some(found)
    }

    /// Every declared role that a name of a rule can mean: those of that name, of all kinds; or the one named with its kind.
    pub fn roles_meant(&self, name: &str) -> Vec<RoleId> {
        let mut meant = Vec::new();
        for kind in self.written.kinds_in_order() {
            for role in self.written.roles_in_order(&kind) {
                if name == role || name == format!("{kind}.{role}") {
                    meant.push(RoleId { kind: Some(kind.clone()), name: role });
                }
            }
        }
        meant
    }

    /// Whether a membership gives nothing at the scope: deactivated as a whole, there, or above.
    pub fn deactivated(&self, user: &str, scope: &str) -> bool {
        let whole = self.user(user).is_none_or(|row| row.status == Status::Deactivated);
        let chain = self.chain(scope);
        whole || self.doc.deactivations.iter().any(|row| row.user == user && chain.contains(&row.scope))
    }

    /// What a user holds as an actor: nothing while deactivated, and of a service only what its owner holds or outranks.
    pub fn standing_roles(&self, user: &str, scope: &str) -> Vec<RoleId> {
        if self.deactivated(user, scope) {
            return Vec::new();
        }
        self.under_owner(user, scope, self.effective(&Subject::User(user.to_owned()), scope))
    }

    pub fn owner_of(&self, user: &str) -> Option<String> {
        self.user(user).filter(|row| row.kind == UserKind::Service).and_then(|row| row.owner.clone())
    }

    /// The permissions of a role: what a declared one lists, what a custom one is made of.
    pub fn permissions_of(&self, role: &RoleId) -> Vec<String> {
        match &role.kind {
            Some(kind) => self.written.roles.get(kind).and_then(|roles| roles.get(&role.name)).map(|role| role.permissions.clone()).unwrap_or_default(),
            None => self.custom_role(&role.name).map(|row| row.permissions.clone()).unwrap_or_default(),
        }
    }

    pub fn permissions(&self, roles: &[RoleId]) -> Vec<String> {
        roles.iter().flat_map(|role| self.permissions_of(role)).collect()
    }

    /// What a user is permitted as an actor: of a service, no more than its owner.
    pub fn standing_permissions(&self, user: &str, scope: &str) -> Vec<String> {
        let own = self.permissions(&self.standing_roles(user, scope));
        let Some(owner) = self.owner_of(user) else { return own };
        let owners = self.standing_permissions(&owner, scope);
        own.into_iter().filter(|permission| owners.contains(permission)).collect()
    }

    /// A member of the organization is everybody on its list; of a workspace, who holds a role there directly.
    pub fn is_member(&self, subject: &Subject, scope: &str) -> bool {
        match subject {
            Subject::User(id) if scope == self.organization() => self.user(id).is_some(),
            _ => !self.direct_roles(subject, scope).is_empty(),
        }
    }

    /// Whether the organization could make this role and hold it here: its home is at or above the scope, of a kind that has
    /// custom roles.
    pub fn role_fits_here(&self, role: &RoleId, scope: &str) -> bool {
        if role.kind.is_some() {
            return true;
        }
        let kinds = self.written.custom_roles.as_ref().map(|table| table.on.clone()).unwrap_or_default();
        let at_home = self.custom_role(&role.name).is_some_and(|row| self.chain(scope).contains(&row.scope));
        at_home && self.kind(scope).is_some_and(|kind| kinds.iter().any(|on| on == kind))
    }

    /// The default roles of a kind.
    pub fn default_roles(&self, kind: &str) -> Vec<String> {
        self.written.roles_in_order(kind).into_iter().filter(|name| self.written.roles[kind][name].default).collect()
    }
}

/// The canonical form of an address that may be missing.
pub fn canonical_of(address: Option<&str>) -> Option<String> {
    address.and_then(email::canonical)
}

/// The facts of a user or of an account to come.
pub fn facts_of<'a>(world: &World<'a>, subject: &'a Subject) -> Option<&'a Facts> {
    match subject {
        Subject::User(id) => world.user(id).map(|row| &row.attributes),
        Subject::New(row) => Some(&row.attributes),
        Subject::Group(_) | Subject::Nobody => None,
    }
}
