//! `prove`: what a policy can never let happen, and what it can.

use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use tenantry_analysis::host::{self, Claimed, Fault, Proven};
use tenantry_analysis::prove::{Attack, Detour, Escalation, Lockout, Proof, Separation, Verdict, together};

use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::style::{BAD, FAINT, GOOD, STRONG, WARN, paint};
use crate::sources::PolicyArgs;
use crate::words::{count, list};

/// Prove what a policy can never let happen, over all sequences of requests
///
/// Without a claim: who can ever make somebody hold which role, what can be lost for good, what is denied and reached all the same. With claims: whether each of them holds. Exit status 0 if all of them
/// are proved, 1 if there is an attack on one, 2 if it is not known.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry prove --preset starter
  tenantry prove --preset starter --claim 'member never owner' --claim 'always owner'
  tenantry prove --policy policy.toml --claim 'never payer and signer'")]
pub(crate) struct Prove {
    #[command(flatten)]
    policy: PolicyArgs,
    /// A claim: `ROLES never ROLE`, `always ROLE`, or `never ROLE and ROLE`; a role below the organization with its kind, such as `workspace.admin`
    #[arg(long, value_name = "CLAIM")]
    claim: Vec<String>,
    /// Show the requests of each attack
    #[arg(long)]
    steps: bool,
}

impl Prove {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let Proven { proof, claims } = host::prove(Arc::new(self.policy.load()?), &self.claim).map_err(failure)?;
        if claims.is_empty() {
            console.answer(&json!(proof), || self.report(&proof))?;
            return Ok(if proof.unknown.is_some() { Status::Error } else { Status::Good });
        }
        for claim in &claims {
            console.answer(&with_policy(claim, &proof), || self.claimed(claim))?;
        }
        Ok(claims.iter().map(|claim| status(claim.judged.verdict)).max().unwrap_or(Status::Good))
    }

    fn claimed(&self, Claimed { claim, judged }: &Claimed) -> String {
        let people = if judged.people.is_empty() { String::new() } else { format!(": {} can", together(&judged.people)) };
        let steps = judged.attack.as_ref().map(steps).unwrap_or_default();
        format!("{}  {claim}{people}\n{steps}", verdict(judged.verdict))
    }

    fn report(&self, proof: &Proof) -> String {
        if let Some(reason) = &proof.unknown {
            return format!("{}  {}: {reason}\n", verdict(Verdict::Unknown), proof.policy);
        }
        let scopes: Vec<String> = proof.frame.scopes.iter().map(|place| format!("{} ({})", place.id, place.kind)).collect();
        let mut text = format!("{}\n", paint(STRONG, &format!("What the policy `{}` can and cannot let happen", proof.policy)));
        text += &format!("in organizations of any size, by any number of requests; scopes {}; nobody is a system\n", list(&scopes));
        if !proof.frame.assumed.is_empty() {
            text += &format!("facts of the host may be anything: {}\n", list(&proof.frame.assumed));
        }
        text += &section("Who can ever make somebody hold a role, and nobody else", proof.escalation.iter().map(|answer| self.escalation(answer)));
        text += &section("What can be lost for good", proof.lockout.iter().map(|answer| self.lockout(answer)));
        text += &section("Roles that nobody ever holds together", proof.separation.iter().map(|answer| self.separation(answer)));
        text += &section("Denied, and reached all the same", proof.detours.iter().map(|detour| self.detour(detour)));
        text += &section("Rules that decide nothing", proof.idle_rules.iter().map(|rule| format!("{rule}\n")));
        text + &section("Verbs with a weaker rule than another for the same", proof.weaker_doors.iter().map(|door| format!("{door}\n")))
    }

    fn escalation(&self, answer: &Escalation) -> String {
        let head = paint(STRONG, &answer.role.to_string());
        if let Some(reason) = &answer.unknown {
            return format!("{}  {head}: {reason}\n", verdict(Verdict::Unknown));
        }
        if answer.coalitions.is_empty() {
            return format!("{head}: nobody\n");
        }
        let mut text = format!("{head}:\n");
        for coalition in &answer.coalitions {
            let doubt = if coalition.attack.is_none() { paint(WARN, "  (no organization was found in which it goes through)") } else { String::new() };
            text += &format!("    {}{doubt}\n", together(&coalition.people));
            text += &coalition.attack.as_ref().filter(|_| self.steps).map(steps).unwrap_or_default();
        }
        text
    }

    fn lockout(&self, answer: &Lockout) -> String {
        let asset = &answer.asset;
        let given = if answer.given.is_empty() { String::new() } else { format!(", if facts of the host let it ({})", list(&answer.given)) };
        let why = answer.keep.as_ref().map(|keep| paint(FAINT, &format!("  kept by `{keep}`{given}"))).unwrap_or_default();
        let how = answer.attack.as_ref().map(steps).unwrap_or_default();
        format!("{}  {asset}{why}\n{how}", verdict(answer.verdict))
    }

    fn separation(&self, answer: &Separation) -> String {
        let [one, other] = &answer.roles;
        let why = answer.keep.as_ref().map(|keep| paint(FAINT, &format!("  kept by `{keep}`"))).unwrap_or_default();
        let how = answer.attack.as_ref().map(steps).unwrap_or_default();
        format!("{}  {one} and {other}{why}\n{how}", verdict(answer.verdict))
    }

    fn detour(&self, detour: &Detour) -> String {
        let whom = detour.target.as_ref().map_or_else(|| "itself".to_owned(), ToString::to_string);
        let shown = if self.steps { steps(&detour.attack) } else { String::new() };
        let requests = count(detour.attack.requests.len(), "request", "requests");
        format!("{} to {whom}: {} is denied ({}), {requests} make it {}\n{shown}", detour.actor, detour.verb, detour.code, detour.after)
    }
}

fn section(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.map(|line| line.lines().map(|line| format!("  {line}\n")).collect()).collect();
    let body = if lines.is_empty() { "  none found\n".to_owned() } else { lines.concat() };
    format!("\n{}\n{body}", paint(STRONG, title))
}

fn steps(attack: &Attack) -> String {
    attack.told().iter().map(|step| format!("        {}\n", paint(FAINT, step))).collect()
}

fn failure(fault: Fault) -> Failure {
    match fault {
        Fault::Engine(error) => error.into(),
        Fault::Claim { reason, .. } => Failure::Usage(reason.to_string()),
    }
}

fn with_policy(claim: &Claimed, proof: &Proof) -> Value {
    let mut document = json!(claim);
    document["policy"] = json!(proof.policy);
    document["frame"] = json!(proof.frame);
    document
}

fn status(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Proved => Status::Good,
        Verdict::Attack => Status::Bad,
        Verdict::Unknown => Status::Error,
    }
}

fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Proved => paint(GOOD, "PROVED "),
        Verdict::Attack => paint(BAD, "ATTACK "),
        Verdict::Unknown => paint(WARN, "UNKNOWN"),
    }
}
