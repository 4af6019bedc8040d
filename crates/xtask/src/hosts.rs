//! `hosts`: the same script played by every host, and the answers compared byte by byte.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::said;
use crate::tally::Tally;
use crate::wasm::{js, target_dir};
use crate::{Done, cargo, component, npm, python};

/// Plays a script into a file of answers, and gives what the player prints.
type Play = Box<dyn Fn(&Path, &Path) -> Done<String>>;

/// The hosts beside this one, each built and ready to play.
fn hosts() -> Done<Vec<(&'static str, Play)>> {
    let installed = npm::installed()?;
    let component = component::build()?.canonicalize()?;
    component::transpile(&component)?;
    let in_node = |player: &'static str| -> Play {
        let installed = installed.clone();
        Box::new(move |script, answers| said(Command::new("node").arg(js().join("test").join(player)).args([script, answers]).arg(&installed)))
    };
    let in_wasmtime = Box::new(move |script: &Path, answers: &Path| {
        said(component::host_cargo(&component).args(["run", "--quiet", "--locked", "--features", "player", "--bin", "player", "--"]).args([script, answers]))
    });
    let by_jco = |script: &Path, answers: &Path| said(Command::new("node").arg(component::node_player()).args([script, answers]));
    Ok(vec![
        ("npm package in Node", in_node("player.mjs")),
        ("npm package in Chromium", in_node("chromium.mjs")),
        ("wheel in Python", Box::new(python::play)),
        ("component in wasmtime, from Rust", in_wasmtime),
        ("component through jco, in Node", Box::new(by_jco)),
    ])
}

/// Plays the vectors and so many random cases, in every host. A host passes if it runs as many cases as this one and answers
/// every line with the same bytes.
pub fn run(cases: &str) -> Done<Tally> {
    let folder = target_dir().join("hosts");
    fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let hosts = hosts()?;
    let mut tally = Tally::default();
    for (name, made_of) in [("vectors", vec!["vectors"]), ("random", vec!["random", cases, "1"])] {
        let (script, expected) = (folder.join(format!("{name}.jsonl")), folder.join(format!("{name}.native")));
        said(native().args(made_of).arg(&script))?;
        let here = said(native().arg("play").args([&script, &expected]))?;
        println!("{name}: {} in the engine itself", here.trim());
        for (host, play) in &hosts {
            let answers = folder.join(format!("{name}.{}", host.replace([' ', ','], "-")));
            let fault = play(&script, &answers).and_then(|there| compare(&here, &there, &script, &expected, &answers));
            match fault {
                Ok(()) => tally.passed += 1,
                Err(_) => tally.failed += 1,
            }
            println!("{name}: {}, {host}", fault.map_or_else(|fault| fault.to_string(), |()| format!("{}, the same bytes", here.trim())));
        }
    }
    Ok(tally)
}

/// The script maker and the player of this host.
fn native() -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "tenantry-conformance", "--bin", "script", "--"]);
    command
}

fn compare(here: &str, there: &str, script: &Path, expected: &Path, answers: &Path) -> Done {
    if here.trim() != there.lines().last().unwrap_or_default().trim() {
        return Err(format!("expected {}, met `{}`", here.trim(), there.trim()).into());
    }
    let (expected, answers) = (fs::read_to_string(expected)?, fs::read_to_string(answers)?);
    let lines = || expected.lines().map(Some).chain([None]).zip(answers.lines().map(Some).chain([None]));
    match lines().position(|(expected, met)| expected != met) {
        None => Ok(()),
        Some(line) => Err(differing(line, script, &expected, &answers)?.into()),
    }
}

/// The first line that differs, with what was asked.
fn differing(line: usize, script: &Path, expected: &str, answers: &str) -> Done<String> {
    let asked = fs::read_to_string(script)?;
    let shown = |text: &str| text.lines().nth(line).unwrap_or("nothing").chars().take(2000).collect::<String>();
    Ok(format!("line {} differs\n  asked    {}\n  expected {}\n  met      {}", line + 1, shown(&asked), shown(expected), shown(answers)))
}
