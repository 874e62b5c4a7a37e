//! Request ids of every changing method: the same request is answered as before, and changes nothing again; the same id
//! with other contents is refused.

use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::arrival_service_client::ArrivalServiceClient;
use freightpass::rpc::proto::pass_service_client::PassServiceClient;
use freightpass::rpc::proto::programme_service_client::ProgrammeServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass::rpc::proto::trust_service_client::TrustServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use tonic::Code;

use crate::city::{SUZHOU, apply, approve, enterprise, form, list, reason, request_id, row};
use crate::server::Server;
use crate::trust::next_list;

/// Makes a request twice and once more with other contents; gives the answer.
macro_rules! repeated {
    ($client:expr, $method:ident, $request:expr, $change:expr) => {{
        let mut request = $request;
        request.request_id = request_id();
        let first = $client.$method(request.clone()).await.unwrap().into_inner();
        let again = $client.$method(request.clone()).await.unwrap().into_inner();
        assert_eq!(again, first, stringify!($method));
        let change: fn(&mut _) = $change;
        change(&mut request);
        let refused = $client.$method(request).await.unwrap_err();
        let found = (refused.code(), reason(&refused));
        assert_eq!(found, (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()), stringify!($method));
        first
    }};
}

#[tokio::test]
async fn same_request_id_gives_the_same_answer_and_other_contents_are_refused() {
    let server = Server::start().await;
    let chief = server.chief(SUZHOU).await;
    let mut whitelist = WhitelistServiceClient::new(chief.clone());
    let import = proto::ImportEntriesRequest { rows: vec![row(1, 1)], ..Default::default() };
    let imported = repeated!(whitelist, import_entries, import, |it: &mut proto::ImportEntriesRequest| {
        it.rows[0].contact_name = "王五".to_owned();
    });
    assert_eq!(imported.new_count, 1);
    let number = imported.results[0].enterprise_number;
    list(&server, 8).await;

    let mut applications = ApplicationServiceClient::new(server.applicant(&enterprise(1)).await);
    let submit = proto::SubmitApplicationRequest { form: Some(form(1, 1, 7)), ..Default::default() };
    let other = |it: &mut proto::SubmitApplicationRequest| it.form.as_mut().unwrap().gross_mass_kg += 1;
    let submitted = repeated!(applications, submit_application, submit, other);
    let batch = proto::BatchSubmitApplicationsRequest { forms: vec![form(1, 2, 7)], ..Default::default() };
    let other = |it: &mut proto::BatchSubmitApplicationsRequest| it.forms[0].gross_mass_kg += 1;
    let batched = repeated!(applications, batch_submit_applications, batch, other).results.remove(0);
    let Some(proto::submit_result::Result::Application(batched)) = batched.result else { panic!("refused") };
    let ids = apply(&server, (1..=8).map(|truck| form(1, truck, 7)).collect()).await;
    let id = |at: usize| ids[at].clone();
    let withdraw = proto::WithdrawApplicationRequest {
        application_id: submitted.application.unwrap().application_id,
        ..Default::default()
    };
    let other = |it: &mut proto::WithdrawApplicationRequest| it.application_id = request_id();
    repeated!(applications, withdraw_application, withdraw, other);

    let clerk = server.officer("CN-320583", "clerk", "recommender").await;
    let mut county = ApprovalServiceClient::new(clerk);
    let recommend = proto::RecommendApplicationRequest { application_id: id(0), ..Default::default() };
    let other = |it: &mut proto::RecommendApplicationRequest| it.comment = "急".to_owned();
    repeated!(county, recommend_application, recommend, other);
    let mut approvals = ApprovalServiceClient::new(chief.clone());
    let reject = proto::RejectApplicationRequest {
        application_id: id(0),
        reason: proto::RejectionReason::Route.into(),
        ..Default::default()
    };
    let other = |it: &mut proto::RejectApplicationRequest| it.reason_text = "绕行".to_owned();
    repeated!(approvals, reject_application, reject, other);
    let reject = proto::BatchRejectApplicationsRequest {
        application_ids: vec![batched.application_id],
        versions: vec![1],
        reason: proto::RejectionReason::Route.into(),
        ..Default::default()
    };
    let other = |it: &mut proto::BatchRejectApplicationsRequest| it.versions.clear();
    repeated!(approvals, batch_reject_applications, reject, other);
    let mut programmes = ProgrammeServiceClient::new(chief.clone());
    let rules = proto::SetProgrammeRulesRequest { authority: SUZHOU.to_owned(), programme: 1, ..Default::default() };
    let other = |it: &mut proto::SetProgrammeRulesRequest| it.recommendation_required = true;
    repeated!(programmes, set_programme_rules, rules, other);
    for decide_only in [true, false] {
        let (one, many) = if decide_only { (1, 2) } else { (3, 4) };
        let approve = proto::ApproveApplicationRequest { application_id: id(one), decide_only, ..Default::default() };
        let other = |it: &mut proto::ApproveApplicationRequest| it.replace_overlapping = true;
        repeated!(approvals, approve_application, approve, other);
        let batch = proto::BatchApproveApplicationsRequest {
            application_ids: vec![id(many)],
            decide_only,
            ..Default::default()
        };
        let other = |it: &mut proto::BatchApproveApplicationsRequest| it.application_ids.push(request_id());
        repeated!(approvals, batch_approve_applications, batch, other);
    }
    let mut passes = PassServiceClient::new(chief.clone());
    let issue = proto::IssuePassRequest { application_id: id(1), ..Default::default() };
    let other = |it: &mut proto::IssuePassRequest| it.replace_overlapping = true;
    let pass = repeated!(passes, issue_pass, issue, other).pass.unwrap();

    let pass_number = pass.number;
    let mut applicant = ArrivalServiceClient::new(server.applicant(&enterprise(1)).await);
    let begins = pass.start_time.unwrap();
    let announce = proto::AnnounceArrivalRequest {
        pass_number: pass_number.clone(),
        expected_time: Some(prost_types::Timestamp { seconds: begins.seconds + 86_400, nanos: 0 }),
        ..Default::default()
    };
    let other = |it: &mut proto::AnnounceArrivalRequest| it.consignee = "杭州仓".to_owned();
    repeated!(applicant, announce_arrival, announce, other);
    let report = proto::ReportArrivalRequest {
        pass_number: pass_number.clone(),
        arrival_time: Some(begins),
        ..Default::default()
    };
    let other = |it: &mut proto::ReportArrivalRequest| it.arrival_time = None;
    assert!(!repeated!(applicant, report_arrival, report, other).already_reported);

    let mut revocations = RevocationServiceClient::new(chief);
    let investigation = proto::StatusReason::Investigation.into();
    let suspend =
        proto::SuspendPassRequest { pass_number: pass_number.clone(), reason: investigation, ..Default::default() };
    let other = |it: &mut proto::SuspendPassRequest| it.reason_text = "查".to_owned();
    repeated!(revocations, suspend_pass, suspend, other);
    let cleared = proto::StatusReason::Cleared.into();
    let resume = proto::ResumePassRequest { pass_number: pass_number.clone(), reason: cleared, ..Default::default() };
    let other = |it: &mut proto::ResumePassRequest| it.reason_text = "清".to_owned();
    repeated!(revocations, resume_pass, resume, other);
    let amend = proto::AmendPassRequest {
        pass_number,
        trailer: Some("苏E1234挂".to_owned()),
        reason_text: "换挂".to_owned(),
        ..Default::default()
    };
    let other = |it: &mut proto::AmendPassRequest| it.reason_text = "换车".to_owned();
    let amended = repeated!(revocations, amend_pass, amend, other).pass.unwrap();
    let misuse = proto::StatusReason::Misuse.into();
    let revoke = proto::RevokePassRequest { pass_number: amended.number, reason: misuse, ..Default::default() };
    let other = |it: &mut proto::RevokePassRequest| it.reason_text = "转借".to_owned();
    let revoked = repeated!(revocations, revoke_pass, revoke, other);
    assert!(!revoked.already_revoked);
    approve(&server, &ids[6..]).await;
    let delist = proto::RevokeEnterpriseRequest {
        enterprise_number: number,
        reason_text: "虚假材料".to_owned(),
        ..Default::default()
    };
    let other = |it: &mut proto::RevokeEnterpriseRequest| it.reason_text = "其他".to_owned();
    let stopped = repeated!(revocations, revoke_enterprise, delist, other);
    // Trucks 4 and 5, which were approved with their passes, and 7 and 8.
    assert_eq!(stopped.truck_count, 4);

    let mut operator = TrustServiceClient::new(server.officer("CN-32", "ops", "operator").await);
    let publish = proto::PublishStatusRequest { request_id: request_id() };
    let first = operator.publish_status(publish.clone()).await.unwrap().into_inner();
    assert_eq!(operator.publish_status(publish).await.unwrap().into_inner(), first);
}

#[tokio::test]
async fn lists_and_survivors_are_installed_and_made_once_and_other_contents_are_refused() {
    let server = Server::start().await;
    let mut operator = TrustServiceClient::new(server.officer("CN-32", "ops", "operator").await);
    let second = proto::InstallTrustListRequest {
        request_id: request_id(),
        object: next_list(&server, |_| {}).await.into(),
        dry_run: false,
    };
    let first = operator.install_trust_list(second.clone()).await.unwrap().into_inner();
    assert_eq!(operator.install_trust_list(second.clone()).await.unwrap().into_inner(), first);
    let third = next_list(&server, |_| {}).await.into();
    let other = proto::InstallTrustListRequest { object: third, ..second };
    let refused = operator.install_trust_list(other.clone()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()));
    let in_force = operator.get_trust_lists(proto::GetTrustListsRequest {}).await.unwrap().into_inner();
    assert_eq!(in_force.trust_lists.last().unwrap().seq, 2, "nothing was installed");
    let anew = proto::InstallTrustListRequest { request_id: request_id(), ..other };
    operator.install_trust_list(anew).await.unwrap();

    let keys = operator.list_keys(proto::ListKeysRequest::default()).await.unwrap().into_inner().keys;
    let kids: Vec<_> = keys.into_iter().filter(|key| !key.authority.is_empty()).map(|key| key.kid).collect();
    let prepare = proto::PrepareSurvivorsRequest { request_id: request_id(), kid: kids[0].clone() };
    let first = operator.prepare_survivors(prepare.clone()).await.unwrap().into_inner();
    assert_eq!(operator.prepare_survivors(prepare.clone()).await.unwrap().into_inner(), first);
    let other = proto::PrepareSurvivorsRequest { kid: kids[1].clone(), ..prepare };
    let refused = operator.prepare_survivors(other).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()));
}

#[tokio::test]
async fn a_dry_run_keeps_no_id() {
    let server = Server::start().await;
    let chief = server.chief(SUZHOU).await;
    let mut whitelist = WhitelistServiceClient::new(chief.clone());
    let import = proto::ImportEntriesRequest { request_id: request_id(), rows: vec![row(1, 1)], dry_run: true };
    for _ in 0..2 {
        assert_eq!(whitelist.import_entries(import.clone()).await.unwrap().into_inner().new_count, 1);
    }
    let import = proto::ImportEntriesRequest { dry_run: false, ..import };
    let imported = whitelist.import_entries(import).await.unwrap().into_inner();
    assert_eq!(imported.new_count, 1, "the dry run listed nothing");

    let mut revocations = RevocationServiceClient::new(chief);
    let stop = proto::RevokeEnterpriseRequest {
        request_id: request_id(),
        enterprise_number: imported.results[0].enterprise_number,
        reason_text: "虚假材料".to_owned(),
        dry_run: true,
    };
    for _ in 0..2 {
        revocations.revoke_enterprise(stop.clone()).await.unwrap();
    }
    revocations.revoke_enterprise(proto::RevokeEnterpriseRequest { dry_run: false, ..stop }).await.unwrap();

    let mut operator = TrustServiceClient::new(server.officer("CN-32", "ops", "operator").await);
    let install = proto::InstallTrustListRequest {
        request_id: request_id(),
        object: next_list(&server, |_| {}).await.into(),
        dry_run: true,
    };
    for dry_run in [true, true, false] {
        let request = proto::InstallTrustListRequest { dry_run, ..install.clone() };
        let installed = operator.install_trust_list(request).await.unwrap().into_inner().trust_list.unwrap();
        assert_eq!(installed.seq, 2);
    }
}
