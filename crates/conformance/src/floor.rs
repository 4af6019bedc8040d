//! The floor: the same rules as the policy of the benchmarks, written by hand over the language's own maps, keyed by string
//! ids, with a counter for the owners. This is the code that Tenantry is to be faster than.

use std::collections::{HashMap, HashSet};

use tenantry::document::snapshot::{GrantRow, Status};
use tenantry::document::{Snapshot, Time};

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

impl Role {
    fn named(name: &str) -> Role {
        match name {
            "owner" => Role::Owner,
            "admin" => Role::Admin,
            _ => Role::Member,
        }
    }
}

/// A member, as people write it.
#[derive(Debug, Clone)]
pub struct Member {
    /// Role at the organization.
    pub role: Role,
    /// Whether the account is active.
    pub active: bool,
    /// Workspaces where the member edits.
    pub edits: Vec<Edit>,
}

/// A workspace where somebody edits.
#[derive(Debug, Clone)]
pub struct Edit {
    workspace: String,
    /// From then on not any more.
    until: Option<Time>,
}

/// How the page shows somebody.
#[derive(Debug, Clone)]
pub struct Person {
    id: String,
    name: String,
    email: String,
}

/// A row of the page. Bit 0 of the actions is remove, bit 1 set_roles, bit 2 deactivate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The member.
    pub id: String,
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// The role's name.
    pub role: String,
    /// What the viewer may do.
    pub actions: u8,
}

/// An organization over plain maps.
#[derive(Debug, Clone, Default)]
pub struct Organization {
    members: HashMap<String, Member>,
    parents: HashMap<String, Option<String>>,
    owners: usize,
    /// Where groups edit.
    groups: HashMap<String, Vec<Edit>>,
    /// The groups of those who are in some.
    groups_of: HashMap<String, Vec<String>>,
    emails: HashSet<String>,
    people: Vec<Person>,
}

impl Organization {
    /// The organization of a snapshot.
    #[must_use]
    pub fn new(snapshot: &Snapshot) -> Organization {
        let mut organization = Organization::default();
        for scope in snapshot.scopes.iter().filter(|scope| scope.parent.is_some()) {
            let above = scope.parent.clone().filter(|parent| *parent != snapshot.organization);
            organization.parents.insert(scope.id.clone(), above);
        }
        for user in &snapshot.users {
            let member = Member { role: Role::Member, active: user.status == Status::Active, edits: Vec::new() };
            organization.members.insert(user.id.clone(), member);
            organization.emails.extend(user.email.as_ref().map(|email| email.to_lowercase()));
            let (name, email) = (user.name.clone().unwrap_or_default(), user.email.clone().unwrap_or_default());
            organization.people.push(Person { id: user.id.clone(), name, email });
        }
        for group in &snapshot.groups {
            for member in &group.members {
                organization.groups_of.entry(member.clone()).or_default().push(group.id.clone());
            }
        }
        snapshot.grants.iter().for_each(|grant| organization.grant(grant, &snapshot.organization));
        organization
    }

    fn grant(&mut self, grant: &GrantRow, root: &str) {
        let edit = || Edit { workspace: grant.scope.clone(), until: grant.expires_at };
        if let Some(group) = &grant.group {
            self.groups.entry(group.clone()).or_default().push(edit());
        }
        let Some(member) = grant.user.as_ref().and_then(|user| self.members.get_mut(user)) else { return };
        if grant.scope == root {
            member.role = Role::named(&grant.role);
            self.owners += usize::from(member.role == Role::Owner);
        } else {
            member.edits.push(edit());
        }
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

    /// May the actor deactivate the target?
    #[must_use]
    pub fn can_deactivate(&self, actor: &str, target: &str) -> bool {
        self.can_remove(actor, target)
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

    /// May the actor give the target any other role? Below every role that an actor gives there is one to change to.
    #[must_use]
    pub fn can_change_role(&self, actor: &str, target: &str) -> bool {
        self.can_remove(actor, target)
    }

    /// May the actor invite somebody to this role?
    #[must_use]
    pub fn can_invite(&self, actor: &str, email: &str, role: Role) -> bool {
        let Some(by) = self.members.get(actor).filter(|member| member.active) else { return false };
        by.role >= Role::Admin && role <= by.role && !self.emails.contains(&email.to_lowercase())
    }

    /// May the actor edit documents of the workspace, by a role there or above?
    #[must_use]
    pub fn can_edit(&self, actor: &str, workspace: &str, now: Time) -> bool {
        let Some(member) = self.members.get(actor).filter(|member| member.active) else { return false };
        if self.reaches(&member.edits, workspace, now) {
            return true;
        }
        let groups = self.groups_of.get(actor).map_or(&[][..], Vec::as_slice);
        groups.iter().filter_map(|group| self.groups.get(group)).any(|edits| self.reaches(edits, workspace, now))
    }

    fn reaches(&self, edits: &[Edit], workspace: &str, now: Time) -> bool {
        if edits.is_empty() {
            return false;
        }
        let mut at = Some(workspace);
        while let Some(scope) = at {
            if edits.iter().any(|edit| edit.workspace == scope && edit.until.is_none_or(|until| now < until)) {
                return true;
            }
            at = self.parents.get(scope).and_then(Option::as_deref);
        }
        false
    }

    /// The actions of every member, in the order of the members: the page's loop and nothing else.
    #[must_use]
    pub fn page_actions(&self, viewer: &str) -> Vec<u8> {
        self.people.iter().map(|person| self.actions(viewer, &person.id)).collect()
    }

    /// The rows of the page, by name.
    #[must_use]
    pub fn page_rows(&self, viewer: &str) -> Vec<Row> {
        let mut people: Vec<(String, &Person)> = self.people.iter().map(|person| (person.name.to_lowercase(), person)).collect();
        people.sort_by(|(a, at), (b, bt)| (a, &at.email, &at.id).cmp(&(b, &bt.email, &bt.id)));
        people.into_iter().map(|(_, person)| self.row(viewer, person)).collect()
    }

    fn row(&self, viewer: &str, person: &Person) -> Row {
        let role = match self.members.get(&person.id).map(|member| member.role) {
            Some(Role::Owner) => "owner",
            Some(Role::Admin) => "admin",
            _ => "member",
        };
        let Person { id, name, email } = person.clone();
        Row { role: role.to_owned(), actions: self.actions(viewer, &id), id, name, email }
    }

    fn actions(&self, viewer: &str, target: &str) -> u8 {
        let bits = [self.can_remove(viewer, target), self.can_change_role(viewer, target), self.can_deactivate(viewer, target)];
        bits.iter().enumerate().map(|(i, &may)| u8::from(may) << i).sum()
    }
}
