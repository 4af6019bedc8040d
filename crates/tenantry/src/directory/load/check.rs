//! What a value of a snapshot must be like, wherever it stands. What is wrong is an error with the path of the row or field.

use std::collections::BTreeSet;

use std::fmt::Display;

use crate::bounds;
use crate::document::snapshot::Slice;
use crate::document::time::NotATime;
use crate::document::{Actor, Facts, Time};
use crate::email::canonical;
use crate::error::{Error, Kind};
use crate::name::{id_fault, nearest};

pub(super) fn bad(path: impl Display, message: impl Into<String>) -> Error {
    refused(&path, message.into(), None)
}

fn refused(path: &dyn Display, message: String, nearest: Option<String>) -> Error {
    Kind::BadSnapshot { path: path.to_string(), message, nearest }.into()
}

/// A name that does not exist, and the one that may be meant.
pub(super) fn unknown<'a>(path: impl Display, message: String, name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    refused(&path, message, nearest(name, known))
}

pub(super) fn check_id(id: &str, path: impl Display) -> Result<(), Error> {
    id_fault(id).map_or(Ok(()), |fault| Err(bad(path, fault)))
}

pub(super) fn check_text(text: Option<&String>, path: &str) -> Result<(), Error> {
    bounds::TEXT_BYTES.check(text.map_or(0, String::len), path)
}

pub(super) fn check_source(source: Option<&String>, path: &str) -> Result<(), Error> {
    bounds::NAME_BYTES.check(source.map_or(0, String::len), path)
}

pub(super) fn check_rows(rows: usize, path: &str) -> Result<(), Error> {
    bounds::TABLE_ROWS.check(rows, path)
}

/// Documents name only valid times; a host can hand over any number.
pub(super) fn check_time(time: Option<Time>, path: &str) -> Result<(), Error> {
    if time.is_none_or(Time::is_valid) { Ok(()) } else { Err(bad(path, NotATime.to_string())) }
}

/// Attributes of a row: those that the policy lists under that word.
pub(super) fn check_facts(facts: &Facts, known: &[String], row: &str, word: &str) -> Result<(), Error> {
    if facts.is_empty() {
        return Ok(());
    }
    let path = format!("{row}.{word}");
    facts.check(&path)?;
    let stray = facts.0.keys().find(|name| !known.contains(name));
    stray.map_or(Ok(()), |name| {
        let message = format!("`{name}` is not listed in the policy's `[attributes]`");
        Err(unknown(path, message, name, known.iter().map(String::as_str)))
    })
}

pub(super) fn check_actor(actor: &Actor, path: &str) -> Result<(), Error> {
    match actor {
        Actor::User(id) => check_id(id, path),
        Actor::System(name) => bounds::NAME_BYTES.check(name.len(), path),
        Actor::Invitee { email, .. } => check_email(email, path).map(drop),
    }
}

/// The canonical form of an address.
pub(super) fn check_email(written: &str, path: &str) -> Result<String, Error> {
    bounds::TEXT_BYTES.check(written.len(), path)?;
    canonical(written).ok_or_else(|| bad(path, format!("\"{written}\" is no e-mail address")))
}

/// The lists of a slice.
pub(super) fn check_slice(slice: &Slice) -> Result<(), Error> {
    for (ids, word) in [
        (&slice.users, "users"),
        (&slice.scopes, "scopes"),
        (&slice.subtrees, "subtrees"),
        (&slice.holders, "holders"),
        (&slice.groups, "groups"),
        (&slice.memberships, "memberships"),
        (&slice.custom_roles, "custom_roles"),
        (&slice.invitations, "invitations"),
    ] {
        check_rows(ids.len(), &format!("slice.{word}"))?;
        ids.iter().enumerate().try_for_each(|(i, id)| check_id(id, format_args!("slice.{word}[{i}]")))?;
    }
    check_rows(slice.emails.len(), "slice.emails")?;
    slice.emails.iter().enumerate().try_for_each(|(i, email)| check_email(email, &format!("slice.emails[{i}]")).map(drop))?;
    check_rows(slice.counts.len(), "slice.counts")?;
    let mut counted = BTreeSet::new();
    if let Some(i) = slice.counts.iter().position(|row| !counted.insert((&row.keep, &row.scope))) {
        return Err(bad(format!("slice.counts[{i}]"), "another row counts for the same keep and scope"));
    }
    slice.counts.iter().enumerate().try_for_each(|(i, row)| {
        bounds::NAME_BYTES.check(row.keep.len(), &format!("slice.counts[{i}].keep"))?;
        check_id(&row.scope, format_args!("slice.counts[{i}].scope"))
    })
}
