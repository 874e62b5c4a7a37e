//! Where the records of a CSV file begin and end (RFC 4180, as the csv crate reads it), so that a quote that is never
//! closed costs its own line and not the rest of the file.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::lines::{Line, TextLines};

/// Lines of one cell: an address or a note has some; what goes on for longer is a forgotten quote.
const CELL_LINES: usize = 5;
/// Lines of one record: a header wraps in most of its cells.
const RECORD_LINES: usize = 64;

/// One record as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its lines; at least one.
    pub lines: Vec<Line>,
    /// Whether its quotes are closed where a cell ends; where they are not, it is one line only. On a single line text
    /// after a closing quote is let pass, as the csv crate does; over several lines that is another row's forgotten quote.
    pub closed: bool,
}

impl Record {
    /// The line on which it begins, from 1.
    pub fn line(&self) -> u32 {
        self.lines.first().map_or(0, |line| line.number)
    }

    /// Its text, with the end of its last line.
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| line.text.as_str()).collect()
    }

    /// Its first broken byte: the line, and the place in it.
    pub fn broken(&self) -> Option<(u32, usize)> {
        self.lines.iter().find_map(|line| Some((line.number, line.broken?)))
    }
}

/// The records of a file, without the blank lines between them.
pub struct Records<R> {
    lines: TextLines<R>,
    ahead: VecDeque<Line>,
    /// What stands between the cells.
    pub separator: char,
}

impl<R: BufRead> Records<R> {
    /// Those of these lines.
    pub fn of(lines: TextLines<R>, separator: char) -> Self {
        Self { lines, ahead: VecDeque::new(), separator }
    }

    /// The next line that is not blank; it is given again by [`Records::next`].
    pub fn peek_line(&mut self) -> io::Result<Option<&Line>> {
        while let Some(line) = self.line()? {
            if !is_blank(&line) {
                self.ahead.push_front(line);
                return Ok(self.ahead.front());
            }
        }
        Ok(None)
    }

    /// The next record: the first line whose end is no part of a cell ends it.
    pub fn next(&mut self) -> io::Result<Option<Record>> {
        let first = loop {
            match self.line()? {
                None => return Ok(None),
                Some(line) if is_blank(&line) => {}
                Some(line) => break line,
            }
        };
        let mut cell = Cell { state: State::Begins, stray: false, lines: 0, separator: self.separator };
        cell.reads(&first);
        let mut lines = vec![first];
        while cell.state == State::Quoted && cell.lines < CELL_LINES && lines.len() < RECORD_LINES {
            let Some(line) = self.line()? else { break };
            cell.reads(&line);
            lines.push(line);
        }
        let closed = cell.state != State::Quoted && (lines.len() == 1 || !cell.stray);
        let mut record = Record { lines, closed };
        if !closed {
            self.resume_after_first_line(&mut record);
        }
        Ok(Some(record))
    }

    /// Goes back to the second line of `record`: its other lines are records of their own.
    pub fn resume_after_first_line(&mut self, record: &mut Record) {
        while record.lines.len() > 1 {
            let Some(last) = record.lines.pop() else { return };
            self.ahead.push_front(last);
        }
    }

    /// Gives `record` again.
    pub fn go_back(&mut self, record: Record) {
        for line in record.lines.into_iter().rev() {
            self.ahead.push_front(line);
        }
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }
}

fn is_blank(line: &Line) -> bool {
    line.text.chars().all(|character| matches!(character, '\r' | '\n'))
}

/// How far a record has been read.
#[derive(Debug, Clone, Copy)]
struct Cell {
    state: State,
    /// Text came after a closing quote.
    stray: bool,
    /// Lines on which the cell stands that is open.
    lines: usize,
    separator: char,
}

/// Where in a cell a character stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Begins,
    Plain,
    Quoted,
    /// After a quote inside quotes: the end of them, or the first of two.
    QuoteInQuotes,
}

impl Cell {
    fn reads(&mut self, line: &Line) {
        self.lines += 1;
        line.text.trim_end_matches(['\r', '\n']).chars().for_each(|character| self.goes_on(character));
    }

    fn goes_on(&mut self, character: char) {
        self.state = match (self.state, character) {
            (State::Quoted, '"') => State::QuoteInQuotes,
            (State::Quoted, _) | (State::Begins | State::QuoteInQuotes, '"') => State::Quoted,
            (_, other) if other == self.separator => {
                self.lines = 1;
                State::Begins
            }
            (before, _) => {
                self.stray |= before == State::QuoteInQuotes;
                State::Plain
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::encoding::Encoding;
    use super::*;

    fn records(text: &[u8]) -> Records<&[u8]> {
        Records::of(TextLines::of(text, Encoding::Utf8 { mark: false }), ',')
    }

    fn of(text: &str) -> Vec<(u32, String, bool)> {
        let mut records = records(text.as_bytes());
        let mut all = Vec::new();
        while let Some(record) = records.next().unwrap() {
            all.push((record.line(), record.text().trim_end().to_owned(), record.closed));
        }
        all
    }

    fn wanted(all: &[(u32, &str, bool)]) -> Vec<(u32, String, bool)> {
        all.iter().map(|(line, text, closed)| (*line, (*text).to_owned(), *closed)).collect()
    }

    #[test]
    fn records_begin_on_the_lines_that_an_editor_counts() {
        assert_eq!(
            of("a,b\r\n\r\nc,\"d\ne\"\n\nf\rg"),
            wanted(&[(1, "a,b", true), (3, "c,\"d\ne\"", true), (6, "f", true), (7, "g", true)])
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_own_line() {
        let text = "a\nb,\"c\nd\ne\nf\ng\nh\n";
        let found = of(text);
        assert_eq!(found[1..3], wanted(&[(2, "b,\"c", false), (3, "d", true)]));
        assert_eq!(found.len(), 7);
        assert_eq!(of("\"a\nb"), wanted(&[(1, "\"a", false), (2, "b", true)]));
        // A quote in the middle of a cell is none.
        assert_eq!(of("5\" pipe,b\nc"), wanted(&[(1, "5\" pipe,b", true), (2, "c", true)]));
    }

    #[test]
    fn a_header_that_wraps_in_every_cell_is_one_record() {
        let header = (0..20).map(|at| format!("\"column\n{at}\"")).collect::<Vec<_>>().join(",");
        let found = of(&format!("{header}\na,b"));
        assert_eq!(found, wanted(&[(1, &header, true), (22, "a,b", true)]));
    }

    #[test]
    fn the_other_lines_of_a_record_can_be_read_by_themselves() {
        let mut records = records(b"\"a\nb\nc\",d\ne");
        let mut record = records.next().unwrap().unwrap();
        assert_eq!((record.lines.len(), record.closed), (3, true));
        records.resume_after_first_line(&mut record);
        assert_eq!(record.text(), "\"a\n");
        for (line, text) in [(2, "b\n"), (3, "c\",d\n"), (4, "e")] {
            let record = records.next().unwrap().unwrap();
            assert_eq!((record.line(), record.text().as_str()), (line, text));
        }
        assert_eq!(records.next().unwrap(), None);
    }

    proptest! {
        #[test]
        fn what_is_well_formed_is_cut_as_the_csv_crate_cuts_it(
            rows in prop::collection::vec(prop::collection::vec("[a,\"\n ]{0,3}", 1..4), 1..8)
        ) {
            let mut builder = csv::WriterBuilder::new();
            let mut writer = builder.flexible(true).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let few = rows.iter().flatten().all(|cell| cell.matches('\n').count() < CELL_LINES);
            prop_assume!(few);
            let mut records = records(&bytes);
            let mut read = Vec::new();
            while let Some(record) = records.next().unwrap() {
                prop_assert!(record.closed);
                let text = record.text();
                let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
                let row = reader.records().next().unwrap().unwrap();
                read.push(row.iter().map(str::to_owned).collect::<Vec<_>>());
            }
            prop_assert_eq!(read, rows);
        }
    }
}
