//! The whole way back, from a backup to a data folder that `serve` may be started on.
//!
//! 1. The data folder is locked: no service runs on it, and none can begin.
//! 2. The backup is unpacked beside it, every part compared, and its registry checked whole.
//! 3. What was published since the backup is found: in the registry of the folder that is there, which is read from a
//!    copy and never changed, and in the bundle that was given. Of both, the later counts.
//! 4. The new registry learns it, in one transaction, with the floors of numbers and places.
//! 5. The new folder takes the place of the old one in one step ([`super::place`]). A crash before it leaves the old
//!    folder as it was, a crash after it the new one, complete. Nothing of the old one's write-ahead log can come into
//!    the new one: it lies in another folder.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use freightpass_core::status::list_of;
use jiff::Timestamp;

use super::error::RestoreError;
use super::floors::{Floors, Since};
use super::merge::{Before, Known, acknowledged, repairs};
use super::place::{Staging, is_occupied, private_folder};
use super::published::{Offered, Published, SourceError};
use super::store::{Former, Logged, Own, OwnManifest, Reconciliation, StatusRepair};
use crate::backup::{self, BackupError, Contents, PASSPHRASE_FILE};
use crate::checkpoint::StoredManifest;
use crate::pass::BOOKING_AHEAD_S;
use crate::storage::{FIELD_KEY_FILE, Figures, REGISTRY_FILE, Store, lock_folder, newest_schema, read_former};
use crate::trust::{Passphrase, read_key};

/// The longest life of a pass that is thought of where the trust list does not say.
const LONGEST_LIFE_S: u64 = 366 * 86_400;
/// The copy of the former registry below the new folder.
const FORMER: &str = ".former";
/// The passphrase of the keys, where the configuration names no other.
const PASSPHRASE: &str = "secrets/passphrase";

/// What is to be restored.
pub struct Order {
    /// The backup.
    pub backup: PathBuf,
    /// Its passphrase.
    pub passphrase: Passphrase,
    /// The data folder: empty, missing, or the one that is replaced.
    pub data: PathBuf,
    /// A bundle that was published.
    pub published: Option<Vec<u8>>,
    /// What to do where nothing tells what was published.
    pub without: Without,
}

/// What to do where nothing tells what was published since the backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// Restore nothing.
    Refuse,
    /// Go on: what was revoked since the backup is valid again until somebody revokes it again.
    GoOn,
}

/// What was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What the backup holds.
    pub contents: Contents,
    /// Where the old folder lies now.
    pub aside: Option<PathBuf>,
    /// The manifest that was read back, and where it was found; none: nothing tells.
    pub read_back: Option<(u32, u32, String)>,
    /// Places whose status was learnt from it.
    pub repaired: usize,
    /// Places whose status no manifest had published yet, learnt from the status log of the old folder.
    pub acknowledged: usize,
    /// Whether it is known exactly what was given out since.
    pub exactly: bool,
    /// What was tried as a source and did not serve.
    pub refused: Vec<String>,
    /// Key files that the backup lacks, taken over from the old folder.
    pub keys: Vec<String>,
    /// Key files of the old folder that the backup lacks and that were not taken over.
    pub left: Vec<String>,
    /// Files that stood outside of the data folder: where they are now, where they were, what names them.
    pub outside: Vec<(PathBuf, String, String)>,
}

/// Restores. `say` is told of each step as it is done.
pub async fn restore(order: Order, now: Timestamp, say: &dyn Fn(&str)) -> Result<Restored, RestoreError> {
    let data = order.data.as_path();
    let occupied = is_occupied(data)?;
    let known = |name: &str| data.join(name).exists();
    if occupied && !known(REGISTRY_FILE) && !known("registry.lock") {
        return Err(RestoreError::NotADataFolder { path: data.to_owned() });
    }
    let lock = if occupied { Some(lock_folder(data)?) } else { None };

    // The first reading finds every fault before anything is written; the second writes.
    let contents = backup::read(&order.backup, &order.passphrase, &mut |_| Ok(()), &mut |_, _| Ok(()))?;
    if contents.registry.schema > newest_schema() {
        let (found, known) = (contents.registry.schema, newest_schema());
        return Err(RestoreError::NewerVersion { by: contents.freightpass, found, known });
    }
    if now < contents.made_at {
        return Err(RestoreError::ClockBehind { now, made_at: contents.made_at });
    }
    let (staging, late) = Staging::begin(data, now)?;
    for aside in late {
        say(&format!(
            "{} was left where an earlier restore was cut off: it is the folder before that",
            aside.display()
        ));
    }
    unpack(&order, staging.path())?;
    let figures = Figures::of_file(&staging.path().join(REGISTRY_FILE)).await?;
    if figures != contents.registry {
        return Err(RestoreError::OtherFigures);
    }
    say("the backup is unpacked, compared and whole");

    let place = |key: &str, usual: &str| {
        let packed = contents.files.iter().find(|packed| packed.key.as_deref() == Some(key));
        staging.path().join(packed.and_then(|packed| packed.place()).unwrap_or(Path::new(usual)))
    };
    let store = Store::open_with_key(staging.path(), &place("secrets.fields_key_file", FIELD_KEY_FILE)).await?;
    let own = store.own().await?;
    let Sources { found, whole: former, refused, log } = sources(&order, &staging, &own, &contents, occupied).await?;
    let read_back = found.into_iter().max_by_key(|(published, _)| published.order());
    if read_back.is_none() && order.without == Without::Refuse {
        return Err(RestoreError::NothingPublished { why: refused });
    }
    // What the former registry says is everything, unless something was published that it does not know.
    let exactly = match (&former, &read_back) {
        (Some(former), Some((published, _))) => {
            former.figures.manifest_seq >= published.manifest.seq && former.figures.log_seq >= own.log.seq
        }
        _ => false,
    };
    let told = read_back
        .as_ref()
        .map(|(published, source)| (published.manifest.seq, published.manifest.issued, source.clone()));
    let (plan, acknowledged) =
        reconciliation(&own, &contents, read_back, former.as_ref().filter(|_| exactly), &log, now)?;
    let repaired = plan.repairs.len() - acknowledged;
    store.reconcile(plan).await?;
    store.close().await;
    let _ = fs::remove_dir_all(staging.path().join(FORMER));
    say("what was published since is read back, and numbers and places given out since are closed");

    let passphrase = Passphrase::read(&place("secrets.passphrase_file", PASSPHRASE));
    let (keys, left) = match occupied {
        true => carry_over(data, staging.path(), passphrase.as_ref().ok()),
        false => (Vec::new(), Vec::new()),
    };
    let outside = contents
        .files
        .iter()
        .filter_map(|packed| {
            Some((data.join(packed.place()?), packed.from.clone()?, packed.key.clone().unwrap_or_default()))
        })
        .collect();
    let new_lock = lock_folder(staging.path())?;
    let aside = staging.take_its_place()?;
    say("the folder is in its place");
    drop((lock, new_lock));
    Ok(Restored { contents, aside, read_back: told, repaired, acknowledged, exactly, refused, keys, left, outside })
}

/// Writes every file of the backup below `folder`.
fn unpack(order: &Order, folder: &Path) -> Result<(), RestoreError> {
    backup::read(&order.backup, &order.passphrase, &mut |_| Ok(()), &mut |packed, content| {
        let name = || BackupError::Contents {
            path: order.backup.clone(),
            problem: RestoreError::Name { name: packed.name.clone() }.to_string(),
        };
        let path = folder.join(packed.place().ok_or_else(name)?);
        let failed = |source: io::Error| BackupError::File { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            private_folder(parent).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
        io::copy(content, &mut file).map_err(failed)?;
        file.flush().map_err(failed)
    })?;
    Ok(())
}

/// What tells what was published.
struct Sources {
    /// What serves, with where it was found.
    found: Vec<(Published, String)>,
    /// The former registry, where it is whole and what it published is adopted.
    whole: Option<Former>,
    /// What does not serve, and why.
    refused: Vec<String>,
    /// The status log of the former registry, where that is whole.
    log: BTreeMap<(u32, u32), Logged>,
}

/// Everything that tells what was published, and why the rest does not.
async fn sources(
    order: &Order,
    staging: &Staging,
    own: &Own,
    contents: &Contents,
    occupied: bool,
) -> Result<Sources, RestoreError> {
    let (mut found, mut refused, mut whole, mut log) = (Vec::new(), Vec::new(), None, BTreeMap::new());
    let registry = order.data.join(REGISTRY_FILE);
    if occupied && registry.exists() {
        let copy = staging.path().join(FORMER);
        match read_former(&order.data, &copy).await {
            Ok(former)
                if !former.figures.deployment.is_empty()
                    && former.figures.deployment != contents.registry.deployment =>
            {
                return Err(RestoreError::OtherDeployment {
                    path: order.data.clone(),
                    found: former.figures.deployment,
                    wanted: contents.registry.deployment.clone(),
                });
            }
            Ok(former) => {
                log = former.log.clone();
                match Offered::former(&former).and_then(|offered| Published::adopt(own, offered)) {
                    Ok(published) => {
                        found.push((published, format!("the registry that was in {}", order.data.display())));
                        whole = Some(former);
                    }
                    Err(error) => refused.push(format!("the registry in {}: {error}", order.data.display())),
                }
            }
            Err(error) => refused.push(error.to_string()),
        }
    }
    if let Some(bundle) = &order.published {
        let published = Offered::bundle(bundle).and_then(|offered| Published::adopt(own, offered));
        match published {
            Ok(published) => found.push((published, "the bundle that was given".to_owned())),
            // An older bundle beside a registry that is whole does no harm.
            Err(error @ SourceError::Older { .. }) if !found.is_empty() => refused.push(error.to_string()),
            Err(error) => return Err(RestoreError::Published(error)),
        }
    }
    Ok(Sources { found, whole, refused, log })
}

/// What the registry is told, and how many of its places come from the former log alone.
fn reconciliation(
    own: &Own,
    contents: &Contents,
    read_back: Option<(Published, String)>,
    exactly: Option<&Former>,
    log: &BTreeMap<(u32, u32), Logged>,
    at: Timestamp,
) -> Result<(Reconciliation, usize), RestoreError> {
    let seconds = |at: Timestamp| u64::try_from(at.as_second()).unwrap_or(0);
    let now = seconds(at).max(read_back.as_ref().map_or(0, |(published, _)| published.manifest.issued.into()));
    let published = read_back.as_ref().map(|(published, _)| published);
    let lists = |published: &Published| {
        let lists: BTreeMap<u32, u32> = published.manifest.lists.iter().map(|entry| (entry.list, entry.n)).collect();
        (published.manifest.seq, u64::from(published.manifest.issued), lists)
    };
    let backup = seconds(contents.made_at).min(now);
    let authorities = published.map(|published| published.authorities.clone()).unwrap_or_else(|| own.authorities());
    let floors = Floors::over(
        &own.given_out,
        &Since {
            now,
            backup,
            published: published.map(lists),
            exactly: exactly.map(|former| &former.given_out),
            authorities: &authorities,
            horizon: list_of(backup)..=list_of(now + BOOKING_AHEAD_S + own.longest_life().unwrap_or(LONGEST_LIFE_S)),
        },
    );
    let before = Before {
        seq: own.manifest.as_ref().map_or(0, |manifest| manifest.stored.seq),
        log_seq: own.manifest.as_ref().map_or(0, |manifest| manifest.stored.log_seq),
    };
    let wanted = published.map(|published| repairs(&published.states, published.manifest.seq, &own.log, before));
    let mut wanted: BTreeMap<_, _> =
        wanted.unwrap_or_default().into_iter().map(|(list, idx, value)| ((list, idx), value)).collect();
    let learnt = wanted.len();
    let known = match (exactly, &read_back) {
        (Some(_), _) => Known::Log,
        (None, Some(_)) => Known::Later,
        (None, None) => Known::Nothing,
    };
    acknowledged(&mut wanted, log, &own.log, known);
    let alone = wanted.len() - learnt;
    let detail =
        |place, value| log.get(place).filter(|logged| logged.value == value).map(|logged| logged.detail.clone());
    let repairs = wanted
        .iter()
        .map(|(place, value)| StatusRepair {
            list: place.0,
            idx: place.1,
            value: *value,
            detail: detail(place, *value),
        })
        .collect();
    let objects = published.map(Published::snapshots).transpose().map_err(RestoreError::Published)?;
    let source = read_back.as_ref().map_or("nothing".to_owned(), |(_, source)| source.clone());
    let (manifest, trust, survivors) = match read_back {
        None => (None, Vec::new(), Vec::new()),
        Some((published, _)) => (
            Some(OwnManifest {
                issued: published.manifest.issued,
                trust_sequence: published.manifest.trust_sequence,
                stored: StoredManifest { seq: published.manifest.seq, log_seq: own.log.seq, object: published.object },
            }),
            published.trust,
            published.survivors,
        ),
    };
    let objects = objects.unwrap_or_default();
    Ok((Reconciliation { at, source, trust, survivors, manifest, objects, repairs, floors }, alone))
}

/// Keys that were made since the backup, as far as its passphrase opens them, and the passphrase of backups: without the
/// first nobody signs, without the second the older backups do not open. What is taken, and which keys are not.
fn carry_over(from: &Path, to: &Path, passphrase: Option<&Passphrase>) -> (Vec<String>, Vec<String>) {
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(from.join("keys")).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let new = to.join("keys").join(&name);
        // The names of a mounted Secret beside the keys (`..data`) are folders.
        if new.exists() || !path.is_file() {
            continue;
        }
        let opens = passphrase.is_some_and(|passphrase| read_key(&path, passphrase).is_ok());
        let copied = || private_folder(&to.join("keys")).is_ok() && fs::copy(&path, &new).is_ok();
        let list = if opens && copied() { &mut taken } else { &mut left };
        list.push(format!("keys/{}", name.to_string_lossy()));
    }
    let (old, new) = (from.join(PASSPHRASE_FILE), to.join(PASSPHRASE_FILE));
    if old.exists() && !new.exists() && fs::copy(&old, &new).is_ok() {
        taken.push(PASSPHRASE_FILE.to_owned());
    }
    (taken, left)
}
