//! TrustService.

use std::sync::Arc;

use freightpass_core::key::Kid;
use tonic::{Request, Response, Status};

use super::convert;
use super::proto;
use super::proto::trust_service_server::TrustService;
use super::request::{change, missing, page, read};
use super::status;
use crate::checkpoint::Publisher;
use crate::clock::Clock;
use crate::problem::FieldProblem;
use crate::revocation::Revocations;
use crate::storage::{Page, in_own_task};
use crate::trust::{Keyring, TrustLists};

/// Trust lists and keys over gRPC.
pub struct Trust {
    /// The room.
    pub lists: Arc<TrustLists>,
    /// The private keys that are held.
    pub keyring: Keyring,
    /// Signs manifests.
    pub publisher: Arc<Publisher>,
    /// Closes the leases of keys that a new list takes out of use.
    pub revocations: Revocations,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl TrustService for Trust {
    async fn get_trust_lists(
        &self,
        request: Request<proto::GetTrustListsRequest>,
    ) -> Result<Response<proto::GetTrustListsResponse>, Status> {
        read("GetTrustLists", request)?;
        let chain = self.lists.chain();
        let trust_lists = chain.into_iter().map(|(list, object)| convert::trust_list(&list, object.to_vec())).collect();
        Ok(Response::new(proto::GetTrustListsResponse { trust_lists }))
    }

    async fn install_trust_list(
        &self,
        request: Request<proto::InstallTrustListRequest>,
    ) -> Result<Response<proto::InstallTrustListResponse>, Status> {
        let (call, request) = change("InstallTrustList", request, self.clock.as_ref())?;
        if request.object.is_empty() {
            return Err(missing("object"));
        }
        if !request.dry_run {
            self.keyring.open_new_keys().await;
        }
        let installed = self.lists.install(&call, &request.object, request.dry_run).await.map_err(status::trust)?;
        if !request.dry_run {
            self.revocations.close_leases().await.map_err(status::revocation)?;
        }
        let trust_list = Some(convert::trust_list(&installed, Vec::new()));
        Ok(Response::new(proto::InstallTrustListResponse { trust_list }))
    }

    async fn list_keys(
        &self,
        request: Request<proto::ListKeysRequest>,
    ) -> Result<Response<proto::ListKeysResponse>, Status> {
        let (_, request) = read("ListKeys", request)?;
        let page = page(request.page_size, request.page_token)?;
        let sequence = self.lists.current().map_or(0, |in_force| in_force.list.content().sequence);
        let begin: usize = page.after(&sequence).map_err(|error| status::storage(&error))?.unwrap_or(0);
        let keys = self.lists.keys().into_iter().enumerate().skip(begin).take(page.limit() as usize + 1).collect();
        let found = Page::cut(keys, &page, &sequence, |(at, _)| at + 1).map_err(|error| status::storage(&error))?;
        let keys = found.items.iter().map(|(_, key)| convert::key(key, self.keyring.holds(key.kid))).collect();
        Ok(Response::new(proto::ListKeysResponse { keys, next_page_token: found.next }))
    }

    async fn prepare_survivors(
        &self,
        request: Request<proto::PrepareSurvivorsRequest>,
    ) -> Result<Response<proto::PrepareSurvivorsResponse>, Status> {
        let (call, request) = change("PrepareSurvivors", request, self.clock.as_ref())?;
        let kid: [u8; 8] = request
            .kid
            .as_ref()
            .try_into()
            .map_err(|_| status::invalid(&[FieldProblem::new("kid", "length", "a kid has 8 bytes")]))?;
        let prepared = self.lists.prepare_survivors(&call, Kid(kid)).await.map_err(status::trust)?;
        Ok(Response::new(proto::PrepareSurvivorsResponse {
            hash: prepared.hash.to_vec().into(),
            pass_count: prepared.passes,
            size_bytes: prepared.size_bytes,
        }))
    }

    async fn publish_status(
        &self,
        request: Request<proto::PublishStatusRequest>,
    ) -> Result<Response<proto::PublishStatusResponse>, Status> {
        let (call, _) = change("PublishStatus", request, self.clock.as_ref())?;
        // A caller who goes away must not leave a manifest stored and not served.
        let publisher = Arc::clone(&self.publisher);
        let published = in_own_task(async move { publisher.publish(&call).await }).await.map_err(status::publish)?;
        Ok(Response::new(convert::published(&published)))
    }
}
