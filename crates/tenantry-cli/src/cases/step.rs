//! One request of a case: how it is read, asked, and compared with what is expected.

use serde::Serialize;
use serde_json::{Map, Value, json};
use tenantry::document::{Actor, Decision, Effect, Request, Time};
use tenantry::{CATALOGUE, Directory, ERROR_CODES, Policy, Problem, Step as DecisionStep};

use super::file::{Step, from_value};
use super::words::{actor, problem, unknown};

/// A request, and the answer that is expected.
pub(super) struct Asked {
    pub path: String,
    request: Request,
    then: String,
    /// Lists that are looked at: their field in the file, and what is expected.
    lists: Vec<(List, Vec<String>)>,
}

/// A list of an answer that a case can look at.
#[derive(Debug, Clone, Copy)]
enum List {
    Events,
    Obligations,
    Warnings,
    Reasons,
    Rules,
    Remedies,
    Items,
}

/// What differs, and the answer unless it was an error.
type Differs = (Vec<String>, Option<Box<Decision>>);

/// The requests of a case, in order.
pub(super) fn read_all(policy: &Policy, case: &Step, now: Time, path: &str, problems: &mut Vec<Problem>) -> Vec<Asked> {
    let known = known_answers(policy);
    let mut all = Vec::new();
    read_into(&mut all, case, now, path, &known, problems);
    all
}

fn read_into(all: &mut Vec<Asked>, step: &Step, now: Time, path: &str, known: &[String], problems: &mut Vec<Problem>) {
    if !known.contains(&step.then) {
        let what = "`allow`, a code of a denial or of an error";
        problems.push(unknown(&format!("{path}.then"), &step.then, what, known.iter().map(String::as_str)));
    }
    match request(&step.when, now, &format!("{path}-{}", all.len()), &format!("{path}.when")) {
        Ok(request) => all.push(Asked { path: path.to_owned(), request, then: step.then.clone(), lists: lists(step) }),
        Err(error) => problems.extend(error.0),
    }
    for (number, next) in step.after.iter().enumerate() {
        let path = format!("{path}.after[{number}]");
        if next.given.is_some() {
            problems.push(problem(&format!("{path}.given"), "contradiction", "what comes after goes on with the state as it is: `given` stands at the case"));
        }
        read_into(all, next, now, &path, known, problems);
    }
}

/// Every answer that there can be: `allow`, the codes of the catalogue and of the policy, and the codes of errors.
fn known_answers(policy: &Policy) -> Vec<String> {
    let document: Value = serde_json::from_str(&policy.to_json()).unwrap_or_default();
    let rules = ["allow", "forbid", "keep"].into_iter().filter_map(|section| document.get(section)?.as_array().cloned()).flatten();
    let own = rules.filter_map(|rule| rule.get("code")?.as_str().map(str::to_owned));
    let denials = CATALOGUE.iter().filter(|code| code.step() < DecisionStep::Warning).map(|code| code.as_str().to_owned());
    let errors = ERROR_CODES.iter().map(|code| (*code).to_owned());
    std::iter::once("allow".to_owned()).chain(own).chain(denials).chain(errors).collect()
}

fn request(when: &Map<String, Value>, now: Time, id: &str, path: &str) -> Result<Request, super::CasesError> {
    let mut fields = when.clone();
    if let Some(Value::String(text)) = fields.get("actor") {
        let named: Actor = actor(text);
        fields.insert("actor".to_owned(), serde_json::to_value(named).unwrap_or_default());
    }
    fields.entry("tenantry").or_insert(json!(1));
    fields.entry("id").or_insert(json!(id));
    fields.entry("now").or_insert(json!(now.to_string()));
    from_value(Value::Object(fields), path)
}

fn lists(step: &Step) -> Vec<(List, Vec<String>)> {
    let all = [
        (List::Events, &step.events),
        (List::Obligations, &step.obligations),
        (List::Warnings, &step.warnings),
        (List::Reasons, &step.reasons),
        (List::Rules, &step.rules),
        (List::Remedies, &step.remedies),
        (List::Items, &step.items),
    ];
    all.into_iter().filter_map(|(list, expected)| Some((list, expected.clone()?))).collect()
}

impl List {
    fn name(self) -> &'static str {
        match self {
            List::Events => "events",
            List::Obligations => "obligations",
            List::Warnings => "warnings",
            List::Reasons => "reasons",
            List::Rules => "rules",
            List::Remedies => "remedies",
            List::Items => "items",
        }
    }

    fn of(self, decision: &Decision) -> Vec<String> {
        match self {
            List::Events => tags(&decision.events, "event"),
            List::Obligations => tags(&decision.obligations, "obligation"),
            List::Warnings => tags(&decision.warnings, "code"),
            List::Reasons => tags(&decision.reasons, "code"),
            List::Rules => decision.rules.clone(),
            List::Remedies => tags(&decision.remedies, "remedy"),
            List::Items => decision.items.iter().map(|item| verdict(item.effect, item.code.as_deref())).collect(),
        }
    }
}

/// The field that says what each item of a list is.
fn tags<T: Serialize>(items: &[T], field: &str) -> Vec<String> {
    let tag = |item: &T| serde_json::to_value(item).ok()?.get(field)?.as_str().map(str::to_owned);
    items.iter().filter_map(tag).collect()
}

fn verdict(effect: Effect, code: Option<&str>) -> String {
    if effect == Effect::Allow { "allow".to_owned() } else { code.unwrap_or_default().to_owned() }
}

impl Asked {
    /// Asks, and makes what is allowed true. What differs from the expected answer is the error.
    pub fn ask(&self, directory: &mut Directory) -> Result<(), Differs> {
        let decision = match directory.decide(&self.request) {
            Ok(decision) => decision,
            Err(error) if error.code() == self.then => return Ok(()),
            Err(error) => return Err((vec![format!("then: expected `{}`, met the error `{}`: {error}", self.then, error.code())], None)),
        };
        let lines = self.differences(&decision);
        if !lines.is_empty() {
            return Err((lines, Some(Box::new(decision))));
        }
        if decision.is_allowed() {
            let applied = directory.apply(&decision, self.request.now);
            return applied.map_err(|error| (vec![format!("the answer cannot be applied: {error}")], Some(Box::new(decision))));
        }
        Ok(())
    }

    fn differences(&self, decision: &Decision) -> Vec<String> {
        let met = verdict(decision.effect, decision.code.as_deref());
        let mut lines = Vec::new();
        if met != self.then {
            lines.push(format!("then: expected `{}`, met `{met}`{}", self.then, why(decision)));
        }
        for (list, expected) in &self.lists {
            let met = list.of(decision);
            if met != *expected {
                lines.push(format!("{}: expected {}, met {}", list.name(), quoted(expected), quoted(&met)));
            }
        }
        lines
    }
}

/// What the answer says for itself: the sentence and place of each reason, or the rules that allowed it.
fn why(decision: &Decision) -> String {
    let reason = |reason: &tenantry::document::Reason| {
        let about = [("rule", &reason.rule), ("scope", &reason.scope), ("user", &reason.user), ("role", &reason.role), ("field", &reason.field)];
        let about: Vec<String> = about.iter().filter_map(|(what, name)| Some(format!("{what} `{}`", name.as_ref()?))).collect();
        if about.is_empty() { reason.message.clone() } else { format!("{} ({})", reason.message, about.join(", ")) }
    };
    let said: Vec<String> = decision.reasons.iter().map(reason).collect();
    match (said.as_slice(), decision.rules.as_slice()) {
        ([], []) => String::new(),
        ([], rules) => format!(" by {}", quoted(rules)),
        (said, _) => format!(": {}", said.join("; ")),
    }
}

fn quoted(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ") }
}
