//! The directory: the state of one organization, indexed, cheap to ask.

mod addresses;
mod apply;
mod change;
pub(crate) mod classes;
mod counters;
mod load;
pub(crate) mod memo;
pub(crate) mod rows;
mod save;
mod slice;
pub(crate) mod standing;
pub(crate) mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::document::{Fact, Snapshot, Time};
use crate::error::Error;
use crate::policy::Policy;

pub(crate) use apply::Touched;
use change::Undo;
pub(crate) use counters::NO_FACTS;
use rows::{CustomRole, Ended, Group, Hangers, Holders, Invitation, Scope, User};
use slice::Held;
use table::Table;

/// The root scope is the first that is interned.
pub(crate) const ROOT: u32 = 0;

/// The indexed state of one organization under one policy.
///
/// ```
/// use tenantry::{Directory, Policy, document::Snapshot};
/// let policy = Policy::preset("starter").unwrap();
/// let directory = Directory::new(policy, &Snapshot::empty("acme")).unwrap();
/// assert_eq!(directory.organization(), "acme");
/// ```
#[derive(Debug, Clone)]
pub struct Directory {
    pub(crate) policy: Arc<Policy>,
    pub(crate) organization: Box<str>,
    pub(crate) users: Table<User>,
    pub(crate) scopes: Table<Scope>,
    pub(crate) groups: Table<Group>,
    pub(crate) custom_roles: Table<CustomRole>,
    pub(crate) invitations: Table<Invitation>,
    /// By scope slot.
    pub(crate) hangers: Vec<Hangers>,
    /// By slot of a role of the tenant's own.
    pub(crate) holders: Vec<Holders>,
    /// Users by canonical address.
    pub(crate) addresses: addresses::Addresses,
    /// Open offers by canonical address.
    pub(crate) offers_to: BTreeMap<Box<str>, BTreeSet<u32>>,
    /// Endings by user slot.
    pub(crate) ended: BTreeMap<u32, Vec<Ended>>,
    /// Users with an ending, by canonical address.
    pub(crate) ended_emails: BTreeMap<Box<str>, BTreeSet<u32>>,
    /// Services by their owner.
    pub(crate) owned: HashMap<u32, SmallVec<[u32; 1]>, foldhash::fast::FixedState>,
    /// What local keeps count, by number of the keep and scope slot.
    pub(crate) counters: Vec<HashMap<u32, u32, foldhash::fast::FixedState>>,
    /// Versions of rows that are gone.
    pub(crate) gone: HashMap<(change::Rows, u32), u32, foldhash::fast::FixedState>,
    /// What a slice holds; none for the whole organization.
    pub(crate) held: Option<Box<Held>>,
    /// The class of each user.
    pub(crate) classes: classes::Classes,
    /// Answers about classes.
    pub(crate) memo: memo::Memo,
    /// What undoes the changes of a trial, while one runs.
    undo: Option<Vec<Undo>>,
}

impl Directory {
    /// Indexes a snapshot under a policy.
    ///
    /// # Errors
    /// `bad_snapshot` with the path of the row that is wrong, `out_of_bounds`, `unsupported_version`.
    pub fn new(policy: impl Into<Arc<Policy>>, snapshot: &Snapshot) -> Result<Directory, Error> {
        load::load(policy.into(), snapshot)
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The organization's id.
    #[must_use]
    pub fn organization(&self) -> &str {
        &self.organization
    }

    /// The state as a snapshot, rows sorted by id. `Directory::new` on it gives an equal directory.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        save::save(self)
    }

    /// Whether the organization exists.
    pub(crate) fn exists(&self) -> bool {
        self.scopes.get(ROOT).is_some()
    }

    /// The user with a canonical address.
    pub(crate) fn user_of_email(&self, canonical: &str) -> Option<u32> {
        self.addresses.find(&self.users, canonical)
    }

    /// The user with a canonical address that is known to be theirs.
    pub(crate) fn verified_user_of(&self, canonical: &str) -> Option<u32> {
        self.user_of_email(canonical).filter(|&slot| self.users.get(slot).is_some_and(|row| row.verified))
    }

    /// Whether an open offer goes to a canonical address.
    pub(crate) fn is_offered(&self, canonical: &str, now: Time) -> bool {
        let open = |slot: &u32| self.invitations.get(*slot).is_some_and(|row| !row.is_expired(now));
        self.offers_to.get(canonical).is_some_and(|offers| offers.iter().any(open))
    }

    /// Who has a canonical address: a user, or else the first open offer to it by id.
    pub(crate) fn owner_of_email(&self, canonical: &str, now: Time) -> Option<&str> {
        let open = |slot: &&u32| self.invitations.get(**slot).is_some_and(|row| !row.is_expired(now));
        let offer = || self.offers_to.get(canonical)?.iter().filter(open).map(|&slot| self.invitations.id(slot)).min();
        self.user_of_email(canonical).map(|slot| self.users.id(slot)).or_else(offer)
    }

    /// A scope's attribute, its own or that of the nearest scope above that has it.
    pub(crate) fn scope_attribute(&self, scope: u32, name: &str) -> Option<&Fact> {
        let path = self.scopes.get(scope)?.path();
        path.iter().rev().find_map(|&scope| self.scopes.get(scope)?.attributes.get(name))
    }

    /// Whether the scope or one above it is archived: then the nearest such.
    pub(crate) fn archived_at(&self, scope: u32) -> Option<u32> {
        let archived = |&&scope: &&u32| self.scopes.get(scope).is_some_and(|row| row.status == crate::document::snapshot::ScopeStatus::Archived);
        self.scopes.get(scope)?.path().iter().rev().find(archived).copied()
    }

    /// The scope and everything below it.
    pub(crate) fn subtree(&self, scope: u32) -> Vec<u32> {
        let mut found = vec![scope];
        let mut next = 0;
        while let Some(&scope) = found.get(next) {
            found.extend(self.hangers[scope as usize].children.iter());
            next += 1;
        }
        found
    }

    /// Whether a membership of the user, at the scope or above it, ended and was not renewed.
    pub(crate) fn has_ended(&self, user: u32, scope: u32) -> bool {
        let Some(at) = self.scopes.get(scope) else { return false };
        self.endings(Some(user), None).any(|ended| self.depth_on_path(ended.scope, at).is_some())
    }

    /// Endings of a user; of somebody without an account, those of whoever had the address.
    pub(crate) fn endings<'a>(&'a self, user: Option<u32>, email: Option<&'a str>) -> impl Iterator<Item = &'a Ended> {
        let of_user = user.and_then(|slot| self.ended.get(&slot));
        let had_it = email.filter(|_| user.is_none()).and_then(|email| self.ended_emails.get(email));
        let of_email = had_it.into_iter().flatten().filter_map(|slot| self.ended.get(slot)).flatten().filter(move |ended| ended.email.as_deref() == email);
        of_user.into_iter().flatten().chain(of_email)
    }
}
