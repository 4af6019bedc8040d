//! What is asked about groups: any that the target is in or comes into, whatever it holds, wherever it is at home, with the actor in it or not.

use tenantry::document::snapshot::GrantRow;
use tenantry::document::{Actor, Ask, RoleAt, Snapshot};
use tenantry_analysis::model::{Sort, Who};

use super::{Bench, group};

/// A group as it is asked about.
#[derive(Debug, Clone, Copy)]
struct Team {
    home: usize,
    /// What it holds, as bits.
    holds: u64,
    has_actor: bool,
    has_target: bool,
}

impl Bench<'_> {
    /// Everything about groups that one can ask and that reaches the other, or itself.
    pub(super) fn groups(&mut self, (actor, target, by_itself): (Who, Who, bool)) -> Result<(), String> {
        let all = self.through_groups(|_| true);
        if all == 0 || !self.person(target).account {
            return Ok(());
        }
        for home in 0..self.certificate.places.len() {
            for holds in subsets(all) {
                for (has_actor, has_target) in [(false, false), (false, true), (true, false), (true, true)] {
                    let team = Team { home, holds, has_actor, has_target };
                    let fits = |is_in: bool, who: Who| !is_in || holds & !self.person(who).held == 0;
                    if fits(has_actor, actor) && fits(has_target, target) && (!by_itself || has_actor == has_target) {
                        self.group((actor, target, by_itself), team)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Everything about one group. Those who are in it may hold some of the same through others.
    fn group(&mut self, (actor, target, by_itself): (Who, Who, bool), team: Team) -> Result<(), String> {
        let of_both = if team.has_target { subsets(team.holds) } else { vec![0] };
        let of_actor = if team.has_actor && !by_itself { vec![0, team.holds] } else { vec![0] };
        for lost in of_both {
            for &lost_by_actor in &of_actor {
                let mut state = self.organization(&[], None);
                let mine = if by_itself { lost } else { lost_by_actor };
                self.add_in_groups(&mut state, "ann", actor, !mine);
                if !by_itself {
                    self.add_in_groups(&mut state, "tom", target, !lost);
                }
                self.add_team(&mut state, team, by_itself);
                for ask in self.group_asks(team, if by_itself { "ann" } else { "tom" }) {
                    self.play(&state, vec![(Actor::User("ann".to_owned()), ask)], (actor, None, target, by_itself, by_itself))?;
                }
            }
        }
        Ok(())
    }

    fn add_team(&self, state: &mut Snapshot, team: Team, by_itself: bool) {
        let members: Vec<&str> =
            [("ann", team.has_actor), ("tom", team.has_target && !by_itself)].into_iter().filter(|(_, is_in)| *is_in).map(|(id, _)| id).collect();
        state.groups.push(group("team", &self.certificate.places[team.home].id, &members));
        let held = self.certificate.slots.iter().enumerate().filter(|(number, _)| team.holds >> number & 1 == 1);
        let grant = |slot: &tenantry_analysis::model::Slot| GrantRow {
            scope: self.certificate.places[slot.place].id.clone(),
            group: Some("team".to_owned()),
            role: slot.name.clone(),
            ..GrantRow::default()
        };
        state.grants.extend(held.map(|(_, slot)| grant(slot)));
    }

    fn group_asks(&self, team: Team, target: &str) -> Vec<Ask> {
        let at = |action: &str, place: usize| Ask {
            action: action.to_owned(),
            scope: Some(self.certificate.places[place].id.clone()),
            group: Some("team".to_owned()),
            ..Ask::default()
        };
        let about = |action: &str| Ask { target: Some(target.to_owned()), ..at(action, team.home) };
        if !team.has_target {
            return vec![about("group.add")];
        }
        let mut asks = vec![about("group.remove"), at("group.delete", team.home)];
        for place in 0..self.certificate.places.len() {
            for roles in subsets(self.through_groups(|at| at == place)).into_iter().filter(|roles| *roles != 0) {
                let named = self.certificate.slots.iter().enumerate().filter(|(number, _)| roles >> number & 1 == 1);
                let roles: Option<Vec<RoleAt>> = Some(named.map(|(_, slot)| slot.name.as_str().into()).collect());
                asks.extend(["group.grant", "group.revoke"].map(|verb| Ask { roles: roles.clone(), ..at(verb, place) }));
            }
        }
        asks
    }

    /// The slots that come through groups, at these places.
    fn through_groups(&self, at: impl Fn(usize) -> bool) -> u64 {
        let slots = self.certificate.slots.iter().enumerate();
        slots.filter(|(_, slot)| slot.sort == Sort::Group && at(slot.place)).fold(0, |mask, (number, _)| mask | 1 << number)
    }
}

fn subsets(of: u64) -> Vec<u64> {
    (0..64).map(|bit| 1u64 << bit).filter(|bit| of & bit != 0).fold(vec![0], |sets, bit| sets.iter().flat_map(|set| [*set, set | bit]).collect())
}
