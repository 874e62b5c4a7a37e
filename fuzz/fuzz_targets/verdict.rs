//! The whole scanner against the reference model: what becomes of each part, and every verdict whole, are the same; so
//! nothing is admitted that the model does not admit.
//!
//! The bytes make a scanner's history: objects good, stale, rolled back, forged and broken, and scans at any clock.
#![no_main]

use freightpass_model::case::{Case, random};
use freightpass_model::compare::compare;

freightpass_fuzz::target!((0..64).map(|index| random(1, index)).collect(), |bytes| {
    if let Err(difference) = compare(&Case::from_bytes(bytes)) {
        panic!("{difference}");
    }
});
