//! A run: so many sequences from a seed on, on all cores, and what was met on the way.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::Value;
use tenantry::CATALOGUE;
use tenantry::document::{Decision, Outcome};
use tenantry_conformance::generate::Sequence;
use tenantry_conformance::reference::{Met, take_met};

use crate::properties::{Fault, check, fault};
use crate::smaller::Sequences;

/// Sequences that one runner makes: a fault ends it.
const CHUNK: u32 = 200;

/// What was met.
#[derive(Debug, Default)]
pub struct Tally {
    /// Requests that were decided.
    decided: u64,
    /// And allowed.
    allowed: u64,
    codes: BTreeMap<String, u64>,
}

impl Tally {
    /// Notes a decision.
    pub fn decided(&mut self, decision: &Decision) {
        self.decided += 1;
        self.allowed += u64::from(decision.is_allowed());
        let items = decision.items.iter().flat_map(|item: &Outcome| &item.reasons);
        for code in decision.reasons.iter().chain(items).map(|reason| &reason.code).chain(decision.warnings.iter().map(|warning| &warning.code)) {
            *self.codes.entry(code.clone()).or_default() += 1;
        }
    }

    fn add(&mut self, other: Tally) {
        self.decided += other.decided;
        self.allowed += other.allowed;
        other.codes.into_iter().for_each(|(code, times)| *self.codes.entry(code).or_default() += times);
    }
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Found {
    pub cases: u32,
    pub refused: u32,
    pub faults: Vec<(Fault, Sequence)>,
    tally: Tally,
    met: Met,
}

/// A number of the environment.
pub fn number_of(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Runs so many sequences. The same seed makes the same ones, on however many cores.
pub fn run(seed: u32, cases: u32) -> Found {
    let next = AtomicU32::new(0);
    let found = Mutex::new(Found { cases, ..Found::default() });
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let chunk = next.fetch_add(1, Ordering::Relaxed);
                    if chunk * CHUNK >= cases {
                        break;
                    }
                    let part = run_chunk(seed, chunk, CHUNK.min(cases - chunk * CHUNK));
                    if let Ok(mut found) = found.lock() {
                        found.add(part);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_default()
}

fn run_chunk(seed: u32, chunk: u32, cases: u32) -> Found {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    bytes[4..8].copy_from_slice(&chunk.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let (refused, tally) = (Cell::new(0), RefCell::new(Tally::default()));
    let first: RefCell<Option<Fault>> = RefCell::new(None);
    let result = runner.run(&Sequences, |case| {
        let Ok(sequence) = case else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        let mut first = first.borrow_mut();
        let mut aside = Tally::default();
        let checked = if first.is_none() { guarded(&sequence, &mut tally.borrow_mut()) } else { guarded(&sequence, &mut aside) };
        match (checked, &*first) {
            (Err(fault), Some(known)) if fault.promise != known.promise => Ok(()),
            (Err(fault), _) => {
                *first = Some(fault.clone());
                Err(TestCaseError::fail(fault.told))
            }
            (Ok(()), _) => Ok(()),
        }
    });
    let faults = match (result, first.into_inner()) {
        (Err(TestError::Fail(_, Ok(sequence))), Some(fault)) => vec![(fault, sequence)],
        _ => Vec::new(),
    };
    Found { cases: 0, refused: refused.get(), faults, tally: tally.into_inner(), met: take_met() }
}

impl Found {
    fn add(&mut self, other: Found) {
        self.refused += other.refused;
        self.faults.extend(other.faults);
        self.tally.add(other.tally);
        for (word, times) in other.met {
            let known = self.met.entry(word).or_default();
            *known = [known[0] + times[0], known[1] + times[1]];
        }
    }

    /// Codes and words that no sequence met.
    pub fn untried(&self) -> Vec<String> {
        let given = CATALOGUE.iter().filter(|code| code.step() != tenantry::Step::Apply).map(|code| code.as_str());
        let codes = given.filter(|code| !self.tally.codes.contains_key(*code)).map(str::to_owned);
        // Of an organization to come there are no roles to compare.
        let words = self.met.iter().filter(|(word, times)| times.contains(&0) && **word != "new.rank").map(|(word, times)| format!("{word} {}", times[0] == 0));
        codes.chain(words).collect()
    }

    /// What was met, and every fault with its sequence as a file of vectors.
    pub fn report(&self) -> String {
        let mut lines = vec![format!(
            "{} sequences, {} policies refused, {} requests decided, {} allowed",
            self.cases, self.refused, self.tally.decided, self.tally.allowed
        )];
        lines.push(format!("codes: {:?}", self.tally.codes));
        lines.push(format!("words [false, true]: {:?}", self.met));
        lines.push(format!("untried: {:?}", self.untried()));
        for (fault, sequence) in &self.faults {
            lines.push(format!("{}: {}\n{}", fault.promise, fault.told, vectors(sequence)));
        }
        lines.join("\n")
    }
}

/// A panic is a fault like any other.
fn guarded(sequence: &Sequence, tally: &mut Tally) -> Result<(), Fault> {
    catch_unwind(AssertUnwindSafe(|| check(sequence, tally))).unwrap_or_else(|_| fault("panic", "something panics"))
}

/// The sequence with what the reference expects.
fn vectors(sequence: &Sequence) -> String {
    let told = catch_unwind(AssertUnwindSafe(|| crate::properties::vectors(sequence)));
    told.unwrap_or_else(|_| sequence.as_vectors("panic", &vec![Value::Null; sequence.requests.len()])).to_string()
}
