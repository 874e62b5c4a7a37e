//! The files of a hot folder: which are there, which are whole, which were judged.
//!
//! A file is whole when its writer has closed it or has given it its name. Where nobody tells that, it is whole when it
//! stays the same for some looks; so are those that are there at the start and are so new that somebody may be writing.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::{Clock, SystemClock};

/// Between two looks at a folder, or at files that may be in the making.
const LOOK: Duration = Duration::from_millis(500);

/// A file that nobody told of is whole when it is the same in so many looks after the first: two seconds.
const SAME: u32 = 4;

/// What was not touched for so many seconds is not being written: cameras and messengers write a picture in one go.
const QUIET_S: i64 = 10;

/// Judged files are remembered until there are so many; those that are gone from the folder are forgotten then.
const REMEMBERED: usize = 1_024;

/// A hot folder.
pub struct Hot {
    folder: PathBuf,
    /// Whether somebody tells of changes.
    told: bool,
    /// Whole and not judged yet.
    ready: VecDeque<(PathBuf, Stamp)>,
    /// Perhaps in the making: as it was at the last look, and how many looks it was so.
    making: HashMap<PathBuf, (Stamp, u32)>,
    judged: HashMap<Stamp, PathBuf>,
    forget_at: usize,
}

/// By what a file is told from the one that it was, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Stamp {
    inode: u64,
    bytes: u64,
    written: (i64, i64),
}

impl Hot {
    /// The folder with what is in it already; `told` says whether [`Hot::written`] will be called.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub fn open(folder: PathBuf, told: bool) -> io::Result<Self> {
        let mut hot = Self {
            folder,
            told,
            ready: VecDeque::new(),
            making: HashMap::new(),
            judged: HashMap::new(),
            forget_at: REMEMBERED,
        };
        hot.list()?;
        Ok(hot)
    }

    /// This file is whole now.
    pub fn written(&mut self, path: PathBuf) {
        self.making.remove(&path);
        if let Some(stamp) = Stamp::of(&path) {
            self.take(path, stamp);
        }
    }

    /// Looks again, when it is time: at the files in the making, and where nobody tells of new ones, for them too.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn look(&mut self) -> io::Result<()> {
        if !self.told {
            return self.list();
        }
        // A file that came since is told of when it is whole.
        let paths = self.making.keys().cloned().collect();
        self.look_at(paths);
        Ok(())
    }

    /// Looks at all files of the folder.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub fn list(&mut self) -> io::Result<()> {
        let paths = fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        self.look_at(paths);
        Ok(())
    }

    fn look_at(&mut self, mut paths: Vec<PathBuf>) {
        let quiet = i64::try_from(SystemClock.now_s()).unwrap_or(i64::MAX) - QUIET_S;
        let before = std::mem::take(&mut self.making);
        paths.sort();
        for path in paths {
            let Some(stamp) = Stamp::of(&path).filter(|stamp| !self.judged.contains_key(stamp)) else { continue };
            let looks = before.get(&path).filter(|(other, _)| *other == stamp).map_or(0, |(_, looks)| looks + 1);
            if stamp.written.0 < quiet || looks >= SAME {
                self.take(path, stamp);
            } else {
                self.making.insert(path, (stamp, looks));
            }
        }
    }

    /// The next file to be judged.
    pub fn ready(&mut self) -> Option<PathBuf> {
        loop {
            let (path, stamp) = self.ready.pop_front()?;
            // One that was taken away, or is written anew, in the meantime is not there to be judged.
            if Stamp::of(&path) == Some(stamp) {
                return Some(path);
            }
        }
    }

    /// How long to wait before the next look; none where there is nothing to look for.
    pub fn patience(&self) -> Option<Duration> {
        (!self.told || !self.making.is_empty()).then_some(LOOK)
    }

    fn take(&mut self, path: PathBuf, stamp: Stamp) {
        if self.judged.len() >= self.forget_at {
            self.judged.retain(|stamp, path| Stamp::of(path) == Some(*stamp));
            self.forget_at = (2 * self.judged.len()).max(REMEMBERED);
        }
        if self.judged.insert(stamp, path.clone()).is_none() {
            self.ready.push_back((path, stamp));
        }
    }
}

impl Stamp {
    /// None for what is no file, is hidden, or is gone.
    fn of(path: &Path) -> Option<Self> {
        if path.file_name()?.to_string_lossy().starts_with('.') {
            return None;
        }
        let file = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self { inode: file.ino(), bytes: file.len(), written: (file.mtime(), file.mtime_nsec()) })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes};
    use std::io::Write;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn name(hot: &mut Hot) -> Option<String> {
        hot.ready().map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
    }

    fn old(path: &Path) {
        let file = File::options().write(true).open(path).unwrap();
        let time = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
    }

    #[test]
    fn what_is_there_and_old_is_ready_at_once_and_what_is_new_when_it_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["b.png", "a.png", ".hidden", "new.txt"] {
            fs::write(at(name), name).unwrap();
        }
        fs::create_dir(at("folder")).unwrap();
        ["b.png", "a.png", ".hidden"].iter().for_each(|name| old(&at(name)));
        let mut hot = Hot::open(folder.path().to_owned(), true).unwrap();
        assert_eq!(
            [name(&mut hot), name(&mut hot), name(&mut hot)],
            [Some("a.png".into()), Some("b.png".into()), None]
        );
        assert_eq!(hot.patience(), Some(LOOK));
        File::options().append(true).open(at("new.txt")).unwrap().write_all(b"more").unwrap();
        for _ in 0..=SAME {
            assert_eq!(name(&mut hot), None);
            // What came since is not looked at: somebody will tell.
            fs::write(at("later.txt"), "later").unwrap();
            hot.look().unwrap();
        }
        assert_eq!((name(&mut hot), hot.patience()), (Some("new.txt".into()), None));
        hot.look().unwrap();
        assert_eq!(name(&mut hot), None);
    }

    #[test]
    fn a_file_is_judged_once_under_whatever_name_and_again_when_it_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut hot = Hot::open(folder.path().to_owned(), true).unwrap();
        fs::write(at("part"), "one").unwrap();
        hot.written(at("part"));
        assert_eq!(name(&mut hot), Some("part".into()));
        fs::rename(at("part"), at("whole")).unwrap();
        hot.written(at("whole"));
        assert_eq!(name(&mut hot), None);
        fs::write(at("whole"), "another").unwrap();
        hot.written(at("whole"));
        assert_eq!(name(&mut hot), Some("whole".into()));
        hot.written(at("gone"));
        assert_eq!(name(&mut hot), None);
    }

    #[test]
    fn what_was_judged_and_is_gone_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut hot = Hot::open(folder.path().to_owned(), true).unwrap();
        for at in 0..3 * REMEMBERED {
            let path = folder.path().join(at.to_string());
            fs::write(&path, at.to_string()).unwrap();
            hot.written(path.clone());
            assert_eq!(hot.ready(), Some(path.clone()));
            fs::remove_file(path).unwrap();
        }
        assert!(hot.judged.len() <= REMEMBERED);
    }
}
