//! Conditions: does a block of a rule hold? Everything that is not there does not hold.

use tenantry::document::snapshot::{Status, UserKind, UserRow};
use tenantry::document::{Actor, Fact, Facts};
use tenantry::email;

use super::met::note;
use super::world::{RoleId, Subject, World, canonical_of, facts_of};
use super::written::{Blocks, Group, Invitation, Person, Place, Pointed, Roles, Values};

/// What a rule may look at.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The state that the change is judged on.
    pub state: World<'a>,
    /// The state that the actor's powers come from: the one before the request.
    pub powers: World<'a>,
    pub actor: &'a Actor,
    pub context: &'a Facts,
    pub resource: Option<&'a Facts>,
}

/// One role that is given, taken or offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Handed {
    pub role: RoleId,
    pub source: Option<String>,
    /// Of a custom role that is made or changed: the permissions that it is to have as well.
    pub to_have: Vec<String>,
}

/// The invitation that a request makes or is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub email: Option<String>,
    pub open: bool,
    pub by_actor: bool,
}

/// What a condition is about: one elementary change, or a request that changes nothing.
#[derive(Clone, Copy)]
pub struct About<'a> {
    pub scope: Option<&'a str>,
    pub subject: &'a Subject,
    pub offer: Option<&'a Offer>,
    pub group: Option<&'a str>,
}

fn listed(names: Option<&Vec<String>>, name: &str) -> bool {
    names.is_some_and(|names| names.iter().any(|listed| listed == name))
}

/// A word that is absent asks nothing.
fn asks<T>(name: &'static str, word: Option<&T>, holds: impl FnOnce(&T) -> bool) -> bool {
    word.is_none_or(|word| note(name, holds(word)))
}

impl View<'_> {
    fn actor_user(&self) -> Option<&str> {
        if let Actor::User(id) = self.actor { Some(id) } else { None }
    }

    pub fn actor_row(&self) -> Option<&UserRow> {
        self.actor_user().and_then(|id| self.powers.user(id).or_else(|| self.state.user(id)))
    }

    /// The actor's roles at the scope: none for systems, sessions without an account, and where there is no scope.
    pub fn actor_roles(&self, scope: Option<&str>) -> Vec<RoleId> {
        match (self.actor_user(), scope) {
            (Some(id), Some(scope)) => self.powers.standing_roles(id, self.place(scope)),
            _ => Vec::new(),
        }
    }

    /// A scope that is gone by now is one that does not exist, also for the powers from before.
    fn place<'s>(&self, scope: &'s str) -> &'s str {
        let gone = self.powers.doc.scopes.iter().any(|row| row.id == scope) && !self.state.doc.scopes.iter().any(|row| row.id == scope);
        if gone { "" } else { scope }
    }

    pub fn actor_permissions(&self, scope: Option<&str>) -> Vec<String> {
        match (self.actor_user(), scope) {
            (Some(id), Some(scope)) => self.powers.standing_permissions(id, self.place(scope)),
            _ => Vec::new(),
        }
    }

    /// Access is any effective role; to the organization every member has it.
    pub fn has_access(&self, scope: Option<&str>) -> bool {
        match (self.actor_user(), scope) {
            (Some(id), Some(scope)) if scope == self.powers.organization() => self.powers.user(id).is_some(),
            (Some(_), scope) => !self.actor_roles(scope).is_empty(),
            (None, _) => false,
        }
    }

    /// All blocks but `grants` and `revokes`.
    pub fn surroundings_hold(&self, blocks: &Blocks, about: About) -> bool {
        asks("scope", blocks.scope.as_ref(), |block| about.scope.is_some_and(|scope| self.place_holds(block, scope)))
            && asks("resource", blocks.resource.as_ref(), |values| self.values_hold(values, self.resource, about.scope))
            && asks("context", blocks.context.as_ref(), |values| self.values_hold(values, Some(self.context), about.scope))
    }

    pub fn subject_holds(&self, blocks: &Blocks, about: About) -> bool {
        asks("target", blocks.target.as_ref(), |block| self.target_holds(block, about))
            && asks("invitation", blocks.invitation.as_ref(), |block| about.offer.is_some_and(|offer| self.invitation_holds(block, offer, about.scope)))
            && asks("group", blocks.group.as_ref(), |block| about.group.is_some_and(|group| self.group_holds(block, group)))
    }

    // Scope, values, invitation, group.

    pub fn place_holds(&self, block: &Place, scope: &str) -> bool {
        let kind = self.state.kind(scope);
        let parent = self.state.scope(scope).and_then(|row| row.parent.as_deref()).and_then(|parent| self.state.kind(parent));
        let facts = |name: &str| self.state.attribute(scope, name);
        asks("scope.kind", block.kind.as_ref(), |kinds| kind.is_some_and(|kind| listed(Some(kinds), kind)))
            && asks("scope.parent", block.parent.as_ref(), |kinds| parent.is_some_and(|kind| listed(Some(kinds), kind)))
            && asks("scope.attributes", block.attributes.as_ref(), |values| {
                values.iter().all(|(name, wanted)| self.value_meets(facts(name), wanted, Some(scope)))
            })
    }

    fn values_hold(&self, values: &Values, facts: Option<&Facts>, scope: Option<&str>) -> bool {
        values.iter().all(|(name, wanted)| self.value_meets(facts.and_then(|facts| facts.get(name)), wanted, scope))
    }

    fn value_meets(&self, met: Option<&Fact>, wanted: &Pointed<Fact>, scope: Option<&str>) -> bool {
        let wanted = match wanted {
            Pointed::Given(fact) => Some(fact),
            Pointed::Actor { actor } => self.actor_row().and_then(|row| row.attributes.get(actor)),
            Pointed::Scope { scope: name } => scope.and_then(|scope| self.state.attribute(scope, name)),
        };
        matches!((met, wanted), (Some(met), Some(wanted)) if met.meets(wanted))
    }

    /// The domains of a list, or of a fact that holds it; none if the fact is missing.
    fn domains(&self, wanted: &Pointed<Vec<String>>, scope: Option<&str>) -> Option<Vec<String>> {
        let fact = match wanted {
            Pointed::Given(domains) => return Some(domains.clone()),
            Pointed::Actor { actor } => self.actor_row().and_then(|row| row.attributes.get(actor)),
            Pointed::Scope { scope: name } => scope.and_then(|scope| self.state.attribute(scope, name)),
        };
        match fact? {
            Fact::Text(text) => Some(vec![text.clone()]),
            Fact::List(items) => Some(items.iter().filter_map(|item| if let Fact::Text(text) = item { Some(text.clone()) } else { None }).collect()),
            Fact::Bool(_) | Fact::Integer(_) => Some(Vec::new()),
        }
    }

    /// Whether the address is of one of the domains; none if there is no address or no list.
    fn in_domains(&self, canonical: Option<&str>, wanted: &Pointed<Vec<String>>, scope: Option<&str>) -> Option<bool> {
        let domain = email::domain(canonical?);
        let domains = self.domains(wanted, scope)?;
        Some(domains.iter().any(|listed| listed.to_lowercase() == domain))
    }

    fn invitation_holds(&self, block: &Invitation, offer: &Offer, scope: Option<&str>) -> bool {
        let email = offer.email.as_deref();
        asks("invitation.email_domain", block.email_domain.as_ref(), |wanted| self.in_domains(email, wanted, scope) == Some(true))
            && asks("invitation.not_email_domain", block.not_email_domain.as_ref(), |wanted| self.in_domains(email, wanted, scope) == Some(false))
            && asks("invitation.by_actor", block.by_actor.as_ref(), |wanted| offer.by_actor == *wanted)
            && asks("invitation.addressed_to_actor", block.addressed_to_actor.as_ref(), |wanted| self.addressed_to_actor(offer) == *wanted)
            && asks("invitation.open", block.open.as_ref(), |wanted| offer.open == *wanted)
    }

    /// The actor as it is by now. Its powers are those from before; what its address is, is no power.
    pub fn account(&self) -> Option<&UserRow> {
        self.actor_user().and_then(|id| self.state.user(id))
    }

    fn addressed_to_actor(&self, offer: &Offer) -> bool {
        let own = match self.actor {
            Actor::User(_) => self.account().and_then(|row| canonical_of(row.email.as_deref())),
            Actor::Invitee { email, .. } => email::canonical(email),
            Actor::System(_) => None,
        };
        own.is_some() && own == offer.email
    }

    fn group_holds(&self, block: &Group, group: &str) -> bool {
        let Some(row) = self.state.group(group) else { return false };
        let actor = self.actor_user();
        let among = |ids: &[String]| ids.iter().any(|id| Some(id.as_str()) == actor);
        asks("group.has_actor", block.has_actor.as_ref(), |wanted| among(&row.members) == *wanted)
            && asks("group.managed_by_actor", block.managed_by_actor.as_ref(), |wanted| among(&row.managers) == *wanted)
    }

    // People.

    /// The words of an actor block.
    pub fn actor_holds(&self, block: &Person, scope: Option<&str>) -> bool {
        let roles = self.actor_roles(scope);
        let person = self.actor_person();
        let system = if let Actor::System(name) = self.actor { Some(name.as_str()) } else { None };
        let holds_one = |names: &Vec<String>| names.iter().any(|name| self.actor_has(name, scope, &roles));
        asks("actor.role", block.role.as_ref(), holds_one)
            && asks("actor.has_role", block.has_role.as_ref(), holds_one)
            && asks("actor.not_role", block.not_role.as_ref(), |names| !holds_one(names))
            && asks("actor.direct_role", block.direct_role.as_ref(), |names| self.actor_direct(names, scope, &roles))
            && asks("actor.permission", block.permission.as_ref(), |names| self.actor_permissions(scope).iter().any(|held| names.contains(held)))
            && asks("actor.system", block.system.as_ref(), |names| system.is_some_and(|system| listed(Some(names), system)))
            && self.account_holds(block, &self.powers, &person, scope)
    }

    /// The actor as a person: a session without an account is the account that is to come for its address.
    fn actor_person(&self) -> Subject {
        match self.actor {
            Actor::User(id) => Subject::User(id.clone()),
            Actor::Invitee { email, .. } => Subject::New(Box::new(UserRow { email: Some(email.clone()), ..UserRow::default() })),
            Actor::System(_) => Subject::Nobody,
        }
    }

    /// A membership that is deactivated here gives nothing, of no layer.
    fn is_asleep(&self, scope: Option<&str>) -> bool {
        let (Some(id), Some(scope)) = (self.actor_user(), scope) else { return false };
        // A service is asleep where its owner is.
        self.powers.deactivated(id, scope) || self.powers.owner_of(id).is_some_and(|owner| self.powers.deactivated(&owner, scope))
    }

    /// A role by name: of the scope itself, or (named with its kind) of the nearest scope of that kind on the way up.
    fn actor_has(&self, name: &str, scope: Option<&str>, roles: &[RoleId]) -> bool {
        let Some((kind, bare)) = name.split_once('.') else { return names_one(name, roles) };
        let layer = scope.filter(|_| !self.is_asleep(scope)).and_then(|scope| layer_of(&self.powers, scope, kind));
        layer.is_some_and(|place| self.actor_roles(Some(&place)).iter().any(|role| role.kind.as_deref() == Some(kind) && role.name == bare))
    }

    fn actor_direct(&self, names: &[String], scope: Option<&str>, effective: &[RoleId]) -> bool {
        let (Some(id), Some(scope)) = (self.actor_user(), scope.filter(|_| !self.is_asleep(scope))) else { return false };
        let subject = Subject::User(id.to_owned());
        names.iter().any(|name| {
            direct_matches(&self.powers, &subject, scope, name).iter().any(|role| {
                let place_roles = if name.contains('.') { self.actor_roles(named_place(&self.powers, scope, name).as_deref()) } else { effective.to_vec() };
                place_roles.contains(role)
            })
        })
    }

    /// The words of a target block. They see what the target holds whatever its status.
    pub fn target_holds(&self, block: &Person, about: About) -> bool {
        let (Some(scope), subject) = (about.scope, about.subject) else {
            return *about.subject != Subject::Nobody && self.new_account_holds(block, about);
        };
        if *subject == Subject::Nobody {
            return self.own_offer_holds(block, about.offer);
        }
        let roles = self.state.effective(subject, scope);
        asks("target.rank", block.rank.as_ref(), |word| self.rank_holds(word, &roles, scope))
            && asks("target.is_actor", block.is_actor.as_ref(), |wanted| self.is_actor(subject, about.offer) == *wanted)
            && asks("target.permissions", block.permissions.as_ref(), |_| subset(&self.state.permissions(&roles), &self.actor_permissions(Some(scope))))
            && self.standing_holds(block, &self.state, subject, scope)
            && self.account_holds(block, &self.state, subject, Some(scope))
    }

    /// An invitation to the actor's own address is the actor, though no user has proved to have the address.
    fn own_offer_holds(&self, block: &Person, offer: Option<&Offer>) -> bool {
        let nothing_else = Person { is_actor: None, ..block.clone() } == Person::default();
        nothing_else && block.is_actor == Some(true) && offer.is_some_and(|offer| self.addressed_to_actor(offer))
    }

    /// Of the first account of an organization that does not exist yet there is nothing but its data.
    fn new_account_holds(&self, block: &Person, about: About) -> bool {
        let asks_for_roles = [&block.role, &block.has_role, &block.direct_role, &block.permission].iter().any(|word| word.is_some());
        !asks_for_roles
            && asks("new.rank", block.rank.as_ref(), |_| false)
            && asks("new.is_actor", block.is_actor.as_ref(), |wanted| self.is_actor(about.subject, about.offer) == *wanted)
            && self.account_holds(block, &self.state, about.subject, None)
    }

    /// The words about roles that targets and keeps share.
    pub fn standing_holds(&self, block: &Person, world: &World, subject: &Subject, scope: &str) -> bool {
        let roles = world.effective(subject, scope);
        let has = |name: &String| has_role(world, subject, scope, &roles, name);
        asks("target.role", block.role.as_ref(), |names| names.iter().any(has) && nothing_but(world, subject, scope, &roles, names))
            && asks("target.has_role", block.has_role.as_ref(), |names| names.iter().any(has))
            && asks("target.not_role", block.not_role.as_ref(), |names| !names.iter().any(has))
            && asks("target.direct_role", block.direct_role.as_ref(), |names| names.iter().any(|name| !direct_matches(world, subject, scope, name).is_empty()))
            && asks("target.permission", block.permission.as_ref(), |names| {
                world.counted_permissions(subject, scope, &roles).iter().any(|held| names.contains(held))
            })
    }

    /// The words about the account itself.
    pub fn account_holds(&self, block: &Person, world: &World, subject: &Subject, scope: Option<&str>) -> bool {
        let row = match subject {
            Subject::User(id) => world.user(id).cloned(),
            Subject::New(row) => Some((**row).clone()),
            Subject::Group(_) | Subject::Nobody => None,
        };
        let known = |row: &&UserRow| row.verified || matches!(subject, Subject::New(_));
        let address = row.as_ref().filter(known).and_then(|row| canonical_of(row.email.as_deref()));
        let facts = facts_of(world, subject);
        asks("person.kind", block.kind.as_ref(), |kinds| row.as_ref().is_some_and(|row| kinds.contains(&row.kind)))
            && asks("person.status", block.status.as_ref(), |wanted| status_of(world, subject, scope).is_some_and(|status| wanted.contains(&status)))
            && asks("person.ended_by", block.ended_by.as_ref(), |wanted| ended(world, subject, row.as_ref(), scope).iter().any(|by| wanted.contains(by)))
            && asks("person.email_domain", block.email_domain.as_ref(), |wanted| self.in_domains(address.as_deref(), wanted, scope) == Some(true))
            && asks("person.attributes", block.attributes.as_ref(), |values| self.values_hold(values, facts, scope))
    }

    /// How the target's roles compare with the actor's at the scope.
    fn rank_holds(&self, word: &str, roles: &[RoleId], scope: &str) -> bool {
        let own = self.actor_roles(Some(scope));
        let world = &self.state;
        if self.actor_user().is_none() {
            return false;
        }
        if word == "above" {
            let above_all = |role: &RoleId| role.kind.is_some() && own.iter().filter(|mine| mine.kind == role.kind).all(|mine| world.outranks(role, mine));
            return roles.iter().any(above_all);
        }
        if roles.iter().all(|role| role.kind.is_none()) && !own.iter().any(|mine| mine.kind.is_some()) {
            return false;
        }
        let permissions = self.actor_permissions(Some(scope));
        roles.iter().all(|role| match role.kind {
            None => subset(&world.permissions_of(role), &permissions),
            Some(_) => own.iter().any(|mine| world.outranks(mine, role) || (word == "at_most" && mine == role)),
        })
    }

    /// "The actor, its service or owner, a group that contains it, an invitation to its address."
    fn is_actor(&self, subject: &Subject, offer: Option<&Offer>) -> bool {
        let Some(actor) = self.actor_row() else { return self.is_session(subject, offer) };
        match subject {
            Subject::User(id) => {
                let owned = self.state.user(id).is_some_and(|row| row.kind == UserKind::Service && row.owner.as_ref() == Some(&actor.id));
                let addressed = offer.is_some_and(|offer| self.addressed_to_actor(offer));
                *id == actor.id || addressed || owned || (actor.kind == UserKind::Service && actor.owner.as_ref() == Some(id))
            }
            Subject::New(row) => {
                (row.kind == UserKind::Service && row.owner.as_ref() == Some(&actor.id)) || offer.is_some_and(|offer| self.addressed_to_actor(offer))
            }
            Subject::Group(id) => self.state.group(id).is_some_and(|group| group.members.contains(&actor.id)),
            Subject::Nobody => false,
        }
    }

    /// A session without an account is the account that is to come for its address.
    fn is_session(&self, subject: &Subject, offer: Option<&Offer>) -> bool {
        matches!(subject, Subject::New(_)) && matches!(self.actor, Actor::Invitee { .. }) && offer.is_some()
    }

    // Roles given and taken.

    pub fn hands(&self, block: &Roles, handed: &Handed, about: About) -> bool {
        self.hands_for_all(block, handed, about.scope)
            && asks("roles.held", block.held.as_ref(), |wanted| self.actor_roles(about.scope).contains(&handed.role) == *wanted)
            && asks("roles.permissions", block.permissions.as_ref(), |_| self.hands_subset(handed, about))
    }

    /// The conditions that can be told from the names in the request and the actor alone.
    pub fn hands_for_all(&self, block: &Roles, handed: &Handed, scope: Option<&str>) -> bool {
        asks("roles.role", block.role.as_ref(), |names| names.iter().any(|name| names_role(name, &handed.role)))
            && asks("roles.not_role", block.not_role.as_ref(), |names| !names.iter().any(|name| names_role(name, &handed.role)))
            && asks("roles.rank", block.rank.as_ref(), |word| self.hands_rank(word, &handed.role, scope))
            && asks("roles.source", block.source.as_ref(), |names| handed.source.as_ref().is_some_and(|source| names.contains(source)))
    }

    fn hands_rank(&self, word: &str, role: &RoleId, scope: Option<&str>) -> bool {
        role.kind.is_some() && self.actor_roles(scope).iter().any(|mine| self.state.outranks(mine, role) || (word == "at_most" && mine == role))
    }

    /// "The role can do nothing that the actor cannot do", and neither can the custom roles that the target holds.
    fn hands_subset(&self, handed: &Handed, about: About) -> bool {
        let own = self.actor_permissions(about.scope);
        let permissions = self.state.permissions_of(&handed.role);
        let within = match handed.role.kind {
            Some(_) => self.actor_roles(about.scope).contains(&handed.role) || (!permissions.is_empty() && subset(&permissions, &own)),
            None => subset(&permissions, &own) && subset(&handed.to_have, &own),
        };
        let held = about.scope.map(|scope| self.state.effective(about.subject, scope)).unwrap_or_default();
        within && held.iter().filter(|role| role.kind.is_none()).all(|role| subset(&self.state.permissions_of(role), &own))
    }
}

pub fn subset(some: &[String], all: &[String]) -> bool {
    some.iter().all(|name| all.contains(name))
}

/// Whether a name of a rule means the role: `*`, its name, or its name with its kind.
pub fn names_role(name: &str, role: &RoleId) -> bool {
    name == "*" || role.kind.as_ref().is_some_and(|kind| role.name == name || format!("{kind}.{}", role.name) == name)
}

fn names_one(name: &str, roles: &[RoleId]) -> bool {
    roles.iter().any(|role| name == "*" || (role.kind.is_some() && role.name == name))
}

/// The nearest scope of the kind on the way from the scope up to the root.
fn layer_of(world: &World, scope: &str, kind: &str) -> Option<String> {
    world.chain(scope).into_iter().find(|place| world.kind(place) == Some(kind))
}

/// The roles that a name means, of those that are held: at the scope itself, or (named with a kind) in that layer.
pub fn roles_named(world: &World, subject: &Subject, scope: &str, name: &str) -> Vec<RoleId> {
    let held = named_place(world, scope, name).map(|place| world.effective(subject, &place)).unwrap_or_default();
    held.into_iter().filter(|role| names_role(name, role)).collect()
}

fn has_role(world: &World, subject: &Subject, scope: &str, roles: &[RoleId], name: &str) -> bool {
    let Some((kind, bare)) = name.split_once('.') else { return names_one(name, roles) };
    let layer = layer_of(world, scope, kind);
    layer.is_some_and(|place| world.effective(subject, &place).iter().any(|role| role.kind.as_deref() == Some(kind) && role.name == bare))
}

/// "Nothing but these, at the scope and in every layer that is named."
fn nothing_but(world: &World, subject: &Subject, scope: &str, roles: &[RoleId], names: &[String]) -> bool {
    let named = |role: &RoleId| names.iter().any(|name| names_role(name, role));
    let layers = names.iter().filter_map(|name| name.split_once('.')).filter_map(|(kind, _)| layer_of(world, scope, kind));
    roles.iter().all(named) && layers.into_iter().all(|place| world.effective(subject, &place).iter().all(named))
}

fn named_place(world: &World, scope: &str, name: &str) -> Option<String> {
    match name.split_once('.') {
        Some((kind, _)) => layer_of(world, scope, kind),
        None => Some(scope.to_owned()),
    }
}

/// The roles held by a grant of one's own at the scope itself (or, named with a kind, at the nearest scope of it).
fn direct_matches(world: &World, subject: &Subject, scope: &str, name: &str) -> Vec<RoleId> {
    let place = named_place(world, scope, name);
    let direct = place.map(|place| world.direct_roles(subject, &place)).unwrap_or_default();
    direct.into_iter().filter(|role| names_role(name, role)).collect()
}

fn status_of(world: &World, subject: &Subject, scope: Option<&str>) -> Option<Status> {
    let Subject::User(id) = subject else { return None };
    let scope = scope.unwrap_or(world.organization());
    Some(if world.deactivated(id, scope) { Status::Deactivated } else { Status::Active })
}

/// How earlier memberships of the person at the scope, or above it, ended.
fn ended(world: &World, subject: &Subject, row: Option<&UserRow>, scope: Option<&str>) -> Vec<tenantry::document::snapshot::EndedBy> {
    let chain = scope.map(|scope| world.chain(scope)).unwrap_or_default();
    // What ended under the address is about somebody who has no account; whoever has one by now has endings of its own.
    let is_new = matches!(subject, Subject::New(_));
    let address = row.filter(|_| is_new).and_then(|row| canonical_of(row.email.as_deref()));
    let is_person = |ended: &tenantry::document::snapshot::EndedRow| {
        let same_id = matches!(subject, Subject::User(id) if *id == ended.user);
        same_id || (address.is_some() && canonical_of(ended.email.as_deref()) == address)
    };
    world.doc.ended.iter().filter(|ended| chain.contains(&ended.scope) && is_person(ended)).map(|ended| ended.by).collect()
}
