//! Steps 2, 3 and 5 of a decision: does the actor stand, is there an allow for it at all, and is every elementary change
//! carried by an allow and hit by no forbid?

use tenantry::Code;
use tenantry::document::snapshot::Status;
use tenantry::document::{Actor, Reason, Remedy, Warning};

use super::conditions::{About, Handed, Offer, View, names_role};
use super::met::note;
use super::world::{RoleId, Subject};
use super::written::{Implied, Person, Rule, Written};

/// Sorts of elementary changes; the last two change nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Give,
    Take,
    Status,
    /// A role that an open offer has.
    Offer,
    /// The request as such, where an allow must fit.
    Fit,
}

/// One elementary change: of a role, or (without a role) of a membership as such.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub sort: Sort,
    /// The action under which it is judged.
    pub verb: String,
    pub scope: Option<String>,
    pub subject: Subject,
    pub handed: Option<Handed>,
    pub offer: Option<Offer>,
    pub group: Option<String>,
    /// About somebody who is not the request's target.
    pub third: bool,
    /// The address, in a list of them.
    pub email: Option<String>,
    /// The policy itself gives it: no allow is asked.
    pub free: bool,
    /// The address is passed over: there is nothing to warn of.
    pub passed_over: bool,
}

impl Change {
    pub fn new(sort: Sort, verb: &str, scope: &str, subject: &Subject) -> Change {
        let (verb, scope, subject) = (verb.to_owned(), Some(scope.to_owned()), subject.clone());
        Change { sort, verb, scope, subject, handed: None, offer: None, group: None, third: false, email: None, free: false, passed_over: false }
    }

    pub fn role(self, role: &RoleId, source: Option<&str>) -> Change {
        Change { handed: Some(Handed { role: role.clone(), source: source.map(str::to_owned), to_have: Vec::new() }), ..self }
    }

    pub fn about_group(self, group: &str) -> Change {
        Change { group: Some(group.to_owned()), ..self }
    }

    pub fn of_third(self) -> Change {
        Change { third: true, ..self }
    }

    pub fn with_offer(self, offer: &Offer) -> Change {
        Change { offer: Some(offer.clone()), ..self }
    }

    pub fn as_verb(&self, verb: &str) -> Change {
        Change { verb: verb.to_owned(), ..self.clone() }
    }

    fn about(&self) -> About<'_> {
        About { scope: self.scope.as_deref(), subject: &self.subject, offer: self.offer.as_ref(), group: self.group.as_deref() }
    }

    /// Where, and about whom if not the request's target.
    fn reason(&self, view: &View, code: String, message: String, rule: Option<String>) -> Reason {
        let scope = Some(self.scope.clone().unwrap_or_else(|| view.state.organization().to_owned()));
        let user = if let (true, Subject::User(id)) = (self.third, &self.subject) { Some(id.clone()) } else { None };
        let group = if let Subject::Group(id) = &self.subject { Some(id.clone()) } else { None };
        Reason { code, message, rule, scope, user, group, email: self.email.clone(), ..Reason::default() }
    }
}

/// Why a request is denied, and what would help.
#[derive(Debug, Clone, Default)]
pub struct Denial {
    pub reasons: Vec<Reason>,
    pub remedies: Vec<Remedy>,
}

impl From<Reason> for Denial {
    fn from(reason: Reason) -> Denial {
        Denial { reasons: vec![reason], remedies: Vec::new() }
    }
}

pub fn reason(code: Code) -> Reason {
    Reason { code: code.as_str().to_owned(), message: code.message().to_owned(), ..Reason::default() }
}

pub fn reason_at(code: Code, scope: &str) -> Reason {
    Reason { scope: Some(scope.to_owned()), ..reason(code) }
}

pub fn denied(code: Code) -> Denial {
    reason(code).into()
}

pub fn denied_at(code: Code, scope: &str) -> Denial {
    reason_at(code, scope).into()
}

/// Code and sentence of a rule; the sentence of the catalogue stands in for one that is missing.
pub fn words_of(code: Option<&String>, message: Option<&String>, default: Code) -> (String, String) {
    let code = code.cloned().unwrap_or_else(|| default.as_str().to_owned());
    let sentence = Code::parse(&code).unwrap_or(default).message();
    (code, message.cloned().unwrap_or_else(|| sentence.to_owned()))
}

/// Step 2: known and active in this organization.
pub fn standing(view: &View) -> Result<(), Denial> {
    let active = |id: &str| view.powers.user(id).map(|row| row.status == Status::Active);
    match view.actor {
        Actor::Invitee { .. } => Ok(()),
        Actor::System(name) if view.state.written.systems.contains(name) => Ok(()),
        Actor::System(_) => Err(denied(Code::ActorUnknown)),
        Actor::User(id) => match active(id) {
            None => Err(denied(Code::ActorUnknown)),
            Some(false) => Err(denied(Code::ActorInactive)),
            Some(true) => match view.powers.owner_of(id) {
                Some(owner) if active(&owner) != Some(true) || view.powers.owner_of(&owner).is_some() => Err(denied(Code::ActorInactive)),
                _ => Ok(()),
            },
        },
    }
}

/// Whether the actions of a rule cover an action. Wildcards leave out what needs no rule, and `organization.create` unless
/// the rule is for a system.
fn covers(patterns: &[String], action: &str, for_system: bool) -> bool {
    patterns.iter().any(|pattern| {
        let by_wildcard = pattern == "*" || pattern.strip_suffix('*').is_some_and(|noun| noun.ends_with('.') && action.starts_with(noun));
        let reserved = matches!(action, "invitation.accept" | "invitation.decline") || (action == "organization.create" && !for_system);
        pattern == action || (by_wildcard && !reserved)
    })
}

fn is_for_system(rule: &Rule) -> bool {
    rule.blocks.actor.as_ref().is_some_and(|actor| actor.system.is_some())
}

fn is_about(rule: &Rule, action: &str) -> bool {
    rule.actions.as_ref().is_none_or(|patterns| covers(patterns, action, is_for_system(rule)))
}

/// Whether some allow is about the action.
pub fn offers_action(written: &Written, action: &str) -> bool {
    !allows_for(written, action).is_empty()
}

/// The allows for an action, in the policy's order.
fn allows_for<'a>(written: &'a Written, action: &str) -> Vec<&'a Rule> {
    written.allow.iter().filter(|rule| rule.actions.is_some() && is_about(rule, action)).collect()
}

/// The actor of an allow: a system that it names, or an active user whom its words fit and who has access.
fn allow_is_for(view: &View, rule: &Rule, scope: Option<&str>) -> bool {
    match (&rule.implied, &rule.blocks.actor) {
        (Some(Implied::Role { kind, name }), _) => view.actor_roles(scope).contains(&RoleId { kind: Some(kind.clone()), name: name.clone() }),
        (Some(Implied::Permission(name)), _) => view
            .actor_roles(scope)
            .iter()
            .filter(|role| role.kind.is_none())
            .any(|role| view.powers.permissions_of(role).contains(name) && view.actor_permissions(scope).contains(name)),
        (None, None) => view.has_access(scope),
        (None, Some(block)) => match view.actor {
            Actor::Invitee { .. } => false,
            Actor::System(_) => block.system.is_some() && view.actor_holds(block, scope),
            Actor::User(_) => view.actor_holds(block, scope) && (names_roles(block) || view.has_access(scope)),
        },
    }
}

fn names_roles(block: &Person) -> bool {
    block.role.is_some() || block.has_role.is_some() || block.direct_role.is_some() || block.permission.is_some()
}

/// What the gate looks at: actor, scope, context and resource.
fn stands_at_gate(view: &View, rule: &Rule, scope: Option<&str>) -> bool {
    let about = About { scope, subject: &Subject::Nobody, offer: None, group: None };
    allow_is_for(view, rule, scope) && view.surroundings_hold(&rule.blocks, about)
}

/// Step 3, at one scope: some allow stands, and for each role that is given by name one whose `grants` can admit it.
pub fn gate(view: &View, verb: &str, scope: Option<&str>, given: &[Handed]) -> Result<(), Denial> {
    // An organization is made by systems only.
    let reserved = verb == "organization.create" && !matches!(view.actor, Actor::System(_));
    let stands = |rule: &&Rule| !reserved && stands_at_gate(view, rule, scope);
    let standing: Vec<&Rule> = allows_for(view.state.written, verb).into_iter().filter(stands).collect();
    let admits = |handed: &Handed| standing.iter().any(|rule| rule.blocks.grants.as_ref().is_some_and(|block| can_admit(view, block, handed, scope)));
    if !standing.is_empty() && given.iter().all(admits) {
        return Ok(());
    }
    let place = scope.unwrap_or(view.state.organization());
    match standing.iter().find(|rule| rule.code.is_some()) {
        Some(rule) => {
            let (code, message) = words_of(rule.code.as_ref(), rule.message.as_ref(), Code::NotPermitted);
            Err(Reason { code, message, rule: Some(rule.id.clone()), ..reason_at(Code::NotPermitted, place) }.into())
        }
        None => Err(Denial { reasons: vec![reason_at(Code::NotPermitted, place)], remedies: ask(view.state.written, verb) }),
    }
}

/// Of a role that the organization may have made, only its name is known at the gate.
fn can_admit(view: &View, block: &super::written::Roles, handed: &Handed, scope: Option<&str>) -> bool {
    let held = block.held.is_none_or(|wanted| handed.role.kind.is_none() || view.actor_roles(scope).contains(&handed.role) == wanted);
    held && view.hands_for_all(block, handed, scope)
}

/// Whether the verb's nature is taking, so that its rules need no `revokes`.
fn takes_by_nature(verb: &str) -> bool {
    let verbs = ["member.remove", "member.leave", "member.deactivate", "scope.delete", "role.delete", "group.delete", "group.remove", "group.revoke"];
    verbs.contains(&verb)
}

/// Whether an allow carries a change.
fn carries(view: &View, rule: &Rule, change: &Change) -> bool {
    let about = change.about();
    let fits = allow_is_for(view, rule, about.scope) && view.surroundings_hold(&rule.blocks, about) && view.subject_holds(&rule.blocks, about);
    // Permissions of roles change nothing by themselves.
    let changes = !matches!(change.sort, Sort::Fit | Sort::Offer);
    if changes && rule.implied.is_some() {
        return false;
    }
    let Some(handed) = &change.handed else { return fits };
    let (grants, revokes) = (rule.blocks.grants.as_ref(), rule.blocks.revokes.as_ref());
    fits && match change.sort {
        Sort::Give => grants.is_some_and(|block| view.hands(block, handed, about)),
        Sort::Take => revokes.map_or(takes_by_nature(&change.verb), |block| view.hands(block, handed, about)),
        Sort::Offer => grants.is_none_or(|block| view.hands(block, handed, about)),
        Sort::Status | Sort::Fit => true,
    }
}

/// Whether a forbid is about a change, and all its blocks hold for it.
fn hits(view: &View, rule: &Rule, change: &Change) -> bool {
    let excepted = || rule.unless.as_ref().is_some_and(|unless| note("forbid.unless", blocks_hold(view, unless, change)));
    is_of_this_sort(rule, change) && note("forbid", blocks_hold(view, &rule.blocks, change)) && !excepted()
}

fn is_of_this_sort(rule: &Rule, change: &Change) -> bool {
    let answers = matches!(change.verb.as_str(), "invitation.accept" | "invitation.decline");
    let sort = match change.sort {
        Sort::Give => "give",
        Sort::Take => "take",
        Sort::Status => "status",
        Sort::Offer | Sort::Fit => "",
    };
    if rule.actions.is_some() {
        return is_about(rule, &change.verb) && rule.changes.as_ref().is_none_or(|changes| changes.iter().any(|listed| listed == sort));
    }
    let about = match &rule.changes {
        Some(changes) => changes.iter().any(|listed| listed == sort),
        None => (rule.blocks.grants.is_some() && sort == "give") || (rule.blocks.revokes.is_some() && sort == "take"),
    };
    let excepted = || !rule.not_actions.is_empty() && note("forbid.not_actions", covers(&rule.not_actions, &change.verb, is_for_system(rule)));
    about && !answers && !excepted()
}

fn blocks_hold(view: &View, blocks: &super::written::Blocks, change: &Change) -> bool {
    let about = change.about();
    let given = matches!(change.sort, Sort::Give | Sort::Offer);
    let hands = |block: &super::written::Roles, wanted: bool| wanted && change.handed.as_ref().is_some_and(|handed| view.hands(block, handed, about));
    blocks.actor.as_ref().is_none_or(|block| view.actor_holds(block, about.scope))
        && view.surroundings_hold(blocks, about)
        && view.subject_holds(blocks, about)
        && blocks.grants.as_ref().is_none_or(|block| hands(block, given))
        && blocks.revokes.as_ref().is_none_or(|block| hands(block, change.sort == Sort::Take))
}

/// What step 5 found: the rules that carried, and warnings.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    pub rules: Vec<String>,
    pub warnings: Vec<Warning>,
}

/// Step 5: every change is carried by an allow, and then: no forbid hits one. Of a list of addresses, one after the other.
/// Where different powers must each carry the changes, there is a view with each of them.
pub fn judge(views: &[View], verb: &str, changes: &[Change]) -> Result<Carried, Denial> {
    let mut addresses: Vec<&Option<String>> = Vec::new();
    changes.iter().for_each(|change| push_once(&mut addresses, &change.email));
    let (mut carried, mut denial) = (Carried::default(), None::<Denial>);
    for address in addresses {
        let of_address: Vec<&Change> = changes.iter().filter(|change| change.email == *address).collect();
        match (judge_address(views, verb, &of_address), &mut denial) {
            (Ok(one), _) => {
                carried.rules.extend(one.rules);
                carried.warnings.extend(one.warnings);
            }
            (Err(one), None) => denial = Some(one),
            (Err(one), Some(all)) => one.reasons.into_iter().for_each(|reason| push_once(&mut all.reasons, reason)),
        }
    }
    denial.map_or(Ok(carried), Err)
}

/// Remedies are those of the action asked for.
fn judge_address(views: &[View], verb: &str, changes: &[&Change]) -> Result<Carried, Denial> {
    let Some(written) = views.first().map(|view| view.state.written) else { return Ok(Carried::default()) };
    let each = || changes.iter().flat_map(|change| views.iter().map(|view| (view, *change)));
    let mut carried = Carried::default();
    let mut denial = Denial::default();
    let mut of_forbid: Option<&Rule> = None;
    let mut uncarried: Option<&Change> = None;
    for (view, change) in each().filter(|(_, change)| !change.free) {
        match allows_for(written, &change.verb).into_iter().find(|rule| carries(view, rule, change)) {
            Some(rule) => carried.rules.push(rule.id.clone()),
            None => {
                uncarried = uncarried.or(Some(change));
                push_once(&mut denial.reasons, not_carried(view, change));
            }
        }
    }
    for rule in &written.forbid {
        for (view, change) in each().filter(|(view, change)| hits(view, rule, change)) {
            if rule.severity.as_deref() == Some("warn") {
                if change.passed_over {
                    continue;
                }
                push_once(&mut carried.warnings, warning(view, rule, change));
            } else {
                let (code, message) = words_of(rule.code.as_ref(), rule.message.as_ref(), Code::Forbidden);
                of_forbid = of_forbid.or(Some(rule));
                push_once(&mut denial.reasons, change.reason(view, code, message, Some(rule.id.clone())));
            }
        }
    }
    denial.remedies = match (uncarried, of_forbid) {
        (Some(_), _) if denial.reasons[0].rule.is_none() => ask(written, verb),
        (Some(_), _) | (None, None) => Vec::new(),
        (None, Some(rule)) => remedies_of_forbid(written, rule, verb),
    };
    if denial.reasons.is_empty() { Ok(carried) } else { Err(denial) }
}

/// Adds what is not there yet.
pub fn push_once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// The code of the first allow that is meant for the actor here, else `not_permitted`.
fn not_carried(view: &View, change: &Change) -> Reason {
    let speaks = |rule: &&Rule| rule.code.is_some() && stands_at_gate(view, rule, change.scope.as_deref());
    match allows_for(view.state.written, &change.verb).into_iter().find(speaks) {
        Some(rule) => {
            let (code, message) = words_of(rule.code.as_ref(), rule.message.as_ref(), Code::NotPermitted);
            change.reason(view, code, message, Some(rule.id.clone()))
        }
        None => change.reason(view, Code::NotPermitted.as_str().to_owned(), Code::NotPermitted.message().to_owned(), None),
    }
}

fn warning(view: &View, rule: &Rule, change: &Change) -> Warning {
    let (code, message) = words_of(rule.code.as_ref(), rule.message.as_ref(), Code::Advice);
    let scope = Some(change.scope.clone().unwrap_or_else(|| view.state.organization().to_owned()));
    Warning { code, message, rule: Some(rule.id.clone()), scope, email: change.email.clone() }
}

/// Whether an action is one that gives, takes, or changes a status.
fn changes_standing(verb: &str) -> bool {
    let others = ["member.list", "member.edit", "member.change_email", "invitation.list", "invitation.resend", "invitation.revoke"];
    let nouns = ["member.", "invitation.", "group.", "role.", "ownership.", "organization."];
    (nouns.iter().any(|noun| verb.starts_with(noun)) && !others.contains(&verb) && verb != "group.create") || verb == "scope.delete" || verb == "scope.move"
}

/// Somebody who holds a role or permission that an allow of the action names.
pub fn ask(written: &Written, verb: &str) -> Vec<Remedy> {
    // Who has a permission alone cannot do what gives, takes or changes a status.
    let helps = |rule: &&Rule| rule.implied.is_none() || !changes_standing(verb);
    let actors: Vec<&Person> = allows_for(written, verb).into_iter().filter(helps).filter_map(|rule| rule.blocks.actor.as_ref()).collect();
    let roles = |actor: &&Person| [&actor.role, &actor.has_role, &actor.direct_role].into_iter().flatten().flatten().cloned().collect::<Vec<String>>();
    let names: Vec<String> = actors.iter().flat_map(roles).collect();
    let permissions: Vec<String> = actors.iter().filter_map(|actor| actor.permission.clone()).flatten().collect();
    ask_for(written, &names, &permissions)
}

fn ask_for(written: &Written, names: &[String], permissions: &[String]) -> Vec<Remedy> {
    let mut roles = Vec::new();
    for kind in written.kinds_in_order() {
        for name in written.roles_in_order(&kind) {
            let role = RoleId { kind: Some(kind.clone()), name };
            if names.iter().any(|name| name != "*" && names_role(name, &role)) {
                roles.push(format!("{kind}.{}", role.name));
            }
        }
    }
    let permissions: Vec<String> = written.permissions.keys().filter(|name| permissions.contains(name)).cloned().collect();
    if roles.is_empty() && permissions.is_empty() { Vec::new() } else { vec![Remedy::Ask { roles, permissions }] }
}

/// Whom the forbid leaves alone: holders of the roles that its actor must not have, or anybody else who may.
fn remedies_of_forbid(written: &Written, rule: &Rule, verb: &str) -> Vec<Remedy> {
    let blocks = &rule.blocks;
    if let Some(names) = blocks.actor.as_ref().and_then(|actor| actor.not_role.as_ref()) {
        return ask_for(written, names, &[]);
    }
    if blocks.target.as_ref().is_some_and(|target| target.is_actor == Some(true)) { ask(written, verb) } else { Vec::new() }
}
