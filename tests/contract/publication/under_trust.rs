//! New trust lists, stolen keys, survivors.

use freightpass::checkpoint::{HeldByScanner, OwnView as _, PublishError};
use freightpass::trust::ceremony::Holder;
use freightpass::trust::{Cost, STATUS};
use freightpass_core::status::Value;

use super::scene::{DAY, NOW, Scene, call};

#[tokio::test]
async fn stolen_status_key_is_replaced_and_scanners_get_everything_anew() {
    let scene = Scene::new().await;
    scene.commit(&[(7, Value::Revoked)]).await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    let stolen = scene.publisher.newest().unwrap().kid;
    let new = scene.trust.keys.create(STATUS, Cost::Machine).unwrap().verifying_key().to_bytes();
    scene.clock.advance(10);
    scene
        .install(1, |draft| {
            let from = NOW as u32;
            draft.add_key(&Holder::Status, new, from, from + 90 * DAY).unwrap();
            draft.compromise(stolen, None).unwrap();
        })
        .await;
    scene.publish().await;
    assert_ne!(scene.publisher.newest().unwrap().kid, stolen);
    scanner.sync(&scene.publisher);
    assert_eq!((scanner.held.order(), scanner.value(7)), (Some((2, 2)), Value::Revoked));
    let scene = scene.restarted().await;
    scene.publish().await;
    assert_eq!(scanner.sync(&scene.publisher), 0);
}

#[tokio::test]
async fn new_trust_list_goes_out_also_when_nothing_can_be_signed_under_it() {
    let scene = Scene::new().await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    let stolen = scene.publisher.newest().unwrap().kid;
    scene.install(1, |draft| draft.compromise(stolen, None).unwrap()).await;
    let refused = scene.publisher.publish_own().await;
    assert!(matches!(refused, Err(PublishError::KeyUnavailable { .. })), "{refused:?}");
    let bundled = scene.publisher.bundle(&scanner.says).unwrap();
    assert!(bundled.brings);
    assert!(!scene.publisher.bundle(&bundled.after).unwrap().brings, "once is enough");
    scanner.held.adopt_bundle(&bundled.bytes).unwrap();
    assert_eq!(scanner.held.trust().unwrap().content().sequence, 2);
    assert!(scanner.held.manifest().is_none(), "what the stolen key signed is dropped");
    assert!(scene.publisher.held().is_none());
    // So it is after a restart, and the service starts.
    let scene = scene.restarted().await;
    assert!(scene.publisher.held().is_none());
    assert!(scene.publisher.bundle(&HeldByScanner::default()).is_some());
}

#[tokio::test]
async fn survivors_ride_along_until_the_scanner_has_them() {
    let scene = Scene::new().await;
    let kid = scene.trust.lists.current().unwrap().list.content().authorities[1].keys[0].kid();
    let prepared = scene.trust.lists.prepare_survivors(&call("PrepareSurvivors", 1), kid).await.unwrap();
    scene.install(2, |draft| draft.compromise(kid, Some(prepared.hash)).unwrap()).await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    let all = scanner.sync(&scene.publisher);
    assert_eq!(all, scene.publisher.newest().unwrap().manifest.lists.len() + 1);
    assert_eq!(scanner.says.survivors, [prepared.hash]);
    scene.publish().await;
    assert_eq!(scanner.sync(&scene.publisher), 0);
}
