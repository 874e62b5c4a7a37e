//! A stream of bytes under a passphrase.
//!
//! | bytes | what |
//! |---|---|
//! | 20 | `freightpass backup 1` |
//! | 3 | scrypt (RFC 7914): log2 N, r, p |
//! | 16 | salt |
//! | 32 | HMAC-SHA-256 of all of the above |
//! | rest | chunks of 64 KiB, each with its Poly1305 tag of 16 bytes; the last may be shorter |
//!
//! scrypt makes 64 bytes: the key of ChaCha20-Poly1305 (RFC 8439) and that of the HMAC, by which a wrong passphrase is
//! told from damage. The nonce of a chunk is its number in 11 bytes, big-endian, and a byte that is 1 for the last
//! chunk alone (STREAM of Hoang, Reyhanitabar, Rogaway and Vizar, as age has it): chunks that are changed, moved, left
//! out or cut off at the end do not open. A salt is drawn for every file, so that no key seals two.

use std::io::{self, Read, Write};

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};
use hmac::{Hmac, Mac};
use pkcs8::pkcs5::scrypt;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::trust::{Cost, Passphrase};

/// Begins every backup.
const MAGIC: &[u8; 20] = b"freightpass backup 1";
/// The same of any format, the number left out.
const MAGIC_STEM: &[u8] = b"freightpass backup ";
const SALT_BYTES: usize = 16;
const MAC_BYTES: usize = 32;
const HEADER_BYTES: usize = MAGIC.len() + 3 + SALT_BYTES + MAC_BYTES;
/// Plain bytes of a chunk: small enough to be held, large enough that tags cost nothing.
const CHUNK_BYTES: usize = 64 << 10;
const TAG_BYTES: usize = 16;
/// A header that asks for more is refused: N = 2^20 with r = 8 takes a GiB.
const MAX_LOG_N: u8 = 20;

/// Why a sealed stream is not made or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// It does not begin as a backup does.
    #[error("it is no freightpass backup")]
    NotABackup,
    /// A format of a later freightpass.
    #[error("it is a backup in a format that this freightpass does not know: use the freightpass that made it")]
    NewerFormat,
    /// Another passphrase, or a header that was changed: the two look the same.
    #[error("it does not open under this passphrase: give the passphrase file with which it was made")]
    WrongPassphrase,
    /// The file ends before its last chunk.
    #[error("it is cut off after byte {at}: its end is missing; take another copy or an older backup")]
    Cut {
        /// Bytes that are there.
        at: u64,
    },
    /// A chunk was changed, or the file ends in the middle of one.
    #[error("it is damaged between bytes {from} and {to}, or cut off there: take another copy or an older backup")]
    Damaged {
        /// Where the chunk begins.
        from: u64,
        /// Where it ends.
        to: u64,
    },
    /// The machine gives no randomness.
    #[error("no randomness from the operating system")]
    NoRandomness,
    /// The cipher refused: no stream is that long.
    #[error("the stream is too long")]
    TooLong,
    /// The file.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// Seals what is written to it. Without [`Sealing::finish`] the stream is cut off, and does not open.
pub struct Sealing<W> {
    out: W,
    chunks: Chunks,
    waiting: Vec<u8>,
}

/// Opens what is read from it. Faults come as an [`io::Error`] that holds the [`SealError`]: see [`seal_error`].
pub struct Opening<R> {
    sealed: R,
    chunks: Chunks,
    plain: Vec<u8>,
    given: usize,
    /// The first byte of the next chunk, read to see whether there is one.
    ahead: Option<u8>,
    at: u64,
    ended: bool,
}

/// The cipher, and the number of the next chunk.
struct Chunks {
    cipher: ChaCha20Poly1305,
    next: u64,
}

impl<W: Write> Sealing<W> {
    /// Begins a stream: writes its header. `cost` is that of the passphrase.
    pub fn new(mut out: W, passphrase: &Passphrase, cost: Cost) -> Result<Self, SealError> {
        let params = cost.params();
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|_| SealError::NoRandomness)?;
        let (log_n, r, p) = (params.log_n(), params.r() as u8, params.p() as u8);
        let mut header = [MAGIC.as_slice(), &[log_n, r, p], &salt].concat();
        let (chunks, mac) = keys(passphrase, &header)?;
        header.extend_from_slice(&mac.finalize().into_bytes());
        out.write_all(&header)?;
        Ok(Self { out, chunks, waiting: Vec::with_capacity(CHUNK_BYTES) })
    }

    /// Writes the last chunk, and gives back what was written to.
    pub fn finish(mut self) -> Result<W, SealError> {
        let sealed = self.chunks.seal(&self.waiting, true).ok_or(SealError::TooLong)?;
        self.out.write_all(&sealed)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until more comes: the last one is never empty unless all is.
        if self.waiting.len() == CHUNK_BYTES && !bytes.is_empty() {
            let sealed = self.chunks.seal(&self.waiting, false).ok_or_else(|| io::Error::other(SealError::TooLong))?;
            self.out.write_all(&sealed)?;
            self.waiting.clear();
        }
        let taken = bytes.len().min(CHUNK_BYTES - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<R: Read> Opening<R> {
    /// Reads the header, and finds whether the passphrase is the one.
    pub fn new(mut sealed: R, passphrase: &Passphrase) -> Result<Self, SealError> {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        sealed.by_ref().take(HEADER_BYTES as u64).read_to_end(&mut header)?;
        if !header.starts_with(MAGIC) {
            let newer = header.starts_with(MAGIC_STEM);
            return Err(if newer { SealError::NewerFormat } else { SealError::NotABackup });
        }
        if header.len() < HEADER_BYTES {
            return Err(SealError::Cut { at: header.len() as u64 });
        }
        let (told, expected) = header.split_at(HEADER_BYTES - MAC_BYTES);
        let (chunks, mac) = keys(passphrase, told)?;
        mac.verify_slice(expected).map_err(|_| SealError::WrongPassphrase)?;
        let at = HEADER_BYTES as u64;
        Ok(Self { sealed, chunks, plain: Vec::new(), given: 0, ahead: None, at, ended: false })
    }

    fn next_chunk(&mut self) -> Result<(), SealError> {
        const SEALED: usize = CHUNK_BYTES + TAG_BYTES;
        let mut chunk: Vec<u8> = self.ahead.take().into_iter().collect();
        let wanted = (SEALED - chunk.len()) as u64;
        self.sealed.by_ref().take(wanted).read_to_end(&mut chunk)?;
        let mut ahead = [0];
        let more = chunk.len() == SEALED && self.sealed.read(&mut ahead)? == 1;
        self.ahead = more.then_some(ahead[0]);
        let (from, to) = (self.at, self.at + chunk.len() as u64);
        self.at = to;
        self.ended = !more;
        match self.chunks.open(&chunk, !more) {
            Some(plain) => {
                self.plain = plain;
                self.given = 0;
                self.chunks.next += 1;
                Ok(())
            }
            // It opens as one that is followed by others, or it is too short to be one.
            None if !more && (chunk.len() < TAG_BYTES || self.chunks.open(&chunk, false).is_some()) => {
                Err(SealError::Cut { at: to })
            }
            None => Err(SealError::Damaged { from, to }),
        }
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.plain.len() {
            if self.ended {
                return Ok(0);
            }
            self.next_chunk().map_err(|error| match error {
                SealError::File(error) => error,
                error => io::Error::other(error),
            })?;
        }
        let given = out.len().min(self.plain.len() - self.given);
        out[..given].copy_from_slice(&self.plain[self.given..self.given + given]);
        self.given += given;
        Ok(given)
    }
}

impl Chunks {
    fn seal(&mut self, plain: &[u8], last: bool) -> Option<Vec<u8>> {
        let sealed = self.cipher.encrypt(&nonce(self.next, last), plain).ok()?;
        self.next = self.next.checked_add(1)?;
        Some(sealed)
    }

    fn open(&self, sealed: &[u8], last: bool) -> Option<Vec<u8>> {
        self.cipher.decrypt(&nonce(self.next, last), sealed).ok()
    }
}

/// The fault of a sealed stream below an error of whoever read it, however deep it lies.
pub fn seal_error(error: io::Error) -> SealError {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(this) = next {
        match this.downcast_ref::<SealError>() {
            Some(SealError::Cut { at }) => return SealError::Cut { at: *at },
            Some(SealError::Damaged { from, to }) => return SealError::Damaged { from: *from, to: *to },
            Some(SealError::TooLong) => return SealError::TooLong,
            _ => {}
        }
        // What an io::Error holds is not among its sources.
        next = match this.downcast_ref::<io::Error>().and_then(|error| error.get_ref()) {
            Some(inner) => Some(inner),
            None => this.source(),
        };
    }
    SealError::File(error)
}

fn keys(passphrase: &Passphrase, header: &[u8]) -> Result<(Chunks, Hmac<Sha256>), SealError> {
    let told = &header[MAGIC.len()..];
    let (log_n, r, p) = (told[0], told[1], told[2]);
    // What scrypt costs is r x N: a header that was made up must not take the machine's memory.
    if log_n > MAX_LOG_N || r > 8 || p > 4 {
        return Err(SealError::WrongPassphrase);
    }
    let params = scrypt::Params::new(log_n, r.into(), p.into()).map_err(|_| SealError::WrongPassphrase)?;
    let mut both = Zeroizing::new([0; 64]);
    scrypt::scrypt(passphrase.exposed().as_bytes(), &told[3..], &params, both.as_mut())
        .map_err(|_| SealError::WrongPassphrase)?;
    let (sealing, checking) = both.split_at(32);
    let cipher = ChaCha20Poly1305::new_from_slice(sealing).map_err(|_| SealError::WrongPassphrase)?;
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(checking).map_err(|_| SealError::WrongPassphrase)?;
    mac.update(header);
    Ok((Chunks { cipher, next: 0 }, mac))
}

fn nonce(number: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase() -> Passphrase {
        Passphrase::new("only for tests")
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut sealing = Sealing::new(Vec::new(), &passphrase(), Cost::Machine).unwrap();
        sealing.write_all(plain).unwrap();
        sealing.finish().unwrap()
    }

    fn opened(sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut plain = Vec::new();
        match Opening::new(sealed, &passphrase())?.read_to_end(&mut plain) {
            Ok(_) => Ok(plain),
            Err(error) => Err(seal_error(error)),
        }
    }

    #[test]
    fn what_was_sealed_opens_whatever_its_length() {
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7] {
            let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let sealed = sealed(&plain);
            assert_eq!(opened(&sealed).unwrap(), plain, "{length}");
            assert!(length < 100 || !sealed.windows(64).any(|window| window == &plain[..64]), "nothing in plaintext");
        }
    }

    #[test]
    fn archive_cut_anywhere_says_so() {
        let whole = sealed(&vec![7; 2 * CHUNK_BYTES + 100]);
        let boundary = HEADER_BYTES + CHUNK_BYTES + TAG_BYTES;
        for at in [20, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 5, boundary, boundary + 1, whole.len() - 1] {
            match opened(&whole[..at]) {
                Err(SealError::Cut { at: told } | SealError::Damaged { to: told, .. }) => assert_eq!(told, at as u64),
                other => panic!("{at}: {other:?}"),
            }
        }
        assert!(matches!(opened(&whole[..10]), Err(SealError::NotABackup)));
        assert!(matches!(opened(b""), Err(SealError::NotABackup)));
    }

    #[test]
    fn one_changed_bit_anywhere_is_found() {
        let whole = sealed(&vec![7; CHUNK_BYTES + 100]);
        for at in [HEADER_BYTES, HEADER_BYTES + 1_000, HEADER_BYTES + CHUNK_BYTES + 3] {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert!(matches!(opened(&damaged), Err(SealError::Damaged { from, .. }) if from <= at as u64), "{at}");
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert!(opened(&longer).is_err());
        for (at, version) in [(21, false), (30, false), (50, false), (19, true)] {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            match opened(&damaged) {
                Err(SealError::NewerFormat) => assert!(version),
                Err(SealError::WrongPassphrase) => assert!(!version),
                other => panic!("{at}: {other:?}"),
            }
        }
    }

    #[test]
    fn another_passphrase_opens_nothing_and_is_told_from_damage() {
        let whole = sealed(b"secret");
        let wrong = Opening::new(whole.as_slice(), &Passphrase::new("another")).err().unwrap();
        assert!(matches!(wrong, SealError::WrongPassphrase));
    }

    #[test]
    fn two_backups_of_the_same_have_nothing_in_common() {
        let (one, other) = (sealed(b"the same"), sealed(b"the same"));
        assert_ne!(one[MAGIC.len() + 3..], other[MAGIC.len() + 3..]);
    }
}
