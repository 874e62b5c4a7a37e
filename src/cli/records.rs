//! Where the records of a CSV file begin and end (RFC 4180, as the csv crate reads it), so that a quote that is never
//! closed costs its own line and not the rest of the file.

/// Lines of one record: a cell may hold an address of some lines; what goes on for longer is a forgotten quote.
const RECORD_LINES: usize = 5;

/// One record as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Line on which it begins, from 1.
    pub line: u32,
    /// Its bytes, with the end of its last line.
    pub bytes: &'a [u8],
    /// Lines that it has.
    pub lines: usize,
    /// Whether its quotes are closed where a cell ends; where they are not, it is one line only. On a single line text
    /// after a closing quote is let pass, as the csv crate does; over several lines that is another row's forgotten quote.
    pub closed: bool,
    /// Where it begins in the file.
    start: usize,
    /// Where its first line ends in the file.
    first_end: usize,
}

/// The records of a file, without the blank lines between them.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> Records<'a> {
    /// Those of these bytes.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// Goes back to the second line of `record`: its other lines are records of their own.
    pub fn resume_after_first_line(&mut self, record: &Record<'a>) {
        self.at = record.first_end;
        self.line = record.line + 1;
    }

    /// The record that begins at `start`: the first line whose end is no part of a cell ends it.
    fn record(&self, start: usize) -> Record<'a> {
        let mut cell = Cell { state: State::Begins, stray: false };
        let mut first_end = None;
        let mut lines = 0;
        let mut end = start;
        while lines < RECORD_LINES && end < self.bytes.len() {
            end = self.line_end(end, &mut cell);
            lines += 1;
            first_end.get_or_insert(end);
            if cell.state != State::Quoted {
                break;
            }
        }
        let closed = cell.state != State::Quoted && (lines <= 1 || !cell.stray);
        let first_end = first_end.unwrap_or(end);
        let (end, lines) = if closed { (end, lines) } else { (first_end, 1) };
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        Record { line: self.line, bytes, lines, closed, start, first_end }
    }

    /// Where the line that begins at `at` ends, its end included; `cell` is the one in which it begins.
    fn line_end(&self, mut at: usize, cell: &mut Cell) -> usize {
        while let Some(byte) = self.bytes.get(at) {
            at += 1;
            match byte {
                b'\r' if self.bytes.get(at) == Some(&b'\n') => return at + 1,
                b'\r' | b'\n' => return at,
                _ => cell.goes_on(*byte),
            }
        }
        at
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        loop {
            if self.at >= self.bytes.len() {
                return None;
            }
            let record = self.record(self.at);
            self.at = record.start + record.bytes.len();
            self.line += u32::try_from(record.lines).unwrap_or(u32::MAX);
            if !record.bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
                return Some(record);
            }
        }
    }
}

/// How far a record has been read.
#[derive(Debug, Clone, Copy)]
struct Cell {
    state: State,
    /// Text came after a closing quote.
    stray: bool,
}

/// Where in a cell a byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Begins,
    Plain,
    Quoted,
    /// After a quote inside quotes: the end of them, or the first of two.
    QuoteInQuotes,
}

impl Cell {
    fn goes_on(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::QuoteInQuotes,
            (State::Quoted, _) | (State::Begins | State::QuoteInQuotes, b'"') => State::Quoted,
            (_, b',') => State::Begins,
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

    use super::*;

    fn of(text: &str) -> Vec<(u32, &str, bool)> {
        Records::of(text.as_bytes())
            .map(|record| (record.line, std::str::from_utf8(record.bytes).unwrap().trim_end(), record.closed))
            .collect()
    }

    #[test]
    fn records_begin_on_the_lines_that_an_editor_counts() {
        assert_eq!(
            of("a,b\r\n\r\nc,\"d\ne\"\n\nf\rg"),
            [(1, "a,b", true), (3, "c,\"d\ne\"", true), (6, "f", true), (7, "g", true)]
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_own_line() {
        let text = "a\nb,\"c\nd\ne\nf\ng\nh\n";
        let found = of(text);
        assert_eq!(found[1], (2, "b,\"c", false));
        assert_eq!(found[2], (3, "d", true));
        assert_eq!(found.len(), 7);
        assert_eq!(of("\"a\nb"), [(1, "\"a", false), (2, "b", true)]);
        // A quote in the middle of a cell is none.
        assert_eq!(of("5\" pipe,b\nc"), [(1, "5\" pipe,b", true), (2, "c", true)]);
    }

    #[test]
    fn the_other_lines_of_a_record_can_be_read_by_themselves() {
        let mut records = Records::of(b"\"a\nb\nc\",d\ne");
        let record = records.next().unwrap();
        assert_eq!((record.lines, record.closed), (3, true));
        records.resume_after_first_line(&record);
        let rest: Vec<(u32, &[u8])> = records.map(|record| (record.line, record.bytes)).collect();
        assert_eq!(rest, [(2, &b"b\n"[..]), (3, b"c\",d\n"), (4, b"e")]);
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
            let few = rows.iter().all(|row| row.concat().matches('\n').count() < RECORD_LINES);
            prop_assume!(few);
            let records: Vec<_> = Records::of(&bytes).collect();
            prop_assert!(records.iter().all(|record| record.closed));
            let read = records.iter().map(|record| {
                let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(record.bytes);
                let row = reader.records().next().unwrap().unwrap();
                row.iter().map(str::to_owned).collect::<Vec<_>>()
            });
            prop_assert_eq!(read.collect::<Vec<_>>(), rows);
        }
    }
}
