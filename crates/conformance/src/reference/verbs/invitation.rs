//! Offers: the verbs of those who invite.

use tenantry::Code;
use tenantry::document::snapshot::{InvitationRow, InvitationStatus};
use tenantry::document::{Event, Obligation, Reason, Remedy, RoleAt, ScopedRoles, Snapshot, Time};

use super::super::conditions::{Offer, View};
use super::super::judge::{Change, Denial, Sort, denied_at, offers_action, reason_at};
use super::super::world::{RoleId, Subject, World, canonical_of};
use super::{Checked, Desk, Places, Proposal, Wanted, ensure, everywhere, given, not_found, offer_of, user_subject};

fn offered(places: &Places) -> Vec<ScopedRoles> {
    let role = |wanted: &Wanted| RoleAt { role: wanted.role.name.clone(), expires_at: wanted.expires_at, source: wanted.source.clone() };
    places.iter().map(|(scope, roles)| ScopedRoles { scope: scope.clone(), roles: roles.iter().map(role).collect() }).collect()
}

fn milliseconds(duration: &str) -> Option<i64> {
    let (number, unit) = duration.split_at(duration.len().checked_sub(1)?);
    let minutes = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "w" => 7 * 24 * 60,
        _ => return None,
    };
    Some(number.parse::<i64>().ok()? * minutes * 60_000)
}

/// What becomes of one address.
enum Fate {
    /// Events and what the host has to do.
    Good(Vec<Event>, Vec<Obligation>),
    /// Passed over in silence.
    Skipped(String),
    /// It speaks against the request.
    Bad(Denial),
}

/// Offers.
impl<'a> Desk<'a> {
    pub fn is_open_offer(&self, row: &InvitationRow) -> bool {
        row.status == InvitationStatus::AwaitingApproval || (row.status == InvitationStatus::Pending && !self.is_expired(row))
    }

    pub(super) fn is_expired(&self, row: &InvitationRow) -> bool {
        row.status == InvitationStatus::Pending && row.expires_at.is_some_and(|at| at <= self.now())
    }

    /// "Of those listed, the ones of the scope's kind. Where there are none, the kind's own default roles."
    fn default_offer(&self, scope: &str) -> Vec<String> {
        let state = &self.view.state;
        let Some(kind) = state.kind(scope) else { return Vec::new() };
        let listed = |role: &RoleId| role.kind.as_deref() == Some(kind);
        let names = &state.written.invitations.default;
        let roles: Vec<String> = names.iter().flat_map(|name| state.roles_meant(name)).filter(listed).map(|role| role.name).collect();
        if roles.is_empty() { state.default_roles(kind) } else { roles }
    }

    fn places(&self) -> Result<Places, Denial> {
        let places = self.asked_places(|scope| self.default_offer(scope));
        let mut missing: Vec<Reason> = places.iter().flat_map(|(scope, _)| self.find_scope(scope, "scope")).collect();
        missing.extend(places.iter().flat_map(|(scope, roles)| roles.iter().flat_map(|role| self.find_role(scope, &role.role, "roles"))));
        Desk::found(missing)?;
        Ok(places.into_iter().map(|(scope, roles)| (scope.clone(), self.wanted(&scope, &roles))).collect())
    }

    /// The user of the organization who has proved to have the address, if there is one.
    pub(super) fn whose(&self, canonical: Option<&str>) -> Subject {
        let user = canonical.and_then(|address| self.view.state.user_of_email(address));
        user.filter(|row| row.verified).map_or(Subject::Nobody, |row| user_subject(&row.id))
    }

    fn expiry(&self) -> Option<Time> {
        let default = || self.view.state.written.invitations.expires_after.as_deref().and_then(milliseconds).map(|time| self.now().plus(time));
        self.ask.expires_at.or_else(default)
    }

    pub fn invitation_create(&self) -> Result<Proposal, Denial> {
        let places = self.places()?;
        if let Some(row) = self.offer_to_link(&places) {
            return self.offer_again(row);
        }
        let listed = self.ask.emails.as_ref().is_some_and(|emails| !emails.entries().is_empty());
        let entries: Vec<Option<String>> = match (&self.ask.email, &self.ask.emails) {
            (Some(email), _) => vec![Some(email.trim().to_owned())],
            // A list without an address is one that is none.
            (None, Some(_)) if !listed => vec![Some(String::new())],
            (None, Some(emails)) => emails.entries().into_iter().map(|entry| Some(entry.to_owned())).collect(),
            (None, None) => vec![None],
        };
        let mut proposal = Proposal::default();
        let mut bad = Denial::default();
        let mut doc: Snapshot = self.view.state.doc.clone();
        for entry in &entries {
            let evolving = Desk { view: View { state: World { doc: &doc, ..self.view.state }, ..self.view }, ..*self };
            let changes = evolving.changes_of_offer(&places, entry.as_deref());
            let fate = evolving.fate(&places, entry.as_deref(), listed);
            let passed_over = matches!(fate, Fate::Skipped(_));
            proposal.changes.extend(changes.into_iter().map(|change| Change { email: entry.clone().filter(|_| listed), passed_over, ..change }));
            match fate {
                Fate::Good(events, obligations) => {
                    super::super::events::fold(&mut doc, &events, self.now(), self.view.state.written);
                    proposal.events.extend(events);
                    proposal.obligations.extend(obligations);
                }
                Fate::Skipped(code) => proposal.events.push(Event::InvitationSkipped { email: entry.clone().unwrap_or_default(), code }),
                Fate::Bad(denial) => {
                    if bad.reasons.is_empty() {
                        bad.remedies = denial.remedies;
                    }
                    denial
                        .reasons
                        .into_iter()
                        .filter(|reason| !bad.reasons.contains(reason))
                        .collect::<Vec<_>>()
                        .into_iter()
                        .for_each(|reason| bad.reasons.push(reason));
                }
            }
        }
        proposal.problem = if bad.reasons.is_empty() { None } else { Some(bad) };
        Ok(proposal)
    }

    /// A give of each role to the user with the address; who is added at once is judged as `member.add` too.
    fn changes_of_offer(&self, places: &Places, entry: Option<&str>) -> Vec<Change> {
        let canonical = canonical_of(entry);
        let subject = self.whose(canonical.as_deref());
        let offer = Offer { email: canonical, open: self.ask.open.is_some(), by_actor: true };
        let mut changes = Vec::new();
        for (scope, wanted) in places {
            for wanted in wanted {
                changes.push(self.change(Sort::Give, scope, &subject).role(&wanted.role, wanted.source.as_deref()).with_offer(&offer));
            }
            if wanted.is_empty() {
                changes.push(self.change(Sort::Fit, scope, &subject).with_offer(&offer));
            }
        }
        if self.is_added_at_once(&subject, places) {
            for (scope, wanted) in places {
                let membership = self.change(Sort::Give, scope, &subject).as_verb("member.add");
                let roles = wanted.iter().map(|wanted| membership.clone().role(&wanted.role, wanted.source.as_deref()));
                changes.extend(std::iter::once(membership.clone()).chain(roles));
            }
        }
        changes
    }

    fn is_added_at_once(&self, subject: &Subject, places: &Places) -> bool {
        let member = places.iter().any(|(scope, _)| self.view.state.is_member(subject, scope));
        *subject != Subject::Nobody && !member && self.view.state.written.invitations.existing_users.as_deref() == Some("add")
    }

    fn fate(&self, places: &Places, entry: Option<&str>, listed: bool) -> Fate {
        let skips = self.verb() == "invitation.create" && self.view.state.written.invitations.on_conflict.as_deref() == Some("skip");
        let denial = match self.checks_of_offer(places, entry) {
            Ok(()) => return self.good(places, entry),
            Err(denial) => denial,
        };
        let code = denial.reasons[0].code.clone();
        let of_address = ["invalid_email", "already_member", "already_invited"].contains(&code.as_str());
        if skips && of_address && entry.is_some() {
            return Fate::Skipped(code);
        }
        let email = entry.filter(|_| listed).map(str::to_owned);
        let Denial { reasons, remedies } = denial;
        Fate::Bad(Denial { reasons: reasons.into_iter().map(|reason| Reason { email: email.clone(), ..reason }).collect(), remedies })
    }

    fn checks_of_offer(&self, places: &Places, entry: Option<&str>) -> Checked {
        let state = &self.view.state;
        let canonical = canonical_of(entry);
        let field = |code: Code, field: &str| self.field_denied_here(code, field);
        self.all_open(places.iter().map(|(scope, _)| scope))?;
        ensure(entry.is_none() || canonical.is_some(), self.reason_here(Code::InvalidEmail).into())?;
        let needs_name = entry.is_some() && state.written.invitations.require.iter().any(|field| field == "name");
        let has_name = self.ask.name.as_ref().is_some_and(|name| !name.trim().is_empty());
        ensure(!needs_name || has_name, field(Code::RequiredField, "name"))?;
        self.first_roles(places)?;
        ensure(self.ask.expires_at.is_none_or(|at| at > self.now()), field(Code::ExpiryInPast, "expires_at"))?;
        ensure(entry.is_some() || self.ask.token_hash.is_some(), field(Code::RequiredField, "token_hash"))?;
        let user = canonical.as_deref().and_then(|address| state.user_of_email(address));
        let holder = user.map_or(Subject::Nobody, |row| user_subject(&row.id));
        let conflict = state.written.invitations.existing_users.as_deref() == Some("conflict");
        let member = |scope: &str| holder != Subject::Nobody && (conflict || state.is_member(&holder, scope));
        everywhere(places.iter().map(|(scope, _)| ensure(!member(scope), denied_at(Code::AlreadyMember, scope))))?;
        for (row, scope) in self.offers_there(places, canonical.as_deref()) {
            let remedies = if offers_action(state.written, "invitation.resend") { vec![Remedy::Resend { invitation: row.id.clone() }] } else { Vec::new() };
            ensure(!self.is_open_offer(row), Denial { reasons: vec![reason_at(Code::AlreadyInvited, &scope)], remedies })?;
        }
        let id = self.next_id();
        ensure(state.invitation(&id).is_none(), field(Code::IdTaken, self.id_field("new_id")))
    }

    /// The open and expired offers to the address at one of the scopes.
    fn offers_there(&self, places: &Places, canonical: Option<&str>) -> Vec<(&'a InvitationRow, String)> {
        let rows = canonical.map(|address| self.view.state.invitations_to(address)).unwrap_or_default();
        let place = |row: &InvitationRow| places.iter().map(|(scope, _)| scope).find(|scope| row.scopes.iter().any(|scoped| scoped.scope == **scope)).cloned();
        rows.into_iter().filter(|row| self.is_open_offer(row) || self.is_expired(row)).filter_map(|row| Some((row, place(row)?))).collect()
    }

    /// What becomes true of a good address: the membership at once, or an invitation that takes the place of expired ones.
    fn good(&self, places: &Places, entry: Option<&str>) -> Fate {
        let canonical = canonical_of(entry);
        let subject = self.whose(canonical.as_deref());
        if self.is_added_at_once(&subject, places) {
            let events = places.iter().flat_map(|(scope, wanted)| wanted.iter().map(|wanted| given(&subject, scope, wanted)).collect::<Vec<_>>()).collect();
            return Fate::Good(events, Vec::new());
        }
        let superseded = self.offers_there(places, canonical.as_deref());
        let mut events: Vec<Event> = superseded.into_iter().map(|(row, _)| Event::InvitationExpired { invitation: row.id.clone() }).collect();
        let id = self.new_id();
        events.push(Event::InvitationCreated {
            invitation: id.clone(),
            email: entry.map(str::to_owned),
            open: self.ask.open.clone(),
            name: self.ask.name.clone(),
            scopes: offered(places),
            inviter: self.view.actor.clone(),
            created_at: self.now(),
            expires_at: self.expiry(),
            token_hash: self.ask.token_hash.clone(),
        });
        let obligation = match (self.verb(), entry) {
            ("invitation.link", _) => Some(Obligation::ShowLink { invitation: id }),
            (_, Some(email)) => Some(Obligation::SendEmail { email: email.to_owned(), invitation: id }),
            (_, None) => None,
        };
        Fate::Good(events, obligation.into_iter().collect())
    }

    /// A link for an address that has an open offer there is the link of that offer.
    fn offer_to_link(&self, places: &Places) -> Option<&'a InvitationRow> {
        if self.verb() != "invitation.link" {
            return None;
        }
        let canonical = canonical_of(self.ask.email.as_deref())?;
        let pending = |row: &&InvitationRow| row.status == InvitationStatus::Pending && self.is_open_offer(row);
        self.offers_there(places, Some(&canonical)).into_iter().map(|(row, _)| row).find(pending)
    }

    /// The invitation that the request is about, if it offers something at the scope that the request names.
    pub(super) fn find_invitation(&self) -> Result<&'a InvitationRow, Denial> {
        // With `scopes` the request names no scope of its own.
        let missing = if self.ask.scopes.is_some() { Vec::new() } else { self.find_scope(self.scope(), "scope") };
        let row = self.ask.invitation.as_ref().and_then(|id| self.view.state.invitation(id));
        let here = |row: &&InvitationRow| self.ask.scopes.is_some() || row.scopes.iter().any(|scoped| scoped.scope == self.scope());
        Desk::found(missing)?;
        row.filter(here).ok_or_else(|| not_found("invitation").into())
    }

    /// The roles offered, as changes of a sort.
    pub(super) fn offered_changes(&self, row: &InvitationRow, scopes: &[ScopedRoles], sort: Sort, subject: &Subject) -> Vec<Change> {
        let offer = offer_of(row, self.view.actor);
        let mut changes = Vec::new();
        for scoped in scopes {
            if scoped.roles.is_empty() {
                changes.push(self.change(Sort::Fit, &scoped.scope, subject).with_offer(&offer));
            }
            for at in &scoped.roles {
                let role = self.role(&scoped.scope, &at.role);
                changes.push(self.change(sort, &scoped.scope, subject).role(&role, at.source.as_deref()).with_offer(&offer));
            }
        }
        changes
    }

    fn invited(&self, row: &InvitationRow) -> Subject {
        self.whose(canonical_of(row.email.as_deref()).as_deref())
    }

    fn still_open(&self, row: &InvitationRow) -> Checked {
        ensure(row.status == InvitationStatus::Pending && !is_used_up(row), self.reason_here(Code::InvitationClosed).into())?;
        let remedies = vec![Remedy::InviteAgain];
        ensure(!self.is_expired(row), Denial { reasons: vec![self.reason_here(Code::InvitationExpired)], remedies })
    }

    pub fn invitation_resend(&self) -> Result<Proposal, Denial> {
        let row = self.find_invitation()?;
        self.offer_again(row)
    }

    fn offer_again(&self, row: &'a InvitationRow) -> Result<Proposal, Denial> {
        let changes = self.offered_changes(row, &row.scopes, Sort::Offer, &self.invited(row));
        let rotates = self.view.state.written.invitations.link.as_deref() == Some("rotate");
        let needs_token = self.field_denied_here(Code::RequiredField, "token_hash");
        let check = || -> Checked {
            self.all_open(row.scopes.iter().map(|scoped| &scoped.scope))?;
            self.still_open(row)?;
            ensure(!rotates || self.ask.token_hash.is_some(), needs_token.clone())
        };
        let problem = check().err();
        let (invitation, token_hash) = (row.id.clone(), self.ask.token_hash.clone().filter(|_| rotates));
        let (events, obligations) = if self.verb() == "invitation.link" {
            (vec![Event::InvitationLinked { invitation: invitation.clone(), token_hash }], vec![Obligation::ShowLink { invitation }])
        } else {
            let send = row.email.clone().map(|email| Obligation::SendEmail { email, invitation: invitation.clone() });
            (vec![Event::InvitationResent { invitation, token_hash }], send.into_iter().collect())
        };
        Ok(Proposal { changes, problem, events, obligations, ..Proposal::default() })
    }

    pub fn invitation_revoke(&self) -> Result<Proposal, Denial> {
        let row = self.find_invitation()?;
        let open = matches!(row.status, InvitationStatus::Pending | InvitationStatus::AwaitingApproval) && !is_used_up(row);
        let changes = self.offered_changes(row, &row.scopes, Sort::Offer, &self.invited(row));
        let problem = ensure(open, denied_at(Code::InvitationClosed, self.scope())).err();
        Ok(Proposal { changes, problem, events: vec![Event::InvitationRevoked { invitation: row.id.clone() }], ..Proposal::default() })
    }

    pub fn invitation_update(&self) -> Result<Proposal, Denial> {
        let row = self.find_invitation()?;
        let places = self.updated_places(row)?;
        let scopes = offered(&places);
        let subject = self.invited(row);
        let mut changes = self.offered_changes(row, &scopes, Sort::Give, &subject);
        let stays = |scope: &str, role: &str| scopes.iter().any(|scoped| scoped.scope == scope && scoped.roles.iter().any(|at| at.role == role));
        let mut gone = row.scopes.clone();
        gone.iter_mut().for_each(|scoped| {
            let scope = scoped.scope.clone();
            scoped.roles.retain(|at| !stays(&scope, &self.role(&scope, &at.role).name));
        });
        gone.retain(|scoped| !scoped.roles.is_empty());
        changes.extend(self.offered_changes(row, &gone, Sort::Offer, &subject));
        let named: Vec<&str> = places.iter().map(|(scope, _)| scope.as_str()).collect();
        self.fit_where_nothing_changes(&mut changes, &named, &subject);
        let check = || -> Checked {
            self.all_open(places.iter().map(|(scope, _)| scope))?;
            self.still_open(row)?;
            self.first_roles(&places)?;
            ensure(self.ask.expires_at.is_none_or(|at| at > self.now()), self.field_denied_here(Code::ExpiryInPast, "expires_at"))
        };
        let problem = check().err();
        let (invitation, inviter, created_at) = (row.id.clone(), self.view.actor.clone(), self.now());
        let expires_at = self.ask.expires_at.or(row.expires_at);
        let events = vec![Event::InvitationUpdated { invitation, scopes, inviter, created_at, expires_at }];
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    /// What an update makes of the offer: all of it, or the roles at one scope.
    fn updated_places(&self, row: &InvitationRow) -> Result<Places, Denial> {
        let asked: Vec<(String, Vec<RoleAt>)> = match (&self.ask.scopes, &self.ask.roles) {
            (Some(edits), _) => edits.iter().map(|edit| (edit.scope.clone(), edit.roles.clone().unwrap_or_default())).collect(),
            (None, Some(roles)) => {
                let roles_at = |scoped: &ScopedRoles| if scoped.scope == self.scope() { roles.clone() } else { scoped.roles.clone() };
                row.scopes.iter().map(|scoped| (scoped.scope.clone(), roles_at(scoped))).collect()
            }
            (None, None) => row.scopes.iter().map(|scoped| (scoped.scope.clone(), scoped.roles.clone())).collect(),
        };
        let mut missing: Vec<Reason> = asked.iter().flat_map(|(scope, _)| self.find_scope(scope, "scope")).collect();
        missing.extend(asked.iter().flat_map(|(scope, roles)| roles.iter().flat_map(|role| self.find_role(scope, &role.role, "roles"))));
        Desk::found(missing)?;
        Ok(asked.into_iter().map(|(scope, roles)| (scope.clone(), self.wanted(&scope, &roles))).collect())
    }
}

pub(super) fn is_used_up(row: &InvitationRow) -> bool {
    row.open.as_ref().is_some_and(|open| open.uses == Some(0))
}
