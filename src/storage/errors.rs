//! What can go wrong between a port and its database. Nothing of it is shown to a client.

use std::error::Error;
use std::path::PathBuf;

/// A port's work on the database failed. The transaction it stood in has left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The request id was used before, by the same caller and method, with other contents.
    #[error("the request id was used before with other contents")]
    RequestReused,
    /// A unique key is taken: another call was faster. Rooms turn it into their own conflict where they expect it.
    #[error("a row of {table} with this key exists")]
    Duplicate {
        /// The table whose key is taken.
        table: &'static str,
    },
    /// A stored value that nothing of ours can have written.
    #[error("impossible value in {table}.{column}, row {row}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's first selected column, as text.
        row: String,
    },
    /// A protected field does not open: it was altered, or it is of another field key.
    #[error("{context} does not open with this field key")]
    FieldSealed {
        /// What the field is, as given when it was sealed.
        context: &'static str,
    },
    /// The machine gives no randomness.
    #[error("no randomness from the operating system")]
    NoRandomness,
    /// A page token that is none of ours, or of another list or filter.
    #[error("the page token does not belong to this list and filter")]
    PageToken,
    /// A result that does not fit into the requests table, or that was stored by another version.
    #[error("the stored answer of {method} is not readable")]
    StoredAnswer {
        /// The method whose answer it is.
        method: &'static str,
        /// What the reader of JSON says.
        #[source]
        source: serde_json::Error,
    },
    /// More changes wait for the database than it can make in good time, or it did not answer within the time we wait
    /// for its lock. Nothing was changed; the same call may be made again.
    #[error("the database is busy")]
    Busy,
    /// Another change came between reading a row and writing it. With the one writer of SQLite that cannot be; another
    /// database lets two transactions read the same row, and the loser has to begin again.
    #[error("another change of {table} came between")]
    Overtaken {
        /// The table.
        table: &'static str,
    },
    /// The disk is full. Nothing was changed; when there is space again, the same call may be made again.
    #[error("the disk of the registry is full: make space, and everything goes on by itself")]
    Full,
    /// The registry's file or folder may not be written to. Nothing was changed.
    #[error("the registry may not be written to: its file system is read-only, or its folder belongs to somebody else")]
    ReadOnly,
    /// The database failed.
    #[error("the database failed in {table}")]
    Database {
        /// The table of the statement, or `transaction`.
        table: &'static str,
        /// The driver's words, for the log.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The task of a transaction was stopped before its end: the service is stopping.
    #[error("the work was stopped before its end")]
    Stopped,
    /// The task of a transaction panicked: a fault of ours.
    #[error("the work panicked")]
    Panicked,
}

/// Why a registry cannot be opened, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder was written by a newer freightpass.
    #[error(
        "the registry in {folder} has schema version {found}, this freightpass knows versions up to {known}: \
         start the newer freightpass again, or restore a backup made by this version into another folder"
    )]
    NewerVersion {
        /// The data folder.
        folder: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that we know.
        known: i64,
    },
    /// Another process works in the data folder.
    #[error("another freightpass works in {folder}: stop it, or name another data folder")]
    InUse {
        /// The data folder.
        folder: PathBuf,
    },
    /// A step of the schema was made by another build than this one.
    #[error(
        "schema version {version} of the registry in {folder} was made by another build of freightpass: \
         use that build, or start with an empty data folder"
    )]
    OtherBuild {
        /// The data folder.
        folder: PathBuf,
        /// The step that differs.
        version: i64,
    },
    /// The registry holds protected fields, and their key is not there.
    #[error(
        "{path} is missing, and without it the ID and phone numbers in the registry cannot be read: restore it from its backup"
    )]
    FieldKeyMissing {
        /// Where it should stand.
        path: PathBuf,
    },
    /// The key file is another one than that with which the registry was written.
    #[error("{path} is not the key with which this registry was written: put the right one back")]
    FieldKeyWrong {
        /// The key file.
        path: PathBuf,
    },
    /// What stands in the key file is no key, of any registry.
    #[error("{path} is no key of the protected fields, which has exactly {bytes} bytes: put the right one back")]
    NoFieldKey {
        /// The key file.
        path: PathBuf,
        /// Bytes of a key.
        bytes: usize,
    },
    /// A file or folder cannot be read or made.
    #[error("{path}: {source}; {}", advice(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        #[source]
        source: std::io::Error,
    },
    /// The database itself fails.
    #[error("the registry in {folder} cannot be opened: {source}")]
    Database {
        /// The data folder.
        folder: PathBuf,
        /// The driver's words.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The first reads failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What to do about a file that cannot be read or made.
fn advice(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;

    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make space on this disk, and start again",
        ErrorKind::ReadOnlyFilesystem => "mount this file system for writing, and start again",
        _ => "check that it exists and belongs to the user who runs freightpass",
    }
}

impl StorageError {
    /// The driver's error, sorted: a taken key and a busy database have names of their own.
    pub(super) fn of(table: &'static str, error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(inner) = &error {
            if inner.is_unique_violation() {
                return Self::Duplicate { table };
            }
            // Result codes of SQLite, whose upper bytes say more than the kinds that lie in the lowest one.
            let code = inner.code().and_then(|code| code.parse::<u32>().ok());
            match code.map(|code| (code & 0xff, code)) {
                // SQLITE_BUSY, with SQLITE_BUSY_SNAPSHOT.
                Some((5, _)) => return Self::Busy,
                // SQLITE_READONLY and its kind.
                Some((8, _)) => return Self::ReadOnly,
                // SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: the file system has no block left for the index of the log.
                Some((13, _) | (10, 4874)) => return Self::Full,
                _ => {}
            }
        }
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy;
        }
        Self::Database { table, source: Box::new(error) }
    }
}
