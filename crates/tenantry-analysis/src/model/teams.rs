//! Groups: what can be asked about one, as far as it changes what somebody in it holds.
//!
//! Of somebody it is known what groups bring, all of it together. How that is spread over groups is open, so that everybody is in a group
//! with each part of it, and in one that holds nothing. What else a group holds, and who else is in it, makes a request about it no easier.

use foldhash::HashSet;

use super::moves::Move;
use super::person::{Slot, Sort, bits, subsets};
use super::stage::Stage;
use super::{Person, Who, World};

/// A group that somebody is in, or comes to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Team {
    /// The place where it is at home.
    pub home: usize,
    /// What it holds: bit n is slot n.
    pub holds: u64,
    /// Whether whoever asks is in it too.
    pub shared: bool,
}

/// A group with those who are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Circle {
    pub id: String,
    pub home: usize,
    pub holds: u64,
    pub members: Vec<String>,
}

/// The verbs that change what people hold through groups.
pub(super) const GROUP_VERBS: [&str; 5] = ["group.add", "group.remove", "group.grant", "group.revoke", "group.delete"];

/// In the place of somebody, for the groups that nobody of those is in who are asked about.
pub(crate) const ANY: &str = "any";

impl Team {
    /// Its id, if it is somebody's.
    pub(crate) fn id(self, of: &str) -> String {
        format!("{of}-{}-{:x}", self.home, self.holds)
    }

    pub(crate) fn circle(self, of: &str, members: &[&str]) -> Circle {
        Circle { id: self.id(of), home: self.home, holds: self.holds, members: members.iter().map(|&id| id.to_owned()).collect() }
    }
}

/// What a group holds, by its id.
pub(super) fn holds(id: &str) -> u64 {
    id.rsplit('-').next().and_then(|holds| u64::from_str_radix(holds, 16).ok()).unwrap_or(0)
}

impl Move {
    /// The group that it is about.
    pub(crate) fn team(self) -> Option<Team> {
        match self {
            Move::GroupAdd(team) | Move::GroupRemove(team) | Move::GroupGrant(team, _) | Move::GroupRevoke(team, _) | Move::GroupDelete(team) => Some(team),
            _ => None,
        }
    }

    /// The same about a group that the actor is in.
    pub(super) fn shared(self) -> Option<Move> {
        let too = |team: Team| Team { shared: true, ..team };
        match self {
            Move::GroupAdd(team) => Some(Move::GroupAdd(too(team))),
            Move::GroupRemove(team) => Some(Move::GroupRemove(too(team))),
            Move::GroupGrant(team, roles) => Some(Move::GroupGrant(too(team), roles)),
            Move::GroupRevoke(team, roles) => Some(Move::GroupRevoke(too(team), roles)),
            Move::GroupDelete(team) => Some(Move::GroupDelete(too(team))),
            _ => None,
        }
    }

    /// Whether rules are asked about the group itself, with what it holds.
    pub(super) fn is_about_group(self) -> bool {
        matches!(self, Move::GroupGrant(..) | Move::GroupRevoke(..) | Move::GroupDelete(_))
    }
}

/// What was allowed about groups so far, by who asks about whom: the same need not be asked of another group, and of several roles only where each can be had.
#[derive(Debug, Default)]
pub(super) struct Allowed(HashSet<(Pair, Change)>);

/// Who asks, and about whom, if not about itself.
pub(super) type Pair = (Who, Option<Who>);

/// The verb, where it is asked, and the roles that the target gets or loses.
type Change = (&'static str, usize, u64);

impl Allowed {
    /// Whether something could come of it that is not known.
    pub fn leaves_open(&self, world: &World, stage: &mut Stage, (what, pair): (Move, Pair)) -> bool {
        let Some(change) = change(what) else { return true };
        let is_known = |one: Move, stage: &mut Stage| self.has(one, stage.pair_at(world, pair, one.extent(world)));
        !self.0.contains(&(pair, change)) && (change.2.count_ones() == 1 || what.of_each_role().all(|one| is_known(one, stage)))
    }

    fn has(&self, what: Move, pair: Pair) -> bool {
        change(what).is_some_and(|change| self.0.contains(&(pair, change)))
    }

    pub fn note(&mut self, what: Move, pair: Pair) {
        self.0.extend(change(what).map(|change| (pair, change)));
    }
}

/// What changes, where these are all that rules are asked of people.
fn change(what: Move) -> Option<Change> {
    match what {
        Move::GroupAdd(team) | Move::GroupRemove(team) => Some((what.verb(), team.home, team.holds)),
        Move::GroupGrant(_, roles) | Move::GroupRevoke(_, roles) => Some((what.verb(), 0, roles)),
        _ => None,
    }
}

impl Move {
    /// The same about each of the roles alone.
    fn of_each_role(self) -> impl Iterator<Item = Move> {
        let roles = change(self).map_or(0, |(_, _, roles)| roles);
        let of = move |role: u64| match self {
            Move::GroupAdd(team) => Move::GroupAdd(Team { holds: role, ..team }),
            Move::GroupRemove(team) => Move::GroupRemove(Team { holds: role, ..team }),
            Move::GroupGrant(team, _) => Move::GroupGrant(team, role),
            Move::GroupRevoke(team, _) => Move::GroupRevoke(team, role),
            other => other,
        };
        bits(roles).map(of)
    }
}

impl World {
    /// What can be held through groups.
    pub(crate) fn through_groups(&self) -> u64 {
        self.group_slots(&(0..self.frame.places.len()).collect::<Vec<_>>())
    }

    /// Groups that hold some of these, at home anywhere.
    pub(super) fn teams(&self, held: u64) -> impl Iterator<Item = Team> {
        let homes = self.frame.places.len();
        parts(held).into_iter().flat_map(move |holds| (0..homes).map(move |home| Team { home, holds, shared: false }))
    }

    /// Everything that can be asked about groups and changes what a person holds.
    pub(super) fn group_moves(&self, target: Person) -> Vec<Move> {
        let mut moves = Vec::new();
        if !target.account {
            return moves;
        }
        let all = self.through_groups();
        let (held, free) = (target.held & all, all & !target.held);
        moves.extend(self.teams(free).filter(|team| team.holds != 0).map(Move::GroupAdd));
        moves.extend(self.teams(held).filter(|team| team.holds != 0).flat_map(|team| [Move::GroupRemove(team), Move::GroupDelete(team)]));
        for place in 0..self.frame.places.len() {
            let (here, seen) = (self.group_slots(&[place]), self.group_slots(&self.frame.path(place)));
            let at_home = |holds: u64| Team { home: 0, holds, shared: false };
            for holds in parts(held & seen) {
                let some = |of: u64| parts(of & here).into_iter().filter(|roles| *roles != 0);
                moves.extend(some(free).map(|roles| Move::GroupGrant(at_home(holds), roles)));
                moves.extend(some(holds).map(|roles| Move::GroupRevoke(at_home(holds), roles)));
            }
        }
        moves
    }

    /// What can be held through groups at these places.
    fn group_slots(&self, places: &[usize]) -> u64 {
        let comes_through = |slot: &Slot| self.groups && slot.sort != Sort::Direct && places.contains(&slot.place);
        self.slots_where(comes_through)
    }
}

/// Every part of a set, the small ones first.
pub(super) fn parts(of: u64) -> Vec<u64> {
    let mut parts = subsets(bits(of));
    parts.sort_by_key(|part| part.count_ones());
    parts
}
