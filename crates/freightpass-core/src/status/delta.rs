//! A delta: the change from one state of a list to another, `[1, list, n, base hash, revoked, suspended, valid again]`.
//!
//! docs/FORMAT.md, sections 1 and 3. It is named by the hashes of its base and its result. An entry that changes
//! nothing is refused, and one that clears a revocation, so that a delta is the only one between its two states.

use alloc::vec::Vec;
use core::fmt;

use super::cells::Cells;
use super::error::StatusError;
use super::state::{State, Value};
use super::wire::{self, Head, Kind, Reader};

/// Cells of the change.
const BECAME_REVOKED: u8 = 1;
const BECAME_SUSPENDED: u8 = 2;
const VALID_AGAIN: u8 = 3;

/// A change of state on its way.
#[derive(Clone, PartialEq, Eq)]
pub struct Delta {
    list: u32,
    base: [u8; 32],
    changes: Cells,
}

impl Delta {
    /// The delta from `old` to `new`, whose `n` may be larger.
    ///
    /// Refused: another list, a smaller `n`, an index that is revoked in `old` and not in `new`.
    pub fn between(old: &State, new: &State, deployment: &[u8; 8]) -> Result<Self, StatusError> {
        same_list(new.list(), old)?;
        let from = old.extended(new.n())?;
        let mut changes = Cells::zeros(new.n());
        for (index, _) in from.cells().differences(new.cells()).entries() {
            let change = match (from.value(index), new.value(index)) {
                (Some(Value::Revoked), _) => return Err(StatusError::ClearsRevoked { index }),
                (_, Some(Value::Revoked)) => BECAME_REVOKED,
                (_, Some(Value::Suspended)) => BECAME_SUSPENDED,
                _ => VALID_AGAIN,
            };
            changes.put(index, change);
        }
        Ok(Delta { list: new.list(), base: old.hash(deployment), changes })
    }

    /// The list that changes.
    pub fn list(&self) -> u32 {
        self.list
    }

    /// The capacity after the change.
    pub fn n(&self) -> u32 {
        self.changes.n()
    }

    /// The hash of the state that it starts from.
    pub fn base(&self) -> &[u8; 32] {
        &self.base
    }

    /// The indexes that became revoked, that became suspended, and that are valid again, each ascending.
    pub fn changes(&self) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        let (mut revoked, mut suspended, mut valid) = (Vec::new(), Vec::new(), Vec::new());
        for (index, change) in self.changes.entries() {
            match change {
                BECAME_REVOKED => revoked.push(index),
                BECAME_SUSPENDED => suspended.push(index),
                _ => valid.push(index),
            }
        }
        (revoked, suspended, valid)
    }

    /// The object's bytes. Refused: [`StatusError::TooLarge`].
    pub fn encode(&self) -> Result<Vec<u8>, StatusError> {
        let (revoked, suspended, valid) = self.changes();
        let head = Head { kind: Kind::Delta, list: self.list, n: self.n() };
        wire::write(head, Some(&self.base), &[&revoked, &suspended, &valid])
    }

    /// Reads an object under the `n` of a verified manifest; allocates n / 4 bytes.
    ///
    /// Refused: too many bytes, CBOR that is not deterministic or not a delta, another `n`, a set that is not
    /// canonical, an index in two sets. What the entries change is seen only in [`Delta::apply`].
    pub fn decode(bytes: &[u8], manifest_n: u32) -> Result<Self, StatusError> {
        let (mut reader, head) = Reader::open_as(bytes, Kind::Delta, manifest_n)?;
        let base = reader.hash()?;
        let changes = wire::paint(&reader.sets::<3>()?, head.n)?;
        Ok(Delta { list: head.list, base, changes })
    }

    /// The state that follows `base`; its hash is for the caller to compare with the manifest's.
    ///
    /// Refused: another list, another base, a smaller `n`, an entry that changes nothing or clears a revocation.
    pub fn apply(&self, base: &State, deployment: &[u8; 8]) -> Result<State, StatusError> {
        same_list(self.list, base)?;
        let held = base.hash(deployment);
        if held != self.base {
            return Err(StatusError::WrongBase { named: self.base, held });
        }
        self.apply_to_named(base)
    }

    /// The same for a caller that knows the hash of `base` and has compared it: hashing a state is most of the work.
    pub(crate) fn apply_to_named(&self, base: &State) -> Result<State, StatusError> {
        same_list(self.list, base)?;
        let mut state = base.extended(self.n())?;
        for (index, change) in self.changes.entries() {
            let value = match (change, state.value(index)) {
                (BECAME_REVOKED, Some(Value::Valid | Value::Suspended)) => Value::Revoked,
                (BECAME_SUSPENDED, Some(Value::Valid)) => Value::Suspended,
                (VALID_AGAIN, Some(Value::Suspended)) => Value::Valid,
                (BECAME_SUSPENDED | VALID_AGAIN, Some(Value::Revoked)) => {
                    return Err(StatusError::ClearsRevoked { index });
                }
                _ => return Err(StatusError::NoChange { index }),
            };
            state.set(index, value)?;
        }
        Ok(state)
    }
}

fn same_list(found: u32, base: &State) -> Result<(), StatusError> {
    match base.list() {
        wanted if wanted == found => Ok(()),
        wanted => Err(StatusError::ListMismatch { found, wanted }),
    }
}

/// Counts, not the cells: they may have millions of bytes.
impl fmt::Debug for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (revoked, suspended, valid) = self.changes();
        f.debug_struct("Delta")
            .field("list", &self.list)
            .field("n", &self.n())
            .field("base", &self.base)
            .field("revoked", &revoked.len())
            .field("suspended", &suspended.len())
            .field("valid", &valid.len())
            .finish()
    }
}
