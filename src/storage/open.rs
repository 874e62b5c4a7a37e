//! Opening the embedded registry: its file, its schema, its field key.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{Migrate as _, MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqlSafeStr as _, Sqlite, SqliteConnection};
use tokio::sync::{Mutex, Semaphore, watch};

use super::errors::OpenError;
use super::fields::{self, FieldCrypto};
use super::sql::Sql;
use super::work::newest_status;
use super::{Inner, Store, WAITING_CHANGES, WAITING_SCANS, Writer};

/// The registry's file in the data folder.
pub const REGISTRY_FILE: &str = "registry.sqlite";
/// The file that is locked while a process works in the data folder.
const LOCK_FILE: &str = "registry.lock";
/// The field key's file in the data folder.
pub const FIELD_KEY_FILE: &str = "secrets/fields.key";

/// Connections that read. Reads are short and SQLite's readers do not block each other; more than the cores of a
/// small server gain nothing.
const READERS: u32 = 4;
/// How long a connection waits for a lock that another process (a backup, a person with sqlite3) holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a reader waits for a free connection before the call is refused as busy.
const READER_TIMEOUT: Duration = Duration::from_secs(10);
/// The rows of meta that are the storage's own.
const META_FIELD_KEY: &str = "field_key_check";

impl Store<Sqlite> {
    /// Opens (or makes) the registry in `folder`, brings its schema up to date, and makes its field key on the first
    /// start. What is wrong is said with what to do about it.
    pub async fn open(folder: &Path) -> Result<Self, OpenError> {
        Self::open_with_key(folder, &folder.join(FIELD_KEY_FILE)).await
    }

    /// The same with its field key in a file elsewhere.
    pub async fn open_with_key(folder: &Path, field_key: &Path) -> Result<Self, OpenError> {
        // What lies in it is nobody else's business: as doctor wants it.
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| OpenError::Io { path: folder.to_owned(), source })?;
        let lock = lock_folder(folder)?;
        // The registry's own file, and with it those of its log, are for the owner's eyes only.
        let registry = folder.join(REGISTRY_FILE);
        private(&registry).map_err(|source| OpenError::Io { path: registry, source })?;
        let failed = |source: sqlx::Error| OpenError::Database { folder: folder.to_owned(), source: Box::new(source) };
        let options = SqliteConnectOptions::new()
            .filename(folder.join(REGISTRY_FILE))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged survives a power cut: each commit waits for the disk.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let mut conn = options.connect().await.map_err(failed)?;
        migrate(folder, &mut conn).await?;
        let fields = open_fields(field_key.to_owned(), &mut conn).await?;
        let newest = newest_status::<Sqlite>(&mut conn).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(READER_TIMEOUT)
            .connect_with(options.create_if_missing(false).pragma("query_only", "ON"))
            .await
            .map_err(failed)?;
        Ok(Store(Arc::new(Inner {
            readers,
            writer: Arc::new(Mutex::new(Writer { conn, open: false })),
            fields,
            committed: watch::Sender::new(newest),
            waiting: Arc::new(Semaphore::new(WAITING_CHANGES)),
            waiting_scans: Arc::new(Semaphore::new(WAITING_SCANS)),
            _lock: lock,
        })))
    }

    /// Ends the use of a registry on which nobody else works, and leaves all of it in its one file. What fails here is
    /// done when it is opened again.
    pub async fn close(self) {
        self.0.readers.close().await;
        let mut writer = self.0.writer.lock().await;
        let _ = Sql::<Sqlite>::on("registry", "PRAGMA wal_checkpoint(TRUNCATE)").rows(&mut writer.conn).await;
    }
}

/// A data folder that belongs to this process alone, until it is dropped.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

/// Takes the data folder for this process alone. The system frees it when the process ends, however it ends.
pub fn lock_folder(folder: &Path) -> Result<FolderLock, OpenError> {
    use std::os::unix::fs::MetadataExt as _;

    let path = folder.join(LOCK_FILE);
    let io = |source| OpenError::Io { path: path.clone(), source };
    let file = private(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { folder: folder.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(io(source)),
    }
    // A restore may have put another folder in this one's place between the two lines above: then this is the lock of
    // the folder that was set aside.
    let (locked, there) = (file.metadata().map_err(io)?, std::fs::metadata(&path).map_err(io)?);
    if (locked.dev(), locked.ino()) != (there.dev(), there.ino()) {
        return Err(OpenError::InUse { folder: folder.to_owned() });
    }
    Ok(FolderLock { _file: file })
}

/// The newest version of the schema that this freightpass knows.
pub fn newest_schema() -> i64 {
    migrations().iter().map(|step| step.version).max().unwrap_or(0)
}

/// Opens a file, made for its owner alone if it is new.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The steps of the schema, oldest first. A step that was released never changes again.
fn migrations() -> Vec<Migration> {
    [(1, "registry", include_str!("migrations/sqlite/0001_registry.sql"))]
        .into_iter()
        .map(|(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect()
}

async fn migrate(folder: &Path, conn: &mut SqliteConnection) -> Result<(), OpenError> {
    let steps = migrations();
    let known = steps.iter().map(|step| step.version).max().unwrap_or(0);
    let migrator = Migrator::with_migrations(steps);
    let failed = |source: MigrateError| OpenError::Database { folder: folder.to_owned(), source: Box::new(source) };
    conn.ensure_migrations_table(&migrator.table_name).await.map_err(failed)?;
    let applied = conn.list_applied_migrations(&migrator.table_name).await.map_err(failed)?;
    let found = applied.iter().map(|step| step.version).max().unwrap_or(0);
    if found > known {
        return Err(OpenError::NewerVersion { folder: folder.to_owned(), found, known });
    }
    // Not `run`: through its `Acquire` no future of ours would be Send (sqlx says so beside this method).
    migrator.run_direct(None, conn, false).await.map_err(|error| match error {
        MigrateError::VersionMismatch(version) => OpenError::OtherBuild { folder: folder.to_owned(), version },
        other => failed(other),
    })
}

/// The field key that belongs to this registry. It is made before the first row that needs it; a registry that has
/// recognised one before takes no other.
async fn open_fields(path: PathBuf, conn: &mut SqliteConnection) -> Result<FieldCrypto, OpenError> {
    let io = |path: &PathBuf| {
        let path = path.clone();
        move |source| OpenError::Io { path, source }
    };
    let expected: Option<[u8; 32]> = Sql::<Sqlite>::on("meta", "SELECT key, value FROM meta")
        .with(" WHERE key = ", META_FIELD_KEY)
        .row(&mut *conn)
        .await?
        .map(|row| row.get("value"))
        .transpose()?;
    let secret = match (fields::read_secret(&path), expected) {
        (Ok(Some(secret)), _) => secret,
        (Ok(None), Some(_)) => return Err(OpenError::FieldKeyMissing { path }),
        (Ok(None), None) => fields::make_secret(&path).map_err(io(&path))?,
        (Err(error), _) if error.kind() == std::io::ErrorKind::InvalidData => {
            return Err(OpenError::NoFieldKey { path, bytes: fields::SECRET_BYTES });
        }
        (Err(error), _) => return Err(io(&path)(error)),
    };
    let fields = FieldCrypto::new(&secret);
    match expected {
        Some(expected) if expected != fields.check() => {
            return Err(OpenError::FieldKeyWrong { path });
        }
        Some(_) => {}
        None => {
            Sql::<Sqlite>::on("meta", "INSERT INTO meta (key, value) VALUES ")
                .rows_of([()], |row, ()| row.arg(META_FIELD_KEY).arg(fields.check()))
                .execute(conn)
                .await?;
        }
    }
    Ok(fields)
}
