//! Relay and feed carry the log, over either bus.

use std::sync::Arc;

use freightpass::bus::{InProcessBus, StatusBus};

use super::redis_bus;
use super::scene::Scene;
use crate::redis_server::RedisServer;

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
