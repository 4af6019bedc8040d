//! Detours: what is denied to somebody directly, and what the same person reaches all the same, with accounts that it made itself at most.
//!
//! What a change would come to is asked of a policy with the same roles in which a system may do anything. Whether it can be reached is
//! searched over what actor and target are, with the accounts that the actor can make up growing as it goes. Finding none proves nothing.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use foldhash::HashMap;
use serde::Serialize;
use serde_json::{Value, json};
use tenantry::document::{Actor, Request, Snapshot};
use tenantry::{Directory, Error, Policy};

use super::pairs::Pairs;
use super::replay::{Attack, Script, Taken};
use crate::model::{Cast, Deed, Described, Move, NOW, Person, Step, Who, World, request, snapshot};

/// A change that is denied and reached all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Detour {
    /// Who does it.
    pub actor: Described,
    /// To whom; nobody for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Described>,
    /// What the target is afterwards.
    pub after: Described,
    /// The verb that is denied.
    pub verb: String,
    /// With what code.
    pub code: String,
    /// The request that is denied, in the organization of the attack.
    pub denied: Request,
    /// The requests that come to the same.
    pub attack: Attack,
}

/// The name of the system that may do anything.
const ALMIGHTY: &str = "almighty";

/// Every detour of people who hold one role at most, about people who hold one role at most.
pub(crate) fn detours(world: &World, pairs: &Pairs) -> Result<Vec<Detour>, Error> {
    let mut almighty = almighty(world)?;
    let routes = Routes::of(world, pairs);
    let plain: Vec<Who> = (1..world.people.len() as Who).filter(|&who| world.person(who).is_plain()).collect();
    let mut found = Vec::new();
    for &actor in &plain {
        let made = routes.puppets(&BTreeSet::new(), actor);
        if !routes.acting.contains(&actor) {
            continue;
        }
        for &target in &plain {
            found.extend(about(world, &routes, &mut almighty, (actor, target, false), &made)?);
        }
        found.extend(about(world, &routes, &mut almighty, (actor, actor, true), &made)?);
    }
    Ok(found)
}

/// Detours of one person about another, or about itself.
fn about(
    world: &World,
    routes: &Routes,
    almighty: &mut Almighty,
    (actor, target, by_itself): (Who, Who, bool),
    made: &BTreeSet<Who>,
) -> Result<Vec<Detour>, Error> {
    let direct = routes.direct(actor, target, by_itself);
    let mut wanted: BTreeMap<Who, Move> = BTreeMap::new();
    for (what, after) in almighty.changes(world, target)? {
        if !direct.contains(&after) && after != target {
            wanted.entry(after).or_insert(what);
        }
    }
    let mut found = Vec::new();
    for (after, way) in routes.search((actor, target, by_itself), made, &wanted) {
        let what = wanted[&after];
        found.extend(detour(world, (actor, target, by_itself), (what, after), &way)?);
    }
    Ok(found)
}

fn detour(world: &World, (actor, target, by_itself): (Who, Who, bool), (what, after): (Move, Who), way: &[Taken]) -> Result<Option<Detour>, Error> {
    let people = if by_itself { vec![actor] } else { vec![actor, target] };
    let script = Script::taken(world, &people, way);
    let victim = script.id(usize::from(!by_itself)).to_owned();
    let end = |_: &Snapshot, now: &Snapshot| world.standing(now, &victim) == Some(world.person(after));
    let Some(attack) = script.play(world, &end)? else { return Ok(None) };
    let denied = request(Actor::User(script.id(0).to_owned()), what.ask(world, (script.id(0), &victim), true), NOW);
    let decision = Directory::new(world.policy.clone(), &attack.snapshot)?.decide(&denied)?;
    let Some(code) = decision.code.filter(|_| attack.requests.len() > 1) else { return Ok(None) };
    let target = (!by_itself).then(|| world.described(target));
    let (actor, after) = (world.described(actor), world.described(after));
    Ok(Some(Detour { actor, target, after, verb: what.verb().to_owned(), code, denied, attack }))
}

/// What changes would come to, if they were permitted.
struct Almighty {
    directory: Directory,
    ids: Vec<String>,
}

fn almighty(world: &World) -> Result<Almighty, Error> {
    let mut document: Value = tenantry::policy::read_json(&world.relaxed.to_json())?;
    let rule = json!({ "id": "almighty", "actions": "*", "actor": { "system": ALMIGHTY }, "grants": { "role": "*" }, "revokes": { "role": "*" } });
    document["systems"] = json!([ALMIGHTY]);
    document["allow"] = json!([rule]);
    document["forbid"] = json!([]);
    let policy = Arc::new(Policy::parse(document)?);
    let ids: Vec<String> = (0..world.people.len()).map(|number| format!("t{number}")).collect();
    let cast: Vec<Cast> = ids.iter().zip(&world.people).map(|(id, &person)| Cast::told(world, id.clone(), person)).collect();
    Ok(Almighty { directory: Directory::new(policy, &snapshot(world, &cast))?, ids })
}

impl Almighty {
    /// Every change of one sort of people by a verb of its own, and what comes of it.
    fn changes(&mut self, world: &World, target: Who) -> Result<Vec<(Move, Who)>, Error> {
        let direct = |what: &Move| matches!(what, Move::Give(_) | Move::Take(_) | Move::Set(..) | Move::Remove(..) | Move::Deactivate(_) | Move::Reactivate(_));
        let id = self.ids[usize::from(target)].clone();
        let mut found = Vec::new();
        for what in world.moves_on(world.person(target), false).into_iter().filter(direct) {
            let answer = self.directory.foresee(&request(Actor::System(ALMIGHTY.to_owned()), what.ask(world, ("", &id), true), NOW))?;
            let step = Step { what, actor: target, approver: None, target, by_itself: true, actor_after: target, target_after: target };
            found.extend(answer.ok().and_then(|events| step.after(world, &events, &id)).map(|step| (what, step.target_after)));
        }
        Ok(found)
    }
}

/// The steps that need nobody else's approval.
struct Routes<'w> {
    pairs: &'w Pairs<'w>,
    /// What people can do to others.
    deeds: Vec<&'w Deed>,
    /// Who can do something.
    acting: BTreeSet<Who>,
    /// How people make up accounts, by who does, as far as it was asked.
    making: RefCell<HashMap<Who, Rc<Making>>>,
}

/// The steps that make up an account, by what it comes to be.
type Making = BTreeMap<Who, Vec<Step>>;

/// So many states are looked at for one pair of people.
const STATES: usize = 400;

impl<'w> Routes<'w> {
    fn of(world: &'w World, pairs: &'w Pairs) -> Routes<'w> {
        let unapproved = || world.deeds.iter().filter(|deed| deed.approver.is_none());
        Routes {
            pairs,
            deeds: unapproved().filter(|deed| deed.actors.is_some()).collect(),
            acting: unapproved().flat_map(Deed::askers).collect(),
            making: RefCell::default(),
        }
    }

    fn between(&self, actor: Who, target: Who, by_itself: bool) -> impl Iterator<Item = Step> {
        self.pairs.on(actor, target).filter(move |step| step.by_itself == by_itself && step.approver.is_none())
    }

    fn on(&self, actor: Who, target: Who) -> impl Iterator<Item = Step> {
        self.between(actor, target, false)
    }

    fn of_itself(&self, who: Who) -> impl Iterator<Item = Step> {
        self.between(who, who, true)
    }

    /// What the target can become by one request.
    fn direct(&self, actor: Who, target: Who, by_itself: bool) -> BTreeSet<Who> {
        self.between(actor, target, by_itself).map(|step| step.target_after).collect()
    }

    /// What accounts that somebody made up can come to be, with those that there are.
    fn puppets(&self, there: &BTreeSet<Who>, maker: Who) -> BTreeSet<Who> {
        let mut made = there.clone();
        made.insert(Person::OUTSIDER_NUMBER);
        let mut before = 0;
        while made.len() > before {
            before = made.len();
            for deed in &self.deeds {
                if deed.askers().any(|who| who == maker || made.contains(&who)) {
                    let afters: Vec<Who> = deed.targets.iter().filter(|(who, _)| made.contains(who)).map(|(_, after)| *after).collect();
                    made.extend(afters);
                }
            }
        }
        made
    }

    /// The shortest ways to what is wanted of the target. In a way, 0 is the actor, the target 1 (0 too, if it is the actor), and each account made up has the next number.
    fn search(&self, (actor, target, by_itself): (Who, Who, bool), made: &BTreeSet<Who>, wanted: &BTreeMap<Who, Move>) -> Vec<(Who, Vec<Taken>)> {
        let them = usize::from(!by_itself);
        let mut ways: BTreeMap<Who, Vec<Taken>> = BTreeMap::new();
        let mut seen = BTreeSet::from([(actor, target)]);
        let mut open = VecDeque::from([((actor, target), Vec::<Taken>::new(), them + 1)]);
        while let Some((now, way, people)) = open.pop_front() {
            if wanted.contains_key(&now.1) && !ways.contains_key(&now.1) {
                ways.insert(now.1, way.clone());
            }
            if seen.len() > STATES || ways.len() == wanted.len() || way.len() > 3 {
                continue;
            }
            let mut go = |to: (Who, Who), steps: Vec<Taken>, people: usize| {
                if seen.insert(to) {
                    open.push_back((to, way.iter().copied().chain(steps).collect(), people));
                }
            };
            for step in self.of_itself(now.0) {
                let to = if by_itself { (step.target_after, step.target_after) } else { (step.target_after, now.1) };
                go(to, vec![Taken { step, actor: 0, target: 0 }], people);
            }
            let on_them = self.on(now.0, now.1).filter(|step| !by_itself && !step.what.needs_target());
            on_them.for_each(|step| go((step.actor_after, step.target_after), vec![Taken { step, actor: 0, target: 1 }], people));
            for (&puppet, making) in self.making(now.0).iter().filter(|(puppet, _)| **puppet != Person::OUTSIDER_NUMBER && made.contains(puppet)) {
                let making: Vec<Taken> = making.iter().map(|&step| Taken { step, actor: 0, target: people }).collect();
                for step in self.on(puppet, now.1).filter(|step| by_itself || !step.what.needs_target()) {
                    let to = if by_itself { (step.target_after, step.target_after) } else { (now.0, step.target_after) };
                    go(to, making.iter().copied().chain([Taken { step, actor: people, target: them }]).collect(), people + 1);
                }
            }
        }
        ways.into_iter().collect()
    }

    /// How somebody makes up accounts by itself, in two steps at most, by what they come to be.
    fn making(&self, maker: Who) -> Rc<Making> {
        if let Some(known) = self.making.borrow().get(&maker) {
            return known.clone();
        }
        let mut making = Making::new();
        let first: Vec<Step> = self.on(maker, Person::OUTSIDER_NUMBER).collect();
        first.iter().for_each(|step| _ = making.entry(step.target_after).or_insert_with(|| vec![*step]));
        for first in first {
            self.on(maker, first.target_after).for_each(|second| _ = making.entry(second.target_after).or_insert_with(|| vec![first, second]));
        }
        self.making.borrow_mut().entry(maker).or_insert(Rc::new(making)).clone()
    }
}
