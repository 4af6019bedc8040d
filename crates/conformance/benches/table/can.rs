//! `can` and `denial`, by id and by handle.

use std::hint::black_box;

use tenantry::ask::{Ids, Query, Question};
use tenantry_conformance::organization::Mix;
use tenantry_conformance::questions::{Sort, by_handle, by_id};

use crate::markdown::{beside, head, number, row, time};
use crate::rounds::{Before, rounds};
use crate::{Both, Done};

/// Questions that are timed.
const QUESTIONS: usize = 1_024;
/// Questions that are asked before them, so that the engine has remembered what it can.
const EARLIER: usize = 15 * QUESTIONS;
const BY_ID: f64 = 1.0;
const BY_HANDLE: f64 = 0.5;

pub fn table(mix: Mix, before: Before, all: &[Both]) -> Done {
    head(&[
        "question",
        "members",
        "floor",
        "`can` by id, bar 1",
        "`denial` by id, bar 1",
        "`can` by handle, bar 0.5",
        "`denial` by handle, bar 0.5",
        "allowed",
    ]);
    for sort in Sort::ALL {
        for both in all {
            row(&cells(sort, mix, before, both)?);
        }
    }
    Ok(())
}

fn cells(sort: Sort, mix: Mix, before: Before, both: &Both) -> Done<Vec<String>> {
    let Both { members, floor, directory } = both;
    let mut queries = sort.queries(*members, mix, EARLIER + QUESTIONS);
    let allowed = compare(sort, both, &queries)?;
    queries.drain(..EARLIER);
    let ids: Vec<Ids> = queries.iter().filter_map(|query| by_id(directory, query)).collect();
    let handles: Option<Vec<Question>> = queries.iter().map(|query| by_handle(directory, query)).collect();
    let handles = handles.ok_or("somebody is asked about who is not there")?;
    // An empty loop fetches what every answer begins with.
    let [fetch, by_hand, can, denial, fetch_handle, can_handle, denial_handle] = rounds(
        if before == Before::Cold { 31 } else { 201 },
        before,
        QUESTIONS,
        [
            &mut || each(&ids, |ids| (ids.actor, ids.target, ids.scope)),
            &mut || each(&ids, |ids| sort.by_hand(floor, ids)),
            &mut || each(&ids, |ids| directory.allows_by_id(ids)),
            &mut || each(&ids, |ids| directory.denies_by_id(ids)),
            &mut || each(&handles, |question| (question.actor, question.target, question.scope)),
            &mut || each(&handles, |question| directory.allows(question)),
            &mut || each(&handles, |question| directory.denies(question)),
        ],
    );
    let by_hand = by_hand.minus(&fetch);
    Ok(vec![
        sort.name().to_owned(),
        number(*members),
        time(by_hand.median()),
        beside(&can.minus(&fetch), &by_hand, BY_ID),
        beside(&denial.minus(&fetch), &by_hand, BY_ID),
        beside(&can_handle.minus(&fetch_handle), &by_hand, BY_HANDLE),
        beside(&denial_handle.minus(&fetch_handle), &by_hand, BY_HANDLE),
        format!("{allowed} %"),
    ])
}

fn each<Q, A>(questions: &[Q], answer: impl Fn(&Q) -> A) {
    for question in black_box(questions) {
        black_box(answer(black_box(question)));
    }
}

/// Both answer alike; says how many of a hundred are allowed.
fn compare(sort: Sort, both: &Both, queries: &[Query]) -> Done<usize> {
    let mut allowed = 0;
    for query in queries {
        let (ids, question) = (by_id(&both.directory, query).ok_or("an action is unknown")?, by_handle(&both.directory, query));
        let by_hand = sort.by_hand(&both.floor, &ids);
        let by_handle = question.map(|question| both.directory.allows(&question));
        if both.directory.allows_by_id(&ids)? != by_hand || by_handle != Some(by_hand) {
            return Err(format!("floor and engine differ: {query:?}").into());
        }
        allowed += usize::from(by_hand);
    }
    Ok(allowed * 100 / queries.len())
}
