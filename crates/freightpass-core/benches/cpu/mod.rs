//! The same as `report::interleaved`, by the processor time of the thread: what takes longer than a time slice is never
//! left alone on a shared machine, so that its least time by the clock says how many others were at work.

use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};

/// Least nanoseconds of `ours` and of `baseline`, run in turn `rounds` times; the kernel's part (pages) is in them.
pub fn interleaved<A, B>(rounds: u32, mut ours: impl FnMut() -> A, mut baseline: impl FnMut() -> B) -> (f64, f64) {
    let mut least = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        least.0 = least.0.min(nanoseconds(&mut ours));
        least.1 = least.1.min(nanoseconds(&mut baseline));
    }
    least
}

fn nanoseconds<T>(run: &mut impl FnMut() -> T) -> f64 {
    let start = used();
    // Giving back what was made is part of the work.
    drop(black_box(run()));
    (used() - start) as f64
}

fn used() -> i64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
