//! New trust lists, stolen keys, survivors.

use freightpass::checkpoint::{HeldByScanner, OwnView as _, PublishError};
use freightpass::trust::ceremony::{Holder, cosign};
use freightpass::trust::{Cost, STATUS, TrustError};
use freightpass_core::status::Value;
use freightpass_core::trust::TrustContent;

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
    // Its successor signs elsewhere, and its private key is not here yet.
    let elsewhere = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
    scene
        .install(1, |draft| {
            draft.compromise(stolen, None).unwrap();
            draft.add_key(&Holder::Status, elsewhere, NOW as u32, NOW as u32 + 90 * DAY).unwrap();
        })
        .await;
    let refused = scene.publisher.publish_own().await;
    assert!(matches!(refused, Err(PublishError::KeyUnavailable { .. })), "{refused:?}");
    let bundled = scene.publisher.bundle(&scanner.says).unwrap();
    assert!(bundled.brings);
    assert!(!scene.publisher.bundle(&bundled.after).unwrap().brings, "once is enough");
    // The manifest in it may be the stolen key's.
    let _ = scanner.held.adopt_bundle(&bundled.bytes).unwrap();
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

#[tokio::test]
async fn list_that_would_stop_the_deployment_is_refused_before_it_is_stored() {
    let scene = Scene::new().await;
    scene.publish().await;
    let stolen = scene.publisher.newest().unwrap().kid;
    let in_force = scene.trust.lists.current().unwrap().list.content().clone();
    let draft = |change: &dyn Fn(&mut TrustContent)| {
        let mut content = in_force.clone();
        content.sequence += 1;
        change(&mut content);
        cosign(&content.encode().unwrap(), &scene.root_key(), None).unwrap()
    };
    let alone = draft(&|content| {
        content.status_keys.iter_mut().filter(|key| key.kid() == stolen).for_each(|key| key.compromised = true);
    });
    let refused = scene.trust.lists.install(&call("InstallTrustList", 1), &alone, false).await;
    assert!(matches!(refused, Err(TrustError::NoStatusKey)), "{refused:?}");
    // A floor above every clock would end every pass: the skew is forgiven, and a second more is not.
    let now = NOW as u32 + in_force.skew;
    for (issued, taken) in [(now + 1, false), (now, true)] {
        let object = draft(&|content| content.issued = issued);
        let answer = scene.trust.lists.install(&call("InstallTrustList", 2), &object, true).await;
        assert_eq!(answer.is_ok(), taken, "{answer:?}");
        assert!(taken || matches!(answer, Err(TrustError::MadeLater { .. })));
    }
    assert_eq!(scene.trust.lists.current().unwrap().list.content().sequence, 1);
}
