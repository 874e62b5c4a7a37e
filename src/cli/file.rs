//! Files that this program leaves for others: whole or not there, never half.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::Context;

/// Puts `bytes` in the place of `path`. (1) They are written to a file beside it and synced: a crash here leaves the old
/// file, and the other to be written over. (2) That is renamed to `path`: whoever reads finds the old or the new one.
/// What is no file (`/dev/stdout`, a named pipe) is written to as it is.
pub fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let written = || {
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            return fs::write(path, bytes);
        }
        // A link stays a link: what it leads to is replaced.
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut name = place.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = place.with_file_name(name);
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &place)
    };
    written().with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trust.fp");
        for bytes in [&b"first"[..], b"second, longer", b""] {
            replace(&path, bytes).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        std::os::unix::fs::symlink(&path, folder.path().join("link.fp")).unwrap();
        replace(&folder.path().join("link.fp"), b"third").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        replace(&folder.path().join("no/folder.fp"), b"").unwrap_err();
    }
}
