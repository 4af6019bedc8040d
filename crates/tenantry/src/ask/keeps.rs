//! Keeps after one change of one user, counted without making the change.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::codes::Code;
use crate::decide::conditions::Who;
use crate::decide::keep_is_off;
use crate::decide::outcome::bound_at;
use crate::directory::Directory;
use crate::directory::rows::{Holdings, User};
use crate::directory::standing::{Seen, View};
use crate::document::Time;
use crate::document::policy::Each;
use crate::document::snapshot::Status;
use crate::document::words::Pointed;
use crate::policy::rules::{Counted, Keep};

use super::DenialCode;
use super::verdict::{Answered, Probe, Rests};

/// What would become of a user.
#[derive(Clone, Copy)]
pub(crate) enum Change<'a> {
    /// No longer of the organization.
    Gone,
    /// Holds these grants.
    Holds(&'a Holdings),
    /// The same, as memberships have ended: the offers there go with them.
    Ends(&'a Holdings),
    /// Has this status in the organization.
    Status(Status),
    /// Is deactivated at a workspace.
    Rests(u32),
    /// Is reactivated at a workspace.
    Wakes(u32),
}

impl<'a> Change<'a> {
    fn apply(self, row: &'a User) -> Option<Seen<'a>> {
        let seen = Seen::from(row);
        match self {
            Change::Gone => None,
            Change::Holds(holdings) | Change::Ends(holdings) => Some(Seen { holdings, ..seen }),
            Change::Status(status) => Some(Seen { status, ..seen }),
            Change::Rests(scope) => Some(Seen { rests: Some(scope), ..seen }),
            Change::Wakes(scope) => Some(Seen { wakes: Some(scope), ..seen }),
        }
    }
}

impl Directory {
    /// Whether every keep holds after the change, at the scopes that it touches and, where roles flow, below them.
    pub(crate) fn keeps_hold(&self, probe: &Probe, user: u32, touched: &[u32], change: Change) -> Answered {
        let Some(row) = self.users.get(user) else { return Ok(Rests::Class) };
        let mut counts = SmallVec::new();
        let mut more = false;
        let after = change.apply(row);
        for (number, keep) in self.policy.keeps.iter().enumerate() {
            // Offers and services are nobody's class.
            more |= keep.counts_pending() || self.counts_services(keep);
            if self.takes_along(keep, user, row) {
                more = true;
                let side = self.breaks_on_copy(probe, (number, keep), user, touched, change);
                side.map_or(Ok(()), |side| Err(DenialCode::Keep(number as u16, side)))?;
                continue;
            }
            if self.is_bystander(keep, row, probe.role.flatten()) {
                continue;
            }
            // Who is counted by an address or an attribute is not counted by class.
            more |= !keep.asks_class();
            if let Some(falling) = self.falling(keep, user, touched, after.as_ref()) {
                for scope in falling {
                    self.would_break(number as u16, scope).map_or(Ok(()), Err)?;
                    counts.push((number as u16, scope));
                }
                continue;
            }
            more = true;
            let side = match (&keep.counted, keep.each) {
                (Counted::Exclusive(_), _) | (_, Each::User) => self.breaks_for_user(probe, keep, user, after.as_ref()),
                _ => self.breaks_at_scopes(probe, (number, keep), user, touched, after.as_ref()),
            };
            if let Some(side) = side {
                return Err(DenialCode::Keep(number as u16, side));
            }
        }
        Ok(match counts.is_empty() {
            _ if more => Rests::More,
            true => Rests::Class,
            false => Rests::Counts(counts),
        })
    }

    /// Of a plain minimum with a counter: the scopes where the change lets it fall by one.
    fn falling<'s>(&'s self, keep: &'s Keep, user: u32, touched: &'s [u32], after: Option<&'s Seen>) -> Option<impl Iterator<Item = u32> + 's> {
        let plain = keep.local && keep.each == Each::Scope && keep.unless.is_none() && keep.at_most.is_none() && self.held.is_none();
        let minimum = matches!(keep.at_least, Some(Pointed::Given(_)));
        let test = if let (Counted::Matching(test), true) = (&keep.counted, plain && minimum) { test } else { return None };
        let counted = move |scope: u32| self.is_counted(test, user, scope, Time::default());
        let stays = move |scope: u32| after.is_some_and(|seen| self.is_counted_as(test, user, seen, scope, Time::default()));
        Some(touched.iter().copied().filter(move |&scope| self.is_live(keep, scope) && counted(scope) && !stays(scope)))
    }

    fn breaks_at_scopes(&self, probe: &Probe, (number, keep): (usize, &Keep), user: u32, touched: &[u32], after: Option<&Seen>) -> Option<Code> {
        let breaks = |scope: u32| self.breaks_at(probe, (number, keep), user, scope, after);
        if keep.local {
            return touched.iter().find_map(|&scope| breaks(scope));
        }
        touched.iter().flat_map(|&scope| self.subtree(scope)).find_map(breaks)
    }

    fn breaks_at(&self, probe: &Probe, (number, keep): (usize, &Keep), user: u32, scope: u32, after: Option<&Seen>) -> Option<Code> {
        let Counted::Matching(test) = &keep.counted else { return None };
        let now = probe.asker.now;
        if !self.is_judged_at(keep, scope) {
            return None;
        }
        let was_counted = self.is_counted(test, user, scope, now);
        let is_counted = after.is_some_and(|seen| self.is_counted_as(test, user, seen, scope, now));
        if was_counted == is_counted || !self.is_live(keep, scope) {
            return None;
        }
        let held = self.counted_at(number, keep, scope, now);
        let was = held + self.count_beside(number as u16, Some(scope), held);
        let becomes = if is_counted { was + 1 } else { was.saturating_sub(1) };
        self.side(probe, keep, scope, Some(user), (was, becomes))
    }

    fn breaks_for_user(&self, probe: &Probe, keep: &Keep, user: u32, after: Option<&Seen>) -> Option<Code> {
        // Nobody counts scopes for somebody who is not there any more.
        let after = after?;
        let now = probe.asker.now;
        // What is given here may flow to everything below.
        let below = probe.scope.map(|scope| self.subtree(scope)).unwrap_or_default();
        let all: BTreeSet<u32> = self.reached_scopes(user).into_iter().chain(below).collect();
        let scopes = || all.iter().copied();
        match &keep.counted {
            Counted::Matching(test) => {
                if after.status == Status::Deactivated && !keep.counts_resting() {
                    return None;
                }
                let all: Vec<u32> = scopes().filter(|&scope| self.is_live(keep, scope)).collect();
                let was = all.iter().filter(|&&scope| self.is_counted(test, user, scope, now)).count() as u64;
                let becomes = all.iter().filter(|&&scope| self.is_counted_as(test, user, after, scope, now)).count() as u64;
                self.side(probe, keep, crate::directory::ROOT, Some(user), (was, becomes))
            }
            Counted::Exclusive(set) => scopes().filter(|&scope| self.is_live(keep, scope)).find_map(|scope| {
                let standing = self.standing_as(after, self.scopes.get(scope)?, now, View::ACTIVE);
                let becomes = u64::from((standing.own & set.own | standing.layered & set.layered).count_ones());
                self.side(probe, keep, scope, Some(user), (self.exclusive_at(set, user, scope, now), becomes))
            }),
        }
    }

    /// The side on which a count ends wrong and worse than before, unless the keep is off for this actor.
    pub(crate) fn side(&self, probe: &Probe, keep: &Keep, scope: u32, target: Option<u32>, (was, becomes): (u64, u64)) -> Option<Code> {
        let bound = |bound: &Option<crate::document::words::Pointed<u32>>| bound.as_ref().and_then(|bound| bound_at(self, bound, scope));
        let side = if becomes < was && bound(&keep.at_least).is_some_and(|least| becomes < least) {
            Code::BelowMinimum
        } else if becomes > was && bound(&keep.at_most).is_some_and(|most| becomes > most) {
            if matches!(keep.counted, Counted::Exclusive(_)) { Code::ExclusiveRoles } else { Code::AboveMaximum }
        } else {
            return None;
        };
        debug_assert!(!matches!(probe.asker.who, Who::Outsider(None)));
        (!keep_is_off(self, &probe.asker, keep, scope, target)).then_some(side)
    }
}
