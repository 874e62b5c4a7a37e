//! What anybody may say when asking for a bundle.

use freightpass::checkpoint::HeldByScanner;
use freightpass_core::status::Value;

use super::scene::Scene;

/// Each of them holds the same, as far as anything is known of it, and says more.
fn boasts(says: &HeldByScanner) -> Vec<HeldByScanner> {
    let mut backwards = says.clone();
    backwards.states.reverse();
    let mut more = says.clone();
    more.states.insert(0, (1, [1; 32]));
    more.states.push((u32::MAX, [2; 32]));
    let survivors = HeldByScanner { survivors: vec![[9; 32], [8; 32]], ..says.clone() };
    let newer = HeldByScanner { trust_seq: u32::MAX, ..says.clone() };
    vec![backwards, more, survivors, newer]
}

#[tokio::test]
async fn what_nobody_knows_makes_no_other_bundle() {
    let scene = Scene::new().await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    scene.commit(&[(7, Value::Revoked)]).await;
    scene.publish().await;
    let honest = scene.publisher.bundle(&scanner.says).unwrap();
    assert!(honest.brings);
    let other = HeldByScanner { manifest_seq: 77, ..scanner.says.clone() };
    for boast in boasts(&scanner.says).into_iter().chain([other]) {
        let bundled = scene.publisher.bundle(&boast).unwrap();
        assert_eq!(bundled, honest, "{boast:?}");
    }
    // A state that is not known is no base of a delta: the snapshot comes instead.
    let mut wrong = scanner.says.clone();
    wrong.states.iter_mut().for_each(|(_, hash)| *hash = [3; 32]);
    let fresh = HeldByScanner { states: Vec::new(), ..scanner.says.clone() };
    assert_eq!(scene.publisher.bundle(&wrong).unwrap(), scene.publisher.bundle(&fresh).unwrap());
}

#[tokio::test]
async fn who_holds_everything_is_brought_nothing_whatever_else_is_said() {
    let scene = Scene::new().await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    for says in boasts(&scanner.says).iter().chain([&scanner.says]) {
        let bundled = scene.publisher.bundle(says).unwrap();
        assert!(!bundled.brings, "{says:?}");
        // Nor after it: a stream that goes on from there would never rest.
        assert!(!scene.publisher.bundle(&bundled.after).unwrap().brings, "{says:?}");
    }
    scene.publish().await;
    assert!(scene.publisher.bundle(&scanner.says).unwrap().brings, "the next manifest");
}
