//! Why nobody ever holds the goal role: states that everybody is in for ever.

use serde::Serialize;

use super::read::File;
use super::relevant::Relevant;
use super::search::Found;

/// Sets of roles that cover whatever a user can come to hold.
///
/// A set *covers* a user who holds none of its `helps` beside those in it, all of its `hinders` in it, and of the mixed roles
/// (in both lists) exactly those in it. The certificate is good if
///
/// - the goal helps, and is in no set that the goal is asked of;
/// - every user is covered to begin with, by a set of the same sort (administrator or not, asked or not);
/// - every administrative role in a set of administrators is `at_hand`;
/// - every assignment of a role that helps, and every revocation of one that hinders, by an administrative role at hand, leads
///   from a set to what a set of the same sort covers. (The other way round whoever is covered stays so.)
///
/// No rule about a role that helps may ask for a role that only hinders, or for the absence of one that only helps: then what a
/// user who is covered can do, the set can do as well. What rules say of roles that are not listed may be taken to hold. Rules
/// that ask for a role in `never` are left out: nobody holds such a role to begin with, and every assignment of one asks for
/// another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Roles that nobody ever holds, whatever anybody lacks.
    pub never: Vec<String>,
    /// Roles that may help.
    pub helps: Vec<String>,
    /// Roles that may hinder.
    pub hinders: Vec<String>,
    /// Administrative roles that administrators may hold at some time.
    pub at_hand: Vec<String>,
    /// The sets.
    pub states: Vec<State>,
}

/// A set of roles, for one sort of user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// Whether these users act as administrators.
    pub admin: bool,
    /// Whether the goal is asked of them.
    pub asked: bool,
    /// The roles.
    pub roles: Vec<String>,
}

pub(super) fn of(file: &File, relevant: &Relevant, found: &Found) -> Certificate {
    let names = |roles: &mut dyn Iterator<Item = usize>| roles.map(|role| file.roles[role].clone()).collect::<Vec<_>>();
    let mut states: Vec<State> = Vec::new();
    for class in &found.classes {
        for node in &class.nodes {
            let state = State { admin: class.admin, asked: class.asked, roles: names(&mut node.roles.ones()) };
            states.push(state);
        }
    }
    states.sort_by(|a, b| (a.admin, a.asked, &a.roles).cmp(&(b.admin, b.asked, &b.roles)));
    states.dedup();
    let mut at_hand: Vec<usize> = found.at_hand.keys().copied().collect();
    at_hand.sort_unstable();
    Certificate {
        never: names(&mut relevant.possible.zeroes()),
        helps: names(&mut relevant.helps.ones()),
        hinders: names(&mut relevant.hinders.ones()),
        at_hand: names(&mut at_hand.into_iter()),
        states,
    }
}
