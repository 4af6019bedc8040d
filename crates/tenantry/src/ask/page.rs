//! `page`: members and invitations as the "Users & Access" page shows them, in one call.

use serde::{Deserialize, Serialize};

use crate::bounds::PAGE_ROWS;
use crate::directory::rows::{Invitation, RoleRef};
use crate::directory::standing::View;
use crate::directory::table::sorted_by_id;
use crate::directory::{Directory, ROOT};
use crate::document::snapshot::{InvitationStatus, Status, UserKind, is_default};
use crate::document::{Actor, Facts, ScopedRoles, Time};
use crate::error::{Error, Kind, Need};
use crate::policy::actions::{About, VERBS, Verb, VerbSpec};
use crate::policy::catalog::bits;

use super::Query;

/// What the page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Who looks.
    pub actor: Actor,
    /// When.
    pub now: Time,
    /// The scope; the organization if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Only rows whose name or address contains this, in whatever case. Empty: all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub search: String,
    /// Only rows with one of these roles (declared ones by name, custom ones by id).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Only rows with one of these statuses: `active`, `deactivated`, or those of invitations. Empty: members of any
    /// status, and invitations that are still open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<String>,
    /// Users who have access to the workspace only from above or through a group too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub inherited: bool,
    /// The order of the rows; users stand before invitations.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: Order,
    /// Rows to pass over.
    #[serde(default, skip_serializing_if = "is_default")]
    pub offset: usize,
    /// Rows to show; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Actions to ask for each row; those that the policy permits to anybody if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<String>>,
    /// Values that the host vouches for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub context: Facts,
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// By name, then address, then id.
    #[default]
    Name,
    /// By address, then id.
    Email,
    /// By the highest role in the policy's order, then as by name.
    Role,
}

/// The page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Why no members are shown, if none are: the code of `member.list`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_denied: Option<String>,
    /// Why no invitations are shown, if none are: the code of `invitation.list`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitations_denied: Option<String>,
    /// Rows that match, on all pages.
    pub total: usize,
    /// The actions that the bits of member rows stand for: bit 0 is the first.
    pub member_actions: Vec<String>,
    /// The actions that the bits of invitation rows stand for.
    pub invitation_actions: Vec<String>,
    /// Members, in order.
    pub members: Vec<MemberLine>,
    /// Invitations, in order; they follow the members.
    pub invitations: Vec<InvitationLine>,
}

/// A member on the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberLine {
    /// The user.
    pub user: String,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Sort of account.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: UserKind,
    /// Whether the membership is active at the scope.
    #[serde(default, skip_serializing_if = "is_default")]
    pub status: Status,
    /// Roles by a direct grant at the scope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Roles that come from above or through a group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherited: Vec<String>,
    /// Which of `member_actions` the viewer may do.
    pub actions: u64,
}

/// An invitation on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationLine {
    /// The invitation.
    pub invitation: String,
    /// Address as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Name of the invited person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it stands.
    pub status: InvitationStatus,
    /// What it offers.
    pub scopes: Vec<ScopedRoles>,
    /// When it was made.
    pub created_at: Time,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// Which of `invitation_actions` the viewer may do.
    pub actions: u64,
}

/// A row before it is written out.
struct Line {
    slot: u32,
    name: String,
    email: String,
    /// The place of the highest role in the policy's order.
    role: u32,
}

impl Directory {
    /// Members and invitations as the page shows them: what `member.list` and `invitation.list` do not show to the viewer is
    /// not there, not even in the totals. One row costs its questions; the whole is linear in the members of the scope.
    ///
    /// # Errors
    /// `unknown_action` for an action that the policy does not have.
    pub fn page(&self, query: &PageQuery) -> Result<Page, Error> {
        let scope = query.scope.as_deref().map_or(Some(ROOT), |id| self.scopes.find(id));
        self.check_holders(query.scope.as_deref())?;
        let mut page = Page {
            members_denied: self.list_denied(query, "member.list")?,
            invitations_denied: self.list_denied(query, "invitation.list")?,
            member_actions: self.row_actions(query, About::User)?,
            invitation_actions: self.row_actions(query, About::Invitation)?,
            ..Page::default()
        };
        let Some(scope) = scope else { return Ok(page) };
        let search = crate::email::fold(query.search.trim());
        let members = if page.members_denied.is_none() { self.member_lines(query, scope, &search) } else { Vec::new() };
        let invitations = if page.invitations_denied.is_none() { self.invitation_lines(query, scope, &search) } else { Vec::new() };
        page.total = members.len() + invitations.len();
        let limit = query.limit.unwrap_or(usize::MAX).min(PAGE_ROWS.max);
        let shown_members = members.iter().skip(query.offset).take(limit);
        let left = limit - shown_members.len();
        for line in shown_members {
            page.members.push(self.member_line(query, scope, line.slot, &page.member_actions)?);
        }
        for line in invitations.iter().skip(query.offset.saturating_sub(members.len())).take(left) {
            page.invitations.extend(self.invitation_line(query, scope, line.slot, &page.invitation_actions)?);
        }
        Ok(page)
    }

    /// A slice shows a list only if it holds everybody on it.
    pub(crate) fn check_holders(&self, scope: Option<&str>) -> Result<(), Error> {
        let scope = scope.unwrap_or(&self.organization);
        let holds = self.held.as_ref().is_none_or(|held| held.holders.contains(scope));
        if holds { Ok(()) } else { Err(Kind::MissingFacts(vec![Need::Holders { scope: scope.to_owned() }]).into()) }
    }

    fn list_denied(&self, query: &PageQuery, action: &str) -> Result<Option<String>, Error> {
        let list = Query { action: action.to_owned(), ..self.question(query) };
        Ok(self.denial(&list)?.map(|denial| denial.code(&self.policy).to_owned()))
    }

    fn question(&self, query: &PageQuery) -> Query {
        Query { actor: query.actor.clone(), now: query.now, scope: query.scope.clone(), context: query.context.clone(), ..Query::default() }
    }

    /// The actions asked for each row: those given, or the built-in ones of the row's sort that the policy permits to anybody.
    fn row_actions(&self, query: &PageQuery, about: About) -> Result<Vec<String>, Error> {
        if let Some(actions) = &query.actions {
            actions.iter().try_for_each(|name| self.policy.known_action(name).map(drop))?;
            let of_sort = |name: &&String| Verb::parse(name).map_or(about == About::User, |verb| verb.spec().about == about);
            return Ok(actions.iter().filter(of_sort).take(64).cloned().collect());
        }
        let permitted = |spec: &&VerbSpec| spec.about == about && !spec.verb.needs_no_rule() && !self.policy.index.of(spec.verb.into()).allows.is_empty();
        Ok(VERBS.iter().filter(permitted).map(|spec| spec.name.to_owned()).collect())
    }

    /// Whether `member.list` shows a user to the viewer: for everybody alike, unless a rule looks at the target.
    pub(crate) fn shown_to<'a>(&'a self, viewer: &'a Actor, scope: Option<&'a str>, now: Time, context: &'a Facts) -> Result<impl Fn(u32) -> bool + 'a, Error> {
        let query = Query {
            actor: viewer.clone(),
            action: "member.list".to_owned(),
            now,
            scope: scope.map(str::to_owned),
            context: context.clone(),
            ..Query::default()
        };
        let by_target = self.list_looks_at_target();
        let shown = self.can(&query)?;
        Ok(move |slot: u32| if by_target { self.can(&Query { target: Some(self.users.id(slot).to_owned()), ..query.clone() }).unwrap_or(false) } else { shown })
    }

    fn list_looks_at_target(&self) -> bool {
        let rules = self.policy.index.of(Verb::MemberList.into());
        let allows = rules.allows.iter().map(|&number| &self.policy.allows[usize::from(number)]);
        let forbids = rules.forbids.iter().map(|&number| &self.policy.forbids[usize::from(number)]);
        allows.chain(forbids).any(|rule| rule.blocks.target.is_some())
    }

    fn member_lines(&self, query: &PageQuery, scope: u32, search: &str) -> Vec<Line> {
        let users: Vec<u32> = if scope == ROOT {
            self.users.slots().collect()
        } else if query.inherited {
            self.users_at(scope).into_iter().collect()
        } else {
            self.hangers[scope as usize].users.iter().copied().collect()
        };
        let roles: Vec<RoleRef> = query.roles.iter().filter_map(|name| self.role_at(scope, name)).collect();
        let shown = self.list_looks_at_target().then(|| self.shown_to(&query.actor, query.scope.as_deref(), query.now, &query.context).ok()).flatten();
        let mut lines: Vec<Line> = users
            .into_iter()
            .filter(|&slot| shown.as_ref().is_none_or(|shown| shown(slot)))
            .filter_map(|slot| self.matching_line(query, scope, slot, search, &roles))
            .collect();
        self.sort_lines(&mut lines, query.order, |slot| self.users.id(slot));
        lines
    }

    fn matching_line(&self, query: &PageQuery, scope: u32, slot: u32, search: &str, roles: &[RoleRef]) -> Option<Line> {
        let (row, at) = (self.users.get(slot)?, self.scopes.get(scope)?);
        let standing = self.standing_of(row, at, query.now, View::WHATEVER);
        if query.inherited && scope != ROOT && !standing.any() {
            return None;
        }
        if !query.inherited && scope != ROOT && !row.holdings.is_at(scope, query.now) {
            return None;
        }
        let status = match self.status_at(row, at) {
            Status::Active => "active",
            Status::Deactivated => "deactivated",
        };
        if !query.statuses.is_empty() && !query.statuses.iter().any(|wanted| wanted == status) {
            return None;
        }
        let holds = |role: &RoleRef| match *role {
            RoleRef::Declared(bit) => standing.own >> bit & 1 == 1,
            RoleRef::Custom(role) => self.holds_custom(row, role, at, query.now),
        };
        if !query.roles.is_empty() && !roles.iter().any(holds) {
            return None;
        }
        let (name, email) = (row.name().unwrap_or_default(), row.written().unwrap_or_default());
        let line = Line { slot, name: crate::email::fold(name), email: crate::email::fold(email), role: standing.own.trailing_zeros() };
        (line.name.contains(search) || line.email.contains(search)).then_some(line)
    }

    fn sort_lines<'a>(&'a self, lines: &mut [Line], order: Order, id: impl Fn(u32) -> &'a str) {
        let by_name = |a: &Line, b: &Line| (&a.name, &a.email, id(a.slot)).cmp(&(&b.name, &b.email, id(b.slot)));
        lines.sort_by(|a, b| match order {
            Order::Name => by_name(a, b),
            Order::Email => (&a.email, id(a.slot)).cmp(&(&b.email, id(b.slot))),
            Order::Role => a.role.cmp(&b.role).then_with(|| by_name(a, b)),
        });
    }

    fn member_line(&self, query: &PageQuery, scope: u32, slot: u32, actions: &[String]) -> Result<MemberLine, Error> {
        let user = self.users.id(slot).to_owned();
        let (Some(row), Some(at)) = (self.users.get(slot), self.scopes.get(scope)) else { return Ok(MemberLine { user, ..MemberLine::default() }) };
        let direct: Vec<RoleRef> = self.grants_at(&row.holdings, scope).into_iter().map(|grant| grant.role).collect();
        let standing = self.standing_of(row, at, query.now, View::WHATEVER);
        let declared = bits(standing.own).map(RoleRef::Declared);
        let known = if standing.custom { sorted_by_id(&self.custom_roles, self.custom_roles.slots()) } else { Vec::new() };
        let custom = known.into_iter().filter(|&role| self.holds_custom(row, role, at, query.now));
        let inherited = declared.chain(custom.map(RoleRef::Custom)).filter(|role| !direct.contains(role));
        // A role of another layer is named with it: the same name can mean another role here.
        let name = |role: RoleRef| match role {
            RoleRef::Declared(bit) if self.policy.roles[usize::from(bit)].kind != at.kind => self.policy.roles[usize::from(bit)].qualified.clone(),
            role => self.role_name(role).to_owned(),
        };
        Ok(MemberLine {
            name: row.name().map(str::to_owned),
            email: row.written().map(str::to_owned),
            kind: row.kind,
            status: self.status_at(row, at),
            inherited: inherited.map(name).collect(),
            roles: direct.iter().map(|&role| self.role_name(role).to_owned()).collect(),
            actions: self.bits_of(actions, |action| Query { action, target: Some(user.clone()), ..self.question(query) })?,
            user,
        })
    }

    fn bits_of(&self, actions: &[String], query: impl Fn(String) -> Query) -> Result<u64, Error> {
        actions.iter().enumerate().try_fold(0, |bits, (i, action)| Ok(bits | u64::from(self.can(&query(action.clone()))?) << i))
    }

    fn invitation_lines(&self, query: &PageQuery, scope: u32, search: &str) -> Vec<Line> {
        let of_scope = |row: &Invitation| row.offers.iter().any(|offer| offer.scope == scope);
        let roles: Vec<RoleRef> = query.roles.iter().filter_map(|name| self.role_at(scope, name)).collect();
        let offers =
            |row: &Invitation| row.offers.iter().filter(|offer| offer.scope == scope).flat_map(|offer| &offer.roles).any(|grant| roles.contains(&grant.role));
        let mut lines = Vec::new();
        for slot in self.invitations.slots() {
            let Some(row) = self.invitations.get(slot).filter(|row| of_scope(row)) else { continue };
            let status = shown_status(row, query.now);
            let wanted = if query.statuses.is_empty() { row.is_open() } else { query.statuses.iter().any(|wanted| wanted == status_word(status)) };
            let (name, email) = (row.name.as_deref().unwrap_or_default(), row.written.as_deref().unwrap_or_default());
            let line = Line { slot, name: crate::email::fold(name), email: crate::email::fold(email), role: 0 };
            let found = line.name.contains(search) || line.email.contains(search);
            if wanted && found && (query.roles.is_empty() || offers(row)) {
                lines.push(line);
            }
        }
        self.sort_lines(&mut lines, query.order, |slot| self.invitations.id(slot));
        lines
    }

    fn invitation_line(&self, query: &PageQuery, scope: u32, slot: u32, actions: &[String]) -> Result<Option<InvitationLine>, Error> {
        let Some(row) = self.invitations.get(slot) else { return Ok(None) };
        let invitation = self.invitations.id(slot).to_owned();
        let at = Some(self.scopes.id(scope).to_owned());
        Ok(Some(InvitationLine {
            email: row.written.as_deref().map(str::to_owned),
            name: row.name.as_deref().map(str::to_owned),
            status: shown_status(row, query.now),
            scopes: self.offers_doc(&row.offers),
            created_at: row.created_at,
            expires_at: row.expires_at,
            actions: self.bits_of(actions, |action| Query { action, invitation: Some(invitation.clone()), scope: at.clone(), ..self.question(query) })?,
            invitation,
        }))
    }
}

/// A pending invitation past its expiry shows as expired.
fn shown_status(row: &Invitation, now: Time) -> InvitationStatus {
    if row.is_expired(now) { InvitationStatus::Expired } else { row.status }
}

fn status_word(status: InvitationStatus) -> &'static str {
    match status {
        InvitationStatus::Pending => "pending",
        InvitationStatus::AwaitingApproval => "awaiting_approval",
        InvitationStatus::Accepted => "accepted",
        InvitationStatus::Declined => "declined",
        InvitationStatus::Revoked => "revoked",
        InvitationStatus::Expired => "expired",
    }
}
