//! The floor: the same rules as the policy of the benchmarks, written by hand over the language's own maps, keyed by string
//! ids, with a counter for the owners. This is the code that Tenantry is to be faster than.

use std::collections::HashMap;

use crate::organization::{BRANCHES, DEPTH, role_of, user_id, workspace_id, workspace_of};

/// A role at the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The baseline.
    Member,
    /// Manages members and admins.
    Admin,
    /// Manages everybody.
    Owner,
}

/// A member, as people write it.
#[derive(Debug, Clone)]
pub struct Member {
    /// Role at the organization.
    pub role: Role,
    /// Whether the account is active.
    pub active: bool,
    /// Workspaces where the member edits.
    pub edits: Vec<String>,
}

/// An organization over plain maps.
#[derive(Debug, Clone, Default)]
pub struct Organization {
    members: HashMap<String, Member>,
    parents: HashMap<String, Option<String>>,
    owners: usize,
}

impl Organization {
    /// The same organization as `organization::snapshot`.
    #[must_use]
    pub fn generate(members: usize) -> Organization {
        let mut organization = Organization::default();
        for branch in 0..BRANCHES {
            for level in 0..DEPTH {
                let parent = level.checked_sub(1).map(|above| workspace_id(branch, above));
                organization.parents.insert(workspace_id(branch, level), parent);
            }
        }
        for number in 0..members {
            let role = match role_of(number) {
                "owner" => Role::Owner,
                "admin" => Role::Admin,
                _ => Role::Member,
            };
            organization.owners += usize::from(role == Role::Owner);
            let edits = workspace_of(number).map(|(branch, level)| workspace_id(branch, level)).into_iter().collect();
            organization.members.insert(user_id(number), Member { role, active: true, edits });
        }
        organization
    }

    /// May the actor remove the target?
    #[must_use]
    pub fn can_remove(&self, actor: &str, target: &str) -> bool {
        let Some(by) = self.members.get(actor).filter(|member| member.active) else { return false };
        if by.role < Role::Admin || actor == target {
            return false;
        }
        let Some(member) = self.members.get(target) else { return false };
        if by.role == Role::Admin && member.role == Role::Owner {
            return false;
        }
        member.role != Role::Owner || self.owners > 1
    }

    /// May the actor give the target this role instead of the one held?
    #[must_use]
    pub fn can_set_role(&self, actor: &str, target: &str, role: Role) -> bool {
        let Some(by) = self.members.get(actor).filter(|member| member.active) else { return false };
        if by.role < Role::Admin {
            return false;
        }
        let Some(member) = self.members.get(target) else { return false };
        if by.role == Role::Admin && (member.role == Role::Owner || role > Role::Admin) {
            return false;
        }
        if member.role == role {
            return true;
        }
        actor != target && (member.role != Role::Owner || self.owners > 1)
    }

    /// May the actor edit documents of the workspace, by a role there or above?
    #[must_use]
    pub fn can_edit(&self, actor: &str, workspace: &str) -> bool {
        let Some(member) = self.members.get(actor).filter(|member| member.active) else { return false };
        let mut at = Some(workspace);
        while let Some(scope) = at {
            if member.edits.iter().any(|edited| edited == scope) {
                return true;
            }
            at = self.parents.get(scope).and_then(Option::as_deref);
        }
        false
    }
}
