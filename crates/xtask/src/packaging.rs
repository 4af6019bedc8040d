//! `packaging`: the packed npm package in small projects. Each runtime, bundler and compiler that the package promises makes
//! decisions with it, which are to be those of the engine byte for byte; and the examples serve a page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tenantry::document::canonical_json;
use tenantry::host::{self, Call};
use tenantry_analysis::host::{self as analysis, Format};

use crate::process::npm_ci;
use crate::tally::Tally;
use crate::wasm::target_dir;
use crate::{Done, npm, root};

/// The projects, with the tools that they need.
const PROJECTS: &str = "tests/packaging";

/// What people copy.
const EXAMPLES: &str = "js/examples";

/// Tries the package that is packed there, or one that is built first, and counts.
pub fn run(packed: Option<PathBuf>) -> Done<Tally> {
    let packed = packed.map_or_else(npm::pack, Ok)?.canonicalize()?;
    let app = target_dir().join("packaging/app");
    tools(&app)?;
    for folder in [PROJECTS, EXAMPLES] {
        npm::emptied(&app.join(folder))?;
        copy(&root().join(folder), &app.join(folder))?;
    }
    install(&packed, &app)?;
    fs::write(app.join(PROJECTS).join("expected.txt"), answers()?)?;
    fs::write(app.join(PROJECTS).join("expected-analysis.txt"), analyzed()?)?;
    Tally::of_run(Command::new("node").arg("run.mjs").current_dir(app.join(PROJECTS)))
}

/// Installs the tools that the lock file names.
fn tools(app: &Path) -> Done {
    fs::create_dir_all(app)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(root().join(PROJECTS).join(file), app.join(file))?;
    }
    npm_ci(app)
}

/// Installs the package as npm does, beside the tools. It stands in no lock file: its digest is another one after each build.
fn install(packed: &Path, app: &Path) -> Done {
    let (fresh, place) = (target_dir().join("packaging/installed"), app.join("node_modules/tenantry"));
    npm::install(packed, &fresh)?;
    npm::emptied(&place)?;
    fs::remove_dir(&place)?;
    Ok(fs::rename(fresh.join("node_modules/tenantry"), place)?)
}

/// What the engine says to the questions of the projects: one decision a line.
fn answers() -> Done<String> {
    let read = |file: &str| fs::read_to_string(root().join(PROJECTS).join(file));
    let question: Value = serde_json::from_str(&read("question.json")?)?;
    let policy = host::policy(read("examples/policy.json")?.as_bytes())?;
    let mut directory = host::directory(policy, question["snapshot"].to_string().as_bytes())?;
    let requests = question["requests"].as_array().ok_or("`question.json` has no `requests`")?;
    let lines = requests.iter().map(|request| directory.ask(Call::Decide, request.to_string().as_bytes()));
    Ok(lines.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

/// What the analysis says to the questions of the projects.
fn analyzed() -> Done<String> {
    let matrix = analysis::matrix(&*host::preset("starter")?, Format::Markdown);
    let proof = analysis::prove(host::preset("inveterate")?, &["admin never owner", "always owner"])?;
    Ok(format!("{matrix}\n{}", canonical_json(&proof)))
}

/// Copies a folder, without what somebody has installed in it.
fn copy(from: &Path, to: &Path) -> Done {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            fs::copy(entry.path(), target)?;
        } else if entry.file_name() != "node_modules" {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}
