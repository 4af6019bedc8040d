//! The policy with its keeps as they are at their easiest and at their hardest. How many hold a role is not a matter of who
//! asks and about whom: a cell is decided where no count is in the way, and asked again where every count is.

use std::sync::Arc;

use serde_json::{Value, json};
use tenantry::Policy;

/// A minimum that nothing reaches, for bounds that only the host knows.
const MANY: u32 = 1_000_000;

/// What a keep can say of a request, for every number of bystanders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Without bystanders the count is too small afterwards.
    Low,
    /// Without bystanders the count is too large afterwards, so that it always is.
    High,
    /// The count grows towards its maximum.
    Grows,
}

/// The policy for two questions.
pub(super) struct Variants {
    /// Without keeps that count; exclusive roles are about one person and stay.
    pub open: Arc<Policy>,
    /// With each keep that counts in up to three parts, if there are any.
    pub tight: Option<Arc<Policy>>,
    keeps: Vec<Value>,
}

impl Variants {
    pub fn of(policy: &Policy, document: &Value) -> Variants {
        let keeps: Vec<Value> = document["keep"].as_array().cloned().unwrap_or_default();
        let exclusive: Vec<Value> = keeps.iter().filter(|keep| is_exclusive(keep)).cloned().collect();
        let parts: Vec<Value> = keeps.iter().enumerate().flat_map(|(number, keep)| parts(number, keep)).collect();
        let with = |keeps: Vec<Value>| {
            let mut other = document.clone();
            other["keep"] = Value::Array(keeps);
            Policy::parse(other).ok().map(Arc::new)
        };
        let tight = if parts.is_empty() { None } else { with(parts) };
        // A policy has bounds: with three keeps in place of one it may be beyond them. Then the keeps are what they are.
        let open = if tight.is_some() { with(exclusive) } else { None };
        Variants { open: open.unwrap_or_else(|| Arc::new(policy.clone())), tight, keeps }
    }

    /// The keep that a part stands for: its id, and the side.
    pub fn keep(&self, part: &str) -> Option<(&Value, Side)> {
        let (side, number) = part.split_once('-')?;
        let side = [("low", Side::Low), ("high", Side::High), ("grows", Side::Grows)].into_iter().find(|(name, _)| *name == side)?.1;
        Some((self.keeps.get(number.parse::<usize>().ok()?)?, side))
    }
}

fn is_exclusive(keep: &Value) -> bool {
    !keep["exclusive"].is_null()
}

fn parts(number: usize, keep: &Value) -> Vec<Value> {
    if is_exclusive(keep) {
        return Vec::new();
    }
    let part = |side: &str, word: &str, bound: Value| {
        let mut part = keep.clone();
        if let Some(fields) = part.as_object_mut() {
            ["at_least", "at_most", "exactly", "code", "message"].into_iter().for_each(|field| drop(fields.remove(field)));
        }
        part["id"] = json!(format!("{side}-{number}"));
        part[word] = bound;
        part
    };
    let bound = |word: &str| [&keep[word], &keep["exactly"]].into_iter().find(|bound| !bound.is_null());
    let low = bound("at_least").map(|bound| part("low", "at_least", if bound.is_number() { bound.clone() } else { json!(MANY) }));
    let high = bound("at_most").filter(|bound| bound.is_number()).map(|bound| part("high", "at_most", bound.clone()));
    let grows = bound("at_most").map(|_| part("grows", "at_most", json!(0)));
    [low, high, grows].into_iter().flatten().collect()
}
