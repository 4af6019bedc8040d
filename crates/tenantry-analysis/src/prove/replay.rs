//! An attack for real: an organization of the policy itself, and requests that the engine allows one after the other.
//!
//! None of the requests can be left out: each is tried without.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use tenantry::document::snapshot::{GrantRow, UserRow};
use tenantry::document::{Actor, Ask, Body, Facts, Request, Snapshot, Time};
use tenantry::{Directory, Error};

use super::groups::Groups;
use crate::model::{Cast, Door, Move, NOW, Own, Person, Slot, Sort, Step, Who, World, email, snapshot_with};

/// An organization and what its people ask for, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attack {
    /// The organization before the first request.
    pub snapshot: Snapshot,
    /// The requests. Each is allowed, and none can be left out.
    pub requests: Vec<Request>,
    /// Who comes to hold what nobody gave them, or ends otherwise as the question asks.
    pub user: String,
}

/// Names for people, so that an attack can be told.
const NAMES: &[&str] = &["ann", "bob", "cat", "dan", "eve", "fay", "gil", "hal", "ida", "jon", "kim", "leo", "mia", "ned", "oda", "pia"];

/// People whom the steps name, in the order in which they appear.
#[derive(Debug, Default)]
struct Players {
    cast: Vec<Cast>,
    now: Vec<Who>,
}

impl Players {
    fn enter(&mut self, world: &World, who: Who) -> usize {
        let id = NAMES.get(self.cast.len()).map_or_else(|| format!("user{}", self.cast.len()), |name| (*name).to_owned());
        self.cast.push(Cast::told(world, id, world.person(who)));
        self.now.push(who);
        self.cast.len() - 1
    }

    /// Somebody who is so now, other than these, or somebody new.
    fn find(&mut self, world: &World, who: Who, others: &[usize]) -> usize {
        let found = (0..self.now.len()).find(|number| self.now[*number] == who && !others.contains(number));
        found.unwrap_or_else(|| self.enter(world, who))
    }
}

/// So many people whom nobody asks are added, of each who holds one thing, until the rules about numbers are content.
const EXTRAS: &[usize] = &[0, 1, 2, 3];

/// Whether the state after is what the question asks about, given the one before.
pub(crate) type End<'e> = &'e dyn Fn(&Snapshot, &Snapshot) -> bool;

/// A script: who is there, and what they ask for.
pub(crate) struct Script {
    players: Players,
    groups: Groups,
    requests: Vec<Request>,
    /// What ends when: somebody's id, a slot, and the time.
    ends: Vec<(String, usize, Time)>,
    /// Whom the last step was done to.
    pub subject: String,
}

/// A step with those who take it, by their numbers in the script. A number that nobody has yet is somebody new.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub step: Step,
    pub actor: usize,
    pub target: usize,
}

impl Script {
    fn start(world: &World, people: &[Who]) -> Script {
        let mut players = Players::default();
        for &who in people {
            players.enter(world, who);
        }
        Script { players, groups: Groups::default(), requests: Vec::new(), ends: Vec::new(), subject: String::new() }
    }

    /// The people and the steps as an organization and requests. Who takes a step is whoever is as it asks, or somebody new.
    pub(crate) fn of(world: &World, people: &[Who], steps: &[Step]) -> Script {
        let mut script = Script::start(world, people);
        for &step in steps {
            let actor = script.players.find(world, step.actor, &[]);
            let target = if step.by_itself { actor } else { script.players.find(world, step.target, &[actor]) };
            script.take(world, Taken { step, actor, target });
        }
        script
    }

    /// The same where it is said who takes each step.
    pub(crate) fn taken(world: &World, people: &[Who], steps: &[Taken]) -> Script {
        let mut script = Script::start(world, people);
        for &taken in steps {
            if taken.target == script.players.cast.len() {
                script.players.enter(world, taken.step.target);
            }
            script.take(world, taken);
        }
        script
    }

    fn take(&mut self, world: &World, Taken { step, actor, target }: Taken) {
        let players = &mut self.players;
        let approver = step.approver.map_or(actor, |approver| players.find(world, approver, &[target]));
        let ids = [actor, target, approver].map(|number| players.cast[number].id.clone());
        match (step.what, step.what.team()) {
            (Move::Expire(slot), _) => self.ends.push((ids[1].clone(), slot, at(self.requests.len()))),
            (_, Some(team)) => {
                let (group, joins_first) = self.groups.of_step(step.what, team, (actor, target), &players.cast);
                let ask = Ask { group: Some(group.clone()), ..step.what.ask(world, (&ids[0], &ids[1]), true) };
                let join = Ask { group: Some(group.clone()), ..Move::GroupAdd(team).ask(world, (&ids[0], &ids[1]), true) };
                [join].into_iter().filter(|_| joins_first).chain([ask]).for_each(|ask| add(&mut self.requests, Actor::User(ids[0].clone()), ask));
                self.groups.change(&group, &step, target);
            }
            _ => ask(world, &step, &ids, &mut self.requests),
        }
        players.now[actor] = step.actor_after;
        players.now[target] = step.target_after;
        let of_actor = step.actor_after != step.actor && step.target_after == step.target;
        self.subject.clone_from(&ids[usize::from(!of_actor)]);
    }

    /// The id of somebody, in the order in which they were named.
    pub(crate) fn id(&self, number: usize) -> &str {
        &self.players.cast[number].id
    }

    /// Plays it on the policy itself: if it can be in an organization in which every keep holds, otherwise in one that came to be without them. People who are
    /// not asked are added until the rules about numbers are content; facts of the host are tried in turn.
    pub(crate) fn play(&self, world: &World, reached: End) -> Result<Option<Attack>, Error> {
        let kept = self.play_among(world, (EXTRAS, true), reached)?;
        if kept.is_some() { Ok(kept) } else { self.play_among(world, (EXTRAS, false), reached) }
    }

    /// The same with nobody there but those whom the script names, and every keep holding.
    pub(crate) fn play_alone(&self, world: &World, reached: End) -> Result<Option<Attack>, Error> {
        self.play_among(world, (&[0], true), reached)
    }

    /// Whether it can be played, as [`play`](Script::play) does, however the first of those whom the script names holds what it holds.
    pub(crate) fn goes_through(&self, world: &World, reached: End) -> Result<bool, Error> {
        let mut cast = self.players.cast.clone();
        for guise in world.guises(cast[0].person) {
            cast[0].guise = guise;
            if self.found(world, (&cast, EXTRAS, true), reached)?.is_none() && self.found(world, (&cast, EXTRAS, false), reached)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn play_among(&self, world: &World, (extras, kept): (&[usize], bool), reached: End) -> Result<Option<Attack>, Error> {
        for cast in self.tellings(world) {
            if let Some((before, requests)) = self.found(world, (&cast, extras, kept), reached)? {
                let requests = shortest(world, &before, requests, reached)?;
                return Ok(Some(Attack { snapshot: tidy(before, &requests), requests, user: self.subject.clone() }));
            }
        }
        Ok(None)
    }

    /// Those whom the script names, in guises that differ.
    fn tellings(&self, world: &World) -> Vec<Vec<Cast>> {
        let telling = |number: usize| self.players.cast.iter().map(|one| Cast { guise: world.tellings(one.person)[number], ..one.clone() }).collect();
        let mut tellings: Vec<Vec<Cast>> = (0..3).map(telling).collect();
        tellings.dedup();
        tellings
    }

    /// The first organization in which it can be played, with so many others, and the requests.
    fn found(&self, world: &World, (players, extras, kept): (&[Cast], &[usize], bool), reached: End) -> Result<Option<(Snapshot, Vec<Request>)>, Error> {
        for facts in Favour::all(world) {
            for &extras in extras {
                let mut cast = players.to_vec();
                cast.extend(bystanders(world, extras));
                let mut before = snapshot_with(world, &cast, &self.groups.at_first());
                facts.give(&mut before);
                self.ends.iter().for_each(|end| end_grant(world, &mut before, end));
                let directory = Directory::new(world.policy.clone(), &before)?;
                if kept && !directory.broken_keeps(NOW).is_empty() {
                    continue;
                }
                let requests: Vec<Request> = self.requests.iter().map(|request| facts.ask(request)).collect();
                if plays(directory, &before, &requests, reached)? {
                    return Ok(Some((before, requests)));
                }
            }
        }
        Ok(None)
    }
}

/// When the request is made that so many others come before.
fn at(number: usize) -> Time {
    Time(NOW.0 + 60_000 * number as i64)
}

/// What somebody holds from the beginning has this end.
fn end_grant(world: &World, before: &mut Snapshot, (id, slot, end): &(String, usize, Time)) {
    let Slot { place, name, sort } = &world.slots[*slot];
    let (scope, own) = (&world.frame.places[*place].id, Own { home: *place, at: 1 << *place, holds: 1 << *slot }.id(id));
    let theirs: Vec<String> = before.groups.iter().filter(|group| group.members.contains(id)).map(|group| group.id.clone()).collect();
    let ends = |grant: &&mut GrantRow| {
        let is_it = match sort {
            Sort::Direct => grant.user.as_ref() == Some(id) && grant.role == *name,
            Sort::Group => grant.role == *name && grant.group.as_ref().is_some_and(|group| theirs.contains(group)),
            Sort::Custom => grant.user.as_ref() == Some(id) && grant.role == own,
        };
        is_it && grant.scope == *scope
    };
    before.grants.iter_mut().filter(ends).for_each(|grant| grant.expires_at = Some(*end));
}

fn add(requests: &mut Vec<Request>, actor: Actor, ask: Ask) {
    let number = requests.len();
    requests.push(Request { id: Some(format!("r{}", number + 1)), now: at(number), actor, context: Facts::default(), body: Body::One(Box::new(ask)) });
}

/// The requests of a step.
fn ask(world: &World, step: &Step, [actor, target, approver]: &[String; 3], requests: &mut Vec<Request>) {
    let account = world.person(step.target).account;
    let mut add = |who: Actor, ask: Ask| add(requests, who, ask);
    let user = |id: &str| Actor::User(id.to_owned());
    let asked = step.what.ask(world, (actor, target), account);
    let Move::Invite(_, _, door) = step.what else { return add(user(actor), asked) };
    let offer = format!("offer-{target}");
    add(user(actor), Ask { new_id: Some(offer.clone()), ..asked });
    let at_once = account && door != Door::Open && adds_at_once(world);
    if at_once {
        return;
    }
    let guest = Actor::Invitee { email: email(target), verified: true };
    let account_wanted = (!account).then(|| tenantry::document::UserInput { id: Some(target.to_owned()), ..Default::default() });
    let accept = Ask { action: "invitation.accept".to_owned(), invitation: Some(offer.clone()), user: account_wanted, ..Ask::default() };
    add(if account { user(target) } else { guest }, accept);
    if waits(world) {
        add(user(approver), Ask { action: "invitation.approve".to_owned(), invitation: Some(offer), ..Ask::default() });
    }
}

fn waits(world: &World) -> bool {
    world.invitations()["approval"].as_bool() == Some(true)
}

fn adds_at_once(world: &World) -> bool {
    world.invitations()["existing_users"] == "add"
}

/// People whom nobody asks: so many for each thing that can be held by a grant of its own.
fn bystanders(world: &World, each: usize) -> Vec<Cast> {
    let declared = (0..world.slots.len()).filter(|&slot| world.slots[slot].sort == Sort::Direct);
    let one = |slot: usize, number: usize| Cast::told(world, format!("other-{slot}{number}"), Person { account: true, held: 1 << slot, resting: 0 });
    declared.flat_map(|slot| (0..each).map(move |number| one(slot, number))).collect()
}

/// Whether every request is allowed and the end is reached.
fn plays(mut directory: Directory, before: &Snapshot, requests: &[Request], reached: End) -> Result<bool, Error> {
    for request in requests {
        let Ok(decision) = directory.decide(request) else { return Ok(false) };
        if !decision.is_allowed() {
            return Ok(false);
        }
        directory.apply(&decision, request.now)?;
    }
    Ok(reached(before, &directory.snapshot()))
}

/// The requests without those that are not needed.
fn shortest(world: &World, before: &Snapshot, mut requests: Vec<Request>, reached: End) -> Result<Vec<Request>, Error> {
    let directory = Directory::new(world.policy.clone(), before)?;
    let mut at = requests.len();
    while at > 0 {
        at -= 1;
        let mut fewer = requests.clone();
        fewer.remove(at);
        if plays(directory.clone(), before, &fewer, reached)? {
            requests = fewer;
            at = requests.len();
        }
    }
    Ok(requests)
}

/// The organization without groups and roles that nobody speaks of.
fn tidy(mut snapshot: Snapshot, requests: &[Request]) -> Snapshot {
    let named = |id: &str| requests.iter().flat_map(|request| request.body.asks()).any(|ask| ask.group.as_deref() == Some(id) || names_role(ask, id));
    let grants = snapshot.grants.clone();
    snapshot.groups.retain(|group| named(&group.id) || holds(&grants, &group.id, &group.members));
    let groups: Vec<&String> = snapshot.groups.iter().map(|group| &group.id).collect();
    snapshot.grants.retain(|grant| grant.group.as_ref().is_none_or(|group| groups.contains(&group)));
    let held: BTreeSet<&String> = snapshot.grants.iter().map(|grant| &grant.role).collect();
    snapshot.custom_roles.retain(|role| named(&role.id) || held.contains(&role.id));
    snapshot
}

fn holds(grants: &[GrantRow], group: &str, members: &[String]) -> bool {
    !members.is_empty() && grants.iter().any(|grant| grant.group.as_deref() == Some(group))
}

fn names_role(ask: &Ask, id: &str) -> bool {
    let given = ask.roles.iter().chain(&ask.add).flatten().any(|role| role.role == id);
    given || ask.role.as_deref() == Some(id) || ask.remove.iter().flatten().any(|role| role == id)
}

/// Facts of the host under which rules that ask for them may hold.
#[derive(Debug, Clone, Default)]
struct Favour {
    users: Facts,
    scopes: Facts,
    context: Facts,
}

impl Favour {
    /// No facts; then those that permit, each with the first value that a rule asks for.
    fn all(world: &World) -> Vec<Favour> {
        if world.assumed.is_empty() {
            return vec![Favour::default()];
        }
        let mut favour = Favour::default();
        for rule in world.document["allow"].as_array().into_iter().flatten() {
            gather(&rule["actor"]["attributes"], &mut favour.users);
            gather(&rule["target"]["attributes"], &mut favour.users);
            gather(&rule["scope"]["attributes"], &mut favour.scopes);
            gather(&rule["context"], &mut favour.context);
        }
        vec![Favour::default(), favour]
    }

    fn give(&self, snapshot: &mut Snapshot) {
        let give = |row: &mut UserRow| row.attributes = self.users.clone();
        snapshot.users.iter_mut().for_each(give);
        snapshot.scopes.iter_mut().for_each(|row| row.attributes = self.scopes.clone());
    }

    fn ask(&self, request: &Request) -> Request {
        Request { context: self.context.clone(), ..request.clone() }
    }
}

fn gather(asked: &Value, facts: &mut Facts) {
    for (name, value) in asked.as_object().into_iter().flatten() {
        if let Ok(fact) = serde_json::from_value(value.clone()) {
            facts.0.entry(name.clone()).or_insert(fact);
        }
    }
}
