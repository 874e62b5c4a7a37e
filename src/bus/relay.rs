//! The relay carries the outbox to the bus, and keeps the bus honest.
//!
//! 1. The oldest entries of the outbox are read. A crash here means that nothing happened.
//! 2. They are put on the bus. A crash here means that they are put again: the bus knows them by their seq.
//! 3. They are taken out of the outbox. A crash here means the same as before it.
//!
//! Whatever the bus says that cannot be (a hole, another type, a position that the log never reached, another state
//! of a list than the log's) ends in the same way: the bus is rebuilt from the log.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::health::BusHealth;
use super::port::{BusError, StatusBus};
use super::store::StatusLog;
use crate::clock::Clock;
use crate::storage::StorageError;

/// Entries in one write: some 100 kB, a few milliseconds of Redis.
pub(super) const BATCH: u32 = 500;
/// Pause after which an idle bus is asked where it stands.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Heartbeats between two comparisons of every list with the log: a minute.
const HEARTBEATS_A_COMPARISON: u32 = 30;
/// Pauses after failures double between these two.
const BACKOFF_MIN: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// Lists compared beyond the newest one of the log: somebody may have put one there. The longest life that is usual
/// is 30 days.
const LISTS_AHEAD: u32 = 8;

/// Carries the outbox to the bus, in a task of its own.
pub struct Relay {
    bus: Arc<dyn StatusBus>,
    log: Arc<dyn StatusLog>,
    clock: Arc<dyn Clock>,
    health: watch::Sender<BusHealth>,
    /// Heartbeats until every list is compared; 0: with the next idle step.
    until_comparison: u32,
}

/// What a step of the relay left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// The outbox is empty.
    All,
    /// There is more in it.
    Some,
    /// The bus was rebuilt.
    Rebuilt,
}

/// Why a step of the relay failed. The next one begins anew.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The registry.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The bus.
    #[error(transparent)]
    Bus(#[from] BusError),
}

impl Relay {
    /// A relay from that log to that bus.
    pub fn new(bus: Arc<dyn StatusBus>, log: Arc<dyn StatusLog>, clock: Arc<dyn Clock>) -> Self {
        let health = watch::Sender::new(BusHealth::default());
        Self { bus, log, clock, health, until_comparison: 0 }
    }

    /// How the bus is, from now on.
    pub fn health(&self) -> watch::Receiver<BusHealth> {
        self.health.subscribe()
    }

    /// Carries until it is stopped. It survives every failure of the bus and of the registry.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut committed = self.log.committed();
        let mut pause = BACKOFF_MIN;
        loop {
            committed.mark_unchanged();
            let wait = match self.step().await {
                Ok(Carried::All) => {
                    pause = BACKOFF_MIN;
                    HEARTBEAT
                }
                Ok(Carried::Some) => {
                    pause = BACKOFF_MIN;
                    Duration::ZERO
                }
                // Looked at again soon; who spoils it again and again does not keep us busy.
                Ok(Carried::Rebuilt) => {
                    let wait = pause;
                    pause = BACKOFF_MAX.min(pause * 2);
                    wait
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the bus lags behind the status log");
                    let wait = pause;
                    pause = BACKOFF_MAX.min(pause * 2);
                    wait
                }
            };
            let healthy = self.health.borrow().healthy;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                // While the bus is down a commit is no reason to try sooner.
                Ok(()) = committed.changed(), if healthy => {}
            }
        }
    }

    /// One step: a batch, or a look at the idle bus. A bus that was rebuilt counts as healthy when the next step has
    /// found it whole.
    pub async fn step(&mut self) -> Result<Carried, RelayError> {
        let carried = self.carry().await;
        if matches!(carried, Ok(Carried::All | Carried::Some)) {
            let trouble_s = self.health.borrow().trouble_s;
            let lag = self.pending_count().await;
            self.tell(BusHealth { healthy: true, lag, trouble_s });
        } else {
            // What lies there after an outage is compared whole.
            self.until_comparison = 0;
            if carried.is_err() {
                let lag = self.pending_count().await;
                self.tell_trouble(lag);
            }
        }
        carried
    }

    async fn pending_count(&self) -> u64 {
        match self.log.pending_count().await {
            Ok(lag) => lag,
            Err(_) => self.health.borrow().lag,
        }
    }

    fn tell_trouble(&self, lag: u64) {
        self.tell(BusHealth { healthy: false, lag, trouble_s: Some(self.clock.now_s()) });
    }

    fn tell(&self, health: BusHealth) {
        metrics::gauge!("freightpass_bus_healthy").set(f64::from(u8::from(health.healthy)));
        metrics::gauge!("freightpass_bus_lag_entries").set(health.lag as f64);
        self.health.send_replace(health);
    }

    async fn carry(&mut self) -> Result<Carried, RelayError> {
        let newest = self.log.newest().await?;
        metrics::gauge!("freightpass_log_seq").set(newest as f64);
        let pending = self.log.pending(BATCH).await?;
        let Some(last) = pending.last().map(|entry| entry.seq) else {
            return self.look(newest).await;
        };
        let position = match self.bus.publish(&pending).await {
            Err(error) if is_wrong(&error) => return self.rebuild_for(&error, newest).await,
            result => result?,
        };
        if position > self.log.newest().await? {
            return self.rebuild("it stands where the log never was", newest).await;
        }
        self.log.delivered(last).await?;
        let full = pending.len() >= BATCH as usize;
        Ok(if full { Carried::Some } else { Carried::All })
    }

    /// Looks at the bus when nothing is pending: it must have everything up to `newest`, which was read before the
    /// outbox.
    async fn look(&mut self, newest: u64) -> Result<Carried, RelayError> {
        let position = match self.bus.position().await {
            Err(error) if is_wrong(&error) => return self.rebuild_for(&error, newest).await,
            result => result?,
        };
        if position < newest {
            return self.rebuild("it has forgotten entries", newest - position).await;
        }
        if position > self.log.newest().await? {
            return self.rebuild("it stands where the log never was", newest).await;
        }
        if self.until_comparison > 0 {
            self.until_comparison -= 1;
            return Ok(Carried::All);
        }
        match self.compare().await? {
            None => Ok(Carried::All),
            Some(true) => {
                self.until_comparison = HEARTBEATS_A_COMPARISON;
                Ok(Carried::All)
            }
            Some(false) => self.rebuild("a list is not what the log says", newest).await,
        }
    }

    /// Whether every list on the bus is what the log says; none if the bus moved meanwhile.
    async fn compare(&self) -> Result<Option<bool>, RelayError> {
        let oldest = self.oldest_list();
        let view = self.log.view(oldest).await?;
        if self.bus.position().await? != view.seq {
            return Ok(None);
        }
        let arrays = view.arrays();
        let newest = arrays.keys().next_back().copied().unwrap_or(oldest).saturating_add(LISTS_AHEAD);
        let lists: Vec<u32> = (oldest..=newest).collect();
        let digests = match self.bus.digests(&lists).await {
            Err(error) if is_wrong(&error) => return Ok(Some(false)),
            result => result?,
        };
        if self.bus.position().await? != view.seq {
            return Ok(None);
        }
        let expected = |list| super::digest_of(arrays.get(list).map_or(&[][..], Vec::as_slice));
        Ok(Some(lists.iter().map(expected).eq(digests)))
    }

    async fn rebuild_for(&mut self, error: &BusError, newest: u64) -> Result<Carried, RelayError> {
        let lag = match error {
            BusError::Gap { position, .. } => newest.saturating_sub(*position),
            _ => newest,
        };
        self.rebuild(&error.to_string(), lag).await
    }

    /// Makes the bus say what the log says. `lag`: how many entries of the log it cannot be trusted for.
    async fn rebuild(&mut self, why: &str, lag: u64) -> Result<Carried, RelayError> {
        tracing::warn!(why, "the bus is rebuilt from the status log");
        metrics::counter!("freightpass_bus_rebuilt_total").increment(1);
        self.tell_trouble(lag);
        let mark = self.bus.mark().await?;
        let view = self.log.view(self.oldest_list()).await?;
        self.bus.rebuild(&view, &mark).await?;
        self.log.delivered(view.seq).await?;
        Ok(Carried::Rebuilt)
    }

    /// The list of the passes that expire now: what lies in older ones has expired.
    fn oldest_list(&self) -> u32 {
        freightpass_core::status::list_of(self.clock.now_s())
    }
}

/// Whether the bus is there and says what cannot be.
fn is_wrong(error: &BusError) -> bool {
    matches!(error, BusError::Gap { .. } | BusError::Poisoned { .. })
}
