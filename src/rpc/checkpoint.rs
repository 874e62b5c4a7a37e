//! CheckpointService, for everybody.

use std::pin::Pin;
use std::sync::Arc;

use freightpass_core::scan::{Observation, Place, Policy};
use futures::{Stream, stream};
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use super::convert;
use super::proto;
use super::proto::check_pass_request::Pass as Asked;
use super::proto::checkpoint_service_server::CheckpointService;
use super::rates::Rates;
use super::request::{missing, pass_number, read_public};
use super::spelling::Spelling;
use super::status;
use super::watchers::{Place as WatchersPlace, Watchers};
use crate::checkpoint::{Check, HeldByScanner, Presented, Publisher, Scans};
use crate::clock::Clock;

/// The checkpoint over gRPC.
pub struct Checkpoint {
    /// What is published.
    pub publisher: Arc<Publisher>,
    /// The look-up.
    pub check: Check,
    /// The reports.
    pub scans: Scans,
    /// How places and plates are spelled.
    pub spelling: Spelling,
    /// How much a stranger may ask for.
    pub rates: Rates,
    /// Streams at a time.
    pub watchers: Watchers,
    /// The time of calls.
    pub clock: Arc<dyn Clock>,
}

/// One watcher: what it holds by now, and word of each newer manifest.
struct Watcher {
    publisher: Arc<Publisher>,
    held: HeldByScanner,
    published: watch::Receiver<u32>,
    _place: WatchersPlace,
}

type Updates = Pin<Box<dyn Stream<Item = Result<proto::WatchStatusResponse, Status>> + Send>>;

#[tonic::async_trait]
impl CheckpointService for Checkpoint {
    type WatchStatusStream = Updates;

    async fn get_bundle(
        &self,
        request: Request<proto::GetBundleRequest>,
    ) -> Result<Response<proto::GetBundleResponse>, Status> {
        let (_, request) = read_public("GetBundle", request)?;
        let held = convert::held(request.held).map_err(|problems| status::invalid(&problems))?;
        let bundled = self.publisher.bundle(&held).ok_or_else(not_published)?;
        Ok(Response::new(proto::GetBundleResponse {
            bundle: bundled.bytes,
            manifest_seq: bundled.manifest_seq,
            trust_seq: bundled.trust_seq,
        }))
    }

    async fn watch_status(&self, request: Request<proto::WatchStatusRequest>) -> Result<Response<Updates>, Status> {
        let (peer, request) = read_public("WatchStatus", request)?;
        let held = convert::held(request.held).map_err(|problems| status::invalid(&problems))?;
        let place = self.watchers.take(peer.address.ip())?;
        let publisher = Arc::clone(&self.publisher);
        let published = publisher.published();
        let watcher = Watcher { publisher, held, published, _place: place };
        Ok(Response::new(Box::pin(stream::unfold(watcher, Watcher::next))))
    }

    async fn check_pass(
        &self,
        request: Request<proto::CheckPassRequest>,
    ) -> Result<Response<proto::CheckPassResponse>, Status> {
        let (peer, request) = read_public("CheckPass", request)?;
        let asked = request.pass.ok_or_else(|| missing("pass_number"))?;
        let county = self.spelling.county("county", &request.county)?;
        let plate = self.spelling.any_plate("plate", request.plate)?;
        let place = if county.is_some() { Place::Required } else { Place::Unchecked };
        let policy = Policy { place, ..Policy::default() };
        let seen = Observation { county, plate, last_seen: None };
        let checked = match &asked {
            Asked::PassNumber(text) => {
                let number = pass_number("pass_number", text)?;
                self.rates.check_by_number(peer.address.ip())?;
                self.check.number(number).await
            }
            Asked::Text(text) if text.is_empty() => return Err(missing("text")),
            Asked::Text(text) => self.check.presented(Presented::Text(text), &policy, &seen),
            Asked::Object(bytes) if bytes.is_empty() => return Err(missing("object")),
            Asked::Object(bytes) => self.check.presented(Presented::Object(bytes), &policy, &seen),
        };
        Ok(Response::new(convert::checked(checked.map_err(status::check)?)))
    }

    async fn report_scans(
        &self,
        request: Request<proto::ReportScansRequest>,
    ) -> Result<Response<proto::ReportScansResponse>, Status> {
        let (peer, request) = read_public("ReportScans", request)?;
        let reports = convert::scan_reports(request.reports).map_err(|problems| status::invalid(&problems))?;
        self.rates.report_scans(peer.address.ip(), reports.len())?;
        let stored = self.scans.record(reports, self.clock.now()).await.map_err(status::scans)?;
        Ok(Response::new(proto::ReportScansResponse { stored_count: stored.stored, known_count: stored.known }))
    }
}

impl Watcher {
    /// Waits for something that is not held, and gives what is lacking by then: a reader who is slow gets fewer and
    /// larger bundles, and nothing waits for it in memory. A bundle that brings nothing is not sent, whatever the reader
    /// said that it holds: it would be the next one too, without end.
    async fn next(mut self) -> Option<(Result<proto::WatchStatusResponse, Status>, Self)> {
        loop {
            self.published.borrow_and_update();
            if let Some(bundled) = self.publisher.bundle(&self.held).filter(|bundled| bundled.brings) {
                self.held = bundled.after;
                let response = proto::WatchStatusResponse { bundle: bundled.bytes, manifest_seq: bundled.manifest_seq };
                return Some((Ok(response), self));
            }
            // The publisher lives as long as the service; without it there is nothing to wait for.
            self.published.changed().await.ok()?;
        }
    }
}

fn not_published() -> Status {
    status::unavailable(status::Reason::NotPublished, "nothing is published yet")
}
