//! Denials with their reasons, and what would help, from the rules themselves.

use crate::codes::{Code, Step};
use crate::directory::Directory;
use crate::document::words::Pointed;
use crate::document::{Event, Obligation, Reason, Remedy, Warning};
use crate::policy::Policy;
use crate::policy::actions::{ActionId, Verb};
use crate::policy::catalog::RoleMask;
use crate::policy::conditions::{PersonTest, RoleSet};
use crate::policy::rules::{Keep, Rule};

/// Which rule a reason names, so that the rules of a decision stand in the policy's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RuleRef {
    Allow(u16),
    Forbid(u16),
    Keep(u16),
}

impl RuleRef {
    pub fn id(self, policy: &Policy) -> &str {
        match self {
            RuleRef::Allow(number) => &policy.allows[usize::from(number)].id,
            RuleRef::Forbid(number) => &policy.forbids[usize::from(number)].id,
            RuleRef::Keep(number) => &policy.keeps[usize::from(number)].id,
        }
    }
}

/// Why a verb is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    pub step: Step,
    pub reasons: Vec<Reason>,
    pub remedies: Vec<Remedy>,
    pub rules: Vec<RuleRef>,
    /// The allows that had carried it before the state machine said no.
    pub carried: Vec<RuleRef>,
}

/// What an allowed verb brings about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    pub events: Vec<Event>,
    pub obligations: Vec<Obligation>,
    pub warnings: Vec<Warning>,
    pub rules: Vec<RuleRef>,
}

impl Effects {
    pub fn extend(&mut self, other: Effects) {
        self.events.extend(other.events);
        self.obligations.extend(other.obligations);
        for warning in other.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        self.rules.extend(other.rules);
    }
}

/// A reason with a code of the catalogue and nothing else.
pub(crate) fn reason(code: Code) -> Reason {
    Reason { code: code.as_str().to_owned(), message: code.message().to_owned(), ..Reason::default() }
}

impl Denial {
    pub fn new(step: Step, reason: Reason) -> Denial {
        Denial { step, reasons: vec![reason], remedies: Vec::new(), rules: Vec::new(), carried: Vec::new() }
    }

    /// A denial of the state machine.
    pub fn of(code: Code) -> Denial {
        Denial::new(code.step(), reason(code))
    }

    /// The same, about a field of the request.
    pub fn field(code: Code, field: &str) -> Denial {
        Denial::new(code.step(), Reason { field: Some(field.to_owned()), ..reason(code) })
    }

    /// The same, about a scope.
    pub fn at(code: Code, scope: &str) -> Denial {
        Denial::new(code.step(), Reason { scope: Some(scope.to_owned()), ..reason(code) })
    }

    pub fn with(mut self, remedy: Remedy) -> Denial {
        self.remedies.push(remedy);
        self
    }

    /// One denial: what is denied already, and the reasons of this one that are new to it.
    #[inline(never)]
    pub fn after(self, before: Option<Denial>) -> Denial {
        let Some(mut all) = before else { return self };
        let new: Vec<Reason> = self.reasons.into_iter().filter(|reason| !all.reasons.contains(reason)).collect();
        all.reasons.extend(new);
        all
    }

    pub fn code(&self) -> &str {
        self.reasons.first().map_or("", |reason| &reason.code)
    }
}

/// The reason of a rule: its own code and sentence, or those given.
pub(crate) fn rule_reason(rule: &Rule, otherwise: Code) -> Reason {
    Reason {
        code: rule.code.clone().unwrap_or_else(|| otherwise.as_str().to_owned()),
        message: rule.message.clone().unwrap_or_else(|| default_message(rule.code.as_deref(), otherwise)),
        rule: Some(rule.id.clone()),
        ..Reason::default()
    }
}

/// The sentence of a code of the catalogue, or of what happened.
pub(crate) fn default_message(code: Option<&str>, otherwise: Code) -> String {
    code.and_then(Code::parse).unwrap_or(otherwise).message().to_owned()
}

/// Ask somebody whom an allow of the verb names.
pub(crate) fn ask_holders(policy: &Policy, action: ActionId) -> Option<Remedy> {
    let (mut roles, mut permissions): (RoleMask, u128) = (0, 0);
    for &number in &policy.index.of(action).allows {
        let rule = &policy.allows[usize::from(number)];
        // Permissions carry no change: whoever has only them cannot help.
        let helps = !rule.implied || action.verb().is_none_or(Verb::only_fits);
        if let Some(actor) = rule.blocks.actor.as_ref().filter(|_| helps) {
            roles |= named_roles(actor);
            permissions |= actor.permission.unwrap_or(0);
        }
    }
    ask(policy, roles, permissions)
}

fn ask(policy: &Policy, roles: RoleMask, permissions: u128) -> Option<Remedy> {
    let remedy = Remedy::Ask { roles: policy.role_names(roles), permissions: policy.permission_names(permissions) };
    (roles != 0 || permissions != 0).then_some(remedy)
}

fn named_roles(actor: &PersonTest) -> RoleMask {
    let named = |set: &RoleSet| set.own | set.layered;
    [&actor.role, &actor.has_role, &actor.direct_role].into_iter().flatten().map(named).fold(0, std::ops::BitOr::bitor)
}

/// What helps against a forbid: somebody whom it leaves alone.
pub(crate) fn forbid_remedy(policy: &Policy, rule: &Rule, action: ActionId) -> Option<Remedy> {
    let exempt = rule.blocks.actor.as_ref().and_then(|actor| actor.not_role.as_ref()).map_or(0, |set| set.own | set.layered);
    if exempt != 0 {
        return ask(policy, exempt, 0);
    }
    let on_self = rule.blocks.target.as_ref().is_some_and(|target| target.is_actor == Some(true));
    if on_self { ask_holders(policy, action) } else { None }
}

/// What helps against a keep.
pub(crate) fn keep_remedy(policy: &Policy, keep: &Keep, (kind, scope): (u8, &str), too_few: bool) -> Option<Remedy> {
    let scope = scope.to_owned();
    if !too_few {
        return Some(Remedy::MakeRoom { scope });
    }
    // The first role named that can be held there; where there is none, the first.
    let mut named = keep.promotes.iter().map(|&role| &policy.roles[usize::from(role)]);
    let role = named.clone().find(|role| role.kind == kind).or_else(|| named.next())?;
    Some(Remedy::Promote { role: role.qualified.clone(), scope })
}

/// Sending the pending invitation again, where the policy has that verb.
pub(crate) fn resend_remedy(directory: &Directory, invitation: u32) -> Option<Remedy> {
    let offered = !directory.policy.index.of(Verb::InvitationResend.into()).allows.is_empty();
    offered.then(|| Remedy::Resend { invitation: directory.invitations.id(invitation).to_owned() })
}

/// The number that a keep's bound is at a scope; none where the attribute is missing, which bounds nothing. Nobody can be fewer
/// than none: a negative number bounds like 0.
pub(crate) fn bound_at(directory: &Directory, bound: &Pointed<u32>, scope: u32) -> Option<u64> {
    match bound {
        Pointed::Given(number) => Some(u64::from(*number)),
        Pointed::Scope { scope: name } => match directory.scope_attribute(scope, name) {
            Some(crate::document::Fact::Integer(number)) => Some(u64::try_from(*number).unwrap_or(0)),
            _ => None,
        },
        Pointed::Actor { .. } => None,
    }
}
