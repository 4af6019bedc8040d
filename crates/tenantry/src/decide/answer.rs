//! From what became of a request to the decision document.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::bounds::GRANTS_OF_ONE;
use crate::directory::Directory;
use crate::directory::rows::Holdings;
use crate::document::shape::Shape;
use crate::document::{Ask, Decision, Effect, Event, Obligation, Outcome, Request};
use crate::error::{Error, Kind, Need};
use crate::policy::Policy;
use crate::policy::actions::ActionId;

use super::outcome::RuleRef;
use super::{Counts, Ran, Run};

impl Run<'_> {
    /// The outcome as documents have it.
    pub(super) fn outcome<'a>(&self, policy: &Policy, ran: Ran, asks: impl Iterator<Item = (ActionId, &'a Ask)>) -> Outcome {
        match ran {
            Err(denial) => Outcome {
                effect: Effect::Deny,
                code: denial.reasons.first().map(|reason| reason.code.clone()),
                message: denial.reasons.first().map(|reason| reason.message.clone()),
                rules: rule_ids(policy, denial.rules),
                reasons: denial.reasons,
                remedies: denial.remedies,
                ..Outcome::default()
            },
            Ok(effects) => {
                let mut confirms: Vec<Obligation> = Vec::new();
                for (action, ask) in asks {
                    let settings = policy.settings(action);
                    if settings.confirm && !ask.confirmed {
                        let confirm = Obligation::Confirm { action: settings.name.clone() };
                        if !confirms.contains(&confirm) {
                            confirms.push(confirm);
                        }
                    }
                }
                let mut obligations = effects.obligations;
                obligations.splice(..0, confirms);
                Outcome {
                    effect: Effect::Allow,
                    rules: rule_ids(policy, effects.rules),
                    warnings: effects.warnings,
                    events: effects.events,
                    obligations,
                    ..Outcome::default()
                }
            }
        }
    }

    /// The decision, to which the request has yet to be added.
    pub(super) fn decision(&self, directory: &Directory, ran: Ran, items: Vec<Outcome>, counts: &Counts) -> Result<Decision, Error> {
        let asks = self.request.body.asks();
        let mut outcome = self.outcome(&directory.policy, ran, self.actions.iter().copied().zip(asks));
        if !items.is_empty() {
            outcome.obligations = items.iter().flat_map(|item| item.obligations.iter().cloned()).collect();
        }
        let trace = &self.shared.trace;
        let wide = if directory.held.is_some() { trace.wide_needs(directory) } else { Vec::new() };
        let (mut reads, valid_until) = trace.write(directory, self.request.now);
        for &(number, scope, count) in counts {
            let keep = directory.policy.keeps[usize::from(number)].id.clone();
            reads.counts.entry(keep).or_default().insert(directory.scopes.id(scope).to_owned(), count);
        }
        check_grants(directory, &outcome.events)?;
        missing_facts(directory, &reads, wide)?;
        Ok(Decision {
            tenantry: crate::document::VERSION,
            organization: directory.organization.to_string(),
            policy: directory.policy.digest.clone(),
            request: Request::blank(),
            effect: outcome.effect,
            code: outcome.code,
            message: outcome.message,
            reasons: outcome.reasons,
            remedies: outcome.remedies,
            rules: outcome.rules,
            warnings: outcome.warnings,
            events: outcome.events,
            obligations: outcome.obligations,
            items,
            reads,
            valid_until,
        })
    }
}

/// Nobody comes to hold more grants than a state may have: it could not be read again.
pub(super) fn check_grants<'e>(directory: &Directory, events: &'e [Event]) -> Result<(), Error> {
    let to = |event: &'e Event| match event {
        Event::RoleGiven { user, group, .. } => Some((user.as_deref(), group.as_deref())),
        _ => None,
    };
    let mut given: SmallVec<[(Option<&str>, Option<&str>); 4]> = events.iter().filter_map(to).collect();
    given.sort_unstable();
    given.chunk_by(PartialEq::eq).try_for_each(|new| {
        let (user, group) = new[0];
        let of_user = || user.and_then(|id| directory.users.get(directory.users.find(id)?)).map(|row| &row.holdings);
        let of_group = || group.and_then(|id| directory.groups.get(directory.groups.find(id)?)).map(|row| &row.holdings);
        let held = of_user().or_else(of_group).map_or(0, Holdings::count);
        GRANTS_OF_ONE.check(held + new.len(), "grants")
    })
}

/// Rule ids in the policy's order, each once.
fn rule_ids(policy: &Policy, mut rules: Vec<RuleRef>) -> Vec<String> {
    rules.sort_unstable();
    rules.dedup();
    rules.into_iter().map(|rule| rule.id(policy).to_owned()).collect()
}

/// Of a slice: everything that the decision depends on must be held.
fn missing_facts(directory: &Directory, reads: &crate::document::Reads, wide: Vec<Need>) -> Result<(), Error> {
    let Some(held) = &directory.held else { return Ok(()) };
    let mut missing: Vec<Need> = Vec::new();
    let mut need = |holds: bool, fact: Need| {
        if !holds {
            missing.push(fact);
        }
    };
    // What a service may do ends where its owner's roles end. Where services are counted, those that the slice holds are taken
    // off the count.
    let owner = |id: &String| directory.users.find(id).and_then(|slot| directory.users.get(slot)?.owner());
    let counted = directory.policy.keeps.iter().any(|keep| reads.counts.contains_key(&keep.id) && directory.counts_services(keep));
    let of_counts = directory.owned.iter().filter(|(_, services)| counted && !services.is_empty()).map(|(&owner, _)| owner);
    let owners = reads.users.keys().filter_map(owner).chain(of_counts).map(|slot| directory.users.id(slot));
    for id in reads.users.keys().map(String::as_str).chain(owners).collect::<BTreeSet<&str>>() {
        need(held.users.contains(id), Need::User { id: id.to_owned() });
        need(held.memberships.contains(id), Need::Memberships { user: id.to_owned() });
    }
    reads.scopes.keys().for_each(|id| need(held.scopes.contains(id), Need::Scope { id: id.clone() }));
    reads.groups.keys().for_each(|id| need(held.groups.contains(id), Need::Group { id: id.clone() }));
    reads.custom_roles.keys().for_each(|id| need(held.custom_roles.contains(id), Need::CustomRole { id: id.clone() }));
    reads.invitations.keys().for_each(|id| need(held.invitations.contains(id), Need::Invitation { id: id.clone() }));
    reads.emails.keys().for_each(|address| need(held.emails.contains(address), Need::Email { address: address.clone() }));
    for (keep, scopes) in &reads.counts {
        for scope in scopes.keys() {
            need(held.counts.contains_key(&(keep.clone(), scope.clone())), Need::Count { keep: keep.clone(), scope: scope.clone() });
        }
    }
    for fact in wide {
        let holds = match &fact {
            Need::Subtree { scope } => held.subtrees.contains(scope),
            Need::Holders { scope } => held.holders.contains(scope),
            Need::Email { address } => held.emails.contains(address),
            Need::CustomRole { id } => held.custom_roles.contains(id),
            _ => true,
        };
        need(holds, fact);
    }
    if missing.is_empty() { Ok(()) } else { Err(Kind::MissingFacts(missing).into()) }
}
