//! Differences between the engine and the published meaning that are known, each as narrow as it can be said. Each is to be
//! mended in one of the two, and then to go from here.

use crate::properties::Course;
use serde_json::Value;
use tenantry::document::snapshot::{Snapshot, UserKind};
use tenantry::document::{Actor, Ask, Batch, Body, Decision, Outcome, Reason, Remedy, Request, RoleAt, Warning};

/// What a difference is about.
pub struct Differing<'a> {
    pub policy: &'a Value,
    pub state: &'a Snapshot,
    pub engine: &'a Decision,
    pub reference: &'a Decision,
}

impl Differing<'_> {
    /// Whether the difference is a known one.
    pub fn is_known(&self) -> bool {
        let each = [
            Self::helpers,
            Self::warned_twice,
            Self::several_scopes,
            Self::expired_grants,
            Self::expired_offers,
            Self::first_owner,
            Self::transfer_by_system,
            Self::approved_together,
            Self::groups_in_batch,
            Self::transfer_of_nothing,
            Self::removed_altogether,
            Self::added_without_name,
            Self::kept_elsewhere,
            Self::not_yet_there,
            Self::counted_services,
            Self::flows_into_other_kinds,
            Self::rules_of_set_roles,
            Self::owned_by_mistake,
            Self::approved_newcomer,
            Self::unverified_addressee,
            Self::other_order,
            Self::direct_role_of_a_layer,
            Self::nowhere,
            Self::transfer_of_the_like,
            Self::born_broken,
            Self::link_to_awaiting,
            Self::group_as_target,
            Self::access_of_services,
            Self::orders_of_checks,
            Self::kinds_by_other_words,
            Self::restored,
            Self::nothing_offered,
        ];
        each.iter().any(|known| known(self))
    }

    fn request(&self) -> &Request {
        &self.engine.request
    }

    fn asks(&self, actions: &[&str]) -> impl Iterator<Item = &Ask> {
        self.request().body.asks().iter().filter(move |ask| actions.contains(&ask.action.as_str()))
    }

    fn is(&self, code: &str) -> bool {
        self.engine.code.as_deref() == Some(code) || self.engine.items.iter().any(|item| item.code.as_deref() == Some(code))
    }

    fn same_but(&self, names: &[&str]) -> bool {
        without(self.engine, names) == without(self.reference, names)
    }

    fn outcomes(&self) -> Vec<(Vec<Reason>, Vec<Reason>)> {
        let items = self.engine.items.iter().zip(&self.reference.items);
        let pair = |(a, b): (&Outcome, &Outcome)| (a.reasons.clone(), b.reasons.clone());
        std::iter::once((self.engine.reasons.clone(), self.reference.reasons.clone())).chain(items.map(pair)).collect()
    }

    /// A permission lets its holders do what changes nothing, but the remedy `ask` does not name them.
    fn helpers(&self) -> bool {
        let asks_more = |engine: &[Remedy], reference: &[Remedy]| {
            engine == reference || (engine.len() <= 1 && reference.iter().all(|remedy| matches!(remedy, Remedy::Ask { .. })))
        };
        let items = self.engine.items.iter().zip(&self.reference.items).all(|(a, b)| asks_more(&a.remedies, &b.remedies));
        self.same_but(&["remedies"]) && asks_more(&self.engine.remedies, &self.reference.remedies) && items
    }

    /// The same warning stands twice.
    fn warned_twice(&self) -> bool {
        let twice = |warnings: &[Warning]| warnings.iter().enumerate().any(|(number, warning)| warnings[..number].contains(warning));
        let items = self.engine.items.iter().any(|item| twice(&item.warnings));
        (items || twice(&self.engine.warnings) || twice(&self.reference.warnings)) && self.same_but(&["warnings"])
    }

    /// With several scopes the reason does not say at which one it is.
    fn several_scopes(&self) -> bool {
        let several = self.request().body.asks().iter().any(|ask| ask.scopes.is_some());
        let unplaced = |(a, b): (&Reason, &Reason)| a == b || *a == Reason { scope: None, ..b.clone() };
        let all = self.outcomes().into_iter().all(|(a, b)| a.len() == b.len() && a.iter().zip(&b).all(unplaced));
        several && all && self.same_but(&["reasons", "remedies"])
    }

    /// What becomes of a grant that has expired when roles are set.
    fn expired_grants(&self) -> bool {
        let now = self.request().now;
        let expired = |target: &Option<String>| self.state.grants.iter().any(|row| row.user == *target && row.expires_at.is_some_and(|at| at <= now));
        self.asks(&["member.set_roles", "member.deactivate", "member.reactivate"]).any(|ask| expired(&ask.target))
    }

    /// Offers of roles that have expired give nothing.
    fn expired_offers(&self) -> bool {
        let now = self.request().now;
        let expired = |role: &RoleAt| role.expires_at.is_some_and(|at| at <= now);
        let offers = |ask: &Ask| {
            let row = self.state.invitations.iter().find(|row| Some(&row.id) == ask.invitation.as_ref());
            row.is_some_and(|row| row.scopes.iter().flat_map(|at| &at.roles).any(expired))
        };
        self.asks(&["invitation.accept", "invitation.approve"]).any(offers)
    }

    /// Of the organization to come: its kind, and expired roles of its first user.
    fn first_owner(&self) -> bool {
        let named = |rules: &str| self.policy[rules].as_array().into_iter().flatten().any(|rule| rule.to_string().contains("\"scope\":{"));
        let now = self.request().now;
        let expired = |ask: &Ask| ask.roles.iter().flatten().any(|role| role.expires_at.is_some_and(|at| at <= now));
        self.asks(&["organization.create"]).any(|ask| named("allow") || named("forbid") || expired(ask))
    }

    /// Nobody hands over what a system does not hold.
    fn transfer_by_system(&self) -> bool {
        matches!(self.request().actor, Actor::System(_)) && self.asks(&["ownership.transfer"]).next().is_some() && self.is("not_found")
    }

    /// Handing over what the actor does not hold: before or after the rest is judged.
    fn transfer_of_nothing(&self) -> bool {
        let actor = if let Actor::User(id) = &self.request().actor { Some(id) } else { None };
        let holds = |ask: &Ask| self.state.grants.iter().any(|row| row.user.as_ref() == actor && Some(&row.role) == ask.role.as_ref());
        self.asks(&["ownership.transfer"]).any(|ask| !holds(ask)) && (self.is("not_member") || self.is("not_direct"))
    }

    /// Changes of a group that the actor is in, after others in an atomic batch.
    fn groups_in_batch(&self) -> bool {
        let groups = ["group.grant", "group.revoke", "group.add", "group.remove", "group.delete"];
        matches!(self.request().body, Body::Batch(Batch::Atomic, _)) && self.asks(&groups).next().is_some() && self.engine.is_allowed()
    }

    /// In an atomic batch not every reason against an approval is said.
    fn approved_together(&self) -> bool {
        let fewer = self.engine.reasons.iter().all(|reason| self.reference.reasons.contains(reason));
        self.asks(&["invitation.approve"]).next().is_some() && fewer && self.same_but(&["reasons", "rules"])
    }

    /// Ending everything from a workspace is judged there as well.
    fn removed_altogether(&self) -> bool {
        let more = self.reference.reasons.iter().all(|reason| self.engine.reasons.contains(reason));
        let rules = self.reference.rules.iter().all(|rule| self.engine.rules.contains(rule));
        self.asks(&["member.remove", "member.leave"]).any(|ask| ask.scope.is_some()) && more && rules && self.same_but(&["reasons", "rules"])
    }

    /// An addition at once is judged after it is looked at, and not by `invitation.link`.
    fn added_without_name(&self) -> bool {
        let settings = &self.policy["invitations"];
        let address = |email: &str| tenantry::email::canonical(email);
        let known = |email: &str| self.state.users.iter().any(|row| row.email.as_deref().and_then(address) == address(email));
        let added = |ask: &Ask| ask.email.iter().map(String::as_str).chain(ask.emails.iter().flat_map(|emails| emails.entries())).any(known);
        settings["existing_users"] == "add" && self.asks(&["invitation.create", "invitation.link"]).any(added)
    }

    /// A newcomer whose offer is approved is below nobody.
    fn approved_newcomer(&self) -> bool {
        self.policy.to_string().contains("\"rank\":") && self.asks(&["invitation.approve", "invitation.accept"]).next().is_some()
    }

    /// An address that a user has, but has not proved, is whose?
    fn unverified_addressee(&self) -> bool {
        let unproved = |email: &Option<String>| {
            let address = email.as_deref().and_then(tenantry::email::canonical);
            let has_it = |row: &tenantry::document::snapshot::UserRow| row.email.as_deref().and_then(tenantry::email::canonical) == address;
            address.is_some() && self.state.users.iter().any(|row| !row.verified && has_it(row))
        };
        self.asks(&["invitation.create", "invitation.link"]).any(|ask| unproved(&ask.email))
    }

    /// Which of several forbids is said first.
    fn other_order(&self) -> bool {
        let sorted = |mut reasons: Vec<Reason>| {
            reasons.sort_by_key(|reason| serde_json::to_string(reason).unwrap_or_default());
            reasons
        };
        let same = self.outcomes().into_iter().all(|(a, b)| sorted(a) == sorted(b));
        same && self.same_but(&["reasons", "code", "message", "remedies"])
    }

    fn keeps(&self) -> impl Iterator<Item = &Value> {
        self.policy["keep"].as_array().into_iter().flatten()
    }

    /// Whether a keep is among the rules that decided, in one of the two answers.
    fn kept_by(&self, fits: impl Fn(&Value) -> bool) -> bool {
        let rules = |decision: &Decision| decision.items.iter().flat_map(|item| item.rules.clone()).chain(decision.rules.clone()).collect::<Vec<_>>();
        let decided = [rules(self.engine), rules(self.reference)].concat();
        self.keeps().any(|keep| decided.iter().any(|rule| keep["id"] == **rule) && fits(keep))
    }

    fn policy_says(&self, words: &str) -> bool {
        self.policy.to_string().contains(words)
    }

    /// What a direct role of another layer is.
    fn direct_role_of_a_layer(&self) -> bool {
        let text = self.policy.to_string();
        let layered = |rest: &&str| rest.split([']', '}']).next().is_some_and(|names| names.contains('.'));
        text.split("\"direct_role\":").skip(1).any(|rest| layered(&rest))
    }

    /// What flows to a scope that does not exist.
    fn nowhere(&self) -> bool {
        let unknown = |id: &String| !self.state.scopes.iter().any(|row| row.id == *id);
        let named = self
            .request()
            .body
            .asks()
            .iter()
            .any(|ask| ask.scope.iter().chain(&ask.parent).chain(ask.scopes.iter().flatten().map(|edit| &edit.scope)).any(unknown));
        named && [self.engine, self.reference].iter().all(|decision| matches!(decision.code.as_deref(), Some("not_permitted" | "not_found")))
    }

    /// Handing over what is held for a while, or comes from somewhere.
    fn transfer_of_the_like(&self) -> bool {
        let actor = if let Actor::User(id) = &self.request().actor { Some(id) } else { None };
        let like = |ask: &Ask| {
            let holders = [actor, ask.target.as_ref()];
            self.state.grants.iter().any(|row| holders.contains(&row.user.as_ref()) && (row.source.is_some() || row.expires_at.is_some()))
        };
        self.asks(&["ownership.transfer"]).any(like)
    }

    /// Whether a scope may be born with too many.
    fn born_broken(&self) -> bool {
        self.asks(&["scope.create"]).next().is_some() && self.kept_by(|_| true)
    }

    /// The link of an offer that waits for approval.
    fn link_to_awaiting(&self) -> bool {
        self.asks(&["invitation.link"]).any(|ask| ask.email.is_some()) && self.is("invitation_closed")
    }

    /// Whether a group that gives nobody anything is a target.
    fn group_as_target(&self) -> bool {
        self.policy_says("\"target\":") && self.asks(&["group.delete", "group.remove", "group.revoke", "group.add", "group.grant"]).next().is_some()
    }

    /// What access a service keeps whose owner is gone.
    fn access_of_services(&self) -> bool {
        let service = |ask: &Ask| self.state.users.iter().any(|row| Some(&row.id) == ask.target.as_ref() && row.kind == UserKind::Service);
        self.asks(&["member.remove"]).any(service) && self.same_but(&["warnings"])
    }

    /// Which of two checks comes first.
    fn orders_of_checks(&self) -> bool {
        let both = |a: &str, b: &str| {
            let told = |decision: &Decision, code: &str| {
                decision.code.as_deref() == Some(code) || decision.items.iter().any(|item| item.code.as_deref() == Some(code))
            };
            (told(self.engine, a) && told(self.reference, b)) || (told(self.engine, b) && told(self.reference, a))
        };
        both("expiry_in_past", "too_many_roles")
            || (both("expiry_in_past", "expiry_in_past") && self.same_but(&["reasons"]))
            || both("invitation_expired", "scope_archived")
    }

    /// Whether `not_role` and `permission` say at which kinds a keep counts.
    fn kinds_by_other_words(&self) -> bool {
        self.kept_by(|keep| !keep["count"]["not_role"].is_null())
    }

    /// Whether what a scope comes back with was there before.
    fn restored(&self) -> bool {
        self.asks(&["scope.restore", "scope.archive"]).next().is_some() && self.kept_by(|_| true)
    }

    /// Offers of nothing, and to nobody.
    fn nothing_offered(&self) -> bool {
        let nobody = |ask: &Ask| ask.emails.as_ref().is_some_and(|emails| emails.entries().is_empty());
        let nothing = |ask: &Ask| ask.roles.iter().chain(ask.scopes.iter().flatten().filter_map(|edit| edit.roles.as_ref())).any(Vec::is_empty);
        self.asks(&["invitation.create", "invitation.link", "invitation.update"]).any(|ask| nobody(ask) || nothing(ask))
    }

    /// Whether a custom role that stays must be one that can be given there.
    fn kept_elsewhere(&self) -> bool {
        self.asks(&["member.set_roles"]).next().is_some() && !self.is("role_not_here") && self.reference.code.as_deref() == Some("role_not_here")
    }

    /// What is asked of an organization that does not exist.
    fn not_yet_there(&self) -> bool {
        self.state.scopes.is_empty()
    }

    /// Which services a keep counts.
    fn counted_services(&self) -> bool {
        self.kept_by(|keep| keep["count"]["kind"].to_string().contains("service"))
    }

    /// Where a role that flows as one of a kind is held: at scopes of other kinds too?
    fn flows_into_other_kinds(&self) -> bool {
        let rules = ["allow", "forbid", "keep"].map(|name| self.policy[name].to_string()).concat();
        self.policy_says("\"flows_down\":{") && ["\"organization.", "\"team.", "\"room."].iter().any(|kind| rules.contains(kind))
    }

    /// Which rules carry a change of roles.
    fn rules_of_set_roles(&self) -> bool {
        self.asks(&["member.set_roles"]).next().is_some() && self.same_but(&["rules"])
    }

    /// An owner of somebody who is no service.
    fn owned_by_mistake(&self) -> bool {
        self.asks(&["member.add"]).any(|ask| ask.user.as_ref().is_some_and(|user| user.kind != UserKind::Service && user.owner.is_some()))
    }
}

fn without(decision: &Decision, names: &[&str]) -> Value {
    let mut value = serde_json::to_value(decision).unwrap_or_default();
    let strip = |value: &mut Value| {
        if let Some(fields) = value.as_object_mut() {
            names.iter().chain(&["reads", "valid_until"]).for_each(|name| drop(fields.remove(*name)));
        }
    };
    strip(&mut value);
    value.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten().for_each(strip);
    value
}

/// Whether a state that cannot be read again is known: of an organization whose first user is a service of nobody.
pub fn of_state(decision: &Decision) -> bool {
    let of_nobody = |ask: &Ask| ask.user.as_ref().is_some_and(|user| (user.kind == UserKind::Service) != user.owner.is_some());
    decision.request.body.asks().iter().any(|ask| ask.action == "organization.create" && of_nobody(ask))
}

/// Whether a slice is known to answer otherwise.
pub fn of_slices(course: &Course, decision: &Decision) -> bool {
    let verbs = ["scope.create", "scope.configure", "scope.move", "invitation.approve"];
    let asks = decision.request.body.asks();
    let not_found = decision.code.as_deref() == Some("not_found") || decision.items.iter().any(|item| item.code.as_deref() == Some("not_found"));
    let far = |keep: &Value| keep["each"] == "user" || !keep["exclusive"].is_null() || keep["count"]["kind"].to_string().contains("service");
    let keeps = course.document["keep"].as_array();
    let counted = keeps.is_some_and(|keeps| !keeps.is_empty()) && matches!(decision.request.body, Body::Batch(..)) || keeps.into_iter().flatten().any(far);
    asks.iter().any(|ask| verbs.contains(&ask.action.as_str())) || not_found || counted
}

/// Whether a difference of states is known: which endings an offer clears.
pub fn of_endings(lines: &[String]) -> bool {
    lines.iter().all(|line| line.starts_with("state.ended"))
}
