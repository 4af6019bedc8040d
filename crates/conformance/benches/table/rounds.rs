//! Short rounds in which each lane runs once: what disturbs the machine disturbs all of them.

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

/// Runs every lane once a round, each round beginning with the next lane. A lane works through so many items.
pub fn rounds<const LANES: usize>(rounds: usize, items: usize, mut lanes: [&mut dyn FnMut(); LANES]) -> [Samples; LANES] {
    lanes.iter_mut().for_each(|lane| lane());
    let mut samples = [const { Samples(Vec::new()) }; LANES];
    for round in 0..rounds {
        for turn in 0..LANES {
            let lane = (round + turn) % LANES;
            let start = Instant::now();
            lanes[lane]();
            samples[lane].0.push(start.elapsed().as_nanos() as f64 / items as f64);
        }
    }
    samples
}

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
