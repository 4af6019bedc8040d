//! Certificates of proofs, checked without the analysis: tiny organizations, each request, the slow reference.
//!
//! A certificate says which coalitions can make somebody hold a role, and that nobody else can. The checker puts every two sorts of people into an
//! organization of their own, lets the one ask everything about the other, and demands of each change that happens: whoever could do something
//! after it, with the people who are needed for it, could do so before.

use std::collections::BTreeSet;

use serde_json::Value;
use tenantry::Policy;
use tenantry::document::snapshot::{CustomRoleRow, DeactivationRow, GrantRow, GroupRow, InvitationRow, InvitationStatus, OpenRow, ScopeRow, Status, UserRow};
use tenantry::document::{Actor, Ask, Body, Facts, Reach, Request, RoleAt, ScopedRoles, Snapshot, Time, UserInput};
use tenantry_analysis::model::{Person, Slot, Sort, Who};
use tenantry_analysis::prove::{Certificate, Goal};

use crate::reference::Reference;

mod groups;

const NOW: Time = Time(1_790_000_000_000);

/// What was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Pairs of people.
    pub pairs: usize,
    /// Requests, each decided by the reference.
    pub requests: usize,
    /// Changes that happened.
    pub steps: usize,
}

/// A change: who was needed for it, whom it was done to, and what both are afterwards.
#[derive(Debug, Clone, Copy)]
struct Change {
    actor: Who,
    approver: Option<Who>,
    target: Who,
    by_itself: bool,
    takes_part: bool,
    after: (Who, Who),
}

/// Checks a certificate, with every `nth` pair of people.
///
/// # Errors
/// What is wrong with it.
pub fn check(policy: &Policy, certificate: &Certificate, nth: usize) -> Result<Checked, String> {
    let open = Policy::parse(anything_goes(policy)).map_err(|error| error.to_string())?;
    let settings: Value = serde_json::from_str(&policy.to_json()).map_err(|error| error.to_string())?;
    let mut bench = Bench { certificate, reference: Reference::new(&open, &Snapshot::empty("acme")), settings, checked: Checked::default() };
    bench.the_people_are_all_there()?;
    let people = 0..certificate.people.len();
    let acting: Vec<usize> = people.clone().skip(1).filter(|&who| certificate.people[who].resting & 1 == 0).collect();
    for (number, (actor, target)) in acting.iter().flat_map(|&actor| people.clone().map(move |target| (actor, target))).enumerate() {
        if number % nth == 0 {
            bench.pair(actor as Who, target as Who, false)?;
        }
    }
    acting.iter().try_for_each(|&actor| bench.pair(actor as Who, actor as Who, true))?;
    people.skip(1).try_for_each(|who| bench.time_passes(who as Who))?;
    Ok(bench.checked)
}

/// The policy without keeps, and with every rule that asks the host decided in favour of the attacker.
fn anything_goes(policy: &Policy) -> Value {
    let free = |block: &str, word: &str| match block {
        "actor" | "target" => matches!(word, "email_domain" | "attributes" | "ended_by"),
        "grants" | "revokes" => word == "source",
        "scope" => word == "attributes",
        "invitation" => matches!(word, "email_domain" | "not_email_domain"),
        "group" => word == "managed_by_actor",
        block => matches!(block, "resource" | "context"),
    };
    let strip = |rule: &mut Value| {
        let blocks = rule.as_object_mut().into_iter().flatten();
        blocks.filter(|(name, _)| *name != "unless").for_each(|(name, block)| {
            if let Some(words) = block.as_object_mut() {
                words.retain(|word, _| !free(name, word));
            }
        });
        if let Some(blocks) = rule.as_object_mut() {
            blocks.retain(|_, block| block.as_object().is_none_or(|words| !words.is_empty()));
        }
    };
    let mut document: Value = serde_json::from_str(&policy.to_json()).unwrap_or_default();
    document["keep"] = Value::Array(Vec::new());
    document["allow"].as_array_mut().into_iter().flatten().for_each(strip);
    if let Some(forbids) = document["forbid"].as_array_mut() {
        forbids.retain_mut(|rule| {
            let before = rule.clone();
            strip(rule);
            let had_unless = !rule["unless"].is_null();
            if had_unless {
                strip(&mut rule["unless"]);
            }
            let lifted = had_unless && rule["unless"].as_object().is_none_or(serde_json::Map::is_empty);
            let unless = rule["unless"].clone();
            let mut same = before.clone();
            same["unless"] = unless;
            let untouched = *rule == if had_unless { same } else { before };
            rule["severity"] != "warn" && !lifted && untouched
        });
    }
    document
}

struct Bench<'c> {
    certificate: &'c Certificate,
    reference: Reference,
    settings: Value,
    checked: Checked,
}

impl Bench<'_> {
    /// Nobody may be missing from the list: every active person with one thing at most must be there.
    fn the_people_are_all_there(&self) -> Result<(), String> {
        let known: BTreeSet<Person> = self.certificate.people.iter().copied().collect();
        let one = |held: u64| Person { account: true, held, resting: 0 };
        let expected = std::iter::once(0).chain((0..self.certificate.slots.len()).map(|slot| 1 << slot)).map(one).chain([Person::OUTSIDER]);
        let missing = expected.filter(|person| !known.contains(person)).count();
        if missing == 0 { Ok(()) } else { Err(format!("{missing} sorts of people are missing")) }
    }

    /// Whatever somebody holds can come to its end: then it is not held any more.
    fn time_passes(&self, who: Who) -> Result<(), String> {
        let person = self.person(who);
        for slot in (0..self.certificate.slots.len()).filter(|slot| person.held >> slot & 1 == 1) {
            let after = self.number(Person { held: person.held & !(1 << slot), ..person })?;
            self.closed(Change { actor: who, approver: None, target: who, by_itself: true, takes_part: true, after: (after, after) })?;
        }
        Ok(())
    }

    /// Everything that one can do to another.
    fn pair(&mut self, actor: Who, target: Who, by_itself: bool) -> Result<(), String> {
        self.checked.pairs += 1;
        let target_id = if by_itself { "ann" } else { "tom" };
        let account = self.person(target).account;
        let state = self.organization(&[("ann", actor)], (!by_itself).then_some(("tom", target)));
        for ask in self.asks(target_id, account, by_itself) {
            let takes_part = by_itself;
            self.play(&state, [(Actor::User("ann".to_owned()), ask)].to_vec(), (actor, None, target, by_itself, takes_part))?;
        }
        self.groups((actor, target, by_itself))?;
        for place in 0..self.certificate.places.len() {
            for roles in self.bundles(place) {
                self.offer(&state, (actor, target, by_itself), place, &roles)?;
            }
        }
        Ok(())
    }

    /// An offer that lies there, accepted, and approved where that is needed.
    fn offer(&mut self, state: &Snapshot, (actor, target, by_itself): (Who, Who, bool), place: usize, roles: &[String]) -> Result<(), String> {
        let target_id = if by_itself { "ann" } else { "tom" };
        let account = self.person(target).account;
        let invitations = &self.settings["invitations"];
        let (rechecked, approval) = (invitations["recheck_inviter"] != false, invitations["approval"] == true);
        let scope = self.certificate.places[place].id.clone();
        let given: Vec<RoleAt> = roles.iter().map(|role| role.as_str().into()).collect();
        for open in [false, true] {
            let ask = Ask { action: "invitation.create".to_owned(), scope: Some(scope.clone()), roles: Some(given.clone()), ..Ask::default() };
            let ask = if open {
                Ask { open: Some(OpenRow { uses: None, audience: None }), ..ask }
            } else {
                Ask { email: Some(mail(target_id)), name: Some("Tom".to_owned()), ..ask }
            };
            let made = self.reference.with(state.clone()).decide(&request(Actor::User("ann".to_owned()), ask.clone()));
            let carried = made.as_ref().is_ok_and(tenantry::document::Decision::is_allowed);
            self.play(state, vec![(Actor::User("ann".to_owned()), ask)], (actor, None, target, by_itself, false))?;
            if !rechecked && !carried {
                continue;
            }
            let mut offered = state.clone();
            offered.invitations = vec![row(target_id, &scope, &given, open)];
            let who = if account { Actor::User(target_id.to_owned()) } else { Actor::Invitee { email: mail(target_id), verified: true } };
            let user = (!account).then(|| UserInput { id: Some(target_id.to_owned()), ..UserInput::default() });
            let accept = Ask { action: "invitation.accept".to_owned(), invitation: Some("offer".to_owned()), user, ..Ask::default() };
            if !approval {
                self.play(&offered, vec![(who, accept)], (actor, None, target, by_itself, true))?;
                continue;
            }
            let approve = Ask { action: "invitation.approve".to_owned(), invitation: Some("offer".to_owned()), ..Ask::default() };
            for approver in 1..self.certificate.people.len() as Who {
                let mut with = offered.clone();
                self.add(&mut with, "una", approver);
                let requests = vec![(who.clone(), accept.clone()), (Actor::User("una".to_owned()), approve.clone())];
                self.play(&with, requests, (actor, Some(approver).filter(|&other| other != actor), target, by_itself, true))?;
            }
        }
        Ok(())
    }

    /// Plays requests; if all are allowed, what they come to must be in order.
    fn play(&mut self, state: &Snapshot, requests: Vec<(Actor, Ask)>, who: (Who, Option<Who>, Who, bool, bool)) -> Result<(), String> {
        let (actor, approver, target, by_itself, takes_part) = who;
        let mut reference = self.reference.with(state.clone());
        for (asker, ask) in requests {
            self.checked.requests += 1;
            let Ok(decision) = reference.decide(&request(asker, ask)) else { return Ok(()) };
            if !decision.is_allowed() {
                return Ok(());
            }
            reference.apply(&decision);
        }
        let now = reference.snapshot();
        let (me, them) = (self.found(now, "ann")?, if by_itself { self.found(now, "ann")? } else { self.found(now, "tom")? });
        if (me, them) == (actor, target) {
            return Ok(());
        }
        self.checked.steps += 1;
        self.closed(Change { actor, approver, target, by_itself, takes_part, after: (me, them) })
    }

    /// Whether what the change makes possible was possible before.
    fn closed(&self, change: Change) -> Result<(), String> {
        for Goal { held, coalitions } in &self.certificate.goals {
            let holds = |who: Who| self.person(who).holds(held);
            let covers = |people: &[Who]| coalitions.iter().any(|coalition| is_among(coalition, people));
            let reaches = !holds(change.target) && holds(change.after.1) || !holds(change.actor) && holds(change.after.0);
            if reaches && !covers(&change.before(&[], false)) {
                return Err(format!("{change:?} gives the role, and no coalition is listed for it"));
            }
            for coalition in coalitions {
                for acted_on in [false, true].into_iter().filter(|acted_on| change.leads_to(coalition, *acted_on)) {
                    if !covers(&change.before(coalition, acted_on)) {
                        return Err(format!("{change:?} leads to {coalition:?}, and no coalition is listed for what is there before"));
                    }
                }
            }
        }
        Ok(())
    }

    fn person(&self, who: Who) -> Person {
        self.certificate.people[usize::from(who)]
    }

    /// What somebody is, by number.
    fn found(&self, state: &Snapshot, id: &str) -> Result<Who, String> {
        let slots = &self.certificate.slots;
        let row = state.users.iter().find(|row| row.id == id);
        let person = row.map_or(Person::OUTSIDER, |row| {
            let member = |group: &str| state.groups.iter().any(|row| row.id == group && row.members.iter().any(|one| one == id));
            let permissions = |role: &str| state.custom_roles.iter().find(|row| row.id == role).map(|row| row.permissions.clone()).unwrap_or_default();
            let held = state.grants.iter().flat_map(|grant| {
                let (own, through) = (grant.user.as_deref() == Some(id), grant.group.as_deref().is_some_and(member));
                let permissions = permissions(&grant.role);
                slots.iter().enumerate().filter_map(move |(bit, slot)| {
                    let here = self.certificate.places[slot.place].id == grant.scope;
                    let fits = match slot.sort {
                        Sort::Direct => own && slot.name == grant.role,
                        Sort::Group => through && slot.name == grant.role,
                        Sort::Custom => own && permissions.contains(&slot.name),
                    };
                    (here && fits).then_some(1u64 << bit)
                })
            });
            let rests = |place: &str| state.deactivations.iter().any(|row| row.scope == place && row.user == id);
            let resting =
                self.certificate.places.iter().enumerate().filter(|(n, place)| if *n == 0 { row.status == Status::Deactivated } else { rests(&place.id) });
            Person { account: true, held: held.fold(0, |mask, bit| mask | bit), resting: resting.fold(0, |mask, (n, _)| mask | 1 << n) }
        });
        self.number(person)
    }

    fn number(&self, person: Person) -> Result<Who, String> {
        let number = self.certificate.people.iter().position(|known| *known == person);
        number.map(|number| number as Who).ok_or_else(|| format!("{person:?} is on no list"))
    }

    fn organization(&self, first: &[(&str, Who)], second: Option<(&str, Who)>) -> Snapshot {
        let scope = |place: &tenantry_analysis::Place| ScopeRow {
            id: place.id.clone(),
            kind: place.kind.clone(),
            parent: place.parent.clone(),
            name: None,
            status: tenantry::document::snapshot::ScopeStatus::Active,
            attributes: Facts::default(),
            version: 0,
        };
        let mut state = Snapshot { scopes: self.certificate.places.iter().map(scope).collect(), ..Snapshot::empty("acme") };
        for (number, slot) in self.certificate.slots.iter().enumerate().filter(|(_, slot)| slot.sort == Sort::Custom) {
            self.holder(&mut state, slot, &format!("spare{number}"), &[]);
        }
        first.iter().copied().chain(second).for_each(|(id, who)| self.add(&mut state, id, who));
        state
    }

    fn add(&self, state: &mut Snapshot, id: &str, who: Who) {
        self.add_in_groups(state, id, who, u64::MAX);
    }

    /// Somebody who is in a group of its own for each of these slots that is held through one.
    fn add_in_groups(&self, state: &mut Snapshot, id: &str, who: Who, through: u64) {
        let person = self.person(who);
        if !person.account {
            return;
        }
        let rests = |place: usize| person.resting >> place & 1 == 1;
        let status = if rests(0) { Status::Deactivated } else { Status::Active };
        state.users.push(UserRow { id: id.to_owned(), email: Some(mail(id)), verified: true, status, ..UserRow::default() });
        let places = self.certificate.places.iter().enumerate().skip(1).filter(|(place, _)| rests(*place));
        state.deactivations.extend(places.map(|(_, place)| DeactivationRow { scope: place.id.clone(), user: id.to_owned() }));
        let is_added = |number: usize, slot: &Slot| person.held >> number & 1 == 1 && (slot.sort != Sort::Group || through >> number & 1 == 1);
        for (number, slot) in self.certificate.slots.iter().enumerate().filter(|(number, slot)| is_added(*number, slot)) {
            let name = format!("{id}{number}");
            self.holder(state, slot, &name, &[id]);
            let scope = self.certificate.places[slot.place].id.clone();
            let role = if slot.sort == Sort::Custom { name } else { slot.name.clone() };
            if slot.sort != Sort::Group {
                state.grants.push(GrantRow { scope, user: Some(id.to_owned()), role, ..GrantRow::default() });
            }
        }
    }

    /// The group or role of the tenant's own through which a slot is held.
    fn holder(&self, state: &mut Snapshot, slot: &Slot, name: &str, members: &[&str]) {
        let scope = self.certificate.places[slot.place].id.clone();
        match slot.sort {
            Sort::Direct => {}
            Sort::Custom => state.custom_roles.push(CustomRoleRow { id: name.to_owned(), name: None, scope, permissions: vec![slot.name.clone()], version: 0 }),
            Sort::Group => {
                state.groups.push(group(name, &scope, members));
                state.grants.push(GrantRow { scope, group: Some(name.to_owned()), role: slot.name.clone(), ..GrantRow::default() });
            }
        }
    }

    /// Names of roles that can be given at a place: declared ones, and the tenant's own.
    fn names(&self, place: usize) -> Vec<(usize, String)> {
        let here = self.certificate.slots.iter().enumerate().filter(move |(_, slot)| slot.place == place && slot.sort != Sort::Group);
        here.map(|(number, slot)| (number, if slot.sort == Sort::Custom { format!("spare{number}") } else { slot.name.clone() })).collect()
    }

    /// Every set of roles that an offer can have.
    fn bundles(&self, place: usize) -> Vec<Vec<String>> {
        let names = self.names(place);
        let sets =
            (1u32..1 << names.len()).map(|set| names.iter().enumerate().filter(move |(n, _)| set >> n & 1 == 1).map(|(_, (_, name))| name.clone()).collect());
        sets.collect()
    }

    /// Everything that can be asked about somebody.
    fn asks(&self, target: &str, account: bool, by_itself: bool) -> Vec<Ask> {
        let mut asks = Vec::new();
        for (number, place) in self.certificate.places.iter().enumerate() {
            let at = |action: &str| Ask { action: action.to_owned(), scope: Some(place.id.clone()), ..Ask::default() };
            let about = |action: &str| Ask { target: Some(target.to_owned()), ..at(action) };
            let roles = |names: &[String]| Some(names.iter().map(|name| RoleAt::from(name.as_str())).collect::<Vec<_>>());
            let newcomer = UserInput { id: Some(target.to_owned()), email: Some(mail(target)), ..UserInput::default() };
            for bundle in std::iter::once(Vec::new()).chain(self.bundles(number)) {
                let add = Ask { roles: roles(&bundle).filter(|roles| !roles.is_empty()), ..at("member.add") };
                asks.push(if account { Ask { target: Some(target.to_owned()), ..add } } else { Ask { user: Some(newcomer.clone()), ..add } });
                asks.push(Ask { roles: roles(&bundle), ..about("member.set_roles") });
                if by_itself {
                    asks.push(Ask { roles: roles(&bundle), ..at("member.join") });
                }
            }
            for reach in [Reach::Scope, Reach::Subtree, Reach::Organization] {
                asks.push(Ask { reach: Some(reach), ..about("member.remove") });
                if by_itself {
                    asks.push(Ask { reach: Some(reach), ..at("member.leave") });
                }
            }
            asks.extend([about("member.deactivate"), about("member.reactivate")]);
            for (slot, name) in self.names(number) {
                asks.push(Ask { add: roles(std::slice::from_ref(&name)), ..about("member.set_roles") });
                for own in [name.clone(), format!("{target}{slot}")] {
                    asks.push(Ask { remove: Some(vec![own]), ..about("member.set_roles") });
                }
                let kept = std::iter::once(None).chain(self.names(number).into_iter().map(|(_, other)| Some(vec![other])));
                asks.extend(kept.map(|keep| Ask { role: Some(name.clone()), keep, ..about("ownership.transfer") }));
            }
            self.indirect(number, target, &at, &mut asks);
        }
        asks
    }

    /// What is asked of roles of the tenant's own, and reaches their holders.
    fn indirect(&self, place: usize, target: &str, at: &dyn Fn(&str) -> Ask, asks: &mut Vec<Ask>) {
        let here = || self.certificate.slots.iter().enumerate().filter(|(_, slot)| slot.place == place);
        let customs: Vec<(usize, &Slot)> = here().filter(|(_, slot)| slot.sort == Sort::Custom).collect();
        for (number, slot) in &customs {
            let of = |permissions: Vec<String>| Ask { role: Some(format!("{target}{number}")), permissions: Some(permissions), ..at("role.update") };
            asks.push(of(Vec::new()));
            asks.extend(customs.iter().map(|(_, other)| of(vec![slot.name.clone(), other.name.clone()])));
        }
    }
}

impl Change {
    /// Whether somebody of the coalition can be what the change makes of the target, who acts later, or of the actor.
    fn leads_to(&self, coalition: &[Who], acted_on: bool) -> bool {
        let made = if acted_on || self.by_itself { self.after.1 } else { self.after.0 };
        let new = if acted_on || self.by_itself { made != self.target } else { made != self.actor };
        (acted_on || !self.by_itself) && new && coalition.contains(&made)
    }

    /// Who must be there before it, for the coalition to be there after it.
    fn before(&self, coalition: &[Who], acted_on: bool) -> Vec<Who> {
        let mut rest = coalition.to_vec();
        let mut without = |who: Who| {
            if let Some(at) = rest.iter().position(|&one| one == who) {
                rest.remove(at);
            }
        };
        if acted_on || self.by_itself {
            without(self.after.1);
        }
        if !self.by_itself && self.after.0 != self.actor {
            without(self.after.0);
        }
        let stays = !self.by_itself && self.after.0 == self.actor;
        let mut needed: Vec<Who> = Vec::new();
        let mut free = rest.clone();
        let mut join = |who: Who, may_stay: bool| match free.iter().position(|&one| one == who).filter(|_| may_stay) {
            Some(at) => {
                free.remove(at);
            }
            None => needed.push(who),
        };
        join(self.actor, stays);
        self.approver.into_iter().for_each(|approver| join(approver, true));
        if !self.by_itself && (acted_on || self.takes_part) {
            needed.push(self.target);
        }
        rest.extend(needed.into_iter().filter(|&who| who != 0));
        rest
    }
}

/// Whether the coalition is among the people.
fn is_among(coalition: &[Who], people: &[Who]) -> bool {
    let count = |list: &[Who], who: Who| list.iter().filter(|&&one| one == who).count();
    coalition.iter().all(|&who| count(people, who) >= count(coalition, who))
}

fn mail(id: &str) -> String {
    format!("{id}@acme.example")
}

fn group(id: &str, scope: &str, members: &[&str]) -> GroupRow {
    let members = members.iter().map(|&member| member.to_owned()).collect();
    GroupRow { id: id.to_owned(), name: None, scope: scope.to_owned(), members, managers: Vec::new(), source: None, version: 0 }
}

fn row(target: &str, scope: &str, roles: &[RoleAt], open: bool) -> InvitationRow {
    InvitationRow {
        id: "offer".to_owned(),
        email: (!open).then(|| mail(target)),
        open: open.then_some(OpenRow { uses: None, audience: None }),
        name: None,
        scopes: vec![ScopedRoles { scope: scope.to_owned(), roles: roles.to_vec() }],
        inviter: Actor::User("ann".to_owned()),
        status: InvitationStatus::Pending,
        created_at: NOW,
        expires_at: None,
        token_hash: None,
        user: None,
        version: 0,
    }
}

fn request(actor: Actor, ask: Ask) -> Request {
    Request { id: Some("q".to_owned()), now: NOW, actor, context: Facts::default(), body: Body::One(Box::new(ask)) }
}
