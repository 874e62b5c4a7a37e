//! The main flow over gRPC, and what many officers at once do to it.

use freightpass::clock::{Clock, SystemClock};
use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::audit_service_client::AuditServiceClient;
use freightpass::rpc::proto::check_pass_request::Pass as Asked;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::pass_service_client::PassServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use futures::future::join_all;
use tonic::Code;
use tonic::transport::Channel;
use uuid::Uuid;

use crate::server::Server;

const ENTERPRISE: &str = "91350100M000100Y43";
const TRACTOR: &str = "苏AC50731";

fn id() -> String {
    Uuid::now_v7().to_string()
}

fn in_hours(hours: i64) -> Option<prost_types::Timestamp> {
    let seconds = SystemClock.now().as_second() + hours * 3_600;
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

/// One truck of one enterprise on the white list of Suzhou.
async fn import(chief: &Channel) -> proto::ImportEntriesResponse {
    let driver = proto::ImportPerson {
        name: "李测试".into(),
        paper_kind: String::new(),
        paper_number: "33010619880229997x".into(),
        mobile: "13800138000".into(),
        role: String::new(),
    };
    let row = proto::ImportRow {
        line: 2,
        enterprise_code: ENTERPRISE.into(),
        enterprise_name: "昆山测试物流有限公司".into(),
        contact_name: "王测试".into(),
        contact_phone: "0512-57000000".into(),
        industry: "6".into(),
        tractor: TRACTOR.into(),
        trailer: String::new(),
        crew: vec![driver],
        code_waiver_reason: String::new(),
    };
    let request = proto::ImportEntriesRequest { request_id: id(), rows: vec![row], dry_run: false };
    WhitelistServiceClient::new(chief.clone()).import_entries(request).await.unwrap().into_inner()
}

fn form() -> proto::ApplicationForm {
    proto::ApplicationForm {
        authority: "CN-3205".into(),
        programme: 1,
        enterprise_code: ENTERPRISE.into(),
        tractor: TRACTOR.into(),
        trailer: String::new(),
        gross_mass_kg: 49_000,
        crew: vec![proto::CrewMember {
            name: "李测试".into(),
            paper_kind: proto::PaperKind::IdentityCard.into(),
            paper_number: "33010619880229997X".into(),
            mobile: "13800138000".into(),
            role: proto::CrewRole::Driver.into(),
        }],
        cargo_category: proto::Category::Food.into(),
        cargo_description: "大米".into(),
        cargo_mass_kg: 30_000,
        route: Some(proto::Route { origin: "320583".into(), destination: "330106".into(), via: Vec::new() }),
        planned_start_time: in_hours(0),
        planned_end_time: in_hours(49),
        leg: proto::Leg::Loaded.into(),
        evidence: Vec::new(),
    }
}

/// A pass, from the white list on.
async fn issue(chief: &Channel, applicant: &Channel) -> (proto::Application, proto::Pass) {
    let imported = import(chief).await;
    assert_eq!(imported.refused_count, 0, "{imported:?}");
    let request = proto::SubmitApplicationRequest { request_id: id(), form: Some(form()) };
    let submitted = ApplicationServiceClient::new(applicant.clone()).submit_application(request).await;
    let application = submitted.unwrap().into_inner().application.unwrap();
    let request = proto::ApproveApplicationRequest {
        request_id: id(),
        application_id: application.application_id.clone(),
        ..Default::default()
    };
    let approved = ApprovalServiceClient::new(chief.clone()).approve_application(request).await.unwrap().into_inner();
    for answered in [&application, approved.application.as_ref().unwrap()] {
        let driver = &answered.form.as_ref().unwrap().crew[0];
        assert_eq!((driver.paper_number.as_str(), driver.mobile.as_str()), ("*997X", "*8000"), "in full in one place");
    }
    (application, approved.pass.unwrap())
}

async fn people(server: &Server) -> (Channel, Channel) {
    let chief = server.officer("CN-3205", "chief", "whitelist,approver,revoker,auditor").await;
    let applicant = server.officer(ENTERPRISE, "desk", "applicant").await;
    (chief, applicant)
}

#[tokio::test]
async fn a_pass_is_admitted_and_refused_as_soon_as_it_is_revoked() {
    let server = Server::start().await;
    let (chief, applicant) = people(&server).await;
    let (application, pass) = issue(&chief, &applicant).await;
    assert!(pass.text.starts_with("FP1:"));

    let mut checkpoint = CheckpointServiceClient::new(server.public().await);
    let by_text = || proto::CheckPassRequest { pass: Some(Asked::Text(pass.text.clone())), ..Default::default() };
    let checked = checkpoint.check_pass(by_text()).await.unwrap().into_inner();
    let verdict = checked.verdict.unwrap();
    assert_eq!(verdict.code, "admit", "{verdict:?}");
    assert_eq!(verdict.fields.unwrap().tractor, TRACTOR);

    let request = proto::RevokePassRequest {
        request_id: id(),
        pass_number: pass.number.clone(),
        reason: proto::StatusReason::Misuse.into(),
        reason_text: String::new(),
    };
    let mut revocations = RevocationServiceClient::new(chief.clone());
    let revoked = revocations.revoke_pass(request.clone()).await.unwrap().into_inner();
    assert!(!revoked.already_revoked);
    // The same request again is the same answer, word for word.
    assert_eq!(revocations.revoke_pass(request.clone()).await.unwrap().into_inner(), revoked);
    let reused = proto::RevokePassRequest { reason_text: "another".into(), ..request };
    let status = revocations.revoke_pass(reused).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);

    // By number: state and reason, and the seq of the log; the index follows within moments of the commit.
    let by_number =
        proto::CheckPassRequest { pass: Some(Asked::PassNumber(pass.number.clone())), ..Default::default() };
    let wanted = revoked.change.unwrap().log_seq;
    let checked = loop {
        let checked = checkpoint.check_pass(by_number.clone()).await.unwrap().into_inner();
        if checked.log_seq >= wanted {
            break checked;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(checked.state(), proto::PassState::Revoked);
    assert_eq!(checked.reason(), proto::StatusReason::Misuse);
    assert!(checked.verdict.is_none());

    let verdict = checkpoint.check_pass(by_text()).await.unwrap().into_inner().verdict.unwrap();
    assert_eq!(verdict.outcome(), proto::Outcome::Refuse);
    assert_eq!(verdict.code, "revoked");

    let request = proto::GetApplicationRequest { application_id: application.application_id };
    let shown = ApplicationServiceClient::new(applicant).get_application(request).await.unwrap().into_inner();
    let shown = shown.application.unwrap();
    assert_eq!(shown.pass_numbers, [pass.number]);
    assert_eq!(shown.form.unwrap().crew[0].paper_number, "33010619880229997X");
}

#[tokio::test]
async fn fifty_revocations_of_one_pass_at_once_are_one_revocation() {
    // FP-22
    let server = Server::start().await;
    let (chief, applicant) = people(&server).await;
    let (_, pass) = issue(&chief, &applicant).await;
    let calls = (0..50).map(|_| {
        let mut client = RevocationServiceClient::new(chief.clone());
        let request = proto::RevokePassRequest {
            request_id: id(),
            pass_number: pass.number.clone(),
            reason: proto::StatusReason::CopiedOrLost.into(),
            reason_text: String::new(),
        };
        async move { client.revoke_pass(request).await.unwrap().into_inner() }
    });
    let answers = join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| !answer.already_revoked).count(), 1);
    let first = answers[0].change.clone().unwrap();
    assert!(answers.iter().all(|answer| answer.change.as_ref() == Some(&first)), "{answers:?}");

    let request = proto::ListRevocationsRequest::default();
    let changes = RevocationServiceClient::new(chief.clone()).list_revocations(request).await.unwrap().into_inner();
    assert_eq!(changes.changes, std::slice::from_ref(&first));
    assert_eq!(first.log_seq, 1, "no hole before the first");

    let filter = proto::AuditFilter { method: "RevokePass".into(), ..Default::default() };
    let request = proto::ListAuditEntriesRequest { filter: Some(filter), ..Default::default() };
    let entries = AuditServiceClient::new(chief).list_audit_entries(request).await.unwrap().into_inner().entries;
    assert_eq!(entries.len(), 1, "{entries:?}");
}

#[tokio::test]
async fn milliseconds_as_planned_times_are_refused_by_the_names_of_the_fields() {
    // FP-03 (b)
    let server = Server::start().await;
    let (chief, applicant) = people(&server).await;
    import(&chief).await;
    let ms = |milliseconds| Some(prost_types::Timestamp { seconds: milliseconds, nanos: 0 });
    let form = proto::ApplicationForm {
        planned_start_time: ms(1_796_054_400_000),
        planned_end_time: ms(1_796_659_200_000),
        ..form()
    };
    let request = proto::SubmitApplicationRequest { request_id: id(), form: Some(form) };
    let status = ApplicationServiceClient::new(applicant.clone()).submit_application(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("form.planned_start_time"), "{status:?}");

    let request = proto::ListApplicationsRequest::default();
    let stored = ApplicationServiceClient::new(applicant).list_applications(request).await.unwrap().into_inner();
    assert!(stored.applications.is_empty());
}

#[tokio::test]
async fn another_authority_sees_and_touches_nothing_of_it() {
    let server = Server::start().await;
    let (chief, applicant) = people(&server).await;
    let (application, pass) = issue(&chief, &applicant).await;
    let other = server.officer("CN-3301", "chief", "whitelist,approver,revoker,auditor").await;

    let request = proto::GetPassRequest { pass_number: pass.number.clone() };
    let status = PassServiceClient::new(other.clone()).get_pass(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let request = proto::GetApplicationRequest { application_id: application.application_id.clone() };
    let status = ApplicationServiceClient::new(other.clone()).get_application(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let request = proto::RevokePassRequest {
        request_id: id(),
        pass_number: pass.number,
        reason: proto::StatusReason::Misuse.into(),
        reason_text: String::new(),
    };
    let status = RevocationServiceClient::new(other.clone()).revoke_pass(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let listed = PassServiceClient::new(other).list_passes(proto::ListPassesRequest::default()).await.unwrap();
    assert!(listed.into_inner().passes.is_empty());

    // The province sees its prefecture's.
    let province = server.officer("CN-32", "auditor", "auditor").await;
    let listed = PassServiceClient::new(province).list_passes(proto::ListPassesRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().passes.len(), 1);
}
