//! Files that hold secrets of a production server: nobody else on the machine may read them.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::config::{Config, Mode};

/// What others may do with a file. The group may read: Kubernetes mounts secrets so for a service that is not root.
const OTHERS: u32 = 0o007;

/// Refuses a production server whose secrets others may read.
pub fn refuse_open_secrets(config: &Config) -> anyhow::Result<()> {
    if config.mode != Mode::Production {
        return Ok(());
    }
    let (passphrase, fields) = (config.passphrase_file(), config.fields_key_file());
    let listeners = [&config.public.key, &config.admin.key].into_iter().flatten();
    for file in listeners.chain([&passphrase, &fields]) {
        refuse_open(file)?;
    }
    Ok(())
}

fn refuse_open(file: &Path) -> anyhow::Result<()> {
    let mode = std::fs::metadata(file).with_context(|| file.display().to_string())?.permissions().mode();
    ensure!(
        mode & OTHERS == 0,
        "{} is open to everybody on this machine (mode {:03o}): chmod 600 it, and change what it holds",
        file.display(),
        mode & 0o777
    );
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
            match refuse_open(&file) {
                Ok(()) => assert!(!refused, "{mode:o}"),
                Err(error) => assert!(refused && error.to_string().contains("passphrase is open"), "{mode:o}: {error}"),
            }
        }
        assert!(refuse_open(&folder.path().join("none")).is_err());
    }
}
