//! The commands on applications: hand in, take back, look at.

use std::sync::Arc;

use uuid::{ContextV7, Timestamp as IdTime, Uuid};

use super::draft::Draft;
use super::error::{ApplicationError, Refusal};
use super::form::Form;
use super::record::{Application, ApplicationDetail};
use super::store::{ApplicationFilter, ApplicationStore};
use crate::audit::Call;
use crate::identity::{Competences, Sight};
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

    /// Hands in one application.
    pub async fn submit(&self, call: &Call, draft: &Draft) -> Result<Application, ApplicationError> {
        let mut results = self.submit_batch(call, std::slice::from_ref(draft)).await?;
        match results.pop() {
            Some(result) => Ok(result?),
            None => Err(ApplicationError::NotFound),
        }
    }

    /// Hands in 1 to [`MAX_BATCH`] applications; each is taken or refused by itself, all in one transaction. One
    /// result a draft, in their order.
    pub async fn submit_batch(
        &self,
        call: &Call,
        drafts: &[Draft],
    ) -> Result<Vec<Result<Application, Refusal>>, ApplicationError> {
        if drafts.is_empty() || drafts.len() > MAX_BATCH {
            return Err(ApplicationError::BatchSize { given: drafts.len(), max: MAX_BATCH });
        }
        let ids = ContextV7::new();
        let forms = drafts.iter().map(|draft| Ok((new_id(&ids, call), self.check(call, draft)?))).collect();
        Ok(self.store.submit(call, forms).await?)
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

    fn check(&self, call: &Call, draft: &Draft) -> Result<Form, Refusal> {
        let competence = self.competences.current();
        let authority = competence
            .authority(&draft.authority)
            .ok_or_else(|| Refusal::UnknownAuthority { code: draft.authority.chars().take(16).collect() })?;
        draft.check(self.profile.as_ref(), &competence, authority, call.at).map_err(Refusal::Invalid)
    }
}

/// An identifier that ascends with the time of the call, and within one call.
fn new_id(ids: &ContextV7, call: &Call) -> Uuid {
    let seconds = u64::try_from(call.at.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(call.at.subsec_nanosecond()).unwrap_or(0);
    Uuid::new_v7(IdTime::from_unix(ids, seconds, nanoseconds))
}
