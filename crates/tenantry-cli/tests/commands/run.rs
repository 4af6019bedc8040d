//! How the built command is run.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

pub type Done = Result<(), Box<dyn Error>>;

pub const DAY: &str = "2026-01-15T09:00:00.000Z";

/// What a run left behind.
pub struct Run {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    /// The documents on the output, one on each line, each in canonical form.
    pub fn documents(&self) -> Result<Vec<Value>, Box<dyn Error>> {
        let read = |line: &str| {
            let document: Value = serde_json::from_str(line)?;
            assert_eq!(document.to_string(), line, "not canonical");
            Ok(document)
        };
        self.out.lines().map(read).collect()
    }
}

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    command.args(args).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn run(mut command: Command, input: &str) -> Result<Run, Box<dyn Error>> {
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that needs no input may be gone before it is written.
        drop(stdin.write_all(input.as_bytes()));
    }
    let output = child.wait_with_output()?;
    Ok(Run { status: output.status.code(), out: String::from_utf8(output.stdout)?, err: String::from_utf8(output.stderr)? })
}

/// Runs `tenantry` with these words.
pub fn tenantry(words: &str) -> Result<Run, Box<dyn Error>> {
    run(command(&words.split_whitespace().collect::<Vec<_>>()), "")
}

/// The same with words that have spaces in them.
pub fn worded(words: &[&str]) -> Result<Run, Box<dyn Error>> {
    run(command(words), "")
}

/// The same with something on standard input.
pub fn fed(words: &str, input: &str) -> Result<Run, Box<dyn Error>> {
    run(command(&words.split_whitespace().collect::<Vec<_>>()), input)
}

pub fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A file of this test's own.
pub fn file(test: &str, name: &str, text: &str) -> Result<String, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder)?;
    let path = folder.join(name);
    fs::write(&path, text)?;
    Ok(path.display().to_string())
}

pub fn removal(id: &str, actor: &str, target: &str) -> Value {
    json!({ "tenantry": 1, "id": id, "now": DAY, "actor": { "user": actor }, "action": "member.remove", "target": target })
}
