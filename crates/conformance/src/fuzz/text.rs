//! Changes of a text that look at no structure: what a broken wire or an odd writer does.

use fastrand::Rng;

use super::pool::Pool;

type Change = fn(&mut Vec<u8>, &Pool, &mut Rng);

const CHANGES: [Change; 8] = [flip, cut, repeat, splice, word, member_twice, line, odd];

/// Texts that readers stumble over.
const ODDITIES: [&str; 12] = ["\u{0}", "\u{feff}", "\\u0000", "\\ud800", "\u{202e}", "1e400", "-0", "0.1", "null", "[[[[", "{\"\":", "\n[a.b.c]\n"];

/// Changes a text somewhere.
pub fn change(text: &mut Vec<u8>, pool: &Pool, random: &mut Rng) {
    for _ in 0..random.usize(1..=3) {
        let change = CHANGES[random.usize(..CHANGES.len())];
        change(text, pool, random);
    }
}

/// A range of a text, short more often than long.
fn range(text: &[u8], random: &mut Rng) -> std::ops::Range<usize> {
    let start = random.usize(..=text.len());
    let longest = 1 << random.usize(0..10);
    start..(start + random.usize(..=longest)).min(text.len())
}

fn flip(text: &mut Vec<u8>, _: &Pool, random: &mut Rng) {
    if text.is_empty() {
        text.push(b'{');
    }
    let at = random.usize(..text.len());
    text[at] ^= 1 << random.u8(..8);
}

fn cut(text: &mut Vec<u8>, _: &Pool, random: &mut Rng) {
    text.drain(range(text, random));
}

fn repeat(text: &mut Vec<u8>, _: &Pool, random: &mut Rng) {
    let (again, at) = (text[range(text, random)].to_vec(), random.usize(..=text.len()));
    text.splice(at..at, again);
}

fn splice(text: &mut Vec<u8>, pool: &Pool, random: &mut Rng) {
    let donor = pool.text(random).as_bytes();
    let (from, to) = (range(donor, random), range(text, random));
    text.splice(to, donor[from].iter().copied());
}

fn word(text: &mut Vec<u8>, pool: &Pool, random: &mut Rng) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.@".contains(byte);
    let start = random.usize(..=text.len());
    let start = start + text[start..].iter().position(is_word).unwrap_or(0);
    let end = start + text[start..].iter().take_while(|byte| is_word(byte)).count();
    text.splice(start..end, pool.word(random).bytes());
}

/// Doubles what stands between two commas: a member of a table, most often.
fn member_twice(text: &mut Vec<u8>, _: &Pool, random: &mut Rng) {
    let commas: Vec<usize> = text.iter().enumerate().filter(|(_, byte)| **byte == b',').map(|(at, _)| at).collect();
    if commas.len() > 1 {
        let number = random.usize(..commas.len() - 1);
        let member = text[commas[number]..commas[number + 1]].to_vec();
        text.splice(commas[number]..commas[number], member);
    }
}

/// Moves, doubles or drops a line.
fn line(text: &mut Vec<u8>, _: &Pool, random: &mut Rng) {
    let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let taken = lines.swap_remove(random.usize(..lines.len()));
    for _ in 0..random.usize(..3) {
        lines.insert(random.usize(..=lines.len()), taken.clone());
    }
    *text = lines.join(&b'\n');
}

fn odd(text: &mut Vec<u8>, _: &Pool, random: &mut Rng) {
    let at = range(text, random);
    text.splice(at, ODDITIES[random.usize(..ODDITIES.len())].bytes());
}
