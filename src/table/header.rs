//! The line that names the columns: found below titles, read in either language and any spelling, and refused with
//! everything that is wrong with it at once.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::column::Column;
use super::error::TableError;

/// Lines that are looked at for the header: above it stand at most a title and some notes.
pub const WITHIN_LINES: usize = 10;
/// Headers that a line must have to be one; a title has none.
const FEWEST: usize = 2;
/// Columns of a table: five times those that are known. What stands beyond is no table's.
pub const MAX_COLUMNS: usize = 256;

/// The columns that a report adds: line, field, reason, code. At an import they mean nothing, where the first of them
/// stands.
pub const REPORT_COLUMNS: [&str; 4] = ["行/line", "栏/field", "原因/reason", "code"];

/// What stands at a place of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Known(Column),
    Unknown,
    /// Added by a report.
    Report,
    Blank,
}

/// A header that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    places: Vec<Place>,
    titles: Vec<String>,
    known: BTreeMap<Column, usize>,
}

impl Header {
    /// Reads a header that must have the columns `needed`.
    ///
    /// # Errors
    /// [`TableError::Header`] with every column that is missing or stands twice.
    pub fn read(cells: &[String], needed: &[Column]) -> Result<Self, TableError> {
        let cells = &cells[..cells.len().min(MAX_COLUMNS)];
        let places = places(cells);
        let mut known = BTreeMap::new();
        let mut twice = Vec::new();
        for (at, place) in places.iter().enumerate() {
            if let Place::Known(column) = place
                && known.insert(*column, at).is_some()
            {
                twice.push(shown(&cells[at]));
            }
        }
        let header = Self { titles: cells.iter().map(|cell| shown(cell)).collect(), places, known };
        let all = Column::all();
        let missing: Vec<String> = all
            .into_iter()
            .filter(|(column, ..)| needed.contains(column) && !header.known.contains_key(column))
            .map(|(_, zh, en)| format!("{zh} / {en}"))
            .collect();
        if missing.is_empty() && twice.is_empty() {
            Ok(header)
        } else {
            Err(TableError::Header { missing, twice, unknown: header.unknown() })
        }
    }

    /// Whether these cells are a header: at least two of them are known.
    pub fn is_one(cells: &[String]) -> bool {
        let mut known: Vec<Place> = places(&cells[..cells.len().min(MAX_COLUMNS)]);
        known.retain(|place| matches!(place, Place::Known(_)));
        known.dedup();
        known.len() >= FEWEST
    }

    /// How many columns there are, named or not.
    pub fn width(&self) -> usize {
        self.places.len()
    }

    /// Where that column stands.
    pub fn place(&self, column: Column) -> Option<usize> {
        self.known.get(&column).copied()
    }

    /// What stands at that place, where it is known.
    pub fn column(&self, at: usize) -> Option<Column> {
        match self.places.get(at) {
            Some(Place::Known(column)) => Some(*column),
            _ => None,
        }
    }

    /// The header at that place as it stands in the file.
    pub fn title(&self, at: usize) -> &str {
        self.titles.get(at).map_or("", String::as_str)
    }

    /// The places of the columns that the table had before a report added its own.
    pub fn own(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.places.len()).filter(|at| self.places[*at] != Place::Report)
    }

    /// Headers that mean nothing here.
    pub fn unknown(&self) -> Vec<String> {
        let unknown = self.places.iter().zip(&self.titles).filter(|(place, _)| **place == Place::Unknown);
        unknown.map(|(_, title)| title.clone()).collect()
    }
}

fn places(cells: &[String]) -> Vec<Place> {
    let all: BTreeMap<String, Column> =
        Column::all().into_iter().flat_map(|(column, zh, en)| [(plain(&zh), column), (plain(&en), column)]).collect();
    let added = REPORT_COLUMNS.map(plain);
    let plains: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
    let is_report = plains.contains(&added[0]);
    let place = |plain: &String| match all.get(plain) {
        Some(column) => Place::Known(*column),
        None if plain.is_empty() => Place::Blank,
        None if is_report && added.contains(plain) => Place::Report,
        None => Place::Unknown,
    };
    plains.iter().map(place).collect()
}

/// A header without what people write differently: case, spaces, underscores, brackets, full width, invisible marks.
fn plain(header: &str) -> String {
    header.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn shown(cell: &str) -> String {
    cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::column::CrewColumn;
    use super::*;

    const NEEDED: [Column; 2] = [Column::EnterpriseCode, Column::Tractor];

    fn cells(line: &str) -> Vec<String> {
        line.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn headers_may_be_in_either_language_in_any_order_and_spelled_freely() {
        for line in [
            "统一社会信用代码,牵引车号牌,人员1姓名",
            "Enterprise_Code , TRACTOR,crew 1 name",
            "\u{feff}统一社会信用代码,牵引车号牌,人员１姓名",
            " 统一社会信用\u{200b}代码\u{3000},牵引车 号牌,人员 1（姓名）",
        ] {
            let header = Header::read(&cells(line), &NEEDED).unwrap();
            assert_eq!(header.place(Column::Tractor), Some(1), "{line}");
            assert_eq!(header.column(2), Some(Column::Crew(0, CrewColumn::Name)), "{line}");
            assert!(header.unknown().is_empty());
            assert!(Header::is_one(&cells(line)));
        }
        let header = Header::read(&cells("colour,tractor,,enterprise code"), &NEEDED).unwrap();
        assert_eq!((header.unknown(), header.width()), (vec!["colour".to_owned()], 4));
    }

    #[test]
    fn everything_that_is_wrong_with_a_header_is_told_at_once() {
        let error = Header::read(&cells("plate,Tractor,tractor,name"), &NEEDED).unwrap_err().to_string();
        for part in ["统一社会信用代码 / enterprise code", "tractor", "twice", "plate, name", "freightpass sample"]
        {
            assert!(error.contains(part), "{part} in {error}");
        }
        assert!(!Header::is_one(&cells("苏州市白名单,,")));
        assert!(!Header::is_one(&cells("tractor,Tractor")));
    }

    #[test]
    fn columns_of_a_report_mean_nothing_where_they_stand_together() {
        let header =
            Header::read(&cells("tractor,enterprise code,行/line,栏/field,原因/reason,code"), &NEEDED).unwrap();
        assert!(header.unknown().is_empty());
        assert_eq!(header.own().collect::<Vec<_>>(), [0, 1]);
        let header = Header::read(&cells("tractor,enterprise code,code"), &NEEDED).unwrap();
        assert_eq!(header.unknown(), ["code"]);
    }
}
