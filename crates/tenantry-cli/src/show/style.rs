//! The colours, and nothing else: the streams take them out where they are not wanted.

use anstyle::{AnsiColor, Style};

/// Allowed.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Denied, wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Said all the same.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// Headings.
pub(crate) const STRONG: Style = Style::new().bold();
/// Beside the point.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// As it stands.
pub(crate) const PLAIN: Style = Style::new();

/// A text in a style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{}{style:#}", clean(text))
}

/// A text that stays on its line and leaves the terminal alone: names and addresses are whatever somebody wrote.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A tick or a cross.
pub(crate) fn tick(good: bool) -> (&'static str, Style) {
    if good { ("✓", GOOD) } else { ("✗", BAD) }
}
