//! The shipped tables of bad rows: each row breaks one rule, and the service says which, as it stands beside them in
//! `bad-rows.expected.csv`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook};

use crate::city;
use crate::server::Server;

/// Set, the workbook is written anew; then look at what changed.
const WRITE: &str = "FREIGHTPASS_WRITE_SAMPLES";

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample").join(name)
}

#[tokio::test]
async fn every_bad_row_is_refused_for_the_reason_that_stands_beside_it() {
    let expected = std::fs::read_to_string(shipped("bad-rows.expected.csv")).unwrap();
    let expected: Vec<Vec<&str>> = expected.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let kinds: BTreeSet<&[&str]> = expected.iter().map(|row| &row[2..]).collect();
    assert!(kinds.len() >= 40, "{}", kinds.len());
    for name in ["bad-rows.csv", "bad-rows.xlsx"] {
        let server = Server::start().await;
        let table = shipped(name);
        let import = ["whitelist", "import", table.to_str().unwrap(), "--as", "CN-3205/chief"];
        let said = server.verb(&import).await;
        assert_eq!(said.code, Some(1), "{said:#?}");
        assert!(said.err.contains("情形/case"), "{said:#?}");
        let told: Vec<Vec<&str>> = said
            .out
            .lines()
            .filter_map(|line| line.strip_prefix("line 行 "))
            .map(|line| line.splitn(4, ": ").take(3).collect())
            .collect();
        let wanted: Vec<Vec<&str>> =
            expected.iter().filter(|row| row[0] == name).map(|row| row[1..].to_vec()).collect();
        assert_eq!(told, wanted, "{name}");
        for line in said.out.lines().filter(|line| line.starts_with("line 行 ")) {
            let chinese = |character: char| ('\u{4e00}'..='\u{9fff}').contains(&character);
            let reason = line.splitn(4, ": ").nth(3).unwrap();
            assert!(reason.rsplit("; ").next().unwrap().contains(chinese), "no Chinese: {line}");
        }
        let lines: BTreeSet<&str> = wanted.iter().map(|row| row[0]).collect();
        let sum = format!("new 新增 2, changed 变更 0, same 不变 0, refused 拒收 {}", lines.len());
        assert!(said.out.contains(&sum), "{said:#?}");
    }
}

#[test]
fn the_shipped_workbook_is_what_is_made_here() {
    let made = workbook();
    let path = shipped("bad-rows.xlsx");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert!(
        std::fs::read(&path).unwrap() == made,
        "run this test with {WRITE}=1 and look at assets/sample/bad-rows.xlsx"
    );
}

/// What only a workbook can do to a row.
fn workbook() -> Vec<u8> {
    let header = [
        "情形/case",
        "统一社会信用代码",
        "企业名称",
        "联系人",
        "联系电话",
        "重点行业",
        "牵引车号牌",
        "人员1姓名",
        "人员1证件号码",
        "人员1手机号",
    ];
    let cases = [
        "身份证号为数字，已被四舍五入",
        "证件号码为数字",
        "公式出错",
        "号牌为日期",
        "企业代码为数字",
        "表头之外有内容",
        "合并单元格的第一行，正确",
        "合并单元格之后为空，不向下填充",
        "电话为数字，公式有结果，正确",
    ];
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::parse_from_str("2026-11-25T00:00:00").unwrap();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = workbook.add_worksheet();
    for (at, title) in (0..).zip(header) {
        sheet.write_string(0, at, title).unwrap();
    }
    for (n, case) in (1..).zip(cases) {
        let row = city::row(n, n);
        let crew = &row.crew[0];
        let cells = [
            case,
            &row.enterprise_code,
            &row.enterprise_name,
            &row.contact_name,
            &row.contact_phone,
            "食品",
            &row.tractor,
            &crew.name,
            &crew.paper_number,
            &crew.mobile,
        ];
        for (at, cell) in (0..).zip(cells) {
            sheet.write_string(n, at, cell).unwrap();
        }
    }
    let date = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_number(1, 8, 320_583_198_001_010_000.0).unwrap();
    sheet.write_number(2, 8, 12_345_678.0).unwrap();
    sheet.write_formula(3, 6, Formula::new("=VLOOKUP(B4,Z:Z,1)").set_result("#N/A")).unwrap();
    sheet.write_datetime_with_format(4, 6, &made, &date).unwrap();
    sheet.write_number(5, 1, 913_205_830_000.0).unwrap();
    sheet.write_string(6, 11, "见备注").unwrap();
    // Row 7 and the case of row 8 belong together; the enterprise of row 8 is empty and not merged.
    sheet.merge_range(7, 3, 8, 3, "李四", &Format::new()).unwrap();
    sheet.write_blank(8, 1, &date).unwrap().write_blank(8, 2, &date).unwrap();
    sheet.write_number(9, 9, 13_800_000_001.0).unwrap();
    sheet.write_formula(9, 6, Formula::new("=\"苏E\"&\"00009\"").set_result("苏E00009")).unwrap();
    workbook.save_to_buffer().unwrap()
}
