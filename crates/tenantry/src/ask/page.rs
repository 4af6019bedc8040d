//! `page`: members and invitations as the "Users & Access" page shows them, in one call.

use std::cell::RefCell;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::bounds::{PAGE_ACTIONS, PAGE_ROWS};
use crate::decide::conditions::Who;
use crate::decide::judge::{Asker, Powers};
use crate::decide::who_is;
use crate::directory::classes::Class;
use crate::directory::rows::{Invitation, RoleRef};
use crate::directory::standing::View;
use crate::directory::table::sorted_by_id;
use crate::directory::{Directory, NO_FACTS, ROOT};
use crate::document::shape::{choice, printed, record};
use crate::document::snapshot::{InvitationStatus, Status, UserKind, is_default};
use crate::document::{Actor, Facts, ScopedRoles, Time};
use crate::error::{Error, Kind, Need};
use crate::policy::actions::{About, ActionId, VERBS, Verb, VerbSpec};
use crate::policy::catalog::bits;

use super::verdict::Probe;
use super::{Query, UserHandle};

record! {
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
        pub offset: u32,
        /// Rows to show; all if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32>,
        /// Actions to ask for each row; those that the policy permits to anybody if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub actions: Option<Vec<String>>,
        /// Values that the host vouches for.
        #[serde(default, skip_serializing_if = "is_default")]
        pub context: Facts,
    }
}

choice! {
    /// The order of the rows.
    #[derive(Default)]
    pub enum Order {
        /// By name, then address, then id.
        #[default]
        Name = "name",
        /// By address, then id.
        Email = "email",
        /// By the highest role in the policy's order, then as by name.
        Role = "role",
    }
}

printed! {
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
}

printed! {
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
}

printed! {
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
}

/// The members of a page as columns, for tables of many rows: row `i` is `users[i]` with `actions[i]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Why no members are shown, if none are: the code of `member.list`.
    pub denied: Option<String>,
    /// The actions that the bits stand for: bit 0 is the first.
    pub names: Vec<String>,
    /// Members, in order.
    pub users: Vec<UserHandle>,
    /// Which of the actions the viewer may do.
    pub actions: Vec<u64>,
}

/// The questions of a page, with names and viewer looked up once.
struct Asks<'a> {
    query: &'a PageQuery,
    who: Who<'static>,
    actions: Vec<ActionId>,
    /// The answers about members of a class, once they are known.
    of_class: RefCell<HashMap<Class, u64, FixedState>>,
}

/// What a question of a page is about.
#[derive(Clone, Copy)]
enum Row {
    Member(u32),
    Invitation(u32),
    Nothing,
}

impl Row {
    /// The user, and the invitation.
    fn slots(self) -> (Option<u32>, Option<u32>) {
        match self {
            Row::Member(slot) => (Some(slot), None),
            Row::Invitation(slot) => (None, Some(slot)),
            Row::Nothing => (None, None),
        }
    }
}

fn probe_of<'a>(asks: &Asks<'a>, scope: u32, row: Row, action: ActionId) -> Probe<'a> {
    let (query, (target, invitation)) = (asks.query, row.slots());
    let asker = Asker { who: asks.who, now: query.now, context: &query.context, resource: Some(&NO_FACTS), powers: Powers::default() };
    let (target, invitation) = (target.map(Some), invitation.map(Some));
    Probe { asker, action, scope: Some(scope), target, invitation, role: None, invitee: false, scene: None }
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
        let members = if page.members_denied.is_none() { self.member_lines(query, scope, self.shown(query)?) } else { Vec::new() };
        let invitations = if page.invitations_denied.is_none() { self.invitation_lines(query, scope) } else { Vec::new() };
        page.total = members.len() + invitations.len();
        let (offset, limit) = (query.offset as usize, limit_of(query, page.total)?);
        let shown_members = members.iter().skip(offset).take(limit);
        let left = limit - shown_members.len();
        let asks = self.asks(query, &page.member_actions)?;
        for &slot in shown_members {
            page.members.extend(self.member_line(query, scope, slot, &asks)?);
        }
        let asks = self.asks(query, &page.invitation_actions)?;
        for &slot in invitations.iter().skip(offset.saturating_sub(members.len())).take(left) {
            page.invitations.extend(self.invitation_line(query, scope, slot, &asks)?);
        }
        Ok(page)
    }

    /// The members of the page as columns: the same rows in the same order, as handles.
    ///
    /// # Errors
    /// As [`page`](Directory::page).
    pub fn columns(&self, query: &PageQuery) -> Result<Columns, Error> {
        let scope = query.scope.as_deref().map_or(Some(ROOT), |id| self.scopes.find(id));
        self.check_holders(query.scope.as_deref())?;
        let names = self.row_actions(query, About::User)?;
        let mut columns = Columns { denied: self.list_denied(query, "member.list")?, names, ..Columns::default() };
        let (Some(scope), None) = (scope, &columns.denied) else { return Ok(columns) };
        let asks = self.asks(query, &columns.names)?;
        let lines = self.member_lines(query, scope, self.shown(query)?);
        let limit = limit_of(query, lines.len())?;
        let shown = lines.into_iter().skip(query.offset as usize).take(limit);
        columns.users = shown.map(UserHandle).collect();
        columns.actions = columns.users.iter().map(|user| self.bits_of_member(&asks, scope, user.0)).collect::<Result<_, _>>()?;
        Ok(columns)
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
            PAGE_ACTIONS.check(actions.len(), "actions")?;
            return Ok(actions.iter().filter(of_sort).cloned().collect());
        }
        let permitted = |spec: &&VerbSpec| spec.about == about && !spec.verb.needs_no_rule() && !self.policy.index.of(spec.verb.into()).allows.is_empty();
        Ok(VERBS.iter().filter(permitted).map(|spec| spec.name.to_owned()).collect())
    }

    fn list_looks_at_target(&self) -> bool {
        let rules = self.policy.index.of(Verb::MemberList.into());
        let allows = rules.allows.iter().map(|&number| &self.policy.allows[usize::from(number)]);
        let forbids = rules.forbids.iter().map(|&number| &self.policy.forbids[usize::from(number)]);
        // A list changes nothing.
        allows.chain(forbids.filter(|rule| !rule.on_changes)).any(|rule| rule.blocks.target.is_some())
    }

    /// Whom `member.list` shows to the viewer: everybody alike, unless a rule looks at the target.
    pub(crate) fn shown<'a>(&'a self, query: &'a PageQuery) -> Result<impl Fn(u32) -> bool + 'a, Error> {
        let by_target = self.list_looks_at_target();
        let everybody = !by_target && self.list_denied(query, "member.list")?.is_none();
        let scope = query.scope.as_deref().map_or(Some(ROOT), |id| self.scopes.find(id)).filter(|_| by_target);
        let list = self.asks(query, &["member.list".to_owned()])?;
        Ok(move |slot| everybody || scope.is_some_and(|scope| self.bits_of_member(&list, scope, slot).is_ok_and(|bits| bits != 0)))
    }

    /// What is asked for each row.
    fn asks<'a>(&self, query: &'a PageQuery, names: &[String]) -> Result<Asks<'a>, Error> {
        let actions = names.iter().map(|name| self.policy.known_action(name)).collect::<Result<_, _>>()?;
        let session = query.actor.session();
        // A row asks for a user of the organization, as a session that is nobody's sees no list.
        let who = match who_is(self, &query.actor, session.as_deref()) {
            Who::User(slot) => Who::User(slot),
            Who::System(number) => Who::System(number),
            Who::Outsider(_) => Who::Outsider(None),
        };
        Ok(Asks { query, who, actions, of_class: RefCell::default() })
    }

    fn member_line(&self, query: &PageQuery, scope: u32, slot: u32, asks: &Asks) -> Result<Option<MemberLine>, Error> {
        let (Some(row), Some(at)) = (self.users.get(slot), self.scopes.get(scope)) else { return Ok(None) };
        let direct: Vec<RoleRef> = self.grants_at(&row.holdings, scope).into_iter().map(|grant| grant.role).collect();
        let standing = self.standing_of(row, at, query.now, View::WHATEVER);
        let declared = bits(standing.own).map(RoleRef::Declared);
        let known = if standing.custom { sorted_by_id(&self.custom_roles, self.custom_roles.slots()) } else { Vec::new() };
        let custom = known.into_iter().filter(|&role| self.holds_custom(&row.into(), role, at, query.now));
        let inherited = declared.chain(custom.map(RoleRef::Custom)).filter(|role| !direct.contains(role));
        // A role of another layer is named with it: the same name can mean another role here.
        let name = |role: RoleRef| match role {
            RoleRef::Declared(bit) if self.policy.roles[usize::from(bit)].kind != at.kind => self.policy.roles[usize::from(bit)].qualified.clone(),
            role => self.role_name(role).to_owned(),
        };
        Ok(Some(MemberLine {
            name: row.name().map(str::to_owned),
            email: row.written().map(str::to_owned),
            kind: row.kind,
            status: self.status_at(row, at),
            inherited: inherited.map(name).collect(),
            roles: direct.iter().map(|&role| self.role_name(role).to_owned()).collect(),
            actions: self.bits_of_member(asks, scope, slot)?,
            user: self.users.id(slot).to_owned(),
        }))
    }

    /// Members of one class get the same bits, but for the viewer's own row.
    fn bits_of_member(&self, asks: &Asks, scope: u32, slot: u32) -> Result<u64, Error> {
        let class = if asks.who.user() == Some(slot) { 0 } else { self.classes.of(slot, asks.query.now) };
        if let Some(&bits) = asks.of_class.borrow().get(&class) {
            return Ok(bits);
        }
        if class == 0 || self.held.is_some() {
            return self.bits_of(asks, scope, Row::Member(slot));
        }
        let answers = asks.actions.iter().map(|&action| self.answer_of_class(&probe_of(asks, scope, Row::Member(slot), action)));
        let (bits, all) =
            answers.enumerate().fold((0, true), |(bits, all), (i, (denial, of_class))| (bits | u64::from(denial.is_none()) << i, all && of_class));
        if all {
            asks.of_class.borrow_mut().insert(class, bits);
        }
        Ok(bits)
    }

    fn bits_of(&self, asks: &Asks, scope: u32, row: Row) -> Result<u64, Error> {
        asks.actions.iter().enumerate().try_fold(0, |bits, (i, &action)| Ok(bits | u64::from(self.row_permits(asks, scope, row, action)?) << i))
    }

    fn row_permits(&self, asks: &Asks, scope: u32, row: Row, action: ActionId) -> Result<bool, Error> {
        let (target, invitation) = row.slots();
        if self.held.is_some() || matches!(row, Row::Invitation(_)) && action.verb() == Some(Verb::InvitationApprove) {
            return self.can(&Query {
                action: self.policy.settings(action).name.clone(),
                scope: Some(self.scopes.id(scope).to_owned()),
                target: target.map(|slot| self.users.id(slot).to_owned()),
                invitation: invitation.map(|slot| self.invitations.id(slot).to_owned()),
                ..self.question(asks.query)
            });
        }
        Ok(self.answer(&probe_of(asks, scope, row, action)).is_none())
    }

    fn invitation_line(&self, query: &PageQuery, scope: u32, slot: u32, asks: &Asks) -> Result<Option<InvitationLine>, Error> {
        let Some(row) = self.invitations.get(slot) else { return Ok(None) };
        let invitation = self.invitations.id(slot).to_owned();
        let mut offers = Vec::new();
        for offer in &row.offers {
            // What is offered elsewhere is shown to whoever may list it there.
            if offer.scope == scope || self.row_permits(asks, offer.scope, Row::Nothing, Verb::InvitationList.into())? {
                offers.push(offer.clone());
            }
        }
        Ok(Some(InvitationLine {
            email: row.written.as_deref().map(str::to_owned),
            name: row.name.as_deref().map(str::to_owned),
            status: shown_status(row, query.now),
            scopes: self.offers_doc(&offers),
            created_at: row.created_at,
            expires_at: row.expires_at,
            actions: self.bits_of(asks, scope, Row::Invitation(slot))?,
            invitation,
        }))
    }
}

/// How many rows are shown at most. Nothing is cut that was asked for.
fn limit_of(query: &PageQuery, total: usize) -> Result<usize, Error> {
    let limit = query.limit.map_or(total.saturating_sub(query.offset as usize), |limit| limit as usize);
    PAGE_ROWS.check(limit, "limit").map(|()| limit)
}

/// A pending invitation past its expiry shows as expired.
pub(crate) fn shown_status(row: &Invitation, now: Time) -> InvitationStatus {
    if row.is_expired(now) { InvitationStatus::Expired } else { row.status }
}
