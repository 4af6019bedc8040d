//! The commands of the README: each runs, and says what the README shows.

use std::fs;
use std::process::Output;

use crate::{Done, cargo, root};

/// How the README calls the command.
const CALLS: [&str; 2] = ["tenantry ", "cargo run --quiet --package tenantry-cli -- "];

/// A fenced block of the page.
struct Block<'p> {
    language: &'p str,
    text: &'p str,
}

/// Runs every call of the command in the README. The text block after some calls is what the last one prints.
pub fn check() -> Done {
    let page = fs::read_to_string(root().join("README.md"))?;
    let blocks = blocks(&page);
    let policy = blocks.iter().find(|block| block.language == "toml").ok_or("the README shows no policy")?;
    fs::create_dir_all(root().join(FOLDER))?;
    fs::write(root().join(FOLDER).join("my-product.toml"), policy.text)?;
    shown_elsewhere(&blocks)?;
    let mut printed = String::new();
    for block in &blocks {
        match block.language {
            "sh" => printed = calls(block.text).map(run).collect::<Done<Vec<String>>>()?.pop().unwrap_or_default(),
            "text" if block.text.trim() != printed.trim() => return Err(format!("the README shows\n{}\nand the command says\n{printed}", block.text).into()),
            _ => {}
        }
    }
    Ok(())
}

/// The pages whose code is tested where it is at home. The README shows the same.
const PAGES: [(&str, &str, &str); 3] =
    [("js", "js", "js/README.md"), ("python", "python", "python/README.md"), ("rs", "rust", "crates/tenantry-host/README.md")];

fn shown_elsewhere(shown: &[Block]) -> Done {
    for (here, there, file) in PAGES {
        let page = fs::read_to_string(root().join(file))?;
        let theirs = blocks(&page);
        let is_theirs = |block: &Block| theirs.iter().any(|other| other.language == there && other.text == block.text);
        let ours = || shown.iter().filter(|block| block.language == here);
        if ours().count() == 0 || !ours().all(is_theirs) {
            return Err(format!("the README shows no code of {file}, or other code").into());
        }
    }
    Ok(())
}

/// Where the commands run, beside the policy that the README shows.
const FOLDER: &str = "target/readme";

fn blocks(page: &str) -> Vec<Block<'_>> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).map(|(language, text)| Block { language, text }).collect()
}

/// The words of each call, without the comment behind it.
fn calls(script: &str) -> impl Iterator<Item = &str> {
    let call = |line| CALLS.iter().find_map(|start| str::strip_prefix(line, start));
    script.lines().filter_map(call).map(|words: &str| words.split('#').next().unwrap_or_default())
}

fn run(words: &str) -> Done<String> {
    let manifest = root().join("Cargo.toml").canonicalize()?;
    let mut command = cargo();
    command.current_dir(root().join(FOLDER)).args(["run", "--quiet", "--package", "tenantry-cli", "--manifest-path"]).arg(manifest);
    let Output { status, stdout, stderr } = command.arg("--").args(words.split_whitespace()).output()?;
    // A denial is an answer: its status is 1.
    match status.code() {
        Some(0 | 1) => Ok(String::from_utf8(stdout)?),
        _ => Err(format!("`tenantry {words}` fails: {}", String::from_utf8_lossy(&stderr)).into()),
    }
}
