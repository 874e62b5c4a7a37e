//! How a folder takes the place of another, whole, in one step.
//!
//! 1. A new folder is made beside the old one, with a mark in it that says that it is unfinished. A crash here leaves the
//!    old folder as it is; the next restore removes what bears the mark.
//! 2. When it is filled, everything in it is synced and the mark is taken away.
//! 3. The two folders exchange their names (renameat2, RENAME_EXCHANGE), or the new one takes the free name. A crash
//!    before it leaves the old folder, a crash after it the new one; no moment is without either.
//! 4. The old one, which has the new one's first name now, is named as set aside. A crash before it means that the next
//!    restore names it so.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::error::RestoreError;

/// Between the name of a data folder and the moment, in the name of one that is being restored.
pub const LEFT_OVER: &str = ".restoring-";
/// The same for one that was there before.
pub const SET_ASIDE: &str = ".before-restore-";
/// The mark of an unfinished folder.
const UNFINISHED: &str = "UNFINISHED";

/// A folder that is being filled beside the one whose place it takes. Dropped before that, it is removed.
#[derive(Debug)]
pub(super) struct Staging {
    path: PathBuf,
    target: PathBuf,
    moment: String,
    taken: bool,
}

impl Staging {
    /// Begins a folder for the place of `target`, and clears away what an earlier restore left that was cut off. Gives
    /// also what was set aside late.
    pub(super) fn begin(target: &Path, at: Timestamp) -> Result<(Self, Vec<PathBuf>), RestoreError> {
        let target = match target.canonicalize() {
            Ok(target) => target,
            Err(_) => std::path::absolute(target).map_err(fault(target))?,
        };
        let parent = target.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(parent).map_err(fault(parent))?;
        let mut late = Vec::new();
        for entry in fs::read_dir(parent).map_err(fault(parent))? {
            let path = entry.map_err(fault(parent))?.path();
            let Some(moment) = moment_of(&path, &target) else { continue };
            if path.join(UNFINISHED).exists() {
                fs::remove_dir_all(&path).map_err(fault(&path))?;
            } else {
                let aside = free(beside(&target, SET_ASIDE, &moment));
                fs::rename(&path, &aside).map_err(fault(&path))?;
                late.push(aside);
            }
        }
        let moment = at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let path = beside(&target, LEFT_OVER, &moment);
        private_folder(&path).map_err(fault(&path))?;
        File::create(path.join(UNFINISHED)).map_err(fault(&path))?;
        Ok((Self { path, target, moment, taken: false }, late))
    }

    /// Where it is filled.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Steps 2 to 4; gives where the old folder lies now, if there was one.
    pub(super) fn take_its_place(mut self) -> Result<Option<PathBuf>, RestoreError> {
        sync(&self.path).map_err(fault(&self.path))?;
        fs::remove_file(self.path.join(UNFINISHED)).map_err(fault(&self.path))?;
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(fault(&self.path))?;
        let occupied = is_occupied(&self.target)?;
        let cannot = |source: io::Error| match source.kind() {
            ErrorKind::StorageFull | ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                RestoreError::File { path: self.target.clone(), source }
            }
            _ => RestoreError::CannotExchange { path: self.target.clone(), source },
        };
        if occupied {
            renameat_with(CWD, &self.path, CWD, &self.target, RenameFlags::EXCHANGE)
                .map_err(|error| cannot(error.into()))?;
        } else {
            fs::rename(&self.path, &self.target).map_err(cannot)?;
        }
        self.taken = true;
        let parent = self.target.parent().unwrap_or(Path::new("/"));
        let sync_parent = || File::open(parent).and_then(|folder| folder.sync_all());
        sync_parent().map_err(fault(parent))?;
        if !occupied {
            return Ok(None);
        }
        let aside = free(beside(&self.target, SET_ASIDE, &self.moment));
        fs::rename(&self.path, &aside).map_err(fault(&self.path))?;
        sync_parent().map_err(fault(parent))?;
        Ok(Some(aside))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.taken {
            // What stays bears its mark, and goes with the next restore.
            let _ = File::create(self.path.join(UNFINISHED));
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Whether there is anything in that folder.
pub(super) fn is_occupied(folder: &Path) -> Result<bool, RestoreError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(RestoreError::File { path: folder.to_owned(), source }),
    }
}

/// A folder for its owner alone.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

pub(super) fn fault(path: &Path) -> impl FnOnce(io::Error) -> RestoreError + use<> {
    let path = path.to_owned();
    move |source| RestoreError::File { path, source }
}

fn beside(target: &Path, between: &str, moment: &str) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(between);
    name.push(moment);
    target.with_file_name(name)
}

/// The path, or the first one after it that is free.
fn free(path: PathBuf) -> PathBuf {
    let mut free = path.clone();
    for number in 2_u32.. {
        if !free.exists() {
            break;
        }
        free = path.with_file_name(format!("{}-{number}", path.file_name().unwrap_or_default().to_string_lossy()));
    }
    free
}

/// The moment in the name of a folder that is, or was, being restored for that target.
fn moment_of(path: &Path, target: &Path) -> Option<String> {
    let (name, of) = (path.file_name()?.to_str()?, target.file_name()?.to_str()?);
    Some(name.strip_prefix(of)?.strip_prefix(LEFT_OVER)?.to_owned())
}

/// Makes everything below the folder last.
fn sync(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // SQLite takes its log away when its last connection ends, which may be in the middle of this.
        match if path.is_dir() { sync(&path) } else { File::open(&path).and_then(|file| file.sync_all()) } {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            synced => synced?,
        }
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn old_folder_is_set_aside_whole_and_the_new_one_takes_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("data");
        for (round, text) in ["first", "second", "third"].into_iter().enumerate() {
            let (staging, late) = Staging::begin(&target, Timestamp::UNIX_EPOCH).unwrap();
            fs::write(staging.path().join("file"), text).unwrap();
            let aside = staging.take_its_place().unwrap();
            assert!(late.is_empty());
            assert_eq!(fs::read_to_string(target.join("file")).unwrap(), text);
            assert_eq!(aside.is_some(), round > 0);
            assert_eq!(names(&target), ["file"]);
        }
        assert_eq!(names(folder.path()).len(), 3);
    }

    #[test]
    fn restore_that_was_cut_off_before_the_exchange_leaves_nothing_and_after_it_the_old_folder() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("data");
        fs::create_dir(&target).unwrap();
        let unfinished = folder.path().join("data.restoring-1");
        fs::create_dir(&unfinished).unwrap();
        fs::write(unfinished.join(UNFINISHED), "").unwrap();
        let exchanged = folder.path().join("data.restoring-2");
        fs::create_dir(&exchanged).unwrap();
        fs::write(exchanged.join("old"), "").unwrap();
        let (staging, late) = Staging::begin(&target, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(late, [folder.path().canonicalize().unwrap().join("data.before-restore-2")]);
        drop(staging);
        assert_eq!(names(folder.path()), ["data", "data.before-restore-2"]);
    }
}
