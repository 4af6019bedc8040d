//! How long it takes to find out everything about a preset.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use tenantry::Policy;
use tenantry::policy::presets::NAMES;
use tenantry_analysis::prove::prove;

fn presets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("prove");
    group.sample_size(10);
    for name in NAMES {
        let Ok(policy) = Policy::preset(name) else { continue };
        let policy = Arc::new(policy);
        group.bench_function(*name, |bench| bench.iter(|| prove(black_box(policy.clone()))));
    }
}

criterion_group!(benches, presets);
criterion_main!(benches);
