//! Which files a backup holds beside the registry.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::BackupError;
use super::passphrase::PASSPHRASE_FILE;

/// The registry's name in a backup.
pub const REGISTRY: &str = "data/registry.sqlite";
/// What lies in the data folder and is part of a deployment: keys, secrets and PKI, and the files of the ceremony. What
/// belongs to a run (lock, addresses) and the backups themselves are not.
const FOLDERS: [&str; 3] = ["keys", "secrets", "pki"];
const FILES: [&str; 2] = ["provision.fp", "trust.fp"];
/// Unfinished files of ours: a backup made at that moment must not keep them.
const UNFINISHED: [&str; 2] = ["part", "new"];

/// A file that the configuration names outside of the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The key of the configuration.
    pub key: &'static str,
    /// Where it is.
    pub path: PathBuf,
}

/// A file to be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Its name in the backup.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
    /// The key that names it, for what lies outside.
    pub(super) key: Option<&'static str>,
}

/// Every file of the deployment but the registry, in the order of their names.
pub(super) fn sources(data: &Path, outside: &[Outside]) -> Result<Vec<Source>, BackupError> {
    let mut found = Vec::new();
    for name in FILES {
        let path = data.join(name);
        if path.is_file() {
            found.push(Source { name: format!("data/{name}"), path, key: None });
        }
    }
    for name in FOLDERS {
        walk(&data.join(name), &format!("data/{name}"), &mut found)?;
    }
    found.retain(|source| source.name != format!("data/{PASSPHRASE_FILE}"));
    for (at, Outside { key, path }) in outside.iter().enumerate() {
        let within = path.canonicalize().ok().zip(data.canonicalize().ok());
        if within.is_some_and(|(path, data)| path.starts_with(data)) || !path.is_file() {
            continue;
        }
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        found.push(Source { name: format!("outside/{at}-{file}"), path: path.clone(), key: Some(key) });
    }
    Ok(found)
}

fn walk(folder: &Path, name: &str, found: &mut Vec<Source>) -> Result<(), BackupError> {
    let failed = |source: io::Error| BackupError::File { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    for path in paths {
        let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
        // A mounted Secret keeps each version in a folder `..TIME` and points to it by `..data`: all of it is beside them.
        if file.starts_with("..") {
            continue;
        }
        let name = format!("{name}/{file}");
        if path.is_dir() {
            walk(&path, &name, found)?;
        } else if !path.extension().is_some_and(|end| UNFINISHED.iter().any(|unfinished| end == *unfinished)) {
            found.push(Source { name, path, key: None });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_secrets_and_what_lies_outside_are_packed_and_nothing_of_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        for name in [
            "keys/a.pem",
            "keys/a.part",
            "keys/..data/a.pem",
            "pki/officers/b.pem",
            "secrets/passphrase",
            "secrets/backup-passphrase",
            "run/addresses.json",
            "backups/x.fpbackup",
            "registry.lock",
            "provision.fp",
        ] {
            let path = data.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        let elsewhere = folder.path().join("field.key");
        fs::write(&elsewhere, "x").unwrap();
        let outside = [
            Outside { key: "secrets.passphrase_file", path: data.join("secrets/passphrase") },
            Outside { key: "secrets.fields_key_file", path: elsewhere },
            Outside { key: "public.key", path: folder.path().join("missing") },
        ];
        let names: Vec<_> = sources(&data, &outside).unwrap().into_iter().map(|source| source.name).collect();
        let wanted = [
            "data/provision.fp",
            "data/keys/a.pem",
            "data/secrets/passphrase",
            "data/pki/officers/b.pem",
            "outside/1-field.key",
        ];
        assert_eq!(names, wanted);
    }
}
