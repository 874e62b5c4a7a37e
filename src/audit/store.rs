//! What reading the audit log needs from the registry.

use async_trait::async_trait;

use super::log::{Entry, EntryFilter};
use crate::identity::Sight;
use crate::storage::{Page, PageRequest, StorageError};

/// The audit log in the registry. Entries are written by the transactions that change something; there is no way to
/// change or delete one.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// A page of the entries that match the filter, ascending by seq. [`Sight::All`] sees all of them, the service's own
    /// too; [`Sight::Bodies`] sees what officers of these bodies did, and what applicants of the enterprises did that
    /// these bodies own; the other sights see nothing.
    ///
    /// Errors: [`StorageError::PageToken`] for a token of another filter or sight.
    async fn entries(
        &self,
        sight: &Sight,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>, StorageError>;
}
