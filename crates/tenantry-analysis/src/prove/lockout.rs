//! Can an organization come to a state from which something can never be had again: a role, or somebody who may invite, promote or remove?
//!
//! *No*, where a keep counts nobody but those who have it: each request is judged by the keep after its change, so whatever sequence of requests
//! leaves somebody. *No* as well, where each of those whom a keep keeps can bring somebody in who has it, with nobody but accounts of their own:
//! more people never hinder them, as long as no keep has a maximum; rules that ask for the host's facts are named then, as those may stand in the way. *Yes*, where a small organization is found in which requests lead out of every population that could ever come back to
//! it. Otherwise it is not known.

use std::collections::{BTreeSet, VecDeque};

use serde::Serialize;
use serde_json::Value;
use tenantry::document::Snapshot;
use tenantry::{Directory, Error};

use super::Verdict;
use super::cover::{Basis, Effects, Others};
use super::escalation::{RoleHere, bits_of, steps_of};
use super::pairs::Pairs;
use super::replay::{Attack, Script};
use crate::model::{Cast, Deed, Move, NOW, Peers, Person, Slot, Sort, Step, Who, World, snapshot};
use crate::written::names;

/// What could be lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Asset {
    /// A role that nobody could hold again.
    Role(RoleHere),
    /// A verb that nobody could use again: `invitation.create`, `member.set_roles` (giving a role), `member.remove`.
    Verb(String),
}

/// Whether something can be lost for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lockout {
    /// What.
    pub asset: Asset,
    /// `proved`: it cannot be lost.
    pub verdict: Verdict,
    /// The keep that proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
    /// Rules that ask for facts of the host, which may stand in the way of those who bring it back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<String>,
    /// How it is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attack: Option<Attack>,
}

/// One or two people are tried, in so many states, with so many attacks played.
const STATES: usize = 4_000;
const PLAYS: usize = 60;

/// One answer for each declared role, and for each verb of administration that the policy has for people.
pub(crate) fn lockouts(world: &World, asked: &Pairs, with_time: &Effects) -> Result<Vec<Lockout>, Error> {
    let ways = &Ways { asked, relied_on: Effects::of_people(world), peers: Peers::of(world)?, with_time };
    let (mut guarded, mut roles, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for slot in world.slots.iter().filter(|slot| slot.sort == Sort::Direct) {
        let has = holders(world, slot);
        let keep = guard(world, slot, &has)?;
        guarded.extend(keep.clone().map(|keep| (keep, has.clone())));
        roles.push((slot, has, keep));
    }
    for (slot, has, keep) in roles {
        found.push(answer(world, ways, Asset::Role(RoleHere::of(world, slot)), &has, (keep, &guarded))?);
    }
    for verb in ["invitation.create", "member.set_roles", "member.remove"] {
        let able = able(world, verb);
        if able.is_empty() {
            continue;
        }
        let keep = guarded.iter().find(|(_, has)| has.is_subset(&able)).map(|(keep, _)| keep.clone());
        found.push(answer(world, ways, Asset::Verb(verb.to_owned()), &able, (keep, &guarded))?);
    }
    Ok(found)
}

/// A keep, with those of whom it leaves somebody.
type Kept = (String, BTreeSet<Who>);
type Guarded = Vec<Kept>;

/// What can happen.
struct Ways<'e, 'w> {
    /// By requests of one about another.
    asked: &'e Pairs<'w>,
    /// By requests for which nothing has to be there but people.
    relied_on: Effects<'w>,
    /// Who gets the same answers.
    peers: Peers,
    /// By requests, and by time that passes.
    with_time: &'e Effects<'w>,
}

fn answer(world: &World, ways: &Ways, asset: Asset, has: &BTreeSet<Who>, (keep, guarded): (Option<String>, &Guarded)) -> Result<Lockout, Error> {
    let goal: Vec<Who> = has.iter().copied().collect();
    let lockout = Lockout { asset, verdict: Verdict::Unknown, keep, given: Vec::new(), attack: None };
    if lockout.keep.is_some() {
        return Ok(Lockout { verdict: Verdict::Proved, ..lockout });
    }
    if let Some((keep, _)) = kept_alive(world, ways, &goal, (has, guarded))? {
        let given = world.assumed.iter().cloned().collect();
        return Ok(Lockout { verdict: Verdict::Proved, keep: Some(keep.clone()), given, ..lockout });
    }
    let Ok(basis) = Basis::with_those_there(ways.with_time, &goal, Others::Counted) else { return Ok(lockout) };
    let attack = search(world, ways.asked, &basis, has)?;
    let verdict = if attack.is_some() { Verdict::Attack } else { Verdict::Unknown };
    Ok(Lockout { verdict, attack, ..lockout })
}

/// The keep that leaves nobody but people who can bring somebody in.
fn kept_alive<'g>(world: &World, ways: &Ways, goal: &[Who], (has, guarded): (&BTreeSet<Who>, &'g Guarded)) -> Result<Option<&'g Kept>, Error> {
    if guarded.is_empty() {
        return Ok(None);
    }
    // Who brings somebody back has what lasts, does not wait for the end of anything, and finds no group or role made ready.
    let Ok(basis) = Basis::with_those_there(&ways.relied_on, goal, Others::Counted) else { return Ok(None) };
    for kept in guarded {
        if brings_back(world, (&basis, &ways.peers), has, &kept.1)? {
            return Ok(Some(kept));
        }
    }
    Ok(None)
}

/// Whether each of those who are kept can bring somebody in, whoever else is there, with facts of the host that let them.
fn brings_back(world: &World, (basis, peers): (&Basis, &Peers), has: &BTreeSet<Who>, kept: &BTreeSet<Who>) -> Result<bool, Error> {
    if has_maximum(world) {
        return Ok(false);
    }
    let back = |_: &Snapshot, after: &Snapshot| world.population(after).is_some_and(|people| people.iter().any(|one| has.contains(one)));
    let alone = |&who: &Who| Some((who, steps_of(basis, basis.way_alone(who)?)));
    let Some(ways) = kept.difference(has).map(alone).collect::<Option<Vec<(Who, Vec<Step>)>>>() else { return Ok(false) };
    let mut known = BTreeSet::new();
    for (who, steps) in ways {
        let peer = peers.first_like(who);
        if known.contains(&peer) {
            continue;
        }
        if !Script::of(world, &[who], &steps).goes_through(world, &back)? {
            return Ok(false);
        }
        // What happens to others only, each of them can bring about.
        let stays = steps.iter().all(|step| step.target != who && (step.actor != who || step.actor_after == who));
        known.extend(stays.then_some(peer));
    }
    Ok(true)
}

fn has_maximum(world: &World) -> bool {
    let limits = |keep: &Value| ["at_most", "exactly", "exclusive"].iter().any(|word| !keep[*word].is_null());
    world.document["keep"].as_array().into_iter().flatten().any(limits)
}

/// Who holds a role and is active where it is held.
fn holders(world: &World, slot: &Slot) -> BTreeSet<Who> {
    let bits = bits_of(world, slot);
    let here = 1 << slot.place | 1;
    let holds = |who: &Who| world.person(*who).held & bits != 0 && world.person(*who).resting & here == 0;
    (1..world.people.len() as Who).filter(holds).collect()
}

/// Who can do something with a verb to somebody else.
fn able(world: &World, verb: &str) -> BTreeSet<Who> {
    let gives = |deed: &&Deed| verb != "member.set_roles" || matches!(deed.what, Move::Give(_) | Move::Set(_, 1..));
    world.deeds.iter().filter(|deed| deed.what.verb() == verb && deed.actors.is_some()).filter(gives).flat_map(Deed::askers).collect()
}

/// The keep that counts nobody else: it does not hold where all others are there and none of these.
fn guard(world: &World, slot: &Slot, has: &BTreeSet<Who>) -> Result<Option<String>, Error> {
    let keeps = world.document["keep"].as_array().into_iter().flatten();
    // A keep that counts what will end is not judged when it does.
    let lasts = |keep: &&Value| keep["count"]["pending"].is_null() && keep["count"]["expiring"] != true;
    for keep in keeps.filter(lasts).filter(|keep| keep["unless"].is_null() && keep["each"] != "user") {
        let least = keep["at_least"].as_u64().or(keep["exactly"].as_u64()).unwrap_or(0);
        if !(1..=10).contains(&least) || counts_others(keep, slot) {
            continue;
        }
        let others = (1..world.people.len() as Who).filter(|who| !has.contains(who)).map(|who| (who, world.person(who)));
        let faces = others.flat_map(|(who, person)| world.guises(person).into_iter().enumerate().map(move |(number, guise)| (who, person, number, guise)));
        let copies = faces.flat_map(|(who, person, number, guise)| (0..least).map(move |copy| Cast { id: format!("p{who}as{number}x{copy}"), person, guise }));
        let directory = Directory::new(world.policy.clone(), &snapshot(world, &copies.collect::<Vec<_>>()))?;
        let place = &world.frame.places[slot.place].id;
        let broken = |reason: &tenantry::document::Reason| reason.rule.as_deref() == keep["id"].as_str() && reason.scope.as_ref() == Some(place);
        if directory.broken_keeps(NOW).iter().any(broken) {
            return Ok(keep["id"].as_str().map(str::to_owned));
        }
    }
    Ok(None)
}

/// Whether a keep names roles that it counts, and not this one.
fn counts_others(keep: &Value, slot: &Slot) -> bool {
    let named: Vec<&str> = ["role", "has_role"].into_iter().flat_map(|word| names(&keep["count"][word])).collect();
    !named.is_empty() && !named.iter().any(|name| *name == "*" || name.rsplit('.').next() == Some(&slot.name))
}

/// A way out of all populations that could come back, from the smallest organizations upwards.
fn search(world: &World, asked: &Pairs, basis: &Basis, has: &BTreeSet<Who>) -> Result<Option<Attack>, Error> {
    let plain: Vec<Who> = (1..world.people.len() as Who).filter(|&who| world.person(who).is_plain()).collect();
    let mut open: VecDeque<(Vec<Who>, Vec<Step>)> = VecDeque::new();
    for &first in plain.iter().filter(|who| has.contains(who)) {
        open.push_back((vec![first], Vec::new()));
        open.extend(plain.iter().map(|&second| (vec![first, second], Vec::new())));
    }
    let (mut seen, mut plays) = (BTreeSet::new(), 0);
    while let Some((start, steps)) = open.pop_front() {
        let now = after(&start, &steps);
        if !seen.insert((start.len(), now.clone())) || seen.len() > STATES || steps.len() > 2 {
            continue;
        }
        if !steps.is_empty() && !basis.covers(&now) {
            plays += 1;
            let gone = |_: &Snapshot, after: &Snapshot| world.population(after).is_some_and(|people| !basis.covers(&people));
            if let Some(attack) = Script::of(world, &start, &steps).play_alone(world, &gone)? {
                return Ok(Some(attack));
            }
            if plays >= PLAYS {
                return Ok(None);
            }
            continue;
        }
        let next = among(asked, &now).map(|step| (start.clone(), steps.iter().copied().chain([step]).collect()));
        open.extend(next);
    }
    Ok(None)
}

/// Who is there after some steps, sorted.
fn after(start: &[Who], steps: &[Step]) -> Vec<Who> {
    let mut people = start.to_vec();
    for step in steps {
        let mut become_ = |from: Who, to: Who| {
            if let Some(at) = people.iter().position(|&who| who == from) {
                people.remove(at);
            }
            people.extend((to != 0).then_some(to));
        };
        become_(step.target, step.target_after);
        if !step.by_itself && step.actor_after != step.actor {
            become_(step.actor, step.actor_after);
        }
    }
    people.sort_unstable();
    people
}

/// The steps that these people, sorted, can take among themselves, and with outsiders.
fn among<'e>(asked: &'e Pairs, people: &'e [Who]) -> impl Iterator<Item = Step> {
    let once = |list: &'e [Who]| list.iter().enumerate().filter(|(at, who)| list.get(at + 1) != Some(who)).map(|(_, who)| *who);
    let twice = |who: Who| people.windows(2).any(|two| two == [who, who]);
    let pairs = once(people).flat_map(move |actor| std::iter::once(Person::OUTSIDER_NUMBER).chain(once(people)).map(move |target| (actor, target)));
    let steps = pairs.flat_map(|(actor, target)| asked.on(actor, target));
    steps
        .filter(move |step| step.by_itself || step.actor != step.target || twice(step.actor))
        .filter(|step| step.approver.is_none_or(|approver| people.contains(&approver)))
}
