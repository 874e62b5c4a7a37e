//! ID and phone numbers as the registry keeps them: encrypted, and looked up by a keyed hash. The key stands outside
//! the database, so that a stolen copy of the database tells neither.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::errors::StorageError;

/// The length of the secret file.
pub(super) const SECRET_BYTES: usize = 32;
/// First byte of a sealed field: the scheme, so that a later one can stand beside it.
const SCHEME: u8 = 1;
/// XChaCha20's nonce is long enough to be drawn at random for every field without counting them.
const NONCE_BYTES: usize = 24;

/// Seals, opens and hashes protected fields with keys derived from the secret of the data folder.
#[derive(Clone)]
pub struct FieldCrypto {
    cipher: XChaCha20Poly1305,
    lookup_key: Zeroizing<[u8; 32]>,
    check: [u8; 32],
}

impl FieldCrypto {
    /// Derives the keys from a secret: one to encrypt, one to hash, one value that tells a wrong secret.
    pub fn new(secret: &[u8; SECRET_BYTES]) -> Self {
        let sealing = Zeroizing::new(keyed_hash(secret, &[b"freightpass field sealing 1"]));
        Self {
            cipher: XChaCha20Poly1305::new(&(*sealing).into()),
            lookup_key: Zeroizing::new(keyed_hash(secret, &[b"freightpass field lookup 1"])),
            check: keyed_hash(secret, &[b"freightpass field check 1"]),
        }
    }

    /// Encrypts `plain`. `context` names the column and is authenticated: a sealed ID number moved into a phone
    /// column does not open.
    pub fn seal(&self, context: &'static str, plain: &str) -> Result<Vec<u8>, StorageError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| StorageError::NoRandomness)?;
        let payload = Payload { msg: plain.as_bytes(), aad: context.as_bytes() };
        let ciphertext =
            self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| StorageError::FieldSealed { context })?;
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + ciphertext.len());
        sealed.push(SCHEME);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    /// Decrypts what [`FieldCrypto::seal`] made under the same context.
    pub fn open(&self, context: &'static str, sealed: &[u8]) -> Result<String, StorageError> {
        let refused = || StorageError::FieldSealed { context };
        let (&scheme, rest) = sealed.split_first().ok_or_else(refused)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(refused)?;
        if scheme != SCHEME {
            return Err(refused());
        }
        let payload = Payload { msg: ciphertext, aad: context.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| refused())?;
        String::from_utf8(plain).map_err(|_| refused())
    }

    /// The keyed hash by which a value is found again: HMAC-SHA-256 over the domain and the value. Equal values of
    /// one domain have equal hashes, and without the key nobody can try numbers out.
    pub fn lookup(&self, domain: &str, value: impl AsRef<[u8]>) -> [u8; 32] {
        keyed_hash(&self.lookup_key, &[domain.as_bytes(), &[0], value.as_ref()])
    }

    /// A value by which a registry recognises its own secret; it tells nothing about the keys.
    pub(super) fn check(&self) -> [u8; 32] {
        self.check
    }
}

impl fmt::Debug for FieldCrypto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldCrypto(secret)")
    }
}

/// The secret in `path`; `None` if the file is not there.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a file of another length.
pub(super) fn read_secret(path: &Path) -> io::Result<Option<Zeroizing<[u8; SECRET_BYTES]>>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    // Some other file: its first bytes are no secret of ours.
    let no_key = || io::Error::from(io::ErrorKind::InvalidData);
    if file.metadata()?.len() != SECRET_BYTES as u64 {
        return Err(no_key());
    }
    file.read_exact(secret.as_mut()).map_err(|_| no_key())?;
    Ok(Some(secret))
}

/// Draws a new secret and writes it to `path`, for the owner alone, before anything is sealed with it.
///
/// 1. It is written to a file beside it. A crash here means that the next start writes that file anew.
/// 2. The file takes its name. A crash here means that the secret is there, whole, or not at all.
/// 3. The name is made to last: the registry is durable from its first commit on, so its key must be.
pub(super) fn make_secret(path: &Path) -> io::Result<Zeroizing<[u8; SECRET_BYTES]>> {
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    getrandom::fill(secret.as_mut()).map_err(io::Error::other)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let unfinished = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(secret.as_ref())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    File::open(folder)?.sync_all()?;
    Ok(secret)
}

fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // The array form of the key has a fixed length, which HMAC pads to its block.
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&padded(key).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The key padded with zeros to SHA-256's block of 64 bytes, as RFC 2104 pads it.
fn padded(key: &[u8; 32]) -> [u8; 64] {
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn crypto() -> FieldCrypto {
        FieldCrypto::new(&[7; 32])
    }

    #[test]
    fn sealed_twice_differs_and_opens_to_the_same() {
        let one = crypto().seal("people.paper_number", "33010619880229997X").unwrap();
        let two = crypto().seal("people.paper_number", "33010619880229997X").unwrap();
        assert_ne!(one, two);
        for sealed in [one, two] {
            assert_eq!(crypto().open("people.paper_number", &sealed).unwrap(), "33010619880229997X");
        }
    }

    #[test]
    fn another_key_another_column_and_every_changed_byte_do_not_open() {
        let sealed = crypto().seal("people.mobile", "13800001111").unwrap();
        assert!(FieldCrypto::new(&[8; 32]).open("people.mobile", &sealed).is_err());
        assert!(crypto().open("people.paper_number", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(crypto().open("people.mobile", &changed).is_err(), "byte {at}");
            assert!(crypto().open("people.mobile", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn lookup_depends_on_key_domain_and_value() {
        let one = crypto().lookup("paper", "1");
        assert_eq!(one, crypto().lookup("paper", "1"));
        assert_ne!(one, crypto().lookup("paper", "2"));
        assert_ne!(one, crypto().lookup("mobile", "1"));
        assert_ne!(one, FieldCrypto::new(&[8; 32]).lookup("paper", "1"));
    }

    #[test]
    fn debug_tells_no_key() {
        assert_eq!(format!("{:?}", crypto()), "FieldCrypto(secret)");
    }

    #[test]
    fn keyed_hash_is_hmac_sha_256() {
        // RFC 4231, test case 1: its key of 20 bytes 0x0b, padded with zeros as HMAC does by itself.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let hash: String = HEXLOWER.encode(&keyed_hash(&key, &[b"Hi ", b"There"]));
        assert_eq!(hash, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }
}
