//! How long a matrix takes, and the difference of two.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tenantry::Policy;
use tenantry::policy::presets::NAMES;
use tenantry_analysis::diff::Diff;
use tenantry_analysis::matrix::Matrix;

fn presets(criterion: &mut Criterion) {
    for name in NAMES {
        let Ok(policy) = Policy::preset(name) else { continue };
        criterion.bench_function(&format!("matrix/{name}"), |bench| bench.iter(|| Matrix::of(black_box(&policy))));
    }
}

fn differences(criterion: &mut Criterion) {
    for (before, after) in NAMES.iter().zip(NAMES.iter().cycle().skip(1)) {
        let (Ok(old), Ok(new)) = (Policy::preset(before), Policy::preset(after)) else { continue };
        criterion.bench_function(&format!("diff/{before} {after}"), |bench| bench.iter(|| Diff::of(black_box(&old), black_box(&new))));
    }
}

criterion_group!(benches, presets, differences);
criterion_main!(benches);
