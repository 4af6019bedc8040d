//! Questions that both matrices have, and how their answers differ.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use crate::matrix::{Answer, Condition, Domains, Matrix, Row, Scenery, Setting, Verdict, all_valuations, settings};

use super::{Kind, Only, Side};

/// Where a question stands in a matrix: row and cell.
pub(super) type At = (usize, usize);

/// A question that both have, by where it stands in each; without a place where nobody may do such a thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair(pub [Option<At>; 2]);

type Key<'m> = (&'m str, &'m str, Option<&'m str>, Option<&'m str>, Option<&'m str>, Option<&'m str>, Option<&'m Scenery>, &'m str);

fn key<'m>(matrix: &'m Matrix, row: &'m Row, cell: usize) -> Key<'m> {
    let name = |party: usize| matrix.parties[party].name.as_str();
    let (gives, takes, kind) = (row.gives.as_deref(), row.takes.as_deref(), row.kind.as_deref());
    (&row.action, &row.scope, row.target.map(name), gives, takes, kind, row.scenery.as_ref(), name(row.cells[cell].actor))
}

fn positions(matrix: &Matrix) -> impl Iterator<Item = At> {
    matrix.rows.iter().enumerate().flat_map(|(row, cells)| (0..cells.cells.len()).map(move |cell| (row, cell)))
}

/// Which parties are the same people in both, by name.
fn same_people<'m>(sides: &'m [Side; 2]) -> BTreeSet<&'m str> {
    let [before, after] = sides;
    let same = before.matrix.parties.iter().filter(|party| after.matrix.parties.iter().any(|other| other.name == party.name && other.is == party.is));
    same.map(|party| party.name.as_str()).collect()
}

fn is_common(matrix: &Matrix, row: &Row, cell: usize, people: &BTreeSet<&str>) -> bool {
    [Some(row.cells[cell].actor), row.target].into_iter().flatten().all(|party| people.contains(matrix.parties[party].name.as_str()))
}

/// The questions that both have.
pub(super) fn pairs(sides: &[Side; 2]) -> Vec<Pair> {
    let people = same_people(sides);
    let [before, after] = [&sides[0].matrix, &sides[1].matrix];
    let found = |matrix: &Matrix, at: At| is_common(matrix, &matrix.rows[at.0], at.1, &people);
    let mut rest: HashMap<Key, At> = positions(after).filter(|at| found(after, *at)).map(|at| (key(after, &after.rows[at.0], at.1), at)).collect();
    let mut pairs = Vec::new();
    for at in positions(before).filter(|at| found(before, *at)) {
        let row = &before.rows[at.0];
        match rest.remove(&key(before, row, at.1)) {
            Some(other) => pairs.push(Pair([Some(at), Some(other)])),
            None if after.nobody.contains(&row.action) && has_names(after, row) => pairs.push(Pair([Some(at), None])),
            None => {}
        }
    }
    let mut new: Vec<At> = rest.into_values().filter(|at| before.nobody.contains(&after.rows[at.0].action) && has_names(before, &after.rows[at.0])).collect();
    new.sort_unstable();
    pairs.extend(new.into_iter().map(|at| Pair([None, Some(at)])));
    pairs
}

/// Whether a matrix knows the place and the roles of a row of another.
fn has_names(matrix: &Matrix, row: &Row) -> bool {
    let Some(place) = matrix.frame.places.iter().find(|place| place.id == row.scope) else { return false };
    let knows = |role: &String| matrix.labels.roles.contains_key(&format!("{}.{role}", place.kind)) || matrix.labels.roles.contains_key(role);
    [&row.gives, &row.takes].into_iter().flatten().all(knows)
        && row.kind.as_ref().is_none_or(|kind| matrix.frame.places.iter().any(|place| place.kind == *kind))
}

/// What each side alone has.
pub(super) fn only(sides: &[Side; 2], pairs: &[Pair]) -> [Only; 2] {
    let people = same_people(sides);
    [0, 1].map(|number| {
        let (own, other) = (&sides[number].matrix, &sides[1 - number].matrix);
        let actions = |matrix: &Matrix| matrix.rows.iter().map(|row| row.action.clone()).chain(matrix.nobody.clone()).collect::<BTreeSet<_>>();
        let roles = |matrix: &Matrix| matrix.labels.roles.keys().cloned().collect::<BTreeSet<_>>();
        let places = |matrix: &Matrix| matrix.frame.places.iter().map(|place| place.id.clone()).collect::<BTreeSet<_>>();
        let less = |own: BTreeSet<String>, other: BTreeSet<String>| own.difference(&other).cloned().collect();
        let matched = pairs.iter().filter(|pair| pair.0[number].is_some()).count();
        Only {
            actions: less(declared(&sides[number], actions(own)), actions(other)),
            roles: less(roles(own), roles(other)),
            places: less(places(own), places(other)),
            actors: own.parties.iter().map(|party| party.name.clone()).filter(|name| !people.contains(name.as_str())).collect(),
            questions: own.cells() - matched,
        }
    })
}

/// Verbs are everybody's: whether one has rows is a matter of settings.
fn declared(side: &Side, actions: BTreeSet<String>) -> BTreeSet<String> {
    actions.into_iter().filter(|action| side.document["actions"].get(action).is_some()).collect()
}

impl Pair {
    /// The answer of a side; where nobody may do it, that.
    pub fn answer<'s>(&self, sides: &'s [Side; 2], number: usize) -> &'s Answer {
        static NOBODY: OnceLock<Answer> = OnceLock::new();
        let nobody = || NOBODY.get_or_init(|| Answer { code: Some("not_permitted".to_owned()), ..Answer::default() });
        self.0[number].map_or_else(nobody, |(row, cell)| {
            let matrix = &sides[number].matrix;
            &matrix.answers[matrix.rows[row].cells[cell].answer]
        })
    }

    /// Whether both answers say the same of what is permitted, whatever rules and sentences stand behind them.
    fn is_same(&self, sides: &[Side; 2]) -> bool {
        let [before, after] = [0, 1].map(|number| self.answer(sides, number));
        let said = |answer: &'_ Answer| (answer.verdict, answer.cut);
        said(before) == said(after) && before.when == after.when && before.code == after.code
    }

    /// A side that has the question, and where.
    pub fn known(&self) -> (usize, At) {
        match self.0 {
            [Some(at), _] => (0, at),
            [None, at] => (1, at.unwrap_or_default()),
        }
    }

    /// The facts that either side asks for.
    pub fn domains(&self, sides: &[Side; 2]) -> Domains {
        let mut all: Domains = Vec::new();
        let own = |number: usize| self.0[number].map(|(row, cell)| sides[number].matrix.facts(row, cell).clone()).unwrap_or_default();
        for (name, values) in [own(0), own(1)].into_iter().flatten() {
            match all.iter_mut().find(|(other, _)| *other == name) {
                Some((_, known)) => known.extend(values.into_iter().filter(|value| !known.contains(value)).collect::<Vec<_>>()),
                None => all.push((name, values)),
            }
        }
        all
    }

    /// The ways in which the answers differ, each with facts that show it.
    pub fn differences(&self, sides: &[Side; 2]) -> Vec<(Kind, Vec<(String, Setting)>)> {
        if self.is_same(sides) {
            return Vec::new();
        }
        let [before, after] = [self.answer(sides, 0), self.answer(sides, 1)];
        let domains = self.domains(sides);
        let (tried, _) = all_valuations(&domains);
        let mut found: Vec<(Kind, Vec<(String, Setting)>)> = Vec::new();
        for valuation in &tried {
            let facts = settings(&domains, valuation);
            let kind = match (permits(before, &facts), permits(after, &facts)) {
                (false, true) => Kind::Widen,
                (true, false) => Kind::Narrow,
                (false, false) if before.code != after.code && before.verdict == after.verdict => Kind::Code,
                _ => continue,
            };
            if found.iter().all(|(known, _)| *known != kind) {
                found.push((kind, facts.iter().map(|(name, setting)| ((*name).to_owned(), (*setting).clone())).collect()));
            }
        }
        // A change of what is permitted brings its codes along.
        if found.len() > 1 {
            found.retain(|(kind, _)| *kind != Kind::Code);
        }
        found
    }

    /// Whether keeps that count make the difference, in whatever way.
    pub fn counts_otherwise(&self, sides: &[Side; 2]) -> bool {
        let told = |number: usize| meaning(self.answer(sides, number), &sides[number]);
        (0..2).any(|number| !self.answer(sides, number).keeps.is_empty()) && told(0) != told(1)
    }
}

/// The keeps of an answer, by what they say.
fn meaning(answer: &Answer, side: &Side) -> BTreeSet<String> {
    let keeps = side.document["keep"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|keep| keep["id"].as_str().is_some_and(|id| answer.keeps.iter().any(|known| known == id)));
    let said = |keep: &serde_json::Value| {
        let mut keep = keep.clone();
        keep.as_object_mut().into_iter().for_each(|fields| ["id", "message"].iter().for_each(|field| drop(fields.remove(*field))));
        keep.to_string()
    };
    keeps.map(said).collect()
}

/// Whether an answer permits the request under these facts.
fn permits(answer: &Answer, facts: &[(&str, &Setting)]) -> bool {
    let said = |name: &str| facts.iter().find(|(other, _)| *other == name).map(|(_, setting)| *setting);
    let holds = |condition: &Condition| condition.iter().all(|(name, values)| said(name).is_some_and(|setting| values.contains(setting)));
    match answer.verdict {
        Verdict::Allowed => true,
        Verdict::Denied => false,
        Verdict::Depends => answer.when.iter().any(holds),
    }
}
