//! What keeps count. A keep that only a user's own row decides has a counter for each scope; the others are counted by
//! walking the holders of the scope and of those above it.

use std::collections::BTreeSet;

use crate::decide::conditions::{Person, Scene, Who};
use crate::decide::plan::plain;
use crate::document::policy::Each;
use crate::document::snapshot::{Status, UserKind};
use crate::document::{Facts, Time};
use crate::policy::conditions::{Bit, RoleSet};
use crate::policy::rules::{CountTest, Counted, Keep};

use super::rows::{Invitation, RoleRef, User};
use super::standing::{Seen, View};
use super::{Directory, ROOT};

pub(crate) static NO_FACTS: Facts = Facts(std::collections::BTreeMap::new());

/// The slot of somebody who has none yet.
const NOBODY: u32 = u32::MAX;

impl Directory {
    /// Adds the users to the counters, or takes them out before their rows change.
    pub(crate) fn count(&mut self, users: &[u32], by: i32) {
        if self.counters.is_empty() {
            return;
        }
        let policy = self.policy.clone();
        for (number, keep) in policy.keeps.iter().enumerate().filter(|(_, keep)| keep.local && keep.each == Each::Scope) {
            let Counted::Matching(test) = &keep.counted else { continue };
            for &user in users {
                for scope in self.scopes_of(user) {
                    if self.is_judged_at(keep, scope) && self.is_counted(test, user, scope, Time::default()) {
                        let counter = self.counters[number].entry(scope).or_default();
                        *counter = counter.saturating_add_signed(by);
                    }
                }
            }
        }
    }

    /// Scopes where the user has a direct grant, by itself or through a group, and the organization.
    pub(crate) fn scopes_of(&self, user: u32) -> BTreeSet<u32> {
        let Some(row) = self.users.get(user) else { return BTreeSet::new() };
        let groups = row.groups().iter().filter_map(|&group| self.groups.get(group));
        let of_groups = groups.flat_map(|group| group.holdings.scopes());
        row.holdings.scopes().into_iter().chain(of_groups).chain(std::iter::once(ROOT)).collect()
    }

    /// Whether the keep is about scopes of this kind at all.
    pub(crate) fn is_judged_at(&self, keep: &Keep, scope: u32) -> bool {
        self.scopes.get(scope).is_some_and(|row| keep.kinds >> row.kind & 1 == 1)
    }

    /// Whether a keep counts the user at the scope.
    pub(crate) fn is_counted(&self, test: &CountTest, user: u32, scope: u32, now: Time) -> bool {
        self.users.get(user).is_some_and(|row| self.is_counted_as(test, user, &Seen::from(row), scope, now))
    }

    /// The same for a user as it might be.
    pub(crate) fn is_counted_as(&self, test: &CountTest, user: u32, seen: &Seen, scope: u32, now: Time) -> bool {
        let Some(at) = self.scopes.get(scope) else { return false };
        let (row, person) = (seen.row, &test.person);
        let statuses = person.status.unwrap_or(Status::Active.bit());
        if statuses & self.status_as(seen, at).bit() == 0 || person.kind.is_none() && row.kind == UserKind::Service {
            return false;
        }
        let view = View { whatever: statuses & Status::Deactivated.bit() != 0, lasting: !test.expiring };
        let standing = self.standing_as(seen, at, now, view);
        if !person.asks_role() && scope != ROOT && standing.direct == 0 && !standing.custom_direct {
            return false;
        }
        let status = Some(self.status_as(seen, at));
        let target = Person { user: Some(user), row: Some(row), standing, status, email: row.email.as_deref(), present: true, ..Person::default() };
        self.bystander_scene(scope, now, target).counts(person)
    }

    /// A scene in which nobody asks.
    fn bystander_scene<'a>(&'a self, scope: u32, now: Time, target: Person<'a>) -> Scene<'a> {
        Scene {
            directory: self,
            now,
            who: Who::Outsider(None),
            actor: Person::default(),
            target,
            scope: Some(scope),
            invitation: None,
            group: None,
            resource: None,
            context: &NO_FACTS,
        }
    }

    /// How many a keep for each scope counts there.
    pub(crate) fn counted_at(&self, number: usize, keep: &Keep, scope: u32, now: Time) -> u64 {
        let Counted::Matching(test) = &keep.counted else { return 0 };
        if let (true, Some(counters)) = (keep.local, self.counters.get(number)) {
            return counters.get(&scope).copied().unwrap_or(0).into();
        }
        let users = self.users_at(scope).into_iter().filter(|&user| self.is_counted(test, user, scope, now));
        if !test.pending {
            return users.count() as u64;
        }
        let users: BTreeSet<u32> = users.collect();
        users.len() as u64 + self.pending_counted(test, scope, now, &users)
    }

    /// Of a slice: how many a keep counts at a scope beside those that the slice itself holds. What it does not say is none,
    /// and is found missing in the end.
    pub(crate) fn count_beside(&self, number: u16, scope: Option<u32>, held: u64) -> u64 {
        let (Some(slice), Some(scope)) = (&self.held, scope) else { return 0 };
        let key = (self.policy.keeps[usize::from(number)].id.clone(), self.scopes.id(scope).to_owned());
        if let Some(beside) = &slice.beside {
            return beside.get(&key).copied().unwrap_or(0);
        }
        let count = slice.counts.get(&key);
        count.map_or(0, |count| count.saturating_sub(held))
    }

    /// Everybody who could hold anything at the scope; at the organization every member.
    pub(crate) fn users_at(&self, scope: u32) -> BTreeSet<u32> {
        if scope == ROOT {
            return self.users.slots().collect();
        }
        let mut users = BTreeSet::new();
        for &at in self.scopes.get(scope).map_or(&[][..], |row| row.path()) {
            let hangers = &self.hangers[at as usize];
            users.extend(hangers.users.iter());
            users.extend(hangers.groups.iter().filter_map(|&group| self.groups.get(group)).flat_map(|group| group.members.iter()));
        }
        users
    }

    /// Open offers that would be counted, one for each address that no counted user has.
    fn pending_counted(&self, test: &CountTest, scope: u32, now: Time, users: &BTreeSet<u32>) -> u64 {
        let mut addresses: BTreeSet<&str> = BTreeSet::new();
        let mut links = 0;
        for &slot in &self.hangers[scope as usize].offers {
            let Some(invitation) = self.invitations.get(slot).filter(|row| row.is_open() && !row.is_expired(now)) else { continue };
            let (user, row) = self.accepted(invitation, now);
            if !self.is_counted_as(test, user.unwrap_or(NOBODY), &Seen::from(&row), scope, now) {
                continue;
            }
            match invitation.email.as_deref() {
                Some(email) if self.user_of_email(email).is_some_and(|user| users.contains(&user)) => {}
                Some(email) => drop(addresses.insert(email)),
                // A link counts for every use that it has left; without a limit it counts as one.
                None => links += invitation.open.as_ref().and_then(|open| open.uses).map_or(1, u64::from),
            }
        }
        addresses.len() as u64 + links
    }

    /// What the acceptance of an offer would make of the person who has the address.
    fn accepted(&self, invitation: &Invitation, now: Time) -> (Option<u32>, User) {
        let user = invitation.email.as_deref().and_then(|email| self.user_of_email(email));
        let newcomer = || User { email: invitation.email.clone(), verified: true, ..User::default() };
        let mut row = user.and_then(|user| self.users.get(user)).cloned().unwrap_or_else(newcomer);
        let joins = user.is_none() && invitation.offers.iter().all(|offer| offer.scope != ROOT);
        let defaults = if joins { plain(ROOT, self.policy.kinds[0].defaults) } else { Vec::new() };
        let offered = invitation.offers.iter().flat_map(|offer| &offer.roles).filter(|grant| grant.is_in_force(now)).cloned();
        offered.chain(defaults).for_each(|grant| row.holdings.give(grant));
        (user, row)
    }

    /// How many scopes of a user a keep counts.
    pub(crate) fn counted_for(&self, keep: &Keep, user: u32, now: Time) -> u64 {
        let Counted::Matching(test) = &keep.counted else { return 0 };
        let scopes = self.reached_scopes(user).into_iter();
        scopes.filter(|&scope| self.is_live(keep, scope) && self.is_counted(test, user, scope, now)).count() as u64
    }

    /// How many roles of an exclusive set the user holds at the scope.
    pub(crate) fn exclusive_at(&self, set: &RoleSet, user: u32, scope: u32, now: Time) -> u64 {
        let standing = self.standing(user, scope, now, View::ACTIVE);
        u64::from((standing.own & set.own | standing.layered & set.layered).count_ones())
    }

    /// Scopes where the user can hold anything: those with a grant, and everything below.
    pub(crate) fn reached_scopes(&self, user: u32) -> BTreeSet<u32> {
        let tops = self.scopes_of(user);
        // The organization's subtree is everything: it is only walked if something is held there.
        let held_at_root = self.users.get(user).is_some_and(|row| {
            let groups = row.groups().iter().filter_map(|&group| self.groups.get(group));
            std::iter::once(&row.holdings).chain(groups.map(|group| &group.holdings)).any(|holdings| holdings.scopes().contains(&ROOT))
        });
        let below = tops.iter().filter(|&&scope| scope != ROOT || held_at_root).flat_map(|&scope| self.subtree(scope));
        below.chain(std::iter::once(ROOT)).collect()
    }

    /// Whether the keep cannot count the user, before or after: it names roles, and the user neither holds one of them
    /// anywhere nor is given one, nor is offered anything that the keep may count.
    pub(crate) fn is_bystander(&self, keep: &Keep, row: &User, given: Option<RoleRef>) -> bool {
        let Some(named) = keep.named.filter(|_| keep.each == Each::Scope) else { return false };
        // What flows as another role, or comes in another way than by a plain grant, is looked at in full.
        let holdings = &row.holdings;
        let plain = holdings.extras().is_empty() && holdings.places.iter().all(|place| place.roles & named == 0 && self.flows_plainly(place.scope));
        let gives = match given {
            Some(RoleRef::Declared(bit)) => {
                named >> bit & 1 == 1 || !self.policy.kinds[usize::from(self.policy.roles[usize::from(bit)].kind)].flows_as.is_empty()
            }
            _ => false,
        };
        // A slice may not hold the offers to an address.
        let offered = |email: &str| self.held.is_some() || self.offers_to.contains_key(email);
        let invited = || keep.counts_pending() && row.email.as_deref().is_some_and(offered);
        row.groups().is_empty() && plain && !gives && !self.counts_services(keep) && !invited()
    }

    /// Whether services are counted: they move with their owners.
    pub(crate) fn counts_services(&self, keep: &Keep) -> bool {
        let of_services = |test: &CountTest| test.person.kind.is_some_and(|kinds| kinds & UserKind::Service.bit() != 0);
        matches!(&keep.counted, Counted::Matching(test) if of_services(test)) && !self.owned.is_empty()
    }

    fn flows_plainly(&self, scope: u32) -> bool {
        self.scopes.get(scope).is_some_and(|row| self.policy.kinds[usize::from(row.kind)].flows_as.is_empty())
    }

    /// Whether a keep holds at the scope: of its kinds, active, and with the attributes it asks for.
    pub(crate) fn is_live(&self, keep: &Keep, scope: u32) -> bool {
        let fits = |test: &crate::policy::conditions::ScopeTest| self.bystander_scene(scope, Time::default(), Person::default()).scope_fits(test).is_ok();
        self.is_judged_at(keep, scope) && self.archived_at(scope).is_none() && keep.scope.as_deref().is_none_or(fits)
    }
}
