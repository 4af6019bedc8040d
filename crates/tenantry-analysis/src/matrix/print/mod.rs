//! The matrix for people: Markdown, CSV, and a page to read.

mod html;
mod shown;
mod spread;
mod words;

use std::fmt::Write;

use super::{Matrix, Verdict};
pub(crate) use shown::either;
use shown::{Line, Shown};
use words::noun;
pub use words::{conditions, sentence};

impl Matrix {
    /// The matrix in Markdown: a table for each noun, and notes on what depends on more than roles.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let shown = Shown::of(self);
        let mut text =
            format!("# {}: roles and permissions\n\n✓ allowed · ✓ⁿ allowed, see note n · – denied · blank: not a question\n", cell_text(&self.policy));
        let mut notes: Vec<String> = Vec::new();
        let mut nouns: Vec<String> = Vec::new();
        for noun in shown.lines.iter().map(|line| noun(line.action)) {
            if !nouns.contains(&noun) {
                table(&mut text, &shown, &noun, &mut notes);
                nouns.push(noun);
            }
        }
        if !notes.is_empty() {
            text.push_str("\n## Notes\n\n");
            for (number, note) in notes.iter().enumerate() {
                let _ = writeln!(text, "{}. {note}", number + 1);
            }
        }
        if !self.nobody.is_empty() {
            let actions: Vec<String> = self.nobody.iter().map(|action| format!("`{action}`")).collect();
            let _ = write!(text, "\n## Permitted to nobody\n\n{}\n", actions.join(", "));
        }
        for place in &shown.alike {
            let _ = write!(text, "\nIn a {} what is not listed is as above it.\n", self.place_label(&place.id).to_lowercase());
        }
        text
    }

    /// The matrix as CSV: a line for each question, with everything that is known of the answer.
    #[must_use]
    pub fn to_csv(&self) -> String {
        spread::csv(self)
    }

    /// The matrix as a page of its own, to read in a browser.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::page(self)
    }
}

fn table(text: &mut String, shown: &Shown, heading: &str, notes: &mut Vec<String>) {
    let lines: Vec<&Line> = shown.lines.iter().filter(|line| noun(line.action) == heading).collect();
    let permitted: Vec<&Line> = lines.iter().copied().filter(|line| line.anybody).collect();
    let _ = write!(text, "\n## {heading}\n\n");
    let columns: Vec<usize> = shown.columns.iter().copied().filter(|column| shown.speaks(&permitted, *column)).collect();
    if !permitted.is_empty() {
        let heads: Vec<String> = columns.iter().map(|column| cell_text(&shown.matrix.parties[*column].label)).collect();
        let _ = writeln!(text, "| | {} |\n|---|{}", heads.join(" | "), ":-:|".repeat(columns.len()));
        for line in &permitted {
            let cells: Vec<String> = columns.iter().map(|column| mark(shown, line, *column, notes)).collect();
            let _ = writeln!(text, "| {} | {} |", cell_text(&title(shown, line)), cells.join(" | "));
        }
    }
    let refused: Vec<String> = lines.iter().filter(|line| !line.anybody).map(|line| cell_text(&title(shown, line))).collect();
    if !refused.is_empty() {
        let _ = writeln!(text, "{}Nobody: {}.", if permitted.is_empty() { "" } else { "\n" }, refused.join("; "));
    }
}

/// What a line is about, in words.
fn title(shown: &Shown, line: &Line) -> String {
    let parts: Vec<String> = [&line.about, &line.change].into_iter().filter(|part| !part.is_empty()).map(|part| either(part)).collect();
    let place = if shown.matrix.frame.places.len() > 1 { format!(" ({})", shown.matrix.place_label(line.scope)) } else { String::new() };
    let colon = if parts.is_empty() { "" } else { ": " };
    format!("{}{colon}{}{place}", shown.matrix.action_label(line.action), parts.join(", "))
}

fn mark(shown: &Shown, line: &Line, column: usize, notes: &mut Vec<String>) -> String {
    let Some(cell) = line.cells.iter().find(|cell| cell.actor == column) else { return String::new() };
    let answer = &shown.matrix.answers[cell.answer];
    if answer.verdict == Verdict::Denied {
        return "–".to_owned();
    }
    let mut note = sentence(answer);
    for warning in &answer.warnings {
        let _ = write!(note, "; warns: {}", warning.message);
    }
    if note == "allowed" {
        return "✓".to_owned();
    }
    let number = notes.iter().position(|known| *known == note).unwrap_or_else(|| {
        notes.push(note);
        notes.len() - 1
    });
    format!("✓<sup>{}</sup>", number + 1)
}

/// A text that leaves the table alone.
fn cell_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}
