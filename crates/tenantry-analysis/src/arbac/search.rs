//! The search: each sort of user alone, while every administrative role that was ever reached is at hand.

use std::collections::{HashMap, VecDeque};

use fixedbitset::FixedBitSet;

use super::read::File;
use super::relevant::Relevant;

/// A rule that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Assign(usize),
    Revoke(usize),
}

/// A state of one user: relevant roles. How it came about: from which state, by which moves.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub roles: FixedBitSet,
    from: Option<usize>,
    moves: Vec<Move>,
}

/// Users who hold the same relevant roles to begin with and are administrators or not.
#[derive(Debug)]
pub(super) struct Class {
    pub users: Vec<usize>,
    pub admin: bool,
    /// Whether the goal is asked of them.
    pub asked: bool,
    start: FixedBitSet,
    pub nodes: Vec<Node>,
}

/// A sort of administrator, and the moves by which one comes to a role.
#[derive(Debug, Clone)]
pub(super) struct Provider {
    pub class: usize,
    pub path: Vec<Move>,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub classes: Vec<Class>,
    /// Administrative roles that some administrator can hold, each with the sorts of user who come to it first: by roles that
    /// were at hand before it.
    pub at_hand: HashMap<usize, Vec<Provider>>,
    goal: usize,
}

impl Found {
    pub fn reaches_goal(&self) -> bool {
        self.classes.iter().any(|class| class.asked && class.with(self.goal).is_some())
    }

    /// The administrative roles that were reached for the first time.
    fn new_at_hand(&self, file: &File) -> HashMap<usize, Vec<Provider>> {
        let administrators = || self.classes.iter().enumerate().filter(|(_, class)| class.admin);
        let providers = |role: usize| administrators().filter_map(move |(number, class)| Some(Provider { class: number, path: class.path(class.with(role)?) }));
        let needed = file.assigns.iter().filter_map(|rule| rule.admin).chain(file.revokes.iter().filter_map(|rule| rule.admin));
        let new = needed.filter(|role| !self.at_hand.contains_key(role)).map(|role| (role, providers(role).collect::<Vec<_>>()));
        new.filter(|(_, providers)| !providers.is_empty()).collect()
    }
}

impl Class {
    /// The first state that has the role.
    pub fn with(&self, role: usize) -> Option<usize> {
        self.nodes.iter().position(|node| node.roles.contains(role))
    }

    /// The moves that lead to a state.
    pub fn path(&self, node: usize) -> Vec<Move> {
        let mut at = Some(node);
        let back = std::iter::from_fn(|| {
            let node = &self.nodes[at?];
            at = node.from;
            Some(node.moves.iter().rev().copied())
        });
        let mut moves: Vec<Move> = back.flatten().collect();
        moves.reverse();
        moves
    }
}

/// Searches until nothing new is reached; none if there are more states than `most`.
pub(super) fn search(file: &File, relevant: &Relevant, most: usize) -> Option<Found> {
    let mut found = Found { classes: classes(file, relevant), at_hand: HashMap::new(), goal: file.goal.role };
    loop {
        let mut states = 0;
        for class in &mut found.classes {
            class.nodes = Search { file, relevant, at_hand: &found.at_hand }.from(&class.start, most - states)?;
            states += class.nodes.len();
        }
        let new = found.new_at_hand(file);
        if new.is_empty() {
            return Some(found);
        }
        found.at_hand.extend(new);
    }
}

fn classes(file: &File, relevant: &Relevant) -> Vec<Class> {
    let mut admins = FixedBitSet::with_capacity(file.users.len());
    admins.extend(file.admins.iter().copied());
    let mut numbers = HashMap::new();
    let mut classes: Vec<Class> = Vec::new();
    for (user, held) in file.held.iter().enumerate() {
        let (admin, asked) = (admins.contains(user), file.goal.user.is_none_or(|of| of == user));
        let key = (relevant.only(held), admin, asked);
        let number = *numbers.entry(key).or_insert_with_key(|(start, ..)| {
            classes.push(Class { users: Vec::new(), admin, asked, start: start.clone(), nodes: Vec::new() });
            classes.len() - 1
        });
        classes[number].users.push(user);
    }
    classes
}

struct Search<'a> {
    file: &'a File,
    relevant: &'a Relevant,
    at_hand: &'a HashMap<usize, Vec<Provider>>,
}

impl Search<'_> {
    /// All states from one on, up to what only helps (it is taken on at once) and what only hinders (it is shed at once).
    fn from(&self, start: &FixedBitSet, most: usize) -> Option<Vec<Node>> {
        let mut seen: HashMap<FixedBitSet, usize> = HashMap::new();
        let mut nodes = Vec::new();
        let mut queue = VecDeque::from([(start.clone(), None, Vec::new())]);
        while let Some((mut roles, from, mut moves)) = queue.pop_front() {
            self.settle(&mut roles, &mut moves);
            if seen.contains_key(&roles) {
                continue;
            }
            if nodes.len() == most {
                return None;
            }
            seen.insert(roles.clone(), nodes.len());
            for next in self.choices(&roles) {
                let mut after = roles.clone();
                self.take(next, &mut after);
                queue.push_back((after, Some(nodes.len()), vec![next]));
            }
            nodes.push(Node { roles, from, moves });
        }
        Some(nodes)
    }

    /// Takes what only helps and sheds what only hinders, as long as there is any.
    fn settle(&self, roles: &mut FixedBitSet, moves: &mut Vec<Move>) {
        let shed = self.moves(roles).filter(|&next| matches!(next, Move::Revoke(_)) && self.is_free(next)).collect::<Vec<_>>();
        for next in shed {
            if roles.contains(self.role(next)) {
                self.take(next, roles);
                moves.push(next);
            }
        }
        loop {
            let Some(next) = self.moves(roles).find(|&next| matches!(next, Move::Assign(_)) && self.is_free(next)) else { return };
            self.take(next, roles);
            moves.push(next);
        }
    }

    /// Moves that have to be tried: those of roles that both help and hinder.
    fn choices(&self, roles: &FixedBitSet) -> Vec<Move> {
        let mut moves: Vec<Move> = self.moves(roles).filter(|&next| self.relevant.is_mixed(self.role(next))).collect();
        moves.dedup_by_key(|next| (self.role(*next), matches!(next, Move::Assign(_))));
        moves
    }

    /// Moves that change the state and are possible in it.
    fn moves(&self, roles: &FixedBitSet) -> impl Iterator<Item = Move> {
        let is_at_hand = |role: Option<usize>| role.is_none_or(|role| self.at_hand.contains_key(&role));
        let gives = self.relevant.assigns.iter().filter(move |&&number| {
            let rule = &self.file.assigns[number];
            let holds = || rule.holds.iter().all(|&role| roles.contains(role));
            let lacks = || rule.lacks.iter().all(|&role| !roles.contains(role));
            !roles.contains(rule.role) && is_at_hand(rule.admin) && holds() && lacks()
        });
        let takes = self.relevant.revokes.iter().filter(move |&&number| {
            let rule = &self.file.revokes[number];
            roles.contains(rule.role) && is_at_hand(rule.admin)
        });
        gives.map(|&number| Move::Assign(number)).chain(takes.map(|&number| Move::Revoke(number)))
    }

    /// Whether nothing speaks against the move: it gives what only helps or takes what only hinders.
    fn is_free(&self, next: Move) -> bool {
        let role = self.role(next);
        match next {
            Move::Assign(_) => !self.relevant.hinders.contains(role),
            Move::Revoke(_) => !self.relevant.helps.contains(role),
        }
    }

    fn role(&self, next: Move) -> usize {
        match next {
            Move::Assign(number) => self.file.assigns[number].role,
            Move::Revoke(number) => self.file.revokes[number].role,
        }
    }

    fn take(&self, next: Move, roles: &mut FixedBitSet) {
        roles.set(self.role(next), matches!(next, Move::Assign(_)));
    }
}
