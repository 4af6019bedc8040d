//! Answers remembered: people of the same classes get the same.

use crate::codes::Code;
use crate::decide::conditions::Who;
use crate::directory::memo::Asked;
use crate::directory::rows::{RoleRef, User};
use crate::directory::{Directory, ROOT};
use crate::error::Error;
use crate::policy::actions::{ActionId, Verb};

use super::verdict::Probe;
use super::{DenialCode, Ids};

impl Directory {
    /// The answer, remembered where people of the same classes get the same.
    pub(crate) fn answer(&self, probe: &Probe) -> Option<DenialCode> {
        let Some(asked) = self.asked(probe) else { return self.verdict(probe).err() };
        self.memo.get(&asked).unwrap_or_else(|| {
            let answer = self.verdict(probe).err();
            if self.holds_for_class(probe, answer) {
                self.memo.put(asked, answer, self.users.capacity());
            }
            answer
        })
    }

    /// The question between classes, if the answer depends on nothing else.
    fn asked(&self, probe: &Probe) -> Option<Asked> {
        let Who::User(actor) = probe.asker.who else { return None };
        let by_class = self.policy.index.of(probe.action).by_class && probe.invitation.is_none() && self.held.is_none();
        let class = |user: u32| Some(self.classes.of(user)).filter(|&class| class != 0 && by_class);
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
    /// `unknown_action`, with the nearest name; `missing_facts` where a slice does not hold what the answer needs.
    pub fn denies_by_id(&self, ids: &Ids) -> Result<Option<DenialCode>, Error> {
        let action = self.policy.known_action(ids.action)?;
        match self.asked_by_id(ids, action).and_then(|asked| self.memo.get(&asked)) {
            Some(answer) => Ok(answer),
            None => self.denial(&ids.query()),
        }
    }

    /// Whether nothing speaks against the action, by ids.
    ///
    /// # Errors
    /// As [`denies_by_id`](Directory::denies_by_id).
    pub fn allows_by_id(&self, ids: &Ids) -> Result<bool, Error> {
        self.denies_by_id(ids).map(|denial| denial.is_none())
    }

    /// The question between classes from ids, without a look at any row.
    fn asked_by_id(&self, ids: &Ids, action: ActionId) -> Option<Asked> {
        let class = |id: &str| self.users.slot(id).map(|slot| self.classes.of(slot)).filter(|&class| class != 0);
        let (actor, target) = (class(ids.actor)?, ids.target.map_or(Some(0), class)?);
        let scope = ids.scope.map_or(Some(ROOT), |id| self.scopes.slot(id))?;
        let role = match ids.role {
            None => None,
            Some(name) => Some(self.policy.role_named(self.scopes.get(scope)?.kind, name)?),
        };
        Some(Asked { actor, target, own: ids.target == Some(ids.actor), scope, action: action.0, role })
    }

    /// Whether an answer was found without counting for a keep, and without looking for memberships that ended.
    fn holds_for_class(&self, probe: &Probe, answer: Option<DenialCode>) -> bool {
        match answer {
            Some(DenialCode::Keep(..) | DenialCode::Catalog(Code::AlreadyEnded | Code::NotDirect | Code::NotMember)) => false,
            Some(_) => true,
            // Which roles can be given may depend on how many hold them.
            None if probe.action.verb() == Some(Verb::MemberSetRoles) && probe.role.is_none() => self.policy.keeps.is_empty(),
            None => {
                let actor = probe.asker.who.user();
                let changed = probe.target.flatten().or(actor.filter(|_| matches!(probe.action.verb(), Some(Verb::MemberLeave | Verb::MemberJoin))));
                let uncounted = |row: &User| self.policy.keeps.iter().all(|keep| self.is_bystander(keep, row, probe.role.flatten()));
                changed.and_then(|user| self.users.get(user)).is_none_or(uncounted)
            }
        }
    }
}
