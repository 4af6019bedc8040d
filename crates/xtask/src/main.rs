//! `cargo xtask`: the one command for checks, generated files and benches, the same locally and in CI.

mod bench;
mod component;
mod coverage;
mod fuzz;
mod generated;
mod hosts;
mod npm;
mod packaging;
mod presets;
mod process;
mod python;
mod random;
mod readme;
mod reports;
mod schema;
mod tally;
mod test;
mod types;
mod vectors;
mod wasm;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use generated::Mode;

/// What a command gives, or why it could not do its work.
type Done<T = ()> = Result<T, Box<dyn Error>>;

const HELP: &str = "\
cargo xtask COMMAND

  test                  everything that CI runs; the last line is `N passed, N failed`
                        $ cargo xtask test
  schema [--check]      writes the JSON Schemas of the five documents, or checks that they are up to date
                        $ cargo xtask schema --check
  presets [--check]     writes the ready policies as JSON, or checks that they are up to date
                        $ cargo xtask presets --check
  coverage [--check]    writes the tables of tests/README.md, or checks that they are up to date
                        $ cargo xtask coverage
  types [--check]       writes the types of the npm package, or checks that they are up to date
                        $ cargo xtask types
  npm                   builds and packs the npm package and says what it takes
                        $ cargo xtask npm
  npm test              the same, and runs its tests; the last line is `N passed, N failed`
                        $ cargo xtask npm test
  npm bench [N ..]      the same, and measures it beside code by hand, for organizations of N members
                        $ cargo xtask npm bench 1000
  packaging [TGZ]       tries the npm package, built first if none is named, in every runtime and bundler, and its examples;
                        the last line is `N passed, N failed`
                        $ cargo xtask packaging
  wasm PACKAGE [FEATURE ..]
                        builds a package for wasm, with the standard library that is installed for it or else from source
                        $ cargo xtask wasm tenantry-wasm
  component [test]      builds the wasm component; or builds it and runs the tests of its hosts, with `N passed, N failed` at the end
                        $ cargo xtask component
  hosts [N]             plays the vectors and N random cases in every host and compares the answers byte by byte; 2,000 if nothing
                        is said
                        $ cargo xtask hosts 1000000
  reports               writes what is proven of the ready policies
                        $ cargo xtask reports
  bench [FILTER]        runs the benches whose names contain FILTER
                        $ cargo xtask bench remove
  bench --table [N ..]  prints what takes how long beside code by hand, and the memory, for organizations of N members
                        $ cargo xtask bench --table
  fuzz TARGET [MINUTES] runs a fuzz target, ten minutes long if nothing is said; needs a C++ compiler
                        $ cargo xtask fuzz engine 30
  random [N] [--seed S] tries N random policies with states and requests, a hundred thousand if nothing is said
                        $ cargo xtask random 10000 --seed 8
  python                builds the Python package into target/python/dist: the wheel and the source distribution
                        $ cargo xtask python
  python test           tests the wheel, its types, its page and how it installs
                        $ cargo xtask python test
  python bench [N ..]   measures it beside code by hand, for organizations of N members
                        $ cargo xtask python bench 1000
  python play IN OUT    plays a script of questions on the wheel, for `hosts`
                        $ cargo xtask python play script.jsonl answers.jsonl
  python documents [--check]
                        writes the documents as types of Python, or checks that they are up to date
                        $ cargo xtask python documents --check
";

/// Random cases that every host plays in a test run.
const HOSTS_CASES: &str = "2000";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test::run(),
        ["schema"] => schema::run(Mode::Write).map(|()| true),
        ["schema", "--check"] => schema::run(Mode::Check).map(|()| true),
        ["presets"] => presets::run(Mode::Write).map(|()| true),
        ["presets", "--check"] => presets::run(Mode::Check).map(|()| true),
        ["reports"] => reports::write().map(|()| true),
        ["coverage"] => coverage::run(Mode::Write).map(|()| true),
        ["coverage", "--check"] => coverage::run(Mode::Check).map(|()| true),
        ["python"] => python::package().map(|()| true),
        ["python", "test"] => python::check(),
        ["python", "bench", sizes @ ..] => python::bench(sizes),
        ["python", "play", script, answers] => python::play(script.as_ref(), answers.as_ref()).map(|said| {
            print!("{said}");
            true
        }),
        ["python", "documents"] => python::documents::run(Mode::Write).map(|()| true),
        ["python", "documents", "--check"] => python::documents::run(Mode::Check).map(|()| true),
        ["bench", "--table", sizes @ ..] => bench::table(sizes),
        ["bench", filter @ ..] => bench::run(filter),
        ["fuzz", target] => fuzz::run(target, "10"),
        ["fuzz", target, minutes] => fuzz::run(target, minutes),
        ["types"] => types::run(Mode::Write).map(|()| true),
        ["types", "--check"] => types::run(Mode::Check).map(|()| true),
        ["npm"] => npm::pack().map(|_| true),
        ["npm", "test"] => npm::test().map(|tally| tally.failed == 0),
        ["npm", "bench", sizes @ ..] => npm::bench(sizes).map(|()| true),
        ["packaging"] => packaging::run(None).map(|tally| tally.told()),
        ["packaging", packed] => packaging::run(Some(packed.into())).map(|tally| tally.told()),
        ["wasm", package, features @ ..] => wasm::build(package, features).map(|module| println!("{}", module.display())).map(|()| true),
        ["component"] => component::build().map(|_| true),
        ["component", "test"] => component::run_tests(),
        ["hosts"] => hosts::run(HOSTS_CASES).map(|tally| tally.told()),
        ["hosts", cases] => hosts::run(cases).map(|tally| tally.told()),
        ["random"] => random::run("100000", None),
        ["random", cases] => random::run(cases, None),
        ["random", cases, "--seed", seed] => random::run(cases, Some(seed)),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(true)
        }
        _ => Err(format!("no command is called `{}`\n\n{HELP}", words.join(" ")).into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The top of the repository. Cargo says at run time where it is: two checkouts may share a built command.
fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest).join("../..")
}

/// Cargo at the top of the repository, on the toolchain that runs this command.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}
