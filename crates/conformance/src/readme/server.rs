//! The loop of a server, as the README shows it.

use std::sync::Arc;
use tenantry::document::{Event, PublicDecision, Request, Snapshot};
use tenantry::{Directory, Error, Need, Policy};

/// A transaction of your database. What `load` gives says in `slice` what it holds.
pub(super) trait Transaction {
    fn load(&mut self, needs: &[Need]) -> Snapshot;
    fn write(&mut self, event: &Event);
    fn commit(self);
}

pub(super) fn handle(policy: &Arc<Policy>, organization: &str, request: &Request, mut tx: impl Transaction) -> Result<PublicDecision, Error> {
    let mut needs = policy.needs(organization, request)?;
    let decision = loop {
        match Directory::new(policy.clone(), &tx.load(&needs))?.decide(request) {
            Err(error) if !error.missing().is_empty() => needs.extend_from_slice(error.missing()),
            answer => break answer?,
        }
    };
    decision.events.iter().for_each(|event| tx.write(event));
    tx.commit();
    Ok(decision.public()) // what the actor may see; `decision.audit()` is for the log
}
