//! The verbs of membership, what a request for each takes, and the wildcards that rules use.

use crate::document::Ask;
use crate::name::nearest;

/// What a verb is about: decides whose row menu shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// A user.
    User,
    /// An invitation.
    Invitation,
    /// A group.
    Group,
    /// A custom role.
    Role,
    /// A scope.
    Scope,
}

/// A built-in verb.
#[derive(Debug, Clone, Copy)]
pub struct VerbSpec {
    /// The verb.
    pub verb: Verb,
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: About,
    /// Fields that a request needs.
    pub required: &'static [&'static str],
    /// Fields that a request may have beside them. `confirmed` is always possible.
    pub optional: &'static [&'static str],
    /// Whether it changes anything, so that the request needs an id.
    pub changes: bool,
    /// Whether its nature is taking, so that its rules need no `revokes`.
    pub takes: bool,
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident = $name:literal, $about:ident, [$($required:literal)*], [$($optional:literal)*] $(, $flag:ident)*;)*) => {
        /// A built-in verb.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Verb { $($(#[$doc])* $verb,)* }

        /// Every built-in verb, by its number.
        pub const VERBS: &[VerbSpec] = &[$(VerbSpec {
            verb: Verb::$verb,
            name: $name,
            about: About::$about,
            required: &[$($required),*],
            optional: &[$($optional),*],
            changes: !matches!(flags!($($flag)*), Flags::Read),
            takes: matches!(flags!($($flag)*), Flags::Takes),
        },)*];
    };
}

#[derive(Clone, Copy)]
enum Flags {
    None,
    Read,
    Takes,
}

macro_rules! flags {
    () => {
        Flags::None
    };
    (read) => {
        Flags::Read
    };
    (takes) => {
        Flags::Takes
    };
}

verbs! {
    /// The organization comes to be. Reserved to system actors.
    OrganizationCreate = "organization.create", Scope, ["user" "roles"], ["name" "attributes"];
    /// A scope below another.
    ScopeCreate = "scope.create", Scope, ["kind"], ["scope" "name" "new_id" "attributes"];
    /// Name or attributes of a scope.
    ScopeConfigure = "scope.configure", Scope, [], ["scope" "name" "attributes"];
    /// A scope hangs somewhere else.
    ScopeMove = "scope.move", Scope, ["scope" "parent"], [];
    /// A scope is closed to change.
    ScopeArchive = "scope.archive", Scope, ["scope"], [];
    /// A scope is open again.
    ScopeRestore = "scope.restore", Scope, ["scope"], [];
    /// A scope goes, and what is held there.
    ScopeDelete = "scope.delete", Scope, ["scope"], [], takes;
    /// Offers of roles, or an open link.
    InvitationCreate = "invitation.create", Scope, [], ["scope" "roles" "scopes" "email" "emails" "open" "name" "token_hash" "expires_at" "new_id"];
    /// Another offer in the same invitation.
    InvitationUpdate = "invitation.update", Invitation, ["invitation"], ["scope" "roles" "scopes" "expires_at"];
    /// The message again.
    InvitationResend = "invitation.resend", Invitation, ["invitation"], ["scope" "token_hash"];
    /// The link, of an invitation or of a new one.
    InvitationLink = "invitation.link", Invitation, [], ["invitation" "scope" "roles" "scopes" "email" "name" "token_hash" "expires_at" "new_id"];
    /// The offer is withdrawn.
    InvitationRevoke = "invitation.revoke", Invitation, ["invitation"], ["scope"], takes;
    /// The invitee says yes. Needs no rule.
    InvitationAccept = "invitation.accept", Invitation, ["invitation"], ["token_hash" "user"];
    /// The invitee says no. Needs no rule.
    InvitationDecline = "invitation.decline", Invitation, ["invitation"], ["token_hash"], takes;
    /// An accepted offer takes effect.
    InvitationApprove = "invitation.approve", Invitation, ["invitation"], ["scope"];
    /// A membership at once.
    MemberAdd = "member.add", Scope, [], ["scope" "roles" "scopes" "target" "user"];
    /// Roles of a user, at one scope or several.
    MemberSetRoles = "member.set_roles", User, ["target"], ["scope" "roles" "add" "remove" "scopes"];
    /// A membership ends.
    MemberRemove = "member.remove", User, ["target"], ["scope" "reach"], takes;
    /// A membership gives nothing.
    MemberDeactivate = "member.deactivate", User, ["target"], ["scope"], takes;
    /// A membership gives its roles again.
    MemberReactivate = "member.reactivate", User, ["target"], ["scope"];
    /// The actor's own membership ends.
    MemberLeave = "member.leave", Scope, [], ["scope" "reach"], takes;
    /// The actor makes itself a member.
    MemberJoin = "member.join", Scope, ["scope"], ["roles"];
    /// Profile fields.
    MemberEdit = "member.edit", User, ["target" "profile"], [];
    /// The address, which is the identity.
    MemberChangeEmail = "member.change_email", User, ["target" "email"], [];
    /// A role changes hands.
    OwnershipTransfer = "ownership.transfer", User, ["target" "role"], ["scope" "keep"];
    /// A role of the tenant's own.
    RoleCreate = "role.create", Scope, ["name"], ["scope" "permissions" "new_id"];
    /// Name or permissions of a custom role.
    RoleUpdate = "role.update", Role, ["role"], ["scope" "name" "permissions"];
    /// A custom role goes.
    RoleDelete = "role.delete", Role, ["role"], ["scope" "holders"], takes;
    /// A group of users.
    GroupCreate = "group.create", Scope, ["name"], ["scope" "new_id"];
    /// A group goes, and what it gave.
    GroupDelete = "group.delete", Group, ["group"], ["scope"], takes;
    /// A user comes into a group.
    GroupAdd = "group.add", Group, ["group" "target"], ["scope"];
    /// A user leaves a group.
    GroupRemove = "group.remove", Group, ["group" "target"], ["scope"], takes;
    /// A group gets roles.
    GroupGrant = "group.grant", Group, ["group" "roles"], ["scope"];
    /// A group loses roles.
    GroupRevoke = "group.revoke", Group, ["group" "roles"], ["scope"], takes;
    /// The list of members.
    MemberList = "member.list", Scope, [], ["scope"], read;
    /// The list of invitations.
    InvitationList = "invitation.list", Scope, [], ["scope"], read;
    /// The audit trail.
    AuditRead = "audit.read", Scope, [], ["scope"], read;
}

/// Fields that a request for an action of the app may have.
pub const APP_FIELDS: &[&str] = &["scope", "target", "resource"];

impl Verb {
    /// What is fixed about the verb.
    #[must_use]
    pub fn spec(self) -> &'static VerbSpec {
        &VERBS[self as usize]
    }

    /// The verb with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Verb> {
        VERBS.iter().find(|spec| spec.name == name).map(|spec| spec.verb)
    }

    /// Whether wildcards leave the verb out for users: it is reserved to systems, or needs no rule.
    #[must_use]
    pub fn is_reserved(self) -> bool {
        self == Verb::OrganizationCreate || self.needs_no_rule()
    }

    /// Whether the verb is the invitee's, carried by the offer and by no rule of its own.
    #[must_use]
    pub fn needs_no_rule(self) -> bool {
        matches!(self, Verb::InvitationAccept | Verb::InvitationDecline)
    }

    /// Whether it only ends or lessens something, so that it stays possible in an archived scope.
    #[must_use]
    pub fn works_archived(self) -> bool {
        let spec = self.spec();
        spec.takes || !spec.changes || self == Verb::ScopeRestore
    }

    /// Whether it neither gives nor takes a role, nor changes a status: then an allow need only fit.
    #[must_use]
    pub fn only_fits(self) -> bool {
        use Verb::*;
        let of_scopes = matches!(self, ScopeCreate | ScopeConfigure | ScopeArchive | ScopeRestore | GroupCreate);
        of_scopes || matches!(self, MemberEdit | MemberChangeEmail | InvitationResend | InvitationRevoke) || !self.spec().changes
    }

    /// The other verbs by whose rules a request is judged as well, as it can bring about what they do.
    fn implies(self) -> &'static [Verb] {
        match self {
            Verb::MemberSetRoles => &[Verb::MemberAdd, Verb::MemberRemove],
            // A user of the organization can be added at once.
            Verb::InvitationCreate | Verb::InvitationLink => &[Verb::MemberAdd],
            _ => &[],
        }
    }

    /// Whether the verb is about the roles that an invitation offers.
    #[must_use]
    pub fn is_invitation(self) -> bool {
        self.spec().name.starts_with("invitation.") && self != Verb::InvitationList
    }
}

/// An action of a policy: a built-in verb, or one of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(pub(crate) u16);

impl ActionId {
    /// The built-in verb, if it is one.
    #[must_use]
    pub fn verb(self) -> Option<Verb> {
        VERBS.get(usize::from(self.0)).map(|spec| spec.verb)
    }

    /// The actions by whose rules a request for this one may be judged, itself first.
    pub(crate) fn judged_by(self) -> impl Iterator<Item = ActionId> {
        let implied = self.verb().map_or(&[][..], Verb::implies);
        std::iter::once(self).chain(implied.iter().map(|&verb| verb.into()))
    }
}

impl From<Verb> for ActionId {
    fn from(verb: Verb) -> ActionId {
        ActionId(verb as u16)
    }
}

/// An action with its settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Action {
    /// `noun.verb`.
    pub name: String,
    /// Name for people.
    pub label: Option<String>,
    /// An allowed decision asks the host to let the person confirm.
    pub confirm: bool,
    /// An action of the app that stays possible in archived scopes.
    pub archived: bool,
}

/// The actions that a name of a rule stands for: one, those of a noun (`member.*`), or all (`*`). Wildcards leave out
/// what needs no rule, and what is reserved to systems unless the rule is for one. `None` if there are none.
pub(crate) fn matching(pattern: &str, actions: &[Action], for_system: bool) -> Option<Vec<ActionId>> {
    let covered = |id: ActionId| match id.verb() {
        Some(Verb::OrganizationCreate) => for_system,
        Some(verb) => !verb.needs_no_rule(),
        None => true,
    };
    // The app's own stand behind the verbs, by name.
    let (verbs, own) = actions.split_at(VERBS.len());
    let prefix = if pattern == "*" { Some("") } else { pattern.strip_suffix('*').filter(|prefix| prefix.ends_with('.')) };
    let first = own.partition_point(|action| action.name.as_str() < prefix.unwrap_or(pattern));
    let fits = |action: &Action| prefix.map_or(action.name == pattern, |prefix| action.name.starts_with(prefix));
    let among_verbs = (0..verbs.len()).filter(|&i| fits(&verbs[i]));
    let among_own = (first..own.len()).take_while(|&i| fits(&own[i])).map(|i| verbs.len() + i);
    let ids = among_verbs.chain(among_own).map(|i| ActionId(i as u16));
    let found: Vec<ActionId> = ids.filter(|&id| prefix.is_none() || covered(id)).collect();
    (!found.is_empty()).then_some(found)
}

/// The nearest action to a misspelt one.
pub(crate) fn nearest_action(name: &str, actions: &[Action]) -> Option<String> {
    nearest(name, actions.iter().map(|action| action.name.as_str()))
}

/// The fields that an ask has, by name.
pub(crate) fn fields_of(ask: &Ask) -> impl Iterator<Item = &'static str> {
    [
        ("scope", ask.scope.is_some()),
        ("target", ask.target.is_some()),
        ("invitation", ask.invitation.is_some()),
        ("group", ask.group.is_some()),
        ("role", ask.role.is_some()),
        ("roles", ask.roles.is_some()),
        ("add", ask.add.is_some()),
        ("remove", ask.remove.is_some()),
        ("scopes", ask.scopes.is_some()),
        ("keep", ask.keep.is_some()),
        ("reach", ask.reach.is_some()),
        ("email", ask.email.is_some()),
        ("emails", ask.emails.is_some()),
        ("open", ask.open.is_some()),
        ("token_hash", ask.token_hash.is_some()),
        ("expires_at", ask.expires_at.is_some()),
        ("user", ask.user.is_some()),
        ("profile", ask.profile.is_some()),
        ("name", ask.name.is_some()),
        ("kind", ask.kind.is_some()),
        ("new_id", ask.new_id.is_some()),
        ("parent", ask.parent.is_some()),
        ("attributes", ask.attributes.is_some()),
        ("permissions", ask.permissions.is_some()),
        ("holders", ask.holders.is_some()),
        ("resource", ask.resource.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, present)| present.then_some(name))
}
