//! Columns that stand below each other, whatever script the names are in.

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::style::{PLAIN, clean, paint};

/// A field of a table.
#[derive(Debug, Clone)]
pub(crate) struct Cell(String, Style);

impl Cell {
    pub(crate) fn new(text: impl Into<String>, style: Style) -> Cell {
        Cell(clean(&text.into()), style)
    }

    /// How wide it is on the page.
    pub(crate) fn width(&self) -> usize {
        self.0.width()
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::new(text, PLAIN)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::new(text, PLAIN)
    }
}

/// The rows below each other, two blanks between columns. The last column is as wide as it likes.
pub(crate) fn table(rows: &[Vec<Cell>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(|i| rows.iter().filter_map(|row| row.get(i)).map(Cell::width).max().unwrap_or_default()).collect();
    rows.iter().map(|row| line(row, &widths) + "\n").collect()
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    // Blanks at the end of a line are noise in files and diffs.
    let last = row.iter().rposition(|cell| cell.width() > 0).unwrap_or_default();
    let cells = row.iter().zip(widths).enumerate().take(last + 1);
    cells
        .map(|(i, (cell, width))| {
            let blanks = if i == last { 0 } else { width - cell.width() + 2 };
            format!("{}{}", paint(cell.1, &cell.0), " ".repeat(blanks))
        })
        .collect()
}
