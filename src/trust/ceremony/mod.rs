//! Making the next trust list, on a machine that holds a root key: a draft from nothing or from the list in force,
//! changed step by step, encoded once, then cosigned by one root after the other.
//!
//! The rules here are the ceremony's own, on top of what every scanner asks: an authority's number follows from its
//! division, a key is not ended before its time without a word, compromised is final.

mod changes;
mod cosign;
mod draft;
mod error;
#[cfg(test)]
mod tests;
mod words;

pub use changes::{Change, changes};
pub use cosign::{cosign, in_force_before, signed};
pub use draft::{Beginning, Draft, Holder, division};
pub use error::CeremonyError;
pub use words::{division_words, key_words, level_words, off_route_words, told};
