//! The members page: three actions for each row.

use std::hint::black_box;

use tenantry_conformance::organization::user_id;
use tenantry_conformance::questions::{VIEWER, page};

use crate::markdown::{beside, head, number, row, time};
use crate::rounds::{Before, rounds};
use crate::{Both, Done};

const BAR: f64 = 1.0;
/// Rows that fit on a screen.
const SCREEN: u32 = 50;

pub fn table(all: &[Both]) -> Done {
    head(&[
        "rows",
        "floor's loop, actions only",
        "floor, sorted rows",
        "`columns`, all rows, bar 1",
        "`columns`, beside the floor's rows",
        "`page`, all rows",
        "`page`, beside the floor's rows",
        "`page`, the first 50 rows",
    ]);
    for both in all.iter().filter(|both| (1_000..=100_000).contains(&both.members)) {
        row(&cells(both)?);
    }
    Ok(())
}

fn cells(both: &Both) -> Done<Vec<String>> {
    let Both { members, floor, directory } = both;
    let viewer = user_id(VIEWER);
    let (whole, first) = (page(None), page(Some(SCREEN)));
    let lines = directory.page(&whole)?.members;
    let rows = floor.page_rows(&viewer);
    let columns = directory.columns(&whole)?;
    let bits = columns.users.iter().zip(&columns.actions).map(|(&user, &bits)| (directory.user_id(user), bits));
    if !bits.eq(rows.iter().map(|row| (&*row.id, u64::from(row.actions)))) {
        return Err("floor and engine have other columns".into());
    }
    let same = lines.iter().map(|line| (&line.user, line.actions)).eq(rows.iter().map(|row| (&row.id, u64::from(row.actions))));
    if !same {
        return Err("floor and engine show other pages".into());
    }
    drop((lines, rows));
    let [by_hand, rows_by_hand, columns, pages, screens] = rounds(
        if *members > 10_000 { 7 } else { 51 },
        Before::Nothing,
        1,
        [
            &mut || drop(black_box(floor.page_actions(black_box(&viewer)))),
            &mut || drop(black_box(floor.page_rows(black_box(&viewer)))),
            &mut || drop(black_box(directory.columns(black_box(&whole)))),
            &mut || drop(black_box(directory.page(black_box(&whole)))),
            &mut || drop(black_box(directory.page(black_box(&first)))),
        ],
    );
    let each = |total: f64| format!("{} ({} a row)", time(total), time(total / *members as f64));
    Ok(vec![
        number(*members),
        each(by_hand.median()),
        each(rows_by_hand.median()),
        beside(&columns, &by_hand, BAR),
        format!("{:.2}", columns.over(&rows_by_hand).median()),
        time(pages.median()),
        format!("{:.2}", pages.over(&rows_by_hand).median()),
        time(screens.median()),
    ])
}
