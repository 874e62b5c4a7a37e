//! The trust list in force: adopted by the core's own rules, whoever brings it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use freightpass_core::bundle::Provision;
use freightpass_core::hold::{Adoption, AdoptionError, Held};
use freightpass_core::key::Kid;
use freightpass_core::limits::TRUST_BYTES;
use freightpass_core::malformed::Malformed;
use freightpass_core::trust::{ListedKey, TrustList};
use tokio::sync::{Mutex, watch};

use super::ceremony::told;
use super::store::{StoredList, TrustStore};
use crate::audit::Call;
use crate::identity::{AuthorityScope, Competence, Competences, FormerAuthority, ProgrammeWindow};
use crate::storage::{StorageError, in_own_task};

/// Trust lists of one deployment: what is in force, and how the next one comes into force.
pub struct TrustLists {
    store: Arc<dyn TrustStore>,
    in_force: ArcSwapOption<InForce>,
    /// What adopts: one list after the other.
    adopting: Mutex<Option<Held>>,
    sequence: watch::Sender<u32>,
}

/// The list in force, and what follows from it.
#[derive(Debug)]
pub struct InForce {
    /// The list.
    pub list: TrustList,
    /// The provisioning object with which the deployment began: whoever holds it adopts the whole chain.
    pub provision: Vec<u8>,
    /// What new scanners are provisioned with: the roots in force, and not those that they replaced.
    pub for_scanners: Provision,
    /// The lists that a new scanner needs, ascending: each that changed the roots, and the one in force.
    pub chain: Vec<Arc<[u8]>>,
    competence: Arc<Competence>,
}

/// A list that came into force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Its sequence.
    pub sequence: u32,
    /// SHA-256 of its payload.
    pub hash: [u8; 32],
    /// When it was made, seconds since 1970.
    pub issued: u32,
    /// From when on it speaks no more, seconds since 1970.
    pub expires: u32,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// Signs trust lists.
    Root,
    /// Signs manifests.
    Status,
    /// Signs passes.
    Pass,
}

/// A key that the list in force names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name.
    pub kid: Kid,
    /// What it is for.
    pub key_use: KeyUse,
    /// The authority whose passes it signs; empty for others.
    pub authority: String,
    /// The public key.
    pub public_key: [u8; 32],
    /// Its window, seconds since 1970; none for roots.
    pub window: Option<(u32, u32)>,
    /// Whether the list calls it compromised.
    pub compromised: bool,
    /// Hash of the survivors set that is in force for it.
    pub survivors: Option<[u8; 32]>,
}

/// Why a trust list, or what follows from one, is not there.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// No list is in force.
    #[error("no trust list is installed; install one, or start in development mode to make a deployment to try")]
    NoTrust,
    /// The bytes are no trust list.
    #[error("not a trust list: {0}")]
    Unreadable(#[source] Malformed),
    /// It breaks a rule of adoption.
    #[error("the trust list is not adopted: {0}")]
    NotAdopted(#[source] AdoptionError),
    /// It was made after this moment. It would be a floor under every clock: passes that end before it are refused for
    /// ever.
    #[error(
        "the trust list was made at {}, and the clock here says {}: one of the two clocks is wrong",
        told(*issued),
        told(*now)
    )]
    MadeLater {
        /// When it says that it was made, seconds since 1970.
        issued: u32,
        /// The clock, seconds since 1970.
        now: u32,
    },
    /// No good status key signs at this moment: nothing would be published from then on.
    #[error("no good status key of the trust list signs now: nothing would be published")]
    NoStatusKey,
    /// No authority's key of the list in force has this name.
    #[error("the trust list in force names no key {kid} of an authority")]
    KeyUnknown {
        /// The name.
        kid: Kid,
    },
    /// The survivors of a key do not fit into one object.
    #[error(
        "the passes of the key, {passes} or more, make a survivors set of {size_bytes} bytes or more, over the cap of 8 MiB"
    )]
    SurvivorsTooLarge {
        /// Passes of the key.
        passes: u64,
        /// Bytes of the set.
        size_bytes: u64,
    },
    /// What the registry holds does not adopt: it was altered.
    #[error("trust list {sequence} in the registry is not adopted: {source}; restore the registry from a backup")]
    Registry {
        /// Which.
        sequence: u32,
        /// Why.
        source: AdoptionError,
    },
    /// The registry.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl TrustLists {
    /// The lists of that registry, adopted one after the other as a scanner would.
    pub async fn open(store: Arc<dyn TrustStore>) -> Result<Self, TrustError> {
        let lists = Self {
            store,
            in_force: ArcSwapOption::empty(),
            adopting: Mutex::new(None),
            sequence: watch::Sender::new(0),
        };
        lists.reload().await?;
        Ok(lists)
    }

    /// Reads the registry again: after the first list was founded there, or another replica installed one.
    pub async fn reload(&self) -> Result<(), TrustError> {
        let mut adopting = self.adopting.lock().await;
        let Some(provision) = self.store.provision().await? else {
            return Ok(());
        };
        let read = Provision::decode(&provision).map_err(TrustError::Unreadable)?;
        let mut held = Held::provisioned(&read);
        let stored = self.store.trust_lists().await?;
        for list in &stored {
            held.adopt_trust(&list.object)
                .map_err(|source| TrustError::Registry { sequence: list.sequence, source })?;
        }
        self.put_in_force(&held, provision, &stored);
        *adopting = Some(held);
        Ok(())
    }

    /// The list in force. A later call may give a newer one.
    pub fn current(&self) -> Option<Arc<InForce>> {
        self.in_force.load_full()
    }

    /// The sequence in force, 0 for none, and word of each newer one.
    pub fn changed(&self) -> watch::Receiver<u32> {
        self.sequence.subscribe()
    }

    /// Puts the next list into force, if it is adopted; `dry_run` only asks. The list in force again is no error.
    ///
    /// All of it in a task of its own, so that a caller who goes away never leaves a list stored and not in force.
    ///
    /// 1. It is adopted on a copy of what is held. A crash here means that nothing happened.
    /// 2. It is stored with its audit entry. A crash after it means that it is in force at the next start.
    /// 3. It is put in force here.
    pub async fn install(self: &Arc<Self>, call: &Call, object: &[u8], dry_run: bool) -> Result<Installed, TrustError> {
        let (lists, call, object) = (Arc::clone(self), call.clone(), object.to_vec());
        in_own_task(async move { lists.install_here(&call, &object, dry_run).await }).await
    }

    async fn install_here(&self, call: &Call, object: &[u8], dry_run: bool) -> Result<Installed, TrustError> {
        if object.len() > TRUST_BYTES {
            return Err(TrustError::NotAdopted(AdoptionError::Malformed(too_large(object.len()))));
        }
        let mut adopting = self.adopting.lock().await;
        let (Some(held), Some(before)) = (adopting.as_ref(), self.current()) else {
            return Err(TrustError::NoTrust);
        };
        let mut next = held.clone();
        let adoption = match next.adopt_trust(object) {
            Err(AdoptionError::Malformed(malformed)) => return Err(TrustError::Unreadable(malformed)),
            Err(error @ AdoptionError::RolledBack { .. }) if !dry_run => {
                return self.installed_before(call, object, error).await;
            }
            adoption => adoption.map_err(TrustError::NotAdopted)?,
        };
        let list = next.trust().ok_or(TrustError::NoTrust)?;
        let installed = installed(list);
        if adoption != Adoption::Unchanged {
            may_come_into_force(list, call.at.as_second())?;
        }
        if dry_run {
            return Ok(installed);
        }
        let changes_roots = list.content().roots != before.list.content().roots;
        self.store.install(call, &stored_list(&installed, object, changes_roots)).await?;
        if adoption == Adoption::Unchanged {
            return Ok(installed);
        }
        let all = self.store.trust_lists().await?;
        self.put_in_force(&next, before.provision.clone(), &all);
        *adopting = Some(next);
        Ok(installed)
    }

    /// An older list is refused, unless this very call installed it and is tried again.
    async fn installed_before(
        &self,
        call: &Call,
        object: &[u8],
        error: AdoptionError,
    ) -> Result<Installed, TrustError> {
        let Some(list) = read(object) else {
            return Err(TrustError::NotAdopted(error));
        };
        let installed = installed(&list);
        match self.store.install(call, &stored_list(&installed, object, false)).await {
            Ok(()) => Ok(installed),
            Err(StorageError::Duplicate { .. }) => Err(TrustError::NotAdopted(error)),
            Err(other) => Err(other.into()),
        }
    }

    /// The keys that the list in force names: roots, status keys, then authorities' in the order of the list.
    pub fn keys(&self) -> Vec<KeyInfo> {
        let Some(in_force) = self.current() else {
            return Vec::new();
        };
        let list = &in_force.list;
        let roots = list.roots().iter().map(|root| KeyInfo {
            kid: root.kid(),
            key_use: KeyUse::Root,
            authority: String::new(),
            public_key: *root.as_bytes(),
            window: None,
            compromised: false,
            survivors: None,
        });
        let listed = |key_use, authority: &str, key: &ListedKey| KeyInfo {
            kid: key.kid(),
            key_use,
            authority: authority.to_owned(),
            public_key: key.key,
            window: Some((key.from, key.until)),
            compromised: key.compromised,
            survivors: list.survivors(key.kid()).copied(),
        };
        let content = list.content();
        let status = content.status_keys.iter().map(|key| listed(KeyUse::Status, "", key));
        let passes = content
            .authorities
            .iter()
            .flat_map(|authority| authority.keys.iter().map(move |key| listed(KeyUse::Pass, &authority.code, key)));
        roots.chain(status).chain(passes).collect()
    }

    /// The lists that a new scanner needs, ascending, read for people.
    pub fn chain(&self) -> Vec<(Installed, Arc<[u8]>)> {
        let chain = self.current().map(|in_force| in_force.chain.clone()).unwrap_or_default();
        chain.into_iter().filter_map(|object| Some((installed(&read(&object)?), object))).collect()
    }

    pub(super) fn store(&self) -> &dyn TrustStore {
        &*self.store
    }

    /// A survivors set that is kept, by its hash.
    pub async fn survivors(&self, hash: [u8; 32]) -> Result<Option<Vec<u8>>, TrustError> {
        Ok(self.store.survivors(hash).await?)
    }

    fn put_in_force(&self, held: &Held, provision: Vec<u8>, stored: &[StoredList]) {
        let Some(list) = held.trust() else { return };
        let newest = list.content().sequence;
        let chain = stored.iter().filter(|list| list.changes_roots || list.sequence == newest);
        let changed_roots = stored.iter().rfind(|list| list.changes_roots).and_then(|list| read(&list.object));
        // The roots of a list that was adopted are sound.
        let newer = changed_roots.and_then(|changed| {
            let content = changed.content();
            Provision::new(content.deployment, content.roots.clone(), content.issued).ok()
        });
        let for_scanners = newer.unwrap_or_else(|| held.provision().clone());
        let in_force = InForce {
            list: list.clone(),
            provision,
            for_scanners,
            chain: chain.map(|list| list.object.as_slice().into()).collect(),
            competence: Arc::new(competence(list, stored)),
        };
        self.in_force.store(Some(Arc::new(in_force)));
        self.sequence.send_replace(newest);
    }
}

impl Competences for TrustLists {
    fn current(&self) -> Arc<Competence> {
        self.in_force.load_full().map(|in_force| Arc::clone(&in_force.competence)).unwrap_or_default()
    }
}

/// What every scanner would adopt, and would stop this deployment all the same.
fn may_come_into_force(list: &TrustList, now: i64) -> Result<(), TrustError> {
    let (content, now) = (list.content(), u32::try_from(now).unwrap_or(0));
    if content.issued > now.saturating_add(content.skew) {
        return Err(TrustError::MadeLater { issued: content.issued, now });
    }
    let at = now.max(content.issued);
    if !content.status_keys.iter().any(|key| !key.compromised && key.covers(at)) {
        return Err(TrustError::NoStatusKey);
    }
    Ok(())
}

fn installed(list: &TrustList) -> Installed {
    let content = list.content();
    Installed { sequence: content.sequence, hash: *list.hash(), issued: content.issued, expires: content.expires }
}

fn stored_list(installed: &Installed, object: &[u8], changes_roots: bool) -> StoredList {
    StoredList { sequence: installed.sequence, hash: installed.hash, object: object.to_vec(), changes_roots }
}

/// A list of ours, read again.
fn read(object: &[u8]) -> Option<TrustList> {
    freightpass_core::trust::UnverifiedTrustList::read(object).ok()?.unverified_list().ok()
}

fn too_large(size: usize) -> Malformed {
    use freightpass_core::malformed::{Fault, Layer};

    Malformed { layer: Layer::Envelope, fault: Fault::TooLarge { size, cap: TRUST_BYTES }, offset: 0 }
}

fn competence(list: &TrustList, stored: &[StoredList]) -> Competence {
    let content = list.content();
    let authorities = content.authorities.iter().map(|authority| AuthorityScope {
        code: authority.code.clone(),
        number: authority.number,
        level: authority.level as u8,
        division: authority.division.clone(),
        programmes: authority.programmes.clone(),
    });
    let programmes = content.programmes.iter().map(|programme| ProgrammeWindow {
        number: programme.number,
        from: programme.from.into(),
        until: programme.until.into(),
    });
    Competence {
        longest_life_s: content.longest_life,
        authorities: authorities.collect(),
        programmes: programmes.collect(),
        former: former(list, stored),
    }
}

/// The authorities that a list before this one named and this one does not, with their last divisions.
fn former(list: &TrustList, stored: &[StoredList]) -> Vec<FormerAuthority> {
    let mut divisions = BTreeMap::new();
    let before = stored.iter().filter(|stored| stored.sequence < list.content().sequence);
    for earlier in before.filter_map(|stored| read(&stored.object)) {
        divisions.extend(earlier.content().authorities.iter().map(|it| (it.code.clone(), it.division.clone())));
    }
    for current in &list.content().authorities {
        divisions.remove(&current.code);
    }
    divisions.into_iter().map(|(code, division)| FormerAuthority { code, division }).collect()
}
