//! A checkpoint's scanner, over the status that the service signs: it keeps no verdict, takes no step back, catches up
//! in one run, and shows nothing that it did not verify.

use std::collections::HashSet;

use freightpass::clock::{Clock, SystemClock};
use freightpass::rpc::proto;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass::rpc::proto::trust_service_client::TrustServiceClient;
use freightpass::scanner::Folder;
use freightpass_core::division::{Code, Division};
use freightpass_core::hold::{Held, Part};
use freightpass_core::scan::{Observation, Outcome, Policy, scan};
use tonic::Streaming;

use crate::city::{SUZHOU, issue, now, request_id};
use crate::server::Server;

/// Kunshan, where the journeys begin.
const KUNSHAN: &str = "320583";

/// FP-05.
#[tokio::test]
async fn lifted_suspension_is_admitted_at_once_and_the_older_bundle_is_refused() {
    let server = Server::start().await;
    let pass = issue(&server, &[7]).await.remove(0);
    let mut status = watch(&server).await;
    let mut seq = next_seq(&mut status, 0).await;
    new_scanner(&server).await;
    let mut held = Folder::at(&server.beside("scanner")).read().unwrap();
    assert_eq!(verdict(&held, &pass.text), (Outcome::Admit, "admit"));

    let mut client = RevocationServiceClient::new(server.chief(SUZHOU).await);
    let request = proto::SuspendPassRequest {
        request_id: request_id(),
        pass_number: pass.number.clone(),
        reason: proto::StatusReason::Investigation.into(),
        reason_text: String::new(),
    };
    client.suspend_pass(request).await.unwrap();
    seq = next_seq(&mut status, seq).await;
    let suspended = server.beside("suspended.fp");
    let suspended = suspended.to_str().unwrap();
    let said = server.verb(&["sync", "--server", &server.public_url(), "--save", suspended]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    let older = std::fs::read(suspended).unwrap();
    held.adopt_bundle(&older).unwrap().all_adopted().unwrap();
    assert_eq!(verdict(&held, &pass.text), (Outcome::Refuse, "suspended"));
    assert_eq!(scanned(&server, &pass.text).await, (Some(1), "refuse".to_owned(), "suspended".to_owned()));

    let request = proto::ResumePassRequest {
        request_id: request_id(),
        pass_number: pass.number.clone(),
        reason: proto::StatusReason::Cleared.into(),
        reason_text: String::new(),
    };
    client.resume_pass(request).await.unwrap();
    next_seq(&mut status, seq).await;
    let said = server.verb(&["sync", "--server", &server.public_url()]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    held.adopt_bundle(&bundle(&server).await).unwrap().all_adopted().unwrap();
    assert_eq!(verdict(&held, &pass.text), (Outcome::Admit, "admit"));
    assert_eq!(scanned(&server, &pass.text).await, (Some(0), "admit".to_owned(), "admit".to_owned()));
    // The folder opened anew, in this process.
    let reopened = Folder::at(&server.beside("scanner")).read().unwrap();
    assert_eq!(verdict(&reopened, &pass.text), (Outcome::Admit, "admit"));

    let before = (held.clone(), std::fs::read(server.beside("scanner").join("held.fp")).unwrap());
    let results = held.adopt_bundle(&older).unwrap();
    let manifest = results.iter().find(|result| result.part == Part::Manifest).unwrap();
    assert_eq!(manifest.outcome.as_ref().unwrap_err().code(), "rolled_back");
    assert_eq!(held, before.0);
    let said = server.verb(&["sync", "--from", suspended]).await;
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.out.contains("rolled_back"), "{said:#?}");
    assert_eq!(std::fs::read(server.beside("scanner").join("held.fp")).unwrap(), before.1);
    assert_eq!(scanned(&server, &pass.text).await, (Some(0), "admit".to_owned(), "admit".to_owned()));
}

/// FP-09: 200 manifests with 40 revocations in the lists of three weeks.
#[tokio::test]
async fn scanner_far_behind_is_at_the_newest_manifest_after_one_sync() {
    let server = Server::start().await;
    let days: Vec<i64> = (0..41).map(|truck| 7 * (1 + truck % 3)).collect();
    let mut passes = issue(&server, &days).await;
    let good = passes.pop().unwrap();
    let mut status = watch(&server).await;
    let first = next_seq(&mut status, 0).await;
    new_scanner(&server).await;

    let mut client = RevocationServiceClient::new(server.chief(SUZHOU).await);
    let operator = server.officer("CN-32", "ops", "operator").await;
    let mut operator = TrustServiceClient::new(operator);
    let mut newest = first;
    for (at, pass) in passes.iter().enumerate() {
        let request = proto::RevokePassRequest {
            request_id: request_id(),
            pass_number: pass.number.clone(),
            reason: proto::StatusReason::Misuse.into(),
            reason_text: String::new(),
        };
        client.revoke_pass(request).await.unwrap();
        let wanted = first + 5 * u32::try_from(at + 1).unwrap();
        while newest < wanted {
            let request = proto::PublishStatusRequest { request_id: request_id() };
            newest = operator.publish_status(request).await.unwrap().into_inner().manifest_seq;
        }
    }
    assert!(newest >= first + 200, "{newest}");

    let lists: HashSet<u32> = passes.iter().map(|pass| pass.status_list).collect();
    assert_eq!(lists.len(), 3);
    let said = server.verb(&["sync", "--server", &server.public_url()]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    let held = Folder::at(&server.beside("scanner")).read().unwrap();
    let manifest = held.manifest().unwrap();
    assert!(manifest.seq >= newest, "{} of {newest}", manifest.seq);
    assert_eq!(held.missing().count(), 0);
    for entry in &manifest.lists {
        assert_eq!(held.state_hash(entry.list), Some(&entry.state), "list {}", entry.list);
    }
    for pass in &passes {
        assert_eq!(verdict(&held, &pass.text), (Outcome::Refuse, "revoked"), "{}", pass.number);
    }
    assert_eq!(verdict(&held, &good.text), (Outcome::Admit, "admit"));

    let mut arguments = vec!["scan", "--json", "--at", KUNSHAN];
    arguments.extend(passes.iter().map(|pass| pass.text.as_str()));
    let said = server.verb(&arguments).await;
    assert_eq!(said.code, Some(1), "{said:#?}");
    let verdicts = said.json();
    assert_eq!(verdicts.len(), 40);
    assert!(verdicts.iter().all(|verdict| verdict["code"] == "revoked" && verdict["outcome"] == "refuse"));
}

/// FP-07.
#[tokio::test]
async fn what_is_no_pass_or_forged_shows_no_plate_crew_or_route() {
    let server = Server::start().await;
    let pass = issue(&server, &[7]).await.remove(0);
    new_scanner(&server).await;
    let bare = pass.text.strip_prefix("FP1:").unwrap();
    let altered = with_other_plate(&pass.text);
    let later = (now() + 8 * 86_400).to_string();

    let cases = [
        ("https://example.org/pass?id=7", 2, "refer", "not_a_pass"),
        (bare, 2, "refer", "not_a_pass"),
        (&altered, 1, "refuse", "bad_signature"),
    ];
    for (text, exit, outcome, code) in cases {
        let said = server.verb(&["scan", "--json", "--at", KUNSHAN, "--now", &later, text]).await;
        assert_eq!(said.code, Some(exit), "{said:#?}");
        let verdict = said.json().remove(0);
        assert_eq!((verdict["outcome"].as_str(), verdict["code"].as_str()), (Some(outcome), Some(code)));
        for shown in ["plate", "trailer", "crew", "route", "number"] {
            assert_eq!(verdict.get(shown), None, "{verdict}");
        }
        for secret in ["苏E", "张三", KUNSHAN, "330102"] {
            assert!(!said.out.contains(secret), "{secret} in {verdict}");
        }
    }
    // The same moment, the pass as it was signed: its signature holds, and its fields are shown.
    let said = server.verb(&["scan", "--json", "--at", KUNSHAN, "--now", &later, &pass.text]).await;
    assert_eq!(said.json()[0]["plate"], "苏E00001", "{said:#?}");
    assert_eq!(said.code, Some(2), "{said:#?}");
}

/// The text with one letter of the plate changed inside the signed bytes.
fn with_other_plate(text: &str) -> String {
    let mut bytes = base45::decode(text.strip_prefix("FP1:").unwrap()).unwrap();
    let plate = "苏E00001".as_bytes();
    let at = bytes.windows(plate.len()).position(|window| window == plate).unwrap();
    bytes[at + plate.len() - 1] = b'2';
    format!("FP1:{}", base45::encode(bytes))
}

/// Provisions a scanner from the deployment, brings it up to date, and confirms the date of its data.
async fn new_scanner(server: &Server) {
    let provision = server.data().join("provision.fp");
    let provision = provision.to_str().unwrap();
    let said = server.verb(&["sync", "--provision", provision, "--server", &server.public_url(), "--confirm"]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
}

/// Exit code, outcome and code of `scan` in a process of its own.
async fn scanned(server: &Server, text: &str) -> (Option<i32>, String, String) {
    let said = server.verb(&["scan", "--json", "--at", KUNSHAN, text]).await;
    let verdict = said.json().remove(0);
    let field = |name: &str| verdict[name].as_str().unwrap().to_owned();
    (said.code, field("outcome"), field("code"))
}

/// The verdict at Kunshan, now, in this process.
fn verdict(held: &Held, text: &str) -> (Outcome, &'static str) {
    let county = Division::Code(Code::new(KUNSHAN.parse().unwrap()).unwrap());
    let seen = Observation { county: Some(county), ..Observation::default() };
    let verdict = scan(text, held, &Policy::default(), &seen, SystemClock.now_s());
    (verdict.outcome(), verdict.code())
}

async fn watch(server: &Server) -> Streaming<proto::WatchStatusResponse> {
    let mut client = CheckpointServiceClient::new(server.public().await);
    client.watch_status(proto::WatchStatusRequest { held: None }).await.unwrap().into_inner()
}

/// The number of the first manifest after `seq`.
async fn next_seq(status: &mut Streaming<proto::WatchStatusResponse>, seq: u32) -> u32 {
    loop {
        let message = status.message().await.unwrap().expect("the stream goes on");
        if message.manifest_seq > seq {
            return message.manifest_seq;
        }
    }
}

/// What a scanner without anything fetches.
async fn bundle(server: &Server) -> Vec<u8> {
    let mut client = CheckpointServiceClient::new(server.public().await);
    client.get_bundle(proto::GetBundleRequest { held: None }).await.unwrap().into_inner().bundle.to_vec()
}
