//! Handles: ids looked up once, for the hot path.

use crate::directory::Directory;
use crate::directory::rows::RoleRef;
use crate::document::{Actor, Facts, Time};
use crate::policy::Policy;
use crate::policy::actions::ActionId;

use super::Query;

/// A user, looked up once. It stays good as long as the directory: a user who is removed is simply not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserHandle(pub(crate) u32);

/// A scope, looked up once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeHandle(pub(crate) u32);

/// A role at a scope, looked up once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleHandle(pub(crate) RoleRef);

/// A question about one action by handles: [`Directory::allows`] and [`Directory::denies`] answer it without allocating.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who would ask.
    pub actor: UserHandle,
    /// The action.
    pub action: ActionId,
    /// The scope.
    pub scope: ScopeHandle,
    /// The user it would be about.
    pub target: Option<UserHandle>,
    /// The role that would be given.
    pub role: Option<RoleHandle>,
    /// When.
    pub now: Time,
    /// Attributes of the host's resource.
    pub resource: Option<&'a Facts>,
    /// Values that the host vouches for.
    pub context: Option<&'a Facts>,
}

/// A question about one action by ids that the caller has at hand: [`Directory::allows_by_id`] and
/// [`Directory::denies_by_id`] answer it. `None` for the scope is the organization.
#[derive(Debug, Clone, Copy)]
pub struct Ids<'a> {
    /// The user who would ask.
    pub actor: &'a str,
    /// The action, looked up once with [`Policy::action`].
    pub action: ActionId,
    /// The scope; the organization if none.
    pub scope: Option<&'a str>,
    /// The user it would be about.
    pub target: Option<&'a str>,
    /// The role that would be given.
    pub role: Option<&'a str>,
    /// When.
    pub now: Time,
    /// Attributes of the host's resource.
    pub resource: Option<&'a Facts>,
    /// Values that the host vouches for.
    pub context: Option<&'a Facts>,
}

impl Ids<'_> {
    /// The same question as a document.
    pub(crate) fn query(&self, policy: &Policy) -> Query {
        Query {
            actor: Actor::User(self.actor.to_owned()),
            action: policy.settings(self.action).name.clone(),
            now: self.now,
            scope: self.scope.map(str::to_owned),
            target: self.target.map(str::to_owned),
            role: self.role.map(str::to_owned),
            resource: self.resource.cloned().unwrap_or_default(),
            context: self.context.cloned().unwrap_or_default(),
            ..Query::default()
        }
    }
}

impl Directory {
    /// The handle of a user of the organization.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<UserHandle> {
        self.users.find(id).map(UserHandle)
    }

    /// The id of a user.
    #[must_use]
    pub fn user_id(&self, user: UserHandle) -> &str {
        self.users.id(user.0)
    }

    /// The handle of a scope.
    #[must_use]
    pub fn scope(&self, id: &str) -> Option<ScopeHandle> {
        self.scopes.find(id).map(ScopeHandle)
    }

    /// The handle of a role at a scope: a declared one of its kind by name, or a custom one by id.
    #[must_use]
    pub fn role(&self, scope: ScopeHandle, name: &str) -> Option<RoleHandle> {
        self.role_at(scope.0, name).map(RoleHandle)
    }
}
