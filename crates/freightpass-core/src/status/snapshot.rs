//! A snapshot: the whole state of a list as an object, `[0, list, n, revoked, suspended]`.
//!
//! docs/FORMAT.md, section 1. It is named by the hash of its state and carries no signature of its own: who decodes one
//! compares the state's hash with the manifest's.

use alloc::vec::Vec;

use super::error::StatusError;
use super::state::State;
use super::wire::{self, Head, Kind, Reader};

/// A state on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What it carries.
    pub state: State,
}

impl Snapshot {
    /// The snapshot of a state.
    pub fn new(state: State) -> Self {
        Snapshot { state }
    }

    /// The state.
    pub fn into_state(self) -> State {
        self.state
    }

    /// The object's bytes. Refused: [`StatusError::TooLarge`].
    pub fn encode(&self) -> Result<Vec<u8>, StatusError> {
        let (revoked, suspended) = self.state.sets();
        let head = Head { kind: Kind::Snapshot, list: self.state.list(), n: self.state.n() };
        wire::write(head, None, &[&revoked, &suspended])
    }

    /// Reads an object under the `n` of a verified manifest; allocates n / 4 bytes.
    ///
    /// Refused: too many bytes, CBOR that is not deterministic or not a snapshot, another `n`, a set that is not
    /// canonical, an index in both sets.
    pub fn decode(bytes: &[u8], manifest_n: u32) -> Result<Self, StatusError> {
        let (mut reader, head) = Reader::open_as(bytes, Kind::Snapshot, manifest_n)?;
        // Two sets give the cells 1 and 2, the values revoked and suspended.
        let cells = wire::paint(&reader.sets::<2>()?, head.n)?;
        Ok(Snapshot { state: State::from_cells(head.list, cells) })
    }
}

#[cfg(test)]
#[path = "object_tests.rs"]
mod tests;
