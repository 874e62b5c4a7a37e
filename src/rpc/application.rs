//! ApplicationService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::convert::{self, Numbers};
use super::proto;
use super::proto::application_service_server::ApplicationService;
use super::proto::submit_result::Result as Submitted;
use super::request::{change, missing, moment, page, read, some, uuid};
use super::sight::Sights;
use super::spelling::Spelling;
use super::status;
use crate::application::{ApplicationFilter, Applications, Refusal, State};
use crate::clock::Clock;
use crate::pass::Passes;

/// Amendments make several passes of one application; ListPasses shows those beyond.
const MAX_PASSES_SHOWN: u32 = 100;

/// Applications over gRPC.
pub struct Application {
    /// The room.
    pub room: Applications,
    /// The passes of an application.
    pub passes: Passes,
    /// What callers see.
    pub sights: Sights,
    /// How filters are spelled.
    pub spelling: Spelling,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl ApplicationService for Application {
    async fn submit_application(
        &self,
        request: Request<proto::SubmitApplicationRequest>,
    ) -> Result<Response<proto::SubmitApplicationResponse>, Status> {
        let (call, request) = change("SubmitApplication", request, self.clock.as_ref())?;
        let draft = convert::draft(request.form.ok_or_else(|| missing("form"))?)
            .map_err(|problems| status::refusal(&Refusal::Invalid(problems), Some("form")))?;
        let stored = self.room.submit(&call, &draft).await.map_err(|error| status::application(error, Some("form")))?;
        let application = Some(convert::application(stored, Numbers::Masked));
        Ok(Response::new(proto::SubmitApplicationResponse { application }))
    }

    async fn batch_submit_applications(
        &self,
        request: Request<proto::BatchSubmitApplicationsRequest>,
    ) -> Result<Response<proto::BatchSubmitApplicationsResponse>, Status> {
        let (call, request) = change("BatchSubmitApplications", request, self.clock.as_ref())?;
        let drafts: Vec<_> = request.forms.into_iter().map(convert::draft).collect();
        if request.dry_run {
            let checked =
                self.room.preview_batch(&call, &drafts).await.map_err(|error| status::application(error, None))?;
            let results = checked.into_iter().map(|result| match result {
                Ok(()) => Submitted::Application(proto::Application::default()),
                Err(refusal) => Submitted::Error(status::item_error(&status::refusal(&refusal, None))),
            });
            let results = results.map(|result| proto::SubmitResult { result: Some(result) }).collect();
            return Ok(Response::new(proto::BatchSubmitApplicationsResponse { results }));
        }
        let stored = self.room.submit_batch(&call, &drafts).await.map_err(|error| status::application(error, None))?;
        let results = stored
            .into_iter()
            .map(|result| match result {
                Ok(stored) => Submitted::Application(convert::application(stored, Numbers::Masked)),
                Err(refusal) => Submitted::Error(status::item_error(&status::refusal(&refusal, None))),
            })
            .map(|result| proto::SubmitResult { result: Some(result) })
            .collect();
        Ok(Response::new(proto::BatchSubmitApplicationsResponse { results }))
    }

    async fn get_application(
        &self,
        request: Request<proto::GetApplicationRequest>,
    ) -> Result<Response<proto::GetApplicationResponse>, Status> {
        let (officer, request) = read("GetApplication", request)?;
        let id = uuid("application_id", &request.application_id)?;
        let sight = self.sights.of(&officer);
        let detail = self.room.get(&sight, id).await.map_err(|error| status::application(error, None))?;
        let mut application = convert::application_detail(detail);
        let numbers = self.passes.numbers_of(&sight, id, MAX_PASSES_SHOWN).await.map_err(status::pass)?;
        application.pass_numbers = convert::numbers(&numbers);
        Ok(Response::new(proto::GetApplicationResponse { application: Some(application) }))
    }

    async fn list_applications(
        &self,
        request: Request<proto::ListApplicationsRequest>,
    ) -> Result<Response<proto::ListApplicationsResponse>, Status> {
        let (officer, request) = read("ListApplications", request)?;
        let filter = request.filter.unwrap_or_default();
        let filter = ApplicationFilter {
            authority: some(filter.authority),
            state: State::by_number(filter.state.into()),
            enterprise: (filter.enterprise_number > 0).then_some(filter.enterprise_number),
            tractor: self.spelling.tractor("filter.tractor", filter.tractor)?,
            paper: self.spelling.paper("filter.paper_number", filter.paper_kind, filter.paper_number)?,
            submitted_from_ms: moment(filter.submitted_from).map(|at| at.as_millisecond()),
            submitted_before_ms: moment(filter.submitted_before).map(|at| at.as_millisecond()),
            programme: (filter.programme > 0).then_some(filter.programme),
            cargo: convert::category(filter.cargo_category),
        };
        let page = page(request.page_size, request.page_token)?;
        let found = self
            .room
            .list(&self.sights.of(&officer), &filter, &page)
            .await
            .map_err(|error| status::application(error, None))?;
        let applications = found.items.into_iter().map(|one| convert::application(one, Numbers::Masked)).collect();
        Ok(Response::new(proto::ListApplicationsResponse { applications, next_page_token: found.next }))
    }

    async fn withdraw_application(
        &self,
        request: Request<proto::WithdrawApplicationRequest>,
    ) -> Result<Response<proto::WithdrawApplicationResponse>, Status> {
        let (call, request) = change("WithdrawApplication", request, self.clock.as_ref())?;
        let id = uuid("application_id", &request.application_id)?;
        let stored = self.room.withdraw(&call, id).await.map_err(|error| status::application(error, None))?;
        let application = Some(convert::application(stored, Numbers::Masked));
        Ok(Response::new(proto::WithdrawApplicationResponse { application }))
    }
}
