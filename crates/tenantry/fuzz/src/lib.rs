//! What the targets share: the mutator for trees, beside libFuzzer's own for bytes.

use std::sync::LazyLock;

use tenantry_conformance::fuzz::{Mutator, Pool, seeds};

/// One in so many inputs is left to libFuzzer, which knows what the code compares with.
const BYTES: u32 = 8;

static POOL: LazyLock<Pool> = LazyLock::new(|| seeds().map(|seeds| Pool::of(&seeds)).unwrap_or_default());

/// Changes the input in `data[..size]` and says how long it is now. What finds no room is left to libFuzzer.
pub fn mutate(data: &mut [u8], size: usize, room: usize, seed: u32) -> usize {
    if seed % BYTES > 0 {
        let input = Mutator::new(&POOL, seed.into()).vary(&data[..size]);
        if let Some(place) = data[..room].get_mut(..input.len()) {
            place.copy_from_slice(&input);
            return input.len();
        }
    }
    libfuzzer_sys::fuzzer_mutate(data, size, room)
}
