//! The commands on applications: hand in, take back, look at.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use uuid::Uuid;

use super::draft::Draft;
use super::error::{ApplicationError, Refusal};
use super::form::Form;
use super::record::{Application, ApplicationDetail};
use super::rules::{Asked, Programmes, Unmet};
use super::store::{ApplicationFilter, ApplicationStore};
use crate::audit::Call;
use crate::identity::{Competences, Sight};
use crate::problem::FieldProblem;
use crate::profile::Profile;
use crate::storage::{Page, PageRequest, StorageError};

/// Applications in one call: the answer names each in full and must stay below gRPC's message limit of 4 MiB.
pub const MAX_BATCH: usize = 200;

/// Applications: the second step of the flow.
#[derive(Clone)]
pub struct Applications {
    store: Arc<dyn ApplicationStore>,
    profile: Arc<dyn Profile>,
    competences: Arc<dyn Competences>,
    programmes: Programmes,
}

impl Applications {
    /// Applications in that store, under that profile, the trust list in force and the rules of programmes.
    pub fn new(
        store: Arc<dyn ApplicationStore>,
        profile: Arc<dyn Profile>,
        competences: Arc<dyn Competences>,
        programmes: Programmes,
    ) -> Self {
        Self { store, profile, competences, programmes }
    }

    /// Hands in one application. What is refused may be handed in again under the same request id once it is put
    /// right: by the white list, or by the clock.
    pub async fn submit(&self, call: &Call, draft: &Draft) -> Result<Application, ApplicationError> {
        let form = self.check(call, draft, &mut RulesSeen::new()).await?;
        self.store.submit(call, form).await
    }

    /// Hands in 1 to [`MAX_BATCH`] applications; each is taken or refused by itself, all in one transaction. One
    /// result a draft, in their order; they stand under the request id, refusals too. A draft that could not be read
    /// comes with what is wrong with it.
    pub async fn submit_batch(
        &self,
        call: &Call,
        drafts: &[Result<Draft, Vec<FieldProblem>>],
    ) -> Result<Vec<Result<Application, Refusal>>, ApplicationError> {
        Ok(self.store.submit_batch(call, self.forms(call, drafts).await?).await?)
    }

    /// What [`Applications::submit_batch`] would answer now; nothing is stored.
    pub async fn preview_batch(
        &self,
        call: &Call,
        drafts: &[Result<Draft, Vec<FieldProblem>>],
    ) -> Result<Vec<Result<(), Refusal>>, ApplicationError> {
        Ok(self.store.preview_batch(call, self.forms(call, drafts).await?).await?)
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

    async fn forms(
        &self,
        call: &Call,
        drafts: &[Result<Draft, Vec<FieldProblem>>],
    ) -> Result<Vec<Result<Form, Refusal>>, ApplicationError> {
        if drafts.is_empty() || drafts.len() > MAX_BATCH {
            return Err(ApplicationError::BatchSize { given: drafts.len(), max: MAX_BATCH });
        }
        let mut seen = RulesSeen::new();
        let mut forms = Vec::with_capacity(drafts.len());
        for draft in drafts {
            forms.push(match draft {
                Ok(draft) => self.check(call, draft, &mut seen).await?,
                Err(problems) => Err(Refusal::Invalid(problems.clone())),
            });
        }
        Ok(forms)
    }

    /// The form, with the evidence that the rules of its programme ask for. They are looked at again when it is decided.
    async fn check(
        &self,
        call: &Call,
        draft: &Draft,
        seen: &mut RulesSeen,
    ) -> Result<Result<Form, Refusal>, StorageError> {
        let form = match draft.check(self.profile.as_ref(), &self.competences.current(), call.at) {
            Ok(form) => form,
            Err(problems) => return Ok(Err(Refusal::Invalid(problems))),
        };
        let asked = match seen.entry((form.authority.clone(), form.programme)) {
            Entry::Occupied(asked) => asked.into_mut(),
            Entry::Vacant(place) => place.insert(self.programmes.asked(&form.authority, form.programme).await?),
        };
        let unmet = asked.unmet(&form.evidence, form.crew.len(), form.planned.start);
        Ok(if unmet.is_empty() { Ok(form) } else { Err(Refusal::Invalid(unmet.iter().map(Unmet::problem).collect())) })
    }
}

/// The rules that one call has read, by authority and programme.
type RulesSeen = HashMap<(String, u16), Asked>;
