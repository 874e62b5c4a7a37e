//! What applications need from the registry.

use async_trait::async_trait;
use serde::Serialize;
use uuid::Uuid;

use super::error::{ApplicationError, Refusal};
use super::form::Form;
use super::record::{Application, ApplicationDetail};
use super::state::State;
use crate::audit::Call;
use crate::identity::Sight;
use crate::profile::Paper;
use crate::storage::{Page, PageRequest, StorageError};
use crate::whitelist::Category;

/// Applications in the registry.
#[async_trait]
pub trait ApplicationStore: Send + Sync {
    /// Stores a form, with its first step and its audit entry, in one transaction. Here the white list is asked: the
    /// enterprise must be on it and the caller its applicant, the tractor must be one of its vehicles. Name and contact
    /// of the enterprise are kept as they are at that moment. Identifiers ascend in the order of the commits. A call
    /// that was answered before gets the same application again, as it now stands; a form that was refused before
    /// this call is refused only if the call was not answered before.
    ///
    /// Errors: [`ApplicationError::Refused`], [`StorageError::RequestReused`]. Nothing is stored then, the request id
    /// neither.
    async fn submit(&self, call: &Call, form: Result<Form, Refusal>) -> Result<Application, ApplicationError>;

    /// The same for many forms in one transaction; a refused one stops no other and leaves nothing behind. One result a
    /// form, in their order; refusals are part of the stored answer.
    ///
    /// Errors: [`StorageError::RequestReused`]. Nothing is stored then.
    async fn submit_batch(
        &self,
        call: &Call,
        forms: Vec<Result<Form, Refusal>>,
    ) -> Result<Vec<Result<Application, Refusal>>, StorageError>;

    /// What [`ApplicationStore::submit_batch`] would answer now, by the white list as it is; nothing is stored.
    async fn preview_batch(
        &self,
        call: &Call,
        forms: Vec<Result<Form, Refusal>>,
    ) -> Result<Vec<Result<(), Refusal>>, StorageError>;

    /// Takes an application back, with its step and audit entry. Only the caller's own enterprise may; for all others
    /// it does not exist.
    ///
    /// Errors: [`ApplicationError::NotFound`], [`ApplicationError::State`] (also when another call was faster).
    async fn withdraw(&self, call: &Call, id: Uuid) -> Result<Application, ApplicationError>;

    /// The application with its steps; none if there is none within the sight. [`Sight::County`] sees applications
    /// whose origin or destination lies in its division.
    async fn application(&self, sight: &Sight, id: Uuid) -> Result<Option<ApplicationDetail>, StorageError>;

    /// A page of the applications within the sight that match the filter, in the order of submission.
    ///
    /// Errors: [`StorageError::PageToken`] for a token of another filter or sight.
    async fn applications(
        &self,
        sight: &Sight,
        filter: &ApplicationFilter,
        page: &PageRequest,
    ) -> Result<Page<Application>, StorageError>;
}

/// Which applications are asked for; what is none filters nothing. Values are normalised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ApplicationFilter {
    /// Handed in to this authority.
    pub authority: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// Of the enterprise with this number.
    pub enterprise: Option<u32>,
    /// With this tractor.
    pub tractor: Option<String>,
    /// With a person on board, by the form or by an amendment, who holds this paper.
    pub paper: Option<Paper>,
    /// Handed in at this time or later, in milliseconds since 1970.
    pub submitted_from_ms: Option<i64>,
    /// Handed in before this time, in milliseconds since 1970.
    pub submitted_before_ms: Option<i64>,
    /// Under the programme of this number.
    pub programme: Option<u32>,
    /// With cargo of this category.
    pub cargo: Option<Category>,
}
