//! Tables as people have them, end to end: encodings, merged cells, a stray cell, reports that are mended and sent again.

use std::path::Path;

use freightpass::rpc::proto;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use freightpass_core::pass::{Enterprise, UnverifiedPass, decode_text};
use rust_xlsxwriter::{Format, Workbook};

use crate::city::{self, SUZHOU, enterprise, id_number, tractor};
use crate::peak::peak_kib;
use crate::server::{Said, Server};

const HEADER: &str =
    "统一社会信用代码,企业名称,联系人,联系电话,重点行业,牵引车号牌,人员1姓名,人员1证件号码,人员1手机号";

/// Peak memory of an import of 10 rows, in KiB; what a sheet laid out as a rectangle would cost is tens of GiB.
const PEAK_KIB: u64 = 200 * 1024;

/// Row `n` of a table under [`HEADER`].
fn cells(n: u32) -> [String; 9] {
    let row = city::row(1, n);
    let driver = if n == 3 { "李𬭎" } else { "阿依努尔\u{2022}测试" };
    [
        row.enterprise_code,
        row.enterprise_name,
        row.contact_name,
        row.contact_phone,
        "食品".to_owned(),
        row.tractor,
        driver.to_owned(),
        city::driver(n),
        "13800000001".to_owned(),
    ]
}

fn table(rows: u32) -> String {
    let rows = (1..=rows).map(|n| cells(n).join(",") + "\r\n");
    format!("{HEADER}\r\n{}", rows.collect::<String>())
}

fn written(server: &Server, name: &str, bytes: &[u8]) -> String {
    let path = server.beside(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

async fn import(server: &Server, table: &str, more: &[&str]) -> Said {
    server.verb(&[&["whitelist", "import", table, "--as", "CN-3205/chief"], more].concat()).await
}

fn has(said: &Said, parts: &[&str]) {
    for part in parts {
        assert!(said.out.contains(part), "{part:?} in {said:#?}");
    }
}

/// The people and plates that are listed, without what differs between two imports.
async fn listed(server: &Server) -> (Vec<String>, Vec<proto::CrewMember>) {
    let mut client = WhitelistServiceClient::new(server.chief(SUZHOU).await);
    let key = proto::get_enterprise_request::Enterprise::Code(enterprise(1));
    let request = proto::GetEnterpriseRequest { enterprise: Some(key) };
    let found = client.get_enterprise(request).await.unwrap().into_inner().enterprise.unwrap();
    (found.vehicles.into_iter().map(|vehicle| vehicle.plate).collect(), found.people)
}

/// FP-18, and the names of FP-36.
#[tokio::test]
async fn the_same_rows_in_every_encoding_are_the_same_import_and_a_broken_byte_costs_its_line() {
    let server = Server::start().await;
    let text = table(20);
    let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut first = None;
    for (name, bytes, encoding) in [
        ("utf8.csv", text.clone().into_bytes(), "encoding 编码 UTF-8\n"),
        ("bom.csv", format!("\u{feff}{text}").into_bytes(), "encoding 编码 UTF-8 with BOM\n"),
        ("utf16.csv", utf16, "encoding 编码 UTF-16LE\n"),
        ("gb18030.csv", gb18030.clone(), "encoding 编码 GB18030\n"),
    ] {
        let report = server.beside("report.csv");
        let said = import(&server, &written(&server, name, &bytes), &["--report", report.to_str().unwrap()]).await;
        let sum = if first.is_none() {
            "new 新增 20, changed 变更 0, same 不变 0"
        } else {
            "new 新增 0, changed 变更 0, same 不变 20"
        };
        assert_eq!(said.code, Some(0), "{said:#?}");
        has(&said, &[encoding, sum]);
        assert!(std::fs::read_to_string(&report).unwrap().contains(encoding.trim()));
        let now = listed(&server).await;
        assert_eq!(first.get_or_insert(now.clone()), &now, "{name}");
    }
    let (plates, people) = first.unwrap();
    assert_eq!((plates.len(), people.len()), (20, 20));
    assert_eq!(people.iter().filter(|person| person.name == "李𬭎").count(), 1);
    assert_eq!(people.iter().filter(|person| person.name == "阿依努尔·测试").count(), 19);

    // The seventh line is that of truck 6.
    let server = Server::start().await;
    let plate = encoding_rs::GB18030.encode(&tractor(6)).0.into_owned();
    let at = gb18030.windows(plate.len()).position(|window| window == plate).unwrap();
    let mut broken = gb18030;
    broken[at] = 0xff;
    let said = import(&server, &written(&server, "broken.csv", &broken), &[]).await;
    assert_eq!(said.code, Some(1));
    let start = broken[..at].iter().rposition(|byte| *byte == b'\n').unwrap();
    let message = format!("line 行 7: tractor: encoding: byte {} of line 7 means nothing in GB18030", at - start);
    has(&said, &[&message, "new 新增 19, changed 变更 0, same 不变 0, refused 拒收 1"]);
    assert_eq!(listed(&server).await.0.len(), 19);
}

/// A workbook of [`HEADER`] and rows.
fn workbook(rows: u32, change: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (at, title) in (0..).zip(HEADER.split(',')) {
        sheet.write_string(0, at, title).unwrap();
    }
    for n in 1..=rows {
        for (at, cell) in (0..).zip(cells(n)) {
            sheet.write_string(n, at, cell).unwrap();
        }
    }
    change(sheet);
    workbook.save_to_buffer().unwrap()
}

/// FP-14.
#[tokio::test]
async fn merged_cells_name_their_enterprise_in_every_row_and_nothing_is_filled_down() {
    let server = Server::start().await;
    let bytes = workbook(5, |sheet| {
        let [code, name, ..] = cells(1);
        sheet.merge_range(1, 0, 4, 0, &code, &Format::new()).unwrap();
        sheet.merge_range(1, 1, 4, 1, &name, &Format::new()).unwrap();
        sheet.write_string(5, 0, " ").unwrap().write_string(5, 1, " ").unwrap();
    });
    let said = import(&server, &written(&server, "merged.xlsx", &bytes), &[]).await;
    assert_eq!(said.code, Some(1));
    has(
        &said,
        &[
            "XLSX, sheet 工作表 Sheet1",
            "line 行 6: enterprise_code: missing",
            "line 行 6: enterprise_name: missing",
            "new 新增 4, changed 变更 0, same 不变 0, refused 拒收 1",
        ],
    );
    assert_eq!(listed(&server).await.0, (1..=4).map(tractor).collect::<Vec<_>>());
}

/// FP-17.
#[tokio::test]
async fn one_stray_cell_in_the_last_corner_costs_nothing_and_is_named() {
    let server = Server::start().await;
    let bytes = workbook(10, |sheet| {
        sheet.write_string(1_048_575, 16_383, " ").unwrap();
    });
    assert!(bytes.len() < 16_384, "{}", bytes.len());
    let table = written(&server, "stray.xlsx", &bytes);
    let report = server.beside("report.xlsx");
    let arguments = ["whitelist", "import", &table, "--as", "CN-3205/chief", "--report", report.to_str().unwrap()];
    let (said, peak) = peak_kib(&server.data(), &arguments).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    has(&said, &["XFD1048576", "new 新增 10, changed 变更 0, same 不变 0, refused 拒收 0"]);
    assert!(peak < PEAK_KIB, "{peak} KiB");
    assert!(notes(&report).iter().any(|note| note.contains("XFD1048576")), "{:?}", notes(&report));
}

/// The second sheet of a report.
fn notes(report: &Path) -> Vec<String> {
    use calamine::{DataType as _, Reader as _};
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(report).unwrap();
    let sheet = workbook.sheet_names()[1].clone();
    let cells = workbook.worksheet_range(&sheet).unwrap();
    cells.used_cells().filter_map(|(.., cell)| cell.as_string()).collect()
}

/// FP-16.
#[tokio::test]
async fn plates_from_the_field_are_taken_and_others_refused_by_place_and_rule() {
    let server = Server::start().await;
    let good = ["苏AC50731", "粤B08642F", "粤ZF023港"];
    let bad = [
        ("苏ZF023港", "place 7", "hong_kong_macao_plate"),
        ("苏AC507312", "place 9", "too_long"),
        ("闽赣K7D205", "place 2", "prefecture_letter"),
        ("京AI2345", "place 3", "letter_i_or_o"),
    ];
    let mut text = format!("挂车号牌,{HEADER}\n");
    let plates = good.iter().chain(bad.iter().map(|(plate, ..)| plate));
    for (n, plate) in (1..).zip(plates) {
        let mut cells = cells(n);
        cells[5] = (*plate).to_owned();
        let trailer = if n == 1 { "冀BR238挂" } else { "" };
        text.push_str(&format!("{trailer},{}\n", cells.join(",")));
    }
    let said = import(&server, &written(&server, "plates.csv", text.as_bytes()), &[]).await;
    assert_eq!(said.code, Some(1));
    for (line, (_, place, rule)) in (5..).zip(bad) {
        has(&said, &[&format!("line 行 {line}: tractor: {rule}: {place}")]);
    }
    has(&said, &["new 新增 3, changed 变更 0, same 不变 0, refused 拒收 4"]);
    let mut plates = listed(&server).await.0;
    plates.sort();
    assert_eq!(plates, ["冀BR238挂", "粤B08642F", "粤ZF023港", "苏AC50731"]);
}

/// What the service would say of the other cells of a row that never reaches it is told too: a row is mended once.
#[tokio::test]
async fn a_row_that_the_spreadsheet_spoilt_is_told_everything_at_once() {
    let server = Server::start().await;
    let text = table(2).replace(&city::driver(2), "3.20583E+17").replace(&tractor(2), "京AI2345");
    let said = import(&server, &written(&server, "spoilt.csv", text.as_bytes()), &[]).await;
    assert_eq!(said.code, Some(1));
    has(
        &said,
        &[
            "line 行 3: crew[0].paper_number: scientific_notation",
            "line 行 3: tractor: letter_i_or_o",
            "new 新增 1, changed 变更 0, same 不变 0, refused 拒收 1",
        ],
    );
    assert_eq!(said.out.matches("line 行").count(), 2, "{said:#?}");
    assert_eq!(listed(&server).await.0, [tractor(1)]);
}

/// A table for several authorities: each takes its own rows, and is told of those that nobody can place.
#[tokio::test]
async fn an_authority_imports_its_own_rows_and_is_told_of_those_that_nobody_can_place() {
    let server = Server::start().await;
    let rows = [
        format!("{},{SUZHOU}\n", cells(1).join(",")),
        format!("{},CN-3301\n", cells(2).join(",")),
        format!("{},{SUZHOU},\"\n", cells(3).join(",")),
        format!("{},CN-3301\n", cells(4).join(",").replace(&tractor(4), "京AI2345")),
        format!("{},CN-3301\n", cells(5).join(",").replace(&city::driver(5), "3.20583E+17")),
    ];
    let table = format!("{HEADER},受理机关代码\n{}", rows.concat());
    let said = import(&server, &written(&server, "all.csv", table.as_bytes()), &["--authority", SUZHOU]).await;
    assert_eq!(said.code, Some(1), "{said:#?}");
    has(&said, &["line 行 4: row: unclosed_quote", "new 新增 1, changed 变更 0, same 不变 0, refused 拒收 1"]);
    assert_eq!(listed(&server).await.0, [tractor(1)]);
}

/// Refused rows are mended in the report itself, and the report is sent again, in both formats; a dry run stores nothing.
#[tokio::test]
async fn a_report_is_mended_and_sent_again_as_it_is() {
    let server = Server::start().await;
    let text = table(3).replace(&tractor(2), "京AI2345");
    let list = written(&server, "list.csv", text.as_bytes());
    for (name, format) in [("refused.csv", "csv"), ("refused.xlsx", "xlsx")] {
        let report = server.beside(name);
        let report = report.to_str().unwrap();
        let said = import(&server, &list, &["--dry-run", "--report", report]).await;
        assert_eq!(said.code, Some(1));
        has(&said, &["dry run 试运行: ", "refused 拒收 1", &format!("report 报告 {report}: 1 rows")]);
        // Sent as it is, it is refused again, and its own columns are not unknown.
        let said = import(&server, report, &[]).await;
        assert_eq!((said.code, said.err.as_str()), (Some(1), ""), "{said:#?}");
        has(&said, &["letter_i_or_o", "new 新增 0, changed 变更 0, same 不变 0, refused 拒收 1"]);
        if format == "csv" {
            let mended = std::fs::read_to_string(report).unwrap().replace("京AI2345", &tractor(2));
            std::fs::write(report, mended).unwrap();
        } else {
            mend(Path::new(report), "京AI2345", &tractor(2));
        }
        let said = import(&server, report, &[]).await;
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:#?}");
        let sum = if format == "csv" { "new 新增 1" } else { "same 不变 1" };
        has(&said, &[sum, "refused 拒收 0"]);
    }
    assert_eq!(listed(&server).await.0, [tractor(2)]);
}

/// What somebody does who opens the report, types another plate and saves it: the first sheet again, every cell as text.
fn mend(report: &Path, from: &str, to: &str) {
    use calamine::{DataType as _, Reader as _};
    let mut read: calamine::Xlsx<_> = calamine::open_workbook(report).unwrap();
    let name = read.sheet_names()[0].clone();
    let cells = read.worksheet_range(&name).unwrap();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, column, cell) in cells.used_cells() {
        let text = cell.as_string().unwrap().replace(from, to);
        sheet.write_string(row.try_into().unwrap(), column.try_into().unwrap(), text).unwrap();
    }
    workbook.save(report).unwrap();
}

/// A genuine code with a wrong check digit: refused, then let in with a reason, and in the pass by its number alone.
#[tokio::test]
async fn a_waived_code_comes_in_by_its_column_and_stands_in_the_pass_as_a_number() {
    let server = Server::start().await;
    let right = enterprise(1);
    let wrong = format!("{}{}", &right[..17], if right.ends_with('0') { '1' } else { '0' });
    let row = cells(1).join(",").replace(&right, &wrong);
    let refused = written(&server, "refused.csv", format!("{HEADER}\n{row}\n").as_bytes());
    let said = import(&server, &refused, &[]).await;
    assert_eq!(said.code, Some(1));
    has(&said, &["line 行 2: enterprise_code: check_digit"]);
    let waived = format!("{HEADER},代码校验豁免理由\n{row},营业执照原件如此\n");
    let said = import(&server, &written(&server, "waived.csv", waived.as_bytes()), &[]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");

    let mut client = WhitelistServiceClient::new(server.chief(SUZHOU).await);
    let key = proto::get_enterprise_request::Enterprise::Code(wrong.clone());
    let request = proto::GetEnterpriseRequest { enterprise: Some(key) };
    let listed = client.get_enterprise(request).await.unwrap().into_inner().enterprise.unwrap();
    assert_eq!(listed.code_waiver_reason, "营业执照原件如此");

    let driver = id_number("32058319800101001");
    let journey = format!(
        "enterprise code,tractor,crew 1 name,crew 1 paper number,crew 1 mobile,authority,gross mass kg,cargo category,\
         cargo description,cargo mass kg,origin,destination,planned start,planned end\n\
         {wrong},{},张三,{driver},13800000001,{SUZHOU},３８０００,食品,面粉,12000,320583,330102,\
         2026/12/1 8:00,2026/12/2 8:00\n",
        tractor(1)
    );
    let journey = written(&server, "journey.csv", journey.as_bytes());
    let said = server.verb(&["apply", &journey, "--starting", "now", "--dry-run"]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    has(&said, &["dry run 试运行: submitted 已提交 1, same 此前已提交 0, refused 拒收 0"]);
    assert_eq!(city::applications(&server.chief(SUZHOU).await).await.len(), 0);
    let said = server.verb(&["apply", &journey, "--starting", "now"]).await;
    has(&said, &["submitted 已提交 1"]);
    let said = server.verb(&["approve", "--all-submitted", "--as", "CN-3205/chief"]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    let passes = city::passes(&server.chief(SUZHOU).await).await;
    let number = passes.keys().next().unwrap();
    let text = server.verb(&["pass", "show", number, "--as", "CN-3205/chief"]).await.out;
    let bytes = decode_text(text.lines().last().unwrap()).unwrap();
    let claims = UnverifiedPass::read(&bytes).and_then(|pass| pass.unverified_claims()).unwrap();
    assert_eq!(claims.subject.enterprise, Some(Enterprise::Number(listed.number)));
}

/// What the service refuses of applications comes back by the columns of the table, in a dry run too.
#[tokio::test]
async fn refused_applications_are_reported_by_their_columns() {
    let server = Server::start().await;
    city::list(&server, 1).await;
    let (code, driver) = (enterprise(1), city::driver(1));
    let header = "enterprise code,tractor,crew 1 name,crew 2 name,crew 2 paper number,crew 2 mobile,crew 1 paper number,\
                  crew 1 mobile,authority,gross mass kg,cargo category,cargo description,cargo mass kg,origin,\
                  destination,planned start,planned end";
    let row = |tractor: &str, number: &str, origin: &str, mass: &str| {
        format!(
            "{code},{tractor},,张三,{number},13800000001,,,{SUZHOU},{mass},2,晶圆,12000,{origin},330102,\
             2026-12-01 08:00,2026-12-02 08:00\n"
        )
    };
    let rows = [
        row(&tractor(9), &driver, "320583", "38000"),
        row(&tractor(1), &id_number("32059919800101001"), "320583", "38000"),
        row(&tractor(1), &driver, "830000", "38000"),
        row(&tractor(1), &driver, "320583", "heavy"),
        // What the service would say of its sound cells is told beside what the table itself is told.
        row(&tractor(1), &driver, "830000", "heavy"),
        // Of an enterprise whose code is none, nobody can ask.
        row(&tractor(1), &driver, "830000", "38000").replace(&code, "1"),
    ];
    let list = written(&server, "journeys.csv", format!("{header}\n{}", rows.concat()).as_bytes());
    let report = server.beside("refused.csv");
    for more in [&["--dry-run"][..], &[]] {
        let arguments = ["apply", &list, "--starting", "now", "--report", report.to_str().unwrap()];
        let said = server.verb(&[&arguments[..], more].concat()).await;
        assert_eq!(said.code, Some(1), "{said:#?}");
        has(
            &said,
            &[
                "line 行 2: tractor: not_listed",
                "line 行 3: crew[1].paper_number: id_division",
                "line 行 4: route.origin: residence_permit_code",
                "line 行 5: gross_mass_kg: number",
                "line 行 6: gross_mass_kg: number",
                "line 行 6: route.origin: residence_permit_code",
                "line 行 7: enterprise_code: ",
                "submitted 已提交 0, same 此前已提交 0, refused 拒收 6",
            ],
        );
        assert_eq!(said.out.matches("line 行").count(), 7, "{said:#?}");
        let report = std::fs::read_to_string(&report).unwrap();
        assert!(report.contains("crew 2 paper number crew[1].paper_number"), "{report}");
    }
}
