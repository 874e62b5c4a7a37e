//! The manual of integrators is what the sources say, and each of its calls works.

mod calls;
mod page;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use freightpass::rpc::proto;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use tokio::process::Command;
use tokio::time::timeout;

use crate::city::{SUZHOU, apply, approve, driver, enterprise, form, list, request_id};
use crate::examples::{home, set_up};
use crate::server::{AT_LAST, Said, Server};
use crate::trust::next_list;
use calls::CALLS;

const PAGE: &str = "docs/INTEGRATORS.md";

/// The functions that the page defines.
const FUNCTIONS: &str = r#"
as() { echo -cacert "$DATA/pki/ca.pem" -cert "$DATA/pki/officers/$1.pem" -key "$DATA/pki/officers/$1.key"; }
new() { cat /proc/sys/kernel/random/uuid; }
"#;

#[test]
fn the_page_is_what_the_sources_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = page::page();
    assert!(FUNCTIONS.lines().all(|line| page.contains(line)));
    if std::env::var("MANUAL").as_deref() == Ok("write") {
        std::fs::write(&path, &page).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = there.lines().zip(page.lines()).position(|(there, page)| there != page);
    assert!(there == page, "{PAGE} is behind the sources from line {differs:?} on: MANUAL=write writes it anew");
}

#[tokio::test]
async fn every_call_of_the_page_works() {
    set_up().await;
    let server = Server::start().await;
    list(&server, 16).await;
    let mut applications = apply(&server, (1..=16).map(|truck| form(1, truck, 2)).collect()).await;
    let mut passes = approve(&server, &applications.split_off(8)).await;
    let text = passes[0].text.clone();
    let officer = ["pki", "officer", "--body", &enterprise(1), "--name", "desk", "--roles", "applicant"];
    let said = server.verb(&officer).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let suspended = passes.pop().unwrap().number;
    let decided = applications.pop().unwrap();
    prepare(&server, &suspended, &decided).await;
    let trust_list = STANDARD.encode(next_list(&server, |_| {}).await);
    let kid = key_of_suzhou(&server).await;

    let mut failed = Vec::new();
    for call in CALLS {
        let application =
            if takes(call, "$APPLICATION") { applications.pop().expect("enough of them") } else { String::new() };
        let pass = match call.method {
            // What is revoked or amended is of no use to the next call.
            "RevocationService/RevokePass" | "RevocationService/AmendPass" | "RevocationService/SuspendPass" => {
                passes.pop().expect("enough of them").number
            }
            _ => passes[0].number.clone(),
        };
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("set -euo pipefail\n{FUNCTIONS}\n{}", call.command())])
            .env("PATH", format!("{}:{}", home().display(), std::env::var("PATH").unwrap()))
            .env("DATA", server.data())
            .env("PUBLIC", &server.public)
            .env("ADMIN", &server.admin)
            .env("ENTERPRISE", enterprise(1))
            .env("ENTERPRISE_NUMBER", "1")
            .env("DRIVER", driver(1))
            .env("APPLICATION", application)
            .env("DECIDED", &decided)
            .env("PASS", pass)
            .env("SUSPENDED", &suspended)
            .env("TEXT", &text)
            .env("KID", &kid)
            .env("TRUST_LIST", &trust_list)
            .kill_on_drop(true);
        let said = Said::of(timeout(AT_LAST, bash.output()).await.expect("an end in time").unwrap());
        let stream_was_cut = call.method.ends_with("WatchStatus") && said.out.contains("manifestSeq");
        if said.code != Some(0) && !stream_was_cut {
            failed.push((call.method, said.err));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// A refusal is told in words, with its details.
#[tokio::test]
async fn a_client_that_reads_by_reflection_sees_the_details_of_a_refusal() {
    set_up().await;
    let server = Server::start().await;
    let mut grpcurl = Command::new(home().join("grpcurl"));
    grpcurl.args(["-plaintext", "-d", r#"{"pass_number": "1-2-3"}"#, &server.public]);
    grpcurl.arg("freightpass.v1.CheckpointService/CheckPass").kill_on_drop(true);
    let said = Said::of(timeout(AT_LAST, grpcurl.output()).await.expect("an end in time").unwrap());
    assert!(said.err.contains("FIELDS_INVALID") && said.err.contains("pass_number"), "{said:#?}");
    assert!(!said.err.contains("not recognized"), "{said:#?}");
}

fn takes(call: &calls::Call, variable: &str) -> bool {
    call.request.contains(variable)
}

/// A pass that is suspended, and an application that is decided and has no pass.
async fn prepare(server: &Server, pass: &str, application: &str) {
    let chief = server.chief(SUZHOU).await;
    let request = proto::SuspendPassRequest {
        request_id: request_id(),
        pass_number: pass.to_owned(),
        reason: proto::StatusReason::Investigation.into(),
        reason_text: String::new(),
    };
    RevocationServiceClient::new(chief.clone()).suspend_pass(request).await.unwrap();
    let request = proto::ApproveApplicationRequest {
        request_id: request_id(),
        application_id: application.to_owned(),
        decide_only: true,
        ..Default::default()
    };
    ApprovalServiceClient::new(chief).approve_application(request).await.unwrap();
}

async fn key_of_suzhou(server: &Server) -> String {
    use freightpass::rpc::proto::trust_service_client::TrustServiceClient;

    let mut client = TrustServiceClient::new(server.officer("CN-32", "ops", "operator").await);
    let keys = client.list_keys(proto::ListKeysRequest::default()).await.unwrap().into_inner().keys;
    STANDARD.encode(&keys.into_iter().find(|key| key.authority == SUZHOU).unwrap().kid)
}
