//! RevocationService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::convert;
use super::proto;
use super::proto::revocation_service_server::RevocationService;
use super::request::{change, missing, moment, page, pass_number, read};
use super::sight::Sights;
use super::status;
use crate::clock::Clock;
use crate::revocation::{AmendDraft, ChangeFilter, Revocations};

/// Changes of status over gRPC.
pub struct Revocation {
    /// The room.
    pub room: Revocations,
    /// What callers see.
    pub sights: Sights,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl RevocationService for Revocation {
    async fn revoke_pass(
        &self,
        request: Request<proto::RevokePassRequest>,
    ) -> Result<Response<proto::RevokePassResponse>, Status> {
        let (call, request) = change("RevokePass", request, self.clock.as_ref())?;
        let number = pass_number("pass_number", &request.pass_number)?;
        let reason = convert::status_reason(request.reason);
        let sight = self.sights.of(&call.officer);
        let taken =
            self.room.revoke(&call, &sight, number, reason, &request.reason_text).await.map_err(status::revocation)?;
        Ok(Response::new(proto::RevokePassResponse {
            change: Some(convert::status_change(taken.change)),
            already_revoked: taken.already,
        }))
    }

    async fn suspend_pass(
        &self,
        request: Request<proto::SuspendPassRequest>,
    ) -> Result<Response<proto::SuspendPassResponse>, Status> {
        let (call, request) = change("SuspendPass", request, self.clock.as_ref())?;
        let number = pass_number("pass_number", &request.pass_number)?;
        let reason = convert::status_reason(request.reason);
        let sight = self.sights.of(&call.officer);
        let made =
            self.room.suspend(&call, &sight, number, reason, &request.reason_text).await.map_err(status::revocation)?;
        let change = Some(convert::status_change(made));
        Ok(Response::new(proto::SuspendPassResponse { change }))
    }

    async fn resume_pass(
        &self,
        request: Request<proto::ResumePassRequest>,
    ) -> Result<Response<proto::ResumePassResponse>, Status> {
        let (call, request) = change("ResumePass", request, self.clock.as_ref())?;
        let number = pass_number("pass_number", &request.pass_number)?;
        let reason = convert::status_reason(request.reason);
        let sight = self.sights.of(&call.officer);
        let made =
            self.room.resume(&call, &sight, number, reason, &request.reason_text).await.map_err(status::revocation)?;
        let change = Some(convert::status_change(made));
        Ok(Response::new(proto::ResumePassResponse { change }))
    }

    async fn revoke_enterprise(
        &self,
        request: Request<proto::RevokeEnterpriseRequest>,
    ) -> Result<Response<proto::RevokeEnterpriseResponse>, Status> {
        let (call, request) = change("RevokeEnterprise", request, self.clock.as_ref())?;
        if request.enterprise_number == 0 {
            return Err(missing("enterprise_number"));
        }
        let sight = self.sights.of(&call.officer);
        let stopped = if request.dry_run {
            self.room.enterprise_stop(&sight, request.enterprise_number, call.at).await
        } else {
            self.room.revoke_enterprise(&call, &sight, request.enterprise_number, &request.reason_text).await
        };
        let stopped = stopped.map_err(status::revocation)?;
        let (first, last) = stopped.seqs.map_or((0, 0), |seqs| (*seqs.start(), *seqs.end()));
        Ok(Response::new(proto::RevokeEnterpriseResponse {
            truck_count: stopped.trucks,
            pass_count: stopped.passes,
            first_log_seq: first,
            last_log_seq: last,
        }))
    }

    async fn amend_pass(
        &self,
        request: Request<proto::AmendPassRequest>,
    ) -> Result<Response<proto::AmendPassResponse>, Status> {
        let (call, request) = change("AmendPass", request, self.clock.as_ref())?;
        let number = pass_number("pass_number", &request.pass_number)?;
        if request.trailer.is_none() && request.crew.is_empty() {
            return Err(missing("trailer"));
        }
        let draft = AmendDraft {
            trailer: request.trailer,
            crew: request.crew.into_iter().map(convert::draft_person).collect(),
            reason_text: request.reason_text,
        };
        let amended = self.room.amend(&call, number, &draft).await.map_err(status::revocation)?;
        Ok(Response::new(proto::AmendPassResponse {
            pass: Some(convert::pass_with_text(&amended.pass, self.clock.now_s())),
            change: Some(convert::status_change(amended.change)),
        }))
    }

    async fn list_revocations(
        &self,
        request: Request<proto::ListRevocationsRequest>,
    ) -> Result<Response<proto::ListRevocationsResponse>, Status> {
        let (officer, request) = read("ListRevocations", request)?;
        let filter = request.filter.unwrap_or_default();
        let filter = ChangeFilter {
            pass: match filter.pass_number.as_str() {
                "" => None,
                text => Some(pass_number("filter.pass_number", text)?.to_bytes()),
            },
            enterprise: (filter.enterprise_number > 0).then_some(filter.enterprise_number),
            action: convert::asked_action(filter.action),
            reason: convert::status_reason(filter.reason),
            from: moment(filter.from),
            before: moment(filter.before),
        };
        let page = page(request.page_size, request.page_token)?;
        let found = self.room.changes(&self.sights.of(&officer), &filter, &page).await.map_err(status::revocation)?;
        let changes = found.items.into_iter().map(convert::status_change).collect();
        Ok(Response::new(proto::ListRevocationsResponse { changes, next_page_token: found.next }))
    }
}
