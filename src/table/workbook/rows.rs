//! The rows of a sheet out of its stream of cells. Only cells that hold something are there; whatever the sheet says
//! about its size is not asked.

use std::io::{Read, Seek};

use calamine::{XlsxCellFormulaMetadataRecord, XlsxCellReader, XlsxFormulaMetadata};

use super::super::error::TableError;
use super::cell::{Cell, name};

/// Cells beyond the table that a row may name; a row with more of them has another header.
const BEYOND_NAMED: usize = 3;
/// Blank cells that a row names.
const STRAYS_NAMED: usize = 3;

/// The rows of a sheet, in their order.
pub struct SheetRows<'a, R: Read + Seek> {
    cells: XlsxCellReader<'a, R>,
    width: usize,
    /// The first cell of the next row.
    ahead: Option<(u32, usize, Cell)>,
    /// The row that was given last.
    last: Option<u32>,
    /// The last cell was read: to ask for another would be a fault.
    ended: bool,
    /// Cells that may still be read.
    left: u64,
}

/// A row with something in it, if only space.
#[derive(Debug, Default)]
pub struct Found {
    /// Its number, from 0.
    pub row: u32,
    /// The cells of the table's columns.
    pub cells: Vec<Option<Cell>>,
    /// Cells beyond them that hold something: name and text.
    pub beyond: Vec<(String, String)>,
    /// Cells that hold nothing but space where no table is, beyond its columns or alone in their row: the first by name.
    pub strays: Vec<String>,
    /// How many there are.
    pub stray_count: u64,
}

impl Found {
    /// Whether anything in it can be seen.
    pub fn holds_something(&self) -> bool {
        !self.beyond.is_empty() || self.cells.iter().flatten().any(|cell| !cell.is_blank())
    }

    /// The texts of the cells, for a header.
    pub fn titles(&self) -> Vec<String> {
        self.cells.iter().map(|cell| cell.clone().map_or_else(String::new, |cell| cell.read(None).0)).collect()
    }
}

impl<'a, R: Read + Seek> SheetRows<'a, R> {
    /// The rows of a table with so many columns.
    pub fn of(cells: XlsxCellReader<'a, R>, width: usize) -> Self {
        Self { cells, width, ahead: None, last: None, ended: false, left: u64::MAX }
    }

    /// The same, as if the sheet ended after so many cells, empty ones among them.
    pub fn within(self, cells: u64) -> Self {
        Self { left: cells, ..self }
    }

    /// The next row in which something stands.
    pub fn next(&mut self) -> Result<Option<Found>, TableError> {
        let Some((row, column, cell)) = (match self.ahead.take() {
            Some(ahead) => Some(ahead),
            None => self.cell()?,
        }) else {
            return Ok(None);
        };
        if self.last.is_some_and(|last| last >= row) {
            return Err(TableError::damaged(format!("row {} does not stand in its place", u64::from(row) + 1)));
        }
        self.last = Some(row);
        let mut found = Found { row, cells: vec![None; self.width], ..Found::default() };
        self.add(&mut found, column, cell);
        while let Some((next, column, cell)) = self.cell()? {
            if next != row {
                self.ahead = Some((next, column, cell));
                break;
            }
            self.add(&mut found, column, cell);
        }
        if !found.holds_something() {
            let blank: Vec<usize> = (0..self.width).filter(|at| found.cells[*at].is_some()).collect();
            found.stray_count += blank.len() as u64;
            found.strays.extend(blank.iter().take(STRAYS_NAMED).map(|at| name(row, *at)));
        }
        Ok(Some(found))
    }

    fn add(&self, found: &mut Found, column: usize, cell: Cell) {
        match found.cells.get_mut(column) {
            Some(place) => *place = Some(cell),
            None if cell.is_blank() => {
                found.stray_count += 1;
                if found.strays.len() < STRAYS_NAMED {
                    found.strays.push(name(found.row, column));
                }
            }
            None => {
                if found.beyond.len() < BEYOND_NAMED {
                    found.beyond.push((name(found.row, column), cell.read(None).0));
                }
            }
        }
    }

    /// The next cell that is not empty.
    fn cell(&mut self) -> Result<Option<(u32, usize, Cell)>, TableError> {
        while !self.ended {
            if self.left == 0 {
                self.ended = true;
                break;
            }
            self.left -= 1;
            let record = self.cells.next_cell_with_formula_metadata().map_err(TableError::damaged)?;
            let Some(record) = record else {
                self.ended = true;
                break;
            };
            let XlsxCellFormulaMetadataRecord { pos: (row, column), value, formula, .. } = record;
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            let cell = Cell::of(value).or_else(|| formula.map(|formula| Cell::Formula(text(formula))));
            if let Some(cell) = cell {
                return Ok(Some((row, column, cell)));
            }
        }
        Ok(None)
    }
}

fn text(formula: XlsxFormulaMetadata) -> String {
    match formula {
        XlsxFormulaMetadata::Normal { formula } | XlsxFormulaMetadata::Shared { formula, .. } => formula,
        _ => String::new(),
    }
}
