//! One script for every host: the vectors, and random documents, as lines that a host plays and answers line by line. A
//! host that answers as this engine does, byte for byte, cannot mean anything else.

mod play;
mod random;
mod vectors;

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

pub use play::Player;
pub use random::random;
pub use vectors::vectors;

/// A line of a script. The format, and what is answered, is in `tests/README.md`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// A new case: policy, directory and kept answers are forgotten.
    Case {
        /// Its name.
        name: String,
    },
    /// A ready policy.
    Preset {
        /// Its name.
        name: String,
    },
    /// A policy.
    Policy {
        /// The document.
        text: String,
    },
    /// A state under the policy.
    Directory {
        /// The snapshot.
        text: String,
    },
    /// A request or a question.
    Ask {
        /// Which call.
        call: String,
        /// Its document.
        text: String,
        /// The name under which the answer is kept.
        #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
        keep: Option<String>,
    },
    /// A kept decision comes true.
    Apply {
        /// Its name.
        decision: String,
        /// The present time, in RFC 3339.
        now: String,
    },
    /// What a request needs.
    Needs {
        /// The organization.
        organization: String,
        /// The request.
        text: String,
    },
    /// What of a kept decision may be shown.
    Public {
        /// Its name.
        decision: String,
    },
    /// A kept decision as entries of a log.
    Audit {
        /// Its name.
        decision: String,
    },
    /// The state.
    Snapshot,
    /// A question by numbers, looked up from ids.
    Number {
        /// Who.
        actor: String,
        /// The action.
        action: String,
        /// The scope.
        scope: String,
        /// The user it is about.
        target: Option<String>,
        /// The role that would be given.
        role: Option<String>,
        /// When, in milliseconds since 1970-01-01T00:00:00Z.
        now: i64,
    },
    /// A page as columns.
    Columns {
        /// What the page shows.
        text: String,
    },
    /// The catalogue.
    Codes,
}

impl Line {
    fn ask(call: &str, document: &impl ToString, keep: Option<&str>) -> Line {
        Line::Ask { call: call.to_owned(), text: document.to_string(), keep: keep.map(str::to_owned) }
    }
}

/// Writes a script.
///
/// # Errors
/// What the writer says.
pub fn write(lines: impl IntoIterator<Item = Line>, out: &mut impl Write) -> io::Result<()> {
    lines.into_iter().try_for_each(|line| writeln!(out, "{}", serde_json::to_string(&line)?))
}
