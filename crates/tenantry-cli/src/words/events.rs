//! What a decision changes, in words: one line for each event.

use tenantry::document::snapshot::EndedBy;
use tenantry::document::{Event, Facts, RoleAt};

use super::names::Names;
use super::{facts, list, time};

/// An event as a sentence without its full stop.
pub(crate) fn event(names: &Names, event: &Event) -> String {
    of_scope(names, event)
        .or_else(|| of_member(names, event))
        .or_else(|| of_role(names, event))
        .or_else(|| of_invitation(names, event))
        .or_else(|| of_catalog(names, event))
        .unwrap_or_default()
}

fn of_scope(names: &Names, event: &Event) -> Option<String> {
    Some(match event {
        Event::OrganizationCreated { scope, attributes, .. } => format!("{} exists{}", names.scope(scope), with(attributes)),
        Event::ScopeCreated { scope, kind, parent, attributes, .. } => {
            format!("the {} {} exists in {}{}", names.kind(kind).to_lowercase(), names.scope(scope), names.scope(parent), with(attributes))
        }
        Event::ScopeConfigured { scope, name, attributes } => {
            let called = name.as_ref().map(|name| format!(" is called {name}"));
            format!("{scope}{}{}", called.unwrap_or_else(|| " is set".to_owned()), with(attributes))
        }
        Event::ScopeMoved { scope, from, to } => format!("{} moves from {} to {}", names.scope(scope), names.scope(from), names.scope(to)),
        Event::ScopeArchived { scope } => format!("{} is archived", names.scope(scope)),
        Event::ScopeRestored { scope } => format!("{} is in use again", names.scope(scope)),
        Event::ScopeDeleted { scope } => format!("{} is gone", names.scope(scope)),
        _ => return None,
    })
}

fn of_member(names: &Names, event: &Event) -> Option<String> {
    Some(match event {
        Event::MemberAdded { user, attributes, .. } => format!("{} is a member of {}{}", names.user(user), names.place(None), with(attributes)),
        Event::MemberRemoved { user, scope, by } => {
            let own = if *by == EndedBy::Self_ { ", by their own choice" } else { "" };
            format!("{} is no longer a member of {}{own}", names.user(user), names.scope(scope))
        }
        Event::MemberDeactivated { user, scope } => format!("{} is deactivated in {}", names.user(user), names.scope(scope)),
        Event::MemberReactivated { user, scope } => format!("{} is active in {} again", names.user(user), names.scope(scope)),
        Event::MemberEdited { user, profile } => format!("the profile of {} has {}", names.user(user), facts(profile)),
        Event::MemberEmailChanged { user, email, verified, .. } => {
            format!("the address of {} is {email}{}", names.user(user), if *verified { "" } else { ", to be verified" })
        }
        _ => return None,
    })
}

fn of_role(names: &Names, event: &Event) -> Option<String> {
    Some(match event {
        Event::RoleGiven { user, group, scope, role, expires_at, source } => {
            let role = RoleAt { role: role.clone(), expires_at: *expires_at, source: source.clone() };
            format!("{} holds {} in {}", names.holder(user.as_deref(), group.as_deref()), names.roles(&[role], Some(scope)), names.scope(scope))
        }
        Event::RoleTaken { user, group, scope, role } => {
            format!("{} no longer holds {} in {}", names.holder(user.as_deref(), group.as_deref()), names.role(role, Some(scope)), names.scope(scope))
        }
        _ => return None,
    })
}

fn of_invitation(names: &Names, event: &Event) -> Option<String> {
    let to = |id: &str| format!("the invitation to {}", names.invitee(id));
    Some(match event {
        Event::InvitationCreated { invitation, scopes, expires_at, .. } => {
            let until = expires_at.map(|at| format!(", until {}", time(at))).unwrap_or_default();
            format!("{} is invited: {}{until}", names.invitee(invitation), names.offers(scopes))
        }
        Event::InvitationUpdated { invitation, scopes, .. } => format!("{} offers {}", to(invitation), names.offers(scopes)),
        Event::InvitationResent { invitation, .. } => format!("{} goes out again", to(invitation)),
        Event::InvitationLinked { invitation, .. } => format!("the link of {} is shown", to(invitation)),
        Event::InvitationRevoked { invitation } => format!("{} is withdrawn", to(invitation)),
        Event::InvitationExpired { invitation } => format!("{} has expired and makes room", to(invitation)),
        Event::InvitationDeclined { invitation } => format!("{} is declined", to(invitation)),
        Event::InvitationAccepted { invitation, user, awaiting_approval, .. } => {
            let waits = if *awaiting_approval { " and waits for approval" } else { "" };
            format!("{} accepts {}{waits}", names.user(user), to(invitation))
        }
        Event::InvitationApproved { invitation, user } => format!("{} for {} is approved", to(invitation), names.user(user)),
        Event::InvitationSkipped { email, code } => format!("{email} is passed over in silence ({code})"),
        _ => return None,
    })
}

fn of_catalog(names: &Names, event: &Event) -> Option<String> {
    Some(match event {
        Event::CustomRoleCreated { role, scope, permissions, .. } => {
            format!("the role {} exists in {} and permits {}", names.role(role, None), names.scope(scope), permitted(permissions))
        }
        Event::CustomRoleUpdated { role, name, permissions } => {
            let called = name.as_ref().map(|name| format!(" is called {name}"));
            let permits = permissions.as_ref().map(|permissions| format!(" permits {}", permitted(permissions)));
            let changes: Vec<String> = called.into_iter().chain(permits).collect();
            format!("the role {}{}", names.role(role, None), changes.join(" and"))
        }
        Event::CustomRoleDeleted { role } => format!("the role {} is gone", names.role(role, None)),
        Event::GroupCreated { group, scope, .. } => format!("{} exists in {}", names.group(group), names.scope(scope)),
        Event::GroupDeleted { group } => format!("{} is gone", names.group(group)),
        Event::GroupMemberAdded { group, user } => format!("{} is in {}", names.user(user), names.group(group)),
        Event::GroupMemberRemoved { group, user } => format!("{} is no longer in {}", names.user(user), names.group(group)),
        _ => return None,
    })
}

fn permitted(permissions: &[String]) -> String {
    if permissions.is_empty() { "nothing".to_owned() } else { list(permissions) }
}

fn with(attributes: &Facts) -> String {
    if attributes.is_empty() { String::new() } else { format!(", with {}", facts(attributes)) }
}
