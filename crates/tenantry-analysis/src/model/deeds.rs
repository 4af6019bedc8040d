//! Deeds: what some people can do to others, each of the one to each of the others, as rules see the same of them. A deed stands for as many steps as
//! there are pairs of them.

use super::Who;
use super::moves::Move;
use super::steps::Step;

/// Somebody, and what somebody is afterwards.
pub type Change = (Who, Who);

/// A move that several people can make.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Deed {
    /// What.
    pub what: Move,
    /// Who approves what the targets accepted, if somebody else has to.
    pub approver: Option<Who>,
    /// Those who ask, by number; nothing if each of the targets asks for itself.
    pub actors: Option<Box<[Change]>>,
    /// To whom it is done, by number.
    pub targets: Box<[Change]>,
}

impl Deed {
    /// What each of these does to each of those.
    pub(super) fn to_others(what: Move, actors: Vec<Change>, targets: Vec<Change>) -> Deed {
        Deed { actors: Some(sorted(actors)), ..Deed::to_themselves(what, targets) }
    }

    /// What each of these does to itself.
    pub(super) fn to_themselves(what: Move, targets: Vec<Change>) -> Deed {
        Deed { what, approver: None, actors: None, targets: sorted(targets) }
    }

    /// The same, if it has to be approved: by this one, or by whoever asks and is this one.
    pub(super) fn approved_by(self, approver: Who) -> [Deed; 2] {
        let of = |is_it: bool, all: &[Change]| all.iter().copied().filter(|(who, _)| (*who == approver) == is_it).collect();
        let asked_by = |is_it: bool| match &self.actors {
            Some(actors) => Deed { actors: Some(of(is_it, actors)), ..self.clone() },
            None => Deed { targets: of(is_it, &self.targets), ..self.clone() },
        };
        [asked_by(true), Deed { approver: Some(approver), ..asked_by(false) }]
    }

    /// Those who ask.
    pub fn askers(&self) -> impl Iterator<Item = Who> {
        self.actors.as_deref().unwrap_or(&self.targets).iter().map(|(who, _)| *who)
    }

    /// What somebody becomes, of those who ask and of the targets.
    pub(crate) fn afters(&self) -> impl Iterator<Item = Who> {
        let all = self.actors.iter().flatten().chain(&self.targets);
        all.filter(|(before, after)| before != after).map(|(_, after)| *after)
    }

    /// Those who ask, each with each of those to whom it is done.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (Who, Who)> {
        self.each().map(|(by, on)| (by.0, on.0))
    }

    /// Every step of it.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        self.each().map(|(by, on)| self.of_pair(by, on))
    }

    fn each(&self) -> impl Iterator<Item = (Change, Change)> {
        let to_others = move |&by: &Change| self.targets.iter().map(move |&on| (by, on));
        let to_themselves = self.targets.iter().filter(|_| self.actors.is_none()).map(|&on| (on, on));
        self.actors.iter().flatten().flat_map(to_others).chain(to_themselves)
    }

    /// The step of one about another, or about itself.
    pub fn step(&self, actor: Who, target: Who) -> Option<Step> {
        let find = |all: &[Change], who: Who| all.binary_search_by_key(&who, |(before, _)| *before).ok().map(|at| all[at]);
        let on = find(&self.targets, target)?;
        let by = self.actors.as_deref().map_or((actor == target).then_some(on), |actors| find(actors, actor))?;
        Some(self.of_pair(by, on))
    }

    /// The steps by those who act of which it is said that they change somebody so: whoever asks, or the target.
    pub(crate) fn steps_that(&self, changes: &dyn Fn(Change) -> bool, acts: &dyn Fn(Who) -> bool) -> Vec<Step> {
        let changed: Vec<Change> = self.targets.iter().copied().filter(|&on| changes(on)).collect();
        let Some(actors) = &self.actors else {
            return changed.into_iter().filter(|(who, _)| acts(*who)).map(|on| self.of_pair(on, on)).collect();
        };
        let on_whom = |by: Change| if by.0 != by.1 && changes(by) { &self.targets } else { &changed[..] };
        actors.iter().filter(|(who, _)| acts(*who)).flat_map(|&by| on_whom(by).iter().map(move |&on| self.of_pair(by, on))).collect()
    }

    fn of_pair(&self, (actor, actor_after): Change, (target, target_after): Change) -> Step {
        Step { what: self.what, actor, approver: self.approver, target, by_itself: self.actors.is_none(), actor_after, target_after }
    }
}

/// Those who stay as they are.
pub(super) fn unchanged(people: &[Who]) -> Vec<Change> {
    people.iter().map(|&who| (who, who)).collect()
}

fn sorted(mut changes: Vec<Change>) -> Box<[Change]> {
    changes.sort_unstable();
    changes.into()
}
