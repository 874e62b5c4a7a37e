//! The commands on passes: issue, and show.

use std::sync::Arc;

use freightpass_core::pass::PassNumber;
use uuid::Uuid;

use super::error::{PassError, Refusal};
use super::issuer::Issuer;
use super::record::{Issued, Pass, PassFilter};
use super::store::{Order, PassStore};
use crate::application::Application;
use crate::approval::{Decision, Picked};
use crate::audit::Call;
use crate::identity::Sight;
use crate::storage::{Page, PageRequest};

/// Applications in one batch: as many as are decided in one, for the same reasons.
pub const MAX_BATCH: usize = crate::approval::MAX_BATCH;

/// Passes, for approvers and those who look after them.
#[derive(Clone)]
pub struct Passes {
    store: Arc<dyn PassStore>,
    issuer: Arc<Issuer>,
}

impl Passes {
    /// Passes in that store, issued by that issuer.
    pub fn new(store: Arc<dyn PassStore>, issuer: Arc<Issuer>) -> Self {
        Self { store, issuer }
    }

    /// Issues the pass of an application that was approved before.
    ///
    /// # Errors
    /// As [`PassStore::issue`].
    pub async fn issue(&self, call: &Call, application: Uuid) -> Result<Issued, PassError> {
        self.store.issue(call, Arc::clone(&self.issuer), Order { application, decision: None }).await
    }

    /// Approves an application and issues its pass, in one step.
    ///
    /// # Errors
    /// As [`PassStore::issue`].
    pub async fn approve_and_issue(
        &self,
        call: &Call,
        application: Uuid,
        decision: Decision,
    ) -> Result<Issued, PassError> {
        let order = Order { application, decision: Some(decision) };
        self.store.issue(call, Arc::clone(&self.issuer), order).await
    }

    /// Approves up to [`MAX_BATCH`] applications for the time that they planned and issues their passes, each decided
    /// by itself. One result an item, in their order.
    ///
    /// # Errors
    /// [`PassError::BatchSize`], and as [`PassStore::issue_batch`].
    pub async fn approve_and_issue_batch(
        &self,
        call: &Call,
        picked: Vec<Picked>,
    ) -> Result<Vec<Result<Issued, Refusal>>, PassError> {
        let orders = batch(picked)?;
        self.store.issue_batch(call, Arc::clone(&self.issuer), orders).await
    }

    /// What [`Passes::approve_and_issue_batch`] would refuse; nothing is changed and nothing signed. One result an item,
    /// in their order: the application as it stands, or why it would get no pass.
    ///
    /// # Errors
    /// [`PassError::BatchSize`], and as [`PassStore::rehearse_batch`].
    pub async fn rehearse_batch(
        &self,
        call: &Call,
        picked: Vec<Picked>,
    ) -> Result<Vec<Result<Application, Refusal>>, PassError> {
        let orders = batch(picked)?;
        self.store.rehearse_batch(call, Arc::clone(&self.issuer), orders).await
    }

    /// The pass of that number.
    ///
    /// # Errors
    /// [`PassError::NotFound`], also for what the caller may not see.
    pub async fn pass(&self, sight: &Sight, number: PassNumber) -> Result<Pass, PassError> {
        self.store.pass(sight, number).await?.ok_or(PassError::NotFound)
    }

    /// The numbers of the last `most` passes of the application that the caller may see, the last issued last.
    ///
    /// # Errors
    /// [`PassError::Storage`].
    pub async fn numbers_of(&self, sight: &Sight, application: Uuid, most: u32) -> Result<Vec<PassNumber>, PassError> {
        Ok(self.store.numbers_of(sight, application, most).await?)
    }

    /// Passes that the caller may see, ascending by number.
    ///
    /// # Errors
    /// [`PassError::Storage`]: a page token of another filter.
    pub async fn passes(
        &self,
        sight: &Sight,
        filter: &PassFilter,
        page: &PageRequest,
    ) -> Result<Page<Pass>, PassError> {
        Ok(self.store.passes(sight, filter, page).await?)
    }
}

/// The orders of a batch, each as planned.
///
/// # Errors
/// [`PassError::BatchSize`].
pub fn batch(picked: Vec<Picked>) -> Result<Vec<Order>, PassError> {
    let given = picked.len();
    if !(1..=MAX_BATCH).contains(&given) {
        return Err(PassError::BatchSize { given, max: MAX_BATCH });
    }
    let planned = |one: Picked| Order { application: one.id, decision: Some(one.as_planned()) };
    Ok(picked.into_iter().map(planned).collect())
}
