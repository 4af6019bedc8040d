//! The parts of the engine one by one, for exploring: `cargo xtask bench remove`. The ratios come from the table.

// A benchmark that cannot be set up has nothing to say.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use tenantry::Directory;
use tenantry::ask::{Ids, Question};
use tenantry_conformance::floor::Organization;
use tenantry_conformance::organization::{Mix, policy, snapshot, user_id};
use tenantry_conformance::questions::{Change, Sort, VIEWER, by_handle, by_id, page};

const SIZES: [usize; 2] = [1_000, 100_000];
const QUESTIONS: usize = 1_024;

fn bench(c: &mut Criterion) {
    for members in SIZES {
        for mix in [Mix::Plain, Mix::Own] {
            let snapshot = snapshot(members, mix);
            let floor = Organization::new(&snapshot);
            let mut directory = Directory::new(policy().unwrap(), &snapshot).unwrap();
            let name = |what: &str| format!("{what}/{mix:?}/{members}").to_lowercase();
            Sort::ALL.into_iter().for_each(|sort| can(&mut group(c, name(&format!("can/{sort:?}"))), sort, mix, members, (&floor, &directory)));
            Change::ALL.into_iter().for_each(|change| decide(&mut group(c, name(&format!("decide/{change:?}"))), change, members, &mut directory));
            pages(&mut group(c, name("page")), &floor, &directory);
            let policy = Arc::new(policy().unwrap());
            group(c, name("load")).bench_function("directory", |b| b.iter(|| Directory::new(policy.clone(), black_box(&snapshot))));
        }
    }
    group(c, "policy".to_owned()).bench_function("compile", |b| b.iter(policy));
}

fn group(c: &mut Criterion, name: String) -> BenchmarkGroup<'_, WallTime> {
    let mut group = c.benchmark_group(name);
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    group
}

fn can(group: &mut BenchmarkGroup<WallTime>, sort: Sort, mix: Mix, members: usize, (floor, directory): (&Organization, &Directory)) {
    let queries = sort.queries(members, mix, QUESTIONS);
    let ids: Vec<Ids> = queries.iter().filter_map(|query| by_id(directory, query)).collect();
    let handles: Vec<Question> = queries.iter().map(|query| by_handle(directory, query).unwrap()).collect();
    in_turn(group, "floor", &ids, |ids| sort.by_hand(floor, ids));
    in_turn(group, "by_id", &ids, |ids| directory.allows_by_id(ids));
    in_turn(group, "by_handle", &handles, |question| directory.allows(question));
}

fn decide(group: &mut BenchmarkGroup<WallTime>, change: Change, members: usize, directory: &mut Directory) {
    in_turn(group, "decide", &change.requests(members, QUESTIONS), |request| directory.decide(request));
}

fn pages(group: &mut BenchmarkGroup<WallTime>, floor: &Organization, directory: &Directory) {
    let (viewer, whole) = (user_id(VIEWER), page(None));
    group.bench_function("floor", |b| b.iter(|| floor.page_actions(black_box(&viewer))));
    group.bench_function("page", |b| b.iter(|| directory.page(black_box(&whole))));
}

fn in_turn<Q, A>(group: &mut BenchmarkGroup<WallTime>, name: &str, questions: &[Q], mut answer: impl FnMut(&Q) -> A) {
    let mut turn = 0;
    group.bench_function(BenchmarkId::from_parameter(name), |b| {
        b.iter(|| {
            turn = (turn + 1) % questions.len();
            black_box(answer(black_box(&questions[turn])))
        });
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
