//! What the gate, the judgement, the state machine and the keeps say to a question, verb by verb.

use smallvec::SmallVec;

use crate::codes::Code;
use crate::decide::claim::{Claim, Does, Letter, Subject};
use crate::decide::conditions::{Scene, Who};
use crate::decide::judge::{Asker, Named, claim_verdict, forbid_verdict, gate_verdict};
use crate::decide::stands;
use crate::directory::rows::{Holdings, RoleRef, User};
use crate::directory::table::sorted_by_id;
use crate::directory::{Directory, ROOT};
use crate::document::policy::ChangeKind::{Give, Status as StatusChange, Take};
use crate::document::request::Reach;
use crate::document::snapshot::{InvitationStatus, Status};
use crate::policy::actions::{ActionId, Verb};

use super::DenialCode;
use super::keeps::Change;

/// A question, resolved. An id that does not exist is `None` inside the option.
#[derive(Clone, Copy)]
pub(crate) struct Probe<'a> {
    pub asker: Asker<'a>,
    pub action: ActionId,
    pub scope: Option<u32>,
    /// A slot belongs to an id for good: the user may be gone.
    pub target: Option<Option<u32>>,
    pub invitation: Option<Option<u32>>,
    pub role: Option<Option<RoleRef>>,
    /// The actor is an invitee's session: nobody yet, and nobody's standing is asked.
    pub invitee: bool,
    /// The actor at the scope, once the gate has passed.
    pub scene: Option<Scene<'a>>,
}

type Verdict = Result<(), DenialCode>;

/// What it rests on that nothing speaks against an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rests {
    /// What the people concerned share with their class.
    Class,
    /// That too, and that these counters (of a keep, at a scope) can fall by one.
    Counts(SmallVec<[(u16, u32); 1]>),
    /// More than that.
    More,
}

/// The answer to a question.
pub(crate) type Answered = Result<Rests, DenialCode>;

fn gate_of(probe: &Probe, scene: &Scene) -> Verdict {
    let gives = probe.action.verb().is_some_and(|verb| verb != Verb::MemberSetRoles && !verb.spec().takes);
    let named = probe.role.filter(|_| gives).map(|role| [Named { role, source: None }]);
    gate_verdict(scene, probe.action, named.as_ref().map_or(&[], |named| named))
}

fn denied<T>(code: Code) -> Result<T, DenialCode> {
    Err(DenialCode::Catalog(code))
}

/// Of two forbids the one that the policy lists first speaks.
fn first_of(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Err(DenialCode::Forbid(one)), Err(DenialCode::Forbid(other))) => Err(DenialCode::Forbid(one.min(other))),
        (one, other) => one.and(other),
    }
}

impl Directory {
    /// Whether the actor stands, and passes the gate: then the actor at the scope.
    #[inline]
    pub(crate) fn gate<'a>(&'a self, probe: &Probe<'a>) -> Result<Scene<'a>, DenialCode> {
        match probe.asker.who {
            Who::Outsider(_) if probe.invitee => {}
            who => stands(self, who).map_or(Ok(()), denied)?,
        }
        let scene = probe.asker.scene(self, probe.scope);
        gate_of(probe, &scene).map(|()| scene)
    }

    /// The answer to a question that has passed the gate.
    pub(crate) fn verdict<'a>(&'a self, probe: &Probe<'a>) -> Answered {
        let verb = probe.action.verb();
        let Some(scope) = probe.scope else { return denied(Code::NotFound) };
        let target = probe.target.map(|target| target.filter(|&slot| self.users.get(slot).is_some()));
        if target == Some(None) {
            let ended = probe.target.flatten().is_some_and(|gone| self.has_ended(gone, scope));
            return denied(if ended && verb == Some(Verb::MemberRemove) { Code::AlreadyEnded } else { Code::NotFound });
        }
        let target = target.flatten();
        match verb {
            None | Some(Verb::MemberList | Verb::InvitationList | Verb::AuditRead) => self.fit(probe, scope, target),
            Some(Verb::MemberEdit | Verb::MemberChangeEmail) => self.fit(probe, scope, target),
            Some(Verb::MemberRemove) => self.ending(probe, scope, target),
            Some(Verb::MemberLeave) => self.ending(probe, scope, probe.asker.who.user()),
            Some(Verb::MemberDeactivate | Verb::MemberReactivate) => self.resting(probe, scope, target),
            Some(Verb::MemberSetRoles) => self.role_change(probe, scope, target),
            Some(Verb::InvitationResend | Verb::InvitationRevoke | Verb::InvitationUpdate | Verb::InvitationLink) if probe.invitation.is_some() => {
                self.offer(probe, scope)
            }
            Some(_) => self.giving(probe, scope, target),
        }
    }

    /// The scene at a scope: the gate's own where it is the same, as the actor's standing is the dear part.
    fn scene_of<'a>(&'a self, probe: &Probe<'a>, scope: u32, subject: Subject<'a>) -> Scene<'a> {
        let at_gate = probe.scene.filter(|scene| scene.scope == Some(scope));
        let mut scene = at_gate.unwrap_or_else(|| probe.asker.scene(self, Some(scope)));
        probe.asker.about(&mut scene, subject);
        scene
    }

    /// All claims of one scene: every one must be carried, then none may be hit.
    fn judged(&self, scene: &Scene, claims: &[Claim]) -> Verdict {
        claims.iter().try_for_each(|claim| claim_verdict(scene, claim))?;
        claims.iter().map(|claim| forbid_verdict(scene, claim)).reduce(first_of).unwrap_or(Ok(()))
    }

    fn subject<'a>(target: Option<u32>) -> Subject<'a> {
        target.map_or(Subject::Nobody, Subject::User)
    }

    /// Verbs that change no role: an allow must fit.
    fn fit<'a>(&'a self, probe: &Probe<'a>, scope: u32, target: Option<u32>) -> Answered {
        let subject = Directory::subject(target);
        self.judged(&self.scene_of(probe, scope, subject), &[Claim::fit(probe.action, scope, subject)])?;
        let archived = probe.action.verb().map_or(self.policy.settings(probe.action).archived, Verb::works_archived);
        if !archived {
            self.check_active(scope)?;
        }
        Ok(Rests::Class)
    }

    fn check_active(&self, scope: u32) -> Verdict {
        if self.archived_at(scope).is_some() { denied(Code::ScopeArchived) } else { Ok(()) }
    }

    /// `member.remove` and `member.leave`, as far as the policy's default reaches.
    fn ending<'a>(&'a self, probe: &Probe<'a>, scope: u32, target: Option<u32>) -> Answered {
        let Some(target) = target else { return denied(Code::NotFound) };
        let Some(row) = self.users.get(target) else { return denied(Code::NotFound) };
        let reach = if scope == ROOT { Reach::Organization } else { self.policy.endings.default };
        let scopes = self.ending_scopes(target, scope, reach);
        let everything = reach == Reach::Organization;
        let mut carried = Ok(());
        let mut forbidden = Ok(());
        for &at in &scopes {
            let scene = self.scene_of(probe, at, Subject::User(target));
            let membership = (at != ROOT || everything).then(|| Claim::membership(probe.action, Take, at, Subject::User(target)));
            let role = |(role, source)| Claim { source, ..Claim::role(probe.action, Take, at, Subject::User(target), role) };
            for claim in membership.into_iter().chain(self.roles_at(row, at).into_iter().map(role)) {
                carried = carried.and_then(|()| claim_verdict(&scene, &claim));
                forbidden = first_of(forbidden, forbid_verdict(&scene, &claim));
            }
        }
        let groups = if everything { row.groups() } else { &[] };
        for &group in groups {
            for grant in self.groups.get(group).map(|row| self.all_grants(&row.holdings)).unwrap_or_default() {
                let mut scene = self.scene_of(probe, grant.scope, Subject::User(target));
                scene.group = Some(group);
                let source = self.policy.source(grant.source.as_deref());
                let claim = Claim { source, group: Some(group), ..Claim::role(probe.action, Take, grant.scope, Subject::User(target), grant.role) };
                carried = carried.and_then(|()| claim_verdict(&scene, &claim));
                forbidden = first_of(forbidden, forbid_verdict(&scene, &claim));
            }
        }
        if !everything && !scopes.contains(&scope) {
            let fit = Claim::fit(probe.action, scope, Subject::User(target));
            let scene = self.scene_of(probe, scope, Subject::User(target));
            carried = carried.and_then(|()| claim_verdict(&scene, &fit));
            forbidden = first_of(forbidden, forbid_verdict(&scene, &fit));
        }
        carried.and(forbidden)?;
        if scopes.is_empty() {
            return denied(self.no_membership_code(scope, target, probe.asker.now));
        }
        let mut left = Holdings::default();
        if !everything {
            left = row.holdings.clone();
            for &at in &scopes {
                left.clear(at);
            }
        }
        let change = if everything { Change::Gone } else { Change::Ends(&left) };
        self.keeps_hold(probe, target, &scopes, change)
    }

    /// The direct grants of a user at a scope in the policy's order, each with the number of its source.
    fn roles_at(&self, row: &User, scope: u32) -> SmallVec<[(RoleRef, Option<u16>); 2]> {
        if row.holdings.extras().iter().all(|extra| extra.scope != scope) {
            return crate::policy::catalog::bits(row.holdings.plain(scope)).map(|bit| (RoleRef::Declared(bit), None)).collect();
        }
        let grants = self.grants_at(&row.holdings, scope);
        grants.into_iter().map(|grant| (grant.role, self.policy.source(grant.source.as_deref()))).collect()
    }

    fn no_membership_code(&self, scope: u32, target: u32, now: crate::document::Time) -> Code {
        if self.has_ended(target, scope) {
            return Code::AlreadyEnded;
        }
        if self.origin(target, scope, None, now).is_some() { Code::NotDirect } else { Code::NotMember }
    }

    /// `member.deactivate` and `member.reactivate`
    fn resting<'a>(&'a self, probe: &Probe<'a>, scope: u32, target: Option<u32>) -> Answered {
        let Some(target) = target else { return denied(Code::NotFound) };
        let subject = Subject::User(target);
        let wakes = probe.action.verb() == Some(Verb::MemberReactivate);
        let set = self.has_status(target, scope, if wakes { Status::Active } else { Status::Deactivated });
        let change = || Claim::membership(probe.action, StatusChange, scope, subject);
        let claim = if set { Claim::fit(probe.action, scope, subject) } else { change() };
        self.judged(&self.scene_of(probe, scope, subject), &[claim])?;
        if wakes {
            self.check_active(scope)?;
        }
        if !self.is_member(target, scope, probe.asker.now) {
            return denied(self.no_membership_code(scope, target, probe.asker.now));
        }
        let change = match (scope, wakes) {
            (ROOT, true) => Change::Status(Status::Active),
            (ROOT, false) => Change::Status(Status::Deactivated),
            (_, true) => Change::Wakes(scope),
            (_, false) => Change::Rests(scope),
        };
        let below = |held: &u32| self.scopes.get(*held).is_some_and(|held| self.depth_on_path(scope, held).is_some());
        let touched: SmallVec<[u32; 4]> = self.scopes_of(target).into_iter().filter(below).collect();
        self.keeps_hold(probe, target, &touched, change)
    }

    /// `member.set_roles`, one role given: beside those held, or in a one-role scope instead of them. Without a role: whether
    /// any can be given, or any taken.
    fn role_change<'a>(&'a self, probe: &Probe<'a>, scope: u32, target: Option<u32>) -> Answered {
        let Some(target) = target else { return denied(Code::NotFound) };
        match probe.role {
            Some(Some(role)) => self.one_role_change(probe, scope, target, role),
            Some(None) => denied(Code::NotFound),
            None => self.any_role_change(probe, scope, target),
        }
    }

    fn any_role_change<'a>(&'a self, probe: &Probe<'a>, scope: u32, target: u32) -> Answered {
        let (Some(row), Some(at)) = (self.users.get(target), self.scopes.get(scope)) else { return denied(Code::NotFound) };
        let kind = &self.policy.kinds[usize::from(at.kind)];
        let held = self.roles_at(row, scope);
        let declared = crate::policy::catalog::bits(kind.roles).map(RoleRef::Declared);
        let custom = if kind.custom { sorted_by_id(&self.custom_roles, self.custom_roles.slots()) } else { Vec::new() };
        let new = declared.chain(custom.into_iter().map(RoleRef::Custom)).filter(|role| held.iter().all(|(held, _)| held != role));
        let gives = new.map(|role| self.one_role_change(probe, scope, target, role));
        let takes = held.iter().map(|&(role, _)| self.one_role_taken(probe, scope, target, role));
        let (mut first, mut free) = (None, false);
        for verdict in gives.chain(takes) {
            match verdict {
                // One that is free to the whole class is enough, whatever counts say of the others.
                Ok(Rests::Class) => return Ok(Rests::Class),
                Ok(_) => free = true,
                // What only a count forbids comes nearest; and it may be free to others of the class.
                Err(code @ DenialCode::Keep(..)) if !matches!(first, Some(DenialCode::Keep(..))) => first = Some(code),
                Err(code) => first = first.or(Some(code)),
            }
        }
        if free { Ok(Rests::More) } else { first.map_or_else(|| self.fit(probe, scope, Some(target)), Err) }
    }

    fn one_role_change<'a>(&'a self, probe: &Probe<'a>, scope: u32, target: u32, role: RoleRef) -> Answered {
        let (Some(row), Some(at)) = (self.users.get(target), self.scopes.get(scope)) else { return denied(Code::NotFound) };
        let one = self.policy.kinds[usize::from(at.kind)].one_role;
        let subject = Subject::User(target);
        let old = row.holdings.extras().iter().find(|extra| extra.scope == scope && extra.role == role);
        let plain = matches!(role, RoleRef::Declared(bit) if row.holdings.plain(scope) >> bit & 1 == 1);
        let stays = plain || old.is_some_and(|old| old.expires_at.is_none() && old.source.is_none());
        if stays && !one {
            return self.fit(probe, scope, Some(target));
        }
        // A role that another source gave is taken from that source.
        let resourced = old.is_some_and(|old| old.source.is_some() && old.is_in_force(probe.asker.now));
        let now = probe.asker.now;
        let expired = |role: RoleRef| row.holdings.extras().iter().any(|extra| extra.scope == scope && extra.role == role && !extra.is_in_force(now));
        let replaced = self.roles_at(row, scope).into_iter().filter(|&(held, _)| if held == role { resourced } else { one && !expired(held) });
        let take = |(old, source)| Claim { source, ..Claim::role(probe.action, Take, scope, subject, old) };
        let mut claims: SmallVec<[Claim; 4]> = replaced.map(take).collect();
        if stays && claims.is_empty() {
            return self.fit(probe, scope, Some(target));
        }
        let mut after = row.holdings.clone();
        if one {
            after.clear(scope);
        }
        claims.extend((!stays).then(|| Claim::role(probe.action, Give, scope, subject, role)));
        if scope != ROOT && !row.holdings.is_at(scope, probe.asker.now) {
            let add = ActionId::from(Verb::MemberAdd);
            claims.push(Claim::membership(add, Give, scope, subject));
            claims.push(Claim::role(add, Give, scope, subject, role));
        }
        self.judged(&self.scene_of(probe, scope, subject), &claims)?;
        self.check_active(scope)?;
        if !stays {
            self.check_held_here(scope, role)?;
        }
        after.give(crate::directory::rows::Extra { scope, role, expires_at: None, source: None });
        self.keeps_hold(probe, target, &[scope], Change::Holds(&after))
    }

    /// The last role that somebody holds at a scope is taken by a removal too.
    fn one_role_taken<'a>(&'a self, probe: &Probe<'a>, scope: u32, target: u32, role: RoleRef) -> Answered {
        let Some(row) = self.users.get(target) else { return denied(Code::NotFound) };
        let subject = Subject::User(target);
        let held = self.roles_at(row, scope);
        let mut after = row.holdings.clone();
        after.take(scope, role);
        let taken = |action, &(role, source): &(RoleRef, Option<u16>)| Claim { source, ..Claim::role(action, Take, scope, subject, role) };
        let mut claims: SmallVec<[Claim; 4]> = held.iter().filter(|(held, _)| *held == role).map(|role| taken(probe.action, role)).collect();
        if row.holdings.is_at(scope, probe.asker.now) && !after.is_at(scope, probe.asker.now) {
            let remove = ActionId::from(Verb::MemberRemove);
            claims.extend(held.iter().filter(|(held, _)| *held == role).map(|role| taken(remove, role)));
            claims.extend((scope != ROOT).then(|| Claim::membership(remove, Take, scope, subject)));
        }
        self.judged(&self.scene_of(probe, scope, subject), &claims)?;
        self.check_active(scope)?;
        if scope == ROOT && !after.is_at(ROOT, probe.asker.now) && self.policy.kinds[0].one_role {
            return denied(Code::RoleRequired);
        }
        self.keeps_hold(probe, target, &[scope], Change::Holds(&after))
    }

    fn check_held_here(&self, scope: u32, role: RoleRef) -> Verdict {
        let RoleRef::Custom(slot) = role else { return Ok(()) };
        let (Some(row), Some(at)) = (self.custom_roles.get(slot), self.scopes.get(scope)) else { return denied(Code::NotFound) };
        let here = self.depth_on_path(row.home, at).is_some() && self.policy.kinds[usize::from(at.kind)].custom;
        if here { Ok(()) } else { denied(Code::RoleNotHere) }
    }

    /// The verbs about an invitation.
    fn offer<'a>(&'a self, probe: &Probe<'a>, scope: u32) -> Answered {
        let Some(slot) = probe.invitation.flatten() else { return denied(Code::NotFound) };
        let Some(row) = self.invitations.get(slot).filter(|row| row.offers.iter().any(|offer| offer.scope == scope)) else { return denied(Code::NotFound) };
        let verb = probe.action.verb();
        let does = if verb == Some(Verb::InvitationUpdate) { Does::Change(Give) } else { Does::Offer };
        let invited = row.email.as_deref().and_then(|email| self.verified_user_of(email));
        let subject = Directory::subject(invited);
        let mut carried = Ok(());
        let mut forbidden = Ok(());
        for offer in &row.offers {
            let mut scene = self.scene_of(probe, offer.scope, subject);
            scene.invitation = Some(probe.asker.letter(self, Letter::Row(slot)));
            for grant in &offer.roles {
                let claim = Claim { does, invitation: Some(Letter::Row(slot)), ..Claim::role(probe.action, Give, offer.scope, subject, grant.role) };
                let claim = Claim { source: self.policy.source(grant.source.as_deref()), ..claim };
                carried = carried.and_then(|()| claim_verdict(&scene, &claim));
                forbidden = first_of(forbidden, forbid_verdict(&scene, &claim));
            }
        }
        carried.and(forbidden)?;
        if verb == Some(Verb::InvitationRevoke) {
            let open = row.is_open() && !row.is_used_up();
            let kept = || self.keeps_hold_without(probe, slot, invited).map(|()| Rests::More);
            return if open { kept() } else { denied(Code::InvitationClosed) };
        }
        row.offers.iter().try_for_each(|offer| self.check_active(offer.scope))?;
        match row.status {
            InvitationStatus::Pending if row.is_used_up() => denied(Code::InvitationClosed),
            InvitationStatus::Pending if row.is_expired(probe.asker.now) => denied(Code::InvitationExpired),
            InvitationStatus::Pending => Ok(Rests::More),
            _ => denied(Code::InvitationClosed),
        }
    }

    /// The remaining verbs: an allow must fit, and must be able to give the role, if one is named.
    fn giving<'a>(&'a self, probe: &Probe<'a>, scope: u32, target: Option<u32>) -> Answered {
        let subject = match probe.action.verb() {
            Some(Verb::MemberJoin) => Directory::subject(probe.asker.who.user()),
            _ => Directory::subject(target),
        };
        let joins = matches!(probe.action.verb(), Some(Verb::MemberJoin | Verb::MemberAdd));
        let scene = self.scene_of(probe, scope, subject);
        match probe.role {
            Some(None) => return denied(Code::NotFound),
            Some(Some(role)) => {
                self.judged(&scene, &[Claim::role(probe.action, Give, scope, subject, role)])?;
                self.check_held_here(scope, role)?;
            }
            None => self.judged(&scene, &[Claim::fit(probe.action, scope, subject)])?,
        }
        if !probe.action.verb().is_some_and(Verb::works_archived) {
            self.check_active(scope)?;
        }
        match (subject, probe.role.flatten()) {
            (Subject::User(user), _) if joins && self.is_member(user, scope, probe.asker.now) => denied(Code::AlreadyMember),
            (Subject::User(user), Some(role)) if joins => {
                let mut after = self.users.get(user).map(|row| row.holdings.clone()).unwrap_or_default();
                after.give(crate::directory::rows::Extra { scope, role, expires_at: None, source: None });
                self.keeps_hold(probe, user, &[scope], Change::Holds(&after))
            }
            _ => Ok(Rests::Class),
        }
    }
}
