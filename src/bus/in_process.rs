//! The bus of a service that runs alone: a bounded piece of the log in this process's memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use freightpass_core::status::Value;
use tokio::sync::watch;

use super::entry::{Entry, LogView, digest_of, paint, read};
use super::port::{BusError, Follower, Mark, StatusBus};

/// Entries kept for followers: a follower that falls further behind reads the log. About 4 MB.
const KEPT: usize = 100_000;
/// Entries that a follower gets at once.
const BATCH: usize = 1_000;
/// Pause after which a follower hears that there is nothing new.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// The bus in this process.
#[derive(Clone)]
pub struct InProcessBus(Arc<Shared>);

struct Shared {
    board: Mutex<Board>,
    position: watch::Sender<u64>,
}

#[derive(Default)]
struct Board {
    position: u64,
    /// Entries up to the position, ascending, the oldest dropped.
    log: VecDeque<Entry>,
    lists: BTreeMap<u32, Vec<u8>>,
}

impl Board {
    fn mark(&self) -> Mark {
        Mark(self.position.to_be_bytes().to_vec())
    }
}

impl InProcessBus {
    /// An empty bus.
    pub fn new() -> Self {
        Self(Arc::new(Shared { board: Mutex::default(), position: watch::Sender::new(0) }))
    }

    /// Nothing below leaves the board half-changed, so that a panic elsewhere does not spoil it.
    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for InProcessBus {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl StatusBus for InProcessBus {
    async fn publish(&self, entries: &[Entry]) -> Result<u64, BusError> {
        let mut board = self.board();
        for entry in entries {
            if entry.seq <= board.position {
                continue;
            }
            if entry.seq != board.position + 1 {
                return Err(BusError::Gap { position: board.position, wanted: entry.seq });
            }
            board.position = entry.seq;
            paint(board.lists.entry(entry.list).or_default(), entry.idx, entry.value);
            board.log.push_back(*entry);
            if board.log.len() > KEPT {
                board.log.pop_front();
            }
        }
        self.0.position.send_replace(board.position);
        Ok(board.position)
    }

    async fn position(&self) -> Result<u64, BusError> {
        Ok(self.board().position)
    }

    async fn value(&self, list: u32, idx: u32) -> Result<Value, BusError> {
        let board = self.board();
        let array = board.lists.get(&list).map_or(&[][..], Vec::as_slice);
        read(array, idx).ok_or_else(|| BusError::Poisoned { what: format!("list {list}") })
    }

    async fn digests(&self, lists: &[u32]) -> Result<Vec<[u8; 32]>, BusError> {
        let board = self.board();
        let digest = |list| digest_of(board.lists.get(list).map_or(&[][..], Vec::as_slice));
        Ok(lists.iter().map(digest).collect())
    }

    async fn mark(&self) -> Result<Mark, BusError> {
        Ok(self.board().mark())
    }

    async fn rebuild(&self, view: &LogView, mark: &Mark) -> Result<(), BusError> {
        let mut board = self.board();
        if board.mark() != *mark {
            return Err(BusError::Moved);
        }
        *board = Board { position: view.seq, log: VecDeque::new(), lists: view.arrays() };
        self.0.position.send_replace(view.seq);
        Ok(())
    }

    async fn follow(&self, after: u64) -> Result<Box<dyn Follower>, BusError> {
        let news = self.0.position.subscribe();
        Ok(Box::new(InProcessFollower { bus: self.clone(), after, news }))
    }
}

struct InProcessFollower {
    bus: InProcessBus,
    after: u64,
    news: watch::Receiver<u64>,
}

impl InProcessFollower {
    /// What lies there after our place.
    fn ready(&self) -> Result<Vec<Entry>, BusError> {
        let board = self.bus.board();
        if board.position <= self.after {
            return Ok(Vec::new());
        }
        let wanted = self.after + 1;
        let first = board.log.front().map_or(u64::MAX, |entry| entry.seq);
        if first > wanted {
            return Err(BusError::Gap { position: board.position, wanted });
        }
        let skipped = usize::try_from(wanted - first).unwrap_or(usize::MAX);
        Ok(board.log.iter().skip(skipped).take(BATCH).copied().collect())
    }
}

#[async_trait]
impl Follower for InProcessFollower {
    async fn next(&mut self) -> Result<Vec<Entry>, BusError> {
        let deadline = tokio::time::Instant::now() + HEARTBEAT;
        loop {
            self.news.mark_unchanged();
            let entries = self.ready()?;
            if let Some(last) = entries.last() {
                self.after = last.seq;
                return Ok(entries);
            }
            // The sender lives in the bus that we hold, so that an error cannot come; a change that happened since
            // the mark ends the wait at once.
            match tokio::time::timeout_at(deadline, self.news.changed()).await {
                Ok(_) => {}
                Err(_) => return Ok(Vec::new()),
            }
        }
    }
}
