//! A report as CSV, for spreadsheets: in UTF-8 with a byte-order mark, every cell guarded.

use super::super::guard::guarded;
use super::super::header::WITHIN_LINES;
use super::{Report, ReportError};

/// The report's bytes. What there is to say stands above the header, where an import passes over it.
pub fn bytes(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::WriterBuilder::new();
    // Quoted always: where a spreadsheet parts cells by another sign, what stands behind that sign begins no cell.
    let writer = writer.flexible(true).terminator(csv::Terminator::CRLF).quote_style(csv::QuoteStyle::Always);
    let mut writer = writer.from_writer(b"\xef\xbb\xbf".to_vec());
    for note in report.notes.iter().take(WITHIN_LINES - 1) {
        writer.write_record([guarded(&in_one_line(note))])?;
    }
    writer.write_record(report.titles().map(|title| guarded(&in_one_line(title))))?;
    for row in report.rows {
        writer.write_record(report.cells(row).iter().map(|(text, _)| guarded(text)))?;
    }
    Ok(writer.into_inner().map_err(csv::IntoInnerError::into_error).map_err(csv::Error::from)?)
}

/// A title or a note, which may have been wrapped where it comes from: an import finds the columns by the header's line.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
