//! Ready policies: five real products, and a start for a new one. Each is a TOML file that a person reads, and the same
//! policy as canonical JSON, made from it, for hosts that take no TOML.

/// Names of the presets.
pub const NAMES: &[&str] = &["ai-loop", "growthfactor", "inveterate", "loupe-factory", "roles-and-workspaces", "starter"];

/// The text of a preset, in TOML, as a person reads it.
///
/// ```
/// assert!(tenantry::policy::presets::source("starter").unwrap().contains("[[keep]]"));
/// ```
#[must_use]
pub fn source(name: &str) -> Option<&'static str> {
    Some(match name {
        "ai-loop" => include_str!("../../presets/ai-loop.toml"),
        "growthfactor" => include_str!("../../presets/growthfactor.toml"),
        "inveterate" => include_str!("../../presets/inveterate.toml"),
        "loupe-factory" => include_str!("../../presets/loupe-factory.toml"),
        "roles-and-workspaces" => include_str!("../../presets/roles-and-workspaces.toml"),
        "starter" => include_str!("../../presets/starter.toml"),
        _ => return None,
    })
}

/// The same policy as canonical JSON.
///
/// ```
/// assert!(tenantry::policy::presets::document("starter").unwrap().starts_with("{\"actions\":"));
/// ```
#[must_use]
pub fn document(name: &str) -> Option<&'static str> {
    Some(match name {
        "ai-loop" => include_str!("../../presets/json/ai-loop.json"),
        "growthfactor" => include_str!("../../presets/json/growthfactor.json"),
        "inveterate" => include_str!("../../presets/json/inveterate.json"),
        "loupe-factory" => include_str!("../../presets/json/loupe-factory.json"),
        "roles-and-workspaces" => include_str!("../../presets/json/roles-and-workspaces.json"),
        "starter" => include_str!("../../presets/json/starter.json"),
        _ => return None,
    })
}
