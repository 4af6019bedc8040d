//! The "Users & Access" page as a table.

use anstyle::Style;
use tenantry::Policy;
use tenantry::ask::{InvitationLine, MemberLine, Page};
use tenantry::document::snapshot::{InvitationStatus, Status};

use super::style::{BAD, FAINT, GOOD, PLAIN, STRONG, WARN, paint};
use super::table::{Cell, table};
use crate::words::names::Names;
use crate::words::{count, list, verb};

/// The page in columns.
pub(crate) fn page(names: &Names, policy: &Policy, scope: Option<&str>, page: &Page) -> String {
    let mut rows = vec![["name", "email", "roles", "status", "actions"].map(|text| Cell::new(text, STRONG)).to_vec()];
    rows.extend(page.members.iter().map(|line| member(names, policy, scope, page, line)));
    rows.extend(page.invitations.iter().map(|line| invitation(names, policy, scope, page, line)));
    let shown = page.members.len() + page.invitations.len();
    let mut text = if shown == 0 { String::new() } else { table(&rows) };
    text += &format!("{}\n", paint(FAINT, &total(shown, page.total)));
    text += &denied("members", page.members_denied.as_deref());
    text + &denied("invitations", page.invitations_denied.as_deref())
}

fn total(shown: usize, total: usize) -> String {
    let total = count(total, "row", "rows");
    if shown == 0 { format!("nothing to show of {total}") } else { format!("{shown} of {total}") }
}

fn denied(what: &str, code: Option<&str>) -> String {
    code.map(|code| format!("{} {what} are not shown\n", paint(BAD, code))).unwrap_or_default()
}

fn member(names: &Names, policy: &Policy, scope: Option<&str>, page: &Page, line: &MemberLine) -> Vec<Cell> {
    let direct = line.roles.iter().map(|role| names.role(role, scope).to_owned());
    let inherited = line.inherited.iter().map(|role| format!("({})", names.role(role, scope)));
    let (status, style) = match line.status {
        Status::Active => ("active", GOOD),
        Status::Deactivated => ("deactivated", FAINT),
    };
    vec![
        line.name.as_deref().unwrap_or(&line.user).into(),
        line.email.as_deref().unwrap_or_default().into(),
        direct.chain(inherited).collect::<Vec<_>>().join(", ").into(),
        Cell::new(status, style),
        actions(policy, &page.member_actions, line.actions),
    ]
}

fn invitation(names: &Names, policy: &Policy, scope: Option<&str>, page: &Page, line: &InvitationLine) -> Vec<Cell> {
    let (status, style) = status(line.status);
    vec![
        Cell::new(line.name.as_deref().unwrap_or("-"), FAINT),
        line.email.as_deref().unwrap_or_else(|| names.invitee(&line.invitation)).into(),
        offered(names, scope, line).into(),
        Cell::new(status, style),
        actions(policy, &page.invitation_actions, line.actions),
    ]
}

/// The roles offered at the scope of the page. Those elsewhere are counted.
fn offered(names: &Names, scope: Option<&str>, line: &InvitationLine) -> String {
    let (here, elsewhere): (Vec<_>, Vec<_>) = line.scopes.iter().partition(|offer| names.is_place(&offer.scope, scope));
    let here = here.into_iter().map(|offer| names.roles(&offer.roles, scope));
    let elsewhere = (!elsewhere.is_empty()).then(|| count(elsewhere.len(), "other place", "other places"));
    list(&here.chain(elsewhere).collect::<Vec<_>>())
}

fn status(status: InvitationStatus) -> (&'static str, Style) {
    match status {
        InvitationStatus::Pending => ("pending", WARN),
        InvitationStatus::AwaitingApproval => ("awaiting approval", WARN),
        InvitationStatus::Accepted => ("accepted", PLAIN),
        InvitationStatus::Declined => ("declined", FAINT),
        InvitationStatus::Revoked => ("revoked", FAINT),
        InvitationStatus::Expired => ("expired", FAINT),
    }
}

/// The actions whose bits are set: in the policy's words, else by the name of the verb.
fn actions(policy: &Policy, names: &[String], bits: u64) -> Cell {
    let label = |name: &String| policy.actions().iter().find(|action| action.name == *name).and_then(|action| action.label.clone());
    let set = names.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1);
    set.map(|(_, name)| label(name).unwrap_or_else(|| verb(name))).collect::<Vec<_>>().join(", ").into()
}
