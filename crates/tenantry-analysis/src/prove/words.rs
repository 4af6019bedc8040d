//! Answers in words.

use std::fmt;

use tenantry::document::{Actor, Request};

use super::{Asset, Attack, RoleHere, Separation, Verdict, WeakerDoor};
use crate::model::Described;

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles: Vec<String> = self.roles.iter().flat_map(|(scope, roles)| roles.iter().map(move |role| format!("{role} at {scope}"))).collect();
        match (self.account, roles.is_empty()) {
            (false, _) => return f.write_str("somebody without an account"),
            (true, true) => f.write_str("a member without a role")?,
            (true, false) => f.write_str(&roles.join(" and "))?,
        }
        if self.deactivated.is_empty() { Ok(()) } else { write!(f, " (deactivated at {})", self.deactivated.join(" and ")) }
    }
}

impl fmt::Display for RoleHere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RoleHere { scope, role, permission } = self;
        if *permission { write!(f, "a role with the permission {role} at {scope}") } else { write!(f, "{role} at {scope}") }
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asset::Role(role) => role.fmt(f),
            Asset::Verb(verb) => write!(f, "somebody who can {verb}"),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Proved => "proved",
            Verdict::Attack => "attack",
            Verdict::Unknown => "unknown",
        })
    }
}

impl fmt::Display for Separation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Separation { roles: [one, other], verdict, keep, people, attack, .. } = self;
        write!(f, "{one} and {other}: {verdict}")?;
        if let Some(keep) = keep {
            write!(f, ", by `{keep}`")?;
        }
        let Some(attack) = attack else { return Ok(()) };
        write!(f, ", by {}: {}", together(people), attack.told().join("; "))
    }
}

impl fmt::Display for WeakerDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let through: Vec<String> = self.actors.iter().map(ToString::to_string).collect();
        let WeakerDoor { role, weaker, stronger, target, .. } = self;
        write!(f, "{role}: {weaker} lets {} through, {stronger} does not (to {target})", through.join(" or "))
    }
}

impl Attack {
    /// Its requests, one in a line, after the grants that end in time.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let ends = self.snapshot.grants.iter().filter_map(|grant| {
            let (holder, at) = (grant.user.as_ref().or(grant.group.as_ref())?, grant.expires_at?);
            let before = self.requests.iter().filter(|request| request.now < at).count();
            Some(format!("{holder} is {} at {} until request {}", grant.role, grant.scope, before + 1))
        });
        ends.chain(self.requests.iter().map(told)).collect()
    }
}

/// People who act together.
#[must_use]
pub fn together(people: &[Described]) -> String {
    if people.is_empty() { "anybody, without any role".to_owned() } else { people.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ") }
}

fn told(request: &Request) -> String {
    let who = match &request.actor {
        Actor::User(id) | Actor::System(id) => id,
        Actor::Invitee { email, .. } => email,
    };
    let ask = &request.body.asks()[0];
    let about = [&ask.target, &ask.email, &ask.invitation, &ask.group].into_iter().flatten().next().map(|id| format!(" {id}")).unwrap_or_default();
    let roles: Vec<String> = ask.roles.iter().chain(&ask.add).flatten().map(|role| role.role.clone()).chain(ask.role.clone()).collect();
    let with = if roles.is_empty() { String::new() } else { format!(" as {}", roles.join(", ")) };
    let place = ask.scope.as_ref().map(|scope| format!(" at {scope}")).unwrap_or_default();
    format!("{who}: {}{about}{with}{place}", ask.action)
}
