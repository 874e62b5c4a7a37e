//! ApprovalService.

use std::collections::HashSet;
use std::sync::Arc;

use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::convert::{self, Numbers};
use super::proto;
use super::proto::approval_service_server::ApprovalService;
use super::proto::approve_result::Result as Decided;
use super::request::{change, may_replace, missing, seconds, uuid};
use super::sight::Sights;
use super::status;
use crate::application::Application;
use crate::approval::{Approvals, Decision, Refusal};
use crate::audit::Call;
use crate::clock::Clock;
use crate::pass::{Issued, Passes, Refusal as NotIssued};
use crate::problem::FieldProblem;
use crate::revocation::Revocations;

/// Decisions over gRPC.
pub struct Approval {
    /// The room.
    pub room: Approvals,
    /// Approving issues the pass in the same step.
    pub passes: Passes,
    /// Replacing issues and revokes in one step: that lives with revocation.
    pub revocations: Revocations,
    /// What callers see.
    pub sights: Sights,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl ApprovalService for Approval {
    async fn recommend_application(
        &self,
        request: Request<proto::RecommendApplicationRequest>,
    ) -> Result<Response<proto::RecommendApplicationResponse>, Status> {
        let (call, request) = change("RecommendApplication", request, self.clock.as_ref())?;
        let id = uuid("application_id", &request.application_id)?;
        let county = self.sights.county(&call.officer).ok_or_else(|| status::not_found("application"))?;
        let stored = self.room.recommend(&call, county, id, &request.comment).await.map_err(status::approval)?;
        let application = Some(convert::application(stored, Numbers::Masked));
        Ok(Response::new(proto::RecommendApplicationResponse { application }))
    }

    async fn approve_application(
        &self,
        request: Request<proto::ApproveApplicationRequest>,
    ) -> Result<Response<proto::ApproveApplicationResponse>, Status> {
        let (call, request) = change("ApproveApplication", request, self.clock.as_ref())?;
        self.decides(&call)?;
        may_replace(&call, request.replace_overlapping)?;
        let id = uuid("application_id", &request.application_id)?;
        let second = |field, time| seconds(field, time).map_err(|problem| status::invalid(&[problem]));
        let decision =
            Decision { start: second("start_time", request.start_time)?, end: second("end_time", request.end_time)? };
        if request.decide_only {
            let stored = self.room.decide(&call, id, decision).await.map_err(status::approval)?;
            return Ok(Response::new(decided_only(stored)));
        }
        let issued = if request.replace_overlapping {
            let sight = self.sights.of(&call.officer);
            let issued = self.revocations.approve_and_issue_replacing(&call, &sight, id, decision).await;
            issued.map_err(status::pass)?
        } else {
            self.passes.approve_and_issue(&call, id, decision).await.map_err(status::pass)?
        };
        Ok(Response::new(convert::issued(issued, self.clock.now_s())))
    }

    async fn batch_approve_applications(
        &self,
        request: Request<proto::BatchApproveApplicationsRequest>,
    ) -> Result<Response<proto::BatchApproveApplicationsResponse>, Status> {
        let (call, request) = change("BatchApproveApplications", request, self.clock.as_ref())?;
        self.decides(&call)?;
        may_replace(&call, request.replace_overlapping)?;
        let ids = distinct(&request.application_ids)?;
        let now = self.clock.now_s();
        let results: Vec<_> = if request.decide_only {
            let decided = self.room.decide_batch(&call, ids).await.map_err(status::approval)?;
            let answer = |result: Result<Application, Refusal>| {
                result.map(decided_only).map_err(|refusal| status::approval_refusal(&refusal))
            };
            decided.into_iter().map(answer).collect()
        } else {
            let issued = if request.replace_overlapping {
                let sight = self.sights.of(&call.officer);
                self.revocations.approve_and_issue_batch_replacing(&call, &sight, ids).await
            } else {
                self.passes.approve_and_issue_batch(&call, ids).await
            };
            let answer = |result: Result<Issued, NotIssued>| {
                result.map(|issued| convert::issued(issued, now)).map_err(|refusal| status::pass_refusal(&refusal))
            };
            issued.map_err(status::pass)?.into_iter().map(answer).collect()
        };
        let results = results.into_iter().map(approve_result).collect();
        Ok(Response::new(proto::BatchApproveApplicationsResponse { results }))
    }

    async fn reject_application(
        &self,
        request: Request<proto::RejectApplicationRequest>,
    ) -> Result<Response<proto::RejectApplicationResponse>, Status> {
        let (call, request) = change("RejectApplication", request, self.clock.as_ref())?;
        self.decides(&call)?;
        let id = uuid("application_id", &request.application_id)?;
        let reason = convert::rejection_reason(request.reason).ok_or_else(|| missing("reason"))?;
        let stored = self.room.reject(&call, id, reason, &request.reason_text).await.map_err(status::approval)?;
        let application = Some(convert::application(stored, Numbers::Masked));
        Ok(Response::new(proto::RejectApplicationResponse { application }))
    }
}

impl Approval {
    fn decides(&self, call: &Call) -> Result<(), Status> {
        if self.sights.decides(&call.officer) { Ok(()) } else { Err(status::not_found("application")) }
    }
}

/// An application that was approved without a pass.
fn decided_only(application: Application) -> proto::ApproveApplicationResponse {
    proto::ApproveApplicationResponse {
        application: Some(convert::application(application, Numbers::Masked)),
        pass: None,
        replaced_pass_numbers: Vec::new(),
    }
}

fn distinct(texts: &[String]) -> Result<Vec<Uuid>, Status> {
    if texts.is_empty() {
        return Err(missing("application_ids"));
    }
    let mut seen = HashSet::new();
    let mut ids = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let field = format!("application_ids[{at}]");
        let id = uuid(&field, text)?;
        if !seen.insert(id) {
            let problem = FieldProblem::new(field, "repeated", "stands in the batch already");
            return Err(status::invalid(&[problem]));
        }
        ids.push(id);
    }
    Ok(ids)
}

fn approve_result(result: Result<proto::ApproveApplicationResponse, Status>) -> proto::ApproveResult {
    let result = match result {
        Ok(approval) => Decided::Approval(approval),
        Err(status) => Decided::Error(status::item_error(&status)),
    };
    proto::ApproveResult { result: Some(result) }
}
