//! A table out of a file: what it is, its header, then its rows one at a time.

use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::column::Column;
use super::encoding::Encoding;
use super::error::TableError;
use super::header::Header;
use super::row::Row;
use super::sniff::{Is, sniff};
use super::text::Text;
use super::workbook::Workbook;

/// The largest table: far beyond the white list of a province (100,000 rows are 40 MB of CSV, 15 MB of XLSX).
const TABLE_BYTES: u64 = 512 << 20;
/// What is not a file on a disk (a pipe) is held in memory while it is read, and so is bounded further.
const PIPE_BYTES: u64 = 64 << 20;
/// Bytes that tell what a file is.
const SNIFFED_BYTES: u64 = 64;

/// What a table is read from.
trait Input: Read + Seek + Send {}
impl<T: Read + Seek + Send> Input for T {}
type Source = Box<dyn Input>;

/// A table whose header has been read.
pub struct Table {
    body: Body,
    /// What was found out about it.
    pub about: About,
}

enum Body {
    Text(Box<Text<Source>>),
    Workbook(Box<Workbook<Source>>),
}

/// What was found out about a table before its rows were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// How it is stored.
    pub shape: Shape,
    /// The line of its header.
    pub header_line: u32,
    /// Headers that mean nothing here.
    pub unknown: Vec<String>,
    /// About how many rows it has, where that can be told.
    pub rows: Option<u64>,
}

/// How a table is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// CSV.
    Text {
        /// Its encoding.
        encoding: Encoding,
        /// What stands between its cells.
        separator: char,
    },
    /// XLSX.
    Workbook {
        /// The sheet that is read.
        sheet: String,
        /// The others, hidden ones said to be.
        others: Vec<String>,
    },
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Text { encoding, separator } => {
                write!(f, "CSV, encoding 编码 {encoding}")?;
                match separator {
                    ',' => Ok(()),
                    '\t' => f.write_str(", separated by tabs 制表符分隔"),
                    other => write!(f, ", separated by 分隔符 {other}"),
                }
            }
            Shape::Workbook { sheet, others } => {
                write!(f, "XLSX, sheet 工作表 {sheet}")?;
                match others.as_slice() {
                    [] => Ok(()),
                    others => write!(f, "; not read 未读: {} (--sheet NAME)", others.join(", ")),
                }
            }
        }
    }
}

/// What was found out while the rows were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// Cells outside the table that hold nothing but white space: the first of them by name.
    pub strays: Vec<String>,
    /// How many there are.
    pub stray_count: u64,
}

impl Table {
    /// Opens a file and reads its header, which must have the columns `needed`. `sheet` names a sheet of a workbook;
    /// otherwise the first visible one with a header is taken.
    pub fn open(path: &Path, sheet: Option<&str>, needed: &[Column]) -> Result<Self, TableError> {
        let file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(TableError::NotATable { what: "a folder", advice: "name one file in it" });
        }
        if about.is_file() {
            if about.len() > TABLE_BYTES {
                return Err(TableError::TooLarge { most: TABLE_BYTES });
            }
            return Self::of(Box::new(file), sheet, needed);
        }
        let mut bytes = Vec::new();
        file.take(PIPE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > PIPE_BYTES {
            return Err(TableError::TooLarge { most: PIPE_BYTES });
        }
        Self::of(Box::new(Cursor::new(bytes)), sheet, needed)
    }

    /// Opens what stands in memory.
    pub fn of_bytes(bytes: Vec<u8>, needed: &[Column]) -> Result<Self, TableError> {
        Self::of(Box::new(Cursor::new(bytes)), None, needed)
    }

    fn of(mut input: Source, sheet: Option<&str>, needed: &[Column]) -> Result<Self, TableError> {
        let mut first = Vec::new();
        input.by_ref().take(SNIFFED_BYTES).read_to_end(&mut first)?;
        input.seek(SeekFrom::Start(0))?;
        match sniff(&first)? {
            Is::Archive => {
                let workbook = Workbook::open(input, sheet, needed)?;
                let about = About {
                    shape: Shape::Workbook { sheet: workbook.sheet.clone(), others: workbook.others.clone() },
                    header_line: workbook.header_row + 1,
                    unknown: workbook.header.unknown(),
                    rows: None,
                };
                Ok(Self { body: Body::Workbook(Box::new(workbook)), about })
            }
            Is::Text if sheet.is_some() => Err(TableError::NotAWorkbook),
            Is::Text => {
                let text = Text::open(input, needed)?;
                let about = About {
                    shape: Shape::Text { encoding: text.encoding, separator: text.separator() },
                    header_line: text.header_line,
                    unknown: text.header.unknown(),
                    rows: Some(text.lines.saturating_sub(text.header_line.into())),
                };
                Ok(Self { body: Body::Text(Box::new(text)), about })
            }
        }
    }

    /// Its header.
    pub fn header(&self) -> &Arc<Header> {
        match &self.body {
            Body::Text(text) => &text.header,
            Body::Workbook(workbook) => &workbook.header,
        }
    }

    /// Gives each row that is not blank to `each`, until that says that it is enough. What was read before an error
    /// was good.
    ///
    /// # Errors
    /// [`TableError::NoRows`] where nothing stands below the header; others where the file is damaged.
    pub fn read(self, mut each: impl FnMut(Row) -> ControlFlow<()>) -> Result<Ending, TableError> {
        let mut rows = 0_u64;
        let mut counted = |row| {
            rows += 1;
            each(row)
        };
        let ending = match self.body {
            Body::Text(text) => text.read(&mut counted).map(|()| Ending::default())?,
            Body::Workbook(workbook) => workbook.read(&mut counted)?,
        };
        if rows == 0 { Err(TableError::NoRows) } else { Ok(ending) }
    }

    /// All rows at once, for tables that have at most so many.
    ///
    /// # Errors
    /// [`TableError::TooManyRows`] where there are more; those of [`Table::read`].
    pub fn rows(self, most: usize) -> Result<(Vec<Row>, Ending), TableError> {
        let mut rows = Vec::new();
        let mut more = false;
        let ending = self.read(|row| {
            more = rows.len() == most;
            if more {
                return ControlFlow::Break(());
            }
            rows.push(row);
            ControlFlow::Continue(())
        })?;
        if more { Err(TableError::TooManyRows { most }) } else { Ok((rows, ending)) }
    }
}
