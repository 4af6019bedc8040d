//! Keeps after a change that takes more along than the user: services, which are capped by their owner, and open offers to the
//! address. Such a change is made on a copy of the state and counted there.

use std::collections::BTreeSet;

use crate::codes::Code;
use crate::directory::rows::User;
use crate::directory::{Directory, ROOT};
use crate::document::policy::Each;
use crate::document::request::Reach;
use crate::document::snapshot::Status;
use crate::policy::rules::{Counted, Keep};

use super::DenialCode;
use super::keeps::Change;
use super::verdict::Probe;

impl Change<'_> {
    fn row(self, row: &User) -> Option<User> {
        let mut row = row.clone();
        match self {
            Change::Gone => return None,
            Change::Holds(holdings) | Change::Ends(holdings) => row.holdings = holdings.clone(),
            Change::Status(status) => row.status = status,
            Change::Rests(scope) => row.cold_mut().deactivated.push(scope),
            Change::Wakes(scope) => row.cold_mut().deactivated.retain(|&mut other| other != scope),
        }
        Some(row)
    }
}

impl Directory {
    /// Whether a change of the user moves what the keep counts beside the user.
    pub(crate) fn takes_along(&self, keep: &Keep, user: u32, row: &User) -> bool {
        let offered = row.email.as_deref().is_some_and(|email| self.offers_to.contains_key(email));
        let owns = self.owned.get(&user).is_some_and(|services| !services.is_empty());
        keep.counts_pending() && offered || owns && (self.counts_services(keep) || matches!(keep.counted, Counted::Exclusive(_)))
    }

    /// The side on which the keep breaks once the change is made.
    pub(crate) fn breaks_on_copy(&self, probe: &Probe, (number, keep): (usize, &Keep), user: u32, touched: &[u32], change: Change) -> Option<Code> {
        let row = self.users.get(user)?;
        let (mut copy, now) = (self.clone(), probe.asker.now);
        copy.put_user(user, change.row(row));
        copy.withdraw_offers(row, touched, change);
        let users: Vec<u32> = std::iter::once(user).chain(self.owned.get(&user).into_iter().flatten().copied()).collect();
        let reached = users.iter().flat_map(|&user| self.reached_scopes(user).into_iter().chain(copy.reached_scopes(user)));
        let below = touched.iter().flat_map(|&scope| self.subtree(scope));
        let scopes: BTreeSet<u32> = reached.chain(below).filter(|&scope| self.is_live(keep, scope)).collect();
        let stays = |user: &&u32| copy.users.get(**user).is_some_and(|row| row.status == Status::Active || keep.counts_resting());
        match (&keep.counted, keep.each) {
            (Counted::Exclusive(set), _) => users.iter().find_map(|&of| {
                let counts = |scope: u32| (self.exclusive_at(set, of, scope, now), copy.exclusive_at(set, of, scope, now));
                scopes.iter().find_map(|&scope| self.side(probe, keep, scope, Some(user), counts(scope)))
            }),
            (Counted::Matching(_), Each::User) => users.iter().filter(stays).find_map(|&of| {
                let counts = (self.counted_for(keep, of, now), copy.counted_for(keep, of, now));
                self.side(probe, keep, ROOT, Some(user), counts)
            }),
            (Counted::Matching(_), Each::Scope) => scopes.iter().find_map(|&scope| self.side_on_copy(probe, (number, keep), scope, Some(user), &copy)),
        }
    }

    /// The side on which the count at a scope breaks, if it is as in the copy.
    fn side_on_copy(&self, probe: &Probe, (number, keep): (usize, &Keep), scope: u32, target: Option<u32>, copy: &Directory) -> Option<Code> {
        let (held, becomes) = (self.counted_at(number, keep, scope, probe.asker.now), copy.counted_at(number, keep, scope, probe.asker.now));
        let beside = self.count_beside(number as u16, Some(scope), held);
        self.side(probe, keep, scope, target, (held + beside, becomes + beside))
    }

    /// Whether every keep holds once an invitation counts no more.
    pub(crate) fn keeps_hold_without(&self, probe: &Probe, slot: u32, invited: Option<u32>) -> Result<(), DenialCode> {
        let counting = |(_, keep): &(usize, &Keep)| keep.counts_pending() && keep.each == Each::Scope;
        let keeps: Vec<(usize, &Keep)> = self.policy.keeps.iter().enumerate().filter(counting).collect();
        let Some(row) = self.invitations.get(slot).filter(|_| !keeps.is_empty()) else { return Ok(()) };
        let mut copy = self.clone();
        copy.put_invitation(slot, None);
        let scopes: BTreeSet<u32> = row.offers.iter().map(|offer| offer.scope).collect();
        keeps.into_iter().try_for_each(|(number, keep)| {
            let mut live = scopes.iter().filter(|&&scope| self.is_live(keep, scope));
            let side = live.find_map(|&scope| self.side_on_copy(probe, (number, keep), scope, invited, &copy));
            side.map_or(Ok(()), |side| Err(DenialCode::Keep(number as u16, side)))
        })
    }

    /// What an ending takes of the open offers to a proved address.
    fn withdraw_offers(&mut self, row: &User, touched: &[u32], change: Change) {
        let Some(email) = row.email.as_deref().filter(|_| row.verified) else { return };
        let below: BTreeSet<u32> = match change {
            Change::Ends(_) if self.policy.endings.default == Reach::Subtree => touched.iter().flat_map(|&scope| self.subtree(scope)).collect(),
            Change::Ends(_) => touched.iter().copied().collect(),
            _ => BTreeSet::new(),
        };
        let voided = |scope: u32| matches!(change, Change::Gone) || below.contains(&scope);
        let slots: Vec<u32> = self.offers_to.get(email).into_iter().flatten().copied().collect();
        for slot in slots {
            let Some(mut offer) = self.invitations.get(slot).cloned() else { continue };
            offer.offers.retain(|offer| !voided(offer.scope));
            self.put_invitation(slot, (!offer.offers.is_empty()).then_some(offer));
        }
    }
}
