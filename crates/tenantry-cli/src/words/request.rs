//! Who asks what about whom, in words.

use tenantry::document::{Ask, Body, Emails, Reach, Request, RoleAt, UserInput};
use tenantry::document::{OpenLink, RoleEdit};

use super::names::Names;
use super::{count, facts, list};

/// `Ann Berg asks to remove Bob from Acme`.
pub(crate) fn request(names: &Names, request: &Request) -> String {
    let who = names.actor(&request.actor);
    let asks = match &request.body {
        Body::One(one) => ask(names, one, &who),
        Body::Batch(_, items) => format!("to do {}", count(items.len(), "thing in one request", "things in one request")),
    };
    format!("{} asks {asks}", capitalized(&who))
}

/// `to remove Bob from Acme`. `who` asks, and is not named again.
pub(crate) fn ask(names: &Names, ask: &Ask, who: &str) -> String {
    let words = Words { names, ask, who };
    let noun = ask.action.split('.').next().unwrap_or_default();
    let phrase = match noun {
        "scope" | "organization" => words.of_scope(),
        "invitation" => words.of_invitation(),
        "member" | "ownership" => words.of_member(),
        "role" | "group" => words.of_catalog(),
        _ => None,
    };
    phrase.unwrap_or_else(|| words.of_app())
}

/// A phrase with a capital. Names and addresses stay as their owners write them.
fn capitalized(text: &str) -> String {
    let rest = text.strip_prefix("the system ").map(|rest| format!("The system {rest}"));
    rest.or_else(|| Some(format!("Whoever {}", text.strip_prefix("whoever ")?))).unwrap_or_else(|| text.to_owned())
}

struct Words<'a> {
    names: &'a Names,
    ask: &'a Ask,
    who: &'a str,
}

impl Words<'_> {
    fn place(&self) -> &str {
        self.names.place(self.ask.scope.as_deref())
    }

    /// The user it is about, new to the organization or not.
    fn target(&self) -> String {
        let of_input = |user: &UserInput| user.name.clone().or_else(|| user.email.clone()).or_else(|| user.id.clone());
        let known = self.ask.target.as_deref().map(|id| self.names.user(id).to_owned());
        let name = known.or_else(|| self.ask.user.as_ref().and_then(of_input)).unwrap_or_else(|| "somebody".to_owned());
        if name == self.who { "themselves".to_owned() } else { name }
    }

    fn invitation(&self) -> String {
        if matches!(self.ask.action.as_str(), "invitation.accept" | "invitation.decline") {
            return "their invitation".to_owned();
        }
        let id = self.ask.invitation.as_deref().map(|id| self.names.invitee(id));
        format!("the invitation to {}", id.or(self.ask.email.as_deref()).unwrap_or("somebody"))
    }

    fn group(&self) -> String {
        self.names.group(self.ask.group.as_deref().unwrap_or_default())
    }

    fn role(&self) -> &str {
        self.names.role(self.ask.role.as_deref().unwrap_or_default(), self.ask.scope.as_deref())
    }

    fn name(&self) -> &str {
        self.ask.name.as_deref().or(self.ask.new_id.as_deref()).unwrap_or("without a name")
    }

    fn roles_at(&self, roles: &[RoleAt], scope: Option<&str>) -> String {
        if roles.is_empty() { "no role".to_owned() } else { self.names.roles(roles, scope) }
    }

    /// ` to Acme as Member`, ` as Viewer in Seattle and Admin in Boston`.
    fn offer(&self, to: &str) -> String {
        if let Some(scopes) = &self.ask.scopes {
            return format!(" as {}", self.edits(scopes));
        }
        format!(" {to} {}{}", self.place(), self.as_roles())
    }

    fn as_roles(&self) -> String {
        let roles = self.ask.roles.as_deref().map(|roles| format!(" as {}", self.roles_at(roles, self.ask.scope.as_deref())));
        roles.unwrap_or_default()
    }

    /// `Admin in Boston and plus Viewer in Seattle`.
    fn edits(&self, scopes: &[RoleEdit]) -> String {
        list(&scopes.iter().map(|edit| format!("{} in {}", self.edited(edit), self.names.scope(&edit.scope))).collect::<Vec<_>>())
    }

    fn edited(&self, edit: &RoleEdit) -> String {
        let scope = Some(edit.scope.as_str());
        let set = edit.roles.as_ref().map(|roles| self.roles_at(roles, scope));
        let plus = edit.add.as_ref().map(|roles| format!("plus {}", self.roles_at(roles, scope)));
        let minus = edit.remove.as_ref().map(|roles| format!("minus {}", self.plain(roles, scope)));
        list(&set.into_iter().chain(plus).chain(minus).collect::<Vec<_>>())
    }

    /// Roles that are taken: names alone.
    fn plain(&self, roles: &[String], scope: Option<&str>) -> String {
        list(&roles.iter().map(|role| self.names.role(role, scope).to_owned()).collect::<Vec<_>>())
    }

    fn reach(&self) -> &'static str {
        match self.ask.reach {
            None | Some(Reach::Scope) => "",
            Some(Reach::Subtree) => " and everything below it",
            Some(Reach::Organization) => " and with it from the whole organization",
        }
    }

    fn of_scope(&self) -> Option<String> {
        let place = self.place();
        Some(match self.ask.action.as_str() {
            "organization.create" => format!("to found {} with {}{}", self.ask.name.as_deref().unwrap_or(place), self.target(), self.as_roles()),
            "scope.create" => {
                let kind = self.names.kind(self.ask.kind.as_deref().unwrap_or("scope")).to_lowercase();
                format!("to open the {kind} {} in {place}", self.name())
            }
            "scope.configure" => format!("to change the settings of {place}"),
            "scope.move" => format!("to move {place} to {}", self.names.place(self.ask.parent.as_deref())),
            "scope.archive" => format!("to archive {place}"),
            "scope.restore" => format!("to restore {place}"),
            "scope.delete" => format!("to delete {place}"),
            _ => return None,
        })
    }

    fn of_invitation(&self) -> Option<String> {
        let invitation = self.invitation();
        Some(match self.ask.action.as_str() {
            "invitation.create" => format!("to invite {}{}", self.invited(), self.offer("to")),
            "invitation.link" if self.ask.invitation.is_none() => format!("for a link that invites {}{}", self.invited(), self.offer("to")),
            "invitation.link" => format!("for the link of {invitation}"),
            "invitation.update" => format!("to change {invitation}{}", self.offer("to")),
            "invitation.resend" => format!("to send {invitation} again"),
            "invitation.revoke" => format!("to withdraw {invitation}"),
            "invitation.accept" => format!("to accept {invitation}"),
            "invitation.decline" => format!("to decline {invitation}"),
            "invitation.approve" => format!("to approve {invitation}"),
            "invitation.list" => format!("to see the invitations to {}", self.place()),
            _ => return None,
        })
    }

    fn invited(&self) -> String {
        let open =
            |open: &OpenLink| open.audience.as_ref().map_or_else(|| "anybody with the link".to_owned(), |domain| format!("anybody at {domain} with the link"));
        let several = |emails: &Emails| count(emails.entries().len(), "address", "addresses");
        let one = self.ask.email.clone().or_else(|| self.ask.emails.as_ref().map(several));
        one.or_else(|| self.ask.open.as_ref().map(open)).unwrap_or_else(|| "somebody".to_owned())
    }

    fn of_member(&self) -> Option<String> {
        let (target, place) = (self.target(), self.place());
        Some(match self.ask.action.as_str() {
            "member.list" => format!("to see the members of {place}"),
            "member.add" => format!("to add {target}{}", self.offer("to")),
            "member.set_roles" => self.of_set_roles(&target),
            "member.remove" => format!("to remove {target} from {place}{}", self.reach()),
            "member.leave" => format!("to leave {place}{}", self.reach()),
            "member.join" => format!("to join {}", self.offer("").trim_start()),
            "member.deactivate" => format!("to deactivate {target} in {place}"),
            "member.reactivate" => format!("to reactivate {target} in {place}"),
            "member.edit" => format!("to edit {}: {}", self.profile(&target), self.ask.profile.as_ref().map(facts).unwrap_or_default()),
            "member.change_email" => format!("to change the address of {target} to {}", self.ask.email.as_deref().unwrap_or_default()),
            "ownership.transfer" => format!("to hand the role {} in {place} over to {target}", self.role()),
            _ => return None,
        })
    }

    fn profile(&self, target: &str) -> String {
        if target == "themselves" { "their own profile".to_owned() } else { format!("the profile of {target}") }
    }

    /// The roles that somebody is to hold, or the changes to them.
    fn of_set_roles(&self, target: &str) -> String {
        let Ask { scope, roles, add, remove, scopes, .. } = self.ask;
        let (scope, place) = (scope.as_deref(), self.place());
        if let Some(scopes) = scopes {
            return format!("to change the roles of {target} to {}", self.edits(scopes));
        }
        match (roles.as_deref(), add.as_deref(), remove.as_deref()) {
            (Some([]), ..) => format!("to take every role in {place} from {target}"),
            (Some(roles), ..) => format!("to make {target} {} in {place}", self.names.roles(roles, scope)),
            (None, Some(add), None) => format!("to give {target} {} in {place}", self.names.roles(add, scope)),
            (None, None, Some(remove)) => format!("to take {} in {place} from {target}", self.plain(remove, scope)),
            (None, add, remove) => {
                let (add, remove) = (self.names.roles(add.unwrap_or_default(), scope), self.plain(remove.unwrap_or_default(), scope));
                format!("to give {target} {add} in {place} and take {remove}")
            }
        }
    }

    fn of_catalog(&self) -> Option<String> {
        let (group, target, place) = (self.group(), self.target(), self.place());
        let roles = || self.roles_at(self.ask.roles.as_deref().unwrap_or_default(), self.ask.scope.as_deref());
        Some(match self.ask.action.as_str() {
            "role.create" => format!("to make the role {} in {place}, with {}", self.name(), self.permissions()),
            "role.update" => format!("to change the role {}: {}", self.role(), self.role_changes()),
            "role.delete" => format!("to delete the role {}", self.role()),
            "group.create" => format!("to make the group {} in {place}", self.name()),
            "group.delete" => format!("to delete {group}"),
            "group.add" => format!("to put {target} into {group}"),
            "group.remove" => format!("to take {target} out of {group}"),
            "group.grant" => format!("to give {group} {} in {place}", roles()),
            "group.revoke" => format!("to take {} in {place} from {group}", roles()),
            _ => return None,
        })
    }

    fn permissions(&self) -> String {
        let permissions = self.ask.permissions.as_deref().unwrap_or_default();
        if permissions.is_empty() { "no permissions".to_owned() } else { format!("the permissions {}", list(permissions)) }
    }

    fn role_changes(&self) -> String {
        let called = self.ask.name.as_ref().map(|name| format!("call it {name}"));
        let permits = self.ask.permissions.as_ref().map(|_| format!("give it {}", self.permissions()));
        list(&called.into_iter().chain(permits).collect::<Vec<_>>())
    }

    /// An action of the app, or one without a phrase of its own.
    fn of_app(&self) -> String {
        let about = self.ask.target.as_deref().map(|id| format!(" for {}", self.names.user(id))).unwrap_or_default();
        let resource = self.ask.resource.as_ref().map(|resource| format!(" where {}", facts(resource))).unwrap_or_default();
        format!("for `{}` in {}{about}{resource}", self.ask.action, self.place())
    }
}
