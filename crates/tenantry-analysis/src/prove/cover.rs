//! Smallest coalitions, by backward coverability.
//!
//! A coalition is a multiset of people who act together. Whoever has no account is there in any number (anybody can make one
//! more), and so is everybody who only has something done to them. The coalitions that can reach a goal are closed upwards: more people can do what fewer can,
//! as no step in the model asks that somebody is *not* there. So they are given by their smallest elements, and those are found backwards from
//! the goal: from each element, by each step, to what must be there before it. By Dickson's lemma there are finitely many; where they are too
//! many to be found, that is the answer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use foldhash::{HashSet, HashSetExt};

use crate::model::{Change, Deed, Step, Who, World};

/// So many smallest coalitions are kept for one goal.
pub const MAX_ELEMENTS: usize = 4_000;
/// So many people act together at most.
pub const MAX_COALITION: usize = 5;

/// A coalition, and what it does first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Who acts together, sorted; the same number as often as there are people of the sort. Without outsiders.
    pub people: Vec<Who>,
    /// The step, and the element that is there after it: none if it reaches the goal. Nothing where the goal is there already.
    pub first: Option<(Step, Option<usize>)>,
    /// Whether a smaller one was found later.
    pub superseded: bool,
}

/// Everything that can reach a goal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// The elements in the order in which they were found; those that are not superseded are the smallest ones.
    pub elements: Vec<Element>,
    /// Who needs nobody else.
    alone: HashSet<Who>,
    /// The elements of any other number of people.
    several: Vec<usize>,
}

/// There are too many coalitions, or too large ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MAX_ELEMENTS} smallest coalitions, or more than {MAX_COALITION} people in one")]
pub struct TooMany;

/// How targets that take no part are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// There is always somebody of every sort.
    Plenty,
    /// Only those who are counted are there.
    Counted,
}

/// The deeds without those that do the same as another.
pub(crate) struct Effects<'w> {
    deeds: Vec<&'w Deed>,
    /// By what somebody is afterwards.
    by_result: BTreeMap<Who, Vec<&'w Deed>>,
}

impl<'w> Effects<'w> {
    /// Of requests for which nothing has to be there but people.
    pub fn of_people(world: &'w World) -> Effects<'w> {
        Effects::index(world.deeds.iter().filter(|deed| deed.what.needs_only_people(world)))
    }

    /// Of requests, and of time that passes.
    pub fn with_time(world: &'w World) -> Effects<'w> {
        Effects::index(world.deeds.iter().chain(&world.expiries))
    }

    fn index(deeds: impl IntoIterator<Item = &'w Deed>) -> Effects<'w> {
        let mut seen = HashSet::new();
        let deeds: Vec<&Deed> = deeds.into_iter().filter(|deed| seen.insert((deed.approver, &deed.actors, &deed.targets, deed.what.needs_target()))).collect();
        let mut by_result: BTreeMap<Who, Vec<&Deed>> = BTreeMap::new();
        for &deed in &deeds {
            let results: BTreeSet<Who> = deed.afters().collect();
            results.into_iter().for_each(|result| by_result.entry(result).or_default().push(deed));
        }
        Effects { deeds, by_result }
    }

    /// The steps that make `goal` true of somebody of whom it was not.
    pub fn lead_to(&self, goal: &dyn Fn(Who) -> bool) -> impl Iterator<Item = Step> {
        let leads = |(before, after): Change| !goal(before) && goal(after);
        self.deeds.iter().flat_map(move |deed| deed.steps_that(&leads, &|_| true))
    }
}

impl Basis {
    /// The smallest coalitions that can make `goal` true of somebody of whom it was not.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn of(effects: &Effects, goal: &dyn Fn(Who) -> bool, others: Others) -> Result<Basis, TooMany> {
        let mut basis = Basis::default();
        let mut open = VecDeque::new();
        for step in effects.lead_to(goal) {
            basis.add(before(&step, Vec::new(), others, false), Some((step, None)), &mut open)?;
        }
        basis.close(effects, others, open)
    }

    /// The smallest populations from which somebody can come to be as `goal` says, or is so already.
    pub(crate) fn with_those_there(effects: &Effects, goal: &[Who], others: Others) -> Result<Basis, TooMany> {
        let mut basis = Basis::default();
        let mut open = VecDeque::new();
        for &there in goal {
            basis.add(vec![there], None, &mut open)?;
        }
        basis.close(effects, others, open)
    }

    fn close(mut self, effects: &Effects, others: Others, mut open: VecDeque<usize>) -> Result<Basis, TooMany> {
        while let Some(number) = open.pop_front() {
            if self.elements[number].superseded {
                continue;
            }
            let people = self.elements[number].people.clone();
            let mut results = people.clone();
            results.dedup();
            for result in results {
                for deed in effects.by_result.get(&result).into_iter().flatten() {
                    // Whoever acts must be there before.
                    for step in deed.steps_that(&|(before, after)| before != after && after == result, &|actor| !self.alone.contains(&actor)) {
                        for acted_on in ways(&step, result) {
                            self.add(before(&step, people.clone(), others, acted_on), Some((step, Some(number))), &mut open)?;
                        }
                    }
                }
            }
        }
        Ok(self)
    }

    fn add(&mut self, people: Vec<Who>, first: Option<(Step, Option<usize>)>, open: &mut VecDeque<usize>) -> Result<(), TooMany> {
        if self.covers(&people) {
            return Ok(());
        }
        if people.len() > MAX_COALITION || self.elements.len() >= MAX_ELEMENTS {
            return Err(TooMany);
        }
        self.elements.iter_mut().filter(|element| includes(&element.people, &people)).for_each(|element| element.superseded = true);
        open.push_back(self.elements.len());
        match people[..] {
            [who] => _ = self.alone.insert(who),
            _ => self.several.push(self.elements.len()),
        }
        self.elements.push(Element { people, first, superseded: false });
        Ok(())
    }

    /// The element of somebody who needs nobody else.
    pub(crate) fn way_alone(&self, who: Who) -> Option<usize> {
        self.alone.contains(&who).then(|| self.elements.iter().position(|element| element.people == [who])).flatten()
    }

    /// Whether these people include a coalition of the basis.
    #[must_use]
    pub fn covers(&self, people: &[Who]) -> bool {
        let of_several = |&number: &usize| !self.elements[number].superseded && includes(people, &self.elements[number].people);
        people.iter().any(|who| self.alone.contains(who)) || self.several.iter().any(of_several)
    }

    /// The smallest coalitions.
    pub fn smallest(&self) -> impl Iterator<Item = &Element> {
        self.elements.iter().filter(|element| !element.superseded)
    }
}

/// Whether the result of a step can be the target (it will act on) or the actor that has changed.
fn ways(step: &Step, result: Who) -> impl Iterator<Item = bool> {
    let as_target = step.target_after == result && (step.target != result || step.by_itself);
    let as_actor = !step.by_itself && step.actor_after == result && step.actor_after != step.actor;
    [(as_target, true), (as_actor, false)].into_iter().filter(|(fits, _)| *fits).map(|(_, acted_on)| acted_on)
}

/// Who must be there before a step, for these to be there after it.
fn before(step: &Step, mut people: Vec<Who>, others: Others, target_counts: bool) -> Vec<Who> {
    let mut remove = |who: Who| people.iter().position(|&one| one == who).map(|at| people.remove(at)).is_some();
    let mut needed = vec![step.actor];
    if step.by_itself {
        remove(step.target_after);
    } else {
        let was_target = target_counts && remove(step.target_after);
        if step.actor_after != step.actor {
            remove(step.actor_after);
        }
        if was_target || step.what.needs_target() || others == Others::Counted {
            needed.push(step.target);
        }
    }
    needed.extend(step.approver);
    // Whoever stays as it is may be one of those who are there anyway.
    let mut left = people.clone();
    for who in needed {
        let stays = who == step.actor && step.actor_after == step.actor && !step.by_itself || Some(who) == step.approver;
        let found = left.iter().position(|&one| one == who).filter(|_| stays);
        match found {
            Some(at) => {
                left.remove(at);
            }
            None if who != 0 => people.push(who),
            None => {}
        }
    }
    people.sort_unstable();
    people
}

/// Whether the larger multiset has everything of the smaller one. Both are sorted.
pub(crate) fn includes(larger: &[Who], smaller: &[Who]) -> bool {
    let mut rest = larger.iter();
    smaller.iter().all(|who| rest.by_ref().find(|other| *other >= who) == Some(who))
}
