//! Every bound on what comes from outside, in one place.
//!
//! What exceeds one is refused with the code `out_of_bounds` and the words given here (in a policy, a problem with that
//! code); nothing is cut. What is too long to be an id, a name of a policy or an address is none of these, and is refused
//! like any other text that is none: `bad_value` or `bad_snapshot`, `bad_name`, `invalid_email`. A tree that a request would
//! make too deep is a denial, `too_deep`. Times have their bounds in [`Time::MIN`](crate::document::Time::MIN) and
//! [`Time::MAX`](crate::document::Time::MAX).

use crate::error::{Error, Kind};

/// A bound: what it limits (used in the sentence of the error) and the largest value that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// What is bounded, as the error says it.
    pub what: &'static str,
    /// The largest value accepted.
    pub max: usize,
}

impl Bound {
    /// Refuses what is larger.
    pub(crate) fn check(self, met: usize, path: &str) -> Result<(), Error> {
        if met > self.max { Err(Kind::OutOfBounds { bound: self, met, path: path.to_owned() }.into()) } else { Ok(()) }
    }
}

const fn bound(what: &'static str, max: usize) -> Bound {
    Bound { what, max }
}

/// Bytes of a policy document, presets that it extends not counted.
pub const POLICY_BYTES: Bound = bound("bytes of a policy", 1 << 20);
/// Bytes of a snapshot document.
pub const SNAPSHOT_BYTES: Bound = bound("bytes of a snapshot", 1 << 30);
/// Bytes of a request document.
pub const REQUEST_BYTES: Bound = bound("bytes of a request", 1 << 20);
/// Bytes of a decision or event document.
pub const DECISION_BYTES: Bound = bound("bytes of a decision", 1 << 26);
/// Bytes of an id (users, scopes, groups, invitations, custom roles, requests).
pub const ID_BYTES: Bound = bound("bytes of an id", 255);
/// Bytes of an e-mail address after it is made canonical (RFC 5321, section 4.5.3.1.3, less the angle brackets).
pub const EMAIL_BYTES: Bound = bound("bytes of an e-mail address", 254);
/// Bytes of the part before the `@` (RFC 5321, section 4.5.3.1.1).
pub const EMAIL_LOCAL_BYTES: Bound = bound("bytes before the @", 64);
/// Bytes of a word of the policy: names of roles, kinds, permissions, attributes, systems; rule ids; codes.
pub const NAME_BYTES: Bound = bound("bytes of a name", 64);
/// Bytes of a text for people: labels, messages, names of users, scopes, groups and roles.
pub const TEXT_BYTES: Bound = bound("bytes of a text", 1000);
/// Declared roles of a policy, all scope kinds together: they are the bits of one word.
pub const ROLES: Bound = bound("roles", 64);
/// Named permissions of a policy: they are the bits of one double word.
pub const PERMISSIONS: Bound = bound("permissions", 128);
/// Scope kinds of a policy, the organization included.
pub const KINDS: Bound = bound("scope kinds", 16);
/// Actions that a policy declares for the app.
pub const ACTIONS: Bound = bound("actions", 2000);
/// Rules of one policy: allow, forbid and keep together.
pub const RULES: Bound = bound("rules", 2000);
/// System actors of a policy.
pub const SYSTEMS: Bound = bound("systems", 64);
/// Policies on an `extends` chain, the first one included.
pub const EXTENDS: Bound = bound("policies that extend each other", 8);
/// Scopes on the way from a scope up to its organization, both included.
pub const SCOPE_DEPTH: Bound = bound("levels of scopes", 16);
/// Grants of one user or group.
pub const GRANTS_OF_ONE: Bound = bound("grants of one user or group", 10_000);
/// Roles that an invitation or a request names at one scope.
pub const ROLES_AT_ONCE: Bound = bound("roles at one scope", 64);
/// Scopes that an invitation or a request names.
pub const SCOPES_AT_ONCE: Bound = bound("scopes in one request", 256);
/// Addresses in one invitation request.
pub const ADDRESSES: Bound = bound("addresses in one request", 1000);
/// Items of a batch.
pub const BATCH_ITEMS: Bound = bound("items of a batch", 1000);
/// Attributes of a user, scope, resource or context.
pub const FACTS: Bound = bound("attributes", 64);
/// Values in a list attribute.
pub const FACT_VALUES: Bound = bound("values of an attribute", 1000);
/// Rows of one page.
pub const PAGE_ROWS: Bound = bound("rows of a page", 1_000_000);
/// Actions asked for each row of a page: each is a bit of a whole number that every host's JSON holds exactly (a JavaScript
/// number has 53 bits).
pub const PAGE_ACTIONS: Bound = bound("actions of a page", 53);
/// Rows of any one table of a snapshot (users, grants, groups, ...).
pub const TABLE_ROWS: Bound = bound("rows of one table", 20_000_000);
