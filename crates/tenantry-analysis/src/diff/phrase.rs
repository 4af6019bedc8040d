//! A change in a sentence: `Admin may no longer remove Admin`.

use tenantry::policy::actions::Verb;

use crate::matrix::{Matrix, Row, Verdict, conditions, either};

use super::cells::At;
use super::{Changed, Kind, Side, Witness};

/// What a sentence lists.
pub(super) struct Words {
    actors: Vec<String>,
    /// What may be done.
    deeds: Vec<String>,
    places: Vec<String>,
    several_places: bool,
}

fn add(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

impl Words {
    /// The words of some questions.
    pub fn of(sides: &[Side; 2], questions: &[(usize, At)]) -> Words {
        let mut words = Words { actors: Vec::new(), deeds: Vec::new(), places: Vec::new(), several_places: false };
        let mut deeds: Vec<(Act, Vec<String>, Vec<String>)> = Vec::new();
        let actor = |&(number, (row, cell)): &(usize, At)| {
            let matrix = &sides[number].matrix;
            &matrix.parties[matrix.rows[row].cells[cell].actor]
        };
        // Who holds a role and nothing above stands for those who do where both are concerned.
        let others: Vec<&str> = questions.iter().map(|question| actor(question).name.as_str()).collect();
        let is_covered = |name: &str| name.strip_suffix(" alone").and_then(|name| name.split(" at ").next()).is_some_and(|name| others.contains(&name));
        for &(number, (row, cell)) in questions {
            let matrix = &sides[number].matrix;
            let row = &matrix.rows[row];
            let actor = &matrix.parties[row.cells[cell].actor];
            if !is_covered(&actor.name) {
                add(&mut words.actors, actor.label.clone());
            }
            add(&mut words.places, matrix.place_label(&row.scope).to_owned());
            words.several_places |= matrix.frame.places.len() > 1;
            let act = Act::of(matrix, row);
            let at = deeds.iter().position(|(known, ..)| *known == act).unwrap_or_else(|| {
                deeds.push((act, Vec::new(), Vec::new()));
                deeds.len() - 1
            });
            add(&mut deeds[at].1, matrix.about(row));
            add(&mut deeds[at].2, role_words(matrix, row));
        }
        words.deeds = deeds.iter().map(|(act, about, change)| act.phrase(&about.join(" or "), &either(change))).collect();
        words
    }
}

/// An action, and whether it gives or takes: what decides on the words.
#[derive(PartialEq, Eq)]
struct Act {
    action: String,
    label: String,
    gives: bool,
    takes: bool,
}

impl Act {
    fn of(matrix: &Matrix, row: &Row) -> Act {
        let label = matrix.labels.actions.get(&row.action).cloned().unwrap_or_else(|| row.action.clone());
        Act { action: row.action.clone(), label, gives: row.gives.is_some(), takes: row.takes.is_some() }
    }

    /// What is done, as it stands behind "may".
    fn phrase(&self, about: &str, change: &str) -> String {
        let Some(verb) = Verb::parse(&self.action) else { return self.of_the_app(about) };
        let with = |words: &str| if change.is_empty() { words.to_owned() } else { format!("{words} with {change}") };
        match verb {
            Verb::OrganizationCreate => format!("create organizations with {change}"),
            Verb::ScopeCreate => format!("create {change}"),
            Verb::InvitationCreate => format!("invite {about} as {change}"),
            Verb::InvitationUpdate => format!("change offers {change}"),
            Verb::InvitationResend => format!("send offers of {change} again"),
            Verb::InvitationLink => format!("get the link of offers of {change}"),
            Verb::InvitationRevoke => format!("withdraw offers of {change}"),
            Verb::InvitationAccept => format!("accept {change} {about}"),
            Verb::InvitationDecline => "decline offers".to_owned(),
            Verb::InvitationApprove => format!("approve {change}"),
            Verb::MemberAdd => format!("add {about} as {change}"),
            Verb::MemberSetRoles if self.gives && self.takes => format!("change the role of {about} {change}"),
            Verb::MemberSetRoles if self.gives => format!("give {change} to {about}"),
            Verb::MemberSetRoles => format!("take {change} from {about}"),
            Verb::MemberJoin => format!("join as {change}"),
            Verb::MemberEdit => format!("edit the profile of {about}"),
            Verb::MemberChangeEmail => format!("change the address of {about}"),
            Verb::OwnershipTransfer => format!("hand {change} over to {about}"),
            Verb::RoleCreate => format!("make a {change}"),
            Verb::RoleUpdate => format!("make a custom role a {change}"),
            Verb::RoleDelete => format!("delete a {change}"),
            Verb::GroupCreate => "create groups".to_owned(),
            Verb::GroupDelete => with("delete groups"),
            Verb::GroupAdd => with(&format!("put {about} into groups")),
            Verb::GroupRemove => with(&format!("take {about} out of groups")),
            Verb::GroupGrant => format!("give {change} to groups"),
            Verb::GroupRevoke => format!("take {change} from groups"),
            Verb::MemberList => "list members".to_owned(),
            Verb::InvitationList => "list invitations".to_owned(),
            Verb::AuditRead => "read the audit trail".to_owned(),
            Verb::MemberRemove | Verb::MemberDeactivate | Verb::MemberReactivate | Verb::MemberLeave => self.plain(about),
            Verb::ScopeConfigure | Verb::ScopeMove | Verb::ScopeArchive | Verb::ScopeRestore | Verb::ScopeDelete => format!("{} it", self.plain("")),
        }
    }

    fn plain(&self, about: &str) -> String {
        let verb = self.action.split_once('.').map_or(self.action.as_str(), |(_, verb)| verb);
        if about.is_empty() { verb.to_owned() } else { format!("{verb} {about}") }
    }

    fn of_the_app(&self, about: &str) -> String {
        if about.is_empty() { format!("do `{}`", self.label) } else { format!("do `{}` to {about}", self.label) }
    }
}

fn role_words(matrix: &Matrix, row: &Row) -> String {
    let label = |role: &String| matrix.role_label(&row.scope, role);
    match (&row.gives, &row.takes) {
        (Some(gives), Some(takes)) => format!("from {} to {}", label(takes), label(gives)),
        (one, other) => one.as_ref().or(other.as_ref()).map(label).or_else(|| row.kind.clone()).unwrap_or_default(),
    }
}

/// A list with `and` before its last item.
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Rules by id.
fn named(rules: &[String]) -> String {
    list(&rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>())
}

/// The sentence of a change.
pub(super) fn sentence(words: &Words, kind: Kind, changed: &Changed, witness: &Witness) -> String {
    let (actors, deeds) = (list(&words.actors), words.deeds.join(", or "));
    let place = if words.several_places { format!(" ({})", list(&words.places)) } else { String::new() };
    let rules = |rules: &[String]| if rules.is_empty() { String::new() } else { format!(" (by {})", named(rules)) };
    let code = |code: &Option<String>| format!("`{}`", code.as_deref().unwrap_or_default());
    match kind {
        Kind::Widen => format!("{actors} may now {deeds}{place}{}{}", condition(changed, true), rules(&witness.after.rules)),
        Kind::Narrow => {
            format!("{actors} may no longer {deeds}{place}{}: {}{}", condition(changed, false), code(&witness.after.code), rules(&witness.after.rules))
        }
        Kind::Code => format!("{actors} may not {deeds}{place}: {} in place of {}", code(&witness.after.code), code(&witness.before.code)),
    }
}

/// Under which facts the change shows, where it is not always.
fn condition(changed: &Changed, widens: bool) -> String {
    let (from, to) = (&changed.before, &changed.after);
    match (from.verdict, to.verdict) {
        (Verdict::Denied, Verdict::Depends) => format!(" if {}", conditions(&to.when)),
        (Verdict::Allowed, Verdict::Depends) => format!(" unless {}", conditions(&to.when)),
        (Verdict::Depends, Verdict::Depends) => format!(" (now if {}, before if {})", conditions(&to.when), conditions(&from.when)),
        (Verdict::Depends, _) if widens => format!(" in every case, not only if {}", conditions(&from.when)),
        (Verdict::Depends, _) => format!(" if {}", conditions(&from.when)),
        (Verdict::Denied, Verdict::Allowed) if !to.keeps.is_empty() => format!(", while {} holds", named(&to.keeps)),
        (Verdict::Allowed, Verdict::Allowed) if from.keeps.is_empty() => format!(", where {} is against it", named(&to.keeps)),
        (Verdict::Allowed, Verdict::Allowed) => format!(", where {} was against it", named(&from.keeps)),
        _ => String::new(),
    }
}
