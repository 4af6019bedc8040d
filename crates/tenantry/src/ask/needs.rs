//! `needs`: the facts that a host with its own database loads before it asks.

use crate::document::{Actor, Request};
use crate::error::{Error, Need};
use crate::policy::Policy;
use crate::policy::actions::Verb;

impl Policy {
    /// The facts that a decision on the request starts from: what the request names. A slice that holds them is either
    /// enough, or `decide` answers `missing_facts` with what the rows themselves lead to (the inviter of an invitation, the
    /// count of a keep); load those too and ask again.
    ///
    /// ```
    /// use tenantry::{Need, Policy, document::Request};
    /// let policy = Policy::preset("starter").unwrap();
    /// let request: Request = serde_json::from_value(serde_json::json!({
    ///     "tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z",
    ///     "actor": { "user": "ann" }, "action": "member.remove", "scope": "acme", "target": "bob"
    /// })).unwrap();
    /// let needs = policy.needs("acme", &request).unwrap();
    /// assert!(needs.contains(&Need::User { id: "bob".into() }));
    /// ```
    ///
    /// # Errors
    /// A malformed request, as `decide` says it.
    pub fn needs(&self, organization: &str, request: &Request) -> Result<Vec<Need>, Error> {
        let actions = crate::decide::check_request(self, request)?;
        let mut needs = Vec::new();
        let user = |needs: &mut Vec<Need>, id: &str| {
            needs.push(Need::User { id: id.to_owned() });
            needs.push(Need::Memberships { user: id.to_owned() });
        };
        match &request.actor {
            Actor::User(id) => user(&mut needs, id),
            Actor::Invitee { email, .. } => needs.extend(address(email)),
            Actor::System(_) => {}
        }
        for (ask, action) in request.body.asks().iter().zip(actions) {
            if !action.verb().is_some_and(Verb::needs_no_rule) && ask.scopes.is_none() {
                needs.push(Need::Scope { id: ask.scope.clone().unwrap_or_else(|| organization.to_owned()) });
            }
            needs.extend(ask.scopes.iter().flatten().map(|at| Need::Scope { id: at.scope.clone() }));
            needs.extend(ask.parent.iter().map(|id| Need::Scope { id: id.clone() }));
            ask.target.iter().for_each(|id| user(&mut needs, id));
            needs.extend(ask.invitation.iter().map(|id| Need::Invitation { id: id.clone() }));
            needs.extend(ask.group.iter().map(|id| Need::Group { id: id.clone() }));
            let emails = ask.email.as_deref().into_iter().chain(ask.user.as_ref().and_then(|user| user.email.as_deref()));
            needs.extend(emails.filter_map(address));
            if let Some(list) = &ask.emails {
                needs.extend(list.entries().into_iter().filter_map(address));
            }
        }
        needs.sort();
        needs.dedup();
        Ok(needs)
    }
}

fn address(email: &str) -> Option<Need> {
    crate::email::canonical(email).map(|address| Need::Email { address })
}
