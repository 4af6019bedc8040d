//! The gate and the judgement: is every claim carried by an allow and hit by no forbid?

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::ask::DenialCode;
use crate::codes::{Code, Step};
use crate::directory::Directory;
use crate::directory::rows::RoleRef;
use crate::directory::standing::{Seen, View};
use crate::document::policy::ChangeKind;
use crate::document::snapshot::UserKind;
use crate::document::{Actor, Facts, Reason, Time, Warning};
use crate::policy::actions::{ActionId, Verb};
use crate::policy::conditions::{Bit, Blocks};
use crate::policy::rules::Rule;

use super::Before;
use super::claim::{Claim, Does, Letter, Subject};
use super::conditions::{Fails, Offered, Person, Role, Scene, Who};
use super::outcome::{Denial, RuleRef, ask_holders, forbid_remedy, rule_reason};

/// Who asks, when, and with what the host vouches for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub who: Who<'a>,
    pub now: Time,
    pub context: &'a Facts,
    pub resource: Option<&'a Facts>,
    pub powers: Powers<'a>,
}

/// What the actor may do, where a request makes several changes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Powers<'a> {
    /// The actor as it stood before them; as it stands, if there is nothing here.
    pub before: Option<&'a Before>,
    /// Changes are tried one after the other: what is left of the powers must carry each of them too.
    pub in_order: bool,
}

/// A role that the request names: resolved, or a custom one that is not known yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    /// None for a name that no declared role has.
    pub role: Option<RoleRef>,
    /// Number of the grant's source.
    pub source: Option<u16>,
}

impl<'a> Asker<'a> {
    /// The actor at a scope, and nobody as target.
    pub fn scene(&self, directory: &'a Directory, scope: Option<u32>) -> Scene<'a> {
        let actor = self.actor_at(directory, scope, self.powers.before.filter(|_| !self.powers.in_order));
        Scene {
            directory,
            now: self.now,
            who: self.who,
            actor,
            target: Person::default(),
            scope,
            invitation: None,
            group: None,
            resource: self.resource,
            context: self.context,
        }
    }

    fn actor_at(&self, directory: &'a Directory, scope: Option<u32>, before: Option<&'a Before>) -> Person<'a> {
        match self.who {
            Who::User(slot) => {
                let row = before.map(|before| &before.row).or_else(|| directory.users.get(slot));
                let of_groups = before.map(|before| &before.of_groups);
                let seen = row.map(|row| Seen { of_groups, ..row.into() });
                let standing = match scope.and_then(|scope| directory.scopes.get(scope)) {
                    Some(at) => {
                        let known = before.and_then(|before| before.standings.get(&at.slot()).copied());
                        known.or_else(|| seen.map(|seen| directory.standing_as(&seen, at, self.now, View::ACTIVE)))
                    }
                    None => before.map(|before| before.below).or_else(|| seen.map(|seen| directory.standing_below(&seen, self.now))),
                };
                let standing = standing.unwrap_or_default();
                let email = row.and_then(|row| row.email.as_deref());
                let endings = before.map(|before| before.endings.as_slice());
                Person { user: Some(slot), row, of_groups, standing, email, endings, present: true, ..Person::default() }
            }
            // A session without an account is the account that is to come for its address.
            Who::Outsider(email) => Person { email, kind: email.map(|_| UserKind::default()), present: true, ..Person::default() },
            Who::System(_) => Person { present: true, ..Person::default() },
        }
    }

    pub fn letter(&self, directory: &'a Directory, letter: Letter<'a>) -> Offered<'a> {
        match letter {
            Letter::Row(slot) => {
                let row = directory.invitations.get(slot);
                let by_actor = row.is_some_and(|row| match (&row.inviter, self.who) {
                    (Actor::User(id), Who::User(actor)) => directory.users.find(id) == Some(actor),
                    (Actor::System(name), Who::System(number)) => directory.policy.systems.get(usize::from(number)) == Some(name),
                    _ => false,
                });
                Offered { email: row.and_then(|row| row.email.as_deref()), open: row.is_some_and(|row| row.open.is_some()), by_actor }
            }
            Letter::Taken(slot, user, session) => {
                let of_user = user.and_then(|user| directory.users.get(user)).and_then(|row| row.email.as_deref());
                Offered { email: of_user.or(session), ..self.letter(directory, Letter::Row(slot)) }
            }
            Letter::To(email) => Offered { email: Some(email), open: false, by_actor: true },
            Letter::ToNobody => Offered { email: None, open: false, by_actor: true },
            Letter::Open => Offered { email: None, open: true, by_actor: true },
        }
    }

    /// Sets the target of a scene.
    pub fn about(&self, scene: &mut Scene<'a>, subject: Subject<'a>) {
        let directory = scene.directory;
        scene.target = match (subject, scene.scope) {
            (Subject::User(slot), Some(scope)) => {
                let row = directory.users.get(slot);
                let standing = directory.standing(slot, scope, self.now, View::WHATEVER);
                let email = row.and_then(|row| row.email.as_deref());
                Person { user: Some(slot), row, standing, email, present: true, ..Person::default() }
            }
            (Subject::Group(slot), Some(scope)) => {
                let standing = directory.scopes.get(scope).map(|at| directory.group_standing(slot, at, self.now)).unwrap_or_default();
                Person { group: Some(slot), standing, present: true, ..Person::default() }
            }
            (Subject::Newcomer(user, email), _) => {
                let owner = user.owner.as_ref().filter(|_| user.kind == UserKind::Service).and_then(|owner| directory.users.find(owner));
                Person { email, kind: Some(user.kind), owner, attributes: Some(&user.attributes), present: true, ..Person::default() }
            }
            (Subject::Invited(slot), _) => {
                let email = directory.invitations.get(slot).and_then(|row| row.email.as_deref());
                Person { email, kind: Some(UserKind::default()), present: true, ..Person::default() }
            }
            _ => Person::default(),
        };
    }
}

/// Step 3, at one scope: some allow for the verb whose actor, scope, context and resource hold, and for each role that the
/// request gives one that can admit it by its name.
pub(crate) fn gate<'a>(directory: &'a Directory, asker: &Asker<'a>, action: ActionId, (place, scope): (&str, Option<u32>), named: &[Named]) -> Option<Denial> {
    let policy = &directory.policy;
    let code = match gate_verdict(&asker.scene(directory, scope), action, named) {
        Ok(()) => return None,
        Err(code) => code,
    };
    let place = Some(place.to_owned());
    let mut denial = match code {
        DenialCode::Allow(number) => {
            let reason = rule_reason(&policy.allows[usize::from(number)], Code::NotPermitted);
            Denial { rules: vec![RuleRef::Allow(number)], ..Denial::new(Step::Gate, reason) }
        }
        DenialCode::Catalog(code) => Denial { step: Step::Gate, ..Denial::of(code) },
        DenialCode::Forbid(_) | DenialCode::Keep(..) => Denial::of(Code::NotPermitted),
    };
    if code == DenialCode::Catalog(Code::NotPermitted) {
        denial.remedies.extend(ask_holders(policy, action));
    }
    denial.reasons[0].scope = place;
    Some(denial)
}

/// What the gate answers: nothing against it, the code of the nearest allow that brings one, or `not_permitted`.
pub(crate) fn gate_verdict(scene: &Scene, action: ActionId, named: &[Named]) -> Result<(), DenialCode> {
    let policy = &scene.directory.policy;
    let verb = action.verb();
    if !policy.custom_roles && matches!(verb, Some(Verb::RoleCreate | Verb::RoleUpdate | Verb::RoleDelete)) {
        return Err(DenialCode::Catalog(Code::CatalogClosed));
    }
    let reserved = verb == Some(Verb::OrganizationCreate) && !matches!(scene.who, Who::System(_));
    let fits = |number: &&u16| {
        let blocks = &policy.allows[usize::from(**number)].blocks;
        !reserved && scene.allow_actor_fits(blocks).and_then(|()| scene.outer_fits(blocks)).is_ok()
    };
    let allows = || policy.index.of(action).allows.iter().filter(fits).map(|&number| (number, &policy.allows[usize::from(number)]));
    let admits = |rule: &Rule, named: &Named| rule.blocks.grants.as_ref().is_some_and(|grants| scene.named_role_fits(grants, named.role, named.source).is_ok());
    if allows().next().is_some() && named.iter().all(|named| allows().any(|(_, rule)| admits(rule, named))) {
        return Ok(());
    }
    let nearest = allows().find(|(_, rule)| rule.code.is_some());
    Err(nearest.map_or(DenialCode::Catalog(Code::NotPermitted), |(number, _)| DenialCode::Allow(number)))
}

/// What speaks against one claim first, without a word about it: an uncarried claim before a forbid.
pub(crate) fn claim_verdict(scene: &Scene, claim: &Claim) -> Result<(), DenialCode> {
    if !claim.implied {
        carrier(scene, claim).map_err(|nearest| nearest.map_or(DenialCode::Catalog(Code::NotPermitted), DenialCode::Allow))?;
    }
    Ok(())
}

/// The first forbid that hits a claim and does not only warn.
pub(crate) fn forbid_verdict(scene: &Scene, claim: &Claim) -> Result<(), DenialCode> {
    let policy = &scene.directory.policy;
    let hit = policy.index.of(claim.action).forbids.iter().find(|&&number| {
        let rule = &policy.forbids[usize::from(number)];
        !rule.warns && hits(scene, rule, claim).is_ok()
    });
    hit.map_or(Ok(()), |&number| Err(DenialCode::Forbid(number)))
}

/// What became of the claims of a verb.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// The allows that carried, in the order of the claims.
    pub rules: Vec<RuleRef>,
    pub uncarried: Vec<(Reason, Option<RuleRef>)>,
    pub forbidden: Vec<(Reason, RuleRef)>,
    /// With the number of the forbid that warns.
    pub warnings: Vec<(u16, Warning)>,
    /// What stands in the lists already: rule, scope, and whom it is about.
    said: BTreeSet<(Option<RuleRef>, u32, About)>,
}

/// Whom a reason is about, as far as reasons differ by it.
type About = (Option<u32>, Option<u32>);

impl Judgement {
    /// Whether a rule has not spoken of this scope and subject before.
    fn is_new(&mut self, rule: Option<RuleRef>, claim: &Claim) -> bool {
        let about = match claim.subject {
            Subject::User(slot) => (Some(slot), None),
            Subject::Group(slot) => (None, Some(slot)),
            _ => (None, None),
        };
        self.said.insert((rule, claim.scope, about))
    }

    /// Forbids speak in the order in which the policy lists them, and each warning is said once.
    fn in_policy_order(mut self) -> Judgement {
        self.forbidden.sort_by_key(|(_, rule)| *rule);
        self.warnings.sort_by_key(|(rule, _)| *rule);
        let mut once: Vec<(u16, Warning)> = Vec::with_capacity(self.warnings.len());
        for warning in self.warnings {
            if !once.contains(&warning) {
                once.push(warning);
            }
        }
        Judgement { warnings: once, ..self }
    }

    /// Nothing stands against the claims.
    pub fn holds(&self) -> bool {
        self.uncarried.is_empty() && self.forbidden.is_empty()
    }

    /// The denial, if something does.
    pub fn denial(&self, directory: &Directory, action: ActionId) -> Option<Denial> {
        if self.holds() {
            return None;
        }
        let policy = &directory.policy;
        let remedy = match (self.uncarried.first(), self.forbidden.first()) {
            (Some((_, None)), _) => ask_holders(policy, action),
            (None, Some((_, RuleRef::Forbid(number)))) => forbid_remedy(policy, &policy.forbids[usize::from(*number)], action),
            _ => None,
        };
        let rules = self.uncarried.iter().filter_map(|(_, rule)| *rule).chain(self.forbidden.iter().map(|(_, rule)| *rule));
        Some(Denial {
            step: Step::Judge,
            rules: rules.collect(),
            carried: Vec::new(),
            remedies: remedy.into_iter().collect(),
            reasons: self.uncarried.iter().map(|(reason, _)| reason).chain(self.forbidden.iter().map(|(reason, _)| reason)).cloned().collect(),
        })
    }
}

/// Step 5: judges claims on the state as it is. `target` is the request's own, which reasons need not name.
pub(crate) fn judge<'a>(directory: &'a Directory, asker: &Asker<'a>, claims: &[Claim<'a>], target: Option<u32>) -> Judgement {
    let mut judgement = Judgement::default();
    let mut scenes: SmallVec<[(Subject<'a>, Scene<'a>); 1]> = SmallVec::new();
    for claim in claims {
        // Claims at one scope share the actor's standing, and often the target's, which are the dear parts of a scene.
        let at = scenes.iter().position(|(_, scene)| scene.scope == Some(claim.scope)).unwrap_or_else(|| {
            scenes.push((Subject::Nobody, asker.scene(directory, Some(claim.scope))));
            scenes.len() - 1
        });
        let (subject, scene) = &mut scenes[at];
        if *subject != claim.subject {
            asker.about(scene, claim.subject);
            *subject = claim.subject;
        }
        let mut scene = *scene;
        scene.invitation = claim.invitation.map(|letter| asker.letter(directory, letter));
        scene.group = claim.group;
        judge_claim(&mut judgement, &scene, claim, target);
        if let Some(before) = asker.powers.before.filter(|_| asker.powers.in_order) {
            scene.actor = asker.actor_at(directory, Some(claim.scope), Some(before));
            judge_claim(&mut judgement, &scene, claim, target);
        }
    }
    judgement.in_policy_order()
}

fn judge_claim(judgement: &mut Judgement, scene: &Scene, claim: &Claim, target: Option<u32>) {
    let policy = &scene.directory.policy;
    if !claim.implied {
        match carrier(scene, claim) {
            Ok(number) if judgement.rules.contains(&RuleRef::Allow(number)) => {}
            Ok(number) => judgement.rules.push(RuleRef::Allow(number)),
            Err(nearest) => {
                let reason = nearest
                    .map_or_else(|| super::outcome::reason(Code::NotPermitted), |number| rule_reason(&policy.allows[usize::from(number)], Code::NotPermitted));
                if judgement.is_new(nearest.map(RuleRef::Allow), claim) {
                    judgement.uncarried.push((placed(reason, scene.directory, claim, target), nearest.map(RuleRef::Allow)));
                }
            }
        }
    }
    for &number in &policy.index.of(claim.action).forbids {
        let rule = &policy.forbids[usize::from(number)];
        if hits(scene, rule, claim).is_err() || !judgement.is_new(Some(RuleRef::Forbid(number)), claim) {
            continue;
        }
        if rule.warns {
            let reason = placed(rule_reason(rule, Code::Advice), scene.directory, claim, target);
            let warning = Warning { code: reason.code, message: reason.message, rule: reason.rule, scope: reason.scope, email: None };
            judgement.warnings.push((number, warning));
        } else {
            let reason = placed(rule_reason(rule, Code::Forbidden), scene.directory, claim, target);
            judgement.forbidden.push((reason, RuleRef::Forbid(number)));
        }
    }
}

/// Adds where a reason holds, and about whom if not about the request's target.
fn placed(mut reason: Reason, directory: &Directory, claim: &Claim, target: Option<u32>) -> Reason {
    reason.scope = Some(directory.scopes.id(claim.scope).to_owned());
    match claim.subject {
        Subject::User(slot) if Some(slot) != target => reason.user = Some(directory.users.id(slot).to_owned()),
        Subject::Group(slot) => reason.group = Some(directory.groups.id(slot).to_owned()),
        _ => {}
    }
    reason
}

/// The first allow that carries the claim; or the nearest that brings a code of its own.
pub(crate) fn carrier(scene: &Scene, claim: &Claim) -> Result<u16, Option<u16>> {
    let policy = &scene.directory.policy;
    let mut nearest = None;
    for &number in &policy.index.of(claim.action).allows {
        let rule = &policy.allows[usize::from(number)];
        if scene.allow_actor_fits(&rule.blocks).and_then(|()| scene.outer_fits(&rule.blocks)).is_err() {
            continue;
        }
        if carries(scene, rule, claim).is_ok() {
            return Ok(number);
        }
        if rule.code.is_some() {
            nearest = nearest.or(Some(number));
        }
    }
    Err(nearest)
}

/// What an allow must hold beyond the gate to carry a claim. It gives only what its `grants` say and takes, on verbs that
/// can do both, only what its `revokes` say.
pub(crate) fn carries(scene: &Scene, rule: &Rule, claim: &Claim) -> Result<(), Fails> {
    let blocks = &rule.blocks;
    if rule.implied && claim.change().is_some() {
        return Err("permissions");
    }
    scene.inner_fits(blocks)?;
    if !claim.has_role() {
        return Ok(());
    }
    let role = role_of(claim);
    let takes = claim.action.verb().is_some_and(|verb| verb.spec().takes);
    match claim.does {
        Does::Fit => Ok(()),
        Does::Offer => blocks.grants.as_ref().map_or(Ok(()), |grants| scene.role_fits(grants, &role)),
        Does::Change(ChangeKind::Give) => blocks.grants.as_ref().map_or(Err("grants"), |grants| scene.role_fits(grants, &role)),
        Does::Change(_) => match &blocks.revokes {
            Some(revokes) => scene.role_fits(revokes, &role),
            None if takes => Ok(()),
            None => Err("revokes"),
        },
    }
}

fn role_of(claim: &Claim) -> Role {
    Role { role: claim.role, source: claim.source, permissions: claim.permissions }
}

/// Whether a forbid is about the claim.
pub(crate) fn hits(scene: &Scene, rule: &Rule, claim: &Claim) -> Result<(), Fails> {
    if let Some(changes) = rule.changes {
        let about = claim.change().is_some_and(|kind| changes & kind.bit() != 0);
        if !about {
            return Err("changes");
        }
    }
    if rule.on_changes && claim.change().is_none() {
        return Err("changes");
    }
    scene.all_fit(&rule.blocks)?;
    roles_fit(scene, &rule.blocks, claim)?;
    let Some(unless) = &rule.unless else { return Ok(()) };
    if scene.all_fit(unless).is_ok() && roles_fit(scene, unless, claim).is_ok() { Err("unless") } else { Ok(()) }
}

fn roles_fit(scene: &Scene, blocks: &Blocks, claim: &Claim) -> Result<(), Fails> {
    let role = role_of(claim);
    let gives = claim.has_role() && matches!(claim.does, Does::Offer | Does::Change(ChangeKind::Give));
    let takes = claim.has_role() && claim.does == Does::Change(ChangeKind::Take);
    if let Some(grants) = &blocks.grants {
        gives.then_some(()).ok_or("grants")?;
        scene.role_fits(grants, &role)?;
    }
    if let Some(revokes) = &blocks.revokes {
        takes.then_some(()).ok_or("revokes")?;
        scene.role_fits(revokes, &role)?;
    }
    Ok(())
}
