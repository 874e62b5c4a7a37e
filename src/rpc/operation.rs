//! OperationService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::convert;
use super::proto;
use super::proto::operation_service_server::OperationService;
use super::request::change;
use super::status;
use crate::backup::Backups;
use crate::clock::Clock;

/// The operator's work over gRPC.
pub struct Operation {
    /// Makes backups.
    pub backups: Backups,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl OperationService for Operation {
    async fn create_backup(
        &self,
        request: Request<proto::CreateBackupRequest>,
    ) -> Result<Response<proto::CreateBackupResponse>, Status> {
        let (call, _) = change("CreateBackup", request, self.clock.as_ref())?;
        let made = self.backups.create(&call).await.map_err(status::backup)?;
        Ok(Response::new(convert::backup(&made)))
    }
}
