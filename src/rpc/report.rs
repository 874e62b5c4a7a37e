//! ReportService.

use tonic::{Request, Response, Status};

use super::convert;
use super::proto;
use super::proto::report_service_server::ReportService;
use super::request::{missing, read};
use super::sight::Sights;
use super::status;
use crate::problem::FieldProblem;
use crate::report::Reports;

/// Reports over gRPC.
pub struct Report {
    /// The room.
    pub room: Reports,
    /// What callers see.
    pub sights: Sights,
}

#[tonic::async_trait]
impl ReportService for Report {
    async fn get_day_report(
        &self,
        request: Request<proto::GetDayReportRequest>,
    ) -> Result<Response<proto::GetDayReportResponse>, Status> {
        let (officer, request) = read("GetDayReport", request)?;
        let code = request.authority;
        if code.is_empty() {
            return Err(missing("authority"));
        }
        let Some(sight) = self.sights.of_authority(&code) else {
            let message = "no trust list names an authority of this code";
            return Err(status::invalid(&[FieldProblem::new("authority", "unknown_authority", message)]));
        };
        if !self.sights.of(&officer).includes(&code, "") {
            return Err(status::not_found("authority"));
        }
        let report = self.room.day(&sight, &request.day).await.map_err(status::report)?;
        let report = Some(convert::day_report(report, code));
        Ok(Response::new(proto::GetDayReportResponse { report }))
    }
}
