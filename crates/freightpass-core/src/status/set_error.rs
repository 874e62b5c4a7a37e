//! Why a set was refused: one error for each way in which bytes are not the code of a set.

use core::fmt;

use super::bits::OutOfBits;
use super::state::MAX_N;

/// Why a set was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetError {
    /// `n` is over [`MAX_N`].
    NOverCap {
        /// What was asked for.
        n: u32,
    },
    /// The bytes end before the set does.
    Truncated,
    /// A count of 0: the empty set is the empty string.
    EmptyCount,
    /// More indexes than the list has; found before anything is allocated.
    CountOverN {
        /// Indexes announced.
        count: u32,
        /// Capacity of the list.
        n: u32,
    },
    /// More classes are announced than the highest used one needs.
    ClassesNotMinimal {
        /// The highest class, 64 added for runs, that is announced and not used.
        symbol: u8,
    },
    /// The code lengths leave code space unused, or use more than there is.
    LengthsIncomplete,
    /// The code lengths are not those that the counts of the tokens give.
    LengthsNotMinimal {
        /// The first symbol that differs.
        symbol: u8,
    },
    /// Three or more indexes in a row that are not written as one run.
    Row {
        /// The index where it shows.
        index: u32,
    },
    /// A run of more indexes than the count leaves.
    RunOverCount {
        /// Length of the run.
        run: u64,
        /// What the count leaves.
        left: u32,
    },
    /// An index at or beyond `n`.
    IndexBeyond {
        /// The index.
        index: u64,
        /// Capacity of the list.
        n: u32,
    },
    /// Whole bytes after the last token.
    Trailing {
        /// How many.
        bytes: u64,
    },
    /// A one among the last bits.
    Padding,
    /// Encoding only: an index is not above the one before it, or not below [`MAX_N`].
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

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetError::NOverCap { n } => write!(f, "a list of {n} is over the cap of {MAX_N}"),
            SetError::Truncated => f.write_str("the set ends in the middle"),
            SetError::EmptyCount => f.write_str("a set that counts 0 indexes is not the empty string"),
            SetError::CountOverN { count, n } => write!(f, "{count} indexes in a list of {n}"),
            SetError::ClassesNotMinimal { symbol } => {
                write!(f, "symbol {symbol} ends the lengths and is not used")
            }
            SetError::LengthsIncomplete => f.write_str("the code lengths do not fill the code space exactly"),
            SetError::LengthsNotMinimal { symbol } => {
                write!(f, "the code length of symbol {symbol} is not the one that its count gives")
            }
            SetError::Row { index } => write!(f, "a row of indexes around {index} is not written as one run"),
            SetError::RunOverCount { run, left } => {
                write!(f, "a run of {run} where {left} indexes are left")
            }
            SetError::IndexBeyond { index, n } => write!(f, "index {index} in a list of {n}"),
            SetError::Trailing { bytes } => write!(f, "{bytes} bytes after the set"),
            SetError::Padding => f.write_str("the last bits are not zero"),
            SetError::NotAscending { position } => {
                write!(f, "the index at place {position} is out of order or range")
            }
        }
    }
}

impl core::error::Error for SetError {}

impl From<OutOfBits> for SetError {
    fn from(_: OutOfBits) -> Self {
        SetError::Truncated
    }
}
