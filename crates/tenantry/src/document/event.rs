//! Events: the facts that an allowed request makes true. Applying them gives the next state; stored, they are the
//! audit trail.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::fact::Facts;
use super::roles::ScopedRoles;
use super::shape::{record, tagged};
use super::snapshot::{EndedBy, OpenRow, UserKind, is_default};
use super::time::Time;

tagged! {
    /// One fact. Its `event` field says which; the rest says about whom and what.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Event by "event" {
        /// The organization exists: its root scope, with the organization's id.
        OrganizationCreated = "organization.created" {
            /// The root scope, which has the organization's id.
            scope: String,
            /// Its name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Its attributes.
            #[serde(default, skip_serializing_if = "Facts::is_empty")]
            attributes: Facts,
        },
        /// A scope exists.
        ScopeCreated = "scope.created" {
            /// The new scope.
            scope: String,
            /// Its kind.
            kind: String,
            /// The scope it hangs under.
            parent: String,
            /// Its name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Its attributes.
            #[serde(default, skip_serializing_if = "Facts::is_empty")]
            attributes: Facts,
        },
        /// Name or attributes of a scope are these now.
        ScopeConfigured = "scope.configured" {
            /// The scope.
            scope: String,
            /// Its new name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// The attributes that changed.
            #[serde(default, skip_serializing_if = "Facts::is_empty")]
            attributes: Facts,
        },
        /// A scope hangs somewhere else.
        ScopeMoved = "scope.moved" {
            /// The scope.
            scope: String,
            /// The parent before.
            from: String,
            /// The parent now.
            to: String,
        },
        /// A scope is closed to change.
        ScopeArchived = "scope.archived" {
            /// The scope.
            scope: String,
        },
        /// A scope is open again.
        ScopeRestored = "scope.restored" {
            /// The scope.
            scope: String,
        },
        /// A scope is gone.
        ScopeDeleted = "scope.deleted" {
            /// The scope.
            scope: String,
        },
        /// A user is a member of the organization.
        MemberAdded = "member.added" {
            /// The user.
            user: String,
            /// The address as written.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            email: Option<String>,
            /// Whether the address is known to be the user's.
            #[serde(default, skip_serializing_if = "is_default")]
            verified: bool,
            /// Name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Sort of account.
            #[serde(default, skip_serializing_if = "is_default")]
            kind: UserKind,
            /// The user that owns a service.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            owner: Option<String>,
            /// Host values.
            #[serde(default, skip_serializing_if = "Facts::is_empty")]
            attributes: Facts,
        },
        /// A membership ended: of the organization, where the account goes, or of a workspace.
        MemberRemoved = "member.removed" {
            /// The user.
            user: String,
            /// The scope.
            scope: String,
            /// By whom.
            by: EndedBy,
        },
        /// A membership is kept and gives nothing.
        MemberDeactivated = "member.deactivated" {
            /// The user.
            user: String,
            /// The scope.
            scope: String,
        },
        /// A membership gives its roles again.
        MemberReactivated = "member.reactivated" {
            /// The user.
            user: String,
            /// The scope.
            scope: String,
        },
        /// Profile fields of a user are these now.
        MemberEdited = "member.edited" {
            /// The user.
            user: String,
            /// The fields that changed.
            profile: Facts,
        },
        /// A user has another address.
        MemberEmailChanged = "member.email_changed" {
            /// The user.
            user: String,
            /// The address before.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            from: Option<String>,
            /// The address now, as written.
            email: String,
            /// Whether it is known to be the user's.
            #[serde(default, skip_serializing_if = "is_default")]
            verified: bool,
        },
        /// A user or group holds a role, or holds it with another expiry or source than before.
        RoleGiven = "role.given" {
            /// The user.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            user: Option<String>,
            /// The group.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            group: Option<String>,
            /// The scope.
            scope: String,
            /// The role: a declared one by name, a custom one by id.
            role: String,
            /// When it stops giving anything.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            expires_at: Option<Time>,
            /// Where it comes from, if not from people.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            source: Option<String>,
        },
        /// A user or group no longer holds a role.
        RoleTaken = "role.taken" {
            /// The user.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            user: Option<String>,
            /// The group.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            group: Option<String>,
            /// The scope.
            scope: String,
            /// The role.
            role: String,
        },
        /// An offer exists.
        InvitationCreated = "invitation.created" {
            /// The invitation.
            invitation: String,
            /// The address as written.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            email: Option<String>,
            /// Uses and audience of an open link.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            open: Option<OpenRow>,
            /// Name of the invited person.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// The roles offered.
            scopes: Vec<ScopedRoles>,
            /// Who carries the offer.
            inviter: Actor,
            /// When it was made.
            created_at: Time,
            /// When it expires.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            expires_at: Option<Time>,
            /// Hash of the link's token.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            token_hash: Option<String>,
        },
        /// An offer is another now, carried by another inviter.
        InvitationUpdated = "invitation.updated" {
            /// The invitation.
            invitation: String,
            /// The roles offered now.
            scopes: Vec<ScopedRoles>,
            /// Who carries the offer now.
            inviter: Actor,
            /// When the offer became this.
            created_at: Time,
            /// When it expires now.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            expires_at: Option<Time>,
        },
        /// The message was asked for again.
        InvitationResent = "invitation.resent" {
            /// The invitation.
            invitation: String,
            /// Hash of the new token, where the policy rotates links.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            token_hash: Option<String>,
        },
        /// The link was shown to somebody.
        InvitationLinked = "invitation.linked" {
            /// The invitation.
            invitation: String,
            /// Hash of the new token, where the policy rotates links.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            token_hash: Option<String>,
        },
        /// The offer is withdrawn; without `keep_records` it is gone.
        InvitationRevoked = "invitation.revoked" {
            /// The invitation.
            invitation: String,
        },
        /// The offer was pending for too long and makes room for a new one.
        InvitationExpired = "invitation.expired" {
            /// The invitation.
            invitation: String,
        },
        /// The invitee said no.
        InvitationDeclined = "invitation.declined" {
            /// The invitation.
            invitation: String,
        },
        /// The invitee said yes. The membership follows, at once or (`awaiting_approval`) with the approval. An open link
        /// loses a use.
        InvitationAccepted = "invitation.accepted" {
            /// The invitation.
            invitation: String,
            /// The account that accepted.
            user: String,
            /// The membership waits for approval.
            #[serde(default, skip_serializing_if = "is_default")]
            awaiting_approval: bool,
            /// Name of the person, where the account waits for approval.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<String>,
        },
        /// An accepted offer was approved; the membership follows.
        InvitationApproved = "invitation.approved" {
            /// The invitation.
            invitation: String,
            /// The account that accepted.
            user: String,
        },
        /// An address of a list was passed over in silence. Changes nothing; kept for the audit trail.
        InvitationSkipped = "invitation.skipped" {
            /// The address as written.
            email: String,
            /// The code that an error would have had.
            code: String,
        },
        /// A custom role exists.
        CustomRoleCreated = "custom_role.created" {
            /// The role.
            role: String,
            /// Its home.
            scope: String,
            /// Its name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Its permissions, in the policy's order.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            permissions: Vec<String>,
        },
        /// A custom role is another now, for everybody who holds it.
        CustomRoleUpdated = "custom_role.updated" {
            /// The role.
            role: String,
            /// Its new name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Its new permissions, all of them.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            permissions: Option<Vec<String>>,
        },
        /// A custom role is gone.
        CustomRoleDeleted = "custom_role.deleted" {
            /// The role.
            role: String,
        },
        /// A group exists.
        GroupCreated = "group.created" {
            /// The group.
            group: String,
            /// Its home.
            scope: String,
            /// Its name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<String>,
        },
        /// A group is gone, and what it gave with it.
        GroupDeleted = "group.deleted" {
            /// The group.
            group: String,
        },
        /// A user is in a group.
        GroupMemberAdded = "group.member_added" {
            /// The group.
            group: String,
            /// The user.
            user: String,
        },
        /// A user is no longer in a group.
        GroupMemberRemoved = "group.member_removed" {
            /// The group.
            group: String,
            /// The user.
            user: String,
        },
    }
}

record! {
    /// An event on its own, as an audit log stores it: what, when, by whom, on which request.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct AuditRecord {
        /// Version of the document shape: 1.
        #[serde(deserialize_with = "super::read::this_version")]
        pub tenantry: u32,
        /// The organization.
        pub organization: String,
        /// The request that was decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub request: Option<String>,
        /// When.
        pub at: Time,
        /// Who asked.
        pub actor: Actor,
        /// The verb.
        pub action: String,
        /// The fact; none for a denied request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub fact: Option<Event>,
        /// Why the request was denied.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
    }
}
