//! A report as a workbook: every cell is text, also where somebody types something new; cells at fault are coloured.

use rust_xlsxwriter::{Color, Format, FormatBorder, Workbook};

use super::{Report, ReportError};

/// Behind cells at fault: what spreadsheets use for "bad".
const AT_FAULT: Color = Color::RGB(0x00FF_C7CE);
/// Wide enough for a plate, a phone, the code of an enterprise.
const WIDTH: f64 = 20.0;

/// The report's bytes: the rows on the first sheet, what there is to say on the second.
pub fn bytes(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    let text = Format::new().set_num_format("@");
    let at_fault = text.clone().set_background_color(AT_FAULT).set_border(FormatBorder::Thin);
    let head = text.clone().set_bold();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("拒收 refused")?;
    for (at, title) in (0..).zip(report.titles()) {
        sheet.set_column_format(at, &text)?.set_column_width(at, WIDTH)?;
        sheet.write_string_with_format(0, at, title, &head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (number, row) in (1..).zip(report.rows) {
        for (at, (cell, bad)) in (0..).zip(report.cells(row)) {
            sheet.write_string_with_format(number, at, cell, if bad { &at_fault } else { &text })?;
        }
    }
    let notes = workbook.add_worksheet().set_name("说明 notes")?;
    for (number, note) in (0..).zip(report.notes) {
        notes.write_string_with_format(number, 0, note, &text)?;
    }
    Ok(workbook.save_to_buffer()?)
}
