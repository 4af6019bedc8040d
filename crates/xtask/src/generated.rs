//! Files that are made from others: written, or checked to be up to date.

use std::fs;
use std::path::Path;

use crate::{Done, root};

/// What to do with a file that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write it.
    Write,
    /// Fail, and say which command mends it.
    Check,
}

/// Makes sure that the file, named from the top of the repository, has this text.
pub fn settle(file: &str, text: &str, mode: Mode, command: &str) -> Done {
    let path = root().join(file);
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    match mode {
        Mode::Check => Err(format!("{file} is out of date; `cargo xtask {command}` mends it").into()),
        Mode::Write => {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(&path, text)?;
            println!("wrote {file}");
            Ok(())
        }
    }
}

/// The text with what stands between the markers `begin` and `end` replaced.
pub fn between(text: &str, begin: &str, end: &str, new: &str) -> Done<String> {
    let missing = |marker: &str| format!("the marker `{marker}` is missing");
    let (before, rest) = text.split_once(begin).ok_or_else(|| missing(begin))?;
    let (_, after) = rest.split_once(end).ok_or_else(|| missing(end))?;
    Ok(format!("{before}{begin}\n\n{}\n\n{end}{after}", new.trim()))
}

/// The path as the documents of the repository write it.
pub fn shown(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
