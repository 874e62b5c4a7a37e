//! ApprovalService.

use std::collections::HashSet;
use std::sync::Arc;

use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::convert::{self, Numbers};
use super::proto;
use super::proto::approval_service_server::ApprovalService;
use super::proto::approve_result::Result as Decided;
use super::proto::reject_result::Result as Rejected;
use super::request::{change, may_replace, missing, seconds, uuid};
use super::sight::Sights;
use super::status;
use crate::application::Application;
use crate::approval::{Approvals, Decision, Picked, Refusal};
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
        let decision = Decision {
            start: second("start_time", request.start_time)?,
            end: second("end_time", request.end_time)?,
            version: None,
        };
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
        let picked = picked(&request.application_ids, &request.versions)?;
        let now = self.clock.now_s();
        let results: Vec<_> = if request.decide_only {
            let decided = self.room.decide_batch(&call, picked, request.dry_run).await.map_err(status::approval)?;
            let answer = |result: Result<Application, Refusal>| {
                result.map(decided_only).map_err(|refusal| status::approval_refusal(&refusal))
            };
            decided.into_iter().map(answer).collect()
        } else if request.dry_run {
            let rehearsed = if request.replace_overlapping {
                let sight = self.sights.of(&call.officer);
                self.revocations.rehearse_batch_replacing(&call, &sight, picked).await
            } else {
                self.passes.rehearse_batch(&call, picked).await
            };
            let answer = |result: Result<Application, NotIssued>| {
                result.map(decided_only).map_err(|refusal| status::pass_refusal(&refusal))
            };
            rehearsed.map_err(status::pass)?.into_iter().map(answer).collect()
        } else {
            let issued = if request.replace_overlapping {
                let sight = self.sights.of(&call.officer);
                self.revocations.approve_and_issue_batch_replacing(&call, &sight, picked).await
            } else {
                self.passes.approve_and_issue_batch(&call, picked).await
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

    async fn batch_reject_applications(
        &self,
        request: Request<proto::BatchRejectApplicationsRequest>,
    ) -> Result<Response<proto::BatchRejectApplicationsResponse>, Status> {
        let (call, request) = change("BatchRejectApplications", request, self.clock.as_ref())?;
        self.decides(&call)?;
        let picked = picked(&request.application_ids, &request.versions)?;
        let reason = convert::rejection_reason(request.reason).ok_or_else(|| missing("reason"))?;
        let decided = self.room.reject_batch(&call, picked, reason, &request.reason_text, request.dry_run).await;
        let answer = |result: Result<Application, Refusal>| match result {
            Ok(stored) => Rejected::Application(convert::application(stored, Numbers::Masked)),
            Err(refusal) => Rejected::Error(status::item_error(&status::approval_refusal(&refusal))),
        };
        let results = decided
            .map_err(status::approval)?
            .into_iter()
            .map(|result| proto::RejectResult { result: Some(answer(result)) })
            .collect();
        Ok(Response::new(proto::BatchRejectApplicationsResponse { results }))
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

/// The applications of a batch, with the versions that the caller has seen: one for each, or none at all.
fn picked(ids: &[String], versions: &[u64]) -> Result<Vec<Picked>, Status> {
    let ids = distinct(ids)?;
    if !versions.is_empty() && versions.len() != ids.len() {
        let message = format!("{} versions for {} identifiers: give one for each, or none", versions.len(), ids.len());
        return Err(status::invalid(&[FieldProblem::new("versions", "one_for_each", message)]));
    }
    if let Some(at) = versions.iter().position(|version| *version == 0) {
        let message = "versions begin at 1";
        return Err(status::invalid(&[FieldProblem::new(format!("versions[{at}]"), "out_of_range", message)]));
    }
    let version = |at: usize| versions.get(at).copied();
    Ok(ids.into_iter().enumerate().map(|(at, id)| Picked { id, version: version(at) }).collect())
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
