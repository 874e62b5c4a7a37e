//! The status bus: one contract, in this process and on a real Redis; relay and feed over it; then what only Redis can
//! suffer.

mod cancelled;
mod carrying;
mod overdue;
mod scene;
mod spoilt;

use freightpass::bus::{BusError, Entry, InProcessBus, LogView, RedisBus, StatusBus, digest_of};
use freightpass_core::status::Value;

use crate::redis_server::RedisServer;

/// 2026-12-01 in Beijing, and the list of the passes that expire then.
pub const NOW: i64 = 1_796_054_400;
pub const LIST: u32 = 2969;
pub const DEPLOYMENT: [u8; 8] = *b"bus test";
pub const PREFIX: &str = "fp:{6275732074657374}:";
pub const SEAL_KEY: [u8; 32] = [7; 32];

pub fn entry(seq: u64, idx: u32, value: Value) -> Entry {
    Entry { seq, list: LIST + idx % 3, idx, value, cti: Some(seq.to_be_bytes()), reason: 2 }
}

pub fn redis_bus(url: &str) -> RedisBus {
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
    rebuild(bus, &LogView { seq: 21, oldest_list: LIST, places: vec![place] }).await;
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
    rebuild(bus, &LogView { seq: 3, oldest_list: LIST, places: vec![] }).await;
    assert_eq!(bus.position().await.unwrap(), 3);
    assert_eq!(bus.digests(&[LIST, LIST + 1, LIST + 2]).await.unwrap(), [digest_of(&[]); 3]);

    // A rebuild that comes late takes nothing back: the view that it was made from may not hold what came meanwhile.
    let mark = bus.mark().await.unwrap();
    assert_eq!(bus.publish(&[entry(4, 2, Value::Revoked)]).await.unwrap(), 4);
    let late = bus.rebuild(&LogView { seq: 3, oldest_list: LIST, places: vec![] }, &mark).await;
    assert!(matches!(late, Err(BusError::Moved)), "{late:?}");
    assert_eq!(bus.position().await.unwrap(), 4);
    assert_eq!(bus.value(LIST + 2, 2).await.unwrap(), Value::Revoked);
}

async fn rebuild(bus: &dyn StatusBus, view: &LogView) {
    let mark = bus.mark().await.unwrap();
    bus.rebuild(view, &mark).await.unwrap();
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
