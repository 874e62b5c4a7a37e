//! A Redis that forgot everything, is away, or is filled with wrong keys: nothing is un-revoked, it is seen, and it heals.

use std::sync::Arc;

use freightpass::bus::{
    BusError, BusHealth, Carried, Entry, LogView, Relay, StatusBus as _, StatusLog as _, digest_of,
};
use freightpass::clock::FixedClock;
use freightpass_core::status::Value;
use redis::AsyncCommands as _;

use super::scene::Scene;
use super::{LIST, NOW, PREFIX, entry, rebuild, redis_bus};
use crate::redis_server::RedisServer;

#[tokio::test]
async fn flushed_redis_un_revokes_nothing_and_is_filled_again() {
    let server = RedisServer::start().await;
    let mut scene = Scene::over(Arc::new(redis_bus(&server.url()))).await;
    scene.commit(&[(1, 1), (2, 2), (3, 1)]).await;
    scene.heal().await;
    scene.feed().await;
    let () = redis::cmd("FLUSHALL").query_async(&mut server.client().await).await.unwrap();
    scene.feed().await;
    // It is seen, though nothing waits in the outbox: the whole log is missing there until the next look.
    assert_eq!(scene.relay.step().await.unwrap(), Carried::Rebuilt);
    let emptied = scene.health();
    assert_eq!(emptied, BusHealth { healthy: false, lag: 3, trouble_s: Some(NOW as u64) });
    assert_eq!(scene.relay.step().await.unwrap(), Carried::All);
    let filled = scene.health();
    assert_eq!(filled, BusHealth { healthy: true, lag: 0, ..emptied });
    assert!(filled.lags(NOW as u64), "a probe that comes a moment later sees it as well");
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
    for round in 0..10_u32 {
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
            7 => {
                let () = client.del(key("seq")).await.unwrap();
            }
            8 => {
                // Nothing is left of it but the stream's memory of the id.
                let _: String = client.xadd(key("log"), "99999999-0", &[("a", "b")]).await.unwrap();
                let _: u32 = client.xdel(key("log"), &["99999999-0"]).await.unwrap();
            }
            _ => {
                // Longer than any list.
                let () = client.setrange(key(&list), 1 << 24, "x").await.unwrap();
                // Lists are compared after every trouble.
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
    assert_eq!(relay.step().await.unwrap(), Carried::Rebuilt);
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
    rebuild(&bus, &LogView { seq: 1, oldest_list: LIST, places: vec![entry] }).await;
    let by_rebuild: i64 = client.expire_time(format!("{PREFIX}list:{list}")).await.unwrap();
    assert_eq!(by_rebuild, expected);
}

#[tokio::test]
async fn deployment_that_is_over_leaves_nothing_and_touches_nothing_else() {
    let server = RedisServer::start().await;
    let bus = redis_bus(&server.url());
    let mut client = server.client().await;
    let () = client.set("fp:{0000000000000000}:seq", 7).await.unwrap();
    let entries: Vec<_> = (1..=20).map(|seq| entry(seq, seq as u32, Value::Revoked)).collect();
    bus.publish(&entries).await.unwrap();
    bus.forget().await.unwrap();
    let left: Vec<String> = client.keys("*").await.unwrap();
    assert_eq!(left, ["fp:{0000000000000000}:seq"]);
}

#[tokio::test]
async fn list_longer_than_any_list_is_not_fetched() {
    let server = RedisServer::start().await;
    let bus = redis_bus(&server.url());
    let () = server.client().await.setrange(format!("{PREFIX}list:{LIST}"), 1 << 24, "x").await.unwrap();
    let refused = bus.digests(&[LIST]).await;
    assert!(matches!(refused, Err(BusError::Poisoned { .. })), "{refused:?}");
}
