//! One statement: its text with `?` where an argument goes, its arguments, and the rows that come back.

use data_encoding::HEXLOWER;
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr};

use super::backend::{Backend, Column};
pub use super::columns::{Bind, Read};
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
        <DB as Column<Vec<u8>>>::read(&self.inner, &name).map(|bytes| HEXLOWER.encode(&bytes)).unwrap_or_default()
    }
}
