//! A slow, plain second reading of docs/FORMAT.md, and random cases on which the core must agree with it.
//!
//! - [`judge`] reads bytes and answers; it shares no code with the core but the library of Ed25519.
//! - [`case`] makes cases out of any bytes: a scanner's history of objects (good, stale, rolled back, forged, broken)
//!   and scans in between. No bytes at all are a good pass on fresh data; every byte changes something.
//! - [`compare`] gives a case to both, step by step.
//!
//! A fuzzer calls [`case::Case::from_bytes`] with its input and expects [`compare::compare`] to be `Ok`:
//!
//! ```
//! use freightpass_model::{case::Case, compare::compare};
//!
//! let case = Case::from_bytes(&[3, 1, 4, 1, 5, 9, 2, 6]);
//! let verdicts = compare(&case).unwrap();
//! assert!(!verdicts.is_empty());
//! ```
//!
//! [`case::random`] makes the bytes of a case out of a seed and an index; tests/reference.rs runs many of those.

pub mod case;
pub mod compare;
pub mod judge;
