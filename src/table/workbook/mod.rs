//! XLSX: the sheet that is read, its header, its rows. Cells are streamed; nothing is ever laid out as a rectangle,
//! since one stray cell in the last corner would make that one of 17 thousand million cells.

mod bounds;
mod cell;
mod merged;
mod rows;

use std::io::{BufReader, Read, Seek};
use std::ops::ControlFlow;
use std::sync::Arc;

use calamine::{Reader as _, SheetType, SheetVisible, Xlsx};

use self::merged::Merged;
use self::rows::{Found, SheetRows};
use super::column::Column;
use super::error::TableError;
use super::header::{Header, MAX_COLUMNS, WITHIN_LINES};
use super::open::Ending;
use super::row::Row;
use crate::problem::FieldProblem;

/// Stray cells that are named; the others are counted.
const STRAYS_NAMED: usize = 5;

/// Sheets that are looked at for a header: a list does not hide behind more, and many sheets may be one part.
const SHEETS_LOOKED_AT: usize = 32;

/// A workbook whose sheet was chosen and whose header was read.
pub struct Workbook<R: Read + Seek> {
    xlsx: Xlsx<BufReader<R>>,
    /// The sheet that is read.
    pub sheet: String,
    /// The others, hidden ones said to be.
    pub others: Vec<String>,
    /// Its header.
    pub header: Arc<Header>,
    /// The row of the header, from 0.
    pub header_row: u32,
}

impl<R: Read + Seek> Workbook<R> {
    /// Reads up to the header of the sheet of that name, or of the first visible one that has a header.
    pub fn open(input: R, wanted: Option<&str>, needed: &[Column]) -> Result<Self, TableError> {
        let mut input = BufReader::new(input);
        bounds::check(&mut input)?;
        let mut xlsx = Xlsx::new(input).map_err(TableError::damaged)?;
        let sheets: Vec<_> =
            xlsx.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).cloned().collect();
        let names = || sheets.iter().map(|sheet| sheet.name.clone());
        let (sheet, header_row, cells) = match wanted {
            Some(wanted) => {
                let found = names().find(|name| name.trim() == wanted.trim());
                let sheet = found
                    .ok_or_else(|| TableError::NoSheet { wanted: wanted.to_owned(), sheets: names().collect() })?;
                let (_, row, cells) = header_of(&mut xlsx, &sheet)?.ok_or(TableError::Empty)?;
                (sheet, row, cells)
            }
            None => {
                let mut visible = sheets.iter().filter(|sheet| sheet.visible == SheetVisible::Visible).peekable();
                if visible.peek().is_none() {
                    return Err(TableError::NoSheet { wanted: "visible".to_owned(), sheets: names().collect() });
                }
                let mut first = None;
                for sheet in visible.take(SHEETS_LOOKED_AT) {
                    let Some((is_header, row, cells)) = header_of(&mut xlsx, &sheet.name)? else { continue };
                    if is_header {
                        first = Some((sheet.name.clone(), row, cells));
                        break;
                    }
                    first.get_or_insert((sheet.name.clone(), row, cells));
                }
                first.ok_or(TableError::Empty)?
            }
        };
        let others = sheets.iter().filter(|other| other.name != sheet).map(|other| match other.visible {
            SheetVisible::Visible => other.name.clone(),
            SheetVisible::Hidden | SheetVisible::VeryHidden => format!("{} (hidden 隐藏)", other.name),
        });
        let others = others.collect();
        Ok(Self { xlsx, sheet, others, header: Arc::new(Header::read(&cells, needed)?), header_row })
    }

    /// Gives each row below the header that is not blank to `each`, until that says that it is enough.
    pub fn read(mut self, each: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<Ending, TableError> {
        let merges = self.xlsx.merge_cells_by_sheet_name(&self.sheet).map_err(TableError::damaged)?;
        let mut merged = Merged::of(merges, self.header_row, self.header.width());
        let mut ending = Ending::default();
        let cells = self.xlsx.worksheet_cells_reader(&self.sheet).map_err(TableError::damaged)?;
        let mut rows = SheetRows::of(cells, self.header.width());
        while let Some(found) = rows.next()? {
            if found.row <= self.header_row {
                continue;
            }
            ending.stray_count += found.stray_count;
            for name in &found.strays {
                if ending.strays.len() < STRAYS_NAMED {
                    ending.strays.push(name.clone());
                }
            }
            if let Some(row) = row(&self.header, found, &mut merged)?
                && each(row).is_break()
            {
                break;
            }
        }
        Ok(ending)
    }
}

/// Cells that are read for a header: every line that is looked at, full to the last column of a wide table.
const HEADER_CELLS: u64 = 200_000;

/// The row that is a header, or the first that is not blank; whether it is a header, its number, its cells.
fn header_of<R: Read + Seek>(
    xlsx: &mut Xlsx<BufReader<R>>,
    sheet: &str,
) -> Result<Option<(bool, u32, Vec<String>)>, TableError> {
    let cells = xlsx.worksheet_cells_reader(sheet).map_err(TableError::damaged)?;
    let mut rows = SheetRows::of(cells, MAX_COLUMNS).within(HEADER_CELLS);
    let mut first = None;
    let mut seen = 0;
    while seen < WITHIN_LINES {
        let Some(found) = rows.next()? else { break };
        let mut titles = found.titles();
        while titles.last().is_some_and(|title| title.trim().is_empty()) {
            titles.pop();
        }
        if titles.is_empty() {
            continue;
        }
        seen += 1;
        if Header::is_one(&titles) {
            return Ok(Some((true, found.row, titles)));
        }
        first.get_or_insert((false, found.row, titles));
    }
    Ok(first)
}

/// The row of what was found; none where nothing stands in it but what is merged from above.
fn row(header: &Arc<Header>, found: Found, merged: &mut Merged) -> Result<Option<Row>, TableError> {
    let number = found.row;
    let own = found.holds_something();
    let cells = merged.fill(number, found.cells)?;
    if !own {
        return Ok(None);
    }
    let mut texts = Vec::with_capacity(header.width());
    let mut problems = Vec::new();
    for (at, cell) in cells.into_iter().enumerate() {
        let column = header.column(at);
        let (text, problem) = cell.map_or_else(|| (String::new(), None), |cell| cell.read(column.map(Column::kind)));
        if let (Some(column), Some((rule, why))) = (column, problem) {
            let name = cell::name(number, at);
            problems.push(FieldProblem::new(column.field(), rule, format!("cell {name}: {why}")));
        }
        texts.push(text);
    }
    for (name, text) in found.beyond {
        let message = format!("cell {name} stands outside the columns of the header; move it or clear it");
        problems.push(FieldProblem::new(format!("cell {name}"), "too_many_cells", message));
        texts.push(text);
    }
    Ok(Some(Row::of(header, number + 1, texts, problems)))
}

#[cfg(test)]
mod tests;
