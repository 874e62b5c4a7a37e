//! Tables as people have them: CSV in the encodings that spreadsheets write, and XLSX workbooks, with headers in Chinese
//! or English in any order. One table serves the white list and the applications; each verb reads the columns that it
//! knows.
//!
//! A file is read a row at a time, so that 100,000 rows cost no more memory than 500. What no value can be made of (a
//! broken byte, an error of a formula, an ID number that the spreadsheet has rounded) is refused with its row, by the
//! place at which a person finds it; every other rule is the service's. What was refused goes into a report: the same
//! table again, with the reasons beside the rows, to be mended and sent as it is.

mod column;
mod encoding;
mod error;
mod guard;
mod header;
mod lines;
mod open;
mod records;
mod report;
mod row;
mod sniff;
mod text;
mod workbook;

pub use column::{CREW, Column, CrewColumn, EVIDENCE, EvidenceColumn};
pub use encoding::Encoding;
pub use error::TableError;
pub use header::Header;
pub use open::{About, Ending, Shape, Table};
pub use report::{Format, Refused, Report, Told};
pub use row::{Cells, Row};
