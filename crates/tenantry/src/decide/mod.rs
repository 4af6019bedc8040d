//! How a request is decided: the steps, in their order. The first that fails is the answer.

mod accept;
mod actor;
mod answer;
mod asked;
mod batch;
pub(crate) mod claim;
mod commit;
pub(crate) mod conditions;
mod custom_role;
mod ending;
mod group;
mod invite;
pub(crate) mod judge;
mod keeps;
mod law;
mod list;
mod member;
mod named;
pub(crate) mod outcome;
pub(crate) mod plan;
mod profile;
mod read;
mod reads;
mod scope;
mod transfer;

use crate::codes::{Code, Step};
use crate::directory::Directory;
use crate::directory::rows::User;
use crate::document::request::Batch;
use crate::document::{Actor, Ask, Body, Decision, Event, Facts, Outcome, Request};
use crate::error::{Error, Need};
use crate::policy::actions::{ActionId, Verb};
use crate::policy::rules::Keep;

pub(crate) use actor::{Before, stands, who_is};
pub(crate) use asked::{check_facts, check_request};
use claim::Subject;
use conditions::Who;
use judge::{Asker, Judgement, Powers, gate, judge};
use keeps::Unless;
pub(crate) use keeps::may_break;
pub(crate) use named::NamedScopes;
use outcome::{Denial, Effects};
use plan::{Case, Plan, Shared};
use reads::Key;

/// What became of one verb: effects, or a denial.
pub(crate) type Ran = Result<Effects, Denial>;

/// A request under way.
pub(crate) struct Run<'r> {
    request: &'r Request,
    actions: Vec<ActionId>,
    /// Canonical address of the invitee's session.
    session: Option<&'r str>,
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
        let (mut decision, _) = self.answered(request);
        decision.iter_mut().for_each(|decision| decision.request = request.clone());
        decision
    }

    /// The decision without the request in it, and the step that denied it.
    pub(crate) fn answered(&mut self, request: &Request) -> (Result<Decision, Error>, Option<Step>) {
        let answered = self.run(request, |run, directory, (outcome, items, counts)| {
            let step = outcome.as_ref().err().map(|denial| denial.step);
            (run.decision(directory, outcome, items, &counts), step)
        });
        answered.unwrap_or_else(|error| (Err(error), None))
    }

    /// What [`decide`](Directory::decide) says, without the document about it: the events of an allowed request, or the step that denies it.
    ///
    /// ```
    /// use tenantry::{Directory, Policy, Step, document::{Request, Snapshot}};
    /// let policy = Policy::preset("starter").unwrap();
    /// let snapshot: Snapshot = serde_json::from_value(serde_json::json!({
    ///     "tenantry": 1, "organization": "acme",
    ///     "scopes": [{ "id": "acme", "kind": "organization" }],
    ///     "users": [{ "id": "ann" }, { "id": "bob" }],
    ///     "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }, { "scope": "acme", "user": "bob", "role": "member" }]
    /// })).unwrap();
    /// let mut directory = Directory::new(policy, &snapshot).unwrap();
    /// let request = |actor: &str, target: &str| -> Request {
    ///     serde_json::from_value(serde_json::json!({
    ///         "tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z", "actor": { "user": actor }, "action": "member.remove", "target": target
    ///     })).unwrap()
    /// };
    /// assert!(directory.foresee(&request("ann", "bob")).unwrap().is_ok());
    /// assert_eq!(directory.foresee(&request("bob", "ann")).unwrap(), Err(Step::Gate));
    /// ```
    ///
    /// # Errors
    /// Those of [`decide`](Directory::decide).
    pub fn foresee(&mut self, request: &Request) -> Result<Result<Vec<Event>, Step>, Error> {
        if self.held.is_some() {
            // What a slice must hold is known by what the decision read.
            let (decision, step) = self.answered(request);
            return decision.map(|decision| step.map_or(Ok(decision.events), Err));
        }
        self.run(request, |_, directory, (outcome, ..)| match outcome {
            Ok(effects) => answer::check_grants(directory, &effects.events).map(|()| Ok(effects.events)),
            Err(denial) => Ok(Err(denial.step)),
        })?
    }

    /// Runs a request and says something of what became of it.
    fn run<T>(&mut self, request: &Request, say: impl FnOnce(&Run, &Directory, Became) -> T) -> Result<T, Error> {
        let actions = check_request(&self.policy, request)?;
        let (session, seen) = (request.actor.session(), self.ids_seen());
        self.fix_counts(Some(request.now));
        let run = Run::new(request, actions, session.as_deref());
        let became = match &request.body {
            Body::One(ask) => run.single(self, ask),
            Body::Batch(Batch::Atomic, asks) => run.atomic(self, asks),
            Body::Batch(Batch::Each, asks) => run.each(self, asks),
        };
        let said = say(&run, self, became);
        self.forget_ids(seen);
        self.fix_counts(None);
        Ok(said)
    }
}

/// What became of a request: of the whole, of the items of a batch, and what was counted for it.
type Became = (Ran, Vec<Outcome>, Counts);

/// Counts that a decision depends on: keep, scope, count.
type Counts = Vec<(u16, u32, u64)>;

impl<'r> Run<'r> {
    pub(crate) fn new(request: &'r Request, actions: Vec<ActionId>, session: Option<&'r str>) -> Run<'r> {
        Run { request, actions, session, shared: Shared::default() }
    }

    /// One verb of the request on the state as it is.
    pub(crate) fn case<'s, 'd>(&'s self, directory: &'d Directory, ask: &'s Ask, action: ActionId, address: Option<&'s str>) -> Case<'s, 'd>
    where
        'r: 's,
    {
        Case { directory, request: self.request, ask, action, who: self.who(directory), address, powers: Powers::default(), shared: &self.shared }
    }

    pub(crate) fn who(&self, directory: &Directory) -> Who<'r> {
        who_is(directory, &self.request.actor, self.session)
    }

    fn single(&self, directory: &mut Directory, ask: &'r Ask) -> Became {
        let (ran, target) = self.verb(directory, ask, self.actions[0], Powers::default());
        match ran {
            Err(denial) => (Err(denial), Vec::new(), Vec::new()),
            Ok(effects) => {
                let (ran, counts) = self.keep(directory, effects, target, ask.resource.as_ref());
                (ran, Vec::new(), counts)
            }
        }
    }

    /// Judges the keeps for what a whole request brings about.
    fn keep(&self, directory: &mut Directory, effects: Effects, target: Option<u32>, resource: Option<&Facts>) -> (Ran, Counts) {
        let who = self.who(directory);
        let asker = Asker { who, now: self.request.now, context: &self.request.context, resource, powers: Powers::default() };
        let place = |directory: &Directory, keep: &Keep, scope: u32| place_is_spared(directory, &asker, keep, scope);
        let people = |directory: &Directory, keep: &Keep, scope: u32| people_are_spared(directory, &asker, keep, scope, target);
        let kept = keeps::judge(directory, &effects.events, self.request.now, target, Unless { place: &place, people: &people });
        kept.subtrees.iter().for_each(|&scope| self.shared.trace.add(Key::Subtree(scope)));
        kept.holders.iter().for_each(|&scope| self.shared.trace.add(Key::Holders(scope)));
        kept.addresses.into_iter().for_each(|address| self.shared.trace.add(Key::Needs(Need::Email { address })));
        kept.until.into_iter().for_each(|at| self.shared.trace.add(Key::Until(at)));
        (kept.denial.map_or(Ok(effects), Err), kept.counts)
    }

    /// Steps 2 to 6 for one verb; of a list of addresses, for each of them.
    fn verb(&self, directory: &mut Directory, ask: &'r Ask, action: ActionId, powers: Powers) -> (Ran, Option<u32>) {
        if let (Some(emails), Some(Verb::InvitationCreate)) = (&ask.emails, action.verb()) {
            return (list::run(self, directory, (ask, action), emails, powers), None);
        }
        let address = ask.email.as_deref().or(ask.user.as_ref().and_then(|user| user.email.as_deref())).and_then(crate::email::canonical);
        let (ran, target) = self.steps(directory, (ask, action), address.as_deref(), powers);
        let skips = action.verb() == Some(Verb::InvitationCreate);
        match ran {
            Err(denial) if skips && list::is_skipped(directory, &denial) => (Ok(list::skipped(ask.email.as_deref().unwrap_or_default(), &denial)), target),
            ran => (ran, target),
        }
    }

    /// Steps 2 to 6 for one verb.
    fn steps<'s>(&'s self, directory: &mut Directory, (ask, action): (&'s Ask, ActionId), address: Option<&'s str>, powers: Powers<'s>) -> (Ran, Option<u32>)
    where
        'r: 's,
    {
        let case = Case { powers, ..self.case(directory, ask, action, address) };
        let asker = case.asker();
        let (plan, judgement) = match self.judged(&case) {
            Ok(judged) => judged,
            Err((denial, target)) => return (Err(denial), target),
        };
        let target = plan.target;
        if let Some(denial) = self.out_of_order(directory, &asker, &plan, action) {
            return (Err(denial), target);
        }
        (self.concluded(directory, (ask, action), plan, judgement), target)
    }

    /// Steps 2 to 5: what the verb would bring about, and the rules that carry it. A denial comes with the request's target.
    pub(crate) fn judged<'s>(&'s self, case: &Case<'s, '_>) -> Result<(Plan<'s>, Judgement), (Denial, Option<u32>)> {
        self.shared.collides.set(false);
        if let Some(denial) = self.refused(case) {
            return Err((denial, None));
        }
        case.note_named(self.newcomer(case));
        let plan = self.plan(case).map_err(|denial| (denial, None))?;
        debug_assert!(plan.claims.iter().all(|claim| case.action.judged_by().any(|action| action == claim.action)));
        plan.claims.iter().for_each(|claim| case.note(Key::Scope(claim.scope)));
        let judgement = judge(case.directory, &case.asker(), &plan.claims, plan.target);
        match judgement.denial(case.directory, case.action) {
            Some(denial) => Err((denial, plan.target)),
            None => Ok((plan, judgement)),
        }
    }

    /// Step 6: what the state machine says.
    pub(crate) fn concluded(&self, directory: &Directory, (ask, action): (&Ask, ActionId), plan: Plan, judgement: Judgement) -> Ran {
        let place = || self.place(directory, ask, action);
        match plan.effects {
            Ok(_) if self.shared.collides.get() => Err(placed(Denial::field(Code::IdTaken, "id"), place(), judgement)),
            Ok(effects) => Ok(finished(effects, judgement)),
            Err(denial) => Err(placed(denial, place(), judgement)),
        }
    }

    /// The one scope that a request is about. The invitee's verbs are about an offer and several are about none.
    fn place(&self, directory: &Directory, ask: &Ask, action: ActionId) -> Option<String> {
        let several = ask.scopes.is_some() || action.verb().is_some_and(Verb::needs_no_rule);
        (!several).then(|| ask.scope.clone().unwrap_or_else(|| directory.organization.to_string()))
    }

    /// Steps 2 and 3. Whatever the answer, it is one about the actor and the scopes that the request names.
    fn refused(&self, case: &Case) -> Option<Denial> {
        self.note_actor(case);
        // The invitee's verbs name an offer and no scope.
        let named = if case.verb().is_some_and(Verb::needs_no_rule) { NamedScopes::default() } else { NamedScopes::of(case) };
        named.0.iter().for_each(|(id, slot, _)| case.note(slot.map_or_else(|| Key::NoScope((*id).to_owned()), Key::Scope)));
        self.standing(case).or_else(|| self.gate(case, &named))
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

    /// Step 2: does the actor stand?
    fn standing(&self, case: &Case) -> Option<Denial> {
        match case.who {
            // An invitee is nobody yet: what there is no rule for is not permitted, and its own verbs need none.
            Who::Outsider(_) if matches!(self.request.actor, Actor::Invitee { .. }) => None,
            who => stands(case.directory, who).map(Denial::of),
        }
    }

    /// Step 3: is there a rule for this actor at all, at every scope that the request names?
    pub(crate) fn gate(&self, case: &Case, named: &NamedScopes) -> Option<Denial> {
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
        named.0.iter().find_map(|(id, slot, roles)| gate(case.directory, &asker, case.action, (id, *slot), roles))
    }

    /// The address of a session that is nobody's yet.
    fn newcomer(&self, case: &Case) -> Option<&'r str> {
        self.session.filter(|_| case.who.user().is_none())
    }

    /// Steps 4 and 6, and what step 5 has to judge.
    pub(crate) fn plan<'s>(&'s self, case: &Case<'s, '_>) -> Result<Plan<'s>, Denial> {
        let Some(verb) = case.verb() else { return read::app_action(case) };
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
            Verb::InvitationAccept => accept::accept(case, self.newcomer(case)),
            Verb::InvitationDecline => accept::decline(case, self.newcomer(case)),
            Verb::InvitationApprove => accept::approve(case),
            Verb::MemberAdd => member::add(case),
            Verb::MemberSetRoles => member::set_roles(case),
            Verb::MemberRemove => ending::remove(case),
            Verb::MemberDeactivate | Verb::MemberReactivate => ending::status(case),
            Verb::MemberLeave => ending::leave(case),
            Verb::MemberJoin => member::join(case),
            Verb::MemberEdit => profile::edit(case),
            Verb::MemberChangeEmail => profile::change_email(case),
            Verb::OwnershipTransfer => transfer::transfer(case),
            Verb::RoleCreate => custom_role::create(case),
            Verb::RoleUpdate => custom_role::update(case),
            Verb::RoleDelete => custom_role::delete(case),
            Verb::GroupCreate => group::create(case),
            Verb::GroupDelete => group::delete(case),
            Verb::GroupAdd | Verb::GroupRemove => group::member(case),
            Verb::GroupGrant => group::grant(case),
            Verb::GroupRevoke => group::revoke(case),
            Verb::MemberList | Verb::InvitationList | Verb::AuditRead => read::list(case),
        }
    }
}

fn finished(mut effects: Effects, judgement: Judgement) -> Effects {
    let mut rules = judgement.rules;
    rules.append(&mut effects.rules);
    let mut warnings: Vec<_> = judgement.warnings.into_iter().map(|(_, warning)| warning).collect();
    warnings.append(&mut effects.warnings);
    Effects { rules, warnings, ..effects }
}

/// A denial of the state machine says where, and which allows had carried the request.
fn placed(mut denial: Denial, place: Option<String>, judgement: Judgement) -> Denial {
    for reason in denial.reasons.iter_mut().filter(|reason| reason.scope.is_none()) {
        reason.scope.clone_from(&place);
    }
    Denial { carried: judgement.rules, ..denial }
}

/// Whether a keep's `unless` holds for the request.
pub(crate) fn keep_is_off(directory: &Directory, asker: &Asker, keep: &Keep, scope: u32, target: Option<u32>) -> bool {
    place_is_spared(directory, asker, keep, scope) && people_are_spared(directory, asker, keep, scope, target)
}

/// Scope, context and resource of a keep's `unless`.
fn place_is_spared(directory: &Directory, asker: &Asker, keep: &Keep, scope: u32) -> bool {
    keep.unless.as_ref().is_some_and(|unless| asker.scene(directory, Some(scope)).outer_fits(unless).is_ok())
}

/// Actor and target of a keep's `unless`.
fn people_are_spared(directory: &Directory, asker: &Asker, keep: &Keep, scope: u32, target: Option<u32>) -> bool {
    let Some(unless) = &keep.unless else { return false };
    let mut scene = asker.scene(directory, Some(scope));
    asker.about(&mut scene, target.map_or(Subject::Nobody, Subject::User));
    unless.actor.as_ref().is_none_or(|actor| scene.actor_fits(actor).is_ok()) && scene.inner_fits(unless).is_ok()
}
