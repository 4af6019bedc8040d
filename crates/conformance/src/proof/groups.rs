//! What is asked about groups: any that the target is in or comes into, whatever it holds, wherever it is at home, with the actor in it or not.

use tenantry::document::{Ask, Snapshot};
use tenantry_analysis::model::{Sort, Who};

use super::asks::roles;
use super::guise::{bits, subsets};
use super::organization::{spare, spare_plain};
use super::{Bench, Meeting};

/// A group as it is asked about.
#[derive(Debug, Clone, Copy)]
struct Team {
    home: usize,
    /// What it holds, as bits.
    holds: u64,
    /// Whether it holds a role of the tenant's own that permits nothing, wherever it can.
    plain: bool,
    has_actor: bool,
    has_target: bool,
    /// What of it the target holds in no other way.
    lost: u64,
    /// What of it the actor holds in no other way.
    lost_by_actor: u64,
}

/// So many groups are looked at where not all of them are.
const SOME: usize = 16;

impl Bench<'_> {
    /// Everything about groups that one can ask and that reaches the other, or itself; about some groups only, if some people only are looked at.
    pub(super) fn groups(&mut self, meeting: Meeting) -> Result<(), String> {
        let verbs = ["group.add", "group.remove", "group.grant", "group.revoke", "group.delete", "role.update", "role.delete"];
        if !self.has_groups() || !self.person(meeting.target.0).account || !verbs.iter().any(|verb| self.reference.offers(verb)) {
            return Ok(());
        }
        let teams = self.teams(meeting);
        // An odd step meets the homes in turn.
        let every = if self.nth == 1 { 1 } else { (teams.len() / SOME) | 1 };
        teams.into_iter().skip(self.met % every).step_by(every).try_for_each(|team| self.group(meeting, team))
    }

    /// The groups that there can be for two people.
    fn teams(&self, meeting: Meeting) -> Vec<Team> {
        let customs = (0..self.certificate.places.len()).any(|place| self.has_customs(place));
        let plains: &[bool] = if customs { &[false, true] } else { &[false] };
        let fits = |is_in: bool, holds: u64, who: Who| !is_in || holds & !self.person(who).held == 0;
        let mut teams = Vec::new();
        for (has_actor, has_target) in [(false, false), (false, true), (true, false), (true, true)] {
            let within = |holds: &u64| fits(has_actor, *holds, meeting.actor.0) && fits(has_target, *holds, meeting.target.0);
            for holds in subsets(self.through_groups()).into_iter().filter(|holds| within(holds) && (!meeting.by_itself || has_actor == has_target)) {
                let lost = if has_target { subsets(holds) } else { vec![0] };
                let by_actor = if has_actor && !meeting.by_itself && holds != 0 { vec![0, holds] } else { vec![0] };
                let both = lost.iter().flat_map(|&lost| by_actor.iter().map(move |&lost_by_actor| (lost, lost_by_actor)));
                let one = |(lost, lost_by_actor)| Team { home: 0, holds, plain: false, has_actor, has_target, lost, lost_by_actor };
                let plain = |team: Team| plains.iter().map(move |&plain| Team { plain, ..team });
                let homes = |team: Team| (0..self.certificate.places.len()).map(move |home| Team { home, ..team });
                teams.extend(both.map(one).flat_map(plain).flat_map(homes));
            }
        }
        teams
    }

    /// Everything about one group.
    fn group(&mut self, meeting: Meeting, team: Team) -> Result<(), String> {
        let Meeting { actor, target, by_itself } = meeting;
        let mine = actor.1.without(if by_itself { team.lost } else { team.lost_by_actor });
        let without = Meeting { actor: (actor.0, mine), target: (target.0, target.1.without(team.lost)), by_itself };
        let mut state = self.organization(&without.people());
        self.add_team(&mut state, team, by_itself);
        let asks = self.group_asks(&state, team, meeting.target_id());
        self.play_each(&state, asks, meeting)
    }

    fn add_team(&self, state: &mut Snapshot, team: Team, by_itself: bool) {
        let members: Vec<&str> =
            [("ann", team.has_actor), ("tom", team.has_target && !by_itself)].into_iter().filter(|(_, is_in)| *is_in).map(|(id, _)| id).collect();
        self.group_row(state, "team", team.home, &members);
        for number in bits(team.holds).map(|bit| bit.trailing_zeros() as usize) {
            let slot = &self.certificate.slots[number];
            let role = if slot.sort == Sort::Custom { of_team(number) } else { slot.name.clone() };
            if slot.sort == Sort::Custom {
                self.role(state, &role, slot.place, std::slice::from_ref(&slot.name));
            }
            self.grant(state, slot.place, None, Some("team"), &role);
        }
        for place in (0..self.certificate.places.len()).filter(|&place| team.plain && self.has_customs(place)) {
            self.role(state, &format!("team-plain{place}"), place, &[]);
            self.grant(state, place, None, Some("team"), &format!("team-plain{place}"));
        }
    }

    fn group_asks(&self, state: &Snapshot, team: Team, target: &str) -> Vec<Ask> {
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
        asks.extend(self.of_customs(state, target).into_iter().filter(|ask| ask.role.as_ref().is_some_and(|role| role.starts_with("team"))));
        for place in 0..self.certificate.places.len() {
            let several = subsets(self.through_groups() & self.slots_at(place)).into_iter().filter(|slots| *slots != 0);
            let named = |slots: u64, custom: fn(usize) -> String| bits(slots).map(|bit| self.role_named(bit, custom)).collect::<Vec<String>>();
            for slots in several {
                asks.push(Ask { roles: roles(&named(slots, spare)), ..at("group.grant", place) });
                asks.push(Ask { roles: roles(&named(slots, of_team)), ..at("group.revoke", place) });
            }
            let more = self.more_to_give(state, place).into_iter().filter(|role| *role != spare_plain(place));
            asks.extend(more.map(|role| Ask { roles: roles(&[role]), ..at("group.grant", place) }));
        }
        asks
    }

    /// The role of a slot: a declared one, or one of the tenant's own as it is named.
    fn role_named(&self, bit: u64, custom: fn(usize) -> String) -> String {
        let number = bit.trailing_zeros() as usize;
        let slot = &self.certificate.slots[number];
        if slot.sort == Sort::Custom { custom(number) } else { slot.name.clone() }
    }

    /// The slots that can come through groups.
    fn through_groups(&self) -> u64 {
        self.slots_of(Sort::Group) | self.slots_of(Sort::Custom)
    }
}

/// The role of the tenant's own by which the group holds a slot.
fn of_team(slot: usize) -> String {
    format!("team{slot}")
}
