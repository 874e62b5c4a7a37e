//! CSV: its separator, its header, its rows.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::column::Column;
use super::encoding::{Encoding, detect};
use super::error::TableError;
use super::guard::unguarded;
use super::header::{Header, WITHIN_LINES};
use super::lines::TextLines;
use super::records::{Record, Records};
use super::row::{Row, field};
use crate::problem::FieldProblem;

/// What stands between cells: in most of the world, in its south, and where a table was copied out of a spreadsheet.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// A CSV file whose header has been read.
pub struct Text<R: Read> {
    records: Records<BufReader<R>>,
    /// Its header.
    pub header: Arc<Header>,
    /// The line of the header.
    pub header_line: u32,
    /// Its encoding.
    pub encoding: Encoding,
    /// Its lines, with the header.
    pub lines: u64,
}

impl<R: Read + Seek> Text<R> {
    /// Reads up to the header.
    pub fn open(mut input: R, needed: &[Column]) -> Result<Self, TableError> {
        let (encoding, lines) = detect(&mut BufReader::new(&mut input))?;
        input.seek(SeekFrom::Start(0))?;
        let mut records = Records::of(TextLines::of(BufReader::new(input), encoding), ',');
        if let Some(separator) = told_separator(&mut records)? {
            records.separator = separator;
        } else {
            records.separator = SEPARATORS[0];
        }
        let (header, header_line) = header(&mut records, encoding, needed)?;
        Ok(Self { records, header: Arc::new(header), header_line, encoding, lines })
    }

    /// What stands between its cells.
    pub fn separator(&self) -> char {
        self.records.separator
    }

    /// Gives each row that is not blank to `each`, until that says that it is enough.
    pub fn read(mut self, each: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), TableError> {
        while let Some(mut record) = self.records.next()? {
            let (line, lines) = (record.line(), record.lines.len());
            let mut cells = cells(&record, self.records.separator)?;
            let blank = cells.iter().all(|cell| cell.trim().is_empty());
            if record.closed && blank {
                continue;
            }
            // Two forgotten quotes enclose the rows between them.
            let encloses = lines > 1 && cells.len() != self.header.width();
            if encloses {
                self.records.resume_after_first_line(&mut record);
                cells = self::cells(&record, self.records.separator)?;
            }
            let problem =
                if encloses || !record.closed { Some(unclosed_quote()) } else { self.problem(&record, &cells) };
            let row = Row::of(&self.header, line, cells, problem.into_iter().collect());
            if each(row).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// What is wrong with the record as a whole.
    fn problem(&self, record: &Record, cells: &[String]) -> Option<FieldProblem> {
        if let Some((line, byte)) = record.broken() {
            let at = cells.iter().position(|cell| cell.contains('\u{fffd}'));
            let field = at.map_or_else(|| "row".to_owned(), |at| field(&self.header, at));
            let message = format!("byte {byte} of line {line} means nothing in {}", self.encoding);
            return Some(FieldProblem::new(field, "encoding", message));
        }
        let beyond = cells.iter().skip(self.header.width()).position(|cell| !cell.trim().is_empty())?;
        let message = "the row has more cells than the header; a separator inside a cell needs quotes around it";
        Some(FieldProblem::new(format!("column {}", self.header.width() + beyond + 1), "too_many_cells", message))
    }
}

/// The separator that a first line `sep=;` names, as Excel writes and reads it.
fn told_separator<R: std::io::BufRead>(records: &mut Records<R>) -> Result<Option<char>, TableError> {
    let told = records.peek_line()?.and_then(|line| {
        let mut told = line.text.trim_end_matches(['\r', '\n']).strip_prefix("sep=")?.chars();
        told.next().filter(|_| told.next().is_none())
    });
    let told = told.filter(|separator| SEPARATORS.contains(separator));
    if told.is_some() {
        records.next()?;
    }
    Ok(told)
}

/// The first record that is a header, with whichever separator makes one of it; the first of all where none is.
fn header<R: std::io::BufRead>(
    records: &mut Records<R>,
    encoding: Encoding,
    needed: &[Column],
) -> Result<(Header, u32), TableError> {
    let mut above = Vec::new();
    while above.len() < WITHIN_LINES {
        let Some(record) = records.next()? else { break };
        for separator in SEPARATORS {
            let cells = cells(&record, separator)?;
            if Header::is_one(&cells) {
                return taken(records, record, separator, encoding, needed);
            }
        }
        above.push(record);
    }
    if above.is_empty() {
        return Err(TableError::Empty);
    }
    let first = above.remove(0);
    for record in above.into_iter().rev() {
        records.go_back(record);
    }
    taken(records, first, records.separator, encoding, needed)
}

fn taken<R: std::io::BufRead>(
    records: &mut Records<R>,
    record: Record,
    separator: char,
    encoding: Encoding,
    needed: &[Column],
) -> Result<(Header, u32), TableError> {
    records.separator = separator;
    if !record.closed {
        return Err(TableError::OpenHeader { line: record.line() });
    }
    if let Some((line, byte)) = record.broken() {
        return Err(TableError::BrokenHeader { line, byte, encoding });
    }
    Ok((Header::read(&cells(&record, separator)?, needed)?, record.line()))
}

fn cells(record: &Record, separator: char) -> Result<Vec<String>, TableError> {
    let text = record.text();
    // The end of the line is no part of a cell whose quote is never closed.
    let text = text.trim_end_matches(['\r', '\n']);
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .buffer_capacity(text.len().max(1));
    let mut row = csv::StringRecord::new();
    reader.from_reader(text.as_bytes()).read_record(&mut row).map_err(TableError::damaged)?;
    Ok(row.iter().map(|cell| unguarded(cell).to_owned()).collect())
}

fn unclosed_quote() -> FieldProblem {
    let message = "a quote (\") is not closed on this line; two of them stand for one inside a cell";
    FieldProblem::new("row", "unclosed_quote", message)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    type Read = (Vec<u32>, Vec<(u32, String, String)>);

    /// Lines that are good, and what is wrong with the others.
    fn read(bytes: &[u8]) -> Read {
        let text = Text::open(Cursor::new(bytes.to_vec()), &[Column::EnterpriseCode, Column::Tractor]).unwrap();
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        let mut each = |row: Row| {
            match row.problems.first() {
                None => good.push(row.line),
                Some(problem) => refused.push((row.line, problem.field.clone(), problem.rule.to_string())),
            }
            ControlFlow::Continue(())
        };
        text.read(&mut each).unwrap();
        (good, refused)
    }

    fn first(bytes: &[u8]) -> (Row, char) {
        let text = Text::open(Cursor::new(bytes.to_vec()), &[]).unwrap();
        let separator = text.separator();
        let mut rows = Vec::new();
        let mut each = |row| {
            rows.push(row);
            ControlFlow::Break(())
        };
        text.read(&mut each).unwrap();
        (rows.remove(0), separator)
    }

    fn refusal(line: u32, field: &str, rule: &str) -> (u32, String, String) {
        (line, field.to_owned(), rule.to_owned())
    }

    #[test]
    fn a_forgotten_quote_is_refused_by_itself_and_takes_no_other_row_along() {
        let row = |at: u32| format!("苏E{at:05},91320509MAW373039Y\n");
        let read = |broken: &[u32]| {
            let rows = (1..=10).map(|at| if broken.contains(&at) { format!("\"{}", row(at)) } else { row(at) });
            super::tests::read(format!("tractor,enterprise code\n{}", rows.collect::<String>()).as_bytes())
        };
        let refusal = |line| refusal(line, "row", "unclosed_quote");
        assert_eq!(read(&[3]), (vec![2, 3, 5, 6, 7, 8, 9, 10, 11], vec![refusal(4)]));
        assert_eq!(read(&[10]), ((2..=10).collect(), vec![refusal(11)]));
        // Two of them enclose rows, and are refused each.
        assert_eq!(read(&[3, 5]).1, [refusal(4), refusal(6)]);
        assert_eq!(read(&[3, 5]).0.len(), 8);
        // The end of its line is no part of the open cell: a report would make two lines of it.
        let (row, _) = first("tractor,enterprise code\nA,\"B\r\n".as_bytes());
        assert_eq!(row.cells(), ["A", "B"]);
        let (row, _) = first("tractor,enterprise code\n\"苏E\n12345\",B\nC,D\n".as_bytes());
        assert_eq!(row.get(Column::Tractor), "苏E\n12345");
    }

    #[test]
    fn a_broken_line_is_refused_by_itself() {
        let (good, refused) = read(b"tractor,enterprise code\nA,B\nA,\xff\n\nD,E,F\nG\n,\n");
        assert_eq!(good, [2, 6]);
        assert_eq!(refused, [refusal(3, "enterprise_code", "encoding"), refusal(5, "column 3", "too_many_cells")]);
    }

    #[test]
    fn cells_are_parted_by_comma_semicolon_or_tab_as_the_header_shows() {
        for (text, wanted) in [
            ("tractor,enterprise code\nA;1,B\n", (',', "A;1")),
            ("tractor;enterprise code\n\"A\"\"1\";B\n", (';', "A\"1")),
            ("tractor\tenterprise code\nA,1\tB\n", ('\t', "A,1")),
            ("sep=;\r\ntractor;enterprise code\nA,1;B\n", (';', "A,1")),
        ] {
            let (row, separator) = first(text.as_bytes());
            assert_eq!((separator, row.get(Column::Tractor).as_ref()), wanted);
            assert_eq!(row.get(Column::EnterpriseCode), "B");
        }
    }

    #[test]
    fn titles_above_the_header_are_no_rows_and_a_guard_is_no_part_of_a_value() {
        let (row, _) = first("苏州市白名单,,\n\n2026-11-25,,\ntractor,enterprise code\n'+1,'123456789012\n".as_bytes());
        assert_eq!((row.line, row.get(Column::Tractor).as_ref()), (5, "+1"));
        assert_eq!(row.get(Column::EnterpriseCode), "123456789012");
    }

    #[test]
    fn a_file_without_a_header_says_what_is_wrong() {
        let told = |bytes: &[u8]| {
            let text = Text::open(Cursor::new(bytes.to_vec()), &[Column::Tractor]);
            text.err().expect("no table").to_string()
        };
        for (bytes, part) in [
            (&b"\r\n\n"[..], "empty"),
            (b"\"tractor,a\nb,c\nd,e\nf,g\nh,i\nj,k\n", "not closed"),
            (b"tractor,crew 1 name,\xff\n", "byte 21"),
            (b"1,2\n3,4\n", "牵引车号牌 / tractor"),
        ] {
            let told = told(bytes);
            assert!(told.contains(part), "{part} in {told}");
        }
    }
}
