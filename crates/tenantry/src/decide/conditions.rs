//! Whether the blocks of a rule hold. Every test says on which word it fails, for `explain`.

use crate::directory::rows::{Ended, Holdings, RoleRef, Scope, User};
use crate::directory::standing::{Seen, Standing};
use crate::directory::{Directory, ROOT};
use crate::document::policy::Rank;
use crate::document::snapshot::{Status, UserKind};
use crate::document::words::Pointed;
use crate::document::{Fact, Facts, Time};
use crate::policy::catalog::{RoleMask, bits, outranked};
use crate::policy::conditions::{Bit, Blocks, Domains, FactTest, GroupTest, InvitationTest, PersonTest, RoleSet, RolesTest, ScopeTest};

/// The word of a block that does not hold.
pub(crate) type Fails = &'static str;

/// Who asks, resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who<'a> {
    /// A user of the organization.
    User(u32),
    /// A system actor, by its number in the policy.
    System(u8),
    /// Nobody of the organization; the canonical address of the session, if it is one.
    Outsider(Option<&'a str>),
}

impl Who<'_> {
    pub fn user(self) -> Option<u32> {
        if let Who::User(slot) = self { Some(slot) } else { None }
    }
}

/// A person, a group or an account to be, as the words of `actor` and `target` see it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Person<'a> {
    pub user: Option<u32>,
    pub row: Option<&'a User>,
    pub group: Option<u32>,
    /// What the person's groups hold, if not what they hold now.
    pub of_groups: Option<&'a Holdings>,
    pub standing: Standing,
    /// Canonical address.
    pub email: Option<&'a str>,
    /// Of an account that is not there yet.
    pub kind: Option<UserKind>,
    /// Who is to own an account that is not there yet.
    pub owner: Option<u32>,
    /// Of an account that is not there yet.
    pub attributes: Option<&'a Facts>,
    /// The status at the scope, if not that of the row.
    pub status: Option<Status>,
    /// Memberships that had ended, if not those that have by now.
    pub endings: Option<&'a [Ended]>,
    /// There is somebody or something at all.
    pub present: bool,
}

/// The invitation, as the words of `invitation` see it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Offered<'a> {
    /// Canonical address; none for an open link.
    pub email: Option<&'a str>,
    pub open: bool,
    pub by_actor: bool,
}

/// Everything that a rule can look at, for one scope and one target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub directory: &'a Directory,
    pub now: Time,
    pub who: Who<'a>,
    pub actor: Person<'a>,
    pub target: Person<'a>,
    /// Slot of the scope; none for one that is not known.
    pub scope: Option<u32>,
    pub invitation: Option<Offered<'a>>,
    pub group: Option<u32>,
    pub resource: Option<&'a Facts>,
    pub context: &'a Facts,
}

/// A role that is given, taken or offered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Role {
    /// None for the custom role that a request is about to make.
    pub role: Option<RoleRef>,
    /// Number of the grant's source.
    pub source: Option<u16>,
    /// Permissions of a custom role as they are to be.
    pub permissions: Option<u128>,
}

impl RoleSet {
    fn has_any(&self, standing: &Standing) -> bool {
        standing.own & self.own | standing.layered & self.layered != 0 || self.any && standing.any()
    }

    fn has_direct(&self, standing: &Standing) -> bool {
        standing.direct & self.own | standing.direct_layered & self.layered != 0 || self.any && (standing.direct != 0 || standing.custom_direct)
    }

    /// At least one, and nothing but these: at the scope, and in every layer that is named.
    fn has_only(&self, standing: &Standing) -> bool {
        if self.any {
            return self.has_any(standing);
        }
        let held = standing.own | standing.layered & self.layers;
        let custom = standing.custom || standing.custom_layers & self.kinds != 0;
        self.has_any(standing) && held & !(self.own | self.layered) == 0 && !custom
    }

    fn names(&self, role: Option<RoleRef>) -> bool {
        self.any || matches!(role, Some(RoleRef::Declared(bit)) if (self.own | self.layered) >> bit & 1 == 1)
    }
}

const fn held(holds: bool, word: Fails) -> Result<(), Fails> {
    if holds { Ok(()) } else { Err(word) }
}

impl PersonTest {
    /// Whether an actor's roles and permissions are as asked.
    pub(crate) fn fits_actor(&self, standing: &Standing) -> bool {
        self.role.as_ref().is_none_or(|role| role.has_any(standing)) && self.standing_fits(standing, true).is_ok()
    }

    /// Whether a target's roles and permissions are as asked.
    pub(crate) fn fits_target(&self, standing: &Standing) -> bool {
        self.role.as_ref().is_none_or(|role| role.has_only(standing)) && self.standing_fits(standing, false).is_ok()
    }

    /// The words about roles and permissions that say the same of an actor and of a target.
    fn standing_fits(&self, standing: &Standing, actor: bool) -> Result<(), Fails> {
        let word = |of_actor: Fails, of_target: Fails| if actor { of_actor } else { of_target };
        if let Some(set) = &self.has_role {
            held(set.has_any(standing), word("actor.has_role", "target.has_role"))?;
        }
        if let Some(set) = &self.not_role {
            held(!set.has_any(standing), word("actor.not_role", "target.not_role"))?;
        }
        if let Some(set) = &self.direct_role {
            held(set.has_direct(standing), word("actor.direct_role", "target.direct_role"))?;
        }
        held(self.permission.is_none_or(|permissions| standing.permissions & permissions != 0), word("actor.permission", "target.permission"))
    }
}

impl Scene<'_> {
    /// `actor`: an actor needs one of the roles.
    pub fn actor_fits(&self, test: &PersonTest) -> Result<(), Fails> {
        if let Some(systems) = test.system {
            held(matches!(self.who, Who::System(number) if systems >> number & 1 == 1), "actor.system")?;
        }
        if let Some(role) = &test.role {
            held(role.has_any(&self.actor.standing), "actor.role")?;
        }
        self.person_fits(test, &self.actor, true)
    }

    /// `target`: a target holds nothing but the roles.
    pub fn target_fits(&self, test: &PersonTest) -> Result<(), Fails> {
        if let Some(is_actor) = test.is_actor {
            // An invitation to the actor's own address has a target even where no user has the address.
            let own = self.is_actor();
            held(own == is_actor && (own || self.target.present), "target.is_actor")?;
            if *test == (PersonTest { is_actor: test.is_actor, ..PersonTest::default() }) {
                return Ok(());
            }
        }
        held(self.target.present, "target")?;
        if let Some(role) = &test.role {
            held(role.has_only(&self.target.standing), "target.role")?;
        }
        if let Some(rank) = test.rank {
            held(self.ranks(rank, &self.target.standing), "target.rank")?;
        }
        if test.subset {
            held(self.target.standing.permissions & !self.actor.standing.permissions == 0, "target.permissions")?;
        }
        self.person_fits(test, &self.target, false)
    }

    /// Who is counted by a keep: the words of `target`, where the kinds of people are those of persons by default.
    pub fn counts(&self, test: &PersonTest) -> bool {
        test.role.as_ref().is_none_or(|role| role.has_only(&self.target.standing)) && self.person_fits(test, &self.target, false).is_ok()
    }

    fn person_fits(&self, test: &PersonTest, person: &Person, actor: bool) -> Result<(), Fails> {
        let word = |of_actor: Fails, of_target: Fails| if actor { of_actor } else { of_target };
        test.standing_fits(&person.standing, actor)?;
        if let Some(statuses) = test.status {
            held(self.status(person).is_some_and(|status| statuses & status.bit() != 0), word("actor.status", "target.status"))?;
        }
        if let Some(kinds) = test.kind {
            let kind = person.row.map(|row| row.kind).or(person.kind);
            held(kind.is_some_and(|kind| kinds & kind.bit() != 0), word("actor.kind", "target.kind"))?;
        }
        if let Some(by) = test.ended_by {
            held(self.ended(person, by), word("actor.ended_by", "target.ended_by"))?;
        }
        if let Some(domains) = &test.email_domain {
            // An address that nobody has vouched for is anybody's to write down.
            let proved = person.row.is_none_or(|row| row.verified);
            let domain = person.email.filter(|_| proved).map(crate::email::domain);
            held(domain.is_some_and(|domain| self.in_domains(domain, domains) == Some(true)), word("actor.email_domain", "target.email_domain"))?;
        }
        let attributes = person.row.and_then(|row| row.cold.as_ref()).map(|cold| &cold.attributes).or(person.attributes);
        held(self.facts_fit(&test.attributes, |name| attributes.and_then(|facts| facts.get(name))), word("actor.attributes", "target.attributes"))
    }

    fn status(&self, person: &Person) -> Option<Status> {
        if person.status.is_some() {
            return person.status;
        }
        let row = person.row?;
        match self.scope {
            Some(scope) => self.directory.scopes.get(scope).map(|at| self.directory.status_at(row, at)),
            None => Some(row.status),
        }
    }

    /// Whether an earlier membership at the scope, or above it, was ended in one of these ways.
    fn ended(&self, person: &Person, by: u8) -> bool {
        // A scope that is not known is one below the organization.
        let at = self.scope.and_then(|scope| self.directory.scopes.get(scope));
        let covers = |scope: u32| at.map_or(scope == ROOT, |at| self.directory.depth_on_path(scope, at).is_some());
        let counts = |ended: &Ended| covers(ended.scope) && by & ended.by.bit() != 0;
        match person.endings {
            Some(endings) => endings.iter().any(counts),
            None => self.directory.endings(person.user, person.email).any(counts),
        }
    }

    /// The actor, its services (and for a service, its owner), a group that contains it, an invitation to its address.
    pub fn is_actor(&self) -> bool {
        let email = match self.who {
            Who::User(slot) => self.directory.users.get(slot).and_then(|row| row.email.as_deref()),
            Who::Outsider(email) => email,
            Who::System(_) => None,
        };
        if email.is_some() && self.invitation.is_some_and(|invitation| invitation.email == email) {
            return true;
        }
        let Who::User(actor) = self.who else {
            // A session is the account that is to come for its address.
            return email.is_some() && self.target.user.is_none() && self.target.email == email;
        };
        let owner = |slot: u32| self.directory.users.get(slot).and_then(User::owner);
        match (self.target.user, self.target.group) {
            (Some(target), _) => target == actor || owner(target) == Some(actor) || owner(actor) == Some(target),
            (None, Some(group)) => self.directory.groups.get(group).is_some_and(|group| group.members.contains(&actor)),
            (None, None) => self.target.owner == Some(actor),
        }
    }

    /// Compares the target's roles with the actor's, kind by kind.
    fn ranks(&self, rank: Rank, target: &Standing) -> bool {
        let roles = &self.directory.policy.roles;
        let actor = self.actor.standing.own;
        let below = outranked(roles, actor);
        let measured = !target.custom || target.custom_permissions & !self.actor.standing.permissions == 0;
        match rank {
            Rank::Below => actor != 0 && measured && target.own & !below == 0,
            Rank::AtMost => actor != 0 && measured && target.own & !(below | actor) == 0,
            Rank::Above => {
                self.who.user().is_some()
                    && bits(target.own).any(|bit| {
                        let role = &roles[usize::from(bit)];
                        let of_kind: RoleMask = actor & self.directory.policy.kinds[usize::from(role.kind)].roles;
                        of_kind & !role.outranks == 0
                    })
            }
        }
    }

    /// `grants` or `revokes`, for one role.
    pub fn role_fits(&self, test: &RolesTest, role: &Role) -> Result<(), Fails> {
        self.named_role_fits(test, role.role, role.source)?;
        if let Some(wanted) = test.held {
            held(self.actor_holds(role.role) == wanted, "grants.held")?;
        }
        held(!test.subset || self.is_subset(role), "grants.permissions")
    }

    /// The part of `grants` that the request alone decides: which role it names, against the actor's own.
    pub fn named_role_fits(&self, test: &RolesTest, role: Option<RoleRef>, source: Option<u16>) -> Result<(), Fails> {
        if let Some(set) = &test.role {
            held(set.names(role), "grants.role")?;
        }
        if let Some(set) = &test.not_role {
            held(!set.names(role), "grants.not_role")?;
        }
        if let Some(rank) = test.rank {
            let actor = self.actor.standing.own;
            let at_most = if rank == Rank::AtMost { actor } else { 0 };
            let reach = outranked(&self.directory.policy.roles, actor) | at_most;
            held(matches!(role, Some(RoleRef::Declared(bit)) if reach >> bit & 1 == 1), "grants.rank")?;
        }
        if let Some(sources) = &test.source {
            held(source.is_some_and(|source| sources.contains(&source)), "grants.source")?;
        }
        if let (Some(wanted), Some(RoleRef::Declared(bit))) = (test.held, role) {
            held((self.actor.standing.own >> bit & 1 == 1) == wanted, "grants.held")?;
        }
        Ok(())
    }

    fn actor_holds(&self, role: Option<RoleRef>) -> bool {
        match (role, self.who.user(), self.scope) {
            (Some(RoleRef::Declared(bit)), ..) => self.actor.standing.own >> bit & 1 == 1,
            (Some(RoleRef::Custom(role)), Some(_), Some(scope)) => {
                let places = self.actor.row.zip(self.directory.scopes.get(scope));
                places.is_some_and(|(row, at)| self.directory.holds_custom(&Seen { of_groups: self.actor.of_groups, ..row.into() }, role, at, self.now))
            }
            _ => false,
        }
    }

    /// Nothing that the actor lacks: the permissions of the role, and of every custom role that the target holds.
    fn is_subset(&self, role: &Role) -> bool {
        let lacks = |permissions: u128| permissions & !self.actor.standing.permissions != 0;
        if lacks(self.target.standing.custom_permissions) {
            return false;
        }
        match role.role {
            Some(RoleRef::Declared(bit)) => {
                let declared = &self.directory.policy.roles[usize::from(bit)];
                self.actor.standing.own >> bit & 1 == 1 || declared.lists_permissions && !lacks(declared.permissions)
            }
            Some(RoleRef::Custom(slot)) => {
                let now = self.directory.custom_roles.get(slot).map_or(0, |row| row.permissions);
                !lacks(now | role.permissions.unwrap_or(0))
            }
            None => !lacks(role.permissions.unwrap_or(0)),
        }
    }

    /// `scope`.
    pub fn scope_fits(&self, test: &ScopeTest) -> Result<(), Fails> {
        let row = self.scope.and_then(|scope| self.directory.scopes.get(scope));
        held(row.is_some() || self.scope.is_none(), "scope")?;
        if let Some(kinds) = test.kind {
            held(row.is_some_and(|row| kinds >> row.kind & 1 == 1), "scope.kind")?;
        }
        if let Some(kinds) = test.parent {
            let parent = row.and_then(Scope::parent).and_then(|parent| self.directory.scopes.get(parent));
            held(parent.is_some_and(|parent| kinds >> parent.kind & 1 == 1), "scope.parent")?;
        }
        held(self.facts_fit(&test.attributes, |name| self.scope_attribute(name)), "scope.attributes")
    }

    /// An attribute of the scope; of one that is not known, what it would inherit from the organization.
    fn scope_attribute(&self, name: &str) -> Option<&Fact> {
        self.directory.scope_attribute(self.scope.unwrap_or(ROOT), name)
    }

    fn invitation_fits(&self, test: &InvitationTest) -> Result<(), Fails> {
        let Some(invitation) = self.invitation else { return Err("invitation") };
        let domain = invitation.email.map(crate::email::domain);
        if let Some(domains) = &test.email_domain {
            held(domain.is_some_and(|domain| self.in_domains(domain, domains) == Some(true)), "invitation.email_domain")?;
        }
        if let Some(domains) = &test.not_email_domain {
            held(domain.is_some_and(|domain| self.in_domains(domain, domains) == Some(false)), "invitation.not_email_domain")?;
        }
        if let Some(wanted) = test.by_actor {
            held(invitation.by_actor == wanted, "invitation.by_actor")?;
        }
        if let Some(wanted) = test.addressed_to_actor {
            let own = match self.who {
                Who::User(slot) => self.directory.users.get(slot).and_then(|row| row.email.as_deref()),
                Who::Outsider(email) => email,
                Who::System(_) => None,
            };
            held((own.is_some() && invitation.email == own) == wanted, "invitation.addressed_to_actor")?;
        }
        held(test.open.is_none_or(|open| invitation.open == open), "invitation.open")
    }

    fn group_fits(&self, test: &GroupTest) -> Result<(), Fails> {
        let Some(group) = self.group.and_then(|group| self.directory.groups.get(group)) else { return Err("group") };
        let actor = self.who.user();
        let is_in = |users: &std::collections::BTreeSet<u32>| actor.is_some_and(|actor| users.contains(&actor));
        if let Some(wanted) = test.has_actor {
            held(is_in(&group.members) == wanted, "group.has_actor")?;
        }
        held(test.managed_by_actor.is_none_or(|wanted| is_in(&group.managers) == wanted), "group.managed_by_actor")
    }

    /// `None` where the domains point to a fact that is missing.
    fn in_domains(&self, domain: &str, domains: &Domains) -> Option<bool> {
        let is = |item: &Fact| matches!(item, Fact::Text(other) if crate::email::fold(other) == domain);
        let named = |fact: &Fact| if let Fact::List(items) = fact { items.iter().any(is) } else { is(fact) };
        match domains {
            Pointed::Given(list) => Some(list.iter().any(|other| other == domain)),
            Pointed::Actor { actor } => self.actor_attribute(actor).map(named),
            Pointed::Scope { scope } => self.scope_attribute(scope).map(named),
        }
    }

    fn actor_attribute(&self, name: &str) -> Option<&Fact> {
        self.actor.row.and_then(|row| row.cold.as_ref()).and_then(|cold| cold.attributes.get(name))
    }

    fn facts_fit<'f>(&self, tests: &[FactTest], fact: impl Fn(&str) -> Option<&'f Fact>) -> bool {
        tests.iter().all(|test| {
            let Some(met) = fact(&test.name) else { return false };
            match &test.value {
                Pointed::Given(value) => met.meets(value),
                Pointed::Actor { actor } => self.actor_attribute(actor).is_some_and(|value| met.meets(value)),
                Pointed::Scope { scope } => self.scope_attribute(scope).is_some_and(|value| met.meets(value)),
            }
        })
    }

    /// What the gate may look at: actor, scope, context and resource.
    pub fn outer_fits(&self, blocks: &Blocks) -> Result<(), Fails> {
        if let Some(test) = &blocks.scope {
            self.scope_fits(test)?;
        }
        held(self.facts_fit(&blocks.context, |name| self.context.get(name)), "context")?;
        held(self.facts_fit(&blocks.resource, |name| self.resource.and_then(|facts| facts.get(name))), "resource")
    }

    /// An allow's `actor`, or what stands for it: an active user with access to the scope.
    pub fn allow_actor_fits(&self, blocks: &Blocks) -> Result<(), Fails> {
        let names_system = blocks.actor.as_ref().is_some_and(|actor| actor.system.is_some());
        if let (Who::System(_), false) = (self.who, names_system) {
            return Err("actor.system");
        }
        let asks_role = blocks.actor.as_ref().is_some_and(|actor| actor.asks_role());
        if !asks_role && !names_system {
            held(self.actor.user.is_some() && self.has_access(), "actor.access")?;
        }
        blocks.actor.as_ref().map_or(Ok(()), |test| self.actor_fits(test))
    }

    /// Whether the actor, as an active user, has access to the scope; to one that is not known, by what flows everywhere.
    fn has_access(&self) -> bool {
        match self.scope.and_then(|scope| self.directory.scopes.get(scope)) {
            Some(at) => self.directory.has_access(&self.actor.standing, at) && self.status(&self.actor) == Some(Status::Active),
            None => self.scope.is_none() && self.actor.standing.any() && self.actor.row.is_some_and(|row| row.status == Status::Active),
        }
    }

    /// What the gate leaves open: target, invitation and group.
    pub fn inner_fits(&self, blocks: &Blocks) -> Result<(), Fails> {
        if let Some(test) = &blocks.target {
            self.target_fits(test)?;
        }
        if let Some(test) = &blocks.invitation {
            self.invitation_fits(test)?;
        }
        blocks.group.as_ref().map_or(Ok(()), |test| self.group_fits(test))
    }

    /// All blocks of a forbid, an `unless` or a keep's `unless`, but for the roles.
    pub fn all_fit(&self, blocks: &Blocks) -> Result<(), Fails> {
        if let Some(test) = &blocks.actor {
            self.actor_fits(test)?;
        }
        self.outer_fits(blocks)?;
        self.inner_fits(blocks)
    }
}
