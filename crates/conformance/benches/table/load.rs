//! What is done once: a policy compiled, a directory built.

use std::hint::black_box;

use tenantry::policy::presets;
use tenantry::{Directory, Policy};
use tenantry_conformance::floor::Organization;
use tenantry_conformance::organization::{Mix, POLICY, policy, snapshot};

use crate::Done;
use crate::markdown::{head, number, row, time};
use crate::rounds::made;

pub fn policies() -> Done {
    head(&["policy", "bytes of TOML", "to compile"]);
    for name in presets::NAMES {
        let bytes = presets::source(name).map_or(0, str::len);
        row(&[format!("preset `{name}`"), number(bytes), time(made(51, 1, || Policy::preset(black_box(name))).median())]);
    }
    row(&["that of the benchmarks".to_owned(), number(POLICY.len()), time(made(51, 1, policy).median())]);
    Ok(())
}

pub fn directories(sizes: &[usize]) -> Done {
    head(&["members", "floor's maps from a snapshot, each member", "`Directory::new`, each member", "`Directory::new`"]);
    let policy = std::sync::Arc::new(policy()?);
    for &members in sizes {
        let snapshot = snapshot(members, Mix::Plain);
        let rounds = (2_000_000 / members).clamp(3, 101);
        let by_hand = made(rounds, members, || Organization::new(black_box(&snapshot)));
        let directory = made(rounds, members, || Directory::new(policy.clone(), black_box(&snapshot)));
        let each = directory.median();
        row(&[number(members), time(by_hand.median()), time(each), time(each * members as f64)]);
    }
    Ok(())
}
