//! Why nothing was restored. Whatever it is, the folder that was there is as it was.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;

use super::published::SourceError;
use crate::backup::BackupError;
use crate::storage::{FiguresError, OpenError, StorageError};

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A service runs on the folder, or it cannot be locked.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The registry in the backup is of a later freightpass.
    #[error(
        "the backup was made by freightpass {by}, whose registry has schema version {found}; this freightpass knows \
         versions up to {known}: restore it with that freightpass"
    )]
    NewerVersion {
        /// Who made it.
        by: String,
        /// The version in it.
        found: i64,
        /// The newest version that we know.
        known: i64,
    },
    /// The registry in the backup is not what its contents say.
    #[error("the registry in the backup is not what the backup's contents say: take another copy or an older backup")]
    OtherFigures,
    /// The registry in the backup is not whole.
    #[error(transparent)]
    Registry(#[from] FiguresError),
    /// A file in the backup would lie outside of the folder.
    #[error("the backup holds a file of the name {name:?}, which belongs in no data folder")]
    Name {
        /// The name.
        name: String,
    },
    /// The clock is behind the backup.
    #[error(
        "the clock of this machine says {now}, and the backup was made at {made_at}: set the clock, since by it is found \
         what may have been given out since"
    )]
    ClockBehind {
        /// The clock.
        now: Timestamp,
        /// The backup.
        made_at: Timestamp,
    },
    /// There is something else in the folder.
    #[error("{path} is not empty and is no data folder: name another one", path = path.display())]
    NotADataFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The folder belongs to another deployment.
    #[error(
        "{path} holds deployment {found}, the backup is of deployment {wanted}: name another folder",
        path = path.display()
    )]
    OtherDeployment {
        /// The folder.
        path: PathBuf,
        /// Its deployment.
        found: String,
        /// That of the backup.
        wanted: String,
    },
    /// The folder cannot be put in its place in one step.
    #[error(
        "{path} cannot be exchanged in one step ({source}): it is a mount point, or its file system cannot do that; \
         restore into a folder below it or beside it, and name that as data_folder",
        path = path.display()
    )]
    CannotExchange {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Nothing tells what was published since the backup.
    #[error(
        "what was published since the backup cannot be read back{}: whatever was revoked since would come back. Give \
         --published with the service's last bundle (from its CDN, a replica, or a file of `freightpass sync --save`). \
         Only if there is none anywhere, --without-published goes on without it",
        told(why)
    )]
    NothingPublished {
        /// What was tried, and why it did not serve.
        why: Vec<String>,
    },
    /// What was given as published does not serve.
    #[error("--published: {0}")]
    Published(#[source] SourceError),
    /// A file or folder.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The registry that is being restored.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn told(why: &[String]) -> String {
    if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) }
}
