//! The rows of a page before they are written out: found, filtered and sorted, without a copy of anybody's name.

use crate::directory::rows::RoleRef;
use crate::directory::standing::{Standing, View};
use crate::directory::{Directory, ROOT};
use crate::document::snapshot::{InvitationStatus, Status};
use crate::email::fold_into;

use super::page::{Order, PageQuery, shown_status};

/// A row, with its folded name and address as places in the common text.
struct Line {
    slot: u32,
    /// The first bytes in which rows differ, as a number: most comparisons end there.
    prefix: u64,
    /// Where the name starts, the address starts, and the address ends.
    text: [u32; 3],
    /// The place of the highest role in the policy's order.
    role: u32,
}

/// Rows that match a query.
#[derive(Default)]
pub(crate) struct Lines {
    text: String,
    lines: Vec<Line>,
}

impl Lines {
    /// Adds a row, if its name or address contains what is searched for.
    fn push(&mut self, slot: u32, name: &str, email: &str, role: u32, search: &str) {
        let start = self.text.len();
        fold_into(name, &mut self.text);
        let middle = self.text.len();
        fold_into(email, &mut self.text);
        let text = [start as u32, middle as u32, self.text.len() as u32];
        let line = Line { slot, prefix: 0, text, role };
        if self.name(&line).contains(search) || self.email(&line).contains(search) {
            self.lines.push(line);
        } else {
            self.text.truncate(start);
        }
    }

    fn name(&self, line: &Line) -> &str {
        &self.text[line.text[0] as usize..line.text[1] as usize]
    }

    fn email(&self, line: &Line) -> &str {
        &self.text[line.text[1] as usize..line.text[2] as usize]
    }

    /// The rows that the query shows, sorted, and how many match; `id` settles what is equal otherwise. Rows beyond those
    /// that are shown are not sorted.
    fn sort<'a>(mut self, query: &PageQuery, id: &dyn Fn(u32) -> &'a str) -> Vec<u32> {
        let order = query.order;
        let mut lines = std::mem::take(&mut self.lines);
        self.set_prefixes(&mut lines, order);
        let by_id = |a: &Line, b: &Line| id(a.slot).cmp(id(b.slot));
        let by_email = |a: &Line, b: &Line| self.email(a).cmp(self.email(b)).then_with(|| by_id(a, b));
        let by_name = |a: &Line, b: &Line| a.prefix.cmp(&b.prefix).then_with(|| self.name(a).cmp(self.name(b))).then_with(|| by_email(a, b));
        let compare = |a: &Line, b: &Line| match order {
            Order::Name => by_name(a, b),
            Order::Email => a.prefix.cmp(&b.prefix).then_with(|| by_email(a, b)),
            Order::Role => a.role.cmp(&b.role).then_with(|| by_name(a, b)),
        };
        let shown = query.limit.map_or(lines.len(), |limit| query.offset.saturating_add(limit) as usize).min(lines.len());
        if shown < lines.len() {
            lines.select_nth_unstable_by(shown, compare);
        }
        lines[..shown].sort_unstable_by(compare);
        lines.into_iter().map(|line| line.slot).collect()
    }

    /// What all rows begin with says nothing, be it the whole name because nobody has one.
    fn set_prefixes(&self, lines: &mut [Line], order: Order) {
        let Some(first) = lines.first() else { return };
        let unnamed = lines.iter().all(|line| self.name(line) == self.name(first));
        let key = |line: &Line| if unnamed || order == Order::Email { self.email(line) } else { self.name(line) }.as_bytes();
        let start = key(first);
        let common = lines.iter().fold(start.len(), |common, line| start[..common].iter().zip(key(line)).take_while(|(a, b)| a == b).count());
        lines.iter_mut().for_each(|line| line.prefix = prefix(&key(line)[common..]));
    }
}

/// The first eight bytes, so that numbers compare as the texts do.
fn prefix(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(bytes)
}

impl Directory {
    /// The members of a scope that match, in order.
    pub(crate) fn member_lines(&self, query: &PageQuery, scope: u32, shown: impl Fn(u32) -> bool) -> Vec<u32> {
        let search = crate::email::fold(query.search.trim());
        let roles: Vec<RoleRef> = query.roles.iter().filter_map(|name| self.role_at(scope, name)).collect();
        let mut lines = Lines::default();
        let mut look = |slot: u32| {
            if let (Some(role), true) = (self.matches(query, scope, slot, &roles), shown(slot)) {
                let row = self.users.get(slot);
                let (name, email) = (row.and_then(|row| row.name()), row.and_then(|row| row.written()));
                lines.push(slot, name.unwrap_or_default(), email.unwrap_or_default(), role, &search);
            }
        };
        if scope == ROOT {
            self.users.slots().for_each(&mut look);
        } else if query.inherited {
            self.users_at(scope).into_iter().for_each(&mut look);
        } else {
            self.hangers[scope as usize].users.iter().copied().for_each(&mut look);
        }
        lines.sort(query, &|slot| self.users.id(slot))
    }

    /// Whether a user is on the page as far as roles and status go: then the place of the highest role, if the order needs it.
    fn matches(&self, query: &PageQuery, scope: u32, slot: u32, roles: &[RoleRef]) -> Option<u32> {
        let (row, at) = (self.users.get(slot)?, self.scopes.get(scope)?);
        let by_standing = !query.roles.is_empty() || query.order == Order::Role || query.inherited && scope != ROOT;
        let standing = if by_standing { self.standing_of(row, at, query.now, View::WHATEVER) } else { Standing::default() };
        let member = scope == ROOT || if query.inherited { standing.any() } else { row.holdings.is_at(scope, query.now) };
        let status = || match self.status_at(row, at) {
            Status::Active => "active",
            Status::Deactivated => "deactivated",
        };
        let holds = |role: &RoleRef| match *role {
            RoleRef::Declared(bit) => standing.own >> bit & 1 == 1,
            RoleRef::Custom(role) => self.holds_custom(&row.into(), role, at, query.now),
        };
        let wanted = query.statuses.is_empty() || query.statuses.iter().any(|wanted| wanted == status());
        let found = member && wanted && (query.roles.is_empty() || roles.iter().any(holds));
        found.then(|| standing.own.trailing_zeros())
    }

    /// The invitations of a scope that match, in order.
    pub(crate) fn invitation_lines(&self, query: &PageQuery, scope: u32) -> Vec<u32> {
        let search = crate::email::fold(query.search.trim());
        let roles: Vec<RoleRef> = query.roles.iter().filter_map(|name| self.role_at(scope, name)).collect();
        let mut lines = Lines::default();
        for slot in self.invitations.slots() {
            let Some(row) = self.invitations.get(slot) else { continue };
            let mut offered = row.offers.iter().filter(|offer| offer.scope == scope).flat_map(|offer| &offer.roles).peekable();
            let status = shown_status(row, query.now);
            let wanted = if query.statuses.is_empty() { row.is_open() } else { query.statuses.iter().any(|wanted| wanted == status_word(status)) };
            if offered.peek().is_some() && wanted && (query.roles.is_empty() || offered.any(|grant| roles.contains(&grant.role))) {
                lines.push(slot, row.name.as_deref().unwrap_or_default(), row.written.as_deref().unwrap_or_default(), 0, &search);
            }
        }
        lines.sort(query, &|slot| self.invitations.id(slot))
    }
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
