//! Which roles can matter to the goal, and how.

use fixedbitset::FixedBitSet;

use super::read::File;

/// The roles that can matter, and the rules about them.
#[derive(Debug)]
pub(super) struct Relevant {
    /// Roles that anybody could ever hold if nobody had to lack any. Rules that ask for others are never used.
    pub possible: FixedBitSet,
    /// Holding it may help: the goal, what a precondition asks for, what an administrator needs.
    pub helps: FixedBitSet,
    /// Holding it may hinder: a precondition asks for its absence.
    pub hinders: FixedBitSet,
    /// Numbers of the assignments of relevant roles that can ever be used.
    pub assigns: Vec<usize>,
    /// Numbers of the revocations of relevant roles that can ever be used.
    pub revokes: Vec<usize>,
}

impl Relevant {
    pub fn of(file: &File) -> Relevant {
        let possible = possible(file);
        let can = |role: &Option<usize>| role.is_none_or(|role| possible.contains(role));
        let usable = |&number: &usize| can(&file.assigns[number].admin) && file.assigns[number].holds.iter().all(|&role| possible.contains(role));
        let assigns: Vec<usize> = (0..file.assigns.len()).filter(usable).collect();
        let revokes: Vec<usize> = (0..file.revokes.len()).filter(|&number| can(&file.revokes[number].admin)).collect();
        let none = FixedBitSet::with_capacity(file.roles.len());
        let mut relevant = Relevant { helps: none.clone(), hinders: none, assigns, revokes, possible };
        relevant.look_back(file);
        let about = |role: usize| relevant.helps.contains(role) || relevant.hinders.contains(role);
        let (assigns, revokes) = (&relevant.assigns, &relevant.revokes);
        let assigns = assigns.iter().copied().filter(|&number| about(file.assigns[number].role)).collect();
        let revokes = revokes.iter().copied().filter(|&number| about(file.revokes[number].role)).collect();
        Relevant { assigns, revokes, ..relevant }
    }

    /// From the goal backwards, until nothing new can matter.
    fn look_back(&mut self, file: &File) {
        self.helps.insert(file.goal.role);
        loop {
            let before = (self.helps.count_ones(..), self.hinders.count_ones(..));
            for rule in self.assigns.iter().map(|&number| &file.assigns[number]) {
                if self.helps.contains(rule.role) {
                    self.helps.extend(rule.admin.into_iter().chain(rule.holds.iter().copied()));
                    self.hinders.extend(rule.lacks.iter().copied());
                }
            }
            for rule in self.revokes.iter().map(|&number| &file.revokes[number]) {
                if self.hinders.contains(rule.role) {
                    self.helps.extend(rule.admin);
                }
            }
            if before == (self.helps.count_ones(..), self.hinders.count_ones(..)) {
                return;
            }
        }
    }

    /// Whether a role both helps and hinders: only these have to be tried both ways.
    pub fn is_mixed(&self, role: usize) -> bool {
        self.helps.contains(role) && self.hinders.contains(role)
    }

    /// Of some roles the relevant ones.
    pub fn only(&self, roles: &[usize]) -> FixedBitSet {
        let mut only = FixedBitSet::with_capacity(self.helps.len());
        only.extend(roles.iter().copied().filter(|&role| self.helps.contains(role) || self.hinders.contains(role)));
        only
    }
}

/// The roles that anybody could ever hold if nobody had to lack any.
fn possible(file: &File) -> FixedBitSet {
    let mut possible = FixedBitSet::with_capacity(file.roles.len());
    possible.extend(file.held.iter().flatten().copied());
    loop {
        let before = possible.count_ones(..);
        for rule in &file.assigns {
            if rule.admin.iter().chain(&rule.holds).all(|&role| possible.contains(role)) {
                possible.insert(rule.role);
            }
        }
        if possible.count_ones(..) == before {
            return possible;
        }
    }
}
