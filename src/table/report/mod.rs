//! The report of an import: the refused rows as they stood in the table, with the reasons beside them. Whoever mends the
//! cells sends the same file again: the columns that are added here mean nothing at an import.

mod sheet;
mod text;

use std::path::Path;
use std::sync::Arc;

use super::header::{Header, REPORT_COLUMNS};
use super::row::Row;

/// How a report is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CSV in UTF-8 with a byte-order mark, without which spreadsheets read it in the encoding of the machine.
    Csv,
    /// XLSX, every cell as text.
    Workbook,
}

impl Format {
    /// The format that a file's name asks for.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_lowercase().as_str() {
            "csv" => Some(Format::Csv),
            "xlsx" => Some(Format::Workbook),
            _ => None,
        }
    }
}

/// One problem of a row, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The path of the field.
    pub field: String,
    /// The stable code of the rule.
    pub code: String,
    /// What is wrong and what to do, in English and Chinese.
    pub reason: String,
}

/// A refused row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The row as it stood in the table.
    pub row: Row,
    /// Everything that is wrong with it.
    pub problems: Vec<Told>,
}

/// A report that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// As CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// As a workbook.
    #[error(transparent)]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

/// What a report says.
pub struct Report<'a> {
    /// The header of the table.
    pub header: &'a Arc<Header>,
    /// The refused rows, in the order of the table.
    pub rows: &'a [Refused],
    /// What there is to say of the table as a whole, a line each: what it is, what became of it.
    pub notes: &'a [String],
}

impl Report<'_> {
    /// The report as a file.
    pub fn bytes(&self, format: Format) -> Result<Vec<u8>, ReportError> {
        match format {
            Format::Csv => text::bytes(self),
            Format::Workbook => sheet::bytes(self),
        }
    }

    /// The headers: those of the table, then those that are added.
    fn titles(&self) -> impl Iterator<Item = &str> {
        self.header.own().map(|at| self.header.title(at)).chain(REPORT_COLUMNS)
    }

    /// The cells of a row under those headers, and whether each is at fault; what stood beyond the header comes last.
    fn cells(&self, refused: &Refused) -> Vec<(String, bool)> {
        let row = &refused.row;
        let at_fault: Vec<usize> = refused.problems.iter().filter_map(|told| row.place_of(&told.field)).collect();
        let cell = |at: usize| row.cells().get(at).map_or_else(String::new, |text| shown(text));
        let mut cells: Vec<_> = self.header.own().map(|at| (cell(at), at_fault.contains(&at))).collect();
        let joined = |part: fn(&Told) -> &str| refused.problems.iter().map(part).collect::<Vec<_>>().join("; ");
        let fields = refused.problems.iter().map(|told| match row.place_of(&told.field) {
            Some(at) => format!("{} {}", row.header().title(at), told.field),
            None => told.field.clone(),
        });
        cells.push((row.line.to_string(), false));
        cells.push((shown(&fields.collect::<Vec<_>>().join("; ")), false));
        cells.push((shown(&joined(|told| &told.reason)), false));
        cells.push((joined(|told| &told.code), false));
        cells.extend(row.cells().iter().skip(self.header.width()).map(|text| (shown(text), true)));
        cells
    }
}

/// The most characters that a cell of a workbook holds, with room for those of two code units.
const CELL_CHARS: usize = 16_000;

/// What stands where a cell was cut.
const CUT: &str = "… [cut 截断]";

/// A cell's text, cut where no spreadsheet could hold it, and then says so.
fn shown(text: &str) -> String {
    match text.char_indices().nth(CELL_CHARS) {
        Some((end, _)) => format!("{}{CUT}", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::column::Column;
    use super::super::open::Table;
    use super::*;

    const TABLE: &str = "备注,tractor,,enterprise code,crew 1 name,planned start\n\
                         =1+1,苏E·12345,\"a\nb\",91320509MAW373039Y,'n Jan,2026-12-01 08:00\n\
                         x,'+8613800138000,,'330106198802299797,-,@SUM(1),more,\n";

    fn refused() -> (Arc<Header>, Vec<Refused>) {
        let table = Table::of_bytes(TABLE.as_bytes().to_vec(), &[]).unwrap();
        let header = Arc::clone(table.header());
        let rows = table.rows(usize::MAX).unwrap().0;
        let told =
            |field: &str| Told { field: field.to_owned(), code: "rule".to_owned(), reason: "why 因".to_owned() };
        let refused =
            rows.into_iter().map(|row| Refused { row, problems: vec![told("tractor"), told("crew[0].name")] });
        (header, refused.collect())
    }

    #[test]
    fn a_report_is_read_again_as_the_table_that_it_was() {
        let (header, rows) = refused();
        let notes = ["list.csv: CSV, encoding GB18030".to_owned(), "=2 rows".to_owned()];
        for format in [Format::Csv, Format::Workbook] {
            let bytes = Report { header: &header, rows: &rows, notes: &notes }.bytes(format).unwrap();
            let table = Table::of_bytes(bytes, &[Column::Tractor]).unwrap();
            assert_eq!(table.about.unknown, ["备注"], "{format:?}");
            let again = Arc::clone(table.header());
            assert_eq!(
                again.own().map(|at| again.title(at)).collect::<Vec<_>>(),
                ["备注", "tractor", "", "enterprise code", "crew 1 name", "planned start"]
            );
            for (row, before) in table.rows(usize::MAX).unwrap().0.iter().zip(&rows) {
                let own: Vec<&String> = again.own().map(|at| &row.cells()[at]).collect();
                assert_eq!(own, before.row.cells().iter().take(6).collect::<Vec<_>>(), "{format:?}");
                let beyond = row.problems.iter().any(|problem| problem.rule == "too_many_cells");
                assert_eq!(beyond, before.row.cells().len() > 6, "{format:?}");
            }
        }
    }

    #[test]
    fn a_cell_that_no_spreadsheet_holds_is_cut_and_says_so() {
        let longest = "苏".repeat(CELL_CHARS);
        assert_eq!(shown(&longest), longest);
        assert_eq!(shown(&format!("{longest}E")), format!("{longest}{CUT}"));
    }

    #[test]
    fn nothing_in_a_report_is_a_formula() {
        let (header, rows) = refused();
        let report = Report { header: &header, rows: &rows, notes: &["=1".to_owned()] };
        let bytes = report.bytes(Format::Csv).unwrap();
        assert!(bytes.starts_with(b"\xef\xbb\xbf"));
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.has_headers(false).flexible(true).from_reader(&bytes[3..]);
        let dangerous = |cell: &str| cell.starts_with(['=', '+', '-', '@']);
        for row in reader.records() {
            assert!(!row.unwrap().iter().any(dangerous));
        }
        use calamine::Reader as _;
        let bytes = report.bytes(Format::Workbook).unwrap();
        let mut workbook = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        for sheet in workbook.sheet_names() {
            assert!(workbook.worksheet_formula(&sheet).unwrap().used_cells().all(|(.., formula)| formula.is_empty()));
        }
    }

    #[test]
    fn the_format_is_told_by_the_name() {
        assert_eq!(Format::of(Path::new("a/refused.XLSX")), Some(Format::Workbook));
        assert_eq!(Format::of(Path::new("refused.csv")), Some(Format::Csv));
        assert_eq!(Format::of(Path::new("refused.xls")), None);
        assert_eq!(Format::of(Path::new("refused")), None);
    }
}
