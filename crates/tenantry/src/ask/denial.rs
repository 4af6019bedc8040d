//! `can` and `denial`: what speaks against an action, as a code and nothing else. The same gate, judgement, state machine and
//! keeps as a decision; what depends on fields that a question does not have (an address, a name) is not looked at.

use crate::codes::Code;
use crate::decide::conditions::Who;
use crate::decide::judge::{Asker, Powers};
use crate::decide::outcome::default_message;
use crate::decide::{Run, check_facts, check_request, may_break, who_is};
use crate::directory::rows::RoleRef;
use crate::directory::{Directory, NO_FACTS, ROOT};
use crate::document::policy::Each;
use crate::document::{Actor, Ask, Body, Facts, Reason, Request, Time};
use crate::error::{Error, Kind, Need};
use crate::policy::Policy;
use crate::policy::actions::{ActionId, Verb};
use crate::policy::rules::{Keep, Rule};

use super::verdict::Probe;
use super::{Query, Question};

/// A code, without the words: of the catalogue, or of the rule that brings one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialCode {
    /// A code of the catalogue.
    Catalog(Code),
    /// The code of an allow, by its number.
    Allow(u16),
    /// The code of a forbid, by its number.
    Forbid(u16),
    /// The code of a keep, by its number, or that of the side on which it breaks.
    Keep(u16, Code),
}

impl DenialCode {
    /// The code as a decision has it.
    #[must_use]
    pub fn code(self, policy: &Policy) -> &str {
        match self {
            DenialCode::Catalog(code) => code.as_str(),
            DenialCode::Allow(number) => policy.allows[usize::from(number)].code.as_deref().unwrap_or(Code::NotPermitted.as_str()),
            DenialCode::Forbid(number) => policy.forbids[usize::from(number)].code.as_deref().unwrap_or(Code::Forbidden.as_str()),
            DenialCode::Keep(number, side) => policy.keeps[usize::from(number)].code.as_deref().unwrap_or(side.as_str()),
        }
    }

    /// The sentence as a decision has it.
    #[must_use]
    pub fn message(self, policy: &Policy) -> String {
        let (message, code, otherwise) = match self {
            DenialCode::Catalog(code) => (None, None, code),
            DenialCode::Allow(number) => {
                let rule = &policy.allows[usize::from(number)];
                (rule.message.as_ref(), rule.code.as_deref(), Code::NotPermitted)
            }
            DenialCode::Forbid(number) => {
                let rule = &policy.forbids[usize::from(number)];
                (rule.message.as_ref(), rule.code.as_deref(), Code::Forbidden)
            }
            DenialCode::Keep(number, side) => {
                let keep = &policy.keeps[usize::from(number)];
                (keep.message.as_ref(), keep.code.as_deref(), side)
            }
        };
        message.cloned().unwrap_or_else(|| default_message(code, otherwise))
    }
}

/// The questions that a question's few words put as a whole request, and that reach beyond one user's roles: the invitee's
/// verbs, approvals, and what is done to a group.
fn in_full(action: ActionId, query: &Query) -> Option<Ask> {
    let ask = || Ask { action: query.action.clone(), scope: query.scope.clone(), ..Ask::default() };
    let of_group = || Ask { group: query.group.clone(), ..ask() };
    match action.verb()? {
        verb if verb.needs_no_rule() => Some(Ask { scope: None, invitation: query.invitation.clone(), ..ask() }),
        Verb::InvitationApprove if query.invitation.is_some() => Some(Ask { invitation: query.invitation.clone(), ..ask() }),
        Verb::GroupDelete if query.group.is_some() => Some(of_group()),
        Verb::GroupAdd | Verb::GroupRemove if query.group.is_some() && query.target.is_some() => Some(Ask { target: query.target.clone(), ..of_group() }),
        Verb::GroupGrant | Verb::GroupRevoke if query.group.is_some() => {
            let role = query.role.as_deref()?;
            Some(Ask { roles: Some(vec![role.into()]), ..of_group() })
        }
        _ => None,
    }
}

impl Directory {
    /// Whether nothing speaks against the action.
    ///
    /// # Errors
    /// `unknown_action`, with the nearest name.
    pub fn can(&self, query: &Query) -> Result<bool, Error> {
        self.denial(query).map(|denial| denial.is_none())
    }

    /// What speaks against the action: the code that a decision would have; `None` if nothing does.
    ///
    /// # Errors
    /// `unknown_action`, with the nearest name.
    pub fn denial(&self, query: &Query) -> Result<Option<DenialCode>, Error> {
        let action = self.policy.known_action(&query.action)?;
        if let Some(ask) = in_full(action, query) {
            return self.decided(query, ask);
        }
        check_facts(&query.context, &self.policy.attributes.context, "context")?;
        check_facts(&query.resource, &self.policy.attributes.resource, "resource")?;
        let session = query.actor.session();
        let who = who_is(self, &query.actor, session.as_deref());
        let asker = Asker { who, now: query.now, context: &query.context, resource: Some(&query.resource), powers: Powers::default() };
        let organization = || self.exists().then_some(ROOT);
        let scope = query.scope.as_deref().map_or_else(organization, |id| self.scopes.find(id));
        let probe = Probe {
            asker,
            action,
            scope,
            target: query.target.as_deref().map(|id| self.users.slot(id)),
            invitation: query.invitation.as_deref().map(|id| self.invitations.find(id)),
            role: query.role.as_deref().map(|name| scope.and_then(|scope| self.role_at(scope, name))),
            invitee: matches!(query.actor, Actor::Invitee { .. }),
            scene: None,
        };
        let denial = self.answer(&probe);
        self.check_held(query)?;
        Ok(denial)
    }

    /// Decides in full. Only where a keep could fail are the changes tried, on a copy of the state.
    fn decided(&self, query: &Query, ask: Ask) -> Result<Option<DenialCode>, Error> {
        let body = Body::One(Box::new(ask));
        let request = Request { id: Some("question".to_owned()), now: query.now, actor: query.actor.clone(), context: query.context.clone(), body };
        let Body::One(ask) = &request.body else { return Ok(None) };
        let actions = check_request(&self.policy, &request)?;
        let (action, session) = (actions[0], request.actor.session());
        let run = Run::new(&request, actions, session.as_deref());
        let judged = run.judged(&run.case(self, ask, action, None)).map_err(|(denial, _)| denial);
        let whole = self.held.is_none();
        match judged.and_then(|(plan, judgement)| run.concluded(self, (ask, action), plan, judgement)) {
            Err(denial) if whole => Ok(denial.reasons.first().map(|reason| self.denial_code(reason))),
            Ok(effects) if whole && !may_break(self, &effects.events) => Ok(None),
            _ => Ok(self.clone().decide(&request)?.reasons.first().map(|reason| self.denial_code(reason))),
        }
    }

    /// A reason of a decision as a code.
    fn denial_code(&self, reason: &Reason) -> DenialCode {
        let number = |id: &str, rules: &[Rule]| rules.iter().position(|rule| rule.id == id).map(|number| number as u16);
        let forbid = reason.rule.as_deref().and_then(|id| number(id, &self.policy.forbids)).map(DenialCode::Forbid);
        let rule = forbid.or_else(|| reason.rule.as_deref().and_then(|id| number(id, &self.policy.allows)).map(DenialCode::Allow));
        let keep = || {
            let number = self.policy.keeps.iter().position(|keep| Some(&keep.id) == reason.rule.as_ref())?;
            Some(DenialCode::Keep(number as u16, Code::parse(&reason.code).unwrap_or(Code::BelowMinimum)))
        };
        let catalogued = || DenialCode::Catalog(Code::parse(&reason.code).unwrap_or(Code::NotPermitted));
        rule.or_else(keep).unwrap_or_else(catalogued)
    }

    /// A slice answers what it holds: the rows that the question names, and the counts of their keeps.
    fn check_held(&self, query: &Query) -> Result<(), Error> {
        let Some(held) = &self.held else { return Ok(()) };
        let mut missing = Vec::new();
        let actor = if let Actor::User(id) = &query.actor { Some(id) } else { None };
        for id in actor.into_iter().chain(&query.target) {
            missing.extend((!held.users.contains(id)).then(|| Need::User { id: id.clone() }));
            missing.extend((!held.memberships.contains(id)).then(|| Need::Memberships { user: id.clone() }));
        }
        let scope = query.scope.clone().unwrap_or_else(|| self.organization.to_string());
        missing.extend((!held.scopes.contains(&scope)).then(|| Need::Scope { id: scope.clone() }));
        missing.extend(query.invitation.iter().filter(|id| !held.invitations.contains(*id)).map(|id| Need::Invitation { id: id.clone() }));
        let offered = query.invitation.as_deref().and_then(|id| self.invitations.get(self.invitations.find(id)?)).and_then(|row| row.email.as_deref());
        missing.extend(offered.filter(|address| !held.emails.contains(*address)).map(|address| Need::Email { address: address.to_owned() }));
        let slot = self.scopes.find(&scope);
        let role = slot.zip(query.role.as_deref()).and_then(|(slot, role)| self.role_at(slot, role));
        let changed = query.target.as_ref().or(actor.filter(|_| query.action == "member.leave")).and_then(|id| self.users.find(id));
        if let (Some(row), Some(slot)) = (changed.and_then(|user| self.users.get(user)), slot) {
            let moves = |keep: &&Keep| keep.each == Each::Scope && self.is_judged_at(keep, slot) && !self.is_bystander(keep, row, role);
            let counts = self.policy.keeps.iter().filter(moves).filter(|keep| !held.counts.contains_key(&(keep.id.clone(), scope.clone())));
            missing.extend(counts.map(|keep| Need::Count { keep: keep.id.clone(), scope: scope.clone() }));
        }
        if missing.is_empty() { Ok(()) } else { Err(Kind::MissingFacts(missing).into()) }
    }

    /// Whether nothing speaks against the action, by handles.
    #[must_use]
    pub fn allows(&self, question: &Question) -> bool {
        self.denies(question).is_none()
    }

    /// What speaks against the action, by handles.
    #[must_use]
    pub fn denies(&self, question: &Question) -> Option<DenialCode> {
        let slots = Slots {
            actor: Some(question.actor.0),
            scope: Some(question.scope.0),
            target: question.target.map(|target| Some(target.0)),
            role: question.role.map(|role| Some(role.0)),
        };
        self.denies_slots(slots, question.action, question.now, (question.resource, question.context))
    }

    /// The same by slots, of which each may be none: no such user, scope or role.
    pub(crate) fn denies_slots(&self, slots: Slots, action: ActionId, now: Time, (resource, context): (Option<&Facts>, Option<&Facts>)) -> Option<DenialCode> {
        let who = slots.actor.map_or(Who::Outsider(None), Who::User);
        let asker = Asker { who, now, context: context.unwrap_or(&NO_FACTS), resource, powers: Powers::default() };
        let Slots { scope, target, role, .. } = slots;
        self.answer(&Probe { asker, action, scope, target, invitation: None, role, invitee: false, scene: None })
    }
}

/// What a question is about. An id that does not exist is `None` inside the option.
#[derive(Clone, Copy)]
pub(crate) struct Slots {
    pub actor: Option<u32>,
    pub scope: Option<u32>,
    pub target: Option<Option<u32>>,
    pub role: Option<Option<RoleRef>>,
}
