//! What a hand-held reader types, line by line.
//!
//! A reader ends a line with CR, LF or both, as it is set; an empty line is nothing. A line is given as soon as it is
//! ended, and no more of one is kept than the longest code can say.

use std::io::{self, BufRead};

use super::unread::Unread;

/// The longest line, in bytes: a QR code says at most 7,089 characters (ISO/IEC 18004, table 7), and a reader puts a few
/// before it.
pub const LINE_BYTES: usize = 8_192;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// As it was typed, without its end.
    Text(String),
    /// Not to be judged as a text, and why.
    Unreadable(Unread),
}

/// The lines of `from` that are not empty, the last also when nothing ends it. A line that is too long is told once, as
/// soon as that is known.
///
/// The iterator ends where `from` does, or after its error.
pub fn lines<R: BufRead>(from: R) -> impl Iterator<Item = io::Result<Line>> {
    Lines { from: Some(from), line: Vec::new(), skipping: false }
}

struct Lines<R> {
    from: Option<R>,
    line: Vec<u8>,
    /// In a line that was told to be too long.
    skipping: bool,
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let read = self.from.as_mut()?.fill_buf();
            let bytes = match read {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.from = None;
                    return Some(Err(error));
                }
            };
            if bytes.is_empty() {
                self.from = None;
                return self.ended().map(Ok);
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let used = end.map_or(bytes.len(), |end| end + 1);
            let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
            let told = self.skipping;
            if !self.skipping && self.line.len() + part.len() > LINE_BYTES {
                self.skipping = true;
                self.line.clear();
            } else if !self.skipping {
                self.line.extend_from_slice(part);
            }
            if let Some(from) = &mut self.from {
                from.consume(used);
            }
            if self.skipping {
                self.skipping = end.is_none();
                if !told {
                    return Some(Ok(Line::Unreadable(Unread::new("long_line").with("most", LINE_BYTES))));
                }
            } else if end.is_some()
                && let Some(line) = self.ended()
            {
                return Some(Ok(line));
            }
        }
    }
}

impl<R> Lines<R> {
    fn ended(&mut self) -> Option<Line> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8(line).map_or_else(|_| Line::Unreadable(Unread::new("no_text")), Line::Text);
        (text != Line::Text(String::new())).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Vec<Line> {
        // Small pieces, as a serial line brings them.
        lines(BufReader::with_capacity(3, bytes)).map(Result::unwrap).collect()
    }

    fn text(text: &str) -> Line {
        Line::Text(text.into())
    }

    #[test]
    fn every_kind_of_line_end_ends_a_line_and_empty_lines_are_nothing() {
        for end in ["\n", "\r", "\r\n", "\n\n\r"] {
            let typed = ["", "FP1:A", " ]Q3FP1:B", "last"].join(end);
            assert_eq!(read(typed.as_bytes()), [text("FP1:A"), text(" ]Q3FP1:B"), text("last")], "{end:?}");
        }
        assert_eq!(read(b""), []);
        assert_eq!(read(b"\r\n\r\n"), []);
    }

    #[test]
    fn a_line_that_is_too_long_or_no_text_is_told_once_and_the_next_is_read() {
        let long = "7".repeat(LINE_BYTES);
        let typed = [long.as_bytes(), b"\n", long.as_bytes(), b"8\r\nFP1:A\n\xff\xfe\nFP1:\0B\n"].concat();
        let over = Line::Unreadable(Unread::new("long_line").with("most", 8_192));
        let no_text = Line::Unreadable(Unread::new("no_text"));
        assert_eq!(read(&typed), [text(&long), over, text("FP1:A"), no_text, text("FP1:\0B")]);
    }

    #[test]
    fn a_line_without_end_takes_no_more_memory_than_a_long_one() {
        let endless = io::repeat(b'7').take(50_000_000);
        let mut read = Lines { from: Some(BufReader::new(endless)), line: Vec::new(), skipping: false };
        assert!(matches!(read.next(), Some(Ok(Line::Unreadable(_)))));
        assert!(read.next().is_none());
        assert!(read.line.capacity() <= 2 * LINE_BYTES);
    }

    #[test]
    fn the_first_error_ends_it() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        let mut read = lines(BufReader::new(b"FP1:A\n".chain(Broken)));
        assert_eq!(read.next().unwrap().unwrap(), text("FP1:A"));
        assert!(read.next().unwrap().is_err());
        assert!(read.next().is_none());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_comes_out_in_whole_lines(typed in "[a-z\r\n]{0,200}") {
            let expected: Vec<Line> = typed.split(['\r', '\n']).filter(|line| !line.is_empty()).map(text).collect();
            prop_assert_eq!(read(typed.as_bytes()), expected);
        }
    }
}
