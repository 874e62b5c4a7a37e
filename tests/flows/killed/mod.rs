//! `kill -9` in the middle of the work: what was acknowledged is there, nothing is half-applied, and every request may
//! be repeated. Kills come after a number of acknowledgements, never after a time.
//!
//! `FREIGHTPASS_KILLS=30 cargo test --profile ci --test flows killed` is the long form.

mod import;
mod issue;
mod revoke;
mod sync;

/// Kills of each test in the short form.
const KILLS: usize = 4;

/// How often each test kills.
fn kills() -> usize {
    std::env::var("FREIGHTPASS_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

/// Acknowledgements before the kill of a round: from none to most of `all`, each round at another point.
fn killed_after(round: usize, all: usize) -> usize {
    // Sevenths of a round's work and more, so that neighbouring rounds differ much.
    (round * 5 + round / 7) % all.max(1)
}
