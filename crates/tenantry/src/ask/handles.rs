//! Handles: ids looked up once, for the hot path.

use crate::directory::Directory;
use crate::directory::rows::RoleRef;
use crate::document::{Facts, Time};
use crate::policy::actions::ActionId;

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

impl Directory {
    /// The handle of a user of the organization.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<UserHandle> {
        self.users.find(id).map(UserHandle)
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
