//! A fresh registry for each test, and the people and papers of the examples. All of it is made up.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use freightpass::application::{Cargo, Evidence, EvidenceKind, Form, Leg, Route, Window};
use freightpass::audit::{AuditStore, Call, Entry, EntryFilter};
use freightpass::identity::{Officer, Role, Sight};
use freightpass::profile::{Paper, PaperKind, VehicleKind};
use freightpass::storage::{Backend, PageRequest, Sqlite, Store};
use freightpass::whitelist::{Category, CheckedRow, CrewRole, ImportReport, Listing, Person, Vehicle, WhitelistStore};
use freightpass_core::division::{Code, Division};
use jiff::Timestamp;
use tempfile::TempDir;
use uuid::Uuid;

/// 2026-12-01 00:00 in Beijing.
pub const NOW: i64 = 1_796_054_400;
/// The authority of most examples: Suzhou.
pub const SUZHOU: &str = "CN-3205";
/// Another authority: Hangzhou.
pub const HANGZHOU: &str = "CN-3301";

/// A database on which the suite runs.
pub trait TestBackend {
    /// The database.
    type Db: Backend;
    /// An empty registry that nobody else uses.
    fn registry() -> impl Future<Output = Registry<Self::Db>> + Send;
}

/// SQLite in a folder of its own.
pub struct Embedded;

impl TestBackend for Embedded {
    type Db = Sqlite;

    async fn registry() -> Registry<Sqlite> {
        let folder = tempfile::tempdir().unwrap();
        Registry { store: Store::open(folder.path()).await.unwrap(), folder }
    }
}

/// A registry, and the folder that goes with it.
pub struct Registry<DB: Backend> {
    pub store: Store<DB>,
    pub folder: TempDir,
}

impl<DB: Backend> Registry<DB> {
    /// Imports rows for an authority.
    pub async fn import(&self, authority: &str, rows: Vec<CheckedRow>) -> ImportReport {
        self.store.import(&call(&chief(authority), "ImportEntries"), rows).await.unwrap()
    }

    /// Lists enterprise `n` for Suzhou, and gives its white-list number.
    pub async fn listed(&self, n: u32) -> u32 {
        let report = self.import(SUZHOU, vec![row(1, listing(n, n))]).await;
        report.results[0].enterprise.unwrap()
    }

    /// Every audit entry of Suzhou, Hangzhou and their enterprises.
    pub async fn entries(&self, filter: &EntryFilter) -> Vec<Entry> {
        let page = PageRequest::first(1_000);
        self.store.entries(&everybody(), filter, &page).await.unwrap().items
    }
}

/// A call that was not made before.
pub fn call(officer: &Officer, method: &'static str) -> Call {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Call {
        officer: officer.clone(),
        method,
        request_id: Uuid::from_u128(NEXT.fetch_add(1, Ordering::SeqCst).into()),
        fingerprint: [0; 32],
        at: Timestamp::from_second(NOW).unwrap(),
    }
}

/// The officer of an authority who may do everything there.
pub fn chief(body: &str) -> Officer {
    officer(body, "chief", &[Role::Whitelist, Role::Approver, Role::Revoker, Role::Auditor])
}

/// The applicant of enterprise `n`.
pub fn applicant(n: u32) -> Officer {
    officer(&code(n), "applicant", &[Role::Applicant])
}

pub fn officer(body: &str, name: &str, roles: &[Role]) -> Officer {
    Officer { body: body.to_owned(), name: name.to_owned(), roles: roles.to_vec() }
}

/// What both authorities see together.
pub fn everybody() -> Sight {
    Sight::Bodies(vec![SUZHOU.to_owned(), HANGZHOU.to_owned()])
}

pub fn sight_of(body: &str) -> Sight {
    Sight::Bodies(vec![body.to_owned()])
}

/// The code of enterprise `n`; the registry does not look at its form.
pub fn code(n: u32) -> String {
    format!("91320583MA{n:07}X")
}

pub fn tractor(n: u32) -> String {
    format!("苏E{n:05}")
}

/// Person `n`.
pub fn person(n: u32, role: CrewRole) -> Person {
    Person {
        name: format!("张{n}"),
        paper: Paper { kind: PaperKind::IdentityCard, number: format!("3205831980{n:07}X") },
        mobile: Some(format!("138{n:08}")),
        role,
    }
}

/// What a good row says: truck `truck` of enterprise `n`, with a trailer and the driver of the same number.
pub fn listing(n: u32, truck: u32) -> Listing {
    Listing {
        code: code(n),
        code_checks: true,
        waiver: None,
        name: format!("苏州第{n}物流有限公司"),
        industry: Category::IntegratedCircuits,
        contact_name: "李四".to_owned(),
        contact_phone: "0512-57000000".to_owned(),
        vehicles: vec![
            Vehicle { plate: tractor(truck), kind: VehicleKind::Tractor },
            Vehicle { plate: format!("苏E{truck:04}挂"), kind: VehicleKind::Trailer },
        ],
        people: vec![person(truck, CrewRole::Driver)],
    }
}

pub fn row(line: u32, listing: Listing) -> CheckedRow {
    CheckedRow { line, listing: Ok(listing) }
}

pub fn division(code: u32) -> Division {
    Division::Code(Code::new(code).unwrap())
}

/// The form of enterprise `n` for its truck `truck`: from Kunshan to Hangzhou's Shangcheng through both prefectures.
pub fn form(n: u32, truck: u32) -> Form {
    let start = u64::try_from(NOW).unwrap() + 3_600;
    Form {
        authority: SUZHOU.to_owned(),
        programme: 1,
        enterprise_code: code(n),
        tractor: tractor(truck),
        trailer: Some(format!("苏E{truck:04}挂")),
        gross_mass_kg: 38_000,
        crew: vec![
            person(truck, CrewRole::Driver),
            Person { mobile: None, ..person(truck + 500_000, CrewRole::Passenger) },
        ],
        cargo: Cargo { category: Category::IntegratedCircuits, description: "晶圆".to_owned(), mass_kg: 12_000 },
        route: Route {
            origin: division(320_583),
            destination: division(330_102),
            via: vec![division(3205), division(33)],
        },
        leg: Leg::Loaded,
        planned: Window { start, end: start + 7 * 86_400 },
        evidence: vec![Evidence {
            kind: EvidenceKind::NucleicAcidTest,
            taken: start - 86_400,
            valid_for_s: 2 * 86_400,
            issuer: "昆山市第一人民医院".to_owned(),
            person: 0,
        }],
    }
}
