//! Why a set was refused: one error for each way in which bytes are not the code of a set.

use thiserror::Error;

use super::bits::OutOfBits;
use super::state::MAX_N;

/// Why a set was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SetError {
    /// `n` is over [`MAX_N`].
    #[error("a list of {n} is over the cap of {MAX_N}")]
    NOverCap {
        /// What was asked for.
        n: u32,
    },
    /// The bytes end before the set does.
    #[error("the set ends in the middle")]
    Truncated,
    /// A count of 0: the empty set is the empty string.
    #[error("a set that counts 0 indexes is not the empty string")]
    EmptyCount,
    /// More indexes than the list has; found before anything is allocated.
    #[error("{count} indexes in a list of {n}")]
    CountOverN {
        /// Indexes announced.
        count: u32,
        /// Capacity of the list.
        n: u32,
    },
    /// More classes are announced than the highest used one needs.
    #[error("symbol {symbol} ends the lengths and is not used")]
    ClassesNotMinimal {
        /// The highest class, 64 added for runs, that is announced and not used.
        symbol: u8,
    },
    /// The code lengths leave code space unused, or use more than there is.
    #[error("the code lengths do not fill the code space exactly")]
    LengthsIncomplete,
    /// The code lengths are not those that the counts of the tokens give.
    #[error("the code length of symbol {symbol} is not the one that its count gives")]
    LengthsNotMinimal {
        /// The first symbol that differs.
        symbol: u8,
    },
    /// Three or more indexes in a row that are not written as one run.
    #[error("a row of indexes around {index} is not written as one run")]
    Row {
        /// The index where it shows.
        index: u32,
    },
    /// A run of more indexes than the count leaves.
    #[error("a run of {run} where {left} indexes are left")]
    RunOverCount {
        /// Length of the run.
        run: u64,
        /// What the count leaves.
        left: u32,
    },
    /// An index at or beyond `n`.
    #[error("index {index} in a list of {n}")]
    IndexBeyond {
        /// The index.
        index: u64,
        /// Capacity of the list.
        n: u32,
    },
    /// Whole bytes after the last token.
    #[error("{bytes} bytes after the set")]
    Trailing {
        /// How many.
        bytes: u64,
    },
    /// A one among the last bits.
    #[error("the last bits are not zero")]
    Padding,
    /// Encoding only: an index is not above the one before it, or not below [`MAX_N`].
    #[error("the index at place {position} is out of order or range")]
    NotAscending {
        /// Its place among the indexes.
        position: usize,
    },
}

impl SetError {
    /// A stable name, for vectors and logs.
    pub fn code(&self) -> &'static str {
        match self {
            SetError::NOverCap { .. } => "n_over_cap",
            SetError::Truncated => "set_truncated",
            SetError::EmptyCount => "set_empty_count",
            SetError::CountOverN { .. } => "set_count_over_n",
            SetError::ClassesNotMinimal { .. } => "set_classes_not_minimal",
            SetError::LengthsIncomplete => "set_lengths_incomplete",
            SetError::LengthsNotMinimal { .. } => "set_lengths_not_minimal",
            SetError::Row { .. } => "set_row",
            SetError::RunOverCount { .. } => "set_run_over_count",
            SetError::IndexBeyond { .. } => "set_index_beyond",
            SetError::Trailing { .. } => "set_trailing",
            SetError::Padding => "set_padding",
            SetError::NotAscending { .. } => "set_not_ascending",
        }
    }
}

impl From<OutOfBits> for SetError {
    fn from(_: OutOfBits) -> Self {
        SetError::Truncated
    }
}
