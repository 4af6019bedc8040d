//! How long a matrix takes, and the difference of two.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tenantry::Policy;
use tenantry::policy::presets::NAMES;
use tenantry_analysis::matrix::Matrix;

fn presets(criterion: &mut Criterion) {
    for name in NAMES {
        let Ok(policy) = Policy::preset(name) else { continue };
        criterion.bench_function(&format!("matrix/{name}"), |bench| bench.iter(|| Matrix::of(black_box(&policy))));
    }
}

criterion_group!(benches, presets);
criterion_main!(benches);
