//! One private key in one file: PKCS#8 (RFC 5958) in PEM, encrypted by PBES2 with scrypt and AES-256 (RFC 8018,
//! RFC 7914), under a passphrase that stands in another file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::KeypairBytes;
use freightpass_core::key::Kid;
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding, PrivateKeyInfoRef};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// The label of the PEM block (RFC 7468, section 11).
const LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// Bytes of a file that we read at the most: an encrypted Ed25519 key takes some 400.
const MAX_FILE_BYTES: u64 = 16 << 10;

/// The passphrase of keys at rest. It is never shown.
#[derive(Clone)]
pub struct Passphrase(SecretString);

/// What trying one passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// For a passphrase that a person chose: scrypt with N = 2^17, r = 8, p = 1, some 128 MB and a third of a second.
    Person,
    /// For 256 bits drawn by the machine, which nobody guesses at any speed: N = 2^14. A start reads several keys.
    Machine,
}

/// Why a key file is not read or written. What the file holds is never part of it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The passphrase file holds nothing before its line end.
    #[error("{path}: there is no passphrase in it", path = path.display())]
    NoPassphrase {
        /// Which.
        path: PathBuf,
    },
    /// Not an encrypted Ed25519 key, or not under this passphrase: the two look the same.
    #[error("{path}: not an Ed25519 key in encrypted PKCS#8 PEM under this passphrase", path = path.display())]
    NotOurs {
        /// Which.
        path: PathBuf,
    },
    /// The file's name says another kid than the key has.
    #[error("{path}: it holds the key {found}; a key file is named <role>-<kid>.pem", path = path.display())]
    OtherKid {
        /// Which.
        path: PathBuf,
        /// The kid of the key in it.
        found: Kid,
    },
    /// A role that cannot stand in a file name.
    #[error("the role {role:?} cannot stand in a file name: letters, digits, `-`, `_` and `.` can")]
    Role {
        /// The role.
        role: String,
    },
    /// The encryption did not work.
    #[error("{path}: the key could not be encrypted", path = path.display())]
    Encryption {
        /// Which.
        path: PathBuf,
    },
    /// The machine gives no randomness.
    #[error("no randomness from the operating system")]
    NoRandomness,
}

impl Passphrase {
    /// The passphrase in a file: its first line, whatever ends it (LF, CR LF, CR, nothing), and without the mark
    /// that editors of Windows put before it (U+FEFF).
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let text = read_bounded(path)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let line = text.split(['\r', '\n']).next().unwrap_or_default();
        if line.is_empty() {
            return Err(KeyFileError::NoPassphrase { path: path.to_owned() });
        }
        Ok(Self(line.into()))
    }

    /// A passphrase as typed.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The passphrase itself, for what makes a key of it.
    pub(crate) fn exposed(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Cost {
    /// What scrypt is told.
    pub(crate) fn params(self) -> scrypt::Params {
        match self {
            Cost::Person => scrypt::Params::RECOMMENDED,
            Cost::Machine => scrypt::Params::new(14, 8, 1).unwrap_or(scrypt::Params::RECOMMENDED),
        }
    }
}

/// A new key.
pub fn generate() -> Result<SigningKey, KeyFileError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|_| KeyFileError::NoRandomness)?;
    Ok(SigningKey::from_bytes(&seed))
}

/// Reads one key. Its name is not compared: see [`super::KeyStore`].
pub fn read_key(path: &Path, passphrase: &Passphrase) -> Result<SigningKey, KeyFileError> {
    let pem = read_bounded(path)?;
    SigningKey::from_pkcs8_encrypted_pem(pem.trim(), passphrase.0.expose_secret())
        .map_err(|_| KeyFileError::NotOurs { path: path.to_owned() })
}

/// Writes one key as `<role>-<kid>.pem` below `folder`, readable by its owner alone; gives the path. A file of that name
/// is of the same key and is replaced.
pub fn write_key(
    folder: &Path,
    role: &str,
    key: &SigningKey,
    passphrase: &Passphrase,
    cost: Cost,
) -> Result<PathBuf, KeyFileError> {
    if role.is_empty() || !role.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) || role.starts_with('.')
    {
        return Err(KeyFileError::Role { role: role.to_owned() });
    }
    let kid = Kid::of(key.verifying_key().as_bytes());
    let path = folder.join(format!("{role}-{kid}.pem"));
    let pem = encrypt(key, passphrase, cost, &path)?;
    write_private(&path, pem.as_bytes()).map_err(|source| KeyFileError::File { path: path.clone(), source })?;
    Ok(path)
}

/// Writes a file that its owner alone can read, whole or not at all.
pub(crate) fn write_private(path: &Path, contents: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = path.with_extension("part");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

fn encrypt(
    key: &SigningKey,
    passphrase: &Passphrase,
    cost: Cost,
    path: &Path,
) -> Result<Zeroizing<String>, KeyFileError> {
    let failed = || KeyFileError::Encryption { path: path.to_owned() };
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    getrandom::fill(&mut salt).and_then(|()| getrandom::fill(&mut iv)).map_err(|_| KeyFileError::NoRandomness)?;
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(cost.params(), &salt, iv).map_err(|_| failed())?;
    // Without the public key it is version 1 of PKCS#8, which every tool reads.
    let secret = Zeroizing::new(key.to_bytes());
    let plain = KeypairBytes { secret_key: *secret, public_key: None }.to_pkcs8_der().map_err(|_| failed())?;
    let info = PrivateKeyInfoRef::try_from(plain.as_bytes()).map_err(|_| failed())?;
    let sealed = info.encrypt_with_params(parameters, passphrase.0.expose_secret().as_bytes()).map_err(|_| failed())?;
    sealed.to_pem(LABEL, LineEnding::LF).map_err(|_| failed())
}

fn read_bounded(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    use std::io::Read as _;

    let read = || {
        let mut text = Zeroizing::new(String::new());
        fs::File::open(path)?.take(MAX_FILE_BYTES).read_to_string(&mut text)?;
        Ok(text)
    };
    read().map_err(|source| KeyFileError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[3; 32])
    }

    #[test]
    fn key_comes_back_under_its_passphrase_alone_and_the_file_is_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let right = Passphrase::new("a right one");
        let path = write_key(folder.path(), "CN-3205", &key(), &right, Cost::Machine).unwrap();
        let kid = Kid::of(key().verifying_key().as_bytes());
        assert_eq!(path.file_name().unwrap().to_str().unwrap(), format!("CN-3205-{kid}.pem"));
        assert_eq!(read_key(&path, &right).unwrap().to_bytes(), key().to_bytes());
        let wrong = read_key(&path, &Passphrase::new("a wrong one"));
        assert!(matches!(wrong, Err(KeyFileError::NotOurs { .. })));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{text}");
        fs::write(&path, text.replace('\n', "\r\n")).unwrap();
        assert_eq!(read_key(&path, &right).unwrap().to_bytes(), key().to_bytes());
    }

    #[test]
    fn what_is_no_key_is_refused_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.pem");
        for contents in ["", "no PEM", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"] {
            fs::write(&path, contents).unwrap();
            let refused = read_key(&path, &Passphrase::new("p"));
            assert!(matches!(refused, Err(KeyFileError::NotOurs { path: named }) if named == path), "{contents}");
        }
        let refused = read_key(&folder.path().join("missing"), &Passphrase::new("p"));
        assert!(matches!(refused, Err(KeyFileError::File { .. })));
    }

    #[test]
    fn passphrase_is_the_first_line_with_any_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        for contents in [
            "über 9 \u{91d1}",
            "über 9 \u{91d1}\n",
            "über 9 \u{91d1}\r\n",
            "über 9 \u{91d1}\r",
            "\u{feff}über 9 \u{91d1}\r\n",
            "über 9 \u{91d1}\nmore\n",
        ] {
            fs::write(&path, contents).unwrap();
            assert_eq!(Passphrase::read(&path).unwrap().0.expose_secret(), "über 9 \u{91d1}");
        }
        for contents in ["", "\n", "\r\nlater", "\u{feff}", "\u{feff}\r\n"] {
            fs::write(&path, contents).unwrap();
            assert!(matches!(Passphrase::read(&path), Err(KeyFileError::NoPassphrase { .. })));
        }
    }

    #[test]
    fn role_that_leads_out_of_the_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for role in ["", "../x", "a/b", ".hidden", "\u{82cf}"] {
            let refused = write_key(folder.path(), role, &key(), &Passphrase::new("p"), Cost::Machine);
            assert!(matches!(refused, Err(KeyFileError::Role { .. })), "{role}");
        }
    }
}
