//! Tables as people send them: CSV in UTF-8, headers in Chinese or English, in any order. One table serves the white
//! list and the applications; each verb reads the columns that it knows.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use unicode_normalization::UnicodeNormalization;

use super::records::{Record, Records};
use crate::problem::FieldProblem;

/// The largest table: far beyond the white list of a province (100,000 rows are 40 MB).
const TABLE_BYTES: u64 = 512 << 20;
/// The service takes no longer cells (`ImportRow`).
const CELL_BYTES: usize = 400;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are those of the fields in proto")]
pub enum Column {
    EnterpriseCode,
    EnterpriseName,
    ContactName,
    ContactPhone,
    Industry,
    CodeWaiver,
    Tractor,
    Trailer,
    Crew(usize, CrewColumn),
    Authority,
    Programme,
    GrossMass,
    CargoCategory,
    CargoDescription,
    CargoMass,
    Origin,
    Destination,
    Via,
    PlannedStart,
    PlannedEnd,
    Leg,
    Evidence(usize, EvidenceColumn),
}

/// What a column says about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are those of the fields in proto")]
pub enum CrewColumn {
    Name,
    PaperKind,
    PaperNumber,
    Mobile,
    Role,
}

/// What a column says about a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceColumn {
    /// What it is.
    Kind,
    /// When it was taken or signed.
    Taken,
    /// For how many hours it counts from then.
    ValidHours,
    /// Who made it.
    Issuer,
}

impl EvidenceColumn {
    /// All that is said about one.
    pub const ALL: [EvidenceColumn; 4] =
        [EvidenceColumn::Kind, EvidenceColumn::Taken, EvidenceColumn::ValidHours, EvidenceColumn::Issuer];
}

/// People in a row.
pub const CREW: usize = 3;
/// Pieces of evidence in a row: a test of the driver, the waybill, and one more. The service takes more of them.
pub const EVIDENCE: usize = 3;

impl Column {
    /// Every column, in the order in which tables of ours are written, with its Chinese and its English header.
    pub fn all() -> Vec<(Column, String, String)> {
        use Column as C;
        let plain = |column, zh: &str, en: &str| (column, zh.to_owned(), en.to_owned());
        let mut all = vec![
            plain(C::EnterpriseCode, "统一社会信用代码", "enterprise code"),
            plain(C::EnterpriseName, "企业名称", "enterprise name"),
            plain(C::ContactName, "联系人", "contact name"),
            plain(C::ContactPhone, "联系电话", "contact phone"),
            plain(C::Industry, "重点行业", "industry"),
            plain(C::CodeWaiver, "代码校验豁免理由", "code waiver reason"),
            plain(C::Tractor, "牵引车号牌", "tractor"),
            plain(C::Trailer, "挂车号牌", "trailer"),
        ];
        for at in 0..CREW {
            for (column, zh, en) in [
                (CrewColumn::Name, "姓名", "name"),
                (CrewColumn::PaperKind, "证件类型", "paper kind"),
                (CrewColumn::PaperNumber, "证件号码", "paper number"),
                (CrewColumn::Mobile, "手机号", "mobile"),
                (CrewColumn::Role, "角色", "role"),
            ] {
                let (zh, en) = (format!("人员{}{zh}", at + 1), format!("crew {} {en}", at + 1));
                all.push((C::Crew(at, column), zh, en));
            }
        }
        all.extend([
            plain(C::Authority, "受理机关代码", "authority"),
            plain(C::Programme, "专项编号", "programme"),
            plain(C::GrossMass, "总质量kg", "gross mass kg"),
            plain(C::CargoCategory, "货物类别", "cargo category"),
            plain(C::CargoDescription, "货物名称", "cargo description"),
            plain(C::CargoMass, "货物质量kg", "cargo mass kg"),
            plain(C::Origin, "起运地", "origin"),
            plain(C::Destination, "到达地", "destination"),
            plain(C::Via, "途经", "via"),
            plain(C::PlannedStart, "计划出发时间", "planned start"),
            plain(C::PlannedEnd, "计划到达时间", "planned end"),
            plain(C::Leg, "行程", "leg"),
        ]);
        for at in 0..EVIDENCE {
            for (column, zh, en) in [
                (EvidenceColumn::Kind, "类型", "kind"),
                (EvidenceColumn::Taken, "出具时间", "taken"),
                (EvidenceColumn::ValidHours, "有效小时", "valid hours"),
                (EvidenceColumn::Issuer, "出具单位", "issuer"),
            ] {
                let (zh, en) = (format!("证明{}{zh}", at + 1), format!("evidence {} {en}", at + 1));
                all.push((C::Evidence(at, column), zh, en));
            }
        }
        all
    }
}

/// A table that has been read.
#[derive(Debug)]
pub struct Table {
    /// The rows that could be read.
    pub rows: Vec<Line>,
    /// Lines that could not, and why.
    pub refused: Vec<(u32, FieldProblem)>,
    /// Headers that mean nothing here.
    pub unknown: Vec<String>,
}

/// One row.
#[derive(Debug)]
pub struct Line {
    /// Line in the file, from 1.
    pub line: u32,
    cells: BTreeMap<Column, String>,
}

impl Line {
    /// The cell of that column, trimmed; empty where there is none.
    pub fn get(&self, column: Column) -> &str {
        self.cells.get(&column).map_or("", String::as_str)
    }

    /// Whether the row names anybody at that place.
    pub fn has_person(&self, at: usize) -> bool {
        [CrewColumn::Name, CrewColumn::PaperNumber].iter().any(|column| !self.get(Column::Crew(at, *column)).is_empty())
    }
}

impl Table {
    /// Reads a file. A line that is broken is refused by itself.
    ///
    /// # Errors
    /// When the file cannot be read at all, or its header lacks one of the columns `needed`: the message says what to
    /// do.
    pub fn read(path: &Path, needed: &[Column]) -> anyhow::Result<Self> {
        let shown = path.display();
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(TABLE_BYTES + 1).read_to_end(&mut bytes))
            .with_context(|| format!("{shown}"))?;
        if bytes.len() as u64 > TABLE_BYTES {
            bail!("{shown}: larger than {} MiB; split the table", TABLE_BYTES >> 20);
        }
        Self::of(&bytes, needed).with_context(|| format!("{shown}"))
    }

    /// Reads what stands in a file.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn of(bytes: &[u8], needed: &[Column]) -> anyhow::Result<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            bail!("the file is in UTF-16: save it as \"CSV UTF-8\"");
        }
        if bytes.starts_with(b"PK\x03\x04") {
            bail!("this is a workbook, not CSV: save it as \"CSV UTF-8\"");
        }
        let mut records = Records::of(bytes);
        let Some(header) = records.next() else { bail!("the file is empty") };
        if !header.closed {
            bail!("a quote (\") in the header is not closed");
        }
        let (columns, unknown) = columns(&parsed(&header)?, needed)?;

        let mut table = Table { rows: Vec::new(), refused: Vec::new(), unknown };
        while let Some(record) = records.next() {
            let line = record.line;
            let row = parsed(&record)?;
            if record.closed && row.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            let read = if record.closed { cells(&row, &columns) } else { Err(unclosed_quote()) };
            match read {
                Ok(cells) if record.lines == 1 || row.len() == columns.len() => table.rows.push(Line { line, cells }),
                Err(problem) if record.lines == 1 => table.refused.push((line, problem)),
                // Two forgotten quotes enclose the rows between them.
                Ok(_) | Err(_) => {
                    table.refused.push((line, unclosed_quote()));
                    records.resume_after_first_line(&record);
                }
            }
        }
        if table.rows.is_empty() && table.refused.is_empty() {
            bail!("there is no row below the header");
        }
        Ok(table)
    }
}

/// For each place of the header its column, and the headers that mean nothing.
fn columns(header: &csv::ByteRecord, needed: &[Column]) -> anyhow::Result<(Vec<Option<Column>>, Vec<String>)> {
    let all = Column::all();
    let mut columns = Vec::new();
    let mut unknown = Vec::new();
    for cell in header {
        let Ok(text) = std::str::from_utf8(cell) else {
            bail!("the header is not UTF-8 (Excel in Chinese saves GBK): save the table as \"CSV UTF-8\"");
        };
        let plain = plain(text);
        let found = all.iter().find(|(_, zh, en)| self::plain(zh) == plain || self::plain(en) == plain);
        let column = found.map(|(column, ..)| *column);
        if let Some(column) = column
            && columns.contains(&Some(column))
        {
            bail!("the column {text} stands twice in the header: remove one");
        }
        if column.is_none() && !plain.is_empty() {
            unknown.push(text.trim().to_owned());
        }
        columns.push(column);
    }
    let missing: Vec<String> = all
        .iter()
        .filter(|(column, ..)| needed.contains(column) && !columns.contains(&Some(*column)))
        .map(|(_, zh, en)| format!("{zh} / {en}"))
        .collect();
    if missing.is_empty() {
        return Ok((columns, unknown));
    }
    let unknown = if unknown.is_empty() {
        String::new()
    } else {
        format!("; of the header these mean nothing here: {}", unknown.join(", "))
    };
    bail!(
        "the first line must name the columns, and lacks: {}{unknown}. `freightpass sample --rows 1` prints a table \
         with every header",
        missing.join(", ")
    )
}

fn cells(record: &csv::ByteRecord, columns: &[Option<Column>]) -> Result<BTreeMap<Column, String>, FieldProblem> {
    let mut cells = BTreeMap::new();
    for (at, cell) in record.iter().enumerate() {
        let Ok(text) = std::str::from_utf8(cell) else {
            return Err(FieldProblem::new(format!("column {}", at + 1), "encoding", "the line is not UTF-8"));
        };
        if text.len() > CELL_BYTES {
            let message = format!("{} bytes of text, at most {CELL_BYTES} are allowed", text.len());
            return Err(FieldProblem::new(format!("column {}", at + 1), "too_long", message));
        }
        // The service takes no request in which one stands, and the other rows shall not suffer for it.
        if text.contains('\0') {
            let message = "the character U+0000 is not allowed";
            return Err(FieldProblem::new(format!("column {}", at + 1), "forbidden_character", message));
        }
        match columns.get(at) {
            Some(Some(column)) => {
                cells.insert(*column, text.trim().to_owned());
            }
            Some(None) => {}
            None if text.trim().is_empty() => {}
            None => {
                let message = "the row has more cells than the header; a comma inside a cell needs quotes around it";
                return Err(FieldProblem::new(format!("column {}", at + 1), "too_many_cells", message));
            }
        }
    }
    Ok(cells)
}

/// A header without what people write differently: case, spaces, underscores, brackets, full width.
fn plain(header: &str) -> String {
    header.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn parsed(record: &Record<'_>) -> anyhow::Result<csv::ByteRecord> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).buffer_capacity(record.bytes.len().max(1));
    let mut row = csv::ByteRecord::new();
    reader.from_reader(record.bytes).read_byte_record(&mut row)?;
    Ok(row)
}

fn unclosed_quote() -> FieldProblem {
    let message = "a quote (\") is not closed on this line; two of them stand for one inside a cell";
    FieldProblem::new("row", "unclosed_quote", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: [Column; 2] = [Column::EnterpriseCode, Column::Tractor];

    #[test]
    fn headers_may_be_in_either_language_in_any_order_and_spelled_freely() {
        for header in [
            "统一社会信用代码,牵引车号牌,人员1姓名",
            "Enterprise_Code , TRACTOR,crew 1 name",
            "\u{feff}统一社会信用代码,牵引车号牌,人员１姓名",
        ] {
            let table = Table::of(format!("{header}\nA,B,C\n").as_bytes(), &NEEDED).unwrap();
            let row = &table.rows[0];
            assert_eq!((row.line, row.get(Column::EnterpriseCode), row.get(Column::Tractor)), (2, "A", "B"));
            assert_eq!(row.get(Column::Crew(0, CrewColumn::Name)), "C");
            assert!(table.unknown.is_empty());
        }
        let table = Table::of("colour,tractor,enterprise code\nred,B,A\n".as_bytes(), &NEEDED).unwrap();
        assert_eq!(table.unknown, ["colour"]);
        assert_eq!(table.rows[0].get(Column::Tractor), "B");
    }

    #[test]
    fn a_wrong_header_says_what_is_missing_and_what_to_do() {
        let error = Table::of(b"plate,name\n1,2\n", &NEEDED).unwrap_err().to_string();
        for part in ["统一社会信用代码 / enterprise code", "牵引车号牌 / tractor", "plate, name", "freightpass sample"]
        {
            assert!(error.contains(part), "{error}");
        }
        let error = Table::of(b"tractor,Tractor,enterprise code\n", &NEEDED).unwrap_err().to_string();
        assert!(error.contains("twice"), "{error}");
        for (bytes, part) in [
            (&b""[..], "empty"),
            (b"\xff\xfet\0", "UTF-16"),
            (b"PK\x03\x04", "workbook"),
            (b"\xc6\xb3\xc5\xc6,b\n", "CSV UTF-8"),
            (b"tractor,enterprise code\n", "no row"),
        ] {
            let error = Table::of(bytes, &NEEDED).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_forgotten_quote_is_refused_by_itself_and_takes_no_other_row_along() {
        let row = |at: u32| format!("苏E{at:05},91320509MAW373039Y\n");
        let read = |broken: &[u32]| {
            let rows = (1..=10).map(|at| if broken.contains(&at) { format!("\"{}", row(at)) } else { row(at) });
            let table = format!("tractor,enterprise code\n{}", rows.collect::<String>());
            let table = Table::of(table.as_bytes(), &NEEDED).unwrap();
            let refused = table.refused.iter().map(|(line, problem)| (*line, problem.rule.to_string()));
            (table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), refused.collect::<Vec<_>>())
        };
        let refusal = |line| (line, "unclosed_quote".to_owned());
        assert_eq!(read(&[3]), (vec![2, 3, 5, 6, 7, 8, 9, 10, 11], vec![refusal(4)]));
        assert_eq!(read(&[10]), ((2..=10).collect(), vec![refusal(11)]));
        // Two of them enclose rows, and are refused each.
        assert_eq!(read(&[3, 5]).1, [refusal(4), refusal(6)]);
        assert_eq!(read(&[3, 5]).0.len(), 8);
        let cell = "tractor,enterprise code\n\"苏E\n12345\",B\nC,D\n";
        assert_eq!(Table::of(cell.as_bytes(), &NEEDED).unwrap().rows[0].get(Column::Tractor), "苏E\n12345");
    }

    #[test]
    fn a_broken_line_is_refused_by_itself() {
        let table = Table::of(b"tractor,enterprise code\nA,B\n\xff,C\n\nD,E,F\nG\n", &NEEDED).unwrap();
        let lines: Vec<u32> = table.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 6]);
        let refused: Vec<(u32, &str)> = table.refused.iter().map(|(line, p)| (*line, p.rule.as_ref())).collect();
        assert_eq!(refused, [(3, "encoding"), (5, "too_many_cells")]);
    }
}
