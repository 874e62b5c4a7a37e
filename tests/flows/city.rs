//! A city with one enterprise and its trucks: what is listed, applied for and issued in these tests.

use std::collections::HashMap;

use freightpass::clock::{Clock, SystemClock};
use freightpass::profile::cn::{gb11643_check_digit, gb32100_check_digit};
use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::pass_service_client::PassServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use prost_types::Timestamp;
use tonic::Status;
use tonic::transport::Channel;
use tonic_types::StatusExt;

use crate::server::Server;

/// The authority of these tests.
pub const SUZHOU: &str = "CN-3205";

/// Forms, and applications to approve, of one request.
pub const BATCH: usize = 200;

/// A request id that was not used before.
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The code of enterprise `n`.
pub fn enterprise(n: u32) -> String {
    let body = format!("91320583MA{n:07}");
    let check = gb32100_check_digit(&body).unwrap();
    format!("{body}{check}")
}

/// The plate of truck `n`.
pub fn tractor(n: u32) -> String {
    format!("苏E{n:05}")
}

/// An ID number with its check digit.
pub fn id_number(body: &str) -> String {
    format!("{body}{}", gb11643_check_digit(body).unwrap())
}

/// The ID number of the driver of truck `n`: born in Kunshan in 1980.
pub fn driver(n: u32) -> String {
    id_number(&format!("320583198001{:02}{:03}", n / 1_000 + 1, n % 1_000))
}

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemClock.now_s().try_into().unwrap()
}

pub fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

/// A row of the white list: truck `truck` of enterprise `n` with its driver.
pub fn row(n: u32, truck: u32) -> proto::ImportRow {
    proto::ImportRow {
        line: truck,
        enterprise_code: enterprise(n),
        enterprise_name: format!("昆山第{n}物流有限公司"),
        contact_name: "李四".to_owned(),
        contact_phone: "0512-57000000".to_owned(),
        industry: "2".to_owned(),
        tractor: tractor(truck),
        crew: vec![proto::ImportPerson {
            name: "张三".to_owned(),
            paper_number: driver(truck),
            mobile: "13800000001".to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// The form for that truck: from Kunshan to Hangzhou, from now on, for `days`.
pub fn form(n: u32, truck: u32, days: i64) -> proto::ApplicationForm {
    let start = now();
    proto::ApplicationForm {
        authority: SUZHOU.to_owned(),
        programme: 1,
        enterprise_code: enterprise(n),
        tractor: tractor(truck),
        gross_mass_kg: 38_000,
        crew: vec![proto::CrewMember {
            name: "张三".to_owned(),
            paper_kind: proto::PaperKind::IdentityCard.into(),
            paper_number: driver(truck),
            mobile: "13800000001".to_owned(),
            role: proto::CrewRole::Driver.into(),
        }],
        cargo_category: proto::Category::IntegratedCircuits.into(),
        cargo_description: "晶圆".to_owned(),
        cargo_mass_kg: 12_000,
        route: Some(proto::Route {
            origin: "320583".to_owned(),
            destination: "330102".to_owned(),
            via: vec!["3205".to_owned(), "33".to_owned()],
        }),
        planned_start_time: at(start),
        planned_end_time: at(start + days * 86_400),
        leg: proto::Leg::Loaded.into(),
        ..Default::default()
    }
}

/// Lists enterprise 1 with the trucks `1..=trucks`.
pub async fn list(server: &Server, trucks: u32) {
    let mut client = WhitelistServiceClient::new(server.chief(SUZHOU).await);
    let rows = (1..=trucks).map(|truck| row(1, truck)).collect();
    let request = proto::ImportEntriesRequest { request_id: request_id(), rows, dry_run: false };
    let answer = client.import_entries(request).await.unwrap().into_inner();
    assert_eq!(answer.refused_count, 0, "{:?}", answer.results);
}

/// Hands forms of enterprise 1 in, and gives the identifiers of the applications.
pub async fn apply(server: &Server, forms: Vec<proto::ApplicationForm>) -> Vec<String> {
    let mut client = ApplicationServiceClient::new(server.applicant(&enterprise(1)).await);
    let mut ids = Vec::new();
    for forms in forms.chunks(BATCH) {
        let request =
            proto::BatchSubmitApplicationsRequest { request_id: request_id(), forms: forms.to_vec(), dry_run: false };
        let answer = client.batch_submit_applications(request).await.unwrap().into_inner();
        ids.extend(answer.results.into_iter().map(|result| match result.result {
            Some(proto::submit_result::Result::Application(application)) => application.application_id,
            other => panic!("{other:?}"),
        }));
    }
    ids
}

/// Approves applications and gives their passes.
pub async fn approve(server: &Server, ids: &[String]) -> Vec<proto::Pass> {
    let mut client = ApprovalServiceClient::new(server.chief(SUZHOU).await);
    let mut passes = Vec::new();
    for ids in ids.chunks(BATCH) {
        let request = proto::BatchApproveApplicationsRequest {
            request_id: request_id(),
            application_ids: ids.to_vec(),
            ..Default::default()
        };
        let answer = client.batch_approve_applications(request).await.unwrap().into_inner();
        passes.extend(answer.results.into_iter().map(|result| match result.result {
            Some(proto::approve_result::Result::Approval(approval)) => approval.pass.expect("a pass"),
            other => panic!("{other:?}"),
        }));
    }
    passes
}

/// Lists trucks for the forms, hands the forms in, and issues their passes.
pub async fn issue(server: &Server, days: &[i64]) -> Vec<proto::Pass> {
    list(server, days.len().try_into().unwrap()).await;
    let forms = (1..).zip(days).map(|(truck, days)| form(1, truck, *days)).collect();
    approve(server, &apply(server, forms).await).await
}

/// Every pass of the authority, by number.
pub async fn passes(chief: &Channel) -> HashMap<String, proto::Pass> {
    let mut client = PassServiceClient::new(chief.clone());
    let mut passes = HashMap::new();
    let mut page_token = String::new();
    loop {
        let request = proto::ListPassesRequest { page_size: 1_000, page_token, ..Default::default() };
        let page = client.list_passes(request).await.unwrap().into_inner();
        for pass in page.passes {
            let before = passes.insert(pass.number.clone(), pass);
            assert_eq!(before, None, "a number stands in the list once");
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return passes;
        }
    }
}

/// Every application of the authority, by identifier.
pub async fn applications(chief: &Channel) -> HashMap<String, proto::Application> {
    let mut client = ApplicationServiceClient::new(chief.clone());
    let mut applications = HashMap::new();
    let mut page_token = String::new();
    loop {
        let request = proto::ListApplicationsRequest { page_size: 1_000, page_token, ..Default::default() };
        let page = client.list_applications(request).await.unwrap().into_inner();
        applications.extend(page.applications.into_iter().map(|it| (it.application_id.clone(), it)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return applications;
        }
    }
}

/// The stable reason of a refusal.
pub fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// The fields that a refusal names.
pub fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}
