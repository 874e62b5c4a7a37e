//! A registry with something in it: an enterprise of Suzhou with a truck for each method that changes something, and
//! next to it everybody who must see nothing of it.

use std::collections::BTreeMap;

use freightpass::clock::{Clock, SystemClock};
use freightpass::profile::cn::{gb11643_check_digit, gb32100_check_digit};
use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass::rpc::proto::trust_service_client::TrustServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use prost::Message;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, Row, SqliteConnection};
use tokio::time::timeout;
use tonic::transport::Channel;

use crate::server::{AT_LAST, Server};

/// Every role of an authority's officer but the operator's.
pub const CHIEF: &str = "whitelist,approver,revoker,auditor";

/// Signing follows each change at once and otherwise rests, so that a test can compare the registry with itself; two
/// county offices, of which no journey touches the second.
const SETTINGS: &str = r#"
[publish]
tick_s = 86400
coalesce_ms = 0
[[offices]]
code = "CN-320583"
name = "Kunshan"
division = "320583"
[[offices]]
code = "CN-320505"
name = "Huqiu"
division = "320505"
"#;

/// The trucks of enterprise 1, by what is to become of their journey.
const WITHDRAWN: usize = 0;
const RECOMMENDED: usize = 1;
const APPROVED: usize = 2;
const APPROVED_IN_A_BATCH: usize = 3;
const REJECTED: usize = 4;
const DECIDED: usize = 5;
const REVOKED: usize = 6;
const SUSPENDED: usize = 7;
const RESUMED: usize = 8;
const AMENDED: usize = 9;
const SHOWN: usize = 10;
const TRUCKS: u32 = 11;
/// And two trucks that nobody has applied for.
const NEXT: u32 = TRUCKS + 1;

/// A running service and what is in its registry.
pub struct World {
    /// The service.
    pub server: Server,
    /// A stranger on the public listener.
    pub public: Channel,
    /// Suzhou's officer of every role.
    pub chief: Channel,
    /// The clerk of the county where the journeys begin.
    pub clerk: Channel,
    /// The applicant of the enterprise.
    pub applicant: Channel,
    /// The operator of the deployment.
    pub operator: Channel,
    applications: Vec<String>,
    passes: BTreeMap<usize, proto::Pass>,
    enterprise: u32,
    stopped: u32,
    trust_list: Vec<u8>,
    kid: Vec<u8>,
}

/// Everything in the registry: the rows of each table, each as text.
pub type Rows = BTreeMap<String, Vec<String>>;

impl World {
    /// A new one.
    pub async fn start() -> Self {
        let settings = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(settings.path(), SETTINGS).unwrap();
        let file = settings.path().to_str().unwrap().to_owned();
        let server = Server::start_with(&[("FREIGHTPASS_CONFIG", file)]).await;
        let chief = server.officer("CN-3205", "chief", CHIEF).await;
        import(&chief, (1..=NEXT + 1).map(|truck| row(1, truck)).collect()).await;
        import(&chief, vec![row(2, 201), row(3, 301)]).await;
        import(&server.officer("CN-3301", "chief", CHIEF).await, vec![row(4, 401)]).await;

        let applicant = server.officer(&enterprise(1), "desk", "applicant").await;
        let forms = (1..=TRUCKS).map(|truck| form(1, truck)).collect();
        let applied = submit(&applicant, forms).await;
        let applications: Vec<_> = applied.iter().map(|one| one.application_id.clone()).collect();
        approve(&chief, vec![applications[DECIDED].clone()], true).await;
        let made = REVOKED..=SHOWN;
        let passes = approve(&chief, applications[made.clone()].to_vec(), false).await;
        let passes: BTreeMap<_, _> = made.zip(passes.into_iter().flatten()).collect();
        let other = server.officer(&enterprise(3), "desk", "applicant").await;
        let applied_too = submit(&other, vec![form(3, 301)]).await.remove(0);
        approve(&chief, vec![applied_too.application_id], false).await;

        let operator = server.officer("CN-32", "ops", "operator").await;
        let mut trust = TrustServiceClient::new(operator.clone());
        let lists = trust.get_trust_lists(proto::GetTrustListsRequest {}).await.unwrap().into_inner();
        let keys = trust.list_keys(proto::ListKeysRequest::default()).await.unwrap().into_inner().keys;
        let key = keys.iter().find(|key| key.r#use == i32::from(proto::KeyUse::Pass)).unwrap();
        let world = Self {
            public: server.public().await,
            clerk: server.officer("CN-320583", "clerk", "recommender").await,
            enterprise: applied[0].enterprise_number,
            stopped: applied_too.enterprise_number,
            trust_list: lists.trust_lists.last().unwrap().object.to_vec(),
            kid: key.kid.to_vec(),
            server,
            chief,
            applicant,
            operator,
            applications,
            passes,
        };
        let suspend = proto::SuspendPassRequest {
            request_id: id(),
            pass_number: world.number(RESUMED),
            reason: proto::StatusReason::Investigation.into(),
            ..Default::default()
        };
        RevocationServiceClient::new(world.chief.clone()).suspend_pass(suspend).await.unwrap();
        world
    }

    /// A complete request of the method with a new request id, which whoever [`World::sees`] may make once.
    pub fn request(&self, method: &str) -> Vec<u8> {
        self.requests(method).remove(0)
    }

    /// The same, and beside it the variants of the method that change or tell something else.
    pub fn requests(&self, method: &str) -> Vec<Vec<u8>> {
        let (request_id, application_id) = (id(), |at: usize| self.applications[at].clone());
        let (page_size, page_token) = (10, String::new());
        macro_rules! variants {
            ($first:expr $(, $more:expr)* $(,)?) => {
                vec![
                    $first.encode_to_vec()
                    $(, {
                        let mut it = $first;
                        it.request_id = id();
                        let change: fn(&mut _) = $more;
                        change(&mut it);
                        it.encode_to_vec()
                    })*
                ]
            };
        }
        match method {
            "ImportEntries" => {
                variants!(
                    proto::ImportEntriesRequest {
                        request_id: request_id.clone(),
                        rows: vec![row(1, SHOWN as u32 + 1)],
                        dry_run: false,
                    },
                    |it: &mut proto::ImportEntriesRequest| it.dry_run = true
                )
            }
            "GetEnterprise" => {
                use proto::get_enterprise_request::Enterprise::{Code, Number};
                let by = |key| proto::GetEnterpriseRequest { enterprise: Some(key) }.encode_to_vec();
                vec![by(Number(self.enterprise)), by(Code(enterprise(1)))]
            }
            "ListEnterprises" => {
                let filter = proto::EnterpriseFilter { plate: tractor(1), ..Default::default() };
                let all = proto::ListEnterprisesRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListEnterprisesRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "SubmitApplication" => {
                let form = Some(form(1, NEXT));
                vec![proto::SubmitApplicationRequest { request_id, form }.encode_to_vec()]
            }
            "BatchSubmitApplications" => {
                let forms = vec![form(1, NEXT + 1)];
                vec![proto::BatchSubmitApplicationsRequest { request_id, forms }.encode_to_vec()]
            }
            "GetApplication" => {
                vec![proto::GetApplicationRequest { application_id: application_id(SHOWN) }.encode_to_vec()]
            }
            "ListApplications" => {
                let filter = proto::ApplicationFilter { tractor: tractor(1), ..Default::default() };
                let all = proto::ListApplicationsRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListApplicationsRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "WithdrawApplication" => {
                let application_id = application_id(WITHDRAWN);
                vec![proto::WithdrawApplicationRequest { request_id, application_id }.encode_to_vec()]
            }
            "RecommendApplication" => {
                let application_id = application_id(RECOMMENDED);
                let comment = "急".to_owned();
                vec![proto::RecommendApplicationRequest { request_id, application_id, comment }.encode_to_vec()]
            }
            "ApproveApplication" => variants!(
                proto::ApproveApplicationRequest {
                    request_id: request_id.clone(),
                    application_id: application_id(APPROVED),
                    ..Default::default()
                },
                |it: &mut proto::ApproveApplicationRequest| it.decide_only = true,
                |it: &mut proto::ApproveApplicationRequest| it.replace_overlapping = true
            ),
            "BatchApproveApplications" => variants!(
                proto::BatchApproveApplicationsRequest {
                    request_id: request_id.clone(),
                    application_ids: vec![application_id(APPROVED_IN_A_BATCH)],
                    ..Default::default()
                },
                |it: &mut proto::BatchApproveApplicationsRequest| it.decide_only = true,
                |it: &mut proto::BatchApproveApplicationsRequest| it.replace_overlapping = true
            ),
            "RejectApplication" => vec![
                proto::RejectApplicationRequest {
                    request_id,
                    application_id: application_id(REJECTED),
                    reason: proto::RejectionReason::Route.into(),
                    reason_text: "绕行".to_owned(),
                }
                .encode_to_vec(),
            ],
            "IssuePass" => variants!(
                proto::IssuePassRequest {
                    request_id: request_id.clone(),
                    application_id: application_id(DECIDED),
                    replace_overlapping: false,
                },
                |it: &mut proto::IssuePassRequest| it.replace_overlapping = true
            ),
            "GetPass" => vec![proto::GetPassRequest { pass_number: self.number(SHOWN) }.encode_to_vec()],
            "ListPasses" => {
                let filter = proto::PassFilter { application_id: application_id(SHOWN), ..Default::default() };
                let all = proto::ListPassesRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListPassesRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "RevokePass" => vec![
                proto::RevokePassRequest {
                    request_id,
                    pass_number: self.number(REVOKED),
                    reason: proto::StatusReason::Misuse.into(),
                    reason_text: "转借".to_owned(),
                }
                .encode_to_vec(),
            ],
            "SuspendPass" => vec![
                proto::SuspendPassRequest {
                    request_id,
                    pass_number: self.number(SUSPENDED),
                    reason: proto::StatusReason::Investigation.into(),
                    reason_text: "查".to_owned(),
                }
                .encode_to_vec(),
            ],
            "ResumePass" => vec![
                proto::ResumePassRequest {
                    request_id,
                    pass_number: self.number(RESUMED),
                    reason: proto::StatusReason::Cleared.into(),
                    reason_text: "清".to_owned(),
                }
                .encode_to_vec(),
            ],
            "RevokeEnterprise" => variants!(
                proto::RevokeEnterpriseRequest {
                    request_id: request_id.clone(),
                    enterprise_number: self.stopped,
                    reason_text: "虚假材料".to_owned(),
                    dry_run: false,
                },
                |it: &mut proto::RevokeEnterpriseRequest| it.dry_run = true
            ),
            "AmendPass" => vec![
                proto::AmendPassRequest {
                    request_id,
                    pass_number: self.number(AMENDED),
                    trailer: Some("苏E1234挂".to_owned()),
                    crew: form(1, AMENDED as u32 + 1).crew,
                    reason_text: "换挂".to_owned(),
                }
                .encode_to_vec(),
            ],
            "ListRevocations" => {
                let filter = proto::RevocationFilter { pass_number: self.number(RESUMED), ..Default::default() };
                let all = proto::ListRevocationsRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListRevocationsRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "GetTrustLists" => vec![proto::GetTrustListsRequest {}.encode_to_vec()],
            "InstallTrustList" => {
                let object = self.trust_list.clone().into();
                vec![proto::InstallTrustListRequest { request_id, object, dry_run: false }.encode_to_vec()]
            }
            "ListKeys" => vec![proto::ListKeysRequest { page_size, page_token }.encode_to_vec()],
            "PrepareSurvivors" => {
                let kid = self.kid.clone().into();
                vec![proto::PrepareSurvivorsRequest { request_id, kid }.encode_to_vec()]
            }
            "PublishStatus" => vec![proto::PublishStatusRequest { request_id }.encode_to_vec()],
            "ListAuditEntries" => {
                let filter = proto::AuditFilter { subject: application_id(SHOWN), ..Default::default() };
                let all = proto::ListAuditEntriesRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListAuditEntriesRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "GetBundle" => vec![proto::GetBundleRequest { held: Some(held()) }.encode_to_vec()],
            "WatchStatus" => vec![proto::WatchStatusRequest { held: Some(held()) }.encode_to_vec()],
            "CheckPass" => {
                let text = self.passes[&SHOWN].text.clone();
                let pass = Some(proto::check_pass_request::Pass::Text(text));
                let request =
                    proto::CheckPassRequest { pass, county: "320583".to_owned(), plate: tractor(SHOWN as u32 + 1) };
                vec![request.encode_to_vec()]
            }
            "ReportScans" => {
                let report = proto::ScanReport {
                    scan_id: id(),
                    checkpoint: "G2-K1103".to_owned(),
                    pass_number: self.number(SHOWN),
                    outcome: proto::Outcome::Admit.into(),
                    code: "admit".to_owned(),
                    scan_time: in_seconds(0),
                };
                vec![proto::ReportScansRequest { reports: vec![report] }.encode_to_vec()]
            }
            other => panic!("no request of {other}: a new method needs one here"),
        }
    }

    /// Somebody who may make the request of the method.
    pub fn sees(&self, service: &str, method: &str) -> &Channel {
        match (service, method) {
            ("CheckpointService", _) => &self.public,
            ("TrustService", _) => &self.operator,
            (_, "SubmitApplication" | "BatchSubmitApplications" | "WithdrawApplication") => &self.applicant,
            (_, "RecommendApplication") => &self.clerk,
            _ => &self.chief,
        }
    }

    /// What stands in every answer about the enterprise, its applications and its passes.
    pub fn marks(&self) -> Vec<String> {
        let passes = self.passes.values().map(|pass| pass.number.clone());
        let trucks = (1..=NEXT + 1).map(tractor);
        let codes = [enterprise(1), enterprise(3)];
        self.applications.iter().cloned().chain(passes).chain(trucks).chain(codes).collect()
    }

    /// Everything in the registry, once what was committed is carried on and signed.
    pub async fn registry(&self) -> Rows {
        let file = self.server.data().join("registry.sqlite");
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        let mut db = SqliteConnection::connect_with(&options).await.unwrap();
        let settled = "SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM lists WHERE published < capacity) \
                       + (SELECT COALESCE(MAX(seq), 0) FROM status_log) - (SELECT MAX(log_seq) FROM manifests) AS open";
        let settle = async {
            while sqlx::query(settled).fetch_one(&mut db).await.unwrap().get::<i64, _>("open") != 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(AT_LAST, settle).await.unwrap();
        let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
        let mut rows = Rows::new();
        for table in tables.fetch_all(&mut db).await.unwrap() {
            let table: String = table.get("name");
            let columns = sqlx::query("SELECT name FROM pragma_table_info(?)").bind(&table).fetch_all(&mut db).await;
            let columns: Vec<String> =
                columns.unwrap().iter().map(|row| format!("quote(\"{}\")", row.get::<String, _>("name"))).collect();
            let all = format!("SELECT {} AS line FROM \"{table}\" ORDER BY 1", columns.join(" || ' ' || "));
            let found = sqlx::query(sqlx::AssertSqlSafe(all)).fetch_all(&mut db).await.unwrap();
            rows.insert(table, found.iter().map(|row| row.get("line")).collect());
        }
        db.close().await.unwrap();
        rows
    }

    fn number(&self, at: usize) -> String {
        self.passes[&at].number.clone()
    }
}

/// Methods whose answer is kept for a retry though nothing else is: they answer by item. A refused single application is
/// kept as well as long as it goes in as a batch of one.
pub const ANSWERS_ARE_KEPT: [&str; 4] =
    ["ImportEntries", "BatchSubmitApplications", "BatchApproveApplications", "SubmitApplication"];

/// Compares the registry with itself, table by table; answers that are kept for retries only where none was to be.
pub fn same(before: &Rows, after: &Rows, but_answers: bool, at: &str) {
    assert!(before.contains_key("requests") && before.keys().eq(after.keys()), "{at}: {:?}", after.keys());
    for (table, rows) in before {
        if !(but_answers && table == "requests") {
            let new: Vec<_> = after[table].iter().filter(|row| !rows.contains(row)).collect();
            let gone: Vec<_> = rows.iter().filter(|row| !after[table].contains(row)).collect();
            assert!(new.is_empty() && gone.is_empty(), "{at}: {table} has {new:?} and not {gone:?}");
        }
    }
}

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

fn in_seconds(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds: SystemClock.now().as_second() + seconds, nanos: 0 })
}

/// A row of the white list: truck `truck` of enterprise `n` with its driver.
fn row(n: u32, truck: u32) -> proto::ImportRow {
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
fn form(n: u32, truck: u32) -> proto::ApplicationForm {
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
        }],
    }
}

fn held() -> proto::Held {
    proto::Held {
        trust_seq: 1,
        manifest_seq: 1,
        states: vec![proto::HeldState { list: 2_969, state_hash: vec![7; 32].into() }],
        survivors: vec![vec![9; 32].into()],
    }
}

async fn import(chief: &Channel, rows: Vec<proto::ImportRow>) {
    let request = proto::ImportEntriesRequest { request_id: id(), rows, dry_run: false };
    let answer = WhitelistServiceClient::new(chief.clone()).import_entries(request).await.unwrap().into_inner();
    assert_eq!(answer.refused_count, 0, "{answer:?}");
}

async fn submit(applicant: &Channel, forms: Vec<proto::ApplicationForm>) -> Vec<proto::Application> {
    let request = proto::BatchSubmitApplicationsRequest { request_id: id(), forms };
    let mut client = ApplicationServiceClient::new(applicant.clone());
    let answer = client.batch_submit_applications(request).await.unwrap().into_inner();
    let application = |result: proto::SubmitResult| match result.result {
        Some(proto::submit_result::Result::Application(application)) => application,
        other => panic!("{other:?}"),
    };
    answer.results.into_iter().map(application).collect()
}

async fn approve(chief: &Channel, application_ids: Vec<String>, decide_only: bool) -> Vec<Option<proto::Pass>> {
    let request =
        proto::BatchApproveApplicationsRequest { request_id: id(), application_ids, decide_only, ..Default::default() };
    let mut client = ApprovalServiceClient::new(chief.clone());
    let answer = client.batch_approve_applications(request).await.unwrap().into_inner();
    let pass = |result: proto::ApproveResult| match result.result {
        Some(proto::approve_result::Result::Approval(approval)) => approval.pass,
        other => panic!("{other:?}"),
    };
    answer.results.into_iter().map(pass).collect()
}
