//! In which encoding a CSV file is: spreadsheets write UTF-8, with and without a byte-order mark, UTF-16, and, in
//! Chinese, GB18030 (which holds GBK and GB 2312), and say so nowhere.

use std::fmt;
use std::io::{self, BufRead};

use super::lines::{Lines, Transcoded};

/// Bytes from which UTF-16 without a mark is recognised: some hundred cells.
const SAMPLE_BYTES: usize = 4_096;

/// An encoding of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8; whether it begins with a byte-order mark.
    Utf8 {
        /// The mark stands there.
        mark: bool,
    },
    /// UTF-16, the lower byte first.
    Utf16Le,
    /// UTF-16, the higher byte first.
    Utf16Be,
    /// GB18030, of which GBK and GB 2312 are parts.
    Gb18030,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encoding::Utf8 { mark: false } => "UTF-8",
            Encoding::Utf8 { mark: true } => "UTF-8 with BOM",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
            Encoding::Gb18030 => "GB18030",
        })
    }
}

/// Reads the whole of `input` and says in which encoding it is, and how many lines it has. Where no mark says so, each
/// line with a byte beyond ASCII is evidence: Chinese in GB18030 is hardly ever UTF-8 by chance, so that a file is GB18030
/// when more of its lines are broken as UTF-8 than are not, and more of them can be read.
pub fn detect(input: &mut impl BufRead) -> io::Result<(Encoding, u64)> {
    let sample = input.fill_buf()?;
    let marked = match sample {
        [0xef, 0xbb, 0xbf, ..] => Some(Encoding::Utf8 { mark: true }),
        [0xff, 0xfe, ..] => Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => Some(Encoding::Utf16Be),
        _ => plain_utf16(&sample[..sample.len().min(SAMPLE_BYTES)]),
    };
    let as_utf8 = Encoding::Utf8 { mark: false };
    let (mut lines, mut utf8, mut broken, mut gb18030) = (0, 0_u64, 0_u64, 0_u64);
    let mut read = Lines::of(Transcoded::of(input, marked.unwrap_or(as_utf8)));
    while let Some((_, line)) = read.next_raw()? {
        lines += 1;
        if marked.is_some() || line.is_ascii() {
            continue;
        }
        match std::str::from_utf8(line) {
            Ok(_) => utf8 += 1,
            Err(_) => {
                broken += 1;
                gb18030 += u64::from(super::lines::gb18030(line).is_ok());
            }
        }
    }
    let found = if broken > utf8 && gb18030 > utf8 { Encoding::Gb18030 } else { as_utf8 };
    Ok((marked.unwrap_or(found), lines))
}

/// UTF-16 without a mark: the separators, digits and Latin letters of a table have a zero on one side, and nothing has
/// one on the other.
fn plain_utf16(sample: &[u8]) -> Option<Encoding> {
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let many = sample.len() / 40;
    match (zeros(0), zeros(1)) {
        (0, higher) if higher > many => Some(Encoding::Utf16Le),
        (higher, 0) if higher > many => Some(Encoding::Utf16Be),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> (Encoding, u64) {
        detect(&mut &bytes[..]).unwrap()
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn each_encoding_is_told_from_the_others_and_lines_are_counted() {
        let text = "号牌,姓名,code\n苏E12345,李𬭎,91320509MAW373039Y\n";
        let gb18030 = encoding_rs::GB18030.encode(text).0.into_owned();
        assert_eq!(found(text.as_bytes()), (Encoding::Utf8 { mark: false }, 2));
        assert_eq!(found(format!("\u{feff}{text}").as_bytes()), (Encoding::Utf8 { mark: true }, 2));
        assert_eq!(found(&gb18030), (Encoding::Gb18030, 2));
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}{text}");
            assert_eq!(found(&utf16(&text, u16::to_le_bytes)), (Encoding::Utf16Le, 2));
            assert_eq!(found(&utf16(&text, u16::to_be_bytes)), (Encoding::Utf16Be, 2));
        }
        assert_eq!(found(b"a,b\r\n1,2"), (Encoding::Utf8 { mark: false }, 2));
        assert_eq!(found(b""), (Encoding::Utf8 { mark: false }, 0));
    }

    #[test]
    fn a_broken_line_changes_no_encoding() {
        let rows = "苏E12345,李四\n".repeat(9);
        let broken = [rows.as_bytes(), b"\xffA,B\n"].concat();
        assert_eq!(found(&broken).0, Encoding::Utf8 { mark: false });
        let broken = [&encoding_rs::GB18030.encode(&rows).0[..], b"\xff\xff,B\n"].concat();
        assert_eq!(found(&broken).0, Encoding::Gb18030);
    }
}
