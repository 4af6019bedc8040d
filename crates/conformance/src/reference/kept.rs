//! What the keeps count in two states, side by side: the promise that no allowed request makes one worse.

use std::cell::RefCell;

use tenantry::document::{Request, Snapshot};

use super::Reference;
use super::conditions::View;
use super::keeps::{Change, is_open, number, people, places, scopes_of};
use super::world::{Log, World};
use super::written::{Count, Keep};

impl Reference {
    /// The keep that stands worse than in the state before and on the wrong side, if there is one. Keeps with exceptions are
    /// not looked at.
    #[must_use]
    pub fn worsened(&self, before: &Snapshot, request: &Request) -> Option<String> {
        let log: Log = RefCell::new(Vec::new());
        let world = |doc| World { written: &self.written, doc, now: request.now, log: &log, permanent: false, capped: false };
        let view = View { state: world(&self.state), powers: world(before), actor: &request.actor, context: &request.context, resource: None };
        let change = Change { before: world(before), after: world(&self.state), view: &view, resources: &[], target: None };
        self.written.keep.iter().filter(|keep| keep.unless.is_none()).find_map(|keep| {
            let count = keep.count.as_ref()?;
            let place = if keep.each.as_deref() == Some("user") { worse_user(&change, keep, count) } else { worse_scope(&change, keep, count) };
            place.map(|place| format!("`{}` is worse at {place}", keep.id))
        })
    }
}

fn worse_scope(change: &Change, keep: &Keep, count: &Count) -> Option<String> {
    scopes_of(change, keep).into_iter().filter(|scope| is_open(&change.before, scope)).find(|scope| {
        let counted = |world: &World| people(world, change.view, count, scope);
        is_worse(change, keep, scope, counted(&change.before), counted(&change.after))
    })
}

fn worse_user(change: &Change, keep: &Keep, count: &Count) -> Option<String> {
    let there = |id: &str| change.before.user(id).is_some();
    let active = |row: &tenantry::document::snapshot::UserRow| row.status == tenantry::document::snapshot::Status::Active;
    let users = change.after.users().into_iter().filter(|row| active(row) && there(&row.id)).map(|row| row.id.clone());
    users.into_iter().find(|id| {
        let counted = |world: &World| places(change, world, keep, count, id);
        is_worse(change, keep, change.after.organization(), counted(&change.before), counted(&change.after))
    })
}

fn is_worse(change: &Change, keep: &Keep, scope: &str, before: usize, after: usize) -> bool {
    let bound = |word: &Option<super::written::Pointed<u32>>| word.as_ref().or(keep.exactly.as_ref()).and_then(|bound| number(change, bound, scope));
    let count = i64::try_from(after).unwrap_or(i64::MAX);
    (after < before && bound(&keep.at_least).is_some_and(|least| count < least)) || (after > before && bound(&keep.at_most).is_some_and(|most| count > most))
}
