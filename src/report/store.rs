//! What reports need from the registry.

use async_trait::async_trait;
use jiff::Timestamp;

use super::day::Figures;
use crate::identity::Sight;
use crate::storage::StorageError;

/// What was done, in the registry.
#[async_trait]
pub trait ReportStore: Send + Sync {
    /// What happened at `from <= t < until` to applications and passes of the authorities within the sight; sights of
    /// counties and enterprises have none. Times are those of the calls, to the millisecond. Each figure is exact for what
    /// was committed when it was read; figures of a day that is over agree with each other.
    async fn figures(&self, sight: &Sight, from: Timestamp, until: Timestamp) -> Result<Figures, StorageError>;
}
