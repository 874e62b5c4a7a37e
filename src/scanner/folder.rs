//! The scanner's folder: one file, `held.fp`, with everything that was adopted, and `lock`, held by whoever changes it.
//! Beside them lies what was admitted here before ([`super::crossings`]), which is nobody's to wait for.
//!
//! A change is three steps. (1) The new contents are written to `held.new` and synced: a crash here leaves the old
//! file, and the next change writes over `held.new`. (2) `held.new` is renamed to `held.fp`: readers find the old file
//! or the new one, whole. (3) The folder is synced: a crash before it may bring back the old file, which is only
//! older. Readers take no lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use freightpass_core::bundle::Provision;
use freightpass_core::hold::Held;
use freightpass_core::limits::HELD_BYTES;
use freightpass_core::malformed::Malformed;

use super::crossings::{Crossings, Purpose};
use crate::messages;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Nothing was provisioned here.
    #[error("{}", told("not_provisioned", path))]
    NotProvisioned {
        /// The folder.
        path: PathBuf,
    },
    /// The folder belongs to something else already.
    #[error("{}", told("other_provision", path))]
    OtherProvision {
        /// The folder.
        path: PathBuf,
    },
    /// Somebody else is changing it.
    #[error("{}", told("busy", path))]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The file is torn or rotten.
    #[error("{}", told_damaged(path, malformed))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        malformed: Malformed,
    },
    /// The file system refused.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What the officer reads, of the fault with that code.
fn told(code: &str, path: &Path) -> String {
    messages::fault(code, &[("path", &path.display().to_string())])
}

fn told_damaged(path: &Path, malformed: &Malformed) -> String {
    messages::fault("damaged", &[("path", &path.display().to_string()), ("malformed", &malformed.to_string())])
}

/// A scanner's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

/// By what it is told that a scanner's folder was changed: whoever changes it puts a new file in the place of the old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

/// The right to change a folder; it ends when the guard is dropped or the program dies.
#[derive(Debug)]
pub struct Guard {
    folder: Folder,
    _lock: File,
}

impl Folder {
    /// The folder at `path`; nothing is read or made yet.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// What the scanner holds.
    ///
    /// # Errors
    /// [`FolderError::NotProvisioned`] for a folder without a scanner, [`FolderError::Damaged`], and those of files.
    pub fn read(&self) -> Result<Held, FolderError> {
        let path = self.held();
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(FolderError::NotProvisioned { path: self.path.clone() });
            }
            opened => opened.map_err(|source| FolderError::File { path: path.clone(), source })?,
        };
        let mut bytes = Vec::new();
        // One byte over the cap is enough for the decoder to refuse it.
        let read = file.take(HELD_BYTES as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|source| FolderError::File { path: path.clone(), source })?;
        Held::from_own_file(&bytes).map_err(|malformed| FolderError::Damaged { path, malformed })
    }

    /// What tells this state of the folder from the next; none where there is no scanner.
    pub fn stamp(&self) -> Option<Stamp> {
        let file = fs::metadata(self.held()).ok()?;
        Some(Stamp { inode: file.ino(), bytes: file.len(), changed: (file.ctime(), file.ctime_nsec()) })
    }

    /// Takes the right to change the folder, and makes the folder where it is missing.
    ///
    /// # Errors
    /// [`FolderError::Busy`] when another program has it; it is not waited for.
    pub fn lock(&self) -> Result<Guard, FolderError> {
        let fault = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderError::File { path, source }
        };
        fs::create_dir_all(&self.path).map_err(fault(&self.path))?;
        let path = self.path.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(fault(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Guard { folder: self.clone(), _lock: file }),
            Err(TryLockError::WouldBlock) => Err(FolderError::Busy { path: self.path.clone() }),
            Err(TryLockError::Error(source)) => Err(FolderError::File { path, source }),
        }
    }

    /// What was admitted here before, as it is remembered at the moment `t`, seconds since 1970.
    pub fn crossings(&self, t: u64, purpose: Purpose) -> Crossings {
        Crossings::read(&self.path, t, purpose)
    }

    fn held(&self) -> PathBuf {
        self.path.join("held.fp")
    }
}

impl Guard {
    /// A scanner newly provisioned, or the one that is here and was provisioned alike. Nothing is written.
    ///
    /// # Errors
    /// [`FolderError::OtherProvision`] where the scanner here has other roots or another deployment: whoever brings a
    /// new provisioning file must not take over a scanner that is in use.
    pub fn provision(&self, provision: &Provision) -> Result<Held, FolderError> {
        match self.folder.read() {
            Ok(held) if held.provision() == provision => Ok(held),
            Ok(_) => Err(FolderError::OtherProvision { path: self.folder.path.clone() }),
            Err(FolderError::NotProvisioned { .. }) => Ok(Held::provisioned(provision)),
            Err(error) => Err(error),
        }
    }

    /// Puts `held` in the place of what was there: whole or not at all.
    ///
    /// # Errors
    /// Those of files; the old contents stay then.
    pub fn write(&self, held: &Held) -> Result<(), FolderError> {
        let (beside, place) = (self.folder.path.join("held.new"), self.folder.held());
        let written = || -> io::Result<()> {
            let bytes = held.to_own_file().map_err(|error| io::Error::new(io::ErrorKind::FileTooLarge, error))?;
            let mut file = File::create(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &place)?;
            File::open(&self.folder.path)?.sync_all()
        };
        written().map_err(|source| FolderError::File { path: place.clone(), source })
    }
}
