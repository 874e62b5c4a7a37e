//! The status bus: one contract, in this process and on a real Redis; then what only Redis can suffer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use freightpass::bus::{
    BusError, Entry, Feed, InProcessBus, LogView, RedisBus, Relay, StatusBus, StatusLog, StatusSink, digest_of,
};
use freightpass::clock::FixedClock;
use freightpass::storage::{Sqlite, StatusChange, Store};
use freightpass_core::status::Value;
use jiff::Timestamp;
use redis::AsyncCommands as _;

use crate::redis_server::{RedisServer, SlowProxy};

/// 2026-12-01 in Beijing, and the list of the passes that expire then.
const NOW: i64 = 1_796_054_400;
const LIST: u32 = 2969;
const DEPLOYMENT: [u8; 8] = *b"bus test";
const PREFIX: &str = "fp:{6275732074657374}:";
const SEAL_KEY: [u8; 32] = [7; 32];

fn entry(seq: u64, idx: u32, value: Value) -> Entry {
    Entry { seq, list: LIST + idx % 3, idx, value, cti: Some(seq.to_be_bytes()), reason: 2 }
}

fn redis_bus(url: &str) -> RedisBus {
    RedisBus::new(url, &DEPLOYMENT, &SEAL_KEY).unwrap()
}

/// The contract of [`StatusBus`], clause by clause.
async fn keeps_the_contract(bus: &dyn StatusBus) {
    // An empty bus stands at 0, and says that everything is valid.
    assert_eq!(bus.position().await.unwrap(), 0);
    assert_eq!(bus.value(LIST, 5).await.unwrap(), Value::Valid);
    assert_eq!(bus.digests(&[LIST, LIST + 1]).await.unwrap(), [digest_of(&[]); 2]);
    assert_eq!(bus.publish(&[]).await.unwrap(), 0);

    // What is published is there, once, however often it is published.
    let first: Vec<_> = (1..=10).map(|seq| entry(seq, seq as u32 * 7, Value::Revoked)).collect();
    assert_eq!(bus.publish(&first).await.unwrap(), 10);
    assert_eq!(bus.publish(&first).await.unwrap(), 10);
    assert_eq!(bus.publish(&first[3..7]).await.unwrap(), 10);
    for entry in &first {
        assert_eq!(bus.value(entry.list, entry.idx).await.unwrap(), Value::Revoked);
    }
    assert_eq!(bus.value(LIST, 8).await.unwrap(), Value::Valid);

    // A batch that begins before the position and ends behind it adds what is new.
    let mixed: Vec<_> = (9..=12).map(|seq| entry(seq, seq as u32 * 7, Value::Suspended)).collect();
    assert_eq!(bus.publish(&mixed).await.unwrap(), 12);
    assert_eq!(bus.value(entry(9, 63, Value::Valid).list, 63).await.unwrap(), Value::Revoked);
    assert_eq!(bus.value(entry(12, 84, Value::Valid).list, 84).await.unwrap(), Value::Suspended);

    // A hole is refused, and nothing is put.
    let after_a_hole = [entry(14, 1, Value::Revoked)];
    match bus.publish(&after_a_hole).await {
        Err(BusError::Gap { position: 12, .. }) => {}
        other => panic!("a hole was to be refused: {other:?}"),
    }
    assert_eq!(bus.position().await.unwrap(), 12);
    assert_eq!(bus.value(LIST + 1, 1).await.unwrap(), Value::Valid);

    // A follower gets everything after its place, in order, also what comes later.
    let mut follower = bus.follow(10).await.unwrap();
    let mut seen = follower.next().await.unwrap();
    assert_eq!(bus.publish(&[entry(13, 1, Value::Suspended)]).await.unwrap(), 13);
    assert_eq!(bus.publish(&[entry(14, 1, Value::Valid)]).await.unwrap(), 14);
    while seen.last().is_none_or(|entry| entry.seq < 14) {
        seen.extend(follower.next().await.unwrap());
    }
    assert_eq!(seen.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [11, 12, 13, 14]);
    assert_eq!(seen[0], mixed[2]);
    assert_eq!(seen[3], entry(14, 1, Value::Valid));
    assert_eq!(bus.value(LIST + 1, 1).await.unwrap(), Value::Valid);

    // A follower with nothing to read hears that the bus is there.
    assert_eq!(follower.next().await.unwrap(), []);

    // A rebuild says what the view says, and nothing else; who stood before it finds a hole, who stands at it goes on.
    let place = Entry { cti: None, ..entry(20, 90, Value::Suspended) };
    bus.rebuild(&LogView { seq: 21, oldest_list: LIST, places: vec![place] }).await.unwrap();
    assert_eq!(bus.position().await.unwrap(), 21);
    assert_eq!(bus.value(place.list, 90).await.unwrap(), Value::Suspended);
    assert_eq!(bus.value(LIST + 1, 7).await.unwrap(), Value::Valid);
    match follower.next().await {
        Err(BusError::Gap { wanted: 15, .. }) => {}
        other => panic!("the follower was to find a hole: {other:?}"),
    }
    let mut follower = bus.follow(21).await.unwrap();
    bus.publish(&[entry(22, 2, Value::Revoked)]).await.unwrap();
    assert_eq!(follower.next().await.unwrap(), [entry(22, 2, Value::Revoked)]);

    // It can go back as well: another log was restored.
    bus.rebuild(&LogView { seq: 3, oldest_list: LIST, places: vec![] }).await.unwrap();
    assert_eq!(bus.position().await.unwrap(), 3);
    assert_eq!(bus.digests(&[LIST, LIST + 1, LIST + 2]).await.unwrap(), [digest_of(&[]); 3]);
    assert_eq!(bus.publish(&[entry(4, 2, Value::Revoked)]).await.unwrap(), 4);
}

#[tokio::test]
async fn in_process_bus_keeps_the_contract() {
    keeps_the_contract(&InProcessBus::new()).await;
}

#[tokio::test]
async fn redis_bus_keeps_the_contract() {
    let server = RedisServer::start().await;
    keeps_the_contract(&redis_bus(&server.url())).await;
}

/// What the index of CheckPass is to the feed, as plain as can be.
#[derive(Default)]
struct Board(Mutex<Option<(u64, Places)>>);

/// List and index: value.
type Places = BTreeMap<(u32, u32), Value>;

impl Board {
    fn places(&self) -> Places {
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
struct Scene {
    _folder: tempfile::TempDir,
    store: Store<Sqlite>,
    bus: Arc<dyn StatusBus>,
    relay: Relay,
    board: Arc<Board>,
    feed: Feed,
}

impl Scene {
    async fn over(bus: Arc<dyn StatusBus>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let clock = Arc::new(FixedClock::at(NOW));
        let board = Arc::new(Board::default());
        let relay = Relay::new(bus.clone(), Arc::new(store.clone()), clock.clone());
        let feed = Feed::new(bus.clone(), Arc::new(store.clone()), board.clone(), clock);
        Self { _folder: folder, store, bus, relay, board, feed }
    }

    async fn commit(&self, changes: &[(u32, u8)]) {
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
        let mut work = self.store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
        work.append_status(&changes).await.unwrap();
        work.commit(&()).await.unwrap();
    }

    /// Lets the relay work until the bus says what the log says. A step may fail while a connection finds out that the
    /// server was restarted.
    async fn heal(&mut self) {
        for _ in 0..20 {
            let _ = self.relay.step().await;
            if self.agrees().await {
                return;
            }
        }
        panic!("the bus does not heal");
    }

    async fn agrees(&self) -> bool {
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
    async fn feed(&mut self) {
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

    fn lag(&self) -> u64 {
        self.relay.health().borrow().lag
    }

    fn healthy(&self) -> bool {
        self.relay.health().borrow().healthy
    }
}

async fn carries_the_log(bus: Arc<dyn StatusBus>) {
    let mut scene = Scene::over(bus).await;
    scene.commit(&[(1, 1), (2, 2), (3, 1)]).await;
    scene.heal().await;
    scene.feed().await;
    scene.commit(&[(2, 0), (9, 1)]).await;
    scene.heal().await;
    scene.feed().await;
    assert!(scene.healthy());
    assert_eq!(scene.lag(), 0);
    // More than one batch at once.
    let many: Vec<_> = (100..1_700).map(|idx| (idx, 1)).collect();
    scene.commit(&many).await;
    scene.heal().await;
    scene.feed().await;
}

#[tokio::test]
async fn relay_and_feed_carry_the_log_in_process() {
    carries_the_log(Arc::new(InProcessBus::new())).await;
}

#[tokio::test]
async fn relay_and_feed_carry_the_log_over_redis() {
    let server = RedisServer::start().await;
    carries_the_log(Arc::new(redis_bus(&server.url()))).await;
}

#[tokio::test]
async fn flushed_redis_un_revokes_nothing_and_is_filled_again() {
    let server = RedisServer::start().await;
    let mut scene = Scene::over(Arc::new(redis_bus(&server.url()))).await;
    scene.commit(&[(1, 1), (2, 2), (3, 1)]).await;
    scene.heal().await;
    scene.feed().await;
    let () = redis::cmd("FLUSHALL").query_async(&mut server.client().await).await.unwrap();
    scene.feed().await;
    scene.heal().await;
    scene.feed().await;
    let () = redis::cmd("FLUSHALL").query_async(&mut server.client().await).await.unwrap();
    scene.commit(&[(4, 1)]).await;
    scene.heal().await;
    scene.feed().await;
    assert_eq!(scene.bus.value(LIST + 1, 1).await.unwrap(), Value::Revoked);
}

#[tokio::test]
async fn stopped_redis_is_seen_as_lag_and_the_index_goes_on_by_the_log() {
    let mut server = RedisServer::start().await;
    let mut scene = Scene::over(Arc::new(redis_bus(&server.url()))).await;
    scene.commit(&[(1, 1)]).await;
    scene.heal().await;
    scene.feed().await;
    server.stop().await;
    scene.commit(&[(2, 1), (1, 1)]).await;
    assert!(scene.relay.step().await.is_err());
    assert!(!scene.healthy());
    assert_eq!(scene.lag(), 2);
    scene.feed().await;
    server.start_again().await;
    scene.heal().await;
    assert!(scene.healthy());
    assert_eq!(scene.lag(), 0);
    scene.commit(&[(5, 2)]).await;
    scene.heal().await;
    scene.feed().await;
}

#[tokio::test]
async fn keys_of_another_type_or_content_are_thrown_away_and_rebuilt() {
    let server = RedisServer::start().await;
    let mut scene = Scene::over(Arc::new(redis_bus(&server.url()))).await;
    scene.commit(&[(1, 1), (2, 2), (3, 1)]).await;
    scene.heal().await;
    scene.feed().await;
    let key = |name: &str| format!("{PREFIX}{name}");
    let list = format!("list:{}", LIST + 1);
    let mut client = server.client().await;
    for round in 0..8_u32 {
        match round {
            0 => {
                let () = client.del(key("log")).await.unwrap();
                let () = client.set(key("log"), "no stream").await.unwrap();
            }
            1 => {
                let () = client.set(key("seq"), "many").await.unwrap();
            }
            2 => {
                let () = client.set(key("seq"), 900_000).await.unwrap();
            }
            3 => {
                let () = client.del(key("seq")).await.unwrap();
                let () = client.lpush(key("seq"), "1").await.unwrap();
            }
            4 => {
                let () = client.del(key(&list)).await.unwrap();
                let () = client.lpush(key(&list), "1").await.unwrap();
            }
            5 => {
                // An un-revocation from nowhere, well-formed but for its seal.
                let next = scene.store.newest().await.unwrap() + 1;
                let fields =
                    [("list", "2970"), ("idx", "1"), ("value", "0"), ("cti", ""), ("reason", "1"), ("seal", "no")];
                let _: String = client.xadd(key("log"), format!("{next}-0"), &fields).await.unwrap();
                let () = client.set(key("seq"), next).await.unwrap();
                scene.feed().await;
            }
            6 => {
                let () = client.del(key("log")).await.unwrap();
                let _: String = client.xadd(key("log"), "99999999-7", &[("a", "b")]).await.unwrap();
            }
            _ => {
                let () = client.del(key("seq")).await.unwrap();
            }
        }
        // A change must find its way through the spoilt keys; every other time they are found when nothing changes.
        if round % 2 == 0 {
            scene.commit(&[(10 + round, 1)]).await;
        }
        scene.heal().await;
        scene.feed().await;
        assert_eq!(scene.bus.value(LIST + 1, 1).await.unwrap(), Value::Revoked, "round {round}");
    }
}

#[tokio::test]
async fn bitmap_that_lost_a_revocation_is_found_by_the_comparison() {
    let server = RedisServer::start().await;
    let mut scene = Scene::over(Arc::new(redis_bus(&server.url()))).await;
    scene.commit(&[(1, 1), (2, 2)]).await;
    scene.heal().await;
    let mut client = server.client().await;
    let () = client.set(format!("{PREFIX}list:{}", LIST + 1), "").await.unwrap();
    let () = client.set(format!("{PREFIX}list:{}", LIST + 4), "\u{7f}").await.unwrap();
    // After any failure, and each minute, all lists are compared.
    let mut relay = Relay::new(scene.bus.clone(), Arc::new(scene.store.clone()), Arc::new(FixedClock::at(NOW)));
    relay.step().await.unwrap();
    assert!(scene.agrees().await);
    assert_eq!(scene.bus.digests(&[LIST + 4]).await.unwrap(), [digest_of(&[])]);
}

#[tokio::test]
async fn list_key_lives_to_the_end_of_its_window_and_a_day() {
    let server = RedisServer::start().await;
    let bus = redis_bus(&server.url());
    // A list far enough in the future of the machine's own clock: Redis lets a key of the past go at once.
    let list = 4_000;
    let entry = Entry { list, ..entry(1, 1, Value::Revoked) };
    let expected = (i64::from(list) + 1) * 604_800 + 86_400;
    let mut client = server.client().await;
    bus.publish(&[entry]).await.unwrap();
    let by_publish: i64 = client.expire_time(format!("{PREFIX}list:{list}")).await.unwrap();
    assert_eq!(by_publish, expected);
    bus.rebuild(&LogView { seq: 1, oldest_list: LIST, places: vec![entry] }).await.unwrap();
    let by_rebuild: i64 = client.expire_time(format!("{PREFIX}list:{list}")).await.unwrap();
    assert_eq!(by_rebuild, expected);
}

/// FP-25: a command cancelled between question and reply leaves its reply to nobody.
#[tokio::test]
async fn cancelled_operations_leave_no_reply_for_the_next_caller() {
    let server = RedisServer::start().await;
    let proxy = SlowProxy::before(&server.socket()).await;
    let mut scene = Scene::over(Arc::new(redis_bus(&proxy.url()))).await;
    // 1,000 passes whose values differ, so that an answer to another question is seen.
    let value = |idx: u32| [0_u8, 1, 2, 1, 0, 2, 2][(idx % 7) as usize];
    let changes: Vec<_> = (0..1_000).map(|idx| (idx, value(idx))).collect();
    scene.commit(&changes).await;
    scene.heal().await;

    // 200 operations of all kinds, each cut off when its question has reached Redis and its reply is on the way.
    for at in 0..200_u32 {
        scene.commit(&[(2_000 + at, 1)]).await;
        proxy.open(true);
        // A connection whose handshake is done lies ready, so that what is held back is the reply to the operation.
        scene.bus.position().await.unwrap();
        proxy.open(false);
        let mut asked = proxy.asked();
        asked.mark_unchanged();
        let (bus, log) = (scene.bus.clone(), scene.store.clone());
        let operation = tokio::spawn(async move {
            match at % 4 {
                0 => drop(bus.value(LIST + at % 3, at).await),
                1 => drop(bus.publish(&log.pending(500).await.unwrap()).await),
                2 => drop(bus.position().await),
                _ => drop(bus.digests(&[LIST]).await),
            }
        });
        asked.changed().await.unwrap();
        operation.abort();
        assert!(operation.await.unwrap_err().is_cancelled());
    }
    proxy.open(true);
    assert!(proxy.connections() >= 200, "every connection in doubt was dropped: {}", proxy.connections());

    // 1,000 look-ups of different passes, 50 at a time: each answer belongs to its pass.
    for chunk in (0..1_000_u32).collect::<Vec<_>>().chunks(50) {
        let look_ups = chunk.iter().map(|&idx| {
            let bus = scene.bus.clone();
            async move { (idx, bus.value(LIST + idx % 3, idx).await.unwrap() as u8) }
        });
        for (idx, found) in futures::future::join_all(look_ups).await {
            assert_eq!(found, value(idx), "idx {idx}");
        }
    }
    scene.heal().await;
    scene.feed().await;
}
