//! Differences between the engine and the published meaning that are known, each as narrow as it can be said. Each is to be
//! mended in one of the two, and then to go from here.

use serde_json::Value;
use tenantry::document::{Decision, Reason};

/// What a difference is about.
pub struct Differing<'a> {
    pub policy: &'a Value,
    pub engine: &'a Decision,
    pub reference: &'a Decision,
}

impl Differing<'_> {
    /// Whether the difference is a known one.
    pub fn is_known(&self) -> bool {
        self.order_of_checks() || self.granted_again() || self.exclusive_of_a_layer() || self.order_of_holders() || self.archived_under_a_group()
    }

    fn asks(&self, action: &str) -> bool {
        self.engine.request.body.asks().iter().any(|ask| ask.action == action)
    }

    fn decided_by(&self, fits: impl Fn(&Value) -> bool) -> bool {
        let rules = [&self.engine.rules, &self.reference.rules];
        let keeps = self.policy["keep"].as_array().into_iter().flatten();
        keeps.filter(|keep| rules.iter().any(|rules| rules.iter().any(|rule| keep["id"] == **rule))).any(fits)
    }

    /// Of several roles that cannot be given, one for its home and one for its expiry, which is said first.
    fn order_of_checks(&self) -> bool {
        let told =
            |decision: &Decision, code: &str| decision.code.as_deref() == Some(code) || decision.items.iter().any(|item| item.code.as_deref() == Some(code));
        told(self.engine, "expiry_in_past") && told(self.reference, "role_not_here")
    }

    /// A group is to hold what it holds, until a time that has passed: nothing, or an expiry in the past.
    fn granted_again(&self) -> bool {
        self.asks("group.grant") && self.engine.is_allowed() && self.reference.code.as_deref() == Some("expiry_in_past")
    }

    /// Whether `exclusive` looks at another layer where a role is named with its kind.
    fn exclusive_of_a_layer(&self) -> bool {
        self.decided_by(|keep| keep["exclusive"].to_string().contains('.'))
    }

    /// In which order the holders of a custom role are named.
    fn order_of_holders(&self) -> bool {
        let sorted = |reasons: &[Reason]| {
            let mut told: Vec<String> = reasons.iter().map(|reason| serde_json::to_string(reason).unwrap_or_default()).collect();
            told.sort();
            told
        };
        self.asks("role.update") && sorted(&self.engine.reasons) == sorted(&self.reference.reasons)
    }

    /// A keep of each user does not see who holds something in an archived scope through a group alone.
    fn archived_under_a_group(&self) -> bool {
        self.asks("scope.archive") && self.decided_by(|keep| keep["each"] == "user")
    }
}

/// Whether a slice is known to answer otherwise: an id in use that it does not hold, told after what else is wrong with a new
/// scope, and whose account it is where an approval is denied.
pub fn of_slices(decision: &Decision) -> bool {
    let asks = |action: &str, code: &str| {
        let told = decision.code.as_deref() == Some(code) || decision.items.iter().any(|item| item.code.as_deref() == Some(code));
        told && decision.request.body.asks().iter().any(|ask| ask.action == action)
    };
    asks("scope.create", "id_taken") || asks("invitation.approve", "not_accepted") || asks("invitation.approve", "email_taken")
}
