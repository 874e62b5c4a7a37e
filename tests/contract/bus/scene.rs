//! A registry, a bus, the relay between them, and one replica's index that is fed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use freightpass::bus::{BusHealth, Entry, Feed, LogView, Relay, StatusBus, StatusLog, StatusSink, digest_of};
use freightpass::clock::FixedClock;
use freightpass::storage::{Sqlite, StatusChange, Store};
use freightpass_core::status::Value;
use jiff::Timestamp;

use super::{LIST, NOW};

/// What the index of CheckPass is to the feed, as plain as can be.
#[derive(Default)]
pub struct Board(Mutex<Option<(u64, Places)>>);

/// List and index: value.
type Places = BTreeMap<(u32, u32), Value>;

impl Board {
    pub fn places(&self) -> Places {
        self.0.lock().unwrap().clone().unwrap().1
    }
}

impl StatusSink for Board {
    fn seq(&self) -> Option<u64> {
        self.0.lock().unwrap().as_ref().map(|(seq, _)| *seq)
    }

    fn rebuild(&self, view: &LogView) {
        let places = view.places.iter().map(|entry| ((entry.list, entry.idx), entry.value)).collect();
        *self.0.lock().unwrap() = Some((view.seq, places));
    }

    fn apply(&self, entries: &[Entry]) -> bool {
        let mut board = self.0.lock().unwrap();
        let (seq, places) = board.as_mut().unwrap();
        for entry in entries {
            assert_eq!(entry.seq, *seq + 1, "the feed brings entries without a hole");
            *seq = entry.seq;
            places.insert((entry.list, entry.idx), entry.value);
        }
        true
    }

    fn forget_before(&self, _: u32) {}
}

/// A registry, a bus, the relay between them and one replica's index.
pub struct Scene {
    _folder: tempfile::TempDir,
    pub store: Store<Sqlite>,
    pub clock: Arc<FixedClock>,
    pub bus: Arc<dyn StatusBus>,
    pub relay: Relay,
    pub board: Arc<Board>,
    pub feed: Feed,
}

impl Scene {
    pub async fn over(bus: Arc<dyn StatusBus>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let clock = Arc::new(FixedClock::at(NOW));
        let board = Arc::new(Board::default());
        let relay = Relay::new(bus.clone(), Arc::new(store.clone()), clock.clone());
        let feed = Feed::new(bus.clone(), Arc::new(store.clone()), board.clone(), clock.clone());
        Self { _folder: folder, store, clock, bus, relay, board, feed }
    }

    pub async fn commit(&self, changes: &[(u32, u8)]) {
        commit(&self.store, changes).await;
    }

    /// Lets the relay work until the bus says what the log says. A step may fail while a connection finds out that the
    /// server was restarted; a list that was spoilt is found by the comparison, which comes with every 30th look.
    pub async fn heal(&mut self) {
        for _ in 0..40 {
            let _ = self.relay.step().await;
            if self.healthy() && self.agrees().await {
                return;
            }
        }
        panic!("the bus does not heal");
    }

    pub async fn agrees(&self) -> bool {
        let view = self.store.view(LIST).await.unwrap();
        let arrays = view.arrays();
        let lists = [LIST, LIST + 1, LIST + 2];
        let expected: Vec<_> =
            lists.iter().map(|list| digest_of(arrays.get(list).map_or(&[][..], Vec::as_slice))).collect();
        let position = self.bus.position().await.is_ok_and(|position| position == view.seq);
        let pending = self.store.pending_count().await.unwrap();
        position && pending == 0 && self.bus.digests(&lists).await.is_ok_and(|digests| digests == expected)
    }

    /// Lets the feed work until the board stands at the log's head, and compares it with the log.
    pub async fn feed(&mut self) {
        let newest = self.store.newest().await.unwrap();
        for _ in 0..20 {
            let _ = self.feed.step().await;
            if self.board.seq() == Some(newest) {
                break;
            }
        }
        let view = self.store.view(LIST).await.unwrap();
        let expected: BTreeMap<_, _> = view.places.iter().map(|entry| ((entry.list, entry.idx), entry.value)).collect();
        assert_eq!(self.board.seq(), Some(view.seq));
        assert_eq!(self.board.places(), expected);
    }

    pub fn health(&self) -> BusHealth {
        *self.relay.health().borrow()
    }

    pub fn lag(&self) -> u64 {
        self.health().lag
    }

    pub fn healthy(&self) -> bool {
        self.health().healthy
    }
}

/// Commits changes of places, each an idx and a value.
pub async fn commit(store: &Store<Sqlite>, changes: &[(u32, u8)]) {
    let changes: Vec<_> = changes
        .iter()
        .map(|&(idx, value)| StatusChange {
            list: LIST + idx % 3,
            idx,
            value,
            cti: Some(u64::from(idx).to_be_bytes()),
            reason: 1,
            reason_text: String::new(),
        })
        .collect();
    let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
    work.append_status(&changes).await.unwrap();
    work.commit(&()).await.unwrap();
}
