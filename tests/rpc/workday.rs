//! A working day: what an authority asks for, a plan that is decided as it was seen, and its report; and who decides.

use freightpass::clock::{Clock, SystemClock};
use freightpass::profile::Profile;
use freightpass::profile::cn::Cn;
use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::arrival_service_client::ArrivalServiceClient;
use freightpass::rpc::proto::pass_service_client::PassServiceClient;
use freightpass::rpc::proto::programme_service_client::ProgrammeServiceClient;
use freightpass::rpc::proto::report_service_client::ReportServiceClient;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::example::{form, id, in_seconds};
use crate::raw::call;
use crate::refusal::{fields, reason, refusal};
use crate::world::{APPROVED, APPROVED_IN_A_BATCH, ARRIVING, NEXT, RECOMMENDED, REJECTED, WITHDRAWN, World, same};

#[tokio::test]
async fn county_decides_nothing_whatever_roles_its_certificate_names() {
    let world = World::start().await;
    let county = world.server.officer("CN-320583", "chief", "recommender,approver,revoker,auditor").await;
    let before = world.registry().await;
    for (service, method) in [
        ("ApprovalService", "ApproveApplication"),
        ("ApprovalService", "BatchApproveApplications"),
        ("ApprovalService", "RejectApplication"),
        ("ApprovalService", "BatchRejectApplications"),
        ("ProgrammeService", "SetProgrammeRules"),
    ] {
        for request in world.requests(method) {
            let refused = refusal(method, call(&county, service, method, request).await).unwrap();
            assert_eq!((refused.code, refused.reason.as_str()), (Code::NotFound, "NOT_FOUND"), "{method}");
        }
    }
    same(&before, &world.registry().await, false, "a county that decides");
}

#[tokio::test]
async fn application_to_a_county_and_through_an_abolished_division_is_refused_by_name() {
    let world = World::start().await;
    let mut client = ApplicationServiceClient::new(world.applicant.clone());
    let mut refused = async |form| {
        let request = proto::SubmitApplicationRequest { request_id: id(), form: Some(form) };
        client.submit_application(request).await.unwrap_err()
    };
    let to_a_county = proto::ApplicationForm { authority: "CN-320583".into(), ..form(1, NEXT) };
    let status = refused(to_a_county).await;
    assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["form.authority".to_owned()]));
    let mut through = form(1, NEXT);
    through.route.as_mut().unwrap().destination = "330103".into();
    let status = refused(through).await;
    assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["form.route.destination".to_owned()]));
    let details = status.get_error_details();
    let violation = &details.bad_request().unwrap().field_violations[0];
    assert!(violation.description.contains("abolished in 2021"), "{violation:?}");
    assert!(violation.localized_message.as_ref().is_some_and(|words| words.message.contains("2021")), "{violation:?}");
}

#[tokio::test]
async fn evidence_is_asked_for_when_it_is_handed_in_and_weighed_again_when_it_is_decided() {
    let world = World::start().await;
    let set = |authority: &str, max_age: i64| proto::SetProgrammeRulesRequest {
        request_id: id(),
        authority: authority.into(),
        programme: 1,
        evidence: vec![proto::EvidenceRule {
            kind: proto::EvidenceKind::Waybill.into(),
            subject: proto::EvidenceSubject::Cargo.into(),
            max_age: Some(prost_types::Duration { seconds: max_age, nanos: 0 }),
            issuers: Vec::new(),
        }],
        recommendation_required: false,
    };
    // Nobody rules for another; a province does for its prefecture.
    let hangzhou = world.server.officer("CN-3301", "chief", "approver").await;
    let refused = ProgrammeServiceClient::new(hangzhou).set_programme_rules(set("CN-3205", 3_600)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let province = world.server.officer("CN-32", "chief", "approver").await;
    let made = ProgrammeServiceClient::new(province).set_programme_rules(set("CN-3205", 3_600)).await.unwrap();
    assert_eq!(made.into_inner().rules.unwrap().body, "CN-32");
    let mut programmes = ProgrammeServiceClient::new(world.applicant.clone());
    let listed = programmes.list_programme_rules(proto::ListProgrammeRulesRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().rules.len(), 1);

    let mut client = ApplicationServiceClient::new(world.applicant.clone());
    let submit = |form| proto::SubmitApplicationRequest { request_id: id(), form: Some(form) };
    let mut without = form(1, NEXT);
    without.evidence.clear();
    let status = client.submit_application(submit(without)).await.unwrap_err();
    assert_eq!(fields(&status), ["form.evidence"]);
    let mut old = form(1, NEXT);
    old.evidence[0].taken_time = in_seconds(-7_200);
    let status = client.submit_application(submit(old)).await.unwrap_err();
    assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["form.evidence[0].taken_time".into()]));
    assert!(status.message().contains("3600"), "{status:?}");
    client.submit_application(submit(form(1, NEXT))).await.unwrap();

    // What was handed in before is weighed by the rules of now.
    let mut chief = ProgrammeServiceClient::new(world.chief.clone());
    chief.set_programme_rules(set("CN-3205", 1)).await.unwrap();
    let request = proto::ApproveApplicationRequest {
        request_id: id(),
        application_id: world.applications[APPROVED].clone(),
        ..Default::default()
    };
    let status = ApprovalServiceClient::new(world.chief.clone()).approve_application(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status)), (Code::FailedPrecondition, "EVIDENCE_RULES".to_owned()));
    let found = |status: &Status, key: &str| {
        status.get_error_details().error_info().unwrap().metadata.get(key).cloned().unwrap_or_default()
    };
    assert_eq!(found(&status, "item"), "evidence[0].taken_time");
    assert_eq!((found(&status, "rule").as_str(), found(&status, "limit").as_str()), ("evidence_too_old", "1"));
    assert!(found(&status, "found").parse::<u64>().unwrap() > 1);
}

#[tokio::test]
async fn recommendation_is_shown_in_the_list_and_a_programme_may_insist_on_one() {
    let world = World::start().await;
    let rules = proto::SetProgrammeRulesRequest {
        request_id: id(),
        authority: "CN-3205".into(),
        programme: 1,
        evidence: Vec::new(),
        recommendation_required: true,
    };
    ProgrammeServiceClient::new(world.chief.clone()).set_programme_rules(rules).await.unwrap();
    let recommend = proto::RecommendApplicationRequest {
        request_id: id(),
        application_id: world.applications[RECOMMENDED].clone(),
        comment: "急".into(),
    };
    ApprovalServiceClient::new(world.clerk.clone()).recommend_application(recommend).await.unwrap();
    let filter = proto::ApplicationFilter { state: proto::ApplicationState::Recommended.into(), ..Default::default() };
    let request = proto::ListApplicationsRequest { filter: Some(filter), ..Default::default() };
    let mut applications = ApplicationServiceClient::new(world.chief.clone());
    let listed = applications.list_applications(request).await.unwrap().into_inner().applications;
    let office = listed[0].recommendation.clone().unwrap();
    assert_eq!((office.body.as_str(), office.officer.as_str(), office.comment.as_str()), ("CN-320583", "clerk", "急"));
    assert!(office.time.is_some());
    let results = decide(&world, &[RECOMMENDED, APPROVED], Vec::new(), false).await;
    assert_eq!(results, ["", "NOT_RECOMMENDED"]);
}

#[tokio::test]
async fn plan_is_shown_and_then_decided_as_it_was_seen() {
    let world = World::start().await;
    let plan = [APPROVED, WITHDRAWN, RECOMMENDED];
    let before = world.registry().await;
    assert_eq!(decide(&world, &plan, vec![1, 1, 1], true).await, ["", "", ""]);
    same(&before, &world.registry().await, false, "a dry run");
    for wrong in [vec![1], vec![1, 1, 1, 1]] {
        let refused = batch(&world, &plan, wrong, false).await.unwrap_err();
        assert_eq!(fields(&refused), ["versions"]);
    }
    let withdraw =
        proto::WithdrawApplicationRequest { request_id: id(), application_id: world.applications[WITHDRAWN].clone() };
    ApplicationServiceClient::new(world.applicant.clone()).withdraw_application(withdraw).await.unwrap();
    let recommend = proto::RecommendApplicationRequest {
        request_id: id(),
        application_id: world.applications[RECOMMENDED].clone(),
        comment: String::new(),
    };
    ApprovalServiceClient::new(world.clerk.clone()).recommend_application(recommend).await.unwrap();
    let results = decide(&world, &plan, vec![1, 1, 1], false).await;
    assert_eq!(results, ["", "APPLICATION_STATE", "APPLICATION_CHANGED"]);

    let reject = |dry_run| proto::BatchRejectApplicationsRequest {
        request_id: id(),
        application_ids: [APPROVED, REJECTED, APPROVED_IN_A_BATCH].map(|at| world.applications[at].clone()).to_vec(),
        versions: vec![1, 1, 7],
        reason: proto::RejectionReason::Route.into(),
        reason_text: "绕行".into(),
        dry_run,
    };
    for dry_run in [true, false] {
        let mut client = ApprovalServiceClient::new(world.chief.clone());
        let results = client.batch_reject_applications(reject(dry_run)).await.unwrap().into_inner().results;
        let state = |result: &proto::RejectResult| match result.result.clone().unwrap() {
            proto::reject_result::Result::Application(application) => application.state().as_str_name().to_owned(),
            proto::reject_result::Result::Error(error) => error.reason,
        };
        let rejected = if dry_run { "APPLICATION_STATE_SUBMITTED" } else { "APPLICATION_STATE_REJECTED" };
        let told: Vec<_> = results.iter().map(state).collect();
        assert_eq!(told, ["APPLICATION_STATE", rejected, "APPLICATION_CHANGED"]);
    }
}

#[tokio::test]
async fn day_is_reported_with_what_arrived_beside_it() {
    let world = World::start().await;
    let number = world.number(ARRIVING);
    let mut passes = PassServiceClient::new(world.chief.clone());
    let get = || proto::GetPassRequest { pass_number: number.clone() };
    let known = passes.get_pass(get()).await.unwrap().into_inner().pass.unwrap().arrival.unwrap();
    assert_eq!((known.state(), known.consignee.as_str()), (proto::ArrivalState::Expected, "浦东仓库"));
    let report = proto::ReportArrivalRequest { request_id: id(), pass_number: number.clone(), ..Default::default() };
    let mut arrivals = ArrivalServiceClient::new(world.chief.clone());
    let reported = arrivals.report_arrival(report).await.unwrap().into_inner();
    assert!(!reported.already_reported);
    let known = passes.get_pass(get()).await.unwrap().into_inner().pass.unwrap().arrival.unwrap();
    assert_eq!((known.state(), known.place.as_str()), (proto::ArrivalState::Arrived, "310115"));
    assert_eq!(known.reported_by, "CN-3205/chief");

    let day = Cn.day(SystemClock.now());
    let mut reports = ReportServiceClient::new(world.chief.clone());
    let mut of = async |day: &str, authority: &str| {
        let request = proto::GetDayReportRequest { day: day.into(), authority: authority.into() };
        reports.get_day_report(request).await.map(|answer| answer.into_inner().report.unwrap())
    };
    let today = of(&day.to_string(), "CN-3205").await.unwrap();
    let yesterday = of(&day.yesterday().unwrap().to_string(), "CN-3205").await.unwrap();
    // The test may run over midnight.
    assert_eq!(today.received_count + yesterday.received_count, world.applications.len() as u64 + 1);
    assert_eq!(today.issued_count + yesterday.issued_count, world.passes.len() as u64 + 1);
    assert_eq!(today.waits.len(), 3);
    assert!(today.oldest_waiting.is_some());
    let tomorrow = of(&day.tomorrow().unwrap().to_string(), "CN-3205").await.unwrap_err();
    assert_eq!((tomorrow.code(), fields(&tomorrow)), (Code::InvalidArgument, vec!["day".to_owned()]));
    assert_eq!(of(&day.to_string(), "CN-3301").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(fields(&of(&day.to_string(), "CN-99").await.unwrap_err()), ["authority"]);
    // The province counts its prefecture's.
    let province = world.server.officer("CN-32", "auditor", "auditor").await;
    let request = proto::GetDayReportRequest { day: day.to_string(), authority: "CN-32".into() };
    let whole = ReportServiceClient::new(province).get_day_report(request).await.unwrap().into_inner().report.unwrap();
    assert_eq!(whole.received_count, today.received_count);
}

/// Approves these applications in a batch: the reason of each refusal, empty for what was approved.
async fn decide(world: &World, which: &[usize], versions: Vec<u64>, dry_run: bool) -> Vec<String> {
    let results = batch(world, which, versions, dry_run).await.unwrap();
    let told = |result: proto::ApproveResult| match result.result.unwrap() {
        proto::approve_result::Result::Approval(approval) => {
            assert_eq!(approval.pass.is_none(), dry_run);
            String::new()
        }
        proto::approve_result::Result::Error(error) => error.reason,
    };
    results.into_iter().map(told).collect()
}

async fn batch(
    world: &World,
    which: &[usize],
    versions: Vec<u64>,
    dry_run: bool,
) -> Result<Vec<proto::ApproveResult>, Status> {
    let request = proto::BatchApproveApplicationsRequest {
        request_id: id(),
        application_ids: which.iter().map(|at| world.applications[*at].clone()).collect(),
        versions,
        dry_run,
        ..Default::default()
    };
    let answer = ApprovalServiceClient::new(world.chief.clone()).batch_approve_applications(request).await?;
    Ok(answer.into_inner().results)
}
