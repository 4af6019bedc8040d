//! `decide`: the whole decision with events, reasons and what was read, beside the floor's yes or no.

use std::hint::black_box;

use tenantry::document::Request;
use tenantry_conformance::questions::Change;

use crate::markdown::{head, held, number, row, time};
use crate::rounds::{Before, rounds};
use crate::{Both, Done};

const REQUESTS: usize = 1_024;
const ROUNDS: usize = 31;
/// Nanoseconds.
const BAR: f64 = 1_000.0;

pub fn table(all: &mut [Both]) -> Done {
    head(&["request", "members", "floor, yes or no", "`decide` where allowed, bar 1 us", "`decide` where denied, bar 1 us"]);
    for change in Change::ALL {
        for both in all.iter_mut() {
            row(&cells(change, both)?);
        }
    }
    Ok(())
}

fn cells(change: Change, both: &mut Both) -> Done<Vec<String>> {
    let Both { members, floor, directory } = both;
    let requests = change.requests(*members, REQUESTS);
    for request in &requests {
        if directory.decide(request)?.is_allowed() != change.by_hand(floor, request) {
            return Err(format!("floor and engine differ: {request:?}").into());
        }
    }
    let (allowed, denied): (Vec<Request>, Vec<Request>) = requests.into_iter().partition(|request| change.by_hand(floor, request));
    let mut decided = Vec::new();
    let mut by_hand = 0.0;
    for requests in [&allowed, &denied] {
        let [fetch, yes_or_no, decide] = rounds(
            ROUNDS,
            Before::Warm,
            requests.len(),
            [&mut || each(requests, |request| &request.actor), &mut || each(requests, |request| change.by_hand(floor, request)), &mut || {
                each(requests, |request| directory.decide(request))
            }],
        );
        decided.push(decide.minus(&fetch).median());
        by_hand += yes_or_no.minus(&fetch).median() / 2.0;
    }
    let cell = |nanoseconds: f64| held(&time(nanoseconds), nanoseconds <= BAR);
    let words = [change.action().to_owned(), number(*members), time(by_hand)];
    Ok(words.into_iter().chain(decided.into_iter().map(cell)).collect())
}

fn each<'q, A>(requests: &'q [Request], mut answer: impl FnMut(&'q Request) -> A) {
    for request in black_box(requests) {
        black_box(answer(black_box(request)));
    }
}
