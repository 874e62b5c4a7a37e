//! Files that hold secrets of a production server: nobody else on the machine may read them.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::config::{Config, Mode};

/// What others may do with a file. The group may read: Kubernetes mounts secrets so for a service that is not root.
pub const OTHERS: u32 = 0o007;

/// Refuses a production server whose secrets others may read.
pub fn refuse_open_secrets(config: &Config) -> anyhow::Result<()> {
    if config.mode != Mode::Production {
        return Ok(());
    }
    for (key, file) in config.secret_files() {
        refuse_open(key, &file)?;
    }
    Ok(())
}

/// Refuses a file that others may read; `key` is that of the configuration.
pub(super) fn refuse_open(key: &str, file: &Path) -> anyhow::Result<()> {
    let about = std::fs::metadata(file).with_context(|| format!("{key}: {}", file.display()))?;
    let mode = about.permissions().mode();
    ensure!(
        mode & OTHERS == 0,
        "{key}: {} is open to everybody on this machine (mode {:03o}): chmod 600 it, and change what it holds",
        file.display(),
        mode & 0o777
    );
    ensure!(about.len() > 0, "{key}: {} is empty", file.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_that_everybody_can_read_is_refused_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passphrase");
        std::fs::write(&file, "secret").unwrap();
        for (mode, refused) in [(0o600, false), (0o640, false), (0o644, true), (0o602, true)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            match refuse_open("secrets.passphrase_file", &file) {
                Ok(()) => assert!(!refused, "{mode:o}"),
                Err(error) => {
                    let words = error.to_string();
                    assert!(refused && words.starts_with("secrets.passphrase_file: "), "{mode:o}: {words}");
                    assert!(words.contains("passphrase is open"), "{mode:o}: {words}");
                }
            }
        }
        let none = refuse_open("admin.key", &folder.path().join("none")).unwrap_err();
        assert!(none.to_string().starts_with("admin.key: "), "{none}");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&file, "").unwrap();
        let empty = refuse_open("secrets.passphrase_file", &file).unwrap_err().to_string();
        assert!(empty.contains("passphrase is empty"), "{empty}");
    }
}
