//! How fresh the index is known to be; and a bus that hangs.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use freightpass::bus::{
    BusError, Entry, Follower, InProcessBus, IndexHealth, LogView, Mark, StatusBus, StatusLog as _, StatusSink as _,
};
use freightpass_core::status::Value;
use tokio_util::sync::CancellationToken;

use super::NOW;
use super::scene::Scene;

const NOW_S: u64 = NOW as u64;

/// A test that hangs must fail one day; nothing is measured by it.
const AT_LAST: Duration = Duration::from_secs(60);

#[tokio::test]
async fn index_vouches_for_the_moment_at_which_the_log_was_asked() {
    let mut scene = Scene::over(Arc::new(InProcessBus::new())).await;
    let health = scene.feed.health();
    assert_eq!(*health.borrow(), IndexHealth::default());
    scene.commit(&[(1, 1)]).await;
    scene.heal().await;
    scene.feed().await;
    assert_eq!(*health.borrow(), IndexHealth { seq: Some(1), complete_s: Some(NOW_S) });
    // It follows now.
    scene.feed.step().await.unwrap();

    // Two changes, of which the bus brings one: what it brought does not say that it was all.
    scene.clock.advance(60);
    scene.commit(&[(2, 1), (3, 1)]).await;
    let pending = scene.store.pending(10).await.unwrap();
    scene.bus.publish(&pending[..1]).await.unwrap();
    scene.feed.step().await.unwrap();
    assert_eq!(*health.borrow(), IndexHealth { seq: Some(2), complete_s: Some(NOW_S) });
    scene.clock.advance(5);
    scene.bus.publish(&pending).await.unwrap();
    scene.feed.step().await.unwrap();
    assert_eq!(*health.borrow(), IndexHealth { seq: Some(3), complete_s: Some(NOW_S + 60) });
}

#[tokio::test]
async fn change_that_a_hanging_bus_does_not_bring_comes_from_the_log() {
    let scene = Scene::over(Arc::new(Hanging(InProcessBus::new()))).await;
    let mut health = scene.feed.health();
    let stop = CancellationToken::new();
    let (feed, store, board) = (scene.feed, scene.store, scene.board);
    let running = tokio::spawn(feed.run(stop.clone()));
    for seq in 1..4_u32 {
        super::scene::commit(&store, &[(seq, 1)]).await;
        let reached = health.wait_for(|health| health.seq == Some(seq.into()));
        tokio::time::timeout(AT_LAST, reached).await.expect("the log is read").unwrap();
        assert_eq!(board.seq(), Some(seq.into()));
    }
    stop.cancel();
    running.await.unwrap();
}

/// A bus whose followers never hear anything, not even that there is nothing.
struct Hanging(InProcessBus);

#[async_trait]
impl StatusBus for Hanging {
    async fn publish(&self, entries: &[Entry]) -> Result<u64, BusError> {
        self.0.publish(entries).await
    }

    async fn position(&self) -> Result<u64, BusError> {
        self.0.position().await
    }

    async fn value(&self, list: u32, idx: u32) -> Result<Value, BusError> {
        self.0.value(list, idx).await
    }

    async fn digests(&self, lists: &[u32]) -> Result<Vec<[u8; 32]>, BusError> {
        self.0.digests(lists).await
    }

    async fn mark(&self) -> Result<Mark, BusError> {
        self.0.mark().await
    }

    async fn rebuild(&self, view: &LogView, mark: &Mark) -> Result<(), BusError> {
        self.0.rebuild(view, mark).await
    }

    async fn follow(&self, _: u64) -> Result<Box<dyn Follower>, BusError> {
        Ok(Box::new(Deaf))
    }
}

struct Deaf;

#[async_trait]
impl Follower for Deaf {
    async fn next(&mut self) -> Result<Vec<Entry>, BusError> {
        std::future::pending().await
    }
}
