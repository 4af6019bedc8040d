//! Events: the facts that an allowed request makes true. Applying them gives the next state; stored, they are the
//! audit trail.

use serde::{Deserialize, Serialize};

use super::fact::Facts;
use super::request::{Actor, ScopedRoles};
use super::snapshot::{EndedBy, OpenRow, UserKind, is_default};
use super::time::Time;

/// One fact. Its `event` field says which; the rest says about whom and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "event", deny_unknown_fields)]
pub enum Event {
    /// The organization exists: its root scope, with the organization's id.
    #[serde(rename = "organization.created")]
    OrganizationCreated {
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
    #[serde(rename = "scope.created")]
    ScopeCreated {
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
    #[serde(rename = "scope.configured")]
    ScopeConfigured {
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
    #[serde(rename = "scope.moved")]
    ScopeMoved {
        /// The scope.
        scope: String,
        /// The parent before.
        from: String,
        /// The parent now.
        to: String,
    },
    /// A scope is closed to change.
    #[serde(rename = "scope.archived")]
    ScopeArchived {
        /// The scope.
        scope: String,
    },
    /// A scope is open again.
    #[serde(rename = "scope.restored")]
    ScopeRestored {
        /// The scope.
        scope: String,
    },
    /// A scope is gone.
    #[serde(rename = "scope.deleted")]
    ScopeDeleted {
        /// The scope.
        scope: String,
    },
    /// A user is a member of the organization.
    #[serde(rename = "member.added")]
    MemberAdded {
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
    #[serde(rename = "member.removed")]
    MemberRemoved {
        /// The user.
        user: String,
        /// The scope.
        scope: String,
        /// By whom.
        by: EndedBy,
    },
    /// A membership is kept and gives nothing.
    #[serde(rename = "member.deactivated")]
    MemberDeactivated {
        /// The user.
        user: String,
        /// The scope.
        scope: String,
    },
    /// A membership gives its roles again.
    #[serde(rename = "member.reactivated")]
    MemberReactivated {
        /// The user.
        user: String,
        /// The scope.
        scope: String,
    },
    /// Profile fields of a user are these now.
    #[serde(rename = "member.edited")]
    MemberEdited {
        /// The user.
        user: String,
        /// The fields that changed.
        profile: Facts,
    },
    /// A user has another address.
    #[serde(rename = "member.email_changed")]
    MemberEmailChanged {
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
    #[serde(rename = "role.given")]
    RoleGiven {
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
    #[serde(rename = "role.taken")]
    RoleTaken {
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
    #[serde(rename = "invitation.created")]
    InvitationCreated {
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
    #[serde(rename = "invitation.updated")]
    InvitationUpdated {
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
    #[serde(rename = "invitation.resent")]
    InvitationResent {
        /// The invitation.
        invitation: String,
        /// Hash of the new token, where the policy rotates links.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_hash: Option<String>,
    },
    /// The link was shown to somebody.
    #[serde(rename = "invitation.linked")]
    InvitationLinked {
        /// The invitation.
        invitation: String,
        /// Hash of the new token, where the policy rotates links.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_hash: Option<String>,
    },
    /// The offer is withdrawn; without `keep_records` it is gone.
    #[serde(rename = "invitation.revoked")]
    InvitationRevoked {
        /// The invitation.
        invitation: String,
    },
    /// The offer was pending for too long and makes room for a new one.
    #[serde(rename = "invitation.expired")]
    InvitationExpired {
        /// The invitation.
        invitation: String,
    },
    /// The invitee said no.
    #[serde(rename = "invitation.declined")]
    InvitationDeclined {
        /// The invitation.
        invitation: String,
    },
    /// The invitee said yes. The membership follows, at once or (`awaiting_approval`) with the approval. An open link
    /// loses a use.
    #[serde(rename = "invitation.accepted")]
    InvitationAccepted {
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
    #[serde(rename = "invitation.approved")]
    InvitationApproved {
        /// The invitation.
        invitation: String,
        /// The account that accepted.
        user: String,
    },
    /// An address of a list was passed over in silence. Changes nothing; kept for the audit trail.
    #[serde(rename = "invitation.skipped")]
    InvitationSkipped {
        /// The address as written.
        email: String,
        /// The code that an error would have had.
        code: String,
    },
    /// A custom role exists.
    #[serde(rename = "custom_role.created")]
    CustomRoleCreated {
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
    #[serde(rename = "custom_role.updated")]
    CustomRoleUpdated {
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
    #[serde(rename = "custom_role.deleted")]
    CustomRoleDeleted {
        /// The role.
        role: String,
    },
    /// A group exists.
    #[serde(rename = "group.created")]
    GroupCreated {
        /// The group.
        group: String,
        /// Its home.
        scope: String,
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A group is gone, and what it gave with it.
    #[serde(rename = "group.deleted")]
    GroupDeleted {
        /// The group.
        group: String,
    },
    /// A user is in a group.
    #[serde(rename = "group.member_added")]
    GroupMemberAdded {
        /// The group.
        group: String,
        /// The user.
        user: String,
    },
    /// A user is no longer in a group.
    #[serde(rename = "group.member_removed")]
    GroupMemberRemoved {
        /// The group.
        group: String,
        /// The user.
        user: String,
    },
}

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
