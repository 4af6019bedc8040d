//! The top role of the organization: whether its last holder can go, and nobody else can make another.

use std::sync::Arc;

use tenantry::Directory;
use tenantry::policy::actions::Verb;
use tenantry::policy::catalog::Role;

use super::{Look, Permitted, Warning};
use crate::diff::crowded;
use crate::matrix::{Is, Setting};

/// How many others there are of each other role when somebody goes.
const OTHERS: usize = 2;

/// The warning, where one role stands above all others that administer the organization.
pub(super) fn warnings(look: &Look) -> Option<Warning> {
    let here = look.kind(look.root()).roles;
    let administering = look.policy.roles().iter().enumerate().filter(|(bit, _)| here >> bit & 1 == 1 && look.administers(look.root(), *bit));
    let administering: Vec<(usize, &Role)> = administering.collect();
    let is_top = |role: &Role| administering.iter().all(|(bit, other)| role.outranks >> bit & 1 == 1 || other.qualified == role.qualified);
    let (_, top) = administering.iter().find(|(_, role)| is_top(role))?;
    if others_give(look, &top.name) { None } else { warning(look, &top.name) }
}

/// Whether somebody who does not hold the role makes others hold it.
fn others_give(look: &Look, role: &str) -> bool {
    let gives = |permitted: &Permitted| permitted.row.gives.as_deref() == Some(role) && permitted.place.parent.is_none();
    look.permitted().any(|permitted| gives(&permitted) && !holds(look, &permitted, role))
}

fn holds(look: &Look, permitted: &Permitted, role: &str) -> bool {
    look.held(permitted.actor, look.root()).any(|held| held == role)
}

fn warning(look: &Look, role: &str) -> Option<Warning> {
    let permitted = look.permitted().filter(|permitted| ends(look, permitted, role)).find(|permitted| happens(look, permitted, role))?;
    let label = look.label(look.root(), role);
    let subject = if holds(look, &permitted, role) { "its last holder".to_owned() } else { format!("\"{}\"", permitted.actor.label) };
    let back = system(look, role).map_or_else(|| "nobody".to_owned(), |system| format!("only the system `{system}`"));
    Some(Warning {
        code: "top_role_not_kept",
        path: format!("roles.organization.{role}"),
        message: format!(
            "the organization can be left without {label}: {subject} may {}, and {back} can make another afterwards",
            deed(look, &permitted, role)
        ),
        suggestion: format!("add a `keep`: `count = {{ has_role = \"organization.{role}\" }}`, `at_least = 1`"),
    })
}

/// Whether this ends what somebody does with the role: the actor's own, or that of somebody else by who does not hold it.
fn ends(look: &Look, permitted: &Permitted, role: &str) -> bool {
    let Permitted { row, place, target, .. } = permitted;
    let takes = match row.verb {
        // Where one role is held at a time, a new one takes the old one.
        Some(Verb::MemberSetRoles) if look.kind(place).one_role && row.gives.is_some() => row.gives.as_deref() != Some(role),
        Some(Verb::MemberSetRoles) => row.takes.as_deref() == Some(role),
        Some(Verb::MemberRemove | Verb::MemberDeactivate | Verb::MemberLeave) => true,
        _ => false,
    };
    let of_whom = match target {
        Some(target) if target.is != Is::Oneself => !holds(look, permitted, role) && look.held(target, place).any(|held| held == role),
        _ => holds(look, permitted, role),
    };
    takes && of_whom && place.parent.is_none()
}

/// Whether the policy itself, keeps and all, lets it happen in an organization where nobody else holds the role and everybody else is there.
fn happens(look: &Look, permitted: &Permitted, role: &str) -> bool {
    let when = permitted.answer.when.first();
    let settings: Vec<(&str, &Setting)> = when.into_iter().flatten().filter_map(|(name, values)| Some((name.as_str(), values.first()?))).collect();
    let scene = look.matrix.scene(permitted.row, permitted.cell.actor, &settings);
    let others = look.policy.roles().iter().filter(|other| other.qualified != format!("organization.{role}"));
    let others: Vec<(String, String)> = others.map(|role| (role.qualified.clone(), role.name.clone())).collect();
    let state = crowded(&scene.snapshot(), std::slice::from_ref(look.root()), &others, OTHERS, None);
    let decided = Directory::new(Arc::new(look.policy.clone()), &state).and_then(|mut directory| directory.decide(&scene.request()));
    decided.is_ok_and(|decision| decision.is_allowed())
}

/// What happens, in words.
fn deed(look: &Look, permitted: &Permitted, role: &str) -> &'static str {
    match (permitted.row.verb, holds(look, permitted, role)) {
        (Some(Verb::MemberLeave), _) => "leave",
        (Some(Verb::MemberRemove), true) => "remove themselves",
        (Some(Verb::MemberRemove), false) => "remove its last holder",
        (Some(Verb::MemberDeactivate), true) => "deactivate themselves",
        (Some(Verb::MemberDeactivate), false) => "deactivate its last holder",
        (_, true) => "give it up",
        (_, false) => "take it from its last holder",
    }
}

/// A system that gives the role to members.
fn system<'l>(look: &'l Look, role: &str) -> Option<&'l str> {
    let matrix = &look.matrix;
    let rows = matrix.rows.iter().filter(|row| row.scope == look.root().id && row.gives.as_deref() == Some(role));
    let allowed = rows.flat_map(|row| &row.cells).filter(|cell| matrix.answers[cell.answer].verdict != crate::matrix::Verdict::Denied);
    allowed.filter_map(|cell| if let Is::System { system } = &matrix.parties[cell.actor].is { Some(system.as_str()) } else { None }).next()
}
