// Made from the Rust types by `cargo xtask types`. Every document as it is in JSON; a table or a list that would be empty may be
// absent.

/** An action of the app, or settings of a built-in one. */
export interface ActionDocument {
  /** An action of the app that stays possible in archived scopes. */
  readonly archived?: boolean;
  /** An allowed decision asks the host to let the person confirm. */
  readonly confirm?: boolean;
  /** Name for people. */
  readonly label?: string;
}

/** Who asks. */
export type Actor = {
  readonly user: string;
} | {
  readonly invitee: {
    /** The address of the session. */
    readonly email: string;
    /** Whether the session has proved it. */
    readonly verified?: boolean;
  };
} | {
  readonly system: string;
};

/** One verb and what it is about. Each action takes some of these fields and needs some: see `actions`. */
export interface Ask {
  /** The verb: `member.remove`, or one that the policy declares. */
  readonly action?: string;
  /** Roles to add at `scope`, beside those held. */
  readonly add?: readonly RoleAt[];
  /** Attributes of a scope to set. */
  readonly attributes?: Facts;
  /** The person has confirmed an action that asks for it. */
  readonly confirmed?: boolean;
  /** One e-mail address. */
  readonly email?: string;
  /** Several addresses: a list, or one text with commas or line ends between them. */
  readonly emails?: Emails;
  /** When an invitation expires; `[invitations] expires_after` if absent. */
  readonly expires_at?: Time;
  /** The group it is about. */
  readonly group?: string;
  /** What becomes of the holders of a custom role that is deleted. */
  readonly holders?: Holders;
  /** The invitation it is about. */
  readonly invitation?: string;
  /** What the giver of an `ownership.transfer` keeps. */
  readonly keep?: readonly string[];
  /** The kind of a new scope. */
  readonly kind?: string;
  /** A name for people: of an invited person, a scope, a group, a custom role, an organization. */
  readonly name?: string;
  /** The id that the host gives to what is created; the engine mints one if absent. */
  readonly new_id?: string;
  /** Offers an open link instead of an invitation to an address. */
  readonly open?: OpenRow;
  /** Where a scope moves to. */
  readonly parent?: string;
  /** Permissions of a custom role. */
  readonly permissions?: readonly string[];
  /** Profile fields to set (`name`, and those of `[attributes] profile`). */
  readonly profile?: Facts;
  /** How far an ending reaches; the policy's default if absent. */
  readonly reach?: Reach;
  /** Roles to take away at `scope`. */
  readonly remove?: readonly string[];
  /** Attributes of the host's resource that the app action is about. */
  readonly resource?: Facts;
  /** The custom role it is about; for `ownership.transfer`, the role that changes hands. */
  readonly role?: string;
  /** The roles to hold or to offer at `scope`. */
  readonly roles?: readonly RoleAt[];
  /** The scope asked about; the organization if absent. */
  readonly scope?: string;
  /** The same for several scopes at once, instead of `scope` with `roles`, `add` and `remove`. */
  readonly scopes?: readonly RoleEdit[];
  /** The user it is about. */
  readonly target?: string;
  /** Hash of the link's token, made by the host. */
  readonly token_hash?: string;
  /** Account data of a user who is new to the organization. */
  readonly user?: UserInput;
}

/** Names of the attributes that the host supplies. */
export interface AttributesDocument {
  /** Of the request. */
  readonly context?: Names;
  /** Profile fields that `member.edit` may set, beside `name`. */
  readonly profile?: Names;
  /** Of the app's resources. */
  readonly resource?: Names;
  /** Of scopes. */
  readonly scope?: Names;
  /** Of users. */
  readonly user?: Names;
}

/** An event on its own, as an audit log stores it: what, when, by whom, on which request. */
export interface AuditRecord {
  /** The verb. */
  readonly action: string;
  /** Who asked. */
  readonly actor: Actor;
  /** When. */
  readonly at: Time;
  /** Why the request was denied. */
  readonly code?: string;
  /** The fact; none for a denied request. */
  readonly fact?: Event;
  /** The organization. */
  readonly organization: string;
  /** The request that was decided. */
  readonly request?: string;
  /** Version of the document shape: 1. */
  readonly tenantry: 1;
}

/** How the items of a batch stand together. */
export type Batch = "atomic" | "each";

/** Sorts of elementary changes. */
export type ChangeKind = "give" | "take" | "status";

/** Who is counted: by default active people, by grants that do not expire. */
export interface CountDocument {
  /** Host values. */
  readonly attributes?: Readonly<Record<string, Pointed2>>;
  /** Holds one of these by a grant at the scope itself. */
  readonly direct_role?: Names;
  /** Domain of the address. */
  readonly email_domain?: Pointed;
  /** Grants that expire count too, while they last. */
  readonly expiring?: boolean;
  /** Holds one of these. */
  readonly has_role?: Names;
  /** Sort of account. */
  readonly kind?: OneOrManyUserKind;
  /** Holds none of these. */
  readonly not_role?: Names;
  /** Open offers count too, one for each person. */
  readonly pending?: boolean;
  /** Holds one of these permissions. */
  readonly permission?: Names;
  /** Holds nothing but these. */
  readonly role?: Names;
  /** Whether the membership is active; `active` if absent. */
  readonly status?: OneOrManyStatus;
}

/** How many a keep counts at a scope. */
export interface CountRow {
  /** How many it counts there. */
  readonly count: number;
  /** The keep's id. */
  readonly keep: string;
  /** The scope. */
  readonly scope: string;
}

/** A role that the tenant made: a named set of permissions, without rank. */
export interface CustomRoleRow {
  /** The role's id. It is not the name of a declared role. */
  readonly id: string;
  /** Name for people. */
  readonly name?: string;
  /** Permissions of the policy. */
  readonly permissions?: readonly string[];
  /** Home: it can be held there and below. */
  readonly scope: string;
  /** Counts the decisions that changed the role. */
  readonly version?: number;
}

/** Roles that tenants make. */
export interface CustomRolesDocument {
  /** Kinds of scopes where they can be held. Required. */
  readonly on: Names;
}

/** A deactivated membership of a workspace: it blocks every role there and below, inherited ones too. */
export interface DeactivationRow {
  /** The workspace. */
  readonly scope: string;
  /** The member. */
  readonly user: string;
}

/** The answer to a request. A value: nothing has changed yet. */
export interface Decision {
  /** See `Outcome::code`. */
  readonly code?: string;
  /** Allowed or denied. */
  readonly effect: Effect;
  /** See `Outcome::events`. Of a batch `each`, those of all items that are allowed. */
  readonly events?: readonly Event[];
  /** The answer to each item of a batch `each`, in order. */
  readonly items?: readonly Outcome[];
  /** See `Outcome::message`. */
  readonly message?: string;
  /** See `Outcome::obligations`. */
  readonly obligations?: readonly Obligation[];
  /** The organization. */
  readonly organization: string;
  /** Digest of the policy that decided: SHA-256 of its canonical JSON, in hexadecimal. */
  readonly policy: string;
  /** What the decision depends on. */
  readonly reads?: Reads;
  /** See `Outcome::reasons`. */
  readonly reasons?: readonly Reason[];
  /** See `Outcome::remedies`. */
  readonly remedies?: readonly Remedy[];
  /** The request. */
  readonly request: Request;
  /** See `Outcome::rules`. */
  readonly rules?: readonly string[];
  /** Version of the document shape: 1. */
  readonly tenantry: 1;
  /** The earliest expiry that it relied on: from then on it is late. */
  readonly valid_until?: Time;
  /** See `Outcome::warnings`. */
  readonly warnings?: readonly Warning[];
}

/** What a keep counts. */
export type Each = "scope" | "user";

/** Allowed or denied. */
export type Effect = "allow" | "deny";

/** Addresses: a list, or one text with commas or line ends between them. */
export type Emails = string | readonly string[];

/** By whom a membership was ended. */
export type EndedBy = "self" | "other" | "sync";

/** A membership that ended: it voids older offers, until a new add or invitation clears it. */
export interface EndedRow {
  /** When. */
  readonly at: Time;
  /** By whom. */
  readonly by: EndedBy;
  /** The user's address at that time. */
  readonly email?: string;
  /** The scope of the membership. */
  readonly scope: string;
  /** The user. */
  readonly user: string;
}

/** How far `member.remove` and `member.leave` may reach from a workspace. */
export interface EndingsDocument {
  /** The reach where a request names none; the first of `reach` if absent. */
  readonly default?: Reach;
  /** Reaches that a request may ask for; `scope` alone if absent. */
  readonly reach?: OneOrManyReach;
}

/** One fact. Its `event` field says which; the rest says about whom and what. */
export type Event = {
  /** Its attributes. */
  readonly attributes?: Facts;
  readonly event: "organization.created";
  /** Its name. */
  readonly name?: string;
  /** The root scope, which has the organization's id. */
  readonly scope: string;
} | {
  /** Its attributes. */
  readonly attributes?: Facts;
  readonly event: "scope.created";
  /** Its kind. */
  readonly kind: string;
  /** Its name. */
  readonly name?: string;
  /** The scope it hangs under. */
  readonly parent: string;
  /** The new scope. */
  readonly scope: string;
} | {
  /** The attributes that changed. */
  readonly attributes?: Facts;
  readonly event: "scope.configured";
  /** Its new name. */
  readonly name?: string;
  /** The scope. */
  readonly scope: string;
} | {
  readonly event: "scope.moved";
  /** The parent before. */
  readonly from: string;
  /** The scope. */
  readonly scope: string;
  /** The parent now. */
  readonly to: string;
} | {
  readonly event: "scope.archived";
  /** The scope. */
  readonly scope: string;
} | {
  readonly event: "scope.restored";
  /** The scope. */
  readonly scope: string;
} | {
  readonly event: "scope.deleted";
  /** The scope. */
  readonly scope: string;
} | {
  /** Host values. */
  readonly attributes?: Facts;
  /** The address as written. */
  readonly email?: string;
  readonly event: "member.added";
  /** Sort of account. */
  readonly kind?: UserKind;
  /** Name. */
  readonly name?: string;
  /** The user that owns a service. */
  readonly owner?: string;
  /** The user. */
  readonly user: string;
  /** Whether the address is known to be the user's. */
  readonly verified?: boolean;
} | {
  /** By whom. */
  readonly by: EndedBy;
  readonly event: "member.removed";
  /** The scope. */
  readonly scope: string;
  /** The user. */
  readonly user: string;
} | {
  readonly event: "member.deactivated";
  /** The scope. */
  readonly scope: string;
  /** The user. */
  readonly user: string;
} | {
  readonly event: "member.reactivated";
  /** The scope. */
  readonly scope: string;
  /** The user. */
  readonly user: string;
} | {
  readonly event: "member.edited";
  /** The fields that changed. */
  readonly profile: Facts;
  /** The user. */
  readonly user: string;
} | {
  /** The address now, as written. */
  readonly email: string;
  readonly event: "member.email_changed";
  /** The address before. */
  readonly from?: string;
  /** The user. */
  readonly user: string;
  /** Whether it is known to be the user's. */
  readonly verified?: boolean;
} | {
  readonly event: "role.given";
  /** When it stops giving anything. */
  readonly expires_at?: Time;
  /** The group. */
  readonly group?: string;
  /** The role: a declared one by name, a custom one by id. */
  readonly role: string;
  /** The scope. */
  readonly scope: string;
  /** Where it comes from, if not from people. */
  readonly source?: string;
  /** The user. */
  readonly user?: string;
} | {
  readonly event: "role.taken";
  /** The group. */
  readonly group?: string;
  /** The role. */
  readonly role: string;
  /** The scope. */
  readonly scope: string;
  /** The user. */
  readonly user?: string;
} | {
  /** When it was made. */
  readonly created_at: Time;
  /** The address as written. */
  readonly email?: string;
  readonly event: "invitation.created";
  /** When it expires. */
  readonly expires_at?: Time;
  /** The invitation. */
  readonly invitation: string;
  /** Who carries the offer. */
  readonly inviter: Actor;
  /** Name of the invited person. */
  readonly name?: string;
  /** Uses and audience of an open link. */
  readonly open?: OpenRow;
  /** The roles offered. */
  readonly scopes: readonly ScopedRoles[];
  /** Hash of the link's token. */
  readonly token_hash?: string;
} | {
  /** When the offer became this. */
  readonly created_at: Time;
  readonly event: "invitation.updated";
  /** When it expires now. */
  readonly expires_at?: Time;
  /** The invitation. */
  readonly invitation: string;
  /** Who carries the offer now. */
  readonly inviter: Actor;
  /** The roles offered now. */
  readonly scopes: readonly ScopedRoles[];
} | {
  readonly event: "invitation.resent";
  /** The invitation. */
  readonly invitation: string;
  /** Hash of the new token, where the policy rotates links. */
  readonly token_hash?: string;
} | {
  readonly event: "invitation.linked";
  /** The invitation. */
  readonly invitation: string;
  /** Hash of the new token, where the policy rotates links. */
  readonly token_hash?: string;
} | {
  readonly event: "invitation.revoked";
  /** The invitation. */
  readonly invitation: string;
} | {
  readonly event: "invitation.expired";
  /** The invitation. */
  readonly invitation: string;
} | {
  readonly event: "invitation.declined";
  /** The invitation. */
  readonly invitation: string;
} | {
  /** The membership waits for approval. */
  readonly awaiting_approval?: boolean;
  readonly event: "invitation.accepted";
  /** The invitation. */
  readonly invitation: string;
  /** Name of the person, where the account waits for approval. */
  readonly name?: string;
  /** The account that accepted. */
  readonly user: string;
} | {
  readonly event: "invitation.approved";
  /** The invitation. */
  readonly invitation: string;
  /** The account that accepted. */
  readonly user: string;
} | {
  /** The code that an error would have had. */
  readonly code: string;
  /** The address as written. */
  readonly email: string;
  readonly event: "invitation.skipped";
} | {
  readonly event: "custom_role.created";
  /** Its name. */
  readonly name?: string;
  /** Its permissions, in the policy's order. */
  readonly permissions?: readonly string[];
  /** The role. */
  readonly role: string;
  /** Its home. */
  readonly scope: string;
} | {
  readonly event: "custom_role.updated";
  /** Its new name. */
  readonly name?: string;
  /** Its new permissions, all of them. */
  readonly permissions?: readonly string[];
  /** The role. */
  readonly role: string;
} | {
  readonly event: "custom_role.deleted";
  /** The role. */
  readonly role: string;
} | {
  readonly event: "group.created";
  /** The group. */
  readonly group: string;
  /** Its name. */
  readonly name?: string;
  /** Its home. */
  readonly scope: string;
} | {
  readonly event: "group.deleted";
  /** The group. */
  readonly group: string;
} | {
  readonly event: "group.member_added";
  /** The group. */
  readonly group: string;
  /** The user. */
  readonly user: string;
} | {
  readonly event: "group.member_removed";
  /** The group. */
  readonly group: string;
  /** The user. */
  readonly user: string;
};

/** What happens to the address of a user of the organization. */
export type ExistingUsers = "invite" | "add" | "conflict";

/** Why a request is decided as it is. */
export interface Explanation {
  /** The decision. */
  readonly decision: Decision;
  /** The allow that came nearest to permitting it: the one that failed on the fewest blocks. */
  readonly nearest?: string;
  /** Every rule that speaks of the verb, for each claim of the request, in the policy's order. Where the gate fails, only what the gate may look at is said. */
  readonly rules?: readonly RuleVerdict[];
  /** The step that gave the answer: `standing`, `gate`, `resolve`, `judge`, `applicable`, `keeps`, or `allow`. */
  readonly step: string;
}

/** One attribute value: a boolean, an integer, a text, or a list of integers and texts. There are no floats. */
export type Fact = boolean | number | string | ReadonlyArray<number | string>;

/** Attributes by name, in code-point order. A name that is given twice is an error. */
export type Facts = Readonly<Record<string, Fact>>;

/** Whether roles count in the scopes below. */
export type FlowsDown = boolean | Readonly<Record<string, string>>;

/** A role that a user or a group holds on a scope. Exactly one of `user` and `group` stands. */
export interface GrantRow {
  /** From then on the grant gives nothing. */
  readonly expires_at?: Time;
  /** The group that holds the role. */
  readonly group?: string;
  /** A declared role of the scope's kind, by name, or a custom role, by id. */
  readonly role: string;
  /** The scope. */
  readonly scope: string;
  /** Where the grant comes from, if not from people (`scim`). */
  readonly source?: string;
  /** The user that holds the role. */
  readonly user?: string;
}

/** Conditions on the group. */
export interface GroupDocument {
  /** The actor is in it. */
  readonly has_actor?: boolean;
  /** The actor looks after it. */
  readonly managed_by_actor?: boolean;
}

/** A flat set of users that can hold grants. */
export interface GroupRow {
  /** The group's id. */
  readonly id: string;
  /** Users who look after it (`group = { managed_by_actor = true }`). */
  readonly managers?: readonly string[];
  /** Its users, by id. */
  readonly members?: readonly string[];
  /** Name for people. */
  readonly name?: string;
  /** Home: where requests about the group are judged. */
  readonly scope: string;
  /** Where the group comes from, if not from people (`scim`). */
  readonly source?: string;
  /** Counts the decisions that changed the group: the row, its members, its grants. */
  readonly version?: number;
}

/** What becomes of the holders of a custom role that is deleted. */
export type Holders = "refuse" | "revoke";

/** Conditions on the invitation. */
export interface InvitationDocument {
  /** It is to the actor's address. */
  readonly addressed_to_actor?: boolean;
  /** The actor carries the offer. */
  readonly by_actor?: boolean;
  /** Domain of the address. */
  readonly email_domain?: Pointed;
  /** Not the domain of the address. */
  readonly not_email_domain?: Pointed;
  /** It is an open link. */
  readonly open?: boolean;
}

/** An invitation on the page. */
export interface InvitationLine {
  /** Which of `invitation_actions` the viewer may do. */
  readonly actions: number;
  /** When it was made. */
  readonly created_at: Time;
  /** Address as written. */
  readonly email?: string;
  /** When it expires. */
  readonly expires_at?: Time;
  /** The invitation. */
  readonly invitation: string;
  /** Name of the invited person. */
  readonly name?: string;
  /** What it offers. */
  readonly scopes: readonly ScopedRoles[];
  /** Where it stands. */
  readonly status: InvitationStatus;
}

/** A pending offer of roles: to an address, or open to everybody with the link. */
export interface InvitationRow {
  /** When it was made or last changed its offer. */
  readonly created_at: Time;
  /** The address as the inviter wrote it; none for an open link. */
  readonly email?: string;
  /** From then on it is expired. */
  readonly expires_at?: Time;
  /** The invitation's id. Knowing it permits nothing. */
  readonly id: string;
  /** Who carries the offer. */
  readonly inviter: Actor;
  /** Name of the invited person. */
  readonly name?: string;
  /** An open link: uses and audience. */
  readonly open?: OpenRow;
  /** The roles offered, by scope. */
  readonly scopes: readonly ScopedRoles[];
  /** Where it stands. */
  readonly status?: InvitationStatus;
  /** A hash of the link's token, made by the host. */
  readonly token_hash?: string;
  /** The account that accepted and waits for approval. */
  readonly user?: string;
  /** Counts the decisions that changed the row. */
  readonly version?: number;
}

/** Where an invitation stands. `expired` is `pending` past its `expires_at` and is never stored. */
export type InvitationStatus = "pending" | "awaiting_approval" | "accepted" | "declined" | "revoked" | "expired";

/** How invitations work. */
export interface InvitationsDocument {
  /** An accepted invitation waits for `invitation.approve`. */
  readonly approval?: boolean;
  /** Roles offered when none is asked for; the kind's default roles if absent. */
  readonly default?: Names;
  /** What happens to an address of a user of the organization; `invite` if absent. */
  readonly existing_users?: ExistingUsers;
  /** How long an invitation is open: a number and `m`, `h`, `d` or `w`; for ever if absent. */
  readonly expires_after?: string;
  /** Closed invitations are kept; `true` if absent. */
  readonly keep_records?: boolean;
  /** Whether `invitation.resend` and `invitation.link` make a new link; `same` if absent. */
  readonly link?: Link;
  /** What a bad or taken address does to the request; `error` if absent. */
  readonly on_conflict?: OnConflict;
  /** What accepting does where it would not raise the role of a member; `keep` if absent. */
  readonly on_member?: OnMember;
  /** On acceptance the inviter must still be allowed to make the offer; `true` if absent. */
  readonly recheck_inviter?: boolean;
  /** Fields that `invitation.create` needs: `name`. */
  readonly require?: Names;
}

/** An invariant of the state. */
export interface KeepDocument {
  /** The smallest count. */
  readonly at_least?: Pointed3;
  /** The largest count. */
  readonly at_most?: Pointed3;
  /** Code of the denial. */
  readonly code?: string;
  /** Who is counted. */
  readonly count?: CountDocument;
  /** For each scope its users, or for each user its scopes; `scope` if absent. */
  readonly each?: Each;
  /** The only count. */
  readonly exactly?: Pointed3;
  /** Roles of which nobody holds two. */
  readonly exclusive?: Names;
  /** Unique name of the rule. Required. */
  readonly id: string;
  /** Sentence of the denial. */
  readonly message?: string;
  /** Which scopes; those whose kinds declare the roles named if absent. */
  readonly scope?: ScopeDocument;
  /** It does not hold where all of this does. */
  readonly unless?: UnlessDocument;
}

/** A kind of scope. */
export interface KindDocument {
  /** Role that the user who creates such a scope gets there. */
  readonly creator?: string;
  /** Whether roles held there count in the scopes below, and as which role; `false` if absent. */
  readonly flows_down?: FlowsDown;
  /** Name for people. */
  readonly label?: string;
  /** How many direct roles a member may hold there; `many` if absent. */
  readonly roles?: RolesHeld;
  /** Attributes that `scope.configure` may set when a user asks. */
  readonly settings?: Names;
  /** Kinds it may hang under; `organization` if absent. */
  readonly under?: Names;
}

/** Whether the link of an invitation stays. */
export type Link = "same" | "rotate";

/** A member on the page. */
export interface MemberLine {
  /** Which of `member_actions` the viewer may do. */
  readonly actions: number;
  /** Address as written. */
  readonly email?: string;
  /** Roles that come from above or through a group. */
  readonly inherited?: readonly string[];
  /** Sort of account. */
  readonly kind?: UserKind;
  /** Name. */
  readonly name?: string;
  /** Roles by a direct grant at the scope. */
  readonly roles?: readonly string[];
  /** Whether the membership is active at the scope. */
  readonly status?: Status;
  /** The user. */
  readonly user: string;
}

/** A list of names; a text stands for a list of one. */
export type Names = string | readonly string[];

/** A fact that a host with a slice has to load: a kind of row and an id. */
export type Need = {
  /** The user. */
  readonly id: string;
  readonly need: "user";
} | {
  readonly need: "memberships";
  /** The user. */
  readonly user: string;
} | {
  /** The scope. */
  readonly id: string;
  readonly need: "scope";
} | {
  readonly need: "subtree";
  /** The scope. */
  readonly scope: string;
} | {
  readonly need: "holders";
  /** The scope. */
  readonly scope: string;
} | {
  /** The group. */
  readonly id: string;
  readonly need: "group";
} | {
  /** The role. */
  readonly id: string;
  readonly need: "custom_role";
} | {
  /** The invitation. */
  readonly id: string;
  readonly need: "invitation";
} | {
  /** The address. */
  readonly address: string;
  readonly need: "email";
} | {
  /** The keep's id. */
  readonly keep: string;
  readonly need: "count";
  /** The scope. */
  readonly scope: string;
};

/** What the host has to do when it carries an allowed request out. */
export type Obligation = {
  /** The verb. */
  readonly action: string;
  readonly obligation: "confirm";
} | {
  /** To whom, as written. */
  readonly email: string;
  /** The invitation. */
  readonly invitation: string;
  readonly obligation: "send_email";
} | {
  /** The invitation. */
  readonly invitation: string;
  readonly obligation: "show_link";
} | {
  readonly obligation: "revoke_sessions";
  /** The user. */
  readonly user: string;
};

/** What a bad or taken address does to an invitation request. */
export type OnConflict = "error" | "skip";

/** What accepting does where it would not raise the role of a member. */
export type OnMember = "keep" | "deny";

export type OneOrManyChangeKind = ChangeKind | readonly ChangeKind[];

export type OneOrManyEndedBy = EndedBy | readonly EndedBy[];

export type OneOrManyReach = Reach | readonly Reach[];

export type OneOrManyStatus = Status | readonly Status[];

export type OneOrManyUserKind = UserKind | readonly UserKind[];

/** Uses and audience of an open link. */
export interface OpenRow {
  /** Only verified addresses of this domain. */
  readonly audience?: string;
  /** How often it can still be accepted; none for no limit. */
  readonly uses?: number;
}

/** The order of the rows. */
export type Order = "name" | "email" | "role";

/** The answer to one verb: of a request, or of an item of a batch. */
export interface Outcome {
  /** Why not: a code of the catalogue or of the policy. Stands on a denial and only there. */
  readonly code?: string;
  /** Allowed or denied. */
  readonly effect: Effect;
  /** What becomes true. */
  readonly events?: readonly Event[];
  /** The sentence that goes with the code. */
  readonly message?: string;
  /** What the host has to do. */
  readonly obligations?: readonly Obligation[];
  /** Every reason found in the step that failed; the first one gave `code` and `message`. */
  readonly reasons?: readonly Reason[];
  /** What would help. */
  readonly remedies?: readonly Remedy[];
  /** The rules that decided, by id, in the policy's order. */
  readonly rules?: readonly string[];
  /** What an allowed request should be told all the same. */
  readonly warnings?: readonly Warning[];
}

/** The page. */
export interface Page {
  /** The actions that the bits of invitation rows stand for. */
  readonly invitation_actions: readonly string[];
  /** Invitations, in order; they follow the members. */
  readonly invitations: readonly InvitationLine[];
  /** Why no invitations are shown, if none are: the code of `invitation.list`. */
  readonly invitations_denied?: string;
  /** The actions that the bits of member rows stand for: bit 0 is the first. */
  readonly member_actions: readonly string[];
  /** Members, in order. */
  readonly members: readonly MemberLine[];
  /** Why no members are shown, if none are: the code of `member.list`. */
  readonly members_denied?: string;
  /** Rows that match, on all pages. */
  readonly total: number;
}

/** What the page shows. */
export interface PageQuery {
  /** Actions to ask for each row; those that the policy permits to anybody if absent. */
  readonly actions?: readonly string[];
  /** Who looks. */
  readonly actor: Actor;
  /** Values that the host vouches for. */
  readonly context?: Facts;
  /** Users who have access to the workspace only from above or through a group too. */
  readonly inherited?: boolean;
  /** Rows to show; all if absent. */
  readonly limit?: number;
  /** When. */
  readonly now: Time;
  /** Rows to pass over. */
  readonly offset?: number;
  /** The order of the rows; users stand before invitations. */
  readonly order?: Order;
  /** Only rows with one of these roles (declared ones by name, custom ones by id). */
  readonly roles?: readonly string[];
  /** The scope; the organization if absent. */
  readonly scope?: string;
  /** Only rows whose name or address contains this, in whatever case. Empty: all. */
  readonly search?: string;
  /** Only rows with one of these statuses: `active`, `deactivated`, or those of invitations. Empty: members of any status, and invitations that are still open. */
  readonly statuses?: readonly string[];
}

/** About whom or what the actions are asked: a user, an invitation, or (neither) the scope itself. */
export interface PermittedQuery {
  /** Who would act. */
  readonly actor: Actor;
  /** Values that the host vouches for. */
  readonly context?: Facts;
  /** The invitation. */
  readonly invitation?: string;
  /** When. */
  readonly now: Time;
  /** The scope; the organization if absent. */
  readonly scope?: string;
  /** The user. */
  readonly target?: string;
}

/** Conditions on the actor or the target. */
export interface PersonDocument {
  /** Host values. */
  readonly attributes?: Readonly<Record<string, Pointed2>>;
  /** Holds one of these by a grant at the scope itself. */
  readonly direct_role?: Names;
  /** Domain of the address. */
  readonly email_domain?: Pointed;
  /** An earlier membership here was ended so. */
  readonly ended_by?: OneOrManyEndedBy;
  /** Holds one of these. */
  readonly has_role?: Names;
  /** Is the actor, its service or owner, a group that contains it, or an invitation to its address. */
  readonly is_actor?: boolean;
  /** Sort of account. */
  readonly kind?: OneOrManyUserKind;
  /** Holds none of these. */
  readonly not_role?: Names;
  /** Holds one of these permissions. */
  readonly permission?: Names;
  /** `subset`: has no permission that the actor lacks. */
  readonly permissions?: Subset;
  /** How the roles compare with the actor's. */
  readonly rank?: Rank;
  /** An actor holds one of these; a target holds nothing but these. */
  readonly role?: Names;
  /** Whether the membership is active. */
  readonly status?: OneOrManyStatus;
  /** Is one of these system actors. */
  readonly system?: Names;
}

/** A value of an attribute condition: given, or pointing to a fact of the actor or of the scope. */
export type Pointed = Names | {
  /** The attribute. */
  readonly actor: string;
} | {
  /** The attribute. */
  readonly scope: string;
};

/** A value of an attribute condition: given, or pointing to a fact of the actor or of the scope. */
export type Pointed2 = Fact | {
  /** The attribute. */
  readonly actor: string;
} | {
  /** The attribute. */
  readonly scope: string;
};

/** A value of an attribute condition: given, or pointing to a fact of the actor or of the scope. */
export type Pointed3 = number | {
  /** The attribute. */
  readonly actor: string;
} | {
  /** The attribute. */
  readonly scope: string;
};

/** A policy as it is written, in TOML or JSON. The policy reference explains each word. */
export interface PolicyDocument {
  /** The app's actions, and settings of built-in ones. */
  readonly actions?: Readonly<Record<string, ActionDocument>>;
  /** Rules that permit. */
  readonly allow?: readonly RuleDocument[];
  /** Names of the attributes that the host supplies. */
  readonly attributes?: AttributesDocument;
  /** Roles that tenants make; without this table there are none. */
  readonly custom_roles?: CustomRolesDocument;
  /** How far endings may reach. */
  readonly endings?: EndingsDocument;
  /** A policy that this one builds on: tables merge, a rule with the same id replaces. */
  readonly extends?: string;
  /** Rules that forbid, or warn. */
  readonly forbid?: readonly RuleDocument[];
  /** How invitations work. */
  readonly invitations?: InvitationsDocument;
  /** Invariants of the state. */
  readonly keep?: readonly KeepDocument[];
  /** Name of the policy. Required. */
  readonly name: string;
  /** Named sets of actions. */
  readonly permissions?: Readonly<Record<string, Names>>;
  /** Roles, by scope kind. */
  readonly roles?: Readonly<Record<string, Readonly<Record<string, RoleDocument>>>>;
  /** Kinds of scopes; `organization` is always there. */
  readonly scopes?: Readonly<Record<string, KindDocument>>;
  /** Names of system actors. */
  readonly systems?: Names;
  /** Version of the document shape: 1. Required. */
  readonly tenantry: 1;
}

/** What may be shown to the actor. */
export interface PublicDecision {
  /** Why not. */
  readonly code?: string;
  /** Allowed or denied. */
  readonly effect: Effect;
  /** The answer to each item of a batch `each`. */
  readonly items?: readonly PublicDecision[];
  /** The sentence that goes with the code. */
  readonly message?: string;
  /** What would help. */
  readonly remedies?: readonly Remedy[];
}

/** A question about one action, by ids: `Directory::can` and `Directory::denial` answer it. */
export interface Query {
  /** The action. */
  readonly action: string;
  /** Who would ask. */
  readonly actor: Actor;
  /** Values that the host vouches for. */
  readonly context?: Facts;
  /** The group it would be about. */
  readonly group?: string;
  /** The invitation it would be about. */
  readonly invitation?: string;
  /** When: grants that have expired by then give nothing. */
  readonly now: Time;
  /** Attributes of the host's resource. */
  readonly resource?: Facts;
  /** The role that would be given (in a one-role scope: instead of the one held). Without it the question is whether any change of the verb is possible. */
  readonly role?: string;
  /** The scope; the organization if absent. */
  readonly scope?: string;
  /** The user it would be about. */
  readonly target?: string;
}

/** How roles compare with the actor's. */
export type Rank = "below" | "at_most" | "above";

/** How far an ending reaches. */
export type Reach = "scope" | "subtree" | "organization";

/** What a decision depends on: rows with their versions, addresses with their owner, keeps with their counts. */
export interface Reads {
  /** Keeps: how many they count at each scope (of a keep for each user: by user). */
  readonly counts?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Custom roles. */
  readonly custom_roles?: Readonly<Record<string, number>>;
  /** Canonical addresses: the id of the user or of the open offer that has it, if any. */
  readonly emails?: Readonly<Record<string, string>>;
  /** Groups, with their members and grants. */
  readonly groups?: Readonly<Record<string, number>>;
  /** Invitations. */
  readonly invitations?: Readonly<Record<string, number>>;
  /** Scopes. */
  readonly scopes?: Readonly<Record<string, number>>;
  /** Users, with their grants and memberships. */
  readonly users?: Readonly<Record<string, number>>;
}

/** Why a request is denied. */
export interface Reason {
  /** A code of the catalogue or of the policy. */
  readonly code: string;
  /** About which address of a list. */
  readonly email?: string;
  /** About which field of the request. */
  readonly field?: string;
  /** About which group. */
  readonly group?: string;
  /** In which item of an atomic batch, from 0. */
  readonly item?: number;
  /** The sentence that goes with it. */
  readonly message: string;
  /** About which role. */
  readonly role?: string;
  /** The rule. */
  readonly rule?: string;
  /** Where. */
  readonly scope?: string;
  /** About whom, where it is not the request's target. */
  readonly user?: string;
}

/** What would help, from the rules themselves. */
export type Remedy = {
  /** Permissions. */
  readonly permissions?: readonly string[];
  readonly remedy: "ask";
  /** Roles, as `kind.role`. */
  readonly roles?: readonly string[];
} | {
  readonly remedy: "promote";
  /** The role, as `kind.role`. */
  readonly role: string;
  /** Where. */
  readonly scope: string;
} | {
  readonly remedy: "make_room";
  /** Where. */
  readonly scope: string;
} | {
  /** The invitation. */
  readonly invitation: string;
  readonly remedy: "resend";
} | {
  readonly remedy: "invite_again";
} | {
  readonly remedy: "verify_email";
} | {
  /** The group that holds it. */
  readonly group?: string;
  readonly remedy: "change_origin";
  /** The scope of the grant. */
  readonly scope: string;
} | {
  readonly remedy: "reassign";
  /** The custom role. */
  readonly role: string;
} | {
  readonly remedy: "restore";
  /** The scope. */
  readonly scope: string;
};

/** A request as it stands in JSON. */
export interface Request {
  /** The verb: `member.remove`, or one that the policy declares. */
  readonly action?: string;
  /** Who asks. */
  readonly actor: Actor;
  /** Roles to add at `scope`, beside those held. */
  readonly add?: readonly RoleAt[];
  /** Attributes of a scope to set. */
  readonly attributes?: Facts;
  /** Several verbs in one request, in `items`, instead of `action`. */
  readonly batch?: Batch;
  /** The person has confirmed an action that asks for it. */
  readonly confirmed?: boolean;
  /** Values that the host vouches for (`[attributes] context`), such as `mfa = true`. */
  readonly context?: Facts;
  /** One e-mail address. */
  readonly email?: string;
  /** Several addresses: a list, or one text with commas or line ends between them. */
  readonly emails?: Emails;
  /** When an invitation expires; `[invitations] expires_after` if absent. */
  readonly expires_at?: Time;
  /** The group it is about. */
  readonly group?: string;
  /** What becomes of the holders of a custom role that is deleted. */
  readonly holders?: Holders;
  /** Unique id of the request. Required when the action changes something. */
  readonly id?: string;
  /** The invitation it is about. */
  readonly invitation?: string;
  /** The verbs of a batch. */
  readonly items?: readonly Ask[];
  /** What the giver of an `ownership.transfer` keeps. */
  readonly keep?: readonly string[];
  /** The kind of a new scope. */
  readonly kind?: string;
  /** A name for people: of an invited person, a scope, a group, a custom role, an organization. */
  readonly name?: string;
  /** The id that the host gives to what is created; the engine mints one if absent. */
  readonly new_id?: string;
  /** The time of the request; the engine has no clock. */
  readonly now: Time;
  /** Offers an open link instead of an invitation to an address. */
  readonly open?: OpenRow;
  /** Where a scope moves to. */
  readonly parent?: string;
  /** Permissions of a custom role. */
  readonly permissions?: readonly string[];
  /** Profile fields to set (`name`, and those of `[attributes] profile`). */
  readonly profile?: Facts;
  /** How far an ending reaches; the policy's default if absent. */
  readonly reach?: Reach;
  /** Roles to take away at `scope`. */
  readonly remove?: readonly string[];
  /** Attributes of the host's resource that the app action is about. */
  readonly resource?: Facts;
  /** The custom role it is about; for `ownership.transfer`, the role that changes hands. */
  readonly role?: string;
  /** The roles to hold or to offer at `scope`. */
  readonly roles?: readonly RoleAt[];
  /** The scope asked about; the organization if absent. */
  readonly scope?: string;
  /** The same for several scopes at once, instead of `scope` with `roles`, `add` and `remove`. */
  readonly scopes?: readonly RoleEdit[];
  /** The user it is about. */
  readonly target?: string;
  /** Version of the document shape: 1. */
  readonly tenantry: 1;
  /** Hash of the link's token, made by the host. */
  readonly token_hash?: string;
  /** Account data of a user who is new to the organization. */
  readonly user?: UserInput;
}

/** A role at a scope: its name alone, or with an expiry or a source. */
export type RoleAt = string | {
  readonly expires_at?: Time;
  readonly role: string;
  readonly source?: string;
};

/** A role. */
export interface RoleDocument {
  /** Given where no role is asked for. */
  readonly default?: boolean;
  /** Name for people. */
  readonly label?: string;
  /** Permissions that the role holds. */
  readonly permissions?: Names;
  /** Higher outranks lower, within the kind; 0 if absent. */
  readonly rank?: number;
}

/** A change of roles at one scope of a request. */
export interface RoleEdit {
  /** Roles to add. */
  readonly add?: readonly RoleAt[];
  /** Roles to take away. */
  readonly remove?: readonly string[];
  /** The roles to hold or to offer there. */
  readonly roles?: readonly RoleAt[];
  /** The scope. */
  readonly scope: string;
}

/** Conditions on a role that is given, taken or offered. */
export interface RolesDocument {
  /** The actor holds it. */
  readonly held?: boolean;
  /** Is none of these. */
  readonly not_role?: Names;
  /** Its permissions are among the actor's. */
  readonly permissions?: Subset;
  /** How it compares with the actor's. */
  readonly rank?: Rank;
  /** Is one of these. */
  readonly role?: Names;
  /** The source of the grant. */
  readonly source?: Names;
}

/** How many direct roles a member may hold at a scope. */
export type RolesHeld = "one" | "many";

/** A rule that permits, forbids or warns. */
export interface RuleDocument {
  /** The verbs it is about. */
  readonly actions?: Names;
  /** Who asks. */
  readonly actor?: PersonDocument;
  /** Of a forbid without `actions`: the sorts of change it is about, on every verb. */
  readonly changes?: OneOrManyChangeKind;
  /** Code of the denial or the warning. */
  readonly code?: string;
  /** Values that the host vouches for. */
  readonly context?: Readonly<Record<string, Pointed2>>;
  /** Roles given, or offered. */
  readonly grants?: RolesDocument;
  /** Which group. */
  readonly group?: GroupDocument;
  /** Unique name of the rule. Required. */
  readonly id: string;
  /** Which invitation. */
  readonly invitation?: InvitationDocument;
  /** Sentence of the denial or the warning. */
  readonly message?: string;
  /** Of a forbid without `actions`: verbs that it leaves alone. */
  readonly not_actions?: Names;
  /** Attributes of the host's resource. */
  readonly resource?: Readonly<Record<string, Pointed2>>;
  /** Roles taken. */
  readonly revokes?: RolesDocument;
  /** Where. */
  readonly scope?: ScopeDocument;
  /** Of a forbid: `warn` says it on an allowed decision; `deny` if absent. */
  readonly severity?: Severity;
  /** About whom. */
  readonly target?: PersonDocument;
  /** Of a forbid: it does not hold where all of this does. */
  readonly unless?: UnlessDocument;
}

/** What became of one rule, for one claim. */
export interface RuleVerdict {
  /** What the claim is: `fit`, `give`, `take`, `status` or `offer`. */
  readonly claim: string;
  /** `allow`, `forbid` or `warn`. */
  readonly effect: string;
  /** The word that does not hold, such as `actor.role`: the first one. */
  readonly failed?: string;
  /** Whether all its conditions hold. */
  readonly holds: boolean;
  /** Which role. */
  readonly role?: string;
  /** The rule. */
  readonly rule: string;
  /** Where. */
  readonly scope?: string;
}

/** Conditions on the scope. */
export interface ScopeDocument {
  /** Host values, inherited ones included. */
  readonly attributes?: Readonly<Record<string, Pointed2>>;
  /** Its kind. */
  readonly kind?: Names;
  /** The kind of its parent. */
  readonly parent?: Names;
}

/** A node of the organization's tree. */
export interface ScopeRow {
  /** Host values, inherited by the scopes below unless they say otherwise. */
  readonly attributes?: Facts;
  /** The scope's id. */
  readonly id: string;
  /** Its kind, declared by the policy; `organization` for the root and only there. */
  readonly kind: string;
  /** Its name for people. */
  readonly name?: string;
  /** The scope it hangs under; none for the root. */
  readonly parent?: string;
  /** Whether it is in use. */
  readonly status?: ScopeStatus;
  /** Counts the decisions that changed the row. */
  readonly version?: number;
}

/** Whether a scope is in use. */
export type ScopeStatus = "active" | "archived";

/** Roles offered at one scope. */
export interface ScopedRoles {
  /** The roles. */
  readonly roles: readonly RoleAt[];
  /** The scope. */
  readonly scope: string;
}

/** What a forbid does. */
export type Severity = "deny" | "warn";

/** What a slice holds. An id listed here without a row does not exist; an id not listed is not known. */
export interface Slice {
  /** Counts of keeps at scopes. */
  readonly counts?: readonly CountRow[];
  /** Custom roles. */
  readonly custom_roles?: readonly string[];
  /** Canonical addresses, each with the user, the offers and the endings that have it. */
  readonly emails?: readonly string[];
  /** Groups, each with all its grants. */
  readonly groups?: readonly string[];
  /** Scopes of which everything that hangs there is held: every user and group with a grant (of the organization: every user), every offer of a role, every group and custom role at home there. */
  readonly holders?: readonly string[];
  /** Invitations. */
  readonly invitations?: readonly string[];
  /** Users whose group memberships are all held. */
  readonly memberships?: readonly string[];
  /** Scopes, each with all its ancestors. */
  readonly scopes?: readonly string[];
  /** Scopes whose whole subtree is held. */
  readonly subtrees?: readonly string[];
  /** Users, each with all its grants, deactivations and endings. Their groups are listed too. */
  readonly users?: readonly string[];
}

/** The state of one organization. A snapshot without `scopes` is an organization that does not exist yet: `organization.create` makes it. Rows may come in any order. An imported state may break the policy's keeps; it loads all the same. */
export interface Snapshot {
  /** Roles that the tenant made. */
  readonly custom_roles?: readonly CustomRoleRow[];
  /** Memberships of workspaces that are deactivated (that of the organization is `users[].status`). */
  readonly deactivations?: readonly DeactivationRow[];
  /** Memberships that ended and were not renewed. */
  readonly ended?: readonly EndedRow[];
  /** Who holds which role where. */
  readonly grants?: readonly GrantRow[];
  /** Flat groups of users. */
  readonly groups?: readonly GroupRow[];
  /** Offers of roles. */
  readonly invitations?: readonly InvitationRow[];
  /** The organization's id. Its root scope has the same id. */
  readonly organization: string;
  /** The tree: the organization itself and the workspaces below it. */
  readonly scopes?: readonly ScopeRow[];
  /** What the document holds, if it is not the whole organization. */
  readonly slice?: Slice;
  /** Version of the document shape: 1. */
  readonly tenantry: 1;
  /** Members of the organization. */
  readonly users?: readonly UserRow[];
}

/** Whether a membership gives anything. */
export type Status = "active" | "deactivated";

/** How permissions compare with the actor's. */
export type Subset = "subset";

/** RFC 3339; printed in UTC with milliseconds */
export type Time = string;

/** Conditions under which a forbid or a keep does not hold. */
export interface UnlessDocument {
  /** Who asks. */
  readonly actor?: PersonDocument;
  /** Values that the host vouches for. */
  readonly context?: Readonly<Record<string, Pointed2>>;
  /** Roles given, or offered. */
  readonly grants?: RolesDocument;
  /** Which group. */
  readonly group?: GroupDocument;
  /** Which invitation. */
  readonly invitation?: InvitationDocument;
  /** Attributes of the host's resource. */
  readonly resource?: Readonly<Record<string, Pointed2>>;
  /** Roles taken. */
  readonly revokes?: RolesDocument;
  /** Where. */
  readonly scope?: ScopeDocument;
  /** About whom. */
  readonly target?: PersonDocument;
}

/** Account data of a user who is new to the organization. */
export interface UserInput {
  /** Host values that rules may read. */
  readonly attributes?: Facts;
  /** E-mail address. When an invitation is accepted, it is the invitee's and not given here. */
  readonly email?: string;
  /** The host's id of the account; the engine mints one if absent. */
  readonly id?: string;
  /** What sort of account it is. */
  readonly kind?: UserKind;
  /** Name for people. */
  readonly name?: string;
  /** The user that owns a service. */
  readonly owner?: string;
  /** Whether the address is known to be the user's. */
  readonly verified?: boolean;
}

/** What sort of account a user is. */
export type UserKind = "human" | "guest" | "service";

/** A member of the organization. */
export interface UserRow {
  /** Host values that rules may read (`[attributes] user`). */
  readonly attributes?: Facts;
  /** E-mail address as the user wrote it. A service may have none. */
  readonly email?: string;
  /** The user's id. */
  readonly id: string;
  /** What sort of account it is. */
  readonly kind?: UserKind;
  /** Name for people. */
  readonly name?: string;
  /** The user that owns a service; required for a service, refused for others. */
  readonly owner?: string;
  /** Fields that `member.edit` sets (`[attributes] profile`). */
  readonly profile?: Facts;
  /** Whether the account is active. */
  readonly status?: Status;
  /** Whether the address is known to be the user's; yes if absent. */
  readonly verified?: boolean;
  /** Counts the decisions that changed the user: the row, its grants, its memberships. */
  readonly version?: number;
}

/** One action and whether it is permitted. */
export interface Verdict {
  /** The action. */
  readonly action: string;
  /** Whether it is permitted. */
  readonly allowed: boolean;
  /** Why not. */
  readonly code?: string;
  /** Its name for people, from the policy. */
  readonly label?: string;
  /** The sentence that goes with the code. */
  readonly message?: string;
}

/** What an allowed request should be told all the same. */
export interface Warning {
  /** A code of the catalogue or of the policy. */
  readonly code: string;
  /** About which address of a list. */
  readonly email?: string;
  /** The sentence that goes with it. */
  readonly message: string;
  /** The rule, if a rule warns. */
  readonly rule?: string;
  /** Where. */
  readonly scope?: string;
}

/** Who could do what, asked by a viewer. */
export interface WhoCanQuery {
  /** The action. */
  readonly action: string;
  /** Values that the host vouches for. */
  readonly context?: Facts;
  /** When. */
  readonly now: Time;
  /** Attributes of the host's resource. */
  readonly resource?: Facts;
  /** The role that would be given. */
  readonly role?: string;
  /** The scope; the organization if absent. */
  readonly scope?: string;
  /** The user it would be about. */
  readonly target?: string;
  /** Who wants to know: only users whom `member.list` shows to the viewer are named. */
  readonly viewer: Actor;
}

/** An action that every policy has. */
export type BuiltInAction =
  | "organization.create"
  | "scope.create"
  | "scope.configure"
  | "scope.move"
  | "scope.archive"
  | "scope.restore"
  | "scope.delete"
  | "invitation.create"
  | "invitation.update"
  | "invitation.resend"
  | "invitation.link"
  | "invitation.revoke"
  | "invitation.accept"
  | "invitation.decline"
  | "invitation.approve"
  | "member.add"
  | "member.set_roles"
  | "member.remove"
  | "member.deactivate"
  | "member.reactivate"
  | "member.leave"
  | "member.join"
  | "member.edit"
  | "member.change_email"
  | "ownership.transfer"
  | "role.create"
  | "role.update"
  | "role.delete"
  | "group.create"
  | "group.delete"
  | "group.add"
  | "group.remove"
  | "group.grant"
  | "group.revoke"
  | "member.list"
  | "invitation.list"
  | "audit.read";

/** A code that the engine itself gives. Policies add codes of their own. */
export type CatalogueCode =
  | "actor_unknown"
  | "actor_inactive"
  | "not_permitted"
  | "email_unverified"
  | "catalog_closed"
  | "not_found"
  | "forbidden"
  | "invalid_email"
  | "required_field"
  | "role_required"
  | "too_many_roles"
  | "role_not_here"
  | "already_member"
  | "already_invited"
  | "already_ended"
  | "not_member"
  | "not_direct"
  | "invitation_expired"
  | "invitation_closed"
  | "invitation_void"
  | "inviter_not_permitted"
  | "not_accepted"
  | "would_lower_role"
  | "expiry_in_past"
  | "role_in_use"
  | "name_taken"
  | "id_taken"
  | "email_taken"
  | "already_exists"
  | "scope_cycle"
  | "wrong_parent"
  | "too_deep"
  | "scope_archived"
  | "scope_not_empty"
  | "root_scope"
  | "reach_not_allowed"
  | "owner_required"
  | "field_not_editable"
  | "below_minimum"
  | "above_maximum"
  | "exclusive_roles"
  | "inherited_access_remains"
  | "advice"
  | "stale"
  | "late";

/** A code of an error of the engine. */
export type ErrorCode =
  | "bad_document"
  | "unsupported_version"
  | "out_of_bounds"
  | "bad_policy"
  | "unknown_preset"
  | "bad_snapshot"
  | "unknown_action"
  | "missing_field"
  | "unexpected_field"
  | "bad_value"
  | "missing_facts"
  | "wrong_policy"
  | "denied"
  | "stale"
  | "late";

/** What the ready policies declare: the names for policies that extend them. */
export interface Presets {
  readonly "ai-loop": { actions: "billing.manage" | "data_lake.delete" | "data_lake.edit" | "data_lake.view" | "flow.delete" | "flow.edit" | "flow.run" | "flow.view" | "membership_page.open" | "session.start"; roles: "admin" | "ailoop_user" | "fleet_user" | "organization.admin" | "organization.ailoop_user" | "organization.fleet_user" };
  readonly "growthfactor": { actions: "admin_settings.open" | "deal_dashboard.edit" | "deal_dashboard.view" | "directory.search" | "my_stores.edit" | "my_stores.view" | "session.start" | "site_analysis.edit" | "site_analysis.view" | "workspace.switch" | "workspace_settings.open"; roles: "admin" | "member" | "organization.admin" | "organization.member" | "viewer" | "workspace.admin" | "workspace.member" | "workspace.viewer" };
  readonly "inveterate": { actions: "app.read" | "app.write" | "team.open"; roles: "admin" | "member" | "organization.admin" | "organization.member" | "organization.owner" | "owner" };
  readonly "loupe-factory": { actions: "admin_settings.open" | "billing.manage" | "inventory.edit" | "inventory.read" | "order.customer" | "order.edit" | "order.read" | "session.start" | "staff.contact" | "staff.edit" | "staff.read"; roles: "admin" | "manager" | "member" | "organization.admin" | "organization.manager" | "organization.member" };
  readonly "roles-and-workspaces": { actions: "project.edit" | "project.read" | "report.read" | "roles_page.open" | "session.start" | "users_page.open"; roles: string };
  readonly "starter": { actions: "session.start"; roles: "admin" | "member" | "organization.admin" | "organization.member" | "organization.owner" | "owner" | "viewer" | "workspace.admin" | "workspace.member" | "workspace.viewer" };
}
