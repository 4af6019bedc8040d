//! Ways into the organization that reach higher than the way up: roles that somebody may offer to newcomers and not give to those who are
//! there, and offers that outlive the right to make them.

use std::collections::BTreeMap;

use tenantry::policy::catalog::Role;

use super::{Look, Permitted, Warning, by, rule};
use crate::Place;
use crate::matrix::{Answer, Condition, Is, Party};

/// The verbs that bring people in.
const WAYS_IN: [&str; 3] = ["invitation.create", "invitation.update", "member.add"];

pub(super) fn warnings(look: &Look) -> Vec<Warning> {
    weaker(look).into_iter().chain(not_rechecked(look)).collect()
}

/// What somebody may do at a place.
#[derive(Default)]
struct Reach<'l> {
    /// The declared roles to offer, as bits, each with what permits it.
    offers: Vec<(usize, &'static str, &'l Answer)>,
    /// The declared roles to give to those who are there.
    gifts: u64,
}

/// One warning for each rule that lets people in so high, with the first who may as an example.
fn weaker(look: &Look) -> Vec<Warning> {
    let mut rules: Vec<&[String]> = Vec::new();
    let mut found = Vec::new();
    for (place, actor, reach) in reaches(look) {
        for &(bit, way, answer) in reach.offers.iter().filter(|(bit, ..)| is_beyond(look, (place, actor), &reach, *bit)) {
            if !rules.contains(&answer.allowed_by.as_slice()) {
                rules.push(&answer.allowed_by);
                found.push(warning(look, (place, actor), (&look.policy.roles()[bit], way, answer), reach.gifts != 0));
            }
        }
    }
    found
}

/// What each actor may do at each place.
fn reaches<'l>(look: &'l Look) -> Vec<(&'l Place, &'l Party, Reach<'l>)> {
    let mut reaches: BTreeMap<(usize, &str), (&Place, &Party, Reach)> = BTreeMap::new();
    for permitted in look.permitted() {
        let Permitted { row, cell, place, actor, target, answer } = permitted;
        let given = row.gives.as_deref().filter(|_| !is_about_services(answer));
        let Some((bit, _)) = given.and_then(|given| look.role(place, given)) else { continue };
        let (.., reach) = reaches.entry((cell.actor, place.id.as_str())).or_insert((place, actor, Reach::default()));
        if let Some(way) = WAYS_IN.into_iter().find(|way| *way == row.action) {
            reach.offers.push((bit, way, answer));
        } else if row.action == "member.set_roles" && target.is_some_and(|target| target.is != Is::Oneself) {
            reach.gifts |= 1 << bit;
        }
    }
    reaches.into_values().collect()
}

/// Whether it is allowed for services alone, which are never above their owners.
fn is_about_services(answer: &Answer) -> bool {
    let is_service = |when: &Condition| when.get("target.kind").is_some_and(|kinds| kinds.iter().all(|kind| kind.text().as_deref() == Some("service")));
    !answer.when.is_empty() && answer.when.iter().all(is_service)
}

/// Whether a role is above everything that the actor may give; for who may give nothing, above everything that the actor has.
fn is_beyond(look: &Look, (place, actor): (&Place, &Party), reach: &Reach, bit: usize) -> bool {
    let measure = if reach.gifts == 0 { look.effective(actor, place) & look.kind(place).roles } else { reach.gifts };
    let outranks = look.policy.roles()[bit].outranks;
    measure != 0 && measure & !outranks == 0
}

fn warning(look: &Look, (place, actor): (&Place, &Party), (role, way, answer): (&Role, &str, &Answer), gives: bool) -> Warning {
    let deed = match way {
        "invitation.create" => "invite somebody as",
        "invitation.update" => "change an invitation to",
        _ => "add somebody as",
    };
    let but = if gives { "may not give that role to people who are there already" } else { "holds less" };
    Warning {
        code: "weaker_invitation",
        path: rule(answer.allowed_by.first().map_or("", String::as_str)),
        message: format!("whoever is \"{}\" may {deed} {}, by {}, and {but}", actor.label, look.label(place, &role.name), by(answer)),
        suggestion: format!("limit what {} gives: `grants = {{ rank = \"at_most\" }}`, or the roles that may be offered", by(answer)),
    }
}

/// Offers that hold although their maker could not make them any more.
fn not_rechecked(look: &Look) -> Option<Warning> {
    let invitations = &look.document["invitations"];
    if invitations["recheck_inviter"] != false || invitations["approval"] == true {
        return None;
    }
    let offers = look.permitted().filter(|permitted| permitted.row.action == "invitation.create");
    let offered = offers.filter_map(|permitted| Some((permitted.place, look.role(permitted.place, permitted.row.gives.as_deref()?)?)));
    let (place, (_, role)) =
        offered.filter(|(place, (bit, _))| look.administers(place, *bit)).max_by_key(|(place, (_, role))| (place.parent.is_none(), role.rank))?;
    Some(Warning {
        code: "offer_not_rechecked",
        path: "invitations.recheck_inviter".to_owned(),
        message: format!("an offer to become {} stays good after its maker was removed or lost the right to make it", look.label(place, &role.name)),
        suggestion: "leave `recheck_inviter` out: offers are judged once more when they are accepted".to_owned(),
    })
}
