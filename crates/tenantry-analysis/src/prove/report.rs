//! A proof as a page of Markdown.

use std::fmt::Write;

use super::words::together;
use super::{Detour, Escalation, Lockout, Proof, Verdict};

impl Proof {
    /// The proof as Markdown: what is proven, what is not, and the requests that show it.
    ///
    /// ```
    /// let policy = tenantry::Policy::preset("inveterate").unwrap();
    /// let proof = tenantry_analysis::prove::prove(policy).unwrap();
    /// assert!(proof.to_markdown().contains("| owner at acme | nobody |"));
    /// ```
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let scopes: Vec<String> = self.frame.scopes.iter().map(|place| format!("`{}` ({})", place.id, place.kind)).collect();
        let mut page = format!("# What `{}` can and cannot let happen\n\n", self.policy);
        if let Some(reason) = &self.unknown {
            let _ = writeln!(page, "Not known: {reason}.");
            return page;
        }
        let people = self.frame.people;
        let _ = writeln!(
            page,
            "For organizations with any number of people and any number of requests. Scopes: {}, which stay as they are. {people} sorts of people are told apart; of each there can be any number. Grants may end at any time. Systems, guests and services are outside, and with them groups that nobody else can change.",
            scopes.join(", ")
        );
        if !self.frame.assumed.is_empty() {
            let _ = writeln!(page, "\nFacts of the host may be anything; rules that ask for them: `{}`.", self.frame.assumed.join("`, `"));
        }
        page += "\n## Who can ever make somebody hold a role\n\nThe smallest groups of people who can do it together; nobody else can.\n\n| role | who |\n|---|---|\n";
        self.escalation.iter().for_each(|answer| page += &row(answer));
        page += "\n## What can be lost for good\n\n| what | verdict | why |\n|---|---|---|\n";
        self.lockout.iter().for_each(|answer| page += &lockout(answer));
        page += "\n## Roles that nobody holds together\n\nPairs of roles at one scope that nobody ever comes to hold both of, and those that the policy calls exclusive. (Where people have one role each, that goes without saying.) All others can come together.\n\n";
        page += &listed(self.separation.iter().map(|answer| format!("- {answer}\n")));
        page += "\n## Denied, and reached all the same\n\n";
        page += &listed(self.detours.iter().map(detour));
        page += "\n## Verbs with a weaker rule than another for the same\n\n";
        page += &listed(self.weaker_doors.iter().map(|door| format!("- {door}\n")));
        page += "\n## Rules that decide nothing\n\nNo question about one person who holds one role depends on them.\n\n";
        page + &listed(self.idle_rules.iter().map(|rule| format!("- `{rule}`\n")))
    }

    /// How many questions have which answer: proved, attack, unknown.
    #[must_use]
    pub fn tally(&self) -> [usize; 3] {
        let doubtful = |answer: &Escalation| answer.unknown.is_some() || answer.coalitions.iter().any(|coalition| coalition.attack.is_none());
        let escalations = self.escalation.iter().map(|answer| if doubtful(answer) { Verdict::Unknown } else { Verdict::Proved });
        let asked = self.lockout.iter().map(|answer| answer.verdict).chain(self.separation.iter().map(|answer| answer.verdict));
        let verdicts = escalations.chain(asked).chain(self.detours.iter().map(|_| Verdict::Attack));
        verdicts.fold([0; 3], |mut tally, verdict| {
            tally[verdict as usize] += 1;
            tally
        })
    }
}

fn row(answer: &Escalation) -> String {
    let doubt = |known: bool| if known { "" } else { " (not seen to go through)" };
    let who: Vec<String> = answer.coalitions.iter().map(|one| format!("{}{}", together(&one.people), doubt(one.attack.is_some()))).collect();
    let who = answer.unknown.clone().unwrap_or_else(|| if who.is_empty() { "nobody".to_owned() } else { who.join("<br>") });
    format!("| {} | {who} |\n", answer.role)
}

fn lockout(answer: &Lockout) -> String {
    let given = if answer.given.is_empty() { String::new() } else { format!(", if facts of the host let it (`{}`)", answer.given.join("`, `")) };
    let kept = answer.keep.as_ref().map(|keep| format!("kept by `{keep}`{given}"));
    let lost = answer.attack.as_ref().map(|attack| attack.told().join("<br>"));
    format!("| {} | {} | {} |\n", answer.asset, answer.verdict, kept.or(lost).unwrap_or_default())
}

fn detour(detour: &Detour) -> String {
    let whom = detour.target.as_ref().map_or_else(|| "itself".to_owned(), ToString::to_string);
    let steps: String = detour.attack.told().iter().map(|step| format!("  - {step}\n")).collect();
    format!("- {} to {whom}: `{}` is denied (`{}`), and yet it becomes {}:\n{steps}", detour.actor, detour.verb, detour.code, detour.after)
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: String = items.collect();
    if items.is_empty() { "None found.\n".to_owned() } else { items }
}
