//! ProgrammeService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::convert;
use super::proto;
use super::proto::programme_service_server::ProgrammeService;
use super::request::{change, missing, page, read, some};
use super::sight::Sights;
use super::status;
use crate::application::rules::{Programmes, RulesFilter};
use crate::clock::Clock;

/// The rules of programmes over gRPC.
pub struct Programme {
    /// The room.
    pub room: Programmes,
    /// What callers see, and may rule.
    pub sights: Sights,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl ProgrammeService for Programme {
    async fn set_programme_rules(
        &self,
        request: Request<proto::SetProgrammeRulesRequest>,
    ) -> Result<Response<proto::SetProgrammeRulesResponse>, Status> {
        let (call, request) = change("SetProgrammeRules", request, self.clock.as_ref())?;
        if request.authority.is_empty() {
            return Err(missing("authority"));
        }
        let sight = self.sights.of(&call.officer);
        let draft = convert::asked(request.evidence, request.recommendation_required);
        let rules = self.room.set(&call, &sight, &request.authority, request.programme, &draft).await;
        let rules = Some(convert::programme_rules(rules.map_err(status::programme)?));
        Ok(Response::new(proto::SetProgrammeRulesResponse { rules }))
    }

    async fn list_programme_rules(
        &self,
        request: Request<proto::ListProgrammeRulesRequest>,
    ) -> Result<Response<proto::ListProgrammeRulesResponse>, Status> {
        let (_, request) = read("ListProgrammeRules", request)?;
        let filter = request.filter.unwrap_or_default();
        let filter = RulesFilter {
            authority: some(filter.authority),
            programme: (filter.programme > 0).then_some(filter.programme),
        };
        let page = page(request.page_size, request.page_token)?;
        let found = self.room.list(&filter, &page).await.map_err(status::programme)?;
        let rules = found.items.into_iter().map(convert::programme_rules).collect();
        Ok(Response::new(proto::ListProgrammeRulesResponse { rules, next_page_token: found.next }))
    }
}
