//! What relay and feed need from the registry: the status log and the outbox.

use async_trait::async_trait;
use tokio::sync::watch;

use super::entry::{Entry, LogView};
use crate::storage::StorageError;

/// The status log in the registry, and the outbox: the seqs of the log that are not on the bus yet.
#[async_trait]
pub trait StatusLog: Send + Sync {
    /// The newest committed seq, 0 if nothing was ever changed.
    async fn newest(&self) -> Result<u64, StorageError>;

    /// Word of each newer seq that this process commits. Other replicas' commits come by the bus.
    fn committed(&self) -> watch::Receiver<u64>;

    /// At most `limit` entries after `after`, in their order, without a hole; none if there is nothing newer.
    async fn after(&self, after: u64, limit: u32) -> Result<Vec<Entry>, StorageError>;

    /// What the log says up to its newest seq about the lists from `oldest_list` on. One moment: nothing that commits
    /// meanwhile is in it.
    async fn view(&self, oldest_list: u32) -> Result<LogView, StorageError>;

    /// At most `limit` entries that the outbox names, in their order.
    async fn pending(&self, limit: u32) -> Result<Vec<Entry>, StorageError>;

    /// How many entries the outbox names.
    async fn pending_count(&self) -> Result<u64, StorageError>;

    /// Takes the seqs up to `up_to` out of the outbox. Twice is as good as once.
    async fn delivered(&self, up_to: u64) -> Result<(), StorageError>;
}
