//! One statement: its text with `?` where an argument goes, its arguments, and the rows that come back.

use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr};
use uuid::Uuid;

use super::backend::{Backend, Column};
use super::errors::StorageError;

/// The most arguments in one statement: SQLite takes 32,766 and PostgreSQL 65,535, and beyond some thousands a longer
/// statement gains nothing.
const MAX_ARGUMENTS: usize = 8_000;

/// A statement being put together. The text is ours alone; whatever comes from outside is an argument.
pub struct Sql<DB: Backend> {
    table: &'static str,
    text: String,
    arguments: DB::Arguments,
    count: usize,
    refused: Option<sqlx::error::BoxDynError>,
}

impl<DB: Backend> Sql<DB> {
    /// A statement on `table` (its name is for errors), with `text` as its beginning.
    pub fn on(table: &'static str, text: &'static str) -> Self {
        Self { table, text: text.to_owned(), arguments: DB::Arguments::default(), count: 0, refused: None }
    }

    /// Adds text.
    #[must_use]
    pub fn push(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds an argument where the text stands now.
    #[must_use]
    pub fn arg<T>(mut self, value: T) -> Self
    where
        T: Bind,
        DB: Column<T::Column>,
    {
        use std::fmt::Write as _;

        use sqlx::Arguments as _;

        self.count += 1;
        if let Err(error) = <DB as Column<T::Column>>::add(&mut self.arguments, value.column()) {
            self.refused = Some(error);
        }
        let mut placeholder = String::new();
        // Writing to a String cannot fail.
        let _ = self.arguments.format_placeholder(&mut placeholder);
        let _ = write!(self.text, "{placeholder}");
        self
    }

    /// Adds `text` and then an argument.
    #[must_use]
    pub fn with<T>(self, text: &'static str, value: T) -> Self
    where
        T: Bind,
        DB: Column<T::Column>,
    {
        self.push(text).arg(value)
    }

    /// Adds `text` and an argument if there is one: an optional filter.
    #[must_use]
    pub fn filter<T>(self, text: &'static str, value: Option<T>) -> Self
    where
        T: Bind,
        DB: Column<T::Column>,
    {
        match value {
            Some(value) => self.with(text, value),
            None => self,
        }
    }

    /// Adds `(a, b, ...), (a, b, ...)`: `row` adds one row's arguments, each by [`Sql::arg`] after [`Sql::comma`].
    #[must_use]
    pub fn rows_of<I: IntoIterator>(mut self, items: I, mut row: impl FnMut(Tuple<DB>, I::Item) -> Tuple<DB>) -> Self {
        for (at, item) in items.into_iter().enumerate() {
            self.text.push_str(if at == 0 { "(" } else { ", (" });
            self = row(Tuple { sql: self, first: true }, item).sql;
            self.text.push(')');
        }
        self
    }

    /// Adds `(a, b, ...)`: a list for IN.
    #[must_use]
    pub fn list<T>(mut self, values: impl IntoIterator<Item = T>) -> Self
    where
        T: Bind,
        DB: Column<T::Column>,
    {
        self.text.push('(');
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                self.text.push_str(", ");
            }
            self = self.arg(value);
        }
        self.text.push(')');
        self
    }

    /// Runs it: how many rows it changed.
    pub async fn execute(self, conn: &mut DB::Connection) -> Result<u64, StorageError> {
        let table = self.table;
        let (text, arguments) = self.ready()?;
        let result = DB::execute(conn, text, arguments).await.map_err(|error| StorageError::of(table, error))?;
        Ok(DB::affected(&result))
    }

    /// Runs it: all its rows.
    pub async fn rows(self, conn: &mut DB::Connection) -> Result<Vec<Row<DB>>, StorageError> {
        let table = self.table;
        let (text, arguments) = self.ready()?;
        let rows = DB::fetch(conn, text, arguments).await.map_err(|error| StorageError::of(table, error))?;
        Ok(rows.into_iter().map(|inner| Row { table, inner }).collect())
    }

    /// Runs it: its first row, if it has one.
    pub async fn row(self, conn: &mut DB::Connection) -> Result<Option<Row<DB>>, StorageError> {
        Ok(self.rows(conn).await?.into_iter().next())
    }

    fn ready(self) -> Result<(sqlx::SqlStr, DB::Arguments), StorageError> {
        match self.refused {
            Some(source) => Err(StorageError::Database { table: self.table, source }),
            None => Ok((AssertSqlSafe(self.text).into_sql_str(), self.arguments)),
        }
    }
}

/// How many rows of `columns` arguments go into one statement.
pub const fn rows_a_statement(columns: usize) -> usize {
    MAX_ARGUMENTS / columns
}

/// One row of a VALUES list being put together.
pub struct Tuple<DB: Backend> {
    sql: Sql<DB>,
    first: bool,
}

impl<DB: Backend> Tuple<DB> {
    /// Adds the row's next value.
    #[must_use]
    pub fn arg<T>(mut self, value: T) -> Self
    where
        T: Bind,
        DB: Column<T::Column>,
    {
        if !self.first {
            self.sql.text.push_str(", ");
        }
        Self { sql: self.sql.arg(value), first: false }
    }
}

/// One row that came back.
pub struct Row<DB: Backend> {
    table: &'static str,
    inner: DB::Row,
}

impl<DB: Backend> Row<DB> {
    /// The column of that name. A value that the type does not have is [`StorageError::Corrupt`].
    pub fn get<T>(&self, column: &'static str) -> Result<T, StorageError>
    where
        T: Read,
        DB: Column<T::Column>,
    {
        let stored = <DB as Column<T::Column>>::read(&self.inner, column)
            .map_err(|error| StorageError::of(self.table, error))?;
        T::read(stored).ok_or_else(|| self.corrupt(column))
    }

    /// The error for a value of this row that nothing of ours can have written.
    pub fn corrupt(&self, column: &'static str) -> StorageError {
        StorageError::Corrupt { table: self.table, column, row: self.key() }
    }

    /// The first selected column as text: every SELECT of ours begins with a key.
    fn key(&self) -> String {
        use sqlx::Column as _;

        let Some(name) = self.inner.columns().first().map(|column| column.name().to_owned()) else {
            return String::new();
        };
        if let Ok(number) = <DB as Column<i64>>::read(&self.inner, &name) {
            return number.to_string();
        }
        if let Ok(text) = <DB as Column<String>>::read(&self.inner, &name) {
            return text;
        }
        <DB as Column<Vec<u8>>>::read(&self.inner, &name)
            .map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
            .unwrap_or_default()
    }
}

/// A value that goes into a column.
pub trait Bind {
    /// The column's type: i64, String, bytes, or one of them nullable.
    type Column;
    /// The value as the column takes it.
    fn column(self) -> Self::Column;
}

/// A value that is read from a column.
pub trait Read: Sized {
    /// The column's type.
    type Column;
    /// The value, or none if the column holds what the type has not.
    fn read(stored: Self::Column) -> Option<Self>;
}

macro_rules! integers {
    ($($int:ty),*) => {$(
        impl Bind for $int {
            type Column = i64;
            fn column(self) -> i64 {
                i64::from(self)
            }
        }
        impl Read for $int {
            type Column = i64;
            fn read(stored: i64) -> Option<Self> {
                Self::try_from(stored).ok()
            }
        }
        impl Read for Option<$int> {
            type Column = Option<i64>;
            fn read(stored: Option<i64>) -> Option<Self> {
                match stored {
                    None => Some(None),
                    Some(value) => <$int>::try_from(value).ok().map(Some),
                }
            }
        }
    )*};
}
integers!(u8, u16, u32, i64);

/// Sequences and seconds: what is beyond the column's range saturates, and no row has such a key.
impl Bind for u64 {
    type Column = i64;
    fn column(self) -> i64 {
        i64::try_from(self).unwrap_or(i64::MAX)
    }
}

impl Read for u64 {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        u64::try_from(stored).ok()
    }
}

impl Read for Option<u64> {
    type Column = Option<i64>;
    fn read(stored: Option<i64>) -> Option<Self> {
        match stored {
            None => Some(None),
            Some(value) => u64::try_from(value).ok().map(Some),
        }
    }
}

impl Bind for bool {
    type Column = i64;
    fn column(self) -> i64 {
        i64::from(self)
    }
}

impl Read for bool {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        match stored {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Bind for &str {
    type Column = String;
    fn column(self) -> String {
        self.to_owned()
    }
}

impl Bind for String {
    type Column = String;
    fn column(self) -> String {
        self
    }
}

impl Bind for &String {
    type Column = String;
    fn column(self) -> String {
        self.clone()
    }
}

impl Read for String {
    type Column = String;
    fn read(stored: String) -> Option<Self> {
        Some(stored)
    }
}

impl Read for Option<String> {
    type Column = Option<String>;
    fn read(stored: Option<String>) -> Option<Self> {
        Some(stored)
    }
}

impl Bind for Vec<u8> {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self
    }
}

impl Bind for &[u8] {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self.to_vec()
    }
}

impl<const N: usize> Bind for [u8; N] {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self.to_vec()
    }
}

impl<const N: usize> Bind for &[u8; N] {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self.to_vec()
    }
}

impl Read for Vec<u8> {
    type Column = Vec<u8>;
    fn read(stored: Vec<u8>) -> Option<Self> {
        Some(stored)
    }
}

impl Read for Option<Vec<u8>> {
    type Column = Option<Vec<u8>>;
    fn read(stored: Option<Vec<u8>>) -> Option<Self> {
        Some(stored)
    }
}

impl<const N: usize> Read for [u8; N] {
    type Column = Vec<u8>;
    fn read(stored: Vec<u8>) -> Option<Self> {
        stored.try_into().ok()
    }
}

impl<const N: usize> Read for Option<[u8; N]> {
    type Column = Option<Vec<u8>>;
    fn read(stored: Option<Vec<u8>>) -> Option<Self> {
        match stored {
            None => Some(None),
            Some(bytes) => bytes.try_into().ok().map(Some),
        }
    }
}

impl Bind for Uuid {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
}

impl Read for Uuid {
    type Column = Vec<u8>;
    fn read(stored: Vec<u8>) -> Option<Self> {
        Uuid::from_slice(&stored).ok()
    }
}

/// Milliseconds since 1970, as every `*_at` column holds them.
impl Bind for Timestamp {
    type Column = i64;
    fn column(self) -> i64 {
        self.as_millisecond()
    }
}

impl Read for Timestamp {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        Timestamp::from_millisecond(stored).ok()
    }
}

impl Read for Option<Timestamp> {
    type Column = Option<i64>;
    fn read(stored: Option<i64>) -> Option<Self> {
        match stored {
            None => Some(None),
            Some(value) => Timestamp::from_millisecond(value).ok().map(Some),
        }
    }
}

impl<T: Bind> Bind for Option<T> {
    type Column = Option<T::Column>;
    fn column(self) -> Option<T::Column> {
        self.map(Bind::column)
    }
}
