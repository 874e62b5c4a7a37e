//! Makes a backup of a running service.
//!
//! 1. What an earlier one left unfinished is removed. A crash here means that nothing happened.
//! 2. The registry is copied as it is at one moment, to a hidden file in the backup folder, and checked whole.
//! 3. Registry, keys and secrets are sealed into another hidden file, which is synced.
//! 4. That file is read back: it opens, every hash is right, the registry in it is whole and has the rows and sequences
//!    that were copied. A crash up to here leaves hidden files, which the next backup removes.
//! 5. It takes its name, and the folder is synced. From here on the backup is there, whole.
//! 6. The audit entry and the answer are stored. A crash before it leaves a good backup of which nobody was told.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::contents::{Contents, VERSION};
use super::error::BackupError;
use super::files::{self, Outside, REGISTRY, Source};
use super::pack::{pack, packed, read};
use super::passphrase;
use super::store::BackupStore;
use crate::audit::Call;
use crate::storage::{Figures, StorageError, in_own_task};
use crate::trust::{Cost, Passphrase};

/// Ends the name of every backup.
pub const BACKUP_ENDING: &str = "fpbackup";
/// Begins the names of what is unfinished.
const UNFINISHED: &str = ".unfinished-";

/// Where a service finds what it packs, and where its backups go.
#[derive(Debug, Clone)]
pub struct Places {
    /// The data folder.
    pub data: PathBuf,
    /// The folder of backups.
    pub folder: PathBuf,
    /// The passphrase file; none: there are no backups.
    pub passphrase_file: Option<PathBuf>,
    /// Whether a passphrase is made where there is none.
    pub may_make_passphrase: bool,
    /// Files that the configuration names, and itself.
    pub outside: Vec<Outside>,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Its name in the folder of backups.
    pub name: String,
    /// Its path on the machine of the service.
    pub path: String,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 of it, in hexadecimal digits.
    pub sha256: String,
    /// When the registry was as it is in it.
    pub made_at: Timestamp,
    /// The newest seq of the status log in it.
    pub log_seq: u64,
    /// The seq of the newest manifest in it.
    pub manifest_seq: u32,
    /// The sequence of the newest trust list in it.
    pub trust_sequence: u32,
    /// Passes in it.
    pub passes: u64,
    /// Files in it beside the registry.
    pub files: u32,
}

/// Makes backups of a running service, one at a time.
#[derive(Clone)]
pub struct Backups {
    store: Arc<dyn BackupStore>,
    places: Places,
    one: Arc<Mutex<()>>,
}

impl Backups {
    /// Backups of that registry and those files.
    pub fn new(store: Arc<dyn BackupStore>, places: Places) -> Self {
        let newest = newest(&places.folder).map_or(0, |(at, _)| at.as_second());
        metrics::gauge!("freightpass_backup_made_timestamp_seconds").set(newest as f64);
        Self { store, places, one: Arc::default() }
    }

    /// Makes one, in a task of its own; the answer of then for a call that was answered before.
    pub async fn create(&self, call: &Call) -> Result<Made, BackupError> {
        let (this, call) = (self.clone(), call.clone());
        in_own_task(async move {
            let _one = this.one.try_lock().map_err(|_| BackupError::UnderWay)?;
            if let Some(made) = this.store.answered(&call).await? {
                return Ok(made);
            }
            let made = this.make(call.at).await;
            if made.is_err() {
                // Whatever it was, its hidden files are no use to anybody, and may be what fills the disk.
                let _ = remove_unfinished(&this.places.folder);
            }
            Ok(this.store.record(&call, made?).await?)
        })
        .await
    }

    async fn make(&self, at: Timestamp) -> Result<Made, BackupError> {
        let folder = &self.places.folder;
        fs::create_dir_all(folder).map_err(fault(folder))?;
        remove_unfinished(folder)?;
        let copy = folder.join(format!("{UNFINISHED}registry"));
        private(&copy).map_err(fault(&copy))?;
        self.store.snapshot(&copy).await?;
        let figures = self.store.figures(&copy).await?;
        tracing::info!(log_seq = figures.log_seq, "backup: the registry is copied");

        let part = folder.join(format!("{UNFINISHED}{BACKUP_ENDING}"));
        let places = self.places.clone();
        let (to, registry) = (part.clone(), copy.clone());
        let (contents, passphrase) = blocking(move || seal(&places, &registry, &to, figures, at)).await?;
        fs::remove_file(&copy).map_err(fault(&copy))?;
        tracing::info!(files = contents.files.len(), "backup: it is sealed");

        let (from, to, expected) = (part.clone(), copy.clone(), contents.clone());
        let (size_bytes, sha256) = blocking(move || read_back(&from, &passphrase, &expected, &to)).await?;
        let found = self.store.figures(&copy).await?;
        if found != contents.registry {
            return Err(BackupError::ReadBack { problem: "its registry has other rows or sequences".to_owned() });
        }
        fs::remove_file(&copy).map_err(fault(&copy))?;
        tracing::info!(size_bytes, "backup: it is read back");

        let path = free_name(folder, &contents);
        fs::rename(&part, &path).map_err(fault(&path))?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault(folder))?;
        tracing::info!(path = %path.display(), "backup: it is made");
        metrics::gauge!("freightpass_backup_made_timestamp_seconds").set(at.as_second() as f64);
        let registry = &contents.registry;
        Ok(Made {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            path: path.display().to_string(),
            size_bytes,
            sha256,
            made_at: contents.made_at,
            log_seq: registry.log_seq,
            manifest_seq: registry.manifest_seq,
            trust_sequence: registry.trust_sequence,
            passes: registry.rows_of("passes"),
            files: u32::try_from(contents.files.len().saturating_sub(1)).unwrap_or(u32::MAX),
        })
    }
}

/// The newest backup in a folder, and when it was made.
pub fn newest(folder: &Path) -> Option<(Timestamp, PathBuf)> {
    let ours = |path: &PathBuf| path.extension().is_some_and(|end| end == BACKUP_ENDING);
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(ours);
    let made = |path: PathBuf| Some((Timestamp::try_from(fs::metadata(&path).ok()?.modified().ok()?).ok()?, path));
    files.filter_map(made).max()
}

/// Step 3: seals everything into `to`.
fn seal(
    places: &Places,
    registry: &Path,
    to: &Path,
    figures: Figures,
    at: Timestamp,
) -> Result<(Contents, Passphrase), BackupError> {
    let passphrase = passphrase::open(places.passphrase_file.as_deref(), places.may_make_passphrase)?;
    let mut sources = vec![Source { name: REGISTRY.to_owned(), path: registry.to_owned(), key: None }];
    sources.extend(files::sources(&places.data, &places.outside)?);
    let files =
        sources.iter().map(|source| packed(source).map_err(fault(&source.path))).collect::<Result<Vec<_>, _>>()?;
    let contents = Contents { freightpass: VERSION.to_owned(), made_at: at, registry: figures, files };
    let failed = |source| BackupError::Seal { path: to.to_owned(), source };
    let out = BufWriter::new(private(to).map_err(fault(to))?);
    let mut out = pack(out, &passphrase, Cost::Person, &contents, &sources).map_err(failed)?;
    out.flush().map_err(fault(to))?;
    out.get_ref().sync_all().map_err(fault(to))?;
    Ok((contents, passphrase))
}

/// Step 4: reads it back, its registry into `to`; gives its size and hash.
fn read_back(
    path: &Path,
    passphrase: &Passphrase,
    expected: &Contents,
    to: &Path,
) -> Result<(u64, String), BackupError> {
    let found = read(path, passphrase, &mut |_| Ok(()), &mut |packed, content| {
        if packed.name == REGISTRY {
            let mut out = private(to).map_err(fault(to))?;
            io::copy(content, &mut out).map_err(fault(to))?;
        }
        Ok(())
    })
    .map_err(|error| BackupError::ReadBack { problem: error.to_string() })?;
    if found != *expected {
        return Err(BackupError::ReadBack { problem: "its contents are others".to_owned() });
    }
    let whole = Source { name: String::new(), path: path.to_owned(), key: None };
    let whole = packed(&whole).map_err(fault(path))?;
    Ok((whole.size, whole.sha256))
}

/// A name that no backup has yet: deployment and moment, so that they sort by age.
fn free_name(folder: &Path, contents: &Contents) -> PathBuf {
    let moment = contents.made_at.strftime("%Y%m%dT%H%M%SZ");
    let stem = format!("freightpass-{}-{moment}", contents.registry.deployment);
    let numbered = (2_u32..).map(|number| folder.join(format!("{stem}-{number}.{BACKUP_ENDING}")));
    let names = std::iter::once(folder.join(format!("{stem}.{BACKUP_ENDING}"))).chain(numbered);
    let mut free = names.skip_while(|path| path.exists());
    free.next().unwrap_or_else(|| folder.join(stem))
}

fn remove_unfinished(folder: &Path) -> Result<(), BackupError> {
    for entry in fs::read_dir(folder).map_err(fault(folder))? {
        let path = entry.map_err(fault(folder))?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(UNFINISHED)) {
            fs::remove_file(&path).map_err(fault(&path))?;
        }
    }
    Ok(())
}

/// A new file for its owner alone, empty.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn fault(path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}

/// Runs what takes its time where blocking is allowed.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => Err(StorageError::Panicked.into()),
        Err(_) => Err(StorageError::Stopped.into()),
    }
}
