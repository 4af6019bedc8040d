//! What a verb asks of the rules and what it would bring about: the shape that every verb fills in.

use std::cell::Cell;

use uuid::Uuid;

use crate::codes::Code;
use crate::directory::rows::{Extra, RoleRef};
use crate::directory::{Directory, ROOT};
use crate::document::policy::ChangeKind;
use crate::document::snapshot::EndedBy;
use crate::document::{Actor, Ask, Event, Request, RoleAt, Time};
use crate::error::Need;
use crate::policy::Policy;
use crate::policy::actions::{ActionId, Verb};

use super::claim::{Claim, Subject};
use super::conditions::Who;
use super::judge::{Asker, Powers};
use super::member::each;
use super::outcome::{Denial, Effects};
use super::reads::{Key, Trace};

/// One verb of a request, on the state as it is just now.
#[derive(Clone, Copy)]
pub(crate) struct Case<'r, 'd> {
    pub directory: &'d Directory,
    pub request: &'r Request,
    pub ask: &'r Ask,
    pub action: ActionId,
    pub who: Who<'r>,
    /// Canonical form of the address that the ask names, if it is one.
    pub address: Option<&'r str>,
    pub powers: Powers<'r>,
    pub shared: &'r Shared,
}

/// What all verbs of a request share.
#[derive(Default)]
pub(crate) struct Shared {
    pub trace: Trace,
    minted: Cell<u32>,
    /// A minted id is in use.
    pub collides: Cell<bool>,
}

impl Shared {
    /// Runs an item that stands for itself. What is denied makes no ids.
    pub fn item<T, E>(&self, run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let minted = self.minted.get();
        run().inspect_err(|_| self.minted.set(minted))
    }
}

/// What a verb asks of the rules and what it would bring about.
pub(crate) struct Plan<'r> {
    /// Judged on the state as it is.
    pub claims: Vec<Claim<'r>>,
    /// The same changes one by one: there must be an order in which each is permitted after those before it.
    pub steps: Vec<Step<'r>>,
    /// The request's own target, which reasons need not name.
    pub target: Option<u32>,
    /// What the state machine says.
    pub effects: Result<Effects, Denial>,
}

/// One change, or the two halves of a swap.
pub(crate) struct Step<'r> {
    pub claims: Vec<Claim<'r>>,
    pub events: Vec<Event>,
    pub gives: bool,
}

impl<'r> Plan<'r> {
    pub fn new(claims: Vec<Claim<'r>>, target: Option<u32>, effects: Result<Effects, Denial>) -> Plan<'r> {
        Plan { claims, steps: Vec::new(), target, effects }
    }
}

impl Effects {
    pub fn events(events: Vec<Event>) -> Effects {
        Effects { events, ..Effects::default() }
    }
}

/// The namespace of minted ids: UUIDv5 of `tenantry` in the namespace of domain names.
const NAMESPACE: Uuid = Uuid::from_u128(0x145439c5_af845f0f_86308348_139d838b);

impl<'r, 'd> Case<'r, 'd> {
    pub fn policy(&self) -> &'d Policy {
        &self.directory.policy
    }

    pub fn now(&self) -> Time {
        self.request.now
    }

    /// The verb; an action of the app has none.
    pub fn verb(&self) -> Option<Verb> {
        self.action.verb()
    }

    pub fn note(&self, key: Key) {
        self.shared.trace.add(key);
    }

    /// The asker as the rules see it.
    pub fn asker(&self) -> Asker<'r> {
        Asker { who: self.who, now: self.request.now, context: &self.request.context, resource: self.ask.resource.as_ref(), powers: self.powers }
    }

    /// The id of something new: what the request brings, or one of its own making, the same in every host. That there is
    /// nothing of this id is something that the decision relies on.
    pub fn new_id(&self, given: Option<&String>, key: fn(String) -> Key) -> String {
        let id = given.cloned().unwrap_or_else(|| {
            let index = self.shared.minted.replace(self.shared.minted.get() + 1);
            let name = [&self.directory.organization, self.request.id.as_deref().unwrap_or_default(), &index.to_string()].join("\n");
            Uuid::new_v5(&NAMESPACE, name.as_bytes()).hyphenated().to_string()
        });
        let key = key(id.clone());
        let there = self.there(&key);
        if given.is_none() && there.is_some() {
            self.shared.collides.set(true);
        }
        self.note(there.unwrap_or(key));
        id
    }

    /// Refuses an id that something has already. That it is free is something that the decision relies on, as that it is not.
    pub fn check_free(&self, given: Option<&String>, field: &str, key: fn(String) -> Key) -> Result<(), Denial> {
        let Some(key) = given.cloned().map(key) else { return Ok(()) };
        let there = self.there(&key);
        let free = there.is_none();
        self.note(there.unwrap_or(key));
        if free { Ok(()) } else { Err(Denial::field(Code::IdTaken, field)) }
    }

    /// What has the id after all: a request id that was used before mints the same ids again.
    pub fn there(&self, key: &Key) -> Option<Key> {
        let directory = self.directory;
        match key {
            Key::NoUser(id) => directory.users.find(id).map(Key::User),
            Key::NoScope(id) => directory.scopes.find(id).map(Key::Scope),
            Key::NoGroup(id) => directory.groups.find(id).map(Key::Group),
            Key::NoCustomRole(id) => directory.custom_roles.find(id).map(Key::CustomRole),
            Key::NoInvitation(id) => directory.invitations.find(id).map(Key::Invitation),
            _ => None,
        }
    }

    /// The scope that the ask names; if it names none the organization, which may not be there yet.
    pub fn scope(&self) -> Result<u32, Denial> {
        match &self.ask.scope {
            Some(id) => self.scope_named(id, "scope"),
            None if self.directory.exists() => Ok(ROOT),
            None => self.scope_named(self.directory.organization(), "scope"),
        }
    }

    /// What the verb names beside scopes: the answer depends on it, whatever fails first.
    pub fn note_named(&self, session: Option<&str>) {
        if let Some(id) = &self.ask.target {
            self.note(self.directory.users.find(id).map_or_else(|| Key::NoUser(id.clone()), Key::User));
        }
        if let Some(id) = self.ask.user.as_ref().and_then(|user| user.id.as_ref()) {
            self.note(self.directory.users.find(id).map_or_else(|| Key::NoUser(id.clone()), Key::User));
        }
        let edits = self.ask.scopes.iter().flatten().flat_map(|edit| edit.roles.iter().chain(&edit.add).flatten());
        let roles = self.ask.roles.iter().chain(&self.ask.add).flatten().chain(edits);
        roles.for_each(|role| self.note_name(&role.role));
        self.address.or(session).into_iter().for_each(|email| self.note(Key::Email(email.to_owned())));
    }

    /// A role by a name that is none of the policy's.
    fn note_name(&self, name: &str) {
        let found = self.directory.custom_roles.find(name);
        let declared = || self.policy().roles.iter().any(|role| role.name == *name || role.qualified == *name);
        match found {
            Some(slot) => self.note(Key::CustomRole(slot)),
            None if !declared() => self.note(Key::Needs(Need::CustomRole { id: name.to_owned() })),
            None => {}
        }
    }

    pub fn scope_named(&self, id: &str, field: &str) -> Result<u32, Denial> {
        let found = self.directory.scopes.find(id);
        self.note(found.map_or_else(|| Key::NoScope(id.to_owned()), Key::Scope));
        found.ok_or_else(|| {
            let mut denial = not_found(field);
            denial.reasons[0].scope = Some(id.to_owned());
            denial
        })
    }

    /// The user that the ask is about.
    pub fn target(&self) -> Result<u32, Denial> {
        self.user_named(self.ask.target.as_deref().unwrap_or_default(), "target")
    }

    pub fn user_named(&self, id: &str, field: &str) -> Result<u32, Denial> {
        let found = self.directory.users.find(id);
        self.note(found.map_or_else(|| Key::NoUser(id.to_owned()), Key::User));
        found.ok_or_else(|| not_found(field))
    }

    pub fn group_named(&self) -> Result<u32, Denial> {
        let id = self.ask.group.as_deref().unwrap_or_default();
        let found = self.directory.groups.find(id);
        self.note(found.map_or_else(|| Key::NoGroup(id.to_owned()), Key::Group));
        found.ok_or_else(|| self.no_group())
    }

    /// The group of the ask is not there, or not at home there.
    pub fn no_group(&self) -> Denial {
        let mut denial = not_found("group");
        denial.reasons[0].group.clone_from(&self.ask.group);
        denial
    }

    /// A role by name at a scope.
    pub fn role_named(&self, scope: u32, name: &str, field: &str) -> Result<RoleRef, Denial> {
        let found = self.directory.role_at(scope, name);
        self.note_role(found, name);
        found.ok_or_else(|| no_role(field, name))
    }

    /// The answer depends on a custom role that is named, and on there being none of an unknown name.
    pub fn note_role(&self, found: Option<RoleRef>, name: &str) {
        match found {
            Some(RoleRef::Custom(slot)) => self.note(Key::CustomRole(slot)),
            None if self.policy().custom_roles => self.note(Key::NoCustomRole(name.to_owned())),
            _ => {}
        }
    }

    /// The claim that a grant is given or taken.
    pub fn claim(&self, action: ActionId, kind: ChangeKind, subject: Subject<'r>, grant: &Extra) -> Claim<'r> {
        Claim { source: self.policy().source(grant.source.as_deref()), ..Claim::role(action, kind, grant.scope, subject, grant.role) }
    }

    /// A grant that the request asks for.
    pub fn grant(&self, scope: u32, role: &RoleAt, field: &str) -> Result<Extra, Denial> {
        let found = self.role_named(scope, &role.role, field)?;
        Ok(Extra { scope, role: found, expires_at: role.expires_at, source: role.source.as_deref().map(Into::into) })
    }

    /// Whether this is by the user itself, by somebody else or by a system.
    pub fn ended_by(&self, target: u32) -> EndedBy {
        match self.who {
            Who::System(_) => EndedBy::Sync,
            Who::User(slot) if slot == target => EndedBy::Self_,
            _ => EndedBy::Other,
        }
    }

    /// The asker as events and invitations name it: a known user by id, whatever the session says.
    pub fn actor_doc(&self) -> Actor {
        match self.who {
            Who::User(slot) => Actor::User(self.directory.users.id(slot).to_owned()),
            _ => self.request.actor.clone(),
        }
    }

    pub fn user_id(&self, slot: u32) -> String {
        self.directory.users.id(slot).to_owned()
    }

    pub fn scope_id(&self, slot: u32) -> String {
        self.directory.scopes.id(slot).to_owned()
    }

    /// The grant of a role to a user, as an event.
    pub fn given(&self, user: &str, grant: &Extra) -> Event {
        Event::RoleGiven {
            user: Some(user.to_owned()),
            group: None,
            scope: self.scope_id(grant.scope),
            role: self.directory.role_name(grant.role).to_owned(),
            expires_at: grant.expires_at,
            source: grant.source.as_deref().map(str::to_owned),
        }
    }

    /// The end of a user's grant, as an event.
    pub fn taken(&self, user: &str, scope: u32, role: RoleRef) -> Event {
        let role = self.directory.role_name(role).to_owned();
        Event::RoleTaken { user: Some(user.to_owned()), group: None, scope: self.scope_id(scope), role }
    }

    /// Nothing changes in an archived scope but endings.
    pub fn check_archived(&self, scope: u32) -> Result<(), Denial> {
        self.directory.archived_at(scope).map_or(Ok(()), |archived| {
            let at = self.scope_id(archived);
            Err(Denial::at(Code::ScopeArchived, &self.scope_id(scope)).with(crate::document::Remedy::Restore { scope: at }))
        })
    }

    /// None of the scopes is archived.
    pub fn check_all_open(&self, scopes: impl Iterator<Item = u32>) -> Result<(), Denial> {
        each(scopes.map(|scope| self.check_archived(scope)))
    }

    /// Whether each role can be held where it is given, and then whether each expiry is to come.
    pub fn check_grants<'g>(&self, grants: impl Iterator<Item = &'g Extra> + Clone) -> Result<(), Denial> {
        let elsewhere = grants.clone().filter(|grant| !self.can_be_held(grant));
        each(elsewhere.map(|grant| Err(self.role_denial(Code::RoleNotHere, grant))))?;
        let past = grants.filter(|grant| grant.expires_at.is_some_and(|at| at <= self.now()));
        each(past.map(|grant| Err(self.role_denial(Code::ExpiryInPast, grant))))
    }

    fn can_be_held(&self, grant: &Extra) -> bool {
        let (RoleRef::Custom(slot), Some(at)) = (grant.role, self.directory.scopes.get(grant.scope)) else { return true };
        let home = self.directory.custom_roles.get(slot).map(|role| role.home);
        home.is_some_and(|home| self.directory.depth_on_path(home, at).is_some()) && self.policy().kinds[usize::from(at.kind)].custom
    }

    fn role_denial(&self, code: Code, grant: &Extra) -> Denial {
        let mut denial = Denial::at(code, &self.scope_id(grant.scope));
        denial.reasons[0].role = Some(self.directory.role_name(grant.role).to_owned());
        denial
    }

    /// The roles of a kind that are given where none is asked for.
    pub fn default_roles(&self, scope: u32) -> Vec<Extra> {
        let kind = self.directory.scopes.get(scope).map_or(0, |row| row.kind);
        let defaults = self.policy().kinds[usize::from(kind)].defaults;
        plain(scope, defaults)
    }

    /// Whether a member holds one role at the scope.
    pub fn holds_one(&self, scope: u32) -> bool {
        self.directory.scopes.get(scope).is_some_and(|row| self.policy().kinds[usize::from(row.kind)].one_role)
    }
}

/// Plain grants of declared roles at a scope.
pub(crate) fn plain(scope: u32, roles: u64) -> Vec<Extra> {
    crate::policy::catalog::bits(roles).map(|bit| Extra { scope, role: RoleRef::Declared(bit), expires_at: None, source: None }).collect()
}

pub(crate) fn not_found(field: &str) -> Denial {
    Denial::field(Code::NotFound, field)
}

/// The same, about a role.
pub(crate) fn no_role(field: &str, role: &str) -> Denial {
    let mut denial = not_found(field);
    denial.reasons[0].role = Some(role.to_owned());
    denial
}
