//! The commands on applications: hand in, take back, look at.

use std::sync::Arc;

use uuid::Uuid;

use super::draft::Draft;
use super::error::{ApplicationError, Refusal};
use super::form::Form;
use super::record::{Application, ApplicationDetail};
use super::store::{ApplicationFilter, ApplicationStore};
use crate::audit::Call;
use crate::identity::{Competences, Sight};
use crate::problem::FieldProblem;
use crate::profile::Profile;
use crate::storage::{Page, PageRequest};

/// Applications in one call: the answer names each in full and must stay below gRPC's message limit of 4 MiB.
pub const MAX_BATCH: usize = 200;

/// Applications: the second step of the flow.
#[derive(Clone)]
pub struct Applications {
    store: Arc<dyn ApplicationStore>,
    profile: Arc<dyn Profile>,
    competences: Arc<dyn Competences>,
}

impl Applications {
    /// Applications in that store, under that profile and the trust list in force.
    pub fn new(store: Arc<dyn ApplicationStore>, profile: Arc<dyn Profile>, competences: Arc<dyn Competences>) -> Self {
        Self { store, profile, competences }
    }

    /// Hands in one application. What is refused may be handed in again under the same request id once it is put
    /// right: by the white list, or by the clock.
    pub async fn submit(&self, call: &Call, draft: &Draft) -> Result<Application, ApplicationError> {
        self.store.submit(call, self.check(call, draft)).await
    }

    /// Hands in 1 to [`MAX_BATCH`] applications; each is taken or refused by itself, all in one transaction. One
    /// result a draft, in their order; they stand under the request id, refusals too. A draft that could not be read
    /// comes with what is wrong with it.
    pub async fn submit_batch(
        &self,
        call: &Call,
        drafts: &[Result<Draft, Vec<FieldProblem>>],
    ) -> Result<Vec<Result<Application, Refusal>>, ApplicationError> {
        Ok(self.store.submit_batch(call, self.forms(call, drafts)?).await?)
    }

    /// What [`Applications::submit_batch`] would answer now; nothing is stored.
    pub async fn preview_batch(
        &self,
        call: &Call,
        drafts: &[Result<Draft, Vec<FieldProblem>>],
    ) -> Result<Vec<Result<(), Refusal>>, ApplicationError> {
        Ok(self.store.preview_batch(call, self.forms(call, drafts)?).await?)
    }

    /// Takes back an application of the caller's own enterprise.
    pub async fn withdraw(&self, call: &Call, id: Uuid) -> Result<Application, ApplicationError> {
        self.store.withdraw(call, id).await
    }

    /// One application with its history.
    pub async fn get(&self, sight: &Sight, id: Uuid) -> Result<ApplicationDetail, ApplicationError> {
        self.store.application(sight, id).await?.ok_or(ApplicationError::NotFound)
    }

    /// Applications in the order of submission.
    pub async fn list(
        &self,
        sight: &Sight,
        filter: &ApplicationFilter,
        page: &PageRequest,
    ) -> Result<Page<Application>, ApplicationError> {
        Ok(self.store.applications(sight, filter, page).await?)
    }

    fn forms(
        &self,
        call: &Call,
        drafts: &[Result<Draft, Vec<FieldProblem>>],
    ) -> Result<Vec<Result<Form, Refusal>>, ApplicationError> {
        if drafts.is_empty() || drafts.len() > MAX_BATCH {
            return Err(ApplicationError::BatchSize { given: drafts.len(), max: MAX_BATCH });
        }
        let form = |draft: &Result<Draft, Vec<FieldProblem>>| match draft {
            Ok(draft) => self.check(call, draft),
            Err(problems) => Err(Refusal::Invalid(problems.clone())),
        };
        Ok(drafts.iter().map(form).collect())
    }

    fn check(&self, call: &Call, draft: &Draft) -> Result<Form, Refusal> {
        draft.check(self.profile.as_ref(), &self.competences.current(), call.at).map_err(Refusal::Invalid)
    }
}
