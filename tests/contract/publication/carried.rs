//! What is signed reaches a scanner.

use freightpass::checkpoint::HeldByScanner;
use freightpass::checkpoint::status_token::UnverifiedStatusToken;
use freightpass::clock::Clock as _;
use freightpass_core::hold::AdoptionError;
use freightpass_core::status::{Value, list_of};

use super::scene::{DAY, LIST, NOW, Scene};

#[tokio::test]
async fn first_manifest_names_every_week_to_the_horizon_and_a_new_scanner_adopts_it() {
    let scene = Scene::new().await;
    assert!(scene.publisher.bundle(&HeldByScanner::default()).is_none());
    let mut published = scene.publisher.published();
    let first = scene.publish().await;
    assert_eq!((first.manifest_seq, first.log_seq), (1, 0));
    assert_eq!(*published.borrow_and_update(), 1);
    let newest = scene.publisher.newest().unwrap();
    let lists: Vec<_> = newest.manifest.lists.iter().map(|entry| (entry.list, entry.n)).collect();
    let horizon = list_of((NOW + 1) as u64 + 44 * u64::from(DAY));
    assert_eq!(lists, (LIST..=horizon).map(|list| (list, 65_536)).collect::<Vec<_>>());
    assert_eq!(newest.manifest.expires - newest.manifest.issued, DAY);

    let mut scanner = scene.scanner();
    assert_eq!(scanner.sync(&scene.publisher), lists.len());
    // Nothing changed: the next bundle has no object, and is adopted all the same.
    scene.publish().await;
    assert_eq!(scanner.sync(&scene.publisher), 0);
    assert_eq!(scanner.held.order(), Some((1, 2)));
}

#[tokio::test]
async fn change_is_signed_and_carried_as_a_delta() {
    let scene = Scene::new().await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    scene.commit(&[(7, Value::Revoked), (8, Value::Suspended)]).await;
    let second = scene.publish().await;
    assert_eq!((second.manifest_seq, second.log_seq), (2, 2));
    let bundled = scene.publisher.bundle(&scanner.says).unwrap();
    assert_eq!(scanner.adopt(&bundled), 2);
    assert_eq!(
        (scanner.value(7), scanner.value(8), scanner.value(9)),
        (Value::Revoked, Value::Suspended, Value::Valid)
    );
    // FP-05: the resumption is carried as well, and the bundle before it is a rollback.
    scene.commit(&[(8, Value::Valid)]).await;
    scene.publish().await;
    scanner.sync(&scene.publisher);
    assert_eq!(scanner.value(8), Value::Valid);
    let again = scanner.held.adopt_bundle(&bundled.bytes).unwrap();
    let rolled_back = |outcome: &Result<_, AdoptionError>| matches!(outcome, Err(AdoptionError::RolledBack { .. }));
    assert!(again.iter().any(|part| rolled_back(&part.outcome)));
    assert_eq!(scanner.value(8), Value::Valid);
}

/// FP-09: a scanner that was away comes up to date at once, with at most two objects a list.
#[tokio::test]
async fn scanner_that_was_away_for_200_manifests_needs_one_bundle() {
    let scene = Scene::new().await;
    for _ in 0..10 {
        scene.publish().await;
    }
    let (mut away, mut near) = (scene.scanner(), scene.scanner());
    away.sync(&scene.publisher);
    near.sync(&scene.publisher);
    for at in 0..200_u32 {
        if at % 5 == 0 {
            scene.commit(&[(at * 11, Value::Revoked)]).await;
        }
        scene.publish().await;
        near.sync(&scene.publisher);
    }
    let bundled = scene.publisher.bundle(&away.says).unwrap();
    assert!(away.adopt(&bundled) <= 3, "one object a changed list");
    assert_eq!(away.held.order(), Some((1, 210)));
    for at in (0..200_u32).step_by(5) {
        assert_eq!(away.value(at * 11), Value::Revoked);
    }
    let newest = scene.publisher.newest().unwrap();
    for entry in &newest.manifest.lists {
        assert_eq!(away.held.state_hash(entry.list), Some(&entry.state));
        assert_eq!(near.held.state_hash(entry.list), Some(&entry.state));
    }
    // The objects by name: from the base that the manifest names, two fetches a list suffice.
    let changed = newest.manifest.lists.iter().find(|entry| entry.base != entry.state).unwrap();
    let hex = |hash: &[u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for name in [
        format!("s/{}", hex(&changed.state)),
        format!("s/{}", hex(&changed.base)),
        format!("d/{}/{}", hex(&changed.base), hex(&changed.state)),
    ] {
        assert!(scene.publisher.object(&name).await.unwrap().is_some(), "{name}");
    }
}

#[tokio::test]
async fn token_status_list_says_the_same_as_the_state() {
    let scene = Scene::new().await;
    assert_eq!(scene.publisher.status_token(LIST).unwrap(), None);
    scene.commit(&[(0, Value::Revoked), (9, Value::Suspended)]).await;
    scene.publish().await;
    let token = scene.publisher.status_token(LIST).unwrap().unwrap();
    let uri = format!("HTTPS://PASS.TEST/S/{LIST}");
    let read = UnverifiedStatusToken::read(&token).unwrap();
    let (claims, list) = read.verify(&scene.status_key(), &uri, scene.clock.now_s()).unwrap();
    assert_eq!((claims.ttl, claims.issued), (Some(60), (NOW + 1) as u64));
    assert_eq!((list.bits(), list.array().len()), (2, 16_384));
    assert_eq!((list.value(0), list.value(1), list.value(9)), (Some(1), Some(0), Some(2)));
    assert_eq!(scene.publisher.status_token(LIST).unwrap().unwrap(), token);
    assert_eq!(scene.publisher.status_token(1).unwrap(), None);
}
