//! Claims: a sentence about a policy that a proof confirms or refutes.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::Serialize;

use super::cover::Effects;
use super::separation::{pairs_of, separation};
use super::{Asset, Attack, Proof, Verdict};
use crate::model::{Described, Slot};

/// A claim about roles, each written as in a rule: `owner` for one of the organization, `workspace.admin` for others.
///
/// ```
/// use tenantry_analysis::prove::Claim;
/// let claim: Claim = "member, workspace.admin never owner".parse().unwrap();
/// assert!(matches!(claim, Claim::Never { .. }));
/// assert!("member owner".parse::<Claim>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// `member never owner`: people who hold nothing but these roles, with any number of new accounts, can never make anybody hold the other.
    /// `nobody` are people without a role.
    Never {
        /// The roles of those who act.
        by: Vec<String>,
        /// The role that nobody comes to hold by them.
        role: String,
    },
    /// `always owner`: from every state that keeps its rules about numbers, whatever is done leaves somebody who holds it, or can come to.
    Always {
        /// The role.
        role: String,
    },
    /// `never payer and signer`: nobody who is active ever comes to hold both; two roles of one kind of scope at the same scope.
    Apart {
        /// The two.
        roles: [String; 2],
    },
}

/// The text is no claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAClaim {
    /// None of the forms.
    #[error("`{0}` is no claim such as `member never owner`, `always owner` or `never payer and signer`")]
    Form(String),
    /// The engine did not answer.
    #[error(transparent)]
    Engine(#[from] tenantry::Error),
    /// A role that the policy does not have.
    #[error("`{name}` is no role of the policy, which has `{}`", known.join("`, `"))]
    Role {
        /// As it was written.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Judged {
    /// Whether it holds.
    pub verdict: Verdict,
    /// Who refutes it, together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Described>,
    /// How.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attack: Option<Attack>,
}

impl FromStr for Claim {
    type Err = NotAClaim;
    fn from_str(text: &str) -> Result<Claim, NotAClaim> {
        let names = |list: &str| -> Vec<String> { list.split(',').map(str::trim).filter(|name| *name != "nobody").map(str::to_owned).collect() };
        let one = |name: &str| Some(name.trim().to_owned()).filter(|name| !name.is_empty() && !name.contains([' ', ',']));
        let never = text.split_once(" never ").and_then(|(by, role)| Some(Claim::Never { by: names(by), role: one(role)? }));
        let always = || text.trim().strip_prefix("always ").and_then(one).map(|role| Claim::Always { role });
        let two = |text: &str| text.split_once(" and ").and_then(|(first, second)| Some([one(first)?, one(second)?])).filter(|[first, second]| first != second);
        let apart = || text.trim().strip_prefix("never ").and_then(two).map(|roles| Claim::Apart { roles });
        never.or_else(always).or_else(apart).ok_or_else(|| NotAClaim::Form(text.to_owned()))
    }
}

impl Proof {
    /// Judges a claim by what is proven.
    ///
    /// # Errors
    /// [`NotAClaim::Role`] for a role that the policy does not have.
    pub fn judge(&self, claim: &Claim) -> Result<Judged, NotAClaim> {
        if self.unknown.is_some() {
            return Ok(Judged { verdict: Verdict::Unknown, people: Vec::new(), attack: None });
        }
        match claim {
            Claim::Never { by, role } => {
                let by = by.iter().map(|name| self.known(name)).collect::<Result<BTreeSet<_>, _>>()?;
                self.never(&by, &self.known(role)?)
            }
            Claim::Always { role } => self.always(&self.known(role)?),
            Claim::Apart { roles: [one, other] } => self.apart([&self.known(one)?, &self.known(other)?]),
        }
    }

    /// A role by kind and name.
    fn known(&self, name: &str) -> Result<(String, String), NotAClaim> {
        let (kind, role) = name.split_once('.').unwrap_or((&self.frame.scopes[0].kind, name));
        let all = self.escalation.iter().filter(|answer| !answer.role.permission).map(|answer| (self.kind(&answer.role.scope), answer.role.role.clone()));
        let found = all.clone().find(|known| *known == (kind.to_owned(), role.to_owned()));
        found.ok_or_else(|| {
            let known: BTreeSet<String> = all.map(|(kind, role)| format!("{kind}.{role}")).collect();
            NotAClaim::Role { name: name.to_owned(), known: known.into_iter().collect() }
        })
    }

    fn kind(&self, scope: &str) -> String {
        self.frame.scopes.iter().find(|place| place.id == scope).map(|place| place.kind.clone()).unwrap_or_default()
    }

    fn never(&self, by: &BTreeSet<(String, String)>, role: &(String, String)) -> Result<Judged, NotAClaim> {
        let asked = self.escalation.iter().filter(|answer| !answer.role.permission && (self.kind(&answer.role.scope), answer.role.role.clone()) == *role);
        let mut verdict = Verdict::Proved;
        for answer in asked {
            for coalition in answer.coalitions.iter().filter(|coalition| coalition.people.iter().all(|person| self.holds_only(person, by))) {
                if coalition.attack.is_some() {
                    return Ok(Judged { verdict: Verdict::Attack, people: coalition.people.clone(), attack: coalition.attack.clone() });
                }
                verdict = Verdict::Unknown;
            }
            if answer.unknown.is_some() {
                verdict = Verdict::Unknown;
            }
        }
        Ok(Judged { verdict, people: Vec::new(), attack: None })
    }

    fn holds_only(&self, person: &Described, roles: &BTreeSet<(String, String)>) -> bool {
        let bare = |name: &str| name.strip_prefix("group:").unwrap_or(name).to_owned();
        person.roles.iter().all(|(scope, held)| held.iter().all(|name| roles.contains(&(self.kind(scope), bare(name)))))
    }

    fn apart(&self, roles: [&(String, String); 2]) -> Result<Judged, NotAClaim> {
        let Some(world) = &self.world else { return Ok(Judged { verdict: Verdict::Unknown, people: Vec::new(), attack: None }) };
        let is = |slot: &Slot, role: &(String, String)| (&world.frame.places[slot.place].kind, &slot.name) == (&role.0, &role.1);
        let effects = Effects::with_time(world);
        let mut worst = Judged { verdict: Verdict::Proved, people: Vec::new(), attack: None };
        for pair in pairs_of(world, [&|slot| is(slot, roles[0]), &|slot| is(slot, roles[1])]) {
            let answer = separation(world, &effects, pair)?;
            match answer.verdict {
                Verdict::Attack => return Ok(Judged { verdict: Verdict::Attack, people: answer.people, attack: answer.attack }),
                Verdict::Unknown => worst.verdict = Verdict::Unknown,
                Verdict::Proved => {}
            }
        }
        Ok(worst)
    }

    fn always(&self, role: &(String, String)) -> Result<Judged, NotAClaim> {
        let is_asked = |asset: &Asset| matches!(asset, Asset::Role(here) if (self.kind(&here.scope), here.role.clone()) == *role);
        let answers = self.lockout.iter().filter(|answer| is_asked(&answer.asset));
        let worst = answers.min_by_key(|answer| match answer.verdict {
            Verdict::Attack => 0,
            Verdict::Unknown => 1,
            Verdict::Proved => 2,
        });
        let verdict = worst.map_or(Verdict::Unknown, |answer| answer.verdict);
        Ok(Judged { verdict, people: Vec::new(), attack: worst.and_then(|answer| answer.attack.clone()) })
    }
}
