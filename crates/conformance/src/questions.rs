//! What the benchmarks ask, of the engine and of the floor: the same questions in the same order.

use fastrand::Rng;
use tenantry::Directory;
use tenantry::ask::{Ids, PageQuery, Query, Question};
use tenantry::document::{Actor, Ask, Body, Facts, Request};

use crate::floor::{Organization, Role};
use crate::organization::{BRANCHES, DEPTH, Mix, NOW, ROOT, branch_of, user_id, workspace_id};

/// The same questions in every run.
const SEED: u64 = 7;

/// A sort of question, with a yes or no for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// May she remove him?
    Remove,
    /// May she make him an admin?
    SetRoles,
    /// May she edit in a workspace of the lowest level, by a role there or above?
    Edit,
    /// The same of workspaces of every level: more sorts of editors and workspaces than the engine remembers answers for.
    EditAnywhere,
}

impl Sort {
    /// All of them.
    pub const ALL: [Sort; 4] = [Sort::Remove, Sort::SetRoles, Sort::Edit, Sort::EditAnywhere];

    /// How the tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Sort::Remove => "member.remove",
            Sort::SetRoles => "member.set_roles",
            Sort::Edit => "inherited app permission",
            Sort::EditAnywhere => "the same, all workspaces",
        }
    }

    /// So many questions about an organization of so many members.
    #[must_use]
    pub fn queries(self, members: usize, mix: Mix, count: usize) -> Vec<Query> {
        let mut random = Rng::with_seed(SEED);
        let ask = |_| match self {
            Sort::Remove => about("member.remove", members, &mut random),
            Sort::SetRoles => Query { role: Some("admin".to_owned()), ..about("member.set_roles", members, &mut random) },
            Sort::Edit => edit(mix, members, &mut random, |_| DEPTH - 1),
            Sort::EditAnywhere => edit(mix, members, &mut random, |random| random.usize(..DEPTH)),
        };
        (0..count).map(ask).collect()
    }

    /// The answer by hand.
    #[must_use]
    pub fn by_hand(self, floor: &Organization, ids: &Ids) -> bool {
        let target = ids.target.unwrap_or_default();
        match self {
            Sort::Remove => floor.can_remove(ids.actor, target),
            Sort::SetRoles => floor.can_set_role(ids.actor, target, Role::Admin),
            Sort::Edit | Sort::EditAnywhere => floor.can_edit(ids.actor, ids.scope.unwrap_or_default(), ids.now),
        }
    }
}

/// The question by the ids that it holds; none if there is no such action.
#[must_use]
pub fn by_id<'a>(directory: &Directory, query: &'a Query) -> Option<Ids<'a>> {
    let action = directory.policy().action(&query.action)?;
    let (scope, target, role) = (query.scope.as_deref(), query.target.as_deref(), query.role.as_deref());
    Some(Ids { actor: user_of(&query.actor), action, scope, target, role, now: query.now, resource: None, context: None })
}

/// The question by handles; none if somebody in it does not exist.
#[must_use]
pub fn by_handle<'a>(directory: &Directory, query: &Query) -> Option<Question<'a>> {
    let scope = directory.scope(query.scope.as_deref().unwrap_or(ROOT))?;
    Some(Question {
        actor: directory.user(user_of(&query.actor))?,
        action: directory.policy().action(&query.action)?,
        scope,
        target: query.target.as_deref().and_then(|id| directory.user(id)),
        role: query.role.as_deref().and_then(|role| directory.role(scope, role)),
        now: query.now,
        resource: None,
        context: None,
    })
}

/// A sort of request, to be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Remove him.
    Remove,
    /// Make him an admin.
    SetRoles,
    /// Invite a new address as an admin.
    Invite,
}

impl Change {
    /// All of them.
    pub const ALL: [Change; 3] = [Change::Remove, Change::SetRoles, Change::Invite];

    /// The verb.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Change::Remove => "member.remove",
            Change::SetRoles => "member.set_roles",
            Change::Invite => "invitation.create",
        }
    }

    /// So many requests to an organization of so many members.
    #[must_use]
    pub fn requests(self, members: usize, count: usize) -> Vec<Request> {
        let mut random = Rng::with_seed(SEED);
        let roles = || Some(vec!["admin".into()]);
        let ask = |number: usize| {
            let (actor, target) = (user_id(manager(&mut random, members)), user_id(random.usize(..members)));
            let of_verb = Ask { action: self.action().to_owned(), ..Ask::default() };
            let ask = match self {
                Change::Remove => Ask { target: Some(target), ..of_verb },
                Change::SetRoles => Ask { target: Some(target), roles: roles(), ..of_verb },
                Change::Invite => Ask { email: Some(format!("new-{number}@example.org")), roles: roles(), ..of_verb },
            };
            Request { id: Some(format!("request-{number}")), now: NOW, actor: Actor::User(actor), context: Facts::default(), body: Body::One(Box::new(ask)) }
        };
        (0..count).map(ask).collect()
    }

    /// Whether it is allowed, by hand.
    #[must_use]
    pub fn by_hand(self, floor: &Organization, request: &Request) -> bool {
        let (actor, Body::One(ask)) = (user_of(&request.actor), &request.body) else { return false };
        let target = ask.target.as_deref().unwrap_or_default();
        match self {
            Change::Remove => floor.can_remove(actor, target),
            Change::SetRoles => floor.can_set_role(actor, target, Role::Admin),
            Change::Invite => floor.can_invite(actor, ask.email.as_deref().unwrap_or_default(), Role::Admin),
        }
    }
}

/// Who looks at the page: an admin.
pub const VIEWER: usize = 3;

/// The whole page as an admin sees it, with three actions for each row, or its first rows.
#[must_use]
pub fn page(limit: Option<u32>) -> PageQuery {
    let actions = ["member.remove", "member.set_roles", "member.deactivate"].map(str::to_owned).to_vec();
    PageQuery { actor: Actor::User(user_id(VIEWER)), now: NOW, actions: Some(actions), limit, ..PageQuery::default() }
}

fn query(actor: &str, action: &str) -> Query {
    Query { actor: Actor::User(actor.to_owned()), action: action.to_owned(), now: NOW, ..Query::default() }
}

fn about(action: &str, members: usize, random: &mut Rng) -> Query {
    Query { target: Some(user_id(random.usize(..members))), ..query(&user_id(manager(random, members)), action) }
}

/// An editor asks about a workspace, half of the time of a branch where the editor has something.
fn edit(mix: Mix, members: usize, random: &mut Rng, level: impl Fn(&mut Rng) -> usize) -> Query {
    let editor = match mix {
        Mix::Plain => (random.usize(..members) / 10 * 10 + 4).min(members - 1),
        Mix::Own => random.usize(..members),
    };
    let elsewhere = random.usize(..BRANCHES);
    let branch = branch_of(mix, editor).filter(|_| random.bool()).unwrap_or(elsewhere);
    Query { scope: Some(workspace_id(branch, level(random))), ..query(&user_id(editor), "doc.edit") }
}

/// Half of the actors are owners and admins: otherwise nearly every question would end at once.
fn manager(random: &mut Rng, members: usize) -> usize {
    match random.usize(..4) {
        0 => random.usize(..3),
        1 => (random.usize(..members.div_ceil(100)) * 100 + 3).min(members - 1),
        _ => random.usize(..members),
    }
}

/// The benchmarks ask as users.
fn user_of(actor: &Actor) -> &str {
    if let Actor::User(id) = actor { id } else { "" }
}
