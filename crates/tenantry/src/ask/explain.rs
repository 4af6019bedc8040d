//! `explain`: every rule that speaks of the verb, and the word on which it failed first.

use serde::{Deserialize, Serialize};

use crate::codes::Step;
use crate::decide::claim::{Claim, Does};
use crate::decide::conditions::{Fails, Scene};
use crate::decide::judge::{carries, hits};
use crate::decide::plan::Case;
use crate::decide::{NamedScopes, Run, check_request};
use crate::directory::Directory;
use crate::document::policy::ChangeKind;
use crate::document::shape::printed;
use crate::document::{Decision, Request};
use crate::error::Error;
use crate::policy::rules::Rule;

printed! {
    /// Why a request is decided as it is.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Explanation {
        /// The decision.
        pub decision: Decision,
        /// The step that gave the answer: `standing`, `gate`, `resolve`, `judge`, `applicable`, `keeps`, or `allow`.
        pub step: String,
        /// Every rule that speaks of the verb, for each claim of the request, in the policy's order. Where the gate fails, only
        /// what the gate may look at is said.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub rules: Vec<RuleVerdict>,
        /// The allow that came nearest to permitting it: the one that failed on the fewest blocks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub nearest: Option<String>,
    }
}

printed! {
    /// What became of one rule, for one claim.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct RuleVerdict {
        /// The rule.
        pub rule: String,
        /// `allow`, `forbid` or `warn`.
        pub effect: String,
        /// What the claim is: `fit`, `give`, `take`, `status` or `offer`.
        pub claim: String,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<String>,
        /// Which role.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<String>,
        /// Whether all its conditions hold.
        pub holds: bool,
        /// The word that does not hold, such as `actor.role`: the first one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub failed: Option<String>,
    }
}

impl Directory {
    /// The decision on a request, with every rule that was tried and the word on which it failed first. Of a batch, each
    /// item is explained on the state as it is.
    ///
    /// # Errors
    /// As [`decide`](Directory::decide).
    pub fn explain(&mut self, request: &Request) -> Result<Explanation, Error> {
        let (decision, step) = self.answered(request);
        let decision = Decision { request: request.clone(), ..decision? };
        let actions = check_request(&self.policy, request)?;
        let session = request.actor.session();
        let run = Run::new(request, actions.clone(), session.as_deref());
        let mut rules = Vec::new();
        if step != Some(Step::Standing) {
            for (ask, action) in request.body.asks().iter().zip(actions) {
                let address = ask.email.as_deref().or(ask.user.as_ref().and_then(|user| user.email.as_deref())).and_then(crate::email::canonical);
                let case = run.case(self, ask, action, address.as_deref());
                rules.extend(if run.gate(&case, &NamedScopes::of(&case)).is_some() { gate_verdicts(&case) } else { claim_verdicts(&run, &case) });
            }
        }
        let nearest = nearest(&rules).filter(|_| !decision.is_allowed());
        Ok(Explanation { decision, step: step.map_or("allow", Step::as_str).to_owned(), rules, nearest })
    }
}

/// How near an allow came: the later the block it failed on, the nearer.
fn nearest(rules: &[RuleVerdict]) -> Option<String> {
    let nearness = |verdict: &RuleVerdict| match verdict.failed.as_deref().unwrap_or_default().split('.').next() {
        Some("actor") => 0,
        Some("scope" | "context" | "resource") => 1,
        Some("target" | "invitation" | "group") => 2,
        _ => 3,
    };
    let mut best: Option<&RuleVerdict> = None;
    for verdict in rules.iter().filter(|verdict| verdict.effect == "allow" && !verdict.holds) {
        if best.is_none_or(|best| nearness(best) < nearness(verdict)) {
            best = Some(verdict);
        }
    }
    best.map(|verdict| verdict.rule.clone())
}

/// Where the gate fails: what it looks at, and nothing else.
fn gate_verdicts(case: &Case) -> Vec<RuleVerdict> {
    let policy = case.policy();
    let mut verdicts = Vec::new();
    for (id, slot, named) in NamedScopes::of(case).0 {
        let scene = case.asker().scene(case.directory, slot);
        for &number in &policy.index.of(case.action).allows {
            let rule = &policy.allows[usize::from(number)];
            let outer = scene.allow_actor_fits(&rule.blocks).and_then(|()| scene.outer_fits(&rule.blocks));
            let roles = || {
                named.iter().try_for_each(|named| {
                    let grants = rule.blocks.grants.as_ref().ok_or("grants")?;
                    scene.named_role_fits(grants, named.role, named.source)
                })
            };
            verdicts.push(verdict(rule, "allow", "fit", Some(id.to_owned()), None, outer.and_then(|()| roles())));
        }
    }
    verdicts
}

fn claim_verdicts(run: &Run, case: &Case) -> Vec<RuleVerdict> {
    let Ok(plan) = run.plan(case) else { return Vec::new() };
    let policy = case.policy();
    let mut verdicts = Vec::new();
    for claim in &plan.claims {
        let asker = case.asker();
        let mut scene: Scene = asker.scene(case.directory, Some(claim.scope));
        asker.about(&mut scene, claim.subject);
        scene.invitation = claim.invitation.map(|letter| asker.letter(case.directory, letter));
        scene.group = claim.group;
        let scope = Some(case.scope_id(claim.scope));
        let role = claim.role.map(|role| case.directory.role_name(role).to_owned());
        let index = policy.index.of(claim.action);
        if !claim.implied {
            for &number in &index.allows {
                let rule = &policy.allows[usize::from(number)];
                let outer = scene.allow_actor_fits(&rule.blocks).and_then(|()| scene.outer_fits(&rule.blocks));
                let result = outer.and_then(|()| carries(&scene, rule, claim));
                verdicts.push(verdict(rule, "allow", claim_word(claim), scope.clone(), role.clone(), result));
            }
        }
        for &number in &index.forbids {
            let rule = &policy.forbids[usize::from(number)];
            let effect = if rule.warns { "warn" } else { "forbid" };
            verdicts.push(verdict(rule, effect, claim_word(claim), scope.clone(), role.clone(), hits(&scene, rule, claim)));
        }
    }
    verdicts
}

fn claim_word(claim: &Claim) -> &'static str {
    match claim.does {
        Does::Fit => "fit",
        Does::Offer => "offer",
        Does::Change(ChangeKind::Give) => "give",
        Does::Change(ChangeKind::Take) => "take",
        Does::Change(ChangeKind::Status) => "status",
    }
}

fn verdict(rule: &Rule, effect: &str, claim: &str, scope: Option<String>, role: Option<String>, result: Result<(), Fails>) -> RuleVerdict {
    RuleVerdict {
        rule: rule.id.clone(),
        effect: effect.to_owned(),
        claim: claim.to_owned(),
        scope,
        role,
        holds: result.is_ok(),
        failed: result.err().map(str::to_owned),
    }
}
