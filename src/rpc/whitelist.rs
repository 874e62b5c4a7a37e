//! WhitelistService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::convert::{self, Numbers};
use super::proto;
use super::proto::get_enterprise_request::Enterprise as Asked;
use super::proto::whitelist_service_server::WhitelistService;
use super::request::{change, missing, page, read, some};
use super::sight::Sights;
use super::spelling::Spelling;
use super::status;
use crate::clock::Clock;
use crate::whitelist::{EnterpriseFilter, EnterpriseKey, EnterpriseState, Whitelist as Room};

/// The white list over gRPC.
pub struct Whitelist {
    /// The room.
    pub room: Room,
    /// What callers see.
    pub sights: Sights,
    /// How filters are spelled.
    pub spelling: Spelling,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl WhitelistService for Whitelist {
    async fn import_entries(
        &self,
        request: Request<proto::ImportEntriesRequest>,
    ) -> Result<Response<proto::ImportEntriesResponse>, Status> {
        let (call, request) = change("ImportEntries", request, self.clock.as_ref())?;
        let rows: Vec<_> = request.rows.into_iter().map(convert::raw_row).collect();
        let report = self.room.import(&call, &rows, request.dry_run).await.map_err(status::whitelist)?;
        Ok(Response::new(convert::import_response(report)))
    }

    async fn get_enterprise(
        &self,
        request: Request<proto::GetEnterpriseRequest>,
    ) -> Result<Response<proto::GetEnterpriseResponse>, Status> {
        let (officer, request) = read("GetEnterprise", request)?;
        let key = match request.enterprise.ok_or_else(|| missing("number"))? {
            Asked::Number(0) => return Err(missing("number")),
            Asked::Number(number) => EnterpriseKey::Number(number),
            Asked::Code(code) => EnterpriseKey::Code(self.spelling.enterprise_code("code", &code)?),
        };
        let detail = self.room.enterprise(&self.sights.of(&officer), &key).await.map_err(status::whitelist)?;
        let enterprise = Some(convert::enterprise_detail(detail));
        Ok(Response::new(proto::GetEnterpriseResponse { enterprise }))
    }

    async fn list_enterprises(
        &self,
        request: Request<proto::ListEnterprisesRequest>,
    ) -> Result<Response<proto::ListEnterprisesResponse>, Status> {
        let (officer, request) = read("ListEnterprises", request)?;
        let filter = request.filter.unwrap_or_default();
        let filter = EnterpriseFilter {
            authority: some(filter.authority),
            industry: convert::category(filter.industry).map(|category| category.number()),
            state: EnterpriseState::by_number(filter.state.into()),
            plate: self.spelling.any_plate("filter.plate", filter.plate)?,
            paper: self.spelling.paper("filter.paper_number", filter.paper_kind, filter.paper_number)?,
            name_prefix: some(filter.name_prefix),
        };
        let page = page(request.page_size, request.page_token)?;
        let found = self.room.list(&self.sights.of(&officer), &filter, &page).await.map_err(status::whitelist)?;
        let enterprises = found.items.into_iter().map(|one| convert::enterprise(one, Numbers::Masked)).collect();
        Ok(Response::new(proto::ListEnterprisesResponse { enterprises, next_page_token: found.next }))
    }
}
