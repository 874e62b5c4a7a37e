//! CBOR as this format allows it: the check of deterministic form, and typed reading after it.
//!
//! The primitives are minicbor's; what is here is only what RFC 8949 section 4.2.1 and docs/FORMAT.md add.

mod determinism;
mod items;

pub(crate) use determinism::check;
pub(crate) use items::{Items, Newer, required};
