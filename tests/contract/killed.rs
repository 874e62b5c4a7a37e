//! What is left when the process is killed while it issues passes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use freightpass::application::{ApplicationFilter, ApplicationStore};
use freightpass::audit::{AuditStore, Call, EntryFilter};
use freightpass::pass::{Order, PassFilter, PassStore};
use freightpass::storage::{PageRequest, Sqlite, Store};
use freightpass::whitelist::WhitelistStore;
use uuid::Uuid;

use crate::issuing::{issuer, planned};
use crate::support::{SUZHOU, applicant, call, chief, everybody, form, listing, row};

/// Passes in one batch of the issuer that is killed.
const BATCH: u32 = 5;
/// Far more batches than ten rounds issue, however late the machine is with the kill; one page shows all their passes.
const BATCHES: u32 = 180;
/// Where the issuer finds its registry.
const FOLDER: &str = "FREIGHTPASS_TEST_FOLDER";

#[tokio::test]
async fn killed_ten_times_in_mid_issue_every_acknowledged_pass_is_there_once_and_none_is_half_there() {
    let folder = tempfile::tempdir().unwrap();
    apply(&Store::open(folder.path()).await.unwrap()).await;
    let mut acknowledged = 0;
    for round in 0..10 {
        acknowledged = kill_after(folder.path(), acknowledged + 1 + round % 4);
        let store = Store::open(folder.path()).await.unwrap();
        // The batch that was under way is there or not; its retry makes it once.
        let applications = applications(&store).await;
        issue(&store, &applications, acknowledged).await;
        acknowledged += 1;
        let page = PageRequest::first(1_000);
        let passes = store.passes(&everybody(), &PassFilter::default(), &page).await.unwrap().items;
        // No number is skipped, none was given twice, and each stands at its own place of the list.
        assert!(passes.iter().map(|pass| pass.number().serial()).eq(1..=acknowledged * BATCH), "round {round}");
        assert!(passes.iter().map(|pass| pass.claims.status.idx).eq(0..acknowledged * BATCH), "round {round}");
        assert!(passes.iter().map(|pass| pass.application).eq(applications.into_iter().take(passes.len())));
        let issued = EntryFilter { subject_kind: Some("pass".to_owned()), ..EntryFilter::default() };
        let entries = store.entries(&everybody(), &issued, &page).await.unwrap().items;
        assert_eq!(entries.len(), passes.len(), "one entry a pass");
    }
}

/// The issuer: says each number when its batch is acknowledged, and goes on until it is killed.
#[tokio::test]
#[ignore = "runs as a child of the test above, which kills it"]
async fn issuer_that_is_killed() {
    let folder = std::env::var(FOLDER).unwrap();
    let store: Store<Sqlite> = Store::open(Path::new(&folder)).await.unwrap();
    let applications = applications(&store).await;
    for batch in 0..BATCHES {
        issue(&store, &applications, batch).await;
        println!("acknowledged {batch}");
    }
}

/// Lets an issuer run until `count` batches are acknowledged, kills it, and gives how many it had acknowledged by then.
fn kill_after(folder: &Path, count: u32) -> u32 {
    let mut issuer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::issuer_that_is_killed", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = 0;
    for line in BufReader::new(issuer.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((_, number)) = line.split_once("acknowledged ") else { continue };
        acknowledged = number.trim().parse::<u32>().unwrap() + 1;
        if acknowledged == count {
            issuer.kill().unwrap();
        }
    }
    issuer.wait().unwrap();
    assert!((count..BATCHES).contains(&acknowledged), "the issuer ended by itself after {acknowledged}");
    acknowledged
}

/// Every application that the batches issue passes for.
async fn apply(store: &Store<Sqlite>) {
    let trucks = 0..BATCH * BATCHES;
    let rows = trucks.clone().map(|truck| row(truck, listing(1, truck))).collect();
    store.import(&call(&chief(SUZHOU), "ImportEntries"), rows).await.unwrap();
    let forms = trucks.map(|truck| Ok(form(1, truck))).collect();
    let results = store.submit_batch(&call(&applicant(1), "BatchSubmitApplications"), forms).await.unwrap();
    assert!(results.iter().all(Result::is_ok));
}

/// Issues batch `n`, under the same request id in every process.
async fn issue(store: &Store<Sqlite>, applications: &[Uuid], n: u32) {
    let request =
        Call { request_id: Uuid::from_u128(u128::from(n) + 1), ..call(&chief(SUZHOU), "BatchApproveApplications") };
    let batch = applications.chunks(BATCH as usize).nth(n as usize).unwrap();
    let orders: Vec<Order> = batch.iter().copied().map(planned).collect();
    let results = store.issue_batch(&request, issuer().0, orders).await.unwrap();
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

/// The applications in the order of their trucks.
async fn applications(store: &Store<Sqlite>) -> Vec<Uuid> {
    let page = PageRequest::first(1_000);
    let found = store.applications(&everybody(), &ApplicationFilter::default(), &page).await.unwrap();
    found.items.into_iter().map(|application| application.id).collect()
}
