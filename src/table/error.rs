//! Why a table cannot be read at all; each says what to do.

use std::io;

use super::encoding::Encoding;
use super::header::WITHIN_LINES;

/// A table that cannot be read. What is wrong with one row is no such error.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// More bytes than any table has.
    #[error("larger than {} MiB; split the table", .most >> 20)]
    TooLarge {
        /// The most bytes.
        most: u64,
    },
    /// Nothing stands in it.
    #[error("the file is empty")]
    Empty,
    /// More rows than are read at once.
    #[error("more than {most} rows; split the table")]
    TooManyRows {
        /// The most rows.
        most: usize,
    },
    /// Nothing stands below the header.
    #[error("there is no row below the header")]
    NoRows,
    /// Another kind of file.
    #[error("this is {what}: {advice}")]
    NotATable {
        /// What it is.
        what: &'static str,
        /// What to do with it.
        advice: &'static str,
    },
    /// The header has a broken byte.
    #[error("the header (line {line}) is broken at byte {byte}: it is no {encoding}; save the table as \"CSV UTF-8\"")]
    BrokenHeader {
        /// Its line.
        line: u32,
        /// The byte of the line, from 1.
        byte: usize,
        /// The encoding of the other lines.
        encoding: Encoding,
    },
    /// A quote in the header has no end.
    #[error("a quote (\") in the header (line {line}) is not closed")]
    OpenHeader {
        /// Its line.
        line: u32,
    },
    /// Columns are missing, or stand twice.
    #[error("{}", header(.missing, .twice, .unknown))]
    Header {
        /// Columns that are needed and are not there.
        missing: Vec<String>,
        /// Columns that stand there twice.
        twice: Vec<String>,
        /// Headers that mean nothing.
        unknown: Vec<String>,
    },
    /// There is no such sheet.
    #[error("there is no sheet {wanted:?}; the sheets are: {}", .sheets.join(", "))]
    NoSheet {
        /// What was asked for.
        wanted: String,
        /// The sheets that there are.
        sheets: Vec<String>,
    },
    /// A sheet was asked for, and the file has none.
    #[error("--sheet names a sheet of a workbook, and this is CSV")]
    NotAWorkbook,
    /// The workbook unpacks to more than any table has.
    #[error("{part} of the workbook unpacks to more than {} MiB; a table of that size is split, and anything else is no table", .most >> 20)]
    Unpacks {
        /// The part.
        part: String,
        /// The most bytes.
        most: u64,
    },
    /// Parts of the workbook contradict each other.
    #[error("the workbook is damaged: {why}; open it, save it again, and try once more")]
    Damaged {
        /// What is wrong.
        why: String,
    },
}

impl TableError {
    /// A workbook of which something cannot be read.
    pub fn damaged(why: impl ToString) -> Self {
        TableError::Damaged { why: why.to_string() }
    }
}

fn header(missing: &[String], twice: &[String], unknown: &[String]) -> String {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!(
            "the first line (or one of the first {WITHIN_LINES}, below a title) must name the columns, and lacks: {}",
            missing.join(", ")
        ));
    }
    if !twice.is_empty() {
        parts.push(format!("these columns stand twice in the header, remove one: {}", twice.join(", ")));
    }
    if !unknown.is_empty() {
        parts.push(format!("of the header these mean nothing here: {}", unknown.join(", ")));
    }
    format!("{}. `freightpass sample --rows 1` prints a table with every header", parts.join("; "))
}
