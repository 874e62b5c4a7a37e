//! What decisions need from the registry.

use async_trait::async_trait;
use freightpass_core::division::Division;
use uuid::Uuid;

use super::decision::{Decision, Picked};
use super::error::{ApprovalError, Refusal};
use crate::application::{Application, RejectionReason};
use crate::audit::Call;

/// Decisions in the registry. Each is one transaction with its step and its audit entry, and holds only while the
/// application is in the state that was read: of two at once exactly one is made, the other gets
/// [`Refusal::State`]. A call that was answered before changes nothing and gets the application as it now
/// stands. Every method may give [`StorageError::RequestReused`](crate::storage::StorageError::RequestReused).
#[async_trait]
pub trait ApprovalStore: Send + Sync {
    /// Recommends a submitted application whose origin or destination is the county; others do not exist for it.
    async fn recommend(
        &self,
        call: &Call,
        county: &Division,
        id: Uuid,
        comment: String,
    ) -> Result<Application, ApprovalError>;

    /// Rejects an application of the calling officer's authority; others do not exist for it.
    async fn reject(
        &self,
        call: &Call,
        id: Uuid,
        reason: RejectionReason,
        text: String,
    ) -> Result<Application, ApprovalError>;

    /// Approves an application of the calling officer's authority, and issues nothing. The room `pass` approves and
    /// issues in one transaction of its own. The rules of the programme are asked inside the transaction: whether a
    /// county must speak for it, and whether the evidence counts when the pass would begin.
    async fn decide(&self, call: &Call, id: Uuid, decision: Decision) -> Result<Application, ApprovalError>;

    /// The same for many applications, each for the time that it planned, in one transaction; a refused one stops no
    /// other and leaves nothing behind. One result an application, in their order; refusals are part of the stored
    /// answer. A dry run gives the same refusals and the other applications as they stand; it stores nothing, no answer
    /// either, and asks for none that was stored.
    async fn decide_batch(
        &self,
        call: &Call,
        picked: Vec<Picked>,
        dry_run: bool,
    ) -> Result<Vec<Result<Application, Refusal>>, ApprovalError>;

    /// Rejects many applications for one reason, as [`ApprovalStore::decide_batch`] approves them.
    async fn reject_batch(
        &self,
        call: &Call,
        picked: Vec<Picked>,
        reason: RejectionReason,
        text: String,
        dry_run: bool,
    ) -> Result<Vec<Result<Application, Refusal>>, ApprovalError>;
}
