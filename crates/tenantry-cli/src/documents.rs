//! Reading documents from a text: one, a list of them, or one after the other.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use tenantry::document::Time;

use crate::failure::Failure;

/// A document that is still to be read, with its title if it has one.
pub(crate) struct Document {
    pub(crate) title: Option<String>,
    name: String,
    text: Box<RawValue>,
}

/// A document with a title, as the example requests have it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Titled {
    title: String,
    request: Box<RawValue>,
}

/// The fields that a person may leave out on the command line.
#[derive(Deserialize)]
struct Head {
    tenantry: Option<IgnoredAny>,
    now: Option<IgnoredAny>,
    effect: Option<IgnoredAny>,
}

/// The documents of a text, in order: those of a list, or those that follow each other (JSON lines).
pub(crate) fn split(text: &str, what: &str) -> Result<Vec<Document>, Failure> {
    let bad = |error: serde_json::Error| Failure::Document { what: format!("the {what} document"), path: String::new(), message: error.to_string() };
    let mut texts: Vec<Box<RawValue>> = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Box<RawValue>>() {
        let value = value.map_err(bad)?;
        if value.get().starts_with('[') { texts.extend(parse::<Vec<Box<RawValue>>>(value.get()).map_err(bad)?) } else { texts.push(value) }
    }
    let alone = texts.len() == 1;
    let name = |i: usize| if alone { format!("the {what}") } else { format!("{what} {}", i + 1) };
    Ok(texts.into_iter().enumerate().map(|(i, text)| Document::new(name(i), text)).collect())
}

/// Reads one document.
pub(crate) fn read<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, Failure> {
    let bad = |path: String, message: String| Failure::Document { what: name.to_owned(), path, message };
    let mut reader = serde_json::Deserializer::from_str(text);
    let document = serde_path_to_error::deserialize(&mut reader).map_err(|error| bad(error.path().to_string(), error.inner().to_string()))?;
    reader.end().map_err(|error| bad(String::new(), error.to_string()))?;
    Ok(document)
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    serde_json::from_str(text)
}

impl Document {
    fn new(name: String, text: Box<RawValue>) -> Document {
        match parse::<Titled>(text.get()) {
            Ok(titled) => Document { title: Some(titled.title), name, text: titled.request },
            Err(_) => Document { title: None, name, text },
        }
    }

    /// Whether it is a decision and no request.
    pub(crate) fn is_decision(&self) -> bool {
        self.head().is_some_and(|head| head.effect.is_some())
    }

    /// Reads it as it is.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        read(self.text.get(), &self.name)
    }

    /// Reads a request. The version and the time may be left out.
    pub(crate) fn read_request<T: DeserializeOwned>(&self, now: Time) -> Result<T, Failure> {
        let version = self.head().is_some_and(|head| head.tenantry.is_none()).then(|| "\"tenantry\":1".to_owned());
        read(&self.with([version, self.time(now)]), &self.name)
    }

    /// Reads a question. The time may be left out.
    pub(crate) fn read_question<T: DeserializeOwned>(&self, now: Time) -> Result<T, Failure> {
        read(&self.with([None, self.time(now)]), &self.name)
    }

    fn head(&self) -> Option<Head> {
        parse(self.text.get()).ok()
    }

    fn time(&self, now: Time) -> Option<String> {
        self.head().is_some_and(|head| head.now.is_none()).then(|| format!("\"now\":\"{now}\""))
    }

    /// The text with fields after its own. The rest of it stays as it is written, so that a field given twice is still seen,
    /// and where.
    fn with(&self, fields: [Option<String>; 2]) -> String {
        let text = self.text.get();
        let Some(body) = text.strip_suffix('}') else { return text.to_owned() };
        let own = (body.trim() != "{").then_some(body);
        let parts: Vec<&str> = own.into_iter().chain(fields.iter().flatten().map(String::as_str)).collect();
        format!("{}{}}}", if own.is_some() { "" } else { "{" }, parts.join(","))
    }
}
