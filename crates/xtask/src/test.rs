//! `test`: everything that CI runs. Every check runs, whatever failed before it; nothing is skipped.

use std::io::{BufRead, BufReader};

use crate::generated::Mode;
use crate::process::ran;
use crate::tally::Tally;
use crate::{Done, HOSTS_CASES, cargo, component, coverage, hosts, npm, packaging, presets, python, readme, schema, types, vectors};

/// The target that runs the vectors, as cargo names it.
const RUNNER: &str = "tests/vectors.rs";

/// Runs it all and says whether nothing failed. A check beside the tests counts as one of them.
pub fn run() -> Done<bool> {
    let mut sum = Tally::default();
    for (name, check) in checks() {
        println!("== {name}");
        match check() {
            Ok(()) => sum.passed += 1,
            Err(fault) => {
                println!("{fault}");
                sum.failed += 1;
            }
        }
    }
    println!("== tests");
    let tests = tests()?;
    sum.passed += tests.passed;
    sum.failed += tests.failed + faults(&tests);
    for (name, part) in parts() {
        println!("== {name}");
        match part() {
            Ok(tally) => sum.add(&tally),
            Err(fault) => {
                println!("{fault}");
                sum.failed += 1;
            }
        }
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    Ok(sum.failed == 0)
}

type Check = (&'static str, fn() -> Done);

fn checks() -> [Check; 8] {
    [
        ("format", || ran(cargo().args(["fmt", "--all", "--check"]))),
        ("schemas", || schema::run(Mode::Check)),
        ("types", || types::run(Mode::Check)),
        ("presets", || presets::run(Mode::Check)),
        ("vectors, none twice", || vectors::check_doubles(&vectors::all()?)),
        ("coverage", || coverage::run(Mode::Check)),
        ("clippy", || ran(cargo().args(["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]))),
        ("readme", readme::check),
    ]
}

type Part = (&'static str, fn() -> Done<Tally>);

/// What is built for other languages, each tested as its users get it, and then all of them beside the engine.
fn parts() -> [Part; 5] {
    [
        ("npm package", npm::test),
        ("npm package in small projects", || packaging::run(None)),
        ("Python package", python::test),
        ("component", component::test),
        ("the same answers in every host", || hosts::run(HOSTS_CASES)),
    ]
}

/// Runs the tests of the workspace, prints what they print as they print it, and counts.
fn tests() -> Done<Tally> {
    let (reader, writer) = std::io::pipe()?;
    let mut command = cargo();
    // One pipe for both, so that a result stands below the name of its target.
    // Bindings have their tests where they are used; what only measures is at least compiled here.
    let bindings = ["tenantry-component", "tenantry-python", "tenantry-wasm", "tenantry-wasm-analysis"].into_iter().flat_map(|name| ["--exclude", name]);
    command.args(["test", "--workspace"]).args(bindings);
    command.args(["--all-features", "--no-fail-fast", "--color", "never"]).stdout(writer.try_clone()?).stderr(writer);
    let mut running = command.spawn()?;
    // The command holds the writing ends: the pipe ends when the tests do.
    drop(command);
    let mut tally = Tally::default();
    for line in BufReader::new(reader).lines() {
        let line = line?;
        println!("{line}");
        tally.line(&line);
    }
    if !running.wait()?.success() && tally.failed == 0 {
        println!("`cargo test` failed beside its tests");
        tally.failed = 1;
    }
    Ok(tally)
}

/// Faults that no test tells: tests that did not run.
fn faults(tests: &Tally) -> usize {
    let (vectors, ran) = (vectors::all().map_or(0, |all| all.len()), tests.ran.get(RUNNER).copied().unwrap_or(0));
    println!("{vectors} vectors, {ran} run");
    if tests.skipped > 0 {
        println!("{} tests did not run", tests.skipped);
    }
    usize::from(tests.skipped > 0) + usize::from(vectors == 0 || ran != vectors)
}
