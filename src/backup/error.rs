//! Why there is no backup, or one that does not read.

use std::io;
use std::path::PathBuf;

use super::seal::SealError;
use crate::storage::{FiguresError, StorageError};
use crate::trust::KeyFileError;

/// Why there is no backup, or one that does not read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// One is being made.
    #[error("a backup is being made already: wait for it")]
    UnderWay,
    /// No passphrase is set.
    #[error(
        "there is no passphrase for backups: set backup.passphrase_file, and keep a copy of that file elsewhere, \
         without which no backup opens"
    )]
    NoPassphrase,
    /// The passphrase file.
    #[error(transparent)]
    Passphrase(#[from] KeyFileError),
    /// The sealed stream.
    #[error("{path}: {source}", path = path.display())]
    Seal {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SealError,
    },
    /// What was unsealed is not what a backup holds.
    #[error("{path}: {problem}; take another copy or an older backup", path = path.display())]
    Contents {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// What was read back is not what was written.
    #[error("the backup was read back and is not what was written: {problem}; it was thrown away")]
    ReadBack {
        /// What differs.
        problem: String,
    },
    /// A file.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The registry's copy.
    #[error(transparent)]
    Registry(#[from] FiguresError),
    /// The registry.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl BackupError {
    /// Whether the disk is full.
    pub fn is_full(&self) -> bool {
        let full = |error: &io::Error| error.kind() == io::ErrorKind::StorageFull;
        match self {
            Self::File { source, .. } | Self::Seal { source: SealError::File(source), .. } => full(source),
            Self::Storage(StorageError::Full) => true,
            _ => false,
        }
    }
}
