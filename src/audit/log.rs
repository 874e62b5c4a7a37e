//! Reading the audit log. Writing has no command of its own: every change of state writes its entry in its own
//! transaction.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::store::AuditStore;
use crate::identity::Sight;
use crate::storage::{Page, PageRequest, StorageError};

/// The audit log, for auditors.
#[derive(Clone)]
pub struct AuditLog {
    store: Arc<dyn AuditStore>,
}

/// One entry: who did what to which thing, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number in the log, ascending.
    pub seq: u64,
    /// When the call was received.
    pub at: Timestamp,
    /// Body of the officer.
    pub body: String,
    /// The officer.
    pub officer: String,
    /// The method.
    pub method: String,
    /// The request id of the call; nil for the service's own changes.
    pub request_id: Uuid,
    /// Kind of the thing that was changed.
    pub subject_kind: String,
    /// The thing that was changed.
    pub subject: String,
    /// What was changed: JSON, without the people of an application or a listing; reasons stand in it as officers wrote
    /// them.
    pub detail: String,
}

/// Which entries are asked for; what is none filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EntryFilter {
    /// About this kind of thing.
    pub subject_kind: Option<String>,
    /// About this thing.
    pub subject: Option<String>,
    /// By an officer of this body.
    pub body: Option<String>,
    /// By this officer.
    pub officer: Option<String>,
    /// By this method.
    pub method: Option<String>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub before: Option<Timestamp>,
}

/// Why the log gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database failed, or the page token is none of this list.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AuditLog {
    /// The log in that store.
    pub fn new(store: Arc<dyn AuditStore>) -> Self {
        Self { store }
    }

    /// The entries that the caller may see, in the order of the log.
    pub async fn entries(
        &self,
        sight: &Sight,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>, AuditError> {
        Ok(self.store.entries(sight, filter, page).await?)
    }
}
