//! Random documents as a script: policies, states and requests that are valid, and then most of them changed until they may
//! not be.

use serde_json::{Value, json};
use tenantry::document::Time;

use super::Line;
use super::vectors::of_request;
use crate::fuzz::{Mutator, Pool, seeds};
use crate::generate::{Dice, Made, Sequence, sequence};

/// So many cases from a seed on.
///
/// # Errors
/// That the seeds of the mutator cannot be read.
pub fn random(cases: u64, seed: u64) -> Result<Vec<Line>, String> {
    let pool = Pool::of(&seeds().map_err(|error| error.to_string())?);
    let mut mutator = Mutator::new(&pool, seed);
    let first = seed.wrapping_mul(1 << 32);
    Ok((0..cases).flat_map(|number| of_seed(first.wrapping_add(number), &mut mutator)).collect())
}

fn of_seed(seed: u64, mutator: &mut Mutator) -> Vec<Line> {
    let mut dice = Dice::new(seed);
    let made = (0..).map(|next| sequence(seed.wrapping_add(next << 48))).find_map(|made| match made {
        Made::Sequence(sequence) => Some(*sequence),
        Made::Refused(_) => None,
    });
    let Sequence { policy, snapshot, requests } = made.unwrap_or_else(|| Sequence { policy: json!({}), snapshot: json!({}), requests: Vec::new() });
    let mut text = |document: &Value, percent: usize, dice: &mut Dice| {
        let text = document.to_string();
        if dice.chance(percent) { String::from_utf8_lossy(&mutator.vary(text.as_bytes())).into_owned() } else { text }
    };
    let mut lines = vec![Line::Case { name: format!("random {seed}") }];
    // One that is changed is read, and often refused; then as often as not the valid one takes its place.
    for (document, line) in [(&policy, policy_line as fn(String) -> Line), (&snapshot, directory_line)] {
        let changed = dice.chance(40).then(|| text(document, 100, &mut dice)).map(line);
        let valid = (changed.is_none() || dice.chance(60)).then(|| line(document.to_string()));
        lines.extend(changed.into_iter().chain(valid));
    }
    let organization = snapshot["organization"].as_str().unwrap_or_default();
    for (number, request) in requests.iter().enumerate() {
        lines.extend(of_one(organization, request, number, &mut |document, dice| text(document, 40, dice), &mut dice));
    }
    lines.push(Line::Snapshot);
    lines
}

fn policy_line(text: String) -> Line {
    Line::Policy { text }
}

fn directory_line(text: String) -> Line {
    Line::Directory { text }
}

fn of_one(organization: &str, request: &Value, number: usize, text: &mut dyn FnMut(&Value, &mut Dice) -> String, dice: &mut Dice) -> Vec<Line> {
    let name = format!("request {number}");
    let now = request["now"].as_str().unwrap_or_default().to_owned();
    let mut lines = of_request(organization, request, &name);
    // The same request, changed: it is decided and explained, and never applied.
    let changed = text(request, dice);
    lines.extend(["decide", "explain"].map(|call| Line::ask(call, &changed, None)));
    let query = question(request);
    lines.extend(["can", "denial"].map(|call| Line::ask(call, &text(&query, dice), None)));
    lines.extend(by_number(organization, &query));
    let row = json!({ "actor": request["actor"], "now": now, "target": query.get("target") });
    lines.push(Line::ask("permitted", &text(&row, dice), None));
    let page = json!({ "actor": request["actor"], "now": now });
    let page = text(&page, dice);
    lines.extend([Line::ask("page", &page, None), Line::Columns { text: page }]);
    let who = json!({ "viewer": request["actor"], "action": request["action"], "now": now, "target": query.get("target") });
    lines.push(Line::ask("who_can", &text(&who, dice), None));
    lines.extend([Line::Apply { decision: name, now: text(&json!(now), dice).trim_matches('"').to_owned() }, Line::Snapshot]);
    lines
}

/// The question that a request asks, as far as it has words for it.
fn question(request: &Value) -> Value {
    let fields = ["actor", "now", "action", "scope", "target", "invitation", "group", "context", "resource"];
    let given = fields.iter().filter_map(|&field| Some((field.to_owned(), request.get(field)?.clone())));
    Value::Object(given.collect())
}

/// The question by numbers, if it is one of a user about ids alone.
pub(super) fn by_number(organization: &str, query: &Value) -> Option<Line> {
    let text = |field: &str| query.get(field).and_then(Value::as_str).map(str::to_owned);
    let plain = ["invitation", "group", "resource", "context"].iter().all(|&field| query.get(field).is_none());
    let now = text("now").and_then(|now| now.parse::<Time>().ok()).filter(|_| plain)?;
    Some(Line::Number {
        actor: query["actor"]["user"].as_str()?.to_owned(),
        action: text("action")?,
        scope: text("scope").unwrap_or_else(|| organization.to_owned()),
        target: text("target"),
        role: text("role"),
        now: now.0,
    })
}
