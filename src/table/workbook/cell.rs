//! What a cell of a sheet says as text: the value that a person sees, unless the spreadsheet has lost some of it.

use calamine::{DataRef, ExcelDateTime};
use jiff::civil;

use super::super::column::Kind;
use super::super::row::SCIENTIFIC;

/// Numbers from here on have more than 15 digits, of which a spreadsheet keeps 15.
const ROUNDED: f64 = 1e15;

/// A cell that is not empty.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// A number that is shown as a date or a time.
    Date(ExcelDateTime),
    /// The error of a formula.
    Error(String),
    /// A formula whose value was never calculated.
    Formula(String),
}

impl Cell {
    /// The cell of that value; none where it is empty.
    pub fn of(value: DataRef<'_>) -> Option<Self> {
        Some(match value {
            DataRef::Empty => return None,
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Text(text),
            DataRef::SharedString(text) => Cell::Text(text.to_owned()),
            DataRef::Int(number) => Cell::Number(number as f64),
            DataRef::Float(number) => Cell::Number(number),
            DataRef::Bool(value) => Cell::Text(if value { "TRUE" } else { "FALSE" }.to_owned()),
            DataRef::DateTime(moment) => Cell::Date(moment),
            DataRef::Error(error) => Cell::Error(error.to_string()),
        })
    }

    /// Whether it shows nothing: spaces that somebody left behind.
    pub fn is_blank(&self) -> bool {
        matches!(self, Cell::Text(text) if text.trim().is_empty())
    }

    /// Its text in a column of that kind, and the rule and the words where it has no value there.
    pub fn read(self, kind: Option<Kind>) -> (String, Option<(&'static str, String)>) {
        match self {
            Cell::Text(text) => (text, None),
            Cell::Number(number) => {
                let text = spelled(number);
                let problem = if !number.is_finite() || number.abs() >= ROUNDED {
                    Some(("scientific_notation", SCIENTIFIC.to_owned()))
                } else if kind == Some(Kind::Identifier) {
                    let message = "a number where text belongs: format the column as text and type it again; leading \
                                   zeros and digits beyond 15 are lost in a number";
                    Some(("numeric_cell", message.to_owned()))
                } else {
                    None
                };
                (text, problem)
            }
            Cell::Date(moment) => match (date(&moment), kind) {
                (Some(text), Some(Kind::Moment)) => (text, None),
                (text, _) => {
                    let message = "a date where none belongs: format the column as text and type it again";
                    (text.unwrap_or_else(|| spelled(moment.as_f64())), Some(("date_cell", message.to_owned())))
                }
            },
            Cell::Error(error) => {
                let message = format!("the formula gives the error {error}: mend it, or type the value");
                (error, Some(("error_cell", message)))
            }
            Cell::Formula(formula) => {
                let message = "a formula without a calculated value; formulas are not executed here: open the workbook \
                               and save it again, or type the value";
                (format!("={formula}"), Some(("formula_without_value", message.to_owned())))
            }
        }
    }
}

/// A number as it was typed; one that a spreadsheet has rounded as it shows it.
fn spelled(number: f64) -> String {
    if number.abs() >= ROUNDED { format!("{number:E}").replace('E', "E+") } else { format!("{number}") }
}

/// A date as people of the table's place wrote it, to the second; none for one that there never was.
fn date(moment: &ExcelDateTime) -> Option<String> {
    if moment.is_duration() {
        return None;
    }
    let (year, month, day, hour, minute, second, millisecond) = moment.to_ymd_hms_milli();
    let small = |value: u8| i8::try_from(value).ok();
    let date = civil::Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let time = civil::Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    // A fraction of a day is never quite the second that was meant.
    let seconds = i64::from(millisecond >= 500);
    let moment = date.to_datetime(time).checked_add(jiff::Span::new().seconds(seconds)).ok()?;
    let form = if moment.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    Some(moment.strftime(form).to_string())
}

/// The name of a cell as spreadsheets show it, such as `D7`; row and column from 0.
pub fn name(row: u32, column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn rule(cell: Cell, kind: Kind) -> (String, Option<&'static str>) {
        let (text, problem) = cell.read(Some(kind));
        (text, problem.map(|(rule, _)| rule))
    }

    #[test]
    fn numbers_are_text_as_typed_and_rounded_ones_are_refused() {
        for (number, text) in [(38_000.0, "38000"), (13_800_138_000.0, "13800138000"), (0.5, "0.5"), (-1.0, "-1")] {
            assert_eq!(rule(Cell::Number(number), Kind::Plain), (text.to_owned(), None));
        }
        assert_eq!(rule(Cell::Number(320_583.0), Kind::Identifier), ("320583".to_owned(), Some("numeric_cell")));
        for kind in [Kind::Identifier, Kind::Words, Kind::Plain] {
            let (text, rule) = rule(Cell::Number(330_106_198_802_299_000.0), kind);
            assert_eq!((text.as_str(), rule), ("3.30106198802299E+17", Some("scientific_notation")));
        }
    }

    #[test]
    fn dates_are_read_to_the_second_in_their_own_columns_only() {
        let at = |serial, kind| Cell::Date(ExcelDateTime::new(serial, kind, false));
        let moment = |serial| at(serial, ExcelDateTimeType::DateTime);
        assert_eq!(rule(moment(46_357.0), Kind::Moment), ("2026-12-01 00:00".to_owned(), None));
        // A third of a day, as a spreadsheet keeps it.
        assert_eq!(rule(moment(46_357.333_333_333_336), Kind::Moment).0, "2026-12-01 08:00");
        assert_eq!(rule(moment(46_357.333_333_32), Kind::Moment).0, "2026-12-01 08:00");
        assert_eq!(rule(moment(46_357.5 + 30.0 / 86_400.0), Kind::Moment).0, "2026-12-01 12:00:30");
        assert_eq!(rule(moment(46_357.0), Kind::Plain).1, Some("date_cell"));
        assert_eq!(rule(at(1.5, ExcelDateTimeType::TimeDelta), Kind::Moment).1, Some("date_cell"));
        // Excel has a day that never was.
        assert_eq!(rule(moment(60.0), Kind::Moment).1, Some("date_cell"));
    }

    #[test]
    fn cells_are_called_as_spreadsheets_call_them() {
        for (row, column, called) in
            [(0, 0, "A1"), (6, 3, "D7"), (0, 25, "Z1"), (0, 26, "AA1"), (1_048_575, 16_383, "XFD1048576")]
        {
            assert_eq!(name(row, column), called);
        }
    }
}
