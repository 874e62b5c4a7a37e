//! What stands in the files of the embedded registry, and what is left of it when the process is killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use freightpass::audit::{AuditStore, Call, EntryFilter};
use freightpass::storage::{PageRequest, Sqlite, Store};
use freightpass::whitelist::{CheckedRow, EnterpriseKey, Outcome, WhitelistStore};
use uuid::Uuid;

use crate::application::submit;
use crate::support::{Embedded, SUZHOU, TestBackend, applicant, call, chief, code, everybody, form, listing, row};

/// Rows of one import of the importer that is killed: one enterprise and so many trucks.
const TRUCKS: u32 = 20;
/// Where the importer finds its registry.
const FOLDER: &str = "FREIGHTPASS_TEST_FOLDER";

#[tokio::test]
async fn id_and_phone_numbers_stand_nowhere_in_clear() {
    let registry = Embedded::registry().await;
    registry.listed(1).await;
    submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(registry.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    let stands = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(stands("苏E00001"), "the search finds what is stored in clear");
    for secret in ["32058319800000001X", "13800000001", "0512-57000000"] {
        assert!(!stands(secret), "{secret}");
    }
}

#[tokio::test]
async fn killed_ten_times_in_mid_import_nothing_acknowledged_is_lost_and_nothing_is_half_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 0..10 {
        acknowledged = kill_after(folder.path(), acknowledged + 1 + round % 4);
        let store = Store::open(folder.path()).await.unwrap();
        // The import that was under way is there or not; its retry makes it once.
        let next = acknowledged;
        let report = store.import(&numbered(next), rows(next)).await.unwrap();
        assert_eq!(report.count(Outcome::New), TRUCKS, "round {round}");
        acknowledged += 1;
        for n in 0..acknowledged {
            let key = EnterpriseKey::Code(code(n));
            let detail = store.enterprise(&everybody(), &key).await.unwrap().unwrap();
            assert_eq!((detail.vehicles.len(), detail.people.len()), (40, 20), "enterprise {n} in round {round}");
        }
        let page = PageRequest::first(1_000);
        let entries = store.entries(&everybody(), &EntryFilter::default(), &page).await.unwrap().items;
        assert_eq!(entries.len(), usize::try_from(acknowledged).unwrap(), "one entry an import");
    }
}

/// The importer: says each number when its import is acknowledged, and goes on until it is killed.
#[tokio::test]
#[ignore = "runs as a child of the test above, which kills it"]
async fn importer_that_is_killed() {
    let folder = std::env::var(FOLDER).unwrap();
    let store: Store<Sqlite> = Store::open(Path::new(&folder)).await.unwrap();
    for n in 0.. {
        store.import(&numbered(n), rows(n)).await.unwrap();
        println!("acknowledged {n}");
    }
}

/// Lets an importer run until `count` imports are acknowledged, kills it, and gives how many it had acknowledged by
/// then.
fn kill_after(folder: &Path, count: u32) -> u32 {
    let mut importer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "files::importer_that_is_killed", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = 0;
    for line in BufReader::new(importer.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((_, number)) = line.split_once("acknowledged ") else { continue };
        acknowledged = number.trim().parse::<u32>().unwrap() + 1;
        if acknowledged == count {
            importer.kill().unwrap();
        }
    }
    importer.wait().unwrap();
    assert!(acknowledged >= count, "the importer ended by itself after {acknowledged}");
    acknowledged
}

/// The call of import `n`, the same in every process.
fn numbered(n: u32) -> Call {
    Call { request_id: Uuid::from_u128(u128::from(n) + 1), ..call(&chief(SUZHOU), "ImportEntries") }
}

fn rows(n: u32) -> Vec<CheckedRow> {
    (0..TRUCKS).map(|at| row(at, listing(n, n * TRUCKS + at))).collect()
}
