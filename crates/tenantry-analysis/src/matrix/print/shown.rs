//! The table that people see: rows that say the same stand as one, and columns that say nothing are left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::Place;
use crate::matrix::{Cell, Is, Matrix, Party, Row, Verdict};

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'m> {
    pub action: &'m str,
    pub scope: &'m str,
    /// About whom.
    pub about: Vec<String>,
    /// What is given or taken.
    pub change: Vec<String>,
    /// Names in documents of what stands in the line, to search for.
    pub names: Vec<String>,
    pub cells: Vec<Cell>,
    /// Whether anybody may do it.
    pub anybody: bool,
}

/// The table.
pub(super) struct Shown<'m> {
    pub matrix: &'m Matrix,
    /// The actors who have a column.
    pub columns: Vec<usize>,
    pub lines: Vec<Line<'m>>,
    /// Places some of whose actions are left out, because there the same holds as above.
    pub alike: Vec<&'m Place>,
}

impl<'m> Shown<'m> {
    pub fn of(matrix: &'m Matrix) -> Shown<'m> {
        let below: Vec<&Place> = matrix.frame.places.iter().filter(|place| place.id.ends_with("-below")).collect();
        let alike: Vec<(&Place, BTreeSet<&str>)> = below.into_iter().map(|place| (place, alike(matrix, place))).collect();
        let is_alike = |row: &&Row| alike.iter().any(|(place, actions)| place.id == row.scope && actions.contains(row.action.as_str()));
        let lines = joined(matrix.rows.iter().filter(|row| !is_alike(row)).map(|row| line(matrix, row)).collect());
        let alike = alike.into_iter().filter(|(_, actions)| !actions.is_empty()).map(|(place, _)| place).collect();
        let permits =
            |party: usize| lines.iter().flat_map(|line| &line.cells).any(|cell| cell.actor == party && matrix.answers[cell.answer].verdict != Verdict::Denied);
        let member = |party: &Party| matches!(party.is, Is::Member { .. });
        let columns: Vec<usize> = (0..matrix.parties.len()).filter(|party| permits(*party) && !is_covered(matrix, &lines, *party)).collect();
        // Those with roles first, from high to low; the rest behind.
        let (mut members, others): (Vec<usize>, Vec<usize>) = columns.into_iter().partition(|party| member(&matrix.parties[*party]));
        members.extend(others);
        Shown { matrix, columns: members, lines, alike }
    }

    /// Whether a column says something in some lines: who holds a role is told what they may not do, others only what they may.
    pub fn speaks(&self, lines: &[&Line], column: usize) -> bool {
        let cells = || lines.iter().flat_map(|line| &line.cells).filter(|cell| cell.actor == column);
        let member = matches!(self.matrix.parties[column].is, Is::Member { .. });
        cells().any(|cell| member || self.matrix.answers[cell.answer].verdict != Verdict::Denied)
    }
}

fn line<'m>(matrix: &'m Matrix, row: &'m Row) -> Line<'m> {
    let names = [Some(row.action.clone()), row.target.map(|target| matrix.parties[target].name.clone()), row.gives.clone(), row.takes.clone()];
    let said = |text: String| if text.is_empty() { Vec::new() } else { vec![text] };
    Line {
        action: &row.action,
        scope: &row.scope,
        about: said(matrix.about(row)),
        change: said(matrix.change(row)),
        names: names.into_iter().flatten().collect(),
        cells: row.cells.clone(),
        anybody: row.cells.iter().any(|cell| matrix.answers[cell.answer].verdict != Verdict::Denied),
    }
}

/// Joins lines that differ in the change alone, then those that differ in the target alone.
fn joined(lines: Vec<Line>) -> Vec<Line> {
    let by_change = join(lines, |line| (line.about.clone(), line.cells.clone()), |line| &mut line.change);
    join(by_change, |line| (line.change.clone(), line.cells.clone()), |line| &mut line.about)
}

fn join<'m>(
    lines: Vec<Line<'m>>,
    key: impl Fn(&Line<'m>) -> (Vec<String>, Vec<Cell>),
    part: impl for<'l> Fn(&'l mut Line<'m>) -> &'l mut Vec<String>,
) -> Vec<Line<'m>> {
    let mut found: Vec<Line> = Vec::new();
    for mut line in lines {
        let same = |other: &&mut Line<'m>| other.action == line.action && other.scope == line.scope && key(other) == key(&line);
        let Some(known) = found.iter_mut().find(same) else {
            found.push(line);
            continue;
        };
        let more = std::mem::take(part(&mut line));
        let all = part(known);
        all.extend(more.into_iter().filter(|item| !all.contains(item)).collect::<Vec<_>>());
        known.names.extend(line.names);
    }
    found
}

/// Whether somebody who holds a role and nothing above may do what everybody may who holds it.
fn is_covered(matrix: &Matrix, lines: &[Line], party: usize) -> bool {
    let name = &matrix.parties[party].name;
    let Some((role, place)) = name.strip_suffix(" alone").and_then(|name| name.split_once(" at ")) else { return false };
    let usual = matrix.party(&format!("{role} at {place}")).or_else(|| matrix.party(role));
    let answer = |line: &Line, party: usize| line.cells.iter().find(|cell| cell.actor == party).map(|cell| cell.answer);
    usual.is_some_and(|usual| lines.iter().all(|line| answer(line, party).is_none() || answer(line, party) == answer(line, usual)))
}

/// The actions that have the same answers at a place as for the same people at the one of its kind above it.
fn alike<'m>(matrix: &'m Matrix, below: &Place) -> BTreeSet<&'m str> {
    let Some(above) = below.parent.as_deref() else { return BTreeSet::new() };
    let plain = |party: usize| matrix.parties[party].name.replace(&format!(" at {}", below.id), "").replace(&format!(" at {above}"), "");
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    let key = |row: &Row| (row.action.clone(), row.target.map(plain), row.gives.clone(), row.takes.clone(), row.kind.clone());
    for row in matrix.rows.iter().filter(|row| row.scope == above) {
        known.extend(row.cells.iter().map(|cell| ((key(row), plain(cell.actor)), cell.answer)));
    }
    let rows = || matrix.rows.iter().filter(|row| row.scope == below.id);
    let same = |row: &Row, actor: usize, answer: usize| known.get(&(key(row), plain(actor))).is_none_or(|known| *known == answer);
    let other = rows().filter(|row| row.cells.iter().any(|cell| !same(row, cell.actor, cell.answer))).map(|row| row.action.as_str()).collect::<BTreeSet<_>>();
    rows().map(|row| row.action.as_str()).filter(|action| !other.contains(action)).collect()
}

/// Several words of a line as one: `from Admin to Member or Viewer`.
pub(crate) fn either(items: &[String]) -> String {
    let stem = items.first().and_then(|first| first.starts_with("from ").then(|| first.split_once(" to ")).flatten()).map(|(stem, _)| format!("{stem} to "));
    let rest = stem.as_deref().and_then(|stem| items.iter().map(|item| item.strip_prefix(stem)).collect::<Option<Vec<_>>>());
    match (stem, rest) {
        (Some(stem), Some(rest)) => format!("{stem}{}", rest.join(" or ")),
        _ => items.join(" or "),
    }
}
