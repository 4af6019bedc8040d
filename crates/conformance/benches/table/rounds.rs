//! Short rounds in which each lane runs once: what disturbs the machine disturbs all of them.

use std::hint::black_box;
use std::time::Instant;

/// Times in nanoseconds for one item, one for each round.
#[derive(Debug, Clone)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Without what another lane took in the same round.
    pub fn minus(&self, other: &Samples) -> Samples {
        self.with(other, |a, b| (a - b).max(0.0))
    }

    /// As multiples of another lane in the same round.
    pub fn over(&self, other: &Samples) -> Samples {
        self.with(other, |a, b| a / b)
    }

    fn with(&self, other: &Samples, f: impl Fn(f64, f64) -> f64) -> Samples {
        Samples(self.0.iter().zip(&other.0).map(|(a, b)| f(*a, *b)).collect())
    }

    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

/// What comes before each timed run of a lane, so that no lane finds what another one left in the caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// The same lane, untimed: what it needs is near, as far as it fits.
    Warm,
    /// Something that is larger than the caches: nothing is near.
    Cold,
    /// Nothing: the lane is larger than the caches itself.
    Nothing,
}

/// Runs every lane once a round, each round beginning with the next lane. A lane works through so many items.
pub fn rounds<const LANES: usize>(rounds: usize, before: Before, items: usize, lanes: [&mut dyn FnMut(); LANES]) -> [Samples; LANES] {
    let mut samples = [const { Samples(Vec::new()) }; LANES];
    let mut crowd = vec![0_u64; if before == Before::Cold { CROWD } else { 0 }];
    for round in 0..rounds {
        for turn in 0..LANES {
            let lane = (round + turn) % LANES;
            match before {
                Before::Warm => lanes[lane](),
                Before::Cold => black_box(&mut crowd).iter_mut().for_each(|word| *word += 1),
                Before::Nothing => {}
            }
            let start = Instant::now();
            lanes[lane]();
            samples[lane].0.push(start.elapsed().as_nanos() as f64 / items as f64);
        }
    }
    samples
}

/// Words that take more than the caches hold: 128 MiB.
const CROWD: usize = 16 << 20;

/// Times something that is made, without the time that it takes to drop it.
pub fn made<T>(rounds: usize, items: usize, mut make: impl FnMut() -> T) -> Samples {
    let one = |_| {
        let start = Instant::now();
        let made = make();
        let time = start.elapsed();
        drop(made);
        time.as_nanos() as f64 / items as f64
    };
    Samples((0..rounds).map(one).collect())
}
