//! What a request says in these tests: an enterprise, its trucks, their drivers and journeys. All of it is made up.

use freightpass::clock::{Clock, SystemClock};
use freightpass::profile::cn::{gb11643_check_digit, gb32100_check_digit};
use freightpass::rpc::proto;

/// A UUID that was not used before.
pub fn id() -> String {
    uuid::Uuid::now_v7().to_string()
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

/// The ID number of the driver of truck `n`: born in Kunshan in 1980.
fn driver(n: u32) -> String {
    let body = format!("320583198001{:02}{:03}", n / 1_000 + 1, n % 1_000);
    let check = gb11643_check_digit(&body).unwrap();
    format!("{body}{check}")
}

/// A moment so many seconds from now.
pub fn in_seconds(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds: SystemClock.now().as_second() + seconds, nanos: 0 })
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
        trailer: format!("苏E{truck:04}挂"),
        crew: vec![proto::ImportPerson {
            name: "张三".to_owned(),
            paper_kind: "1".to_owned(),
            paper_number: driver(truck),
            mobile: "13800000001".to_owned(),
            role: "1".to_owned(),
        }],
        code_waiver_reason: String::new(),
    }
}

/// The form for that truck: from Kunshan to Hangzhou, for two days from now on.
pub fn form(n: u32, truck: u32) -> proto::ApplicationForm {
    proto::ApplicationForm {
        authority: "CN-3205".to_owned(),
        programme: 1,
        enterprise_code: enterprise(n),
        tractor: tractor(truck),
        trailer: format!("苏E{truck:04}挂"),
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
            via: vec!["3205".to_owned()],
        }),
        planned_start_time: in_seconds(0),
        planned_end_time: in_seconds(2 * 86_400),
        leg: proto::Leg::Loaded.into(),
        evidence: vec![proto::Evidence {
            kind: proto::EvidenceKind::Waybill.into(),
            taken_time: in_seconds(-60),
            valid_for: Some(prost_types::Duration { seconds: 86_400, nanos: 0 }),
            issuer: "昆山第一货运站".to_owned(),
            person: 0,
        }],
    }
}

/// What a scanner says that holds nothing of ours.
pub fn held() -> proto::Held {
    proto::Held {
        trust_seq: 1,
        manifest_seq: 1,
        states: vec![proto::HeldState { list: 2_969, state_hash: vec![7; 32].into() }],
        survivors: vec![vec![9; 32].into()],
    }
}
