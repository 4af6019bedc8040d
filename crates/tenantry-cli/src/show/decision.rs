//! A decision as a person wants to read it: the verdict, why, what would help, what changes, what is to be done.

use anstyle::Style;
use tenantry::document::{Ask, Body, Decision, Effect, Outcome, Reason, Warning};

use super::style::{BAD, FAINT, GOOD, PLAIN, STRONG, WARN, clean, paint};
use crate::words::names::Names;
use crate::words::{advice, events, request, time};

/// A decision in words, with its title if it has one.
pub(crate) fn decision(names: &Names, decision: &Decision, title: Option<&str>) -> String {
    let mut page = title.map(|title| paint(STRONG, title) + "\n").unwrap_or_default();
    page += &head(names, decision);
    page += &match &decision.request.body {
        Body::Batch(_, asks) if !decision.items.is_empty() => each(names, decision, asks),
        Body::Batch(_, asks) => items(names, decision, asks) + &details(names, &outcome(decision)),
        Body::One(ask) => details(names, &without_place(outcome(decision), ask.scope.as_deref().unwrap_or(&decision.organization))),
    };
    if let Some(until) = decision.valid_until {
        page += &line("holds", PLAIN, &format!("until {}", time(until)));
    }
    page
}

/// The verdict, who asks what about whom, and what the policy calls it.
fn head(names: &Names, decision: &Decision) -> String {
    let label = match &decision.request.body {
        Body::One(ask) => names.action(&ask.action).map(|label| paint(FAINT, &format!("  [{label}]"))),
        Body::Batch(..) => None,
    };
    let asked = clean(&request::request(names, &decision.request));
    format!("{}  {asked}{}\n", verdict(decision.effect, decision.code.as_deref()), label.unwrap_or_default())
}

/// `ALLOW`, or `DENY` with the code.
pub(crate) fn verdict(effect: Effect, code: Option<&str>) -> String {
    match effect {
        Effect::Allow => paint(GOOD, "ALLOW"),
        Effect::Deny => paint(BAD, format!("DENY {}", code.unwrap_or_default()).trim_end()),
    }
}

/// The decision without its frame.
fn outcome(decision: &Decision) -> Outcome {
    let Decision { effect, code, message, reasons, remedies, rules, warnings, events, obligations, .. } = decision.clone();
    Outcome { effect, code, message, reasons, remedies, rules, warnings, events, obligations }
}

/// Without the scope of reasons that say nothing else, and are about where the verdict says they are.
fn without_place(mut outcome: Outcome, place: &str) -> Outcome {
    for reason in &mut outcome.reasons {
        let bare = Reason { code: reason.code.clone(), message: reason.message.clone(), scope: reason.scope.clone(), ..Reason::default() };
        if *reason == bare && reason.scope.as_deref() == Some(place) {
            reason.scope = None;
        }
    }
    outcome
}

/// What a batch asks, where there is one answer to all of it.
fn items(names: &Names, decision: &Decision, asks: &[Ask]) -> String {
    let who = names.actor(&decision.request.actor);
    asks.iter().enumerate().map(|(i, ask)| line("item", PLAIN, &format!("{} {}", i + 1, request::ask(names, ask, &who)))).collect()
}

/// The answer to each item of a batch.
fn each(names: &Names, decision: &Decision, asks: &[Ask]) -> String {
    let who = names.actor(&decision.request.actor);
    let answered = |(i, (ask, item)): (usize, (&Ask, &Outcome))| {
        let number = paint(FAINT, &format!("item {:<3}", i + 1));
        let head = format!("  {number} {}  {}\n", verdict(item.effect, item.code.as_deref()), clean(&request::ask(names, ask, &who)));
        head + &details(names, &without_place(item.clone(), ask.scope.as_deref().unwrap_or(&decision.organization)))
    };
    asks.iter().zip(&decision.items).enumerate().map(answered).collect()
}

fn details(names: &Names, outcome: &Outcome) -> String {
    let mut page = outcome.message.as_ref().map(|message| line("", PLAIN, message)).unwrap_or_default();
    page.extend(outcome.reasons.iter().filter_map(|reason| because(names, outcome, reason)));
    page.extend(outcome.remedies.iter().map(|remedy| line("help", PLAIN, &advice::remedy(names, remedy))));
    if outcome.effect == Effect::Allow && !outcome.rules.is_empty() {
        page += &line("by rule", PLAIN, &outcome.rules.join(", "));
    }
    page += &lines("changes", outcome.events.iter().map(|event| events::event(names, event)));
    page += &lines("to do", outcome.obligations.iter().map(|obligation| advice::obligation(names, obligation)));
    page.extend(outcome.warnings.iter().map(|warning| line("warning", WARN, &warned(names, warning))));
    page
}

/// A reason: what is not said by the verdict already.
fn because(names: &Names, outcome: &Outcome, reason: &Reason) -> Option<String> {
    let said = outcome.code.as_ref() == Some(&reason.code) && outcome.message.as_ref() == Some(&reason.message);
    let about = about(names, reason);
    let text = match (said, about.is_empty()) {
        (true, true) => return None,
        (true, false) => about,
        (false, true) => format!("{} {}", reason.code, reason.message),
        (false, false) => format!("{} {} ({about})", reason.code, reason.message),
    };
    Some(line("because", PLAIN, &text))
}

fn about(names: &Names, reason: &Reason) -> String {
    let scope = reason.scope.as_deref();
    let parts = [
        reason.rule.as_ref().map(|rule| format!("rule {rule}")),
        scope.map(|scope| format!("in {}", names.scope(scope))),
        reason.user.as_ref().map(|user| format!("about {}", names.user(user))),
        reason.group.as_ref().map(|group| format!("about {}", names.group(group))),
        reason.role.as_ref().map(|role| format!("role {}", names.role(role, scope))),
        reason.email.as_ref().map(|email| format!("address {email}")),
        reason.field.as_ref().map(|field| format!("field `{field}`")),
        reason.item.map(|item| format!("item {}", item + 1)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn warned(names: &Names, warning: &Warning) -> String {
    let parts = [
        warning.rule.as_ref().map(|rule| format!("rule {rule}")),
        warning.scope.as_ref().map(|scope| format!("in {}", names.scope(scope))),
        warning.email.as_ref().map(|email| format!("address {email}")),
    ];
    let about = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let about = if about.is_empty() { about } else { format!(" ({about})") };
    format!("{}: {}{about}", warning.code, warning.message)
}

/// A line of the page, with its heading at the side.
pub(super) fn line(heading: &str, style: Style, text: &str) -> String {
    format!("  {} {}\n", paint(FAINT, &format!("{heading:<8}")), paint(style, text))
}

/// Several lines below one heading.
fn lines(heading: &str, texts: impl Iterator<Item = String>) -> String {
    texts.enumerate().map(|(i, text)| line(if i == 0 { heading } else { "" }, PLAIN, &text)).collect()
}
