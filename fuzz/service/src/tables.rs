//! What holds for any table, however it is stored.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::table::{Column, Ending, Format, Header, Refused, Report, Row, Table, TableError, Told};

/// Rows that are looked at.
const ROWS: usize = 64;

/// The header and the first rows of a table.
pub fn read(bytes: &[u8]) -> Result<(Arc<Header>, Vec<Row>), TableError> {
    let table = Table::of_bytes(bytes.to_vec(), &[])?;
    let header = Arc::clone(table.header());
    let mut rows: Vec<Row> = Vec::new();
    let ending: Result<Ending, _> = table.read(|row| {
        rows.push(row);
        if rows.len() < ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    match ending {
        Err(error) if rows.is_empty() => Err(error),
        _ => Ok((header, rows)),
    }
}

/// Rows stand below their header, in their order, one a line; a cell that was cleared has no fault any more.
pub fn sound(rows: &[Row]) {
    assert!(rows.is_sorted_by_key(|row| row.line) && rows.first().is_none_or(|row| row.line > 1));
    for row in rows {
        assert!(row.problems.iter().all(|problem| !problem.field.is_empty() && !problem.message.is_empty()));
        assert!(row.without_faults().problems.is_empty());
    }
}

/// A report of these rows is a table again, with the same cells; nobody reports on a table without the columns that a
/// verb needs.
pub fn reported(header: &Arc<Header>, rows: &[Row], format: Format) {
    if [Column::EnterpriseCode, Column::Tractor].iter().any(|column| header.place(*column).is_none()) {
        return;
    }
    let problem = Told { field: "row".to_owned(), code: "rule".to_owned(), reason: "why 因".to_owned() };
    let refused: Vec<_> =
        rows.iter().map(|row| Refused { row: row.clone(), problems: vec![problem.clone()] }).collect();
    let report = Report { header, rows: &refused, notes: &["=1+1".to_owned()] };
    let bytes = report.bytes(format).expect("a report is written");
    let own: Vec<usize> = header.own().collect();
    let (again, read) = match read(&bytes) {
        Ok(read) => read,
        Err(error) => panic!("the report is no table: {error}"),
    };
    // The line of a report's header is one line.
    let words = |title: &str| title.split_whitespace().collect::<Vec<_>>().join(" ");
    let titles = |header: &Header| header.own().map(|at| words(header.title(at))).collect::<Vec<_>>();
    assert_eq!(titles(&again), titles(header));
    for (before, after) in rows.iter().zip(&read) {
        for (place, at) in again.own().zip(&own) {
            let cell = |row: &Row, at: usize| row.cells().get(at).cloned().unwrap_or_default();
            assert_eq!(cell(after, place), cell(before, *at), "line {}, column {at}", before.line);
        }
    }
    assert_eq!(read.len(), rows.len());
}
