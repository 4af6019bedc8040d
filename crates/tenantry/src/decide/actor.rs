//! Step 2: does the actor stand? And what powers it had before an atomic request.

use std::collections::BTreeMap;

use crate::codes::Code;
use crate::directory::Directory;
use crate::directory::rows::{Ended, Extra, Holdings, User};
use crate::directory::standing::{Seen, Standing, View};
use crate::document::snapshot::{Status, UserKind};
use crate::document::{Actor, Time};

use super::conditions::Who;

/// Who an actor is. `session` is the canonical address of an invitee's session.
pub(crate) fn who_is<'a>(directory: &Directory, actor: &Actor, session: Option<&'a str>) -> Who<'a> {
    match actor {
        Actor::User(id) => directory.users.find(id).map_or(Who::Outsider(None), Who::User),
        Actor::System(name) => directory.policy.system_named(name).map_or(Who::Outsider(None), Who::System),
        // A session that has not proved its address is nobody's.
        Actor::Invitee { verified: false, .. } => Who::Outsider(session),
        Actor::Invitee { .. } => session.and_then(|email| directory.verified_user_of(email)).map_or(Who::Outsider(session), Who::User),
    }
}

/// Step 2 for a known actor: why it does not stand.
pub(crate) fn stands(directory: &Directory, who: Who) -> Option<Code> {
    let active = |slot: u32| directory.users.get(slot).filter(|row| row.status == Status::Active);
    match who {
        Who::System(_) => None,
        Who::Outsider(_) => Some(Code::ActorUnknown),
        Who::User(slot) => {
            let owned = |row: &User| row.kind != UserKind::Service || row.owner().and_then(active).is_some_and(|owner| owner.kind != UserKind::Service);
            (!active(slot).is_some_and(owned)).then_some(Code::ActorInactive)
        }
    }
}

/// An actor as it stood before an atomic request changed anything: its powers are those.
#[derive(Debug, Clone, Default)]
pub(crate) struct Before {
    /// Its row; its groups are what they held then.
    pub row: User,
    /// What its groups held.
    pub of_groups: Holdings,
    /// Memberships of its that had ended.
    pub endings: Vec<Ended>,
    /// What it held at each scope, where the request may change what its row is worth.
    pub standings: BTreeMap<u32, Standing>,
    /// What it held in any scope that is not known.
    pub below: Standing,
}

impl Directory {
    /// The actor before a request. `everywhere` where the request changes the tree or a custom role.
    pub(super) fn before(&self, slot: u32, everywhere: bool, now: Time) -> Option<Before> {
        let (row, of_groups) = self.apart(slot)?;
        // A service is worth what its owner is.
        let everywhere = everywhere || row.kind == UserKind::Service;
        let seen = Seen { of_groups: Some(&of_groups), ..Seen::from(&row) };
        let standing = |scope: u32| self.scopes.get(scope).map(|at| (scope, self.standing_as(&seen, at, now, View::ACTIVE)));
        let standings = if everywhere { self.scopes.slots().filter_map(standing).collect() } else { BTreeMap::new() };
        let below = self.standing_below(&seen, now);
        let endings = self.endings(Some(slot), None).cloned().collect();
        Some(Before { row, of_groups, endings, standings, below })
    }

    /// A user's row without its groups, and what those hold together.
    fn apart(&self, slot: u32) -> Option<(User, Holdings)> {
        let mut row = self.users.get(slot)?.clone();
        let mut together = Holdings::default();
        for group in row.groups().iter().filter_map(|&group| self.groups.get(group)) {
            for grant in self.all_grants(&group.holdings) {
                // The grant that lasts longer stands.
                let lasts = |extra: &Extra| extra.expires_at.unwrap_or(Time(i64::MAX));
                let held = self.grants_at(&together, grant.scope).into_iter().find(|held| held.role == grant.role);
                if held.is_none_or(|held| lasts(&held) < lasts(&grant)) {
                    together.give(grant);
                }
            }
        }
        if let Some(cold) = &mut row.cold {
            cold.groups.clear();
        }
        Some((row, together))
    }
}
