//! The policy document: roles, scopes, actions and rules, as written. Every table names its fields here and nowhere else:
//! reading, the JSON Schema and the list of known words follow.

use std::collections::BTreeMap;

use super::Tree;
use super::fact::Fact;
use super::print::{Print, Writer};
use super::request::Reach;
use super::shape::choice;
use super::snapshot::{EndedBy, Status, UserKind};
use super::words::{Names, OneOrMany, Pointed, Word, table};

table! {
    /// A policy as it is written, in TOML or JSON. The policy reference explains each word.
    pub struct PolicyDocument {
        /// Version of the document shape: 1. Required.
        tenantry: u32,
        /// Name of the policy. Required.
        name: String,
        /// A policy that this one builds on: tables merge, a rule with the same id replaces.
        extends: String,
        /// Names of system actors.
        systems: Names,
        /// Kinds of scopes; `organization` is always there.
        scopes: BTreeMap<String, KindDocument>,
        /// Roles, by scope kind.
        roles: BTreeMap<String, BTreeMap<String, RoleDocument>>,
        /// Named sets of actions.
        permissions: BTreeMap<String, Names>,
        /// Roles that tenants make; without this table there are none.
        custom_roles: CustomRolesDocument,
        /// Names of the attributes that the host supplies.
        attributes: AttributesDocument,
        /// The app's actions, and settings of built-in ones.
        actions: BTreeMap<String, ActionDocument>,
        /// How invitations work.
        invitations: InvitationsDocument,
        /// How far endings may reach.
        endings: EndingsDocument,
        /// Rules that permit.
        allow: Vec<RuleDocument>,
        /// Rules that forbid, or warn.
        forbid: Vec<RuleDocument>,
        /// Invariants of the state.
        keep: Vec<KeepDocument>,
    }
}

table! {
    /// A kind of scope.
    pub struct KindDocument {
        /// Name for people.
        label: String,
        /// Kinds it may hang under; `organization` if absent.
        under: Names,
        /// How many direct roles a member may hold there; `many` if absent.
        roles: RolesHeld,
        /// Whether roles held there count in the scopes below, and as which role; `false` if absent.
        flows_down: FlowsDown,
        /// Role that the user who creates such a scope gets there.
        creator: String,
        /// Attributes that `scope.configure` may set when a user asks.
        settings: Names,
    }
}

choice! {
    /// How many direct roles a member may hold at a scope.
    pub enum RolesHeld {
        /// One at most.
        One = "one",
        /// Any number.
        Many = "many",
    }
}

/// Whether roles count in the scopes below.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum FlowsDown {
    /// `true`: all of them, as themselves.
    All(bool),
    /// Only those listed, each as the role named.
    As(BTreeMap<String, String>),
}

impl Print for FlowsDown {
    fn print(&self, writer: &mut Writer) {
        match self {
            FlowsDown::All(all) => all.print(writer),
            FlowsDown::As(roles) => roles.print(writer),
        }
    }
}

impl Word for FlowsDown {
    fn read(value: &Tree, path: &str, problems: &mut super::words::Problems) -> Option<FlowsDown> {
        match value {
            Tree::Bool(all) => Some(FlowsDown::All(*all)),
            Tree::Table(_) => Word::read(value, path, problems).map(FlowsDown::As),
            _ => {
                problems.wrong_type(path, value, "`true`, `false` or a table of roles");
                None
            }
        }
    }
}

table! {
    /// A role.
    pub struct RoleDocument {
        /// Name for people.
        label: String,
        /// Higher outranks lower, within the kind; 0 if absent.
        rank: u32,
        /// Given where no role is asked for.
        default: bool,
        /// Permissions that the role holds.
        permissions: Names,
    }
}

table! {
    /// Roles that tenants make.
    pub struct CustomRolesDocument {
        /// Kinds of scopes where they can be held. Required.
        on: Names,
    }
}

table! {
    /// Names of the attributes that the host supplies.
    pub struct AttributesDocument {
        /// Of users.
        user: Names,
        /// Of scopes.
        scope: Names,
        /// Of the app's resources.
        resource: Names,
        /// Of the request.
        context: Names,
        /// Profile fields that `member.edit` may set, beside `name`.
        profile: Names,
    }
}

table! {
    /// An action of the app, or settings of a built-in one.
    pub struct ActionDocument {
        /// Name for people.
        label: String,
        /// An allowed decision asks the host to let the person confirm.
        confirm: bool,
        /// An action of the app that stays possible in archived scopes.
        archived: bool,
    }
}

table! {
    /// How invitations work.
    pub struct InvitationsDocument {
        /// What a bad or taken address does to the request; `error` if absent.
        on_conflict: OnConflict,
        /// What happens to an address of a user of the organization; `invite` if absent.
        existing_users: ExistingUsers,
        /// Fields that `invitation.create` needs: `name`.
        require: Names,
        /// Roles offered when none is asked for; the kind's default roles if absent.
        default: Names,
        /// An accepted invitation waits for `invitation.approve`.
        approval: bool,
        /// Whether `invitation.resend` and `invitation.link` make a new link; `same` if absent.
        link: Link,
        /// How long an invitation is open: a number and `m`, `h`, `d` or `w`; for ever if absent.
        expires_after: String,
        /// On acceptance the inviter must still be allowed to make the offer; `true` if absent.
        recheck_inviter: bool,
        /// Closed invitations are kept; `true` if absent.
        keep_records: bool,
        /// What accepting does where it would not raise the role of a member; `keep` if absent.
        on_member: OnMember,
    }
}

choice! {
    /// What a bad or taken address does to an invitation request.
    pub enum OnConflict {
        /// The request is denied.
        Error = "error",
        /// The address is passed over in silence.
        Skip = "skip",
    }
}

choice! {
    /// What happens to the address of a user of the organization.
    pub enum ExistingUsers {
        /// An invitation, like everybody else.
        Invite = "invite",
        /// The membership at once.
        Add = "add",
        /// As if the user were a member already.
        Conflict = "conflict",
    }
}

choice! {
    /// Whether the link of an invitation stays.
    pub enum Link {
        /// It stays.
        Same = "same",
        /// Each sending makes a new one.
        Rotate = "rotate",
    }
}

choice! {
    /// What accepting does where it would not raise the role of a member.
    pub enum OnMember {
        /// The role stays.
        Keep = "keep",
        /// The acceptance is denied.
        Deny = "deny",
    }
}

table! {
    /// How far `member.remove` and `member.leave` may reach from a workspace.
    pub struct EndingsDocument {
        /// Reaches that a request may ask for; `scope` alone if absent.
        reach: OneOrMany<Reach>,
        /// The reach where a request names none; the first of `reach` if absent.
        default: Reach,
    }
}

table! {
    /// A rule that permits, forbids or warns.
    pub struct RuleDocument {
        /// Unique name of the rule. Required.
        id: String,
        /// The verbs it is about.
        actions: Names,
        /// Of a forbid without `actions`: the sorts of change it is about, on every verb.
        changes: OneOrMany<ChangeKind>,
        /// Of a forbid without `actions`: verbs that it leaves alone.
        not_actions: Names,
        /// Who asks.
        actor: PersonDocument,
        /// About whom.
        target: PersonDocument,
        /// Roles given, or offered.
        grants: RolesDocument,
        /// Roles taken.
        revokes: RolesDocument,
        /// Where.
        scope: ScopeDocument,
        /// Which invitation.
        invitation: InvitationDocument,
        /// Which group.
        group: GroupDocument,
        /// Attributes of the host's resource.
        resource: BTreeMap<String, Pointed<Fact>>,
        /// Values that the host vouches for.
        context: BTreeMap<String, Pointed<Fact>>,
        /// Of a forbid: it does not hold where all of this does.
        unless: UnlessDocument,
        /// Of a forbid: `warn` says it on an allowed decision; `deny` if absent.
        severity: Severity,
        /// Code of the denial or the warning.
        code: String,
        /// Sentence of the denial or the warning.
        message: String,
    }
}

choice! {
    /// What a forbid does.
    pub enum Severity {
        /// It denies.
        Deny = "deny",
        /// It adds a warning.
        Warn = "warn",
    }
}

choice! {
    /// Sorts of elementary changes.
    pub enum ChangeKind {
        /// A role or membership is given.
        Give = "give",
        /// A role or membership is taken.
        Take = "take",
        /// A membership is deactivated or reactivated.
        Status = "status",
    }
}

table! {
    /// Conditions under which a forbid or a keep does not hold.
    pub struct UnlessDocument {
        /// Who asks.
        actor: PersonDocument,
        /// About whom.
        target: PersonDocument,
        /// Roles given, or offered.
        grants: RolesDocument,
        /// Roles taken.
        revokes: RolesDocument,
        /// Where.
        scope: ScopeDocument,
        /// Which invitation.
        invitation: InvitationDocument,
        /// Which group.
        group: GroupDocument,
        /// Attributes of the host's resource.
        resource: BTreeMap<String, Pointed<Fact>>,
        /// Values that the host vouches for.
        context: BTreeMap<String, Pointed<Fact>>,
    }
}

table! {
    /// Conditions on the actor or the target.
    pub struct PersonDocument {
        /// An actor holds one of these; a target holds nothing but these.
        role: Names,
        /// Holds one of these.
        has_role: Names,
        /// Holds none of these.
        not_role: Names,
        /// Holds one of these by a grant at the scope itself.
        direct_role: Names,
        /// How the roles compare with the actor's.
        rank: Rank,
        /// Is the actor, its service or owner, a group that contains it, or an invitation to its address.
        is_actor: bool,
        /// Holds one of these permissions.
        permission: Names,
        /// `subset`: has no permission that the actor lacks.
        permissions: Subset,
        /// Whether the membership is active.
        status: OneOrMany<Status>,
        /// Sort of account.
        kind: OneOrMany<UserKind>,
        /// Is one of these system actors.
        system: Names,
        /// An earlier membership here was ended so.
        ended_by: OneOrMany<EndedBy>,
        /// Domain of the address.
        email_domain: Pointed<Names>,
        /// Host values.
        attributes: BTreeMap<String, Pointed<Fact>>,
    }
}

choice! {
    /// How roles compare with the actor's.
    pub enum Rank {
        /// All of them are strictly lower.
        Below = "below",
        /// All of them are lower or the same.
        AtMost = "at_most",
        /// One of them is strictly higher than all of the actor's.
        Above = "above",
    }
}

choice! {
    /// How permissions compare with the actor's.
    pub enum Subset {
        /// Nothing that the actor lacks.
        Subset = "subset",
    }
}

table! {
    /// Conditions on a role that is given, taken or offered.
    pub struct RolesDocument {
        /// Is one of these.
        role: Names,
        /// Is none of these.
        not_role: Names,
        /// How it compares with the actor's.
        rank: Rank,
        /// The actor holds it.
        held: bool,
        /// Its permissions are among the actor's.
        permissions: Subset,
        /// The source of the grant.
        source: Names,
    }
}

table! {
    /// Conditions on the scope.
    pub struct ScopeDocument {
        /// Its kind.
        kind: Names,
        /// The kind of its parent.
        parent: Names,
        /// Host values, inherited ones included.
        attributes: BTreeMap<String, Pointed<Fact>>,
    }
}

table! {
    /// Conditions on the invitation.
    pub struct InvitationDocument {
        /// Domain of the address.
        email_domain: Pointed<Names>,
        /// Not the domain of the address.
        not_email_domain: Pointed<Names>,
        /// The actor carries the offer.
        by_actor: bool,
        /// It is to the actor's address.
        addressed_to_actor: bool,
        /// It is an open link.
        open: bool,
    }
}

table! {
    /// Conditions on the group.
    pub struct GroupDocument {
        /// The actor is in it.
        has_actor: bool,
        /// The actor looks after it.
        managed_by_actor: bool,
    }
}

table! {
    /// An invariant of the state.
    pub struct KeepDocument {
        /// Unique name of the rule. Required.
        id: String,
        /// Which scopes; those whose kinds declare the roles named if absent.
        scope: ScopeDocument,
        /// Who is counted.
        count: CountDocument,
        /// Roles of which nobody holds two.
        exclusive: Names,
        /// For each scope its users, or for each user its scopes; `scope` if absent.
        each: Each,
        /// The smallest count.
        at_least: Pointed<u32>,
        /// The largest count.
        at_most: Pointed<u32>,
        /// The only count.
        exactly: Pointed<u32>,
        /// It does not hold where all of this does.
        unless: UnlessDocument,
        /// Code of the denial.
        code: String,
        /// Sentence of the denial.
        message: String,
    }
}

choice! {
    /// What a keep counts.
    pub enum Each {
        /// The users of each scope.
        Scope = "scope",
        /// The scopes of each user.
        User = "user",
    }
}

table! {
    /// Who is counted: by default active people, by grants that do not expire.
    pub struct CountDocument {
        /// Holds nothing but these.
        role: Names,
        /// Holds one of these.
        has_role: Names,
        /// Holds none of these.
        not_role: Names,
        /// Holds one of these by a grant at the scope itself.
        direct_role: Names,
        /// Holds one of these permissions.
        permission: Names,
        /// Whether the membership is active; `active` if absent.
        status: OneOrMany<Status>,
        /// Sort of account.
        kind: OneOrMany<UserKind>,
        /// Domain of the address.
        email_domain: Pointed<Names>,
        /// Host values.
        attributes: BTreeMap<String, Pointed<Fact>>,
        /// Open offers count too, one for each person.
        pending: bool,
        /// Grants that expire count too, while they last.
        expiring: bool,
    }
}
