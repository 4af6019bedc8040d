//! The snapshot: the state of one organization, whole or a slice.

use serde::{Deserialize, Serialize};

use super::VERSION;
use super::actor::Actor;
use super::fact::Facts;
use super::roles::ScopedRoles;
use super::shape::{choice, record};
use super::time::Time;

record! {
    /// The state of one organization.
    ///
    /// A snapshot without `scopes` is an organization that does not exist yet: `organization.create` makes it.
    /// Rows may come in any order. An imported state may break the policy's keeps; it loads all the same.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Snapshot {
        /// Version of the document shape: 1.
        pub tenantry: u32,
        /// The organization's id. Its root scope has the same id.
        pub organization: String,
        /// The tree: the organization itself and the workspaces below it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub scopes: Vec<ScopeRow>,
        /// Members of the organization.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub users: Vec<UserRow>,
        /// Who holds which role where.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub grants: Vec<GrantRow>,
        /// Memberships of workspaces that are deactivated (that of the organization is `users[].status`).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub deactivations: Vec<DeactivationRow>,
        /// Flat groups of users.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub groups: Vec<GroupRow>,
        /// Roles that the tenant made.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub custom_roles: Vec<CustomRoleRow>,
        /// Offers of roles.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub invitations: Vec<InvitationRow>,
        /// Memberships that ended and were not renewed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub ended: Vec<EndedRow>,
        /// What the document holds, if it is not the whole organization.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub slice: Option<Slice>,
    }
}

impl Snapshot {
    /// An organization that does not exist yet.
    #[must_use]
    pub fn empty(organization: impl Into<String>) -> Snapshot {
        Snapshot { tenantry: VERSION, organization: organization.into(), ..Snapshot::default() }
    }
}

choice! {
    /// Whether a scope is in use.
    #[derive(Default)]
    pub enum ScopeStatus {
        /// In use.
        #[default]
        Active = "active",
        /// Kept, with what is below it, but closed to change.
        Archived = "archived",
    }
}

record! {
    /// A node of the organization's tree.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct ScopeRow {
        /// The scope's id.
        pub id: String,
        /// Its kind, declared by the policy; `organization` for the root and only there.
        pub kind: String,
        /// The scope it hangs under; none for the root.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parent: Option<String>,
        /// Its name for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Whether it is in use.
        #[serde(default, skip_serializing_if = "is_default")]
        pub status: ScopeStatus,
        /// Host values, inherited by the scopes below unless they say otherwise.
        #[serde(default, skip_serializing_if = "Facts::is_empty")]
        pub attributes: Facts,
        /// Counts the decisions that changed the row.
        #[serde(default, skip_serializing_if = "is_default")]
        pub version: u32,
    }
}

choice! {
    /// Whether a membership gives anything.
    #[derive(Default, Hash)]
    pub enum Status {
        /// The membership gives its roles.
        #[default]
        Active = "active",
        /// The membership is kept and gives nothing.
        Deactivated = "deactivated",
    }
}

choice! {
    /// What sort of account a user is.
    #[derive(Default, Hash)]
    pub enum UserKind {
        /// A person of the organization.
        #[default]
        Human = "human",
        /// A person from outside.
        Guest = "guest",
        /// A program, owned by a user and never above its owner.
        Service = "service",
    }
}

record! {
    /// A member of the organization.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct UserRow {
        /// The user's id.
        pub id: String,
        /// E-mail address as the user wrote it. A service may have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
        /// Whether the address is known to be the user's; yes if absent.
        #[serde(default = "yes", skip_serializing_if = "is_yes")]
        pub verified: bool,
        /// Name for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// What sort of account it is.
        #[serde(default, skip_serializing_if = "is_default")]
        pub kind: UserKind,
        /// The user that owns a service; required for a service, refused for others.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub owner: Option<String>,
        /// Whether the account is active.
        #[serde(default, skip_serializing_if = "is_default")]
        pub status: Status,
        /// Host values that rules may read (`[attributes] user`).
        #[serde(default, skip_serializing_if = "Facts::is_empty")]
        pub attributes: Facts,
        /// Fields that `member.edit` sets (`[attributes] profile`).
        #[serde(default, skip_serializing_if = "Facts::is_empty")]
        pub profile: Facts,
        /// Counts the decisions that changed the user: the row, its grants, its memberships.
        #[serde(default, skip_serializing_if = "is_default")]
        pub version: u32,
    }
}

record! {
    /// A role that a user or a group holds on a scope. Exactly one of `user` and `group` stands.
    #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct GrantRow {
        /// The scope.
        pub scope: String,
        /// The user that holds the role.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user: Option<String>,
        /// The group that holds the role.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub group: Option<String>,
        /// A declared role of the scope's kind, by name, or a custom role, by id.
        pub role: String,
        /// From then on the grant gives nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<Time>,
        /// Where the grant comes from, if not from people (`scim`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub source: Option<String>,
    }
}

record! {
    /// A deactivated membership of a workspace: it blocks every role there and below, inherited ones too.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct DeactivationRow {
        /// The workspace.
        pub scope: String,
        /// The member.
        pub user: String,
    }
}

record! {
    /// A flat set of users that can hold grants.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct GroupRow {
        /// The group's id.
        pub id: String,
        /// Name for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Home: where requests about the group are judged.
        pub scope: String,
        /// Its users, by id.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub members: Vec<String>,
        /// Users who look after it (`group = { managed_by_actor = true }`).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub managers: Vec<String>,
        /// Where the group comes from, if not from people (`scim`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub source: Option<String>,
        /// Counts the decisions that changed the group: the row, its members, its grants.
        #[serde(default, skip_serializing_if = "is_default")]
        pub version: u32,
    }
}

record! {
    /// A role that the tenant made: a named set of permissions, without rank.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct CustomRoleRow {
        /// The role's id. It is not the name of a declared role.
        pub id: String,
        /// Name for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Home: it can be held there and below.
        pub scope: String,
        /// Permissions of the policy.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub permissions: Vec<String>,
        /// Counts the decisions that changed the role.
        #[serde(default, skip_serializing_if = "is_default")]
        pub version: u32,
    }
}

choice! {
    /// Where an invitation stands. `expired` is `pending` past its `expires_at` and is never stored.
    #[derive(Default)]
    pub enum InvitationStatus {
        /// Waits for the invitee.
        #[default]
        Pending = "pending",
        /// Accepted, and waits for somebody of the organization to approve.
        AwaitingApproval = "awaiting_approval",
        /// Accepted; the membership exists.
        Accepted = "accepted",
        /// Declined by the invitee.
        Declined = "declined",
        /// Withdrawn.
        Revoked = "revoked",
        /// Pending for too long.
        Expired = "expired",
    }
}

record! {
    /// A pending offer of roles: to an address, or open to everybody with the link.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct InvitationRow {
        /// The invitation's id. Knowing it permits nothing.
        pub id: String,
        /// The address as the inviter wrote it; none for an open link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
        /// An open link: uses and audience.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub open: Option<OpenRow>,
        /// Name of the invited person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// The roles offered, by scope.
        pub scopes: Vec<ScopedRoles>,
        /// Who carries the offer.
        pub inviter: Actor,
        /// Where it stands.
        #[serde(default, skip_serializing_if = "is_default")]
        pub status: InvitationStatus,
        /// When it was made or last changed its offer.
        pub created_at: Time,
        /// From then on it is expired.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<Time>,
        /// A hash of the link's token, made by the host.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub token_hash: Option<String>,
        /// The account that accepted and waits for approval.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user: Option<String>,
        /// Counts the decisions that changed the row.
        #[serde(default, skip_serializing_if = "is_default")]
        pub version: u32,
    }
}

record! {
    /// Uses and audience of an open link.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct OpenRow {
        /// How often it can still be accepted; none for no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub uses: Option<u32>,
        /// Only verified addresses of this domain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub audience: Option<String>,
    }
}

impl OpenRow {
    /// Why the audience is nobody's, if so: what is wrong with it, and what may be meant.
    pub(crate) fn audience_fault(&self) -> Option<(String, Option<String>)> {
        let written = self.audience.as_deref()?;
        let canonical = crate::email::canonical_domain(written);
        let message = || format!("`{written}` is no domain in its canonical form, such as `acme.example`");
        (canonical.as_deref() != Some(written)).then(|| (message(), canonical))
    }
}

choice! {
    /// By whom a membership was ended.
    #[derive(PartialOrd, Ord)]
    pub enum EndedBy {
        /// The member left.
        Self_ = "self",
        /// Another user removed the member.
        Other = "other",
        /// A system actor did.
        Sync = "sync",
    }
}

record! {
    /// A membership that ended: it voids older offers, until a new add or invitation clears it.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct EndedRow {
        /// The scope of the membership.
        pub scope: String,
        /// The user.
        pub user: String,
        /// The user's address at that time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
        /// When.
        pub at: Time,
        /// By whom.
        pub by: EndedBy,
    }
}

record! {
    /// What a slice holds. An id listed here without a row does not exist; an id not listed is not known.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Slice {
        /// Users, each with all its grants, deactivations and endings. Their groups are listed too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub users: Vec<String>,
        /// Scopes, each with all its ancestors.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub scopes: Vec<String>,
        /// Scopes whose whole subtree is held.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub subtrees: Vec<String>,
        /// Scopes of which everything that hangs there is held: every user and group with a grant (of the organization: every
        /// user), every offer of a role, every group and custom role at home there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub holders: Vec<String>,
        /// Groups, each with all its grants.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub groups: Vec<String>,
        /// Users whose group memberships are all held.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub memberships: Vec<String>,
        /// Custom roles.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub custom_roles: Vec<String>,
        /// Invitations.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub invitations: Vec<String>,
        /// Canonical addresses, each with the user, the offers and the endings that have it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub emails: Vec<String>,
        /// Counts of keeps at scopes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub counts: Vec<CountRow>,
    }
}

record! {
    /// How many a keep counts at a scope.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct CountRow {
        /// The keep's id.
        pub keep: String,
        /// The scope.
        pub scope: String,
        /// How many it counts there.
        pub count: u64,
    }
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
