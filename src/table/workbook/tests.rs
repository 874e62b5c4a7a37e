//! Workbooks as people send them, made by another library, and such as no library makes, made by hand.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Made};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::column::CrewColumn;
use super::super::open::{Shape, Table};
use super::*;

const HEADER: [&str; 5] = ["统一社会信用代码", "企业名称", "牵引车号牌", "人员1证件号码", "planned start"];

fn made(write: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Made::new();
    let sheet = workbook.add_worksheet();
    for (at, title) in (0..).zip(HEADER) {
        sheet.write_string(0, at, title).unwrap();
    }
    write(sheet);
    workbook.save_to_buffer().unwrap()
}

fn read(bytes: Vec<u8>) -> (Vec<Row>, Ending) {
    Table::of_bytes(bytes, &[Column::Tractor]).unwrap().rows(usize::MAX).unwrap()
}

fn problems(row: &Row) -> Vec<(String, String)> {
    row.problems.iter().map(|it| (it.field.clone(), it.rule.to_string())).collect()
}

/// A workbook with one sheet of that XML.
fn by_hand(sheet: &str) -> Vec<u8> {
    let content = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
                 <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Override PartName=\"/xl/workbook.xml\" ContentType=\"{content}.sheet.main+xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
                 <Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns:r=\"{office}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
                 </Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet>{sheet}</worksheet>")),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const HAND_HEADER: &str = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>tractor</v></c><c r=\"B1\" t=\"str\"><v>enterprise \
                           code</v></c></row>";

#[test]
fn merged_cells_have_their_value_everywhere_and_an_empty_one_has_none() {
    let (rows, _) = read(made(|sheet| {
        sheet.merge_range(1, 0, 4, 0, "91320509MAW373039Y", &Format::new()).unwrap();
        sheet.merge_range(1, 1, 4, 1, "苏州物流", &Format::new()).unwrap();
        for row in 1..=5 {
            sheet.write_string(row, 2, format!("苏E0000{row}")).unwrap();
        }
    }));
    let found: Vec<(u32, String, String)> = rows
        .iter()
        .map(|row| {
            (row.line, row.get(Column::EnterpriseCode).into_owned(), row.get(Column::EnterpriseName).into_owned())
        })
        .collect();
    for (line, (found, code, name)) in (2..6).zip(&found) {
        assert_eq!((*found, code.as_str(), name.as_str()), (line, "91320509MAW373039Y", "苏州物流"));
    }
    assert_eq!(found[4], (6, String::new(), String::new()));
}

#[test]
fn numbers_dates_formulas_and_errors_are_told_apart_by_cell() {
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let moment = ExcelDateTime::parse_from_str("2026-12-01T08:00").unwrap();
    let (rows, _) = read(made(|sheet| {
        sheet.write_number(1, 3, 330_106_198_802_299_000.0).unwrap();
        sheet.write_number(2, 3, 12_345_678.0).unwrap();
        sheet.write_string(3, 3, "3.30106E+17").unwrap();
        sheet.write_formula(4, 2, Formula::new("=\"苏E\"&12345").set_result("苏E12345")).unwrap();
        sheet.write_formula(5, 2, Formula::new("=VLOOKUP(1,2,3)").set_result("#N/A")).unwrap();
        sheet.write_datetime_with_format(6, 4, &moment, &date).unwrap();
        sheet.write_datetime_with_format(7, 2, &moment, &date).unwrap();
    }));
    let number = "crew[0].paper_number".to_owned();
    assert_eq!(problems(&rows[0]), [(number.clone(), "scientific_notation".to_owned())]);
    assert!(
        rows[0].problems[0].message.contains("D2") && rows[0].problems[0].message.contains("format the column as text")
    );
    assert_eq!(problems(&rows[1]), [(number.clone(), "numeric_cell".to_owned())]);
    assert_eq!(problems(&rows[2]), [(number, "scientific_notation".to_owned())]);
    assert_eq!((problems(&rows[3]), rows[3].get(Column::Tractor).as_ref()), (vec![], "苏E12345"));
    assert_eq!(problems(&rows[4]), [("tractor".to_owned(), "error_cell".to_owned())]);
    assert!(rows[4].problems[0].message.contains("C6") && rows[4].problems[0].message.contains("#N/A"));
    assert_eq!((problems(&rows[5]), rows[5].get(Column::PlannedStart).as_ref()), (vec![], "2026-12-01 08:00"));
    assert_eq!(problems(&rows[6]), [("tractor".to_owned(), "date_cell".to_owned())]);
    assert_eq!(rows[0].cells()[3], "3.30106198802299E+17");
    assert_eq!(rows[0].get(Column::Crew(0, CrewColumn::PaperNumber)), "3.30106198802299E+17");
}

#[test]
fn a_formula_that_nobody_calculated_is_refused_and_not_executed() {
    let cells = "<row r=\"2\"><c r=\"A2\"><f>\"苏E\"&amp;12345</f></c><c r=\"B2\" t=\"str\"><f>A1</f><v></v></c></row>\
                 <row r=\"3\"><c r=\"A3\"><f t=\"shared\" ref=\"A3:A9\" si=\"4000000000\">A1</f><v/></c></row>";
    let (rows, _) = read(by_hand(&format!("<sheetData>{HAND_HEADER}{cells}</sheetData>")));
    for row in &rows {
        assert_eq!(problems(row), [("tractor".to_owned(), "formula_without_value".to_owned())]);
    }
    assert_eq!(rows[0].cells()[0], "=\"苏E\"&12345");
}

#[test]
fn one_stray_cell_in_the_last_corner_is_named_and_costs_nothing() {
    let (rows, ending) = read(made(|sheet| {
        for row in 1..=10 {
            sheet.write_string(row, 2, "苏E12345").unwrap();
        }
        sheet.write_string(1_048_575, 16_383, " ").unwrap();
    }));
    assert_eq!(rows.len(), 10);
    assert_eq!(ending, Ending { strays: vec!["XFD1048576".to_owned()], stray_count: 1 });
    // One that says something is no row of the table, and is not passed over.
    let (rows, _) = read(made(|sheet| {
        sheet.write_string(1, 2, "苏E12345").unwrap().write_string(7, 9, "see below").unwrap();
    }));
    assert_eq!((rows[1].line, problems(&rows[1])), (8, vec![("cell J8".to_owned(), "too_many_cells".to_owned())]));
}

#[test]
fn the_first_visible_sheet_with_a_header_is_read_unless_another_is_named() {
    let mut workbook = Made::new();
    for (name, plate, hidden) in [("cover", None, false), ("old", Some("苏E1"), true), ("list", Some("苏E2"), false)]
    {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write_string(0, 0, "苏州市白名单").unwrap();
        if let Some(plate) = plate {
            sheet.write_string(2, 3, "tractor").unwrap().write_string(2, 4, "enterprise code").unwrap();
            sheet.write_string(3, 3, plate).unwrap();
        }
        sheet.set_hidden(hidden);
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let open = |sheet: Option<&str>| {
        let folder = tempfile::tempdir().unwrap();
        // Whatever its name says.
        let path = folder.path().join("list.csv");
        std::fs::write(&path, &bytes).unwrap();
        Table::open(&path, sheet, &[Column::Tractor])
    };
    let table = open(None).unwrap();
    let others = vec!["cover".to_owned(), "old (hidden 隐藏)".to_owned()];
    assert_eq!(table.about.shape, Shape::Workbook { sheet: "list".to_owned(), others });
    assert_eq!(table.about.header_line, 3);
    assert_eq!(table.rows(usize::MAX).unwrap().0[0].get(Column::Tractor), "苏E2");
    assert_eq!(open(Some("old")).unwrap().rows(usize::MAX).unwrap().0[0].get(Column::Tractor), "苏E1");
    assert!(open(Some("new")).err().unwrap().to_string().contains("cover, old, list"));
    assert!(open(Some("cover")).err().unwrap().to_string().contains("牵引车号牌 / tractor"));
}

#[test]
fn what_no_spreadsheet_writes_is_refused_and_never_a_panic() {
    let told = |sheet: &str| match Table::of_bytes(by_hand(sheet), &[Column::Tractor])
        .and_then(|table| table.rows(usize::MAX))
    {
        Ok(read) => panic!("{read:?}"),
        Err(error) => error.to_string(),
    };
    for (sheet, part) in [
        ("<sheetData></sheetData>".to_owned(), "empty"),
        (format!("<sheetData>{HAND_HEADER}"), "damaged"),
        (format!("<sheetData>{HAND_HEADER}</sheetData>"), "no row"),
        (
            format!(
                "<sheetData>{HAND_HEADER}<row r=\"9\"><c r=\"A9\"><v>1</v></c></row><row r=\"3\"><c r=\"A3\"><v>1</v></c></row></sheetData>"
            ),
            "row 3",
        ),
        (format!("<sheetData>{HAND_HEADER}<row r=\"2\"><c r=\"A2\" t=\"s\"><v>7</v></c></row></sheetData>"), "damaged"),
    ] {
        assert!(told(&sheet).contains(part), "{part} in {}", told(&sheet));
    }
    let beyond = "<row r=\"2\"><c r=\"ZZZZZZZZZZZZ9\"><v>7</v></c></row>";
    let (rows, _) = read(by_hand(&format!("<sheetData>{HAND_HEADER}{beyond}</sheetData>")));
    assert_eq!(rows[0].problems[0].rule, "too_many_cells");
}

#[test]
fn a_header_is_looked_for_on_so_many_sheets_and_in_so_many_cells_only() {
    let mut workbook = Made::new();
    for at in 0..=SHEETS_LOOKED_AT {
        let sheet = workbook.add_worksheet();
        let title = if at == SHEETS_LOOKED_AT { "tractor" } else { "cover" };
        sheet.write_string(0, 0, title).unwrap().write_string(0, 1, "enterprise code").unwrap();
    }
    let bytes = workbook.save_to_buffer().unwrap();
    assert!(Table::of_bytes(bytes, &[Column::Tractor]).is_err());
    let empty = "<c/>".repeat(100);
    let rows: String = (1..=2_001).map(|row| format!("<row r=\"{row}\">{empty}</row>")).collect();
    let header = HAND_HEADER.replace("\"1\"", "\"9000\"").replace("A1", "A9000").replace("B1", "B9000");
    let sheet = by_hand(&format!("<sheetData>{rows}{header}</sheetData>"));
    assert!(matches!(Table::of_bytes(sheet, &[Column::Tractor]), Err(TableError::Empty)));
}
