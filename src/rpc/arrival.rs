//! ArrivalService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::convert;
use super::proto;
use super::proto::arrival_service_server::ArrivalService;
use super::request::{change, missing, moment, page, pass_number, read, seconds};
use super::sight::Sights;
use super::spelling::Spelling;
use super::status;
use crate::arrival::{ArrivalFilter, Arrivals};
use crate::clock::Clock;

/// Arrivals over gRPC.
pub struct Arrival {
    /// The room.
    pub room: Arrivals,
    /// What callers see.
    pub sights: Sights,
    /// How filters are spelled.
    pub spelling: Spelling,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl ArrivalService for Arrival {
    async fn announce_arrival(
        &self,
        request: Request<proto::AnnounceArrivalRequest>,
    ) -> Result<Response<proto::AnnounceArrivalResponse>, Status> {
        let (call, request) = change("AnnounceArrival", request, self.clock.as_ref())?;
        let number = pass_number("pass_number", &request.pass_number)?;
        let expected = second("expected_time", request.expected_time)?.ok_or_else(|| missing("expected_time"))?;
        let sight = self.sights.of(&call.officer);
        let arrival = self.room.announce(&call, &sight, number, expected, &request.consignee).await;
        let arrival = Some(convert::arrival(&arrival.map_err(status::arrival)?));
        Ok(Response::new(proto::AnnounceArrivalResponse { arrival }))
    }

    async fn report_arrival(
        &self,
        request: Request<proto::ReportArrivalRequest>,
    ) -> Result<Response<proto::ReportArrivalResponse>, Status> {
        let (call, request) = change("ReportArrival", request, self.clock.as_ref())?;
        let number = pass_number("pass_number", &request.pass_number)?;
        let at = second("arrival_time", request.arrival_time)?;
        let sight = self.sights.arrivals(&call.officer);
        let reported = self.room.report(&call, &sight, number, at, &request.place).await.map_err(status::arrival)?;
        Ok(Response::new(proto::ReportArrivalResponse {
            arrival: Some(convert::arrival(&reported.arrival)),
            already_reported: reported.already,
        }))
    }

    async fn list_arrivals(
        &self,
        request: Request<proto::ListArrivalsRequest>,
    ) -> Result<Response<proto::ListArrivalsResponse>, Status> {
        let (officer, request) = read("ListArrivals", request)?;
        let filter = request.filter.unwrap_or_default();
        let filter = ArrivalFilter {
            state: convert::asked_arrival(filter.state),
            destination: self.spelling.county("filter.destination", &filter.destination)?,
            tractor: self.spelling.tractor("filter.tractor", filter.tractor)?,
            from: moment(filter.from).map(|at| at.as_second()),
            before: moment(filter.before).map(|at| at.as_second()),
        };
        let page = page(request.page_size, request.page_token)?;
        let found = self.room.list(&self.sights.arrivals(&officer), &filter, &page).await.map_err(status::arrival)?;
        let arrivals = found.items.iter().map(convert::arrival).collect();
        Ok(Response::new(proto::ListArrivalsResponse { arrivals, next_page_token: found.next }))
    }
}

fn second(field: &str, time: Option<prost_types::Timestamp>) -> Result<Option<i64>, Status> {
    seconds(field, time).map_err(|problem| status::invalid(&[problem]))
}
