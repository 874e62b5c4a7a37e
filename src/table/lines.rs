//! The lines of a CSV file as text, whatever its encoding; a line with a broken byte is told apart and not given up.

use std::io::{self, BufRead, Read};

use encoding_rs::{DecoderResult, GB18030};

use super::encoding::Encoding;

/// Bytes of a line: some hundred cells of the longest that are taken. A longer one is no table's, and must fill no
/// memory.
pub const LINE_BYTES: usize = 1 << 20;

/// What stands in the place of a code unit of UTF-16 that has no partner: no text in UTF-8 holds this byte.
const BROKEN: u8 = 0xff;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// Its text with its end; U+FFFD stands where bytes mean nothing.
    pub text: String,
    /// The first byte of the line that means nothing, from 1.
    pub broken: Option<usize>,
}

/// The lines of an input in that encoding.
pub struct TextLines<R> {
    lines: Lines<Transcoded<R>>,
    encoding: Encoding,
}

impl<R: BufRead> TextLines<R> {
    /// From the beginning of the input, its mark included.
    pub fn of(input: R, encoding: Encoding) -> Self {
        Self { lines: Lines::of(Transcoded::of(input, encoding)), encoding }
    }

    /// The next line.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        let Some((number, mut bytes)) = self.lines.next_raw()? else { return Ok(None) };
        if number == 1 {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        let (text, broken) = match self.encoding {
            Encoding::Gb18030 => match gb18030(bytes) {
                Ok(text) => (text, None),
                Err(at) => (GB18030.decode_without_bom_handling(bytes).0.into_owned(), Some(at)),
            },
            Encoding::Utf8 { .. } => match std::str::from_utf8(bytes) {
                Ok(text) => (text.to_owned(), None),
                Err(error) => (String::from_utf8_lossy(bytes).into_owned(), Some(error.valid_up_to() + 1)),
            },
            Encoding::Utf16Le | Encoding::Utf16Be => match std::str::from_utf8(bytes) {
                Ok(text) => (text.to_owned(), None),
                Err(error) => {
                    let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                    let at = before.encode_utf16().count() * 2 + 1;
                    (String::from_utf8_lossy(bytes).into_owned(), Some(at))
                }
            },
        };
        Ok(Some(Line { number, text, broken }))
    }
}

/// The text of these bytes in GB18030, or the first byte (from 1) that means nothing.
pub fn gb18030(bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let length = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0);
    let mut text = String::with_capacity(length);
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    match result {
        DecoderResult::InputEmpty => Ok(text),
        DecoderResult::Malformed(bad, after) => Err(read.saturating_sub(usize::from(bad + after)) + 1),
        DecoderResult::OutputFull => Err(read + 1),
    }
}

/// The lines of an input, as they stand there: they end with `\n`, `\r\n` or `\r`, as spreadsheets write them.
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
    /// Lines that were begun.
    number: u32,
}

impl<R: BufRead> Lines<R> {
    /// Those of this input.
    pub fn of(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0 }
    }

    /// The number of the next line, from 1, and the line with its end; none at the end of the input.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for one longer than [`LINE_BYTES`]; what the input says.
    pub fn next_raw(&mut self) -> io::Result<Option<(u32, &[u8])>> {
        self.line.clear();
        self.number = self.number.saturating_add(1);
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok((!self.line.is_empty()).then_some((self.number, &self.line)));
            }
            let end = ended(buffer);
            let taken = end.map_or(buffer.len(), |at| at + 1);
            self.line.extend_from_slice(&buffer[..taken]);
            self.input.consume(taken);
            if self.line.len() > LINE_BYTES {
                let (number, most) = (self.number, LINE_BYTES >> 20);
                let message = format!(
                    "line {number} is longer than {most} MiB: a quote or a line end is missing before it, or this is no table"
                );
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            if end.is_none() {
                continue;
            }
            if self.line.ends_with(b"\r") && self.input.fill_buf()?.first() == Some(&b'\n') {
                self.line.push(b'\n');
                self.input.consume(1);
            }
            return Ok(Some((self.number, &self.line)));
        }
    }
}

/// Where the first end of a line stands.
fn ended(bytes: &[u8]) -> Option<usize> {
    let newline = position(bytes, b'\n');
    position(&bytes[..newline.unwrap_or(bytes.len())], b'\r').or(newline)
}

fn position(bytes: &[u8], wanted: u8) -> Option<usize> {
    bytes.iter().position(|byte| *byte == wanted)
}

/// UTF-16 as UTF-8; every other encoding as it is: its line ends, separators and quotes are those of ASCII.
pub struct Transcoded<R> {
    input: R,
    encoding: Encoding,
    /// UTF-8 that was not read yet.
    ready: Vec<u8>,
    at: usize,
    /// The lower half of a code unit whose other half was not read yet.
    half: Option<u8>,
    /// A code unit that waits for its partner.
    high: Option<u16>,
}

impl<R: BufRead> Transcoded<R> {
    /// The input in that encoding.
    pub fn of(input: R, encoding: Encoding) -> Self {
        Self { input, encoding, ready: Vec::new(), at: 0, half: None, high: None }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        while self.ready.is_empty() {
            let bytes = self.input.fill_buf()?.to_vec();
            if bytes.is_empty() {
                if self.half.take().is_some() | self.high.take().is_some() {
                    self.ready.push(BROKEN);
                }
                return Ok(());
            }
            for byte in &bytes {
                match self.half.take() {
                    None => self.half = Some(*byte),
                    Some(first) => self.unit(first, *byte),
                }
            }
            self.input.consume(bytes.len());
        }
        Ok(())
    }

    fn unit(&mut self, first: u8, second: u8) {
        let unit = match self.encoding {
            Encoding::Utf16Be => u16::from_be_bytes([first, second]),
            _ => u16::from_le_bytes([first, second]),
        };
        if let Some(high) = self.high.take() {
            if let Some(Ok(character)) = char::decode_utf16([high, unit]).next()
                && character > '\u{ffff}'
            {
                self.push(character);
                return;
            }
            self.ready.push(BROKEN);
        }
        match char::from_u32(unit.into()) {
            Some(character) => self.push(character),
            None if unit < 0xdc00 => self.high = Some(unit),
            None => self.ready.push(BROKEN),
        }
    }

    fn push(&mut self, character: char) {
        self.ready.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl<R: BufRead> Read for Transcoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let taken = ready.len().min(into.len());
        into[..taken].copy_from_slice(&ready[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

impl<R: BufRead> BufRead for Transcoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if !matches!(self.encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
            return self.input.fill_buf();
        }
        if self.at >= self.ready.len() {
            self.fill()?;
        }
        Ok(&self.ready[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        if matches!(self.encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
            self.at += amount;
        } else {
            self.input.consume(amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn lines(bytes: &[u8], encoding: Encoding, buffer: usize) -> Vec<(String, Option<usize>)> {
        let mut lines = TextLines::of(BufReader::with_capacity(buffer, bytes), encoding);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            assert_eq!(line.number as usize, all.len() + 1);
            all.push((line.text, line.broken));
        }
        all
    }

    #[test]
    fn a_broken_byte_is_named_by_its_place_in_the_line() {
        let gb18030 = |text: &str| GB18030.encode(text).0.into_owned();
        let bytes = [gb18030("号牌\n").as_slice(), &gb18030("苏E"), b"\xff", b"1\n", &gb18030("李𬭎\n")].concat();
        assert_eq!(
            lines(&bytes, Encoding::Gb18030, 64),
            [("号牌\n".to_owned(), None), ("苏E\u{fffd}1\n".to_owned(), Some(4)), ("李𬭎\n".to_owned(), None)]
        );
        // A lead byte at the end of its line takes no line along.
        assert_eq!(gb18030_of(b"A\xb0\n"), Err(2));
        assert_eq!(lines(b"a\n\xe8\x8b,b\n", Encoding::Utf8 { mark: false }, 2)[1].1, Some(1));
        let bytes: Vec<u8> = [0x41, 0xd800, 0x42, 0x0a, 0x43].into_iter().flat_map(u16::to_le_bytes).collect();
        let read = lines(&bytes, Encoding::Utf16Le, 3);
        assert_eq!(read, [("A\u{fffd}B\n".to_owned(), Some(3)), ("C".to_owned(), None)]);
        assert_eq!(lines(b"\x43\x00\x44", Encoding::Utf16Le, 64), [("C\u{fffd}".to_owned(), Some(3))]);
    }

    fn gb18030_of(bytes: &[u8]) -> Result<String, usize> {
        gb18030(bytes)
    }

    #[test]
    fn lines_end_as_any_spreadsheet_ends_them_and_a_mark_is_no_text() {
        for buffer in [1, 2, 64] {
            let read = lines(b"\xef\xbb\xbfa\r\nb\rc\n\nd", Encoding::Utf8 { mark: true }, buffer);
            let texts: Vec<&str> = read.iter().map(|(text, _)| text.as_str()).collect();
            assert_eq!(texts, ["a\r\n", "b\r", "c\n", "\n", "d"]);
        }
    }

    #[test]
    fn a_line_without_end_fills_no_memory() {
        let mut lines = Lines::of(BufReader::new(io::Cursor::new("a\n\n").chain(io::repeat(b'a'))));
        assert_eq!(lines.next_raw().unwrap(), Some((1, &b"a\n"[..])));
        assert_eq!(lines.next_raw().unwrap(), Some((2, &b"\n"[..])));
        let error = lines.next_raw().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(error.to_string().starts_with("line 3 is longer"), "{error}");
    }

    proptest! {
        #[test]
        fn every_text_comes_through_every_encoding(text in "[a苏𬭎·\u{e9}\r\n,\"]{0,40}", buffer in 1usize..9) {
            let joined = |bytes: &[u8], encoding| {
                let read = lines(bytes, encoding, buffer);
                assert!(read.iter().all(|(_, broken)| broken.is_none()));
                read.into_iter().map(|(text, _)| text).collect::<String>()
            };
            prop_assert_eq!(&joined(text.as_bytes(), Encoding::Utf8 { mark: false }), &text);
            prop_assert_eq!(&joined(&GB18030.encode(&text).0, Encoding::Gb18030), &text);
            let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
            prop_assert_eq!(&joined(&wide, Encoding::Utf16Be), &text);
        }
    }
}
