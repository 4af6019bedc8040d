//! `fuzz`: a fuzz target under libFuzzer, on the stable toolchain. Its seeds are made of the vectors first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tenantry::document::digest;
use tenantry_conformance::fuzz::{TARGETS, Target, seeds, smallest, target};

use crate::{Done, cargo, root};

/// The workspace of the targets.
const FOLDER: &str = "crates/tenantry/fuzz";

/// What libFuzzer wants to be told by the code: the edges taken, and the values compared. `cargo fuzz` asks for the same.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1";

/// Bytes of the longest input. The seeds are below half of that.
const LONGEST: usize = 1 << 16;

/// Runs a target for so many minutes and says whether it found nothing. What it finds is shown as small as it gets.
pub fn run(name: &str, minutes: &str) -> Done<bool> {
    let known = || TARGETS.map(|target| target.name).join("`, `");
    let target = target(name).ok_or_else(|| format!("no fuzz target is called `{name}`: there are `{}`", known()))?;
    let minutes: u64 = minutes.parse().map_err(|_| format!("`{minutes}` is no number of minutes"))?;
    let found = folder("artifacts", name)?;
    sow(name)?;
    let mut fuzzer = cargo();
    fuzzer.current_dir(root().join(FOLDER)).env("RUSTFLAGS", COVERAGE);
    // With a target named, build scripts and macros stay without coverage.
    fuzzer.args(["run", "--release", "--target", &host()?, "--bin", name, "--"]).arg(folder("corpus", name)?);
    fuzzer.args([format!("-max_total_time={}", minutes * 60), format!("-max_len={LONGEST}"), "-timeout=20".to_owned()]);
    fuzzer.arg(format!("-artifact_prefix={}/", found.display()));
    let passed = fuzzer.status()?.success();
    files(&found)?.iter().try_for_each(|file| show(target, file))?;
    Ok(passed)
}

fn folder(sort: &str, name: &str) -> Done<PathBuf> {
    let folder = root().canonicalize()?.join(FOLDER).join(sort).join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Puts the seeds of a target into its corpus, each under its digest.
fn sow(name: &str) -> Done {
    let corpus = folder("corpus", name)?;
    for seed in seeds()?.get(name).into_iter().flatten() {
        fs::write(corpus.join(&digest(seed)[..16]), seed)?;
    }
    Ok(())
}

/// The triple that this machine builds for.
fn host() -> Done<String> {
    let said = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV").output()?.stdout;
    let host = String::from_utf8(said)?.lines().find_map(|line| line.strip_prefix("host: ").map(str::to_owned));
    host.ok_or_else(|| "rustc does not say for what it builds".into())
}

fn files(folder: &Path) -> Done<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    Ok(paths.collect::<Result<_, _>>()?)
}

fn show(target: Target, file: &Path) -> Done {
    let input = smallest(target, &fs::read(file)?);
    println!("{} breaks `{}`; as small as it gets:\n{}", file.display(), target.name, String::from_utf8_lossy(&input));
    Ok(())
}
