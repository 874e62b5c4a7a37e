//! One row of a table, with what is wrong with its cells.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::column::{CREW, Column, CrewColumn, EVIDENCE, EvidenceColumn, Kind};
use super::header::Header;
use crate::problem::FieldProblem;
use crate::profile::is_invisible;

/// The service takes no longer cells (`ImportRow`).
const CELL_BYTES: usize = 400;

/// The cells of a row as they stand in the file, the first of the header's first.
pub type Cells = Vec<String>;

/// One row.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, or its row in the sheet, from 1.
    pub line: u32,
    header: Arc<Header>,
    cells: Cells,
    /// Everything of which no value can be made; such a row is refused.
    pub problems: Vec<FieldProblem>,
}

/// Debug goes to logs, and the people do not.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("line", &self.line).field("problems", &self.problems).finish_non_exhaustive()
    }
}

impl Row {
    /// The row of these cells, in the order of the header. `problems` are those that were found on the way to the
    /// cells; what every cell must keep to is looked at here.
    pub fn of(header: &Arc<Header>, line: u32, cells: Cells, problems: Vec<FieldProblem>) -> Self {
        let mut row = Self { line, header: Arc::clone(header), cells, problems };
        let mut found = Vec::new();
        for (at, cell) in row.cells.iter().enumerate() {
            if let Some((rule, message)) = broken_rule(row.header.column(at), cell) {
                found.push(FieldProblem::new(row.field(at), rule, message));
            }
        }
        // A cell that was refused already is not refused twice.
        found.retain(|problem| row.problems.iter().all(|known| known.field != problem.field));
        row.problems.extend(found);
        row
    }

    /// The cell of that column, without the space around it; numbers, times and choices without full width and
    /// invisible marks. Empty where there is none.
    pub fn get(&self, column: Column) -> Cow<'_, str> {
        read(column, self.header.place(column).and_then(|at| self.cells.get(at)).map_or("", String::as_str))
    }

    /// Whether the row names anybody at that place.
    pub fn has_person(&self, at: usize) -> bool {
        [CrewColumn::Name, CrewColumn::PaperNumber].iter().any(|column| !self.get(Column::Crew(at, *column)).is_empty())
    }

    /// The places at which the row names people: the first of them is the first of the crew that is sent.
    pub fn people(&self) -> Vec<usize> {
        (0..CREW).filter(|at| self.has_person(*at)).collect()
    }

    /// The places at which something is said of evidence: the first of them is the first that is sent.
    pub fn evidence(&self) -> Vec<usize> {
        let said = |at: &usize| EvidenceColumn::ALL.iter().any(|of| !self.get(Column::Evidence(*at, *of)).is_empty());
        (0..EVIDENCE).filter(said).collect()
    }

    /// Whether nothing stands in it.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// Whether its cells are those of the columns: every problem is one of a cell, and none of the row.
    pub fn is_whole(&self) -> bool {
        self.problems.iter().all(|problem| self.place_of(&problem.field).is_some())
    }

    /// The row without the cells that have a problem.
    pub fn without_faults(&self) -> Self {
        let mut sound = self.clone();
        for problem in self.problems.iter().filter_map(|problem| self.place_of(&problem.field)) {
            if let Some(cell) = sound.cells.get_mut(problem) {
                cell.clear();
            }
        }
        sound.problems.clear();
        sound
    }

    /// The cells, as they stand in the file.
    pub fn cells(&self) -> &[String] {
        &self.cells
    }

    /// The header above it.
    pub fn header(&self) -> &Arc<Header> {
        &self.header
    }

    /// Where a field stands in the row, by the row's own columns.
    pub fn place_of(&self, field: &str) -> Option<usize> {
        (0..self.header.width()).find(|at| self.header.column(*at).is_some_and(|column| column.field() == field))
    }

    /// The path of a field as the service names it, by the row's own columns: crew and evidence that are sent have no
    /// gaps, and the table may.
    pub fn spelled(&self, field: &str) -> String {
        if field.starts_with("route.via[") {
            return Column::Via.field();
        }
        let sent = field.split_once('[').and_then(|(list, rest)| Some((list, rest.split_once(']')?)));
        let Some((list, (at, rest))) = sent else { return field.to_owned() };
        let places = match list {
            "crew" => self.people(),
            "evidence" => self.evidence(),
            _ => return field.to_owned(),
        };
        let place = at.parse().ok().and_then(|at: usize| places.get(at).copied());
        place.map_or_else(|| field.to_owned(), |place| format!("{list}[{place}]{rest}"))
    }

    /// What the cell at that place is called: the field, or its column where no field is known.
    pub fn field(&self, at: usize) -> String {
        field(&self.header, at)
    }
}

/// What a cell at that place is called.
pub fn field(header: &Header, at: usize) -> String {
    header.column(at).map_or_else(|| format!("column {}", at + 1), Column::field)
}

/// A cell as the verbs read it.
fn read(column: Column, cell: &str) -> Cow<'_, str> {
    let cell = cell.trim();
    match column.kind() {
        Kind::Moment | Kind::Plain if !cell.is_ascii() => {
            let plain: String = cell.nfkc().filter(|c| !is_invisible(*c)).collect();
            Cow::Owned(plain.trim().to_owned())
        }
        _ => Cow::Borrowed(cell),
    }
}

/// The rule that a cell breaks whatever stands in it. What nobody reads breaks none.
fn broken_rule(column: Option<Column>, cell: &str) -> Option<(&'static str, String)> {
    // Some characters become many: the cell that is sent counts too.
    let bytes = cell.len().max(read(column?, cell).len());
    if bytes > CELL_BYTES {
        return Some(("too_long", format!("{bytes} bytes of text, at most {CELL_BYTES} are allowed")));
    }
    // The service takes no request in which one stands, and the other rows shall not suffer for it.
    if cell.contains('\0') {
        return Some(("forbidden_character", "the character U+0000 is not allowed".to_owned()));
    }
    if is_scientific(cell.trim()) {
        return Some(("scientific_notation", SCIENTIFIC.to_owned()));
    }
    None
}

/// What to do with a number that a spreadsheet has rounded.
pub const SCIENTIFIC: &str = "a number in scientific notation: format the column as text and type it again; the digits \
                              beyond 15 are lost";

/// A number as spreadsheets write one that is too long for them, such as 3.30106E+17.
fn is_scientific(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['E', 'e']) else { return false };
    let Some(exponent) = exponent.strip_prefix('+') else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    digits(exponent) && digits(whole.trim_start_matches('-')) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Row {
        let titles = ["tractor", "crew 1 paper number", "gross mass kg", "crew 3 name", "planned start", "via"];
        let header = Header::read(&titles.map(str::to_owned), &[]).unwrap();
        Row::of(&Arc::new(header), 2, cells.iter().map(|cell| (*cell).to_owned()).collect(), Vec::new())
    }

    #[test]
    fn numbers_and_times_lose_their_width_and_names_are_left_to_the_service() {
        let row = row(&["苏Ｅ12345 ", "", "\u{200b}３８０００", "", "２０２６－１２－０１ ０８：００", ""]);
        assert!(row.problems.is_empty());
        assert_eq!(row.get(Column::GrossMass), "38000");
        assert_eq!(row.get(Column::PlannedStart), "2026-12-01 08:00");
        assert_eq!(row.get(Column::Tractor), "苏Ｅ12345");
    }

    #[test]
    fn rounded_numbers_long_cells_and_nul_are_refused_by_their_field() {
        for (text, rule) in [
            ("3.30106E+17", Some("scientific_notation")),
            ("3e+17", Some("scientific_notation")),
            ("33010619880229997X", None),
            ("E12345678", None),
            ("1E5", None),
            ("a\0", Some("forbidden_character")),
            (&"x".repeat(401), Some("too_long")),
        ] {
            let row = row(&["苏E12345", text]);
            let found: Vec<(&str, &str)> =
                row.problems.iter().map(|it| (it.field.as_str(), it.rule.as_ref())).collect();
            assert_eq!(
                found,
                rule.map(|rule| ("crew[0].paper_number", rule)).into_iter().collect::<Vec<_>>(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_problem_of_somebody_is_found_where_the_table_names_him() {
        let row = row(&["苏E12345", "", "", "王五", "", ""]);
        assert_eq!(row.people(), [2]);
        assert_eq!(row.spelled("crew[0].name"), "crew[2].name");
        assert_eq!(row.place_of("crew[2].name"), Some(3));
        assert_eq!(row.place_of("tractor"), Some(0));
        assert_eq!(row.place_of(&row.spelled("route.via[1]")), Some(5));
        assert_eq!(row.place_of("contact_name"), None);
    }

    #[test]
    fn a_problem_of_evidence_is_found_where_the_table_says_it() {
        let titles = ["tractor", "evidence 1 kind", "evidence 2 kind", "evidence 3 issuer"].map(str::to_owned);
        let header = Arc::new(Header::read(&titles, &[]).unwrap());
        let row = Row::of(&header, 2, ["苏E12345", "", "1", "x"].map(str::to_owned).to_vec(), Vec::new());
        assert_eq!(row.spelled("evidence[0].kind"), "evidence[1].kind");
        assert_eq!(row.spelled("evidence[1].issuer"), "evidence[2].issuer");
    }

    #[test]
    fn what_is_sound_of_a_row_can_be_asked_about() {
        let row = row(&["苏E12345", "3.3E+17", "", "王五", "", ""]);
        assert!(row.is_whole());
        let sound = row.without_faults();
        assert_eq!((sound.cells()[1].as_str(), sound.problems.len()), ("", 0));
        assert_eq!(sound.get(Column::Tractor), "苏E12345");
        let unclosed = FieldProblem::new("row", "unclosed_quote", "");
        assert!(!Row::of(row.header(), 2, vec![String::new()], vec![unclosed]).is_whole());
    }
}
