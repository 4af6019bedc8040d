//! `presets`: the ready policies as JSON, from the TOML files that people read.

use tenantry::document::canonical_json;
use tenantry::policy::{presets, read_toml};

use crate::Done;
use crate::generated::{Mode, settle};

/// Writes or checks a file for each preset.
pub fn run(mode: Mode) -> Done {
    for name in presets::NAMES {
        let text = presets::source(name).ok_or("a preset without a text")?;
        settle(&format!("crates/tenantry/presets/json/{name}.json"), &canonical_json(&read_toml(text)?), mode, "presets")?;
    }
    Ok(())
}
