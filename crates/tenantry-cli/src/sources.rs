//! Where policies, states and documents come from.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use serde_json::Value;
use tenantry::document::{Snapshot, Time};
use tenantry::{Directory, Policy};

use crate::console::Console;
use crate::documents::{self, Document};
use crate::examples::Example;
use crate::failure::Failure;
use crate::words::names::Names;

/// Which policy.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct PolicyArgs {
    /// Policy file, TOML or JSON by its extension
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Ready policy: see `tenantry presets`
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,
}

/// Which state.
#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
pub(crate) struct StateArgs {
    /// Snapshot of the organization, in JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// The example organization of the preset, or of another one
    #[arg(long, value_name = "PRESET", num_args = 0..=1, require_equals = true)]
    pub(crate) example: Option<Option<String>>,
}

/// A policy, a state and a time: what most commands ask.
#[derive(Debug, Clone, Args)]
pub(crate) struct WorldArgs {
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    /// Time of the question (RFC 3339), where a document does not say it; the present time if absent, on an example its
    /// own day
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Time>,
}

/// A directory to ask, with the names of everything in it.
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) names: Names,
    pub(crate) example: Option<Example>,
    pub(crate) now: Time,
}

impl PolicyArgs {
    /// Reads and compiles the policy.
    pub(crate) fn load(&self) -> Result<Policy, Failure> {
        match (&self.policy, &self.preset) {
            (Some(path), _) => read_policy(path),
            (None, name) => Ok(Policy::preset(name.as_deref().unwrap_or_default())?),
        }
    }
}

impl StateArgs {
    /// The example that is asked for.
    pub(crate) fn example(&self, policy: &PolicyArgs) -> Result<Option<Example>, Failure> {
        let Some(asked) = &self.example else { return Ok(None) };
        let name = asked.as_deref().or(policy.preset.as_deref());
        let name = name.ok_or_else(|| Failure::Usage("say which example: `--example=starter`".to_owned()))?;
        Example::named(name).map(Some)
    }

    /// The state that is asked for, if any.
    pub(crate) fn load(&self, example: Option<Example>) -> Result<Option<Snapshot>, Failure> {
        match (&self.state, example) {
            (Some(path), _) => documents::read(&read_file(path)?, &format!("the snapshot in {}", path.display())).map(Some),
            (None, example) => example.map(Example::snapshot).transpose(),
        }
    }
}

impl WorldArgs {
    /// Reads everything.
    pub(crate) fn load(&self) -> Result<World, Failure> {
        let policy = self.policy.load()?;
        let example = self.state.example(&self.policy)?;
        let snapshot = self.state.load(example)?;
        let snapshot = snapshot.ok_or_else(|| Failure::Usage("say on which state: `--state FILE`, or `--example` for that of the preset".to_owned()))?;
        let now = match (self.now, example) {
            (Some(now), _) => now,
            (None, Some(example)) => example.now()?,
            (None, None) => present(),
        };
        let names = Names::new(&policy, &snapshot);
        Ok(World { directory: Directory::new(policy, &snapshot)?, names, example, now })
    }
}

/// The present time. The engine has no clock; the command line may look at one.
fn present() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The documents of a file, or of standard input (no file, or `-`).
pub(crate) fn read_documents(file: Option<&Path>, what: &str, instead: &str, console: &mut Console) -> Result<Vec<Document>, Failure> {
    let text = match file.filter(|path| *path != Path::new("-")) {
        Some(path) => read_file(path)?,
        None => console.read_input(instead)?,
    };
    documents::split(&text, what)
}

/// A text file.
pub(crate) fn read_file(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|source| Failure::Read { path: path.display().to_string(), source })
}

/// A policy file. `extends` may name a preset, or a policy file beside it.
pub(crate) fn read_policy(path: &Path) -> Result<Policy, Failure> {
    let text = read_file(path)?;
    let document = tree(path, &text);
    let beside = |name: &str| beside(path, name);
    let extends = document.as_ref().and_then(|document| document.get("extends")?.as_str());
    match document.as_ref().filter(|_| extends.is_some_and(|name| beside(name).is_some())) {
        Some(document) => Ok(Policy::parse_with(document.clone(), &beside)?),
        None if is_json(path) => Ok(Policy::parse_json(&text)?),
        None => Ok(Policy::parse_toml(&text)?),
    }
}

/// The policy document with this name beside a policy file.
fn beside(policy: &Path, name: &str) -> Option<Value> {
    // A name and no path: a policy does not reach into other folders.
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let path = ["toml", "json"].into_iter().map(|extension| policy.with_file_name(name).with_extension(extension)).find(|path| path.is_file());
    let path = path.filter(|_| plain && !name.is_empty())?;
    tree(&path, &std::fs::read_to_string(&path).ok()?)
}

fn tree(path: &Path, text: &str) -> Option<Value> {
    if is_json(path) { serde_json::from_str(text).ok() } else { toml::from_str(text).ok() }
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}
