//! A registry with something in it: an enterprise of Suzhou with a truck for each method that changes something, and
//! next to it everybody who must see nothing of it.

use std::collections::BTreeMap;

use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::arrival_service_client::ArrivalServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass::rpc::proto::trust_service_client::TrustServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use prost::Message;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, Row, SqliteConnection};
use tokio::time::timeout;
use tonic::transport::Channel;

use crate::example::{enterprise, form, id, row, tractor};
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
division = "320583"
[[offices]]
code = "CN-320505"
division = "320505"
"#;

/// The trucks of enterprise 1, by what is to become of their journey.
pub const WITHDRAWN: usize = 0;
pub const RECOMMENDED: usize = 1;
pub const APPROVED: usize = 2;
pub const APPROVED_IN_A_BATCH: usize = 3;
pub const REJECTED: usize = 4;
pub const DECIDED: usize = 5;
pub const REVOKED: usize = 6;
pub const SUSPENDED: usize = 7;
pub const RESUMED: usize = 8;
pub const AMENDED: usize = 9;
pub const SHOWN: usize = 10;
pub const ARRIVING: usize = 11;
pub const REJECTED_IN_A_BATCH: usize = 12;
const TRUCKS: u32 = 13;
/// And two trucks that nobody has applied for.
pub const NEXT: u32 = TRUCKS + 1;

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
    pub applications: Vec<String>,
    pub passes: BTreeMap<usize, proto::Pass>,
    pub enterprise: u32,
    pub stopped: u32,
    pub trust_list: Vec<u8>,
    pub kid: Vec<u8>,
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
        let mut forms: Vec<_> = (1..=TRUCKS).map(|truck| form(1, truck)).collect();
        // To a place where nobody of these tests waits.
        if let Some(route) = forms[ARRIVING].route.as_mut() {
            route.destination = "310115".to_owned();
        }
        let applied = submit(&applicant, forms).await;
        let applications: Vec<_> = applied.iter().map(|one| one.application_id.clone()).collect();
        approve(&chief, vec![applications[DECIDED].clone()], true).await;
        let made = REVOKED..=ARRIVING;
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
        let announce = proto::AnnounceArrivalRequest::decode(world.request("AnnounceArrival").as_slice()).unwrap();
        ArrivalServiceClient::new(world.applicant.clone()).announce_arrival(announce).await.unwrap();
        world
    }

    /// Somebody who may make the request of the method.
    pub fn sees(&self, service: &str, method: &str) -> &Channel {
        match (service, method) {
            ("CheckpointService", _) => &self.public,
            ("TrustService" | "OperationService", _) => &self.operator,
            (_, "SubmitApplication" | "BatchSubmitApplications" | "WithdrawApplication" | "AnnounceArrival") => {
                &self.applicant
            }
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

    /// The number of the pass of that truck.
    pub fn number(&self, at: usize) -> String {
        self.passes[&at].number.clone()
    }
}

/// Methods whose answer is kept for a retry though nothing else is: they answer by item.
pub const ANSWERS_ARE_KEPT: [&str; 4] =
    ["ImportEntries", "BatchSubmitApplications", "BatchApproveApplications", "BatchRejectApplications"];

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

async fn import(chief: &Channel, rows: Vec<proto::ImportRow>) {
    let request = proto::ImportEntriesRequest { request_id: id(), rows, dry_run: false };
    let answer = WhitelistServiceClient::new(chief.clone()).import_entries(request).await.unwrap().into_inner();
    assert_eq!(answer.refused_count, 0, "{answer:?}");
}

async fn submit(applicant: &Channel, forms: Vec<proto::ApplicationForm>) -> Vec<proto::Application> {
    let request = proto::BatchSubmitApplicationsRequest { request_id: id(), forms, dry_run: false };
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
