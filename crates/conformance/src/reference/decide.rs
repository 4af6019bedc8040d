//! A decision, step by step: well-formed? stands? gate, resolve, judge, applicable, keeps, allow.

use std::cell::{Cell, RefCell};

use serde_json::Value;
use tenantry::document::{
    Actor, Ask, Batch, Body, Decision, Effect, Event, Facts, Obligation, Outcome, Reads, Reason, Remedy, Request, RoleAt, Snapshot, Warning,
};
use tenantry::policy::actions::VERBS;
use tenantry::{Code, Policy};

use super::conditions::{Handed, View};
use super::events::fold;
use super::judge::{Carried, Change, Denial, Sort, denied_at, gate, judge, offers_action, standing};
use super::keeps::{self, judge_keeps};
use super::verbs::{Desk, Proposal};
use super::world::{Log, Read, World, canonical_of};
use super::written::Written;

/// The slow reference: a policy and a state.
#[derive(Debug, Clone)]
pub struct Reference {
    pub(super) written: Written,
    digest: String,
    pub(super) state: Snapshot,
}

/// A decision with what was looked at for it.
#[derive(Debug)]
pub struct Traced {
    /// The decision, or the code of the error.
    pub decision: Result<Decision, String>,
    /// Every look at a row, in order.
    pub reads: Vec<Read>,
    /// How many looks there were when the (first) gate passed; none if it did not.
    pub gate_passed_at: Option<usize>,
}

/// What an allowed verb comes to.
#[derive(Debug, Clone, Default)]
struct Allowed {
    carried: Carried,
    events: Vec<Event>,
    obligations: Vec<Obligation>,
}

impl Reference {
    /// A policy that the engine accepts, and a whole snapshot.
    #[must_use]
    pub fn new(policy: &Policy, snapshot: &Snapshot) -> Reference {
        Reference { written: Written::read(&policy.to_json()), digest: policy.digest().to_owned(), state: snapshot.clone() }
    }

    /// The same policy with another state.
    #[must_use]
    pub fn with(&self, state: Snapshot) -> Reference {
        Reference { written: self.written.clone(), digest: self.digest.clone(), state }
    }

    /// Whether some allow is about an action: without one, everybody is denied it.
    #[must_use]
    pub fn offers(&self, action: &str) -> bool {
        offers_action(&self.written, action)
    }

    /// The state.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.state
    }

    /// Makes an allowed decision true.
    pub fn apply(&mut self, decision: &Decision) {
        fold(&mut self.state, &decision.events, decision.request.now, &self.written);
    }

    /// Decides a request.
    ///
    /// # Errors
    /// The code of a malformed request.
    pub fn decide(&self, request: &Request) -> Result<Decision, String> {
        self.decide_traced(request).decision
    }

    /// Decides a request, and says what was looked at.
    #[must_use]
    pub fn decide_traced(&self, request: &Request) -> Traced {
        let log: Log = RefCell::new(Vec::new());
        let passed = Cell::new(None);
        let decision = self.well_formed(request).map(|()| Course { reference: self, request, log: &log, passed: &passed, minted: &Cell::new(0) }.decide());
        Traced { decision, reads: log.into_inner(), gate_passed_at: passed.get() }
    }
}

/// The deciding of one request.
#[derive(Clone, Copy)]
struct Course<'a> {
    reference: &'a Reference,
    request: &'a Request,
    log: &'a Log,
    passed: &'a Cell<Option<usize>>,
    minted: &'a Cell<u32>,
}

impl<'a> Course<'a> {
    fn decide(&self) -> Decision {
        let actor = self.actor();
        let (outcome, items) = match &self.request.body {
            Body::One(ask) => (self.one(&actor, ask), Vec::new()),
            Body::Batch(Batch::Each, asks) => self.each(asks),
            Body::Batch(Batch::Atomic, asks) => (self.atomic(&actor, asks), Vec::new()),
        };
        let Outcome { effect, code, message, reasons, remedies, rules, warnings, events, obligations } = outcome;
        Decision {
            tenantry: tenantry::document::VERSION,
            organization: self.reference.state.organization.clone(),
            policy: self.reference.digest.clone(),
            request: self.request.clone(),
            effect,
            code,
            message,
            reasons,
            remedies,
            rules,
            warnings,
            events,
            obligations,
            items,
            reads: Reads::default(),
            valid_until: None,
        }
    }

    /// A session whose proved address belongs to a user of the organization is that user, if the row vouches for it.
    fn actor(&self) -> Actor {
        self.actor_on(&self.reference.state)
    }

    fn actor_on(&self, doc: &Snapshot) -> Actor {
        if let Actor::Invitee { email, verified: true } = &self.request.actor {
            let world = World { written: &self.reference.written, doc, now: self.request.now, log: self.log, permanent: false, capped: false };
            let row = canonical_of(Some(email)).and_then(|address| world.user_of_email(&address));
            if let Some(row) = row.filter(|row| row.verified) {
                return Actor::User(row.id.clone());
            }
        }
        self.request.actor.clone()
    }

    /// A single verb: the steps up to 6, the keeps, and what is allowed.
    fn one(&self, actor: &Actor, ask: &Ask) -> Outcome {
        let state = &self.reference.state;
        match self.steps(actor, ask, state) {
            Ok(allowed) => self.allow(allowed),
            Err(denial) => self.deny(denial),
        }
    }

    fn keeps(&self, actor: &Actor, asks: &[&Ask], before: &Snapshot, after: &Snapshot) -> Result<(), Denial> {
        let world = |doc| World { written: &self.reference.written, doc, now: self.request.now, log: self.log, permanent: false, capped: false };
        let view = View { state: world(before), powers: world(before), actor, context: &self.request.context, resource: None };
        let desk = |ask| Desk { view, ask, request: self.request, minted: self.minted };
        // A batch that stands or falls as one is about nobody, even where it has one item.
        let is_about_one = !matches!(self.request.body, Body::Batch(Batch::Atomic, _));
        let target = asks.first().filter(|_| is_about_one).and_then(|ask| desk(ask).whom());
        let resources: Vec<Option<&Facts>> = asks.iter().map(|ask| ask.resource.as_ref()).collect();
        judge_keeps(&keeps::Change { before: world(before), after: world(after), view: &view, resources: &resources, target: target.as_deref() })
    }

    /// Steps 2 to 6 on one state, with the actor's powers of another.
    fn up_to_step_6(&self, actor: &Actor, ask: &Ask, powers: &Snapshot, state: &Snapshot) -> Result<Allowed, Denial> {
        let world = |doc| World { written: &self.reference.written, doc, now: self.request.now, log: self.log, permanent: false, capped: false };
        let view = View { state: world(state), powers: world(powers), actor, context: &self.request.context, resource: ask.resource.as_ref() };
        let desk = Desk { view, ask, request: self.request, minted: self.minted };
        standing(&View { powers: view.state, ..view })?;
        self.gate(&desk)?;
        self.passed.set(self.passed.get().or(Some(self.log.borrow().len())));
        let proposal = desk.propose()?;
        let mut carried = judge(&[view], desk.verb(), &proposal.changes)?;
        if proposal.one_by_one {
            self.one_after_the_other(&desk, &proposal)?;
        }
        if let Some(problem) = proposal.problem {
            return Err(problem);
        }
        carried.rules.extend(proposal.carried_by);
        carried.warnings.extend(proposal.warnings);
        let mut obligations = proposal.obligations;
        let confirm = self.reference.written.actions.get(&ask.action).is_some_and(|action| action.confirm);
        if confirm && !ask.confirmed {
            obligations.insert(0, Obligation::Confirm { action: ask.action.clone() });
        }
        Ok(Allowed { carried, events: proposal.events, obligations })
    }

    // Step 3.

    fn gate(&self, desk: &Desk) -> Result<(), Denial> {
        let verb = desk.verb();
        match verb {
            "invitation.accept" | "invitation.decline" => return desk.gate_of_invitee().map(drop),
            "organization.create" => {
                return gate(
                    &desk.view,
                    verb,
                    desk.view.state.scope(desk.root()).map(|_| desk.root()),
                    &named_roles(desk, "organization.create", desk.ask.roles.as_deref()),
                );
            }
            _ => {}
        }
        if verb.starts_with("role.") && self.reference.written.custom_roles.is_none() && VERBS.iter().any(|spec| spec.name == verb) {
            return Err(denied_at(Code::CatalogClosed, desk.scope()));
        }
        if let Some(edits) = &desk.ask.scopes {
            return edits.iter().try_for_each(|edit| {
                let roles = if verb == "member.set_roles" { None } else { edit.roles.as_deref() };
                gate(&desk.view, verb, Some(&edit.scope), &named_roles(desk, &edit.scope, roles))
            });
        }
        let mut given = named_roles(desk, desk.scope(), desk.ask.roles.as_deref().filter(|_| gives_by_name(verb)));
        if verb == "ownership.transfer" {
            let roles: Vec<RoleAt> = desk.ask.role.iter().map(|name| RoleAt::from(name.as_str())).collect();
            given.extend(named_roles(desk, desk.scope(), Some(&roles)));
        }
        gate(&desk.view, verb, Some(desk.scope()), &given)?;
        match (verb, &desk.ask.parent) {
            ("scope.move", Some(parent)) => gate(&desk.view, verb, Some(parent), &[]),
            _ => Ok(()),
        }
    }

    // The law of atomic requests.

    /// "One part after the other, gives first or takes first, with what the actor may do left to it at each point."
    fn one_after_the_other(&self, desk: &Desk, proposal: &Proposal) -> Result<(), Denial> {
        let steps = single_steps(desk, proposal);
        if steps.len() < 2 {
            return Ok(());
        }
        let gives_first = in_order(&steps, false);
        let takes_first = in_order(&steps, true);
        let answer = self.walk(desk, &gives_first);
        answer.or_else(|denial| self.walk(desk, &takes_first).map_err(|_| denial))
    }

    fn walk(&self, desk: &Desk, steps: &[&Step]) -> Result<(), Denial> {
        let mut doc = desk.view.state.doc.clone();
        for step in steps {
            let world = World { doc: &doc, ..desk.view.state };
            let before = View { state: world, ..desk.view };
            judge(&[View { powers: world, ..before }, before], desk.verb(), &step.changes)?;
            fold(&mut doc, &step.events, self.request.now, &self.reference.written);
        }
        Ok(())
    }

    // Batches.

    fn each(&self, asks: &[Ask]) -> (Outcome, Vec<Outcome>) {
        let mut doc = self.reference.state.clone();
        let mut items = Vec::new();
        for ask in asks {
            let minted = self.minted.get();
            let answer = self.steps(&self.actor_on(&doc), ask, &doc);
            if answer.is_err() {
                self.minted.set(minted);
            }
            let outcome = match answer {
                Ok(allowed) => self.allow(allowed),
                Err(denial) => self.deny(denial),
            };
            fold(&mut doc, &outcome.events, self.request.now, &self.reference.written);
            items.push(outcome);
        }
        (self.together(&items), items)
    }

    fn steps(&self, actor: &Actor, ask: &Ask, state: &Snapshot) -> Result<Allowed, Denial> {
        let allowed = self.up_to_step_6(actor, ask, state, state)?;
        let mut after = state.clone();
        fold(&mut after, &allowed.events, self.request.now, &self.reference.written);
        self.keeps(actor, &[ask], state, &after)?;
        Ok(allowed)
    }

    /// "The whole is allowed if one of them is."
    fn together(&self, items: &[Outcome]) -> Outcome {
        let allowed: Vec<&Outcome> = items.iter().filter(|item| item.effect == Effect::Allow).collect();
        let first = items.first().cloned().unwrap_or_default();
        if allowed.is_empty() {
            return first;
        }
        let rules = allowed.iter().flat_map(|item| item.rules.clone()).collect();
        Outcome {
            effect: Effect::Allow,
            rules: self.in_policy_order(rules),
            warnings: each_once(allowed.iter().flat_map(|item| item.warnings.clone())),
            events: allowed.iter().flat_map(|item| item.events.clone()).collect(),
            obligations: allowed.iter().flat_map(|item| item.obligations.clone()).collect(),
            ..Outcome::default()
        }
    }

    fn atomic(&self, actor: &Actor, asks: &[Ask]) -> Outcome {
        match self.all_or_nothing(actor, asks) {
            Ok(allowed) => self.allow(allowed),
            Err(denial) => self.deny(denial),
        }
    }

    /// Each item on the state that those before it leave, with the powers from before; keeps once, at the end.
    fn all_or_nothing(&self, actor: &Actor, asks: &[Ask]) -> Result<Allowed, Denial> {
        let before = &self.reference.state;
        let mut doc = before.clone();
        let mut whole = Allowed::default();
        let mut touching = Vec::new();
        for (number, ask) in asks.iter().enumerate() {
            let allowed = self.up_to_step_6(&self.actor_on(&doc), ask, before, &doc).map_err(|denial| in_item(denial, number))?;
            fold(&mut doc, &allowed.events, self.request.now, &self.reference.written);
            touching.push(touches(&allowed.events, actor, before));
            whole.carried.rules.extend(allowed.carried.rules);
            whole.carried.warnings.extend(allowed.carried.warnings);
            whole.events.extend(allowed.events);
            whole.obligations.extend(allowed.obligations);
        }
        whole.obligations.sort_by_key(|obligation| !matches!(obligation, Obligation::Confirm { .. }));
        // One confirmation of an action is enough.
        let mut told = Vec::new();
        whole.obligations.retain(|obligation| {
            let again = matches!(obligation, Obligation::Confirm { .. }) && told.contains(obligation);
            told.push(obligation.clone());
            !again
        });
        self.some_order(asks, &touching)?;
        let asked: Vec<&Ask> = asks.iter().collect();
        self.keeps(actor, &asked, before, &doc)?;
        Ok(whole)
    }

    /// "Some order of the items must carry each of them on what is left to the actor": the given one, or the items that
    /// touch the actor last.
    fn some_order(&self, asks: &[Ask], touching: &[bool]) -> Result<(), Denial> {
        let given: Vec<usize> = (0..asks.len()).collect();
        let mut actor_last = given.clone();
        actor_last.sort_by_key(|&number| touching[number]);
        let answer = self.in_turn(asks, &given);
        answer.or_else(|denial| self.in_turn(asks, &actor_last).map_err(|_| denial))
    }

    /// The items one after the other, with what is left of the actor's powers.
    fn in_turn(&self, asks: &[Ask], order: &[usize]) -> Result<(), Denial> {
        let mut doc = self.reference.state.clone();
        for &number in order {
            let allowed = self.up_to_step_6(&self.actor_on(&doc), &asks[number], &doc, &doc).map_err(|denial| in_item(denial, number))?;
            fold(&mut doc, &allowed.events, self.request.now, &self.reference.written);
        }
        Ok(())
    }

    // Step 8.

    fn allow(&self, allowed: Allowed) -> Outcome {
        let Allowed { carried: Carried { rules, warnings }, events, obligations } = allowed;
        let warnings = each_once(warnings);
        Outcome { effect: Effect::Allow, rules: self.in_policy_order(rules), warnings, events, obligations, ..Outcome::default() }
    }

    fn deny(&self, denial: Denial) -> Outcome {
        let Denial { reasons, remedies } = denial;
        let rules = reasons.iter().filter_map(|reason| reason.rule.clone()).collect();
        let first: Reason = reasons.first().cloned().unwrap_or_default();
        let remedies: Vec<Remedy> = remedies;
        let (code, message) = (Some(first.code), Some(first.message));
        Outcome { effect: Effect::Deny, code, message, reasons, remedies, rules: self.in_policy_order(rules), ..Outcome::default() }
    }

    /// Allows, then forbids, then keeps, each once.
    fn in_policy_order(&self, rules: Vec<String>) -> Vec<String> {
        let written = &self.reference.written;
        let allows = written.allow.iter().map(|rule| &rule.id);
        let all = allows.chain(written.forbid.iter().map(|rule| &rule.id)).chain(written.keep.iter().map(|keep| &keep.id));
        all.filter(|id| rules.contains(id)).cloned().collect()
    }
}

fn each_once(warnings: impl IntoIterator<Item = Warning>) -> Vec<Warning> {
    let mut once: Vec<Warning> = Vec::new();
    warnings.into_iter().for_each(|warning| {
        if !once.contains(&warning) {
            once.push(warning);
        }
    });
    once
}

fn in_item(mut denial: Denial, number: usize) -> Denial {
    denial.reasons.iter_mut().for_each(|reason| reason.item = u32::try_from(number).ok());
    denial
}

/// Whether something that becomes true is about the actor, or about a group that the actor is in.
fn touches(events: &[Event], actor: &Actor, before: &Snapshot) -> bool {
    let Actor::User(id) = actor else { return false };
    // A service is worth what its owner is.
    let owner = before.users.iter().find(|row| row.id == *id).and_then(|row| row.owner.as_ref());
    let theirs = |user: &String| user == id || Some(user) == owner;
    let in_group = |group: &str| before.groups.iter().any(|row| row.id == group && row.members.iter().any(theirs));
    events.iter().any(|event| {
        let Ok(event) = serde_json::to_value(event) else { return false };
        let word = |name: &str| event.get(name).and_then(Value::as_str).map(str::to_owned);
        word("user").map_or_else(|| word("group").is_some_and(|group| in_group(&group)), |user| theirs(&user))
    })
}

/// The verbs that give the roles that they name.
fn gives_by_name(verb: &str) -> bool {
    matches!(verb, "invitation.create" | "invitation.update" | "invitation.link" | "member.add" | "member.join" | "group.grant")
}

fn named_roles(desk: &Desk, scope: &str, roles: Option<&[RoleAt]>) -> Vec<Handed> {
    let state = &desk.view.state;
    let kind = if desk.verb() == "organization.create" { Some("organization") } else { state.kind(scope) };
    let handed = |at: &RoleAt| Handed { role: state.role_named(kind, &at.role), source: at.source.clone(), to_have: Vec::new() };
    roles.unwrap_or_default().iter().map(handed).collect()
}

/// A single change, with what it makes true.
#[derive(Debug, Clone)]
struct Step {
    takes: bool,
    changes: Vec<Change>,
    events: Vec<Event>,
}

/// The single changes of roles of a request: at a one-role scope the swap is one.
fn single_steps(desk: &Desk, proposal: &Proposal) -> Vec<Step> {
    let mut steps: Vec<(String, Step)> = Vec::new();
    for change in proposal.changes.iter().filter(|change| change.verb == desk.verb()) {
        let (Some(handed), Some(scope)) = (&change.handed, &change.scope) else { continue };
        let is_it = |event: &&Event| match event {
            Event::RoleGiven { scope: at, role, .. } | Event::RoleTaken { scope: at, role, .. } => at == scope && *role == handed.role.name,
            _ => false,
        };
        let events: Vec<Event> = proposal.events.iter().filter(is_it).cloned().collect();
        // A group's change of a role is one for everybody in it; where one role is held, the new one is a swap.
        let of_group = change.group.is_some();
        let same_role = |step: &Step| step.changes.iter().any(|other| other.handed.as_ref().is_some_and(|other| other.role == handed.role));
        let whole = steps.iter_mut().find(|(at, step)| at == scope && if of_group { same_role(step) } else { desk.view.state.one_role(scope) });
        match whole {
            Some((_, step)) => {
                step.takes &= of_group && change.sort == Sort::Take;
                step.changes.push(change.clone());
                step.events.extend(events);
            }
            None => steps.push((scope.clone(), Step { takes: change.sort == Sort::Take, changes: vec![change.clone()], events })),
        }
    }
    steps.into_iter().map(|(_, step)| step).collect()
}

fn in_order(steps: &[Step], takes_first: bool) -> Vec<&Step> {
    let (takes, gives): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| step.takes);
    if takes_first { [takes, gives].concat() } else { [gives, takes].concat() }
}
