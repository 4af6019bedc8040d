//! E-mail addresses: one canonical form, by one version of Unicode.

use icu_casemap::CaseMapper;
use icu_locale_core::LanguageIdentifier;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

use crate::bounds;

/// The canonical form of an address: trimmed, NFKC, lower case, validated. A canonical address is its own canonical form.
///
/// Accepted is what mail systems carry: a local part of dot-separated atoms (letters and digits of any script, and the
/// ASCII signs of RFC 5322, section 3.2.3), `@`, and a domain of at least two dot-separated labels. Quoted local parts
/// and address literals are refused. `None` if the text is no such address.
///
/// ```
/// use tenantry::email::canonical;
/// assert_eq!(canonical(" Zoë@Example.ORG ").as_deref(), Some("zoë@example.org"));
/// assert_eq!(canonical("ａｎｎ@example.org").as_deref(), Some("ann@example.org"));
/// assert_eq!(canonical("no address"), None);
/// ```
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    // Twice the bound leaves room for forms that shrink; a longer text is no address and not worth normalizing.
    if text.len() > 4 * bounds::EMAIL_BYTES.max {
        return None;
    }
    let folded = fold(text.trim());
    let (local, domain) = folded.rsplit_once('@')?;
    let valid = folded.len() <= bounds::EMAIL_BYTES.max
        && local.len() <= bounds::EMAIL_LOCAL_BYTES.max
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
        && is_domain(domain);
    valid.then_some(folded)
}

/// The canonical form of a domain: that of what follows the `@` in an address.
pub(crate) fn canonical_domain(text: &str) -> Option<String> {
    // As above: not worth folding.
    let folded = (text.len() <= 4 * bounds::EMAIL_BYTES.max).then(|| fold(text.trim()))?;
    // One letter, the `@` and the domain make an address.
    (folded.len() + 2 <= bounds::EMAIL_BYTES.max && is_domain(&folded)).then_some(folded)
}

/// The domain of a canonical address.
#[must_use]
pub fn domain(canonical: &str) -> &str {
    canonical.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Splits a list of addresses at commas and line ends; empty entries are dropped.
pub fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '\n', '\r']).map(str::trim).filter(|entry| !entry.is_empty())
}

/// Appends the folded text to another.
pub(crate) fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        let start = folded.len();
        folded.push_str(text);
        folded[start..].make_ascii_lowercase();
    } else {
        folded.push_str(&fold(text));
    }
}

/// NFKC and lower case, until nothing changes: lower-casing can open a new composition (`İ` becomes `i` and a dot).
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let normalizer = ComposingNormalizerBorrowed::new_nfkc();
    let mut folded = text.to_owned();
    loop {
        // The unknown language is the root locale: no special rules of Turkish and the like.
        let lower = CaseMapper::new().lowercase_to_string(&normalizer.normalize(&folded), &LanguageIdentifier::UNKNOWN).into_owned();
        let next = normalizer.normalize(&lower).into_owned();
        if next == folded {
            return folded;
        }
        folded = next;
    }
}

fn is_atom_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_beyond_ascii(c)
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.') && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || is_beyond_ascii(c))
}

/// RFC 6531 admits every character beyond ASCII. Those that nobody sees would make two addresses look like one, so
/// blanks, controls, whatever Unicode lets a font leave out (joiners, direction marks, fillers, variation selectors, the soft
/// hyphen), the empty Braille pattern, and characters that are private or no characters at all are refused.
fn is_beyond_ascii(c: char) -> bool {
    !c.is_ascii()
        && !c.is_control()
        && !c.is_whitespace()
        && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        && !matches!(c, '\u{2800}' | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}
