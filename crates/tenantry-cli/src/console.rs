//! Where a command reads from and writes to, and what it leaves behind.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use serde::Serialize;
use tenantry::document::{Decision, canonical_json};

use crate::failure::Failure;
use crate::show::decision::verdict;
use crate::show::style::{BAD, clean, paint};

/// The streams of a command. Styles are written into both outputs; the streams take them out where nobody would see them.
pub struct Console<'a> {
    /// Documents, where the command line names no file; none if a person sits there.
    pub input: Option<&'a mut dyn Read>,
    /// Answers.
    pub out: &'a mut dyn Write,
    /// Errors, and what goes beside an answer that is a document.
    pub err: &'a mut dyn Write,
    /// Answers are documents, one on each line.
    pub json: bool,
}

/// How a command ends: its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Allowed, or nothing to complain of: 0.
    Good,
    /// Denied, or problems found: 1.
    Bad,
    /// No answer: 2.
    Error,
}

impl From<bool> for Status {
    fn from(good: bool) -> Status {
        if good { Status::Good } else { Status::Bad }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

impl Console<'_> {
    /// Writes a text, which ends its last line itself.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        Ok(self.out.write_all(text.as_bytes())?)
    }

    /// Writes a document on a line.
    pub(crate) fn document<T: Serialize>(&mut self, document: &T) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{}", canonical_json(document))?)
    }

    /// Writes an answer: as a document with `--json`, otherwise in words.
    pub(crate) fn answer<T: Serialize>(&mut self, document: &T, in_words: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json { self.document(document) } else { self.text(&in_words()) }
    }

    /// The same beside the answer, where that is a document of its own.
    pub(crate) fn aside<T: Serialize>(&mut self, document: &T, in_words: impl FnOnce() -> String) -> Result<(), Failure> {
        let text = if self.json { canonical_json(document) + "\n" } else { in_words() };
        Ok(self.err.write_all(text.as_bytes())?)
    }

    /// Says what went wrong: in the place of the answer with `--json`, otherwise on the error stream.
    pub(crate) fn fail(&mut self, failure: &Failure) -> Status {
        // A reader that has seen enough (`tenantry page ... | head`) is no error, and nobody is left to tell others to.
        if matches!(failure, Failure::Write(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            return Status::Good;
        }
        let now = |decision: &Decision| format!("the answer is now: {}\n", verdict(decision.effect, decision.code.as_deref()));
        let told = if self.json {
            writeln!(self.out, "{}", canonical_json(&failure.document()))
        } else {
            let said = failure.to_string().lines().map(|line| clean(line) + "\n").collect::<String>();
            write!(self.err, "{}: {said}{}", paint(BAD, "error"), failure.instead().map(now).unwrap_or_default())
        };
        drop(told);
        Status::Error
    }

    /// Everything on standard input.
    pub(crate) fn read_input(&mut self, instead: &str) -> Result<String, Failure> {
        let input = self.input.as_mut().ok_or_else(|| Failure::Usage(format!("nothing to read: {instead}")))?;
        let mut text = String::new();
        input.read_to_string(&mut text).map_err(|source| Failure::Read { path: "standard input".to_owned(), source })?;
        Ok(text)
    }
}
