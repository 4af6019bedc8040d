//! The example organizations that ship for the presets, with requests that show the preset at work.

use tenantry::document::{Snapshot, Time};

use crate::documents::{self, Document};
use crate::failure::Failure;

/// An organization to try a policy on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Example {
    /// The preset that it is for.
    pub(crate) name: &'static str,
    snapshot: &'static str,
    requests: &'static str,
}

macro_rules! examples {
    ($($name:literal)*) => {
        &[$(Example {
            name: $name,
            snapshot: include_str!(concat!("../organizations/", $name, ".json")),
            requests: include_str!(concat!("../organizations/", $name, ".requests.json")),
        },)*]
    };
}

const EXAMPLES: &[Example] = examples! { "ai-loop" "growthfactor" "inveterate" "loupe-factory" "roles-and-workspaces" "starter" };

impl Example {
    /// The example for a preset.
    pub(crate) fn named(name: &str) -> Result<Example, Failure> {
        let names = || EXAMPLES.iter().map(|example| example.name).collect::<Vec<_>>().join("`, `");
        let found = EXAMPLES.iter().copied().find(|example| example.name == name);
        found.ok_or_else(|| Failure::Usage(format!("no example organization is called `{name}`; there are `{}`", names())))
    }

    /// The organization.
    pub(crate) fn snapshot(self) -> Result<Snapshot, Failure> {
        documents::read(self.snapshot, &format!("the example `{}`", self.name))
    }

    /// Requests to try, each with a title.
    pub(crate) fn requests(self) -> Result<Vec<Document>, Failure> {
        documents::split(self.requests, "request")
    }

    /// The day on which the example stands: that of its first request.
    pub(crate) fn now(self) -> Result<Time, Failure> {
        let first = self.requests()?.into_iter().next();
        let request = first.map(|document| document.read::<tenantry::document::Request>()).transpose()?;
        Ok(request.map(|request| request.now).unwrap_or_default())
    }
}
