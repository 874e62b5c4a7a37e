//! What a registry's file holds, in numbers: whether it is whole, how many rows, how far its sequences go. It is asked
//! of files that nobody works on: a snapshot, a backup that is read back, a folder whose service is stopped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use freightpass_core::bundle::Provision;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Sqlite, SqliteConnection};

use super::errors::StorageError;
use super::sql::Sql;

/// Complaints of the integrity check that are repeated: one is enough to take another copy.
const COMPLAINTS: usize = 3;

/// What a registry holds, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The version of its schema.
    pub schema: i64,
    /// The deployment, 16 hexadecimal digits; empty before the first trust list.
    pub deployment: String,
    /// The newest seq of the status log.
    pub log_seq: u64,
    /// The seq of the newest manifest; 0 before the first.
    pub manifest_seq: u32,
    /// When it was signed, seconds since 1970; 0 before the first.
    pub manifest_issued: u32,
    /// The seq of the status log up to which it speaks.
    pub manifest_log_seq: u64,
    /// The sequence of the newest trust list; 0 before the first.
    pub trust_sequence: u32,
    /// The newest seq of the audit log.
    pub audit_seq: u64,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
}

/// Why a file is no whole registry.
#[derive(Debug, thiserror::Error)]
pub enum FiguresError {
    /// SQLite finds faults in it.
    #[error("{path} is no whole database: {complaints}", path = path.display())]
    NotWhole {
        /// The file.
        path: PathBuf,
        /// What SQLite says of it.
        complaints: String,
    },
    /// It cannot be read as a registry.
    #[error("{path} does not read as a registry: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

macro_rules! tables {
    ($($table:literal),+ $(,)?) => {
        [$(($table, concat!("SELECT COUNT(*) AS n FROM ", $table))),+]
    };
}

/// Every table of the schema. A test compares it with the migrations.
const TABLES: [(&str, &str); 24] = tables![
    "meta",
    "requests",
    "audit",
    "enterprises",
    "vehicles",
    "people",
    "applications",
    "application_crew",
    "application_steps",
    "serials",
    "lists",
    "leases",
    "passes",
    "amended_crew",
    "status_log",
    "outbox",
    "trust_lists",
    "survivors",
    "manifests",
    "status_objects",
    "scans",
    "arrivals",
    "programme_rules",
    "_sqlx_migrations",
];

impl Figures {
    /// The figures of a registry's file on which nobody works and which has no write-ahead log beside it. It is checked
    /// whole, and not changed.
    pub async fn of_file(path: &Path) -> Result<Self, FiguresError> {
        let unreadable = |source| FiguresError::Unreadable { path: path.to_owned(), source };
        let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
        let mut conn = options.connect().await.map_err(|error| unreadable(Box::new(error)))?;
        let figures = Self::whole(path, &mut conn).await;
        // It was only read: nothing can be lost in closing.
        let _ = conn.close().await;
        figures
    }

    async fn whole(path: &Path, conn: &mut SqliteConnection) -> Result<Self, FiguresError> {
        let unreadable =
            |source: StorageError| FiguresError::Unreadable { path: path.to_owned(), source: source.into() };
        let complaints = complaints(conn).await.map_err(unreadable)?;
        if !complaints.is_empty() {
            return Err(FiguresError::NotWhole { path: path.to_owned(), complaints: complaints.join("; ") });
        }
        Self::read(conn).await.map_err(unreadable)
    }

    pub(super) async fn read(conn: &mut SqliteConnection) -> Result<Self, StorageError> {
        let mut rows = BTreeMap::new();
        for (table, count) in TABLES {
            rows.insert(table.to_owned(), number(conn, table, count).await?);
        }
        let provision: Option<Vec<u8>> = Sql::<Sqlite>::on("meta", "SELECT key, value FROM meta")
            .with(" WHERE key = ", "provision")
            .row(conn)
            .await?
            .map(|row| row.get("value"))
            .transpose()?;
        let deployment = provision.and_then(|object| Provision::decode(&object).ok()).map(|read| *read.deployment());
        let small = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        let newest = "SELECT COALESCE((SELECT issued FROM manifests ORDER BY seq DESC LIMIT 1), 0) AS n";
        Ok(Self {
            schema: i64::try_from(
                number(conn, "_sqlx_migrations", "SELECT COALESCE(MAX(version), 0) AS n FROM _sqlx_migrations").await?,
            )
            .unwrap_or(i64::MAX),
            deployment: deployment.map(|bytes| HEXLOWER.encode(&bytes)).unwrap_or_default(),
            log_seq: number(conn, "status_log", "SELECT COALESCE(MAX(seq), 0) AS n FROM status_log").await?,
            manifest_seq: small(number(conn, "manifests", "SELECT COALESCE(MAX(seq), 0) AS n FROM manifests").await?),
            manifest_issued: small(number(conn, "manifests", newest).await?),
            manifest_log_seq: number(conn, "manifests", "SELECT COALESCE(MAX(log_seq), 0) AS n FROM manifests").await?,
            trust_sequence: small(
                number(conn, "trust_lists", "SELECT COALESCE(MAX(seq), 0) AS n FROM trust_lists").await?,
            ),
            audit_seq: number(conn, "audit", "SELECT COALESCE(MAX(seq), 0) AS n FROM audit").await?,
            rows,
        })
    }

    /// Rows of that table.
    pub fn rows_of(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or(0)
    }
}

/// What SQLite finds wrong with the database; nothing if it is whole.
pub(super) async fn complaints(conn: &mut SqliteConnection) -> Result<Vec<String>, StorageError> {
    let mut found = Vec::new();
    for row in Sql::<Sqlite>::on("registry", "PRAGMA integrity_check(3)").rows(conn).await? {
        let line: String = row.get("integrity_check")?;
        if line != "ok" {
            found.push(line);
        }
    }
    let broken = Sql::<Sqlite>::on("registry", "PRAGMA foreign_key_check").rows(conn).await?.len();
    if broken > 0 {
        found.push(format!("{broken} row(s) refer to rows that are not there"));
    }
    found.truncate(COMPLAINTS);
    Ok(found)
}

async fn number(conn: &mut SqliteConnection, table: &'static str, text: &'static str) -> Result<u64, StorageError> {
    Sql::<Sqlite>::on(table, text).row(conn).await?.map_or(Ok(0), |row| row.get("n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Store;
    use super::*;

    #[tokio::test]
    async fn every_table_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let mut conn = store.reader().await.unwrap();
        let text = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let rows = Sql::<Sqlite>::on("sqlite_master", text).rows(&mut conn).await.unwrap();
        let there: BTreeSet<String> = rows.iter().map(|row| row.get("name").unwrap()).collect();
        let counted: BTreeSet<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
        assert_eq!(there, counted);
    }

    #[tokio::test]
    async fn file_that_is_no_registry_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.sqlite");
        std::fs::write(&path, "not a database at all, but long enough to have a header of its own, and more").unwrap();
        let error = Figures::of_file(&path).await.unwrap_err().to_string();
        assert!(error.contains("registry.sqlite"), "{error}");
    }
}
