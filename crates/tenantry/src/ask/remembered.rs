//! Answers remembered: people of the same classes get the same.

use crate::codes::Code;
use crate::decide::conditions::Who;
use crate::directory::memo::{Asked, Known};
use crate::directory::rows::RoleRef;
use crate::directory::{Directory, ROOT};
use crate::document::Time;
use crate::document::words::Pointed;
use crate::error::Error;
use crate::policy::actions::{ActionId, Verb};

use super::verdict::{Answered, Probe, Rests};
use super::{DenialCode, Ids, Slots};

impl Directory {
    /// The answer, remembered where people of the same classes get the same.
    pub(crate) fn answer(&self, probe: &Probe) -> Option<DenialCode> {
        self.answer_of_class(probe).0
    }

    /// The answer, and whether all targets of the class get the same as long as nothing changes.
    pub(crate) fn answer_of_class(&self, probe: &Probe) -> (Option<DenialCode>, bool) {
        let asked = self.asked(probe);
        match asked.as_ref().and_then(|asked| self.recalled(asked)) {
            Some(known) => (known, true),
            None => self.found(probe, asked),
        }
    }

    /// The answer, found the long way.
    #[inline(never)]
    fn found(&self, probe: &Probe, asked: Option<Asked>) -> (Option<DenialCode>, bool) {
        let (asked, known, answer) = match self.gate(probe) {
            // It is the actor's: whom the question is about has not been looked at.
            Err(code) => (asked.map(|asked| asked.about_anybody()), Some(Known::Answer(Some(code))), Some(code)),
            Ok(scene) => {
                let verdict = self.verdict(&Probe { scene: Some(scene), ..*probe });
                (asked, worth_knowing(&verdict), verdict.err())
            }
        };
        let (Some(asked), Some(known)) = (asked, known) else { return (answer, false) };
        self.memo.put(asked, known, self.users.capacity());
        (answer, true)
    }

    #[inline]
    fn recalled(&self, asked: &Asked) -> Option<Option<DenialCode>> {
        let known = self.memo.get(asked).or_else(|| self.recalled_of_actor(asked))?;
        Some(match known {
            Known::Answer(answer) => *answer,
            Known::Counts(counts) => counts.iter().find_map(|&(number, scope)| self.would_break(number, scope)),
        })
    }

    /// What is known whoever the question is about: the next time at the question's own place.
    #[cold]
    fn recalled_of_actor(&self, asked: &Asked) -> Option<&Known> {
        let of_actor = Some(asked.about_anybody()).filter(|of_actor| of_actor != asked)?;
        let known = self.memo.get(&of_actor)?;
        self.memo.put(*asked, known.clone(), self.users.capacity());
        Some(known)
    }

    /// Whether a counter is at its minimum.
    pub(crate) fn would_break(&self, number: u16, scope: u32) -> Option<DenialCode> {
        let number_of_keep = usize::from(number);
        let counted = self.counters[number_of_keep].get(&scope).copied().unwrap_or(0);
        let least = match self.policy.keeps[number_of_keep].at_least {
            Some(Pointed::Given(least)) => least,
            _ => 0,
        };
        (counted <= least).then_some(DenialCode::Keep(number, Code::BelowMinimum))
    }

    /// The question between classes, if the answer depends on nothing else.
    fn asked(&self, probe: &Probe) -> Option<Asked> {
        let Who::User(actor) = probe.asker.who else { return None };
        let by_class = self.policy.index.of(probe.action).by_class && probe.invitation.is_none() && self.held.is_none();
        let class = |user: u32| Some(self.classes.of(user, probe.asker.now)).filter(|&class| class != 0 && by_class);
        let target = probe.target.map_or(Some(0), |target| target.and_then(class))?;
        let role = match probe.role {
            None => None,
            Some(Some(RoleRef::Declared(bit))) => Some(bit),
            Some(_) => return None,
        };
        let own = probe.target.flatten() == Some(actor);
        Some(Asked { actor: class(actor)?, target, own, scope: probe.scope?, action: probe.action.0, role })
    }

    /// What speaks against the action, by ids. The first question of its sort is answered in full, the next ones at the
    /// price of looking up the ids.
    ///
    /// # Errors
    /// `missing_facts` where a slice does not hold what the answer needs.
    pub fn denies_by_id(&self, ids: &Ids) -> Result<Option<DenialCode>, Error> {
        if let Some(known) = self.known_by_id(ids) {
            return Ok(known);
        }
        if self.held.is_some() || ids.action.verb().is_some_and(Verb::needs_no_rule) {
            return self.denial(&ids.query(self.policy()));
        }
        let scope = ids.scope.map_or(Some(ROOT), |id| self.scopes.find(id));
        let slots = Slots {
            actor: self.users.find(ids.actor),
            scope,
            target: ids.target.map(|id| self.users.slot(id)),
            role: ids.role.map(|name| scope.and_then(|scope| self.role_at(scope, name))),
        };
        Ok(self.denies_slots(slots, ids.action, ids.now, (ids.resource, ids.context)))
    }

    /// Whether nothing speaks against the action, by ids.
    ///
    /// # Errors
    /// As [`denies_by_id`](Directory::denies_by_id).
    pub fn allows_by_id(&self, ids: &Ids) -> Result<bool, Error> {
        self.denies_by_id(ids).map(|denial| denial.is_none())
    }

    fn known_by_id(&self, ids: &Ids) -> Option<Option<DenialCode>> {
        let (actor, target) = (self.users.slot(ids.actor)?, ids.target.map(|id| self.users.slot(id)));
        let scope = ids.scope.map_or(Some(ROOT), |id| self.scopes.slot(id))?;
        let role = match ids.role {
            None => None,
            Some(name) => Some(self.policy.role_named(self.scopes.get(scope)?.kind, name)?),
        };
        let target = if let Some(target) = target { Some(target?) } else { None };
        self.known((actor, target), ids.action, scope, role, ids.now)
    }

    /// The answer, if it is remembered for the classes of the two, without a look at any row. `role` is the bit of a declared one.
    pub(crate) fn known(&self, (actor, target): (u32, Option<u32>), action: ActionId, scope: u32, role: Option<u8>, now: Time) -> Option<Option<DenialCode>> {
        let class = |user: u32| Some(self.classes.of(user, now)).filter(|&class| class != 0);
        let (by, about) = (class(actor)?, target.map_or(Some(0), class)?);
        let asked = Asked { actor: by, target: about, own: target == Some(actor), scope, action: action.0, role };
        self.recalled(&asked)
    }
}

/// What can be remembered of an answer: not what was found by counting, or by looking for memberships that ended.
fn worth_knowing(verdict: &Answered) -> Option<Known> {
    match verdict {
        Ok(Rests::Class) => Some(Known::Answer(None)),
        Ok(Rests::Counts(counts)) => Some(Known::Counts(counts.as_slice().into())),
        Ok(Rests::More) | Err(DenialCode::Keep(..)) => None,
        Err(DenialCode::Catalog(Code::AlreadyEnded | Code::NotDirect | Code::NotMember)) => None,
        Err(code) => Some(Known::Answer(Some(*code))),
    }
}
