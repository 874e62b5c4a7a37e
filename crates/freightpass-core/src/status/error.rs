//! Why a state, a snapshot or a delta was refused.

use thiserror::Error;

use crate::limits::OBJECT_BYTES;
use crate::malformed::Malformed;

use super::set_error::SetError;
use super::state::MAX_N;

/// Why a state, a snapshot or a delta was refused. Indexes are those of the list.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StatusError {
    /// What is to be encoded takes more than [`OBJECT_BYTES`].
    #[error("an object of {bytes} bytes is over the cap of {OBJECT_BYTES}")]
    TooLarge {
        /// Its bytes.
        bytes: usize,
    },
    /// Not the deterministic CBOR of a snapshot or delta.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The first element names another kind of object.
    #[error("object kind {found} is not the one asked for")]
    WrongKind {
        /// The kind found.
        found: u32,
    },
    /// `n` is over [`MAX_N`].
    #[error("a list of {n} is over the cap of {MAX_N}")]
    NOverCap {
        /// The `n` found.
        n: u32,
    },
    /// The object's `n` is not the manifest's.
    #[error("n is {found} and {wanted} in the manifest")]
    NMismatch {
        /// In the object.
        found: u32,
        /// In the manifest.
        wanted: u32,
    },
    /// One of the object's sets.
    #[error("set {set}: {error}")]
    Set {
        /// Which: 0 revoked, 1 suspended, 2 valid again.
        set: u8,
        /// Why.
        #[source]
        error: SetError,
    },
    /// An index in two sets, or twice among the indexes of a state.
    #[error("index {index} stands twice")]
    NotDisjoint {
        /// The index.
        index: u32,
    },
    /// An index at or beyond `n`.
    #[error("index {index} in a list of {n}")]
    IndexBeyond {
        /// The index.
        index: u32,
        /// Capacity of the list.
        n: u32,
    },
    /// An array of a length that `n` does not give.
    #[error("an array of {found} bytes instead of {wanted}")]
    ArrayLength {
        /// Bytes found.
        found: usize,
        /// Bytes that `n` needs.
        wanted: usize,
    },
    /// A cell of an array that is 3, or one beyond `n` that is not 0.
    #[error("cell {index} of the array has no meaning")]
    ArrayValue {
        /// The cell.
        index: u32,
    },
    /// A state of fewer indexes than the one before it.
    #[error("n falls from {from} to {to}")]
    Shrinks {
        /// Capacity before.
        from: u32,
        /// Capacity after.
        to: u32,
    },
    /// A delta or change of another list.
    #[error("list {found} instead of {wanted}")]
    ListMismatch {
        /// The list of the delta or the new state.
        found: u32,
        /// The list of the base.
        wanted: u32,
    },
    /// The state is not the one that the delta starts from.
    #[error("the delta starts from another state")]
    WrongBase {
        /// The hash that the delta names.
        named: [u8; 32],
        /// The hash of the state at hand.
        held: [u8; 32],
    },
    /// An entry of a delta that the base has already.
    #[error("the entry of index {index} changes nothing")]
    NoChange {
        /// The index.
        index: u32,
    },
    /// A revoked index would get another value: revocation is final.
    #[error("index {index} is revoked, which is final")]
    ClearsRevoked {
        /// The index.
        index: u32,
    },
}

impl StatusError {
    /// A stable name, for vectors and logs.
    pub fn code(&self) -> &'static str {
        match self {
            StatusError::TooLarge { .. } => "too_large",
            StatusError::Malformed(_) => "malformed",
            StatusError::WrongKind { .. } => "wrong_kind",
            StatusError::NOverCap { .. } => "n_over_cap",
            StatusError::NMismatch { .. } => "n_mismatch",
            StatusError::Set { error, .. } => error.code(),
            StatusError::NotDisjoint { .. } => "not_disjoint",
            StatusError::IndexBeyond { .. } => "index_beyond",
            StatusError::ArrayLength { .. } => "array_length",
            StatusError::ArrayValue { .. } => "array_value",
            StatusError::Shrinks { .. } => "shrinks",
            StatusError::ListMismatch { .. } => "list_mismatch",
            StatusError::WrongBase { .. } => "wrong_base",
            StatusError::NoChange { .. } => "no_change",
            StatusError::ClearsRevoked { .. } => "clears_revoked",
        }
    }
}
