//! JSON, token by token: one reader over the text of every document, which keeps nothing and knows no document.

use std::borrow::Cow;
use std::fmt;

pub use super::fault::{Done, Fault};

/// Tables and lists inside each other. No document needs more than a few.
const DEPTH: u8 = 127;

/// A number. There are no floats in documents, so that one stays as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Number {
    Unsigned(u64),
    Negative(i64),
    Other(String),
}

impl Number {
    /// What it is called where something else is expected.
    fn met(&self) -> String {
        format!("{} `{self}`", if let Number::Other(_) = self { "floating point" } else { "integer" })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Number::Unsigned(number) => number.fmt(f),
            Number::Negative(number) => number.fmt(f),
            Number::Other(text) => f.write_str(text),
        }
    }
}

/// A place in a JSON text.
#[derive(Debug, Clone)]
pub struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    depth: u8,
    /// What is read has been read before as a whole, to find its tag.
    pub(crate) again: bool,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Reader<'t> {
        Reader { text, at: 0, depth: DEPTH, again: false }
    }

    /// The next sign that is no blank, which stays the next.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.sign() {
            self.at += 1;
        }
        self.sign()
    }

    fn sign(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The first sign of a value.
    pub(crate) fn value(&mut self) -> Done<u8> {
        self.peek().ok_or_else(|| self.ahead("EOF while parsing a value"))
    }

    /// Something is wrong with what was just read.
    pub(crate) fn behind(&self, message: impl Into<String>) -> Box<Fault> {
        Fault::at(message, self.at)
    }

    /// Something is wrong with the next sign.
    pub(crate) fn ahead(&self, message: &str) -> Box<Fault> {
        Fault::at(message, (self.at + 1).min(self.text.len()))
    }

    /// Nothing may follow.
    pub(crate) fn end(&mut self) -> Done {
        if self.peek().is_none() { Ok(()) } else { Err(self.ahead("trailing characters")) }
    }

    /// What stands here instead of what was expected.
    pub(crate) fn unexpected(&mut self, expected: &str) -> Box<Fault> {
        match self.met() {
            Ok(met) => self.behind(format!("invalid type: {met}, expected {expected}")),
            Err(fault) => fault,
        }
    }

    fn met(&mut self) -> Done<String> {
        Ok(match self.value()? {
            b'n' => self.word("null").map(|()| "null".to_owned())?,
            b't' => self.word("true").map(|()| "boolean `true`".to_owned())?,
            b'f' => self.word("false").map(|()| "boolean `false`".to_owned())?,
            b'-' | b'0'..=b'9' => self.number()?.met(),
            b'"' => format!("string {:?}", self.text()?),
            b'[' => "sequence".to_owned(),
            b'{' => "map".to_owned(),
            _ => return Err(self.ahead("expected value")),
        })
    }

    /// The same, where every sort of value is looked into.
    pub(crate) fn unexpected_of_any(&mut self, expected: &str) -> Box<Fault> {
        let end = match self.peek() {
            Some(b'[') => Self::end_list,
            Some(b'{') => Self::end_table,
            _ => return self.unexpected(expected),
        };
        let fault = self.unexpected(expected).nowhere();
        let left = self.enter().and_then(|()| self.leave(Err(fault), end));
        left.err().unwrap_or_else(|| Fault::new(String::new()))
    }

    /// The word that the sign begins.
    pub(crate) fn word(&mut self, word: &str) -> Done {
        for expected in word.bytes() {
            let met = self.sign().ok_or_else(|| self.behind("EOF while parsing a value"))?;
            self.at += 1;
            if met != expected {
                return Err(self.behind("expected ident"));
            }
        }
        Ok(())
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, expected: &str) -> Done<bool> {
        match self.value()? {
            b't' => self.word("true").map(|()| true),
            b'f' => self.word("false").map(|()| false),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// Whether a value stands here; `null` is none.
    pub(crate) fn some(&mut self) -> Done<bool> {
        if self.peek() == Some(b'n') { self.word("null").map(|()| false) } else { Ok(true) }
    }

    /// A whole number from 0 to `max`.
    pub(crate) fn whole(&mut self, max: u64, expected: &str) -> Done<u64> {
        let (b'-' | b'0'..=b'9') = self.value()? else { return Err(self.unexpected(expected)) };
        match self.number()? {
            Number::Unsigned(number) if number <= max => Ok(number),
            number @ Number::Other(_) => Err(self.behind(format!("invalid type: {}, expected {expected}", number.met()))),
            number => Err(self.behind(format!("invalid value: {}, expected {expected}", number.met()))),
        }
    }

    /// A whole number, below zero too.
    pub(crate) fn integer(&mut self, expected: &str) -> Done<i64> {
        match self.number()? {
            Number::Negative(number) => Ok(number),
            number @ Number::Unsigned(value) => i64::try_from(value).map_err(|_| Fault::new(format!("invalid value: {}, expected {expected}", number.met()))),
            number @ Number::Other(_) => Err(Fault::new(format!("invalid type: {}, expected {expected}", number.met()))),
        }
        .map_err(|fault| fault.or_at(self.at))
    }

    /// The number that begins here.
    pub(crate) fn number(&mut self) -> Done<Number> {
        let start = self.at;
        let negative = self.eat(b'-');
        let digits = self.digits();
        if digits.is_empty() {
            self.at = (self.at + 1).min(self.text.len());
            return Err(self.behind(if self.at == start + usize::from(negative) { "EOF while parsing a value" } else { "invalid number" }));
        }
        if digits.len() > 1 && digits[0] == b'0' {
            self.at -= digits.len() - 1;
            return Err(self.ahead("invalid number"));
        }
        let value = digits.iter().try_fold(0u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
        let (fraction, exponent) = (self.fraction()?, self.exponent()?);
        let plain = !fraction && exponent.is_none();
        // So large that no float is.
        if digits[0] != b'0' && exponent.unwrap_or(0).saturating_add(digits.len() as i32) > 309 {
            return Err(self.behind("number out of range"));
        }
        Ok(match value.filter(|_| plain) {
            Some(value) if !negative => Number::Unsigned(value),
            Some(value @ 1..) if value <= i64::MIN.unsigned_abs() => Number::Negative((value as i64).wrapping_neg()),
            _ => Number::Other(String::from_utf8_lossy(&self.text[start..self.at]).into_owned()),
        })
    }

    fn eat(&mut self, sign: u8) -> bool {
        let met = self.sign() == Some(sign);
        self.at += usize::from(met);
        met
    }

    fn digits(&mut self) -> &'t [u8] {
        let rest = &self.text[self.at..];
        let digits = &rest[..rest.iter().take_while(|byte| byte.is_ascii_digit()).count()];
        self.at += digits.len();
        digits
    }

    fn fraction(&mut self) -> Done<bool> {
        let stands = self.eat(b'.');
        if stands && self.digits().is_empty() {
            return Err(self.ahead(if self.sign().is_some() { "invalid number" } else { "EOF while parsing a value" }));
        }
        Ok(stands)
    }

    fn exponent(&mut self) -> Done<Option<i32>> {
        if !self.eat(b'e') && !self.eat(b'E') {
            return Ok(None);
        }
        let negative = self.eat(b'-');
        if !negative {
            self.eat(b'+');
        }
        let digits = self.digits();
        if digits.is_empty() {
            let message = if self.sign().is_some() { "invalid number" } else { "EOF while parsing a value" };
            self.at = (self.at + 1).min(self.text.len());
            return Err(self.behind(message));
        }
        let value = digits.iter().fold(0i32, |value, digit| value.saturating_mul(10).saturating_add(i32::from(digit - b'0')));
        Ok(Some(if negative { -value } else { value }))
    }

    /// A text.
    pub(crate) fn string(&mut self, expected: &str) -> Done<Cow<'t, str>> {
        if self.value()? == b'"' { self.text() } else { Err(self.unexpected(expected)) }
    }

    /// The text that begins here.
    pub(crate) fn text(&mut self) -> Done<Cow<'t, str>> {
        self.at += 1;
        let mut unescaped: Vec<u8> = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = &rest[..rest.iter().take_while(|&&byte| byte != b'"' && byte != b'\\' && byte >= 0x20).count()];
            self.at += plain.len();
            match self.sign() {
                None => return Err(self.behind("EOF while parsing a string")),
                Some(b'"') if unescaped.is_empty() => {
                    self.at += 1;
                    return str::from_utf8(plain).map(Cow::Borrowed).map_err(|error| self.not_unicode(plain.len() - error.valid_up_to()));
                }
                Some(sign) => {
                    unescaped.extend_from_slice(plain);
                    self.at += 1;
                    match sign {
                        b'\\' => self.escape(&mut unescaped)?,
                        b'"' => {
                            return String::from_utf8(unescaped)
                                .map(Cow::Owned)
                                .map_err(|error| self.not_unicode(error.as_bytes().len() - error.utf8_error().valid_up_to()));
                        }
                        _ => return Err(self.behind("control character (\\u0000-\\u001F) found while parsing a string")),
                    }
                }
            }
        }
    }

    fn not_unicode(&self, back: usize) -> Box<Fault> {
        Fault::at("invalid unicode code point", self.at.saturating_sub(back))
    }

    fn escape(&mut self, unescaped: &mut Vec<u8>) -> Done {
        let sign = self.escaped()?;
        unescaped.push(match sign {
            b'"' | b'\\' | b'/' => sign,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let character = self.character()?;
                unescaped.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(self.behind("invalid escape")),
        });
        Ok(())
    }

    fn escaped(&mut self) -> Done<u8> {
        let sign = self.sign().ok_or_else(|| self.behind("EOF while parsing a string"))?;
        self.at += 1;
        Ok(sign)
    }

    /// The character of an escape, which may take two of them.
    fn character(&mut self) -> Done<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or_else(|| self.behind("lone leading surrogate in hex escape"));
        }
        for sign in [b'\\', b'u'] {
            if self.escaped()? != sign {
                return Err(self.behind("unexpected end of hex escape"));
            }
        }
        let second = self.hex()?;
        let both = second.checked_sub(0xdc00).map(|low| 0x10000 + ((first - 0xd800) << 10) + low);
        both.filter(|_| second < 0xe000).and_then(char::from_u32).ok_or_else(|| self.behind("lone leading surrogate in hex escape"))
    }

    fn hex(&mut self) -> Done<u32> {
        let Some(digits) = self.text.get(self.at..self.at + 4) else {
            self.at = self.text.len();
            return Err(self.behind("EOF while parsing a string"));
        };
        self.at += 4;
        let digit = |value: u32, &digit: &u8| Some(value << 4 | char::from(digit).to_digit(16)?);
        digits.iter().try_fold(0, digit).ok_or_else(|| self.behind("invalid escape"))
    }

    /// Goes into the table or list that begins here.
    fn enter(&mut self) -> Done {
        self.depth = self.depth.checked_sub(1).ok_or_else(|| self.ahead("recursion limit exceeded"))?;
        self.at += 1;
        Ok(())
    }

    /// Leaves it, as far as that goes where something is wrong: there is the place of what has none.
    fn leave(&mut self, read: Done, end: fn(&mut Self) -> Done) -> Done {
        self.depth += 1;
        let ended = end(self);
        read.and(ended).map_err(|fault| fault.or_at(self.at))
    }

    /// Reads what stands in a table: `entry` reads the value of a key.
    pub(crate) fn entries(&mut self, expected: &str, entry: &mut dyn FnMut(&mut Reader<'t>, Cow<'t, str>) -> Done) -> Done {
        if self.value()? != b'{' {
            return Err(self.unexpected(expected));
        }
        self.inside(entry)
    }

    /// The same where a table is known to begin.
    pub(crate) fn inside(&mut self, entry: &mut dyn FnMut(&mut Reader<'t>, Cow<'t, str>) -> Done) -> Done {
        self.enter()?;
        let mut first = true;
        let mut read = || -> Done {
            while let Some(key) = self.key(std::mem::take(&mut first)).map_err(|fault| fault.under("?"))? {
                entry(self, key)?;
            }
            Ok(())
        };
        let read = read();
        self.leave(read, Self::end_table)
    }

    /// Reads a table of one entry, of which the key says how the value is read.
    pub(crate) fn only(&mut self, entry: &mut dyn FnMut(&mut Reader<'t>, &str) -> Done) -> Done {
        self.enter()?;
        let key = match self.peek() {
            Some(b'"') => self.text()?,
            Some(b'}') if self.again => return Err(Fault::new("invalid value: map, expected map with a single key")),
            Some(b'}') => return Err(self.ahead("expected value")),
            Some(_) => return Err(self.ahead("key must be a string")),
            None => return Err(self.ahead("EOF while parsing an object")),
        };
        entry(self, &key)?;
        self.depth += 1;
        match self.peek() {
            Some(b'}') => self.at += 1,
            Some(_) if self.again => return Err(Fault::new("invalid value: map, expected map with a single key")),
            Some(_) => return Err(self.behind("expected value")),
            None => return Err(self.behind("EOF while parsing an object")),
        }
        Ok(())
    }

    fn key(&mut self, first: bool) -> Done<Option<Cow<'t, str>>> {
        match self.peek() {
            None => return Err(self.ahead("EOF while parsing an object")),
            Some(b'}') => return Ok(None),
            Some(b',') if !first => {
                self.at += 1;
                match self.peek() {
                    None => return Err(self.ahead("EOF while parsing a value")),
                    Some(b'}') => return Err(self.ahead("trailing comma")),
                    Some(_) => {}
                }
            }
            Some(_) if !first => return Err(self.ahead("expected `,` or `}`")),
            Some(_) => {}
        }
        if self.peek() == Some(b'"') { self.text().map(Some) } else { Err(self.ahead("key must be a string")) }
    }

    /// What stands between a key and its value.
    pub(crate) fn colon(&mut self) -> Done {
        match self.peek() {
            Some(b':') => self.at += 1,
            Some(_) => return Err(self.ahead("expected `:`")),
            None => return Err(self.ahead("EOF while parsing an object")),
        }
        Ok(())
    }

    fn end_table(&mut self) -> Done {
        match self.peek() {
            Some(b'}') => self.at += 1,
            Some(b',') => return Err(self.ahead("trailing comma")),
            Some(_) => return Err(self.ahead("expected `,` or `}`")),
            None => return Err(self.ahead("EOF while parsing an object")),
        }
        Ok(())
    }

    /// Reads a list: `item` reads each of its values.
    pub(crate) fn list(&mut self, expected: &str, item: &mut dyn FnMut(&mut Reader<'t>) -> Done) -> Done {
        if self.value()? != b'[' {
            return Err(self.unexpected(expected));
        }
        self.enter()?;
        let mut read = || -> Done {
            let mut number = 0;
            while self.another(number == 0)? {
                item(self).map_err(|fault| fault.in_item(number))?;
                number += 1;
            }
            Ok(())
        };
        let read = read();
        self.leave(read, Self::end_list)
    }

    fn another(&mut self, first: bool) -> Done<bool> {
        match self.peek() {
            None => Err(self.ahead("EOF while parsing a list")),
            Some(b']') => Ok(false),
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                match self.peek() {
                    None => Err(self.ahead("EOF while parsing a value")),
                    Some(b']') => Err(self.ahead("trailing comma")),
                    Some(_) => Ok(true),
                }
            }
            Some(_) => Err(self.ahead("expected `,` or `]`")),
        }
    }

    fn end_list(&mut self) -> Done {
        match self.peek() {
            Some(b']') => self.at += 1,
            Some(b',') => {
                self.at += 1;
                let next = self.peek();
                return Err(self.ahead(if next == Some(b']') { "trailing comma" } else { "trailing characters" }));
            }
            Some(_) => return Err(self.ahead("expected `,` or `]`")),
            None => return Err(self.ahead("EOF while parsing a list")),
        }
        Ok(())
    }

    /// Passes over a value.
    pub(crate) fn skip(&mut self) -> Done {
        match self.value()? {
            b'{' => self.inside(&mut |reader, key| {
                reader.colon()?;
                reader.skip().map_err(|fault| fault.under(&key))
            }),
            b'[' => self.list("", &mut |reader| reader.skip()),
            b'"' => self.text().map(drop),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            _ => self.met().map(drop),
        }
    }

    /// Reads one more time, from `start`, what ends here: what is wrong with it has no place but the whole.
    pub(crate) fn once_more(&mut self, start: &Reader<'t>, read: impl FnOnce(&mut Reader<'t>) -> Done) -> Done {
        let mut before = Reader { again: true, ..start.clone() };
        read(&mut before).map_err(Fault::whole)
    }
}
