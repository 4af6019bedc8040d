"""The documents, questions and answers as types. Made by `cargo xtask python documents` from the engine's own types.

A field that is not required is absent where it says nothing.
"""

from __future__ import annotations

import sys
from typing import Literal, Union

if sys.version_info >= (3, 12):
    from typing import NotRequired, TypeAliasType, TypedDict
else:
    from typing_extensions import NotRequired, TypeAliasType, TypedDict


class ActionDocument(TypedDict):
    """An action of the app, or settings of a built-in one."""

    archived: NotRequired[bool]
    """An action of the app that stays possible in archived scopes."""
    confirm: NotRequired[bool]
    """An allowed decision asks the host to let the person confirm."""
    label: NotRequired[str]
    """Name for people."""


Actor = TypeAliasType("Actor", "Union[UserActor, InviteeActor, SystemActor]")
"""Who asks."""


class ActorPointed(TypedDict):
    """`{ actor = "locations" }`: the actor's attribute."""

    actor: str
    """The attribute."""


class ActorPointed2(TypedDict):
    """`{ actor = "locations" }`: the actor's attribute."""

    actor: str
    """The attribute."""


class ActorPointed3(TypedDict):
    """`{ actor = "locations" }`: the actor's attribute."""

    actor: str
    """The attribute."""


class AllowedDecision(TypedDict):
    """The answer to a request. A value: nothing has changed yet."""

    effect: Literal["allow"]
    """Allowed or denied."""
    events: NotRequired[list[Event]]
    """See `Outcome::events`. Of a batch `each`, those of all items that are allowed."""
    items: NotRequired[list[Outcome]]
    """The answer to each item of a batch `each`, in order."""
    obligations: NotRequired[list[Obligation]]
    """See `Outcome::obligations`."""
    organization: str
    """The organization."""
    policy: str
    """Digest of the policy that decided: SHA-256 of its canonical JSON, in hexadecimal."""
    reads: NotRequired[Reads]
    """What the decision depends on."""
    reasons: NotRequired[list[Reason]]
    """See `Outcome::reasons`."""
    remedies: NotRequired[list[Remedy]]
    """See `Outcome::remedies`."""
    request: Request
    """The request."""
    rules: NotRequired[list[str]]
    """See `Outcome::rules`."""
    tenantry: int
    """Version of the document shape: 1."""
    valid_until: NotRequired[Time]
    """The earliest expiry that it relied on: from then on it is late."""
    warnings: NotRequired[list[Warning]]
    """See `Outcome::warnings`."""


class AllowedOutcome(TypedDict):
    """The answer to one verb: of a request, or of an item of a batch."""

    effect: Literal["allow"]
    """Allowed or denied."""
    events: NotRequired[list[Event]]
    """What becomes true."""
    obligations: NotRequired[list[Obligation]]
    """What the host has to do."""
    reasons: NotRequired[list[Reason]]
    """Every reason found in the step that failed; the first one gave `code` and `message`."""
    remedies: NotRequired[list[Remedy]]
    """What would help."""
    rules: NotRequired[list[str]]
    """The rules that decided, by id, in the policy's order."""
    warnings: NotRequired[list[Warning]]
    """What an allowed request should be told all the same."""


class AllowedPublicDecision(TypedDict):
    """What may be shown to the actor."""

    effect: Literal["allow"]
    """Allowed or denied."""
    items: NotRequired[list[PublicDecision]]
    """The answer to each item of a batch `each`."""
    remedies: NotRequired[list[Remedy]]
    """What would help."""


class Ask(TypedDict):
    """One verb and what it is about. Each action takes some of these fields and needs some: see
    `actions`(crate::policy::actions)."""

    action: NotRequired[str]
    """The verb: `member.remove`, or one that the policy declares."""
    add: NotRequired[list[RoleAt]]
    """Roles to add at `scope`, beside those held."""
    attributes: NotRequired[Facts]
    """Attributes of a scope to set."""
    confirmed: NotRequired[bool]
    """The person has confirmed an action that asks for it."""
    email: NotRequired[str]
    """One e-mail address."""
    emails: NotRequired[Emails]
    """Several addresses: a list, or one text with commas or line ends between them."""
    expires_at: NotRequired[Time]
    """When an invitation expires; `[invitations] expires_after` if absent."""
    group: NotRequired[str]
    """The group it is about."""
    holders: NotRequired[Holders]
    """What becomes of the holders of a custom role that is deleted."""
    invitation: NotRequired[str]
    """The invitation it is about."""
    keep: NotRequired[list[str]]
    """What the giver of an `ownership.transfer` keeps."""
    kind: NotRequired[str]
    """The kind of a new scope."""
    name: NotRequired[str]
    """A name for people: of an invited person, a scope, a group, a custom role, an organization."""
    new_id: NotRequired[str]
    """The id that the host gives to what is created; the engine mints one if absent."""
    open: NotRequired[OpenRow]
    """Offers an open link instead of an invitation to an address."""
    parent: NotRequired[str]
    """Where a scope moves to."""
    permissions: NotRequired[list[str]]
    """Permissions of a custom role."""
    profile: NotRequired[Facts]
    """Profile fields to set (`name`, and those of `[attributes] profile`)."""
    reach: NotRequired[Reach]
    """How far an ending reaches; the policy's default if absent."""
    remove: NotRequired[list[str]]
    """Roles to take away at `scope`."""
    resource: NotRequired[Facts]
    """Attributes of the host's resource that the app action is about."""
    role: NotRequired[str]
    """The custom role it is about; for `ownership.transfer`, the role that changes hands."""
    roles: NotRequired[list[RoleAt]]
    """The roles to hold or to offer at `scope`."""
    scope: NotRequired[str]
    """The scope asked about; the organization if absent."""
    scopes: NotRequired[list[RoleEdit]]
    """The same for several scopes at once, instead of `scope` with `roles`, `add` and `remove`."""
    target: NotRequired[str]
    """The user it is about."""
    token_hash: NotRequired[str]
    """Hash of the link's token, made by the host."""
    user: NotRequired[UserInput]
    """Account data of a user who is new to the organization."""


class AskRemedy(TypedDict):
    """Ask somebody who holds one of these roles or permissions."""

    permissions: NotRequired[list[str]]
    """Permissions."""
    remedy: Literal["ask"]
    roles: NotRequired[list[str]]
    """Roles, as `kind.role`."""


class AttributesDocument(TypedDict):
    """Names of the attributes that the host supplies."""

    context: NotRequired[Names]
    """Of the request."""
    profile: NotRequired[Names]
    """Profile fields that `member.edit` may set, beside `name`."""
    resource: NotRequired[Names]
    """Of the app's resources."""
    scope: NotRequired[Names]
    """Of scopes."""
    user: NotRequired[Names]
    """Of users."""


class AuditRecord(TypedDict):
    """An event on its own, as an audit log stores it: what, when, by whom, on which request."""

    action: str
    """The verb."""
    actor: Actor
    """Who asked."""
    at: Time
    """When."""
    code: NotRequired[str]
    """Why the request was denied."""
    fact: NotRequired[Event]
    """The fact; none for a denied request."""
    organization: str
    """The organization."""
    request: NotRequired[str]
    """The request that was decided."""
    tenantry: int
    """Version of the document shape: 1."""


Batch = TypeAliasType("Batch", "Literal['atomic', 'each']")
"""How the items of a batch stand together."""


ChangeKind = TypeAliasType("ChangeKind", "Literal['give', 'take', 'status']")
"""Sorts of elementary changes."""


class ChangeOriginRemedy(TypedDict):
    """Change the role where it comes from."""

    group: NotRequired[str]
    """The group that holds it."""
    remedy: Literal["change_origin"]
    scope: str
    """The scope of the grant."""


class ConfirmObligation(TypedDict):
    """Ask the person to confirm before carrying it out."""

    action: str
    """The verb."""
    obligation: Literal["confirm"]


class CountDocument(TypedDict):
    """Who is counted: by default active people, by grants that do not expire."""

    attributes: NotRequired[dict[str, Pointed2]]
    """Host values."""
    direct_role: NotRequired[Names]
    """Holds one of these by a grant at the scope itself."""
    email_domain: NotRequired[Pointed]
    """Domain of the address."""
    expiring: NotRequired[bool]
    """Grants that expire count too, while they last."""
    has_role: NotRequired[Names]
    """Holds one of these."""
    kind: NotRequired[OneOrManyUserKind]
    """Sort of account."""
    not_role: NotRequired[Names]
    """Holds none of these."""
    pending: NotRequired[bool]
    """Open offers count too, one for each person."""
    permission: NotRequired[Names]
    """Holds one of these permissions."""
    role: NotRequired[Names]
    """Holds nothing but these."""
    status: NotRequired[OneOrManyStatus]
    """Whether the membership is active; `active` if absent."""


class CountNeed(TypedDict):
    """How many a keep counts at a scope."""

    keep: str
    """The keep's id."""
    need: Literal["count"]
    scope: str
    """The scope."""


class CountRow(TypedDict):
    """How many a keep counts at a scope."""

    count: int
    """How many it counts there."""
    keep: str
    """The keep's id."""
    scope: str
    """The scope."""


class CustomRoleCreatedEvent(TypedDict):
    """A custom role exists."""

    event: Literal["custom_role.created"]
    name: NotRequired[str]
    """Its name."""
    permissions: NotRequired[list[str]]
    """Its permissions, in the policy's order."""
    role: str
    """The role."""
    scope: str
    """Its home."""


class CustomRoleDeletedEvent(TypedDict):
    """A custom role is gone."""

    event: Literal["custom_role.deleted"]
    role: str
    """The role."""


class CustomRoleNeed(TypedDict):
    """The custom role."""

    id: str
    """The role."""
    need: Literal["custom_role"]


class CustomRoleRow(TypedDict):
    """A role that the tenant made: a named set of permissions, without rank."""

    id: str
    """The role's id. It is not the name of a declared role."""
    name: NotRequired[str]
    """Name for people."""
    permissions: NotRequired[list[str]]
    """Permissions of the policy."""
    scope: str
    """Home: it can be held there and below."""
    version: NotRequired[int]
    """Counts the decisions that changed the role."""


class CustomRoleUpdatedEvent(TypedDict):
    """A custom role is another now, for everybody who holds it."""

    event: Literal["custom_role.updated"]
    name: NotRequired[str]
    """Its new name."""
    permissions: NotRequired[list[str]]
    """Its new permissions, all of them."""
    role: str
    """The role."""


class CustomRolesDocument(TypedDict):
    """Roles that tenants make."""

    on: Union[Names, None]
    """Kinds of scopes where they can be held. Required."""


class DeactivationRow(TypedDict):
    """A deactivated membership of a workspace: it blocks every role there and below, inherited ones too."""

    scope: str
    """The workspace."""
    user: str
    """The member."""


Decision = TypeAliasType("Decision", "Union[AllowedDecision, DeniedDecision]")
"""The answer to a request. A value: nothing has changed yet."""


class DeniedDecision(TypedDict):
    """The answer to a request. A value: nothing has changed yet."""

    code: Union[str, None]
    """See `Outcome::code`."""
    effect: Literal["deny"]
    """Allowed or denied."""
    events: NotRequired[list[Event]]
    """See `Outcome::events`. Of a batch `each`, those of all items that are allowed."""
    items: NotRequired[list[Outcome]]
    """The answer to each item of a batch `each`, in order."""
    message: Union[str, None]
    """See `Outcome::message`."""
    obligations: NotRequired[list[Obligation]]
    """See `Outcome::obligations`."""
    organization: str
    """The organization."""
    policy: str
    """Digest of the policy that decided: SHA-256 of its canonical JSON, in hexadecimal."""
    reads: NotRequired[Reads]
    """What the decision depends on."""
    reasons: NotRequired[list[Reason]]
    """See `Outcome::reasons`."""
    remedies: NotRequired[list[Remedy]]
    """See `Outcome::remedies`."""
    request: Request
    """The request."""
    rules: NotRequired[list[str]]
    """See `Outcome::rules`."""
    tenantry: int
    """Version of the document shape: 1."""
    valid_until: NotRequired[Time]
    """The earliest expiry that it relied on: from then on it is late."""
    warnings: NotRequired[list[Warning]]
    """See `Outcome::warnings`."""


class DeniedOutcome(TypedDict):
    """The answer to one verb: of a request, or of an item of a batch."""

    code: Union[str, None]
    """Why not: a code of the catalogue or of the policy. Stands on a denial and only there."""
    effect: Literal["deny"]
    """Allowed or denied."""
    events: NotRequired[list[Event]]
    """What becomes true."""
    message: Union[str, None]
    """The sentence that goes with the code."""
    obligations: NotRequired[list[Obligation]]
    """What the host has to do."""
    reasons: NotRequired[list[Reason]]
    """Every reason found in the step that failed; the first one gave `code` and `message`."""
    remedies: NotRequired[list[Remedy]]
    """What would help."""
    rules: NotRequired[list[str]]
    """The rules that decided, by id, in the policy's order."""
    warnings: NotRequired[list[Warning]]
    """What an allowed request should be told all the same."""


class DeniedPublicDecision(TypedDict):
    """What may be shown to the actor."""

    code: Union[str, None]
    """Why not."""
    effect: Literal["deny"]
    """Allowed or denied."""
    items: NotRequired[list[PublicDecision]]
    """The answer to each item of a batch `each`."""
    message: Union[str, None]
    """The sentence that goes with the code."""
    remedies: NotRequired[list[Remedy]]
    """What would help."""


Each = TypeAliasType("Each", "Literal['scope', 'user']")
"""What a keep counts."""


Effect = TypeAliasType("Effect", "Literal['allow', 'deny']")
"""Allowed or denied."""


class EmailNeed(TypedDict):
    """The user, the offers and the endings that have this canonical address."""

    address: str
    """The address."""
    need: Literal["email"]


Emails = TypeAliasType("Emails", "Union[str, list[str]]")
"""Addresses: a list, or one text with commas or line ends between them."""


EndedBy = TypeAliasType("EndedBy", "Literal['self', 'other', 'sync']")
"""By whom a membership was ended."""


class EndedRow(TypedDict):
    """A membership that ended: it voids older offers, until a new add or invitation clears it."""

    at: Time
    """When."""
    by: EndedBy
    """By whom."""
    email: NotRequired[str]
    """The user's address at that time."""
    scope: str
    """The scope of the membership."""
    user: str
    """The user."""


class EndingsDocument(TypedDict):
    """How far `member.remove` and `member.leave` may reach from a workspace."""

    default: NotRequired[Reach]
    """The reach where a request names none; the first of `reach` if absent."""
    reach: NotRequired[OneOrManyReach]
    """Reaches that a request may ask for; `scope` alone if absent."""


Event = TypeAliasType("Event", "Union[OrganizationCreatedEvent, ScopeCreatedEvent, ScopeConfiguredEvent, ScopeMovedEvent, ScopeArchivedEvent, ScopeRestoredEvent, ScopeDeletedEvent, MemberAddedEvent, MemberRemovedEvent, MemberDeactivatedEvent, MemberReactivatedEvent, MemberEditedEvent, MemberEmailChangedEvent, RoleGivenEvent, RoleTakenEvent, InvitationCreatedEvent, InvitationUpdatedEvent, InvitationResentEvent, InvitationLinkedEvent, InvitationRevokedEvent, InvitationExpiredEvent, InvitationDeclinedEvent, InvitationAcceptedEvent, InvitationApprovedEvent, InvitationSkippedEvent, CustomRoleCreatedEvent, CustomRoleUpdatedEvent, CustomRoleDeletedEvent, GroupCreatedEvent, GroupDeletedEvent, GroupMemberAddedEvent, GroupMemberRemovedEvent]")
"""One fact. Its `event` field says which; the rest says about whom and what."""


ExistingUsers = TypeAliasType("ExistingUsers", "Literal['invite', 'add', 'conflict']")
"""What happens to the address of a user of the organization."""


class Explanation(TypedDict):
    """Why a request is decided as it is."""

    decision: Decision
    """The decision."""
    nearest: NotRequired[str]
    """The allow that came nearest to permitting it: the one that failed on the fewest blocks."""
    rules: NotRequired[list[RuleVerdict]]
    """Every rule that speaks of the verb, for each claim of the request, in the policy's order. Where the gate
    fails, only what the gate may look at is said."""
    step: str
    """The step that gave the answer: `standing`, `gate`, `resolve`, `judge`, `applicable`, `keeps`, or `allow`."""


Fact = TypeAliasType("Fact", "Union[bool, int, str, list[Union[int, str]]]")
"""One attribute value: a boolean, an integer, a text, or a list of integers and texts. There are no floats."""


Facts = TypeAliasType("Facts", "dict[str, Fact]")
"""Attributes by name, in code-point order. A name that is given twice is an error."""


FlowsDown = TypeAliasType("FlowsDown", "Union[bool, dict[str, str]]")
"""Whether roles count in the scopes below."""


class GrantRow(TypedDict):
    """A role that a user or a group holds on a scope. Exactly one of `user` and `group` stands."""

    expires_at: NotRequired[Time]
    """From then on the grant gives nothing."""
    group: NotRequired[str]
    """The group that holds the role."""
    role: str
    """A declared role of the scope's kind, by name, or a custom role, by id."""
    scope: str
    """The scope."""
    source: NotRequired[str]
    """Where the grant comes from, if not from people (`scim`)."""
    user: NotRequired[str]
    """The user that holds the role."""


class GroupCreatedEvent(TypedDict):
    """A group exists."""

    event: Literal["group.created"]
    group: str
    """The group."""
    name: NotRequired[str]
    """Its name."""
    scope: str
    """Its home."""


class GroupDeletedEvent(TypedDict):
    """A group is gone, and what it gave with it."""

    event: Literal["group.deleted"]
    group: str
    """The group."""


class GroupDocument(TypedDict):
    """Conditions on the group."""

    has_actor: NotRequired[bool]
    """The actor is in it."""
    managed_by_actor: NotRequired[bool]
    """The actor looks after it."""


class GroupMemberAddedEvent(TypedDict):
    """A user is in a group."""

    event: Literal["group.member_added"]
    group: str
    """The group."""
    user: str
    """The user."""


class GroupMemberRemovedEvent(TypedDict):
    """A user is no longer in a group."""

    event: Literal["group.member_removed"]
    group: str
    """The group."""
    user: str
    """The user."""


class GroupNeed(TypedDict):
    """The group with its members, managers and grants."""

    id: str
    """The group."""
    need: Literal["group"]


class GroupRow(TypedDict):
    """A flat set of users that can hold grants."""

    id: str
    """The group's id."""
    managers: NotRequired[list[str]]
    """Users who look after it (`group = { managed_by_actor = true }`)."""
    members: NotRequired[list[str]]
    """Its users, by id."""
    name: NotRequired[str]
    """Name for people."""
    scope: str
    """Home: where requests about the group are judged."""
    source: NotRequired[str]
    """Where the group comes from, if not from people (`scim`)."""
    version: NotRequired[int]
    """Counts the decisions that changed the group: the row, its members, its grants."""


Holders = TypeAliasType("Holders", "Literal['refuse', 'revoke']")
"""What becomes of the holders of a custom role that is deleted."""


class HoldersNeed(TypedDict):
    """Everything that hangs on this scope: every user and group with a grant (of the organization: every user),
    every offer of a role, every group and custom role at home there."""

    need: Literal["holders"]
    scope: str
    """The scope."""


class InvitationAcceptedEvent(TypedDict):
    """The invitee said yes. The membership follows, at once or (`awaiting_approval`) with the approval. An open link
    loses a use."""

    awaiting_approval: NotRequired[bool]
    """The membership waits for approval."""
    event: Literal["invitation.accepted"]
    invitation: str
    """The invitation."""
    name: NotRequired[str]
    """Name of the person, where the account waits for approval."""
    user: str
    """The account that accepted."""


class InvitationApprovedEvent(TypedDict):
    """An accepted offer was approved; the membership follows."""

    event: Literal["invitation.approved"]
    invitation: str
    """The invitation."""
    user: str
    """The account that accepted."""


class InvitationCreatedEvent(TypedDict):
    """An offer exists."""

    created_at: Time
    """When it was made."""
    email: NotRequired[str]
    """The address as written."""
    event: Literal["invitation.created"]
    expires_at: NotRequired[Time]
    """When it expires."""
    invitation: str
    """The invitation."""
    inviter: Actor
    """Who carries the offer."""
    name: NotRequired[str]
    """Name of the invited person."""
    open: NotRequired[OpenRow]
    """Uses and audience of an open link."""
    scopes: list[ScopedRoles]
    """The roles offered."""
    token_hash: NotRequired[str]
    """Hash of the link's token."""


class InvitationDeclinedEvent(TypedDict):
    """The invitee said no."""

    event: Literal["invitation.declined"]
    invitation: str
    """The invitation."""


class InvitationDocument(TypedDict):
    """Conditions on the invitation."""

    addressed_to_actor: NotRequired[bool]
    """It is to the actor's address."""
    by_actor: NotRequired[bool]
    """The actor carries the offer."""
    email_domain: NotRequired[Pointed]
    """Domain of the address."""
    not_email_domain: NotRequired[Pointed]
    """Not the domain of the address."""
    open: NotRequired[bool]
    """It is an open link."""


class InvitationExpiredEvent(TypedDict):
    """The offer was pending for too long and makes room for a new one."""

    event: Literal["invitation.expired"]
    invitation: str
    """The invitation."""


class InvitationLine(TypedDict):
    """An invitation on the page."""

    actions: int
    """Which of `invitation_actions` the viewer may do."""
    created_at: Time
    """When it was made."""
    email: NotRequired[str]
    """Address as written."""
    expires_at: NotRequired[Time]
    """When it expires."""
    invitation: str
    """The invitation."""
    name: NotRequired[str]
    """Name of the invited person."""
    scopes: list[ScopedRoles]
    """What it offers."""
    status: InvitationStatus
    """Where it stands."""


class InvitationLinkedEvent(TypedDict):
    """The link was shown to somebody."""

    event: Literal["invitation.linked"]
    invitation: str
    """The invitation."""
    token_hash: NotRequired[str]
    """Hash of the new token, where the policy rotates links."""


class InvitationNeed(TypedDict):
    """The invitation."""

    id: str
    """The invitation."""
    need: Literal["invitation"]


class InvitationResentEvent(TypedDict):
    """The message was asked for again."""

    event: Literal["invitation.resent"]
    invitation: str
    """The invitation."""
    token_hash: NotRequired[str]
    """Hash of the new token, where the policy rotates links."""


class InvitationRevokedEvent(TypedDict):
    """The offer is withdrawn; without `keep_records` it is gone."""

    event: Literal["invitation.revoked"]
    invitation: str
    """The invitation."""


class InvitationRow(TypedDict):
    """A pending offer of roles: to an address, or open to everybody with the link."""

    created_at: Time
    """When it was made or last changed its offer."""
    email: NotRequired[str]
    """The address as the inviter wrote it; none for an open link."""
    expires_at: NotRequired[Time]
    """From then on it is expired."""
    id: str
    """The invitation's id. Knowing it permits nothing."""
    inviter: Actor
    """Who carries the offer."""
    name: NotRequired[str]
    """Name of the invited person."""
    open: NotRequired[OpenRow]
    """An open link: uses and audience."""
    scopes: list[ScopedRoles]
    """The roles offered, by scope."""
    status: NotRequired[InvitationStatus]
    """Where it stands."""
    token_hash: NotRequired[str]
    """A hash of the link's token, made by the host."""
    user: NotRequired[str]
    """The account that accepted and waits for approval."""
    version: NotRequired[int]
    """Counts the decisions that changed the row."""


class InvitationSkippedEvent(TypedDict):
    """An address of a list was passed over in silence. Changes nothing; kept for the audit trail."""

    code: str
    """The code that an error would have had."""
    email: str
    """The address as written."""
    event: Literal["invitation.skipped"]


InvitationStatus = TypeAliasType("InvitationStatus", "Literal['pending', 'awaiting_approval', 'accepted', 'declined', 'revoked', 'expired']")
"""Where an invitation stands. `expired` is `pending` past its `expires_at` and is never stored."""


class InvitationUpdatedEvent(TypedDict):
    """An offer is another now, carried by another inviter."""

    created_at: Time
    """When the offer became this."""
    event: Literal["invitation.updated"]
    expires_at: NotRequired[Time]
    """When it expires now."""
    invitation: str
    """The invitation."""
    inviter: Actor
    """Who carries the offer now."""
    scopes: list[ScopedRoles]
    """The roles offered now."""


class InvitationsDocument(TypedDict):
    """How invitations work."""

    approval: NotRequired[bool]
    """An accepted invitation waits for `invitation.approve`."""
    default: NotRequired[Names]
    """Roles offered when none is asked for; the kind's default roles if absent."""
    existing_users: NotRequired[ExistingUsers]
    """What happens to an address of a user of the organization; `invite` if absent."""
    expires_after: NotRequired[str]
    """How long an invitation is open: a number and `m`, `h`, `d` or `w`; for ever if absent."""
    keep_records: NotRequired[bool]
    """Closed invitations are kept; `true` if absent."""
    link: NotRequired[Link]
    """Whether `invitation.resend` and `invitation.link` make a new link; `same` if absent."""
    on_conflict: NotRequired[OnConflict]
    """What a bad or taken address does to the request; `error` if absent."""
    on_member: NotRequired[OnMember]
    """What accepting does where it would not raise the role of a member; `keep` if absent."""
    recheck_inviter: NotRequired[bool]
    """On acceptance the inviter must still be allowed to make the offer; `true` if absent."""
    require: NotRequired[Names]
    """Fields that `invitation.create` needs: `name`."""


class InviteAgainRemedy(TypedDict):
    """Ask for a new invitation."""

    remedy: Literal["invite_again"]


class InviteeActor(TypedDict):
    """The owner of a signed-in e-mail address without an account in the organization. If the address belongs to a
    user of the organization, the actor is that user."""

    invitee: InviteeActorInvitee


class InviteeActorInvitee(TypedDict):
    email: str
    """The address of the session."""
    verified: NotRequired[bool]
    """Whether the session has proved it."""


class KeepDocument(TypedDict):
    """An invariant of the state."""

    at_least: NotRequired[Pointed3]
    """The smallest count."""
    at_most: NotRequired[Pointed3]
    """The largest count."""
    code: NotRequired[str]
    """Code of the denial."""
    count: NotRequired[CountDocument]
    """Who is counted."""
    each: NotRequired[Each]
    """For each scope its users, or for each user its scopes; `scope` if absent."""
    exactly: NotRequired[Pointed3]
    """The only count."""
    exclusive: NotRequired[Names]
    """Roles of which nobody holds two."""
    id: Union[str, None]
    """Unique name of the rule. Required."""
    message: NotRequired[str]
    """Sentence of the denial."""
    scope: NotRequired[ScopeDocument]
    """Which scopes; those whose kinds declare the roles named if absent."""
    unless: NotRequired[UnlessDocument]
    """It does not hold where all of this does."""


class KindDocument(TypedDict):
    """A kind of scope."""

    creator: NotRequired[str]
    """Role that the user who creates such a scope gets there."""
    flows_down: NotRequired[FlowsDown]
    """Whether roles held there count in the scopes below, and as which role; `false` if absent."""
    label: NotRequired[str]
    """Name for people."""
    roles: NotRequired[RolesHeld]
    """How many direct roles a member may hold there; `many` if absent."""
    settings: NotRequired[Names]
    """Attributes that `scope.configure` may set when a user asks."""
    under: NotRequired[Names]
    """Kinds it may hang under; `organization` if absent."""


Link = TypeAliasType("Link", "Literal['same', 'rotate']")
"""Whether the link of an invitation stays."""


class MakeRoomRemedy(TypedDict):
    """Make room, or raise the limit."""

    remedy: Literal["make_room"]
    scope: str
    """Where."""


class MemberAddedEvent(TypedDict):
    """A user is a member of the organization."""

    attributes: NotRequired[Facts]
    """Host values."""
    email: NotRequired[str]
    """The address as written."""
    event: Literal["member.added"]
    kind: NotRequired[UserKind]
    """Sort of account."""
    name: NotRequired[str]
    """Name."""
    owner: NotRequired[str]
    """The user that owns a service."""
    user: str
    """The user."""
    verified: NotRequired[bool]
    """Whether the address is known to be the user's."""


class MemberDeactivatedEvent(TypedDict):
    """A membership is kept and gives nothing."""

    event: Literal["member.deactivated"]
    scope: str
    """The scope."""
    user: str
    """The user."""


class MemberEditedEvent(TypedDict):
    """Profile fields of a user are these now."""

    event: Literal["member.edited"]
    profile: Facts
    """The fields that changed."""
    user: str
    """The user."""


MemberEmailChangedEvent = TypedDict(
    "MemberEmailChangedEvent",
    {
        "email": "str",
        "event": "Literal['member.email_changed']",
        "from": "NotRequired[str]",
        "user": "str",
        "verified": "NotRequired[bool]",
    },
)
"""A user has another address."""


class MemberLine(TypedDict):
    """A member on the page."""

    actions: int
    """Which of `member_actions` the viewer may do."""
    email: NotRequired[str]
    """Address as written."""
    inherited: NotRequired[list[str]]
    """Roles that come from above or through a group."""
    kind: NotRequired[UserKind]
    """Sort of account."""
    name: NotRequired[str]
    """Name."""
    roles: NotRequired[list[str]]
    """Roles by a direct grant at the scope."""
    status: NotRequired[Status]
    """Whether the membership is active at the scope."""
    user: str
    """The user."""


class MemberReactivatedEvent(TypedDict):
    """A membership gives its roles again."""

    event: Literal["member.reactivated"]
    scope: str
    """The scope."""
    user: str
    """The user."""


class MemberRemovedEvent(TypedDict):
    """A membership ended: of the organization, where the account goes, or of a workspace."""

    by: EndedBy
    """By whom."""
    event: Literal["member.removed"]
    scope: str
    """The scope."""
    user: str
    """The user."""


class MembershipsNeed(TypedDict):
    """The groups the user is in, each with its grants."""

    need: Literal["memberships"]
    user: str
    """The user."""


Names = TypeAliasType("Names", "Union[str, list[str]]")
"""A list of names; a text stands for a list of one."""


Need = TypeAliasType("Need", "Union[UserNeed, MembershipsNeed, ScopeNeed, SubtreeNeed, HoldersNeed, GroupNeed, CustomRoleNeed, InvitationNeed, EmailNeed, CountNeed]")
"""A fact that a host with a slice has to load: a kind of row and an id."""


Obligation = TypeAliasType("Obligation", "Union[ConfirmObligation, SendEmailObligation, ShowLinkObligation, RevokeSessionsObligation]")
"""What the host has to do when it carries an allowed request out."""


OnConflict = TypeAliasType("OnConflict", "Literal['error', 'skip']")
"""What a bad or taken address does to an invitation request."""


OnMember = TypeAliasType("OnMember", "Literal['keep', 'deny']")
"""What accepting does where it would not raise the role of a member."""


OneOrManyChangeKind = TypeAliasType("OneOrManyChangeKind", "Union[ChangeKind, list[ChangeKind]]")
""""""


OneOrManyEndedBy = TypeAliasType("OneOrManyEndedBy", "Union[EndedBy, list[EndedBy]]")
""""""


OneOrManyReach = TypeAliasType("OneOrManyReach", "Union[Reach, list[Reach]]")
""""""


OneOrManyStatus = TypeAliasType("OneOrManyStatus", "Union[Status, list[Status]]")
""""""


OneOrManyUserKind = TypeAliasType("OneOrManyUserKind", "Union[UserKind, list[UserKind]]")
""""""


class OpenRow(TypedDict):
    """Uses and audience of an open link."""

    audience: NotRequired[str]
    """Only verified addresses of this domain."""
    uses: NotRequired[int]
    """How often it can still be accepted; none for no limit."""


Order = TypeAliasType("Order", "Literal['name', 'email', 'role']")
"""The order of the rows."""


class OrganizationCreatedEvent(TypedDict):
    """The organization exists: its root scope, with the organization's id."""

    attributes: NotRequired[Facts]
    """Its attributes."""
    event: Literal["organization.created"]
    name: NotRequired[str]
    """Its name."""
    scope: str
    """The root scope, which has the organization's id."""


Outcome = TypeAliasType("Outcome", "Union[AllowedOutcome, DeniedOutcome]")
"""The answer to one verb: of a request, or of an item of a batch."""


class Page(TypedDict):
    """The page."""

    invitation_actions: list[str]
    """The actions that the bits of invitation rows stand for."""
    invitations: list[InvitationLine]
    """Invitations, in order; they follow the members."""
    invitations_denied: NotRequired[str]
    """Why no invitations are shown, if none are: the code of `invitation.list`."""
    member_actions: list[str]
    """The actions that the bits of member rows stand for: bit 0 is the first."""
    members: list[MemberLine]
    """Members, in order."""
    members_denied: NotRequired[str]
    """Why no members are shown, if none are: the code of `member.list`."""
    total: int
    """Rows that match, on all pages."""


class PageQuery(TypedDict):
    """What the page shows."""

    actions: NotRequired[list[str]]
    """Actions to ask for each row; those that the policy permits to anybody if absent."""
    actor: Actor
    """Who looks."""
    context: NotRequired[Facts]
    """Values that the host vouches for."""
    inherited: NotRequired[bool]
    """Users who have access to the workspace only from above or through a group too."""
    limit: NotRequired[int]
    """Rows to show; all if absent."""
    now: Time
    """When."""
    offset: NotRequired[int]
    """Rows to pass over."""
    order: NotRequired[Order]
    """The order of the rows; users stand before invitations."""
    roles: NotRequired[list[str]]
    """Only rows with one of these roles (declared ones by name, custom ones by id)."""
    scope: NotRequired[str]
    """The scope; the organization if absent."""
    search: NotRequired[str]
    """Only rows whose name or address contains this, in whatever case. Empty: all."""
    statuses: NotRequired[list[str]]
    """Only rows with one of these statuses: `active`, `deactivated`, or those of invitations. Empty: members of any
    status, and invitations that are still open."""


class PermittedQuery(TypedDict):
    """About whom or what the actions are asked: a user, an invitation, or (neither) the scope itself."""

    actor: Actor
    """Who would act."""
    context: NotRequired[Facts]
    """Values that the host vouches for."""
    invitation: NotRequired[str]
    """The invitation."""
    now: Time
    """When."""
    scope: NotRequired[str]
    """The scope; the organization if absent."""
    target: NotRequired[str]
    """The user."""


class PersonDocument(TypedDict):
    """Conditions on the actor or the target."""

    attributes: NotRequired[dict[str, Pointed2]]
    """Host values."""
    direct_role: NotRequired[Names]
    """Holds one of these by a grant at the scope itself."""
    email_domain: NotRequired[Pointed]
    """Domain of the address."""
    ended_by: NotRequired[OneOrManyEndedBy]
    """An earlier membership here was ended so."""
    has_role: NotRequired[Names]
    """Holds one of these."""
    is_actor: NotRequired[bool]
    """Is the actor, its service or owner, a group that contains it, or an invitation to its address."""
    kind: NotRequired[OneOrManyUserKind]
    """Sort of account."""
    not_role: NotRequired[Names]
    """Holds none of these."""
    permission: NotRequired[Names]
    """Holds one of these permissions."""
    permissions: NotRequired[Subset]
    """`subset`: has no permission that the actor lacks."""
    rank: NotRequired[Rank]
    """How the roles compare with the actor's."""
    role: NotRequired[Names]
    """An actor holds one of these; a target holds nothing but these."""
    status: NotRequired[OneOrManyStatus]
    """Whether the membership is active."""
    system: NotRequired[Names]
    """Is one of these system actors."""


Pointed = TypeAliasType("Pointed", "Union[Names, ActorPointed, ScopePointed]")
"""A value of an attribute condition: given, or pointing to a fact of the actor or of the scope."""


Pointed2 = TypeAliasType("Pointed2", "Union[Fact, ActorPointed2, ScopePointed2]")
"""A value of an attribute condition: given, or pointing to a fact of the actor or of the scope."""


Pointed3 = TypeAliasType("Pointed3", "Union[int, ActorPointed3, ScopePointed3]")
"""A value of an attribute condition: given, or pointing to a fact of the actor or of the scope."""


class PolicyDocument(TypedDict):
    """A policy as it is written, in TOML or JSON. The policy reference explains each word."""

    actions: NotRequired[dict[str, ActionDocument]]
    """The app's actions, and settings of built-in ones."""
    allow: NotRequired[list[RuleDocument]]
    """Rules that permit."""
    attributes: NotRequired[AttributesDocument]
    """Names of the attributes that the host supplies."""
    custom_roles: NotRequired[CustomRolesDocument]
    """Roles that tenants make; without this table there are none."""
    endings: NotRequired[EndingsDocument]
    """How far endings may reach."""
    extends: NotRequired[str]
    """A policy that this one builds on: tables merge, a rule with the same id replaces."""
    forbid: NotRequired[list[RuleDocument]]
    """Rules that forbid, or warn."""
    invitations: NotRequired[InvitationsDocument]
    """How invitations work."""
    keep: NotRequired[list[KeepDocument]]
    """Invariants of the state."""
    name: Union[str, None]
    """Name of the policy. Required."""
    permissions: NotRequired[dict[str, Names]]
    """Named sets of actions."""
    roles: NotRequired[dict[str, dict[str, RoleDocument]]]
    """Roles, by scope kind."""
    scopes: NotRequired[dict[str, KindDocument]]
    """Kinds of scopes; `organization` is always there."""
    systems: NotRequired[Names]
    """Names of system actors."""
    tenantry: Union[int, None]
    """Version of the document shape: 1. Required."""


class PromoteRemedy(TypedDict):
    """Give somebody else this role first."""

    remedy: Literal["promote"]
    role: str
    """The role, as `kind.role`."""
    scope: str
    """Where."""


PublicDecision = TypeAliasType("PublicDecision", "Union[AllowedPublicDecision, DeniedPublicDecision]")
"""What may be shown to the actor."""


class Query(TypedDict):
    """A question about one action, by ids: `Directory::can`(crate::Directory::can) and
    `Directory::denial`(crate::Directory::denial) answer it."""

    action: str
    """The action."""
    actor: Actor
    """Who would ask."""
    context: NotRequired[Facts]
    """Values that the host vouches for."""
    group: NotRequired[str]
    """The group it would be about."""
    invitation: NotRequired[str]
    """The invitation it would be about."""
    now: Time
    """When: grants that have expired by then give nothing."""
    resource: NotRequired[Facts]
    """Attributes of the host's resource."""
    role: NotRequired[str]
    """The role that would be given (in a one-role scope: instead of the one held). Without it the question is
    whether any change of the verb is possible."""
    scope: NotRequired[str]
    """The scope; the organization if absent."""
    target: NotRequired[str]
    """The user it would be about."""


Rank = TypeAliasType("Rank", "Literal['below', 'at_most', 'above']")
"""How roles compare with the actor's."""


Reach = TypeAliasType("Reach", "Literal['scope', 'subtree', 'organization']")
"""How far an ending reaches."""


class Reads(TypedDict):
    """What a decision depends on: rows with their versions, addresses with their owner, keeps with their counts."""

    counts: NotRequired[dict[str, dict[str, int]]]
    """Keeps: how many they count at each scope (of a keep for each user: by user)."""
    custom_roles: NotRequired[dict[str, Union[int, None]]]
    """Custom roles."""
    emails: NotRequired[dict[str, Union[str, None]]]
    """Canonical addresses: the id of the user or of the open offer that has it, if any."""
    groups: NotRequired[dict[str, Union[int, None]]]
    """Groups, with their members and grants."""
    invitations: NotRequired[dict[str, Union[int, None]]]
    """Invitations."""
    scopes: NotRequired[dict[str, Union[int, None]]]
    """Scopes."""
    users: NotRequired[dict[str, Union[int, None]]]
    """Users, with their grants and memberships."""


class Reason(TypedDict):
    """Why a request is denied."""

    code: str
    """A code of the catalogue or of the policy."""
    email: NotRequired[str]
    """About which address of a list."""
    field: NotRequired[str]
    """About which field of the request."""
    group: NotRequired[str]
    """About which group."""
    item: NotRequired[int]
    """In which item of an atomic batch, from 0."""
    message: str
    """The sentence that goes with it."""
    role: NotRequired[str]
    """About which role."""
    rule: NotRequired[str]
    """The rule."""
    scope: NotRequired[str]
    """Where."""
    user: NotRequired[str]
    """About whom, where it is not the request's target."""


class ReassignRemedy(TypedDict):
    """Take the custom role from its holders first, or delete it with `holders = "revoke"`."""

    remedy: Literal["reassign"]
    role: str
    """The custom role."""


Remedy = TypeAliasType("Remedy", "Union[AskRemedy, PromoteRemedy, MakeRoomRemedy, ResendRemedy, InviteAgainRemedy, VerifyEmailRemedy, ChangeOriginRemedy, ReassignRemedy, RestoreRemedy]")
"""What would help, from the rules themselves."""


class Request(TypedDict):
    """A request as it stands in JSON."""

    action: NotRequired[str]
    """The verb: `member.remove`, or one that the policy declares."""
    actor: Actor
    """Who asks."""
    add: NotRequired[list[RoleAt]]
    """Roles to add at `scope`, beside those held."""
    attributes: NotRequired[Facts]
    """Attributes of a scope to set."""
    batch: NotRequired[Batch]
    """Several verbs in one request, in `items`, instead of `action`."""
    confirmed: NotRequired[bool]
    """The person has confirmed an action that asks for it."""
    context: NotRequired[Facts]
    """Values that the host vouches for (`[attributes] context`), such as `mfa = true`."""
    email: NotRequired[str]
    """One e-mail address."""
    emails: NotRequired[Emails]
    """Several addresses: a list, or one text with commas or line ends between them."""
    expires_at: NotRequired[Time]
    """When an invitation expires; `[invitations] expires_after` if absent."""
    group: NotRequired[str]
    """The group it is about."""
    holders: NotRequired[Holders]
    """What becomes of the holders of a custom role that is deleted."""
    id: NotRequired[str]
    """Unique id of the request. Required when the action changes something."""
    invitation: NotRequired[str]
    """The invitation it is about."""
    items: NotRequired[list[Ask]]
    """The verbs of a batch."""
    keep: NotRequired[list[str]]
    """What the giver of an `ownership.transfer` keeps."""
    kind: NotRequired[str]
    """The kind of a new scope."""
    name: NotRequired[str]
    """A name for people: of an invited person, a scope, a group, a custom role, an organization."""
    new_id: NotRequired[str]
    """The id that the host gives to what is created; the engine mints one if absent."""
    now: Time
    """The time of the request; the engine has no clock."""
    open: NotRequired[OpenRow]
    """Offers an open link instead of an invitation to an address."""
    parent: NotRequired[str]
    """Where a scope moves to."""
    permissions: NotRequired[list[str]]
    """Permissions of a custom role."""
    profile: NotRequired[Facts]
    """Profile fields to set (`name`, and those of `[attributes] profile`)."""
    reach: NotRequired[Reach]
    """How far an ending reaches; the policy's default if absent."""
    remove: NotRequired[list[str]]
    """Roles to take away at `scope`."""
    resource: NotRequired[Facts]
    """Attributes of the host's resource that the app action is about."""
    role: NotRequired[str]
    """The custom role it is about; for `ownership.transfer`, the role that changes hands."""
    roles: NotRequired[list[RoleAt]]
    """The roles to hold or to offer at `scope`."""
    scope: NotRequired[str]
    """The scope asked about; the organization if absent."""
    scopes: NotRequired[list[RoleEdit]]
    """The same for several scopes at once, instead of `scope` with `roles`, `add` and `remove`."""
    target: NotRequired[str]
    """The user it is about."""
    tenantry: int
    """Version of the document shape: 1."""
    token_hash: NotRequired[str]
    """Hash of the link's token, made by the host."""
    user: NotRequired[UserInput]
    """Account data of a user who is new to the organization."""


class ResendRemedy(TypedDict):
    """Send the pending invitation again."""

    invitation: str
    """The invitation."""
    remedy: Literal["resend"]


class RestoreRemedy(TypedDict):
    """Restore the archived scope first."""

    remedy: Literal["restore"]
    scope: str
    """The scope."""


class RevokeSessionsObligation(TypedDict):
    """End the user's sessions: the account gives nothing any more."""

    obligation: Literal["revoke_sessions"]
    user: str
    """The user."""


RoleAt = TypeAliasType("RoleAt", "Union[str, RoleRoleAt]")
"""A role at a scope: its name alone, or with an expiry or a source."""


class RoleDocument(TypedDict):
    """A role."""

    default: NotRequired[bool]
    """Given where no role is asked for."""
    label: NotRequired[str]
    """Name for people."""
    permissions: NotRequired[Names]
    """Permissions that the role holds."""
    rank: NotRequired[int]
    """Higher outranks lower, within the kind; 0 if absent."""


class RoleEdit(TypedDict):
    """A change of roles at one scope of a request."""

    add: NotRequired[list[RoleAt]]
    """Roles to add."""
    remove: NotRequired[list[str]]
    """Roles to take away."""
    roles: NotRequired[list[RoleAt]]
    """The roles to hold or to offer there."""
    scope: str
    """The scope."""


class RoleGivenEvent(TypedDict):
    """A user or group holds a role, or holds it with another expiry or source than before."""

    event: Literal["role.given"]
    expires_at: NotRequired[Time]
    """When it stops giving anything."""
    group: NotRequired[str]
    """The group."""
    role: str
    """The role: a declared one by name, a custom one by id."""
    scope: str
    """The scope."""
    source: NotRequired[str]
    """Where it comes from, if not from people."""
    user: NotRequired[str]
    """The user."""


class RoleRoleAt(TypedDict):
    """The long form of `RoleAt` in JSON."""

    expires_at: NotRequired[Time]
    role: str
    source: NotRequired[str]


class RoleTakenEvent(TypedDict):
    """A user or group no longer holds a role."""

    event: Literal["role.taken"]
    group: NotRequired[str]
    """The group."""
    role: str
    """The role."""
    scope: str
    """The scope."""
    user: NotRequired[str]
    """The user."""


class RolesDocument(TypedDict):
    """Conditions on a role that is given, taken or offered."""

    held: NotRequired[bool]
    """The actor holds it."""
    not_role: NotRequired[Names]
    """Is none of these."""
    permissions: NotRequired[Subset]
    """Its permissions are among the actor's."""
    rank: NotRequired[Rank]
    """How it compares with the actor's."""
    role: NotRequired[Names]
    """Is one of these."""
    source: NotRequired[Names]
    """The source of the grant."""


RolesHeld = TypeAliasType("RolesHeld", "Literal['one', 'many']")
"""How many direct roles a member may hold at a scope."""


class RuleDocument(TypedDict):
    """A rule that permits, forbids or warns."""

    actions: NotRequired[Names]
    """The verbs it is about."""
    actor: NotRequired[PersonDocument]
    """Who asks."""
    changes: NotRequired[OneOrManyChangeKind]
    """Of a forbid without `actions`: the sorts of change it is about, on every verb."""
    code: NotRequired[str]
    """Code of the denial or the warning."""
    context: NotRequired[dict[str, Pointed2]]
    """Values that the host vouches for."""
    grants: NotRequired[RolesDocument]
    """Roles given, or offered."""
    group: NotRequired[GroupDocument]
    """Which group."""
    id: Union[str, None]
    """Unique name of the rule. Required."""
    invitation: NotRequired[InvitationDocument]
    """Which invitation."""
    message: NotRequired[str]
    """Sentence of the denial or the warning."""
    not_actions: NotRequired[Names]
    """Of a forbid without `actions`: verbs that it leaves alone."""
    resource: NotRequired[dict[str, Pointed2]]
    """Attributes of the host's resource."""
    revokes: NotRequired[RolesDocument]
    """Roles taken."""
    scope: NotRequired[ScopeDocument]
    """Where."""
    severity: NotRequired[Severity]
    """Of a forbid: `warn` says it on an allowed decision; `deny` if absent."""
    target: NotRequired[PersonDocument]
    """About whom."""
    unless: NotRequired[UnlessDocument]
    """Of a forbid: it does not hold where all of this does."""


class RuleVerdict(TypedDict):
    """What became of one rule, for one claim."""

    claim: str
    """What the claim is: `fit`, `give`, `take`, `status` or `offer`."""
    effect: str
    """`allow`, `forbid` or `warn`."""
    failed: NotRequired[str]
    """The word that does not hold, such as `actor.role`: the first one."""
    holds: bool
    """Whether all its conditions hold."""
    role: NotRequired[str]
    """Which role."""
    rule: str
    """The rule."""
    scope: NotRequired[str]
    """Where."""


class ScopeArchivedEvent(TypedDict):
    """A scope is closed to change."""

    event: Literal["scope.archived"]
    scope: str
    """The scope."""


class ScopeConfiguredEvent(TypedDict):
    """Name or attributes of a scope are these now."""

    attributes: NotRequired[Facts]
    """The attributes that changed."""
    event: Literal["scope.configured"]
    name: NotRequired[str]
    """Its new name."""
    scope: str
    """The scope."""


class ScopeCreatedEvent(TypedDict):
    """A scope exists."""

    attributes: NotRequired[Facts]
    """Its attributes."""
    event: Literal["scope.created"]
    kind: str
    """Its kind."""
    name: NotRequired[str]
    """Its name."""
    parent: str
    """The scope it hangs under."""
    scope: str
    """The new scope."""


class ScopeDeletedEvent(TypedDict):
    """A scope is gone."""

    event: Literal["scope.deleted"]
    scope: str
    """The scope."""


class ScopeDocument(TypedDict):
    """Conditions on the scope."""

    attributes: NotRequired[dict[str, Pointed2]]
    """Host values, inherited ones included."""
    kind: NotRequired[Names]
    """Its kind."""
    parent: NotRequired[Names]
    """The kind of its parent."""


ScopeMovedEvent = TypedDict(
    "ScopeMovedEvent",
    {
        "event": "Literal['scope.moved']",
        "from": "str",
        "scope": "str",
        "to": "str",
    },
)
"""A scope hangs somewhere else."""


class ScopeNeed(TypedDict):
    """The scope and all its ancestors."""

    id: str
    """The scope."""
    need: Literal["scope"]


class ScopePointed(TypedDict):
    """`{ scope = "seats" }`: the scope's attribute."""

    scope: str
    """The attribute."""


class ScopePointed2(TypedDict):
    """`{ scope = "seats" }`: the scope's attribute."""

    scope: str
    """The attribute."""


class ScopePointed3(TypedDict):
    """`{ scope = "seats" }`: the scope's attribute."""

    scope: str
    """The attribute."""


class ScopeRestoredEvent(TypedDict):
    """A scope is open again."""

    event: Literal["scope.restored"]
    scope: str
    """The scope."""


class ScopeRow(TypedDict):
    """A node of the organization's tree."""

    attributes: NotRequired[Facts]
    """Host values, inherited by the scopes below unless they say otherwise."""
    id: str
    """The scope's id."""
    kind: str
    """Its kind, declared by the policy; `organization` for the root and only there."""
    name: NotRequired[str]
    """Its name for people."""
    parent: NotRequired[str]
    """The scope it hangs under; none for the root."""
    status: NotRequired[ScopeStatus]
    """Whether it is in use."""
    version: NotRequired[int]
    """Counts the decisions that changed the row."""


ScopeStatus = TypeAliasType("ScopeStatus", "Literal['active', 'archived']")
"""Whether a scope is in use."""


class ScopedRoles(TypedDict):
    """Roles offered at one scope."""

    roles: list[RoleAt]
    """The roles."""
    scope: str
    """The scope."""


class SendEmailObligation(TypedDict):
    """Send the message of an invitation. Whether it arrives changes nothing here."""

    email: str
    """To whom, as written."""
    invitation: str
    """The invitation."""
    obligation: Literal["send_email"]


Severity = TypeAliasType("Severity", "Literal['deny', 'warn']")
"""What a forbid does."""


class ShowLinkObligation(TypedDict):
    """Show the link of an invitation to the actor."""

    invitation: str
    """The invitation."""
    obligation: Literal["show_link"]


class Slice(TypedDict):
    """What a slice holds. An id listed here without a row does not exist; an id not listed is not known."""

    counts: NotRequired[list[CountRow]]
    """Counts of keeps at scopes."""
    custom_roles: NotRequired[list[str]]
    """Custom roles."""
    emails: NotRequired[list[str]]
    """Canonical addresses, each with the user, the offers and the endings that have it."""
    groups: NotRequired[list[str]]
    """Groups, each with all its grants."""
    holders: NotRequired[list[str]]
    """Scopes of which everything that hangs there is held: every user and group with a grant (of the organization:
    every user), every offer of a role, every group and custom role at home there."""
    invitations: NotRequired[list[str]]
    """Invitations."""
    memberships: NotRequired[list[str]]
    """Users whose group memberships are all held."""
    scopes: NotRequired[list[str]]
    """Scopes, each with all its ancestors."""
    subtrees: NotRequired[list[str]]
    """Scopes whose whole subtree is held."""
    users: NotRequired[list[str]]
    """Users, each with all its grants, deactivations and endings. Their groups are listed too."""


class Snapshot(TypedDict):
    """The state of one organization. A snapshot without `scopes` is an organization that does not exist yet:
    `organization.create` makes it. Rows may come in any order. An imported state may break the policy's keeps; it
    loads all the same."""

    custom_roles: NotRequired[list[CustomRoleRow]]
    """Roles that the tenant made."""
    deactivations: NotRequired[list[DeactivationRow]]
    """Memberships of workspaces that are deactivated (that of the organization is `users[].status`)."""
    ended: NotRequired[list[EndedRow]]
    """Memberships that ended and were not renewed."""
    grants: NotRequired[list[GrantRow]]
    """Who holds which role where."""
    groups: NotRequired[list[GroupRow]]
    """Flat groups of users."""
    invitations: NotRequired[list[InvitationRow]]
    """Offers of roles."""
    organization: str
    """The organization's id. Its root scope has the same id."""
    scopes: NotRequired[list[ScopeRow]]
    """The tree: the organization itself and the workspaces below it."""
    slice: NotRequired[Slice]
    """What the document holds, if it is not the whole organization."""
    tenantry: int
    """Version of the document shape: 1."""
    users: NotRequired[list[UserRow]]
    """Members of the organization."""


Status = TypeAliasType("Status", "Literal['active', 'deactivated']")
"""Whether a membership gives anything."""


Subset = TypeAliasType("Subset", "Literal['subset']")
"""How permissions compare with the actor's."""


class SubtreeNeed(TypedDict):
    """Every scope below this one."""

    need: Literal["subtree"]
    scope: str
    """The scope."""


class SystemActor(TypedDict):
    """A system actor that the policy declares. Only the host says so, never a user."""

    system: str


Time = TypeAliasType("Time", "str")
"""RFC 3339; printed in UTC with milliseconds"""


class UnlessDocument(TypedDict):
    """Conditions under which a forbid or a keep does not hold."""

    actor: NotRequired[PersonDocument]
    """Who asks."""
    context: NotRequired[dict[str, Pointed2]]
    """Values that the host vouches for."""
    grants: NotRequired[RolesDocument]
    """Roles given, or offered."""
    group: NotRequired[GroupDocument]
    """Which group."""
    invitation: NotRequired[InvitationDocument]
    """Which invitation."""
    resource: NotRequired[dict[str, Pointed2]]
    """Attributes of the host's resource."""
    revokes: NotRequired[RolesDocument]
    """Roles taken."""
    scope: NotRequired[ScopeDocument]
    """Where."""
    target: NotRequired[PersonDocument]
    """About whom."""


class UserActor(TypedDict):
    """A user, by id."""

    user: str


class UserInput(TypedDict):
    """Account data of a user who is new to the organization."""

    attributes: NotRequired[Facts]
    """Host values that rules may read."""
    email: NotRequired[str]
    """E-mail address. When an invitation is accepted, it is the invitee's and not given here."""
    id: NotRequired[str]
    """The host's id of the account; the engine mints one if absent."""
    kind: NotRequired[UserKind]
    """What sort of account it is."""
    name: NotRequired[str]
    """Name for people."""
    owner: NotRequired[str]
    """The user that owns a service."""
    verified: NotRequired[bool]
    """Whether the address is known to be the user's."""


UserKind = TypeAliasType("UserKind", "Literal['human', 'guest', 'service']")
"""What sort of account a user is."""


class UserNeed(TypedDict):
    """The user's row, grants, deactivations and endings."""

    id: str
    """The user."""
    need: Literal["user"]


class UserRow(TypedDict):
    """A member of the organization."""

    attributes: NotRequired[Facts]
    """Host values that rules may read (`[attributes] user`)."""
    email: NotRequired[str]
    """E-mail address as the user wrote it. A service may have none."""
    id: str
    """The user's id."""
    kind: NotRequired[UserKind]
    """What sort of account it is."""
    name: NotRequired[str]
    """Name for people."""
    owner: NotRequired[str]
    """The user that owns a service; required for a service, refused for others."""
    profile: NotRequired[Facts]
    """Fields that `member.edit` sets (`[attributes] profile`)."""
    status: NotRequired[Status]
    """Whether the account is active."""
    verified: NotRequired[bool]
    """Whether the address is known to be the user's; yes if absent."""
    version: NotRequired[int]
    """Counts the decisions that changed the user: the row, its grants, its memberships."""


class Verdict(TypedDict):
    """One action and whether it is permitted."""

    action: str
    """The action."""
    allowed: bool
    """Whether it is permitted."""
    code: NotRequired[str]
    """Why not."""
    label: NotRequired[str]
    """Its name for people, from the policy."""
    message: NotRequired[str]
    """The sentence that goes with the code."""


class VerifyEmailRemedy(TypedDict):
    """Prove the e-mail address."""

    remedy: Literal["verify_email"]


class Warning(TypedDict):
    """What an allowed request should be told all the same."""

    code: str
    """A code of the catalogue or of the policy."""
    email: NotRequired[str]
    """About which address of a list."""
    message: str
    """The sentence that goes with it."""
    rule: NotRequired[str]
    """The rule, if a rule warns."""
    scope: NotRequired[str]
    """Where."""


class WhoCanQuery(TypedDict):
    """Who could do what, asked by a viewer."""

    action: str
    """The action."""
    context: NotRequired[Facts]
    """Values that the host vouches for."""
    now: Time
    """When."""
    resource: NotRequired[Facts]
    """Attributes of the host's resource."""
    role: NotRequired[str]
    """The role that would be given."""
    scope: NotRequired[str]
    """The scope; the organization if absent."""
    target: NotRequired[str]
    """The user it would be about."""
    viewer: Actor
    """Who wants to know: only users whom `member.list` shows to the viewer are named."""


class Denial(TypedDict):
    """What speaks against an action."""

    code: str
    message: str


class CodeEntry(TypedDict):
    """A code of the catalogue."""

    code: str
    step: str
    message: str


class Problem(TypedDict):
    """One problem of a policy."""

    path: str
    code: str
    message: str
    nearest: NotRequired[str]


class ErrorDocument(TypedDict):
    """An error."""

    code: str
    message: str
    path: NotRequired[str]
    problems: NotRequired[list[Problem]]
    missing: NotRequired[list[Need]]
    fresh: NotRequired[Union[Decision, Replaced]]


class Replaced(TypedDict):
    """An error in the place of an answer."""

    error: ErrorDocument
