//! `permitted`: every action with its verdict, as a row menu shows it, with the reason for what it greys out.

use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::document::shape::{printed, record};
use crate::document::snapshot::is_default;
use crate::document::{Actor, Facts, Time};
use crate::error::Error;
use crate::policy::actions::{About, VERBS};

use super::Query;

record! {
    /// About whom or what the actions are asked: a user, an invitation, or (neither) the scope itself.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct PermittedQuery {
        /// Who would act.
        pub actor: Actor,
        /// When.
        pub now: Time,
        /// The scope; the organization if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<String>,
        /// The user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub target: Option<String>,
        /// The invitation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invitation: Option<String>,
        /// Values that the host vouches for.
        #[serde(default, skip_serializing_if = "is_default")]
        pub context: Facts,
    }
}

printed! {
    /// One action and whether it is permitted.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Verdict {
        /// The action.
        pub action: String,
        /// Its name for people, from the policy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Whether it is permitted.
        pub allowed: bool,
        /// Why not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        /// The sentence that goes with the code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
    }
}

impl Directory {
    /// Every action that the policy permits to anybody about this user, this invitation or this scope, with its verdict
    /// for the actor.
    ///
    /// # Errors
    /// `missing_facts` where a slice does not hold what the answer needs.
    pub fn permitted(&self, query: &PermittedQuery) -> Result<Vec<Verdict>, Error> {
        let about = match (&query.target, &query.invitation) {
            (Some(_), _) => About::User,
            (None, Some(_)) => About::Invitation,
            (None, None) => About::Scope,
        };
        let mut verdicts = Vec::new();
        for (number, action) in self.policy.actions.iter().enumerate() {
            // The app's own actions are about the scope, or about whatever the host means by them.
            let spec = VERBS.get(number);
            let fits = spec.map_or(about == About::Scope, |spec| spec.about == about && !spec.verb.needs_no_rule());
            let known = fits && !self.policy.index.0[number].allows.is_empty();
            if !known {
                continue;
            }
            let one = Query {
                actor: query.actor.clone(),
                action: action.name.clone(),
                now: query.now,
                scope: query.scope.clone(),
                target: query.target.clone(),
                invitation: query.invitation.clone(),
                context: query.context.clone(),
                ..Query::default()
            };
            let denial = self.denial(&one)?;
            verdicts.push(Verdict {
                action: action.name.clone(),
                label: action.label.clone(),
                allowed: denial.is_none(),
                message: denial.as_ref().map(|denial| denial.message(&self.policy).to_owned()),
                code: denial.map(|denial| denial.code(&self.policy).to_owned()),
            });
        }
        Ok(verdicts)
    }
}
