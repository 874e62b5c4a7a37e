//! The base by itself: opening, the one writer, replays, the status log. The ports have their own suite in
//! tests/contract.

use jiff::Timestamp;
use sqlx::Sqlite;
use uuid::Uuid;

use super::errors::{OpenError, StorageError};
use super::sql::Sql;
use super::work::{Begun, StatusChange};
use super::{FIELD_KEY_FILE, REGISTRY_FILE, Store, WAITING_CHANGES};
use crate::audit::Call;
use crate::identity::Officer;

fn call(request: u128, contents: u8) -> Call {
    Call {
        officer: Officer { body: "CN-3205".to_owned(), name: "chief".to_owned(), roles: Vec::new() },
        method: "Test",
        request_id: Uuid::from_u128(request),
        fingerprint: [contents; 32],
        at: Timestamp::from_second(1_796_054_400).unwrap(),
    }
}

fn change(idx: u32) -> StatusChange {
    StatusChange { list: 2969, idx, value: 1, cti: None, reason: 1, reason_text: String::new() }
}

async fn count(store: &Store<Sqlite>, table: &'static str, text: &'static str) -> u64 {
    let mut conn = store.reader().await.unwrap();
    let row = Sql::<Sqlite>::on(table, text).row(&mut conn).await.unwrap().unwrap();
    row.get("n").unwrap()
}

#[tokio::test]
async fn dropped_work_leaves_nothing_and_the_next_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let Begun::Fresh(mut work) = store.begin(&call(1, 1)).await.unwrap() else { panic!("nothing was answered yet") };
    work.audit("test", "one", &serde_json::json!({})).await.unwrap();
    drop(work);
    let Begun::Fresh(mut work) = store.begin(&call(1, 1)).await.unwrap() else {
        panic!("a dropped work stores no answer")
    };
    work.audit("test", "two", &serde_json::json!({})).await.unwrap();
    work.commit(&2).await.unwrap();
    assert_eq!(count(&store, "audit", "SELECT COUNT(*) AS n FROM audit").await, 1);
}

#[tokio::test]
async fn same_request_gets_the_stored_answer_and_other_contents_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    for answer in [5_u32, 6] {
        let given: Result<u32, StorageError> =
            store.change(&call(1, 1), move |_| Box::pin(async move { Ok(answer) })).await;
        assert_eq!(given.unwrap(), 5);
    }
    let other: Result<u32, StorageError> = store.change(&call(1, 2), |_| Box::pin(async { Ok(7) })).await;
    assert!(matches!(other, Err(StorageError::RequestReused)));
    let mut of_another = call(1, 2);
    of_another.officer.name = "deputy".to_owned();
    let given: Result<u32, StorageError> = store.change(&of_another, |_| Box::pin(async { Ok(8) })).await;
    assert_eq!(given.unwrap(), 8);
}

#[tokio::test]
async fn stored_fingerprint_is_keyed_and_tells_no_contents() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let given: Result<u32, StorageError> = store.change(&call(1, 1), |_| Box::pin(async { Ok(1) })).await;
    given.unwrap();
    let mut conn = store.reader().await.unwrap();
    let text = "SELECT method, fingerprint FROM requests";
    let row = Sql::<Sqlite>::on("requests", text).row(&mut conn).await.unwrap().unwrap();
    let stored: [u8; 32] = row.get("fingerprint").unwrap();
    assert_eq!(stored, store.fields().lookup("request", [1; 32]));
    assert_ne!(stored, [1; 32]);
}

#[tokio::test]
async fn changes_beyond_those_that_may_wait_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let held = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
    let one = |at: usize| {
        let store = store.clone();
        async move {
            let given: Result<(), StorageError> =
                store.change(&call(at as u128, 1), |_| Box::pin(async { Ok(()) })).await;
            given
        }
    };
    let waiting: Vec<_> = (0..WAITING_CHANGES).map(|at| tokio::spawn(one(at))).collect();
    while store.0.waiting.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(one(WAITING_CHANGES).await, Err(StorageError::Busy)));
    drop(held);
    for change in waiting {
        change.await.unwrap().unwrap();
    }
    one(WAITING_CHANGES).await.unwrap();
}

#[tokio::test]
async fn change_that_panics_is_a_fault_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let failed: Result<u32, StorageError> = store
        .change(&call(1, 1), |work| {
            Box::pin(async move {
                work.append_status(&[change(1)]).await?;
                panic!("a panic of a test")
            })
        })
        .await;
    assert!(matches!(failed, Err(StorageError::Panicked)));
    let later: Result<u32, StorageError> = store.change(&call(1, 1), |_| Box::pin(async { Ok(1) })).await;
    assert_eq!(later.unwrap(), 1);
    assert_eq!(count(&store, "status_log", "SELECT COUNT(*) AS n FROM status_log").await, 0);
}

#[tokio::test]
async fn failed_change_rolls_back_and_stores_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let failed: Result<u32, StorageError> = store
        .change(&call(1, 1), |work| {
            Box::pin(async move {
                work.append_status(&[change(1)]).await?;
                Err(StorageError::Busy)
            })
        })
        .await;
    assert!(matches!(failed, Err(StorageError::Busy)));
    assert_eq!(count(&store, "status_log", "SELECT COUNT(*) AS n FROM status_log").await, 0);
    assert_eq!(*store.committed_status().borrow(), 0);
    let later: Result<u32, StorageError> = store.change(&call(1, 1), |_| Box::pin(async { Ok(1) })).await;
    assert_eq!(later.unwrap(), 1);
}

#[tokio::test]
async fn status_seqs_have_no_holes_under_concurrent_writers_and_failures() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let tasks: Vec<_> = (0..40_u32)
        .map(|at| {
            let store = store.clone();
            tokio::spawn(async move {
                let given: Result<(u64, u64), StorageError> = store
                    .change(&call(u128::from(at), 1), move |work| {
                        Box::pin(async move {
                            let seqs = work.append_status(&[change(at * 2), change(at * 2 + 1)]).await?;
                            match seqs {
                                Some(seqs) if at % 3 > 0 => Ok((*seqs.start(), *seqs.end())),
                                _ => Err(StorageError::Busy),
                            }
                        })
                    })
                    .await;
                given.ok()
            })
        })
        .collect();
    let mut seqs = Vec::new();
    for task in tasks {
        if let Some((first, last)) = task.await.unwrap() {
            assert_eq!(last, first + 1);
            seqs.extend([first, last]);
        }
    }
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=52).collect::<Vec<u64>>());
    assert_eq!(*store.committed_status().borrow(), 52);
    assert_eq!(count(&store, "outbox", "SELECT COUNT(*) AS n FROM outbox").await, 52);
    drop(store);
    let again = Store::open(folder.path()).await.unwrap();
    assert_eq!(*again.committed_status().borrow(), 52);
}

#[tokio::test]
async fn long_status_change_takes_several_statements_and_keeps_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let changes: Vec<_> = (0..5_000).map(change).collect();
    let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(work.append_status(&changes).await.unwrap(), Some(1..=5_000));
    assert_eq!(work.append_status(&[]).await.unwrap(), None);
    work.commit(&()).await.unwrap();
    let wrong = "SELECT COUNT(*) AS n FROM status_log WHERE seq <> idx + 1";
    assert_eq!(count(&store, "status_log", wrong).await, 0);
    assert_eq!(count(&store, "requests", "SELECT COUNT(*) AS n FROM requests").await, 0);
}

#[tokio::test]
async fn audit_log_takes_no_update_and_no_delete_and_readers_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
    work.audit("test", "one", &serde_json::json!({})).await.unwrap();
    work.commit(&()).await.unwrap();
    for text in ["UPDATE audit SET subject = 'two'", "DELETE FROM audit"] {
        let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
        assert!(Sql::<Sqlite>::on("audit", text).execute(work.conn()).await.is_err(), "{text}");
    }
    let mut reader = store.reader().await.unwrap();
    let insert = Sql::<Sqlite>::on("meta", "INSERT INTO meta (key, value) VALUES ('a', x'00')");
    assert!(insert.execute(&mut reader).await.is_err());
}

#[tokio::test]
async fn registry_of_a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
    Sql::<Sqlite>::on(
        "_sqlx_migrations",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9000, 'of the future', 1, x'00', 0)",
    )
    .execute(work.conn())
    .await
    .unwrap();
    work.commit(&()).await.unwrap();
    drop(store);
    let refused = Store::open(folder.path()).await.err().unwrap();
    assert!(matches!(refused, OpenError::NewerVersion { found: 9000, .. }), "{refused}");
}

#[tokio::test]
async fn missing_or_wrong_field_key_is_refused_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).await.unwrap());
    let path = folder.path().join(FIELD_KEY_FILE);
    let secret = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let refused = Store::open(folder.path()).await.err().unwrap();
    assert!(matches!(refused, OpenError::FieldKeyMissing { .. }), "{refused}");
    std::fs::write(&path, [1_u8; 32]).unwrap();
    let refused = Store::open(folder.path()).await.err().unwrap();
    assert!(matches!(refused, OpenError::FieldKeyWrong { .. }), "{refused}");
    for none in [&[1; 5][..], &[], &[&secret[..], b"\n"].concat()] {
        std::fs::write(&path, none).unwrap();
        let refused = Store::open(folder.path()).await.err().unwrap();
        assert!(matches!(refused, OpenError::NoFieldKey { bytes: 32, .. }), "{refused}");
    }
    std::fs::write(&path, secret).unwrap();
    Store::open(folder.path()).await.unwrap();
    assert!(folder.path().join(REGISTRY_FILE).is_file());
}

#[tokio::test]
async fn start_that_was_killed_while_it_wrote_the_field_key_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FIELD_KEY_FILE);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path.with_extension("new"), [1; 5]).unwrap();
    drop(Store::open(folder.path()).await.unwrap());
    assert_eq!(std::fs::read(&path).unwrap().len(), 32);
    assert!(!path.with_extension("new").exists());
    Store::open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn folder_in_which_another_works_is_refused_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path()).await.unwrap();
    let refused = Store::open(folder.path()).await.err().unwrap();
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
    drop(first);
    Store::open(folder.path()).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn field_key_and_registry_belong_to_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).await.unwrap());
    for file in [FIELD_KEY_FILE, REGISTRY_FILE] {
        let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
