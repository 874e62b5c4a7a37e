//! Issuing and revoking in the registry: decisions, numbers, places, signatures, rows, audit log and answer, in one
//! durable transaction.
//!
//! `cargo bench --bench issue`: a batch is compared with the bare signatures of as many passes, a single call with the
//! smallest change that the registry can make durable (one audit entry). There is no goal: the ratios say what the
//! record costs beside the signature and beside the disk.

mod report;

#[allow(dead_code)] // The fixtures of the contract tests; not all are used here.
#[path = "../tests/contract/issuing.rs"]
mod issuing;
#[allow(dead_code)]
#[path = "../tests/contract/support.rs"]
mod support;

use std::hint::black_box;

use ed25519_dalek::{Signer as _, SigningKey};
use freightpass::application::ApplicationStore;
use freightpass::pass::{MAX_BATCH, Order, PassStore, StatusReason};
use freightpass::revocation::{RevocationStore, Step, Why};
use freightpass::storage::Sqlite;
use freightpass_core::pass::PassNumber;
use issuing::{Office, call_now, planned};
use report::{Report, interleaved};
use support::{Embedded, SUZHOU, applicant, chief, form, listing, row, sight_of};
use tokio::runtime::Runtime;

/// Times that each measurement is made; the least counts.
const ROUNDS: u32 = 20;

fn main() -> std::io::Result<()> {
    let runtime = Runtime::new()?;
    let office = runtime.block_on(Office::open::<Embedded>());
    let batches = MAX_BATCH * ROUNDS as usize;
    let mut orders = runtime.block_on(applied(&office, batches + ROUNDS as usize)).into_iter();
    let key = SigningKey::from_bytes(&[3; 32]);
    let mut report = Report::new("issue");

    let mut numbers = Vec::new();
    let (ours, bare) = interleaved(
        ROUNDS,
        || {
            let batch = orders.by_ref().take(MAX_BATCH).collect();
            numbers.extend(runtime.block_on(issue(&office, batch)));
        },
        || (0..MAX_BATCH).map(|_| key.sign(black_box(&[7; 220]))).for_each(|signature| _ = black_box(signature)),
    );
    let each = MAX_BATCH as f64;
    report.add("pass issued in a batch of 200 / bare sign, ns", ours / each, bare / each, None);

    let (ours, bare) = interleaved(
        ROUNDS,
        || runtime.block_on(issue(&office, orders.by_ref().take(1).collect())),
        || runtime.block_on(smallest_change(&office)),
    );
    report.add("pass issued by itself / smallest durable change, ns", ours, bare, None);

    let mut numbers = numbers.into_iter();
    let (ours, bare) = interleaved(
        ROUNDS,
        || numbers.next().map(|number| runtime.block_on(revoke(&office, number))),
        || runtime.block_on(smallest_change(&office)),
    );
    report.add("pass revoked / smallest durable change, ns", ours, bare, None);
    report.write()
}

/// That many applications, each of a truck of its own.
async fn applied(office: &Office<Sqlite>, count: usize) -> Vec<Order> {
    let trucks: Vec<u32> = (1..).take(count).collect();
    office.registry.import(SUZHOU, trucks.iter().map(|truck| row(*truck, listing(1, *truck))).collect()).await;
    let mut orders = Vec::with_capacity(count);
    for some in trucks.chunks(MAX_BATCH) {
        let call = call_now(office, &applicant(1), "BatchSubmitApplications");
        let forms = some.iter().map(|truck| Ok(form(1, *truck))).collect();
        let made = office.registry.store.submit_batch(&call, forms).await.expect("forms are stored");
        orders.extend(made.into_iter().map(|made| planned(made.expect("a good form").id)));
    }
    orders
}

async fn issue(office: &Office<Sqlite>, orders: Vec<Order>) -> Vec<PassNumber> {
    let call = call_now(office, &chief(SUZHOU), "BatchApproveApplications");
    let issued = office.registry.store.issue_batch(&call, office.issuer.clone(), orders).await.expect("a batch");
    issued.into_iter().map(|issued| issued.expect("a pass").pass.number()).collect()
}

async fn revoke(office: &Office<Sqlite>, number: PassNumber) {
    let call = call_now(office, &chief(SUZHOU), "RevokePass");
    let why = Why::of(Step::Revoke, Some(StatusReason::Misuse), "").expect("a reason that fits");
    let taken = office.registry.store.take(&call, &sight_of(SUZHOU), number, Step::Revoke, why).await;
    assert!(!taken.expect("an issued pass").already);
}

async fn smallest_change(office: &Office<Sqlite>) {
    let mut work = office.registry.store.begin_own("bench", office.issuer.now()).await.expect("the writer");
    work.audit("bench", "smallest", &serde_json::json!({})).await.expect("an entry");
    work.commit(&()).await.expect("a commit");
}
