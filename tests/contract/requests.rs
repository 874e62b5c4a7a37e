//! Request ids and transactions, as every port relies on them.

use freightpass::audit::EntryFilter;
use freightpass::storage::StorageError;
use freightpass::whitelist::{Outcome, WhitelistStore};

use crate::support::{SUZHOU, TestBackend, call, chief, listing, officer, row};

pub async fn same_request_gets_its_answer_again<B: TestBackend>() {
    let registry = B::registry().await;
    let call = call(&chief(SUZHOU), "ImportEntries");
    let first = registry.store.import(&call, vec![row(1, listing(1, 1))]).await.unwrap();
    assert_eq!(first.results[0].outcome, Outcome::New);
    let again = registry.store.import(&call, vec![row(1, listing(1, 1))]).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(registry.entries(&EntryFilter::default()).await.len(), 1);
}

pub async fn same_request_with_other_contents_is_refused_and_stores_nothing<B: TestBackend>() {
    let registry = B::registry().await;
    let mut call = call(&chief(SUZHOU), "ImportEntries");
    registry.store.import(&call, vec![row(1, listing(1, 1))]).await.unwrap();
    call.fingerprint = [1; 32];
    let refused = registry.store.import(&call, vec![row(1, listing(2, 2))]).await.unwrap_err();
    assert!(matches!(refused, StorageError::RequestReused), "{refused}");
    assert_eq!(registry.entries(&EntryFilter::default()).await.len(), 1);
}

pub async fn same_request_of_another_officer_is_another_request<B: TestBackend>() {
    let registry = B::registry().await;
    let one = call(&chief(SUZHOU), "ImportEntries");
    let mut two = one.clone();
    two.officer = officer(SUZHOU, "deputy", &[]);
    two.fingerprint = [1; 32];
    registry.store.import(&one, vec![row(1, listing(1, 1))]).await.unwrap();
    let report = registry.store.import(&two, vec![row(1, listing(2, 2))]).await.unwrap();
    assert_eq!(report.results[0].outcome, Outcome::New);
}

pub async fn fifty_copies_of_one_request_make_one_change<B: TestBackend>() {
    let registry = B::registry().await;
    let call = call(&chief(SUZHOU), "ImportEntries");
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (store, call) = (registry.store.clone(), call.clone());
            tokio::spawn(async move { store.import(&call, vec![row(1, listing(1, 1))]).await })
        })
        .collect();
    for task in tasks {
        let report = task.await.unwrap().unwrap();
        assert_eq!(report.results[0].outcome, Outcome::New);
    }
    assert_eq!(registry.entries(&EntryFilter::default()).await.len(), 1);
}

pub async fn failed_item_of_a_batch_is_undone_and_the_others_stay<B: TestBackend>() {
    let registry = B::registry().await;
    let number = registry.listed(1).await;
    let other = registry.listed(2).await;
    let result: Result<(bool, bool), StorageError> = registry
        .store
        .change(&call(&chief(SUZHOU), "Test"), move |work| {
            Box::pin(async move {
                let failed: Result<(), StorageError> = work
                    .attempt(|work| {
                        Box::pin(async move {
                            work.delist(number).await?;
                            work.audit("test", "failed", &serde_json::json!({})).await?;
                            Err(StorageError::Busy)
                        })
                    })
                    .await;
                let made: Result<bool, StorageError> =
                    work.attempt(|work| Box::pin(async move { work.delist(other).await })).await;
                Ok((failed.is_err(), made?))
            })
        })
        .await;
    assert_eq!(result.unwrap(), (true, true));
    let test = EntryFilter { subject_kind: Some("test".to_owned()), ..EntryFilter::default() };
    assert_eq!(registry.entries(&test).await, []);
    let again: Result<(bool, bool), StorageError> = registry
        .store
        .change(&call(&chief(SUZHOU), "Test"), move |work| {
            Box::pin(async move { Ok((work.delist(number).await?, work.delist(other).await?)) })
        })
        .await;
    assert_eq!(again.unwrap(), (true, false));
}

pub async fn caller_who_goes_away_never_leaves_half_a_change<B: TestBackend>() {
    let registry = B::registry().await;
    let calls: Vec<_> = (0..40).map(|_| call(&chief(SUZHOU), "ImportEntries")).collect();
    for (n, call) in (0..).zip(&calls) {
        let (store, call) = (registry.store.clone(), call.clone());
        let task = tokio::spawn(async move { store.import(&call, vec![row(1, listing(n, n))]).await });
        for _ in 0..n {
            tokio::task::yield_now().await;
        }
        task.abort();
        let _ = task.await;
    }
    for (n, call) in (0..).zip(&calls) {
        let report = registry.store.import(call, vec![row(1, listing(n, n))]).await.unwrap();
        assert_eq!(report.results[0].outcome, Outcome::New);
    }
    assert_eq!(registry.entries(&EntryFilter::default()).await.len(), 40);
}
