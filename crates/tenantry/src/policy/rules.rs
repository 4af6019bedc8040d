//! Rules, compiled.

use crate::document::policy::{Each, ExistingUsers, OnConflict, OnMember};
use crate::document::request::Reach;
use crate::document::snapshot::Status;
use crate::document::words::Pointed;

use super::actions::ActionId;
use super::catalog::{KindMask, RoleMask};
use super::conditions::{Bit, Blocks, Choice, PersonTest, RoleSet, ScopeTest};

/// An allow or a forbid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// Its conditions.
    pub blocks: Blocks,
    /// Of a forbid: the conditions under which it does not hold.
    pub unless: Option<Blocks>,
    /// Of a forbid without `actions`: the sorts of change that it is about.
    pub changes: Option<Choice>,
    /// Of a forbid: whether it speaks of changes only (no `actions`).
    pub on_changes: bool,
    /// Of a forbid: it warns instead.
    pub warns: bool,
    /// Made from permissions: it permits their actions, and gives and takes nothing.
    pub implied: bool,
    /// Its own code.
    pub code: Option<String>,
    /// Its own sentence.
    pub message: Option<String>,
}

impl Rule {
    /// Whether it treats all people with the same roles, kind and status alike.
    pub fn asks_class(&self) -> bool {
        self.blocks.ask_class() && self.unless.as_ref().is_none_or(Blocks::ask_class)
    }
}

/// The rules that speak of one action, in the policy's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionRules {
    /// Numbers of allows.
    pub allows: Vec<u16>,
    /// Numbers of forbids.
    pub forbids: Vec<u16>,
    /// Whether all of them treat people with the same roles, kind and status alike.
    pub by_class: bool,
}

/// What a keep counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// People or scopes for which this holds.
    Matching(Box<CountTest>),
    /// Roles of this set that one user holds.
    Exclusive(RoleSet),
}

/// Compiled `count`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountTest {
    /// Who.
    pub person: PersonTest,
    /// Open offers count too.
    pub pending: bool,
    /// Grants that expire count too.
    pub expiring: bool,
}

/// An invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// Its id.
    pub id: String,
    /// Kinds of scopes where it is judged.
    pub kinds: KindMask,
    /// Further conditions on the scope.
    pub scope: Option<Box<ScopeTest>>,
    /// Users of each scope, or scopes of each user.
    pub each: Each,
    /// What is counted.
    pub counted: Counted,
    /// The smallest count.
    pub at_least: Option<Pointed<u32>>,
    /// The largest count.
    pub at_most: Option<Pointed<u32>>,
    /// It does not hold where all of this does.
    pub unless: Option<Blocks>,
    /// The roles named, in the order of the policy's words: what to promote somebody to when too few are left.
    pub promotes: Vec<u8>,
    /// Roles without one of which nobody is counted; none where the count names no role.
    pub named: Option<RoleMask>,
    /// Its own code.
    pub code: Option<String>,
    /// Its own sentence.
    pub message: Option<String>,
    /// Whether a user's own grants at the scope decide, so that counters can be kept: nothing flows in from above.
    pub local: bool,
}

impl Keep {
    /// Whether it counts all people with the same roles, kind and status alike.
    pub(crate) fn asks_class(&self) -> bool {
        match &self.counted {
            Counted::Matching(test) => test.person.asks_class(),
            Counted::Exclusive(_) => true,
        }
    }

    /// Whether open offers are counted.
    pub(crate) fn counts_pending(&self) -> bool {
        matches!(&self.counted, Counted::Matching(test) if test.pending)
    }

    /// Whether a keep for each user also speaks of accounts that are deactivated.
    pub(crate) fn counts_resting(&self) -> bool {
        matches!(&self.counted, Counted::Matching(test) if test.person.status.is_some_and(|status| status & Status::Deactivated.bit() != 0))
    }
}

/// Settings of invitations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitations {
    /// What a bad or taken address does.
    pub on_conflict: OnConflict,
    /// What happens to an address of a user of the organization.
    pub existing_users: ExistingUsers,
    /// A name is needed.
    pub require_name: bool,
    /// Roles offered when none is asked for, if not the kind's defaults.
    pub default: RoleMask,
    /// Accepted offers wait for approval.
    pub approval: bool,
    /// Each sending makes a new link.
    pub rotate: bool,
    /// How long an offer is open, in milliseconds.
    pub expires_after: Option<i64>,
    /// The inviter must still be allowed to make the offer.
    pub recheck_inviter: bool,
    /// Closed invitations are kept.
    pub keep_records: bool,
    /// What accepting does where it would not raise the role of a member.
    pub on_member: OnMember,
}

/// Settings of endings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endings {
    /// Reaches that a request may ask for.
    pub reach: Vec<Reach>,
    /// The reach where a request names none.
    pub default: Reach,
}

/// The rules of an action by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleIndex(pub Vec<ActionRules>);

impl RuleIndex {
    /// The rules that speak of the action.
    #[must_use]
    pub fn of(&self, action: ActionId) -> &ActionRules {
        &self.0[usize::from(action.0)]
    }
}
