//! The next trust list: an authority that is new, and one that is gone.

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::audit_service_client::AuditServiceClient;
use freightpass::rpc::proto::check_pass_request::Pass as Asked;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::pass_service_client::PassServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass::rpc::proto::trust_service_client::TrustServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use freightpass::trust::ceremony::{cosign, division};
use freightpass::trust::{Cost, Passphrase, ROOT, read_key, write_key};
use freightpass_core::trust::{Authority, Level, ListedKey, TrustContent, UnverifiedTrustList};
use tonic::Code;

use crate::city::{SUZHOU, apply, approve, enterprise, form, list, now, reason, request_id, row};
use crate::server::Server;

const DONGGUAN: &str = "CN-4419";

/// The list after the one in force, changed, as the root signs it.
pub async fn next_list(server: &Server, change: impl FnOnce(&mut TrustContent)) -> Vec<u8> {
    let mut client = TrustServiceClient::new(server.officer("CN-32", "ops", "operator").await);
    let lists = client.get_trust_lists(proto::GetTrustListsRequest {}).await.unwrap().into_inner().trust_lists;
    let in_force = UnverifiedTrustList::read(&lists.last().unwrap().object).unwrap().unverified_list().unwrap();
    let mut content = in_force.content().clone();
    content.sequence += 1;
    content.issued = now().try_into().unwrap();
    change(&mut content);
    let keys = std::fs::read_dir(server.data().join("keys")).unwrap().map(|entry| entry.unwrap().path());
    let is_root = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(ROOT);
    let root = read_key(&keys.into_iter().find(is_root).unwrap(), &passphrase(server)).unwrap();
    cosign(&content.encode().unwrap(), &root, None).unwrap()
}

/// Puts a list into force and waits until it is in every bundle.
pub async fn install(server: &Server, object: Vec<u8>) {
    let mut client = TrustServiceClient::new(server.officer("CN-32", "ops", "operator").await);
    let request = proto::InstallTrustListRequest { request_id: request_id(), object: object.into(), dry_run: false };
    let installed = client.install_trust_list(request).await.unwrap().into_inner().trust_list.unwrap();
    let mut checkpoint = CheckpointServiceClient::new(server.public().await).max_decoding_message_size(64 << 20);
    let mut bundles = checkpoint.watch_status(proto::WatchStatusRequest::default()).await.unwrap().into_inner();
    loop {
        let bundle = bundles.message().await.unwrap().expect("the stream goes on");
        let fetched = checkpoint.get_bundle(proto::GetBundleRequest::default()).await.unwrap().into_inner();
        assert!(fetched.manifest_seq >= bundle.manifest_seq);
        if fetched.trust_seq == installed.seq {
            return;
        }
    }
}

pub fn passphrase(server: &Server) -> Passphrase {
    Passphrase::read(&server.data().join("secrets/passphrase")).unwrap()
}

/// FP-19: a prefecture without counties decides about what begins in it, as any other does.
#[tokio::test]
async fn authority_of_a_prefecture_without_counties_issues_for_it() {
    let server = Server::start().await;
    let key = SigningKey::from_bytes(&[0x44; 32]);
    // It is opened when the list that names it is installed.
    write_key(&server.data().join("keys"), DONGGUAN, &key, &passphrase(&server), Cost::Machine).unwrap();
    let next = next_list(&server, |list| {
        let like = list.authorities.iter().find(|authority| authority.code == SUZHOU).unwrap();
        let window = &like.keys[0];
        let key = ListedKey { key: key.verifying_key().to_bytes(), compromised: false, ..*window };
        let dongguan = Authority {
            code: DONGGUAN.to_owned(),
            number: 441_900,
            name: "东莞市".to_owned(),
            level: Level::Prefecture,
            division: division("4419"),
            programmes: like.programmes.clone(),
            keys: vec![key],
        };
        list.authorities.push(dongguan);
    })
    .await;
    install(&server, next).await;

    let chief = server.chief(DONGGUAN).await;
    let request = proto::ImportEntriesRequest { request_id: request_id(), rows: vec![row(2, 1)], dry_run: false };
    let imported = WhitelistServiceClient::new(chief.clone()).import_entries(request).await.unwrap().into_inner();
    assert_eq!(imported.new_count, 1, "{imported:?}");
    let mut form = form(2, 1, 2);
    form.authority = DONGGUAN.to_owned();
    form.route = Some(proto::Route {
        origin: "441900".to_owned(),
        destination: "429004".to_owned(),
        via: vec!["659009".to_owned()],
    });
    let mut applicant = ApplicationServiceClient::new(server.applicant(&enterprise(2)).await);
    let request = proto::SubmitApplicationRequest { request_id: request_id(), form: Some(form) };
    let applied = applicant.submit_application(request).await.unwrap().into_inner().application.unwrap();
    let request = proto::ApproveApplicationRequest {
        request_id: request_id(),
        application_id: applied.application_id,
        ..Default::default()
    };
    let approved = ApprovalServiceClient::new(chief).approve_application(request).await.unwrap().into_inner();
    let pass = approved.pass.unwrap();
    assert!(pass.number.starts_with("441900-"), "{}", pass.number);
    let route = pass.route.unwrap();
    assert_eq!((route.origin.as_str(), route.destination.as_str()), ("4419", "429004"));

    let mut checkpoint = CheckpointServiceClient::new(server.public().await);
    for (county, code) in [("441900", "admit"), ("429004", "admit"), ("659009", "admit"), ("320583", "off_route")] {
        let request = proto::CheckPassRequest {
            pass: Some(Asked::Text(pass.text.clone())),
            county: county.to_owned(),
            plate: String::new(),
        };
        let verdict = checkpoint.check_pass(request).await.unwrap().into_inner().verdict.unwrap();
        assert_eq!(verdict.code, code, "{county}: {verdict:?}");
    }
}

#[tokio::test]
async fn what_a_removed_authority_left_is_seen_and_revoked_by_the_province_and_not_by_itself() {
    let server = Server::start().await;
    list(&server, 3).await;
    let applications = apply(&server, (1..=3).map(|truck| form(1, truck, 2)).collect()).await;
    let pass = approve(&server, &applications[..1]).await.remove(0);
    let mut approvals = ApprovalServiceClient::new(server.chief(SUZHOU).await);
    let decide = |at: usize| proto::ApproveApplicationRequest {
        request_id: request_id(),
        application_id: applications[at].clone(),
        decide_only: true,
        ..Default::default()
    };
    approvals.approve_application(decide(1)).await.unwrap();
    let next = next_list(&server, |list| list.authorities.retain(|authority| authority.code != SUZHOU)).await;
    install(&server, next).await;

    let removed = server.chief(SUZHOU).await;
    let ask = || proto::GetPassRequest { pass_number: pass.number.clone() };
    let revoke = || proto::RevokePassRequest {
        request_id: request_id(),
        pass_number: pass.number.clone(),
        reason: proto::StatusReason::IssuedInError.into(),
        reason_text: String::new(),
    };
    let status = PassServiceClient::new(removed.clone()).get_pass(ask()).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let status = RevocationServiceClient::new(removed.clone()).revoke_pass(revoke()).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let status = approvals.approve_application(decide(2)).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let reject = proto::RejectApplicationRequest {
        request_id: request_id(),
        application_id: applications[2].clone(),
        reason: proto::RejectionReason::Duplicate.into(),
        reason_text: String::new(),
    };
    assert_eq!(approvals.reject_application(reject).await.unwrap_err().code(), Code::NotFound);
    let request = proto::IssuePassRequest {
        request_id: request_id(),
        application_id: applications[1].clone(),
        replace_overlapping: false,
    };
    let status = PassServiceClient::new(removed.clone()).issue_pass(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    for dry_run in [true, false] {
        let request = proto::ImportEntriesRequest { request_id: request_id(), rows: vec![row(3, 9)], dry_run };
        let status = WhitelistServiceClient::new(removed.clone()).import_entries(request).await.unwrap_err();
        assert_eq!((status.code(), reason(&status)), (Code::PermissionDenied, "NOT_AN_AUTHORITY".to_owned()));
    }

    let province = server.chief("CN-32").await;
    let seen = PassServiceClient::new(province.clone()).get_pass(ask()).await.unwrap().into_inner().pass.unwrap();
    assert_eq!(seen.authority, SUZHOU);
    let filter = proto::AuditFilter { body: SUZHOU.to_owned(), ..Default::default() };
    let request = proto::ListAuditEntriesRequest { filter: Some(filter), ..Default::default() };
    let entries = AuditServiceClient::new(province.clone()).list_audit_entries(request).await.unwrap().into_inner();
    assert!(!entries.entries.is_empty());
    let revoked = RevocationServiceClient::new(province).revoke_pass(revoke()).await.unwrap().into_inner();
    assert!(!revoked.already_revoked);
    // Another prefecture sees no more than before.
    let other = server.chief("CN-3301").await;
    let status = PassServiceClient::new(other).get_pass(ask()).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}
