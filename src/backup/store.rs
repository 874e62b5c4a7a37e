//! What backups need from the registry.

use std::path::Path;

use async_trait::async_trait;

use super::make::Made;
use crate::audit::Call;
use crate::storage::{Figures, FiguresError, StorageError};

/// The registry as a backup needs it.
#[async_trait]
pub trait BackupStore: Send + Sync {
    /// The answer that was given to the same call before.
    async fn answered(&self, call: &Call) -> Result<Option<Made>, StorageError>;

    /// Writes the registry as it is at one moment, without anything that is not committed, to a file that is not there
    /// yet. Nobody waits for it. The file is not synced.
    async fn snapshot(&self, to: &Path) -> Result<(), StorageError>;

    /// Checks such a file whole, and counts what it holds.
    async fn figures(&self, path: &Path) -> Result<Figures, FiguresError>;

    /// Stores the answer with its audit entry, in one transaction; for a call that was answered meanwhile, gives the
    /// answer of then.
    async fn record(&self, call: &Call, made: Made) -> Result<Made, StorageError>;
}
