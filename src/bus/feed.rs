//! The feed keeps an in-memory index at the head of the status log: by the bus while it is whole, by the log itself at
//! the start, at any hole, and while the bus is away.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::entry::{Entry, LogView};
use super::health::IndexHealth;
use super::port::{BusError, Follower, StatusBus};
use super::store::StatusLog;
use crate::clock::Clock;
use crate::storage::StorageError;

/// Entries that are read from the log at once.
const BATCH: u32 = 5_000;
/// Pause after a failure, before the log is read again: how old an answer can be while the bus is away.
const RETRY: Duration = Duration::from_millis(500);
/// How long a change that this process committed may be on its way over the bus, before the log is read: the bus may
/// hang, and its follower with it.
const OVERDUE: Duration = Duration::from_millis(500);

/// What the feed keeps up to date.
pub trait StatusSink: Send + Sync {
    /// The seq up to which it speaks; none before it was built.
    fn seq(&self) -> Option<u64>;

    /// Replaces everything.
    fn rebuild(&self, view: &LogView);

    /// Takes entries that follow its seq without a hole. False, and nothing taken from the first such entry on, if one
    /// contradicts what it holds: then it is rebuilt.
    fn apply(&self, entries: &[Entry]) -> bool;

    /// Drops the lists before `list`, whose passes have all expired.
    fn forget_before(&self, list: u32);
}

/// Keeps a sink at the head of the log, in a task of its own.
pub struct Feed {
    bus: Arc<dyn StatusBus>,
    log: Arc<dyn StatusLog>,
    sink: Arc<dyn StatusSink>,
    clock: Arc<dyn Clock>,
    follower: Option<Box<dyn Follower>>,
    health: watch::Sender<IndexHealth>,
    asked: Option<Asked>,
}

/// The log was asked for its newest seq, and the sink had not reached it yet.
#[derive(Debug, Clone, Copy)]
struct Asked {
    /// When, in seconds since 1970.
    at_s: u64,
    newest: u64,
}

/// Why a step of the feed failed. The sink is as it was, or further.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The registry.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The bus; the log was read instead.
    #[error(transparent)]
    Bus(#[from] BusError),
}

impl Feed {
    /// A feed of that sink.
    pub fn new(
        bus: Arc<dyn StatusBus>,
        log: Arc<dyn StatusLog>,
        sink: Arc<dyn StatusSink>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let health = watch::Sender::new(IndexHealth::default());
        Self { bus, log, sink, clock, follower: None, health, asked: None }
    }

    /// How the index is, from now on.
    pub fn health(&self) -> watch::Receiver<IndexHealth> {
        self.health.subscribe()
    }

    /// Feeds until it is stopped.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut committed = self.log.committed();
        let mut by_the_log = false;
        loop {
            let overdue = overdue(self.log.committed(), Arc::clone(&self.sink));
            let step = tokio::select! {
                () = stop.cancelled() => return,
                step = self.step() => step,
                () = overdue => self.read_log().await,
            };
            let Err(error) = step else {
                by_the_log &= self.follower.is_none();
                continue;
            };
            if !by_the_log {
                tracing::warn!(error = &error as &dyn std::error::Error, "the index reads the log instead of the bus");
                by_the_log = true;
            }
            committed.mark_unchanged();
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(RETRY) => {}
                _ = committed.changed() => {}
            }
        }
    }

    /// One step: builds the sink, takes what the bus brings, or reads the log where the bus does not help. After an
    /// error of the bus the sink has everything that the log had.
    pub async fn step(&mut self) -> Result<(), FeedError> {
        let Some(seq) = self.sink.seq() else {
            return self.build().await;
        };
        let Some(follower) = &mut self.follower else {
            let seq = self.catch_up(seq).await?;
            self.follower = Some(self.bus.follow(seq).await?);
            return Ok(());
        };
        match follower.next().await {
            Ok(entries) if entries.is_empty() => self.heartbeat(seq).await,
            Ok(entries) => {
                if !self.sink.apply(&entries) {
                    return self.build().await;
                }
                self.measure().await;
                Ok(())
            }
            Err(error) => {
                self.follower = None;
                self.catch_up(seq).await?;
                // A hole is an ordinary thing: the log has just filled it.
                if matches!(error, BusError::Gap { .. }) { Ok(()) } else { Err(error.into()) }
            }
        }
    }

    /// The bus did not bring what was committed: the log does.
    async fn read_log(&mut self) -> Result<(), FeedError> {
        self.follower = None;
        match self.sink.seq() {
            Some(seq) => self.catch_up(seq).await.map(|_| ()),
            None => self.build().await,
        }
    }

    /// The bus says that there is nothing new: the log knows whether that is true.
    async fn heartbeat(&mut self, seq: u64) -> Result<(), FeedError> {
        self.sink.forget_before(self.oldest_list());
        let at_s = self.clock.now_s();
        if self.log.newest().await? == seq {
            self.complete(at_s);
        } else {
            self.follower = None;
            self.catch_up(seq).await?;
        }
        Ok(())
    }

    /// Reads from the log what came after `seq`, and gives the seq reached.
    async fn catch_up(&mut self, mut seq: u64) -> Result<u64, FeedError> {
        loop {
            let at_s = self.clock.now_s();
            let entries = self.log.after(seq, BATCH).await?;
            let Some(last) = entries.last() else {
                // A log that is shorter than what we hold is another log: a backup that was restored.
                if self.log.newest().await? < seq {
                    self.build().await?;
                } else {
                    self.complete(at_s);
                }
                return Ok(self.sink.seq().unwrap_or(seq));
            };
            seq = last.seq;
            if !self.sink.apply(&entries) {
                self.build().await?;
                seq = self.sink.seq().unwrap_or(seq);
            }
        }
    }

    async fn build(&mut self) -> Result<(), FeedError> {
        self.follower = None;
        let at_s = self.clock.now_s();
        let view = self.log.view(self.oldest_list()).await?;
        self.sink.rebuild(&view);
        self.complete(at_s);
        Ok(())
    }

    /// Entries came by the bus: asks the log, once a second, how far it is, and notes when the sink has got there.
    async fn measure(&mut self) {
        let seq = self.sink.seq();
        let at_s = self.clock.now_s();
        if self.asked.is_none() && self.health.borrow().complete_s != Some(at_s) {
            // What the log does not say is not known; the entries are in the sink all the same.
            self.asked = self.log.newest().await.ok().map(|newest| Asked { at_s, newest });
        }
        if let Some(asked) = self.asked.filter(|asked| seq >= Some(asked.newest)) {
            self.complete(asked.at_s);
        } else {
            let complete_s = self.health.borrow().complete_s;
            self.tell(complete_s);
        }
    }

    /// The sink holds everything that was committed before `at_s`.
    fn complete(&mut self, at_s: u64) {
        self.asked = None;
        self.tell(Some(at_s));
    }

    fn tell(&self, complete_s: Option<u64>) {
        let seq = self.sink.seq();
        if let Some(seq) = seq {
            metrics::gauge!("freightpass_index_log_seq").set(seq as f64);
        }
        self.health.send_replace(IndexHealth { seq, complete_s });
    }

    /// The list of the passes that expire now.
    fn oldest_list(&self) -> u32 {
        freightpass_core::status::list_of(self.clock.now_s())
    }
}

/// Ends when something that this process committed has not come for too long.
async fn overdue(mut committed: watch::Receiver<u64>, sink: Arc<dyn StatusSink>) {
    // Before the sink is built nothing is overdue; a log that is gone commits nothing.
    let waits = |newest: &u64| sink.seq().is_some_and(|seq| *newest > seq);
    if committed.wait_for(waits).await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(OVERDUE).await;
}
