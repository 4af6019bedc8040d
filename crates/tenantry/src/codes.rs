//! The catalogue of codes: every denial and every warning that the engine itself can give, with the sentence that
//! people see. A policy adds codes of its own on its rules.

use std::fmt;

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $step:ident, $message:literal;)*) => {
        /// A code of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Code { $($(#[$doc])* $name,)* }

        /// All codes, in the order of the steps that give them.
        pub const CATALOGUE: &[Code] = &[$(Code::$name,)*];

        impl Code {
            /// The code as documents have it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }
            /// The sentence that people see, unless a rule brings its own.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Code::$name => $message,)* }
            }
            /// The step of a decision that gives it.
            #[must_use]
            pub const fn step(self) -> Step {
                match self { $(Code::$name => Step::$step,)* }
            }
        }
    };
}

/// The steps of a decision, in order. The first that fails is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Does the actor stand?
    Standing,
    /// Is there a rule for this actor at all?
    Gate,
    /// Does what the request names exist?
    Resolve,
    /// Is every change carried by an allow and hit by no forbid?
    Judge,
    /// Does the state admit it?
    Applicable,
    /// Do the keeps hold afterwards?
    Keeps,
    /// Not a denial: said on an allowed request.
    Warning,
    /// Given by `apply`, not by a decision.
    Apply,
}

impl Step {
    /// The step as `explain` names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Step::Standing => "standing",
            Step::Gate => "gate",
            Step::Resolve => "resolve",
            Step::Judge => "judge",
            Step::Applicable => "applicable",
            Step::Keeps => "keeps",
            Step::Warning => "warning",
            Step::Apply => "apply",
        }
    }
}

catalogue! {
    /// The actor is not a member of the organization, or not a system actor of the policy.
    ActorUnknown = "actor_unknown", Standing, "You are not a member of this organization.";
    /// The actor's account is deactivated, or its owner's (for a service) is gone or deactivated.
    ActorInactive = "actor_inactive", Standing, "Your account is deactivated.";
    /// No rule permits it.
    NotPermitted = "not_permitted", Gate, "You do not have permission to do this.";
    /// The invitee's session has not proved its address.
    EmailUnverified = "email_unverified", Gate, "Confirm your e-mail address first.";
    /// The policy has no custom roles.
    CatalogClosed = "catalog_closed", Gate, "The roles of this product are fixed.";
    /// What the request names does not exist in this organization, or not for this actor.
    NotFound = "not_found", Resolve, "This does not exist here.";
    /// A forbid without a code of its own.
    Forbidden = "forbidden", Judge, "A rule of your organization forbids this.";
    /// The address is not one.
    InvalidEmail = "invalid_email", Applicable, "This is not a valid e-mail address.";
    /// A field that the policy requires is missing.
    RequiredField = "required_field", Applicable, "A required field is missing.";
    /// No role is given and there is no default.
    RoleRequired = "role_required", Applicable, "Choose a role.";
    /// More than one role where a member holds one.
    TooManyRoles = "too_many_roles", Applicable, "A member holds one role here.";
    /// A custom role that cannot be held at this scope.
    RoleNotHere = "role_not_here", Applicable, "This role cannot be given here.";
    /// The person is a member there already.
    AlreadyMember = "already_member", Applicable, "This person is already a member.";
    /// The address has a pending invitation.
    AlreadyInvited = "already_invited", Applicable, "This address already has an invitation.";
    /// The membership has ended before.
    AlreadyEnded = "already_ended", Applicable, "This membership has already ended.";
    /// The user has no access there.
    NotMember = "not_member", Applicable, "This person is not a member here.";
    /// The role is held only from above or through a group.
    NotDirect = "not_direct", Applicable, "This access comes from somewhere else.";
    /// The invitation is past its expiry.
    InvitationExpired = "invitation_expired", Applicable, "This invitation has expired.";
    /// The invitation is accepted, declined, revoked or used up.
    InvitationClosed = "invitation_closed", Applicable, "This invitation is no longer open.";
    /// The offer is older than the end of the membership.
    InvitationVoid = "invitation_void", Applicable, "This invitation ended together with the membership.";
    /// The inviter could not make this offer today.
    InviterNotPermitted = "inviter_not_permitted", Applicable, "The person who invited you can no longer do so.";
    /// Approval of an invitation that nobody accepted.
    NotAccepted = "not_accepted", Applicable, "This invitation has not been accepted yet.";
    /// Accepting would lower or replace the role that the member has.
    WouldLowerRole = "would_lower_role", Applicable, "You already have another role here.";
    /// An expiry that is not in the future.
    ExpiryInPast = "expiry_in_past", Applicable, "Choose an expiry in the future.";
    /// A custom role that somebody holds or is offered.
    RoleInUse = "role_in_use", Applicable, "This role is still in use.";
    /// Another one there has the name.
    NameTaken = "name_taken", Applicable, "This name is already taken.";
    /// The id is in use.
    IdTaken = "id_taken", Applicable, "This id is already taken.";
    /// Another user has the address.
    EmailTaken = "email_taken", Applicable, "Another account has this address.";
    /// The organization exists.
    AlreadyExists = "already_exists", Applicable, "This organization already exists.";
    /// A scope cannot hang under itself.
    ScopeCycle = "scope_cycle", Applicable, "A workspace cannot be moved into itself.";
    /// The policy does not let this kind hang there.
    WrongParent = "wrong_parent", Applicable, "It cannot be placed there.";
    /// The tree would be deeper than the bound.
    TooDeep = "too_deep", Applicable, "The tree would be too deep.";
    /// The scope, or one above it, is archived.
    ScopeArchived = "scope_archived", Applicable, "This workspace is archived.";
    /// Something hangs below the scope.
    ScopeNotEmpty = "scope_not_empty", Applicable, "Something still lies below it.";
    /// The organization itself cannot be moved, archived or deleted.
    RootScope = "root_scope", Applicable, "The organization itself cannot be moved, archived or deleted.";
    /// The policy does not allow this reach.
    ReachNotAllowed = "reach_not_allowed", Applicable, "Access cannot be ended that far from here.";
    /// A service without an owner, an owner that is no person, or an owner of somebody who is no service.
    OwnerRequired = "owner_required", Applicable, "A service needs an owner who is a person.";
    /// A profile field or scope attribute that the policy does not let this request set.
    FieldNotEditable = "field_not_editable", Applicable, "This field cannot be changed here.";
    /// A keep: too few afterwards.
    BelowMinimum = "below_minimum", Keeps, "Too few would be left.";
    /// A keep: too many afterwards.
    AboveMaximum = "above_maximum", Keeps, "There is no room for another one.";
    /// A keep: roles that exclude each other.
    ExclusiveRoles = "exclusive_roles", Keeps, "Nobody may hold these roles together.";
    /// The user still has access, from above or through a group.
    InheritedAccessRemains = "inherited_access_remains", Warning, "This person still has access from above or through a group.";
    /// A rule that only warns and brings no code.
    Advice = "advice", Warning, "Your organization advises against this.";
    /// What the decision relied on has changed.
    Stale = "stale", Apply, "Something has changed in the meantime.";
    /// An expiry that the decision relied on has passed.
    Late = "late", Apply, "This answer has expired.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Code {
    /// The code with this text.
    ///
    /// ```
    /// use tenantry::Code;
    /// assert_eq!(Code::parse("not_found"), Some(Code::NotFound));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Code> {
        CATALOGUE.iter().copied().find(|code| code.as_str() == text)
    }
}
