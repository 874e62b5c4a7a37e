//! The first start: a whole deployment to try, or the one that a ceremony made.
//!
//! In development a root key, a status key, three authorities and a provisioning file are made from nothing. In
//! production the ceremony's two files are adopted from the data folder: `provision.fp` and `trust.fp`. Later starts
//! read the registry.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use freightpass_core::bundle::Provision;
use freightpass_core::hold::{AdoptionError, Held};
use freightpass_core::malformed::Malformed;
use freightpass_core::trust::{Authority, Level, ListedKey, OffRoute, Programme, Roots};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::ceremony::{Beginning, CeremonyError, Draft, Holder, cosign, division};
use super::key_file::{Cost, KeyFileError, Passphrase, write_private};
use super::key_store::{self, KeyStore, ROOT, STATUS};
use super::lists::{TrustError, TrustLists};
use super::store::{MadeBy, StoredList, TrustStore};
use crate::storage::StorageError;

/// The folder of keys below the data folder.
pub const KEYS_FOLDER: &str = "keys";
/// The provisioning file in the data folder, which scanners are given.
pub const PROVISION_FILE: &str = "provision.fp";
/// The first trust list in the data folder of a production deployment.
pub const TRUST_FILE: &str = "trust.fp";

/// What a development deployment is given. A trust list that lives for 90 days shows its end within a rehearsal.
const TRUST_LIFE_S: u32 = 90 * DAY_S;
const KEY_LIFE_S: u32 = 365 * DAY_S;
/// Keys and the programme begin before the first start, so that a rehearsal can issue what began yesterday.
const BEGAN_BEFORE_S: u32 = 30 * DAY_S;
const MAX_AGE_S: u32 = DAY_S;
const SKEW_S: u32 = 300;
const LONGEST_LIFE_S: u32 = 30 * DAY_S;
/// With the four digits of a list it makes the 24 characters of the size that formats.md measures.
const STATUS_BASE: &str = "HTTPS://PASS.TEST/S/";
const DAY_S: u32 = 86_400;

/// The development authorities: code, name, level, division, number.
const AUTHORITIES: [(&str, &str, Level, &str, u32); 3] = [
    ("CN-32", "\u{6c5f}\u{82cf}\u{7701}", Level::Province, "32", 320_000),
    ("CN-3205", "\u{82cf}\u{5dde}\u{5e02}", Level::Prefecture, "3205", 320_500),
    ("CN-3301", "\u{676d}\u{5dde}\u{5e02}", Level::Prefecture, "3301", 330_100),
];

/// What the service is started with.
pub struct Trust {
    /// The lists; in production perhaps none yet.
    pub lists: Arc<TrustLists>,
    /// The private keys that are held.
    pub keys: Arc<KeyStore>,
}

/// What a first start may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstStart {
    /// Make a deployment to try, with its keys and its passphrase.
    Found,
    /// Adopt what a ceremony left in the data folder, or start without trust.
    Adopt,
}

/// Why there is no trust to start with.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// A file of the first start.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A key or its passphrase.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The development list.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The provisioning file does not read.
    #[error("{path}: {source}", path = path.display())]
    Provision {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Malformed,
    },
    /// The first trust list is not adopted under the provisioning file.
    #[error("{path} is not adopted: {source}", path = path.display())]
    NotAdopted {
        /// Which.
        path: PathBuf,
        /// Why.
        source: AdoptionError,
    },
    /// Production was asked for, and development made what is there: its root key lies beside the registry, and its PKI
    /// was made without asking anybody.
    #[error(
        "{path} was made by development, which is not for use: begin with a new data folder and the files of a ceremony \
         (`freightpass trust create`, `trust sign`)",
        path = path.display()
    )]
    MadeByDevelopment {
        /// The data folder.
        path: PathBuf,
    },
    /// Development was asked for, and a ceremony made what is there: officers of a PKI that development makes would be
    /// let in.
    #[error("{path} belongs to a deployment in use: start it with mode = \"production\"", path = path.display())]
    MadeByCeremony {
        /// The data folder.
        path: PathBuf,
    },
    /// A root key lies where a server runs.
    #[error("{path}: a root key lies on the server; keep it on a machine without a network, and remove it here",
        path = path.display())]
    RootKey {
        /// Its file.
        path: PathBuf,
    },
    /// What the registry holds.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The registry.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The task that reads the keys ended before its end.
    #[error("reading the keys was stopped")]
    Stopped,
}

/// Opens trust and keys of a data folder, and does what a first start has to do.
///
/// 1. The passphrase and the keys are written. A crash here leaves keys that nobody ever trusts; the next start makes
///    others.
/// 2. The first list is stored with its provisioning object, in one transaction. From here on it is not the first start.
/// 3. The provisioning file is written, and written again where it is missing or other roots are in force.
pub async fn open(
    folder: &Path,
    passphrase_file: &Path,
    store: Arc<dyn TrustStore>,
    first: FirstStart,
    now: Timestamp,
) -> Result<Trust, BootstrapError> {
    match (store.made_by().await?, first) {
        (Some(MadeBy::Development), FirstStart::Adopt) => {
            return Err(BootstrapError::MadeByDevelopment { path: folder.to_owned() });
        }
        (Some(MadeBy::Ceremony), FirstStart::Found) => {
            return Err(BootstrapError::MadeByCeremony { path: folder.to_owned() });
        }
        _ => {}
    }
    if first == FirstStart::Adopt
        && let Some(path) = key_store::root_key(&folder.join(KEYS_FOLDER))?
    {
        return Err(BootstrapError::RootKey { path });
    }
    let is_first = store.provision().await?.is_none();
    if is_first && first == FirstStart::Adopt {
        adopt(folder, &*store, now).await?;
    }
    let keys = if is_first && first == FirstStart::Found {
        found(folder, passphrase_file, &*store, now).await?
    } else {
        let (keys, passphrase_file) = (folder.join(KEYS_FOLDER), passphrase_file.to_owned());
        let open = move || KeyStore::open(&keys, Passphrase::read(&passphrase_file)?);
        tokio::task::spawn_blocking(open).await.map_err(|_| BootstrapError::Stopped)??
    };
    let lists = TrustLists::open(store).await?;
    write_provision(folder, &lists)?;
    Ok(Trust { lists: Arc::new(lists), keys: Arc::new(keys) })
}

/// Keeps the provisioning file that new scanners are given, until `stop`: after a list with other roots it names those.
pub async fn follow_provision(folder: PathBuf, lists: Arc<TrustLists>, stop: CancellationToken) {
    let mut changed = lists.changed();
    loop {
        if let Err(error) = write_provision(&folder, &lists) {
            tracing::error!(%error, "the provisioning file for new scanners is not written");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            changed = changed.changed() => if changed.is_err() { return },
        }
    }
}

/// Writes the provisioning file where it is missing, or names roots that are not in force.
fn write_provision(folder: &Path, lists: &TrustLists) -> Result<(), BootstrapError> {
    let Some(in_force) = lists.current() else { return Ok(()) };
    let path = folder.join(PROVISION_FILE);
    let there = fs::read(&path).ok().and_then(|bytes| Provision::decode(&bytes).ok());
    if there.is_some_and(|there| there.roots() == in_force.for_scanners.roots()) {
        return Ok(());
    }
    write_file(&path, &in_force.for_scanners.encode())
}

/// Makes a deployment from nothing.
async fn found(
    folder: &Path,
    passphrase_file: &Path,
    store: &dyn TrustStore,
    now: Timestamp,
) -> Result<KeyStore, BootstrapError> {
    let (folder, passphrase_file) = (folder.to_owned(), passphrase_file.to_owned());
    let seconds = u32::try_from(now.as_second()).unwrap_or(0);
    let make = move || make_deployment(&folder, &passphrase_file, seconds);
    let (keys, draft, object) = tokio::task::spawn_blocking(make).await.map_err(|_| BootstrapError::Stopped)??;
    let provision = draft.provision()?;
    let list = adopted(&provision, &object)
        .map_err(|source| BootstrapError::NotAdopted { path: TRUST_FILE.into(), source })?;
    store.found(MadeBy::Development, &provision.encode(), &list, now).await?;
    Ok(keys)
}

fn make_deployment(
    folder: &Path,
    passphrase_file: &Path,
    now: u32,
) -> Result<(KeyStore, Draft, Vec<u8>), BootstrapError> {
    let cost = make_passphrase(passphrase_file)?;
    let keys = KeyStore::empty(&folder.join(KEYS_FOLDER), Passphrase::read(passphrase_file)?);
    let mut deployment = [0; 8];
    getrandom::fill(&mut deployment).map_err(|_| KeyFileError::NoRandomness)?;
    let root = keys.create(ROOT, cost)?;
    let (from, until) = (now.saturating_sub(BEGAN_BEFORE_S), now.saturating_add(KEY_LIFE_S));
    let mut draft = Draft::first(Beginning {
        deployment,
        roots: Roots { threshold: 1, keys: vec![root.verifying_key().to_bytes()] },
        issued: now,
        expires: now.saturating_add(TRUST_LIFE_S),
        max_age: MAX_AGE_S,
        skew: SKEW_S,
        longest_life: LONGEST_LIFE_S,
        status_base: STATUS_BASE.to_owned(),
    });
    let status = keys.create(STATUS, cost)?.verifying_key().to_bytes();
    draft.add_key(&Holder::Status, status, from, until)?;
    draft.put_programme(Programme {
        number: 1,
        name: "emergency freight".to_owned(),
        from,
        until,
        off_route: OffRoute::Refuse,
    })?;
    for (code, name, level, place, number) in AUTHORITIES {
        let key = keys.create(code, cost)?.verifying_key().to_bytes();
        draft.add_authority(Authority {
            code: code.to_owned(),
            number,
            name: name.to_owned(),
            level,
            division: division(place),
            programmes: vec![1],
            keys: vec![ListedKey { key, from, until, compromised: false }],
        })?;
    }
    let object = cosign(&draft.encode()?, &root, None)?;
    Ok((keys, draft, object))
}

/// Draws a passphrase of 256 bits where there is none; one that is there may be a person's.
fn make_passphrase(path: &Path) -> Result<Cost, BootstrapError> {
    if path.exists() {
        return Ok(Cost::Person);
    }
    let mut secret = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(secret.as_mut()).map_err(|_| KeyFileError::NoRandomness)?;
    let text = zeroize::Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.as_ref()) + "\n");
    write_file(path, text.as_bytes())?;
    Ok(Cost::Machine)
}

/// Adopts what a ceremony left in the data folder; nothing, if its files are not there.
async fn adopt(folder: &Path, store: &dyn TrustStore, now: Timestamp) -> Result<(), BootstrapError> {
    let (provision_path, trust_path) = (folder.join(PROVISION_FILE), folder.join(TRUST_FILE));
    if !provision_path.exists() || !trust_path.exists() {
        return Ok(());
    }
    let read = |path: &PathBuf| fs::read(path).map_err(|source| BootstrapError::File { path: path.clone(), source });
    let (provision, object) = (read(&provision_path)?, read(&trust_path)?);
    let provision = Provision::decode(&provision)
        .map_err(|source| BootstrapError::Provision { path: provision_path.clone(), source })?;
    let list = adopted(&provision, &object)
        .map_err(|source| BootstrapError::NotAdopted { path: trust_path.clone(), source })?;
    Ok(store.found(MadeBy::Ceremony, &provision.encode(), &list, now).await?)
}

/// The list, if a scanner with this provisioning adopts it.
fn adopted(provision: &Provision, object: &[u8]) -> Result<StoredList, AdoptionError> {
    let mut held = Held::provisioned(provision);
    held.adopt_trust(object)?;
    let list = held.trust().ok_or(AdoptionError::NoTrust)?;
    Ok(StoredList {
        sequence: list.content().sequence,
        hash: *list.hash(),
        object: object.to_vec(),
        changes_roots: list.content().roots != *provision.roots(),
    })
}

fn write_file(path: &Path, contents: &[u8]) -> Result<(), BootstrapError> {
    write_private(path, contents).map_err(|source| BootstrapError::File { path: path.to_owned(), source })
}
