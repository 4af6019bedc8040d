//! Answers of those who are invited, and the approval.

use super::super::conditions::View;
use super::super::judge::{Change, Denial, Sort, denied, denied_at, judge, reason, reason_at, standing};
use super::super::world::{RoleId, Subject, World, canonical_of};
use super::invitation::is_used_up;
use super::{Checked, Desk, Proposal, Wanted, added, closed, ensure, everywhere, given, not_found, offer_of, user_subject};
use tenantry::Code;
use tenantry::document::snapshot::{InvitationRow, InvitationStatus, UserKind, UserRow};
use tenantry::document::{Actor, Event, Facts, Reason, Remedy, ScopedRoles};
use tenantry::email;

impl<'a> Desk<'a> {
    /// The proved address of the session, and as it was written.
    fn proved_address(&self) -> Result<Option<String>, Denial> {
        let unproved = Denial { reasons: vec![reason(Code::EmailUnverified)], remedies: vec![Remedy::VerifyEmail] };
        match self.view.actor {
            Actor::Invitee { email, verified: true } => Ok(Some(email.trim().to_owned())),
            Actor::Invitee { .. } => Err(unproved),
            Actor::System(_) => Err(unproved),
            Actor::User(_) => match self.view.account() {
                Some(row) if !row.verified => Err(unproved),
                row => Ok(row.and_then(|row| row.email.clone())),
            },
        }
    }

    /// "The gate is the address": no match is the same answer as no invitation.
    pub fn gate_of_invitee(&self) -> Result<&'a InvitationRow, Denial> {
        let written = self.proved_address()?;
        let row = self.ask.invitation.as_ref().and_then(|id| self.view.state.invitation(id));
        let own = canonical_of(written.as_deref());
        let opens = |row: &&InvitationRow| match (&row.open, &own) {
            (_, None) => false,
            (Some(open), Some(own)) => {
                let of_audience = open.audience.as_ref().is_none_or(|domain| domain.to_lowercase() == email::domain(own));
                of_audience && row.token_hash.is_some() && self.ask.token_hash == row.token_hash
            }
            (None, Some(_)) => {
                canonical_of(row.email.as_deref()) == own
                    && (self.ask.token_hash.is_none() || row.token_hash.is_none() || self.ask.token_hash == row.token_hash)
            }
        };
        row.filter(opens).ok_or_else(|| not_found("invitation").into())
    }

    fn answerable(&self, row: &InvitationRow) -> Checked {
        ensure(row.status == InvitationStatus::Pending && !is_used_up(row), closed())?;
        ensure(!self.is_expired(row), Denial { reasons: vec![reason(Code::InvitationExpired)], remedies: vec![Remedy::InviteAgain] })
    }

    pub fn invitation_decline(&self) -> Result<Proposal, Denial> {
        let row = self.gate_of_invitee()?;
        let subject = self.acceptor(row);
        // No rule carries an answer; a forbid may name it.
        let changes = self.offered_changes(row, &row.scopes, Sort::Offer, &subject).into_iter().map(|change| Change { free: true, ..change }).collect();
        let events = if row.open.is_some() { Vec::new() } else { vec![Event::InvitationDeclined { invitation: row.id.clone() }] };
        Ok(Proposal { changes, problem: self.answerable(row).err(), events, ..Proposal::default() })
    }

    /// The user who answers, or the account that is to come.
    fn acceptor(&self, row: &InvitationRow) -> Subject {
        let (Actor::Invitee { email, .. }, false) = (self.view.actor, matches!(self.view.actor, Actor::User(_))) else {
            return if let Actor::User(id) = self.view.actor { user_subject(id) } else { Subject::Nobody };
        };
        let input = self.ask.user.clone().unwrap_or_default();
        let mut account = self.new_account(&input);
        account.email = Some(row.email.clone().unwrap_or_else(|| email.clone()));
        account.verified = true;
        // What the invited say of themselves is nothing that the host knows.
        account.attributes = Facts::default();
        account.kind = UserKind::default();
        account.owner = None;
        account.name = input.name.or_else(|| row.name.clone());
        Subject::New(Box::new(account))
    }

    pub fn invitation_accept(&self) -> Result<Proposal, Denial> {
        let row = self.gate_of_invitee()?;
        let acceptor = self.acceptor(row);
        let changes = self.changes_of_acceptance(row, &acceptor).into_iter().map(|change| Change { free: true, ..change }).collect();
        let mut membership = self.membership(row, &acceptor);
        let approval = self.view.state.written.invitations.approval;
        let inviter = self.inviter_today(row, &acceptor);
        let problem = self.accept_problem(row, &acceptor, inviter.is_err()).err();
        let id = id_of(&acceptor);
        let accepted = |invitation: &str, waits: bool| Event::InvitationAccepted {
            invitation: invitation.to_owned(),
            user: id.clone(),
            awaiting_approval: waits,
            name: self.ask.user.as_ref().and_then(|user| user.name.clone()).filter(|_| waits && matches!(acceptor, Subject::New(_))),
        };
        let events = match (approval, &row.open) {
            (false, _) => {
                membership.insert(0, accepted(&row.id, false));
                membership
            }
            (true, None) => vec![accepted(&row.id, true)],
            (true, Some(_)) => {
                let own = self.mint();
                vec![accepted(&row.id, false), self.own_invitation(row, &own), accepted(&own, true)]
            }
        };
        Ok(Proposal { changes, problem, carried_by: inviter.unwrap_or_default(), events, ..Proposal::default() })
    }

    /// An acceptance of an open link that waits is an invitation of its own.
    fn own_invitation(&self, row: &InvitationRow, id: &str) -> Event {
        let written = self.proved_address().ok().flatten();
        Event::InvitationCreated {
            invitation: id.to_owned(),
            email: written,
            open: None,
            name: row.name.clone(),
            scopes: row.scopes.clone(),
            inviter: row.inviter.clone(),
            created_at: row.created_at,
            expires_at: None,
            token_hash: None,
        }
    }

    fn accept_problem(&self, row: &InvitationRow, acceptor: &Subject, inviter_fails: bool) -> Checked {
        self.all_open(row.scopes.iter().map(|scoped| &scoped.scope))?;
        self.answerable(row)?;
        ensure(!self.is_void(row, acceptor), denied(Code::InvitationVoid))?;
        let taken = matches!(acceptor, Subject::New(account) if self.view.state.user(&account.id).is_some());
        ensure(!taken, Reason { field: Some(self.id_field("user.id").to_owned()), ..reason(Code::IdTaken) }.into())?;
        let address = if let Subject::New(account) = acceptor { canonical_of(account.email.as_deref()) } else { None };
        let has_account = address.is_some_and(|address| self.view.state.user_of_email(&address).is_some());
        ensure(!has_account, Reason { field: Some("email".to_owned()), ..reason(Code::EmailTaken) }.into())?;
        ensure(!inviter_fails, denied(Code::InviterNotPermitted))?;
        if self.view.state.written.invitations.on_member.as_deref() != Some("deny") {
            return Ok(());
        }
        let nothing_comes = |scoped: &ScopedRoles| {
            let (takes, gives) = self.raise(scoped, acceptor);
            takes.is_empty() && gives.is_empty() && !self.view.state.direct_roles(acceptor, &scoped.scope).is_empty()
        };
        everywhere(row.scopes.iter().map(|scoped| ensure(!nothing_comes(scoped), denied_at(Code::WouldLowerRole, &scoped.scope))))
    }

    /// A membership of this person, at or above one of the scopes, has ended since the offer was made.
    fn is_void(&self, row: &InvitationRow, acceptor: &Subject) -> bool {
        let state = &self.view.state;
        // Of whoever has an account the endings are its own, whatever ended under the same address.
        let address = if let Subject::New(account) = acceptor { canonical_of(account.email.as_deref()) } else { None };
        let covers = |scope: &str| row.scopes.iter().any(|scoped| state.chain(&scoped.scope).iter().any(|place| place == scope));
        state.doc.ended.iter().any(|ended| {
            let same = matches!(acceptor, Subject::User(id) if *id == ended.user) || (address.is_some() && canonical_of(ended.email.as_deref()) == address);
            same && covers(&ended.scope) && ended.at >= row.created_at
        })
    }

    /// The offer as if its inviter made it now: the rules that carry it.
    fn inviter_today(&self, row: &InvitationRow, acceptor: &Subject) -> Result<Vec<String>, Denial> {
        if !self.view.state.written.invitations.recheck_inviter.unwrap_or(true) {
            return Ok(Vec::new());
        }
        let nothing = Facts::default();
        let view = View { actor: &row.inviter, context: &nothing, ..self.view };
        standing(&view)?;
        let mut offer = offer_of(row, &row.inviter);
        offer.email = offer.email.or_else(|| email_of(&self.view.state, acceptor));
        let changes = self.changes_of_acceptance(row, acceptor).into_iter();
        let changes: Vec<Change> = changes.map(|change| change.with_offer(&offer).as_verb("invitation.create")).collect();
        Ok(judge(&[view], "invitation.create", &changes)?.rules)
    }

    /// What an offer changes for somebody at one scope: the roles that are replaced, and those that come.
    fn raise(&self, scoped: &ScopedRoles, acceptor: &Subject) -> (Vec<(RoleId, Option<String>)>, Vec<Wanted>) {
        let state = &self.view.state;
        let held = state.direct_roles(acceptor, &scoped.scope);
        let mut wanted = self.wanted(&scoped.scope, &scoped.roles);
        wanted.retain(|wanted| wanted.expires_at.is_none_or(|at| at > self.now()));
        if !state.one_role(&scoped.scope) {
            return (Vec::new(), wanted.into_iter().filter(|wanted| !held.contains(&wanted.role)).collect());
        }
        let grants = state.grants_at(acceptor, &scoped.scope);
        let rows = grants.iter().map(|grant| (self.role(&scoped.scope, &grant.role), grant.source.clone())).collect();
        // A role that ends before the one held does is no rise either.
        let lasts = |wanted: &Wanted| {
            grants
                .iter()
                .filter(|grant| state.live(grant))
                .all(|grant| wanted.expires_at.is_none() || (grant.expires_at.is_some() && wanted.expires_at >= grant.expires_at))
        };
        let higher = |wanted: &Wanted| lasts(wanted) && held.iter().all(|held| state.outranks(&wanted.role, held));
        match wanted.into_iter().find(higher) {
            Some(wanted) => (rows, vec![wanted]),
            None => (Vec::new(), Vec::new()),
        }
    }

    /// What an acceptance changes: a give of each role offered; and, which needs no allow, what the policy gives a newcomer and
    /// what a higher role replaces.
    fn changes_of_acceptance(&self, row: &InvitationRow, acceptor: &Subject) -> Vec<Change> {
        let scopes = || row.scopes.iter().map(|scoped| scoped.scope.as_str());
        let mut along = Vec::new();
        if matches!(acceptor, Subject::New(_)) {
            along.extend(self.newcomer_membership(scopes(), acceptor));
            along.extend(self.newcomer_roles(scopes()).iter().map(|wanted| self.change(Sort::Give, self.root(), acceptor).role(&wanted.role, None)));
        }
        for scoped in &row.scopes {
            let replaced = self.raise(scoped, acceptor).0.into_iter();
            along.extend(replaced.map(|(role, source)| self.change(Sort::Take, &scoped.scope, acceptor).role(&role, source.as_deref())));
        }
        let offer = offer_of(row, self.view.actor);
        let mut changes = self.offered_changes(row, &row.scopes, Sort::Give, acceptor);
        changes.extend(along.into_iter().map(|change| Change { free: true, ..change.with_offer(&offer) }));
        changes
    }

    /// A membership that begins, or grows, by an offer.
    fn membership(&self, row: &InvitationRow, acceptor: &Subject) -> Vec<Event> {
        let mut events = Vec::new();
        if let Subject::New(account) = acceptor {
            events.push(added(account));
            let roles = self.newcomer_roles(row.scopes.iter().map(|scoped| scoped.scope.as_str()));
            events.extend(roles.iter().map(|wanted| given(acceptor, self.root(), wanted)));
        }
        for scoped in &row.scopes {
            let (takes, gives) = self.raise(scoped, acceptor);
            let user = || Some(id_of(acceptor));
            events.extend(takes.into_iter().map(|(role, _)| Event::RoleTaken { user: user(), group: None, scope: scoped.scope.clone(), role: role.name }));
            events.extend(gives.iter().map(|wanted| given(acceptor, &scoped.scope, wanted)));
        }
        events
    }

    pub fn invitation_approve(&self) -> Result<Proposal, Denial> {
        let row = self.find_invitation()?;
        let state = &self.view.state;
        let accepted_by = row.user.clone().unwrap_or_default();
        let of_address = canonical_of(row.email.as_deref()).and_then(|address| state.user_of_email(&address));
        let of_id = || state.user(&accepted_by).map_or(Subject::Nobody, |user| user_subject(&user.id));
        let known = if row.user.is_some() { of_id() } else { self.whose(canonical_of(row.email.as_deref()).as_deref()) };
        let waits = row.status == InvitationStatus::AwaitingApproval && of_address.is_none_or(|user| user.id != accepted_by);
        let (id_taken, email_taken) = (waits && state.user(&accepted_by).is_some(), waits && of_address.is_some());
        let taken = |code: Code, field: &str| -> Denial { Reason { field: Some(field.to_owned()), ..reason_at(code, self.scope()) }.into() };
        let account = UserRow { id: accepted_by, email: row.email.clone(), verified: true, name: row.name.clone(), ..UserRow::default() };
        let subject = if known == Subject::Nobody { Subject::New(Box::new(account)) } else { known };
        let changes = self.changes_of_acceptance(row, &subject);
        let check = || -> Checked {
            self.all_open(row.scopes.iter().map(|scoped| &scoped.scope))?;
            ensure(row.status != InvitationStatus::Pending, denied_at(Code::NotAccepted, self.scope()))?;
            ensure(row.status == InvitationStatus::AwaitingApproval, denied_at(Code::InvitationClosed, self.scope()))?;
            ensure(!id_taken, taken(Code::IdTaken, "user"))?;
            ensure(!email_taken, taken(Code::EmailTaken, "email"))
        };
        let problem = check().err();
        let mut events = vec![Event::InvitationApproved { invitation: row.id.clone(), user: id_of(&subject) }];
        events.extend(self.membership(row, &subject));
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }
}

fn id_of(subject: &Subject) -> String {
    match subject {
        Subject::User(id) | Subject::Group(id) => id.clone(),
        Subject::New(row) => row.id.clone(),
        Subject::Nobody => String::new(),
    }
}

fn email_of(world: &World, subject: &Subject) -> Option<String> {
    match subject {
        Subject::User(id) => world.user(id).and_then(|row| canonical_of(row.email.as_deref())),
        Subject::New(row) => canonical_of(row.email.as_deref()),
        Subject::Group(_) | Subject::Nobody => None,
    }
}
