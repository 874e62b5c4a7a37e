//! A wrong view of the log signs nothing, and an operator asks once.

use freightpass::audit::Call;
use freightpass::checkpoint::{HeldByScanner, PublicationStore as _, PublishError, Refusal};
use freightpass::storage::StorageError;
use freightpass_core::status::Value;

use super::scene::{BEHIND, DAY, EMPTIED, NO_LISTS, RESUMED, RIGHT, Scene, call, metrics};

/// FP-23: a wrong view signs nothing, keeps what is published and raises the alarm; the right view goes on.
#[tokio::test]
async fn fp_23_wrong_view_signs_nothing_and_the_right_one_holds_all() {
    let metrics = metrics();
    let scene = Scene::new().await;
    scene.publish().await;
    let revoked: Vec<_> = (0..37).map(|at| (at * 3, Value::Revoked)).collect();
    scene.commit(&revoked).await;
    scene.commit(&[(1, Value::Suspended)]).await;
    scene.publish().await;
    let before = scene.publisher.bundle(&HeldByScanner::default()).unwrap();
    for (wrong, code) in [(EMPTIED, "clears_revoked"), (BEHIND, "log_behind"), (RESUMED, "differs_from_log")] {
        scene.see(wrong);
        let refused = scene.publisher.publish_own().await;
        assert!(matches!(&refused, Err(PublishError::Refused(refusal)) if refusal.code() == code), "{refused:?}");
        assert_eq!(scene.publisher.bundle(&HeldByScanner::default()).unwrap(), before);
        assert_eq!(scene.seen.store.newest_manifest().await.unwrap().unwrap().seq, 2);
        let alarm = format!("freightpass_publish_refused_total{{reason=\"{code}\"}}");
        assert!(metrics.render().contains(&alarm), "{}", metrics.render());
    }
    scene.see(RIGHT);
    assert_eq!(scene.publish().await.manifest_seq, 3);
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    let held = (0..37).filter(|at| scanner.value(at * 3) == Value::Revoked).count();
    assert_eq!((held, scanner.value(1)), (37, Value::Suspended));
}

/// FP-23: a setting that leaves out a week which is live.
#[tokio::test]
async fn fp_23_setting_that_leaves_out_a_live_week_signs_nothing() {
    let scene = Scene::new().await;
    scene.publish().await;
    let last = scene.publisher.newest().unwrap().manifest.lists.last().unwrap().list;
    scene.install(1, |draft| draft.set_limits(DAY, 300, DAY)).await;
    scene.see(NO_LISTS);
    let refused = scene.publisher.publish_own().await;
    assert!(matches!(refused, Err(PublishError::Refused(Refusal::ListOmitted { .. }))), "{refused:?}");
    // Seen right, the weeks that the longer life needed stay until they are over.
    scene.see(RIGHT);
    scene.publish().await;
    assert_eq!(scene.publisher.newest().unwrap().manifest.lists.last().unwrap().list, last);
}

#[tokio::test]
async fn operators_request_is_signed_once() {
    let scene = Scene::new().await;
    scene.publish().await;
    let asked = call("PublishStatus", 1);
    let first = scene.publisher.publish(&asked).await.unwrap();
    assert_eq!(first.manifest_seq, 2);
    scene.clock.advance(5);
    assert_eq!(scene.publisher.publish(&asked).await.unwrap(), first);
    assert_eq!(*scene.publisher.published().borrow(), 2);
    let other = scene.publisher.publish(&call("PublishStatus", 2)).await.unwrap();
    assert_eq!(other.manifest_seq, 3);
    let reused = Call { fingerprint: [2; 32], ..asked };
    let reused = scene.publisher.publish(&reused).await;
    assert!(matches!(reused, Err(PublishError::Storage(StorageError::RequestReused))), "{reused:?}");
}
