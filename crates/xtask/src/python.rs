//! `python`: the Python package. Built in an environment of its own under `target/python`, and tested as users get it.

pub mod documents;
mod environment;

use std::fs;
use std::path::{Path, PathBuf};

use crate::generated::Mode;
use crate::process::{ran, said};
use crate::tally::Tally;
use crate::{Done, root};
use environment::{Environment, folder};

/// Builds the wheel and the source distribution into `target/python/dist`.
pub fn package() -> Done {
    let tools = Environment::tools()?;
    for made in [wheel(&tools)?, source(&tools)?] {
        println!("made {}", made.display());
    }
    Ok(())
}

/// Tests the package, prints what it came to, and says whether nothing failed.
pub fn check() -> Done<bool> {
    let tally = test()?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(tally.failed == 0)
}

/// Tests the wheel, its types and what stands on its page. Every check runs, whatever failed before it.
pub fn test() -> Done<Tally> {
    let tools = Environment::tools()?;
    let wheel = wheel(&tools)?;
    tools.install(&["--force-reinstall", "--no-deps"], &wheel)?;
    let mut tally = pytest(&tools)?;
    for (name, check) in checks(&tools, &wheel) {
        println!("== {name}");
        match check() {
            Ok(()) => tally.passed += 1,
            Err(fault) => {
                println!("{fault}");
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}

/// Measures beside code by hand, for organizations of the sizes given.
pub fn bench(sizes: &[&str]) -> Done<bool> {
    let tools = Environment::tools()?;
    tools.install(&["--force-reinstall", "--no-deps"], &wheel(&tools)?)?;
    Ok(tools.python().current_dir(home()).arg("bench/run.py").args(sizes).status()?.success())
}

/// Plays a script of questions on the wheel, installed in a fresh environment; what the player prints is the answer.
pub fn play(script: &Path, answers: &Path) -> Done<String> {
    let wheel = wheel(&Environment::tools()?)?;
    let fresh = Environment::fresh("player")?;
    fresh.install(&[], &wheel)?;
    said(fresh.python().arg("-I").arg(home().join("tests/player.py")).args([script, answers]))
}

fn home() -> PathBuf {
    root().join("python")
}

fn wheel(tools: &Environment) -> Done<PathBuf> {
    let dist = folder("dist")?;
    let python = tools.python().get_program().to_owned();
    ran(tools.command("maturin").current_dir(home()).args(["build", "--release", "--locked", "--quiet", "--interpreter"]).arg(python).arg("--out").arg(&dist))?;
    newest(&dist, ".whl")
}

fn source(tools: &Environment) -> Done<PathBuf> {
    let dist = folder("dist")?;
    ran(tools.command("maturin").current_dir(home()).args(["sdist", "--out"]).arg(&dist))?;
    newest(&dist, ".tar.gz")
}

/// The file with this ending that was written last.
fn newest(folder: &Path, ending: &str) -> Done<PathBuf> {
    let files = fs::read_dir(folder)?.map(|entry| Ok((entry.as_ref().map_err(ToString::to_string)?.metadata()?.modified()?, entry?.path())));
    let files: Vec<_> = files.collect::<Done<_>>()?;
    let of_sort = files.into_iter().filter(|(_, file)| file.to_string_lossy().ends_with(ending));
    of_sort.max().map(|(_, file)| file).ok_or_else(|| format!("no file in {} ends with `{ending}`", folder.display()).into())
}

type Check<'a> = (&'static str, Box<dyn Fn() -> Done + 'a>);

fn checks<'a>(tools: &'a Environment, wheel: &'a Path) -> Vec<Check<'a>> {
    let at_home = |program: &str, words: &[&str]| {
        let mut command = tools.command(program);
        command.current_dir(home()).args(words);
        command
    };
    let typed = |program: &'static str, words: &'static [&'static str]| Box::new(move || ran(&mut at_home(program, words)));
    vec![
        ("types of the documents", Box::new(|| documents::run(Mode::Check))),
        ("mypy --strict", typed("mypy", &["--strict", "src", "tests", "bench", "examples"])),
        ("pyright", typed("pyright", &["--warnings"])),
        ("stubs beside the built module", typed("python", &["-m", "mypy.stubtest", "tenantry._native"])),
        ("the wheel in a fresh environment", Box::new(|| decides("wheel", wheel))),
        ("the source distribution in a fresh environment", Box::new(|| decides("source", &source(tools)?))),
    ]
}

/// Installs a file into a fresh environment and makes a decision there.
fn decides(name: &str, file: &Path) -> Done {
    let fresh = Environment::fresh(name)?;
    fresh.install(&[], file)?;
    let examples = root().join("tests/packaging");
    let answer = said(fresh.python().arg("-I").arg(examples.join("python/first_decision.py")).arg(examples.join("examples/policy.json")))?;
    if answer.trim() == "outranked: You can do this for people below you, with roles up to your own." {
        Ok(())
    } else {
        Err(format!("the answer was `{answer}`").into())
    }
}

/// Runs the tests and shows what they print.
fn pytest(tools: &Environment) -> Done<Tally> {
    println!("== pytest");
    let output = tools.command("pytest").current_dir(home()).args(["--color=no", "-q", "-rs"]).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{text}{}", String::from_utf8_lossy(&output.stderr));
    let (passed, failed) = summary(text.trim().lines().last().unwrap_or_default());
    let mut tally = Tally::default();
    (tally.passed, tally.failed) = (passed, failed + usize::from(failed == 0 && !output.status.success()));
    Ok(tally)
}

/// The counts of the line that pytest ends with. What did not run has not passed.
fn summary(line: &str) -> (usize, usize) {
    let parts = line.split(" in ").next().unwrap_or_default().split(',');
    let counts = parts.filter_map(|part| part.trim().split_once(' ')).filter_map(|(count, what)| Some((count.parse::<usize>().ok()?, what)));
    counts.fold((0, 0), |(passed, failed), (count, what)| match what {
        "passed" => (passed + count, failed),
        "warning" | "warnings" => (passed, failed),
        _ => (passed, failed + count),
    })
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn counts_what_pytest_ends_with() {
        assert_eq!(summary("72 passed in 5.25s"), (72, 0));
        assert_eq!(summary("1 failed, 70 passed, 2 skipped, 1 warning in 5.25s"), (70, 3));
        assert_eq!(summary("3 errors in 0.10s"), (0, 3));
        assert_eq!(summary("no tests ran in 0.01s"), (0, 0));
    }
}
