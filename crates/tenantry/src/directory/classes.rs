//! Classes of users: those who hold the same, by grants of their own and by groups, are of the same kind and have the same
//! status. To a rule that asks for nothing else they are alike, so that an answer about one is an answer about all.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::document::Time;
use crate::document::snapshot::{Status, UserKind};

use super::rows::{Extra, Group, Holdings, Place, RoleRef, User};
use super::table::Table;

/// The number of a class. 0 is none: a user who differs from others in more than that.
pub(crate) type Class = u32;

/// More classes than this are not told apart from none: whoever has so many kinds of members asks the long way.
const CLASSES: usize = 65_536;

/// In place of a number: a user who is of one class before some grants end, and of another afterwards.
const TURNS: Class = Class::MAX;

/// What makes a class.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Shape {
    own: Held,
    /// What each group holds: which group it is makes no difference.
    of_groups: Vec<Held>,
    deactivated: SmallVec<[u32; 2]>,
    kind: UserKind,
    status: Status,
}

/// Grants, as far as answers depend on them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Held {
    places: SmallVec<[Place; 1]>,
    special: Vec<Special>,
}

/// A grant that is not plain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Special {
    scope: u32,
    role: RoleRef,
    source: Option<Box<str>>,
    lasts: Lasts,
}

/// Whether a grant is there for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Lasts {
    Always,
    ForNow,
    NoLonger,
}

impl Held {
    /// Before what ends has ended, or afterwards.
    fn of(holdings: &Holdings, ended: bool) -> Held {
        let lasts = |grant: &Extra| match grant.expires_at {
            None => Lasts::Always,
            Some(_) if ended => Lasts::NoLonger,
            Some(_) => Lasts::ForNow,
        };
        let special = |grant: &Extra| Special { scope: grant.scope, role: grant.role, source: grant.source.clone(), lasts: lasts(grant) };
        let mut special: Vec<Special> = holdings.extras().iter().map(special).collect();
        special.sort_unstable();
        Held { places: holdings.places.clone(), special }
    }
}

impl Shape {
    /// What a user is like before what ends has ended, or afterwards.
    fn of(row: &User, groups: &Table<Group>, ended: bool) -> Shape {
        let groups = row.groups().iter().filter_map(|&group| groups.get(group));
        let mut of_groups: Vec<Held> = groups.map(|group| Held::of(&group.holdings, ended)).collect();
        let mut deactivated = SmallVec::from(row.deactivated());
        of_groups.sort_unstable();
        deactivated.sort_unstable();
        Shape { own: Held::of(&row.holdings, ended), of_groups, deactivated, kind: row.kind, status: row.status }
    }
}

/// When what somebody holds comes to an end.
enum End {
    Never,
    At(Time),
    /// At several times, or when something of a group does.
    Often,
}

fn end_of(row: &User, groups: &Table<Group>) -> End {
    let of_groups = row.groups().iter().filter_map(|&group| groups.get(group)).flat_map(|group| group.holdings.extras());
    if of_groups.filter_map(|grant| grant.expires_at).next().is_some() {
        return End::Often;
    }
    let mut own = row.holdings.extras().iter().filter_map(|grant| grant.expires_at);
    match own.next() {
        None => End::Never,
        Some(at) if own.all(|other| other == at) => End::At(at),
        Some(_) => End::Often,
    }
}

/// The classes of a user before and after a time.
#[derive(Debug, Clone, Copy)]
struct Turn {
    at: Time,
    before: Class,
    after: Class,
}

/// The class of every user.
#[derive(Debug, Clone, Default)]
pub(crate) struct Classes {
    of: Vec<Class>,
    turns: HashMap<u32, Turn, FixedState>,
    numbers: HashMap<Shape, Class, FixedState>,
}

impl Classes {
    /// The class of a user at a time.
    pub fn of(&self, user: u32, now: Time) -> Class {
        let class = self.of.get(user as usize).copied().unwrap_or(0);
        if class == TURNS { self.class_at(user, now) } else { class }
    }

    #[cold]
    fn class_at(&self, user: u32, now: Time) -> Class {
        self.turns.get(&user).map_or(0, |turn| if now < turn.at { turn.before } else { turn.after })
    }

    /// A user, or what the user's groups hold, has changed.
    pub fn put(&mut self, user: u32, row: Option<&User>, groups: &Table<Group>) {
        let at = user as usize;
        if self.of.len() <= at {
            self.of.resize(at + 1, 0);
        }
        if self.of[at] == TURNS {
            self.turns.remove(&user);
        }
        // A service is worth what its owner is: no other is like it.
        self.of[at] = match row.filter(|row| row.kind != UserKind::Service) {
            None => 0,
            Some(row) => match end_of(row, groups) {
                End::Never => self.number(Shape::of(row, groups, false)),
                End::Often => 0,
                End::At(at) => {
                    let (before, after) = (self.number(Shape::of(row, groups, false)), self.number(Shape::of(row, groups, true)));
                    self.turns.insert(user, Turn { at, before, after });
                    TURNS
                }
            },
        };
    }

    fn number(&mut self, shape: Shape) -> Class {
        let next = self.numbers.len() + 1;
        match self.numbers.get(&shape) {
            Some(&class) => class,
            None if next < CLASSES => *self.numbers.entry(shape).or_insert(next as Class),
            None => 0,
        }
    }
}
