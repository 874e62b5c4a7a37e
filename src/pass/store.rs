//! What passes need from the registry.

use std::sync::Arc;

use async_trait::async_trait;
use freightpass_core::pass::PassNumber;
use uuid::Uuid;

use super::error::{PassError, Refusal};
use super::issuer::Issuer;
use super::record::{Issued, Pass, PassFilter};
use crate::application::Application;
use crate::approval::Decision;
use crate::audit::Call;
use crate::identity::Sight;
use crate::storage::{Page, PageRequest, StorageError};

/// Places of a status list that are leased at once for one key: a run of entries of a survivors set needs one first
/// index, and 256 lose little when a lease is closed.
pub const LEASE_SIZE: u32 = 256;

/// Places of a status list when it is first published.
pub const FIRST_CAPACITY: u32 = 65_536;

/// One application to issue a pass for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The application.
    pub application: Uuid,
    /// The decision to make in the same step; none for an application that was approved before.
    pub decision: Option<Decision>,
}

/// Passes in the registry.
#[async_trait]
pub trait PassStore: Send + Sync {
    /// Decides (where the order says so) and issues one pass, in one transaction: the application's step, the number,
    /// the place in the status list, the signature, the pass, the audit entries and the answer under the request id.
    /// Nothing of it is seen, and the signature does not leave this call, before all is committed. A call that was
    /// answered before gets the same pass again, as it now stands.
    ///
    /// Two unrevoked passes of one tractor never overlap, and an application has one unrevoked pass; after a revocation
    /// it has another only where the reason lets it ([`StatusReason::lets_issue_again`]). Places are
    /// leased in blocks of [`LEASE_SIZE`] for one list and key, never beyond what the newest signed manifest
    /// publishes for the list, except while there is no manifest at all: then up to [`FIRST_CAPACITY`].
    ///
    /// Errors: [`PassError::Refused`], [`PassError::Signer`], [`StorageError::RequestReused`]. Nothing is stored then.
    async fn issue(&self, call: &Call, issuer: Arc<Issuer>, order: Order) -> Result<Issued, PassError>;

    /// The same for many orders in one transaction; a refused item stops no other and leaves nothing behind. One
    /// result an item, in their order; refusals are part of the stored answer.
    ///
    /// Errors: [`PassError::Signer`], [`StorageError::RequestReused`]. Nothing is stored then.
    async fn issue_batch(
        &self,
        call: &Call,
        issuer: Arc<Issuer>,
        orders: Vec<Order>,
    ) -> Result<Vec<Result<Issued, Refusal>>, PassError>;

    /// What [`PassStore::issue_batch`] would refuse: all of it happens but the signing, and is taken back; no answer is
    /// stored, and none that was stored is asked for. One result an item, in their order: the application as it stands,
    /// or why it would get no pass.
    async fn rehearse_batch(
        &self,
        call: &Call,
        issuer: Arc<Issuer>,
        orders: Vec<Order>,
    ) -> Result<Vec<Result<Application, Refusal>>, PassError>;

    /// The pass; none if there is none of that number within the sight. [`Sight::County`] sees none.
    async fn pass(&self, sight: &Sight, number: PassNumber) -> Result<Option<Pass>, StorageError>;

    /// The numbers of the last `most` passes of the application within the sight, the last issued last.
    /// [`Sight::County`] sees none.
    async fn numbers_of(&self, sight: &Sight, application: Uuid, most: u32) -> Result<Vec<PassNumber>, StorageError>;

    /// A page of the passes within the sight that match the filter, ascending by number.
    ///
    /// Errors: [`StorageError::PageToken`] for a token of another filter or sight.
    async fn passes(&self, sight: &Sight, filter: &PassFilter, page: &PageRequest) -> Result<Page<Pass>, StorageError>;
}
