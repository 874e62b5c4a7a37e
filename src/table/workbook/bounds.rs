//! What a workbook may unpack to, measured before anything of it is read: its parts are unpacked once and thrown away,
//! since what an archive says about its own sizes may be a lie.

use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::super::error::TableError;

/// Parts of a workbook: some sheets, and what belongs to them.
const MAX_PARTS: usize = 10_000;
/// Bytes of one sheet: it is streamed, and 100,000 rows of all columns have 200 MB.
const SHEET_BYTES: u64 = 768 << 20;
/// Bytes of all parts, so that many sheets cost no more time than one.
const TOTAL_BYTES: u64 = 1 << 30;
/// Bytes of the texts that cells share: they are held in memory, and 100,000 rows have 30 MB.
const STRINGS_BYTES: u64 = 64 << 20;
/// Bytes of styles, lists of sheets and the like: they are held in memory, many times larger than they are written.
const SMALL_BYTES: u64 = 4 << 20;
/// The shortest shared text, `<si/>`.
const SHORTEST_STRING_BYTES: u64 = 5;
/// Merged areas of all sheets: the reader holds all of a sheet, and a table of 100,000 rows has two in a row at most.
const MERGED_AREAS: usize = 200_000;
/// What a merged area begins with; the element around them, `mergeCells`, is one more.
const MERGED: &[u8] = b"mergeCell";
/// Where the list of shared texts says how many they are.
const UNIQUE_COUNT: &[u8] = b"uniqueCount";
/// Bytes that are looked at again with the next piece, so that nothing is hidden by an edge: more than a count with the
/// space that anybody writes around it.
const OVERLAP_BYTES: usize = 64;
/// A part is looked at in pieces of so many bytes. Each holds the beginning of something: the longest text of a cell is
/// 32,767 characters, each of at most ten bytes.
const PIECE_BYTES: u64 = 512 << 10;

/// Refuses what is no workbook, and one that unpacks to more than any table has.
pub fn check<R: Read + Seek>(input: &mut R) -> Result<(), TableError> {
    let mut archive = ZipArchive::new(&mut *input).map_err(TableError::damaged)?;
    if archive.len() > MAX_PARTS {
        return Err(TableError::damaged(format!("it has {} parts", archive.len())));
    }
    let names: Vec<String> =
        archive.file_names_raw().map(|name| String::from_utf8_lossy(name).to_lowercase().replace('\\', "/")).collect();
    kind(&names)?;
    let mut total = 0;
    let mut merged = 0;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(TableError::damaged)?;
        let name = String::from_utf8_lossy(part.name_raw()).to_lowercase();
        let most = most(&name);
        let mut size = 0;
        let mut piece = Vec::new();
        let mut window = Vec::new();
        loop {
            piece.clear();
            let read = part.by_ref().take(PIECE_BYTES).read_to_end(&mut piece).map_err(TableError::damaged)? as u64;
            size += read;
            total += read;
            if size > most || total > TOTAL_BYTES {
                return Err(TableError::Unpacks { part: name, most: most.min(TOTAL_BYTES) });
            }
            let last = read < PIECE_BYTES;
            if name.ends_with(".xml") {
                window.extend_from_slice(&piece);
                // What begins in the overlap is met again with the next piece.
                let judged = if last { window.len() } else { window.len().saturating_sub(OVERLAP_BYTES) };
                if name.ends_with("sharedstrings.xml") {
                    strings(&window, judged)?;
                }
                merged += places(&window, MERGED).filter(|at| *at < judged).count();
                if merged > MERGED_AREAS {
                    return Err(TableError::damaged(format!("more than {MERGED_AREAS} areas are merged")));
                }
                window.drain(..judged);
            }
            if last {
                break;
            }
            if name.ends_with(".xml") && !piece.contains(&b'<') {
                return Err(TableError::damaged(format!("{name} holds a text longer than any cell")));
            }
        }
    }
    input.seek(SeekFrom::Start(0))?;
    Ok(())
}

/// The most bytes of a part.
fn most(name: &str) -> u64 {
    let is = |end: &str| name.ends_with(end);
    if is("sharedstrings.xml") {
        STRINGS_BYTES
    } else if is("styles.xml") || is("workbook.xml") || is(".rels") || is("theme1.xml") {
        SMALL_BYTES
    } else {
        SHEET_BYTES
    }
}

/// The texts that cells share: the reader makes room for as many as they say that they are, wherever it is said. Of the
/// window the counts that begin before `judged` are looked at.
fn strings(window: &[u8], judged: usize) -> Result<(), TableError> {
    for at in places(window, UNIQUE_COUNT).filter(|at| *at < judged) {
        let after = &window[at + UNIQUE_COUNT.len()..];
        let said = String::from_utf8_lossy(&after[..after.len().min(OVERLAP_BYTES - UNIQUE_COUNT.len())]).into_owned();
        let Some(value) = said.trim_start().strip_prefix('=') else {
            // A text that only has the word in it; nobody writes so much space after a name.
            if said.trim().is_empty() && !said.is_empty() {
                return Err(TableError::damaged("it does not say how many texts it has"));
            }
            continue;
        };
        let value = value.trim_start().trim_start_matches(['"', '\'']);
        let digits = value.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        if digits.parse::<u64>().map_or(true, |count| count > STRINGS_BYTES / SHORTEST_STRING_BYTES) {
            return Err(TableError::damaged("it says that it has more texts than it can hold"));
        }
    }
    Ok(())
}

/// Where `wanted` stands.
fn places<'a>(bytes: &'a [u8], wanted: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let first = wanted.first().copied().unwrap_or_default();
    let begins = bytes.iter().enumerate().filter(move |(_, byte)| **byte == first).map(|(at, _)| at);
    begins.filter(move |at| bytes[*at..].starts_with(wanted))
}

/// What an archive is by its parts.
fn kind(names: &[String]) -> Result<(), TableError> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let refused = |what, advice| Err(TableError::NotATable { what, advice });
    let save_again = "open it and save it as \"Excel workbook (.xlsx)\" or \"CSV UTF-8\"";
    if has("xl/workbook.bin") {
        return refused("a binary Excel workbook (.xlsb)", save_again);
    }
    if has("mimetype") && has("content.xml") {
        return refused("an OpenDocument table (.ods)", save_again);
    }
    if names.iter().any(|name| name.starts_with("index/") || name == "index.zip") {
        return refused("a Numbers table", "export it as \"Excel workbook (.xlsx)\" or CSV");
    }
    if names.iter().any(|name| name.starts_with("word/") || name.starts_with("ppt/")) {
        return refused("a document or a presentation", "copy the table into a spreadsheet and save it as .xlsx");
    }
    if names.iter().any(|name| name.starts_with("xl/")) {
        return Ok(());
    }
    refused("an archive and no workbook", "unpack it and send the table itself")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(parts: &[(&str, &[u8], usize)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, piece, times) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            for _ in 0..*times {
                writer.write_all(piece).unwrap();
            }
        }
        writer.finish().unwrap().into_inner()
    }

    fn told(parts: &[(&str, &[u8], usize)]) -> String {
        check(&mut Cursor::new(archive(parts))).unwrap_err().to_string()
    }

    #[test]
    fn other_archives_are_refused_by_name() {
        for (name, part) in [
            ("xl/workbook.bin", ".xlsb"),
            ("word/document.xml", "document"),
            ("Index/Document.iwa", "Numbers"),
            ("list.csv", "unpack"),
        ] {
            assert!(told(&[(name, b"", 1)]).contains(part), "{name}");
        }
        let ods: [(&str, &[u8], usize); 2] = [("mimetype", b"application/vnd.oasis", 1), ("content.xml", b"<x/>", 1)];
        assert!(told(&ods).contains(".ods"));
        check(&mut Cursor::new(archive(&[("xl/workbook.xml", b"<workbook/>", 1)]))).unwrap();
        assert!(check(&mut Cursor::new(b"PK\x03\x04".to_vec())).unwrap_err().to_string().contains("damaged"));
    }

    #[test]
    fn what_unpacks_to_more_than_a_table_is_refused_before_it_is_read() {
        let piece = b"<a>".repeat(1 << 18);
        let strings = told(&[("xl/sharedStrings.xml", &piece, 86)]);
        assert!(strings.contains("sharedstrings.xml") && strings.contains("64 MiB"), "{strings}");
        assert!(told(&[("xl/styles.xml", &piece, 6)]).contains("styles.xml"));
        let text = told(&[("xl/worksheets/sheet1.xml", &[b'x'; 1 << 20], 2)]);
        assert!(text.contains("longer than any cell"), "{text}");
        let said = b"<sst xmlns='x' count='1' uniqueCount='99999999999'><si/></sst>";
        assert!(told(&[("xl/sharedStrings.xml", said, 1)]).contains("more texts"));
    }

    #[test]
    fn a_count_is_found_wherever_it_is_said() {
        for before in [600_000, PIECE_BYTES as usize - 30, PIECE_BYTES as usize - 24] {
            let said = [&b"<!--"[..], &vec![b'<'; before], b"--><sst uniqueCount='99999999999'><si/></sst>"].concat();
            assert!(told(&[("xl/sharedStrings.xml", &said, 1)]).contains("more texts"), "{before}");
        }
        let named = b"<sst uniqueCount=\"1\"><si><t>uniqueCount</t></si></sst>";
        let workbook: (&str, &[u8], usize) = ("xl/workbook.xml", b"<workbook/>", 1);
        check(&mut Cursor::new(archive(&[workbook, ("xl/sharedStrings.xml", named, 1)]))).unwrap();
    }

    #[test]
    fn merged_areas_are_counted_before_they_are_read() {
        let area = b"<mergeCell ref=\"A2:B2\"/>".repeat(1_000);
        check(&mut Cursor::new(archive(&[("xl/worksheets/sheet1.xml", &area, 200)]))).unwrap();
        assert!(told(&[("xl/worksheets/sheet1.xml", &area, 201)]).contains("merged"));
    }
}
