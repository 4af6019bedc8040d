//! Counts of tests, from what the harnesses print.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::Done;

/// What a run of `cargo test` came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that did not run: ignored or filtered out.
    pub skipped: usize,
    /// Tests that ran, by the target that cargo named last: `tests/vectors.rs`.
    pub ran: BTreeMap<String, usize>,
    target: String,
}

impl Tally {
    /// What a run that counts for itself came to: its last line is `N passed, N failed`.
    pub fn of_summary(output: &str) -> Option<Tally> {
        let (passed, failed) = output.trim_end().lines().last()?.split_once(" passed, ")?;
        Some(Tally { passed: passed.parse().ok()?, failed: failed.strip_suffix(" failed")?.parse().ok()?, ..Tally::default() })
    }

    /// Runs a command that counts for itself, and prints what it prints. One that ends otherwise than it has counted is a fault.
    pub fn of_run(command: &mut Command) -> Done<Tally> {
        let mut running = command.stdout(Stdio::piped()).spawn()?;
        let mut last = String::new();
        for line in running.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
            last = line?;
            println!("{last}");
        }
        let ended = running.wait()?;
        let tally = Tally::of_summary(&last).filter(|tally| ended.success() == (tally.failed == 0));
        tally.ok_or_else(|| format!("the tests end without a count: {command:?}").into())
    }

    /// Prints what it came to, and says whether nothing failed. What did not run has not passed, and nothing is no pass.
    pub fn told(&self) -> bool {
        println!("{} passed, {} failed", self.passed, self.failed + self.skipped);
        self.passed > 0 && self.failed + self.skipped == 0
    }

    /// Adds another count. A part of which nothing ran has failed.
    pub fn add(&mut self, part: &Tally) {
        self.passed += part.passed;
        self.failed += part.failed + part.skipped + usize::from(part.passed + part.failed == 0);
    }

    /// Takes a line of the output in.
    pub fn line(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        match words.next() {
            // Running tests/vectors.rs (target/debug/deps/vectors-0123)
            // Running unittests src/lib.rs (target/debug/deps/tenantry-0123)
            Some("Running") => self.target = words.take_while(|word| !word.starts_with('(')).collect::<Vec<_>>().join(" "),
            Some("Doc-tests") => self.target = line.trim().to_owned(),
            _ => self.elsewhere(line),
        }
        let Some(result) = line.trim_start().strip_prefix("test result: ") else { return };
        // ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
        let count = |what: &str| {
            let part = result.split(['.', ';']).find(|part| part.trim_end().ends_with(what));
            part.and_then(|part| part.split_whitespace().next()?.parse::<usize>().ok()).unwrap_or(0)
        };
        self.passed += count("passed");
        self.failed += count("failed");
        self.skipped += count("ignored") + count("filtered out");
        *self.ran.entry(self.target.clone()).or_default() += count("passed") + count("failed");
    }

    /// What the harnesses of other languages print: one line in TAP for each count, one line of `unittest` for each test.
    fn elsewhere(&mut self, line: &str) {
        let tap = |what: &str| line.strip_prefix(what).and_then(|count| count.trim().parse::<usize>().ok()).unwrap_or(0);
        self.passed += tap("# pass ");
        self.failed += tap("# fail ") + tap("# cancelled ");
        self.skipped += tap("# skipped ") + tap("# todo ");
        // test_codes (test_first_decision.Codes.test_codes) ... ok
        let Some((name, result)) = line.rsplit_once(" ... ") else { return };
        if name.starts_with("test_") && name.ends_with(')') {
            match result {
                "ok" => self.passed += 1,
                "FAIL" | "ERROR" => self.failed += 1,
                _ => self.skipped += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn counts_what_the_harnesses_print() {
        let mut tally = Tally::default();
        let output = "
     Running unittests src/lib.rs (target/debug/deps/a-1)
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
     Running tests/vectors.rs (target/debug/deps/vectors-2)
test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 4 filtered out; finished in 1.50s
   Doc-tests a
test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.30s";
        output.lines().for_each(|line| tally.line(line));
        assert_eq!((tally.passed, tally.failed, tally.skipped), (18, 2, 5));
        assert_eq!(tally.ran.get("tests/vectors.rs"), Some(&12));
        assert_eq!(tally.ran.get("Doc-tests a"), Some(&5));
    }

    #[test]
    fn takes_the_count_of_others() {
        let counted = Tally::of_summary("ok\n12 passed, 1 failed\n").map(|tally| (tally.passed, tally.failed));
        assert_eq!(counted, Some((12, 1)));
        assert_eq!(Tally::of_summary("killed"), None);
    }

    #[test]
    fn counts_what_other_languages_print() {
        let mut tally = Tally::default();
        let output = "
# pass 3
# fail 1
# cancelled 0
# skipped 2
test_a (test_it.It.test_a) ... ok
test_b (test_it.It.test_b) ... FAIL
test_c (test_it.It.test_c) ... skipped 'no'";
        output.lines().for_each(|line| tally.line(line));
        assert_eq!((tally.passed, tally.failed, tally.skipped), (4, 2, 3));
    }
}
