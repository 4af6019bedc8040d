//! How long the published benchmark files take, reading included.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use tenantry_analysis::arbac::{File, reach};

fn files(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/tests/arbac");
    for name in ["Hospital", "University"].iter().flat_map(|family| (1..=4).map(move |number| format!("{family}{number}"))) {
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{name}.arbac"))) else { continue };
        criterion.bench_function(&format!("arbac/{name}"), |bench| bench.iter(|| black_box(&text).parse::<File>().map(|file| reach(&file))));
    }
}

criterion_group!(benches, files);
criterion_main!(benches);
