//! Other programs: run, heard, and what npm has to install first.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Done;

/// Runs a command, which has to succeed.
pub fn ran(command: &mut Command) -> Done {
    let status = command.status().map_err(|error| format!("`{}` cannot be run: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed", shown(command)).into()) }
}

/// Runs a command, which has to succeed, for what it prints. What it complains of is shown.
pub fn said(command: &mut Command) -> Done<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("`{}` cannot be run: {error}", shown(command)))?;
    if output.status.success() { Ok(String::from_utf8(output.stdout)?) } else { Err(format!("`{}` failed", shown(command)).into()) }
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Installs what the lock file of a folder names, unless that is what is installed. Programs come inside packages: no script of
/// theirs has to run.
pub fn npm_ci(folder: &Path) -> Done {
    let (lock, stamp) = (fs::read(folder.join("package-lock.json"))?, folder.join("node_modules/.tenantry-lock"));
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("npm ci");
    ran(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder))?;
    Ok(fs::write(stamp, lock)?)
}
