//! The law of atomic requests: they permit nothing that no order of their single changes would.

use crate::directory::Directory;
use crate::document::Ask;
use crate::policy::actions::ActionId;

use super::conditions::Who;
use super::judge::{Asker, Powers, judge};
use super::outcome::{Denial, Effects};
use super::plan::{Plan, Step};
use super::{Before, Run, keeps};

impl<'r> Run<'r> {
    /// The single changes of one verb: gives first and takes first are tried.
    pub(super) fn out_of_order(&self, directory: &mut Directory, asker: &Asker, plan: &Plan, action: ActionId) -> Option<Denial> {
        if plan.steps.len() < 2 {
            return None;
        }
        let before = match asker.who {
            Who::User(slot) => asker.powers.before.cloned().or_else(|| directory.before(slot, false, self.request.now)),
            _ => None,
        };
        let asker = Asker { powers: Powers { before: before.as_ref(), in_order: true }, ..*asker };
        let gives_first = self.in_order(directory, &asker, plan, action, |step| !step.gives);
        let denial = gives_first?;
        self.in_order(directory, &asker, plan, action, |step| step.gives).map(|_| denial)
    }

    pub(super) fn in_order(&self, directory: &mut Directory, asker: &Asker, plan: &Plan, action: ActionId, later: impl Fn(&Step) -> bool) -> Option<Denial> {
        let mut steps: Vec<&Step> = plan.steps.iter().collect();
        steps.sort_by_key(|step| later(step));
        directory.try_out(|directory| {
            steps.into_iter().find_map(|step| {
                let denial = judge(directory, asker, &step.claims, plan.target).denial(directory, action);
                if denial.is_none() {
                    directory.apply_events(&step.events, self.request.now);
                }
                denial
            })
        })
    }

    /// The items of a batch. Only what changes the actor's own standing can make a difference: the order given is tried, and the one in which that comes last.
    pub(super) fn law(&self, directory: &mut Directory, asks: &'r [Ask], before: &Before, effects: &[Effects]) -> Option<Denial> {
        let actor = self.who(directory).user()?;
        let changes_actor = |number: &usize| effects[*number].events.iter().any(|event| keeps::touches(directory, event, actor));
        let (own, others): (Vec<usize>, Vec<usize>) = (0..asks.len()).partition(changes_actor);
        if own.is_empty() {
            return None;
        }
        let powers = Powers { before: Some(before), in_order: true };
        let given: Vec<usize> = (0..asks.len()).collect();
        let denial = self.items(directory, asks, &given, powers).err();
        let own_last: Vec<usize> = others.into_iter().chain(own).collect();
        denial.filter(|_| self.items(directory, asks, &own_last, powers).is_err())
    }
}
