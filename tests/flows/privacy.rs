//! Nothing personal leaves by the log, the metrics or a refusal: at the most verbose level, through a whole day, every
//! personal value that was put in is looked for in every line that came out, in every spelling that a program would give
//! it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::check_pass_request::Pass as Asked;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::pass_service_client::PassServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use tonic::{Code, Status};

use crate::city::{SUZHOU, apply, approve, at, enterprise, form, id_number, now, request_id, row};
use crate::server::Server;

const DRIVER: &str = "黎瓅岚";
const CONTACT: &str = "上官霜霁";
const CONTACT_PHONE: &str = "0512-65871943";
const MOBILE: &str = "13947205816";
const STATION: &str = "娄葑核酸采样点柒拾叁号";
/// What an officer writes, and what an enterprise writes of its cargo: free words may name anybody.
const WORDS: &str = "举报人欧阳雪见说他冒用证件";
const CARGO: &str = "收货人令狐冰的光刻胶";
/// Made up to be refused: a name that is too long, a wrong check digit, phones that are none.
const WRONG_NAME: &str = "独孤求败";
const WRONG_ID: &str = "320583198407052913";
const WRONG_MOBILE: &str = "2394720581655";

/// A line of the kinds that are searched, with a value in it that must be found.
struct Searched {
    what: &'static str,
    lines: Vec<String>,
    control: &'static str,
}

#[tokio::test]
async fn nothing_personal_leaves_by_log_metrics_or_refusals() {
    let mut server = Server::start_with(&[
        ("FREIGHTPASS__LOG__FILTER", "debug,freightpass=trace".to_owned()),
        ("FREIGHTPASS__RATES__CHECK_BY_NUMBER_PER_MINUTE", "2".to_owned()),
    ])
    .await;
    let id = id_number("32058319840705291");
    assert_ne!(id, WRONG_ID);
    let (texts, refusals) = a_day(&server, &id).await;
    let metrics: Vec<String> = server.get("/metrics").await.lines().map(str::to_owned).collect();
    let secret = |name: &str| std::fs::read(server.data().join("secrets").join(name)).unwrap();
    let (passphrase, fields_key) = (secret("passphrase"), secret("fields.key"));
    server.ask_to_stop().await;
    let (code, log) = server.ended_saying().await;
    assert_eq!(code, Some(0));

    let mut canaries: Vec<(String, Vec<u8>)> = Vec::new();
    for value in
        [DRIVER, CONTACT, CONTACT_PHONE, MOBILE, STATION, WORDS, CARGO, WRONG_NAME, WRONG_ID, WRONG_MOBILE, &id]
    {
        canaries.push((value.to_owned(), value.as_bytes().to_vec()));
    }
    for text in texts {
        canaries.push(("the text of a pass".to_owned(), text.into_bytes()));
    }
    canaries.push(("the passphrase".to_owned(), passphrase.trim_ascii().to_vec()));
    canaries.push(("the key of the fields".to_owned(), fields_key));

    let refusals = refusals.iter().flat_map(told).collect();
    for searched in [
        Searched { what: "the log", lines: log, control: "sqlx::query" },
        Searched { what: "the metrics", lines: metrics, control: "/freightpass.v1.WhitelistService/ImportEntries" },
        Searched { what: "the refusals", lines: refusals, control: "REQUEST_ID_REUSED" },
    ] {
        let found = |value: &[u8]| searched.lines.iter().find(|line| holds(line, value));
        assert!(found(searched.control.as_bytes()).is_some(), "{} lacks {}", searched.what, searched.control);
        for (name, value) in &canaries {
            assert!(value.len() >= 9, "{name} is too short to be looked for");
            assert_eq!(found(value), None, "{name} stands in {}", searched.what);
        }
    }
}

/// The search itself: it finds a value in every spelling.
#[test]
fn a_value_is_found_in_every_spelling() {
    let value = DRIVER.as_bytes();
    for before in ["ab", "abc", "abcd"] {
        let text = [before.as_bytes(), value, b"yz"].concat();
        for spelt in [
            String::from_utf8(text.clone()).unwrap(),
            hex(&text),
            hex(&text).to_uppercase(),
            STANDARD_NO_PAD.encode(&text),
            URL_SAFE_NO_PAD.encode(&text),
            format!("{text:?}"),
            text.escape_ascii().to_string(),
            String::from_utf8(text.clone()).unwrap().escape_unicode().to_string(),
            percent(&text),
        ] {
            assert!(holds(&format!("a line with {spelt} in it"), value), "{spelt}");
        }
    }
    assert!(!holds("a line with 黎瓅 and 岚 in it", value));
}

/// Import, application, decision, issue, export, scans, reports, and whatever is refused on the way; the texts of the
/// passes, and the refusals.
async fn a_day(server: &Server, id: &str) -> (Vec<String>, Vec<Status>) {
    let mut refusals = Vec::new();
    let chief = server.chief(SUZHOU).await;
    let person = |name: &str, paper_number: &str, mobile: &str| proto::ImportPerson {
        name: name.to_owned(),
        paper_number: paper_number.to_owned(),
        mobile: mobile.to_owned(),
        ..Default::default()
    };
    let good = proto::ImportRow {
        contact_name: CONTACT.to_owned(),
        contact_phone: CONTACT_PHONE.to_owned(),
        crew: vec![person(DRIVER, id, MOBILE)],
        ..row(1, 1)
    };
    let bad = [
        proto::ImportRow { crew: vec![person(&WRONG_NAME.repeat(6), id, MOBILE)], ..row(1, 2) },
        proto::ImportRow { crew: vec![person(DRIVER, WRONG_ID, MOBILE)], ..row(1, 3) },
        proto::ImportRow { crew: vec![person(DRIVER, id, WRONG_MOBILE)], ..row(1, 4) },
        proto::ImportRow { contact_phone: WRONG_MOBILE.to_owned(), ..row(1, 5) },
    ];
    let mut whitelist = WhitelistServiceClient::new(chief.clone());
    let rows = [&[good.clone()][..], &bad].concat();
    let import = proto::ImportEntriesRequest { request_id: request_id(), rows, dry_run: false };
    let imported = whitelist.import_entries(import.clone()).await.unwrap().into_inner();
    assert_eq!((imported.new_count, imported.refused_count), (1, 4), "{imported:?}");
    // The same request id with other people.
    let other = proto::ImportEntriesRequest { rows: vec![good], ..import };
    refusals.push(whitelist.import_entries(other).await.unwrap_err());
    for paper_number in [id, WRONG_ID] {
        let filter = proto::EnterpriseFilter { paper_number: paper_number.to_owned(), ..Default::default() };
        let request = proto::ListEnterprisesRequest { filter: Some(filter), page_token: id.to_owned(), page_size: 1 };
        refusals.extend(whitelist.list_enterprises(request.clone()).await.err());
        let request = proto::ListEnterprisesRequest { page_token: String::new(), ..request };
        refusals.extend(whitelist.list_enterprises(request).await.err());
    }

    let member = |name: &str, paper_number: &str, mobile: &str| proto::CrewMember {
        name: name.to_owned(),
        paper_number: paper_number.to_owned(),
        mobile: mobile.to_owned(),
        ..form(1, 1, 2).crew[0].clone()
    };
    let evidence = |valid_s| proto::Evidence {
        kind: proto::EvidenceKind::NucleicAcidTest.into(),
        taken_time: at(now() - 3_600),
        valid_for: Some(prost_types::Duration { seconds: valid_s, nanos: 0 }),
        issuer: STATION.to_owned(),
        person: 0,
    };
    let good = proto::ApplicationForm {
        crew: vec![member(DRIVER, id, MOBILE)],
        cargo_description: CARGO.to_owned(),
        evidence: vec![evidence(48 * 3_600)],
        ..form(1, 1, 2)
    };
    let mut applications = ApplicationServiceClient::new(server.applicant(&enterprise(1)).await);
    for crew in
        [member(&WRONG_NAME.repeat(6), id, MOBILE), member(DRIVER, WRONG_ID, MOBILE), member(DRIVER, id, WRONG_MOBILE)]
    {
        let form = proto::ApplicationForm { crew: vec![crew], ..good.clone() };
        let request = proto::SubmitApplicationRequest { request_id: request_id(), form: Some(form) };
        refusals.push(applications.submit_application(request).await.expect_err("somebody wrong"));
    }
    let old = proto::ApplicationForm { evidence: vec![evidence(-1)], ..good.clone() };
    let request = proto::SubmitApplicationRequest { request_id: request_id(), form: Some(old) };
    refusals
        .push(applications.submit_application(request).await.expect_err("evidence that counts for less than no time"));
    let stranger = server.applicant(&enterprise(2)).await;
    let request = proto::SubmitApplicationRequest { request_id: request_id(), form: Some(good.clone()) };
    refusals.push(ApplicationServiceClient::new(stranger).submit_application(request).await.unwrap_err());

    let ids = apply(server, vec![good.clone(), good]).await;
    let pass = approve(server, &ids[..1]).await.remove(0);
    assert_eq!(pass.crew.len(), 1);
    let mut approvals = ApprovalServiceClient::new(chief.clone());
    // The second pass of one truck overlaps.
    let request = proto::ApproveApplicationRequest {
        request_id: request_id(),
        application_id: ids[1].clone(),
        ..Default::default()
    };
    refusals.push(approvals.approve_application(request).await.unwrap_err());
    let reject = |reason: proto::RejectionReason| proto::RejectApplicationRequest {
        request_id: request_id(),
        application_id: ids[1].clone(),
        reason: reason.into(),
        reason_text: WORDS.to_owned(),
    };
    refusals.extend(approvals.reject_application(reject(proto::RejectionReason::Unspecified)).await.err());
    approvals.reject_application(reject(proto::RejectionReason::Other)).await.unwrap();

    let cards = server.beside("cards").display().to_string();
    let said = server.verb(&["pass", "export", &pass.number, "--out", &cards, "--as", "CN-3205/chief"]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    scans(server, &pass, &mut refusals).await;

    let request = proto::RevokePassRequest {
        request_id: request_id(),
        pass_number: pass.number.clone(),
        reason: proto::StatusReason::Other.into(),
        reason_text: WORDS.to_owned(),
    };
    let mut revocations = RevocationServiceClient::new(chief.clone());
    revocations.revoke_pass(request.clone()).await.unwrap();
    let long = proto::RevokePassRequest { request_id: request_id(), reason_text: WORDS.repeat(100), ..request };
    refusals.push(revocations.revoke_pass(long).await.unwrap_err());
    for (name, pass_number) in [("a name", DRIVER), ("a text", &pass.text), ("a number", id)] {
        let request = proto::GetPassRequest { pass_number: pass_number.to_owned() };
        let refused = PassServiceClient::new(chief.clone()).get_pass(request).await;
        refusals.push(refused.expect_err(name));
    }
    (vec![pass.text], refusals)
}

/// At the checkpoint: by text, by a text that was changed, by number until that is too often, and reports.
async fn scans(server: &Server, pass: &proto::Pass, refusals: &mut Vec<Status>) {
    let mut checkpoint = CheckpointServiceClient::new(server.public().await);
    let ask =
        |asked: Asked| proto::CheckPassRequest { pass: Some(asked), county: "320583".to_owned(), plate: String::new() };
    let checked = checkpoint.check_pass(ask(Asked::Text(pass.text.clone()))).await.unwrap().into_inner();
    assert_eq!(checked.verdict.unwrap().code, "admit");
    for text in [format!("{}A", pass.text), DRIVER.to_owned()] {
        checkpoint.check_pass(ask(Asked::Text(text))).await.map_or_else(|status| refusals.push(status), drop);
    }
    for number in [&pass.number, DRIVER, &pass.text, &pass.number, &pass.number, &pass.number] {
        refusals.extend(checkpoint.check_pass(ask(Asked::PassNumber(number.to_owned()))).await.err());
    }
    assert!(refusals.iter().any(|status| status.code() == Code::ResourceExhausted), "{refusals:#?}");
    let report = |code: &str, pass_number: &str, checkpoint: &str| proto::ReportScansRequest {
        reports: vec![proto::ScanReport {
            scan_id: request_id(),
            checkpoint: checkpoint.to_owned(),
            pass_number: pass_number.to_owned(),
            outcome: proto::Outcome::Admit.into(),
            code: code.to_owned(),
            scan_time: at(now()),
        }],
    };
    checkpoint.report_scans(report("admit", &pass.number, "G2 昆山")).await.unwrap();
    for (code, number, place) in [("admit", DRIVER, "G2"), (DRIVER, &pass.number, "G2"), ("admit", "", &pass.text)] {
        refusals.push(checkpoint.report_scans(report(code, number, place)).await.unwrap_err());
    }
}

/// Everything that a refusal says, and how it looks when somebody prints it.
fn told(status: &Status) -> Vec<String> {
    let details = String::from_utf8_lossy(status.details()).into_owned();
    vec![status.message().to_owned(), details, format!("{status:?}"), format!("{:?}", status.metadata())]
}

/// Whether the line holds the value, in any spelling that a program would give it.
fn holds(line: &str, value: &[u8]) -> bool {
    if let Ok(text) = std::str::from_utf8(value)
        && [text.to_owned(), text.escape_unicode().to_string()].iter().any(|spelt| line.contains(spelt))
    {
        return true;
    }
    let list = format!("{value:?}");
    let spelt = [hex(value), hex(value).to_uppercase(), value.escape_ascii().to_string(), percent(value)];
    spelt.iter().any(|spelt| line.contains(spelt))
        || line.contains(list.trim_matches(['[', ']']))
        || in_base64(value).iter().any(|spelt| line.contains(spelt))
}

/// The characters of base64 that depend on the value alone, wherever in a text it begins.
fn in_base64(value: &[u8]) -> Vec<String> {
    let mut spelt = Vec::new();
    for before in 0..3 {
        let text = [&[0; 3][..before], value].concat();
        // Six bits a character: those that hold bits of what stands before, and of what follows, are left out.
        let first = (before * 8).div_ceil(6);
        let last = text.len() * 8 / 6;
        spelt.push(STANDARD_NO_PAD.encode(&text)[first..last].to_owned());
        spelt.push(URL_SAFE_NO_PAD.encode(&text)[first..last].to_owned());
    }
    spelt
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn percent(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}
