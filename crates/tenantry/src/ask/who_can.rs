//! `who_can`: the users who could do it, as far as the viewer may see them.

use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::directory::table::sorted_by_id;
use crate::document::shape::record;
use crate::document::snapshot::is_default;
use crate::document::{Actor, Facts, Time};
use crate::error::Error;

use super::{PageQuery, Query};

record! {
    /// Who could do what, asked by a viewer.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct WhoCanQuery {
        /// Who wants to know: only users whom `member.list` shows to the viewer are named.
        pub viewer: Actor,
        /// The action.
        pub action: String,
        /// When.
        pub now: Time,
        /// The scope; the organization if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<String>,
        /// The user it would be about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub target: Option<String>,
        /// The role that would be given.
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

impl Directory {
    /// The users who could do it, by id. Linear in the users of the organization.
    ///
    /// # Errors
    /// `unknown_action`.
    pub fn who_can(&self, query: &WhoCanQuery) -> Result<Vec<String>, Error> {
        self.check_holders(None)?;
        let list =
            PageQuery { actor: query.viewer.clone(), now: query.now, scope: query.scope.clone(), context: query.context.clone(), ..PageQuery::default() };
        let shown = self.shown(&list)?;
        let mut able = Vec::new();
        for slot in sorted_by_id(&self.users, self.users.slots()) {
            let id = self.users.id(slot).to_owned();
            let one = Query {
                actor: Actor::User(id.clone()),
                action: query.action.clone(),
                now: query.now,
                scope: query.scope.clone(),
                target: query.target.clone(),
                role: query.role.clone(),
                resource: query.resource.clone(),
                context: query.context.clone(),
                ..Query::default()
            };
            if shown(slot) && self.denial(&one)?.is_none() {
                able.push(id);
            }
        }
        Ok(able)
    }
}
