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
    nearest_of(met, &mut candidates.into_iter())
}

fn nearest_of(met: &str, candidates: &mut dyn Iterator<Item = &str>) -> Option<String> {
    candidates.filter_map(|candidate| Some((distance(met, candidate)?, candidate))).min().map(|(_, candidate)| candidate.to_owned())
}

/// How far the two are apart, if not too far. Names with dots are compared part by part: a noun in common does not make two
/// verbs alike.
fn distance(met: &str, candidate: &str) -> Option<usize> {
    if met.split('.').count() != candidate.split('.').count() {
        return part_distance(met, candidate);
    }
    met.split('.').zip(candidate.split('.')).map(|(met, candidate)| part_distance(met, candidate)).sum()
}

/// One slip in a short word, two in a long one; and not every letter may be another.
fn part_distance(met: &str, candidate: &str) -> Option<usize> {
    let (met_letters, letters) = (met.chars().count(), candidate.chars().count());
    let slips = (letters / 3).clamp(1, 2);
    if met_letters.abs_diff(letters) > slips {
        return None;
    }
    let distance = strsim::damerau_levenshtein(met, candidate);
    (distance <= slips && distance < met_letters.max(letters)).then_some(distance)
}

/// Why a text is no id, if it is none: ids are opaque, not empty, bounded, and free of control characters.
pub(crate) fn id_fault(id: &str) -> Option<String> {
    let Bound { what, max } = bounds::ID_BYTES;
    if id.is_empty() {
        Some("an id is not empty".to_owned())
    } else if id.len() > max {
        Some(format!("{} {what}, {max} at most", id.len()))
    } else if id.chars().any(char::is_control) {
        Some("an id has no control characters".to_owned())
    } else {
        None
    }
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
