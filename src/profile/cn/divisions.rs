//! The divisions of GB/T 2260 down to counties, now and in the past: the table that tools/divisions.py wrote.

use std::sync::LazyLock;

use freightpass_core::division::{Code, Division};

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("divisions.tsv")));

/// Provinces whose counties stand directly under them.
const MUNICIPALITIES: [u32; 4] = [11, 12, 31, 50];

/// One row: one division in the years in which the yearly tables of GB/T 2260 held it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Code of six digits.
    pub code: u32,
    /// Name, without those of the divisions around it.
    pub name: &'static str,
    /// First year; none: 1980 or before.
    pub first: Option<u16>,
    /// Last year; none: in force.
    pub last: Option<u16>,
    /// What stands behind the code.
    pub kind: Kind,
}

/// What stands behind a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A province, prefecture or county.
    Place,
    /// A line under which others stand, such as 429000 and 320501: nothing on the ground.
    Heading,
    /// A development zone or archipelago that only the statistical office counts.
    Zone,
    /// A body outside GB/T 2260 whose code nevertheless stands in ID numbers.
    Administration,
}

/// Every row of that code, the oldest first.
pub fn rows(code: u32) -> &'static [Row] {
    let rows = &TABLE.rows;
    let start = rows.partition_point(|row| row.code < code);
    let end = rows.partition_point(|row| row.code <= code);
    rows.get(start..end).unwrap_or_default()
}

/// The row of that code that counts now: the one in force, else the last that was.
pub fn latest(code: u32) -> Option<&'static Row> {
    let rows = rows(code);
    rows.iter().find(|row| row.last.is_none()).or_else(|| rows.iter().max_by_key(|row| row.last))
}

/// The counties in force under the province or prefecture of that code, by ascending code; none under a county.
pub fn counties_of(code: u32) -> impl Iterator<Item = &'static Row> {
    let below = match code {
        province if province.is_multiple_of(10_000) => province + 1..province + 10_000,
        prefecture if prefecture.is_multiple_of(100) => prefecture + 1..prefecture + 100,
        county => county..county,
    };
    let rows = &TABLE.rows;
    let start = rows.partition_point(|row| row.code < below.start);
    let end = rows.partition_point(|row| row.code < below.end);
    rows.get(start..end).unwrap_or_default().iter().filter(|row| is_current(row) && !row.code.is_multiple_of(100))
}

/// The counties, districts and county-level cities in force, by ascending code.
pub fn current_counties() -> impl Iterator<Item = &'static Row> {
    current().filter(|row| !row.code.is_multiple_of(100))
}

/// The prefectures in force, by ascending code; with 441900 and its like, which have no counties, and without the
/// municipalities.
pub fn current_prefectures() -> impl Iterator<Item = &'static Row> {
    current().filter(|row| row.code.is_multiple_of(100) && !row.code.is_multiple_of(10_000))
}

/// The provinces in force, by ascending code.
pub fn current_provinces() -> impl Iterator<Item = &'static Row> {
    current().filter(|row| row.code.is_multiple_of(10_000))
}

/// The division as passes carry it: the code without trailing 00.
pub fn wire(code: u32) -> Option<Division> {
    let short = match code {
        code if code.is_multiple_of(10_000) => code / 10_000,
        code if code.is_multiple_of(100) => code / 100,
        code => code,
    };
    Code::new(short).map(Division::Code)
}

/// The code of six digits, padded with zeros on the right.
pub const fn padded(code: Code) -> u32 {
    match code.value() {
        short @ ..100 => short * 10_000,
        short @ ..10_000 => short * 100,
        whole => whole,
    }
}

/// The names from the province down to the division itself, as they are spoken: headings are left out.
pub fn path(code: u32) -> Option<Vec<&'static str>> {
    let own = latest(code)?;
    let mut around = vec![code / 10_000 * 10_000, code / 100 * 100];
    around.retain(|outer| *outer != code);
    around.dedup();
    let mut names: Vec<_> =
        around.into_iter().filter_map(latest).filter(|row| row.kind == Kind::Place).map(|row| row.name).collect();
    names.push(own.name);
    Some(names)
}

fn current() -> impl Iterator<Item = &'static Row> {
    TABLE.rows.iter().filter(|row| is_current(row))
}

fn is_current(row: &Row) -> bool {
    row.last.is_none() && row.kind == Kind::Place
}

struct Table {
    /// By ascending code, then first year.
    rows: Vec<Row>,
}

impl Table {
    /// Reads the table that is built in; a test reads every line of it, so that nothing is dropped here.
    fn read(text: &'static str) -> Self {
        let mut rows: Vec<Row> = text.lines().filter_map(Row::read).collect();
        rows.sort_by_key(|row| (row.code, row.first));
        Self { rows }
    }
}

impl Row {
    fn read(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let code = cells.next()?.parse().ok()?;
        let name = cells.next()?;
        let first = year(cells.next()?)?;
        let last = year(cells.next()?)?;
        let kind = match cells.next()? {
            "place" => Kind::Place,
            "heading" => Kind::Heading,
            "zone" => Kind::Zone,
            "administration" => Kind::Administration,
            _ => return None,
        };
        cells.next().is_none().then_some(Self { code, name, first, last, kind })
    }

    /// Whether it is a province that counties stand directly under.
    pub fn is_municipality(&self) -> bool {
        MUNICIPALITIES.contains(&(self.code / 10_000))
    }
}

/// An empty cell is no year; anything else must be one.
fn year(cell: &str) -> Option<Option<u16>> {
    if cell.is_empty() { Some(None) } else { cell.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read_and_in_order() {
        let text = include_str!("divisions.tsv");
        assert_eq!(TABLE.rows.len(), text.lines().count());
        let lines: Vec<_> = text.lines().filter_map(|line| line.get(..6)).collect();
        assert!(lines.is_sorted());
        assert!(TABLE.rows.iter().all(|row| (100_000..1_000_000).contains(&row.code) && !row.name.is_empty()));
    }

    #[test]
    fn no_code_is_two_divisions_now() {
        // In the past some were: the tables of 1982 and 1983 numbered parts of Hunan and Guangdong in two ways.
        let open: Vec<_> = TABLE.rows.iter().filter(|row| row.last.is_none()).map(|row| row.code).collect();
        assert!(open.is_sorted_by(|earlier, later| earlier < later));
    }

    #[test]
    fn as_many_divisions_are_in_force_as_the_ministry_counts() {
        // Its figures for the end of 2023.
        assert_eq!(current_provinces().count(), 34);
        assert_eq!(current_prefectures().count(), 333);
        assert_eq!(current_counties().count(), 2844);
    }

    #[test]
    fn every_county_in_force_has_its_prefecture_or_stands_under_its_province() {
        for row in current_counties() {
            let names = path(row.code).unwrap();
            let run_by_province = row.code / 100 % 100 == 90 || row.is_municipality();
            assert_eq!(names.len(), if run_by_province { 2 } else { 3 }, "{} {names:?}", row.code);
        }
    }

    #[test]
    fn names_are_told_with_those_around_them() {
        for (code, names) in [
            (320_583, vec!["江苏省", "苏州市", "昆山市"]),
            (320_500, vec!["江苏省", "苏州市"]),
            (320_000, vec!["江苏省"]),
            (441_900, vec!["广东省", "东莞市"]),
            (429_004, vec!["湖北省", "仙桃市"]),
            (659_009, vec!["新疆维吾尔自治区", "昆玉市"]),
            (310_115, vec!["上海市", "浦东新区"]),
            (500_240, vec!["重庆市", "石柱土家族自治县"]),
            (810_000, vec!["香港特别行政区"]),
            (341_402, vec!["安徽省", "巢湖市", "居巢区"]),
        ] {
            assert_eq!(path(code), Some(names), "{code}");
        }
        assert_eq!(path(999_999), None);
    }

    #[test]
    fn a_code_given_again_is_the_one_in_force() {
        assert_eq!(rows(419_001).len(), 2);
        assert_eq!(latest(419_001).map(|row| (row.name, row.last)), Some(("济源市", None)));
    }

    #[test]
    fn prefectures_without_counties_are_known() {
        let bare: Vec<_> =
            current_prefectures().map(|row| row.code).filter(|code| counties_of(*code).next().is_none()).collect();
        assert_eq!(bare, [441_900, 442_000, 460_400, 620_200]);
    }

    #[test]
    fn wire_form_and_six_digits_lead_to_each_other() {
        for row in TABLE.rows.iter() {
            let Some(Division::Code(code)) = wire(row.code) else { panic!("{}", row.code) };
            assert_eq!(padded(code), row.code);
        }
        assert_eq!(wire(0), None);
    }
}
