//! What changes of status need from the registry.

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use freightpass_core::key::Kid;
use freightpass_core::pass::PassNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::{Change, ChangeFilter, Step, Why};
use super::error::RevocationError;
use crate::application::Application;
use crate::audit::Call;
use crate::identity::Sight;
use crate::pass::{Issued, Issuer, Order, Pass, PassError, Refusal};
use crate::storage::{Page, PageRequest, StorageError};
use crate::whitelist::Person;

/// Changes of status in the registry.
///
/// Each is one transaction with its rows in `passes`, its entries in the status log (numbered without holes) and the
/// outbox, and one audit entry for each pass; nothing of it is seen before all is committed. A call that was answered
/// before gets its answer again and changes nothing. Every method that changes something may give
/// [`StorageError::RequestReused`].
#[async_trait]
pub trait RevocationStore: Send + Sync {
    /// Takes a step with a pass within the sight, at the time of the call. Revoking one that is revoked changes
    /// nothing, writes no audit entry, and answers with the change that revoked it: of many at once each gets the one
    /// seq. An expired pass may be changed while its status list is live.
    ///
    /// Errors: [`RevocationError::NotFound`], [`RevocationError::State`], [`RevocationError::ListEnded`].
    async fn take(
        &self,
        call: &Call,
        sight: &Sight,
        number: PassNumber,
        step: Step,
        why: Why,
    ) -> Result<Taken, RevocationError>;

    /// What [`RevocationStore::revoke_enterprise`] would stop at that moment; nothing is written.
    ///
    /// Errors: [`RevocationError::NotFound`], [`RevocationError::EnterpriseDelisted`].
    async fn enterprise_stop(&self, sight: &Sight, number: u32, at: Timestamp) -> Result<Stopped, RevocationError>;

    /// Takes an enterprise off the white list and revokes its passes, whoever issued them, that are not revoked and
    /// whose end is after the time of the call: all in one transaction, for one reason.
    ///
    /// Errors: [`RevocationError::NotFound`], [`RevocationError::EnterpriseDelisted`].
    async fn revoke_enterprise(
        &self,
        call: &Call,
        sight: &Sight,
        number: u32,
        why: Why,
    ) -> Result<Stopped, RevocationError>;

    /// Issues a pass for the same application with another trailer or another crew, from now to the same end, and
    /// revokes the old one, in one transaction. A crew that is not the application's is kept with the new pass as the
    /// application keeps its own: papers and mobiles encrypted, the pass and its application found by a paper in it.
    /// Only the authority that issued may.
    ///
    /// Errors: [`RevocationError::NotFound`], [`RevocationError::Invalid`] (nothing would change),
    /// [`RevocationError::State`], [`RevocationError::Expired`], [`RevocationError::Pass`].
    async fn amend(
        &self,
        call: &Call,
        issuer: Arc<Issuer>,
        number: PassNumber,
        amendment: Amendment,
    ) -> Result<Amended, RevocationError>;

    /// [`PassStore::issue`](crate::pass::PassStore::issue), but the passes of the same tractor that overlap are
    /// revoked in the same transaction, if they lie within the sight; others are in the way as ever.
    ///
    /// Errors: as there.
    async fn issue_replacing(
        &self,
        call: &Call,
        sight: &Sight,
        issuer: Arc<Issuer>,
        order: Order,
    ) -> Result<Issued, PassError>;

    /// [`PassStore::issue_batch`](crate::pass::PassStore::issue_batch) likewise. No item replaces one of the same
    /// batch.
    ///
    /// Errors: as there.
    async fn issue_batch_replacing(
        &self,
        call: &Call,
        sight: &Sight,
        issuer: Arc<Issuer>,
        orders: Vec<Order>,
    ) -> Result<Vec<Result<Issued, Refusal>>, PassError>;

    /// [`PassStore::rehearse_batch`](crate::pass::PassStore::rehearse_batch) likewise.
    async fn rehearse_batch_replacing(
        &self,
        call: &Call,
        sight: &Sight,
        issuer: Arc<Issuer>,
        orders: Vec<Order>,
    ) -> Result<Vec<Result<Application, Refusal>>, PassError>;

    /// A page of the changes to passes within the sight that match the filter, in the order of the log. What was
    /// left of closed leases is no pass and not among them.
    ///
    /// Errors: [`StorageError::PageToken`] for a token of another filter or sight.
    async fn changes(
        &self,
        sight: &Sight,
        filter: &ChangeFilter,
        page: &PageRequest,
    ) -> Result<Page<Change>, StorageError>;

    /// Closes the leases of all keys but these, and publishes what was left of them as revoked where the list is
    /// live; gives how many leases it closed. Doing it again closes nothing.
    async fn close_leases(&self, in_use: Vec<Kid>, at: Timestamp) -> Result<u32, StorageError>;
}

/// A step that was taken, or had been taken before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The change that led there.
    pub change: Change,
    /// The pass had been revoked before, by another request: `change` is that one.
    pub already: bool,
}

/// What the revocation of an enterprise stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Different tractors among the passes.
    pub trucks: u32,
    /// Passes.
    pub passes: u32,
    /// First and last number in the status log; none where there was no pass, and in a dry run.
    pub seqs: Option<RangeInclusive<u64>>,
}

/// What to change on a pass; what is none stays as the pass says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The trailer from now on, normalised; `Some(None)`: no trailer.
    pub trailer: Option<Option<String>>,
    /// The whole crew from now on.
    pub crew: Option<Vec<Person>>,
    /// Why.
    pub why: Why,
}

/// What an amendment has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    /// The new pass, as it now stands.
    pub pass: Pass,
    /// The change that revoked the old one.
    pub change: Change,
}
