//! What a host's database does for a slice: of a whole organization the rows that some needs ask for, and what it then holds.

use std::collections::BTreeSet;

use tenantry::Need;
use tenantry::document::Snapshot;
use tenantry::document::snapshot::{CountRow, InvitationRow, Slice};
use tenantry::email::canonical;

type Ids = BTreeSet<String>;

/// What a slice holds, while it is put together.
#[derive(Default, Clone, PartialEq, Eq)]
struct Held {
    users: Ids,
    memberships: Ids,
    scopes: Ids,
    subtrees: Ids,
    holders: Ids,
    groups: Ids,
    custom_roles: Ids,
    invitations: Ids,
    emails: Ids,
    counts: BTreeSet<(String, String)>,
}

/// The slice of an organization that holds what is needed. The counts of keeps come from `count`, by keep and scope.
#[must_use]
pub fn slice(whole: &Snapshot, needs: &[Need], count: &dyn Fn(&str, &str) -> u64) -> Snapshot {
    let mut held = Held::default();
    needs.iter().for_each(|need| held.need(need));
    loop {
        let before = held.clone();
        held.follow(whole);
        if held == before {
            return held.rows(whole, count);
        }
    }
}

impl Held {
    fn need(&mut self, need: &Need) {
        let (ids, id) = match need {
            Need::User { id } => (&mut self.users, id),
            Need::Memberships { user } => (&mut self.memberships, user),
            Need::Scope { id } => (&mut self.scopes, id),
            Need::Subtree { scope } => (&mut self.subtrees, scope),
            Need::Holders { scope } => (&mut self.holders, scope),
            Need::Group { id } => (&mut self.groups, id),
            Need::CustomRole { id } => (&mut self.custom_roles, id),
            Need::Invitation { id } => (&mut self.invitations, id),
            Need::Email { address } => (&mut self.emails, address),
            Need::Count { keep, scope } => {
                self.counts.insert((keep.clone(), scope.clone()));
                return;
            }
        };
        ids.insert(id.clone());
    }

    /// Adds what each row that is held leads to.
    fn follow(&mut self, whole: &Snapshot) {
        self.follow_scopes(whole);
        self.follow_holders(whole);
        let is_custom = |role: &String| whole.custom_roles.iter().any(|row| row.id == *role);
        for row in &whole.users {
            let address = row.email.as_deref().and_then(canonical);
            if address.is_some_and(|address| self.emails.contains(&address)) || holds(&self.users, &row.owner) {
                self.users.insert(row.id.clone());
            }
        }
        for row in &whole.groups {
            if row.members.iter().any(|id| self.users.contains(id) || self.memberships.contains(id)) {
                self.groups.insert(row.id.clone());
            }
            if self.groups.contains(&row.id) {
                self.scopes.insert(row.scope.clone());
                self.users.extend(row.members.iter().chain(&row.managers).cloned());
            }
        }
        for row in &whole.grants {
            if holds(&self.users, &row.user) || holds(&self.groups, &row.group) {
                self.scopes.insert(row.scope.clone());
                self.custom_roles.extend(Some(row.role.clone()).filter(is_custom));
            }
        }
        self.scopes.extend(whole.deactivations.iter().filter(|row| self.users.contains(&row.user)).map(|row| row.scope.clone()));
        let ended: Vec<_> = whole.ended.iter().filter(|row| self.holds_ending(&row.user, &row.email)).collect();
        self.scopes.extend(ended.iter().map(|row| row.scope.clone()));
        self.scopes.extend(whole.custom_roles.iter().filter(|row| self.custom_roles.contains(&row.id)).map(|row| row.scope.clone()));
        let offers: Vec<_> = whole.invitations.iter().filter(|row| self.holds_offer(row)).collect();
        for row in offers {
            self.scopes.extend(row.scopes.iter().map(|at| at.scope.clone()));
            self.custom_roles.extend(row.scopes.iter().flat_map(|at| &at.roles).map(|role| role.role.clone()).filter(is_custom));
        }
    }

    fn follow_scopes(&mut self, whole: &Snapshot) {
        for row in &whole.scopes {
            if let Some(parent) = &row.parent {
                if self.subtrees.contains(parent) {
                    self.subtrees.insert(row.id.clone());
                }
                if self.scopes.contains(&row.id) {
                    self.scopes.insert(parent.clone());
                }
            }
        }
        self.scopes.extend(self.subtrees.iter().chain(&self.holders).cloned());
    }

    fn follow_holders(&mut self, whole: &Snapshot) {
        for scope in &self.holders {
            if *scope == whole.organization {
                self.users.extend(whole.users.iter().map(|row| row.id.clone()));
            }
            let here = || whole.grants.iter().filter(|row| row.scope == *scope);
            self.users.extend(here().filter_map(|row| row.user.clone()));
            self.groups.extend(here().filter_map(|row| row.group.clone()));
            self.groups.extend(whole.groups.iter().filter(|row| row.scope == *scope).map(|row| row.id.clone()));
            self.custom_roles.extend(whole.custom_roles.iter().filter(|row| row.scope == *scope).map(|row| row.id.clone()));
            let offers = whole.invitations.iter().filter(|row| row.scopes.iter().any(|at| at.scope == *scope));
            self.invitations.extend(offers.map(|row| row.id.clone()));
        }
    }

    fn holds_offer(&self, row: &InvitationRow) -> bool {
        let address = row.email.as_deref().and_then(canonical);
        self.invitations.contains(&row.id) || address.is_some_and(|address| self.emails.contains(&address))
    }

    fn holds_ending(&self, user: &str, email: &Option<String>) -> bool {
        let address = email.as_deref().and_then(canonical);
        self.users.contains(user) || address.is_some_and(|address| self.emails.contains(&address))
    }

    fn rows(self, whole: &Snapshot, count: &dyn Fn(&str, &str) -> u64) -> Snapshot {
        let mut part = whole.clone();
        part.scopes.retain(|row| self.scopes.contains(&row.id));
        part.users.retain(|row| self.users.contains(&row.id));
        part.grants.retain(|row| holds(&self.users, &row.user) || holds(&self.groups, &row.group));
        part.deactivations.retain(|row| self.users.contains(&row.user));
        part.groups.retain(|row| self.groups.contains(&row.id));
        part.custom_roles.retain(|row| self.custom_roles.contains(&row.id));
        part.invitations.retain(|row| self.holds_offer(row));
        part.ended.retain(|row| self.holds_ending(&row.user, &row.email));
        let counts = self.counts.into_iter().map(|(keep, scope)| CountRow { count: count(&keep, &scope), keep, scope });
        part.slice = Some(Slice {
            users: list(self.users),
            scopes: list(self.scopes),
            subtrees: list(self.subtrees),
            holders: list(self.holders),
            groups: list(self.groups),
            memberships: list(self.memberships),
            custom_roles: list(self.custom_roles),
            invitations: list(self.invitations),
            emails: list(self.emails),
            counts: counts.collect(),
        });
        part
    }
}

fn holds(ids: &Ids, id: &Option<String>) -> bool {
    id.as_ref().is_some_and(|id| ids.contains(id))
}

fn list(ids: Ids) -> Vec<String> {
    ids.into_iter().collect()
}
