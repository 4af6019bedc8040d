//! The groups of a script: which are there at the beginning, and what becomes of them.

use crate::model::{Cast, Circle, Move, Step, Team};

/// The groups that a script speaks of.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups(Vec<Group>);

#[derive(Debug, Clone)]
struct Group {
    /// As it is at the beginning.
    start: Circle,
    /// What it holds now.
    holds: u64,
    /// Who is in it now, by number in the script.
    members: Vec<usize>,
}

impl Groups {
    /// As they are at the beginning.
    pub fn at_first(&self) -> Vec<Circle> {
        self.0.iter().map(|group| group.start.clone()).collect()
    }

    /// The id of the group that a step is about: one that has come to be so, or else a new one. Nobody holds more for it at the beginning. And
    /// whether the target, who was not there then, must be put into it first.
    pub fn of_step(&mut self, what: Move, team: Team, (actor, target): (usize, usize), cast: &[Cast]) -> (String, bool) {
        let joins = matches!(what, Move::GroupAdd(_));
        let mut members: Vec<usize> = [(team.shared, actor), (!joins, target)].into_iter().filter(|(is_in, _)| *is_in).map(|(_, who)| who).collect();
        members.dedup();
        let is_it = |group: &Group| group.holds == team.holds && group.members == members && (group.start.home == team.home || team.holds == 0);
        let was_there = |who: &usize| cast[*who].person.account;
        let known = self.0.iter().position(is_it).filter(|_| team.holds != 0 || !was_there(&target));
        let number = known.unwrap_or_else(|| {
            let there: Vec<&str> = members.iter().filter(|who| was_there(who)).map(|who| cast[*who].id.as_str()).collect();
            let holds = members.iter().fold(team.holds, |holds, who| holds & cast[*who].person.held);
            let id = format!("team-{}", self.0.len() + 1);
            let start = Circle { id, ..Team { holds, ..team }.circle("", &there) };
            self.0.push(Group { start, holds: team.holds, members: members.clone() });
            self.0.len() - 1
        });
        let id = self.0[number].start.id.clone();
        (id, known.is_none() && !joins && !was_there(&target))
    }

    /// What a step makes of the group.
    pub fn change(&mut self, id: &str, step: &Step, target: usize) {
        let Some(group) = self.0.iter_mut().find(|group| group.start.id == id) else { return };
        match step.what {
            Move::GroupGrant(_, roles) => group.holds |= roles,
            Move::GroupRevoke(_, roles) => group.holds &= !roles,
            Move::GroupAdd(_) => group.members.push(target),
            Move::GroupRemove(_) => group.members.retain(|member| *member != target),
            _ => *group = Group { holds: 0, members: Vec::new(), ..group.clone() },
        }
    }
}
