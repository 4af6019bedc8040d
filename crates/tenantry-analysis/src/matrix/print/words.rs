//! A matrix in words: names for people, conditions as phrases.

use tenantry::policy::actions::Verb;

use crate::matrix::facts::{DOMAIN, POINTED};
use crate::matrix::parties::titled;
use crate::matrix::{Answer, Condition, Is, Matrix, Row, Setting, Verdict};

impl Matrix {
    /// The name of an action for people: that of the policy, or its verb.
    #[must_use]
    pub fn action_label(&self, action: &str) -> String {
        let verb = || titled(action.split_once('.').map_or(action, |(_, verb)| verb));
        self.labels.actions.get(action).cloned().unwrap_or_else(verb)
    }

    /// The name of a role for people, at a place.
    #[must_use]
    pub fn role_label(&self, scope: &str, role: &str) -> String {
        let kind = self.frame.places.iter().find(|place| place.id == scope).map_or("", |place| place.kind.as_str());
        let known = self.labels.roles.get(&format!("{kind}.{role}")).or_else(|| self.labels.roles.get(role));
        known.cloned().unwrap_or_else(|| titled(role))
    }

    /// The name of a place for people.
    #[must_use]
    pub fn place_label<'a>(&'a self, scope: &'a str) -> &'a str {
        self.labels.places.get(scope).map_or(scope, String::as_str)
    }

    /// About whom a row asks, in words; empty if about nobody.
    #[must_use]
    pub fn about(&self, row: &Row) -> String {
        let Some(target) = row.target.map(|target| &self.parties[target]) else { return String::new() };
        let invites = matches!(row.verb, Some(Verb::InvitationCreate | Verb::MemberAdd));
        match &target.is {
            Is::Oneself => "oneself".to_owned(),
            Is::Outsider => "somebody new".to_owned(),
            Is::Member { .. } if invites => "somebody of the organization".to_owned(),
            Is::Member { .. } if row.action == "invitation.accept" => format!("offered by {}", target.label),
            _ => target.label.clone(),
        }
    }

    /// What a row's question gives and takes, in words; empty if nothing.
    #[must_use]
    pub fn change(&self, row: &Row) -> String {
        let label = |role: &String| self.role_label(&row.scope, role);
        match (row.gives.as_ref().map(label), row.takes.as_ref().map(label), &row.kind) {
            (Some(gives), Some(takes), _) => format!("from {takes} to {gives}"),
            (Some(gives), None, _) => gives,
            (None, Some(takes), _) if row.action == "member.set_roles" => format!("take {takes} away"),
            (None, Some(takes), _) => takes,
            (None, None, Some(kind)) => titled(kind),
            _ => String::new(),
        }
    }

    /// A row's question in words: `Remove: Admin`, `Change role: Member, from Member to Admin (Workspace)`.
    #[must_use]
    pub fn question(&self, row: &Row) -> String {
        let parts: Vec<String> = [self.about(row), self.change(row)].into_iter().filter(|part| !part.is_empty()).collect();
        let place = if self.frame.places.len() > 1 { format!(" ({})", self.place_label(&row.scope)) } else { String::new() };
        let colon = if parts.is_empty() { "" } else { ": " };
        format!("{}{colon}{}{place}", self.action_label(&row.action), parts.join(", "))
    }
}

/// An answer in a sentence.
#[must_use]
pub fn sentence(answer: &Answer) -> String {
    let keeps = if answer.keeps.is_empty() { String::new() } else { format!(", while {} holds", quoted(&answer.keeps)) };
    match answer.verdict {
        Verdict::Allowed => format!("allowed{keeps}"),
        Verdict::Denied => format!("denied: {}", answer.code.as_deref().unwrap_or_default()),
        Verdict::Depends => format!("allowed if {}{keeps}", conditions(&answer.when)),
    }
}

fn quoted(ids: &[String]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" and ")
}

/// Conditions as a phrase: `section of the resource is "ailoop"`.
#[must_use]
pub fn conditions(when: &[Condition]) -> String {
    // What something else matches is there: that need not be said.
    let matched = |condition: &Condition, name: &str| condition.values().flatten().any(|value| matches!(value, Setting::SameAs(other) if other == name));
    let one = |condition: &Condition| {
        let said = condition.iter().filter(|(name, values)| !matched(condition, name) || values.contains(&Setting::Absent));
        said.map(|(name, values)| fact(name, values)).collect::<Vec<_>>().join(" and ")
    };
    when.iter().map(one).collect::<Vec<_>>().join(", or ")
}

fn fact(name: &str, values: &[Setting]) -> String {
    if let ([Setting::Is(value)], Some((yes, no))) = (values, yes_or_no(name)) {
        return if value == "true" { yes } else { no }.to_owned();
    }
    if name.ends_with(".ended_by") && values == [Setting::Absent] {
        return "no earlier membership has ended".to_owned();
    }
    if let [Setting::SameAs(other)] = values {
        return format!("{} matches {}", fact_words(name), fact_words(other));
    }
    let none = values.contains(&Setting::Absent);
    let some: Vec<String> = values.iter().filter(|value| **value != Setting::Absent).map(value_words).collect();
    match (none, some.is_empty()) {
        (true, true) => format!("{} is not given", fact_words(name)),
        (true, false) => format!("{} is {}, or not given", fact_words(name), some.join(" or ")),
        _ => format!("{} is {}", fact_words(name), some.join(" or ")),
    }
}

fn yes_or_no(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "invitation.open" => ("it is an open link", "it goes to an address"),
        "invitation.by_actor" => ("the actor made the invitation", "somebody else made the invitation"),
        "invitation.addressed_to_actor" => ("the invitation is to the actor's address", "the invitation is to another address"),
        "group.has_actor" => ("the actor is in the group", "the actor is not in the group"),
        "group.managed_by_actor" => ("the actor looks after the group", "the actor does not look after the group"),
        _ => return None,
    })
}

/// A fact for people.
fn fact_words(name: &str) -> String {
    let (whose, word) = name.split_once('.').unwrap_or((name, ""));
    let word = word.strip_prefix("attributes.").unwrap_or(word);
    match (whose, word) {
        ("invitation", "email_domain") => "the domain of the address".to_owned(),
        ("grants" | "revokes", _) => "the source of the role".to_owned(),
        (_, "kind") => format!("the sort of account of the {whose}"),
        (_, "email_domain") => format!("the domain of the {whose}'s address"),
        (_, "ended_by") => "the end of an earlier membership".to_owned(),
        ("context", _) => format!("{word} of the request"),
        ("scope", _) => format!("{word} of the place"),
        _ => format!("{word} of the {whose}"),
    }
}

fn value_words(value: &Setting) -> String {
    match value {
        Setting::Absent => "not given".to_owned(),
        Setting::SameAs(other) => format!("that of {}", fact_words(other)),
        Setting::Is(text) if *text == format!("\"{DOMAIN}\"") => "another one".to_owned(),
        Setting::Is(text) if *text == format!("\"{POINTED}\"") => "given".to_owned(),
        Setting::Is(text) => text.clone(),
    }
}

/// The part of an action before the dot, as a heading.
#[must_use]
pub fn noun(action: &str) -> String {
    titled(action.split_once('.').map_or(action, |(noun, _)| noun))
}
