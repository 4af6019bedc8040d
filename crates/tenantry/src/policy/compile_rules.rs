//! From the rules as written to compiled ones, indexed by action.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Fact;
use crate::document::policy::{
    ChangeKind, CountDocument, Each, GroupDocument, InvitationDocument, KeepDocument, PersonDocument, PolicyDocument, RolesDocument, RuleDocument,
    ScopeDocument, Severity, UnlessDocument,
};
use crate::document::snapshot::UserKind;
use crate::document::words::{Names, Pointed, Problems, join};

use super::Policy;
use super::actions::{ActionId, VERBS, Verb};
use super::catalog::{KindMask, bits};
use super::compile::{action_list, check_text, check_word};
use super::compile_conditions::{Conditions, is_given, not_empty};
use super::conditions::{Blocks, PersonTest, RoleSet, RolesTest, choice};
use super::rules::{ActionRules, Counted, Keep, Rule, RuleIndex};

/// Compiles all rules of the document into the policy.
pub(crate) fn compile(policy: &mut Policy, document: &PolicyDocument, problems: &mut Problems) {
    policy.sources = named_sources(document);
    let (allow, forbid) = (numbered("allow", &document.allow, problems), numbered("forbid", &document.forbid, problems));
    let keep = numbered("keep", &document.keep, problems);
    let ids = allow.iter().chain(&forbid).map(|(path, rule)| (path, rule.id.as_ref()));
    check_ids(ids.chain(keep.iter().map(|(path, keep)| (path, keep.id.as_ref()))), problems);
    policy.index = RuleIndex(vec![ActionRules::default(); policy.actions.len()]);
    for (path, rule) in &allow {
        let (actions, rule) = compile_allow(policy, rule, path, problems);
        push_allow(policy, &actions, rule);
    }
    implied_allows(policy);
    for (path, rule) in &forbid {
        let (actions, rule) = compile_forbid(policy, rule, path, problems);
        let number = policy.forbids.len() as u16;
        actions.iter().for_each(|action| policy.index.0[usize::from(action.0)].forbids.push(number));
        policy.forbids.push(rule);
    }
    policy.keeps = keep.iter().map(|(path, keep)| compile_keep(policy, keep, path, problems)).collect();
    note_classes(policy);
    policy.has_permissions = policy.custom_roles || policy.roles.iter().any(|role| role.permissions != 0);
}

/// Which actions treat people of one class alike. A change of roles may be judged as an addition or a removal too.
fn note_classes(policy: &mut Policy) {
    let (allows, forbids) = (&policy.allows, &policy.forbids);
    for rules in &mut policy.index.0 {
        let of = |numbers: &[u16], all: &[Rule]| numbers.iter().all(|&number| all[usize::from(number)].asks_class());
        rules.by_class = of(&rules.allows, allows) && of(&rules.forbids, forbids);
    }
    let also = [Verb::MemberAdd, Verb::MemberRemove].iter().all(|&verb| policy.index.of(verb.into()).by_class);
    policy.index.0[Verb::MemberSetRoles as usize].by_class &= also;
}

/// Every source of grants that a rule names, once.
fn named_sources(document: &PolicyDocument) -> Vec<String> {
    let rules = document.allow.iter().chain(&document.forbid).flatten();
    let blocks = rules.flat_map(|rule| {
        let unless = rule.unless.iter().flat_map(|unless| [&unless.grants, &unless.revokes]);
        [&rule.grants, &rule.revokes].into_iter().chain(unless).flatten()
    });
    let names: BTreeSet<&String> = blocks.filter_map(|block| block.source.as_ref()).flat_map(|names| &names.0).collect();
    names.into_iter().cloned().collect()
}

/// Rules with their paths. What was no table when it was read is told already.
fn numbered<'a, T>(list: &str, rules: &'a Option<Vec<T>>, problems: &Problems) -> Vec<(String, &'a T)> {
    rules.iter().flatten().enumerate().map(|(i, rule)| (format!("{list}[{i}]"), rule)).filter(|(path, _)| !problems.is_at(path)).collect()
}

fn check_ids<'a>(ids: impl Iterator<Item = (&'a String, Option<&'a String>)>, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for (path, id) in ids {
        let path = join(path, "id");
        match id {
            None => problems.missing(&path, "every rule has an `id`: decisions name it"),
            Some(id) => {
                check_word(id, &path, "a rule", problems);
                if !seen.insert(id.clone()) {
                    problems.add(&path, "duplicate", format!("another rule has the id `{id}`"));
                }
            }
        }
    }
}

fn push_allow(policy: &mut Policy, actions: &[ActionId], rule: Rule) {
    let number = policy.allows.len() as u16;
    actions.iter().for_each(|action| policy.index.0[usize::from(action.0)].allows.push(number));
    policy.allows.push(rule);
}

/// `permissions` on a role, and every permission of custom roles, permit their actions: rules that nobody has to write.
fn implied_allows(policy: &mut Policy) {
    for bit in 0..policy.roles.len() {
        let role = &policy.roles[bit];
        if role.permissions == 0 {
            continue;
        }
        let mut actions: Vec<ActionId> = policy
            .permissions
            .iter()
            .enumerate()
            .filter(|(i, _)| role.permissions >> i & 1 == 1)
            .flat_map(|(_, permission)| permission.actions.iter().copied())
            .collect();
        actions.sort_unstable();
        actions.dedup();
        let set = RoleSet { own: 1 << bit, ..Default::default() };
        let actor = PersonTest { role: Some(set), ..PersonTest::default() };
        let id = role.qualified.clone();
        push_allow(policy, &actions, implied(id, actor));
    }
    if policy.custom_roles {
        for bit in 0..policy.permissions.len() {
            let permission = policy.permissions[bit].clone();
            let actor = PersonTest { permission: Some(1 << bit), ..PersonTest::default() };
            push_allow(policy, &permission.actions, implied(format!("permission:{}", permission.name), actor));
        }
    }
}

fn implied(id: String, actor: PersonTest) -> Rule {
    Rule { id, blocks: Blocks { actor: Some(Box::new(actor)), ..Blocks::default() }, implied: true, ..Rule::default() }
}

fn compile_allow(policy: &Policy, rule: &RuleDocument, path: &str, problems: &mut Problems) -> (Vec<ActionId>, Rule) {
    for (word, stands) in [
        ("changes", rule.changes.is_some()),
        ("not_actions", rule.not_actions.is_some()),
        ("unless", rule.unless.is_some()),
        ("severity", rule.severity.is_some()),
    ] {
        if stands {
            problems.add(&join(path, word), "contradiction", format!("`{word}` stands on a forbid, not on an allow"));
        }
    }
    if !is_given(rule.actions.as_ref()) {
        problems.missing(&join(path, "actions"), "the verbs that the rule permits");
    }
    let actions = rule_actions(policy, rule, path, problems);
    for action in actions.iter().filter_map(|action| action.verb()).filter(|verb| verb.needs_no_rule()) {
        problems.add(&join(path, "actions"), "contradiction", format!("`{}` needs no rule: the offer itself carries it", action.spec().name));
    }
    let compiled = common(policy, rule, path, problems);
    check_swaps(policy, &actions, &compiled.blocks, path, problems);
    (actions, compiled)
}

fn rule_actions(policy: &Policy, rule: &RuleDocument, path: &str, problems: &mut Problems) -> Vec<ActionId> {
    let patterns = rule.actions.as_ref().map_or(&[][..], |names: &Names| &names.0);
    action_list(patterns, &join(path, "actions"), &policy.actions, names_system(rule), problems)
}

/// Wildcards of a rule for a system cover what is the host's too.
fn names_system(rule: &RuleDocument) -> bool {
    rule.actor.as_ref().is_some_and(|actor| actor.system.is_some())
}

fn compile_forbid(policy: &Policy, rule: &RuleDocument, path: &str, problems: &mut Problems) -> (Vec<ActionId>, Rule) {
    let mut compiled = common(policy, rule, path, problems);
    let both = |grants: bool, revokes: bool| grants && revokes;
    let in_unless = rule.unless.as_ref().is_some_and(|unless| both(unless.grants.is_some(), unless.revokes.is_some()));
    if both(rule.grants.is_some(), rule.revokes.is_some()) || in_unless {
        problems.add(&join(path, "revokes"), "contradiction", "no change both gives and takes: write two rules");
    }
    compiled.unless = rule.unless.as_ref().map(|unless| unless_blocks(policy, unless, path, problems));
    compiled.warns = rule.severity == Some(Severity::Warn);
    compiled.changes = rule.changes.as_ref().map(|changes| choice(&changes.0));
    let given = is_given(rule.actions.as_ref());
    if given {
        if rule.not_actions.is_some() {
            problems.add(&join(path, "not_actions"), "contradiction", "`not_actions` makes exceptions to a rule without `actions`");
        }
        return (rule_actions(policy, rule, path, problems), compiled);
    }
    if rule.changes.as_ref().is_some_and(|changes| changes.0.is_empty()) {
        not_empty(&join(path, "changes"), problems);
    }
    if rule.changes.is_none() && rule.grants.is_none() && rule.revokes.is_none() {
        let fields = ["actions", "changes", "grants", "revokes"].map(|field| join(path, field));
        problems.none_of(&fields[0], &fields.each_ref().map(String::as_str), "what is forbidden: `actions`, `changes`, `grants` or `revokes`");
    }
    // Without verbs a forbid speaks of changes, whatever verb brings them.
    compiled.on_changes = true;
    if compiled.changes.is_none() {
        let gives = rule.grants.as_ref().map(|_| ChangeKind::Give);
        let takes = rule.revokes.as_ref().map(|_| ChangeKind::Take);
        compiled.changes = Some(choice(&gives.into_iter().chain(takes).collect::<Vec<_>>()));
    }
    let excepted = rule.not_actions.as_ref().map_or(&[][..], |names| &names.0);
    let excepted = action_list(excepted, &join(path, "not_actions"), &policy.actions, names_system(rule), problems);
    // What an acceptance gives is judged as the inviter's offer; there the same forbids hold.
    let covered = |action: &ActionId| !excepted.contains(action) && !action.verb().is_some_and(Verb::needs_no_rule);
    let every = (0..VERBS.len()).map(|i| ActionId(i as u16)).filter(covered);
    (every.collect(), compiled)
}

/// What a rule says when it decides.
fn check_words(code: Option<&String>, message: Option<&String>, path: &str, problems: &mut Problems) {
    if let Some(code) = code {
        check_word(code, &join(path, "code"), "a code", problems);
    }
    check_text(message, &join(path, "message"), problems);
}

/// What allow and forbid have in common.
fn common(policy: &Policy, rule: &RuleDocument, path: &str, problems: &mut Problems) -> Rule {
    let RuleDocument { id, code, message, actor, target, grants, revokes, scope, invitation, group, resource, context, .. } = rule;
    check_words(code.as_ref(), message.as_ref(), path, problems);
    let written = Written { actor, target, grants, revokes, scope, invitation, group, resource, context };
    let blocks = blocks(policy, &written, path, problems);
    Rule { id: id.clone().unwrap_or_default(), blocks, code: code.clone(), message: message.clone(), ..Rule::default() }
}

fn unless_blocks(policy: &Policy, unless: &UnlessDocument, path: &str, problems: &mut Problems) -> Blocks {
    let UnlessDocument { actor, target, grants, revokes, scope, invitation, group, resource, context } = unless;
    let written = Written { actor, target, grants, revokes, scope, invitation, group, resource, context };
    blocks(policy, &written, &join(path, "unless"), problems)
}

/// The blocks of a rule, or of its exceptions, as written.
struct Written<'d> {
    actor: &'d Option<PersonDocument>,
    target: &'d Option<PersonDocument>,
    grants: &'d Option<RolesDocument>,
    revokes: &'d Option<RolesDocument>,
    scope: &'d Option<ScopeDocument>,
    invitation: &'d Option<InvitationDocument>,
    group: &'d Option<GroupDocument>,
    resource: &'d Option<BTreeMap<String, Pointed<Fact>>>,
    context: &'d Option<BTreeMap<String, Pointed<Fact>>>,
}

fn blocks(policy: &Policy, written: &Written, path: &str, problems: &mut Problems) -> Blocks {
    let mut conditions = Conditions { policy, problems };
    let at = |block: &str| join(path, block);
    Blocks {
        actor: written.actor.as_ref().map(|block| Box::new(conditions.person(block, &at("actor"), true))),
        target: written.target.as_ref().map(|block| Box::new(conditions.person(block, &at("target"), false))),
        grants: written.grants.as_ref().map(|block| Box::new(conditions.roles(block, &at("grants")))),
        revokes: written.revokes.as_ref().map(|block| Box::new(conditions.roles(block, &at("revokes")))),
        scope: written.scope.as_ref().map(|block| Box::new(conditions.scope(block, &at("scope")))),
        invitation: written.invitation.as_ref().map(|block| Box::new(conditions.invitation(block, &at("invitation")))),
        group: written.group.as_ref().map(|block| Box::new(Conditions::group(block))),
        resource: conditions.facts(written.resource.as_ref(), &at("resource"), &policy.attributes.resource),
        context: conditions.facts(written.context.as_ref(), &at("context"), &policy.attributes.context),
    }
}

/// A change of the one role in a one-role scope gives and takes: a rule that could carry the give and never the take
/// would never permit what it says.
fn check_swaps(policy: &Policy, actions: &[ActionId], blocks: &Blocks, path: &str, problems: &mut Problems) {
    let swaps = |verb| actions.contains(&ActionId::from(verb));
    if !(swaps(Verb::MemberSetRoles) || swaps(Verb::OwnershipTransfer)) {
        return;
    }
    let Some(grants) = &blocks.grants else { return };
    let kinds = blocks.scope.as_ref().and_then(|scope| scope.kind).unwrap_or(KindMask::MAX);
    let one_role = |bit: u8| {
        let kind = policy.roles[usize::from(bit)].kind;
        policy.kinds[usize::from(kind)].one_role && kinds >> kind & 1 == 1
    };
    let given = given_roles(policy, grants);
    if !bits(given).any(one_role) {
        return;
    }
    match &blocks.revokes {
        None => problems.add(
            &join(path, "revokes"),
            "missing",
            "a member holds one role here, so giving one takes another: say which (`revokes = { role = \"*\" }` for any)",
        ),
        Some(revokes) => {
            let held = blocks.target.as_ref().and_then(|target| target.role.as_ref()).map_or(u64::MAX, |role| role.all());
            if given_roles(policy, revokes) & held == 0 && held != 0 {
                problems.add(&join(path, "revokes"), "contradiction", "the role that the target holds is none of those that the rule takes");
            }
        }
    }
}

/// The declared roles that a `grants` or `revokes` block can admit.
fn given_roles(policy: &Policy, test: &RolesTest) -> u64 {
    let all = if policy.roles.len() == 64 { u64::MAX } else { (1 << policy.roles.len()) - 1 };
    let named = test.role.as_ref().map_or(all, |set| set.all() & all);
    named & !test.not_role.as_ref().map_or(0, |set| set.all())
}

fn compile_keep(policy: &Policy, keep: &KeepDocument, path: &str, problems: &mut Problems) -> Keep {
    check_words(keep.code.as_ref(), keep.message.as_ref(), path, problems);
    let mut conditions = Conditions { policy, problems };
    let scope = keep.scope.as_ref().map(|block| Box::new(conditions.scope(block, &join(path, "scope"))));
    let each = keep.each.unwrap_or(if keep.exclusive.is_some() { Each::User } else { Each::Scope });
    let counted = match (&keep.count, &keep.exclusive) {
        (Some(count), None) => Counted::Matching(Box::new(conditions.count(count, &join(path, "count")))),
        (None, Some(roles)) => Counted::Exclusive(conditions.role_set(Some(roles), &join(path, "exclusive")).unwrap_or_default()),
        _ => {
            let fields = ["count", "exclusive"].map(|field| join(path, field));
            conditions.problems.none_of(path, &fields.each_ref().map(String::as_str), "a keep has either `count` or `exclusive`");
            Counted::Exclusive(RoleSet::default())
        }
    };
    for (word, stands) in keep.unless.iter().flat_map(|unless| {
        [
            ("grants", unless.grants.is_some()),
            ("revokes", unless.revokes.is_some()),
            ("invitation", unless.invitation.is_some()),
            ("group", unless.group.is_some()),
        ]
    }) {
        if stands {
            let path = join(&join(path, "unless"), word);
            conditions.problems.add(&path, "contradiction", format!("a keep looks at the state, not at single changes: `{word}` does not stand here"));
        }
    }
    check_no_actor(keep, path, problems);
    let unless = keep.unless.as_ref().map(|unless| unless_blocks(policy, unless, path, problems));
    let (at_least, at_most) = bounds_of(policy, keep, path, problems);
    let named = named_roles(&counted);
    let kinds = scope.as_ref().and_then(|scope| scope.kind).unwrap_or_else(|| kinds_of(policy, &counted));
    Keep {
        id: keep.id.clone().unwrap_or_default(),
        kinds,
        scope,
        each,
        promotes: keep.count.as_ref().map(|count| roles_named(policy, count)).unwrap_or_default(),
        named,
        local: is_local(policy, kinds, &counted),
        counted,
        at_least,
        at_most,
        unless,
        code: keep.code.clone(),
        message: keep.message.clone(),
    }
}

/// What a keep counts, and where, is the same whoever asks.
fn check_no_actor(keep: &KeepDocument, path: &str, problems: &mut Problems) {
    let count = keep.count.as_ref();
    let facts = |block: &str, facts: Option<&BTreeMap<String, Pointed<Fact>>>| {
        let of_actor = facts.into_iter().flatten().filter(|(_, value)| matches!(value, Pointed::Actor { .. }));
        of_actor.map(|(name, _)| join(&join(&join(path, block), "attributes"), name)).collect::<Vec<_>>()
    };
    let domains = count.is_some_and(|count| matches!(count.email_domain, Some(Pointed::Actor { .. })));
    let domains = domains.then(|| join(&join(path, "count"), "email_domain"));
    let counted = facts("count", count.and_then(|count| count.attributes.as_ref()));
    let places = facts("scope", keep.scope.as_ref().and_then(|scope| scope.attributes.as_ref()));
    for path in domains.into_iter().chain(counted).chain(places) {
        problems.add(&path, "contradiction", "a keep holds whoever asks: a value or a scope attribute");
    }
}

fn bounds_of(policy: &Policy, keep: &KeepDocument, path: &str, problems: &mut Problems) -> (Option<Pointed<u32>>, Option<Pointed<u32>>) {
    let mut check = |bound: &Option<Pointed<u32>>, word: &str| {
        let path = join(path, word);
        match bound {
            Some(Pointed::Actor { .. }) => problems.add(&path, "contradiction", "a keep holds whoever asks: a number or a scope attribute"),
            Some(Pointed::Scope { scope }) => Conditions { policy, problems }.attribute(scope, &path, "a scope attribute", &policy.attributes.scope),
            _ => {}
        }
        bound.clone()
    };
    let exactly = check(&keep.exactly, "exactly");
    let (at_least, at_most) = (check(&keep.at_least, "at_least"), check(&keep.at_most, "at_most"));
    if let Some(roles) = &keep.exclusive {
        if roles.0.iter().any(|name| name == "*") {
            problems.add(&join(path, "exclusive"), "contradiction", "the roles of which one user may not hold two: `*` is none of them");
        }
        if at_least.is_some() || exactly.is_some() || keep.each == Some(Each::Scope) {
            problems.add(path, "contradiction", "`exclusive` says how many roles of the list one user holds: only `at_most` stands beside it, 1 if absent");
        }
        return (None, at_most.or(Some(Pointed::Given(1))));
    }
    if exactly.is_some() && (at_least.is_some() || at_most.is_some()) {
        problems.add(&join(path, "exactly"), "contradiction", "`exactly` stands alone");
    }
    if exactly.is_none() && at_least.is_none() && at_most.is_none() {
        let fields = ["at_least", "at_most", "exactly"].map(|field| join(path, field));
        problems.none_of(path, &fields.each_ref().map(String::as_str), "what the count must be: `at_least`, `at_most` or `exactly`");
    }
    if let (Some(Pointed::Given(least)), Some(Pointed::Given(most))) = (&at_least, &at_most)
        && least > most
    {
        problems.add(&join(path, "at_most"), "contradiction", format!("at least {least} and at most {most}: no count is both"));
    }
    (at_least.or(exactly.clone()), at_most.or(exactly))
}

/// The roles that a keep names, in its order: what somebody else is to be promoted to. Where any role will do, none is named.
fn roles_named(policy: &Policy, count: &CountDocument) -> Vec<u8> {
    let names: Vec<&String> = [&count.role, &count.has_role, &count.direct_role].into_iter().flatten().flat_map(|names| &names.0).collect();
    if names.iter().any(|name| *name == "*") {
        return Vec::new();
    }
    let meant = |name: &String| {
        let is_meant = |&bit: &u8| policy.roles.get(usize::from(bit)).is_some_and(|role| role.name == *name || role.qualified == *name);
        (0..policy.roles.len() as u8).filter(is_meant).collect::<Vec<u8>>()
    };
    names.into_iter().flat_map(meant).collect()
}

/// The roles that a keep names; `None` where it names none.
fn named_roles(counted: &Counted) -> Option<u64> {
    match counted {
        Counted::Exclusive(set) => Some(set.own | set.layered),
        Counted::Matching(count) => {
            let person = &count.person;
            let sets = [&person.role, &person.has_role, &person.direct_role];
            let named = sets.into_iter().flatten().map(|set| set.own | set.layered).fold(0, std::ops::BitOr::bitor);
            let any = sets.into_iter().flatten().any(|set| set.any);
            (named != 0 && !any).then_some(named)
        }
    }
}

/// A keep without `scope.kind` is about the kinds whose roles it names, by whatever word, or about all.
fn kinds_of(policy: &Policy, counted: &Counted) -> KindMask {
    let sets: Vec<&RoleSet> = match counted {
        Counted::Exclusive(set) => vec![set],
        Counted::Matching(count) => {
            let person = &count.person;
            [&person.role, &person.has_role, &person.not_role, &person.direct_role].into_iter().flatten().collect()
        }
    };
    let named = sets.iter().map(|set| set.own | set.layered).fold(0, std::ops::BitOr::bitor);
    if named == 0 || sets.iter().any(|set| set.any) {
        return ((1_u32 << policy.kinds.len()) - 1) as KindMask;
    }
    bits(named).map(|bit| 1 << policy.roles[usize::from(bit)].kind).fold(0, std::ops::BitOr::bitor)
}

/// Whether a counter can be kept for each scope: only the user's own row, and its grants at the scope itself or through
/// groups, decide. At the organization nothing flows in; elsewhere `direct_role` alone looks at the scope itself, unless it
/// names another layer.
fn is_local(policy: &Policy, kinds: KindMask, counted: &Counted) -> bool {
    let Counted::Matching(count) = counted else { return false };
    let person = &count.person;
    let of_the_scope = |set: &RoleSet| bits(set.layered).all(|bit| kinds == 1 << policy.roles[usize::from(bit)].kind);
    let only_direct = person.role.is_none() && person.has_role.is_none() && person.not_role.is_none() && person.direct_role.as_ref().is_none_or(of_the_scope);
    let at_root = kinds == 1 || policy.kinds.len() == 1;
    let of_the_row = person.permission.is_none()
        && person.attributes.iter().all(|test| matches!(test.value, Pointed::Given(_)))
        && matches!(person.email_domain, None | Some(Pointed::Given(_)))
        && person.kind.is_none_or(|kinds| kinds & choice(&[UserKind::Service]) == 0);
    (at_root || only_direct) && of_the_row && !count.expiring && !count.pending
}
