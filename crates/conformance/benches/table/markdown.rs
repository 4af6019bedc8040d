//! How figures are printed.

use crate::rounds::Samples;

/// Prints the head of a table. The first column is words, the others are figures.
pub fn head(columns: &[&str]) {
    println!("\n| {} |\n|---|{}", columns.join(" | "), "--:|".repeat(columns.len() - 1));
}

/// Prints a row.
pub fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// A time in the unit that suits it.
pub fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ..10.0 => format!("{nanoseconds:.1} ns"),
        ..1e3 => format!("{nanoseconds:.0} ns"),
        ..1e6 => format!("{:.2} us", nanoseconds / 1e3),
        _ => format!("{:.1} ms", nanoseconds / 1e6),
    }
}

/// A time and how many times the floor it is; bold if that is more than the bar.
pub fn beside(times: &Samples, floor: &Samples, bar: f64) -> String {
    let ratio = times.over(floor).median();
    held(&format!("{ratio:.2} ({})", time(times.median())), ratio <= bar)
}

/// Bold if a bar is missed.
pub fn held(text: &str, held: bool) -> String {
    if held { text.to_owned() } else { format!("**{text}**") }
}

/// A number with its thousands apart.
pub fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
