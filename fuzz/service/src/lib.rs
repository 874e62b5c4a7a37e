//! The service's readers of outside bytes, compiled out of its own files: tables (`src/table`, with the rooms that it
//! may import) and pictures (`src/card/read`).
//!
//! `fuzz/run` builds and runs the targets; docs/FUZZING.md says what each of them asserts.

pub mod card;
#[path = "../../../src/problem.rs"]
pub mod problem;
#[path = "../../../src/profile/mod.rs"]
pub mod profile;
#[path = "../../../src/table/mod.rs"]
pub mod table;

#[path = "../../src/bound.rs"]
pub mod bound;
pub mod tables;

pub use libfuzzer_sys;

use std::path::{Path, PathBuf};

/// A file of assets/sample.
pub fn sample(name: &str) -> Vec<u8> {
    std::fs::read(root().join("assets/sample").join(name)).expect("a sample")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Lays the seeds out when the environment asks for it.
pub fn lay_out(seeds: impl FnOnce() -> Vec<Vec<u8>>) {
    if let Some(folder) = std::env::var_os("FUZZ_SEEDS") {
        for (number, seed) in seeds().iter().enumerate() {
            std::fs::write(Path::new(&folder).join(format!("seed-{number:04}")), seed).expect("the seeds' folder");
        }
    }
}

/// A fuzz target with its seeds, each a `Vec<u8>`.
#[macro_export]
macro_rules! target {
    ($seeds:expr, |$bytes:ident| $body:expr) => {
        use $crate::libfuzzer_sys;
        libfuzzer_sys::fuzz_target!(init: $crate::lay_out(|| $seeds), |$bytes: &[u8]| $body);
    };
}
