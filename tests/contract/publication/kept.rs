//! What was published stays: over restarts, growth, replicas, weeks, and a clock that is set back.

use freightpass::checkpoint::{HeldByScanner, OwnView as _, PublishError, Refusal};
use freightpass_core::status::Value;

use super::scene::{DAY, EMPTIED, LEASED, LIST, NOW, RIGHT, Scene, publisher};

#[tokio::test]
async fn after_a_restart_what_was_signed_is_read_back_before_anything_is_signed() {
    let scene = Scene::new().await;
    scene.publish().await;
    scene.commit(&[(7, Value::Revoked), (8, Value::Suspended)]).await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    let before = scene.publisher.bundle(&HeldByScanner::default()).unwrap();
    let scene = scene.restarted().await;
    assert_eq!(scene.publisher.bundle(&HeldByScanner::default()).unwrap(), before);
    assert!(scene.publisher.held().is_some());
    scene.see(EMPTIED);
    let refused = scene.publisher.publish_own().await;
    assert!(matches!(refused, Err(PublishError::Refused(Refusal::UnRevokes { .. }))), "{refused:?}");
    scene.see(RIGHT);
    scene.commit(&[(10, Value::Revoked)]).await;
    assert_eq!(scene.publish().await.manifest_seq, 3);
    assert_eq!(scanner.sync(&scene.publisher), 1);
    assert_eq!((scanner.value(7), scanner.value(10)), (Value::Revoked, Value::Revoked));
}

#[tokio::test]
async fn half_leased_list_grows_before_its_places_are_needed() {
    let scene = Scene::new().await;
    scene.publish().await;
    scene.commit(&[(9, Value::Revoked)]).await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    assert!(!scene.publisher.grows().await.unwrap());
    scene.see(LEASED);
    assert!(scene.publisher.grows().await.unwrap());
    scene.publish().await;
    assert!(!scene.publisher.grows().await.unwrap());
    let n = |scene: &Scene| scene.publisher.newest().unwrap().manifest.entry(LIST).unwrap().n;
    assert_eq!(n(&scene), 131_072);
    assert_eq!(scanner.sync(&scene.publisher), 1);
    assert_eq!(scanner.held.current_state(LIST).unwrap().n(), 131_072);
    assert_eq!(scanner.value(9), Value::Revoked);
    // It stays so large, also after a restart.
    scene.see(RIGHT);
    scene.publish().await;
    assert_eq!(n(&scene), 131_072);
    let scene = scene.restarted().await;
    scene.publish().await;
    assert_eq!(n(&scene), 131_072);
}

#[tokio::test]
async fn second_replica_goes_on_where_the_first_one_was() {
    let scene = Scene::new().await;
    let other = publisher(&scene.seen, &scene.trust, &scene.clock).await.unwrap();
    scene.publish().await;
    scene.commit(&[(7, Value::Revoked)]).await;
    assert_eq!(other.publish_own().await.unwrap().manifest_seq, 2);
    assert_eq!(scene.publish().await.manifest_seq, 3);
    let mut scanner = scene.scanner();
    scanner.adopt(&other.bundle(&HeldByScanner::default()).unwrap());
    scanner.sync(&scene.publisher);
    assert_eq!(scanner.value(7), Value::Revoked);
}

#[tokio::test]
async fn weeks_pass_and_what_nobody_needs_is_cleared_away() {
    let scene = Scene::new().await;
    scene.publish().await;
    let first = scene.publisher.newest().unwrap().manifest.lists[0];
    let name = |hash: &[u8; 32]| format!("s/{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    for day in 0..20_u32 {
        scene.commit(&[(day * 3 + 2, Value::Revoked)]).await;
        scene.publish().await;
        scene.clock.advance(i64::from(DAY));
    }
    scene.publish().await;
    let newest = scene.publisher.newest().unwrap();
    assert!(newest.manifest.lists[0].list > first.list);
    assert_eq!(scene.publisher.object(&name(&first.state)).await.unwrap(), None);
    for entry in &newest.manifest.lists {
        assert!(scene.publisher.object(&name(&entry.state)).await.unwrap().is_some());
        assert!(scene.publisher.object(&name(&entry.base)).await.unwrap().is_some());
    }
    let scene = scene.restarted().await;
    scene.publish().await;
    scene.scanner().sync(&scene.publisher);
}

#[tokio::test]
async fn clock_that_is_set_back_makes_no_older_manifest() {
    let scene = Scene::new().await;
    let first = scene.publish().await;
    scene.clock.set(NOW - 3_600);
    let second = scene.publisher.publish_own().await.unwrap();
    assert_eq!((second.manifest_seq, second.issued), (2, first.issued));
}
