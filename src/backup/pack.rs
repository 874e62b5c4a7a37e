//! The archive in a backup: a tar of [`Contents`] and of every file, sealed; and how it is read.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tar::{Archive, Builder, EntryType, Header};

use super::contents::{Contents, Packed};
use super::error::BackupError;
use super::files::Source;
use super::seal::{Opening, SealError, Sealing, seal_error};
use crate::trust::{Cost, Passphrase};

/// The first entry.
const CONTENTS: &str = "contents.json";
/// Bytes of it at the most: some thousands of files.
const MAX_CONTENTS_BYTES: u64 = 4 << 20;
/// How much of a file is held at a time.
const PIECE_BYTES: usize = 64 << 10;

/// Seals contents and files into `out`. The sizes and hashes of the contents must be those of the files.
pub(super) fn pack<W: Write>(
    out: W,
    passphrase: &Passphrase,
    cost: Cost,
    contents: &Contents,
    sources: &[Source],
) -> Result<W, SealError> {
    let mut archive = Builder::new(Sealing::new(out, passphrase, cost)?);
    let failed = seal_error;
    let json = serde_json::to_vec_pretty(contents).map_err(io::Error::other)?;
    let made_at = u64::try_from(contents.made_at.as_second()).unwrap_or(0);
    archive.append_data(&mut header(json.len() as u64, made_at), CONTENTS, json.as_slice()).map_err(failed)?;
    for (packed, source) in contents.files.iter().zip(sources) {
        // A file that grew meanwhile gives what it had; one that shrank is found when it is read back.
        let file = File::open(&source.path)?.take(packed.size);
        archive.append_data(&mut header(packed.size, made_at), &packed.name, file).map_err(failed)?;
    }
    archive.into_inner().map_err(failed)?.finish()
}

/// Size and SHA-256 of a file, as contents have them.
pub(super) fn packed(source: &Source) -> io::Result<Packed> {
    let mut file = Hashed::new(BufReader::new(File::open(&source.path)?));
    io::copy(&mut file, &mut io::sink())?;
    let (size, sha256) = file.finish();
    let from = source.key.map(|_| source.path.display().to_string());
    Ok(Packed { name: source.name.clone(), size, sha256, from, key: source.key.map(str::to_owned) })
}

/// Reads a backup whole: every chunk, every entry, every hash. `begin` sees its contents before any file, `take` is
/// given each file in the order of the contents, and need not read it.
pub fn read(
    path: &Path,
    passphrase: &Passphrase,
    begin: &mut dyn FnMut(&Contents) -> Result<(), BackupError>,
    take: &mut dyn FnMut(&Packed, &mut dyn Read) -> Result<(), BackupError>,
) -> Result<Contents, BackupError> {
    let file = File::open(path).map_err(|source| BackupError::File { path: path.to_owned(), source })?;
    let seal = |source| BackupError::Seal { path: path.to_owned(), source };
    let wrong = |problem: String| BackupError::Contents { path: path.to_owned(), problem };
    let broken = |error| seal(seal_error(error));
    let mut archive =
        Archive::new(Opening::new(BufReader::with_capacity(PIECE_BYTES, file), passphrase).map_err(seal)?);
    let mut entries = archive.entries().map_err(broken)?;
    let no_contents = || wrong("it does not begin with its contents".to_owned());

    let mut first = entries.next().ok_or_else(no_contents)?.map_err(broken)?;
    if first.path_bytes().as_ref() != CONTENTS.as_bytes() {
        return Err(no_contents());
    }
    let mut json = Vec::new();
    first.by_ref().take(MAX_CONTENTS_BYTES).read_to_end(&mut json).map_err(broken)?;
    let contents: Contents =
        serde_json::from_slice(&json).map_err(|error| wrong(format!("its contents do not read: {error}")))?;
    begin(&contents)?;

    let mut expected = contents.files.iter();
    for entry in entries {
        let entry = entry.map_err(broken)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let packed = expected.next().filter(|packed| packed.name == name && packed.size == entry.size());
        let packed = packed.ok_or_else(|| wrong(format!("{name} is not what its contents name here")))?;
        let mut hashed = Hashed::new(entry);
        match take(packed, &mut hashed) {
            // What looks like a fault of the file to be written may be one of the archive that is read.
            Err(BackupError::File { path, source }) => {
                return Err(match seal_error(source) {
                    SealError::File(source) => BackupError::File { path, source },
                    found => seal(found),
                });
            }
            taken => taken?,
        }
        io::copy(&mut hashed, &mut io::sink()).map_err(broken)?;
        if hashed.finish() != (packed.size, packed.sha256.clone()) {
            return Err(wrong(format!("{name} is not what was packed")));
        }
    }
    if let Some(missing) = expected.next() {
        return Err(wrong(format!("{} is missing", missing.name)));
    }
    // What comes behind the archive is part of the stream: its end says that nothing was cut off.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(broken)?;
    Ok(contents)
}

fn header(size: u64, made_at: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(made_at);
    header
}

/// Counts and hashes what is read through it.
struct Hashed<R> {
    inner: R,
    size: u64,
    hash: Sha256,
}

impl<R: Read> Hashed<R> {
    fn new(inner: R) -> Self {
        Self { inner, size: 0, hash: Sha256::new() }
    }

    fn finish(self) -> (u64, String) {
        (self.size, HEXLOWER.encode(&self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.size += read as u64;
        self.hash.update(&out[..read]);
        Ok(read)
    }
}
