//! Claims: what a request asks of the rules. An elementary change, or (without one) that an allow fits the verb at a scope.

use crate::directory::rows::RoleRef;
use crate::document::UserInput;
use crate::document::policy::ChangeKind;
use crate::policy::actions::ActionId;

/// Whom a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject<'a> {
    /// Nobody.
    Nobody,
    /// A user.
    User(u32),
    /// A group itself.
    Group(u32),
    /// An account to be, with its canonical address.
    Newcomer(&'a UserInput, Option<&'a str>),
    /// An account to be, of whoever has the address of an invitation.
    Invited(u32),
}

/// Which invitation a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letter<'a> {
    /// One that exists.
    Row(u32),
    /// One to be, to a canonical address.
    To(&'a str),
    /// One to be, to an address that is none.
    ToNobody,
    /// An open link to be.
    Open,
    /// An open link that is being accepted: by a user, or by the owner of a canonical address.
    Taken(u32, Option<u32>, Option<&'a str>),
}

/// What a claim does with its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Nothing: an allow must fit the verb here.
    Fit,
    /// An elementary change.
    Change(ChangeKind),
    /// The role stands in the invitation that the verb is about; nothing is given or taken.
    Offer,
}

/// One thing that the rules are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// The verb under which it is judged.
    pub action: ActionId,
    pub does: Does,
    pub scope: u32,
    pub subject: Subject<'a>,
    /// The role; none for a membership as such.
    pub role: Option<RoleRef>,
    /// The role is a custom one that the request makes, with these permissions, or whose permissions become these.
    pub permissions: Option<u128>,
    /// Number of the grant's source.
    pub source: Option<u16>,
    pub invitation: Option<Letter<'a>>,
    pub group: Option<u32>,
    /// The policy itself gives it (a newcomer's default role): no allow is needed, forbids hold.
    pub implied: bool,
}

impl<'a> Claim<'a> {
    /// An allow must fit the verb at the scope.
    pub fn fit(action: ActionId, scope: u32, subject: Subject<'a>) -> Claim<'a> {
        let does = Does::Fit;
        Claim { action, does, scope, subject, role: None, permissions: None, source: None, invitation: None, group: None, implied: false }
    }

    /// A membership is given, taken or changed in status.
    pub fn membership(action: ActionId, kind: ChangeKind, scope: u32, subject: Subject<'a>) -> Claim<'a> {
        Claim { does: Does::Change(kind), ..Claim::fit(action, scope, subject) }
    }

    /// A role is given or taken.
    pub fn role(action: ActionId, kind: ChangeKind, scope: u32, subject: Subject<'a>, role: RoleRef) -> Claim<'a> {
        Claim { role: Some(role), ..Claim::membership(action, kind, scope, subject) }
    }

    /// Whether the claim names a role, so that `grants` and `revokes` have something to look at.
    pub fn has_role(&self) -> bool {
        self.role.is_some() || self.permissions.is_some()
    }

    pub fn change(&self) -> Option<ChangeKind> {
        if let Does::Change(kind) = self.does { Some(kind) } else { None }
    }
}
