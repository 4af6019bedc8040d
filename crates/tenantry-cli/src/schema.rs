//! JSON Schemas of the five documents, as the engine publishes them.

/// The schema of a policy.
pub const POLICY: &str = include_str!("../schemas/policy.json");
/// The schema of a snapshot.
pub const SNAPSHOT: &str = include_str!("../schemas/snapshot.json");
/// The schema of a request.
pub const REQUEST: &str = include_str!("../schemas/request.json");
/// The schema of a decision.
pub const DECISION: &str = include_str!("../schemas/decision.json");
/// The schema of an event, with its frame.
pub const EVENT: &str = include_str!("../schemas/event.json");
