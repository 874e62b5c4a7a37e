//! What the white list needs from the registry.

use async_trait::async_trait;
use serde::Serialize;

use super::enterprise::{Enterprise, EnterpriseDetail, EnterpriseState};
use super::rows::{CheckedRow, ImportReport};
use crate::audit::Call;
use crate::identity::Sight;
use crate::profile::Paper;
use crate::storage::{Page, PageRequest, StorageError};

/// The white list in the registry.
#[async_trait]
pub trait WhitelistStore: Send + Sync {
    /// Makes a [`Plan`](super::Plan) for the rows on the list as it is, and carries it out, all in one transaction
    /// with one audit entry for each enterprise of which something is new or changed. The entries belong to the body
    /// of the calling officer. A call that was answered before gets its report again and changes nothing.
    ///
    /// Errors: [`StorageError::RequestReused`]. Nothing is stored then.
    async fn import(&self, call: &Call, rows: Vec<CheckedRow>) -> Result<ImportReport, StorageError>;

    /// Makes the same plan and writes nothing, not even the request id. What another call commits meanwhile may make
    /// the import answer differently.
    async fn preview(&self, authority: &str, rows: Vec<CheckedRow>) -> Result<ImportReport, StorageError>;

    /// The enterprise, if it is on the list (delisted ones are) and within the sight; [`Sight::County`] sees none.
    async fn enterprise(&self, sight: &Sight, key: &EnterpriseKey) -> Result<Option<EnterpriseDetail>, StorageError>;

    /// A page of the enterprises within the sight that match the filter, ascending by number.
    ///
    /// Errors: [`StorageError::PageToken`] for a token of another filter or sight.
    async fn enterprises(
        &self,
        sight: &Sight,
        filter: &EnterpriseFilter,
        page: &PageRequest,
    ) -> Result<Page<Enterprise>, StorageError>;
}

/// One of the two names of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnterpriseKey {
    /// Its number on the white list.
    Number(u32),
    /// Its code, normalised.
    Code(String),
}

/// Which enterprises are asked for; what is none filters nothing. Values are normalised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EnterpriseFilter {
    /// Owned by this authority.
    pub authority: Option<String>,
    /// Number of the key industry.
    pub industry: Option<u8>,
    /// In this state.
    pub state: Option<EnterpriseState>,
    /// With a vehicle of this plate.
    pub plate: Option<String>,
    /// With a person who holds this paper. It stands in no page token, only in its hash.
    pub paper: Option<Paper>,
    /// Whose name begins so.
    pub name_prefix: Option<String>,
}
