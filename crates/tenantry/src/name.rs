//! Names and ids: what is accepted, and the nearest one to a misspelt one.

use crate::bounds::{self, Bound};

/// The candidate that is nearest to what was met, if it is near enough to be a slip of the pen.
///
/// ```
/// assert_eq!(tenantry::nearest("onwer", ["owner", "member"]).as_deref(), Some("owner"));
/// assert_eq!(tenantry::nearest("guest", ["owner", "member"]), None);
/// ```
pub fn nearest<'a>(met: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    // A hostile name is not worth a quadratic comparison.
    if met.len() > bounds::NAME_BYTES.max {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(met, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= candidate.chars().count().max(3) / 3)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// Why a text is no id, if it is none: ids are opaque, not empty, bounded, and free of control characters.
pub(crate) fn id_fault(id: &str) -> Option<String> {
    if id.is_empty() {
        Some("an id is not empty".to_owned())
    } else if id.chars().any(char::is_control) {
        Some("an id has no control characters".to_owned())
    } else {
        too_long(id, bounds::ID_BYTES)
    }
}

/// Why a text is too long, if it is.
pub(crate) fn too_long(text: &str, bound: Bound) -> Option<String> {
    (text.len() > bound.max).then(|| format!("{} {}, {} at most", text.len(), bound.what, bound.max))
}

/// Whether a word of the policy (a role, a kind, a permission, a code) has the shape of one: `a-z`, `0-9`, `_` and `-`,
/// a letter first.
pub(crate) fn is_word(name: &str) -> bool {
    name.len() <= bounds::NAME_BYTES.max
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}

/// Whether a name is `noun.verb`.
pub(crate) fn is_action(name: &str) -> bool {
    name.split_once('.').is_some_and(|(noun, verb)| is_word(noun) && is_word(verb))
}
