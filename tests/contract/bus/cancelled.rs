//! Operations that are cut off between question and reply.

use std::sync::Arc;

use freightpass::bus::StatusLog as _;

use super::scene::Scene;
use super::{LIST, redis_bus};
use crate::redis_server::{RedisServer, SlowProxy};

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
