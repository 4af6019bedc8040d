//! Roles of members: `member.add`, `member.set_roles` and `member.join`.

use smallvec::SmallVec;

use crate::codes::Code;
use crate::directory::ROOT;
use crate::directory::rows::{Extra, RoleRef};
use crate::document::policy::ChangeKind::{Give, Take};
use crate::document::{Event, Remedy, RoleAt, UserInput};
use crate::policy::actions::{ActionId, Verb};

use super::claim::{Claim, Subject};
use super::conditions::Who;
use super::outcome::{Denial, Effects};
use super::plan::{Case, Plan, Step, not_found};
use super::reads::Key;

/// The roles that an ask wants at one scope.
struct Edit<'r> {
    scope: u32,
    set: Option<&'r [RoleAt]>,
    add: &'r [RoleAt],
    remove: &'r [String],
}

fn edits<'r>(case: &Case<'r, '_>) -> Result<Vec<Edit<'r>>, Denial> {
    let ask = case.ask;
    let Some(scopes) = &ask.scopes else {
        let (add, remove) = (ask.add.as_deref().unwrap_or_default(), ask.remove.as_deref().unwrap_or_default());
        return Ok(vec![Edit { scope: case.scope()?, set: ask.roles.as_deref(), add, remove }]);
    };
    let edit = |at: &'r crate::document::RoleEdit| {
        let scope = case.scope_named(&at.scope, "scope")?;
        Ok(Edit { scope, set: at.roles.as_deref(), add: at.add.as_deref().unwrap_or_default(), remove: at.remove.as_deref().unwrap_or_default() })
    };
    collect(scopes.iter().map(edit))
}

/// The roles that an edit names, with the field where they stand.
fn names<'r>(edit: &Edit<'r>) -> impl Iterator<Item = (u32, &'r str, &'static str)> {
    let (scope, remove) = (edit.scope, edit.remove);
    let given = edit.set.unwrap_or_default().iter().chain(edit.add).map(move |role| (scope, role.role.as_str(), "roles"));
    given.chain(remove.iter().map(move |name| (scope, name.as_str(), "remove")))
}

/// Every role that the edits name exists.
fn check_names(case: &Case, edits: &[Edit]) -> Result<(), Denial> {
    each(edits.iter().flat_map(names).map(|(scope, name, field)| case.role_named(scope, name, field).map(drop)))
}

/// All of them, or the reasons of all that fail.
pub(crate) fn collect<T>(results: impl Iterator<Item = Result<T, Denial>>) -> Result<Vec<T>, Denial> {
    let (mut good, mut bad) = (Vec::new(), None);
    for result in results {
        match result {
            Ok(item) => good.push(item),
            Err(denial) => bad = Some(denial.after(bad)),
        }
    }
    bad.map_or(Ok(good), Err)
}

/// A check that is made of each: all reasons for which it fails.
pub(crate) fn each(mut checks: impl Iterator<Item = Result<(), Denial>>) -> Result<(), Denial> {
    each_of(&mut checks)
}

fn each_of(checks: &mut dyn Iterator<Item = Result<(), Denial>>) -> Result<(), Denial> {
    checks.filter_map(Result::err).fold(None, |bad, denial| Some(denial.after(bad))).map_or(Ok(()), Err)
}

/// Both of them, or the reasons of whatever fails.
pub(crate) fn both<A, B>(a: Result<A, Denial>, b: Result<B, Denial>) -> Result<(A, B), Denial> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, Err(denial)) => Err(denial.after(a.err())),
        (Err(denial), _) => Err(denial),
    }
}

/// The difference between what a user holds at a scope and what it is to hold.
#[derive(Default)]
pub(crate) struct Difference {
    held: Vec<Extra>,
    pub takes: Vec<Extra>,
    pub gives: Vec<Extra>,
    /// Roles whose grant ends sooner than before: a take, though the role stays.
    pub shortened: Vec<Extra>,
    /// Those among the shortened that only stand for the take of a grant that another source gives anew.
    resourced: Vec<RoleRef>,
    /// How many roles are held afterwards, expired grants not counted.
    left: usize,
    /// How many of them do not end sooner than before.
    lasting: usize,
    /// How many are to be held: those that stay, and those asked for whatever their expiry.
    asked: usize,
    /// Whether anything is held before: a grant in force.
    member: bool,
    /// Grants that are new, or end at another time than before, in the policy's order.
    pub changed: Vec<Extra>,
}

impl Difference {
    /// Grants that end sooner than before, and go on until then.
    pub fn in_part(&self) -> impl Iterator<Item = &Extra> + Clone {
        self.shortened.iter().filter(|grant| !self.resourced.contains(&grant.role))
    }

    /// Whether nothing is left of the membership, or nothing that does not end sooner than before.
    fn is_removal(&self) -> bool {
        self.member && self.lasting == 0
    }

    fn is_none(&self) -> bool {
        self.takes.is_empty() && self.gives.is_empty() && self.shortened.is_empty()
    }
}

/// `member.set_roles`
pub(crate) fn set_roles<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let edits = edits(case)?;
    let (target, _) = both(case.target(), check_names(case, &edits))?;
    let differences = collect(edits.iter().map(|edit| difference(case, target, edit)))?;
    let mut plan = Plan::new(Vec::new(), Some(target), Ok(Effects::default()));
    let mut events = Vec::new();
    for (edit, difference) in edits.iter().zip(&differences) {
        role_claims(case, &mut plan, target, edit.scope, difference);
        events.extend(role_events(case, target, edit.scope, difference));
    }
    plan.effects = check_edits(case, target, &edits, &differences).map(|()| Effects::events(events));
    Ok(plan)
}

fn difference(case: &Case, target: u32, edit: &Edit) -> Result<Difference, Denial> {
    let directory = case.directory;
    let held = directory.users.get(target).map(|row| directory.grants_at(&row.holdings, edit.scope)).unwrap_or_default();
    let wanted = |list: &[RoleAt]| collect(list.iter().map(|role| case.grant(edit.scope, role, "roles"))).map(distinct);
    let removed = collect(edit.remove.iter().map(|name| case.role_named(edit.scope, name, "remove")))?;
    let mut result = match edit.set {
        // What has expired is not held: it goes when it is taken by name.
        Some(set) => {
            let mut roles = wanted(set)?;
            let expired = held.iter().filter(|grant| !grant.is_in_force(case.now()) && !roles.iter().any(|role| role.role == grant.role));
            let left: Vec<Extra> = expired.cloned().collect();
            roles.extend(left);
            roles
        }
        None => {
            let mut kept: Vec<Extra> = held.iter().filter(|grant| !removed.contains(&grant.role)).cloned().collect();
            for grant in wanted(edit.add)? {
                kept.retain(|other| other.role != grant.role);
                kept.push(grant);
            }
            kept
        }
    };
    directory.sort_grants(&mut result);
    Ok(compare(case, held, result))
}

/// Of a role that is named twice, the first stands.
pub(crate) fn distinct(mut grants: Vec<Extra>) -> Vec<Extra> {
    for place in (1..grants.len()).rev() {
        if grants[..place].iter().any(|other| other.role == grants[place].role) {
            grants.remove(place);
        }
    }
    grants
}

/// The grants, with this one instead of one of the same role.
pub(crate) fn with(mut grants: Vec<Extra>, grant: Extra) -> Vec<Extra> {
    grants.retain(|other| other.role != grant.role);
    grants.push(grant);
    grants
}

/// From what is held to what is to be held.
pub(crate) fn compare(case: &Case, held: Vec<Extra>, result: Vec<Extra>) -> Difference {
    let expired = |grant: &Extra| !grant.is_in_force(case.now());
    let left: SmallVec<[RoleRef; 8]> = result.iter().filter(|grant| !expired(grant)).map(|grant| grant.role).collect();
    let asked = result.iter().filter(|grant| !expired(grant) || !held.contains(grant)).count();
    let mut difference = Difference { left: left.len(), asked, member: held.iter().any(|grant| !expired(grant)), ..Difference::default() };
    difference.takes = held.iter().filter(|grant| !result.iter().any(|other| other.role == grant.role)).cloned().collect();
    for grant in result {
        match held.iter().find(|other| other.role == grant.role) {
            Some(old) if *old == grant => {}
            // A grant from another source is taken from the one and given by the other.
            Some(old) if !expired(old) && old.source != grant.source => {
                difference.shortened.push(Extra { source: old.source.clone(), ..grant.clone() });
                difference.resourced.push(grant.role);
                difference.gives.push(grant);
            }
            // A grant that ends later or never, or that had ended, is given; one that ends sooner is taken in part.
            Some(old) if !expired(old) && grant.expires_at.is_some_and(|at| old.expires_at.is_none_or(|before| at < before)) => {
                difference.shortened.push(grant)
            }
            _ => difference.gives.push(grant),
        }
    }
    difference.lasting = left.iter().filter(|role| !difference.in_part().any(|other| other.role == **role)).count();
    difference.changed = difference.gives.iter().chain(difference.in_part()).cloned().collect();
    case.directory.sort_grants(&mut difference.changed);
    difference.held = held;
    difference
}

/// The claims of one scope. Taking everything is a removal too, giving to somebody who is no member an addition too.
fn role_claims<'r>(case: &Case<'r, '_>, plan: &mut Plan<'r>, target: u32, scope: u32, difference: &Difference) {
    let (verb, subject) = (case.action, Subject::User(target));
    if difference.is_none() {
        plan.claims.push(Claim::fit(verb, scope, subject));
        return;
    }
    let is_workspace = scope != ROOT;
    let role = |action: ActionId, kind, grant: &Extra| case.claim(action, kind, subject, grant);
    let start = plan.claims.len();
    plan.claims.extend(difference.takes.iter().chain(&difference.shortened).map(|grant| role(verb, Take, grant)));
    plan.claims.extend(difference.gives.iter().map(|grant| role(verb, Give, grant)));
    push_steps(case, plan, target, scope, difference, start);
    let also = &mut plan.claims;
    if difference.is_removal() {
        let remove = ActionId::from(Verb::MemberRemove);
        also.extend(difference.takes.iter().chain(difference.in_part()).map(|grant| role(remove, Take, grant)));
        also.extend(is_workspace.then(|| Claim::membership(remove, Take, scope, subject)));
    }
    // What has ended can be taken from somebody who is no member: that adds nobody.
    if !difference.member && !difference.gives.is_empty() && is_workspace {
        let add = ActionId::from(Verb::MemberAdd);
        also.push(Claim::membership(add, Give, scope, subject));
        also.extend(difference.gives.iter().map(|grant| role(add, Give, grant)));
    }
}

/// A swap in a one-role scope is one step; elsewhere each change is one. Its claims are those from `start` on.
fn push_steps(case: &Case, plan: &mut Plan, target: u32, scope: u32, difference: &Difference, start: usize) {
    let claims = &plan.claims[start..];
    if case.holds_one(scope) {
        // What is asked at one scope alone has no order.
        if case.ask.scopes.is_some() {
            let events = role_events(case, target, scope, difference);
            plan.steps.push(Step { claims: claims.to_vec(), events, gives: !difference.gives.is_empty() });
        }
        return;
    }
    let user = case.user_id(target);
    let taken = difference.takes.iter().map(|grant| case.taken(&user, scope, grant.role));
    let shortened = difference.shortened.iter().map(|grant| case.given(&user, grant));
    let given = difference.gives.iter().map(|grant| case.given(&user, grant));
    let events = taken.chain(shortened).map(|event| (event, false)).chain(given.map(|event| (event, true)));
    plan.steps.extend(claims.iter().zip(events).map(|(claim, (event, gives))| Step { claims: vec![*claim], events: vec![event], gives }));
}

pub(crate) fn role_events(case: &Case, target: u32, scope: u32, difference: &Difference) -> Vec<Event> {
    let user = case.user_id(target);
    let mut events: Vec<Event> = Vec::with_capacity(difference.takes.len() + difference.changed.len() + 1);
    events.extend(difference.takes.iter().map(|grant| case.taken(&user, scope, grant.role)));
    events.extend(difference.changed.iter().map(|grant| case.given(&user, grant)));
    if scope != ROOT && difference.left == 0 && difference.member {
        events.push(Event::MemberRemoved { user, scope: case.scope_id(scope), by: case.ended_by(target) });
    }
    events
}

fn check_edits(case: &Case, target: u32, edits: &[Edit], differences: &[Difference]) -> Result<(), Denial> {
    let pairs = || edits.iter().zip(differences);
    case.check_all_open(edits.iter().map(|edit| edit.scope))?;
    each(pairs().map(|(edit, difference)| check_removed(case, target, edit, difference)))?;
    let too_many = |(edit, difference): &(&Edit, &Difference)| case.holds_one(edit.scope) && difference.asked > 1;
    each(pairs().filter(too_many).map(|(edit, _)| Err(Denial::at(Code::TooManyRoles, &case.scope_id(edit.scope)))))?;
    case.check_grants(differences.iter().flat_map(|difference| &difference.changed))?;
    let left_without = |(edit, difference): &(&Edit, &Difference)| edit.scope == ROOT && difference.left == 0 && case.holds_one(ROOT);
    each(pairs().filter(left_without).map(|(edit, _)| Err(Denial::at(Code::RoleRequired, &case.scope_id(edit.scope)))))
}

/// What is to be removed and is not held here may be held from elsewhere.
fn check_removed(case: &Case, target: u32, edit: &Edit, difference: &Difference) -> Result<(), Denial> {
    each(edit.remove.iter().map(|name| {
        let role = case.role_named(edit.scope, name, "remove")?;
        let held = difference.held.iter().any(|grant| grant.role == role);
        if held { Ok(()) } else { check_not_inherited(case, target, edit.scope, role) }
    }))
}

/// A role that is held from above or through a group is changed where it comes from.
pub(crate) fn check_not_inherited(case: &Case, target: u32, scope: u32, role: RoleRef) -> Result<(), Denial> {
    let origin = case.directory.origin(target, scope, Some(role), case.now());
    origin.map_or(Ok(()), |origin| Err(not_direct(case, scope, origin)))
}

pub(crate) fn not_direct(case: &Case, scope: u32, (from, group): (u32, Option<u32>)) -> Denial {
    let group = group.map(|group| case.directory.groups.id(group).to_owned());
    Denial::at(Code::NotDirect, &case.scope_id(scope)).with(Remedy::ChangeOrigin { scope: case.scope_id(from), group })
}

/// Every scope that the ask names exists: of a scope that does not, no more is said.
fn check_scopes(case: &Case) -> Result<(), Denial> {
    match &case.ask.scopes {
        None => case.scope().map(drop),
        Some(scopes) => each(scopes.iter().map(|at| case.scope_named(&at.scope, "scope").map(drop))),
    }
}

/// The roles asked for at each scope, or the kind's defaults.
pub(crate) fn wanted(case: &Case, default_at_once: impl Fn(u32) -> Vec<Extra>) -> Result<Vec<(u32, Vec<Extra>)>, Denial> {
    let grants = |scope: u32, roles: Option<&[RoleAt]>| match roles {
        Some(roles) => collect(roles.iter().map(|role| case.grant(scope, role, "roles"))).map(|mut grants| {
            case.directory.sort_grants(&mut grants);
            grants.dedup_by_key(|grant| grant.role);
            grants
        }),
        None => Ok(default_at_once(scope)),
    };
    check_scopes(case)?;
    match &case.ask.scopes {
        None => {
            let scope = case.scope()?;
            Ok(vec![(scope, grants(scope, case.ask.roles.as_deref())?)])
        }
        Some(scopes) => collect(scopes.iter().map(|at| {
            let scope = case.scope_named(&at.scope, "scope")?;
            Ok((scope, grants(scope, at.roles.as_deref())?))
        })),
    }
}

/// Every scope has a role, and no more than it can hold.
pub(crate) fn check_wanted(case: &Case, wanted: &[(u32, Vec<Extra>)]) -> Result<(), Denial> {
    let at = |code: Code, scope: u32| Err(Denial::at(code, &case.scope_id(scope)));
    each(wanted.iter().filter(|(_, grants)| grants.is_empty()).map(|(scope, _)| at(Code::RoleRequired, *scope)))?;
    each(wanted.iter().filter(|(scope, grants)| case.holds_one(*scope) && grants.len() > 1).map(|(scope, _)| at(Code::TooManyRoles, *scope)))?;
    case.check_grants(wanted.iter().flat_map(|(_, grants)| grants))
}

/// A membership and its roles, at every scope asked for.
pub(crate) fn give_claims<'r>(case: &Case<'r, '_>, action: ActionId, subject: Subject<'r>, wanted: &[(u32, Vec<Extra>)]) -> Vec<Claim<'r>> {
    let mut claims = Vec::new();
    for (scope, grants) in wanted {
        claims.push(Claim::membership(action, Give, *scope, subject));
        claims.extend(grants.iter().map(|grant| case.claim(action, Give, subject, grant)));
    }
    claims
}

/// `member.add`
pub(crate) fn add<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    check_scopes(case)?;
    let wanted = wanted(case, |scope| case.default_roles(scope));
    if case.ask.target.is_some() {
        let (target, wanted) = both(case.target(), wanted)?;
        let claims = give_claims(case, case.action, Subject::User(target), &wanted);
        let effects = check_no_member(case, target, &wanted).and_then(|()| check_wanted(case, &wanted)).map(|()| {
            let user = case.user_id(target);
            Effects::events(wanted.iter().flat_map(|(_, grants)| grants).map(|grant| case.given(&user, grant)).collect())
        });
        return Ok(Plan::new(claims, Some(target), effects));
    }
    let wanted = wanted?;
    let Some(user) = &case.ask.user else { return Err(not_found("user")) };
    let subject = Subject::Newcomer(user, case.address);
    let (mut claims, defaults) = (give_claims(case, case.action, subject, &wanted), newcomer_defaults(case, &wanted));
    claims.extend(implied_claims(case.action, subject, &wanted, &defaults));
    let effects =
        case.check_all_open(wanted.iter().map(|(scope, _)| *scope)).and_then(|()| check_newcomer(case, user)).and_then(|()| check_wanted(case, &wanted)).map(
            |()| {
                let id = case.new_id(user.id.as_ref(), Key::NoUser);
                let mut events = vec![added(&id, user, user.email.clone(), user.verified && matches!(case.who, Who::System(_)))];
                events.extend(defaults.iter().chain(wanted.iter().flat_map(|(_, grants)| grants)).map(|grant| case.given(&id, grant)));
                Effects::events(events)
            },
        );
    Ok(Plan::new(claims, None, effects))
}

fn check_no_member(case: &Case, target: u32, wanted: &[(u32, Vec<Extra>)]) -> Result<(), Denial> {
    case.check_all_open(wanted.iter().map(|(scope, _)| *scope))?;
    let is_member = |scope: &u32| case.directory.is_member(target, *scope, case.now());
    each(wanted.iter().map(|(scope, _)| *scope).filter(is_member).map(|scope| Err(Denial::at(Code::AlreadyMember, &case.scope_id(scope)))))
}

/// What the policy gives somebody who is new to the organization and is given no role there.
pub(crate) fn newcomer_defaults(case: &Case, wanted: &[(u32, Vec<Extra>)]) -> Vec<Extra> {
    if wanted.iter().any(|(scope, _)| *scope == ROOT) { Vec::new() } else { case.default_roles(ROOT) }
}

/// The membership of the organization that comes with one below it, and what the policy itself gives there: no allow is
/// needed, but a forbid can stand against it.
pub(crate) fn implied_claims<'r>(action: ActionId, subject: Subject<'r>, wanted: &[(u32, Vec<Extra>)], defaults: &[Extra]) -> Vec<Claim<'r>> {
    let joins = !wanted.iter().any(|(scope, _)| *scope == ROOT);
    let membership = joins.then(|| Claim::membership(action, Give, ROOT, subject));
    let roles = defaults.iter().map(|grant| Claim::role(action, Give, grant.scope, subject, grant.role));
    membership.into_iter().chain(roles).map(|claim| Claim { implied: true, ..claim }).collect()
}

fn check_newcomer(case: &Case, user: &UserInput) -> Result<(), Denial> {
    use crate::document::snapshot::UserKind;
    if user.email.is_some() && case.address.is_none() {
        return Err(Denial::field(Code::InvalidEmail, "user.email"));
    }
    if case.address.is_some_and(|email| case.directory.user_of_email(email).is_some()) {
        return Err(Denial::field(Code::EmailTaken, "user.email"));
    }
    // Whoever was invited at an address accepts as its owner: nobody but a system can be added with it meanwhile.
    let offered = case.address.is_some_and(|email| case.directory.is_offered(email, case.now()));
    if offered && !matches!(case.who, Who::System(_)) {
        return Err(Denial::field(Code::EmailTaken, "user.email"));
    }
    case.check_free(user.id.as_ref(), "user.id", Key::NoUser)?;
    let owner = user.owner.as_ref().map(|owner| case.directory.users.find(owner).ok_or(owner));
    let key = |found: Result<u32, &String>| found.map_or_else(|id| Key::NoUser(id.clone()), Key::User);
    owner.into_iter().for_each(|found| case.note(key(found)));
    let owner = owner.and_then(Result::ok).and_then(|owner| case.directory.users.get(owner));
    let owned = owner.is_some_and(|owner| owner.kind != UserKind::Service);
    if (user.kind == UserKind::Service) != user.owner.is_some() || user.owner.is_some() && !owned {
        return Err(Denial::field(Code::OwnerRequired, "user.owner"));
    }
    Ok(())
}

/// A new member of the organization, as an event.
pub(crate) fn added(id: &str, user: &UserInput, email: Option<String>, verified: bool) -> Event {
    Event::MemberAdded {
        user: id.to_owned(),
        email,
        verified,
        name: user.name.clone(),
        kind: user.kind,
        owner: user.owner.clone(),
        attributes: user.attributes.clone(),
    }
}

/// `member.join`
pub(crate) fn join<'r>(case: &Case<'r, '_>) -> Result<Plan<'r>, Denial> {
    let Some(actor) = case.who.user() else { return Err(not_found("scope")) };
    let wanted = wanted(case, |scope| case.default_roles(scope))?;
    let claims = give_claims(case, case.action, Subject::User(actor), &wanted);
    let effects = check_no_member(case, actor, &wanted).and_then(|()| check_wanted(case, &wanted)).map(|()| {
        let user = case.user_id(actor);
        Effects::events(wanted.iter().flat_map(|(_, grants)| grants).map(|grant| case.given(&user, grant)).collect())
    });
    Ok(Plan::new(claims, Some(actor), effects))
}
