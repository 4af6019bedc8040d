//! How somebody comes to hold the goal role: a sequence of steps that is possible as it stands.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::read::{Assign, File};
use super::search::{Found, Move};

/// The sequence. No step can be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// Who comes to hold the goal role.
    pub user: String,
    /// The goal role.
    pub role: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// An assignment or a revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The administrator.
    pub admin: String,
    /// The administrator's role that permits it; none where any will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Whether the role is given, or taken.
    pub gives: bool,
    /// The role.
    pub role: String,
    /// Who gets or loses it.
    pub user: String,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let by = self.by.as_ref().map(|role| format!(" ({role})")).unwrap_or_default();
        let Step { admin, role, user, .. } = self;
        if self.gives { write!(f, "{admin}{by} gives {role} to {user}") } else { write!(f, "{admin}{by} takes {role} from {user}") }
    }
}

/// A role given to a user or taken.
#[derive(Debug, Clone, Copy)]
struct Planned {
    user: usize,
    role: usize,
    gives: bool,
}

/// A sequence that works, if one is found: those who provide administrative roles come first, each somebody else.
pub(super) fn of(file: &File, found: &Found) -> Option<Witness> {
    let goal = file.goal.role;
    let candidates = found.classes.iter().filter(|class| class.asked).filter_map(|class| Some((class, class.with(goal)?)));
    candidates.into_iter().find_map(|(class, node)| {
        let user = *class.users.last()?;
        let mut plan = Plan { file, found, busy: BTreeSet::from([user]), provided: BTreeSet::new(), planned: Vec::new() };
        plan.come_to(user, &class.path(node))?;
        let planned = without_needless(file, plan.planned, user);
        replay(file, &planned, user).map(|steps| Witness { user: file.users[user].clone(), role: file.roles[goal].clone(), steps })
    })
}

struct Plan<'a> {
    file: &'a File,
    found: &'a Found,
    /// Users whose roles must stay as they are, or who are on their way.
    busy: BTreeSet<usize>,
    /// Administrative roles that somebody holds by now.
    provided: BTreeSet<usize>,
    planned: Vec<Planned>,
}

impl Plan<'_> {
    /// Plans that a user goes a path, and before it that others hold what that takes.
    fn come_to(&mut self, user: usize, path: &[Move]) -> Option<()> {
        let planned = |next: &Move| match *next {
            Move::Assign(number) => (self.file.assigns[number].admin, Planned { user, role: self.file.assigns[number].role, gives: true }),
            Move::Revoke(number) => (self.file.revokes[number].admin, Planned { user, role: self.file.revokes[number].role, gives: false }),
        };
        let (admins, planned): (Vec<Option<usize>>, Vec<Planned>) = path.iter().map(planned).unzip();
        admins.into_iter().flatten().try_for_each(|role| self.provide(role))?;
        self.planned.extend(planned);
        Some(())
    }

    /// Plans that somebody holds an administrative role: whoever does to begin with, or else whoever can come to it.
    fn provide(&mut self, role: usize) -> Option<()> {
        if self.provided.contains(&role) {
            return Some(());
        }
        let (file, found) = (self.file, self.found);
        let holders = || file.admins.iter().copied().filter(|&user| file.held[user].contains(&role));
        let free = |user: &usize| !self.busy.contains(user);
        if let Some(holder) = holders().find(free) {
            self.busy.insert(holder);
        } else {
            let able = found.at_hand.get(&role).into_iter().flatten();
            let chosen = able.filter_map(|provider| Some((*found.classes[provider.class].users.iter().find(|user| free(user))?, provider.path.clone()))).next();
            match chosen {
                Some((user, path)) => {
                    self.busy.insert(user);
                    self.come_to(user, &path)?;
                }
                // Who is on the way may still hold it when it is needed: trying tells.
                None => holders().next().map(|_| ())?,
            }
        }
        self.provided.insert(role);
        Some(())
    }
}

/// The steps with the administrators who take them, if each is permitted in its turn, by whatever rule and whoever, and the user
/// holds the goal in the end.
fn replay(file: &File, planned: &[Planned], user: usize) -> Option<Vec<Step>> {
    let mut held: Vec<BTreeSet<usize>> = file.held.iter().map(|roles| roles.iter().copied().collect()).collect();
    let mut steps = Vec::new();
    for &Planned { user, role, gives } in planned {
        let by = |needed: Option<usize>| file.admins.iter().copied().find(|&admin| needed.is_none_or(|role| held[admin].contains(&role)));
        let roles = &held[user];
        let fits = |rule: &&Assign| rule.holds.iter().all(|role| roles.contains(role)) && rule.lacks.iter().all(|role| !roles.contains(role));
        let (needed, admin) = if gives {
            file.assigns.iter().filter(|rule| rule.role == role).filter(fits).find_map(|rule| Some((rule.admin, by(rule.admin)?)))
        } else {
            file.revokes.iter().filter(|rule| rule.role == role).find_map(|rule| Some((rule.admin, by(rule.admin)?)))
        }?;
        if gives {
            held[user].insert(role)
        } else {
            held[user].remove(&role)
        };
        let name = |role: usize| file.roles[role].clone();
        steps.push(Step { admin: file.users[admin].clone(), by: needed.map(name), gives, role: name(role), user: file.users[user].clone() });
    }
    held[user].contains(&file.goal.role).then_some(steps)
}

/// Leaves out what the rest works without.
fn without_needless(file: &File, mut planned: Vec<Planned>, user: usize) -> Vec<Planned> {
    let mut number = planned.len();
    while number > 0 {
        number -= 1;
        let mut fewer = planned.clone();
        fewer.remove(number);
        if replay(file, &fewer, user).is_some() {
            planned = fewer;
            number = planned.len();
        }
    }
    planned
}
