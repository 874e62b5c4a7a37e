//! The file of crossings, its lock, and how it is tidied up.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::contents::{Contents, TIDY_BYTES};

/// Crossings that tidying up keeps, the latest: five days of a road with 10,000 trucks a day.
pub(super) const KEPT: usize = 50_000;
/// Nothing is appended to a larger file, and no more of one is read, from its end.
const MOST_BYTES: u64 = 8 << 20;

/// The files.
#[derive(Debug)]
pub(super) struct Book {
    folder: PathBuf,
}

/// Why something was not written.
pub(super) enum Kept {
    ByAnother,
    Fault(io::Error),
}

impl From<io::Error> for Kept {
    fn from(error: io::Error) -> Self {
        Kept::Fault(error)
    }
}

impl From<TryLockError> for Kept {
    fn from(error: TryLockError) -> Self {
        match error {
            TryLockError::WouldBlock => Kept::ByAnother,
            TryLockError::Error(error) => Kept::Fault(error),
        }
    }
}

impl Book {
    /// Those of the scanner in `folder`.
    pub(super) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    pub(super) fn append(&self, text: &str, t: u64) -> Result<(), Kept> {
        let lock = self.lock()?;
        lock.try_lock_shared()?;
        let length = self.write(text)?;
        drop(lock);
        if length > TIDY_BYTES {
            self.tidy(t)?;
        }
        Ok(())
    }

    pub(super) fn append_in_turn(&self, text: &str) -> io::Result<()> {
        let lock = self.lock()?;
        lock.lock_shared()?;
        self.write(text).map(drop)
    }

    /// Appends and gives the new length; too large a file stays as it is.
    fn write(&self, text: &str) -> io::Result<u64> {
        let mut file = private().append(true).create(true).open(self.path("crossings"))?;
        let length = file.metadata()?.len();
        if length <= MOST_BYTES {
            file.write_all(text.as_bytes())?;
        }
        Ok(length + text.len() as u64)
    }

    /// Leaves out what is over, superseded or unreadable, and the oldest beyond what is kept. Where another program is
    /// at the file, that is for a later run.
    pub(super) fn tidy(&self, t: u64) -> io::Result<()> {
        let lock = self.lock()?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {}
        }
        let mut kept: Vec<_> = self.contents().latest.into_iter().filter(|(_, entry)| entry.until > t).collect();
        kept.sort_by_key(|(number, entry)| (entry.last.at, *number));
        let lines = kept.iter().skip(kept.len().saturating_sub(KEPT)).map(|(number, entry)| entry.line(*number));
        let (beside, place) = (self.path("crossings.new"), self.path("crossings"));
        let mut file = private().write(true).create(true).truncate(true).open(&beside)?;
        file.write_all(lines.collect::<String>().as_bytes())?;
        file.sync_all()?;
        fs::rename(beside, place)
    }

    pub(super) fn bytes(&self) -> u64 {
        fs::metadata(self.path("crossings")).map_or(0, |metadata| metadata.len())
    }

    pub(super) fn contents(&self) -> Contents {
        let mut bytes = Vec::new();
        if let Ok(mut file) = File::open(self.path("crossings")) {
            let length = file.metadata().map_or(0, |metadata| metadata.len());
            // What could be read counts, also where the file ends in a fault.
            let _ = file.seek(SeekFrom::Start(length.saturating_sub(MOST_BYTES)));
            let _ = file.take(MOST_BYTES).read_to_end(&mut bytes);
        }
        Contents::of(&bytes)
    }

    fn lock(&self) -> io::Result<File> {
        private().write(true).create(true).truncate(false).open(self.path("crossings.lock"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Where somebody was when is nobody else's business on this machine.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}
