//! Canonical JSON as it is printed: no blanks, keys in code-point order, no floats.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::shape::Table;

/// What can be printed into a document.
pub trait Print {
    /// Prints it.
    fn print(&self, writer: &mut Writer);

    /// Whether it is what is meant where nothing stands.
    fn is_blank(&self) -> bool {
        false
    }
}

/// A text in the making.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
}

/// Bytes that most documents need no more than twice of.
const USUAL: usize = 512;

/// Canonical JSON of a document: [`canonical_json`](super::canonical_json) without the way through serde.
///
/// ```
/// use tenantry::document::{Time, print::printed};
/// assert_eq!(printed(&Time(0)), r#""1970-01-01T00:00:00.000Z""#);
/// ```
#[must_use]
pub fn printed(document: &(impl Print + ?Sized)) -> String {
    let mut writer = Writer { text: String::with_capacity(USUAL) };
    document.print(&mut writer);
    writer.text
}

impl Writer {
    /// As it stands.
    pub(crate) fn plain(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Between quotes.
    #[inline(never)]
    pub(crate) fn quoted(&mut self, text: &str) {
        self.text.push('"');
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            self.text.push_str(&rest[..at]);
            self.escaped(rest.as_bytes()[at]);
            rest = &rest[at + 1..];
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    fn escaped(&mut self, sign: u8) {
        let short = match sign {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            0x08 => "\\b",
            0x0c => "\\f",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            _ => {
                // Writing into a text cannot fail.
                let _ = write!(self.text, "\\u{sign:04x}");
                return;
            }
        };
        self.text.push_str(short);
    }

    #[inline(never)]
    fn number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = number;
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        digits[start..].iter().for_each(|&digit| self.text.push(char::from(digit)));
    }

    /// One of the tables or lists that are open begins its next part.
    fn next(&mut self) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    /// A list of what can be printed.
    #[inline(never)]
    pub(crate) fn list(&mut self, items: &mut dyn Iterator<Item = &dyn Print>) {
        self.text.push('[');
        for item in items {
            self.next();
            item.print(self);
        }
        self.text.push(']');
    }

    /// A table with these entries, which come in code-point order.
    #[inline(never)]
    pub(crate) fn entries<'a>(&mut self, entries: &mut dyn Iterator<Item = (&'a str, &'a dyn Print)>) {
        self.text.push('{');
        for (name, value) in entries {
            self.next();
            self.quoted(name);
            self.text.push(':');
            value.print(self);
        }
        self.text.push('}');
    }

    /// A table of these fields, which may be left out where they are blank.
    #[inline(never)]
    pub(crate) fn table(&mut self, table: &Table, fields: &[&dyn Print]) {
        let sorted = table.sorted.iter().map(|&place| (&table.fields[usize::from(place)], fields[usize::from(place)]));
        self.entries(&mut sorted.filter(|(field, value)| !field.is_left_out(*value)).map(|(field, value)| (field.name, value)));
    }
}

/// The fields of a table, as something that can be printed.
pub(crate) struct Fields<'a>(pub &'static Table, pub &'a [&'a dyn Print]);

impl Print for Fields<'_> {
    fn print(&self, writer: &mut Writer) {
        writer.table(self.0, self.1);
    }
}

impl Print for str {
    fn print(&self, writer: &mut Writer) {
        writer.quoted(self);
    }
}

impl Print for String {
    fn print(&self, writer: &mut Writer) {
        writer.quoted(self);
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl Print for bool {
    fn print(&self, writer: &mut Writer) {
        writer.plain(if *self { "true" } else { "false" });
    }
    fn is_blank(&self) -> bool {
        !self
    }
}

impl Print for u64 {
    fn print(&self, writer: &mut Writer) {
        writer.number(*self);
    }
    fn is_blank(&self) -> bool {
        *self == 0
    }
}

impl Print for u32 {
    fn print(&self, writer: &mut Writer) {
        writer.number(u64::from(*self));
    }
    fn is_blank(&self) -> bool {
        *self == 0
    }
}

impl Print for usize {
    fn print(&self, writer: &mut Writer) {
        writer.number(*self as u64);
    }
}

impl Print for i64 {
    fn print(&self, writer: &mut Writer) {
        if *self < 0 {
            writer.plain("-");
        }
        writer.number(self.unsigned_abs());
    }
}

impl<T: Print + ?Sized> Print for &T {
    fn print(&self, writer: &mut Writer) {
        (**self).print(writer);
    }
    fn is_blank(&self) -> bool {
        (**self).is_blank()
    }
}

impl<T: Print + ?Sized> Print for Box<T> {
    fn print(&self, writer: &mut Writer) {
        (**self).print(writer);
    }
    fn is_blank(&self) -> bool {
        (**self).is_blank()
    }
}

impl<T: Print> Print for Option<T> {
    fn print(&self, writer: &mut Writer) {
        match self {
            Some(value) => value.print(writer),
            None => writer.plain("null"),
        }
    }
    fn is_blank(&self) -> bool {
        self.is_none()
    }
}

impl<T: Print> Print for [T] {
    fn print(&self, writer: &mut Writer) {
        writer.list(&mut self.iter().map(|item| item as &dyn Print));
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Print> Print for Vec<T> {
    fn print(&self, writer: &mut Writer) {
        self.as_slice().print(writer);
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

/// A list of two.
impl<A: Print, B: Print> Print for (A, B) {
    fn print(&self, writer: &mut Writer) {
        writer.list(&mut [&self.0 as &dyn Print, &self.1].into_iter());
    }
}

impl<T: Print> Print for BTreeMap<String, T> {
    fn print(&self, writer: &mut Writer) {
        writer.entries(&mut self.iter().map(|(name, value)| (name.as_str(), value as &dyn Print)));
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}
