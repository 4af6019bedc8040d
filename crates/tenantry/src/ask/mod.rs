//! Questions beside requests: may she, what may she, who may, why, and the members page.

mod along;
mod aspect;
mod denial;
mod explain;
mod handles;
mod keeps;
mod lines;
mod needs;
mod outlook;
mod page;
mod permitted;
mod remembered;
mod verdict;
mod who_can;

pub use aspect::Aspect;
pub use denial::DenialCode;
pub(crate) use denial::Slots;
pub use explain::{Explanation, RuleVerdict};
pub use handles::{Ids, Question, RoleHandle, ScopeHandle, UserHandle};
pub use outlook::Outlook;
pub use page::{Columns, InvitationLine, MemberLine, Order, Page, PageQuery};
pub use permitted::{PermittedQuery, Verdict};
pub use who_can::WhoCanQuery;

use serde::{Deserialize, Serialize};

use crate::document::shape::record;
use crate::document::snapshot::is_default;
use crate::document::{Actor, Facts, Time};

record! {
    /// A question about one action, by ids: [`Directory::can`](crate::Directory::can) and
    /// [`Directory::denial`](crate::Directory::denial) answer it.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Query {
        /// Who would ask.
        pub actor: Actor,
        /// The action.
        pub action: String,
        /// When: grants that have expired by then give nothing.
        pub now: Time,
        /// The scope; the organization if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<String>,
        /// The user it would be about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub target: Option<String>,
        /// The invitation it would be about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invitation: Option<String>,
        /// The group it would be about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub group: Option<String>,
        /// The role that would be given (in a one-role scope: instead of the one held). Without it the question is whether any
        /// change of the verb is possible.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<String>,
        /// Attributes of the host's resource.
        #[serde(default, skip_serializing_if = "is_default")]
        pub resource: Facts,
        /// Values that the host vouches for.
        #[serde(default, skip_serializing_if = "is_default")]
        pub context: Facts,
    }
}
