//! What a file is by its first bytes, whatever its name says.

use super::error::TableError;

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    /// Text: CSV.
    Text,
    /// A ZIP archive: a workbook, or another file that is one.
    Archive,
}

/// What these first bytes begin.
///
/// # Errors
/// [`TableError::NotATable`] for what people send in place of a table.
pub fn sniff(first: &[u8]) -> Result<Is, TableError> {
    let refused = |what, advice| Err(TableError::NotATable { what, advice });
    let text = String::from_utf8_lossy(first);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match first {
        [] => Err(TableError::Empty),
        [b'P', b'K', 3, 4, ..] => Ok(Is::Archive),
        [b'P', b'K', 5, 6, ..] => refused("an empty archive", "send the table itself, as .xlsx or CSV"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => refused(
            "an old Excel workbook (.xls), or one with a password",
            "open it and save it without a password as \"Excel workbook (.xlsx)\" or \"CSV UTF-8\"",
        ),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => refused("text in UTF-32", "save the table as \"CSV UTF-8\""),
        [b'%', b'P', b'D', b'F', ..] => refused("a PDF document", "ask for the table that it was printed from"),
        [0x1f, 0x8b, ..] | [b'R', b'a', b'r', b'!', ..] | [b'7', b'z', 0xbc, 0xaf, ..] => {
            refused("a packed archive", "unpack it and send the table itself")
        }
        _ if text.starts_with('<') => refused(
            "a web page or XML with the name of a table, as some systems export it",
            "open it in Excel and save it as \"Excel workbook (.xlsx)\" or \"CSV UTF-8\"",
        ),
        _ => Ok(Is::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        assert_eq!(sniff(b"PK\x03\x04rest").unwrap(), Is::Archive);
        for text in ["a,b".as_bytes(), "牵引车号牌".as_bytes(), b"\xff\xfea\0", b"\xd0\xcf,"] {
            assert_eq!(sniff(text).unwrap(), Is::Text);
        }
        for (bytes, part) in [
            (&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], ".xls"),
            (b"<html><table>", "web page"),
            (b"\xef\xbb\xbf\n<?xml", "XML"),
            (b"%PDF-1.7", "PDF"),
            (b"\x1f\x8b", "unpack"),
            (b"", "empty"),
        ] {
            assert!(sniff(bytes).unwrap_err().to_string().contains(part), "{part}");
        }
    }
}
