//! What is published now, in memory: the newest manifest with the states, objects and trust lists that go with it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use freightpass_core::hold::Held;
use freightpass_core::key::Kid;
use freightpass_core::manifest::ManifestContent;
use freightpass_core::status::{Delta, Snapshot, State, StatusError};

use super::bundle::{Bundled, HeldByScanner};

/// Earlier states of a list that are kept, so that a scanner that was here a moment ago gets a delta.
const RECENT: usize = 16;
/// Bytes of earlier states of one list at the most: large lists keep fewer.
const RECENT_BYTES: usize = 8 << 20;
/// Bundles kept for scanners that hold the same: one manifest's watchers and the usual stragglers.
const BUNDLES: usize = 64;

/// The newest manifest and everything that belongs to it. It never changes.
pub struct Publication {
    /// What the manifest says.
    pub manifest: ManifestContent,
    /// Its COSE_Sign1 bytes.
    pub object: Bytes,
    /// The status key that signed it.
    pub kid: Kid,
    /// The seq of the status log up to which it speaks.
    pub log_seq: u64,
    /// Each list that it names.
    pub lists: BTreeMap<u32, PublishedList>,
    /// The trust lists that a new scanner needs, ascending, with their sequences.
    pub trust: Vec<(u32, Bytes)>,
    /// The survivors sets that the trust list in force names, by their hash.
    pub survivors: Vec<([u8; 32], Bytes)>,
    /// What a scanner holds that adopted all of it. Under a newer trust list the manifest may not count any more.
    pub held: Arc<Held>,
    pub(super) tokens: BTreeMap<u32, OnceLock<Bytes>>,
    pub(super) bundles: Mutex<HashMap<HeldByScanner, Bundled>>,
}

/// One list of the manifest.
#[derive(Clone)]
pub struct PublishedList {
    /// The state in force.
    pub state: Arc<State>,
    /// Its hash.
    pub hash: [u8; 32],
    /// The state from which the published delta goes.
    pub base: Arc<State>,
    /// Its hash.
    pub base_hash: [u8; 32],
    /// The snapshot of the state.
    pub snapshot: Bytes,
    /// The delta from the base; none where the base is the state.
    pub delta: Option<Bytes>,
    /// Earlier states, the newest last.
    pub recent: VecDeque<(Arc<State>, [u8; 32])>,
}

impl PublishedList {
    /// A list that is published for the first time.
    pub fn first(state: State, deployment: &[u8; 8]) -> Result<Self, StatusError> {
        let hash = state.hash(deployment);
        let snapshot = Snapshot::new(state.clone()).encode()?.into();
        let state = Arc::new(state);
        Ok(Self {
            base: Arc::clone(&state),
            base_hash: hash,
            state,
            hash,
            snapshot,
            delta: None,
            recent: VecDeque::new(),
        })
    }

    /// The list with its next state. The base stays as long as the delta from it is worth its bytes; then the state
    /// published last becomes the base.
    pub fn next(&self, state: State, deployment: &[u8; 8]) -> Result<Self, StatusError> {
        let hash = state.hash(deployment);
        if hash == self.hash {
            return Ok(self.clone());
        }
        let snapshot: Bytes = Snapshot::new(state.clone()).encode()?.into();
        let mut recent = self.recent.clone();
        recent.push_back((Arc::clone(&self.state), self.hash));
        let kept = (RECENT_BYTES / state.array().len().max(1)).clamp(1, RECENT);
        while recent.len() > kept {
            recent.pop_front();
        }
        let (mut base, mut base_hash) = (&self.base, self.base_hash);
        let mut delta = delta(base, base_hash, &state, hash, deployment)?;
        if delta.as_ref().is_none_or(|delta| delta.len() * 2 > snapshot.len()) && base_hash != self.hash {
            (base, base_hash) = (&self.state, self.hash);
            delta = self::delta(base, base_hash, &state, hash, deployment)?;
        }
        Ok(Self { base: Arc::clone(base), base_hash, state: Arc::new(state), hash, snapshot, delta, recent })
    }

    /// The list as it is read back after a start.
    pub fn restored(state: State, base: State, deployment: &[u8; 8]) -> Result<Self, StatusError> {
        let mut list = Self::first(state, deployment)?;
        list.base_hash = base.hash(deployment);
        list.base = Arc::new(base);
        list.delta = delta(&list.base, list.base_hash, &list.state, list.hash, deployment)?;
        Ok(list)
    }

    /// The shortest object that leads from the state of hash `from` (none: nothing held) to the state in force; none if
    /// that is held.
    pub fn object_from(&self, from: Option<&[u8; 32]>, deployment: &[u8; 8]) -> Option<Bytes> {
        let Some(from) = from else {
            return Some(self.snapshot.clone());
        };
        if *from == self.hash {
            return None;
        }
        if *from == self.base_hash && self.delta.is_some() {
            return self.shorter(self.delta.clone());
        }
        let known = self.recent.iter().find(|(_, hash)| hash == from);
        let made = known.and_then(|(old, hash)| delta(old, *hash, &self.state, self.hash, deployment).ok().flatten());
        self.shorter(made)
    }

    fn shorter(&self, delta: Option<Bytes>) -> Option<Bytes> {
        Some(delta.filter(|delta| delta.len() < self.snapshot.len()).unwrap_or_else(|| self.snapshot.clone()))
    }
}

impl Publication {
    /// The bundle for a scanner that holds `held`.
    pub fn bundle(&self, held: &HeldByScanner) -> Bundled {
        let mut bundles = self.bundles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bundled) = bundles.get(held) {
            return bundled.clone();
        }
        let bundled = super::bundle::assemble(self, held);
        if bundles.len() < BUNDLES {
            bundles.insert(held.clone(), bundled.clone());
        }
        bundled
    }

    /// The same manifest under a newer trust list.
    pub(super) fn under(
        &self,
        trust: Vec<(u32, Bytes)>,
        survivors: Vec<([u8; 32], Bytes)>,
        held: Arc<Held>,
    ) -> Publication {
        Publication {
            manifest: self.manifest.clone(),
            object: self.object.clone(),
            kid: self.kid,
            log_seq: self.log_seq,
            lists: self.lists.clone(),
            trust,
            survivors,
            held,
            tokens: self.tokens.clone(),
            bundles: Mutex::default(),
        }
    }

    /// The states that the manifest names.
    pub fn states(&self) -> BTreeMap<u32, State> {
        self.lists.iter().map(|(list, published)| (*list, State::clone(&published.state))).collect()
    }
}

fn delta(
    old: &State,
    old_hash: [u8; 32],
    new: &State,
    new_hash: [u8; 32],
    deployment: &[u8; 8],
) -> Result<Option<Bytes>, StatusError> {
    if old_hash == new_hash {
        return Ok(None);
    }
    Ok(Some(Delta::between(old, new, deployment)?.encode()?.into()))
}
