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
/// Bytes of kept bundles at the most: twice the largest bundle. What strangers make up must not fill the memory.
const BUNDLES_BYTES: usize = 64 << 20;

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
    pub(super) bundles: Mutex<Bundles>,
}

/// Bundles that were assembled, by what their scanners hold.
#[derive(Default)]
pub(super) struct Bundles {
    by_held: HashMap<HeldByScanner, Bundled>,
    bytes: usize,
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
    pub recent: VecDeque<Earlier>,
}

/// An earlier state of a list.
#[derive(Clone)]
pub struct Earlier {
    state: Arc<State>,
    hash: [u8; 32],
    /// The delta from it to the state in force, made once when it is asked for first.
    delta: OnceLock<Option<Bytes>>,
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
        let earlier = |state: &Arc<State>, hash| Earlier { state: Arc::clone(state), hash, delta: OnceLock::new() };
        let mut recent: VecDeque<_> = self.recent.iter().map(|old| earlier(&old.state, old.hash)).collect();
        recent.push_back(earlier(&self.state, self.hash));
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
        let known = self.recent.iter().find(|earlier| earlier.hash == *from);
        let make = |old: &Earlier| delta(&old.state, old.hash, &self.state, self.hash, deployment).ok().flatten();
        self.shorter(known.and_then(|old| old.delta.get_or_init(|| make(old)).clone()))
    }

    /// Whether there is something shorter than the snapshot for who holds the state of that hash.
    fn knows(&self, hash: &[u8; 32]) -> bool {
        [self.hash, self.base_hash].contains(hash) || self.recent.iter().any(|earlier| earlier.hash == *hash)
    }

    fn shorter(&self, delta: Option<Bytes>) -> Option<Bytes> {
        Some(delta.filter(|delta| delta.len() < self.snapshot.len()).unwrap_or_else(|| self.snapshot.clone()))
    }
}

impl Publication {
    /// The bundle for a scanner that holds `held`. Anybody may ask, so that what is kept is bounded, and whoever needs
    /// a bundle that is not kept waits for nobody else's: at the most for a delta that several need, which is made once.
    pub fn bundle(&self, held: &HeldByScanner) -> Bundled {
        let held = self.known(held);
        let kept = |bundles: &Mutex<Bundles>| {
            bundles.lock().unwrap_or_else(PoisonError::into_inner).by_held.get(&held).cloned()
        };
        if let Some(bundled) = kept(&self.bundles) {
            return bundled;
        }
        let bundled = super::bundle::assemble(self, &held);
        self.bundles.lock().unwrap_or_else(PoisonError::into_inner).keep(held, &bundled);
        bundled
    }

    /// What of `held` makes a difference for the bundle, in one order: the lists, states and sets that are known here.
    /// Two scanners that hold the same have the same, whatever else they say.
    fn known(&self, held: &HeldByScanner) -> HeldByScanner {
        let in_chain = |held: u32| self.trust.iter().map(|(sequence, _)| *sequence).rfind(|known| *known <= held);
        let states = self.lists.iter().filter_map(|(list, published)| {
            let (_, hash) = held.states.iter().find(|(of, _)| of == list)?;
            published.knows(hash).then_some((*list, *hash))
        });
        let survivors = self.survivors.iter().map(|(hash, _)| *hash).filter(|hash| held.survivors.contains(hash));
        HeldByScanner {
            trust_seq: match held.trust_seq {
                named if named == self.manifest.trust_sequence => named,
                other => in_chain(other).unwrap_or(0),
            },
            manifest_seq: if held.manifest_seq == self.manifest.seq { held.manifest_seq } else { 0 },
            states: states.collect(),
            survivors: survivors.collect(),
        }
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

impl Bundles {
    fn keep(&mut self, held: HeldByScanner, bundled: &Bundled) {
        let bytes = self.bytes + bundled.bytes.len();
        if self.by_held.len() < BUNDLES && bytes <= BUNDLES_BYTES && !self.by_held.contains_key(&held) {
            self.by_held.insert(held, bundled.clone());
            self.bytes = bytes;
        }
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
