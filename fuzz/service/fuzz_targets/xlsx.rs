//! A table as XLSX: it is read or refused within bounded memory, and the report of its rows is the same table again.
//!
//! The first byte says whether the rest is a file as it stands, or the parts of one: a line with a part's name, then its
//! bytes, and between two parts the byte 0. Parts are packed here, so that damage is that of a part and not of a sum.
#![no_main]

use std::io::{Cursor, Read, Write};

use freightpass_fuzz_service::bound::holding;
use freightpass_fuzz_service::table::{Format, Table};
use freightpass_fuzz_service::{sample, tables};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// What an input of 16 KiB may take: parts are unpacked, looked at in pieces of half a MiB, and become many times larger
/// in the reader's hands.
const MEMORY_BYTES: u64 = 64 << 20;

freightpass_fuzz_service::target!(seeds(), |bytes| {
    let file = match bytes.split_first() {
        Some((0, file)) => file.to_vec(),
        Some((_, parts)) => match packed(parts) {
            Some(file) => file,
            None => return,
        },
        None => return,
    };
    if !file.starts_with(b"PK\x03\x04") {
        return;
    }
    let read = holding(MEMORY_BYTES, || tables::read(&file));
    assert!(Table::of_bytes(file, &[]).is_ok() || read.is_err());
    if let Ok((header, rows)) = read {
        tables::sound(&rows);
        tables::reported(&header, &rows, Format::Csv);
    }
});

/// An archive of these parts, none packed.
fn packed(parts: &[u8]) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for part in parts.split(|byte| *byte == 0) {
        let at = part.iter().position(|byte| *byte == b'\n')?;
        writer.start_file(String::from_utf8_lossy(&part[..at]), stored).ok()?;
        writer.write_all(&part[at + 1..]).ok()?;
    }
    writer.finish().ok().map(Cursor::into_inner)
}

/// The sample as it is and in its parts; the same with few rows, as a spreadsheet with shared texts and merged cells.
fn seeds() -> Vec<Vec<u8>> {
    let whole = sample("bad-rows.xlsx");
    let small = [small(false), small(true)];
    [&[whole][..], &small].concat().iter().flat_map(|file| [[&[0][..], file].concat(), in_parts(file)]).collect()
}

fn in_parts(file: &[u8]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(file)).expect("an archive");
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("a part");
        parts.push(if at == 0 { 1 } else { 0 });
        parts.extend(part.name_raw());
        parts.push(b'\n');
        part.read_to_end(&mut parts).expect("it is small");
    }
    parts
}

fn small(merged: bool) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let format = rust_xlsxwriter::Format::new();
    for (at, title) in ["牵引车号牌", "enterprise code", "crew 1 name", "planned start"].iter().enumerate() {
        sheet.write(1, at as u16, *title).expect("a cell");
    }
    sheet.write(0, 0, "title").expect("a cell");
    sheet.write(2, 0, "苏E12345").expect("a cell");
    sheet.write(2, 1, 913_205_830_000_000_17.0).expect("a cell");
    sheet.write(3, 2, true).expect("a cell");
    sheet.write_formula(3, 3, "=1/0").expect("a cell");
    sheet.write(2, 3, 46_357.333).expect("a cell");
    if merged {
        sheet.merge_range(4, 0, 6, 1, "merged", &format).expect("an area");
        sheet.write(5, 2, "x").expect("a cell");
        sheet.write(9, 200, " ").expect("a cell");
        workbook.add_worksheet().set_hidden(true);
    }
    workbook.save_to_buffer().expect("a workbook")
}
