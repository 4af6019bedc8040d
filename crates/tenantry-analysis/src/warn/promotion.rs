//! People who may give themselves more than they have.

use super::{Look, Permitted, Warning, by, rule};
use crate::matrix::{Is, Row};

/// One warning for each rule that lets people do so, with the first of them as an example.
pub(super) fn warnings(look: &Look) -> Vec<Warning> {
    let mut rules: Vec<&[String]> = Vec::new();
    let mut found = Vec::new();
    for permitted in look.permitted().filter(|permitted| is_of_oneself(permitted) && is_raise(look, permitted)) {
        if !rules.contains(&permitted.answer.allowed_by.as_slice()) {
            rules.push(&permitted.answer.allowed_by);
            found.push(warning(look, &permitted));
        }
    }
    found
}

fn is_of_oneself(permitted: &Permitted) -> bool {
    let asks_for_itself = permitted.target.is_some_and(|target| target.is == Is::Oneself);
    asks_for_itself && matches!(permitted.row.action.as_str(), "member.set_roles" | "group.add")
}

/// Whether the role that is given is more than all that the actor has there: by rank, or by permissions where these measure it.
fn is_raise(look: &Look, permitted: &Permitted) -> bool {
    let Permitted { row: Row { gives: Some(given), .. }, place, actor, .. } = permitted else { return false };
    let (declared, custom) = (look.effective(actor, place), look.custom(actor, place).collect::<Vec<_>>());
    // Below the organization, who has nothing there may be who looks after the place from elsewhere.
    if place.parent.is_some() && declared & look.kind(place).roles == 0 && custom.is_empty() {
        return false;
    }
    let measured = look.listed(declared);
    let mut own: Vec<&str> = measured.clone().unwrap_or_default();
    own.extend(custom.into_iter().flat_map(|role| look.permissions(role)).map(String::as_str));
    match look.role(place, given) {
        None => measured.is_some() && !is_within(look.permissions(given).iter().map(String::as_str), &own),
        Some((bit, role)) => {
            let within = role.lists_permissions && is_within(look.listed(1 << bit).into_iter().flatten(), &own);
            declared & look.kind(place).roles & !role.outranks == 0 && !within
        }
    }
}

fn is_within<'l>(permissions: impl IntoIterator<Item = &'l str>, own: &[&str]) -> bool {
    permissions.into_iter().all(|permission| own.contains(&permission))
}

fn warning(look: &Look, permitted: &Permitted) -> Warning {
    let Permitted { row, place, actor, answer, .. } = permitted;
    let gift = row.gives.as_deref().unwrap_or_default();
    let given = look.label(place, gift);
    let through = if row.action == "group.add" { ", by joining a group that has it" } else { "" };
    let limit = if look.role(place, gift).is_some() { "rank = \"at_most\"" } else { "permissions = \"subset\"" };
    Warning {
        code: "self_promotion",
        path: rule(answer.allowed_by.first().map_or("", String::as_str)),
        message: format!(
            "whoever is \"{}\" may give themselves the role {given}{through}: {} permits it, and no rule about oneself stops it",
            actor.label,
            by(answer)
        ),
        suggestion: format!("forbid it (`changes = [\"give\", \"take\", \"status\"]`, `target = {{ is_actor = true }}`), or limit `grants` to `{limit}`"),
    }
}
