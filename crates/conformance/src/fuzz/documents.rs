//! One document: what is read prints and reads to the same, and what is refused is refused in words.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tenantry::document::{AuditRecord, Decision, Request, Snapshot, canonical_json, digest};
use tenantry::{ERROR_CODES, Error, Policy};

/// What a problem of a policy may be called.
const PROBLEMS: [&str; 9] =
    ["unknown_field", "wrong_type", "missing", "bad_name", "unknown_name", "duplicate", "out_of_bounds", "contradiction", "unsupported_version"];

/// A policy in TOML.
pub fn policy_toml(input: &[u8]) {
    policy(input, Policy::parse_toml);
}

/// A policy in JSON.
pub fn policy_json(input: &[u8]) {
    policy(input, Policy::parse_json);
}

/// A snapshot.
pub fn snapshot(input: &[u8]) {
    document(input, Snapshot::from_json);
}

/// A request.
pub fn request(input: &[u8]) {
    document(input, Request::from_json);
}

/// A decision, with the requests and events in it.
pub fn decision(input: &[u8]) {
    if let Some(decision) = document(input, Decision::from_json) {
        check_decision(&decision);
    }
}

/// A record of the audit trail, with the event in it.
pub fn event(input: &[u8]) {
    document(input, AuditRecord::from_json);
}

/// What a decision says to the actor and to the log reads again.
pub(super) fn check_decision(decision: &Decision) {
    round_trip(decision, Decision::from_json);
    let public = canonical_json(&decision.public());
    assert_eq!(serde_json::from_str(&public).ok(), Some(decision.public()), "what the actor sees reads to another");
    decision.audit().iter().for_each(|record| round_trip(record, AuditRecord::from_json));
}

/// A refusal has a code of the catalogue, words, and what its code promises.
pub(super) fn check_error(error: &Error) {
    assert!(ERROR_CODES.contains(&error.code()), "`{}` is no code of an error", error.code());
    assert!(!error.to_string().trim().is_empty(), "`{}` says nothing", error.code());
    assert_eq!(error.code() == "bad_policy", !error.problems().is_empty(), "problems of `{}`", error.code());
    assert_eq!(error.code() == "missing_facts", !error.missing().is_empty(), "missing facts of `{}`", error.code());
    assert_eq!(matches!(error.code(), "stale" | "late"), error.fresh().is_some(), "fresh answer of `{}`", error.code());
    for problem in error.problems() {
        assert!(PROBLEMS.contains(&problem.code), "`{}` is no code of a problem", problem.code);
        assert!(!problem.message.is_empty(), "the problem at `{}` has no words", problem.path);
    }
}

pub(super) fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(document: &T, read: fn(&str) -> Result<T, Error>) {
    let printed = canonical_json(document);
    let again = read(&printed);
    assert_eq!(again.as_ref().ok(), Some(document), "read again it is another, or refused: {:?}", again.as_ref().err());
    assert_eq!(again.map(|again| canonical_json(&again)).ok(), Some(printed), "canonical JSON is no fixed point");
    let by_serde = serde_json::to_string(document).ok().and_then(|text| serde_json::from_str(&text).ok());
    assert_eq!(by_serde.as_ref(), Some(document), "printed in the order of its fields it reads to another");
}

fn document<T: Serialize + DeserializeOwned + PartialEq + Debug>(input: &[u8], read: fn(&str) -> Result<T, Error>) -> Option<T> {
    let read_it = read(std::str::from_utf8(input).ok()?);
    read_it.as_ref().map_or_else(check_error, |document| round_trip(document, read));
    read_it.ok()
}

fn policy(input: &[u8], read: fn(&str) -> Result<Policy, Error>) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match read(text) {
        Ok(policy) => check_policy(&policy),
        Err(error) => check_error(&error),
    }
}

fn check_policy(policy: &Policy) {
    let printed = policy.to_json();
    let again = Policy::parse_json(&printed);
    assert_eq!(again.as_ref().map(Policy::to_json).ok(), Some(printed), "printed it is another, or refused: {:?}", again.as_ref().err());
    assert_eq!(again.map(|again| again.digest().to_owned()).ok().as_deref(), Some(policy.digest()), "the digest of the print");
    let value: Option<serde_json::Value> = serde_json::from_str(&policy.to_json()).ok();
    assert_eq!(value.map(|value| digest(&value)).as_deref(), Some(policy.digest()), "the digest is not that of the print");
}
