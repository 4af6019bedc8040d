//! Certificates of proofs, checked without the analysis: tiny organizations, each request, the slow reference.
//!
//! A certificate says which coalitions can make somebody hold a role, and that nobody else can. The checker puts every two sorts of people into an
//! organization of their own, in each guise that they may have, lets the one ask everything about the other, and demands of each change that
//! happens: whoever could do something after it, with the people who are needed for it, could do so before.

use std::collections::BTreeSet;

use serde_json::Value;
use tenantry::Policy;
use tenantry::document::snapshot::{InvitationRow, InvitationStatus, OpenRow, Status};
use tenantry::document::{Actor, Ask, Body, Facts, Request, RoleAt, ScopedRoles, Snapshot, Time, UserInput};
use tenantry_analysis::model::{Person, Sort, Who};
use tenantry_analysis::prove::{Certificate, Goal};

use crate::reference::Reference;

mod asks;
mod groups;
mod guise;
mod organization;

use guise::Guise;

const NOW: Time = Time(1_790_000_000_000);

/// What was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Pairs of people, in each guise.
    pub pairs: usize,
    /// Requests, each decided by the reference.
    pub requests: usize,
    /// Changes that happened.
    pub steps: usize,
}

/// Two people, one of whom asks about the other; or one that asks about itself.
#[derive(Debug, Clone, Copy)]
struct Meeting {
    actor: (Who, Guise),
    target: (Who, Guise),
    by_itself: bool,
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

/// Checks a certificate, with every `nth` pair of people in their guises. What each can ask about itself is always looked at.
///
/// # Errors
/// What is wrong with it.
pub fn check(policy: &Policy, certificate: &Certificate, nth: usize) -> Result<Checked, String> {
    let open = Policy::parse(anything_goes(policy)).map_err(|error| error.to_string())?;
    let settings: Value = serde_json::from_str(&policy.to_json()).map_err(|error| error.to_string())?;
    let mut bench = Bench { certificate, reference: Reference::new(&open, &Snapshot::empty("acme")), settings, nth, met: 0, checked: Checked::default() };
    bench.the_people_are_all_there()?;
    let people = 0..certificate.people.len() as Who;
    let acting: Vec<Who> = people.clone().skip(1).filter(|&who| bench.person(who).resting & 1 == 0).collect();
    let guises: Vec<Vec<Guise>> = people.clone().map(|who| bench.guises(who)).collect();
    for &actor in &acting {
        let few = bench.few_guises(actor);
        for target in people.clone() {
            for (&mine, &theirs) in few.iter().flat_map(|mine| guises[usize::from(target)].iter().map(move |theirs| (mine, theirs))) {
                bench.pair(Meeting { actor: (actor, mine), target: (target, theirs), by_itself: false }, false)?;
            }
        }
        for (which, &guise) in guises[usize::from(actor)].iter().enumerate() {
            bench.pair(Meeting { actor: (actor, guise), target: (actor, guise), by_itself: true }, which == 0)?;
        }
    }
    people.skip(1).try_for_each(|who| bench.time_passes(who))?;
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
        // Without these, nothing would be given or taken.
        for block in ["grants", "revokes"] {
            if rule[block].as_object().is_some_and(serde_json::Map::is_empty) {
                rule[block]["role"] = Value::from("*");
            }
        }
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
    /// Of what is to be looked at, every so many is, and this many were met.
    nth: usize,
    met: usize,
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

    /// Whether it is one of those that are looked at.
    fn is_due(&mut self) -> bool {
        self.met += 1;
        (self.met - 1).is_multiple_of(self.nth)
    }

    /// Everything that one can do to another.
    fn pair(&mut self, meeting: Meeting, always: bool) -> Result<(), String> {
        if !self.is_due() && !always {
            return Ok(());
        }
        self.checked.pairs += 1;
        self.people(meeting)?;
        self.groups(meeting)
    }

    /// What is asked about people, and offered to them.
    fn people(&mut self, meeting: Meeting) -> Result<(), String> {
        let account = self.person(meeting.target.0).account;
        let state = self.organization(&meeting.people());
        let asks = self.asks(&state, meeting.target_id(), account, meeting.by_itself);
        self.play_each(&state, asks, meeting)?;
        let places = if self.reference.offers("invitation.create") { self.certificate.places.len() } else { 0 };
        for place in 0..places {
            for roles in self.bundles(&state, place) {
                self.offer(&state, meeting, place, &roles)?;
            }
        }
        Ok(())
    }

    /// What the actor asks, but for what no rule allows to anybody.
    fn play_each(&mut self, state: &Snapshot, asks: Vec<Ask>, meeting: Meeting) -> Result<(), String> {
        for ask in asks {
            if self.reference.offers(&ask.action) {
                self.play(state, vec![(Actor::User("ann".to_owned()), ask)], meeting, (None, meeting.by_itself))?;
            }
        }
        Ok(())
    }

    /// An offer that lies there, accepted, and approved where that is needed.
    fn offer(&mut self, state: &Snapshot, meeting: Meeting, place: usize, roles: &[String]) -> Result<(), String> {
        let target_id = meeting.target_id();
        let account = self.person(meeting.target.0).account;
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
            self.play(state, vec![(Actor::User("ann".to_owned()), ask)], meeting, (None, false))?;
            if !rechecked && !carried {
                continue;
            }
            let mut offered = state.clone();
            offered.invitations = vec![row(target_id, &scope, &given, open)];
            let who = if account { Actor::User(target_id.to_owned()) } else { Actor::Invitee { email: mail(target_id), verified: true } };
            let user = (!account).then(|| UserInput { id: Some(target_id.to_owned()), ..UserInput::default() });
            let accept = Ask { action: "invitation.accept".to_owned(), invitation: Some("offer".to_owned()), user, ..Ask::default() };
            if !approval {
                self.play(&offered, vec![(who, accept)], meeting, (None, true))?;
                continue;
            }
            let approve = Ask { action: "invitation.approve".to_owned(), invitation: Some("offer".to_owned()), ..Ask::default() };
            for approver in 1..self.certificate.people.len() as Who {
                let mut with = offered.clone();
                let Some(&guise) = self.guises(approver).first() else { continue };
                self.add(&mut with, "una", approver, guise);
                let requests = vec![(who.clone(), accept.clone()), (Actor::User("una".to_owned()), approve.clone())];
                self.play(&with, requests, meeting, (Some(approver).filter(|&other| other != meeting.actor.0), true))?;
            }
        }
        Ok(())
    }

    /// Plays requests; if all are allowed, what they come to must be in order.
    fn play(&mut self, state: &Snapshot, requests: Vec<(Actor, Ask)>, meeting: Meeting, (approver, takes_part): (Option<Who>, bool)) -> Result<(), String> {
        let Meeting { actor: (actor, _), target: (target, _), by_itself } = meeting;
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
        let (me, them) = (self.found(now, "ann")?, self.found(now, meeting.target_id())?);
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
                        Sort::Custom => (own || through) && permissions.contains(&slot.name),
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
}

impl Meeting {
    /// Those who are there.
    fn people(&self) -> Vec<(&'static str, Who, Guise)> {
        let of = |id, (who, guise)| (id, who, guise);
        if self.by_itself { vec![of("ann", self.actor)] } else { vec![of("ann", self.actor), of("tom", self.target)] }
    }

    fn target_id(&self) -> &'static str {
        if self.by_itself { "ann" } else { "tom" }
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
