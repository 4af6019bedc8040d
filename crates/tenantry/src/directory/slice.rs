//! What a slice holds. A row that is not held is not known, and the engine never guesses.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::snapshot::Slice;

/// The ids that a slice holds, each with all that belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub users: BTreeSet<String>,
    pub memberships: BTreeSet<String>,
    pub scopes: BTreeSet<String>,
    pub subtrees: BTreeSet<String>,
    pub holders: BTreeSet<String>,
    pub groups: BTreeSet<String>,
    pub custom_roles: BTreeSet<String>,
    pub invitations: BTreeSet<String>,
    pub emails: BTreeSet<String>,
    pub counts: BTreeMap<(String, String), u64>,
}

impl Held {
    pub fn new(slice: &Slice) -> Held {
        let set = |ids: &[String]| ids.iter().cloned().collect();
        Held {
            users: set(&slice.users),
            memberships: set(&slice.memberships),
            scopes: set(&slice.scopes),
            subtrees: set(&slice.subtrees),
            holders: set(&slice.holders),
            groups: set(&slice.groups),
            custom_roles: set(&slice.custom_roles),
            invitations: set(&slice.invitations),
            emails: slice.emails.iter().filter_map(|email| crate::email::canonical(email)).collect(),
            counts: slice.counts.iter().map(|row| ((row.keep.clone(), row.scope.clone()), row.count)).collect(),
        }
    }
}
