//! The publisher: signs what the status log says, at every tick and promptly after a change, and never anything else.
//!
//! 1. The view of the log is read, and made into states. A crash here means that nothing happened.
//! 2. The states are compared with what was signed last ([`super::guard`]). What fails is not signed: what was published
//!    stays, the alarm goes up.
//! 3. The manifest is signed, in memory, and adopted as a scanner would. A crash here means that nothing happened: the
//!    same seq is signed again, and nobody saw the first.
//! 4. Manifest, snapshots and deltas are stored in one transaction, which also says that their capacities are published.
//!    A crash after it means that they are read back at the next start.
//! 5. Everybody who waits for the next manifest is told.

mod adopt;
mod error;
mod read_back;
mod sign;
mod states;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use freightpass_core::hold::Held;
use freightpass_core::status::list_of;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

pub use self::error::PublishError;
use self::states::capacities;
use super::bundle::{Bundled, HeldByScanner};
use super::check::OwnView;
use super::publication::Publication;
use super::status_token::{self, TokenClaims};
use super::store::PublicationStore;
use crate::audit::Call;
use crate::bus::StatusLog;
use crate::clock::Clock;
use crate::pass::SignerError;
use crate::storage::StorageError;
use crate::trust::{Keyring, TrustLists, warn_of_ends};

/// Pause after a failure, before it is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// How often it is looked whether a list has to grow: of a list that is half leased, half is left for that time, some
/// thirty thousand passes.
const GROWTH_CHECK: Duration = Duration::from_secs(1);
/// Ends that come near are said at the start, after each new trust list, and so often in between.
const WARN_EVERY_S: u64 = 86_400;

/// When manifests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// At least so often, also when nothing changed.
    pub tick: Duration,
    /// Changes that come within this time go into one manifest.
    pub coalesce: Duration,
}

/// A manifest that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Its seq.
    pub manifest_seq: u32,
    /// The seq of the status log up to which it speaks.
    pub log_seq: u64,
    /// When it was signed, seconds since 1970.
    pub issued: u32,
    /// From when on it does not count any more, seconds since 1970.
    pub expires: u32,
}

/// Signs and keeps the newest manifest of a deployment.
pub struct Publisher {
    log: Arc<dyn StatusLog>,
    store: Arc<dyn PublicationStore>,
    trust: Arc<TrustLists>,
    keyring: Keyring,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    /// One at a time.
    publishing: Mutex<()>,
    newest: ArcSwapOption<Publication>,
    published: watch::Sender<u32>,
}

impl Publisher {
    /// A publisher that has read back what was signed last.
    pub async fn open(
        log: Arc<dyn StatusLog>,
        store: Arc<dyn PublicationStore>,
        trust: Arc<TrustLists>,
        keyring: Keyring,
        clock: Arc<dyn Clock>,
        schedule: Schedule,
    ) -> Result<Self, PublishError> {
        let publisher = Self {
            log,
            store,
            trust,
            keyring,
            clock,
            schedule,
            publishing: Mutex::new(()),
            newest: ArcSwapOption::empty(),
            published: watch::Sender::new(0),
        };
        publisher.read_back().await?;
        Ok(publisher)
    }

    /// The seq of the newest manifest, 0 for none, and word of each newer one.
    pub fn published(&self) -> watch::Receiver<u32> {
        self.published.subscribe()
    }

    /// What is published now; none before the first manifest.
    pub fn newest(&self) -> Option<Arc<Publication>> {
        self.newest.load_full()
    }

    /// The bundle for a scanner that holds `held`; none before the first manifest.
    pub fn bundle(&self, held: &HeldByScanner) -> Option<Bundled> {
        Some(self.newest()?.bundle(held))
    }

    /// The snapshot or delta of that name (see [`PublicationStore::status_object`]).
    pub async fn object(&self, name: &str) -> Result<Option<Vec<u8>>, PublishError> {
        Ok(self.store.status_object(name).await?)
    }

    /// The Token Status List of a list, as of the newest manifest; none for a list that it does not name.
    pub fn status_token(&self, list: u32) -> Result<Option<Bytes>, PublishError> {
        let (Some(newest), Some(in_force)) = (self.newest(), self.trust.current()) else {
            return Ok(None);
        };
        let (Some(published), Some(made)) = (newest.lists.get(&list), newest.tokens.get(&list)) else {
            return Ok(None);
        };
        if let Some(token) = made.get() {
            return Ok(Some(token.clone()));
        }
        let manifest = &newest.manifest;
        let claims = TokenClaims {
            uri: format!("{}{list}", in_force.list.content().status_base),
            issued: manifest.issued.into(),
            expires: Some(manifest.expires.into()),
            ttl: Some(manifest.ttl.into()),
        };
        let sign = |message: &[u8]| self.keyring.sign_status(&in_force.list, newest.kid, message);
        let token = status_token::encode(&published.state, &claims, newest.kid, sign)
            .map_err(|_: SignerError| PublishError::KeyUnavailable { at: manifest.issued })?;
        Ok(Some(made.get_or_init(|| token.into()).clone()))
    }

    /// Signs until it is stopped: at the start, at every tick, promptly after a change of status or of trust.
    pub async fn run(&self, stop: CancellationToken) {
        let mut committed = self.log.committed();
        let mut trust = self.trust.changed();
        let mut warned = 0;
        let mut behind = false;
        loop {
            committed.mark_unchanged();
            trust.mark_unchanged();
            let wait = match self.publish_own().await {
                Ok(_) => self.schedule.tick,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "no manifest was signed");
                    RETRY.min(self.schedule.tick)
                }
            };
            self.tell_age();
            behind = self.tell_clock(behind);
            let now = self.clock.now_s();
            if now >= warned + WARN_EVERY_S {
                self.warn(now);
                warned = now;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                () = self.growth_is_due() => {}
                _ = trust.changed() => warned = 0,
                _ = committed.changed() => {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(self.schedule.coalesce) => {}
                    }
                }
            }
        }
    }

    /// Waits until the next manifest would name a list, or places of one, that the newest does not.
    async fn growth_is_due(&self) {
        loop {
            tokio::time::sleep(GROWTH_CHECK).await;
            match self.grows().await {
                Ok(false) => {}
                Ok(true) => return,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the lists that are leased are not known");
                }
            }
        }
    }

    /// Whether the next manifest would name a list, or places of one, that the newest does not.
    pub async fn grows(&self) -> Result<bool, PublishError> {
        let (Some(newest), Some(in_force)) = (self.newest(), self.trust.current()) else {
            return Ok(false);
        };
        let now = u32::try_from(self.clock.now_s()).unwrap_or(u32::MAX).max(newest.manifest.issued);
        let planned = self.store.planned_lists(list_of(now.into())).await?;
        let published = |list| newest.manifest.entry(list).map_or(0, |entry| entry.n);
        Ok(capacities(&in_force.list, now, &planned).into_iter().any(|(list, n)| n > published(list)))
    }

    /// Signs the next manifest now, because an operator asks for it. A call that was answered before gets its answer.
    pub async fn publish(&self, call: &Call) -> Result<Published, PublishError> {
        self.sign_next(Some(call)).await
    }

    /// Signs the next manifest now, by itself.
    pub async fn publish_own(&self) -> Result<Published, PublishError> {
        self.sign_next(None).await
    }

    async fn sign_next(&self, call: Option<&Call>) -> Result<Published, PublishError> {
        let _one = self.publishing.lock().await;
        let signed = self.sign_or_follow(call).await;
        match &signed {
            // Whoever asks wrongly raises no alarm.
            Ok(_) | Err(PublishError::Storage(StorageError::RequestReused)) => {}
            Err(error) => {
                metrics::counter!("freightpass_publish_refused_total", "reason" => error.code()).increment(1);
            }
        }
        signed
    }

    async fn sign_or_follow(&self, call: Option<&Call>) -> Result<Published, PublishError> {
        self.follow_trust().await?;
        let signed = self.try_sign(call).await;
        if !matches!(signed, Err(PublishError::Storage(StorageError::Duplicate { .. }))) {
            return signed;
        }
        // Another replica was faster: what it signed is the measure now.
        self.read_back().await?;
        self.try_sign(call).await
    }

    fn put(&self, publication: Publication) {
        let manifest = &publication.manifest;
        metrics::gauge!("freightpass_manifest_seq").set(f64::from(manifest.seq));
        metrics::gauge!("freightpass_manifest_issued_timestamp_seconds").set(f64::from(manifest.issued));
        metrics::gauge!("freightpass_manifest_log_seq").set(publication.log_seq as f64);
        let seq = manifest.seq;
        self.newest.store(Some(Arc::new(publication)));
        self.tell_age();
        self.published.send_replace(seq);
    }

    fn tell_age(&self) {
        if let Some(newest) = self.newest() {
            let age = self.clock.now_s().saturating_sub(newest.manifest.issued.into());
            metrics::gauge!("freightpass_manifest_age_seconds").set(age as f64);
        }
    }

    /// Says once when the machine's clock is behind what was signed here, and once when it is not any more; gives whether
    /// it is. Until then manifests bear the time of the last one: what is revoked goes out all the same, and the data
    /// ages at the scanners.
    fn tell_clock(&self, was_behind: bool) -> bool {
        let Some(newest) = self.newest() else { return false };
        let behind_s = u64::from(newest.manifest.issued).saturating_sub(self.clock.now_s());
        metrics::gauge!("freightpass_clock_behind_seconds").set(behind_s as f64);
        let is_behind = behind_s > 0;
        if is_behind && !was_behind {
            tracing::error!(
                behind_s,
                manifest_seq = newest.manifest.seq,
                "the clock is behind the last manifest that was signed here: set it; manifests bear the time of that one \
                 until then"
            );
        }
        if was_behind && !is_behind {
            tracing::info!("the clock is not behind any more");
        }
        is_behind
    }

    /// Says in log and metrics what runs out within thirty days.
    fn warn(&self, now: u64) {
        let Some(in_force) = self.trust.current() else { return };
        for end in warn_of_ends(&in_force.list, now) {
            tracing::warn!(
                what = end.what.kind(),
                name = end.what.name(),
                at = end.at,
                "runs out within 30 days: hold a ceremony and install the next trust list"
            );
        }
    }
}

impl OwnView for Publisher {
    fn held(&self) -> Option<Arc<Held>> {
        let newest = self.newest()?;
        newest.held.manifest()?;
        Some(Arc::clone(&newest.held))
    }
}
