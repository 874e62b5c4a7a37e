//! Status: which passes of a list are revoked or suspended, and how that travels.
//!
//! The publisher makes a [`State`] from the log, and from it a [`Snapshot`], [`Delta`]s and the array of the Token
//! Status List. A scanner adopts the two wire objects under a verified manifest, whose `n` and state hash say what they
//! must give, and `scan` asks [`State::value`]. Nothing here is signed: the manifest's state hash is the only authority.
//!
//! docs/FORMAT.md, sections 3 (state) and 4 (the code of a set); [`set`] is the code, over `classes`, `huffman`, `bits`.

mod bits;
mod cells;
mod classes;
mod delta;
mod error;
mod huffman;
pub mod set;
mod set_error;
mod snapshot;
mod state;
mod wire;

pub use delta::Delta;
pub use error::StatusError;
pub use set_error::SetError;
pub use snapshot::Snapshot;
pub use state::{MAX_N, State, Value, WEEK_S, is_live, list_of};
pub use wire::{Head, Kind, peek};
