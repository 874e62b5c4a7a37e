//! What a scanner holds, and how it adopts newer parts: trust first, part by part, never backwards.
//!
//! One [`Held`] is one deployment. Parts come from anywhere, as often as they like, in any order: each is adopted
//! whole or not at all, and a rejected one changes nothing but, where its signatures are good, the evidence against
//! its signer. docs/FORMAT.md, section 2.

mod adopt;
mod error;
mod manifest;
mod objects;
mod record;
mod store;
mod trust;

pub use adopt::{Adoption, Part, PartResult, Parts, Rejected};
pub use error::{AdoptionError, NothingToConfirm};
pub(crate) use record::Evidence;
pub use store::TooLarge;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::bundle::Provision;
use crate::key::Kid;
use crate::manifest::ManifestContent;
use crate::status::State;
use crate::survivors::Survivors;
use crate::trust::TrustList;
use record::Record;

/// What a scanner holds of one deployment.
///
/// Whatever is in it came through [`Held::adopt_bundle`] and its like, under the roots of the [`Provision`], or from the
/// scanner's [own file](Held::from_own_file).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    provision: Provision,
    /// Whether an officer confirmed the data's date once.
    confirmed: bool,
    trust: Option<HeldTrust>,
    /// Newest `issued` of the trust lists adopted, or the provisioned floor: a later list may be dated earlier.
    root_floor: u32,
    /// Keys that some adopted list called compromised: final, also when a later list does not name them.
    compromised: BTreeSet<Kid>,
    /// What was learnt from each status key that is still good.
    records: BTreeMap<Kid, Record>,
    manifest: Option<HeldManifest>,
    states: BTreeMap<u32, HeldState>,
    survivors: BTreeMap<Kid, Survivors>,
    /// Evidence against the trust list of this sequence.
    trust_evidence: Option<u32>,
    /// The highest order at which each status key was caught saying two things.
    evidence: BTreeMap<Kid, (u32, u32)>,
}

#[derive(Debug, Clone)]
struct HeldTrust {
    list: TrustList,
    object: Vec<u8>,
}

impl PartialEq for HeldTrust {
    /// Another cosignature is no other list.
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Eq for HeldTrust {}

#[derive(Debug, Clone, PartialEq, Eq)]
struct HeldManifest {
    content: ManifestContent,
    kid: Kid,
    hash: [u8; 32],
    object: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct HeldState {
    state: State,
    hash: [u8; 32],
    /// Key of the manifest under which it was adopted.
    kid: Kid,
}

impl Held {
    /// A new scanner: it has roots and a floor, and nothing else, and admits nothing.
    pub fn provisioned(provision: &Provision) -> Self {
        Self {
            provision: provision.clone(),
            confirmed: false,
            trust: None,
            root_floor: provision.floor(),
            compromised: BTreeSet::new(),
            records: BTreeMap::new(),
            manifest: None,
            states: BTreeMap::new(),
            survivors: BTreeMap::new(),
            trust_evidence: None,
            evidence: BTreeMap::new(),
        }
    }

    /// What the scanner was provisioned with.
    pub fn provision(&self) -> &Provision {
        &self.provision
    }

    /// The deployment, whose lists and manifests alone are adopted.
    pub fn deployment(&self) -> &[u8; 8] {
        self.provision.deployment()
    }

    /// The officer has compared the data's date with the day's, once for each scanner (docs/FORMAT.md, 2.6). Before it
    /// no pass is admitted (`unconfirmed_start`).
    ///
    /// # Errors
    /// [`NothingToConfirm`] while no manifest is held: a date that nobody saw confirms nothing, and data that is adopted
    /// later may be as old as a replay.
    pub fn confirm_start(&mut self) -> Result<(), NothingToConfirm> {
        self.confirmed = self.confirmed || self.manifest.is_some();
        if self.confirmed { Ok(()) } else { Err(NothingToConfirm) }
    }

    /// Whether an officer has confirmed the data's date.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// The trust list in force here.
    pub fn trust(&self) -> Option<&TrustList> {
        self.trust.as_ref().map(|held| &held.list)
    }

    /// The manifest in force here.
    pub fn manifest(&self) -> Option<&ManifestContent> {
        self.manifest.as_ref().map(|held| &held.content)
    }

    /// The state of a list, also one older than the manifest names: it still refuses what it knows as revoked.
    pub fn state(&self, list: u32) -> Option<&State> {
        self.states.get(&list).map(|held| &held.state)
    }

    /// Hash of the held state of a list: the base from which a delta can go.
    pub fn state_hash(&self, list: u32) -> Option<&[u8; 32]> {
        self.states.get(&list).map(|held| &held.hash)
    }

    /// The state of a list that the manifest names, with its n and hash.
    pub fn current_state(&self, list: u32) -> Option<&State> {
        let entry = self.manifest()?.entry(list)?;
        let held = self.states.get(&list)?;
        (held.hash == entry.state && held.state.n() == entry.n).then_some(&held.state)
    }

    /// Lists that the manifest names and whose state is not held as it names it.
    pub fn missing(&self) -> impl Iterator<Item = u32> + '_ {
        let lists = self.manifest().into_iter().flat_map(|manifest| &manifest.lists);
        lists.map(|entry| entry.list).filter(|list| self.current_state(*list).is_none())
    }

    /// The survivors of a compromised key, when the set that the trust list names is held.
    pub fn survivors(&self, kid: Kid) -> Option<&Survivors> {
        self.survivors.get(&kid)
    }

    /// Compromised keys whose set the trust list names and that is not held.
    pub fn missing_survivors(&self) -> impl Iterator<Item = Kid> + '_ {
        let named = self.trust().into_iter().flat_map(|trust| &trust.content().survivors);
        named.map(|(kid, _)| *kid).filter(|kid| !self.survivors.contains_key(kid))
    }

    /// The clock floor, seconds since 1970 (docs/FORMAT.md, 2.7): no moment before it is the present. The newest
    /// `issued` of what was adopted, or the provisioned floor.
    pub fn floor(&self) -> u32 {
        let signed = self.records.values().map(|record| record.floor).max().unwrap_or(0);
        self.root_floor().max(signed)
    }

    /// The part of the floor that only root keys can raise, seconds since 1970.
    pub fn root_floor(&self) -> u32 {
        self.root_floor
    }

    /// The highest order of manifests of the keys still good (trust sequence named, then seq): nothing below it is
    /// adopted.
    pub fn order(&self) -> Option<(u32, u32)> {
        self.records.values().map(|record| record.order).max()
    }

    /// Evidence that a signer said two things at once, until something of a higher order is adopted.
    pub(crate) fn evidence(&self) -> Option<Evidence> {
        if let Some(sequence) = self.trust_evidence {
            return Some(Evidence::Trust { sequence });
        }
        self.evidence.values().max().map(|order| Evidence::Manifest { order: *order })
    }
}
