//! The whole difference between the databases, and the bounds of sqlx's generics, written once so that no port
//! repeats them.

use futures::future::BoxFuture;
use sqlx::sqlite::SqliteQueryResult;
use sqlx::{Arguments, ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Row, SqlStr, Sqlite, Type};

/// A database that keeps the registry.
///
/// Only three kinds of column exist, each of them nullable too; everything else is made of them by
/// [`Bind`](super::sql::Bind) and [`Read`](super::sql::Read).
pub trait Backend:
    Runs
    + Column<i64>
    + Column<Option<i64>>
    + Column<String>
    + Column<Option<String>>
    + Column<Vec<u8>>
    + Column<Option<Vec<u8>>>
{
    /// Starts a transaction that writes.
    const BEGIN: &'static str;

    /// How many rows a statement changed.
    fn affected(result: &Self::QueryResult) -> u64;
}

impl Backend for Sqlite {
    // A deferred transaction that writes after it has read fails when another has written meanwhile, and no waiting
    // helps; an immediate one waits for its turn.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";

    fn affected(result: &SqliteQueryResult) -> u64 {
        result.rows_affected()
    }
}

/// A column type that a database takes and gives.
pub trait Column<T>: Database {
    /// Adds a value to a statement's arguments.
    fn add(arguments: &mut Self::Arguments, value: T) -> Result<(), sqlx::error::BoxDynError>;
    /// Reads the column of that name.
    fn read(row: &Self::Row, column: &str) -> sqlx::Result<T>;
}

impl<DB, T> Column<T> for DB
where
    DB: Database,
    T: Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>,
    for<'n> &'n str: ColumnIndex<DB::Row>,
{
    fn add(arguments: &mut DB::Arguments, value: T) -> Result<(), sqlx::error::BoxDynError> {
        arguments.add(value)
    }

    fn read(row: &DB::Row, column: &str) -> sqlx::Result<T> {
        row.try_get(column)
    }
}

/// A database whose connections run statements.
pub trait Runs: Database {
    /// Runs a statement and gives all its rows.
    fn fetch<'c>(
        conn: &'c mut Self::Connection,
        text: SqlStr,
        arguments: Self::Arguments,
    ) -> BoxFuture<'c, sqlx::Result<Vec<Self::Row>>>;

    /// Runs a statement that gives no rows.
    fn execute<'c>(
        conn: &'c mut Self::Connection,
        text: SqlStr,
        arguments: Self::Arguments,
    ) -> BoxFuture<'c, sqlx::Result<Self::QueryResult>>;
}

impl<DB> Runs for DB
where
    DB: Database,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    fn fetch<'c>(
        conn: &'c mut DB::Connection,
        text: SqlStr,
        arguments: DB::Arguments,
    ) -> BoxFuture<'c, sqlx::Result<Vec<DB::Row>>> {
        Box::pin(sqlx::query_with(text, arguments).fetch_all(conn))
    }

    fn execute<'c>(
        conn: &'c mut DB::Connection,
        text: SqlStr,
        arguments: DB::Arguments,
    ) -> BoxFuture<'c, sqlx::Result<DB::QueryResult>> {
        Box::pin(sqlx::query_with(text, arguments).execute(conn))
    }
}
