//! The commands that change the status of passes, or put one pass in the place of another.

use std::sync::Arc;

use freightpass_core::pass::PassNumber;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::change::{Change, ChangeFilter, Step, Why};
use super::error::RevocationError;
use super::store::{Amended, Amendment, RevocationStore, Stopped, Taken};
use crate::application::{Application, DraftPerson, checked_crew};
use crate::approval::{Decision, Picked};
use crate::audit::Call;
use crate::identity::Sight;
use crate::pass::{Issued, Issuer, Order, PassError, Refusal, StatusReason, batch};
use crate::problem::Problems;
use crate::profile::{Profile, VehicleKind};
use crate::storage::{Page, PageRequest};

/// Changes of status, for revokers.
#[derive(Clone)]
pub struct Revocations {
    store: Arc<dyn RevocationStore>,
    profile: Arc<dyn Profile>,
    issuer: Arc<Issuer>,
}

/// What to change on a pass, as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AmendDraft {
    /// Plate of the trailer from now on; empty: none; absent: as before.
    pub trailer: Option<String>,
    /// The whole crew from now on; empty: as before.
    pub crew: Vec<DraftPerson>,
    /// Why, in words.
    pub reason_text: String,
}

impl Revocations {
    /// Changes in that store; passes that replace others are issued by that issuer.
    pub fn new(store: Arc<dyn RevocationStore>, profile: Arc<dyn Profile>, issuer: Arc<Issuer>) -> Self {
        Self { store, profile, issuer }
    }

    /// Revokes a pass, for good. Revoking it again changes nothing and gives the change that revoked it.
    ///
    /// # Errors
    /// [`RevocationError::Invalid`], and as [`RevocationStore::take`]; never [`RevocationError::State`].
    pub async fn revoke(
        &self,
        call: &Call,
        sight: &Sight,
        number: PassNumber,
        reason: Option<StatusReason>,
        text: &str,
    ) -> Result<Taken, RevocationError> {
        self.take(call, sight, number, Step::Revoke, reason, text).await
    }

    /// Suspends an issued pass.
    ///
    /// # Errors
    /// [`RevocationError::Invalid`], and as [`RevocationStore::take`].
    pub async fn suspend(
        &self,
        call: &Call,
        sight: &Sight,
        number: PassNumber,
        reason: Option<StatusReason>,
        text: &str,
    ) -> Result<Change, RevocationError> {
        Ok(self.take(call, sight, number, Step::Suspend, reason, text).await?.change)
    }

    /// Lets a suspended pass go on.
    ///
    /// # Errors
    /// [`RevocationError::Invalid`], and as [`RevocationStore::take`].
    pub async fn resume(
        &self,
        call: &Call,
        sight: &Sight,
        number: PassNumber,
        reason: Option<StatusReason>,
        text: &str,
    ) -> Result<Change, RevocationError> {
        Ok(self.take(call, sight, number, Step::Resume, reason, text).await?.change)
    }

    /// What the revocation of the enterprise would stop at that moment.
    ///
    /// # Errors
    /// As [`RevocationStore::enterprise_stop`].
    pub async fn enterprise_stop(&self, sight: &Sight, number: u32, at: Timestamp) -> Result<Stopped, RevocationError> {
        self.store.enterprise_stop(sight, number, at).await
    }

    /// Takes an enterprise off the white list and revokes its passes.
    ///
    /// # Errors
    /// [`RevocationError::Invalid`] without words, and as [`RevocationStore::revoke_enterprise`].
    pub async fn revoke_enterprise(
        &self,
        call: &Call,
        sight: &Sight,
        number: u32,
        text: &str,
    ) -> Result<Stopped, RevocationError> {
        let why = Why::told(StatusReason::EnterpriseDelisted, text).map_err(RevocationError::Invalid)?;
        self.store.revoke_enterprise(call, sight, number, why).await
    }

    /// Issues a pass with another trailer or another crew in the place of one that is under way.
    ///
    /// # Errors
    /// [`RevocationError::Invalid`], and as [`RevocationStore::amend`].
    pub async fn amend(&self, call: &Call, number: PassNumber, draft: &AmendDraft) -> Result<Amended, RevocationError> {
        let amendment = self.amendment(call.at, draft)?;
        self.store.amend(call, Arc::clone(&self.issuer), number, amendment).await
    }

    /// Issues the pass of an approved application, in the place of the passes that overlap.
    ///
    /// # Errors
    /// As [`RevocationStore::issue_replacing`].
    pub async fn issue_replacing(&self, call: &Call, sight: &Sight, application: Uuid) -> Result<Issued, PassError> {
        let order = Order { application, decision: None };
        self.store.issue_replacing(call, sight, Arc::clone(&self.issuer), order).await
    }

    /// Approves an application and issues its pass, in the place of the passes that overlap.
    ///
    /// # Errors
    /// As [`RevocationStore::issue_replacing`].
    pub async fn approve_and_issue_replacing(
        &self,
        call: &Call,
        sight: &Sight,
        application: Uuid,
        decision: Decision,
    ) -> Result<Issued, PassError> {
        let order = Order { application, decision: Some(decision) };
        self.store.issue_replacing(call, sight, Arc::clone(&self.issuer), order).await
    }

    /// Approves many applications and issues their passes, in the place of the passes that overlap.
    ///
    /// # Errors
    /// [`PassError::BatchSize`], and as [`RevocationStore::issue_batch_replacing`].
    pub async fn approve_and_issue_batch_replacing(
        &self,
        call: &Call,
        sight: &Sight,
        picked: Vec<Picked>,
    ) -> Result<Vec<Result<Issued, Refusal>>, PassError> {
        let orders = batch(picked)?;
        self.store.issue_batch_replacing(call, sight, Arc::clone(&self.issuer), orders).await
    }

    /// What [`Revocations::approve_and_issue_batch_replacing`] would refuse; nothing is changed and nothing signed.
    ///
    /// # Errors
    /// [`PassError::BatchSize`], and as [`RevocationStore::rehearse_batch_replacing`].
    pub async fn rehearse_batch_replacing(
        &self,
        call: &Call,
        sight: &Sight,
        picked: Vec<Picked>,
    ) -> Result<Vec<Result<Application, Refusal>>, PassError> {
        let orders = batch(picked)?;
        self.store.rehearse_batch_replacing(call, sight, Arc::clone(&self.issuer), orders).await
    }

    /// Changes that the caller may see, in the order of the log.
    ///
    /// # Errors
    /// [`RevocationError::Storage`]: a page token of another filter.
    pub async fn changes(
        &self,
        sight: &Sight,
        filter: &ChangeFilter,
        page: &PageRequest,
    ) -> Result<Page<Change>, RevocationError> {
        Ok(self.store.changes(sight, filter, page).await?)
    }

    /// Closes the leases of the keys that sign nothing from now on; gives how many.
    ///
    /// # Errors
    /// [`RevocationError::Storage`].
    pub async fn close_leases(&self) -> Result<u32, RevocationError> {
        let now = self.issuer.now();
        let from = u32::try_from(now.as_second()).unwrap_or(0);
        Ok(self.store.close_leases(self.issuer.signer().keys_in_use(from), now).await?)
    }

    /// Closes such leases now, and whenever another trust list is in force, until `stop`. What fails is logged and done
    /// at the next list or the next start: until then its places are unused, and nothing else is wrong.
    pub async fn follow_keys(self, mut trust_lists: watch::Receiver<u32>, stop: CancellationToken) {
        loop {
            match self.close_leases().await {
                Ok(0) => {}
                Ok(leases) => tracing::info!(leases, "closed the leases of keys that sign no more"),
                Err(error) => tracing::error!(%error, "leases of keys that sign no more stay open"),
            }
            let changed = tokio::select! {
                () = stop.cancelled() => return,
                changed = trust_lists.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    }

    async fn take(
        &self,
        call: &Call,
        sight: &Sight,
        number: PassNumber,
        step: Step,
        reason: Option<StatusReason>,
        text: &str,
    ) -> Result<Taken, RevocationError> {
        let why = Why::of(step, reason, text).map_err(RevocationError::Invalid)?;
        self.store.take(call, sight, number, step, why).await
    }

    fn amendment(&self, at: Timestamp, draft: &AmendDraft) -> Result<Amendment, RevocationError> {
        let profile = self.profile.as_ref();
        let mut found = Problems::default();
        let trailer = match draft.trailer.as_deref().map(str::trim) {
            None => None,
            Some("") => Some(None),
            Some(plate) => found.field("trailer", profile.plate(VehicleKind::Trailer, plate)).map(Some),
        };
        let crew = match draft.crew.as_slice() {
            [] => None,
            sent => checked_crew(sent, profile, profile.day(at), &mut found),
        };
        let why = Why::told(StatusReason::Replaced, &draft.reason_text);
        match why {
            Ok(why) if found.is_empty() => Ok(Amendment { trailer, crew, why }),
            why => {
                let mut problems = found.into_vec();
                problems.extend(why.err().into_iter().flatten());
                Err(RevocationError::Invalid(problems))
            }
        }
    }
}
