//! The scripts that every host plays, and the answers of this one.
//!
//! `script vectors OUT`, `script random CASES SEED OUT`, `script play SCRIPT ANSWERS`

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use tenantry_conformance::script::{Line, Player, random, vectors, write};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["vectors", out] => written(vectors()?, out),
        ["random", cases, seed, out] => written(random(cases.parse()?, seed.parse()?)?, out),
        ["play", script, answers] => play(script, answers),
        _ => Err("script vectors OUT | random CASES SEED OUT | play SCRIPT ANSWERS".into()),
    }
}

fn written(lines: Vec<Line>, out: &str) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(out)?);
    write(lines, &mut file)?;
    Ok(file.flush()?)
}

fn play(script: &str, answers: &str) -> Result<(), Box<dyn Error>> {
    let (mut player, mut out, mut cases) = (Player::default(), BufWriter::new(File::create(answers)?), 0);
    for line in BufReader::new(File::open(script)?).lines() {
        let line: Line = serde_json::from_str(&line?)?;
        cases += usize::from(matches!(line, Line::Case { .. }));
        writeln!(out, "{}", player.play(&line))?;
    }
    out.flush()?;
    println!("{cases} cases");
    Ok(())
}
