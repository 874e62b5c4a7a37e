//! AuditService.

use tonic::{Request, Response, Status};

use super::convert::time;
use super::proto;
use super::proto::audit_service_server::AuditService;
use super::request::{moment, page, read, some};
use super::sight::Sights;
use super::status::storage;
use crate::audit::{AuditError, AuditLog, Entry, EntryFilter};

/// The audit log over gRPC.
pub struct Audit {
    /// The log.
    pub log: AuditLog,
    /// What callers see.
    pub sights: Sights,
}

#[tonic::async_trait]
impl AuditService for Audit {
    async fn list_audit_entries(
        &self,
        request: Request<proto::ListAuditEntriesRequest>,
    ) -> Result<Response<proto::ListAuditEntriesResponse>, Status> {
        let (officer, request) = read("ListAuditEntries", request)?;
        let filter = request.filter.unwrap_or_default();
        let filter = EntryFilter {
            subject_kind: some(filter.subject_kind),
            subject: some(filter.subject),
            body: some(filter.body),
            officer: some(filter.officer),
            method: some(filter.method),
            from: moment(filter.from),
            before: moment(filter.before),
        };
        let page = page(request.page_size, request.page_token)?;
        let entries = self
            .log
            .entries(&self.sights.of(&officer), &filter, &page)
            .await
            .map_err(|AuditError::Storage(error)| storage(&error))?;
        Ok(Response::new(proto::ListAuditEntriesResponse {
            entries: entries.items.into_iter().map(entry).collect(),
            next_page_token: entries.next,
        }))
    }
}

fn entry(entry: Entry) -> proto::AuditEntry {
    proto::AuditEntry {
        audit_seq: entry.seq,
        time: Some(time(entry.at)),
        body: entry.body,
        officer: entry.officer,
        method: entry.method,
        request_id: entry.request_id.to_string(),
        subject_kind: entry.subject_kind,
        subject: entry.subject,
        detail: entry.detail,
    }
}
