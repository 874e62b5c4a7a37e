//! Why a state, a snapshot or a delta was refused.

use core::fmt;

use super::set_error::SetError;
use super::state::MAX_N;
use super::wire::MAX_OBJECT;

/// Why a state, a snapshot or a delta was refused. Indexes are those of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusError {
    /// An object over [`MAX_OBJECT`].
    TooLarge {
        /// Its bytes.
        bytes: usize,
    },
    /// Not the deterministic CBOR of a snapshot or delta.
    Cbor {
        /// Where in the object.
        offset: usize,
        /// What the place should have held.
        rule: &'static str,
    },
    /// The first element names another kind of object.
    WrongKind {
        /// The kind found.
        found: u32,
    },
    /// `n` is over [`MAX_N`].
    NOverCap {
        /// The `n` found.
        n: u32,
    },
    /// The object's `n` is not the manifest's.
    NMismatch {
        /// In the object.
        found: u32,
        /// In the manifest.
        wanted: u32,
    },
    /// One of the object's sets.
    Set {
        /// Which: 0 revoked, 1 suspended, 2 valid again.
        set: u8,
        /// Why.
        error: SetError,
    },
    /// An index in two sets, or twice among the indexes of a state.
    NotDisjoint {
        /// The index.
        index: u32,
    },
    /// An index at or beyond `n`.
    IndexBeyond {
        /// The index.
        index: u32,
        /// Capacity of the list.
        n: u32,
    },
    /// An array of a length that `n` does not give.
    ArrayLength {
        /// Bytes found.
        found: usize,
        /// Bytes that `n` needs.
        wanted: usize,
    },
    /// A cell of an array that is 3, or one beyond `n` that is not 0.
    ArrayValue {
        /// The cell.
        index: u32,
    },
    /// A state of fewer indexes than the one before it.
    Shrinks {
        /// Capacity before.
        from: u32,
        /// Capacity after.
        to: u32,
    },
    /// A delta or change of another list.
    ListMismatch {
        /// The list of the delta or the new state.
        found: u32,
        /// The list of the base.
        wanted: u32,
    },
    /// The state is not the one that the delta starts from.
    WrongBase {
        /// The hash that the delta names.
        named: [u8; 32],
        /// The hash of the state at hand.
        held: [u8; 32],
    },
    /// An entry of a delta that the base has already.
    NoChange {
        /// The index.
        index: u32,
    },
    /// A revoked index would get another value: revocation is final.
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
            StatusError::Cbor { .. } => "cbor",
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

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatusError::TooLarge { bytes } => write!(f, "an object of {bytes} bytes is over the cap of {MAX_OBJECT}"),
            StatusError::Cbor { offset, rule } => write!(f, "at byte {offset}: {rule}"),
            StatusError::WrongKind { found } => {
                write!(f, "object kind {found} is not the one asked for")
            }
            StatusError::NOverCap { n } => write!(f, "a list of {n} is over the cap of {MAX_N}"),
            StatusError::NMismatch { found, wanted } => {
                write!(f, "n is {found} and {wanted} in the manifest")
            }
            StatusError::Set { set, error } => write!(f, "set {set}: {error}"),
            StatusError::NotDisjoint { index } => write!(f, "index {index} stands twice"),
            StatusError::IndexBeyond { index, n } => write!(f, "index {index} in a list of {n}"),
            StatusError::ArrayLength { found, wanted } => {
                write!(f, "an array of {found} bytes instead of {wanted}")
            }
            StatusError::ArrayValue { index } => {
                write!(f, "cell {index} of the array has no meaning")
            }
            StatusError::Shrinks { from, to } => write!(f, "n falls from {from} to {to}"),
            StatusError::ListMismatch { found, wanted } => {
                write!(f, "list {found} instead of {wanted}")
            }
            StatusError::WrongBase { .. } => f.write_str("the delta starts from another state"),
            StatusError::NoChange { index } => {
                write!(f, "the entry of index {index} changes nothing")
            }
            StatusError::ClearsRevoked { index } => {
                write!(f, "index {index} is revoked, which is final")
            }
        }
    }
}

impl core::error::Error for StatusError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            StatusError::Set { error, .. } => Some(error),
            _ => None,
        }
    }
}
