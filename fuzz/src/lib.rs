//! What the fuzz targets of the formats share: seeds out of the vectors, judges that are not the core, bounds.
//!
//! `fuzz/run` builds and runs the targets; docs/FUZZING.md says what each of them asserts.

pub mod bound;
pub mod deterministic;
pub mod envelope;
pub mod known;
pub mod seeds;

pub use libfuzzer_sys;

/// A fuzz target with its seeds, each a `Vec<u8>`.
#[macro_export]
macro_rules! target {
    ($seeds:expr, |$bytes:ident| $body:expr) => {
        use $crate::libfuzzer_sys;
        libfuzzer_sys::fuzz_target!(init: $crate::seeds::lay_out(|| $seeds), |$bytes: &[u8]| $body);
    };
}
