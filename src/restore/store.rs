//! What restoring needs from a registry, and what it makes of it.

use std::collections::BTreeMap;

use freightpass_core::status::Value;
use freightpass_core::trust::{TrustList, UnverifiedTrustList};
use jiff::Timestamp;

use super::floors::{Floors, GivenOut};
use crate::bus::LogView;
use crate::checkpoint::StoredManifest;
use crate::storage::Figures;
use crate::trust::StoredList;

/// The registry of a backup, as far as restoring asks.
#[derive(Debug, Clone)]
pub struct Own {
    /// The provisioning object; none before the first trust list.
    pub provision: Option<Vec<u8>>,
    /// Every installed trust list, ascending.
    pub trust: Vec<StoredList>,
    /// The status log, all lists.
    pub log: LogView,
    /// The newest manifest.
    pub manifest: Option<OwnManifest>,
    /// Numbers and places as it knows them to be given out.
    pub given_out: GivenOut,
}

impl Own {
    /// The numbers of the authorities that its newest trust list names.
    pub fn authorities(&self) -> Vec<u32> {
        let list = self.newest_list();
        list.map(|list| list.content().authorities.iter().map(|authority| authority.number).collect())
            .unwrap_or_default()
    }

    /// The longest life of a pass by its newest trust list, in seconds.
    pub fn longest_life(&self) -> Option<u64> {
        Some(self.newest_list()?.content().longest_life.into())
    }

    /// It was adopted when it was installed.
    fn newest_list(&self) -> Option<TrustList> {
        UnverifiedTrustList::read(&self.trust.last()?.object).ok()?.unverified_list().ok()
    }
}

/// The newest manifest of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnManifest {
    /// As it is stored.
    pub stored: StoredManifest,
    /// When it was signed, seconds since 1970.
    pub issued: u32,
    /// The sequence of the trust list that it names.
    pub trust_sequence: u32,
}

/// The registry that stood in the data folder before.
#[derive(Debug, Clone)]
pub struct Former {
    /// What it holds, in numbers: it was checked whole.
    pub figures: Figures,
    /// Its trust lists.
    pub trust: Vec<StoredList>,
    /// Survivors sets.
    pub survivors: Vec<Vec<u8>>,
    /// Its newest manifest.
    pub manifest: Option<Vec<u8>>,
    /// The snapshots that the manifest names.
    pub objects: Vec<Vec<u8>>,
    /// What it gave out.
    pub given_out: GivenOut,
    /// Its status log: the newest of each place, or its revocation.
    pub log: BTreeMap<(u32, u32), Logged>,
}

/// What a status log says of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Where in the log.
    pub seq: u64,
    /// What the place is.
    pub value: Value,
    /// Why.
    pub detail: Detail,
}

/// Why a place was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The pass.
    pub cti: Option<[u8; 8]>,
    /// Number of the reason.
    pub reason: u8,
    /// The officer's words.
    pub reason_text: String,
}

/// A place that the registry has to learn of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRepair {
    /// The list.
    pub list: u32,
    /// The place.
    pub idx: u32,
    /// What it is.
    pub value: Value,
    /// Why, where that is known.
    pub detail: Option<Detail>,
}

/// Everything that a restored registry is told before anybody works on it.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    /// When it is told.
    pub at: Timestamp,
    /// Where it was read back from, for the audit log.
    pub source: String,
    /// Trust lists that it does not hold.
    pub trust: Vec<StoredList>,
    /// Survivors sets: hash, kid, object.
    pub survivors: Vec<([u8; 32], [u8; 8], Vec<u8>)>,
    /// The manifest published last, with when it was issued and its trust list; none where nothing is known.
    pub manifest: Option<OwnManifest>,
    /// Snapshots that it names: name, list, bytes.
    pub objects: Vec<(String, u32, Vec<u8>)>,
    /// Places that have another value than the registry has, or than was published.
    pub repairs: Vec<StatusRepair>,
    /// Below them everything counts as given out.
    pub floors: Floors,
}
