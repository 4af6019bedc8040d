//! Batches: several verbs by one actor in one request.

use crate::codes::Code;
use crate::directory::Directory;
use crate::document::{Ask, Outcome};
use crate::policy::actions::Verb;

use super::conditions::Who;
use super::judge::Powers;
use super::outcome::{Denial, Effects};
use super::{Became, Before, Counts, Run};

impl<'r> Run<'r> {
    /// All or nothing. Each item is judged on the state that the ones before it leave, with the powers that the actor had
    /// before the request; keeps are judged once, at the end.
    pub(super) fn atomic(&self, directory: &mut Directory, asks: &'r [Ask]) -> Became {
        let before = match self.who(directory) {
            Who::User(slot) => directory.before(slot, self.moves_powers(), self.request.now),
            // Who comes in by the request had no powers before it.
            Who::Outsider(_) => Some(Before::default()),
            Who::System(_) => None,
        };
        let given: Vec<usize> = (0..asks.len()).collect();
        let powers = Powers { before: before.as_ref(), in_order: false };
        let ran = self.items(directory, asks, &given, powers).and_then(|all| {
            let denial = before.as_ref().and_then(|before| self.law(directory, asks, before, &all));
            denial.map_or_else(|| Ok(merged(all)), Err)
        });
        match ran {
            Err(denial) => (Err(denial), Vec::new(), Vec::new()),
            Ok(effects) => {
                let (ran, counts) = self.keep(directory, effects, None, None);
                (ran, Vec::new(), counts)
            }
        }
    }

    /// Whether an item may change what grants are worth that nobody gives or takes: by the tree, or by a custom role.
    fn moves_powers(&self) -> bool {
        self.actions.iter().any(|action| matches!(action.verb(), Some(Verb::ScopeMove | Verb::RoleUpdate | Verb::RoleDelete)))
    }

    /// Steps 2 to 6 for the items of an atomic batch, in some order.
    pub(super) fn items(&self, directory: &mut Directory, asks: &'r [Ask], order: &[usize], powers: Powers) -> Result<Vec<Effects>, Denial> {
        directory.try_out(|directory| {
            let item = |&number: &usize| {
                let effects = self.verb(directory, &asks[number], self.actions[number], powers).0.map_err(|denial| in_item(denial, number))?;
                directory.apply_events(&effects.events, self.request.now);
                Ok(effects)
            };
            order.iter().map(item).collect()
        })
    }

    /// Each item for itself, in order, on the state that the allowed ones before it leave.
    pub(super) fn each(&self, directory: &mut Directory, asks: &'r [Ask]) -> Became {
        let mut counts = Counts::new();
        let (all, items) = directory.try_out(|directory| {
            let (mut all, mut items): (Option<Effects>, Vec<Outcome>) = (None, Vec::new());
            let mut first = None;
            for (ask, action) in asks.iter().zip(&self.actions) {
                let ran = self.shared.item(|| {
                    let (ran, target) = self.verb(directory, ask, *action, Powers::default());
                    let (ran, counted) = self.keep(directory, ran?, target, ask.resource.as_ref());
                    // The count before the request is that of the first item that changes it.
                    counts.extend(counted.into_iter().filter(|new| !counts.iter().any(|old| (old.0, old.1) == (new.0, new.1))).collect::<Counts>());
                    ran
                });
                if let Ok(effects) = &ran {
                    directory.apply_events(&effects.events, self.request.now);
                    all.get_or_insert_default().extend(effects.clone());
                }
                first = first.or_else(|| ran.as_ref().err().cloned());
                items.push(self.outcome(&directory.policy, ran, std::iter::once((*action, ask))));
            }
            // Without a single item that is allowed, the batch is denied for the reasons of the first.
            (all.ok_or(first), items)
        });
        let ran = all.map_err(|first| first.unwrap_or_else(|| Denial::of(Code::NotPermitted)));
        (ran, items, counts)
    }
}

fn merged(all: Vec<Effects>) -> Effects {
    all.into_iter().fold(Effects::default(), |mut merged, effects| {
        merged.extend(effects);
        merged
    })
}

fn in_item(mut denial: Denial, number: usize) -> Denial {
    denial.reasons.iter_mut().for_each(|reason| reason.item = Some(number as u32));
    denial
}
