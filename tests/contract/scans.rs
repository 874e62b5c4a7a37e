//! The port of scan reports.

use freightpass::checkpoint::{PlaceStore, ScanReport, ScanStore, Stored};
use freightpass_core::pass::PassNumber;
use freightpass_core::scan::Outcome;
use jiff::Timestamp;
use uuid::Uuid;

use crate::support::{NOW, TestBackend};

fn report(id: u128, code: &str) -> ScanReport {
    ScanReport {
        id: Uuid::from_u128(id),
        checkpoint: "G2-K1103".into(),
        number: PassNumber::new(320_500, 2_500, 42),
        outcome: Outcome::Refuse,
        code: code.into(),
        scanned_at: Timestamp::from_second(NOW).unwrap(),
    }
}

pub async fn known_report_changes_nothing_and_the_new_ones_go_in<B: TestBackend>() {
    let registry = B::registry().await;
    let at = Timestamp::from_second(NOW).unwrap();
    let first = registry.store.record(vec![report(1, "revoked"), report(2, "expired")], at).await.unwrap();
    assert_eq!(first, Stored { stored: 2, known: 0 });
    let again = vec![report(1, "expired"), report(3, "revoked"), report(3, "revoked")];
    assert_eq!(registry.store.record(again, at).await.unwrap(), Stored { stored: 1, known: 2 });
}

pub async fn large_batch_goes_in_whole<B: TestBackend>() {
    let registry = B::registry().await;
    let at = Timestamp::from_second(NOW).unwrap();
    let reports: Vec<_> = (1..=500).map(|id| report(id, "revoked")).collect();
    assert_eq!(registry.store.record(reports.clone(), at).await.unwrap(), Stored { stored: 500, known: 0 });
    assert_eq!(registry.store.record(reports, at).await.unwrap(), Stored { stored: 0, known: 500 });
}

pub async fn number_that_was_never_issued_has_no_place<B: TestBackend>() {
    let registry = B::registry().await;
    let number = PassNumber::new(320_500, 2_500, 42).unwrap();
    assert_eq!(registry.store.place(&number.to_bytes()).await.unwrap(), None);
}
