//! Changes of single questions, put together into few sentences.

use std::collections::{BTreeMap, BTreeSet};

use crate::matrix::{Answer, Setting};

use super::cells::Pair;
use super::phrase::{Words, sentence};
use super::witness::Engines;
use super::{Change, Changed, Kind, Side, Witness};

/// A question that changes, with what shows it.
struct Single {
    pair: Pair,
    kind: Kind,
    facts: Vec<(String, Setting)>,
    /// Where it has been found already.
    witness: Option<Witness>,
    changed: Changed,
}

/// The parts of a sentence. Each set is a part that the sentence lists; all combinations of them change.
#[derive(Clone, PartialEq, Eq)]
struct Group {
    kind: Kind,
    /// Whatever has to be the same: the answers, in short.
    same: (String, String),
    parts: [BTreeSet<String>; 4],
    members: Vec<usize>,
}

/// What two groups that are joined have in common.
type Rest = (Kind, (String, String), Vec<BTreeSet<String>>);

/// Which part is which.
const ACTOR: usize = 0;
const TARGET: usize = 1;
const CHANGE: usize = 2;
const ASKED: usize = 3;

/// The changes between two policies.
pub(super) fn changes(sides: &[Side; 2], pairs: Vec<Pair>) -> Vec<Change> {
    let engines = Engines::of(sides);
    let singles: Vec<Single> = pairs.into_iter().flat_map(|pair| singles(sides, &engines, pair)).collect();
    let groups = joined(singles.iter().enumerate().map(|(number, single)| group(number, single)).collect());
    let mut changes: Vec<Change> = groups.iter().filter_map(|group| change(sides, &engines, &singles, group)).collect();
    changes.sort_by_key(|change| change.kind);
    changes
}

fn singles(sides: &[Side; 2], engines: &Engines, pair: Pair) -> Vec<Single> {
    let single = |kind, facts, witness| Single { pair, kind, facts, witness, changed: changed(sides, &pair) };
    let found: Vec<Single> = pair.differences(sides).into_iter().map(|(kind, facts)| single(kind, facts, None)).collect();
    if found.is_empty() && pair.counts_otherwise(sides) {
        return engines.search(&pair).into_iter().map(|(kind, witness)| single(kind, Vec::new(), Some(witness))).collect();
    }
    found
}

fn changed(sides: &[Side; 2], pair: &Pair) -> Changed {
    let (number, (row, cell)) = pair.known();
    let matrix = &sides[number].matrix;
    let row = &matrix.rows[row];
    Changed {
        action: row.action.clone(),
        scope: row.scope.clone(),
        actor: matrix.parties[row.cells[cell].actor].name.clone(),
        target: row.target.map(|target| matrix.parties[target].name.clone()),
        gives: row.gives.clone(),
        takes: row.takes.clone(),
        kind: row.kind.clone(),
        before: pair.answer(sides, 0).clone(),
        after: pair.answer(sides, 1).clone(),
    }
}

/// What an answer comes to: answers that differ in no more than the rules behind them are told in one sentence.
fn gist(answer: &Answer) -> String {
    format!("{:?} {:?} {:?} {:?}", answer.verdict, answer.when, answer.code, answer.keeps)
}

fn group(number: usize, single: &Single) -> Group {
    let Changed { action, scope, actor, target, gives, takes, kind, before, after } = &single.changed;
    let one = |text: String| BTreeSet::from([text]);
    let change = format!("{gives:?} {takes:?} {kind:?}");
    Group {
        kind: single.kind,
        same: (gist(before), gist(after)),
        parts: [one(actor.clone()), one(target.clone().unwrap_or_default()), one(change), one(format!("{action} {scope}"))],
        members: vec![number],
    }
}

/// Joins groups that differ in one part alone: first targets and what is given, then actors, then actions and places.
fn joined(mut groups: Vec<Group>) -> Vec<Group> {
    for part in [TARGET, CHANGE, ACTOR, ASKED, TARGET, CHANGE] {
        let mut known: BTreeMap<Rest, usize> = BTreeMap::new();
        let mut kept: Vec<Group> = Vec::new();
        for group in groups {
            let rest: Vec<BTreeSet<String>> = group.parts.iter().enumerate().filter(|(number, _)| *number != part).map(|(_, set)| set.clone()).collect();
            let at = *known.entry((group.kind, group.same.clone(), rest)).or_insert_with(|| {
                kept.push(Group { members: Vec::new(), ..group.clone() });
                kept.len() - 1
            });
            kept[at].parts[part].extend(group.parts[part].iter().cloned());
            kept[at].members.extend(&group.members);
        }
        groups = kept;
    }
    groups
}

/// The sentence of a group, with the first request that shows it.
fn change(sides: &[Side; 2], engines: &Engines, singles: &[Single], group: &Group) -> Option<Change> {
    let members: Vec<&Single> = group.members.iter().map(|number| &singles[*number]).collect();
    let shown = |single: &&Single| single.witness.clone().or_else(|| engines.find(&single.pair, single.kind, &single.facts));
    let witness = members.iter().find_map(shown)?;
    let rows: Vec<_> = members.iter().map(|single| single.pair.known()).collect();
    let words = Words::of(sides, &rows);
    let sentence = sentence(&words, group.kind, &members[0].changed, &witness);
    Some(Change { kind: group.kind, sentence, cells: members.iter().map(|single| single.changed.clone()).collect(), witness })
}
