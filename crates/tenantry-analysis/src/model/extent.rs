//! Where rules are asked about a request. Whatever else somebody holds is no matter to it, so that it is asked about one of those who are the same there.

use std::collections::BTreeMap;

use tenantry::document::Reach;

use super::deeds::Change;
use super::moves::Move;
use super::stage::Stage;
use super::{Who, World};

/// The verbs by whose rules it is judged whether an offer comes to something.
pub(super) const OFFERS: [&str; 3] = ["invitation.create", "invitation.link", "invitation.approve"];

/// What of people matters to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Extent {
    /// The verb by whose rules it is judged; nothing for whatever is asked.
    pub verb: Option<&'static str>,
    /// The places where rules are asked, as bits: what the target holds there and above.
    pub places: u16,
    /// Whether it matters where the target's membership rests.
    pub rest: bool,
    /// Whether rules are asked at the organization as well if the target is new there.
    pub joins: bool,
}

impl Extent {
    /// The same, if it matters where the membership rests.
    pub fn with_rest(self) -> Extent {
        Extent { rest: true, ..self }
    }

    /// The places where the actor is asked for.
    pub fn of_actor(self) -> Extent {
        Extent { places: self.places | u16::from(self.joins), rest: false, joins: false, ..self }
    }

    /// What of people matters to a verb, or to any, wherever it is asked.
    pub fn anywhere(verb: Option<&'static str>) -> Extent {
        Extent { verb, places: u16::MAX, rest: false, joins: false }
    }
}

/// What there is at these places, of what there is for each.
pub(super) fn there<T: Copy>(places: u16, each: &[T]) -> impl Iterator<Item = T> {
    each.iter().enumerate().filter(move |(place, _)| places >> place & 1 == 1).map(|(_, one)| *one)
}

impl Move {
    /// What of its target matters to it.
    pub(super) fn extent(self, world: &World) -> Extent {
        let place = self.place(world);
        let (here, everywhere) = (1 << place, (1 << world.frame.places.len()) - 1);
        // Of an offer, all of it is asked of the same people.
        let verb = Some(if let Move::Invite(..) = self { OFFERS[0] } else { self.verb() });
        let at = |places: u16| Extent { verb, places, rest: world.asks_status, joins: false };
        match self {
            Move::Update(own, _) | Move::Delete(own) => at(here | own.at),
            Move::GroupAdd(team) | Move::GroupRemove(team) | Move::GroupDelete(team) => at(here | world.places_of(team.holds)),
            Move::GroupGrant(..) | Move::GroupRevoke(..) => at(here),
            Move::Give(_) | Move::Take(_) | Move::Set(..) | Move::Transfer(..) => at(here),
            Move::Deactivate(_) | Move::Reactivate(_) => at(world.with_above(here)).with_rest(),
            Move::Add(..) | Move::Join(..) | Move::Invite(..) => Extent { joins: true, ..at(here).with_rest() },
            Move::Remove(_, reach) | Move::Leave(_, reach) => match reach {
                Reach::Scope if place > 0 => at(here).with_rest(),
                Reach::Subtree if place > 0 => at(world.with_below(place)).with_rest(),
                _ => at(everywhere).with_rest(),
            },
            Move::Expire(_) => at(everywhere).with_rest(),
        }
    }
}

/// Requests that are asked at the same places, each about somebody who stands for all who are the same there.
pub(super) struct Round {
    pub extent: Extent,
    pub stand_ins: Vec<StandIn>,
}

/// One of those who are the same as far as it matters, who is asked about for all of them.
pub(super) struct StandIn {
    pub who: Who,
    /// All who are the same as far as it matters.
    pub for_whom: Vec<Who>,
    /// What is asked.
    pub moves: Vec<Move>,
}

impl StandIn {
    /// Whom a step happens to as it does to the stand-in, and what they are afterwards; what they hold elsewhere stays as it is.
    pub fn spread(&self, world: &World, after: Who) -> Vec<Change> {
        self.for_whom.iter().filter_map(|&whom| Some((whom, world.with_rest(whom, self.who, after)?))).collect()
    }
}

/// These people by who stands for them, given who does for each.
pub(super) fn stand_ins(only: &[Who], people: impl Iterator<Item = Who>) -> BTreeMap<Who, StandIn> {
    let mut stand_ins: BTreeMap<Who, StandIn> = BTreeMap::new();
    for whom in people {
        let who = only[usize::from(whom)];
        stand_ins.entry(who).or_insert_with(|| StandIn { who, for_whom: Vec::new(), moves: Vec::new() }).for_whom.push(whom);
    }
    stand_ins
}

/// What is asked of these people, with fewer places first.
pub(super) fn rounds(world: &World, stage: &mut Stage, people: impl Iterator<Item = Who>, asked: &dyn Fn(Who) -> Vec<Move>, by_itself: bool) -> Vec<Round> {
    let mut rounds: BTreeMap<Extent, BTreeMap<Who, StandIn>> = BTreeMap::new();
    for whom in people {
        for what in asked(whom) {
            let extent = what.extent(world);
            let stand_in = if by_itself { stage.itself_at(world, extent) } else { stage.only_at(world, extent) };
            let who = stand_in[usize::from(whom)];
            let stand_in = rounds.entry(extent).or_default().entry(who).or_insert_with(|| StandIn { who, for_whom: Vec::new(), moves: Vec::new() });
            if stand_in.for_whom.last() != Some(&whom) {
                stand_in.for_whom.push(whom);
            }
            if who == whom {
                stand_in.moves.push(what);
            }
        }
    }
    let mut rounds: Vec<Round> = rounds.into_iter().map(|(extent, all)| Round { extent, stand_ins: all.into_values().collect() }).collect();
    rounds.sort_by_key(|round| round.extent.places.count_ones());
    rounds
}
