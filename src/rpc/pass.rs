//! PassService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::convert;
use super::proto;
use super::proto::pass_service_server::PassService;
use super::request::{change, may_replace, page, pass_number, read, some, uuid};
use super::sight::Sights;
use super::spelling::Spelling;
use super::status;
use crate::arrival::Arrivals;
use crate::clock::Clock;
use crate::pass::{PassFilter, Passes};
use crate::revocation::Revocations;

/// Passes over gRPC.
pub struct Pass {
    /// The room.
    pub room: Passes,
    /// Replacing issues and revokes in one step: that lives with revocation.
    pub revocations: Revocations,
    /// What is known of their trucks.
    pub arrivals: Arrivals,
    /// What callers see.
    pub sights: Sights,
    /// How filters are spelled.
    pub spelling: Spelling,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl PassService for Pass {
    async fn issue_pass(
        &self,
        request: Request<proto::IssuePassRequest>,
    ) -> Result<Response<proto::IssuePassResponse>, Status> {
        let (call, request) = change("IssuePass", request, self.clock.as_ref())?;
        if !self.sights.decides(&call.officer) {
            return Err(status::not_found("application"));
        }
        may_replace(&call, request.replace_overlapping)?;
        let application = uuid("application_id", &request.application_id)?;
        let issued = if request.replace_overlapping {
            let sight = self.sights.of(&call.officer);
            self.revocations.issue_replacing(&call, &sight, application).await.map_err(status::pass)?
        } else {
            self.room.issue(&call, application).await.map_err(status::pass)?
        };
        Ok(Response::new(proto::IssuePassResponse {
            pass: Some(convert::pass_with_text(&issued.pass, self.clock.now_s())),
            replaced_pass_numbers: convert::numbers(&issued.replaced),
        }))
    }

    async fn get_pass(
        &self,
        request: Request<proto::GetPassRequest>,
    ) -> Result<Response<proto::GetPassResponse>, Status> {
        let (officer, request) = read("GetPass", request)?;
        let number = pass_number("pass_number", &request.pass_number)?;
        let found = self.room.pass(&self.sights.of(&officer), number).await.map_err(status::pass)?;
        let known = self.arrivals.known(&[number]).await.map_err(|error| status::storage(&error))?;
        let mut pass = convert::pass_with_text(&found, self.clock.now_s());
        pass.arrival = known.get(&number).map(convert::known);
        Ok(Response::new(proto::GetPassResponse { pass: Some(pass) }))
    }

    async fn list_passes(
        &self,
        request: Request<proto::ListPassesRequest>,
    ) -> Result<Response<proto::ListPassesResponse>, Status> {
        let (officer, request) = read("ListPasses", request)?;
        let filter = request.filter.unwrap_or_default();
        let filter = PassFilter {
            authority: some(filter.authority),
            state: convert::asked_state(filter.state),
            enterprise: (filter.enterprise_number > 0).then_some(filter.enterprise_number),
            tractor: self.spelling.tractor("filter.tractor", filter.tractor)?,
            application: match filter.application_id.as_str() {
                "" => None,
                id => Some(uuid("filter.application_id", id)?),
            },
            paper: self.spelling.paper("filter.paper_number", filter.paper_kind, filter.paper_number)?,
            valid_at: filter.valid_at.and_then(|time| u64::try_from(time.seconds).ok()),
            arrival: convert::asked_arrival(filter.arrival),
        };
        let page = page(request.page_size, request.page_token)?;
        let found = self.room.passes(&self.sights.of(&officer), &filter, &page).await.map_err(status::pass)?;
        let numbers: Vec<_> = found.items.iter().map(|one| one.number()).collect();
        let known = self.arrivals.known(&numbers).await.map_err(|error| status::storage(&error))?;
        let now = self.clock.now_s();
        let pass = |one: &crate::pass::Pass| proto::Pass {
            arrival: known.get(&one.number()).map(convert::known),
            ..convert::pass(one, now)
        };
        let passes = found.items.iter().map(pass).collect();
        Ok(Response::new(proto::ListPassesResponse { passes, next_page_token: found.next }))
    }
}
