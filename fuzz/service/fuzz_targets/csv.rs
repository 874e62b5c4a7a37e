//! A table as CSV, in any encoding: it is read or refused, and the report of its rows is the same table again.
#![no_main]

use freightpass_fuzz_service::bound::holding;
use freightpass_fuzz_service::table::{Format, Table};
use freightpass_fuzz_service::{sample, tables};

/// What reading takes beside cells, their places and words: buffers, one of them as large as a file's.
const BUFFERS_BYTES: u64 = 64 << 10;

freightpass_fuzz_service::target!(seeds(), |bytes| {
    if bytes.starts_with(b"PK\x03\x04") {
        return;
    }
    let about = || Table::of_bytes(bytes.to_vec(), &[]).map(|table| table.about);
    let opened = holding(BUFFERS_BYTES + 600 * bytes.len() as u64, about);
    let (Ok(about), Ok((header, rows))) = (opened, tables::read(bytes)) else { return };
    tables::sound(&rows);
    let lines = about.rows.expect("lines are counted");
    assert!(rows.len() as u64 <= lines);
    tables::reported(&header, &rows, Format::Csv);
});

fn seeds() -> Vec<Vec<u8>> {
    // One of its rows is in no encoding.
    let bad = sample("bad-rows.csv");
    let mut rows = bad.split_inclusive(|byte| *byte == b'\n');
    let title = rows.next().expect("a header");
    let mut all: Vec<Vec<u8>> = rows.map(|row| [title, row].concat()).collect();
    let list = String::from_utf8(sample("whitelist-1000.csv")).expect("UTF-8");
    let few: String = list.split_inclusive('\n').take(3).collect();
    let wide = |bytes: fn(u16) -> [u8; 2]| few.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    all.extend([few.clone().into_bytes(), encoding_rs::GB18030.encode(&few).0.into_owned()]);
    all.extend([wide(u16::to_le_bytes), wide(u16::to_be_bytes), format!("\u{feff}{few}").into_bytes()]);
    for text in [
        "sep=;\r\ntractor;enterprise code\n\"A\"\"1\";B\n",
        "tractor\tenterprise code\n'+1\t'123456789012\n",
        "title,,\n\ntractor,enterprise code\n\"a\nb\",c,,d\n\"open,e\n",
    ] {
        all.push(text.as_bytes().to_vec());
    }
    all
}
