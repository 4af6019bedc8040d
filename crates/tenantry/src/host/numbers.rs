//! Handles as numbers, for languages where a number costs nothing and an object costs a call.

use crate::ask::{DenialCode, RoleHandle, ScopeHandle, Slots};
use crate::codes::CATALOGUE;
use crate::directory::Directory;
use crate::directory::rows::RoleRef;
use crate::document::{Facts, Time};
use crate::policy::Policy;
use crate::policy::actions::{ActionId, Verb};

/// The number that stands for nothing: no target, no role named.
pub const NOBODY: u32 = u32::MAX;

/// The number of what does not exist: no such user, scope or role. A question that names it is about nobody; a question with
/// [`NOBODY`] in its place is another one.
pub const UNKNOWN: u32 = u32::MAX - 1;

/// A declared role is its bit; custom roles follow.
const CUSTOM: u32 = 64;

/// A question about one action by numbers. [`NOBODY`] as a target or a role is a question without one.
#[derive(Debug, Clone, Copy)]
pub struct Numbered {
    /// Who would ask.
    pub actor: u32,
    /// The action.
    pub action: u32,
    /// The scope.
    pub scope: u32,
    /// The user it would be about.
    pub target: u32,
    /// The role that would be given.
    pub role: u32,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub now: i64,
}

impl Policy {
    /// The number of an action, or [`NOBODY`].
    #[must_use]
    pub fn action_number(&self, name: &str) -> u32 {
        self.action(name).map_or(NOBODY, |action| u32::from(action.0))
    }

    /// What the numbers of [`Directory::denial_number`] stand for, from 1 on: code and message, of the catalogue and then of
    /// the rules.
    #[must_use]
    pub fn denials(&self) -> Vec<(String, String)> {
        let of = |count: usize, denial: fn(u16) -> DenialCode| (0..count).map(move |number| denial(number as u16));
        let catalogue = CATALOGUE.iter().map(|&code| DenialCode::Catalog(code));
        let rules = of(self.allows.len(), DenialCode::Allow).chain(of(self.forbids.len(), DenialCode::Forbid));
        let keeps = (0..self.keeps.len()).flat_map(|number| SIDES.map(|side| DenialCode::Keep(number as u16, side)));
        let all = catalogue.chain(rules).chain(keeps);
        all.map(|denial| (denial.code(self).to_owned(), denial.message(self))).collect()
    }

    /// The place of a denial in [`Policy::denials`], counted from 1.
    #[must_use]
    pub fn denial_number(&self, denial: DenialCode) -> u32 {
        let (allows, forbids) = (CATALOGUE.len(), CATALOGUE.len() + self.allows.len());
        let keeps = forbids + self.forbids.len();
        let side = |code| SIDES.iter().position(|side| *side == code).unwrap_or(0);
        let place = match denial {
            DenialCode::Catalog(code) => code as usize,
            DenialCode::Allow(number) => allows + usize::from(number),
            DenialCode::Forbid(number) => forbids + usize::from(number),
            DenialCode::Keep(number, code) => keeps + usize::from(number) * SIDES.len() + side(code),
        };
        place as u32 + 1
    }
}

/// The sides on which a keep breaks.
const SIDES: [crate::Code; 3] = [crate::Code::BelowMinimum, crate::Code::AboveMaximum, crate::Code::ExclusiveRoles];

impl Directory {
    /// The number of a user whom the organization has or had, or [`UNKNOWN`]. It stays good as long as the directory.
    #[must_use]
    pub fn user_number(&self, id: &str) -> u32 {
        // Who was removed is told so, as by id.
        self.users.slot(id).unwrap_or(UNKNOWN)
    }

    /// The id of the user with this number.
    #[must_use]
    pub fn user_id_of(&self, number: u32) -> Option<&str> {
        self.users.get(number).map(|_| self.users.id(number))
    }

    /// The number of a scope, or [`UNKNOWN`].
    #[must_use]
    pub fn scope_number(&self, id: &str) -> u32 {
        self.scope(id).map_or(UNKNOWN, |scope| scope.0)
    }

    /// The number of a role at a scope, or [`UNKNOWN`].
    #[must_use]
    pub fn role_number(&self, scope: u32, name: &str) -> u32 {
        let role = self.scopes.get(scope).and_then(|_| self.role(ScopeHandle(scope), name));
        match role {
            Some(RoleHandle(RoleRef::Declared(bit))) => u32::from(bit),
            Some(RoleHandle(RoleRef::Custom(slot))) => CUSTOM + slot,
            None => UNKNOWN,
        }
    }

    /// The number of an action that [`Directory::denial_number`] answers for; none if the policy does not have it, or if only
    /// the whole question has an answer: to a slice, and to what an invitee does.
    #[must_use]
    pub fn action_by_numbers(&self, name: &str) -> Option<u32> {
        let action = self.policy.action(name).filter(|action| self.held.is_none() && !action.verb().is_some_and(Verb::needs_no_rule));
        action.map(|ActionId(number)| u32::from(number))
    }

    /// What speaks against the action, by numbers: 0 if nothing does, else the place in [`Policy::denials`] counted from 1.
    /// A number that stands for nothing is a user, a scope or a role that does not exist; an action that the policy does not
    /// have is denied as what nobody may do.
    #[must_use]
    pub fn denial_number(&self, asked: Numbered, resource: Option<&Facts>, context: Option<&Facts>) -> u32 {
        let action = u16::try_from(asked.action).ok().filter(|&number| usize::from(number) < self.policy.actions().len());
        let Some(action) = action.map(ActionId) else { return self.policy.denial_number(DenialCode::Catalog(crate::Code::NotPermitted)) };
        if let Some(known) = self.known_by_number(&asked, action) {
            return known.map_or(0, |denial| self.policy.denial_number(denial));
        }
        let user = |number: u32| ((number as usize) < self.users.capacity()).then_some(number);
        let slots = Slots {
            // Who was removed stands nowhere, and is still told apart as a target.
            actor: self.users.get(asked.actor).map(|_| asked.actor),
            scope: self.scopes.get(asked.scope).map(|_| asked.scope),
            target: (asked.target != NOBODY).then(|| user(asked.target)),
            role: (asked.role != NOBODY).then(|| self.role_numbered(asked.role)),
        };
        self.denies_slots(slots, action, Time(asked.now), (resource, context)).map_or(0, |denial| self.policy.denial_number(denial))
    }

    /// The answer, if it is remembered: numbers that stand for nothing have none.
    fn known_by_number(&self, asked: &Numbered, action: ActionId) -> Option<Option<DenialCode>> {
        let role = match asked.role {
            NOBODY => None,
            number => Some(u8::try_from(number).ok().filter(|&bit| u32::from(bit) < CUSTOM)?),
        };
        let target = Some(asked.target).filter(|&target| target != NOBODY);
        self.known((asked.actor, target), action, asked.scope, role, Time(asked.now))
    }

    fn role_numbered(&self, number: u32) -> Option<RoleRef> {
        let custom = number.checked_sub(CUSTOM).filter(|&slot| self.custom_roles.get(slot).is_some()).map(RoleRef::Custom);
        let declared = (number < self.policy.roles().len() as u32).then_some(RoleRef::Declared(number as u8));
        custom.or(declared)
    }
}
