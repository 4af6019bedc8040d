//! What a policy permits and most products do not want, as far as milliseconds show it: somebody who makes themselves more than they
//! are, a top role that can be lost for good, a way in that reaches higher than the way up.
//!
//! A warning is never a guess: it says what the engine permits to people who hold one role. That nothing is said proves nothing; for
//! that there is [`prove`](crate::prove).
//!
//! ```
//! use tenantry::Policy;
//! use tenantry_analysis::warn::warnings;
//! assert!(warnings(&Policy::preset("starter").unwrap()).is_empty());
//! let policy = Policy::parse_json(r#"{ "tenantry": 1, "name": "mine",
//!     "roles": { "organization": { "owner": { "rank": 2 }, "member": { "rank": 1 } } },
//!     "allow": [{ "id": "roles", "actions": "member.set_roles", "grants": { "role": "*" } }] }"#).unwrap();
//! assert_eq!(warnings(&policy)[0].code, "self_promotion");
//! ```

mod lost;
mod offers;
mod promotion;

use serde::Serialize;
use serde_json::Value;
use tenantry::Policy;
use tenantry::policy::actions::Verb;
use tenantry::policy::catalog::{Kind, Role};

use crate::Place;
use crate::matrix::{Answer, Cell, Is, Matrix, ONESELF, Party, Row, Verdict};
use crate::written::names;

/// Every sort of warning.
pub const CODES: [&str; 4] = ["self_promotion", "top_role_not_kept", "weaker_invitation", "offer_not_rechecked"];

/// Something of a policy that is worth a second look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What sort of warning: one of [`CODES`].
    pub code: &'static str,
    /// Where: `allow[ID]`, `roles.organization.owner`, `invitations.recheck_inviter`.
    pub path: String,
    /// What the policy permits.
    pub message: String,
    /// What would help.
    pub suggestion: String,
}

/// The actions that change who somebody is.
const ASKED: [&str; 10] = [
    "member.set_roles",
    "member.add",
    "member.remove",
    "member.leave",
    "member.deactivate",
    "invitation.create",
    "invitation.update",
    "ownership.transfer",
    "group.add",
    "group.grant",
];

/// Everything that can be seen at once.
#[must_use]
pub fn warnings(policy: &Policy) -> Vec<Warning> {
    let look = Look { policy, document: serde_json::from_str(&policy.to_json()).unwrap_or_default(), matrix: Matrix::of_rows(policy, is_asked) };
    promotion::warnings(&look).into_iter().chain(lost::warnings(&look)).chain(offers::warnings(&look)).collect()
}

/// Whether a question is worth its time: all of them would take seconds where there are dozens of roles.
fn is_asked(row: &Row) -> bool {
    // What may be done to others below a place of the same kind is what may be done there.
    let of_others = row.action != "group.add" && !row.scope.ends_with("-below");
    ASKED.contains(&row.action.as_str()) && (of_others || row.target == Some(ONESELF))
}

/// A policy with the questions about it.
struct Look<'p> {
    policy: &'p Policy,
    document: Value,
    matrix: Matrix,
}

/// A question of the matrix whose answer is not always no.
struct Permitted<'l> {
    row: &'l Row,
    cell: Cell,
    place: &'l Place,
    actor: &'l Party,
    target: Option<&'l Party>,
    answer: &'l Answer,
}

impl<'p> Look<'p> {
    /// What members of the organization may do, for whatever facts.
    fn permitted(&self) -> impl Iterator<Item = Permitted<'_>> {
        let matrix = &self.matrix;
        let cells = matrix.rows.iter().flat_map(|row| row.cells.iter().map(move |cell| (row, *cell)));
        cells.filter_map(move |(row, cell)| {
            let place = matrix.frame.places.iter().find(|place| place.id == row.scope)?;
            let (actor, answer) = (&matrix.parties[cell.actor], &matrix.answers[cell.answer]);
            let target = row.target.map(|target| &matrix.parties[target]);
            let is_member = matches!(actor.is, Is::Member { .. });
            (is_member && answer.verdict != Verdict::Denied).then_some(Permitted { row, cell, place, actor, target, answer })
        })
    }

    /// Whether holders of a declared role change who other people are at a place.
    fn administers(&self, place: &Place, bit: usize) -> bool {
        let changes = |permitted: &Permitted| matches!(permitted.row.verb, Some(Verb::MemberSetRoles | Verb::MemberRemove | Verb::MemberDeactivate));
        let others = |permitted: &Permitted| permitted.place == place && permitted.target.is_some_and(|target| target.is != Is::Oneself);
        self.permitted().any(|permitted| changes(&permitted) && others(&permitted) && self.effective(permitted.actor, place) >> bit & 1 == 1)
    }

    fn root(&self) -> &Place {
        &self.matrix.frame.places[0]
    }

    fn kind(&self, place: &Place) -> &'p Kind {
        let kinds = self.policy.kinds();
        kinds.iter().find(|kind| kind.name == place.kind).unwrap_or(&kinds[0])
    }

    /// A declared role of a place, with its bit.
    fn role(&self, place: &Place, name: &str) -> Option<(usize, &'p Role)> {
        let kind = self.kind(place);
        self.policy.roles().iter().enumerate().find(|(bit, role)| kind.roles >> bit & 1 == 1 && role.name == name)
    }

    /// The place and those above it.
    fn path<'l>(&'l self, place: &'l Place) -> impl Iterator<Item = &'l Place> {
        let above = |place: &&'l Place| place.parent.as_ref().and_then(|id| self.matrix.frame.places.iter().find(|other| other.id == *id));
        std::iter::successors(Some(place), above)
    }

    /// The names of roles that somebody holds right at a place.
    fn held<'l>(&self, party: &'l Party, place: &'l Place) -> impl Iterator<Item = &'l str> {
        let holds = if let Is::Member { holds } = &party.is { holds.as_slice() } else { &[] };
        holds.iter().filter(|held| held.scope == place.id).map(|held| held.role.as_str())
    }

    /// The declared roles that count for somebody at a place, those from above included, as bits.
    fn effective(&self, party: &Party, place: &Place) -> u64 {
        let direct = |at: &Place| self.held(party, at).filter_map(|name| self.role(at, name)).fold(0, |mask, (bit, _)| mask | 1 << bit);
        let above = self.path(place).skip(1).fold(0, |mask, at| mask | self.kind(at).flow(direct(at)));
        direct(place) | above
    }

    /// The names of the permissions that declared roles list; none if one of them lists none and is measured by its rank alone.
    fn listed(&self, declared: u64) -> Option<Vec<&str>> {
        let roles = self.policy.roles().iter().enumerate().filter(|(bit, _)| declared >> bit & 1 == 1);
        let of_role = |role: &Role| {
            let kind = &self.policy.kinds()[usize::from(role.kind)].name;
            role.lists_permissions.then(|| names(&self.document["roles"][kind][&role.name]["permissions"]))
        };
        roles.map(|(_, role)| of_role(role)).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
    }

    /// The names of the custom roles that count for somebody at a place.
    fn custom<'l>(&'l self, party: &'l Party, place: &'l Place) -> impl Iterator<Item = &'l str> {
        let counts = |at: &&Place| at.id == place.id || self.kind(at).flows_custom;
        self.path(place).filter(counts).flat_map(|at| self.held(party, at)).filter(|role| role.starts_with("custom:"))
    }

    /// What a custom role permits.
    fn permissions(&self, custom: &str) -> &[String] {
        self.matrix.custom_roles.iter().find(|role| role.id == custom).map_or(&[], |role| &role.permissions)
    }

    /// A role at a place, as people call it.
    fn label(&self, place: &Place, role: &str) -> String {
        let labels = &self.matrix.labels;
        let name = labels.roles.get(&format!("{}.{role}", place.kind)).or_else(|| labels.roles.get(role)).map_or(role, String::as_str);
        let at = labels.places.get(&place.id).map_or(place.id.as_str(), String::as_str);
        if place.parent.is_none() { format!("\"{name}\"") } else { format!("\"{name}\" ({at})") }
    }
}

/// The place of a rule in a policy.
fn rule(id: &str) -> String {
    format!("allow[{id}]")
}

/// The rules behind an answer, for people.
fn by(answer: &Answer) -> String {
    answer.allowed_by.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" and ")
}
