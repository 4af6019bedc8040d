//! `apply`: an allowed decision comes true, unless what it relied on has changed.

use std::collections::BTreeMap;

use crate::directory::Directory;
use crate::directory::table::Table;
use crate::document::print::printed;
use crate::document::{Decision, Read, Reads, Time};
use crate::error::{Error, Kind};

impl Directory {
    /// Makes an allowed decision true. `now` is the present time.
    ///
    /// # Errors
    /// `stale` if something that the decision relied on has changed, `late` if an expiry that it relied on has passed: both
    /// say what the answer is now ([`Error::fresh`]). `denied` for a denial, `wrong_policy` for a decision under another
    /// policy or about another organization.
    pub fn apply(&mut self, decision: &Decision, now: Time) -> Result<(), Error> {
        self.check_origin(decision)?;
        if !decision.is_allowed() {
            return Err(Kind::Denied.into());
        }
        if let Some(until) = decision.valid_until.filter(|&until| until <= now) {
            return Err(Kind::Late { until, fresh: Box::new(self.decide_at(decision, now)) }.into());
        }
        if let Some(what) = self.changed_since(&decision.reads, now) {
            return Err(Kind::Stale { what, fresh: Box::new(self.decide_at(decision, now)) }.into());
        }
        // No row's version says that nobody else holds a role, or that no other scope has the name: deciding again does. It
        // also refuses events that were never decided.
        if self.foresee(&decision.request)?.map(|events| printed(&events)) != Ok(printed(&decision.events)) {
            return Err(Kind::Stale { what: "what hangs on it".to_owned(), fresh: Box::new(self.decide_at(decision, now)) }.into());
        }
        self.fix_counts(Some(now));
        let touched = self.apply_events(&decision.events, decision.request.now);
        self.move_versions(&touched);
        self.settle_counts(now);
        self.held.iter_mut().for_each(|held| held.hold(&decision.events));
        Ok(())
    }

    /// Of a slice: what it counts by itself, for each count that the host gave.
    fn held_counts(&self, now: Time) -> Vec<((String, String), u64)> {
        let counted = |(keep, scope): &(String, String)| {
            let number = self.policy.keeps.iter().position(|other| other.id == *keep)?;
            Some(self.counted_at(number, &self.policy.keeps[number], self.scopes.find(scope)?, now))
        };
        let keys = self.held.iter().flat_map(|held| held.counts.keys());
        keys.map(|key| (key.clone(), counted(key).unwrap_or(0))).collect()
    }

    /// While a request is decided, what the host counts beyond the slice stands beside whatever a trial changes.
    pub(crate) fn fix_counts(&mut self, now: Option<Time>) {
        let counted = now.map(|now| self.held_counts(now));
        let Some(held) = &mut self.held else { return };
        let beside = |(key, counted): ((String, String), u64)| {
            let count = held.counts.get(&key).copied().unwrap_or(0);
            (key, count.saturating_sub(counted))
        };
        held.beside = counted.map(|counted| counted.into_iter().map(beside).collect());
    }

    /// The host's counts are what stands beside the slice and what the slice counts now.
    fn settle_counts(&mut self, now: Time) {
        let counted = self.held_counts(now);
        let Some(held) = &mut self.held else { return };
        let Some(beside) = held.beside.take() else { return };
        for (key, counted) in counted {
            let rest = beside.get(&key).copied().unwrap_or(0);
            held.counts.insert(key, rest + counted);
        }
    }

    fn check_origin(&self, decision: &Decision) -> Result<(), Error> {
        let wrong = |what, met: &str, expected: &str| Kind::WrongPolicy { what, met: met.to_owned(), expected: expected.to_owned() };
        if *decision.organization != *self.organization {
            return Err(wrong("organization", &decision.organization, &self.organization).into());
        }
        if decision.policy != self.policy.digest {
            return Err(wrong("policy", &decision.policy, &self.policy.digest).into());
        }
        Ok(())
    }

    /// The answer to the same request now.
    fn decide_at(&mut self, decision: &Decision, now: Time) -> Result<Decision, Error> {
        let mut request = decision.request.clone();
        request.now = request.now.max(now);
        self.decide(&request)
    }

    /// The first thing that the decision relied on and that is different now.
    fn changed_since(&self, reads: &Reads, now: Time) -> Option<String> {
        let row = other("user", &reads.users, &self.users, |row| row.version)
            .or_else(|| other("scope", &reads.scopes, &self.scopes, |row| row.version))
            .or_else(|| other("group", &reads.groups, &self.groups, |row| row.version))
            .or_else(|| other("custom role", &reads.custom_roles, &self.custom_roles, |row| row.version))
            .or_else(|| other("invitation", &reads.invitations, &self.invitations, |row| row.version));
        row.or_else(|| self.address_changed(reads, now)).or_else(|| self.count_changed(reads, now))
    }

    fn address_changed(&self, reads: &Reads, now: Time) -> Option<String> {
        reads.emails.iter().find(|(address, read)| self.owner_of_email(address, now) != read.as_deref()).map(|(address, _)| format!("the address `{address}`"))
    }

    fn count_changed(&self, reads: &Reads, now: Time) -> Option<String> {
        for (id, scopes) in &reads.counts {
            let Some((number, keep)) = self.policy.keeps.iter().enumerate().find(|(_, keep)| keep.id == *id) else { continue };
            for (scope, &count) in scopes {
                let slot = self.scopes.find(scope);
                let held = slot.map_or(0, |slot| self.counted_at(number, keep, slot, now));
                let counted = held + self.count_beside(number as u16, slot, held);
                if counted != count {
                    return Some(format!("the count of `{id}` at `{scope}`"));
                }
            }
        }
        None
    }

    /// Every row that the decision changed is one version further.
    fn move_versions(&mut self, touched: &crate::directory::Touched) {
        touched.users.iter().for_each(|&slot| self.users.get_mut(slot).into_iter().for_each(|row| row.version = row.version.saturating_add(1)));
        touched.scopes.iter().for_each(|&slot| self.scopes.get_mut(slot).into_iter().for_each(|row| row.version = row.version.saturating_add(1)));
        touched.groups.iter().for_each(|&slot| self.groups.get_mut(slot).into_iter().for_each(|row| row.version = row.version.saturating_add(1)));
        touched.custom_roles.iter().for_each(|&slot| self.custom_roles.get_mut(slot).into_iter().for_each(|row| row.version = row.version.saturating_add(1)));
        touched.invitations.iter().for_each(|&slot| self.invitations.get_mut(slot).into_iter().for_each(|row| row.version = row.version.saturating_add(1)));
    }
}

/// The first row that is not of the version read.
fn other<T>(what: &str, reads: &BTreeMap<String, Read>, table: &Table<T>, version: fn(&T) -> u32) -> Option<String> {
    let found = |id: &str| table.find(id).and_then(|slot| table.get(slot)).map(|row| u64::from(version(row)));
    reads.iter().find(|(id, read)| **read != found(id)).map(|(id, _)| format!("{what} `{id}`"))
}
