//! Times, as far as a shared machine has any: all lanes run in turn, the least of each is kept.

use std::hint::black_box;
use std::time::Instant;

/// A lane that takes longer than this, in nanoseconds, is run in the first rounds only: its noise is small beside it.
const SLOW: f64 = 1e8;
const SLOW_ROUNDS: u32 = 2;

/// What is timed: one run.
pub type Lane<'a> = Box<dyn FnMut() + 'a>;

/// A lane that drops what it made within its time: giving back what was made is part of the work.
pub fn lane<'a, T>(mut run: impl FnMut() -> T + 'a) -> Lane<'a> {
    Box::new(move || drop(black_box(run())))
}

/// Least nanoseconds of each lane, all of them run in turn `rounds` times, the slow ones [`SLOW_ROUNDS`] times.
pub fn race(rounds: u32, mut lanes: Vec<Lane<'_>>) -> Vec<f64> {
    let mut least = vec![f64::INFINITY; lanes.len()];
    for round in 0..rounds {
        for (lane, least) in lanes.iter_mut().zip(&mut least) {
            if round >= SLOW_ROUNDS && *least > SLOW {
                continue;
            }
            let start = Instant::now();
            lane();
            *least = least.min(start.elapsed().as_nanos() as f64);
        }
    }
    least
}
