//! What enterprises, county offices and authorities do with applications and passes, over a service: find, recommend,
//! reject, withdraw, issue, amend, revoke.

use freightpass::clock::{Clock, SystemClock};
use freightpass_core::pass::{UnverifiedPass, decode_text};

use super::service::Service;

pub const CHIEF: &str = "CN-3205/chief";
pub const CLERK: &str = "CN-320583/clerk";
/// The sample list's first enterprise, and a truck of it with a trailer.
pub const ENTERPRISE: &str = "91320509MAW373039Y";
pub const WITH_TRAILER: &str = "苏E09387";
/// The one truck of the first rows that goes to Kunshan, where the county office is.
pub const TO_KUNSHAN: &str = "苏ER2382";
/// A truck with two drivers, of whom the second is called so.
pub const WITH_TWO: &str = "苏EH4421";
const SECOND_DRIVER: &str = "高艳生";

/// A service with the sample list of 30 rows on the white list, and all of it applied for.
pub struct Office {
    pub service: Service,
    pub list: String,
    /// When the first journeys begin, as it is typed.
    pub begin: String,
}

impl Office {
    pub fn open() -> Self {
        Self::open_at(&(SystemClock.now_s() + 600).to_string())
    }

    /// The same, the first journeys beginning at that time.
    pub fn open_at(begin: &str) -> Self {
        let service = Service::start();
        let list = service.list(30);
        for authority in ["CN-32", "CN-3205", "CN-3301"] {
            let chief = format!("{authority}/chief");
            service.done(&["whitelist", "import", &list, "--authority", authority, "--as", &chief]);
        }
        let office = Self { service, list, begin: begin.to_owned() };
        let said = office.apply();
        assert_eq!(said, "submitted 已提交 30, same 此前已提交 0, refused 拒收 0");
        office
    }

    pub fn apply(&self) -> String {
        self.service.done(&["apply", &self.list, "--starting", &self.begin]).pop().unwrap()
    }

    pub fn run(&self, arguments: &[&str], officer: &str) -> (String, i32) {
        self.service.run(&[arguments, &["--as", officer]].concat())
    }

    pub fn done(&self, arguments: &[&str], officer: &str) -> Vec<String> {
        self.service.done(&[arguments, &["--as", officer]].concat())
    }

    /// Identifiers of the applications that are found.
    pub fn found(&self, more: &[&str], officer: &str) -> Vec<String> {
        let lines = self.done(&[&["application", "list"], more].concat(), officer);
        lines.iter().map(|line| word(line, 0)).collect()
    }

    /// The application for a truck.
    pub fn of(&self, tractor: &str) -> String {
        let found = self.found(&["--tractor", tractor], CHIEF);
        assert_eq!(found.len(), 1, "{tractor}");
        found[0].clone()
    }

    /// The pass for a truck, issued now.
    pub fn pass(&self, tractor: &str) -> String {
        word(&self.done(&["approve", &self.of(tractor)], CHIEF)[0], 1)
    }
}

pub fn word(line: &str, at: usize) -> String {
    line.split('\t').nth(at).unwrap_or_else(|| panic!("{at} of {line}")).to_owned()
}

pub fn assert_has(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} in {said}");
    }
}

#[test]
fn applications_are_found_recommended_rejected_and_withdrawn_and_the_enterprise_reads_why() {
    let office = Office::open();
    let desk = format!("{ENTERPRISE}/desk");
    assert_eq!(office.found(&["--state", "submitted"], CHIEF).len(), 12);
    assert_eq!(office.found(&["--state", "submitted", "--authority", "CN-3301"], CHIEF).len(), 0);
    assert_eq!(office.found(&[], &desk).len(), 6);
    assert_eq!(office.found(&["--paper", "341221197312026204"], CHIEF).len(), 1);
    assert_eq!(office.found(&["--before", "2026-01-01 00:00"], CHIEF).len(), 0);
    let line = office.done(&["application", "list", "--tractor", WITH_TRAILER], CHIEF).remove(0);
    assert_has(&line, &["submitted 已提交", "苏E09387 + 苏E4272挂", "仙桃市 → ", "苏州市"]);

    // The county sees what concerns it, and speaks for it.
    let to_kunshan = office.of(TO_KUNSHAN);
    assert_eq!(office.found(&[], CLERK), [to_kunshan.as_str()]);
    let said = office.done(&["recommend", &to_kunshan, "--comment", "the town needs it"], CLERK);
    assert_has(&said[0], &[&to_kunshan, "recommended 已推荐", TO_KUNSHAN]);
    assert_eq!(office.found(&["--state", "recommended"], CHIEF), [to_kunshan.as_str()]);
    let (said, code) = office.run(&["recommend", &to_kunshan, &office.of(WITH_TWO)], CLERK);
    assert_eq!(code, 1);
    assert_has(&said, &["APPLICATION_STATE", "NOT_FOUND", "recommended 推荐 0, refused 未成 2"]);

    // One that is none stops no other.
    let rejected = office.of(WITH_TRAILER);
    let (said, code) = office.run(&["reject", "nonsense", &rejected, "--reason", "other"], CHIEF);
    assert_eq!(code, 1);
    assert_has(&said, &["application_id", "reason_text", "rejected 驳回 0, refused 未成 2"]);
    let why = ["--reason", "evidence", "--text", "the test is four days old"];
    let (said, code) = office.run(&[&["reject", "nonsense", &rejected][..], &why].concat(), CHIEF);
    assert_eq!(code, 1);
    assert_has(&said, &["rejected 已驳回", "rejected 驳回 1, refused 未成 1"]);
    let (said, code) = office.run(&["reject", &rejected, "--reason", "nonsense"], CHIEF);
    assert_eq!(code, 3);
    assert_has(&said, &["not-essential", "not-competent"]);

    let shown = office.done(&["application", "show", &rejected], &desk).join("\n");
    assert_has(
        &shown,
        &[
            "state 状态\trejected 已驳回",
            "evidence missing or too old 证明缺失或过期: the test is four days old",
            "CN-3205/chief",
            "step 步骤",
            "nucleic acid test 核酸检测",
            "waybill 运单",
            "driver 驾驶员 许平, identity card 身份证 420984197510285672",
            "route 路线\t",
            "湖北省",
        ],
    );
    let shown = office.done(&["application", "show", &to_kunshan], CHIEF).join("\n");
    assert_has(&shown, &["CN-320583/clerk: the town needs it"]);

    // What is taken back or rejected may be applied for again; what stands is not applied for twice.
    let withdrawn = office.of(WITH_TWO);
    assert_eq!(office.run(&["withdraw", &withdrawn], CHIEF).1, 3);
    assert_eq!(office.run(&["withdraw", &withdrawn], "91330102MAR249004M/desk").1, 1);
    assert_has(&office.done(&["withdraw", &withdrawn], &desk)[0], &["withdrawn 已撤回"]);
    assert_eq!(office.run(&["withdraw", &withdrawn], &desk).1, 1);
    assert_eq!(office.apply(), "submitted 已提交 2, same 此前已提交 28, refused 拒收 0");
    assert_eq!(office.found(&["--tractor", WITH_TWO, "--state", "withdrawn"], CHIEF), [withdrawn]);
}

#[test]
fn what_was_only_decided_is_issued_later_and_the_authority_may_allow_less_than_was_planned() {
    let office = Office::open();
    let decided = office.of(WITH_TRAILER);
    office.done(&["approve", &decided, "--decide-only"], CHIEF);
    assert_eq!(office.found(&["--state", "approved"], CHIEF), [decided.as_str()]);
    let said = office.done(&["pass", "issue", &decided], CHIEF);
    assert_eq!(said.last().unwrap(), "issued 签发 1, refused 未成 0");
    let number = word(&said[0], 1);
    let (said, code) = office.run(&["pass", "issue", &decided], CHIEF);
    assert_eq!(code, 1);
    assert_has(&said, &["PASS_ALREADY_ISSUED"]);
    assert_eq!(word(&office.done(&["pass", "list", "--application", &decided], CHIEF)[0], 0), number);
    let shown = office.done(&["application", "show", &decided], CHIEF).join("\n");
    assert_has(&shown, &[&format!("pass 通行证\t{number}")]);
    // An officer who may not ask for the trust list draws a card with the authority's name all the same.
    let officer = ["pki", "officer", "--body", "CN-3205", "--name", "desk", "--roles", "approver"];
    office.service.done(&officer);
    let card = |officer: &str, folder: &str| {
        let said = office.done(&["pass", "export", &number, "--out", folder], officer);
        std::fs::read(office.service.folder.path().join(&said[0])).unwrap()
    };
    assert_eq!(card("CN-3205/desk", "by-desk"), card(CHIEF, "by-chief"));

    // The journey was planned for a day.
    let begin: u64 = office.begin.parse().unwrap();
    let (shorter, longer) = ((begin + 6 * 3_600).to_string(), (begin + 48 * 3_600).to_string());
    let shortened = office.of(WITH_TWO);
    let (said, code) = office.run(&["approve", &shortened, "--end", &longer], CHIEF);
    assert_eq!(code, 1);
    assert_has(&said, &["end_time", "approved 批准 0, issued 签发 0, failed 未成 1"]);
    let said = office.done(&["approve", &shortened, "--end", &shorter], CHIEF);
    let number = word(&said[0], 1);
    let text = office.done(&["pass", "show", &number], CHIEF).pop().unwrap();
    let bytes = decode_text(&text).unwrap();
    let claims = UnverifiedPass::read(&bytes).and_then(|pass| pass.unverified_claims()).unwrap();
    assert_eq!((u64::from(claims.nbf), u64::from(claims.exp)), (begin, begin + 6 * 3_600));
    assert_has(&office.done(&["application", "show", &shortened], CHIEF).join("\n"), &["approved 核准"]);
    assert_eq!(office.done(&["pass", "list", "--valid-at", &shorter], CHIEF).len(), 1);
}

#[test]
fn a_pass_under_way_gets_another_trailer_or_crew_and_every_change_can_be_read() {
    let office = Office::open();
    let old = office.pass(WITH_TRAILER);
    let said = office.done(&["amend", &old, "--no-trailer", "--text", "left at the port"], CHIEF);
    assert_has(&said[0], &[&format!("revoked 吊销 {old}: replaced by another pass 已由新证替换 (status log ")]);
    assert!(said[1].starts_with("issued 签发 ") && !said[1].contains(" + "), "{said:?}");
    assert!(said[2].starts_with("FP1:"), "{said:?}");
    let new = word(said[1].trim_start_matches("issued 签发 "), 0);
    assert_ne!(new, old);
    let (said, code) = office.run(&["amend", &old, "--trailer", "苏E8765挂", "--text", "again"], CHIEF);
    assert_eq!(code, 3);
    assert_has(&said, &["PASS_STATE"]);

    // Whoever comes first drives; somebody of the application is named by name, somebody new in full.
    let old = office.pass(WITH_TWO);
    let person = "张伟,,33010619880229997X,13912345678";
    let crew = ["--crew", SECOND_DRIVER, "--crew", person, "--text", "the driver fell ill"];
    let said = office.done(&[&["amend", &old][..], &crew].concat(), CHIEF);
    let bytes = decode_text(&said[2]).unwrap();
    let claims = UnverifiedPass::read(&bytes).and_then(|pass| pass.unverified_claims()).unwrap();
    let people: Vec<(&str, &str)> =
        claims.subject.crew.iter().map(|person| (person.name.as_str(), person.tail.as_str())).collect();
    assert_eq!((people[0].0, people[1]), (SECOND_DRIVER, ("张伟", "997X")));
    let new = claims.number.to_string();
    for (arguments, wrong) in [
        (vec!["--crew", "李强"], "nobody in the application"),
        (vec!["--crew", "张伟,13912345678"], "NAME,KIND,NUMBER,MOBILE,ROLE"),
        (vec!["--crew", "张伟,,330106198802299970,13912345678"], "crew[0].paper_number"),
        (vec![], "required"),
    ] {
        let (said, code) = office.run(&[&["amend", &new, "--text", "x"][..], &arguments].concat(), CHIEF);
        assert_eq!(code, 3, "{said}");
        assert_has(&said, &[wrong]);
    }

    // Found and revoked, in two steps.
    let found = word(&office.done(&["pass", "list", "--tractor", WITH_TWO, "--state", "issued"], CHIEF)[0], 0);
    assert_eq!(found, new);
    office.done(&["revoke", &found, "--reason", "copied-or-lost", "--text", "the card was stolen"], CHIEF);
    let changes = |more: &[&str]| office.done(&[&["revocation", "list"], more].concat(), CHIEF);
    assert_eq!(changes(&[]).len(), 3);
    assert_eq!(changes(&["--action", "revoked", "--reason", "replaced"]).len(), 2);
    assert_eq!(changes(&["--action", "suspended"]).len(), 0);
    assert_eq!(changes(&["--before", "2026-01-01 00:00"]).len(), 0);
    let change = changes(&["--pass", &new]).remove(0);
    assert_has(&change, &[&new, "revoked 吊销", "copied or lost 被复制或遗失", CHIEF, "the card was stolen"]);
    assert_eq!(office.done(&["revocation", "list"], "CN-3301/chief").len(), 0);
}

#[test]
fn enterprises_are_found_by_what_is_known_of_them_and_shown_without_whole_numbers() {
    let office = Office::open();
    let list = |more: &[&str]| office.done(&[&["whitelist", "list"], more].concat(), CHIEF);
    let by_industry = list(&["--industry", "equipment-manufacturing"]);
    assert!(by_industry.iter().any(|line| line.contains(ENTERPRISE)), "{by_industry:?}");
    assert_eq!(list(&["--paper", "420984197510285672"]).len(), 1);
    assert_eq!(list(&["--paper", "E12345678", "--paper-kind", "passport"]).len(), 0);
    assert_eq!(list(&["--state", "delisted"]).len(), 0);
    let number = word(&list(&["--plate", WITH_TRAILER])[0], 0);
    for name in [number.as_str(), ENTERPRISE] {
        let shown = office.done(&["whitelist", "show", name], CHIEF).join("\n");
        assert_has(&shown, &[ENTERPRISE, "listed 在册", "苏E09387 tractor 牵引车", "苏E4272挂 trailer 挂车", "*5672"]);
        assert!(!shown.contains("420984197510285672"), "{shown}");
    }
    assert_eq!(office.run(&["whitelist", "show", "4294967295"], CHIEF).1, 3);
}

/// What went in before something stopped the rest is told; the same command then hands in the rest.
#[test]
fn applications_that_went_in_before_a_fault_are_counted_and_not_handed_in_again() {
    let service = Service::start();
    let list = service.list(30);
    for authority in ["CN-32", "CN-3205", "CN-3301"] {
        let chief = format!("{authority}/chief");
        service.done(&["whitelist", "import", &list, "--authority", authority, "--as", &chief]);
    }
    // A certificate that cannot be read, of the third enterprise in the order of their codes.
    let blocked = service.data().join("pki/officers/91320509MAW373039Y.desk.pem");
    std::fs::create_dir(&blocked).unwrap();
    let begin = (SystemClock.now_s() + 600).to_string();
    let apply = ["apply", &list, "--starting", &begin];
    let (said, code) = service.run(&apply);
    assert_eq!(code, 3, "{said}");
    assert_has(&said, &["submitted 已提交 12, same 此前已提交 0, refused 拒收 0", "91320509MAW373039Y"]);
    std::fs::remove_dir(&blocked).unwrap();
    let said = service.done(&apply).pop().unwrap();
    assert_eq!(said, "submitted 已提交 18, same 此前已提交 12, refused 拒收 0");
}
