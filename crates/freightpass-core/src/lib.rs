//! Formats and the verdict of freightpass: what an authority signs, what a checkpoint decides.
//!
//! The crate has no clock, no randomness and no I/O: time is an argument, keys come from outside, and every decoder
//! is total. Any bytes give a value or a typed error with its layer and offset; none makes it panic or allocate more
//! than the caps of [`limits`] allow. docs/FORMAT.md is the specification of everything here.
//!
//! The flow, in the order of the modules:
//!
//! - [`pass`]: claims, their encoding and signing, the text that the QR code carries;
//! - [`trust`]: the root-signed list of authorities, keys and programmes;
//! - [`status`]: which passes are revoked or suspended; [`manifest`] signs the states in force;
//! - [`survivors`]: the honest passes of a compromised key;
//! - [`bundle`]: all of it in one object, and what a new scanner is provisioned with;
//! - [`hold`]: what a scanner holds, and how it adopts newer parts;
//! - [`scan`]: the verdict.
//!
//! The one feature, `warm`, is off unless asked for: it needs `std`, spends up to 2.7 MiB on tables for the issuers whose
//! passes come again and again, and halves the time of their signatures (module `warm`). It changes no verdict.
//!
//! README.md has a whole scanner in thirty lines, and a table of what each value proves.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(feature = "warm")]
extern crate std;

pub mod bundle;
pub mod characters;
pub mod cose;
pub mod division;
pub mod hold;
pub mod key;
pub mod limits;
pub mod malformed;
pub mod manifest;
pub mod pass;
pub mod scan;
pub mod status;
pub mod survivors;
pub mod trust;
#[cfg(feature = "warm")]
pub mod warm;

mod cbor;

/// Runs the scanner of README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
