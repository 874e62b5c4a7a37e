//! The private keys that this service holds: decrypted once, at the start or before the trust list that first names
//! them, and zeroed at the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ed25519_dalek::{Signer as _, SigningKey};
use freightpass_core::key::Kid;

use super::key_file::{Cost, KeyFileError, Passphrase, generate, read_key, write_key};

/// The role of root keys in their file names. The service never opens them.
pub const ROOT: &str = "root";
/// The role of status keys in their file names.
pub const STATUS: &str = "status";

/// The private keys of a folder of files `<role>-<kid>.pem`; a role is `root`, `status` or an authority's code.
pub struct KeyStore {
    folder: PathBuf,
    passphrase: Passphrase,
    keys: RwLock<BTreeMap<Kid, Arc<SigningKey>>>,
}

impl KeyStore {
    /// Opens every key of the folder but root keys; a folder that is missing holds none. Decrypting takes a while: call
    /// it where blocking is allowed.
    pub fn open(folder: &Path, passphrase: Passphrase) -> Result<Self, KeyFileError> {
        let store = Self::empty(folder, passphrase);
        for path in key_files(folder)?.into_iter().filter(|path| !is_root(path)) {
            store.open_file(path)?;
        }
        Ok(store)
    }

    /// Opens the files that came into the folder since; gives their keys. A file that does not open hinders no other,
    /// and is given with its reason. Decrypting takes a while: call it where blocking is allowed.
    pub fn open_new(&self) -> (Vec<Kid>, Vec<KeyFileError>) {
        let paths = match key_files(&self.folder) {
            Ok(paths) => paths,
            Err(error) => return (Vec::new(), vec![error]),
        };
        let held: Vec<String> = self.held().iter().map(Kid::to_string).collect();
        let is_new = |path: &PathBuf| !is_root(path) && !held.iter().any(|kid| kid_text(path) == Some(kid));
        let (mut opened, mut faults) = (Vec::new(), Vec::new());
        for path in paths.into_iter().filter(is_new) {
            match self.open_file(path) {
                Ok(kid) => opened.push(kid),
                Err(error) => faults.push(error),
            }
        }
        (opened, faults)
    }

    fn open_file(&self, path: PathBuf) -> Result<Kid, KeyFileError> {
        let key = read_key(&path, &self.passphrase)?;
        let found = Kid::of(key.verifying_key().as_bytes());
        if kid_text(&path) != Some(found.to_string().as_str()) {
            return Err(KeyFileError::OtherKid { path, found });
        }
        self.put(key);
        Ok(found)
    }

    /// A store that holds nothing yet and opens nothing.
    pub fn empty(folder: &Path, passphrase: Passphrase) -> Self {
        Self { folder: folder.to_owned(), passphrase, keys: RwLock::default() }
    }

    /// Makes a new key for `role`, writes its file and holds it, unless it is a root key; gives its public key. `cost` is
    /// that of the passphrase.
    pub fn create(&self, role: &str, cost: Cost) -> Result<SigningKey, KeyFileError> {
        let key = generate()?;
        write_key(&self.folder, role, &key, &self.passphrase, cost)?;
        if role != ROOT {
            self.put(key.clone());
        }
        Ok(key)
    }

    /// Whether the private key is held.
    pub fn holds(&self, kid: Kid) -> bool {
        self.get(kid).is_some()
    }

    /// Every key held.
    pub fn held(&self) -> Vec<Kid> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// The signature of `message`; none if the key is not held. Whether the key may sign is not asked here.
    pub fn sign(&self, kid: Kid, message: &[u8]) -> Option<[u8; 64]> {
        Some(self.get(kid)?.sign(message).to_bytes())
    }

    fn get(&self, kid: Kid) -> Option<Arc<SigningKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(&kid).cloned()
    }

    fn put(&self, key: SigningKey) {
        let kid = Kid::of(key.verifying_key().as_bytes());
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(kid, Arc::new(key));
    }
}

/// A root key of the folder; none where it holds none.
pub(super) fn root_key(folder: &Path) -> Result<Option<PathBuf>, KeyFileError> {
    Ok(key_files(folder)?.into_iter().find(|path| is_root(path)))
}

/// The key files of a folder, in the order of their names.
fn key_files(folder: &Path) -> Result<Vec<PathBuf>, KeyFileError> {
    let failed = |source| KeyFileError::File { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|end| end == "pem") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether this is the file of a root key, by its name.
pub fn is_root(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.strip_prefix(ROOT).is_some_and(|rest| rest.starts_with('-')))
}

/// What stands after the last `-` of the file's name.
fn kid_text(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()?.rsplit_once('-').map(|(_, kid)| kid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase() -> Passphrase {
        Passphrase::new("only for tests")
    }

    #[test]
    fn keys_are_held_again_after_a_restart_and_root_keys_never() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::open(folder.path(), passphrase()).unwrap();
        let status = store.create(STATUS, Cost::Machine).unwrap();
        let root = store.create(ROOT, Cost::Machine).unwrap();
        let kid = Kid::of(status.verifying_key().as_bytes());
        let root_kid = Kid::of(root.verifying_key().as_bytes());
        let again = KeyStore::open(folder.path(), passphrase()).unwrap();
        for store in [&store, &again] {
            assert_eq!(store.held(), [kid]);
            assert!(!store.holds(root_kid));
            let signature = store.sign(kid, b"message").unwrap();
            assert!(status.verifying_key().verify_strict(b"message", &signature.into()).is_ok());
            assert_eq!(store.sign(root_kid, b"message"), None);
        }
    }

    #[test]
    fn a_key_that_comes_later_is_held_and_one_that_does_not_open_hinders_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::open(folder.path(), passphrase()).unwrap();
        let first = store.create("CN-32", Cost::Machine).unwrap();
        std::fs::write(folder.path().join("CN-31-0000000000000000.pem"), "no key").unwrap();
        let key = generate().unwrap();
        write_key(folder.path(), "CN-33", &key, &passphrase(), Cost::Machine).unwrap();
        let kid = Kid::of(key.verifying_key().as_bytes());
        let (opened, faults) = store.open_new();
        assert_eq!(opened, [kid]);
        assert!(matches!(&faults[..], [KeyFileError::NotOurs { .. }]), "{faults:?}");
        assert!(store.holds(kid) && store.holds(Kid::of(first.verifying_key().as_bytes())));
        assert_eq!(store.open_new().0, []);
    }

    #[test]
    fn renamed_key_and_wrong_passphrase_are_named_with_their_path() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::open(folder.path(), passphrase()).unwrap();
        let key = store.create("CN-32", Cost::Machine).unwrap();
        let wrong = KeyStore::open(folder.path(), Passphrase::new("another")).err().unwrap();
        assert!(matches!(wrong, KeyFileError::NotOurs { .. }), "{wrong}");
        let kid = Kid::of(key.verifying_key().as_bytes());
        let path = folder.path().join(format!("CN-32-{kid}.pem"));
        std::fs::rename(&path, folder.path().join("CN-32-0000000000000000.pem")).unwrap();
        let renamed = KeyStore::open(folder.path(), passphrase()).err().unwrap();
        assert!(matches!(renamed, KeyFileError::OtherKid { found, .. } if found == kid), "{renamed}");
    }
}
