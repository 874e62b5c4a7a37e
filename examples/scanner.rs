//! A checkpoint that is online: asks for the verdict on what it scans, follows the status, reports what it did.
//!
//! Usage: scanner ADDRESS COUNTY TEXT...      the address of the public listener, such as 127.0.0.1:8440
//!
//! It uses the client that build.rs makes of the proto files; the same program in Python and in Go stands beside it. A
//! checkpoint that may lose its network carries what GetBundle gives, and decides with `freightpass-core`.

use freightpass::clock::{Clock, SystemClock};
use freightpass::rpc::proto;
use proto::checkpoint_service_client::CheckpointServiceClient;
use tonic::transport::Channel;
use tonic_types::StatusExt;
use uuid::Uuid;

type Checkpoint = CheckpointServiceClient<Channel>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(county)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: scanner ADDRESS COUNTY TEXT...");
    };
    let connected = CheckpointServiceClient::connect(format!("http://{address}")).await?;
    // A bundle may be larger than the 4 MiB that tonic takes unasked.
    let mut checkpoint = connected.max_decoding_message_size(33 << 20);
    let mut reports = Vec::new();
    for text in arguments {
        reports.push(scan(&mut checkpoint, &county, text).await?);
    }
    follow(&mut checkpoint).await?;
    for _ in 0..2 {
        // The same reports again change nothing: that is how a lost answer is made good.
        let request = proto::ReportScansRequest { reports: reports.clone() };
        let answer = checkpoint.report_scans(request).await?.into_inner();
        println!("reported {}, known {}", answer.stored_count, answer.known_count);
    }
    refused(&mut checkpoint).await
}

/// Asks for one verdict, and says what the officer needs.
async fn scan(checkpoint: &mut Checkpoint, county: &str, text: String) -> anyhow::Result<proto::ScanReport> {
    let pass = Some(proto::check_pass_request::Pass::Text(text));
    let request = proto::CheckPassRequest { pass, county: county.to_owned(), plate: String::new() };
    let verdict = checkpoint.check_pass(request).await?.into_inner().verdict.unwrap_or_default();
    // Fields are there only where the signature is good.
    let fields = verdict.fields.clone().unwrap_or_default();
    let outcome = verdict.outcome().as_str_name().trim_start_matches("OUTCOME_").to_lowercase();
    let words = [outcome, verdict.code.clone(), fields.pass_number.clone(), fields.tractor];
    println!("{}", words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    Ok(proto::ScanReport {
        scan_id: Uuid::new_v4().to_string(),
        checkpoint: "example".to_owned(),
        pass_number: fields.pass_number,
        outcome: verdict.outcome,
        code: verdict.code,
        scan_time: Some(prost_types::Timestamp { seconds: i64::try_from(SystemClock.now_s())?, nanos: 0 }),
    })
}

/// The first bundle of the stream: what a scanner without data lacks.
async fn follow(checkpoint: &mut Checkpoint) -> anyhow::Result<()> {
    let mut stream = checkpoint.watch_status(proto::WatchStatusRequest::default()).await?.into_inner();
    let first = stream.message().await?.unwrap_or_default();
    let what = if first.manifest_seq > 0 && !first.bundle.is_empty() { "a bundle" } else { "nothing" };
    println!("watching: a manifest, {what}");
    Ok(())
}

/// What a refusal looks like: a code, a stable reason, the fields at fault.
async fn refused(checkpoint: &mut Checkpoint) -> anyhow::Result<()> {
    let pass = Some(proto::check_pass_request::Pass::PassNumber("1-2-3".to_owned()));
    let Err(status) = checkpoint.check_pass(proto::CheckPassRequest { pass, ..Default::default() }).await else {
        anyhow::bail!("a number that is none was taken");
    };
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    let fields: Vec<String> = violations.into_iter().map(|violation| violation.field).collect();
    println!("refused {} {reason}: {}", name(status.code()), fields.join(", "));
    Ok(())
}

/// The name of a status code as every language spells it.
fn name(code: tonic::Code) -> String {
    let words = format!("{code:?}");
    let upper = |(at, letter): (usize, char)| {
        let gap = if at > 0 && letter.is_uppercase() { "_" } else { "" };
        format!("{gap}{}", letter.to_uppercase())
    };
    words.chars().enumerate().map(upper).collect()
}
