//! One cell: the engine is asked under every combination of facts, and the answers are put together.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;
use tenantry::document::{Decision, Obligation, Request};
use tenantry::policy::actions::Verb;
use tenantry::{CATALOGUE, Code, Directory, Error, Policy};

use super::facts::Setting;
use super::scene::{Scene, add_places_beside};
use super::table::{Answer, Row, Said, Scenery, Verdict};
use super::valuations::{self, Domains};
use super::variants::{Side, Variants};
use crate::written::{names, names_action};

/// How many more scopes of each user are tried at most.
const BESIDE: u64 = 16;

/// What makes the organizations of two questions of one actor about one target differ.
#[derive(PartialEq)]
struct Key<'a> {
    scenery: Option<&'a Scenery>,
    verb: Option<Verb>,
    named: [Option<&'a str>; 2],
    settings: Vec<(&'a str, &'a Setting)>,
}

/// The directories of a question: under the policy without counts, and (where that is needed) with all of them.
struct Known<'a> {
    key: Key<'a>,
    open: Directory,
    tight: Option<Directory>,
}

/// The directories of one actor and one target.
#[derive(Default)]
pub(super) struct Desk<'a>(Vec<Known<'a>>);

/// The answer under one combination of facts.
#[derive(Default)]
struct Judged {
    allowed: bool,
    code: Option<String>,
    message: Option<String>,
    rules: Vec<String>,
    warnings: Vec<Said>,
    obligations: Vec<String>,
    keeps: Vec<String>,
    alone: Vec<String>,
}

/// Who asks the engine, and remembers which rules have spoken.
pub(super) struct Judge {
    variants: Variants,
    /// Rules that permitted, forbade, warned or (of keeps) could deny something.
    pub named: BTreeSet<String>,
    /// Rules of which nothing was heard yet, where that is all that is asked for.
    silent: Option<Vec<Silent>>,
    answers: HashMap<Answer, usize>,
    pub listed: Vec<Answer>,
}

impl<'a> Desk<'a> {
    /// The directory for a question.
    fn find(&mut self, key: Key<'a>, policy: &Arc<Policy>, scene: &Scene) -> Result<&mut Known<'a>, Error> {
        let at = match self.0.iter().position(|known| known.key == key) {
            Some(at) => at,
            None => {
                let open = Directory::new(policy.clone(), &scene.snapshot())?;
                self.0.push(Known { key, open, tight: None });
                self.0.len() - 1
            }
        };
        Ok(&mut self.0[at])
    }
}

fn key<'a>(row: &'a Row, settings: &[(&'a str, &'a Setting)]) -> Key<'a> {
    let of_request = |name: &str| name.starts_with("resource.") || name.starts_with("context.") || name == "grants.source" || name == "invitation.open";
    let settings: Vec<(&str, &Setting)> = settings.iter().copied().filter(|(name, _)| !of_request(name)).collect();
    let custom = |role: &'a Option<String>| role.as_deref().filter(|role| role.starts_with("custom:") && !row.action.starts_with("role."));
    let sourced = settings.iter().any(|(name, _)| *name == "revokes.source");
    let takes = if sourced { row.takes.as_deref() } else { custom(&row.takes) };
    let special = |verb: &Verb| {
        matches!(verb, Verb::GroupRemove | Verb::MemberReactivate | Verb::ScopeMove | Verb::InvitationAccept)
            || *verb == Verb::InvitationCreate && settings.iter().any(|(name, _)| *name == "invitation.email_domain")
    };
    Key { scenery: row.scenery.as_ref(), verb: row.verb.filter(special), named: [custom(&row.gives), takes], settings }
}

impl Judge {
    pub fn new(variants: Variants) -> Judge {
        Judge { variants, named: BTreeSet::new(), silent: None, answers: HashMap::new(), listed: Vec::new() }
    }

    /// The number of an answer.
    fn number(&mut self, answer: Answer) -> usize {
        if let Some(number) = self.answers.get(&answer) {
            return *number;
        }
        self.listed.push(answer.clone());
        self.answers.insert(answer, self.listed.len() - 1);
        self.listed.len() - 1
    }

    /// The answer to a row's question for an actor.
    ///
    /// # Errors
    /// Where the engine has no answer.
    pub fn cell<'a>(&mut self, scene: &Scene<'a>, domains: &'a Domains, desk: &mut Desk<'a>) -> Result<usize, Error> {
        let (tried, cut) = valuations::all(domains);
        let mut judged = Vec::with_capacity(tried.len());
        for valuation in &tried {
            let settings = valuations::settings(domains, valuation);
            let key = key(scene.row, &settings);
            let scene = Scene { settings: &settings, ..*scene };
            judged.push(self.ask(&scene, key, desk)?);
        }
        let allowed: Vec<bool> = judged.iter().map(|judged| judged.allowed).collect();
        let verdict = match (allowed.iter().any(|allowed| *allowed), allowed.iter().all(|allowed| *allowed)) {
            (_, true) => Verdict::Allowed,
            (true, _) => Verdict::Depends,
            _ => Verdict::Denied,
        };
        let when = if verdict == Verdict::Depends { valuations::conditions(domains, &tried, &allowed) } else { Vec::new() };
        Ok(self.number(together(judged, Answer { verdict, when, cut, ..Answer::default() })))
    }

    fn ask<'a>(&mut self, scene: &Scene, key: Key<'a>, desk: &mut Desk<'a>) -> Result<Judged, Error> {
        let request = scene.request();
        let known = desk.find(key, &self.variants.open, scene)?;
        let decision = known.open.decide(&request)?;
        let mut judged = self.judged(decision);
        if let (true, Some(policy)) = (judged.allowed, &self.variants.tight)
            && scene.row.verb.is_some_and(|verb| verb.spec().changes)
        {
            if known.tight.is_none() {
                known.tight = Some(Directory::new(policy.clone(), &scene.snapshot())?);
            }
            if let Some(tight) = &mut known.tight {
                self.count(tight, scene, &request, &mut judged)?;
            }
        }
        Ok(judged)
    }

    fn judged(&mut self, decision: Decision) -> Judged {
        if decision.is_allowed() {
            self.named.extend(decision.rules.iter().filter(|rule| !self.named.contains(*rule)).cloned().collect::<Vec<_>>());
            self.named.extend(decision.warnings.iter().filter_map(|warning| warning.rule.clone()));
            let warnings = decision.warnings.into_iter().map(|warning| Said { code: warning.code, message: warning.message, rule: warning.rule }).collect();
            let obligations = decision.obligations.iter().map(obligation).map(str::to_owned).collect();
            return Judged { allowed: true, rules: decision.rules, warnings, obligations, ..Judged::default() };
        }
        // An allow that says a denial permits nothing; those that had carried what the state does not admit do.
        let said: Vec<&String> = decision.reasons.iter().filter_map(|reason| reason.rule.as_ref()).collect();
        let carried = decision.rules.iter().filter(|rule| !said.contains(rule)).cloned();
        self.named.extend(carried.map(|rule| format!("+{rule}")));
        self.named.extend(said.iter().map(|rule| format!("-{rule}")));
        let mut rules: Vec<String> = said.into_iter().cloned().collect();
        rules.dedup();
        Judged { code: decision.code, message: decision.message, rules, ..Judged::default() }
    }

    /// What keeps that count say, where there is nobody else.
    fn count(&mut self, tight: &mut Directory, scene: &Scene, request: &Request, judged: &mut Judged) -> Result<(), Error> {
        let decision = tight.decide(request)?;
        for part in decision.reasons.iter().filter_map(|reason| reason.rule.as_deref()) {
            let Some((keep, side)) = self.variants.keep(part) else { continue };
            let id = keep["id"].as_str().unwrap_or_default().to_owned();
            self.named.insert(id.clone());
            if side == Side::High || side == Side::Low && self.is_of_one_user(keep, part, scene, request)? {
                judged.allowed = false;
                let otherwise = if side == Side::High { Code::AboveMaximum } else { Code::BelowMinimum };
                judged.code = Some(keep["code"].as_str().unwrap_or(otherwise.as_str()).to_owned());
                judged.message = keep["message"].as_str().map(str::to_owned).or_else(|| sentence(judged.code.as_deref()));
                judged.rules = vec![id];
                return Ok(());
            }
            let known = [&keep["at_least"], &keep["exactly"]].into_iter().any(Value::is_number);
            if side == Side::Low && known && !judged.alone.contains(&id) {
                judged.alone.push(id.clone());
            }
            if !judged.keeps.contains(&id) {
                judged.keeps.push(id);
            }
        }
        Ok(())
    }

    /// Whether the scopes of one user are too few wherever else that user is: others and their number have no part in that.
    fn is_of_one_user(&self, keep: &Value, part: &str, scene: &Scene, request: &Request) -> Result<bool, Error> {
        // A bound that the host sets can always be lower.
        let least = [&keep["at_least"], &keep["exactly"]].into_iter().find_map(Value::as_u64).filter(|_| keep["each"] == "user");
        let (Some(least), Some(policy)) = (least, &self.variants.tight) else { return Ok(false) };
        let mut state = scene.snapshot();
        add_places_beside(&mut state, least.min(BESIDE) as usize);
        let decision = Directory::new(policy.clone(), &state)?.decide(request)?;
        Ok(decision.reasons.iter().any(|reason| reason.rule.as_deref() == Some(part)))
    }

    /// The rules of the policy that no answer has named.
    pub fn idle(&self, document: &Value) -> Vec<String> {
        silent(document).into_iter().filter(|rule| !rule.is_heard(&self.named)).map(|rule| rule.id).collect()
    }

    /// From now on nothing counts but which rules decide nothing.
    pub fn listens_for_rules(&mut self, document: &Value) {
        self.silent = Some(silent(document));
    }

    /// Whether a question about an action could still say something new.
    pub fn could_hear(&mut self, action: &str) -> bool {
        let Some(silent) = &mut self.silent else { return true };
        silent.retain(|rule| !rule.is_heard(&self.named));
        silent.iter().any(|rule| rule.actions.is_empty() || names_action(&rule.actions, action))
    }
}

/// A rule of which nothing was heard.
struct Silent {
    id: String,
    /// The marks with which it would be named.
    marked: [String; 2],
    /// The actions that it is about; none for all.
    actions: Vec<String>,
}

impl Silent {
    fn is_heard(&self, named: &BTreeSet<String>) -> bool {
        self.marked.iter().any(|mark| named.contains(mark))
    }
}

/// The rules of a policy.
fn silent(document: &Value) -> Vec<Silent> {
    let rules = ["allow", "forbid", "keep"].into_iter().flat_map(|list| document[list].as_array().into_iter().flatten().map(move |rule| (list, rule)));
    let silent = |(list, rule): (&str, &Value)| {
        let id = rule["id"].as_str()?.to_owned();
        let marked = [id.clone(), format!("{}{id}", if list == "allow" { '+' } else { '-' })];
        Some(Silent { id, marked, actions: names(&rule["actions"]).into_iter().map(str::to_owned).collect() })
    };
    rules.filter_map(silent).collect()
}

fn sentence(code: Option<&str>) -> Option<String> {
    CATALOGUE.iter().find(|known| Some(known.as_str()) == code).map(|known| known.message().to_owned())
}

fn obligation(obligation: &Obligation) -> &'static str {
    match obligation {
        Obligation::Confirm { .. } => "confirm",
        Obligation::SendEmail { .. } => "send_email",
        Obligation::ShowLink { .. } => "show_link",
        Obligation::RevokeSessions { .. } => "revoke_sessions",
    }
}

/// Puts the answers together. What is said of an allowed request is what is said under any of the facts; the rules and the
/// code are those of the first combination, the one that says least.
fn together(judged: Vec<Judged>, mut answer: Answer) -> Answer {
    for one in judged {
        let add = |all: &mut Vec<String>, some: Vec<String>| all.extend(some.into_iter().filter(|item| !all.contains(item)).collect::<Vec<_>>());
        if !one.allowed {
            if answer.code.is_none() {
                (answer.code, answer.message, answer.denied_by) = (one.code, one.message, one.rules);
            }
            continue;
        }
        if answer.allowed_by.is_empty() {
            answer.allowed_by = one.rules;
        }
        add(&mut answer.keeps, one.keeps);
        add(&mut answer.keeps_alone, one.alone);
        add(&mut answer.obligations, one.obligations);
        answer.warnings.extend(one.warnings.into_iter().filter(|warning| !answer.warnings.contains(warning)).collect::<Vec<_>>());
    }
    answer
}
