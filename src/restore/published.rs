//! What was published last, adopted as a scanner would: signatures, orders, hashes.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::hold::{AdoptionError, Held};
use freightpass_core::malformed::Malformed;
use freightpass_core::manifest::{ManifestContent, UnverifiedManifest};
use freightpass_core::status::{Snapshot, State, StatusError};
use freightpass_core::survivors::Survivors;
use freightpass_core::trust::UnverifiedTrustList;

use super::store::{Former, Own};
use crate::trust::StoredList;

/// What somebody offers as published: nothing of it is believed yet.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Trust lists, in any order.
    pub trust: Vec<Vec<u8>>,
    /// A manifest.
    pub manifest: Vec<u8>,
    /// Snapshots and survivors sets.
    pub objects: Vec<Vec<u8>>,
}

/// What was published, as far as its signatures go.
#[derive(Debug, Clone)]
pub struct Published {
    /// What the manifest says.
    pub manifest: ManifestContent,
    /// Its COSE_Sign1 bytes.
    pub object: Vec<u8>,
    /// The states that it names.
    pub states: BTreeMap<u32, State>,
    /// Trust lists that the backup does not hold, ascending.
    pub trust: Vec<StoredList>,
    /// Survivors sets: hash, kid, object.
    pub survivors: Vec<([u8; 32], [u8; 8], Vec<u8>)>,
    /// The numbers of the authorities of the newest list.
    pub authorities: Vec<u32>,
}

/// Why what is offered is not taken for what was published last.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Not a bundle.
    #[error("it is no bundle: {0}")]
    NotABundle(Malformed),
    /// Nothing was ever published there.
    #[error("it holds no manifest")]
    NoManifest,
    /// The backup holds no trust list to judge it by.
    #[error("the backup holds no trust list by which it could be judged")]
    NoTrust,
    /// It is not adopted.
    #[error("no scanner would adopt its {part}: {source}")]
    NotAdopted {
        /// Which part.
        part: String,
        /// Why.
        source: AdoptionError,
    },
    /// It lacks the state of a list.
    #[error("it lacks the state of list {list}: take the whole bundle, as `freightpass sync --save` does")]
    Incomplete {
        /// The list.
        list: u32,
    },
    /// The backup is newer.
    #[error(
        "it ends with manifest {found:?} (trust list, manifest), and the backup itself holds {held:?}: it is not what \
         was published last"
    )]
    Older {
        /// What it holds.
        found: (u32, u32),
        /// What the backup holds.
        held: (u32, u32),
    },
    /// A state makes no snapshot.
    #[error(transparent)]
    State(#[from] StatusError),
}

impl Offered {
    /// What a bundle offers.
    pub fn bundle(bytes: &[u8]) -> Result<Self, SourceError> {
        let bundle = Bundle::decode(bytes).map_err(SourceError::NotABundle)?;
        Ok(Self { trust: bundle.trust, manifest: bundle.manifest, objects: bundle.objects })
    }

    /// What a registry offers that was there before.
    pub fn former(former: &Former) -> Result<Self, SourceError> {
        Ok(Self {
            trust: former.trust.iter().map(|list| list.object.clone()).collect(),
            manifest: former.manifest.clone().ok_or(SourceError::NoManifest)?,
            objects: former.objects.iter().chain(&former.survivors).cloned().collect(),
        })
    }
}

impl Published {
    /// Adopts what is offered, as a scanner that holds the backup's provisioning would: first the trust lists up to the
    /// one that the manifest names, then the manifest with its states, then the lists after it.
    pub fn adopt(own: &Own, offered: Offered) -> Result<Self, SourceError> {
        let provision = own.provision.as_deref().and_then(|object| Provision::decode(object).ok());
        let mut held = Held::provisioned(&provision.ok_or(SourceError::NoTrust)?);
        let part = |part: String| move |source| SourceError::NotAdopted { part, source };
        let malformed = |part: &str, error: Malformed| SourceError::NotAdopted {
            part: part.to_owned(),
            source: AdoptionError::Malformed(error),
        };
        let read = UnverifiedManifest::read(&offered.manifest).map_err(|error| malformed("manifest", error))?;
        let named = read.unverified_content().map_err(|error| malformed("manifest", error))?;

        let mut lists = BTreeMap::new();
        for object in own.trust.iter().map(|list| &list.object).chain(&offered.trust) {
            let read = UnverifiedTrustList::read(object).map_err(|error| malformed("trust list", error))?;
            let content = read.unverified_list().map_err(|error| SourceError::NotAdopted {
                part: "trust list".to_owned(),
                source: AdoptionError::from(error),
            })?;
            // Two of one sequence: the second is adopted too, which finds whether they are the same.
            lists.entry(content.content().sequence).or_insert_with(Vec::new).push(object);
        }
        let (own_newest, mut trust) = (own.trust.last().map_or(0, |list| list.sequence), Vec::new());
        let mut adopt = |held: &mut Held, sequence: u32, objects: &[&Vec<u8>]| -> Result<(), SourceError> {
            let before =
                held.trust().map_or_else(|| held.provision().roots().clone(), |list| list.content().roots.clone());
            for object in objects {
                held.adopt_trust(object).map_err(part(format!("trust list {sequence}")))?;
            }
            if let (true, Some(list), Some(object)) = (sequence > own_newest, held.trust(), objects.first()) {
                trust.push(StoredList {
                    sequence,
                    hash: *list.hash(),
                    object: (*object).clone(),
                    changes_roots: list.content().roots != before,
                });
            }
            Ok(())
        };
        for (sequence, objects) in lists.range(..=named.trust_sequence) {
            adopt(&mut held, *sequence, objects)?;
        }
        let (mut manifest, mut states) = (None, BTreeMap::new());
        held.adopt_manifest(&offered.manifest).map_err(part(format!("manifest {}", named.seq)))?;
        for object in &offered.objects {
            // One that belongs to no list of the manifest is nothing to us; a missing one is found below.
            let _ = held.adopt_object(object);
        }
        if let Some(content) = held.manifest() {
            for entry in &content.lists {
                let state = held.current_state(entry.list).ok_or(SourceError::Incomplete { list: entry.list })?;
                states.insert(entry.list, state.clone());
            }
            manifest = Some(content.clone());
        }
        for (sequence, objects) in lists.range(named.trust_sequence.saturating_add(1)..) {
            adopt(&mut held, *sequence, objects)?;
        }
        let manifest = manifest.ok_or(SourceError::NoManifest)?;
        let found = (manifest.trust_sequence, manifest.seq);
        if let Some(own) = &own.manifest
            && found < (own.trust_sequence, own.stored.seq)
        {
            return Err(SourceError::Older { found, held: (own.trust_sequence, own.stored.seq) });
        }
        let mut kept = Vec::new();
        for object in &offered.objects {
            if let Ok(set) = Survivors::decode(object)
                && held.adopt_object(object).is_ok()
            {
                kept.push((set.hash(), set.kid().0, object.clone()));
            }
        }
        let authorities = held.trust().into_iter().flat_map(|list| &list.content().authorities);
        Ok(Self {
            authorities: authorities.map(|authority| authority.number).collect(),
            manifest,
            object: offered.manifest,
            states,
            trust,
            survivors: kept,
        })
    }

    /// Trust list and seq by which manifests are ordered.
    pub fn order(&self) -> (u32, u32) {
        (self.manifest.trust_sequence, self.manifest.seq)
    }

    /// The snapshots of the states: name, list, bytes.
    pub fn snapshots(&self) -> Result<Vec<(String, u32, Vec<u8>)>, SourceError> {
        let mut snapshots = Vec::new();
        for (list, state) in &self.states {
            let hash = state.hash(&self.manifest.deployment);
            let object = Snapshot::new(state.clone()).encode()?;
            snapshots.push((format!("s/{}", HEXLOWER.encode(&hash)), *list, object));
        }
        Ok(snapshots)
    }
}
