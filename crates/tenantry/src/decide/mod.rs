//! How a request is decided: the steps, in their order. The first that fails is the answer.

mod accept;
mod asked;
pub(crate) mod claim;
mod commit;
pub(crate) mod conditions;
mod custom_role;
mod ending;
mod group;
mod invite;
pub(crate) mod judge;
mod keeps;
mod list;
mod member;
pub(crate) mod outcome;
pub(crate) mod plan;
mod profile;
mod reads;
mod scope;

use std::cell::Cell;

use crate::codes::Code;
use crate::directory::rows::{Extra, User};
use crate::directory::{Directory, ROOT};
use crate::document::request::Batch;
use crate::document::snapshot::{Status, UserKind};
use crate::document::{Actor, Ask, Body, Decision, Effect, Obligation, Outcome, RoleAt, Request, Time};
use crate::error::{Error, Kind, Need};
use crate::policy::Policy;
use crate::policy::actions::{ActionId, Verb};
use crate::policy::rules::Keep;

pub(crate) use asked::check_request;
use claim::{Claim, Subject};
use conditions::Who;
use judge::{Asker, Judgement, Named, gate, judge};
use outcome::{Denial, Effects, RuleRef};
use plan::{Case, Plan, Shared, Step};
use reads::Key;

/// What became of one verb: effects, or a denial.
pub(crate) type Ran = Result<Effects, Denial>;

/// A request under way.
pub(crate) struct Run<'r> {
    request: &'r Request,
    actions: Vec<ActionId>,
    /// Canonical address of the invitee's session.
    session: Option<&'r str>,
    /// The actor as it stood before an atomic request, its groups' grants included.
    before: Option<User>,
    /// Whether what is left of the actor's powers must carry each item too.
    in_order: Cell<bool>,
    shared: Shared,
}

impl Directory {
    /// Decides a request. Nothing changes: `apply` makes an allowed decision true.
    ///
    /// The directory is borrowed mutably because several changes in one request are tried one after the other on the
    /// state, and undone.
    ///
    /// ```
    /// use tenantry::{Directory, Policy, document::{Request, Snapshot}};
    /// let policy = Policy::preset("starter").unwrap();
    /// let snapshot: Snapshot = serde_json::from_value(serde_json::json!({
    ///     "tenantry": 1, "organization": "acme",
    ///     "scopes": [{ "id": "acme", "kind": "organization" }],
    ///     "users": [{ "id": "ann", "email": "ann@acme.org" }, { "id": "bob", "email": "bob@acme.org" }],
    ///     "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }, { "scope": "acme", "user": "bob", "role": "member" }]
    /// })).unwrap();
    /// let mut directory = Directory::new(policy, &snapshot).unwrap();
    /// let request: Request = serde_json::from_value(serde_json::json!({
    ///     "tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z",
    ///     "actor": { "user": "ann" }, "action": "member.remove", "target": "bob"
    /// })).unwrap();
    /// let decision = directory.decide(&request).unwrap();
    /// assert!(decision.is_allowed());
    /// directory.apply(&decision, request.now).unwrap();
    /// // The answer to the same question is another now.
    /// assert_eq!(directory.decide(&request).unwrap().code.as_deref(), Some("already_ended"));
    /// ```
    ///
    /// # Errors
    /// A malformed question: `unknown_action`, `missing_field`, `unexpected_field`, `bad_value`, `out_of_bounds`, and
    /// `missing_facts` where a slice does not hold what the answer needs.
    pub fn decide(&mut self, request: &Request) -> Result<Decision, Error> {
        self.decide_with_step(request).map(|(decision, _)| decision)
    }

    /// The decision, and the step that denied it.
    pub(crate) fn decide_with_step(&mut self, request: &Request) -> Result<(Decision, Option<crate::codes::Step>), Error> {
        let actions = check_request(&self.policy, request)?;
        let session = match &request.actor {
            Actor::Invitee { email, .. } => crate::email::canonical(email),
            _ => None,
        };
        let mut run = Run::new(request, actions, session.as_deref());
        let (outcome, items, counts) = match &request.body {
            Body::One(ask) => run.single(self, ask),
            Body::Batch(Batch::Atomic, asks) => run.atomic(self, asks),
            Body::Batch(Batch::Each, asks) => run.each(self, asks),
        };
        let step = outcome.as_ref().err().map(|denial| denial.step);
        run.decision(self, outcome, items, &counts).map(|decision| (decision, step))
    }
}

/// Counts that a decision depends on: keep, scope, count.
type Counts = Vec<(u16, u32, u64)>;

impl<'r> Run<'r> {
    pub(crate) fn new(request: &'r Request, actions: Vec<ActionId>, session: Option<&'r str>) -> Run<'r> {
        Run { request, actions, session, before: None, in_order: Cell::new(false), shared: Shared::default() }
    }

    /// One verb of the request on the state as it is.
    pub(crate) fn case<'s, 'd>(&'s self, directory: &'d Directory, ask: &'s Ask, action: ActionId, address: Option<&'s str>) -> Case<'s, 'd>
    where
        'r: 's,
    {
        Case { directory, request: self.request, ask, action, who: self.who(directory), address, shared: &self.shared }
    }

    pub(crate) fn who(&self, directory: &Directory) -> Who<'r> {
        match &self.request.actor {
            Actor::User(id) => directory.users.find(id).map_or(Who::Outsider(None), Who::User),
            Actor::System(name) => {
                let number = directory.policy.systems.iter().position(|system| system == name);
                number.map_or(Who::Outsider(None), |number| Who::System(number as u8))
            }
            // A session that has not proved its address is nobody's.
            Actor::Invitee { verified: false, .. } => Who::Outsider(self.session),
            Actor::Invitee { .. } => {
                let user = self.session.and_then(|email| directory.user_of_email(email));
                user.map_or(Who::Outsider(self.session), Who::User)
            }
        }
    }

    fn single(&mut self, directory: &mut Directory, ask: &'r Ask) -> (Ran, Vec<Outcome>, Counts) {
        let (ran, target) = self.verb(directory, ask, self.actions[0]);
        match ran {
            Err(denial) => (Err(denial), Vec::new(), Vec::new()),
            Ok(effects) => {
                let (ran, counts) = self.keep(directory, effects, target, ask);
                (ran, Vec::new(), counts)
            }
        }
    }

    /// Judges the keeps for what a whole request brings about.
    fn keep(&self, directory: &mut Directory, effects: Effects, target: Option<u32>, ask: &Ask) -> (Ran, Counts) {
        let who = self.who(directory);
        let asker = Asker { who, now: self.request.now, context: &self.request.context, resource: ask.resource.as_ref(), before: None, in_order: false };
        let unless = |directory: &Directory, keep: &Keep, scope: u32| keep_is_off(directory, &asker, keep, scope, target);
        let kept = keeps::judge(directory, &effects.events, self.request.now, target, &unless);
        (kept.denial.map_or(Ok(effects), Err), kept.counts)
    }

    /// All or nothing. Each item is judged on the state that the ones before it leave, with the powers that the actor had
    /// before the request; keeps are judged once, at the end.
    fn atomic(&mut self, directory: &mut Directory, asks: &'r [Ask]) -> (Ran, Vec<Outcome>, Counts) {
        if let Who::User(slot) = self.who(directory) {
            self.before = directory.flattened(slot);
        }
        let given: Vec<usize> = (0..asks.len()).collect();
        let ran = self.items(directory, asks, &given).and_then(|all| match self.law(directory, asks, &all) {
            None => Ok(merged(all)),
            Some(denial) => Err(denial),
        });
        match ran {
            Err(denial) => (Err(denial), Vec::new(), Vec::new()),
            Ok(effects) => {
                let (ran, counts) = self.keep(directory, effects, None, &asks[0]);
                (ran, Vec::new(), counts)
            }
        }
    }

    /// Steps 2 to 6 for the items of an atomic batch, in some order.
    fn items(&self, directory: &mut Directory, asks: &'r [Ask], order: &[usize]) -> Result<Vec<Effects>, Denial> {
        directory.try_out(|directory| {
            let item = |&number: &usize| {
                let effects = self.verb(directory, &asks[number], self.actions[number]).0.map_err(|denial| in_item(denial, number))?;
                directory.apply_events(&effects.events, self.request.now);
                Ok(effects)
            };
            order.iter().map(item).collect()
        })
    }

    /// The law of atomic requests: they permit nothing that no order of their single changes would. Only what changes the
    /// actor's own standing can make a difference; the order given is tried, and the one in which that comes last.
    fn law(&self, directory: &mut Directory, asks: &'r [Ask], effects: &[Effects]) -> Option<Denial> {
        let actor = self.before.as_ref().and_then(|_| self.who(directory).user())?;
        let changes_actor = |number: &usize| effects[*number].events.iter().any(|event| keeps::touches(directory, event, actor));
        let (own, others): (Vec<usize>, Vec<usize>) = (0..asks.len()).partition(changes_actor);
        if own.is_empty() {
            return None;
        }
        self.in_order.set(true);
        let given: Vec<usize> = (0..asks.len()).collect();
        let denial = self.items(directory, asks, &given).err();
        let own_last: Vec<usize> = others.into_iter().chain(own).collect();
        let denial = denial.filter(|_| self.items(directory, asks, &own_last).is_err());
        self.in_order.set(false);
        denial
    }

    /// Each item for itself, in order, on the state that the allowed ones before it leave.
    fn each(&mut self, directory: &mut Directory, asks: &'r [Ask]) -> (Ran, Vec<Outcome>, Counts) {
        let actions = self.actions.clone();
        let mut counts = Counts::new();
        let (all, items) = directory.try_out(|directory| {
            let (mut all, mut items): (Option<Effects>, Vec<Outcome>) = (None, Vec::new());
            for (ask, action) in asks.iter().zip(actions) {
                let (ran, target) = self.verb(directory, ask, action);
                let ran = ran.and_then(|effects| {
                    let (ran, counted) = self.keep(directory, effects, target, ask);
                    // The count before the request is that of the first item that changes it.
                    counts.extend(counted.into_iter().filter(|new| !counts.iter().any(|old| (old.0, old.1) == (new.0, new.1))).collect::<Counts>());
                    ran
                });
                if let Ok(effects) = &ran {
                    directory.apply_events(&effects.events, self.request.now);
                    all.get_or_insert_default().extend(effects.clone());
                }
                items.push(self.outcome(&directory.policy, ran, std::iter::once((action, ask))));
            }
            (all, items)
        });
        // Without a single item that is allowed, the batch is denied for the reasons of the first.
        let ran = all.ok_or_else(|| Denial { step: crate::codes::Step::Judge, reasons: items[0].reasons.clone(), remedies: items[0].remedies.clone(), rules: Vec::new(), carried: Vec::new() });
        (ran, items, counts)
    }

    /// Steps 2 to 6 for one verb; of a list of addresses, for each of them.
    fn verb(&self, directory: &mut Directory, ask: &'r Ask, action: ActionId) -> (Ran, Option<u32>) {
        if let (Some(emails), Some(Verb::InvitationCreate)) = (&ask.emails, action.verb()) {
            return (list::run(self, directory, ask, action, emails), None);
        }
        let address = ask.email.as_deref().or(ask.user.as_ref().and_then(|user| user.email.as_deref())).and_then(crate::email::canonical);
        let (ran, target) = self.steps(directory, ask, action, address.as_deref());
        let skips = action.verb() == Some(Verb::InvitationCreate);
        match ran {
            Err(denial) if skips && list::is_skipped(directory, &denial) => (Ok(list::skipped(ask.email.as_deref().unwrap_or_default(), &denial)), target),
            ran => (ran, target),
        }
    }

    /// Steps 2 to 6 for one verb.
    fn steps<'s>(&'s self, directory: &mut Directory, ask: &'s Ask, action: ActionId, address: Option<&'s str>) -> (Ran, Option<u32>)
    where
        'r: 's,
    {
        let case = self.case(directory, ask, action, address);
        let who = case.who;
        self.note_actor(&case);
        self.note_scopes(&case);
        if let Some(denial) = self.standing(&case).or_else(|| self.gate(&case)) {
            return (Err(denial), None);
        }
        case.note_named(self.session.filter(|_| who.user().is_none()));
        let plan = match self.plan(&case) {
            Ok(plan) => plan,
            Err(denial) => return (Err(denial), None),
        };
        plan.claims.iter().for_each(|claim| case.note(Key::Scope(claim.scope)));
        let asker = Asker { before: self.before.as_ref(), in_order: self.in_order.get(), ..case.asker() };
        let judgement = judge(directory, &asker, &plan.claims, plan.target);
        if let Some(denial) = judgement.denial(directory, action) {
            return (Err(denial), plan.target);
        }
        if let Some(denial) = self.out_of_order(directory, &asker, &plan, action) {
            return (Err(denial), plan.target);
        }
        let target = plan.target;
        let place = self.place(directory, ask, action);
        match plan.effects {
            Ok(effects) => (Ok(finished(effects, judgement)), target),
            Err(denial) => (Err(placed(denial, place, judgement)), target),
        }
    }

    /// The one scope that a request is about. The invitee's verbs are about an offer and several are about none.
    fn place(&self, directory: &Directory, ask: &Ask, action: ActionId) -> Option<String> {
        let several = ask.scopes.is_some() || action.verb().is_some_and(Verb::needs_no_rule);
        (!several).then(|| ask.scope.clone().unwrap_or_else(|| directory.organization.to_string()))
    }

    /// A law of atomic requests: they permit nothing that no order of their single changes would. Gives first and takes
    /// first are tried.
    fn out_of_order(&self, directory: &mut Directory, asker: &Asker, plan: &Plan, action: ActionId) -> Option<Denial> {
        if plan.steps.len() < 2 {
            return None;
        }
        let before = match asker.who {
            Who::User(slot) => self.before.clone().or_else(|| directory.flattened(slot)),
            _ => None,
        };
        let asker = Asker { before: before.as_ref(), in_order: true, ..*asker };
        let gives_first = self.in_order(directory, &asker, plan, action, |step| !step.gives);
        let denial = gives_first?;
        self.in_order(directory, &asker, plan, action, |step| step.gives).map(|_| denial)
    }

    fn in_order(&self, directory: &mut Directory, asker: &Asker, plan: &Plan, action: ActionId, later: impl Fn(&Step) -> bool) -> Option<Denial> {
        let mut steps: Vec<&Step> = plan.steps.iter().collect();
        steps.sort_by_key(|step| later(step));
        directory.try_out(|directory| {
            steps.into_iter().find_map(|step| {
                let denial = judge(directory, asker, &step.claims, plan.target).denial(directory, action);
                if denial.is_none() {
                    directory.apply_events(&step.events, self.request.now);
                }
                denial
            })
        })
    }

    fn note_actor(&self, case: &Case) {
        match case.who {
            Who::User(slot) => {
                case.note(Key::User(slot));
                // A session is the user who has its address: that this is so is something the answer relies on.
                self.session.into_iter().for_each(|email| case.note(Key::Email(email.to_owned())));
                if let Some(owner) = case.directory.users.get(slot).and_then(User::owner) {
                    case.note(Key::User(owner));
                }
            }
            Who::Outsider(_) => {
                if let Actor::User(id) = &self.request.actor {
                    case.note(Key::NoUser(id.clone()));
                }
            }
            Who::System(_) => {}
        }
    }

    /// Whatever the answer, it is one about the scopes that the request names.
    fn note_scopes(&self, case: &Case) {
        if case.verb().is_some_and(Verb::needs_no_rule) {
            return;
        }
        for (id, slot, _) in NamedScopes::of(case).0 {
            case.note(slot.map_or_else(|| Key::NoScope(id.to_owned()), Key::Scope));
        }
    }

    /// Step 2: does the actor stand?
    fn standing(&self, case: &Case) -> Option<Denial> {
        match case.who {
            // An invitee is nobody yet: what there is no rule for is not permitted, and its own verbs need none.
            Who::Outsider(_) if matches!(self.request.actor, Actor::Invitee { .. }) => None,
            who => stands(case.directory, who).map(Denial::of),
        }
    }

    /// Step 3: is there a rule for this actor at all, at every scope that the request names?
    pub(crate) fn gate(&self, case: &Case) -> Option<Denial> {
        if case.verb().is_some_and(Verb::needs_no_rule) {
            let row = case.who.user().and_then(|slot| case.directory.users.get(slot));
            let (address, verified) = match (&self.request.actor, row) {
                (Actor::Invitee { verified, .. }, _) => (self.session, *verified),
                (_, Some(row)) => (row.email.as_deref(), row.verified),
                _ => (None, false),
            };
            return accept::gate(case, address, verified);
        }
        let asker = case.asker();
        let asker = Asker { before: self.before.as_ref(), ..asker };
        NamedScopes::of(case).0.iter().find_map(|(id, slot, roles)| gate(case.directory, &asker, case.action, (id, *slot), roles))
    }

    /// Steps 4 and 6, and what step 5 has to judge.
    pub(crate) fn plan<'s>(&'s self, case: &Case<'s, '_>) -> Result<Plan<'s>, Denial> {
        let Some(verb) = case.verb() else { return app_action(case) };
        match verb {
            Verb::OrganizationCreate => scope::create_organization(case),
            Verb::ScopeCreate => scope::create(case),
            Verb::ScopeConfigure => scope::configure(case),
            Verb::ScopeMove => scope::move_to(case),
            Verb::ScopeArchive | Verb::ScopeRestore => scope::set_status(case),
            Verb::ScopeDelete => scope::delete(case),
            Verb::InvitationCreate => invite::create(case),
            Verb::InvitationUpdate => invite::update(case),
            Verb::InvitationResend => invite::resend(case),
            Verb::InvitationLink => invite::link(case),
            Verb::InvitationRevoke => invite::revoke(case),
            Verb::InvitationAccept => {
                let own = case.who.user().is_none().then_some(self.session).flatten();
                accept::accept(case, own)
            }
            Verb::InvitationDecline => accept::decline(case),
            Verb::InvitationApprove => accept::approve(case),
            Verb::MemberAdd => member::add(case),
            Verb::MemberSetRoles => member::set_roles(case),
            Verb::MemberRemove => ending::remove(case),
            Verb::MemberDeactivate | Verb::MemberReactivate => ending::status(case),
            Verb::MemberLeave => ending::leave(case),
            Verb::MemberJoin => member::join(case),
            Verb::MemberEdit => profile::edit(case),
            Verb::MemberChangeEmail => profile::change_email(case),
            Verb::OwnershipTransfer => member::transfer(case),
            Verb::RoleCreate => custom_role::create(case),
            Verb::RoleUpdate => custom_role::update(case),
            Verb::RoleDelete => custom_role::delete(case),
            Verb::GroupCreate => group::create(case),
            Verb::GroupDelete => group::delete(case),
            Verb::GroupAdd | Verb::GroupRemove => group::member(case),
            Verb::GroupGrant | Verb::GroupRevoke => group::roles(case),
            Verb::MemberList | Verb::InvitationList | Verb::AuditRead => read(case),
        }
    }

    /// The outcome as documents have it.
    fn outcome<'a>(&self, policy: &Policy, ran: Ran, asks: impl Iterator<Item = (ActionId, &'a Ask)>) -> Outcome {
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
                let mut obligations: Vec<Obligation> = Vec::new();
                for (action, ask) in asks {
                    let settings = policy.settings(action);
                    let confirm = Obligation::Confirm { action: settings.name.clone() };
                    if settings.confirm && !ask.confirmed && !obligations.contains(&confirm) {
                        obligations.push(confirm);
                    }
                }
                obligations.extend(effects.obligations);
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

    fn decision(&self, directory: &Directory, ran: Ran, items: Vec<Outcome>, counts: &Counts) -> Result<Decision, Error> {
        let asks = self.request.body.asks();
        let mut outcome = self.outcome(&directory.policy, ran, self.actions.iter().copied().zip(asks));
        if !items.is_empty() {
            outcome.obligations = items.iter().flat_map(|item| item.obligations.iter().cloned()).collect();
        }
        let (mut reads, valid_until) = self.shared.trace.borrow().write(directory, self.request.now);
        for &(number, scope, count) in counts {
            let keep = directory.policy.keeps[usize::from(number)].id.clone();
            reads.counts.entry(keep).or_default().insert(directory.scopes.id(scope).to_owned(), count);
        }
        missing_facts(directory, &reads)?;
        Ok(Decision {
            tenantry: crate::document::VERSION,
            organization: directory.organization.to_string(),
            policy: directory.policy.digest.clone(),
            request: self.request.clone(),
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

/// Step 2 for a known actor: why it does not stand.
pub(crate) fn stands(directory: &Directory, who: Who) -> Option<Code> {
    let active = |slot: u32| directory.users.get(slot).filter(|row| row.status == Status::Active);
    match who {
        Who::System(_) => None,
        Who::Outsider(_) => Some(Code::ActorUnknown),
        Who::User(slot) => {
            let owned = |row: &User| row.kind != UserKind::Service || row.owner().and_then(active).is_some_and(|owner| owner.kind != UserKind::Service);
            (!active(slot).is_some_and(owned)).then_some(Code::ActorInactive)
        }
    }
}

/// The scopes that an ask names, each with the roles that it would give there.
pub(crate) struct NamedScopes<'r>(pub Vec<(&'r str, Option<u32>, Vec<Named>)>);

impl<'d> NamedScopes<'d> {
    pub fn of<'r: 'd>(case: &Case<'r, 'd>) -> NamedScopes<'d> {
        let ask = case.ask;
        let gives = matches!(
            case.verb(),
            Some(Verb::InvitationCreate | Verb::InvitationUpdate | Verb::InvitationLink | Verb::MemberAdd | Verb::MemberJoin | Verb::GroupGrant | Verb::OrganizationCreate)
        );
        let named = |slot: Option<u32>, roles: Option<&'d [RoleAt]>| -> Vec<Named> {
            let role = |role: &'d RoleAt| {
                let declared = slot.and_then(|slot| case.directory.role_at(slot, &role.role));
                let at_birth = || case.policy().role_named(0, &role.role).map(crate::directory::rows::RoleRef::Declared);
                Named { role: declared.or_else(|| at_birth().filter(|_| slot == Some(ROOT))), source: case.policy().source(role.source.as_deref()) }
            };
            roles.filter(|_| gives).into_iter().flatten().map(role).collect()
        };
        let find = |id: &str| case.directory.scopes.find(id);
        let Some(scopes) = &ask.scopes else {
            let organization = case.directory.organization();
            let slot = ask.scope.as_deref().map_or(Some(ROOT), find);
            let transferred = ask.role.as_deref().filter(|_| case.verb() == Some(Verb::OwnershipTransfer));
            let mut roles = named(slot, ask.roles.as_deref());
            roles.extend(transferred.map(|role| Named { role: slot.and_then(|slot| case.directory.role_at(slot, role)), source: None }));
            let parent = ask.parent.as_deref().filter(|_| case.verb() == Some(Verb::ScopeMove));
            let parent = parent.map(|parent| (parent, find(parent), Vec::new()));
            return NamedScopes(std::iter::once((ask.scope.as_deref().unwrap_or(organization), slot, roles)).chain(parent).collect());
        };
        NamedScopes(scopes.iter().map(|at| {
            let slot = find(&at.scope);
            (at.scope.as_str(), slot, named(slot, at.roles.as_deref()))
        }).collect())
    }
}

/// An action of the app: nothing changes, an allow must fit.
fn app_action<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    let target = case.ask.target.as_ref().map(|_| case.target()).transpose()?;
    let claims = vec![Claim::fit(case.action, scope, target.map_or(Subject::Nobody, Subject::User))];
    let archived = case.policy().settings(case.action).archived;
    let check = if archived { Ok(()) } else { case.check_archived(scope) };
    Ok(Plan::new(claims, target, check.map(|()| Effects::default())))
}

/// A list: nothing changes, an allow must fit.
fn read<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let scope = case.scope()?;
    Ok(Plan::new(vec![Claim::fit(case.action, scope, Subject::Nobody)], None, Ok(Effects::default())))
}

fn finished(mut effects: Effects, judgement: Judgement) -> Effects {
    effects.rules.extend(judgement.rules);
    let mut warnings = judgement.warnings;
    warnings.append(&mut effects.warnings);
    effects.warnings = warnings;
    effects
}

/// A denial of the state machine says where, and which allows had carried the request.
fn placed(mut denial: Denial, place: Option<String>, judgement: Judgement) -> Denial {
    for reason in denial.reasons.iter_mut().filter(|reason| reason.scope.is_none()) {
        reason.scope.clone_from(&place);
    }
    Denial { carried: judgement.rules, ..denial }
}

fn merged(all: Vec<Effects>) -> Effects {
    all.into_iter().fold(Effects::default(), |mut merged, effects| {
        merged.extend(effects);
        merged
    })
}

fn in_item(mut denial: Denial, number: usize) -> Denial {
    denial.reasons.iter_mut().for_each(|reason| reason.item = Some(number as u32));
    denial
}

/// Rule ids in the policy's order, each once.
fn rule_ids(policy: &Policy, mut rules: Vec<RuleRef>) -> Vec<String> {
    rules.sort_unstable();
    rules.dedup();
    rules.into_iter().map(|rule| rule.id(policy).to_owned()).collect()
}

/// Whether a keep's `unless` holds for the request.
pub(crate) fn keep_is_off(directory: &Directory, asker: &Asker, keep: &Keep, scope: u32, target: Option<u32>) -> bool {
    let Some(unless) = &keep.unless else { return false };
    let mut scene = asker.scene(directory, Some(scope));
    asker.about(&mut scene, target.map_or(Subject::Nobody, Subject::User));
    scene.all_fit(unless).is_ok()
}

/// Of a slice: everything that the decision depends on must be held.
fn missing_facts(directory: &Directory, reads: &crate::document::Reads) -> Result<(), Error> {
    let Some(held) = &directory.held else { return Ok(()) };
    let mut missing: Vec<Need> = Vec::new();
    let mut need = |holds: bool, fact: Need| {
        if !holds {
            missing.push(fact);
        }
    };
    for id in reads.users.keys() {
        need(held.users.contains(id), Need::User { id: id.clone() });
        need(held.memberships.contains(id), Need::Memberships { user: id.clone() });
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
    if missing.is_empty() { Ok(()) } else { Err(Kind::MissingFacts(missing).into()) }
}

impl Directory {
    /// A user's row with the grants of its groups laid into its own.
    fn flattened(&self, slot: u32) -> Option<User> {
        let mut row = self.users.get(slot)?.clone();
        let groups: Vec<u32> = row.groups().to_vec();
        for group in groups.into_iter().filter_map(|group| self.groups.get(group)) {
            for scope in group.holdings.scopes() {
                let grants: Vec<Extra> = self.grants_at(&group.holdings, scope);
                for grant in grants {
                    // The grant that lasts longer stands.
                    let held = self.grants_at(&row.holdings, scope).into_iter().find(|held| held.role == grant.role);
                    let lasts = |extra: &Extra| extra.expires_at.unwrap_or(Time(i64::MAX));
                    if held.is_none_or(|held| lasts(&held) < lasts(&grant)) {
                        row.holdings.give(grant);
                    }
                }
            }
        }
        if let Some(cold) = &mut row.cold {
            cold.groups.clear();
        }
        Some(row)
    }
}

