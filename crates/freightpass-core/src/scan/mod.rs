//! The verdict: whether a truck may pass, and why not.
//!
//! The last step of the flow: a text from a QR code, what the scanner holds, the checkpoint's policy and observations,
//! and the time go in; a [`Verdict`] comes out. Pure: no clock, no I/O, no panic. docs/FORMAT.md, section
//! 5, is the table of which [`scan`] keeps the order:
//!
//! - rows 1 to 8, the cheapest first; no field is shown before the signature is verified;
//! - rows 9 to 12, which no fresher data and no right clock can undo;
//! - rows 13 to 15, whether the authority might issue it at all, behind the doubts about the trust list itself;
//! - rows 16 and 17, whether the data is fresh enough to say anything good;
//! - rows 18 to 22: suspended, in force, the right truck, the right place.
//!
//! What it does not do: it remembers nothing (a second crossing is told by the caller), reads no picture, and cannot
//! know what no offline scan can: a cloned plate.

mod authorised;
mod current;
mod in_force;
mod moment;
mod outcome;
mod reason;
mod steps;
mod unverified;
mod verdict;
mod verified;

pub use moment::Freshness;
pub use outcome::Outcome;
pub use reason::{OptionalAge, Reason};
pub use steps::{scan, scan_bytes};
pub use verdict::{Note, Observation, Place, Policy, Verdict, VerifiedPass};
