//! The steps by who does something to whom.

use crate::model::{Deed, Step, Who, World};

/// What everybody can do to everybody.
pub(crate) struct Pairs<'w> {
    deeds: &'w [Deed],
    people: usize,
    /// By the number of a pair, where its deeds begin in the list; they end where those of the next begin.
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl<'w> Pairs<'w> {
    pub fn of(world: &'w World) -> Pairs<'w> {
        let (deeds, people) = (&world.deeds[..], world.people.len());
        let pair = |(actor, target): (Who, Who)| usize::from(actor) * people + usize::from(target);
        let mut starts = vec![0; people * people + 1];
        deeds.iter().flat_map(Deed::pairs).for_each(|two| starts[pair(two) + 1] += 1);
        let mut all = 0;
        starts.iter_mut().for_each(|start| {
            all += *start;
            *start = all;
        });
        let (mut next, mut numbers) = (starts.clone(), vec![0; all as usize]);
        for (number, deed) in (0..).zip(deeds) {
            for two in deed.pairs() {
                let place = &mut next[pair(two)];
                numbers[*place as usize] = number;
                *place += 1;
            }
        }
        Pairs { deeds, people, starts, numbers }
    }

    /// What one can do to another, or to itself.
    pub fn on(&self, actor: Who, target: Who) -> impl Iterator<Item = Step> {
        let pair = usize::from(actor) * self.people + usize::from(target);
        let numbers = &self.numbers[self.starts[pair] as usize..self.starts[pair + 1] as usize];
        numbers.iter().filter_map(move |&number| self.deeds[number as usize].step(actor, target))
    }
}
